"""Law 4: what is made of a capture does not depend on the process that makes it."""

from __future__ import annotations

import os
import subprocess
import sys

DERIVE = """
import hashlib, json, practice
from archive import Capture, derive
digest = hashlib.sha256()
for work in practice.matrix(works=6):
    for witness in work.witnesses[:3]:
        for url, body in witness.pages:
            made = derive(Capture(url=url, payload=body, status=200)).as_json()
            digest.update(json.dumps(made, sort_keys=True).encode())
print(digest.hexdigest())
"""


def test_no_derivation_depends_on_the_order_of_sets():
    """Sets of words iterate in an order that the seed of hashing decides."""
    made = {
        subprocess.run(
            [sys.executable, "-c", DERIVE], env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(made) == 1
