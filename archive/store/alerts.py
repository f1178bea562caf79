"""What happened in an archive that a rule wants to hear of, and the messages about it.

A message is stored with its events before it is sent, and marked when it was sent. After a stop at
any moment, it is sent again with the same words and number, unless its mark was stored.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from archive import clock
from archive.alert_rules import KINDS, AlertRule
from archive.model import canonical_json, sha256
from archive.process import Process
from archive.store.indexing import words_of
from archive.store.naming import work_address
from archive.store.rows import column, row, rows
from archive.store.search import Query

if TYPE_CHECKING:
    from archive.store.archive import Archive

MOST_EVENTS: Final = 500
"""The most events of one message; more are sent in further ones."""


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """Something that happened once; `key` never changes. `page` is its page on our server."""

    key: str
    kind: str
    title: str
    at: str
    page: str
    sites: tuple[str, ...] = ()
    work_id: int | None = None

    def told(self) -> dict[str, Any]:
        """Return what a message says of it."""
        told = asdict(self) | {"sites": list(self.sites)}
        del told["work_id"]
        return told


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message that is to be sent: the same number and events at each attempt."""

    id: int
    number: str
    rule: str
    channel: str
    made_at: str
    events: tuple[dict[str, Any], ...]


_SITES: Final = """
(SELECT json_group_array(DISTINCT site_facts.name) FROM captures
 JOIN site_facts ON site_facts.id = captures.site_facts_id
 WHERE captures.payload_sha256 = texts.payload_sha256
   AND captures.context_sha256 = texts.context_sha256)
"""

_REPORTS: Final = """
SELECT works.id, works.name, works.title, min(texts.created_at) AS at,
  json_group_array(DISTINCT site_facts.name) FILTER (WHERE site_facts.name IS NOT NULL) AS sites
FROM works
JOIN witnesses ON witnesses.work_id = works.id
JOIN witness_texts ON witness_texts.witness_id = witnesses.id
JOIN texts ON texts.id = witness_texts.text_id
JOIN captures ON captures.payload_sha256 = texts.payload_sha256
  AND captures.context_sha256 = texts.context_sha256
LEFT JOIN site_facts ON site_facts.id = captures.site_facts_id
GROUP BY works.id ORDER BY at, works.name
"""

_CHANGED: Final = f"""
SELECT texts.id, texts.created_at AS at, pages.id AS page_id, pages.url, texts.payload_sha256,
  works.id AS work_id, works.name, works.title, {_SITES} AS sites
FROM captures AS mine
JOIN pages ON pages.id = mine.page_id
JOIN texts ON texts.payload_sha256 = mine.payload_sha256
  AND texts.context_sha256 = mine.context_sha256 AND texts.id IN up_to_date
JOIN witness_texts ON witness_texts.text_id = texts.id
JOIN witnesses ON witnesses.id = witness_texts.witness_id
JOIN works ON works.id = witnesses.work_id
WHERE EXISTS (
  SELECT 1 FROM captures AS earlier
  JOIN texts AS older ON older.payload_sha256 = earlier.payload_sha256
    AND older.context_sha256 = earlier.context_sha256 AND older.id IN up_to_date
  WHERE earlier.page_id = mine.page_id AND earlier.id < mine.id
    AND earlier.payload_sha256 <> mine.payload_sha256
    AND older.clean_sha256 <> texts.clean_sha256)
GROUP BY pages.id, texts.payload_sha256 ORDER BY mine.id
"""  # noqa: S608  (a constant of ours)

_HIJACKED: Final = f"""
SELECT texts.id, texts.created_at AS at, texts.payload_sha256, texts.context_sha256,
  (SELECT url FROM text_captures WHERE text_id = texts.id ORDER BY capture_id LIMIT 1) AS url,
  (SELECT witnesses.work_id FROM witness_texts
   JOIN witnesses ON witnesses.id = witness_texts.witness_id
   WHERE witness_texts.text_id = texts.id ORDER BY witnesses.id LIMIT 1) AS work_id,
  {_SITES} AS sites
FROM texts JOIN verdicts ON verdicts.text_id = texts.id
WHERE texts.id IN up_to_date AND 'hijacked' IN (verdicts.page_verdict, verdicts.verdict)
ORDER BY texts.id
"""  # noqa: S608  (a constant of ours)

_SILENT: Final = """
SELECT site_facts.name, max(captures.recorded_at) AS last
FROM captures JOIN site_facts ON site_facts.id = captures.site_facts_id
WHERE captures.origin = 'live' AND captures.outcome IN ('ok', 'unchanged')
GROUP BY site_facts.name HAVING last < ? ORDER BY site_facts.name
"""

