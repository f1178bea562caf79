"""`Archive`: one file, one connection, the only writer of a process."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from archive.errors import BaogaoError, BrokenLawError, NoArchiveYetError
from archive.known import Knowledge, shipped
from archive.known.attachments import attachments
from archive.model import Capture
from archive.store import (
    captures,
    collation,
    editions,
    fixity,
    holdings,
    ledger,
    partitions,
    payloads,
    pruning,
    run,
    schema,
    stamps,
    texts,
    upgrading,
    wal,
    witnesses,
)
from archive.store.addresses import page_url
from archive.store.connection import (
    WAIT_S,
    check_known,
    check_ours,
    check_readable,
    connect,
    into_wal,
    opening_errors,
    plain_errors,
)
from archive.store.copies import is_public
from archive.store.fixity import FixityFinding, Verification
from archive.store.naming import Named, works_asked
from archive.store.progress import Progress, plainly
from archive.store.rows import row, stream, value
from archive.store.run import Run
from archive.store.summary import summary
from archive.store.writing import Writer

if TYPE_CHECKING:
    from sqlite_utils import Database

_TO_DERIVE: Final = """captures.id IN (
  SELECT min(one.id) FROM captures AS one
  WHERE one.payload_sha256 IS NOT NULL
    AND (one.outcome IN ('ok', 'truncated') OR one.outcome LIKE 'derive!_%' ESCAPE '!')
    AND (one.origin <> 'live' OR EXISTS (
        SELECT 1 FROM texts WHERE texts.payload_sha256 = one.payload_sha256
          AND texts.context_sha256 = one.context_sha256)
      OR one.page_id IN (
        SELECT page_id FROM frontier JOIN captures ON captures.id = last_capture_id
        WHERE frontier.outcome LIKE 'derive!_%' ESCAPE '!'))
    AND EXISTS (SELECT 1 FROM payloads WHERE sha256 = one.payload_sha256
      AND payload_bytes > 0 AND stored_crc32 IS NOT NULL)
    AND (SELECT surt FROM pages WHERE id = one.page_id) NOT LIKE '%)/robots.txt'
    AND one.claims_json NOT LIKE '%["ocr","yes"]%'
    AND NOT EXISTS (
      SELECT 1 FROM texts JOIN text_rulesets ON text_rulesets.text_id = texts.id
      JOIN rulesets ON rulesets.id = text_rulesets.ruleset_id
      WHERE texts.payload_sha256 = one.payload_sha256
        AND texts.context_sha256 = one.context_sha256 AND rulesets.sha256 = ?)
  GROUP BY one.payload_sha256, one.context_sha256)"""

_SEEN_BEFORE: Final = """
  one.claims_json LIKE '%["ocr","yes"]%' AND NOT EXISTS (
    SELECT 1 FROM texts JOIN text_rulesets ON text_rulesets.text_id = texts.id
      JOIN rulesets ON rulesets.id = text_rulesets.ruleset_id
    WHERE texts.payload_sha256 = one.payload_sha256
      AND texts.context_sha256 = one.context_sha256 AND rulesets.sha256 = :ruleset)"""

_NEVER_SEEN: Final = """
  one.claims_json NOT LIKE '%["ocr","yes"]%' AND NOT EXISTS (
    SELECT 1 FROM captures AS other WHERE other.page_id = one.page_id
      AND other.payload_sha256 = one.payload_sha256
      AND other.claims_json LIKE '%["ocr","yes"]%')
  AND EXISTS (
    SELECT 1 FROM texts JOIN text_rulesets ON text_rulesets.text_id = texts.id
      JOIN rulesets ON rulesets.id = text_rulesets.ruleset_id
    JOIN flags ON flags.text_id = texts.id
    WHERE texts.payload_sha256 = one.payload_sha256
      AND texts.context_sha256 = one.context_sha256 AND rulesets.sha256 = :ruleset
      AND texts.medium IN (SELECT value FROM json_each(:with_pictures))
      AND flags.kind IN ('unreadable_medium', 'pages_unread'))"""

_CHANGES: Final = """
SELECT (SELECT url FROM text_captures WHERE text_id = new.id ORDER BY capture_id LIMIT 1) AS url,
  new.id AS text_id, old.id AS old_text_id, old.clean_chars AS chars_before,
  new.clean_chars AS chars_after
