"""The sentences of the practice web: text files of alternatives with slots.

A file has `# heading` lines, each followed by its alternatives, one on each line. A slot is
`{n 10 90}` (a whole number), `{f 3 9}` (with one decimal), `{a|b|c}` (one of these) or
`{word}`: a name that the caller gives, or one drawn from the list of that name.
Slots may stand inside one another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from random import Random

TEXTS = Path(__file__).parent / "texts"
_SLOT = re.compile(r"\{([^{}]*)\}")


@lru_cache(maxsize=64)
def alternatives(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return the headings of `texts/NAME.txt`, each with its alternatives."""
    found: dict[str, list[str]] = {}
    for line in (TEXTS / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("# "):
            current = found.setdefault(line[2:].strip(), [])
        elif line.strip():
            current.append(line.strip())
    return {heading: tuple(lines) for heading, lines in found.items()}


@lru_cache(maxsize=1)
def topics() -> tuple[str, ...]:
    """Return the names of the topic files, in order."""
    return tuple(sorted(f"topics/{path.stem}" for path in (TEXTS / "topics").glob("*.txt")))


def fill(template: str, words: Mapping[str, str], dice: Random) -> str:
    """Return `template` with every slot filled from `words`, the name lists and `dice`.

    Raises:
        KeyError: a slot names neither a given word nor a list.
    """
    while _SLOT.search(template):
        template = _SLOT.sub(lambda found: _filled(found[1], words, dice), template)
    return template


def _filled(slot: str, words: Mapping[str, str], dice: Random) -> str:
    if "|" in slot:
        return dice.choice(slot.split("|"))
    name, *limits = slot.split()
    if name == "n":
        return str(dice.randint(int(limits[0]), int(limits[1])))
    if name == "f":
        return f"{dice.randint(int(limits[0]) * 10 + 1, int(limits[1]) * 10 - 1) / 10:.1f}"
    if name == "pick":
        name = limits[0]
    return words[name] if name in words else dice.choice(alternatives("names")[name])
