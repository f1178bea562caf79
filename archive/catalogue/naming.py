"""Finds the report that a person names: 210300-2023, 210300/2023, 鞍山2023, 辽宁省鞍山市 2023年.

What fits no report, or several, is answered with what there is instead.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final
from unicodedata import normalize
from urllib.parse import unquote

from archive.collate.names import AREA_MARK
from archive.known import shipped
from archive.known.gazetteer import Division
from archive.known.kinds import REPORT, kinds_with_works
from archive.store.naming import (
    ListedWork,
    Named,
    places_with_works,
    works_asked,
    works_of_places,
)

MOST_SUGGESTED: Final = 3
MOST_LISTED: Final = 12

_CLOSE: Final = 0.5
"""How like a name another must be to be suggested: one of two characters."""

_CODED: Final = re.compile(
    r"(?:.*/)?(?P<place>\d{6,12}(?:~[^/\s]+?)?)\s*[-/_ ]\s*(?P<year>\d{4}|undated-[0-9a-z]+)"
    r"(?:/(?P<rest>.+?))?/?"
)
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)(?:年度?)?")
_NOISE: Final = re.compile(
    r"政府工作的?报告|工作报告|人民政府|报告|全文|[_\-—\s()\[\]·、,.《》]+|的$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Sought:
    """What a name says: the words of the place, and the year.

    `codes` are the divisions that these words name in that year. `keys` are also places with
    reports that are called so, such as functional areas and former divisions. `rest` is what
    follows a slash (draft, a day, a session), `kind` the kind of document.
    """

    place: str
    codes: tuple[str, ...]
    keys: tuple[str, ...]
    year: str | None
    rest: str | None
    kind: str

    @property
    def name(self) -> str | None:
        """The name of the report, if place and year are known."""
        if len(self.codes) != 1 or self.year is None:
            return None
        rest = self.rest or (self.kind if self.kind != REPORT else None)
        return f"{self.codes[0]}-{self.year}" + (f"/{rest}" if rest else "")


@dataclass(frozen=True, slots=True)
class FoundReports:
    """The reports that fit a name; `instead` says what there is if none fits."""

    works: Sequence[Named]
    instead: str = ""


def find_reports(connection: sqlite3.Connection, asked: str) -> FoundReports:
    """Return the reports that a person may mean by `asked`."""
    direct = works_asked(connection, asked)
    if direct:
        return FoundReports(direct)
    sought = seek(connection, asked)
    exact = works_asked(connection, sought.name) if sought.name else []
    return FoundReports(exact) if exact else _fitting(connection, sought)


def seek(connection: sqlite3.Connection, asked: str) -> Sought:
    """Return what a name says, whether or not such a report is here."""
    words = " ".join(normalize("NFKC", unquote(asked)).split())
    coded = _CODED.fullmatch(words)
    return _coded(coded) if coded else _sought(connection, words)


def _coded(coded: re.Match[str]) -> Sought:
    rest = coded["rest"]
    kind = next((each for each in kinds_with_works() if rest and each in rest.split("/")), REPORT)
    key = (coded["place"],)
    return Sought(coded["place"], key, key, coded["year"], rest, kind)


def _sought(connection: sqlite3.Connection, words: str) -> Sought:
    named, _, rest = words.partition("/")
    years = _YEAR.findall(named)
    kind = next((each for each in kinds_with_works() if each in named), REPORT)
    place = _NOISE.sub("", _YEAR.sub(" ", named.replace(kind, " ")))
    year = years[0][:4] if len(years) == 1 else None
    codes = [found.code for found in divisions_called(place, int(year) if year else None)]
    here = [key for key, names in _names_here(connection) if place in names]
    keys = dict.fromkeys((*codes, *here))
    return Sought(place, tuple(codes), tuple(keys), year, rest or None, kind)


def divisions_called(words: str, year: int | None = None) -> tuple[Division, ...]:
    """Return the divisions that `words` name, in `year` or today."""
    gazetteer = shipped().gazetteer
    return gazetteer.parse(words, year=year) or gazetteer.parse(words)


def _names_here(connection: sqlite3.Connection) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the key of each place with reports, and what it may be called."""
    gazetteer = shipped().gazetteer
    for key, place in places_with_works(connection):
        code, _, area = key.partition(AREA_MARK)
        division = gazetteer.division(code)
        own = (area,) if area else division.surfaces if division else ()
        yield key, frozenset((place, *own))


