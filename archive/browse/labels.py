"""The labels of the interface in Chinese and English."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, Literal

from archive.browse.reasons import Said, in_chinese
from archive.known import shipped
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


NAMED_VALUES: Final = frozenset({"level", "officialness", "stage", "kind", "script", "shape"})
"""The fields of an identity whose values have names of their own."""

LONGEST_NAME: Final = 24
"""Characters shown of the name of a source, which may be a digest."""

CONTRADICTED: Final = "contradicted-"
"""Prefix of the kinds of flags that say that a text contradicts itself."""


@lru_cache(maxsize=256)
def _why_of(rule: str) -> str | None:
    """Return the reason that a shipped rule gives."""
    return next((each.why for each in shipped().rules if each.id == rule), None)


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

    def value(self, field: str, words: str) -> str:
        """Return a value of a field of the identity; values of few words have names."""
        return self.name(field, words) if field in NAMED_VALUES else words

    def rule(self, name: str) -> str:
        """Return what a rule is called; in English its id."""
        known = rules_in_chinese().get(name) if self.language == "zh" else None
        return name if known is None else known[0]

    def change(self, rule: str) -> str:
        """Return what changed a word: a kind of reading in an edition, or a rule."""
        return self.name("reading", rule) if f"reading.{rule}" in labels() else self.rule(rule)

    def why(self, rule: str, stored: str | None) -> str:
        """Return why a rule removes something: `stored`, or its translation."""
        known = rules_in_chinese().get(rule) if self.language == "zh" else None
        return (stored or "") if known is None else known[1]

    def flag(self, kind: str) -> str:
        """Return what a kind of flag is called; the flag of a rule is called like the rule."""
        field = kind.removeprefix(CONTRADICTED)
        if field != kind and f"flag.{kind}" not in labels():
            return self("flag.contradicted", field=self.name("field", field))
        return self.name("flag", kind) if f"flag.{kind}" in labels() else self.rule(kind)

    def reason(self, stored: str, rule: str = "") -> list[Said]:
        """Return a stored reason in parts, each with whether it is in the reader's language."""
        if self.language == "en":
            return [Said(stored, is_translated=True)]
        if stored == _why_of(rule):
            return [Said(self.why(rule, stored), is_translated=True)]
        return in_chinese(stored, lambda field: self.name("field", field))

    def source(self, source: str) -> str:
        """Return where a value of the identity was read, such as `visible` or `meta:NAME`."""
        kind, *names = re.split("[: ]", source, maxsplit=1)
        return " ".join([self.name("source", kind), *(name[:LONGEST_NAME] for name in names)])


@lru_cache(maxsize=1)
def rules_in_chinese() -> Mapping[str, tuple[str, str]]:
    """Return the name and the reason of each rule that has them in Chinese."""
    read = tomllib.loads(files(__package__).joinpath("rules.toml").read_text(encoding="utf-8"))
    return {rule: (name, why) for rule, (name, why) in read.items()}


def preferred(argument: str | None, cookie: str | None, accepted: str) -> Language:
    """Return the language of a page: from the URL, a cookie, or the browser's preference."""
    for choice in (argument, cookie, *(part.strip()[:2].lower() for part in accepted.split(","))):
        if choice == "zh":
            return "zh"
        if choice == "en":
            return "en"
    return "zh"
