"""Writes tables for Stata 14 and newer (dta 118), a row at a time.

The format states the number of rows and the width of each column before the data. Rows are
therefore first written to a temporary file beside the target; memory does not grow with them.
"""

from __future__ import annotations

import marshal
import math
import re
import struct
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

LONGEST_NAME: Final = 32
LONGEST_LABEL: Final = 80
MOST_COLUMNS: Final = 32_767

_LONGEST_STR: Final = 2045
_KEY_BYTES: Final = 64
"""Columns up to this width stay `str`, because Stata merges by `str` and not by `strL`."""
_GSO_BYTES: Final = 21
"""What a strL value needs in the file, beside its characters and its terminator."""
_STRL: Final = 32_768
_DOUBLE: Final = 65_526
_MISSING_DOUBLE: Final = 2.0**1023
_UTF8: Final = 130
_WHOLE: Final = (
    (65_530, "b", -127, 100, 101),
    (65_529, "h", -32_767, 32_740, 32_741),
    (65_528, "i", -2_147_483_647, 2_147_483_620, 2_147_483_621),
)
"""Types of whole numbers: code, form, smallest, largest, missing."""
_MAP_ENTRIES: Final = 14
_LENGTH: Final = struct.Struct("<I")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_]+")


@dataclass(slots=True)
class _Variable:
    """A column as far as it is known: extent of its numbers, width of its words, its labels."""

    name: str
    label: str
    kind: str
    values: dict[str, int]
    low: float = 0
    high: float = 0
    width: int = 1
    total: int = 0
    filled: int = 0
    whole: bool = True
    type: int = 0
    form: str = ""
    missing: float = 0
    labelled: bool = field(init=False)

    def __post_init__(self) -> None:
        self.labelled = bool(self.values)

    def seen(self, value: Any) -> Any:
        """Note a value, and return it as it is kept until the types are known."""
        if self.labelled:
            value = None if value in (None, "") else self._code(str(value))
        elif self.kind == "text":
            return self._bytes(value)
        number = _number(value)
        if number is not None:
            self.low, self.high = min(self.low, number), max(self.high, number)
            self.whole = self.whole and isinstance(number, int)
        return number

    def _code(self, value: str) -> int:
        return self.values.setdefault(value, len(self.values) + 1)

    def _bytes(self, value: Any) -> bytes:
        words = "" if value is None else str(value)
        found = words.replace("\0", "\ufffd").encode("utf-8", "replace")
        self.width = max(self.width, len(found))
        self.total += len(found)
        self.filled += bool(found)
        return found

    def settle(self, rows: int) -> None:
        """Choose the type, now that all rows were seen."""
        if self.kind == "text" and not self.labelled:
            self.type = _STRL if self._is_long(rows) else self.width
            self.form = "8s" if self.type == _STRL else f"{self.width}s"
            return
        whole = self.labelled or (self.kind == "int" and self.whole)
        for code, form, low, high, missing in _WHOLE:
            if whole and low <= self.low and self.high <= high:
                self.type, self.form, self.missing = code, form, missing
                return
        self.type, self.form, self.missing = _DOUBLE, "d", _MISSING_DOUBLE

    def _is_long(self, rows: int) -> bool:
        """Whether strL is needed, or smaller."""
        as_long = 8 * rows + self.total + (_GSO_BYTES + 1) * self.filled
        return self.width > _LONGEST_STR or (self.width > _KEY_BYTES < as_long < self.width * rows)

    @property
    def display(self) -> str:
        """The display format."""
        if self.type == _STRL:
            return "%9s"
        if self.type <= _LONGEST_STR:
            return f"%-{min(self.width, 40)}s"
        return "%9.0g" if self.form == "d" else "%8.0g"


def write_stata(
    path: Path,
    columns: Sequence[tuple[str, str, str, Sequence[str]]],
    rows: Iterable[Sequence[Any]],
    *,
    title: str = "",
) -> int:
    """Write `rows` to `path` and return their number.

    Args:
        path: the file.
        columns: name (see `stata_names`), label, kind (text, int or float), and for a text column
            with few values those values in order: it becomes a labelled number.
        rows: the cells in the order of the columns; None is missing.
        title: the label of the data set.
    """
    variables = [
        _Variable(name, _cut(label), kind, {value: n for n, value in enumerate(values, 1)})
        for name, label, kind, values in columns
    ]
    with tempfile.TemporaryFile(dir=path.parent) as spool:
        count = 0
        for row in rows:
            seen = tuple(each.seen(value) for each, value in zip(variables, row, strict=True))
            packed = marshal.dumps(seen)
            spool.write(_LENGTH.pack(len(packed)) + packed)
            count += 1
        for each in variables:
            each.settle(count)
        with path.open("wb") as file:
            _File(file, variables, spool, count).write(_cut(title))
    return count


