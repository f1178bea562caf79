"""The labels of the interface in Chinese and English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, Literal

from archive.known.fields import fields
from archive.known.kinds import shipped_kinds

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
HTML_LANGUAGE: Final[dict[Language, str]] = {"zh": "zh-CN", "en": "en"}


@lru_cache(maxsize=1)
def labels() -> Mapping[str, Mapping[str, str]]:
    """Return every entry of `labels.toml`: `section.key` to its words by language.

    Kinds and fields.
    """
    read = tomllib.loads(files(__package__).joinpath("labels.toml").read_text(encoding="utf-8"))
    read["kind"] = {kind.name: (kind.name, kind.english) for kind in shipped_kinds()}
    read["field"] |= {name: field.label for name, field in fields().items()}
    return {
        f"{section}.{key}": dict(zip(LANGUAGES, words, strict=True))
        for section, entries in read.items()
        for key, words in entries.items()
    }


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels in one language; a key without a label is an error."""

    language: Language

    def __call__(self, key: str, **values: Any) -> str:
        """Return the label `key`, with `{name}` filled from `values`.

        Integers get thousands commas.
        """
        words = labels()[key][self.language]
        if not values:
            return words
        shown = {name: f"{v:,}" if isinstance(v, int) else v for name, v in values.items()}
        return words.format(**shown)

    def name(self, section: str, value: object) -> str:
        """Return the label of a stored value such as an outcome, or the value itself."""
        entry = labels().get(f"{section}.{value}")
        return str(value) if entry is None else entry[self.language]


def preferred(argument: str | None, cookie: str | None, accepted: str) -> Language:
    """Return the language of a page: from the URL, a cookie, or the browser's preference."""
    for choice in (argument, cookie, *(part.strip()[:2].lower() for part in accepted.split(","))):
        if choice == "zh":
            return "zh"
        if choice == "en":
            return "en"
    return "zh"
