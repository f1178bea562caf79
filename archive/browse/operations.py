"""Pages of rules, sites, runs and the ledger."""

from __future__ import annotations

import json
from typing import Any, Final

from archive.browse.web import Answer, Asked, found
from archive.catalogue.sources import may_link
from archive.store import ledger, rules, runs, sites

SAMPLES: Final = 60
ROWS_SHOWN: Final = 40
SAMPLE_CHARS: Final = 160


def rule_page(asked: Asked) -> Answer:
    """`/rule/NAME`: the purpose of a rule, and what it removed, everywhere."""
    name = asked.parts["rule"]
    rule = found(rules.rule(asked.connection, name), "error.no_rule", name=name)
    return asked.page(
        "rule.html",
        rule=rule,
        hosts=rules.hosts(asked.connection, rule["id"]),
        samples=rules.samples(asked.connection, rule, SAMPLES, SAMPLE_CHARS),
        sample_chars=SAMPLE_CHARS,
    )


def site_page(asked: Asked) -> Answer:
    """`/site/NAME`: health, staleness and the junk of a site."""
    name, connection = asked.parts["site"], asked.connection
    return asked.page(
        "site.html",
        site=found(sites.site(connection, name), "error.no_site", name=name),
        hosts=[
            {"host": host, "linked": may_link(connection, f"http://{host}/", host)}
            for host in sites.hosts(connection, name)
        ],
        health=sites.health(connection, name),
        outcomes=sites.outcomes(connection, name),
        verdicts=sites.verdicts(connection, name),
        rules=sites.rules(connection, name, ROWS_SHOWN),
        failures=sites.failures(connection, name, ROWS_SHOWN),
    )


def run_page(asked: Asked) -> Answer:
    """`/run/ID`: the arguments of a run, its software, and its results."""
    run_id, connection = int(asked.parts["run"]), asked.connection
    run = found(runs.run(connection, run_id), "error.no_run", id=str(run_id))
    return asked.page(
        "run.html",
        run=run,
        counts=_object(run["counts_json"]),
        arguments=_object(run["arguments_json"]),
        software=_object(run["software_json"]),
        sites=runs.sites(connection, run_id),
        outcomes=runs.outcomes(connection, run_id),
        failures=sites.failures_of_run(connection, run_id, ROWS_SHOWN),
        checks=runs.checks(connection, run_id),
    )


def ledger_page(asked: Asked) -> Answer:
    """`/ledger`: the newest entries of the hash chain."""
    entries = []
    for row in ledger.newest(asked.connection, ROWS_SHOWN):
        entry = json.loads(row["entry_json"])
        written = {table: len(keys) for table, keys in entry.get("rows", {}).items()}
        entries.append({**dict(row), "at": entry.get("at"), "written": written})
    return asked.page("ledger.html", entries=entries)


def _object(value_json: str | None) -> dict[str, Any]:
    value = json.loads(value_json or "{}")
    return value if isinstance(value, dict) else {"": value}
