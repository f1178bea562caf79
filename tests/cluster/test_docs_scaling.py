"""The commands in docs/scaling.md exist, with the options that they are given there."""

import re
import shlex

import click
import pytest
from followed import DOCS

from crawler.cli import main

PAGE = (DOCS / "scaling.md").read_text("utf-8")
SHOWN = re.findall(r"`{1,3}[^`]*`{1,3}", PAGE)
LINES = re.findall(
    r"^baogao .*", "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)), re.MULTILINE
)


@pytest.mark.parametrize("line", LINES)
def test_a_command_of_the_page_exists(line):
    name, *words = shlex.split(line, comments=True)[1:]
    command = main.commands[name]
    context = click.Context(command, info_name=name)
    command.make_parser(context).parse_args(words)


def test_the_page_has_commands():
    assert len(LINES) > 5
    assert {line.split()[1] for line in LINES} >= {"enqueue", "queue"}
    assert "`baogao work`" in SHOWN