_FAILED: Final = """
SELECT runs.id, runs.kind, run_ends.ended_at AS at, run_ends.reason, run_ends.error,
  (SELECT json_group_array(name) FROM run_sites WHERE run_id = runs.id) AS sites
FROM runs JOIN run_ends ON run_ends.run_id = runs.id
WHERE run_ends.reason NOT IN ('finished', 'stopped short') OR run_ends.error IS NOT NULL
ORDER BY runs.id
"""

_ENDLESS: Final = """
SELECT unfinished_runs.id, unfinished_runs.kind, unfinished_runs.started_at AS at,
  (SELECT json_group_array(name) FROM run_sites WHERE run_id = unfinished_runs.id) AS sites,
  (SELECT process || '@' || machine FROM writers
   WHERE doing = unfinished_runs.kind || ' run ' || unfinished_runs.id) AS holder
FROM unfinished_runs ORDER BY unfinished_runs.id
"""

_VERIFIED: Final = """
SELECT run_id, max(checked_at) AS at, sum(failed) AS failed,
  group_concat(name || ' ' || failed, ', ') FILTER (WHERE failed > 0) AS which
FROM fixity_checks GROUP BY run_id HAVING sum(failed) > 0 ORDER BY run_id
"""

_HAVING: Final = "SELECT rowid FROM search_index WHERE search_index MATCH ?"


def events(connection: sqlite3.Connection, wanted: AlertRule) -> list[AlertEvent]:
    """Return every event in the archive that a rule wants, oldest first within each kind."""
    found = [
        event
        for kind in KINDS
        if kind in wanted.events
        for event in _FINDERS[kind](connection, wanted)
        if not wanted.sites or not set(wanted.sites).isdisjoint(event.sites)
    ]
    if not wanted.search:
        return found
    works = _having(connection, wanted.search)
    return [event for event in found if event.work_id in works]


def _having(connection: sqlite3.Connection, typed: str) -> set[int]:
    """Return the reports in which all words stand, as the search page finds them."""
    query = Query.parse(typed)
    works = set(column(connection, _HAVING, query.match)) if query.match else set()
    if query.is_exact:
        return works
    return {work for work in works if query.accepts(words_of(connection, work))}


def _new_reports(connection: sqlite3.Connection, _: AlertRule) -> Iterator[AlertEvent]:
    for found in rows(connection, _REPORTS):
        words = f"{found['name']} {found['title'] or ''}".strip()
        yield AlertEvent(
            f"new-report:{found['name']}", "new-report", words, found["at"],
            work_address(found["name"]), _names(found["sites"]), found["id"],
        )  # fmt: skip


def _changed_reports(connection: sqlite3.Connection, _: AlertRule) -> Iterator[AlertEvent]:
    for found in rows(connection, _CHANGED):
        yield AlertEvent(
            f"changed-report:{found['page_id']}:{found['payload_sha256'][:16]}", "changed-report",
            f"{found['name']}: {found['url']} gives another text", found["at"],
            f"text/{found['id']}", _names(found["sites"]), found["work_id"],
        )  # fmt: skip


def _hijacked_copies(connection: sqlite3.Connection, _: AlertRule) -> Iterator[AlertEvent]:
    for found in rows(connection, _HIJACKED):
        copy = sha256(f"{found['payload_sha256']} {found['context_sha256']}".encode())
        yield AlertEvent(
            f"hijacked-copy:{copy[:32]}", "hijacked-copy",
            f"{found['url']} has injected words", found["at"],
            f"text/{found['id']}", _names(found["sites"]), found["work_id"],
        )  # fmt: skip


def _silent_sites(connection: sqlite3.Connection, wanted: AlertRule) -> Iterator[AlertEvent]:
    oldest = clock.stamp(datetime.now(UTC) - timedelta(days=wanted.silent_days))
    for name, last in rows(connection, _SILENT, oldest):
        yield AlertEvent(
            f"silent-site:{name}:{last}", "silent-site", f"{name}: no page since {last}", last,
            f"site/{name}", (name,),
        )  # fmt: skip


def _failed_runs(connection: sqlite3.Connection, _: AlertRule) -> Iterator[AlertEvent]:
    ended = [(found, _end(found)) for found in rows(connection, _FAILED)]
    killed = [
        (found, "was killed") for found in rows(connection, _ENDLESS) if not _lives(found["holder"])
    ]
    for found, why in (*ended, *killed):
        yield AlertEvent(
            f"failed-run:{found['id']}", "failed-run", f"{found['kind']} run {found['id']}: {why}",
            found["at"], f"run/{found['id']}", _names(found["sites"]),
        )  # fmt: skip


def _end(found: sqlite3.Row) -> str:
    return ": ".join(filter(None, (found["reason"], found["error"])))


def _lives(holder: str | None) -> bool:
    """Whether a process that is registered may still run; one that is not registered does not."""
    return holder is not None and not Process.read(holder).is_gone()


