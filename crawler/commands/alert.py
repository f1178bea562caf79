"""`baogao alert`, and the option `--alert` of other commands."""

from __future__ import annotations

from copy import copy
from typing import Any

import click

from archive import clock
from archive.configuration import current
from archive.console import STOPPED_SHORT, Console, print_rows, quiet_option, table_option
from archive.errors import BaogaoError, UsageError


@click.command()
@click.argument("db", required=False, type=click.Path(dir_okay=False))
@click.option("--about", metavar="WORDS", help="Send these words instead, as a failed run.")
@click.option("--dry-run", is_flag=True, help="Print what would be sent; send and note nothing.")
@table_option
@quiet_option
def alert(db: str | None, *, about: str | None, dry_run: bool, as_table: bool, quiet: bool) -> None:
    """Send what is new in DB by mail and webhook, as [[alerts]] in baogao.toml says.

    \b
    Events: new and changed reports, hijacked copies, silent sites, failed runs, failed
    verifications. Each is sent once to each rule; what is already there when a rule begins is not
    sent. Exit code 3 if a server did not take a message: it is sent the next time.
    Example: baogao alert reports.db
    """
    from crawler import alerting

    if (db is None) == (about is None):
        raise UsageError("give either DB or --about WORDS")
    console = Console(quiet=quiet)
    if dry_run:
        alerting.check(current())
        print_rows(alerting.waiting(db, current()) if db else (), as_table=as_table)
        return
    done = alerting.say(about, current()) if about else alerting.alert(str(db), current())
    if _told(done, console):
        raise click.exceptions.Exit(STOPPED_SHORT)


def with_alerts(command: click.Command) -> click.Command:
    """Return a copy of a command on DB with the option `--alert`."""
    option = click.Option(
        ["--alert", "alerts"], is_flag=True, help="Then send what is new; see baogao alert."
    )
    run: Any = command.callback

    def alerting_run(*, alerts: bool, **arguments: Any) -> None:
        if not alerts:
            run(**arguments)
            return
        _run_and_alert(run, arguments)

    made = copy(command)
    made.params = [*command.params, option]
    made.callback = alerting_run
    return made


def _run_and_alert(run: Any, arguments: dict[str, Any]) -> None:
    """Run a command, then send alerts, however it ended; its own exit code comes first.

    The archive is not opened before: `verify` must find it as it is.
    """
    from crawler import alerting

    alerting.check(current())
    since = clock.now()
    console = Console(quiet=arguments.get("quiet", False))
    code = 0
    try:
        run(**arguments)
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    except UsageError:
        raise  # nothing was run
    except BaogaoError as error:
        _alert(arguments["db"], since, str(error), console)
        raise
    unsent = _alert(arguments["db"], since, f"exit code {code}" if code else "", console)
    if code or unsent:
        raise click.exceptions.Exit(code or STOPPED_SHORT)


def _alert(db: str, since: str, end: str, console: Console) -> bool:
    """Send what is new; where that cannot be recorded, say how the command ended.

    Returns whether something was not sent.
    """
    from crawler import alerting

    try:
        done = alerting.alert(db, current(), since=since)
    except BaogaoError as error:
        click.echo(f"Error: {error}", err=True)
        done = alerting.say(f"{db}: {'; '.join(filter(None, (end, str(error))))}", current())
    return _told(done, console)


def _told(done: Any, console: Console) -> bool:
    """Say what was sent; returns whether something was not."""
    if done.earlier:
        console.say(f"not sent, from before the rules: {done.earlier}")
    console.say(f"new events: {done.events}; messages sent: {done.messages}")
    for sentence in done.errors:
        click.echo(sentence, err=True)
    return bool(done.errors)
