"""Recall, wrong links, size and cost of the index of copies.

    python bench/bench_collate_links.py [--reports FOLDER] [--texts 2000] [--filler 100000]

Texts are recombined from the sentences of the reports in FOLDER, figures shaken, one sentence in
five a formula that many share; without it from made-up sentences. Filler are texts of random
hashes with one in twenty taken from the formulas: they cost what texts cost, and test no more.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from past_stages import store_passages, store_visible

from archive.collate.keys import key
from archive.collate.sentences import fingerprints, sentences
from archive.known.characters import simplified
from archive.store import Archive
from archive.store.similarity import SimilarityIndex

CHANCE = random.Random(8)
CHARS = 5_000
BRAND = "鸿图体育"
PINYIN = ("zhèng", "fǔ", "gōng", "zuò", "bào", "gào", "fā", "zhǎn")


def stock(folder: Path | None) -> tuple[list[str], list[str]]:
    """Sentences to recombine, and formulas."""
    csv.field_size_limit(10**8)
    found = []
    for path in sorted(folder.glob("*.csv")) if folder else ():
        with path.open(encoding="utf-8-sig") as lines:
            text = next(csv.DictReader(lines))["full_text"]
        found += [text[s.start : s.stop].strip() for s in sentences(text) if len(s.key) >= 16]
    letters = "经济发展建设产业项目农村城市教育医疗环境改革开放创新服务民生就业收入增长投资消费"
    while len(found) < 5_000:
        found.append(
            "".join(CHANCE.choice(letters) for _ in range(CHANCE.randrange(18, 70))) + "1。"
        )
    CHANCE.shuffle(found)
    return found[400:], found[:400]


def text_of(unique: list[str], formulas: list[str]) -> str:
    """A text of `CHARS` characters."""
    lines, length = [], 0
    while length < CHARS:
        formula = CHANCE.random() < 0.2
        line = CHANCE.choice(formulas if formula else unique)
        if not formula:
            line = re.sub(r"\d", lambda _: str(CHANCE.randrange(10)), line)
            place = CHANCE.randrange(len(line))
            line = f"{line[:place]}{CHANCE.choice('甲乙丙丁戊己庚辛')}县{line[place:]}"
        lines.append(line)
        length += len(line)
    return "\n".join("".join(lines[n : n + 3]) for n in range(0, len(lines), 3))


def part(text: str, share: float) -> str:
    """A fragment."""
    size = int(len(text) * share)
    start = CHANCE.randrange(len(text) - size)
    return text[start : start + size]


def traditional(text: str) -> str:
    """In traditional characters, as far as one to one goes."""
    return text.translate({ord(new): old for old, new in reversed(simplified().items())})


def noisy(text: str) -> str:
    """Six wrong characters in a hundred."""
    return "".join(
        CHANCE.choice("的一是在不了有和人这") if CHANCE.random() < 0.06 else c for c in text
    )


def annotated(text: str) -> str:
    """With pinyin between the characters."""
    return "".join(c + CHANCE.choice(PINYIN) if "一" <= c <= "鿿" else c for c in text)


CHROME = "网站首页 政务公开 互动交流\n字号：大 中 小\n"
VARIANTS: dict[str, Callable[[str], str]] = {
    "full, straight quotes, chrome": lambda t: CHROME + t.replace("“", '"').replace("”", '"'),
    "25 %": lambda t: part(t, 0.25),
    "10 %": lambda t: part(t, 0.1),
    "5 %": lambda t: part(t, 0.05),
    "5 % with chrome": lambda t: CHROME + part(t, 0.05) + "\n上一篇 下一篇",
    "brand for six words": lambda t: re.sub("全市|全省|我市|国家|企业|发展", BRAND, t),
    "traditional": traditional,
    "traditional with pinyin": lambda t: annotated(traditional(t)),
    "lower case": str.lower,
    "re-paragraphed": lambda t: t.replace("\n", ""),
    "10 %, 6 % noise": lambda t: noisy(part(t, 0.1)),
    "full, 6 % noise": noisy,
}


class Stand:
    """An archive into which texts are put past the stages."""

    def __init__(self, folder: Path) -> None:
        self.archive = Archive.open(folder / "bench.db", create=True)
        self.connection = self.archive.connection
        self.connection.execute("PRAGMA foreign_keys = OFF")
        self.connection.execute("PRAGMA synchronous = OFF")
        self.connection.execute("INSERT INTO current_ruleset VALUES (1, 1)")
        self.likenesses = SimilarityIndex(self.archive._writer)  # noqa: SLF001  (past the stages)

    def put(self, text_id: int, text: str) -> None:
        """One text with its passages."""
        columns = [r[1:4] for r in self.connection.execute("PRAGMA table_info(texts)")]
        values = {
            n: 0 if kind in ("INTEGER", "REAL") else "" for n, kind, needed in columns if needed
        }
        values |= {
            "id": text_id, "payload_sha256": f"{text_id:064}", "context_sha256": "0" * 64,
            "visible_sha256": store_visible(self.connection, text.split("\n")),
            "clean_sha256": "0" * 64, "derivation_sha256": f"{text_id:064}",
            "ruleset_id": 1, "verdict": "clean", "page_verdict": "clean",
        }  # fmt: skip
        marks = ", ".join("?" * len(values))
        self.connection.execute(
            f"INSERT INTO texts ({', '.join(values)}) VALUES ({marks})",
            tuple(values.values()),
        )
        store_passages(self.connection, text_id, text.split("\n"))

    def link(self, text_id: int, text: str) -> tuple[float, dict[int, int]]:
        """CPU milliseconds to link a new text, and the texts it is linked with: what they share."""
        self.put(text_id, text)
        started = time.process_time()
        self.likenesses.add([text_id])
        took = 1000 * (time.process_time() - started)
        rows = self.connection.execute(
            "SELECT one + other - ?1, shared FROM links WHERE ?1 IN (one, other)", (text_id,)
        )
        return took, dict(rows.fetchall())

    def fill(self, first: int, count: int, formulas: list[str]) -> None:
        """Texts of random hashes."""
        common = sorted(fingerprints(key(line) for line in formulas))
        for text_id in range(first, first + count):
            hashes = {
                CHANCE.choice(common) if CHANCE.random() < 0.05 else CHANCE.getrandbits(48)
                for _ in range(270)
            }
            self.connection.executemany(
                "INSERT OR IGNORE INTO copy_hashes VALUES (?, ?)",
                ((h, text_id) for h in hashes),
            )
            self.connection.execute(
                "INSERT INTO sketches VALUES (?, ?, ?, NULL, NULL)", (text_id, len(hashes), CHARS)
            )

    def bytes_of_index(self) -> int:
        """Bytes of the pages of the index of hashes; needs SQLite's dbstat."""
        row = self.connection.execute("SELECT sum(pgsize) FROM dbstat WHERE name = 'copy_hashes'")
        return int(row.fetchone()[0] or 0)


