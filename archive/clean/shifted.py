"""GBK shifted by a byte: with a stray or lost A1, each pair of bytes spans two characters.

A1 is the first byte of many full-width marks. If one was lost (shown as `?`) or left over (half of
`。`), all bytes up to the next ASCII byte were paired wrongly. Encoding the run again, with A1
inserted or removed, and decoding it restores the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from archive.clean.edits import Edit, SelectedText, edit
from archive.known import Rule

_FULL = {ord(half): ord(full) for half, full in zip(",;:!?()", "，；：！？（）", strict=True)}
_HALF = {full: half for half, full in _FULL.items()}
_STRAY = b"\xa1"
_HAN = re.compile(r"[\u3400-\u9fff]")
_BIG5_RARE = b"\xc9\x40"
_MOST_RARE = 3  # one rare character in three may be a name
_GAP = "\ufffd"
_PINYIN = re.compile(r"[(（]([^()（）\s]{1,8})[)）]")
_GOOD = re.compile(r"[。（“《、]?[\u3400-\u9fff（）“”《》、，。；：0-9A-Za-z０-９]{1,30}")
_HALF_MARKS, _FULL_MARKS = re.compile(r"[,;:()]"), re.compile(r"[，；：（）]")


def shifted_runs(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """Return each run that decodes correctly when its bytes are paired anew."""
    runs = [(m.span(), *repaired(m.group())) for m in rule.regex.finditer(document.text)]
    half = any(right for _, right, _ in runs) and _is_half_width(document.text)
    for span, right, lost in runs:
        if right:
            gap = _GAP if lost else ""
            yield edit(rule, *span, (right.translate(_HALF) if half else right) + gap)


def lost_characters(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """Return the position after a shifted run whose last byte is half of a lost character."""
    for match in rule.regex.finditer(document.text):
        right, lost = repaired(match.group())
        if right and lost:
            yield replace(
                edit(rule, match.end() - 1, match.end()),
                evidence=f"{rule.why}{_pronounced(document.text, match.end())}",
            )


def _pronounced(text: str, place: int) -> str:
    match = _PINYIN.match(text, place)
    return f" Its pronunciation is left: {match.group(1)}." if match else ""


def repaired(run: str) -> tuple[str, bool]:
    """Return the restored `run`, and whether half a character is left over; empty if none."""
    missing = run.startswith("?")
    try:
        body = (run[1:] if missing else run).translate(_FULL).encode("gbk")
        pairs = _STRAY + body if missing else body[1:]
        lost = len(pairs) % 2 == 1
        right = (pairs[:-1] if lost else pairs).decode("gbk")
    except UnicodeError:
        return "", False
    # a lost A1 must come out even: its run ends where an ASCII byte took its place as a half
    han = [character for character in right if _HAN.match(character)]
    if (missing and lost) or not han or not _GOOD.fullmatch(right):
        return "", False
    rare = sum(not _is_common(character) for character in han)
    return ("", False) if rare * _MOST_RARE > len(han) else (right, lost)


def _is_common(character: str) -> bool:
    """Whether it is in GB 2312 or frequent in Big5; random bytes decode to rare characters."""
    try:
        character.encode("gb2312")
    except UnicodeError:
        return _BIG5_RARE > character.encode("big5", "replace") > b"?"
    return True


def _is_half_width(text: str) -> bool:
    """Whether this copy uses half-width punctuation, so that inserted marks are half-width too."""
    return len(_HALF_MARKS.findall(text)) > len(_FULL_MARKS.findall(text))
