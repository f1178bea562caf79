"""Reads the page out of a byte range of a WARC file, and checks that it is the right record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from archive import Capture, DamagedFileError, SiteFacts, UsageError, open_record
from archive.clock import stamp
from crawler.answers import outcome_of_answer
from crawler.backfill.crawlindex import is_part
from crawler.backfill.mementos import address, checked, iso_time
from crawler.middlewares import judged


def page_in(
    answer: Capture, part: str, row: Mapping[str, Any], facts_of: Callable[[str], SiteFacts]
) -> Capture:
    """Return the capture of the page in the record, or `answer` with the reason why there is none.

    A byte range that is damaged or wrong gets an outcome that is tried again.

    Args:
        answer: the answer of the server, a part of a file (206).
        part: the `Range` header of the request.
        row: what the index says of the page: `url`, `timestamp`, `digest`, `truncated`.
        facts_of: the facts of the site that a URL belongs to.
    """
    stated = answer.header("Content-Range")
    if not is_part(stated, part, answer.wire_bytes or 0):
        return replace(answer, outcome="truncated", error=f"another part was sent: {stated}")
    try:
        record = open_record(answer.payload or b"")
    except (DamagedFileError, UsageError) as error:
        return replace(answer, outcome="bad_encoding", error=str(error))
    if not _same_page(record.url, row["url"]):
        return replace(answer, error=f"the record is of {record.url:.200}, not of {row['url']}")
    if record.payload is None or record.status is None:
        return replace(answer, error=f"the record holds no page: {record.error}")
    url = address(row["url"])
    page = replace(
        record, url=url, origin="commoncrawl", site=facts_of(url), elapsed_ms=answer.elapsed_ms,
        captured_at=_moment(record.captured_at, row["timestamp"]),
        claims=(("memento", f"{answer.url}#{part}"), *_claims(record, row)),
    )  # fmt: skip
    if page.outcome == "truncated":
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