def costs(stand: Stand, texts: Iterator[tuple[int, str]], repeats: int = 40) -> float:
    """The median time to link a new text that is a copy of none."""
    return statistics.median(stand.link(*next(texts))[0] for _ in range(repeats))


def main() -> None:
    """Print recall for each kind of copy, wrong links, size, and the curve of cost."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--reports", type=Path)
    arguments.add_argument("--texts", type=int, default=2_000)
    arguments.add_argument("--filler", type=int, default=100_000)
    arguments.add_argument("--each", type=int, default=50)
    given = arguments.parse_args()
    unique, formulas = stock(given.reports)
    with tempfile.TemporaryDirectory() as folder:
        stand = Stand(Path(folder))
        originals = {n: text_of(unique, formulas) for n in range(1, given.texts + 1)}
        new = ((10_000_000 + n, text_of(unique, formulas)) for n in range(10_000))
        wrong, chars = 0, 0
        for number, text in originals.items():
            wrong += len(stand.link(number, text)[1])
            chars += len(key(text))
            if number == min(1_000, given.texts):
                print(f"linking among {number:7} texts: {costs(stand, new):6.1f} ms")
        size = stand.bytes_of_index()
        print(f"index {size / chars:.3f} KB per 1,000 characters of keys")
        print(f"wrong links between {given.texts} originals: {wrong}")
        print(dict(recall(stand, originals, given.each)))
        reached = given.texts
        for goal in (10_000, given.filler):
            if goal > reached:
                stand.fill(20_000_000 + reached, goal - reached, formulas)
                reached = goal
                print(f"linking among {reached:7} texts: {costs(stand, new):6.1f} ms")


def recall(stand: Stand, originals: dict[int, str], each: int) -> Counter[str]:
    """Print the recall of each variant; count copies, and those that a wrong work would get."""
    copy_id, sources = 30_000_000, {number: number for number in originals}
    counts: Counter[str] = Counter()
    for name, vary in VARIANTS.items():
        found, chosen = 0, CHANCE.sample(sorted(originals), each)
        for number in chosen:
            copy_id += 1
            sources[copy_id] = number
            linked = stand.link(copy_id, vary(originals[number]))[1]
            votes: Counter[int] = Counter()
            for other, shared in linked.items():
                if other in sources:
                    votes[sources[other]] = max(votes[sources[other]], shared)
            found += number in votes
            counts["copies"] += 1
            counts[verdict(votes, number)] += 1
        print(f"recall {name:30} {found / each:.3f}")
    three, several = 0, [CHANCE.sample(sorted(originals), 3) for _ in range(each)]
    for numbers in several:
        copy_id += 1
        three += set(numbers) <= set(
            stand.link(copy_id, "\n".join(originals[n] for n in numbers))[1]
        )
    print(f"recall {'three reports in one page':30} {three / each:.3f}")
    return counts


def verdict(votes: Counter[int], number: int) -> str:
    """What grouping makes of the links of one text: rivals that share as much decide nothing."""
    if not votes:
        return "not linked"
    (best, shared), *others = votes.most_common(2)
    if others and others[0][1] >= 0.8 * shared:
        return "undecided: formulas that several have"
    return "right" if best == number else "wrong"


if __name__ == "__main__":
    main()
