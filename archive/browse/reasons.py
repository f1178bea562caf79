"""Sentences that the archive stores in English, said in the reader's language.

The stages write why they flagged something; what they wrote is never changed. Readers of Chinese
see it translated by `reasons.toml`. A sentence that is not listed there is shown in English.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

_HOLDER: Final = re.compile(r"\{(\w+)\}")
_SAID: Final = "_said"
_NUMBERS: Final = frozenset({"n", "m", "all", "bits", "enough", "usual", "size"})
_NUMBER: Final = r"\d[\d.,]*"
_LISTED: Final = "[^,;]+?"
_PARTS: Final = "; "
_CLAUSES: Final = ", "


class Said(NamedTuple):
    """A part of a reason; `is_translated` is false for words that stay English."""

    words: str
    is_translated: bool


def in_chinese(reason: str, field: Callable[[str], str] = str) -> list[Said]:
    """Return a stored reason in Chinese, in parts that make it up.

    Args:
        reason: what the archive stores.
        field: names a field of the identity in Chinese.
    """
    return [_part(part, field) for part in reason.split(_PARTS)]


def _part(words: str, field: Callable[[str], str]) -> Said:
    found = _translated(words, field)
    return Said(words if found is None else found, is_translated=found is not None)


def _translated(words: str, field: Callable[[str], str]) -> str | None:
    """Return the Chinese of one sentence; None if it is not listed."""
    plain, forms = _sentences()
    if words in plain:
        return plain[words]
    for form, chinese in forms:
        if found := form.fullmatch(words):
            said = {
                name: _inner(value, field) if name.endswith(_SAID) else value
                for name, value in found.groupdict().items()
            }
            return chinese.format(**said)
    return None


def _inner(words: str, field: Callable[[str], str]) -> str:
    """Return words within a sentence, or its clauses; a name of a field is named."""
    whole = _translated(words, field)
    if whole is not None:
        return whole
    return "，".join(_translated(each, field) or field(each) for each in words.split(_CLAUSES))


@lru_cache(maxsize=1)
def _sentences() -> tuple[Mapping[str, str], Sequence[tuple[re.Pattern[str], str]]]:
    """Return the sentences without placeholders, and the others as patterns."""
    read = tomllib.loads(files(__package__).joinpath("reasons.toml").read_text(encoding="utf-8"))
    plain = {english: chinese for english, chinese in read.items() if "{" not in english}
    forms = [(_form(english), chinese) for english, chinese in read.items() if "{" in english]
    return plain, forms


def _form(english: str) -> re.Pattern[str]:
    """Return the pattern of a sentence with placeholders."""
    pieces = _HOLDER.split(english)
    made = [_holder(piece) if n % 2 else re.escape(piece) for n, piece in enumerate(pieces)]
    return re.compile("".join(made), re.DOTALL)


def _holder(name: str) -> str:
    form = _NUMBER if name in _NUMBERS else _LISTED if name.startswith("listed") else ".+?"
    return f"(?P<{name}>{form})"
