"""Law 4: what is made of a capture does not depend on the process that makes it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

from archive import Capture, derive

DERIVE = """
import hashlib, json
import baogao_practice as practice
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


def test_a_derivation_comes_out_of_another_process_as_it_went_in():
    page = "<title>某县2023年政府工作报告</title><p>各位代表：\n<p>现在，我作报告。<p>广告".encode()
    made = derive(Capture(url="http://a.test/1.html", payload=page, status=200))
    words = made.text, made.passages
    back = pickle.loads(pickle.dumps(made, pickle.HIGHEST_PROTOCOL))  # noqa: S301  (our own)
    assert back == made
    assert (back.text, back.passages) == words
    assert type(back.spans) is tuple
