"""A folder with all that is needed to make a panel again, and to see that it is the same."""

from __future__ import annotations

import shlex
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from archive.export.codebook import citation
from archive.export.files import write_checksums
from archive.model import canonical_json

CORPUS: Final = "corpus.csv"
AGAIN: Final = "replicate.sh"

RESERVED: Final = frozenset({CORPUS, "CITATION.cff", "README.md", "SHA256SUMS", "versions.json"})
"""Names of files in the folder that no panel or evidence may have."""

_LIBRARIES: Final = {".parquet": "pyarrow", ".xlsx": "xlsxwriter"}

_SCRIPT: Final = """#!/bin/sh
# Makes the panel again, from the archive $1 into the new folder $2.
set -e
archive=$(realpath "${{1:?name the archive: sh {again} reports.db}}")
case ${{2:-again}} in /*) made=${{2}} ;; *) made=$(pwd)/${{2:-again}} ;; esac
cd "$(dirname "$0")"
{command}
"""

_README: Final = """# Replication of {name}

| file | what it is |
|---|---|
| `{name}` | the panel |
| `{book}` | its code book: every column with its unit, and the words |
| `{words}` | the dictionary, as it was counted |
| `{corpus}` | the reports that were counted, with the digests of their texts and payloads |
{evidence}| `{again}` | the command that made it |
| `versions.json` | versions of the programs, and both digests |
| `CITATION.cff` | how to cite it; its version is the digest of the corpus |
| `SHA256SUMS` | for `sha256sum -c SHA256SUMS` |

{rows} rows, {counted} reports counted.

Dictionary `{dictionary}`
Corpus `{digest}`

To make it again, with baogao {version} and the archive that it was made of (here `{db}`):

    sh {again} {db} ../again
    diff -r . ../again

Both folders are equal, byte by byte, as long as the archive and the versions in `versions.json`
are the same. Another corpus digest means that other texts were counted; compare `{corpus}` to see
which.
"""


@dataclass(frozen=True, slots=True)
class Replication:
    """What is said in the folder about a panel: names of files, options, results.

    `options` are those of the command without its files; `taken` is what `take_panel` returns.
    """

    db: str
    output: Path
    words: Path
    evidence: Path | None
    options: Sequence[str]
    taken: Mapping[str, Any]
    day: str

    @property
    def dictionary(self) -> str:
        """The name of the dictionary in the folder."""
        return "words.toml" if self.words.suffix == ".toml" else "words.txt"

    @property
    def command(self) -> str:
        """The command line, which is run in the folder."""
        files = ["-o", self.output.name]
        if self.evidence is not None:
            files += ["--evidence", self.evidence.name]
        given = shlex.join([self.dictionary, *files, *self.options])
        return f'baogao panel "$archive" {given} --replication "$made"'

    def write(self, folder: Path) -> None:
        """Write all files but the panel, its code book and its corpus."""
        (folder / self.dictionary).write_bytes(self.words.read_bytes())
        script = _SCRIPT.format(again=AGAIN, command=self.command)
        (folder / AGAIN).write_text(script, encoding="utf-8")
        (folder / "README.md").write_text(self._readme(), encoding="utf-8")
        (folder / "versions.json").write_text(self._versions() + "\n", encoding="utf-8")
        title = f"{self.output.stem}: a panel of words in Chinese government work reports"
        cited = citation(title, str(self.taken["corpus_sha256"]), self.day)
        (folder / "CITATION.cff").write_text(cited, encoding="utf-8")
        write_checksums(folder)

    def _readme(self) -> str:
        evidence = ""
        if self.evidence is not None:
            evidence = f"| `{self.evidence.name}` | the sentence behind every count |\n"
        return _README.format(
            name=self.output.name, book=f"{self.output.stem}.codebook.md", words=self.dictionary,
            corpus=CORPUS, evidence=evidence, again=AGAIN, rows=self.taken["rows"],
            counted=self.taken["counted"], dictionary=self.taken["dictionary_sha256"],
            digest=self.taken["corpus_sha256"], version=version("baogao"), db=Path(self.db).name,
        )  # fmt: skip

    def _versions(self) -> str:
        names = ["baogao", "jieba", "opencc"]
        if library := _LIBRARIES.get(self.output.suffix.lower()):
            names.append(library)
        found = {name: version(name) for name in names}
        found |= {"python": ".".join(map(str, sys.version_info[:3]))}
        found |= {"sqlite": sqlite3.sqlite_version}
        digests = {name: self.taken[name] for name in ("dictionary_sha256", "corpus_sha256")}
        return canonical_json(found | digests)
