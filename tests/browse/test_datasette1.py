"""Our own pages with a pre-release of Datasette 1.0, in an environment of its own.

Datasette's own pages are not tried there: docs/browsing.md says what does not work yet.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = Path(os.environ.get("BAOGAO_DATASETTE1", ROOT / ".venv-datasette1")) / "bin" / "python"
PAGES = ("test_pages.py", "test_edition.py", "test_provenance.py", "test_api.py", "test_review.py")


@pytest.mark.skipif(
    not (PYTHON.parents[1] / ".installed").exists(),
    reason="Datasette 1.0 is not installed; make datasette1",
)
def test_our_pages_are_the_same_with_the_next_datasette():
    done = subprocess.run(
        [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short",
         "-k", "not stock_pages",
         *(f"tests/browse/{name}" for name in PAGES)],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
