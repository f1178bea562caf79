"""Measure the read stage and write `tests/read/floors.toml`; floors are lowered only on request.

python bench/renew_floors.py [--allow-regression]
"""

from __future__ import annotations

import hashlib
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import floor
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from extraction import GoldPage, Score, development_pages, mean, score  # noqa: E402
from made_pages import made_pages  # noqa: E402

from archive.known import shipped  # noqa: E402  (the paths must be set first)
from archive.model import Capture  # noqa: E402
from archive.read import read  # noqa: E402

HOME = Path(__file__).parents[1]
FLOORS = HOME / "tests" / "read" / "floors.toml"
PAGES = HOME.parent / "shared" / "pages"
SEEDS = (0, 1)
FAILURE = 0.5


def measured(pages: Iterable[GoldPage]) -> dict[str, list[Score]]:
    """The scores of the main part of each page, by group."""
    found: dict[str, list[Score]] = defaultdict(list)
    for page in pages:
        read_page = read(Capture.from_bytes(page.source), shipped())
        lines = [read_page.words(block) for block in read_page.blocks if block.main]
        found[page.group].append(score(lines, page))
    return found


def made() -> Iterator[GoldPage]:
    """The made pages of the gate."""
    for disguised in (False, True):
        yield from made_pages(SEEDS, disguised=disguised)


def digest(pages: Iterable[GoldPage]) -> str:
    """The digest of pages and gold together: figures hold for these and no others."""
    total = hashlib.sha256()
    for page in sorted(pages, key=lambda page: page.name):
        for part in (page.name, *page.gold, "", *page.optional):
            total.update(part.encode() + b"\n")
        total.update(page.source)
    return total.hexdigest()


def figures(scores: Iterable[Score]) -> dict[str, float | int]:
    """The figures of a group, rounded down to three places."""
    listed = list(scores)
    return {
        "pages": len(listed),
        "text": floor(mean(one.text for one in listed) * 1000) / 1000,
        "line": floor(mean(one.line for one in listed) * 1000) / 1000,
        "failures": sum(one.text < FAILURE for one in listed),
    }


def fallen(old: Mapping[str, float], new: Mapping[str, float]) -> bool:
    """Whether `new` is worse than `old`."""
    return (
        new["text"] < old["text"]
        or new["line"] < old["line"]
        or new["failures"] > old["failures"]
    )  # fmt: skip


def _main() -> int:
    old = tomllib.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}
    sets = {"made": list(made()), "development": development_pages(PAGES)}
    lines = ["# Written by bench/renew_floors.py: what the read stage must keep reaching.", ""]
    worse = []
    for name, pages in sets.items():
        lines += [f"[{name}]", f'digest = "{digest(pages)}"', ""]
        for group, scores in measured(pages).items():
            new = figures(scores)
            before = old.get(name, {}).get("groups", {}).get(group)
            if before and fallen(before, new):
                worse.append(f"{group}: {before} -> {new}")
            lines += [f'[{name}.groups."{group}"]', *(f"{k} = {v}" for k, v in new.items()), ""]
    print("\n".join(lines))
    if worse and "--allow-regression" not in sys.argv:
        print("floors would fall; nothing written:", *worse, sep="\n  ", file=sys.stderr)
        return 1
    FLOORS.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(_main())
