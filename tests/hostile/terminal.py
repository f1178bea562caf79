"""Words that a terminal would obey, or that hide other words; and a terminal to try them on."""

from __future__ import annotations

import os
import pty
import re
import select
from collections.abc import Sequence
from pathlib import Path
from unicodedata import category

from commands import Started

PAYLOADS = {
    "clears the screen": "\x1b[2J\x1b[H",
    "resets": "\x1bc",
    "changes the title": "\x1b]0;pwned\x07",
    "changes the title (ST)": "\x1b]2;pwned\x1b\\",
    "writes the clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "reads the clipboard": "\x1b]52;c;?\x07",
    "hides a link": "\x1b]8;;http://evil.example/\x07text\x1b]8;;\x07",
    "asks for an answer": "\x1b[6n",
    "asks what it is": "\x1b[c",
    "asks by DCS": "\x1bP+q544e\x1b\\",
    "moves up": "\x1b[5A\x1b[2K",
    "hides": "\x1b[8mhidden\x1b[0m",
    "colours as an error": "\x1b[31mError\x1b[0m",
    "other screen": "\x1b[?1049h",
    "mouse": "\x1b[?1003h",
    "paste mode": "\x1b[?2004l",
    "keyboard": "\x1b[>4;2m",
    "character set": "\x1b(0",
    "fills the screen": "\x1b#8",
    "application command": "\x1b_Gf=100;AAAA\x1b\\",
    "privacy message": "\x1b^x\x1b\\",
    "a picture": "\x1bPq#0;2;0;0;0~\x1b\\",
    "a file": "\x1b]1337;File=name=eA==:AAAA\x07",
    "C1 CSI": "\x9b2J",
    "C1 OSC": "\x9d0;pwned\x9c",
    "C1 next line": "a\x85b",
    "bell": "\x07",
    "backspace": "good\x08\x08\x08\x08evil",
    "carriage return": "good.txt\revil.txt",
    "delete": "\x7f",
    "shift out": "\x0eabc\x0f",
    "vertical tab, form feed": "\x0b\x0c",
    "null": "a\x00b",
    "right to left override": "\u202etxt.exe",
    "left to right override": "\u202dabc",
    "embeddings": "\u202aa\u202bb\u202c",
    "isolates": "\u2066a\u2067b\u2068c\u2069",
    "marks": "\u200e\u200f\u061c",
    "zero width": "a\u200bb\u200cc\u200dd\u2060e\ufefff",
    "soft hyphen": "a\u00adb",
    "line separators": "a\u2028b\u2029c",
    "tags": "\U000e0001\U000e0068\U000e0069\U000e007f",
    "annotations": "\ufff9a\ufffab\ufffb",
    "a lone surrogate": "a\udc80b",
}

_PROGRESS = re.compile(r"\r?\x1b\[\?25[lh]|\r\x1b\[K|\x1b\[K|\r(?!\n)")
"""What a progress bar draws with."""


def run(arguments: Sequence[object], cwd: Path) -> str:
    """What `baogao` prints on a terminal: stdout and stderr as they come."""
    ours, theirs = pty.openpty()
    running = Started(arguments, cwd, [os.devnull, os.ttyname(theirs), os.ttyname(theirs)])
    said = bytearray()
    while running.poll() is None or select.select([ours], [], [], 0)[0]:
        if select.select([ours], [], [], 0.02)[0]:
            said += os.read(ours, 1 << 16)
    os.close(theirs)
    os.close(ours)
    return said.decode("utf-8", "surrogateescape")


def obeyed(said: str, *, drawn: bool = False) -> list[str]:
    """Characters among what was printed that a terminal obeys, or that are not seen."""
    said = said.replace("\r\n", "\n")
    if drawn:
        said = _PROGRESS.sub("", said)
    return sorted({
        character for character in said
        if category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and character not in "\n\t"
    })  # fmt: skip
