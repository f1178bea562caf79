"""Sends alerts by mail (SMTP) and webhook (JSON by POST).

Only servers that the operator named are contacted, and no redirect is followed. Each message has a
number that stays the same when it is sent again: `Message-ID` of a mail, `Idempotency-Key` of a
webhook.
"""

from __future__ import annotations

import json
import smtplib
import ssl
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

from archive import Archive, Outbox, StorageError, StoredMessage, UsageError, clock
from archive.alert_rules import AlertRule
from archive.configuration import Configuration
from archive.errors import BrokenLawError
from archive.model import canonical_json, sha256
from archive.visible import visible

PATIENCE_S: Final = 30.0
"""How long a server may take to answer."""

NAMES: Final = {
    "new-report": "new report", "changed-report": "changed report",
    "hijacked-copy": "hijacked copy", "silent-site": "silent site", "failed-run": "failed run",
    "verify-failed": "failed verification",
}  # fmt: skip
"""The kinds of events in words."""


@dataclass(frozen=True, slots=True)
class Alerted:
    """What was sent: events in messages, and a sentence for each message that was not taken."""

    events: int
    messages: int
    earlier: int
    errors: tuple[str, ...]


def alert(db: str | Path, said: Configuration, *, since: str | None = None) -> Alerted:
    """Send what is new in `db` to those whom the rules name.

    Args:
        db: the archive.
        said: the settings with the rules.
        since: when what is new for a rule that begins now may have happened; now if None.

    Raises:
        UsageError: there is no archive, no rule, or a rule needs a mail server that is not set.
        BaogaoError: what is sent cannot be recorded in the archive.
    """
    check(said)
    with _to_record(db) as archive:
        outbox = Outbox(archive)
        until = since or clock.now()
        earlier = sum(outbox.begin(rule, until) for rule in said.alerts)
        events = sum(outbox.collect(rule) for rule in said.alerts)
        rules = {rule.name: rule for rule in said.alerts}
        sent = _send_all(outbox.take(rules), said, Path(db).name, outbox)
    return replace(sent, events=events, earlier=earlier)


def _send_all(
    several: Iterable[StoredMessage], said: Configuration, archive: str, outbox: Outbox | None
) -> Alerted:
    """Send messages, each by its rule; what became of it is noted in `outbox`, if there is one."""
    rules = {rule.name: rule for rule in said.alerts}
    messages, errors = 0, []
    for message in several:
        try:
            send(message, rules[message.rule], said, archive)
        except StorageError as error:
            errors.append(str(error))
            if outbox is not None:
                outbox.failed(message, str(error))
        else:
            messages += 1
            if outbox is not None:
                outbox.sent(message)
    return Alerted(0, messages, 0, tuple(errors))


@contextmanager
def _to_record(db: str | Path) -> Iterator[Archive]:
    """Open an archive for writing, without repairing what `verify` reports.

    Raises:
        BrokenLawError: its tables were altered; a foreign trigger could run when it is written.
    """
    with Archive.open(db, repair=False) as archive:
        if faults := archive.schema_faults():
            raise BrokenLawError(f"{db}: {faults[0]}; alerts cannot be recorded in it")
        yield archive


def waiting(db: str | Path, said: Configuration) -> Iterator[dict[str, Any]]:
    """Yield the events in `db` of each rule, without sending or noting anything."""
    with Archive.open(db, read_only=True) as archive:
        for rule in said.alerts:
            for event in Outbox(archive).unnoted(rule):
                yield {"rule": rule.name} | event.told()


def say(words: str, said: Configuration) -> Alerted:
    """Send words to those whom the rules for failed runs name; nothing is noted in an archive."""
    check(said)
    now = clock.now()
    event = {"kind": "failed-run", "title": words, "at": now, "page": "", "sites": []}
    several = (
        StoredMessage(0, _number(rule, channel, event), rule.name, channel, now, (event,))
        for rule in said.alerts
        if "failed-run" in rule.events
        for channel in rule.channels
    )
    return replace(_send_all(several, said, "", None), events=1)


def _number(rule: AlertRule, channel: str, event: dict[str, Any]) -> str:
    return sha256(canonical_json([rule.name, channel, event]).encode())[:32]


