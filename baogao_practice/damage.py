"""Damage done to texts by mirrors and hijackers, one function for each kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from random import Random
from unicodedata import combining, normalize

from baogao_practice.page import Damage
from baogao_practice.phrases import alternatives

_HALF = str.maketrans("，：；！？（）", ",:;!?()")


def halved(text: str) -> str:
    """Return `text` with full-width marks of the ASCII range as half-width; 、。“”《》 stay."""
    return text.translate(_HALF)


def straight_quotes(text: str) -> str:
    """Return `text` with straight quotes."""
    return text.replace("“", '"').replace("”", '"')


def branded(text: str, brands: Mapping[str, str]) -> tuple[str, tuple[Damage, ...]]:
    """Return `text` with every keyword replaced by its brand, and the positions of the brands."""
    pattern = re.compile("|".join(sorted(map(re.escape, brands), key=len, reverse=True)))
    changed = pattern.sub(lambda found: brands[found[0]], text)
    return changed, tuple(
        Damage(changed, brands[found[0]], found[0], "brand_substitution")
        for found in pattern.finditer(text)
    )


def lowered(text: str) -> str:
    """Return `text` in lower case, including VOCs, PM2.5 and Ⅲ."""
    return text.lower()


def lost_plus(text: str) -> str:
    """Return `text` with every `+` as a space, as a form decoder leaves it."""
    return text.replace("+", " ")


def marks_lost(text: str) -> str:
    """Return `text` with middle dots as question marks, as some code pages leave them."""
    return text.replace("·", "?")


def differences(before: str, after: str, kind: str) -> Iterator[Damage]:
    """Return the places where two texts of equal length differ, as runs of characters.

    Raises:
        ValueError: the lengths differ.
    """
    start = None
    for index, (left, right) in enumerate(zip(before, after, strict=True)):
        if left != right and start is None:
            start = index
        if left == right and start is not None:
            yield Damage(after, after[start:index], before[start:index], kind)
            start = None
    if start is not None:
        yield Damage(after, after[start:], before[start:], kind)


def traditional(text: str) -> str:
    """Return `text` with the simplified characters of the table in their traditional form."""
    return text.translate(_script())


@lru_cache(maxsize=1)
def _script() -> dict[int, int]:
    pairs = " ".join(alternatives("script")["traditional"]).split()
    return {ord(pair[0]): ord(pair[1]) for pair in pairs}


@lru_cache(maxsize=1)
def _sounds() -> dict[str, str]:
    pairs = " ".join(alternatives("script")["pinyin"]).split()
    known = {pair[0]: pair[1:] for pair in pairs}
    return known | {traditional(char): sound for char, sound in known.items()}


def with_pinyin(
    text: str, dice: Random, *, share: float = 0.15, toned: bool = True, times: int = 1
) -> tuple[str, tuple[Damage, ...]]:
    """Return `text` with the pinyin of some characters in brackets after them, or repeated."""
    pieces, added = [], []
    for char in text:
        pieces.append(char)
        sound = _sounds().get(char)
        if sound and dice.random() < share:
            bracket = f"({sound if toned else plain_sound(sound)})" * times
            pieces.append(bracket)
            added.append(bracket)
    changed = "".join(pieces)
    return changed, tuple(Damage(changed, bracket, "", "pinyin_inserted") for bracket in added)


def plain_sound(sound: str) -> str:
    """Return pinyin without its tone mark."""
    return "".join(char for char in normalize("NFD", sound) if not combining(char))


def gbk_shifted(text: str, longest: int = 6) -> tuple[str, tuple[Damage, ...]]:
    """Return `text` in which one 。 lost its first GBK byte, up to where the bytes fit again.

    Nothing is changed if the shift would not end within `longest` characters.
    """
    for found in re.finditer("。", text):
        for stop in range(found.end() + 1, min(len(text), found.end() + longest) + 1):
            right = text[found.start() : stop]
            try:
                shifted = "?" + right.encode("gbk")[1:].decode("gbk")
            except UnicodeError:
                continue
            changed = text[: found.start()] + shifted + text[stop:]
            return changed, (Damage(changed, shifted, right, "gbk_shift"),)
    return text, ()


def with_strays(text: str, dice: Random, count: int = 3) -> tuple[str, tuple[Damage, ...]]:
    """Return `text` with emoji and letters of other scripts between its Han characters."""
    places = [m.start() + 1 for m in re.finditer(r"[\u4e00-\u9fff](?=[\u4e00-\u9fff])", text)]
    chosen = sorted(dice.sample(places, min(count, len(places))), reverse=True)
    strays = [dice.choice("🌃🎈🍀🚀ꦫꦏ") for _ in chosen]
    for at, stray in zip(chosen, strays, strict=True):
        text = text[:at] + stray + text[at:]
    return text, tuple(Damage(text, stray, "", "stray_character") for stray in strays)


def jammed(text: str, dice: Random) -> tuple[str, tuple[Damage, ...]]:
    """Return `text` after the noise that Discuz puts before a line to prevent copying."""
    noise = "".join(dice.choice("% ^1D;2a)\\/OC*|6n~&") for _ in range(14)).strip()
    noise = f"{noise[:4]} {noise[4:8]} {noise[8:]}"
    changed = noise + text
    return changed, (Damage(changed, noise, "", "discuz_jammer"),)


def starred(text: str) -> str:
    """Return `text` with every digit as an asterisk, as behind a login wall."""
    return re.sub(r"\d", "*", text)


_SPUN = (
    ("预计", "预料"), ("增长", "增添"), ("持续", "接着"), ("意见", "看法"), ("农民", "农夫"),
    ("幸福", "华蜜"), ("全面", "周全"), ("提升", "晋升"), ("加强", "增强"), ("困难", "坚苦"),
)  # fmt: skip


def spun(text: str) -> tuple[str, tuple[Damage, ...]]:
    """Return `text` with words replaced by synonyms, as text spinners do."""
    damage = [(new, old) for old, new in _SPUN if old in text]
    for new, old in damage:
        text = text.replace(old, new)
    return text, tuple(Damage(text, new, old, "spun_synonym") for new, old in damage)
