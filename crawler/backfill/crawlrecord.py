"""The page in a part of a WARC file: whether the part is the one, and what its record says."""

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
    """The capture of the page whose record came, or `answer` with the reason why it is none.

    A part that is damaged, or another one, has an outcome that is tried again.

    Args:
        answer: the answer of the server, a part of a file (206).
        part: the `Range` header of the request.
        row: what the index says of the page: `url`, `timestamp`, `digest`, `truncated`.
        facts_of: the facts of the site that an address belongs to.
    """
    told = answer.header("Content-Range")
    if not is_part(told, part, answer.wire_bytes or 0):
        return replace(answer, outcome="truncated", error=f"another part was sent: {told}")
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
    """The digest that the index claims, or else the record, with the verdict; what was cut off."""
    claims = list(record.claims)
    if digest := row["digest"]:
        claims = [("claimed_digest", digest), ("digest_check", checked(digest, record))]
    return claims + ([("truncated", row["truncated"])] if row["truncated"] else [])


def _same_page(url: str, other: str) -> bool:
    try:
        return address(url) == address(other)
    except ValueError:
        return False


def _moment(told: str | None, timestamp: str) -> str:
    """The time of a record in the form of all times; that of the index, where it has none."""
    try:
        moment = datetime.fromisoformat(told or "")
        return stamp(moment.replace(tzinfo=moment.tzinfo or UTC))
    except (ValueError, OverflowError):
        return f"{iso_time(timestamp)}.000Z"
