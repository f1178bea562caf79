"""Derives an archive again by other rules: what it will cost, and in parts on several machines."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Final

from archive.deadline import DEADLINE_S
from archive.derivation import ruleset_digest
from archive.derive_many import WITHOUT_TEXT, derived, derived_here
from archive.errors import StorageError, UsageError, WorkFailedError
from archive.known import Knowledge, shipped
from archive.model import Capture, Derivation
from archive.store import derived_files, texts
from archive.store.captures import of_part
from archive.store.derived_files import FileOfTexts, SameText
from archive.store.progress import Progress
from archive.store.texts import MadeText
from archive.unfinished import unfinished
from archive.workers import Workers

if TYPE_CHECKING:
    from archive.store import Archive, Run

TIMED_TASK: Final = "archive.rederiving:timed_here"
SAMPLE: Final = 50
TEXTS_A_BATCH: Final = 20
_HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True)
class RederivePlan:
    """What deriving an archive again will cost, estimated from a sample of its pages.

    `failed` pages of the sample gave no text, `changed` ones another text than now.
    """

    pages: int
    payload_bytes: int
    sample: int
    failed: int
    changed: int
    cpu_s: float
    changed_bytes: int
    jobs: int

    @property
    def cpu_hours(self) -> float:
        """Processor hours of deriving."""
        return self.cpu_s * self._scale / _HOUR_S

    @property
    def added_bytes(self) -> int:
        """Bytes by which the file will grow."""
        return round(self.changed_bytes * self._scale)

    @property
    def _scale(self) -> float:
        return self.pages / self.sample if self.sample else 0

    def as_json(self) -> dict[str, float]:
        """Return the plan for programs."""
        return {
            "pages": self.pages, "payload_bytes": self.payload_bytes, "sample": self.sample,
            "failed": self.failed, "changed": self.changed,
            "cpu_hours": round(self.cpu_hours, 6), "added_bytes": self.added_bytes,
            "jobs": self.jobs, "hours": round(self.cpu_hours / self.jobs, 6),
        }  # fmt: skip

    def in_words(self) -> str:
        """Return the plan as sentences for a person."""
        if not self.pages:
            return "all pages have a text of these rules; nothing is to be done"
        each = 1000 * self.cpu_s / max(self.sample, 1)
        return (
            f"{self.pages:,} pages with {self.payload_bytes:,} bytes are to be derived:"
            f" {self.cpu_hours:,.2f} CPU hours, {self.cpu_hours / self.jobs:,.2f} hours with"
            f" {self.jobs} workers; the file grows by about {self.added_bytes:,} bytes. Measured on"
            f" {self.sample} pages: {each:,.0f} ms each, {self.changed} came out otherwise,"
            f" {self.failed} gave no text. Collating comes on top."
        )


def plan(
    archive: Archive,
    *,
    jobs: int,
    sample: int = SAMPLE,
    knowledge: Knowledge | None = None,
    progress: Progress[int],
) -> RederivePlan:
    """Derive a sample of the waiting captures, store nothing, and estimate the rest."""
    waiting = archive.waiting_captures(ruleset_digest(knowledge or shipped()))
    chosen = sorted(random.Random(len(waiting)).sample(waiting, min(sample, len(waiting))))  # noqa: S311
    folder = knowledge.folder if knowledge else None
    pool = Workers(TIMED_TASK, 1, deadline_s=DEADLINE_S)
    cpu_s, failed, sizes = 0.0, 0, []
    try:
        if chosen:  # a worker's first page loads the stages and the knowledge
            pool.submit((archive.capture(chosen[0]), folder)).exception()
        for capture_id in progress(chosen, "pages of the sample", len(chosen)):
            try:
                took, made = pool.submit((archive.capture(capture_id), folder)).result()
            except WorkFailedError:
                failed += 1
                continue
            cpu_s += took
            sizes.append(texts.added_bytes(archive.connection, _made(capture_id, made, archive)))
    finally:
        pool.close(at_once=True)
    return RederivePlan(
        len(waiting), archive.payload_bytes_of(waiting), len(chosen), failed,
        sum(map(bool, sizes)), cpu_s, sum(sizes), jobs,
    )  # fmt: skip


def timed_here(question: tuple[Capture, Path | None]) -> tuple[float, Derivation]:
    """Derive one capture in a worker; returns the processor seconds too."""
    began = process_time()
    made = derived_here(question)
    return process_time() - began, made


def derive_part(
    archive: Archive,
    part: tuple[int, int],
    target: Path,
    *,
    jobs: int,
    knowledge: Knowledge | None,
    progress: Progress[int],
    tell: Callable[[str], None],
) -> dict[str, int]:
    """Derive one of several parts of the waiting captures into a Parquet file; returns counts.

    The archive is only read. Every machine with a copy of it has the same parts.

    Raises:
        UsageError: the file exists, or pyarrow is not installed.
        StorageError: the file cannot be written.
    """
    derived_files.need_parquet()
    if target.exists():
        raise UsageError(f"{target}: exists already; nothing is overwritten")
    ruleset = ruleset_digest(knowledge or shipped())
    ids = of_part(archive.connection, archive.waiting_captures(ruleset), part)
    counts = {"texts": 0, "changed": 0, WITHOUT_TEXT: 0}

    def made() -> Iterator[MadeText | SameText]:
        captures = archive.captures_by_id(progress(ids, "texts", len(ids)))
        folder = knowledge.folder if knowledge else None
        for capture_id, capture, outcome in derived(captures, jobs, knowledge=folder):
            if isinstance(outcome, Derivation):
                text = _same_or_made(archive, _made(capture_id, outcome, archive))
                counts["texts"] += 1
                counts["changed"] += isinstance(text, MadeText)
                yield text
            elif isinstance(outcome, WorkFailedError):
                counts[WITHOUT_TEXT] += 1
                tell(f"{capture.url}: no text: {outcome}; it is left to baogao rederive")

    try:
        with unfinished(target) as path:
            derived_files.write(path, made(), ruleset)
            path.rename(target)
    except OSError as error:
        raise StorageError(f"{target}: cannot be written: {error.strerror}") from error
    return counts


def openable(paths: Sequence[Path], knowledge: Knowledge | None) -> list[FileOfTexts]:
    """Return what Parquet files of texts say of themselves.

    Raises:
        UsageError: one is missing, has no such texts, or was made by other rules than those given.
        DamagedFileError: one is no Parquet file, or was cut short.
    """
    ruleset = ruleset_digest(knowledge or shipped()) if paths else ""
    files = [derived_files.opened(path) for path in paths]
    for file in files:
        if file.ruleset != ruleset:
            raise UsageError(
                f"{file.path}: was made by other rules than these, or by another version of baogao"
            )
    return files


def take(run: Run, files: Sequence[FileOfTexts], *, progress: Progress[FileOfTexts]) -> None:
    """Write the texts of Parquet files to an archive, in batches; what is there already stays.

    Counts `texts`, `texts:known`, and `not of this archive` for texts of pages it does not have.

    Raises:
        DamagedFileError: a text was altered; those before it are stored.
    """
    for file in progress(files, "files", len(files)):
        found = derived_files.read(file)
        while batch := list(islice(found, TEXTS_A_BATCH)):
            with run.batch():
                for text in batch:
                    run.made_text(text, file.ruleset)


def _made(capture_id: int, made: Derivation, archive: Archive) -> MadeText:
    payload, context = texts.key_of(archive.connection, capture_id, made)
    return texts.made_of(made, payload, context)


def _same_or_made(archive: Archive, made: MadeText) -> MadeText | SameText:
    key = made.payload_sha256, made.context_sha256, made.rows.digest()
    return made if texts.equal_text(archive.connection, *key) is None else SameText(*key)
