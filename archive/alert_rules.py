"""Rules for alerts, as `[[alerts]]` in `baogao.toml` declares them.

They stand in the file and not in the archive: they name addresses and depend on a password, which
must not travel with a copy of the archive, and one file serves several archives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from archive.errors import DataFileError
from archive.toml_file import TomlTable, hint
from archive.urls import host_of, is_web_address

KINDS: Final = (
    "new-report", "changed-report", "hijacked-copy", "silent-site", "failed-run", "verify-failed",
)  # fmt: skip
"""Every kind of event."""

SILENT_DAYS: Final = 40.0
"""Days without a good answer after which a site counts as silent; monthly crawls leave 30."""

KEYS: Final = ("name", "events", "sites", "search", "silent_days", "mail", "webhook")


@dataclass(frozen=True, slots=True)
class AlertRule:
    """Which events are sent to whom.

    `sites` and `search` restrict the events, if given: one that belongs to no site or to no report
    is then left out.
    """

    name: str
    events: tuple[str, ...] = KINDS
    sites: tuple[str, ...] = ()
    search: str = ""
    silent_days: float = SILENT_DAYS
    mail: tuple[str, ...] = ()
    webhook: str = ""

    @property
    def channels(self) -> tuple[str, ...]:
        """Return how messages are sent: mail, webhook or both."""
        return ("mail",) * bool(self.mail) + ("webhook",) * bool(self.webhook)

    def shown(self) -> str:
        """Return the rule in one line; the path of a webhook may be a secret, and is left out."""
        to = [*self.mail, *([f"webhook at {host_of(self.webhook)}"] * bool(self.webhook))]
        only = [f"sites {' '.join(self.sites)}"] * bool(self.sites)
        only += [f"search {self.search}"] * bool(self.search)
        return "; ".join([f"{', '.join(self.events)} to {', '.join(to)}", *only])


def read_rules(top: TomlTable) -> tuple[AlertRule, ...]:
    """Read the rules of a file.

    Raises:
        DataFileError: one is invalid.
    """
    rules = tuple(map(_rule, top.tables("alerts")))
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise DataFileError(f"{top.shown}: alerts: two rules have the name {name!r}")
    return rules


def _rule(table: TomlTable) -> AlertRule:
    table.refuse_unknown(KEYS)
    rule = AlertRule(
        name=table.string("name"),
        events=table.strings("events") or KINDS,
        sites=table.strings("sites"),
        search=table.string("search", ""),
        silent_days=table.number("silent_days", SILENT_DAYS),
        mail=table.strings("mail"),
        webhook=table.string("webhook", ""),
    )
    for key, why in _faults(rule):
        raise table.wrong(key, why)
    return rule


def _faults(rule: AlertRule) -> Iterator[tuple[str, str]]:
    """Yield key and fault of what is wrong with a rule."""
    if not rule.name.strip() or not rule.name.isprintable():
        yield "name", "must be a word by which the rule is known"
    for kind in rule.events:
        if kind not in KINDS:
            proposal = hint(kind, KINDS) or f" (one of {', '.join(KINDS)})"
            yield "events", f"there is no event {kind!r}{proposal}"
    for address in rule.mail:
        if address.count("@") != 1 or not address.isprintable() or " " in address:
            yield "mail", f"{address!r} is not an e-mail address"
    if not rule.channels:
        yield "mail", "name an address, or a webhook"
    if rule.webhook and not is_web_address(rule.webhook):
        yield "webhook", "must be an http or https URL"
