"""Reads the page out of a byte range of a WARC file, and checks that it is the right record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from archive import Capture, DamagedFileError, SiteFacts, UsageError, open_record
from archive.clock import stamp
from crawler.answers import outcome_of_answer
from crawler.backfill.crawlindex import is_part
from crawler.backfill.mementos import address, checked, iso_time
from crawler.middlewares import judged

PARTIAL: Final = 206

_NO_PART: Final = "the answer is not marked as a part of the file (206)"


class NoRecordError(Exception):
    """Bytes are not the record that they should be. `outcome` is that of the attempt, if it says.

    Such an attempt is repeated: the server may send the right bytes next time.
    """

    def __init__(self, why: str, outcome: str | None = None) -> None:
        super().__init__(why)
        self.outcome = outcome


def refused_part(
    answer: Capture, part: str, is_it: Callable[[str | None, str, int], bool] = is_part
) -> Capture | None:
    """Return how an answer is recorded that is not the requested byte range, or None if it is.

    Args:
        answer: the answer of the server.
        part: the `Range` header of the request.
        is_it: compares it with `Content-Range` and the number of bytes.
    """
    if answer.outcome == "too_large":
        return replace(answer, error="the whole file was sent, not a part; it was refused")
    if answer.status != PARTIAL or answer.outcome == "truncated":
        is_whole = answer.outcome == "ok"
        return replace(answer, outcome="http", error=_NO_PART) if is_whole else answer
    stated = answer.header("Content-Range")
    if not is_it(stated, part, answer.wire_bytes or 0):
        return replace(answer, outcome="truncated", error=f"another part was sent: {stated}")
    return None


def page_in(
    answer: Capture, part: str, row: Mapping[str, Any], facts_of: Callable[[str], SiteFacts]
) -> Capture:
    """Return the capture of the page in the record, or `answer` with the reason why there is none.

    A record that is damaged gets an outcome that is tried again.

    Args:
        answer: the answer of the server, the requested part of a file.
        part: the `Range` header of the request.
        row: what the index says of the page: `url`, `timestamp`, `digest`, `truncated`.
        facts_of: the facts of the site that a URL belongs to.
    """
    try:
        record = record_in(answer.payload or b"", row["url"])
    except NoRecordError as error:
        return replace(answer, outcome=error.outcome or answer.outcome, error=str(error))
    return page_of(record, answer, part, row, facts_of)


def record_in(body: bytes, url: str) -> Capture:
    """Return the record of a page.

    Raises:
        NoRecordError: the bytes are damaged, or are another record.
    """
    try:
        record = open_record(body)
    except (DamagedFileError, UsageError) as error:
        raise NoRecordError(str(error), "bad_encoding") from error
    if not _same_page(record.url, url):
        raise NoRecordError(f"the record is of {record.url:.200}, not of {url}")
    if record.payload is None or record.status is None:
        raise NoRecordError(f"the record holds no page: {record.error}")
    return record


def page_of(
    record: Capture, answer: Capture, part: str, row: Mapping[str, Any],
    facts_of: Callable[[str], SiteFacts],
) -> Capture:  # fmt: skip
    """Return the capture of the page in a record; the arguments are those of `page_in`."""
    url = address(row["url"])
    page = replace(
        record, url=url, origin="commoncrawl", site=facts_of(url), elapsed_ms=answer.elapsed_ms,
        captured_at=_moment(record.captured_at, row["timestamp"]),
        claims=(("memento", f"{answer.url}#{part}"), *_claims(record, row)),
    )  # fmt: skip
    if page.outcome == "truncated" or record.status is None:
        return page
    return judged(replace(page, outcome=outcome_of_answer(record.status, [])))


def _claims(record: Capture, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the digest claimed by the index, or by the record, with the result of checking it."""
    claims = list(record.claims)
    if digest := row["digest"]:
        claims = [("claimed_digest", digest), ("digest_check", checked(digest, record))]
    return claims + ([("truncated", row["truncated"])] if row["truncated"] else [])


def _same_page(url: str, other: str) -> bool:
    try:
        return address(url) == address(other)
    except ValueError:
        return False


def _moment(stated: str | None, timestamp: str) -> str:
    """Return the time of a record, or the time in the index if the record has none."""
    try:
        moment = datetime.fromisoformat(stated or "")
        return stamp(moment.replace(tzinfo=moment.tzinfo or UTC))
    except (ValueError, OverflowError):
        return f"{iso_time(timestamp)}.000Z"
