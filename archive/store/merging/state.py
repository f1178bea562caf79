"""What a shard holds besides facts and texts: current rules, frontier, alerts, checks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from archive.store.lists import listed
from archive.store.merging.ids import ShardIds
from archive.store.merging.shard import Row, Shard

ROWS_AT_ONCE: Final = 5_000

_CURRENT: Final = """
SELECT rulesets.id, created_at FROM current_ruleset
JOIN rulesets ON rulesets.id = current_ruleset.ruleset_id
"""
_MAKE_CURRENT: Final = """
INSERT INTO current_ruleset VALUES (1, ?1)
ON CONFLICT (only) DO UPDATE SET ruleset_id = ?1 WHERE ruleset_id <> ?1
"""
_NEW_RULESETS: Final = "INSERT OR IGNORE INTO text_rulesets VALUES (?, ?)"
_COLLATE_EVERYTHING: Final = """
UPDATE collated SET grouped_by = '' WHERE text_id >= ? AND grouped_by <> ''
"""
_NEW_EXPORTS: Final = "INSERT OR IGNORE INTO exported_texts (run_id, text_id) VALUES (?, ?)"
_FRONTIER: Final = """
SELECT fingerprint, url, site, host, request_json, depth,
  CASE state WHEN 'leased' THEN 'pending' ELSE state END AS state, attempts, created_at, due_at,
  NULL AS lease_token, last_capture_id, outcome, changed_at
FROM frontier ORDER BY id
"""
_ALERT: Final = """
INSERT INTO alerts (name, run_id, first_seen_at, last_seen_at, resolved_at, detail)
VALUES (:name, :run_id, :first_seen_at, :last_seen_at, :resolved_at, :detail)
ON CONFLICT (name) DO UPDATE SET last_seen_at = excluded.last_seen_at,
  resolved_at = excluded.resolved_at, detail = excluded.detail
WHERE (last_seen_at, resolved_at, detail)
  IS NOT (excluded.last_seen_at, excluded.resolved_at, excluded.detail)
"""
_CHECK: Final = """
INSERT OR IGNORE INTO fixity_checks
  (run_id, name, checked, ok, failed, not_checkable, checked_at)
