"""A binary Word file (.doc of Word 97, [MS-DOC]) made by hand, in the smallest OLE file.

Its text has two pieces, one of bytes and one of UTF-16; it has a list with automatic numbers,
a tracked deletion, a footnote and a running head.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from baogao_practice.attachments import OLE_MAGIC

_SECTOR: Final = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_LEAST_STREAM: Final = 4096
_LAST_ASCII: Final = 126
_TEXT_AT: Final = 0x400
_RUNS_A_PAGE: Final = 26
CHINESE_COUNTING: Final = 39


def doc(
    paragraphs: Sequence[str],
    *,
    items: Sequence[int] = (),
    removed: str = "",
    note: str = "",
    header: str = "",
) -> bytes:
    """A file with these paragraphs.

    Args:
        paragraphs: the words, one string a paragraph.
        items: the numbers of the paragraphs that belong to the list (一、 二、 …).
        removed: words behind the first paragraph that a tracked change took out.
        note: a footnote that the last paragraph refers to at its end.
        header: the words of a running head.
    """
    first, *others = paragraphs
    main = [f"{first}{removed}\r", *(f"{words}\r" for words in others)]
    if note:
        main[-1] = f"{main[-1][:-1]}\x02\r"
    notes = f"\x02{note}\r\r" if note else ""
    head = f"{header}\r\r" if header else ""
    stories = ["".join(main), notes, head]
    units = "".join(stories).encode("utf-16-le")
    text, pieces = _pieces(units)
    lengths = [len(words.encode("utf-16-le")) // 2 for words in stories]
    at = len(first.encode("utf-16-le")) // 2
    gone = (at, at + len(removed.encode("utf-16-le")) // 2) if removed else None
    return _ole(*_word(text, pieces, lengths, main, items, gone, bool(note)))


def _pieces(units: bytes) -> tuple[bytes, list[tuple[int, int, int]]]:
    """The text as it lies in the file: leading ASCII as bytes, the rest as UTF-16."""
    count = len(units) // 2
    narrow = next(
        (n for n in range(count) if units[2 * n + 1] or units[2 * n] > _LAST_ASCII), count
    )
    first, rest = units[: 2 * narrow : 2], units[2 * narrow :]
    pieces = [(0, narrow, (_TEXT_AT * 2) | 0x40000000)] if narrow else []
    wide_at = _TEXT_AT + len(first) + len(first) % 2
    if rest:
        pieces.append((narrow, count, wide_at))
    return first.ljust(len(first) + len(first) % 2, b"\0") + rest, pieces


def _word(  # noqa: PLR0917  (called once)
    text: bytes,
    pieces: list[tuple[int, int, int]],
    lengths: Sequence[int],
    main: Sequence[str],
    items: Sequence[int],
    gone: tuple[int, int] | None,
    noted: bool,  # noqa: FBT001
) -> tuple[bytes, bytes]:
    """The streams `WordDocument` and `1Table`."""
    body = bytearray(_TEXT_AT) + text
    body += bytes(-len(body) % _SECTOR)
    places = [_place(at, pieces) for at in _starts(main)]
    first_page = len(body) // _SECTOR
    pages = _paragraph_pages(places, items)
    body += b"".join(pages)
    table = bytearray(b"\0" * 4)
    parts: dict[int, bytes] = {
        13: _page_table(places, range(first_page, first_page + len(pages))),
        33: _clx(pieces),
    }
    if gone is not None:
        runs = [places[0], *(_place(at, pieces) for at in gone), places[-1]]
        parts[12] = struct.pack("<III", runs[0], runs[-1], len(body) // _SECTOR)
        body += _character_page(runs)
    if noted:
        parts[2] = struct.pack("<IIH", lengths[0] - 2, lengths[0], 1)
        parts[3] = struct.pack("<III", 0, lengths[1] - 1, lengths[1])
    if items:
        parts[73], parts[74] = _list(), _use()
    pairs = bytearray(93 * 8)
    for number, part in sorted(parts.items()):
        struct.pack_into("<II", pairs, 8 * number, len(table), len(part))
        table += part
        if number == 73:  # noqa: PLR2004  (the levels of lists stand behind the lists)
            table += _level("\x00、", CHINESE_COUNTING)
    body[: 0x9A + len(pairs)] = _head(lengths) + pairs
    return bytes(body), bytes(table)


def _head(lengths: Sequence[int]) -> bytes:
    head = bytearray(0x9A)
    struct.pack_into("<HH", head, 0, 0xA5EC, 0x00C1)
    struct.pack_into("<H", head, 0x0A, 0x0200)
    struct.pack_into("<H", head, 0x20, 14)
    struct.pack_into("<H", head, 0x3E, 22)
    struct.pack_into("<3i", head, 0x4C, *lengths)
    struct.pack_into("<H", head, 0x98, 93)
    return bytes(head)


def _starts(main: Sequence[str]) -> list[int]:
    return [0, *accumulate(len(words.encode("utf-16-le")) // 2 for words in main)]


def _place(unit: int, pieces: Sequence[tuple[int, int, int]]) -> int:
    """Where a unit lies in the file."""
    start, _, packed = next(p for p in reversed(pieces) if p[0] <= unit)
    if packed & 0x40000000:
        return (packed & 0x3FFFFFFF) // 2 + unit - start
    return packed + 2 * (unit - start)


def _clx(pieces: Sequence[tuple[int, int, int]]) -> bytes:
    starts = [piece[0] for piece in pieces] + [pieces[-1][1]]
    table = struct.pack(f"<{len(starts)}I", *starts)
    table += b"".join(struct.pack("<HIH", 0, packed, 0) for _, _, packed in pieces)
    return b"\x02" + struct.pack("<I", len(table)) + table


def _page(places: Sequence[int], step: int, properties: Sequence[bytes]) -> bytes:
    """A page of properties: places, offsets, and from its end on the properties themselves."""
    page = bytearray(_SECTOR)
    runs = len(places) - 1
    struct.pack_into(f"<{runs + 1}I", page, 0, *places)
    end = _SECTOR - 2
    known: dict[bytes, int] = {b"": 0}
    for run, each in enumerate(properties):
        if each not in known:
            end -= len(each) + len(each) % 2
            page[end : end + len(each)] = each
            known[each] = end // 2
        page[4 * (runs + 1) + step * run] = known[each]
    page[-1] = runs
    return bytes(page)


def _page_table(places: Sequence[int], pages: range) -> bytes:
    """Where the places of each page of properties begin, and which pages they are."""
    starts = [*places[:-1:_RUNS_A_PAGE], places[-1]]
    return struct.pack(f"<{len(starts)}I", *starts) + struct.pack(f"<{len(pages)}I", *pages)


def _paragraph_pages(places: Sequence[int], items: Sequence[int]) -> list[bytes]:
    plain = struct.pack("<BBH", 0, 1, 0)
    listed = struct.pack("<BHHBHH", 5, 0, 0x260A, 0, 0x460B, 1)
    runs = [listed if n in items else plain for n in range(len(places) - 1)]
    return [
        _page(places[at : at + _RUNS_A_PAGE + 1], 13, runs[at : at + _RUNS_A_PAGE])
        for at in range(0, len(runs), _RUNS_A_PAGE)
    ]


def _character_page(places: Sequence[int]) -> bytes:
    removed = struct.pack("<BHB", 3, 0x0800, 1)
    return _page(places, 1, [b"", removed, b""])


def _list() -> bytes:
    return struct.pack("<H", 1) + struct.pack("<ii", 7, 0) + bytes(18) + b"\x01\x00"


def _level(words: str, number: int) -> bytes:
    text = words.encode("utf-16-le")
    fixed = struct.pack("<iBB", 1, number, 0) + bytes(9) + b"\x02" + bytes(12)
    return fixed + struct.pack("<H", len(text) // 2) + text


def _use() -> bytes:
    return struct.pack("<I", 1) + struct.pack("<iii", 7, 0, 0) + bytes(4) + struct.pack("<i", -1)


def _ole(word: bytes, table: bytes) -> bytes:
    streams = [content.ljust(_LEAST_STREAM, b"\0") for content in (table, word)]
    streams = [content + bytes(-len(content) % _SECTOR) for content in streams]
    sizes = [len(content) // _SECTOR for content in streams]
    total = 1 + sum(sizes)
    fats = next(n for n in range(1, 100) if n * (_SECTOR // 4) >= total + n)
    chain = [_FAT] * fats
    chain.append(_END)  # the directory
    starts = []
    for size in sizes:
        starts.append(len(chain))
        chain += [*range(len(chain) + 1, len(chain) + size), _END]
    chain += [_FREE] * (fats * _SECTOR // 4 - len(chain))
    head = OLE_MAGIC + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, fats, fats, 0, _LEAST_STREAM, _END, 0, _END, 0)
    head += struct.pack("<109I", *range(fats), *[_FREE] * (109 - fats))
    entries = (
        _entry("Root Entry", 5, 2, _END, 0)
        + _entry("1Table", 2, _FREE, starts[0], len(streams[0]))
        + _entry("WordDocument", 2, _FREE, starts[1], len(streams[1]), left=1)
        + bytes(128)
    )
    return head + struct.pack(f"<{len(chain)}I", *chain) + entries + b"".join(streams)


def _entry(name: str, kind: int, child: int, start: int, size: int, *, left: int = _FREE) -> bytes:
    words = f"{name}\0".encode("utf-16-le")
    return (
        words.ljust(64, b"\0") + struct.pack("<HBB", len(words), kind, 1)
        + struct.pack("<III", left, _FREE, child) + bytes(36) + struct.pack("<IQ", start, size)
    )  # fmt: skip
