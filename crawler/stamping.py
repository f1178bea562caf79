"""Has ledger heads time-stamped, by an authority (RFC 3161) or by a calendar of OpenTimestamps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from archive import Archive, Capture, UnfinishedProof, open_timestamps, timestamps
from archive.errors import DamagedFileError, StorageError
from crawler.asking import Question, answers, check_askable, payload_of

QUERY: Final = "application/timestamp-query"
DIGEST: Final = "application/octet-stream"


def stamp(db: str | Path, server: str, *, settings: Mapping[str, Any]) -> tuple[str, str]:
    """Have the ledger head of `db` time-stamped, and store the answer; returns head and time.

    The head is that after the beginning of the run that asks.

    Raises:
        UsageError: invalid URL, no contact, or the library is not installed.
        StorageError: nothing came, or what came is not a time-stamp of this head.
    """
    check_askable([server], settings)
    timestamps.question("0" * 64)  # says what to install, before anything is written
    with Archive.open(db) as archive, archive.run("stamp", arguments={"server": server}) as run:
        head = archive.newest_head()
        assert head is not None  # noqa: S101  (the run has just begun)
        asked = timestamps.question(head.hash)
        question = Question(server, asked.as_bytes(), QUERY)
        answer = payload_of(server, answers([question], [server], settings)[question])
        try:
            said_at = timestamps.read_answer(asked, answer)
        except DamagedFileError as error:
            raise StorageError(f"{server}: {error}; nothing was stored, try again later") from error
        run.time_stamp(head, server, said_at, answer)
    return head.hash, said_at


def enter(db: str | Path, calendar: str, *, settings: Mapping[str, Any]) -> str:
    """Have a calendar take in the ledger head of `db`, and store its proof; returns the head.

    Raises:
        UsageError: invalid URL, no contact, or the library is not installed.
        StorageError: nothing came, or what came is not a proof.
    """
    check_askable([calendar], settings)
    open_timestamps.need_library()
    with Archive.open(db) as archive, archive.run("stamp", arguments={"server": calendar}) as run:
        head = archive.newest_head()
        assert head is not None  # noqa: S101  (the run has just begun)
        url = f"{calendar.rstrip('/')}/digest"
        question = Question(url, open_timestamps.digest(head.hash), DIGEST)
        answer = payload_of(url, answers([question], [calendar], settings)[question])
        try:
            proof = open_timestamps.new_proof(head.hash, answer)
        except DamagedFileError as error:
            raise StorageError(f"{url}: {error}; nothing was stored, try again later") from error
        run.time_stamp(head, calendar, "", proof)
    return head.hash


@dataclass(frozen=True, slots=True)
class Upgraded:
    """How many proofs a block completes now, and why the others still wait, a sentence each."""

    completed: int
    waiting: tuple[str, ...]


def upgrade(db: str | Path, *, settings: Mapping[str, Any]) -> Upgraded:
    """Ask the calendars for the rest of the proofs in `db`, and store what they have.

    Raises:
        UsageError: no contact, or the library is not installed.
    """
    with Archive.open(db, read_only=True) as archive:
        unfinished = archive.unfinished_proofs()
    if not unfinished:
        return Upgraded(0, ())
    calendars = sorted({proof.server for proof in unfinished})
    check_askable(calendars, settings)
    with Archive.open(db) as archive, archive.run("stamp", arguments={"upgrade": True}) as run:
        asked = {Question(end.url) for proof in unfinished for end in proof.pending}
        came = answers(sorted(asked, key=lambda one: one.url), calendars, settings)
        waiting = []
        for proof in unfinished:
            try:
                done = _completed(proof, came)
            except (DamagedFileError, StorageError) as error:
                waiting.append(f"entry {proof.head.seq}: {error}")
            else:
                run.time_stamp(proof.head, proof.server, "", done)
    return Upgraded(len(unfinished) - len(waiting), tuple(waiting))


def _completed(proof: UnfinishedProof, came: Mapping[Question, Capture | None]) -> bytes:
    """Return a proof with what its calendars have, if it ends in a block now.

    Raises:
        StorageError: it does not.
        DamagedFileError: an answer is no proof.
    """
    rest, errors = {}, []
    for end in proof.pending:
        try:
            rest[end] = _rest(end.url, came[Question(end.url)])
        except StorageError as error:
            errors.append(str(error))
    done = open_timestamps.completed(proof.proof, proof.head.hash, rest)
    if not open_timestamps.read_proof(done, proof.head.hash).blocks:
        raise StorageError("; ".join(errors) or f"{proof.server} has no block for it yet")
    return done


def _rest(url: str, capture: Capture | None) -> bytes:
    if capture is not None and capture.status == HTTPStatus.NOT_FOUND:
        raise StorageError(f"{url}: no block yet; try again in some hours")
    return payload_of(url, capture)