VALUES (:run_id, :name, :checked, :ok, :failed, :not_checkable, :checked_at) RETURNING id
"""
_FINDINGS: Final = "SELECT result, subject, detail FROM fixity_findings WHERE check_id = ?"


class StateMerger:
    """Copies the state of one shard once all its ledger entries were taken; in one transaction."""

    def __init__(self, connection: sqlite3.Connection, shard: Shard, ids: ShardIds) -> None:
        self._connection = connection
        self._shard = shard
        self._ids = ids

    def take(self) -> None:
        """Bring everything up to date; what is up to date already is not changed."""
        self.take_of_texts()
        self._frontier()
        self._alerts()
        self._checks()

    def take_of_texts(self) -> None:
        """Bring only what belongs to texts up to date."""
        self._current_ruleset()
        self._rulesets_of_texts()
        self._exports()

    def _current_ruleset(self) -> None:
        """Make the newest of both current rulesets current; one that is the same stays."""
        theirs, ours = self._shard.rows(_CURRENT), self._connection.execute(_CURRENT).fetchone()
        if theirs and (ours is None or theirs[0]["created_at"] > ours[1]):
            known = self._ids.ours("rulesets", [theirs[0]["id"]])
            if ours is None or known[theirs[0]["id"]] != ours[0]:
                self._connection.execute(_MAKE_CURRENT, (*known.values(),))

    def _rulesets_of_texts(self) -> None:
        """Note under which further rulesets a text came out the same.

        If it was collated before, another text of its page may have been the current one.
        """
        for pairs in self._pairs("text_rulesets", "ruleset_id", "rulesets"):
            for ruleset_id, text_id in pairs:
                if self._connection.execute(_NEW_RULESETS, (ruleset_id, text_id)).rowcount:
                    self._connection.execute(_COLLATE_EVERYTHING, (text_id,))

    def _exports(self) -> None:
        for pairs in self._pairs("exported_texts", "run_id", "runs"):
            self._connection.executemany(_NEW_EXPORTS, pairs)

    def _pairs(self, table: str, column: str, other: str) -> Iterator[list[tuple[int, int]]]:
        """Yield our ids of the rows of a table of pairs, without those of texts not taken."""
        rows = self._shard.stream(f"SELECT {column}, text_id FROM {table} ORDER BY text_id")  # noqa: S608
        while some := list(islice(rows, ROWS_AT_ONCE)):
            texts = self._present({text_id for _, text_id in some})
            others = self._ids.ours(other, {each for each, _ in some})
            yield [(others[one], texts[text_id]) for one, text_id in some if text_id in texts]

    def _present(self, theirs: set[int]) -> dict[int, int]:
        ours = self._ids.ours("texts", theirs)
        found = self._connection.execute(
            "SELECT id FROM texts WHERE id IN (SELECT value FROM json_each(?))",
            (listed(ours.values()),),
        )
        there = {text_id for (text_id,) in found}
        return {text_id: mine for text_id, mine in ours.items() if mine in there}

    def _frontier(self) -> None:
        """Take addresses that are new here or changed later; what was leased is pending again."""
        rows = self._shard.stream(_FRONTIER)
        while some := list(islice(rows, ROWS_AT_ONCE)):
            captures = self._ids.ours("captures", {row[11] for row in some if row[11] is not None})
            ours = [(*row[:11], captures.get(row[11]), *row[12:]) for row in some]
            self._connection.executemany(_TAKE_ADDRESS, ours)

    def _alerts(self) -> None:
        def ours(row: Row) -> Row:
            return {**row, "name": f"{row['name']} (shard {self._ids.shard_id})"}

        self._with_runs("SELECT * FROM alerts ORDER BY id", ours, _ALERT)

    def _checks(self) -> None:
        for row in self._mapped(self._shard.rows("SELECT * FROM fixity_checks ORDER BY id")):
            made = self._connection.execute(_CHECK, row).fetchall()
            for (check_id,) in made:
                self._connection.executemany(
                    "INSERT INTO fixity_findings (check_id, result, subject, detail)"
                    " VALUES (?, ?, ?, ?)",
                    [
                        (check_id, each["result"], self._of_shard(each["subject"]), each["detail"])
                        for each in self._shard.rows(_FINDINGS, row["id"])
                    ],
                )

    def _of_shard(self, subject: str) -> str:
        """Say of a row whose id is one of the shard where it is."""
        return f"{subject} of shard {self._ids.shard_id}"

    def _with_runs(self, select: str, change: Callable[[Row], Row], statement: str) -> None:
        rows = self._mapped(self._shard.rows(select))
        self._connection.executemany(statement, map(change, rows))

    def _mapped(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Return rows with our ids of their runs."""
        runs = self._ids.ours("runs", {row["run_id"] for row in rows if row["run_id"] is not None})
        return [{**row, "run_id": runs.get(row["run_id"])} for row in rows]


_ADDRESS: Final = (
    "fingerprint", "url", "site", "host", "request_json", "depth", "state", "attempts",
    "created_at", "due_at", "lease_token", "last_capture_id", "outcome", "changed_at",
)  # fmt: skip
_TAKE_ADDRESS: Final = f"""
INSERT INTO frontier ({", ".join(_ADDRESS)}) VALUES ({", ".join("?" * len(_ADDRESS))})
ON CONFLICT (fingerprint) DO UPDATE SET
  {", ".join(f"{name} = excluded.{name}" for name in _ADDRESS[1:])}
WHERE excluded.changed_at > frontier.changed_at
"""  # noqa: S608  (names of ours)
