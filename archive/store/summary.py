"""Counts of a run: captures by outcome, works, what was removed and flagged."""

from __future__ import annotations

import json
import sqlite3
from typing import Any, Final

from archive.errors import UsageError
from archive.store import ledger, runs
from archive.store.rows import stream, value
from archive.store.unassigned import by_reason

EXAMPLES_SHOWN: Final = 3

_TEXTS: Final = """
SELECT DISTINCT texts.id FROM texts
JOIN captures ON captures.payload_sha256 = texts.payload_sha256
  AND captures.context_sha256 = texts.context_sha256
WHERE (captures.run_id = ?1 OR texts.run_id = ?1)
  AND EXISTS (SELECT 1 FROM up_to_date WHERE text_id = texts.id)
"""
_WORKS: Final = f"""
SELECT works.name AS work, works.place, works.title, count(DISTINCT everyone.id) AS witnesses
FROM works
JOIN witnesses ON witnesses.work_id = works.id
JOIN witness_texts ON witness_texts.witness_id = witnesses.id
JOIN witnesses AS everyone ON everyone.work_id = works.id
WHERE witness_texts.text_id IN ({_TEXTS})
GROUP BY works.id ORDER BY works.name
"""  # noqa: S608  (constants of ours)
_REMOVED: Final = f"""
SELECT rules.name AS rule, sum(rule_uses.spans) AS lines, sum(rule_uses.chars) AS characters,
  rules.why
FROM rule_uses JOIN rules ON rules.id = rule_uses.rule_id
WHERE rule_uses.action = 'drop' AND rule_uses.text_id IN ({_TEXTS})
GROUP BY rules.name ORDER BY characters DESC, rules.name
"""  # noqa: S608  (constants of ours)
_FLAGS: Final = f"""
SELECT kind, count(*) AS flags, json_group_array(DISTINCT substr(words, 1, 20)) AS examples
FROM flags WHERE text_id IN ({_TEXTS}) GROUP BY kind ORDER BY flags DESC, kind
"""  # noqa: S608  (constants of ours)


def summary(connection: sqlite3.Connection, run_id: int) -> dict[str, Any]:
    """Return the counts of one run, ready to be printed or returned as JSON.

    Raises:
        UsageError: there is no such run.
    """
    if runs.run(connection, run_id) is None:
        raise UsageError(f"no run {run_id}")
    return {
        "run": run_id,
        "captures": [dict(row) for row in runs.outcomes(connection, run_id)],
        "texts": value(connection, f"SELECT count(*) FROM ({_TEXTS})", run_id),  # noqa: S608
        "works": list(stream(connection, _WORKS, run_id)),
        "removed": list(stream(connection, _REMOVED, run_id)),
        "flags": [_flag(row) for row in stream(connection, _FLAGS, run_id)],
        "unassigned": by_reason(connection, run_id),
        "ledger_head": ledger.head(connection),
    }


def _flag(row: dict[str, Any]) -> dict[str, Any]:
    examples = json.loads(row["examples"])[:EXAMPLES_SHOWN]
    return {"kind": row["kind"], "flags": row["flags"], "words": "、".join(examples)}
