"""Build the crosswalk of divisions from a public table of changes; nothing is downloaded here.

The table is `result.csv` of the repository yescallop/areacodes (CC0 1.0; after the Ministry of
Civil Affairs): codes and names on 31 December of each year since 1981, and for each change the
divisions between which its area lies now.

    python bench/build_crosswalk.py --records result.csv --out archive/catalogue/crosswalk.csv

The table has successors of counties. Those of a prefecture are made here: they are the prefectures
to which its counties went in the year in which it ended. A county that moved between two
prefectures that stay is a part that moved; provinces alike.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

_LINK = re.compile(r"(\d{6})(?:\[(\d{4})\])?")
_MUNICIPALITIES = ("11", "12", "31", "50")
FIRST, LAST = 1981, 2024

After = Callable[["Record", int], dict[str, None]]
"""Returns what became of a division in a year, in order."""


@dataclass
class Record:
    """A code with a name: from `since` (inclusive) to `until` (exclusive) on 31 December."""

    code: str
    name: str
    since: int
    until: int | None
    links: dict[tuple[int, str], None] = field(default_factory=dict)

    def there(self, year: int) -> bool:
        """Whether it was there on 31 December of `year`."""
        return self.since <= year and (self.until is None or year < self.until)


def read(path: Path) -> list[Record]:
    """Read the records; those that differ only in the name of their prefecture become one."""
    records = []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            until = int(row["变更/弃用时间"]) if row["变更/弃用时间"] else None
            record = Record(row["代码"], row["名称"], int(row["启用时间"]), until)
            for code, year in _LINK.findall(row["新代码"] or ""):
                record.links[int(year) if year else until or 0, code] = None
            records.append(record)
    records.append(Record("100000", "中国", FIRST, None))
    records.sort(key=lambda each: (each.code, each.since))
    return [joined(list(same)) for _, same in groupby(_numbered(records), key=lambda pair: pair[0])]


def _numbered(records: list[Record]) -> list[tuple[int, Record]]:
    """Number the records, those that go on with the same code and name alike."""
    numbered: list[tuple[int, Record]] = []
    for record in records:
        before = numbered[-1] if numbered else None
        goes_on = before is not None and (before[1].code, before[1].name, before[1].until) == (
            record.code, record.name, record.since,
        )  # fmt: skip
        numbered.append((before[0] if before and goes_on else len(numbered), record))
    return numbered


def joined(same: list[tuple[int, Record]]) -> Record:
    """Return one record for several that go on with the same code and name."""
    records = [record for _, record in same]
    first, last = records[0], records[-1]
    links = {
        link: None
        for record in records
        for link in record.links
        if record is last or link != (record.until, record.code)
    }
    return Record(first.code, first.name, first.since, last.until, links)


class Prefectures:
    """The prefectures of each year, and to which of them counties belong."""

    def __init__(self, records: list[Record]) -> None:
        self.by_code: dict[str, list[Record]] = defaultdict(list)
        self.counties: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            self.by_code[record.code].append(record)
            if not record.code.endswith("00"):
                self.counties[record.code[:4]].append(record)

    def there(self, code: str, year: int) -> bool:
        """Whether there is such a code on 31 December of a year."""
        return any(each.there(year) for each in self.by_code[code])

    def of(self, county: str, year: int) -> str:
        """Return the prefecture of a county, or what stands in its place."""
        if county[:2] in _MUNICIPALITIES:
            return f"{county[:2]}0000"
        prefecture = f"{county[:4]}00"
        return prefecture if self.there(prefecture, year) else county

    def prefectures_after(self, prefecture: Record, year: int) -> dict[str, None]:
        """Return the prefectures to which the counties of one went in a year."""
        return {self.of(code, year): None for code in self._after(prefecture.code[:4], year)}

    def provinces_after(self, province: Record, year: int) -> dict[str, None]:
        """Return the provinces to which the counties of one went in a year."""
        return {f"{code[:2]}0000": None for code in self._after(province.code[:2], year)}

    def _after(self, stem: str, year: int) -> Iterator[str]:
        for county in self._counties_of(stem):
            if county.there(year - 1):
                yield from self.after(county, year)

    def _counties_of(self, stem: str) -> list[Record]:
        if len(stem) == len("2103"):
            return self.counties[stem]
        return [each for key, found in self.counties.items() if key[:2] == stem for each in found]

    def after(self, county: Record, year: int) -> list[str]:
        """Return the codes of the area of a county after a year in which it ended or stayed."""
        if county.there(year):
            return [county.code]
        return [code for when, code in county.links if when == year]


def add_links_above(records: list[Record]) -> None:
    """Add the links between prefectures, and between provinces, that follow from their counties."""
    known = Prefectures(records)
    for record in records:
        if record.code.endswith("0000"):
            record.links = {}
            _add_links(record, known, known.provinces_after)
        elif record.code.endswith("00"):
            record.links = {(year, known.of(code, year)): None for year, code in record.links}
            _add_links(record, known, known.prefectures_after)


def _add_links(record: Record, known: Prefectures, after: After) -> None:
    renamed = record.until is not None and known.there(record.code, record.until)
    if record.until is not None and not _at(record, record.until):
        successors = [record.code] if renamed else after(record, record.until)
        record.links |= {(record.until, code): None for code in successors}
    for year in range(record.since + 1, (record.until or LAST + 1) + (1 if renamed else 0)):
        record.links |= {(year, code): None for code in after(record, year)}
    stays = {year: None for year, _ in record.links if year != record.until or not renamed}
    record.links = {
        link: None for link in record.links if link[1] != record.code or link[0] not in stays
    }


def _at(record: Record, year: int) -> set[tuple[int, str]]:
    return {link for link in record.links if link[0] == year}


def write(records: list[Record], out: Path) -> None:
    """Write the table."""
    with out.open("w", encoding="utf-8", newline="\n") as lines:
        table = csv.writer(lines, lineterminator="\n")
        table.writerow(("code", "name", "since", "until", "becomes"))
        for each in records:
            links = ";".join(f"{code}@{year}" for year, code in sorted(each.links))
            table.writerow((each.code, each.name, each.since, each.until or "", links))


def main() -> None:
    """Read the records, add what is missing and write the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--records", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    given = arguments.parse_args()
    records = read(given.records)
    add_links_above(records)
    write(records, given.out)
    ended = [each for each in records if each.until]
    without = [each for each in ended if not _at(each, each.until or 0)]
    print(f"{len(records)} records, {len(ended)} ended, {len(without)} of them with no successor")
    print(*(f"{each.code} {each.name} {each.until}" for each in without), sep="\n")


if __name__ == "__main__":
    main()
