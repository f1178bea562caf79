"""Checks the works made of the real reports in ../shared/corpus, and of copies of them.

    python bench/bench_collate_works.py [--copies 1000] [--curve]

All reports are put into one archive and collated: works that hold two different reports, then the
copies that share a work with their report, with the reports in the archive and without them.
`--curve` prints how much pairs of texts have in common: copies, and reports that could be confused
(neighbouring years, two sessions of a year, a city and its district, two districts).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from pathlib import Path

from made_copies import COPIES, copies
from real_texts import CORPUS, real_texts

from archive import Archive, Capture, Derivation, derive
from archive.collate.alignment import align
from archive.collate.keys import sentences_key
from archive.collate.sentences import fingerprints
from archive.collate.similarity import Comparable, compare

SHORTEST = 1_500
"""Characters of a text of which copies are made."""

STATE_COUNCIL = "tables/state-council-1954-2017.tsv"
SHARES = (0.5, 0.9, 0.95, 0.99, 0.999, 1.0)


@dataclass(frozen=True)
class Given:
    """A text for an archive: the report whose words it has, and the kind of copy."""

    report: str
    place: str
    year: int
    name: str
    capture: Capture
    kind: str = "report"
    of: int = -1


def reports() -> list[Given]:
    """Every work report of the corpora, under its own name."""
    found = [
        Given(each.report, each.place, each.report_year, each.name, each.as_it_is())
        for each in real_texts()
        if each.is_report
    ]
    with (CORPUS / STATE_COUNCIL).open(encoding="utf-8") as rows:
        for year, _, text in (row.partition("\t") for row in rows):
            capture = Capture.from_bytes(text.encode(), filename=f"{year}.txt")
            found.append(Given(f"中国-{year}", "中国", int(year), f"table {year}", capture))
    return found


def made(originals: Sequence[Given], texts: Sequence[str], count: int) -> list[Given]:
    """Copies of the longer ones, under names without information."""
    long = [n for n, text in enumerate(texts) if len(text) >= SHORTEST]
    found = []
    for kind, number, pieces in copies([texts[n] for n in long], count):
        original = originals[long[number]]
        for piece in pieces:
            capture = Capture.from_bytes(piece.encode(), filename="text.txt")
            found.append(
                Given(original.report, original.place, original.year, original.name, capture, kind,
                      long[number])
            )  # fmt: skip
    return found


def derived(given: Iterable[Given]) -> list[Derivation]:
    """The derivations, made on all cores."""
    with ProcessPoolExecutor() as pool:
        return list(pool.map(derive, [each.capture for each in given], chunksize=8))


def works_of(path: Path, given: Sequence[Given], texts: Sequence[Derivation]) -> list[set[str]]:
    """For each text the works that it is a witness of, after one collation of all."""
    with Archive.open(path, create=True) as archive:
        ids = []
        with archive.run("bench") as run:
            for number, (each, derivation) in enumerate(zip(given, texts, strict=True)):
                capture = Capture.from_bytes(
                    each.capture.payload or b"", url=f"file:///{number}/{each.capture.filename}",
                    filename=each.capture.filename,
                )  # fmt: skip
                # the address alone differs, which keeps copies of one name apart
                stored = replace(derivation, context=capture.context())
                ids.append(run.text(run.capture(capture), stored))
        started = time.process_time()
        archive.collate()
        print(f"  collated in {1000 * (time.process_time() - started) / len(ids):.1f} ms a text")
        found: dict[int, set[str]] = defaultdict(set)
        select = (
            "SELECT text_id, works.name FROM witness_texts"
            " JOIN witnesses ON witnesses.id = witness_id JOIN works ON works.id = work_id"
        )
        for text_id, name in archive.connection.execute(select):
            found[text_id].add(name)
    return [found[text_id] for text_id in ids]


def mixed(given: Sequence[Given], works: Sequence[set[str]]) -> dict[str, set[str]]:
    """The works that hold words of two different reports, with these reports."""
    held: dict[str, set[str]] = defaultdict(set)
    for each, names in zip(given, works, strict=True):
        for name in names:
            held[name].add(each.report)
    several = sum(len(names) for names in works) - len(held)
    print(f"  {len(held)} works, {several} further copies in them")
    return {name: several for name, several in held.items() if len(several) > 1}


def judge(folder: Path, given: Sequence[Given], texts: Sequence[Derivation], title: str) -> None:
    """Put texts into one archive and print which of them share a work."""
    print(f"{title}: {len(given)} texts")
    works = works_of(folder / f"{len(given)}.db", given, texts)
    wrong = mixed(given, works)
    print(f"  works that hold two different reports: {len(wrong)} {wrong or ''}")
    print(f"  texts without a work: {sum(not names for names in works)}")
    for kind, (found, missed) in together(given, works).items():
        total = found + len(missed)
        print(
            f"  {kind:10} {found:4} of {total} share the work ({found / total:.3f}) {missed or ''}"
        )


def together(given: Sequence[Given], works: Sequence[set[str]]) -> dict[str, tuple[int, list[str]]]:
    """By kind of copy how many share a work with their report, and the names of the others.

    Without the report in the archive halves have to share one with each other.
    """
    originals = {n: works[n] for n, each in enumerate(given) if each.of < 0}
    pieces: dict[tuple[str, int], list[int]] = defaultdict(list)
    for n, each in enumerate(given):
        if each.of >= 0:
            pieces[each.kind, each.of].append(n)
    found: dict[str, tuple[int, list[str]]] = {}
    for (kind, of), numbers in pieces.items():
        partners = [originals[of]] * len(numbers) if originals else [works[n] for n in numbers[1:]]
        for n, partner in zip(numbers, partners, strict=False):
            good, missed = found.get(kind, (0, []))
            if works[n] & partner:
                found[kind] = (good + 1, missed)
            else:
                found[kind] = (good, [*missed, given[n].report])
    return found


def confusable(given: Sequence[Given]) -> Iterator[tuple[str, int, int]]:
    """Pairs of reports that could be confused, by the reason."""
    by_place: dict[str, list[int]] = defaultdict(list)
    by_year: dict[int, list[int]] = defaultdict(list)
    for n, each in enumerate(given):
        if not each.name.startswith("table"):
            by_place[each.place].append(n)
            by_year[each.year].append(n)
    for numbers in by_place.values():
        numbers.sort(key=lambda n: (given[n].year, given[n].name))
        for a, b in pairwise(numbers):
            if given[a].report != given[b].report:
                same = given[a].year == given[b].year
                yield ("two sessions of a year" if same else "neighbouring years"), a, b
    for numbers in by_year.values():
        for a, b in combinations(numbers, 2):
            one, other = given[a].place, given[b].place
            if one != other and (one.endswith(other) or one.startswith(other)):
                yield "a city and its district", a, b
            elif one != other and one[:6] == other[:6] and one[-1] == other[-1] == "区":
                yield "two districts of a city", a, b


def curve(given: Sequence[Given], texts: Sequence[Derivation], copied: Sequence[Given],
          derivations: Sequence[Derivation]) -> None:  # fmt: skip
    """Print the distribution of what pairs have in common, for copies and for others."""
    keys = [sentences_key("\n".join(p.text for p in text.passages)) for text in texts]
    measured: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for kind, a, b in confusable(given):
        sides = ["\n".join(p.text for p in texts[n].passages) for n in (a, b)]
        measured[kind].append((_grams(keys[a], keys[b]), align(*sides).share))
    first: dict[int, str] = {}
    for each, text in zip(copied, derivations, strict=True):
        key = sentences_key("\n".join(p.text for p in text.passages))
        if each.kind == "halves" and each.of in first:
            found = compare(Comparable(first[each.of]), Comparable(key))
            size = max(1, found.stop - found.start)
            measured["half and half, overlap"].append((found.shared / size, 1.0))
        first[each.of] = key
        whole = "\n".join(p.text for p in texts[each.of].passages)
        aligned = align(whole, "\n".join(p.text for p in text.passages)).share
        measured[f"copy: {each.kind}"].append((_grams(key, keys[each.of]), aligned))
    for kind, shares in measured.items():
        for what, values in zip(("grams", "aligned"), zip(*shares, strict=True), strict=True):
            ordered = sorted(values)
            told = " ".join(f"{ordered[int(s * (len(ordered) - 1))]:.2f}" for s in SHARES)
            print(f"  {kind:26} {what:8} n {len(ordered):4}  least {ordered[0]:.2f}  {told}")


def _grams(one: str, other: str) -> float:
    """The part of the smaller one's sampled grams that the other has."""
    mine, theirs = fingerprints([one]), fingerprints([other])
    return len(mine & theirs) / max(1, min(len(mine), len(theirs)))


def main() -> None:
    """Collate the corpora, then the corpora with copies, then copies alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=1_000)
    parser.add_argument("--curve", action="store_true")
    asked = parser.parse_args()
    if not CORPUS.is_dir():
        sys.exit(f"{CORPUS} is absent: the real texts are not part of the project")
    given = reports()
    texts = derived(given)
    copied = made(given, [text.text for text in texts], asked.copies)
    pieces = derived(copied)
    print(f"{len(copied)} copies: {dict(Counter(each.kind for each in copied))}, of {list(COPIES)}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        judge(folder, given, texts, "the corpora together")
        judge(folder, [*given, *copied], [*texts, *pieces], "with copies")
        judge(folder, copied, pieces, "copies alone")
    if asked.curve:
        print(f"what pairs share; columns: least, then shares {SHARES} of the pairs have at most")
        curve(given, texts, copied, pieces)


if __name__ == "__main__":
    main()
