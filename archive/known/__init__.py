"""Knowledge as data: rules, gazetteer, lexica and figures; one frozen value with a digest.

Any stage may read it; nothing here reads a text.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from archive.known.areas import Areas, load_areas
from archive.known.characters import tables_digest
from archive.known.figures import Figures, load_figures
from archive.known.gazetteer import Gazetteer, load_gazetteer
from archive.known.lexica import load_lexicon, parsed
from archive.known.rules import Rule, load_rules
from archive.model import canonical_json, sha256

__all__ = ["Gazetteer", "Knowledge", "Rule", "shipped"]

_SHIPPED: Final = Path(__file__).parent
_PARSED: Final[Mapping[str, Callable[[bytes], Any]]] = {
    ".toml": lambda words: parsed(words.decode()),
    ".json": json.loads,
    ".csv": lambda words: list(csv.reader(words.decode("utf-8-sig").splitlines())),
    ".tsv": lambda words: words.decode().splitlines(),
    ".gz": lambda packed: sha256(gzip.decompress(packed)),
}
"""What a data file says, by its suffix: a value that JSON can hold."""


@dataclass(frozen=True)
class Knowledge:
    """Everything the stages know, read from one folder; parts are loaded on first use.

    `folder` contains `rules/*.toml`, `gazetteer/`, `lexica/*.toml`, `figures/`.
    """

    folder: Path

    @cached_property
    def digest(self) -> str:
        """The digest of what the files say, and of OpenCC's tables: equal for equal knowledge.

        Comments, white space, the order of keys and the way a file is compressed do not count.
        """
        files = sorted(path for path in self.folder.rglob("*") if path.suffix in _PARSED)
        said = {
            path.relative_to(self.folder).as_posix(): _PARSED[path.suffix](path.read_bytes())
            for path in files
        }
        return sha256(canonical_json({**said, "opencc": tables_digest()}).encode())

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The cleaning rules, in file order; ids are unique."""
        return load_rules(self.folder / "rules", checked=self.folder == _SHIPPED)

    @cached_property
    def figures(self) -> Figures:
        """Counts of the genre: pairs of characters, and the fillers of slots."""
        return load_figures(self.folder / "figures")

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The divisions of the country, with their years."""
        return load_gazetteer(self.folder / "gazetteer")

    @cached_property
    def areas(self) -> Areas:
        """The known functional areas."""
        return load_areas(self.folder / "gazetteer")

    @lru_cache  # noqa: B019  (one Knowledge a process)
    def lexicon(self, name: str) -> dict[str, object]:
        """The parsed `lexica/NAME.toml`."""
        return load_lexicon(self.folder / "lexica" / f"{name}.toml")


@lru_cache(maxsize=1)
def shipped() -> Knowledge:
    """The knowledge that comes with the package."""
    return Knowledge(_SHIPPED)