def _failed_checks(connection: sqlite3.Connection, _: AlertRule) -> Iterator[AlertEvent]:
    for found in rows(connection, _VERIFIED):
        yield AlertEvent(
            f"verify-failed:{found['run_id']}", "verify-failed",
            f"verify run {found['run_id']}: {found['failed']} findings ({found['which']})",
            found["at"], f"run/{found['run_id']}",
        )  # fmt: skip


_FINDERS: Final = {
    "new-report": _new_reports, "changed-report": _changed_reports,
    "hijacked-copy": _hijacked_copies, "silent-site": _silent_sites, "failed-run": _failed_runs,
    "verify-failed": _failed_checks,
}  # fmt: skip


def _names(sites_json: str | None) -> tuple[str, ...]:
    return tuple(sorted(json.loads(sites_json or "[]")))


class Outbox:
    """The messages of an archive that is open for writing."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._connection = archive.connection

    def begin(self, wanted: AlertRule, until: str) -> int:
        """Begin with a rule; what happened before the time `until` is noted and not sent.

        Returns how many events that are. A kind of event, site or search that is added to a rule
        begins in the same way.
        """
        scope = sha256(canonical_json([sorted(wanted.sites), wanted.search]).encode())[:16]
        with self._archive.transaction():
            noted = self._noted(wanted.name)
            new = [kind for kind in wanted.events if f"begun:{kind}:{scope}" not in noted]
            if not new:
                return 0
            added = replace(wanted, events=tuple(new))
            before = [
                each.key
                for each in events(self._connection, added)
                if each.at < until and each.key not in noted
            ]
            self._note(wanted.name, (*before, *(f"begun:{kind}:{scope}" for kind in new)))
        return len(before)

    def collect(self, wanted: AlertRule) -> int:
        """Make messages of what is new to a rule, one for each channel; returns how many events."""
        with self._archive.transaction():
            new = self.unnoted(wanted)
            for start in range(0, len(new), MOST_EVENTS):
                batch = new[start : start + MOST_EVENTS]
                for channel in wanted.channels:
                    self._store(wanted.name, channel, batch)
            self._note(wanted.name, (each.key for each in new))
        return len(new)

    def unnoted(self, wanted: AlertRule) -> list[AlertEvent]:
        """Return the events that a rule would send now."""
        noted = self._noted(wanted.name)
        return [each for each in events(self._connection, wanted) if each.key not in noted]

    def take(self, rules: Collection[str]) -> Iterator[StoredMessage]:
        """Yield the messages of these rules that were not sent; each is held by this process."""
        unsent = "SELECT id FROM alert_messages WHERE sent_at IS NULL ORDER BY id"
        for message_id in column(self._connection, unsent):
            taken = self._hold(message_id)
            if taken is not None and taken.rule in rules:
                yield taken

    def sent(self, message: StoredMessage) -> None:
        """Note that a message was sent."""
        self._ended(message, sent_at=clock.now(), error=None)

    def failed(self, message: StoredMessage, why: str) -> None:
        """Note that a message could not be sent; it stays to be sent."""
        self._ended(message, sent_at=None, error=why)

    def _noted(self, rule: str) -> set[str]:
        return set(column(self._connection, "SELECT event FROM alert_events WHERE rule = ?", rule))

    def _note(self, rule: str, keys: Iterable[str]) -> None:
        self._connection.executemany(
            "INSERT OR IGNORE INTO alert_events VALUES (?, ?, ?)",
            [(rule, key, clock.now()) for key in keys],
        )

    def _store(self, rule: str, channel: str, batch: list[AlertEvent]) -> None:
        told = canonical_json([each.told() for each in batch])
        number = sha256(canonical_json([rule, channel, told]).encode())[:32]
        self._connection.execute(
            "INSERT INTO alert_messages (number, rule, channel, made_at, events_json)"
            " VALUES (?, ?, ?, ?, ?)",
            (number, rule, channel, clock.now(), told),
        )

    def _hold(self, message_id: int) -> StoredMessage | None:
        """Take a message, unless it was sent meanwhile or another living process has it."""
        with self._archive.transaction():
            found = row(self._connection, "SELECT * FROM alert_messages WHERE id = ?", message_id)
            if found is None or found["sent_at"] is not None:
                return None
            holder = found["holder"]
            if holder is not None and _lives(holder) and not Process.read(holder).is_this():
                return None
            self._connection.execute(
                "UPDATE alert_messages SET holder = ? WHERE id = ?",
                (Process.here().written(), message_id),
            )
        return StoredMessage(
            found["id"], found["number"], found["rule"], found["channel"], found["made_at"],
            tuple(json.loads(found["events_json"])),
        )  # fmt: skip

    def _ended(self, message: StoredMessage, *, sent_at: str | None, error: str | None) -> None:
        with self._archive.transaction():
            self._connection.execute(
                "UPDATE alert_messages SET holder = NULL, attempts = attempts + 1, sent_at = ?,"
                " error = ? WHERE id = ?",
                (sent_at, error, message.id),
            )