FROM texts AS new
JOIN texts AS old ON old.id = (
  SELECT max(id) FROM texts WHERE payload_sha256 = new.payload_sha256
    AND context_sha256 = new.context_sha256 AND id < new.id)
WHERE new.run_id = ? AND old.clean_sha256 <> new.clean_sha256
ORDER BY new.id
"""


class Archive:
    """An archive of captures and derived data; open it with `Archive.open`."""

    def __init__(self, connection: sqlite3.Connection, path: Path, *, wait_s: float) -> None:
        self.connection = connection
        self.path = path
        self._writer = Writer(connection, path, wait_s)
        self._registered = False
        self._lost_commits = 0
        self.backup: Path | None = None
        """The backup of the older version that was migrated at opening."""
        self.facts_only = False
        """Whether only facts can be read: the archive was made by an unreleased version."""

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        create: bool = False,
        read_only: bool = False,
        repair: bool = True,
        facts_only: bool = False,
        wait_s: float = WAIT_S,
    ) -> Archive:
        """Open the archive at `path`, migrating an older version after a backup beside it.

        Args:
            path: the database file.
            create: create the file if it does not exist.
            read_only: open read-only; a crawl may continue at the same time.
            repair: restore dropped guard triggers, with an alert; `verify` only reports them.
            facts_only: open read-only what an unreleased version made, too, to read its facts.
            wait_s: how long to wait for another writer, in seconds.

        Raises:
            UsageError: no such file, not an archive (`NotOurDatabaseError`), newer
                (`NewerDatabaseError`), or unreleased (`UnreleasedDatabaseError`).
            BrokenLawError: the file is damaged, or a table is not as baogao made it.
            StorageError: the file cannot be opened or written.
        """
        place = Path(path)
        read_only = read_only or facts_only
        lost = 0 if repair else wal.lost_commits(place)  # SQLite is about to drop them
        connection = connect(place, create=create, read_only=read_only, wait_s=wait_s)
        opened = cls(connection, place, wait_s=wait_s)
        opened._lost_commits = lost
        try:
            with opening_errors(place):
                opened._prepare(
                    create=create, read_only=read_only, repair=repair, facts_only=facts_only
                )
        except BaseException:
            connection.close()
            raise
        return opened

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; committed data is already on disk."""
        if self._registered:
            self._registered = False
            with suppress(BaogaoError):  # a full disk must not hide the first error
                self._writer.unregister()
        self.connection.close()

    @property
    def is_public_copy(self) -> bool:
        """Whether this is a public copy, made by `public_backup`."""
        return is_public(self.connection)

    @property
    def db(self) -> Database:
        """The same connection as a `sqlite_utils.Database`."""
        from sqlite_utils import Database  # noqa: PLC0415  (0.4 s, and rarely needed)

        return Database(self.connection)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read one state of the archive, whatever others write in the meantime."""
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("ROLLBACK")

    # ---- writing

    @property
    def writer(self) -> Writer:
        """What writes to this archive, for other modules of the store."""
        return self._writer

    @contextmanager
    def run(
        self,
        kind: str,
        *,
        arguments: Mapping[str, Any] | None = None,
        sites: Sequence[tuple[str, str]] = (),
        knowledge: Knowledge | None = None,
    ) -> Iterator[Run]:
        """Start a run whose end is always recorded, also after an error.

        Args:
            kind: crawl, backfill, rederive, verify …
            arguments: its arguments (JSON-like); credentials are redacted.
            sites: name and TOML text of each site file it uses.
            knowledge: the knowledge used for derivations; the shipped one if None.
        """
        started = self.start_run(kind, arguments=arguments, sites=sites, knowledge=knowledge)
        try:
            yield started
        except BaseException as error:
            with suppress(BaogaoError):  # the first error is the one to report
                started.end(_reason(error), str(error) or None)
            raise
        started.end()

    def start_run(
        self,
        kind: str,
        *,
        arguments: Mapping[str, Any] | None = None,
        sites: Sequence[tuple[str, str]] = (),
        knowledge: Knowledge | None = None,
    ) -> Run:
        """Start a run that the caller ends with `Run.end`; see `run`."""
        started = run.start(self._writer, kind, arguments or {}, sites, knowledge)
        self._registered = True
        return started

    def transaction(self) -> AbstractContextManager[None]:
        """Run one `BEGIN IMMEDIATE … COMMIT`; a nested one joins it. Must not span an await."""
        return self._writer.transaction()

    def collate(
        self,
        run_id: int | None = None,
        *,
        knowledge: Knowledge | None = None,
        anew: bool = False,
        progress: Progress[Any] = plainly,
    ) -> dict[str, int]:
        """Group the current texts into works and witnesses; returns counts by name (`works` …).

        Processes what is new since the last time and what it affects, or everything if `anew` is
        true. Both give the same result. Each batch is a transaction of its own: after a stop the
        next collation goes on.
        """
        known = knowledge or shipped()
        ruleset_id = value(self.connection, "SELECT ruleset_id FROM current_ruleset")
        if ruleset_id is None:
            return {"works": 0}
        return collation.collate(
            self._writer, ruleset_id, run_id, known, anew=anew, progress=progress
        )

    def superseded(self) -> pruning.Plan:
        """Return the texts that can be dropped because newer ones replaced them."""
        return pruning.plan(self.connection)

    def prune(self, run: Run, plan: pruning.Plan, *, progress: Progress[Any] = plainly) -> None:
        """Drop the texts of a plan, in batches that each leave a sound archive."""
        starts = range(0, len(plan.texts), pruning.TEXTS_A_BATCH)
        for start in progress(starts, "batches", len(starts)):
            batch = plan.texts[start : start + pruning.TEXTS_A_BATCH]
            pruning.prune(self._writer, run.id, batch)
            run.counts["pruned"] += len(batch)
        pruning.drop_unused(self._writer)

    def verification(
        self,
        *,
        sample: int | None = None,
        known_head: str | None = None,
        full: bool = False,
        knowledge: Knowledge | None = None,
        trust: stamps.Trust = stamps.NO_TRUST,
        progress: Progress[Any] = plainly,
    ) -> Verification:
        """Return the checks of `baogao verify`, to be run by iterating `Verification.findings`.

        Args:
            sample: how many random payloads and texts to hash again; all if None.
            known_head: a ledger head stored elsewhere, which must be in the chain.
            full: derive, collate and index again too, and compare.
            knowledge: what to derive with again; the shipped knowledge if None.
            trust: what time-stamps are checked against.
            progress: yields things and shows the progress.
        """
        return Verification(
            self.connection,
            sample=sample,
            known_head=known_head,
            full=full,
            knowledge=knowledge,
            trust=trust,
            lost_commits=self._lost_commits,
            progress=progress,
        )

    def schema_faults(self) -> list[str]:
        """Return differences of the schema from a fresh archive, one short sentence each."""
        with plain_errors(self.path):
            return schema.schema_faults(self.connection)

    def store_verification(
        self, run_id: int, verification: Verification, found: list[FixityFinding]
    ) -> None:
        """Store what a verification found, in `fixity_checks` and `fixity_findings`."""
        fixity.store(self._writer, run_id, verification.tallies, found)

    # ---- reading

    def payload(self, sha256: str) -> bytes:
        """Return the payload with this digest.

        Raises:
            UsageError: there is none, or it was withdrawn.
            BrokenLawError: the stored bytes cannot be decompressed.
        """
        return payloads.read(self.connection, sha256)

    def capture(self, capture_id: int) -> Capture:
        """Return the capture with this id, with its payload.

        Raises:
            UsageError: there is none.
        """
        return captures.read(self.connection, capture_id)

    def captures(
        self, *, run_id: int | None = None, with_payload: bool = False
    ) -> Iterator[tuple[int, Capture]]:
        """Yield captures with their ids, in order; with `run_id`, only those of one run."""
        where, values = ("captures.run_id = ?", (run_id,)) if run_id is not None else ("1", ())
        return captures.select(self.connection, where, values, with_payload=with_payload)

    def captures_to_derive(
        self, ruleset: str, *, progress: Progress[int] = plainly
    ) -> Iterator[tuple[int, Capture]]:
        """Yield one capture with payload for each (payload, context) without a text of `ruleset`.

        Of a crawl's captures, only those from which a text was, or was to be, derived: list pages,
        robots.txt and sitemaps are not reports.

        Args:
            ruleset: the digest returned by `archive.derivation.ruleset_digest`.
            progress: yields their ids and shows the progress.
        """
        waiting = self.waiting_captures(ruleset)
        return self.captures_by_id(progress(waiting, "texts", len(waiting)))

    def waiting_captures(self, ruleset: str) -> list[int]:
        """Return the ids of the captures that `captures_to_derive` yields."""
        return captures.ids(self.connection, _TO_DERIVE, (ruleset,))

    def captures_by_id(self, chosen: Iterable[int]) -> Iterator[tuple[int, Capture]]:
        """Yield captures with payload, in the order of their ids given."""
        return captures.read_many(self.connection, chosen, with_payload=True)

    def payload_bytes_of(self, chosen: Sequence[int]) -> int:
        """Return how many bytes the payloads of captures have, unpacked."""
        return captures.payload_bytes(self.connection, chosen)

    def captures_to_see(
        self,
        ruleset: str,
        *,
        run_id: int | None = None,
        sites: Sequence[str] | None = None,
        anew_only: bool = False,
    ) -> Iterator[tuple[int, Capture]]:
        """Yield captures to read by OCR: those read before that have no text of `ruleset`.

        And, unless `anew_only`, those whose picture or PDF pages gave no words.

        Args:
            ruleset: the digest returned by `archive.derivation.ruleset_digest`.
            run_id: only of this run.
            sites: only of these sites.
            anew_only: omit those never read by OCR.
        """
        which = _SEEN_BEFORE if anew_only else f"({_SEEN_BEFORE}) OR ({_NEVER_SEEN})"
        where = (
            "captures.id IN (SELECT min(one.id) FROM captures AS one"  # noqa: S608
            " LEFT JOIN site_facts ON site_facts.id = one.site_facts_id"
            f" WHERE one.payload_sha256 IS NOT NULL AND ({which})"
            " AND (:run_id IS NULL OR one.run_id = :run_id)"
            " AND (:sites IS NULL OR site_facts.name IN (SELECT value FROM json_each(:sites)))"
            " GROUP BY one.payload_sha256, one.context_sha256)"
        )
        named = None if sites is None else json.dumps(list(sites))
        with_pictures = [medium for medium, kind in attachments().items() if kind.pictures]
        values = {
            "ruleset": ruleset, "run_id": run_id, "sites": named,
            "with_pictures": json.dumps(with_pictures),
        }  # fmt: skip
        return captures.select(self.connection, where, values, with_payload=True)

    def has(self, capture: Capture) -> bool:
        """Whether this payload, or failure, of this page in this context is stored."""
        return captures.same(self.connection, capture)

    def has_payload(self, sha256: str) -> bool:
        """Whether the payload with this digest is stored, neither withdrawn nor left out."""
        stored = "SELECT 1 FROM payloads WHERE sha256 = ? AND stored_crc32 IS NOT NULL"
        return value(self.connection, stored, sha256) is not None

    def has_capture(self, capture: Capture) -> bool:
        """Whether this attempt is stored: same page, time, outcome and payload."""
        return self.find_capture(capture) is not None

    def find_capture(self, capture: Capture) -> int | None:
        """Return the id of this attempt (see `has_capture`), or None."""
        payload = capture.payload
        digest = None if payload is None else self._writer.digest_of(payload)
        return captures.find(self.connection, capture, digest)

    def has_text(self, capture: Capture) -> bool:
        """Whether a text was derived from this payload in this context, under any ruleset."""
        found = value(
            self.connection,
            "SELECT 1 FROM texts WHERE payload_sha256 = ? AND context_sha256 = ?"
            " AND clean_chars > 0",
            capture.payload_sha256, capture.context_sha256(),
        )  # fmt: skip
        return found is not None

    def validators(self, url: str) -> tuple[str | None, str | None, str] | None:
        """Return ETag, Last-Modified and payload digest of the newest good capture, or None."""
        found = row(
            self.connection,
            "SELECT etag, last_modified, payload_sha256 FROM captures"
            " JOIN pages ON pages.id = captures.page_id"
            " WHERE pages.url = ? AND outcome = 'ok' AND payload_sha256 IS NOT NULL"
            " ORDER BY captures.id DESC LIMIT 1",
            page_url(url),
        )
        return None if found is None else (found[0], found[1], found[2])

    def visible_text(self, text_id: int) -> str:
        """Return the whole visible text of a text, with what was removed from it."""
        return partitions.visible_of(self.connection, text_id)

    def clean_text(self, text_id: int) -> str:
        """Return the clean text, assembled only from the stored spans."""
        return texts.clean_text(self.connection, text_id)

    def works(self) -> Iterator[dict[str, Any]]:
        """Yield the works with the number of their witnesses, by place and year."""
        return holdings.works(self.connection)

    def work(self, name: str) -> dict[str, Any]:
        """Return one existing work, as `works` yields it."""
        return holdings.work(self.connection, name)

    def named(self, asked: str) -> list[Named]:
        """Return the works matched by a name: two if a place has two reports in that year."""
        return works_asked(self.connection, asked)

    def witnesses(self, work: str) -> Iterator[dict[str, Any]]:
        """Yield the copies of a work, the best first, with clean texts; empty if unknown."""
        return witnesses.copies(self.connection, work)

    def edition(self, work: str) -> Iterator[dict[str, Any]]:
        """Return the passages of a work's edition, each with its source; empty if unknown."""
        return editions.read_edition(self.connection, work)

    def readings(self, work: str) -> list[dict[str, Any]]:
        """Return the places where witnesses of a work differ; [] if unknown."""
        return editions.read_readings(self.connection, work)

    def brands(self) -> Iterator[dict[str, Any]]:
        """Return words that copies put in place of others: what they replaced, where, how often."""
        return editions.read_brands(self.connection)

    def reading_counts(self, work: str) -> dict[str, int]:
        """Return the number of places of each kind; not all minor ones are stored one by one."""
        return editions.read_counts(self.connection, work)

    def changes(self, run_id: int) -> Iterator[dict[str, Any]]:
        """Yield this run's texts whose clean text changed, with old and new length."""
        return stream(self.connection, _CHANGES, run_id)

    def summary(self, run_id: int) -> dict[str, Any]:
        """Return what a run captured, found, removed and flagged; see `archive.store.summary`."""
        return summary(self.connection, run_id)

    def newest_head(self) -> ledger.Head | None:
        """Return number, hash and time of the newest ledger entry, or None in a new archive."""
        return ledger.newest_head(self.connection)

    def time_stamps(self) -> Iterator[dict[str, Any]]:
        """Yield the time-stamps of ledger heads, oldest first."""
        return stamps.stamps(self.connection)

    def unfinished_proofs(self) -> list[stamps.UnfinishedProof]:
        """Return the OpenTimestamps proofs that wait for a block of the Bitcoin chain.

        Raises:
            UsageError: the library is not installed.
        """
        return stamps.unfinished_proofs(self.connection)

    def ledger_head(self) -> str | None:
        """Return the newest ledger hash: store it elsewhere to prove the archive later."""
        return ledger.head(self.connection)

    # ---- opening

    def _prepare(self, *, create: bool, read_only: bool, repair: bool, facts_only: bool) -> None:
        if facts_only and upgrading.show_facts(self.connection, self.path):
            self.facts_only = True
            return
        if read_only:
            check_readable(self.connection, self.path)
            return
        if check_ours(self.connection, self.path):
            check_known(self.connection, self.path)
        elif not create:
            raise NoArchiveYetError(f"{self.path}: is empty, no archive was made in it yet")
        into_wal(self.connection, wait_s=self._writer.wait_s)
        self.backup = upgrading.upgrade(self._writer)
        if repair:
            self._check_schema()

    def _check_schema(self) -> None:
        faults = schema.schema_faults(self.connection)
        if not faults:
            return
        with self.transaction():
            put_back = schema.furnish(self.connection)
            guards = [name for name in put_back if name.startswith("trigger")]
            if guards:
                self._writer.alert("schema", f"put back at opening: {', '.join(guards)}")
        if left := schema.schema_faults(self.connection):
            raise BrokenLawError(
                f"{self.path}: {left[0]}; the file is not as baogao made it: go back to a backup"
            )


def _reason(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
        return "interrupted"
    return f"failed: {type(error).__name__}"