def check(said: Configuration) -> None:
    """Check that there are rules, and that their mail can be sent.

    Raises:
        UsageError: the message says what to set.
    """
    if not said.alerts:
        raise UsageError("there is no rule for alerts; add [[alerts]] to baogao.toml")
    for rule in said.alerts:
        if rule.mail and not (said["mail.server"] and said["mail.sender"]):
            raise UsageError(
                f"the rule {rule.name!r} sends mail: set mail.server and mail.sender in baogao.toml"
            )


def send(message: StoredMessage, rule: AlertRule, said: Configuration, archive: str) -> None:
    """Send one message.

    Raises:
        StorageError: the server did not take it.
    """
    try:
        if message.channel == "mail":
            _mail(message, rule, said, archive)
        elif rule.webhook:
            _post(message, rule, said, archive)
    except (OSError, smtplib.SMTPException, HTTPException) as error:
        where = said["mail.server"] if message.channel == "mail" else "the webhook"
        why = " ".join(str(error).split()) or type(error).__name__
        raise StorageError(
            f"alert of {message.rule!r} not sent, {where}: {why}; it is sent the next time"
        ) from error


def _mail(message: StoredMessage, rule: AlertRule, said: Configuration, archive: str) -> None:
    security, port = said["mail.security"], said["mail.port"]
    context = ssl.create_default_context()
    server: smtplib.SMTP = (
        smtplib.SMTP_SSL(said["mail.server"], port, timeout=PATIENCE_S, context=context)
        if security == "tls"
        else smtplib.SMTP(said["mail.server"], port, timeout=PATIENCE_S)
    )
    with server:
        if security == "starttls":
            server.starttls(context=context)
        if said["mail.user"]:
            server.login(said["mail.user"], said["mail.password"])
        server.send_message(as_mail(message, rule, said, archive))


def as_mail(
    message: StoredMessage, rule: AlertRule, said: Configuration, archive: str
) -> EmailMessage:
    """Return a message as a mail in plain text."""
    sender = said["mail.sender"]
    mail = EmailMessage()
    mail["Subject"] = f"[baogao] {_subject(message)}" + (f" in {archive}" if archive else "")
    mail["From"] = sender
    mail["To"] = ", ".join(rule.mail)
    mail["Date"] = format_datetime(datetime.fromisoformat(message.made_at))
    mail["Message-ID"] = f"<{message.number}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    lines = [_line(event, said) for event in message.events]
    mail.set_content("\n".join([*lines, "", f"Sent by the rule {rule.name} of baogao."]) + "\n")
    return mail


def _subject(message: StoredMessage) -> str:
    counts = Counter(event["kind"] for event in message.events)
    return ", ".join(f"{NAMES[kind]} ×{times}" for kind, times in counts.items())


def _line(event: dict[str, Any], said: Configuration) -> str:
    link = _link(event, said)
    words = visible(f"{NAMES[event['kind']]}: {event['title']}", kept="")
    return f"{event['at']} {words}" + (f"\n  {link}" if link else "")


def _link(event: dict[str, Any], said: Configuration) -> str:
    """Return the page of an event on the server at `serve.base_url`, if that is set."""
    home = said["serve.base_url"]
    return f"{home.rstrip('/')}/{event['page']}" if home and event["page"] else ""


def _post(message: StoredMessage, rule: AlertRule, said: Configuration, archive: str) -> None:
    """Post a message as JSON.

    Raises:
        OSError: the answer is not one of success.
    """
    told = {
        "id": message.number, "rule": message.rule, "archive": archive,
        "made_at": message.made_at,
        "events": [event | {"link": _link(event, said)} for event in message.events],
    }  # fmt: skip
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": message.number,
        "User-Agent": said.user_agent().replace("{contact}", said["contact"] or "alerts"),
    }
    body = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    request = urllib.request.Request(rule.webhook, body, headers, method="POST")  # noqa: S310
    _direct().open(request, timeout=PATIENCE_S).close()  # an error unless it is one of success


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Turns a redirect into an error."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


def _direct() -> urllib.request.OpenerDirector:
    """Return a client without proxy and redirects."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
