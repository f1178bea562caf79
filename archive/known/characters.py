"""Equivalent characters: traditional and simplified ones, and look-alikes.

Every mapping is one to one, so that offsets stay valid. The simplified forms are those that the
package `opencc` gives for single characters. Look-alikes are Kangxi and CJK radicals (Unicode's
EquivalentUnifiedIdeograph) and compatibility ideographs (their canonical decomposition). The tables
are for comparing and reading. Stored text is never converted, except for look-alikes, which a
cleaning rule replaces visibly.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import product
from math import prod
from pathlib import Path
from typing import Final
from unicodedata import normalize

from archive.model import canonical_json, sha256

_RADICALS: Final = Path(__file__).parent / "lexica" / "radicals.toml"
_KANGXI: Final = range(0x2F00, 0x2FD6)
_COMPATIBILITY: Final = (range(0xF900, 0xFB00), range(0x2F800, 0x2FA20))
_IDEOGRAPHS: Final = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000))
"""The ideographs of the first plane; hardly any others have simplified forms."""
_FEW: Final = 50
"""Up to so many different characters are replaced one by one, which is faster."""
_LAST_OF_PLANE: Final = "\uffff"


@lru_cache(maxsize=1)
def usual() -> Mapping[str, str]:
    """Return look-alikes with the unified ideograph that each represents."""
    pairs = str(tomllib.loads(_RADICALS.read_text(encoding="utf-8"))["pairs"]).split()
    found = {pair[0]: pair[1] for pair in pairs}
    found |= {chr(code): normalize("NFKC", chr(code)) for code in _KANGXI}
    for codes in _COMPATIBILITY:
        found |= {chr(code): normalize("NFC", chr(code)) for code in codes}
    return {alike: plain for alike, plain in found.items() if alike != plain}


@lru_cache(maxsize=1)
def simplified() -> Mapping[str, str]:
    """Return traditional characters with the simplified one that OpenCC's `t2s` gives for each."""
    from opencc import OpenCC  # noqa: PLC0415  (25 ms that only comparing and identifying need)

    characters = [chr(code) for codes in _IDEOGRAPHS for code in codes]
    made = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, made, strict=True)
    return {old: new for old, new in pairs if old != new and len(new) == 1}


@lru_cache(maxsize=1)
def comparison_forms() -> Mapping[str, str]:
    """Return characters with a usual or simplified form, and the form for comparison."""
    simple = simplified()
    found = {alike: simple.get(plain, plain) for alike, plain in usual().items()}
    return {**simple, **found}


def to_simplified(text: str) -> str:
    """Return `text` with traditional and look-alike characters in simplified form.

    Every character keeps its position. For comparing, searching and counting only.

    >>> to_simplified("國民經濟")
    '国民经济'
    """
    other = set(_other_forms().findall(text))
    if len(other) > _FEW:
        return text.translate(_table())
    forms = comparison_forms()
    # 苧 first: it has a simplified form itself, and is that of 薴
    for character in sorted(other, key=lambda each: forms.get(each) in forms):
        text = text.replace(character, forms.get(character, character))
    return text


def written_forms(words: str, most: int) -> list[str]:
    """Return all ways to write `words` with the same simplified form; [] if more than `most`.

    >>> sorted(written_forms("经国", 9))
    ['經国', '經國', '经国', '经國']
    """
    forms = [_forms().get(each, each) for each in to_simplified(words)]
    if prod(map(len, forms)) > most:
        return []
    return ["".join(each) for each in product(*forms)]


@lru_cache(maxsize=1)
def _forms() -> Mapping[str, str]:
    """Return simplified characters with several forms, and these forms."""
    found: dict[str, str] = {}
    for other, simple in comparison_forms().items():
        found[simple] = found.get(simple, simple) + other
    return found


@lru_cache(maxsize=1)
def _other_forms() -> re.Pattern[str]:
    return re.compile(f"[{class_of(comparison_forms())}]")


@lru_cache(maxsize=1)
def _table() -> Mapping[int, str]:
    return str.maketrans(dict(comparison_forms()))


def class_of(characters: Iterable[str]) -> str:
    """Return the inside of a character class for `characters` that is fast to search.

    For characters beyond the first plane it contains all of planes 2 and 3: listed one by one, each
    would be tried in turn.
    """
    wanted = sorted(characters)
    near = [each for each in wanted if each <= _LAST_OF_PLANE]
    far = "\U00020000-\U0003ffff" if len(near) < len(wanted) else ""
    return "".join(_ranges(near)) + far


def _ranges(characters: list[str]) -> Iterator[str]:
    start = last = None
    for each in characters:
        if last is not None and ord(each) == ord(last) + 1:
            last = each
            continue
        if start is not None and last is not None:
            yield re.escape(start) if start == last else f"{re.escape(start)}-{re.escape(last)}"
        start = last = each
    if start is not None and last is not None:
        yield re.escape(start) if start == last else f"{re.escape(start)}-{re.escape(last)}"


@lru_cache(maxsize=1)
def traditional() -> Mapping[str, str]:
    """Return characters found in no simplified text (none of GB 2312), with their simplified form.

    乾 is simplified to 干 on its own, but is used in 乾县, so it is not included.
    """
    return {old: new for old, new in simplified().items() if not _is_in_gb2312(old)}


def _is_in_gb2312(character: str) -> bool:
    try:
        return bool(character.encode("gb2312"))
    except UnicodeEncodeError:
        return False


@lru_cache(maxsize=1)
def tables_digest() -> str:
    """Return the digest of all mappings: an OpenCC with other tables is different knowledge."""
    return sha256(canonical_json(comparison_forms()).encode())