def _fitting(connection: sqlite3.Connection, sought: Sought) -> FoundReports:
    there = works_of_places(connection, sought.keys)
    of_year = [work for work in there if sought.year in (None, _year(work))]
    wanted = [work for work in of_year if work.kind == sought.kind and work.stage == "final"]
    if sought.rest:
        plain = dict.fromkeys(work.plain.partition("/")[0] for work in of_year)
        found = [
            each for name in plain for each in works_asked(connection, f"{name}/{sought.rest}")
        ]
    else:
        names = dict.fromkeys(work.plain for work in wanted)
        found = [each for name in names for each in works_asked(connection, name)]
    if found and (sought.year or len(found) == 1):
        return FoundReports(found)
    return FoundReports((), _instead(connection, sought, there, of_year))


def _year(work: ListedWork) -> str:
    return str(work.report_year or work.name.partition("-")[2].partition("/")[0])


def in_words(works: Sequence[Named]) -> str:
    """Return the names of several reports to choose from, with their places if these differ."""
    keys = [work.name.partition("-")[0] for work in works]
    if len(set(keys)) == 1:
        return "; ".join(map(str, works))
    return "; ".join(f"{work} {place_name(key)}" for work, key in zip(works, keys, strict=True))


def place_name(key: str) -> str:
    """Return the place with this key in words: 440300~坪山新区 is 广东省深圳市坪山新区."""
    code, _, area = key.partition(AREA_MARK)
    return shipped().gazetteer.full_name(code) + area or key


def short_place_name(key: str) -> str:
    """Return the short name of the place with this key, such as 鞍山; empty if it is unknown."""
    code, _, area = key.partition(AREA_MARK)
    division = shipped().gazetteer.division(code)
    if area or division is None:
        return area
    return division.short[0] if division.short else division.name


def _instead(
    connection: sqlite3.Connection,
    sought: Sought,
    there: Sequence[ListedWork],
    of_year: Sequence[ListedWork],
) -> str:
    """Say what there is in place of a report that is not here."""
    if not there:
        return _no_place(connection, sought)
    places = " or ".join(dict.fromkeys(work.place for work in there))
    same = [work for work in there if work.kind == sought.kind and work.stage == "final"] or there
    if sought.year is None:
        return f"say which report of {places}: there are {_years(same)}"
    if of_year:
        names = [work.name for work in of_year[:MOST_LISTED]]
        verb = "is" if len(names) == 1 else "are"
        what = sought.rest or sought.kind
        return f"no {what} of {places} in {sought.year}; there {verb} {', '.join(names)}"
    return f"no report of {places} in {sought.year}; there are {_years(same)}"


def _years(works: Iterable[ListedWork]) -> str:
    years = sorted({_year(work) for work in works})
    more = f" and {len(years) - MOST_LISTED} more" if len(years) > MOST_LISTED else ""
    return ", ".join(years[:MOST_LISTED]) + more


def _no_place(connection: sqlite3.Connection, sought: Sought) -> str:
    if not sought.place:
        return "name a report by its place and year, such as 鞍山2023 or 210300-2023"
    near = _near(connection, sought)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    names = [place_name(code) for code in sought.codes[:MOST_LISTED]]
    if names and not names[0].isdigit():
        return f"no report of {' or '.join(names)}{hint}"
    what = "has the code" if sought.place[:1].isdigit() else "is called"
    return f"no place with reports {what} {sought.place}{hint}"


def _near(connection: sqlite3.Connection, sought: Sought) -> list[str]:
    """Return places with reports whose names are like the one sought, with their years."""
    if sought.place[:1].isdigit():
        named = [place_name(key) for key in sought.keys if place_name(key) != key]
    else:
        named = [sought.place]
    called = {name: key for key, names in _names_here(connection) for name in sorted(names)}
    close = [near for name in named for near in _close(name, called)]
    keys = list({called[name]: None for name in close})[:MOST_SUGGESTED]
    works = works_of_places(connection, keys)
    return [
        f"{place_name(key)} ({_years(work for work in works if work.place_key == key)})"
        for key in keys
    ]


def _close(words: str, names: Iterable[str]) -> list[str]:
    return get_close_matches(words, list(names), n=2 * MOST_SUGGESTED, cutoff=_CLOSE)
