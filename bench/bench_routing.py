"""Where `baogao split` sends pieces of real reports that say no place.

    python bench/bench_routing.py [--reports 400] [--pieces 200] [--strange 100]

One shard has whole reports of `../shared/corpus`, another pieces from the middle of some of them,
and of reports that are in neither shard: those should stay unplaced. A piece is a tenth of the
report or a third, with all names of divisions removed. Exit code 1 if one goes to a wrong province.
"""

from __future__ import annotations

import argparse
import random
import re
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench_merge import made, store
from corpora import texts as real_texts

from archive import Capture, Derivation
from archive.known import shipped
from archive.store import Archive
from archive.store.merging.splitting import split

SHARES = (0.1, 0.33)
_NAMES = re.compile(
    "[\u4e00-\u9fff]{2}[省市县区州旗]|"
    + "|".join(
        sorted(
            {name for each in shipped().gazetteer.divisions for name in each.short if len(name) > 1}
        )
    )
)


def capture(words: str, name: str) -> Capture:
    """A page with these lines."""
    body = "".join(f"<p>{line}</p>" for line in words.splitlines() if line.strip())
    page = f"<html><meta charset=utf-8><body>{body}</body></html>".encode()
    return Capture.from_bytes(page, url=f"http://x.test/{name}.html", headers={})


def piece(words: str, share: float) -> str:
    """Lines from the middle of a report."""
    lines = [line for line in words.splitlines() if line.strip()]
    middle, half = len(lines) // 2, max(1, int(len(lines) * share / 2))
    return "\n".join(lines[middle - half : middle + half])


def pieces(
    texts: Sequence[tuple[str, str]], named: str
) -> Iterator[tuple[str, tuple[Capture, Derivation]]]:
    """Pieces that say no place, with their addresses."""
    for number, (_, words) in enumerate(texts):
        for share in SHARES:
            nameless = _NAMES.sub("全市", piece(words, share))
            one = capture(nameless, f"{named}-{number}-{share}")
            (found,) = made([one])
            said = found[1].identity
            if not any(said.get(field) for field in ("place_code", "within")):
                yield one.url, found


def main() -> int:
    """Print how many went where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=400)
    parser.add_argument("--pieces", type=int, default=200)
    parser.add_argument("--strange", type=int, default=100)
    options = parser.parse_args()
    texts = list(real_texts())
    random.Random(20).shuffle(texts)
    known = texts[: options.reports]
    strange = texts[options.reports : options.reports + options.strange]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = made(capture(words, f"whole-{n}") for n, (_, words) in enumerate(known))
        place_of = {
            n: value.value[:2]
            for n, (_, found) in enumerate(whole)
            if (value := found.identity.get("place_code")) and value.value
        }
        some = list(pieces(known[: options.pieces], "known"))
        none = list(pieces(strange, "strange"))
        for path, captures in (("a.db", whole), ("b.db", [found for _, found in some + none])):
            store(folder / path, captures)
            with Archive.open(folder / path) as archive:
                archive.collate()
        split(folder / "provinces", [folder / "a.db", folder / "b.db"])
        went = _where(folder / "provinces")
    counts: Counter[str] = Counter()
    for url, _ in some:
        number = int(url.split("-")[1])
        part = went[url]
        right = place_of.get(number)
        kind = "right" if part == right else "unplaced" if part == "unplaced" else "wrong"
        counts[f"piece of a known report, {url.rsplit('-', 1)[1][:-5]}: {kind}"] += (
            right is not None
        )
    for url, _ in none:
        counts[
            "piece of another report: " + ("unplaced" if went[url] == "unplaced" else "placed")
        ] += 1
    for kind, count in sorted(counts.items()):
        print(f"{count:5} {kind}")
    return int(any(kind.endswith("wrong") and count for kind, count in counts.items()))


def _where(folder: Path) -> dict[str, str]:
    found = {}
    for file in folder.glob("*.db"):
        with sqlite3.connect(file) as connection:
            for (url,) in connection.execute(
                "SELECT url FROM captures JOIN pages ON pages.id = page_id"
            ):
                found[url] = file.stem
    return found


if __name__ == "__main__":
    sys.exit(main())
