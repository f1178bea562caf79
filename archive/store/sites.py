"""Sites as rows: how they answer, and what is on their pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from archive.store.lists import listed
from archive.store.rows import column, row, rows

_OF_SITE: Final = "site_facts_id IN (SELECT id FROM site_facts WHERE name = ?)"

_HOSTS: Final = f"""
SELECT DISTINCT pages.host FROM pages
WHERE pages.id IN (SELECT page_id FROM captures WHERE {_OF_SITE})
"""  # noqa: S608  (ours)

_HEALTH: Final = f"""
SELECT count(*) AS captures, count(DISTINCT page_id) AS pages, sum(outcome = 'ok') AS good,
  max(recorded_at) AS last,
  max(CASE WHEN outcome = 'ok' THEN recorded_at END) AS last_good,
  max(CASE WHEN outcome = 'ok' AND revisit_of IS NULL THEN recorded_at END) AS last_change
FROM captures WHERE {_OF_SITE}
"""  # noqa: S608  (ours)

_OUTCOMES: Final = f"""
SELECT outcome, count(*) AS captures FROM captures WHERE {_OF_SITE}
GROUP BY outcome ORDER BY captures DESC
"""  # noqa: S608  (ours)

# the texts first, and only then what is said of them
_CURRENT: Final = f"""
SELECT DISTINCT texts.id FROM captures
JOIN texts ON texts.payload_sha256 = captures.payload_sha256
  AND texts.context_sha256 = captures.context_sha256
WHERE captures.{_OF_SITE} AND EXISTS (SELECT 1 FROM up_to_date WHERE text_id = texts.id)
"""  # noqa: S608  (ours)

_VERDICTS: Final = f"""
SELECT page_verdict AS verdict, count(*) AS texts FROM verdicts WHERE text_id IN ({_CURRENT})
GROUP BY page_verdict
"""  # noqa: S608  (ours)

_RULES: Final = f"""
SELECT rules.name, rules.why, sum(rule_uses.spans) AS spans, sum(rule_uses.chars) AS chars
FROM rule_uses JOIN rules ON rules.id = rule_uses.rule_id
WHERE rule_uses.action <> 'keep' AND rule_uses.text_id IN ({_CURRENT} LIMIT 500)
GROUP BY rules.name ORDER BY chars DESC LIMIT ?
"""  # noqa: S608  (ours)

_FAILURES: Final = """
SELECT captures.id, captures.outcome, captures.status, captures.error, captures.recorded_at,
  pages.url FROM captures JOIN pages ON pages.id = captures.page_id
WHERE {} AND captures.outcome NOT IN ('ok', 'unchanged', 'redirect')
ORDER BY captures.id DESC LIMIT ?
"""

_BY_PLACE: Final = """
SELECT site_facts.place_code, captures.outcome, count(*) AS captures
FROM site_facts CROSS JOIN captures ON captures.site_facts_id = site_facts.id
WHERE {} GROUP BY site_facts.id, captures.outcome
"""

_OF_PLACES: Final = """
SELECT DISTINCT name, title FROM site_facts WHERE place_code IN (SELECT value FROM json_each(?))
"""


def site(connection: sqlite3.Connection, name: str) -> sqlite3.Row | None:
    """Return the last known data of a site, or None."""
    return row(connection, "SELECT * FROM site_facts WHERE name = ? ORDER BY id DESC LIMIT 1", name)


def names(connection: sqlite3.Connection) -> list[str]:
    """Return the names of all sites."""
    return column(connection, "SELECT DISTINCT name FROM site_facts")


def of_places(connection: sqlite3.Connection, places: Sequence[str]) -> list[sqlite3.Row]:
    """Return the sites of some places, by name and title."""
    return rows(connection, _OF_PLACES, listed(places))


def outcomes_by_place(
    connection: sqlite3.Connection, places: Sequence[str] | None = None
) -> list[sqlite3.Row]:
    """Return counts of captures of each version of a site: place_code, outcome, captures.

    Args:
        connection: the connection of the archive.
        places: only sites of places with these codes; of all places if None.
    """
    if places is None:
        return rows(connection, _BY_PLACE.format("place_code IS NOT NULL"))
    of_places = "place_code IN (SELECT value FROM json_each(?))"
    return rows(connection, _BY_PLACE.format(of_places), listed(places))


def hosts(connection: sqlite3.Connection, name: str) -> list[str]:
    """Return the hosts of a site's captures."""
    return column(connection, _HOSTS, name)


def health(connection: sqlite3.Connection, name: str) -> sqlite3.Row | None:
    """Return captures, pages, and the times of the last, last good and last new capture."""
    return row(connection, _HEALTH, name)


def outcomes(connection: sqlite3.Connection, name: str) -> list[sqlite3.Row]:
    """Return the number of captures of a site by outcome."""
    return rows(connection, _OUTCOMES, name)


def verdicts(connection: sqlite3.Connection, name: str) -> list[sqlite3.Row]:
    """Return the number of current texts of a site by page verdict."""
    return rows(connection, _VERDICTS, name)


def rules(connection: sqlite3.Connection, name: str, most: int) -> list[sqlite3.Row]:
    """Return the rules that took most from a site's pages."""
    return rows(connection, _RULES, name, most)


def failures(connection: sqlite3.Connection, name: str, most: int) -> list[sqlite3.Row]:
    """Return the newest captures of a site without a page."""
    return rows(connection, _FAILURES.format(f"captures.{_OF_SITE}"), name, most)


def failures_of_run(connection: sqlite3.Connection, run_id: int, most: int) -> list[sqlite3.Row]:
    """Return the newest captures of a run without a page."""
    return rows(connection, _FAILURES.format("captures.run_id = ?"), run_id, most)
