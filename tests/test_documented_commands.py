"""Every command that a document shows exists, with every option that it shows."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from crawler.cli import main

ROOT = Path(__file__).parents[1]
PAGES = [
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
    if path.name not in ("CHANGELOG.md", "cli.md")  # what was; and what click prints itself
]
SEPARATORS = re.compile(r"\s(?:\||\|\||&&|;|>|>>|<)\s")


def shown(text: str) -> Iterator[str]:
    """The commands in a document: in its console blocks, and in running text."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        joined = re.sub(r"\\\n\s*", " ", block)
        for line in re.findall(r"^\$ (.*)$", joined, re.MULTILINE):
            yield from SEPARATORS.split(f"{line.split('  #')[0]} ")
    outside = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`(baogao [^`]+)`", outside)


def words_of(line: str) -> list[str]:
    """The arguments of `baogao` in a command line; none if it runs another program."""
    if "baogao " not in line:
        return []  # such as SQL over several lines
    words = shlex.split(line.replace("…", " "))
    names = [Path(word).name for word in words]
    return words[names.index("baogao") + 1 :] if "baogao" in names else []


def unknown(words: list[str]) -> str | None:
    """What of these arguments does not exist."""
    command: click.Command = main
    context = click.Context(main, info_name="baogao")
    known = options_of(main)
    for word in words:
        if isinstance(command, click.Group) and not word.startswith("-"):
            found = command.get_command(context, word)
            if found is None:
                return word if command is main or command.commands else None
            command, known = found, known | options_of(found)
        elif word.startswith("--") and word.split("=")[0] not in known:
            return word
    return None


def options_of(command: click.Command) -> set[str]:
    context = click.Context(command)
    return {
        option for parameter in command.get_params(context)
        for option in (*parameter.opts, *parameter.secondary_opts)
    }  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_commands_exist_with_their_options(page):
    found = [(line, words_of(line)) for line in shown(page.read_text(encoding="utf-8"))]
    wrong = [f"{line}: {unknown(words)}" for line, words in found if words and unknown(words)]
    assert not wrong


def test_an_option_that_does_not_exist_is_noticed():
    text = "```console\n$ baogao works reports.db \\\n    --tabel | head\n```\n`baogao wroks x.db`"
    assert [unknown(words_of(line)) for line in shown(text) if words_of(line)] == [
        "--tabel",
        "wroks",
    ]


def test_the_readme_shows_commands():
    assert sum(bool(words_of(line)) for line in shown((ROOT / "README.md").read_text("utf-8"))) > 9
