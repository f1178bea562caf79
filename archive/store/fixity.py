"""Fixity: whether stored data still matches its digests, and the invariants hold.

Every check gives one of three results for each item: ok, failed, not checkable. "Nothing failed" is
not the same claim as "everything matched", so all three are counted.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from archive import clock
from archive.known import Knowledge
from archive.store import payloads, stamps
from archive.store.checks import (
    CHECKS,
    LEFT_OUT,
    OTHER_RULES,
    TIME_STAMPS,
    Check,
    Result,
    Scope,
    to_the_end,
)
from archive.store.progress import Progress, plainly

if TYPE_CHECKING:
    from archive.store.writing import Writer

_TOGETHER: Final = frozenset({LEFT_OUT, OTHER_RULES, stamps.NO_ROOT})
"""Details that would fill pages: they are counted, and told once for each check."""

FINDINGS_KEPT: Final = 1000
"""The most findings of one check that are stored; more add nothing for a person."""


@dataclass(slots=True)
class Tally:
    """How many items a check examined, with what results."""

    name: str
    ok: int = 0
    failed: int = 0
    not_checkable: int = 0

    @property
    def checked(self) -> int:
        """All items examined."""
        return self.ok + self.failed + self.not_checkable

    def add(self, result: Result) -> None:
        """Count one more."""
        name = result.replace(" ", "_")
        setattr(self, name, getattr(self, name) + 1)


@dataclass(frozen=True, slots=True)
class FixityFinding:
    """Something that is not ok, with the name of the check that found it."""

    check: str
    result: Result
    subject: str
    detail: str


def _lenient(words: bytes) -> str:
    """Decode leniently: invalid UTF-8 is damage to be located, not an error to stop at."""
    return words.decode("utf-8", "replace")


class Verification:
    """All checks of one archive in one read transaction: a snapshot, even while it grows.

    `tallies` has one entry for each completed check.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        sample: int | None = None,
        known_head: str | None = None,
        full: bool = False,
        knowledge: Knowledge | None = None,
        trust: stamps.Trust = stamps.NO_TRUST,
        lost_commits: int = 0,
        progress: Progress[Any] = plainly,
    ) -> None:
        self.connection = connection
        self.full = full
        self.scope = Scope(connection, sample, known_head, progress, lost_commits, trust, knowledge)
        self.tallies: list[Tally] = []

    def findings(self) -> Iterator[FixityFinding]:
        """Run every check; yields what failed and what cannot be checked, as found."""
        payloads.forget_dictionaries()
        strict, self.connection.text_factory = self.connection.text_factory, _lenient
        self.connection.execute("BEGIN")
        try:
            for name, check in self._checks():
                tally = Tally(name)
                self.tallies.append(tally)
                together = Counter[str]()
                for looked in to_the_end(check, self.scope):
                    tally.add(looked.result)
                    if looked.detail in _TOGETHER:
                        together[looked.detail] += 1
                    elif looked.result != "ok":
                        yield FixityFinding(name, looked.result, looked.subject, looked.detail)
                for detail, count in together.items():
                    yield FixityFinding(name, "not checkable", f"{count} {name}", detail)
        finally:
            self.connection.text_factory = strict
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    def _checks(self) -> tuple[tuple[str, Check], ...]:
        if not self.full:
            return CHECKS
        from archive.store import recomputing  # noqa: PLC0415  (loads the stages)

        return *CHECKS, *recomputing.CHECKS

    def proved(self) -> list[str]:
        """Return what these checks prove when none of them failed, one sentence each."""
        sentences = [_SAMPLED if self.scope.sample else _CONSISTENT]
        sentences.append(_MADE_AGAIN if self.full else _NOT_MADE_AGAIN)
        sentences.append(_HISTORY if self.scope.known_head else _NO_HISTORY)
        stamped = [tally for tally in self.tallies if tally.name == TIME_STAMPS and tally.checked]
        sentences += [_TIMES.format(tally=tally) for tally in stamped]
        return sentences


_CONSISTENT: Final = "Every row, payload and text is as it was written."
_SAMPLED: Final = "Every row is as it was written, and so are the payloads and texts of the sample."
_MADE_AGAIN: Final = "Texts, works and indexes come out the same when they are made again."
_NOT_MADE_AGAIN: Final = (
    "Not compared with what they are made of: works, copies and search indexes; --full does that."
)
_HISTORY: Final = "All that was written up to the head is there unaltered."
_TIMES: Final = (
    "Of {tally.checked} time-stamps {tally.ok} prove a time, which baogao head prints, and"
    " {tally.not_checkable} were not checked."
)
_NO_HISTORY: Final = "A lost end of the ledger would not be seen: that needs --head."


def store(
    writer: Writer, run_id: int, tallies: Iterable[Tally], found: list[FixityFinding]
) -> None:
    """Store the results of a verification in one transaction."""
    with writer.transaction():
        for tally in tallies:
            check_id = writer.insert(
                "fixity_checks",
                {
                    "run_id": run_id,
                    "name": tally.name,
                    "checked": tally.checked,
                    "ok": tally.ok,
                    "failed": tally.failed,
                    "not_checkable": tally.not_checkable,
                    "checked_at": clock.now(),
                },
            )
            own = [finding for finding in found if finding.check == tally.name]
            for finding in own[:FINDINGS_KEPT]:
                row = {"result": finding.result, "subject": finding.subject}
                writer.insert(
                    "fixity_findings", {**row, "check_id": check_id, "detail": finding.detail}
                )
