"""Rules, sites, runs and the ledger: who decided, who published, what was done, what was sealed."""

from __future__ import annotations

import json
from typing import Any, Final

from archive.browse.sources import may_link
from archive.browse.web import Answer, Asked, MissingError

SAMPLES: Final = 60
ROWS_SHOWN: Final = 40
SAMPLE_CHARS: Final = 160

_RULE_HOSTS = """
SELECT host, count(*) AS spans, sum(stop - start) AS chars FROM (
  SELECT spans.start, spans.stop, (
    SELECT pages.host FROM texts JOIN captures ON captures.payload_sha256 = texts.payload_sha256
      AND captures.context_sha256 = texts.context_sha256
    JOIN pages ON pages.id = captures.page_id WHERE texts.id = spans.text_id LIMIT 1) AS host
  FROM spans WHERE rule_id = ? LIMIT 50000
) GROUP BY host ORDER BY spans DESC LIMIT 20
"""

_RULE_SAMPLES = """
SELECT spans.text_id, spans.action, spans.replacement, spans.stop - spans.start AS chars,
  substr(visible_texts.visible, spans.start + 1, min(spans.stop - spans.start, ?)) AS words
FROM spans JOIN texts ON texts.id = spans.text_id
JOIN visible_texts ON visible_texts.sha256 = texts.visible_sha256
WHERE spans.rule_id = ? ORDER BY spans.text_id DESC, spans.seq LIMIT ?
"""

_SITE_HEALTH = """
SELECT count(*) AS captures, count(DISTINCT captures.page_id) AS pages,
  sum(captures.outcome = 'ok') AS good,
  max(captures.recorded_at) AS last,
  max(CASE WHEN captures.outcome = 'ok' THEN captures.recorded_at END) AS last_good,
  max(CASE WHEN captures.outcome = 'ok' AND captures.revisit_of IS NULL
      THEN captures.recorded_at END) AS last_change
FROM captures JOIN site_facts ON site_facts.id = captures.site_facts_id WHERE site_facts.name = ?
"""

_SITE_RULES = """
SELECT rules.name, rules.why, count(*) AS spans, sum(spans.stop - spans.start) AS chars
FROM texts JOIN spans ON spans.text_id = texts.id JOIN rules ON rules.id = spans.rule_id
WHERE spans.action <> 'keep' AND texts.id IN (
  SELECT texts.id FROM texts JOIN captures ON captures.payload_sha256 = texts.payload_sha256
    AND captures.context_sha256 = texts.context_sha256
  JOIN site_facts ON site_facts.id = captures.site_facts_id
  WHERE site_facts.name = ? AND texts.id IN up_to_date
  LIMIT 500)
GROUP BY rules.name ORDER BY chars DESC LIMIT ?
"""

_SITE_VERDICTS = """
SELECT verdicts.page_verdict AS verdict, count(DISTINCT texts.id) AS texts
FROM texts JOIN verdicts ON verdicts.text_id = texts.id
JOIN captures ON captures.payload_sha256 = texts.payload_sha256
  AND captures.context_sha256 = texts.context_sha256
JOIN site_facts ON site_facts.id = captures.site_facts_id
WHERE site_facts.name = ? AND texts.id IN up_to_date
GROUP BY verdicts.page_verdict
"""

_OUTCOMES = """
SELECT captures.outcome, count(*) AS captures FROM captures
JOIN site_facts ON site_facts.id = captures.site_facts_id
WHERE site_facts.name = ? GROUP BY captures.outcome ORDER BY captures DESC
"""

_FAILURES = """
SELECT captures.id, captures.outcome, captures.status, captures.error, captures.recorded_at,
  pages.url FROM captures JOIN pages ON pages.id = captures.page_id
WHERE {} AND captures.outcome NOT IN ('ok', 'unchanged', 'redirect')
ORDER BY captures.id DESC LIMIT ?
"""