class _File:
    """The sections of a dta file, in their order."""

    def __init__(
        self, file: IO[bytes], variables: Sequence[_Variable], spool: IO[bytes], count: int
    ) -> None:
        self._file = file
        self._variables = variables
        self._spool = spool
        self._count = count
        self._places = [0]

    def write(self, title: str) -> None:
        self._header(title)
        at_map = self._file.tell()
        self._section("map", bytes(8 * _MAP_ENTRIES))
        each = self._variables
        self._section("variable_types", b"".join(struct.pack("<H", v.type) for v in each))
        self._section("varnames", b"".join(_fixed(v.name, 129) for v in each))
        self._section("sortlist", bytes(2 * (len(each) + 1)))
        self._section("formats", b"".join(_fixed(v.display, 57) for v in each))
        names = (_fixed(v.name if v.labelled else "", 129) for v in each)
        self._section("value_label_names", b"".join(names))
        self._section("variable_labels", b"".join(_fixed(v.label, 321) for v in each))
        self._section("characteristics", b"")
        self._data()
        self._strls()
        self._section("value_labels", b"".join(map(_value_labels, each)))
        self._places.append(self._file.tell())
        self._file.write(b"</stata_dta>")
        self._places.append(self._file.tell())
        self._file.seek(at_map + len("<map>"))
        self._file.write(struct.pack(f"<{_MAP_ENTRIES}Q", *self._places))

    def _header(self, title: str) -> None:
        words = title.encode("utf-8")
        self._file.write(
            b"<stata_dta><header><release>118</release><byteorder>LSF</byteorder>"
             b"<K>" + struct.pack("<H", len(self._variables)) + b"</K>"
            + b"<N>" + struct.pack("<Q", self._count) + b"</N>"
            + b"<label>" + struct.pack("<H", len(words)) + words + b"</label>"
            + b"<timestamp>\0</timestamp></header>"
        )  # fmt: skip

    def _section(self, name: str, content: bytes) -> None:
        self._begin(name)
        self._file.write(content)
        self._end(name)

    def _begin(self, name: str) -> None:
        self._places.append(self._file.tell())
        self._file.write(f"<{name}>".encode())

    def _end(self, name: str) -> None:
        self._file.write(f"</{name}>".encode())

    def _rows(self) -> Iterator[tuple[int, tuple[Any, ...]]]:
        self._spool.seek(0)
        for number in range(1, self._count + 1):
            (length,) = _LENGTH.unpack(self._spool.read(_LENGTH.size))
            # written above, by this process
            yield number, marshal.loads(self._spool.read(length))  # noqa: S302

    def _data(self) -> None:
        self._begin("data")
        each = self._variables
        packed = struct.Struct("<" + "".join(variable.form for variable in each))
        long = [at for at, variable in enumerate(each) if variable.type == _STRL]
        missing = [variable.missing for variable in each]
        for number, row in self._rows():
            cells = [gap if cell is None else cell for cell, gap in zip(row, missing, strict=True)]
            for at in long:
                if cells[at]:
                    cells[at] = struct.pack("<HQ", at + 1, number)[:8]
            self._file.write(packed.pack(*cells))
        self._end("data")

    def _strls(self) -> None:
        """Write the values of strL columns, by row and column."""
        self._begin("strls")
        long = [n for n, each in enumerate(self._variables) if each.type == _STRL]
        for number, row in self._rows() if long else ():
            for at in long:
                if row[at]:
                    head = struct.pack("<IQBI", at + 1, number, _UTF8, len(row[at]) + 1)
                    self._file.write(b"GSO" + head + row[at] + b"\0")
        self._end("strls")


def _value_labels(variable: _Variable) -> bytes:
    if not variable.labelled:
        return b""
    words = [value.encode("utf-8") + b"\0" for value in variable.values]
    starts, text = [], b""
    for each in words:
        starts.append(len(text))
        text += each
    size = len(words)
    codes = range(1, size + 1)
    table = struct.pack(f"<ii{size}i{size}i", size, len(text), *starts, *codes) + text
    return (
        b"<lbl>" + struct.pack("<i", len(table)) + _fixed(variable.name, 129) + bytes(3)
        + table + b"</lbl>"
    )  # fmt: skip


def _number(value: Any) -> float | int | None:
    """Return a number; None for everything else, and for what is not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


def _fixed(words: str, size: int) -> bytes:
    return words.encode("utf-8").ljust(size, b"\0")


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"


def stata_names(names: Iterable[str], words: Mapping[str, str]) -> dict[str, str]:
    """Return a name for each column: ASCII, at most 32 characters, unique in any case.

    A name that begins with one of `words` keeps what follows; the word is written in ASCII where it
    can be, otherwise as `w` with its number: 高质量发展_exact is `w1_exact`.

    >>> stata_names(["place", "GDP_exact", "绿色_exact"], {"GDP": "w1", "绿色": "w2"})
    {'place': 'place', 'GDP_exact': 'GDP_exact', '绿色_exact': 'w2_exact'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        chosen = _unique(_plain(name, words), taken)
        taken.add(chosen.lower())
        found[name] = chosen
    return found


def _plain(name: str, words: Mapping[str, str]) -> str:
    if name.isascii():
        plain = _UNSAFE.sub("_", name).strip("_")
        if plain and not plain[0].isdigit() and len(plain) <= LONGEST_NAME:
            return plain
    word = max((each for each in words if name.startswith(f"{each}_")), key=len, default=name)
    return words.get(word, "v") + _UNSAFE.sub("_", name.removeprefix(word))


def _unique(name: str, taken: set[str]) -> str:
    chosen, number = name[:LONGEST_NAME], 1
    while chosen.lower() in taken:
        number += 1
        ending = f"_{number}"
        chosen = name[: LONGEST_NAME - len(ending)] + ending
    return chosen
