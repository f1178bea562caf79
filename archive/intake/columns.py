"""Decides what the columns of a table contain: its header, its texts, its claims."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final, Literal

from archive.errors import RefusedError
from archive.identify.beside import CLAIMED_UNDER
from archive.intake.source import Columns, Table
from archive.model import Headers

TEXT_COLUMNS: Final = (
    "full_text", "fulltext", "text", "content", "body", "article", "正文", "全文", "内容", "文本",
    "报告全文", "报告内容", "报告正文", "中文", "中文全文",
)  # fmt: skip
"""Usual names of the text column, the likeliest first."""

URL_COLUMNS: Final = ("url", "link", "source_url", "网址", "链接", "原文链接", "来源网址")
"""Usual names of the column with the original URL."""

MAX_COLUMNS: Final = 16_384
"""The most columns of a table, as in Excel."""

LEAST_TEXT_CHARS: Final = 200
"""Characters from which a cell is a text rather than the name of a column."""

HEADER_WITHIN: Final = 20
"""Rows in which the first text is searched; titles and units may come before a header."""

_LEAST_PIECE: Final = 20
_LEAST_LINES: Final = 5
_LEAST_OF_LINES: Final = 100
_FEW_GROUPS: Final = 4
_STEM: Final = re.compile(
    r"(?<![\s_-])[\s_-]*+(?:[(（]?(?:[0-9]{1,2}|[一二三四五六七八九十]|[上中下]|续[0-9一二三]?)[)）]?"
    r"|part[0-9]+)?$",
    re.IGNORECASE,
)  # fmt: skip
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}年?(?:度|报告|全文|正文)?")
_YEAR_ALONE: Final = re.compile(r"(?:19|20)[0-9]{2}(?:\.0)?年?")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_NUMBERED: Final = "column "

Row = tuple[str, Headers]
"""The position of a row, and its cells with their names, in order."""


@dataclass(frozen=True, slots=True)
class TablePlan:
    """How the rows of a table become texts.

    `one`: one text for each row, joined from the columns `texts`; `each`: a text for each of them;
    `lines`: the rows are the lines of a text, as long as `keys` stay the same.
    """

    table: Table
    kind: Literal["one", "each", "lines"]
    texts: tuple[str, ...]
    keys: tuple[str, ...] = ()


def named_cells(rows: Iterator[Sequence[str]]) -> Iterator[Row]:
    """Yield rows named by the header, the row above the first text.

    Columns beyond the header have no name. If there is a text in the first row, or no row with a
    name for each column above it, the columns are numbered. The rows before the header are returned
    as the row `above`.
    """
    first: list[Sequence[str]] = []
    broken = _taken(rows, first)
    at = _header_at(first)
    header = list(first[at]) if at is not None else _numbers(first)
    if len(header) > MAX_COLUMNS:
        raise RefusedError("too_large", f"has {len(header)} columns, more than {MAX_COLUMNS}")
    above, below = (first[:at], first[at + 1 :]) if at is not None else ([], first)
    if above:
        yield ABOVE, tuple(("", words) for row in above for words in row if words.strip())
    known = len(header)
    for number, row in enumerate(chain(below, () if broken else rows), 1):
        more = (("", json.dumps(row[known:], ensure_ascii=False)),) if len(row) > known else ()
        yield f"row {number}", (*zip(header, row, strict=False), *more)
    if broken is not None:
        raise broken


def _taken(rows: Iterator[Sequence[str]], into: list[Sequence[str]]) -> Exception | None:
    """Take the first rows; also returns the error that ended them, which is raised after them."""
    try:
        for row in islice(rows, HEADER_WITHIN):
            into.append(row)  # noqa: PERF402  (what came before an error counts)
    except Exception as error:  # noqa: BLE001  (it is raised after the rows before it)
        return error
    return None


ABOVE: Final = "above"
"""The name of the row with the content before a header."""


def _header_at(rows: Sequence[Sequence[str]]) -> int | None:
    """Return the index of the header, the last row of names before the first text, or None."""
    text = next((n for n, row in enumerate(rows) if _has_text(row)), None)
    if text == 0:
        return None
    if text is None:
        return 0 if rows and len(rows[0]) <= MAX_COLUMNS else None
    width = sum(bool(words.strip()) for words in rows[text])
    for at in range(text - 1, -1, -1):
        names = [words for words in rows[at] if words.strip()]
        if len(names) >= min(2, width) and not any(map(_YEAR_ALONE.fullmatch, names[:1])):
            return at
        if len(names) >= _FEW_GROUPS or (names and at == 0):
            return at
    return None


def _has_text(row: Sequence[str]) -> bool:
    return any(len(words) >= LEAST_TEXT_CHARS for words in row)


def _numbers(rows: Sequence[Sequence[str]]) -> list[str]:
    widest = max(map(len, rows), default=0)
    return [f"{_NUMBERED}{number}" for number in range(1, widest + 1)]


def understood(name: str, rows: Sequence[Headers], columns: Columns) -> TablePlan:
    """Decide from the first rows of a table how it becomes texts.

    Raises:
        RefusedError: the text column is missing, or no column looks like texts.
    """
    table = _Looked(name, rows)
    asked = {
        known: key
        for known in ("text", "place", "year", "url", "title")
        if (key := getattr(columns, known)) is not None
    }
    named = asked.pop("text", None)
    kind, texts, keys = table.plan(named)
    claims = table.claims(texts) | {known: key for known, key in asked.items() if key in table.keys}
    others = [key for key in table.keys if key not in {*texts, *claims.values()}]
    more = [key for key in others if table.is_text(key)]
    absent = [key for key in asked.values() if key not in table.keys]
    shown = Table(name, " + ".join(texts), claims, tuple(others), tuple(absent), tuple(more))
    return TablePlan(shown, kind, texts, keys)


class _Looked:
    """The first rows of a table, and what they show about its columns."""

    def __init__(self, name: str, rows: Sequence[Headers]) -> None:
        self._name = name
        self._rows = rows
        self.keys = list(dict.fromkeys(key for row in rows for key, _ in row if key))
        self._cells = {key: [dict(row).get(key, "") for row in rows] for key in self.keys}

    def is_text(self, key: str) -> bool:
        """Whether a column contains a text in any row."""
        return any(len(words) >= LEAST_TEXT_CHARS for words in self._cells[key])

    def plan(
        self, named: str | None
    ) -> tuple[Literal["one", "each", "lines"], tuple[str, ...], tuple[str, ...]]:
        """Return the kind of plan, the text columns, and the columns that join lines."""
        if named is not None:
            if named not in self.keys:
                words = f'{self._name}: has no column "{named}"; it has {", ".join(self.keys)}'
                raise RefusedError("unreadable", words)
            return "one", (named,), ()
        by_name = self._by_name()
        years = [key for key in self.keys if self.is_text(key) and _YEAR.fullmatch(key.strip())]
        if by_name is None and len(years) > 1:
            return "each", tuple(years), ()
        main = by_name or self._most_han()
        keys = self._line_keys(main) if main is not None and not self.is_text(main) else None
        if main is not None and keys is not None:
            return "lines", (main,), keys
        if main is None or (by_name is None and not self.is_text(main)):
            words = (
                f"no column looks like texts; name one with --text-column ({', '.join(self.keys)})"
            )
            raise RefusedError("unreadable", f"{self._name}: {words}")
        return "one", self._family(main), ()

    def claims(self, texts: Sequence[str]) -> dict[str, str]:
        """Return the columns with title, year, place, date or URL, by name or content."""
        names = {**CLAIMED_UNDER, "url": URL_COLUMNS}
        found = {
            known: key
            for known, wanted in names.items()
            if (key := next((k for k in self.keys if k.strip().lower() in wanted), None))
        }
        for key in self.keys:
            cells = [words for words in self._cells[key] if words.strip()]
            if key in texts or key in found.values() or not key.startswith(_NUMBERED) or not cells:
                continue
            if all(_YEAR_ALONE.fullmatch(words.strip()) for words in cells):
                found.setdefault("year", key)
            elif all(words.startswith(("http://", "https://")) for words in cells):
                found.setdefault("url", key)
        return found

    def _by_name(self) -> str | None:
        names = {key.strip().lower(): key for key in reversed(self.keys)}
        stems = {_stem(key): key for key in reversed(self.keys) if self.is_text(key)}
        for known in (names, stems):
            for wanted in TEXT_COLUMNS:
                if wanted in known:
                    return known[wanted]
        return None

    def _most_han(self) -> str | None:
        """Return the column with the most Chinese characters, or the one with the longest cells."""
        if not self.keys:
            return None
        weights = {
            key: (sum(len(_HAN.findall(words)) for words in cells), max(map(len, cells)))
            for key, cells in self._cells.items()
        }
        return max(self.keys, key=weights.__getitem__)

    def _family(self, main: str) -> tuple[str, ...]:
        """Return the columns over which a text is spread, such as 正文1 and 正文2."""
        if main.startswith(_NUMBERED):  # our own column numbers
            return (main,)
        stem = _stem(main)
        found = [
            key for key in self.keys
            if key == main or (_stem(key) == stem and self._longest(key) >= _LEAST_PIECE)
        ]  # fmt: skip
        return tuple(found)

    def _longest(self, key: str) -> int:
        return max(map(len, self._cells[key]))

    def _line_keys(self, main: str) -> tuple[str, ...] | None:
        """Return the columns that stay the same from line to line; None if rows are not lines."""
        if len(self._rows) < _LEAST_LINES:
            return None
        if sum(len(_HAN.findall(words)) for words in self._cells[main]) < _LEAST_OF_LINES:
            return None
        keys = [
            key for key in self.keys
            if key != main and len(set(self._cells[key])) * _FEW_GROUPS <= len(self._rows)
        ]  # fmt: skip
        if not keys and len(self.keys) > 1:
            return None
        groups = len(set(zip(*(self._cells[key] for key in keys), strict=True))) if keys else 1
        return tuple(keys) if groups * _FEW_GROUPS <= len(self._rows) else None


def _stem(key: str) -> str:
    """Return the name of a column without the number or words for the piece."""
    return _STEM.sub("", key.strip().lower())
