"""Count how reports write their Latin terms, and write those with one form into the lexicon.

A term has one form where at least 95 of 100 uses are written alike. Words that English writes
with one capital are left out: a sentence may begin with them, or an author write them small.

    python bench/build_terms.py            write archive/known/lexica/casing.toml anew
    python bench/build_terms.py --print    print the tables instead
"""

from __future__ import annotations

import argparse
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import corpora

CASING = Path(__file__).parents[1] / "archive" / "known" / "lexica" / "casing.toml"
TABLES = ("terms", "measures", "series")
TOKEN = re.compile(
    r"(?<![A-Za-z0-9@/._\-])[A-Za-z0-9]+(?:[.&\-][A-Za-z0-9]+)*(?![A-Za-z0-9@/_])(?P<behind>[㐀-鿿]?)"
)
MEASURE = re.compile(r"\d+(?:\.\d+)?([A-Za-z]+)")
SERIES = re.compile(r"([A-Za-z]+)\d+")
NO_TERM = re.compile(r"\d{1,2}\.[A-Za-z]|\d+O+$")  # an entry's number, and zeros typed as letters
ENGLISH = re.compile(r"[A-Z]?[a-z]+(?:[\-&][A-Z]?[a-z]+)*")
LETTER = re.compile(r"[A-Za-z]")
LEAST_USES, LEAST_TEXTS, LEAST_LETTER, LEAST_NUMBERS = 2, 2, 4, 3
ALIKE = 0.95


class Counts:
    """The forms of each term, the texts that use it, and what stands for a number in it."""

    def __init__(self) -> None:
        self.forms: dict[str, Counter[str]] = defaultdict(Counter)
        self.texts: dict[str, set[str]] = defaultdict(set)

    def add(self, term: str, text: str) -> None:
        """Count one use of `term` in a text, or with a number."""
        self.forms[term.lower()][term] += 1
        self.texts[term.lower()].add(text)

    def right(self, least_uses: int, least_texts: int) -> Iterator[tuple[str, int]]:
        """Each term that is written in one form, and how often it is."""
        for term, written in self.forms.items():
            form, uses = written.most_common(1)[0]
            often = uses >= least_uses and len(self.texts[term]) >= least_texts
            if often and uses >= ALIKE * sum(written.values()) and form != form.lower():
                yield form, uses


def main() -> None:
    """Count, and write or print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--print", action="store_true", dest="only_print")
    tables = "\n\n".join(map(_table, TABLES, counted(corpora.texts())))
    if parser.parse_args().only_print:
        print(tables)
        return
    kept = CASING.read_text("utf-8").partition("[terms]\n")[0]
    CASING.write_text(f"{kept}{tables}\n", "utf-8")
    tomllib.loads(CASING.read_text("utf-8"))


def counted(texts: Iterable[tuple[str, str]]) -> tuple[dict[str, int], ...]:
    """The terms, the letters that follow any number, and those that any number follows."""
    terms, measures, series = Counts(), Counts(), Counts()
    for name, text in texts:
        for term in _terms(text):
            terms.add(term, name)
            for table, pattern in ((measures, MEASURE), (series, SERIES)):
                if match := pattern.fullmatch(term):
                    table.add(match[1], term)
    found = {
        term: uses
        for term, uses in terms.right(LEAST_USES, LEAST_TEXTS)
        if not ENGLISH.fullmatch(term) and (term.isascii() or uses >= LEAST_LETTER)
    }
    units = {
        unit: uses
        for unit, uses in measures.right(LEAST_NUMBERS, LEAST_NUMBERS)
        if (len(unit) > 1 or unit == "A") and unit not in found
    }
    numbered = {
        letters: uses
        for letters, uses in series.right(LEAST_NUMBERS, LEAST_NUMBERS)
        if letters not in found
    }
    covered = [(MEASURE, units), (SERIES, numbered)]
    return _without(found, covered), units, numbered


def _without(
    terms: dict[str, int], covered: Iterable[tuple[re.Pattern[str], dict[str, int]]]
) -> dict[str, int]:
    """The terms but of those that the letters beside any number tell as well."""
    tables = list(covered)
    return {
        term: uses
        for term, uses in terms.items()
        if not any((m := pattern.fullmatch(term)) and m[1] in table for pattern, table in tables)
    }


def _terms(text: str) -> Iterator[str]:
    """The Latin terms of `text`; a single letter stands with the character behind it."""
    for match in TOKEN.finditer(text):
        words = match[0].removesuffix(match["behind"])
        if not LETTER.search(words) or NO_TERM.match(words):
            continue
        if len(words) > 1:
            yield words
        elif match["behind"]:
            yield match[0]


def _table(name: str, counts: dict[str, int]) -> str:
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return "\n".join([f"[{name}]", *(f'"{term}" = {uses}' for term, uses in rows)])


if __name__ == "__main__":
    main()
