"""Pages damaged at random and derived: no exception, a partition, soon, and always the same."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import process_time

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "bench")]

from made_pages import made_page  # noqa: E402
from mutations import mutated  # noqa: E402

from archive import Capture, derive  # noqa: E402
from archive.model import check_partition  # noqa: E402

SKELETONS = (("trs", "table"), ("asp_table", "td"), ("forum", "notes"), ("old_font", "p"))
SLOWEST_S = 1.0


@dataclass
class Derived:
    """How many pages, what was wrong with which, and the slowest."""

    pages: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest_s: float = 0.0


def damaged(count: int, seed: int = 20240131) -> Iterator[bytes]:
    """So many pages, always the same."""
    dice = Random(seed)  # noqa: S311  (no secret)
    pages = [made_page(skeleton, markup).source for skeleton, markup in SKELETONS]
    for _ in range(count):
        yield mutated(dice.choice(pages), dice)


def capture_of(page: bytes) -> Capture:
    return Capture.from_bytes(page, url="http://www.demo.test/a.html")


def derive_all(count: int, seed: int = 20240131) -> Derived:
    """Derive so many pages and note what must not be."""
    seen = Derived()
    derive(
        capture_of("<p>各位代表，现在报告工作。</p>".encode())
    )  # what is loaded once is not the page's
    for number, page in enumerate(damaged(count, seed)):
        seen.pages += 1
        began = process_time()
        try:
            made = derive(capture_of(page))
            check_partition(made.spans, made.visible)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is reported)
            seen.wrong.append(f"page {number}: {error!r}")
        spent = process_time() - began
        seen.slowest_s = max(seen.slowest_s, spent)
        if spent > SLOWEST_S:
            seen.wrong.append(f"page {number}: {spent:.2f} s")
    return seen


def digest(count: int, seed: int = 7) -> str:
    """One digest of all that is derived from so many pages, each derived twice."""
    made = hashlib.sha256()
    for page in damaged(count, seed):
        once, again = derive(capture_of(page)), derive(capture_of(page))
        if once != again:
            return "a page was derived in two ways"
        made.update(repr(once).encode("utf-8", "surrogatepass"))
    return made.hexdigest()


def digest_with(hash_seed: str, count: int) -> str:
    """The same in a process of its own, with another order of sets."""
    code = "from hostile.pages import digest; import sys; print(digest(int(sys.argv[1])))"
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests"), str(ROOT / "bench")])
    done = subprocess.run(
        [sys.executable, "-c", code, str(count)], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": paths},
    )  # fmt: skip
    return done.stdout.strip()
