"""Derives the verdicts on a text and its page from the flags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from archive.model import Cleaning, Flag, Verdict

SUSPECT: Final = "suspect"
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class _Alteration:
    """A kind of damage: how often it makes a text suspect, what it is, and what clears the text."""

    least: int
    what: str
    cleared_by: str


_ALTERED: Final = {
    "spun": _Alteration(
        2,
        "words that no report uses stand for those that every report uses",
        "a copy of the report from another site in its own words",
    ),
    "translated": _Alteration(
        1,
        "traces of machine translation stand in it",
        "a copy of the report from another site in its own words",
    ),
    "blanked": _Alteration(
        3,
        "names or years were blanked out",
        "a copy of the report that has them, or the file with its markup where the marks are that",
    ),
}


def verdicts(flags: Iterable[Flag], cleaning: Cleaning) -> tuple[Verdict, Verdict]:
    """Return the verdicts of the kept text and of the page.

    A hijack flag in kept words makes the text hijacked, one anywhere makes the page hijacked. A
    text with a flag of `suspicions` is suspect.
    """
    places = [(flag.start, flag.stop) for flag in flags if flag.kind == "hijack"]
    kept = [(span.start, span.stop) for span in cleaning.spans if span.action != "drop"]
    if any(a < stop and start < b for a, b in places for start, stop in kept):
        return "hijacked", "hijacked"
    verdict: Verdict = "suspect" if any(flag.kind == SUSPECT for flag in flags) else "clean"
    return verdict, "hijacked" if places else verdict


def suspicions(cleaning: Cleaning) -> Iterator[Flag]:
    """Return one flag for each kind of damage that makes a text suspect: why, and what clears it.

    It concerns the whole text and has no place in it; each single damage has its own flag.
    """
    words: dict[str, list[str]] = defaultdict(list)
    for flag in cleaning.flags:
        words[flag.kind].append(flag.words)
    for kind, alteration in _ALTERED.items():
        found = words[kind]
        if len(found) >= alteration.least:
            shown = "、".join(list(dict.fromkeys(found))[:_SHOWN])
            evidence = (
                f"{alteration.what}: {shown} ({len(found)} times, {alteration.least} make a text"
                f" suspect); cleared by {alteration.cleared_by}"
            )
            yield Flag(SUSPECT, 0, 0, "", evidence)
