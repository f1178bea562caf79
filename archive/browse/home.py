"""The home page: which reports are here, place by year, and what happened lately."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from archive.browse.stock import work_address
from archive.browse.web import Answer, Asked

TEXTS_SHOWN: Final = 12
RUNS_SHOWN: Final = 6

_WORKS = """
SELECT works.*, texts.verdict, texts.replaced_chars,
  (SELECT count(*) FROM witnesses AS copies WHERE copies.work_id = works.id) AS witnesses,
  (SELECT value_json FROM identities
   WHERE identities.text_id = texts.id AND field = 'completeness') AS completeness
FROM works
JOIN witnesses ON witnesses.id = (
  SELECT id FROM witnesses AS copies WHERE copies.work_id = works.id ORDER BY rank, id LIMIT 1)
JOIN witness_texts ON witness_texts.witness_id = witnesses.id AND witness_texts.seq = (
  SELECT min(seq) FROM witness_texts AS pieces WHERE pieces.witness_id = witnesses.id)
JOIN texts ON texts.id = witness_texts.text_id
ORDER BY works.place_code, works.report_year, works.kind, works.stage
"""

_LOOSE_TEXTS = """
SELECT texts.id, texts.shape, texts.clean_chars, texts.page_verdict, texts.created_at,
  (SELECT value_json FROM identities WHERE text_id = texts.id AND field = 'title') AS title,
  (SELECT value_json FROM identities WHERE text_id = texts.id AND field = 'kind') AS kind,
  (SELECT pages.url FROM captures JOIN pages ON pages.id = captures.page_id
   WHERE captures.payload_sha256 = texts.payload_sha256
     AND captures.context_sha256 = texts.context_sha256 ORDER BY captures.id LIMIT 1) AS url
FROM texts
WHERE texts.ruleset_id = (SELECT ruleset_id FROM current_ruleset)
  AND NOT EXISTS (SELECT 1 FROM witness_texts WHERE witness_texts.text_id = texts.id)
ORDER BY texts.id DESC LIMIT ?
"""

_RUNS = """
SELECT runs.id, runs.kind, runs.started_at, run_ends.ended_at, run_ends.reason,
  run_ends.counts_json,
  (SELECT count(*) FROM captures WHERE captures.run_id = runs.id) AS captures
FROM runs LEFT JOIN run_ends ON run_ends.run_id = runs.id ORDER BY runs.id DESC LIMIT ?
"""


@dataclass(slots=True)
class PlaceRow:
    """One row of the matrix: a place, and its works by year."""

    code: str
    name: str
    cells: dict[int, list[Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(list))


def state(work: Mapping[str, Any]) -> str:
    """How good the best copy of a work is: full, partial, repaired, suspect, hijacked, unknown."""
    if work["verdict"] != "clean":
        return str(work["verdict"])
    completeness = json.loads(work["completeness"] or "null") or {}
    found = completeness.get("state") if isinstance(completeness, dict) else completeness
    if found == "complete":
        return "repaired" if work["replaced_chars"] else "full"
    return "unknown" if found in (None, "unknown") else "partial"


def home(asked: Asked) -> Answer:
    """`/`: coverage, texts that are no work yet, the last runs."""
    works = [_shown(dict(row)) for row in asked.rows(_WORKS)]
    years = sorted({work["report_year"] for work in works})
    return asked.page(
        "home.html",
        rows=matrix(works),
        years=range(years[0], years[-1] + 1) if years else (),
        totals=totals(asked, works),
        loose=asked.rows(_LOOSE_TEXTS, TEXTS_SHOWN),
        runs=asked.rows(_RUNS, RUNS_SHOWN),
    )


def _shown(work: dict[str, Any]) -> dict[str, Any]:
    return {**work, "state": state(work), "path": work_address(work)}


def matrix(works: Sequence[Mapping[str, Any]]) -> list[PlaceRow]:
    """The works by place, in the order of their codes."""
    rows: dict[str, PlaceRow] = {}
    for work in works:
        code = str(work["place_code"])
        row = rows.setdefault(code, PlaceRow(code, str(work["place"] or code)))
        row.cells[work["report_year"]].append(work)
    return list(rows.values())


def totals(asked: Asked, works: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Figures for the line under the title; loose texts are counted among current ones."""
    return {
        "works": len(works),
        "places": len({work["place_code"] for work in works}),
        "captures": asked.value("SELECT count(*) FROM captures"),
        "failures": asked.value("SELECT count(*) FROM captures WHERE outcome <> 'ok'"),
        "removed": asked.value(
            "SELECT coalesce(sum(dropped_chars), 0) FROM texts"
            " WHERE ruleset_id = (SELECT ruleset_id FROM current_ruleset)"
        ),
        "last": asked.value("SELECT max(recorded_at) FROM captures"),
    }