def rule_page(asked: Asked) -> Answer:
    """`/rule/NAME`: what a rule is for, and what it removed, everywhere."""
    name = asked.parts["rule"]
    rule = asked.row(
        "SELECT * FROM rules WHERE name = ? ORDER BY"
        " ruleset_id = (SELECT ruleset_id FROM current_ruleset) DESC, id DESC LIMIT 1",
        name,
    )
    if rule is None:
        raise MissingError("error.no_rule", name=name)
    return asked.page(
        "rule.html",
        rule=rule,
        hosts=asked.rows(_RULE_HOSTS, rule["id"]),
        samples=asked.rows(_RULE_SAMPLES, SAMPLE_CHARS, rule["id"], SAMPLES),
        sample_chars=SAMPLE_CHARS,
    )


def site_page(asked: Asked) -> Answer:
    """`/site/NAME`: health, staleness and the junk of a site."""
    name = asked.parts["site"]
    site = asked.row("SELECT * FROM site_facts WHERE name = ? ORDER BY id DESC LIMIT 1", name)
    if site is None:
        raise MissingError("error.no_site", name=name)
    hosts = asked.rows(
        "SELECT DISTINCT pages.host FROM captures JOIN pages ON pages.id = captures.page_id"
        " JOIN site_facts ON site_facts.id = captures.site_facts_id WHERE site_facts.name = ?",
        name,
    )
    by_site = "captures.site_facts_id IN (SELECT id FROM site_facts WHERE name = ?)"
    return asked.page(
        "site.html",
        site=site,
        hosts=[
            {"host": row["host"], "linked": may_link(asked, f"http://{row['host']}/", row["host"])}
            for row in hosts
        ],
        health=asked.row(_SITE_HEALTH, name),
        outcomes=asked.rows(_OUTCOMES, name),
        verdicts=asked.rows(_SITE_VERDICTS, name),
        rules=asked.rows(_SITE_RULES, name, ROWS_SHOWN),
        failures=asked.rows(_FAILURES.format(by_site), name, ROWS_SHOWN),
    )


def run_page(asked: Asked) -> Answer:
    """`/run/ID`: what a run was asked to do, with what, and what came of it."""
    run_id = int(asked.parts["run"])
    run = asked.row(
        "SELECT runs.*, run_ends.ended_at, run_ends.reason, run_ends.error, run_ends.counts_json,"
        " run_ends.ledger_head FROM runs LEFT JOIN run_ends ON run_ends.run_id = runs.id"
        " WHERE runs.id = ?",
        run_id,
    )
    if run is None:
        raise MissingError("error.no_run", id=str(run_id))
    return asked.page(
        "run.html",
        run=run,
        counts=_object(run["counts_json"]),
        arguments=_object(run["arguments_json"]),
        software=_object(run["software_json"]),
        sites=asked.rows("SELECT name, sha256, toml FROM run_sites WHERE run_id = ?", run_id),
        outcomes=asked.rows(
            "SELECT outcome, count(*) AS captures FROM captures WHERE run_id = ?"
            " GROUP BY outcome ORDER BY captures DESC",
            run_id,
        ),
        failures=asked.rows(_FAILURES.format("captures.run_id = ?"), run_id, ROWS_SHOWN),
        checks=asked.rows("SELECT * FROM fixity_checks WHERE run_id = ?", run_id),
    )


def ledger_page(asked: Asked) -> Answer:
    """`/ledger`: the newest entries of the hash chain."""
    entries = []
    for row in asked.rows("SELECT * FROM ledger ORDER BY seq DESC LIMIT ?", ROWS_SHOWN):
        entry = json.loads(row["entry_json"])
        written = {table: len(keys) for table, keys in entry.get("rows", {}).items()}
        entries.append({**dict(row), "at": entry.get("at"), "written": written})
    return asked.page("ledger.html", entries=entries)


def _object(value_json: str | None) -> dict[str, Any]:
    value = json.loads(value_json or "{}")
    return value if isinstance(value, dict) else {"": value}
