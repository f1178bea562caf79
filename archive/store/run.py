"""A run: one crawl, backfill, rederive or verify, with its configuration, software and counts."""

from __future__ import annotations

import platform
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from archive import clock
from archive.known import Knowledge
from archive.model import Capture, Derivation, canonical_json, sha256
from archive.store import captures, decisions, ledger, payloads, pruning, stamps, texts
from archive.store.derived_files import SameText
from archive.store.secrets import redacted_arguments, redacted_words
from archive.store.writing import Writer

_SOFTWARE: Final = (
    "baogao", "scrapy", "twisted", "lxml", "readability-lxml", "jieba", "sqlite-utils",
)  # fmt: skip


class Run:
    """Writes captures and texts; made by `Archive.run`.

    `counts` counts by name (`captures`, `captures:OUTCOME`, `texts` …); callers may add their own.
    """

    def __init__(self, writer: Writer, run_id: int, knowledge: Knowledge | None = None) -> None:
        self.id = run_id
        self.counts: Counter[str] = Counter()
        self.ended = False
        self._writer = writer
        self._knowledge = knowledge

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Collect many writes in one transaction; all or nothing. Must not span an await.

        Raises:
            StorageError: the machine failed or another writer holds the lock; nothing of it is
                kept.
        """
        before = self.counts.copy()
        try:
            with self._writer.transaction():
                yield
        except BaseException:
            self.counts = before
            raise

    def pack(self, gathered: Iterable[Capture]) -> None:
        """Compress payloads on all cores, ahead of the batch that stores these captures.

        Nothing is written; a batch compressed in advance holds the lock for less than half as long.
        """
        self.pack_ahead(gathered)()

    def pack_ahead(self, gathered: Iterable[Capture]) -> Callable[[], None]:
        """Start compressing; the returned function waits for it and is called before the batch."""
        waiting = [each.payload for each in gathered if each.payload is not None]
        digests = {id(payload): (payload, sha256(payload)) for payload in waiting}
        packing = payloads.start_packing(self._writer.connection, digests.values())

        def packed() -> None:
            self._writer.digests = digests
            self._writer.packed = {digest: row.result() for digest, row in packing.items()}

        return packed

    def capture(self, capture: Capture) -> int:
        """Store one attempt to get a page, success or failure, with its payload; returns its id.

        Credentials are redacted. Every attempt is a row. Its payload is stored once, by digest, and
        a repeated one is a revisit of the first capture of the same page.
        """
        with self.batch():
            capture_id = captures.write(self._writer, self.id, capture)
            self.counts["captures"] += 1
            self.counts[f"captures:{capture.outcome}"] += 1
        return capture_id

    def text(self, capture_id: int, derivation: Derivation) -> int:
        """Store the derivation of a capture; returns the text's id.

        The same payload in the same context under the same ruleset is stored once.

        Raises:
            BrokenLawError: the derivation is not of this capture and its context.
        """
        with self.batch():
            text_id, new = texts.write(
                self._writer, self.id, capture_id, derivation, self._knowledge
            )
            self.counts["texts" if new else "texts:known"] += 1
        return text_id

    def made_text(self, made: texts.MadeText | SameText, ruleset: str) -> None:
        """Store a text that was derived elsewhere, of a page that this archive has."""
        with self.batch():
            if isinstance(made, SameText):
                key = made.payload_sha256, made.context_sha256, made.derivation_sha256
                found = texts.write_again(self._writer, self.id, key, ruleset)
                self.counts["not of this archive" if found is None else "texts:known"] += 1
            elif not captures.has(
                self._writer.connection, made.payload_sha256, made.context_sha256
            ):
                self.counts["not of this archive"] += 1
            else:
                _, new = texts.write_made(self._writer, self.id, made, self._knowledge)
                self.counts["texts" if new else "texts:known"] += 1

    def time_stamp(self, head: ledger.Head, server: str, said_at: str, answer: bytes) -> None:
        """Store what a time-stamping authority answered about a ledger head."""
        with self.batch():
            stamps.write(self._writer, self.id, head, server=server, said_at=said_at, answer=answer)

    def decide(self, text_id: int, field: str, value: Any, *, who: str, why: str) -> int:
        """Store a person's decision on a field of a text's identity; returns its id.

        Raises:
            UsageError: no such text or field, or no reason.
        """
        return self.decide_fields(text_id, {field: value}, who=who, why=why)[0]

    def decide_fields(
        self, text_id: int, values: Mapping[str, Any], *, who: str, why: str
    ) -> list[int]:
        """Store a person's decision on several fields, to be undone together; returns the ids.

        Raises:
            UsageError: no such text or field, or no reason.
        """
        with self.batch():
            return decisions.decide_identity(
                self._writer, self.id, text_id, values, who=who, why=why
            )

    def decide_reading(
        self, text_id: int, words: str, places: Iterable[int], reading: str, *, who: str, why: str
    ) -> list[int]:
        """Store a person's decision on the original of flagged `words` of a text.

        `places` are their numbers, from 1. Returns the ids of the decisions.

        Raises:
            UsageError: no such text or place, or no reason.
        """
        several = tuple(decisions.DecidedReading(0, words, nth, reading) for nth in places)
        with self.batch():
            return decisions.decide_readings(
                self._writer, self.id, text_id, several, who=who, why=why
            )

    def undo(self, decision_id: int, *, who: str, why: str) -> list[int]:
        """Undo a decision and those made with it; returns their ids.

        Raises:
            UsageError: no such decision, it was undone, or no reason.
        """
        with self.batch():
            return decisions.undo(self._writer, self.id, decision_id, who=who, why=why)

    def take_decision(self, decision: decisions.Portable) -> str:
        """Store a decision from a file: `taken`, `already there`, or why it does not apply."""
        with self.batch():
            return decisions.take(self._writer, self.id, decision)

    def exported(self, works: Collection[str] | None) -> None:
        """Record which texts this export took: those of reports by name, or all current ones."""
        with self.batch():
            self.counts["texts"] += pruning.keep(self._writer.connection, self.id, works)

    def end(self, reason: str = "finished", error: str | None = None) -> None:
        """Record the run's end: reason, counts, and the ledger head before it."""
        if self.ended:
            return
        with self._writer.transaction():
            self._writer.fact(
                "run_ends",
                {
                    "run_id": self.id,
                    "ended_at": clock.now(),
                    "reason": reason,
                    "error": None if error is None else redacted_words(error),
                    "counts_json": canonical_json(dict(self.counts)),
                    "ledger_head": ledger.head(self._writer.connection),
                },
                key=self.id,
            )
        self.ended = True


def start(
    writer: Writer,
    kind: str,
    arguments: Mapping[str, Any],
    sites: Sequence[tuple[str, str]],
    knowledge: Knowledge | None,
) -> Run:
    """Write the run's row with its site files, before it does anything."""
    with writer.transaction():
        run_id = writer.fact(
            "runs",
            {
                "kind": kind,
                "arguments_json": canonical_json(redacted_arguments(arguments)),
                "software_json": canonical_json(software()),
                "started_at": clock.now(),
            },
        )
        for name, toml in sites:
            words = redacted_words(toml)
            row = {"run_id": run_id, "name": name, "sha256": sha256(words.encode()), "toml": words}
            writer.fact("run_sites", row, key=f"{run_id}/{name}")
        writer.register(f"{kind} run {run_id}")
    return Run(writer, run_id, knowledge)


def software() -> dict[str, str]:
    """Return the versions of all software of a run; missing libraries are left out."""
    found = {
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
        "system": platform.system(),
    }
    for name in _SOFTWARE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
