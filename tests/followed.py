"""Follows the examples of a page as they stand there.

In a ```console block a line that begins with `$ ` is a command for sh, `> ` goes on with it, and
what follows is what it must print (stdout and stderr). A line `…` stands for any lines, `…` in a
line for any characters; a command under which nothing stands may print anything.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from commands import forked

DOCS = Path(__file__).parents[1] / "docs"

DEMO = "baogao demo demo.db -q"
"""With this some pages begin; the fixture `demo` is what it makes."""


def sections(page: Path) -> dict[str, str]:
    """The sections of a page that show commands, by heading."""
    parts = re.split(r"^## (.*)\n", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: words for name, words in zip(parts[1::2], parts[2::2], strict=True)
            if "```console" in words}  # fmt: skip


def commands(words: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a section with the lines that stand under it."""
    for block in re.findall(r"```console\n(.*?)```", words, re.DOTALL):
        found: list[tuple[str, list[str]]] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.startswith("> ") and not found[-1][1]:
                found[-1] = (f"{found[-1][0]}\n{line[2:]}", [])
            else:
                found[-1][1].append(line)
        yield from found


def follow(words: str, folder: Path, stands_for: Mapping[str, str] | None = None) -> None:
    """Run the commands of a section in a folder; each must end well and print what it shows."""
    shown = list(commands(words))
    assert shown
    for command, expected in shown:
        printed = run(folder, translated(command, stands_for or {}))
        pattern = as_pattern([translated(line, stands_for or {}) for line in expected])
        assert not expected or re.fullmatch(pattern, printed.lstrip("\n")), printed


def run(folder: Path, command: str) -> str:
    """What a command prints, which must end well: sh runs it, or only baogao where that is all."""
    line = command.replace("\\\n", " ")
    if line.startswith("baogao ") and not set(line) & set("|&;<>$`*?\n"):
        shown = forked(shlex.split(line)[1:], folder, together=True)
    else:
        shown = sh(folder, command)
    printed = shown.stdout.decode()
    assert shown.returncode == 0, f"$ {command}\n{printed}"
    return printed


def sh(folder: Path, command: str) -> subprocess.CompletedProcess[bytes]:
    """Run `command` as a shell does."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["sh", "-c", command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=120, check=False, env={**os.environ, "PATH": path},
    )  # fmt: skip


def translated(words: str, stands_for: Mapping[str, str]) -> str:
    """`words` with what stands for others here."""
    for theirs, ours in stands_for.items():
        words = words.replace(theirs, ours)
    return words


def as_pattern(lines: list[str]) -> str:
    """The pattern of what a command must print."""
    pieces = (
        r"(?:.*\n)*?"
        if line.strip() == "…"
        else re.escape(line.rstrip()).replace("…", ".*") + r"\s*?\n"
        for line in lines
    )
    return "".join(pieces)
