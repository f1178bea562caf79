"""`python -m archive`: every command that works without network."""

from __future__ import annotations

import click

from archive.commands.audit import audit
from archive.commands.backfill import backfill
from archive.commands.backup import backup
from archive.commands.compact import compact
from archive.commands.config import config
from archive.commands.decide import decide, decisions
from archive.commands.diff import diff
from archive.commands.disk import disk
from archive.commands.divisions import divisions
from archive.commands.export import export
from archive.commands.head import head
from archive.commands.learn import learn
from archive.commands.merge import merge
from archive.commands.metrics import metrics
from archive.commands.panel import panel
from archive.commands.prune import prune
from archive.commands.rederive import rederive
from archive.commands.review import review
from archive.commands.sample import sample
from archive.commands.search import coverage, search
from archive.commands.serve import serve
from archive.commands.split import split
from archive.commands.targets import targets
from archive.commands.text import text
from archive.commands.upgrade import upgrade
from archive.commands.verify import verify
from archive.commands.withdraw import withdraw
from archive.commands.works import show, works
from archive.console import Commands, config_option


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="baogao", prog_name="baogao")
@config_option
def cli() -> None:
    """baogao (报告): an archive of Chinese government work reports, with provenance."""


for command in (
    text, audit, backfill, rederive, review, decide, decisions, learn, works, show, diff, search,
    coverage, serve, export, panel, targets, divisions, sample, verify, head, upgrade, backup,
    compact, merge, split, prune, withdraw, disk, metrics, config,
):  # fmt: skip
    cli.add_command(command)
