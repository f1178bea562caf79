"""Reads TOML files that people write; an invalid one is refused with one sentence.

The sentence names the file, the key and the remedy.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, cast

from archive.errors import DataFileError

MISSING: Final = object()
"""The default of a key that must be given."""


@dataclass(frozen=True, slots=True)
class TomlTable:
    """A TOML table whose values are read by type; errors name file and key.

    `shown` is the name of the file in messages, `prefix` the keys that lead to this table.
    """

    shown: str
    prefix: str
    document: Mapping[str, Any]

    def wrong(self, key: str, why: str) -> DataFileError:
        """Return the error for a key of this table."""
        return DataFileError(f"{self.shown}: {self.prefix}{key}: {why}")

    def take(self, key: str, kind: type | tuple[type, ...], words: str, default: Any) -> Any:
        """Return the value of `key` if it is of a type, which `words` describes."""
        value = self.document.get(key, default)
        if value is MISSING:
            raise self.wrong(key, "is missing")
        if value is not default and (
            not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
        ):
            raise self.wrong(key, f"must be {words}")
        return value

    def table(self, key: str) -> TomlTable:
        """Return an inner table, empty if it is missing."""
        inner = self.take(key, dict, "a table", {})
        return TomlTable(self.shown, f"{self.prefix}{key}.", inner)

    def tables(self, key: str) -> list[TomlTable]:
        """Return the tables of `[[key]]`."""
        found = self.take(key, list, f"tables, each under [[{key}]]", [])
        if not all(isinstance(each, dict) for each in found):
            raise self.wrong(key, f"must be tables, each under [[{key}]]")
        return [
            TomlTable(self.shown, f"{self.prefix}{key}[{number}].", each)
            for number, each in enumerate(found, 1)
        ]

    def string(self, key: str, default: Any = MISSING) -> Any:
        """Return a text."""
        return self.take(key, str, "a text in quotes", default)

    def boolean(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        return cast(bool, self.take(key, bool, "true or false", default))

    def number(self, key: str, default: float | None) -> Any:
        """Return a number that is not negative."""
        value = self.take(key, (int, float), "a number", default)
        if value is not None and not 0 <= value < float("inf"):
            raise self.wrong(key, "must be a number that is not negative")
        return value

    def whole(self, key: str, default: Any) -> Any:
        """Return a whole number that is not negative."""
        value = self.take(key, int, "a whole number", default)
        if value is not None and value < 0:
            raise self.wrong(key, "must not be negative")
        return value

    def choice(self, key: str, allowed: Sequence[str], default: Any = MISSING) -> Any:
        """Return one of some words."""
        value = self.string(key, default)
        if value is not default and value not in allowed:
            raise self.wrong(key, f"{value!r} is not one of {', '.join(allowed)}")
        return value

    def strings(self, key: str, *, at_least: int = 0) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self.take(key, list, "a list of texts", MISSING if at_least else [])
        if len(values) < at_least or not all(isinstance(value, str) for value in values):
            raise self.wrong(key, "must be a list of texts" + ", one at least" * bool(at_least))
        return tuple(values)

    def patterns(self, key: str) -> tuple[re.Pattern[str], ...]:
        """Return a list of regular expressions."""
        return tuple(self._compiled(key, value) for value in self.strings(key))

    def pattern(self, key: str) -> re.Pattern[str] | None:
        """Return a regular expression, or None."""
        value = self.string(key, None)
        return None if value is None else self._compiled(key, value)

    def refuse_unknown(self, keys: Sequence[str], elsewhere: Sequence[str] = ()) -> None:
        """Refuse a key that is not one of `keys`, with a proposal.

        Args:
            keys: the keys of this table.
            elsewhere: the keys of other tables, which a proposal may name.
        """
        for key in self.document:
            if key not in keys:
                raise DataFileError(
                    f'{self.shown}: unknown key "{self.prefix}{key}"{hint(key, keys, elsewhere)}'
                )

    def _compiled(self, key: str, value: str) -> re.Pattern[str]:
        try:
            return re.compile(value)
        except re.error as error:
            raise self.wrong(key, f"{value!r} is not a regular expression: {error}") from error


def read_toml(path: Path, shown: str) -> tuple[str, TomlTable]:
    """Return the text of a file, and its top table.

    Raises:
        DataFileError: it cannot be read, or is not TOML.
    """
    try:
        text = path.read_text("utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        raise DataFileError(f"{shown}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise DataFileError(f"{shown}: not UTF-8; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise DataFileError(f"{shown}: invalid TOML: {error}") from error
    return text, TomlTable(shown, "", document)


def hint(name: str, known: Sequence[str], elsewhere: Sequence[str] = ()) -> str:
    """Return a proposal for a misspelt name, or nothing."""
    near = get_close_matches(name, known, 1) or get_close_matches(name, elsewhere, 1)
    return f' (did you mean "{near[0]}"?)' if near else ""
