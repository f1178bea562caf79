"""`baogao diff`: where the copies of one report differ, most important first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import click

from archive.commands.asking import asked_work
from archive.console import json_option, print_json

_LOUD: Final = ("number", "brand", "word", "missing", "extra")
_TELLING: Final = 40
"""Columns of context on each side of a difference."""


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("work")
@click.option("--all", "everything", is_flag=True, help="Every place, trifles too.")
@json_option
def diff(db: str, work: str, *, everything: bool, as_json: bool) -> None:
    """Show where the copies of WORK differ: numbers first, then brands and words.

    \b
    Each line shows the words around a place, [what copy 1 has → what others have](which copies, by
    their rank in `baogao show`), and how often the same change occurs.
    Example: baogao diff reports.db 210300-2023
    """
    from archive.collate.readings import KINDS
    from archive.store import Archive

    with Archive.open(db, read_only=True) as archive:
        work = asked_work(archive.connection, db, work)
        copies = list(archive.witnesses(work))
        counts = Counter(archive.reading_counts(work))
        places = sorted(archive.readings(work), key=lambda p: (KINDS.index(p["kind"]), p["seq"]))
    if as_json:
        for place in places:
            print_json(place)
        return
    shown = [place for place in places if everything or place["kind"] in _LOUD]
    for line in map(_line, shown) if everything else _together(shown):
        click.echo(line.encode("utf-8", "replace"))
    for line in _print_copies(copies, counts, everything=everything):
        click.echo(line, err=True)


def _together(places: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield one line for each change, however often it occurs."""
    same: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for place in places:
        same.setdefault((place["kind"], _changes(place)), []).append(place)
    for several in same.values():
        times = f"  ×{len(several)}" if len(several) > 1 else ""
        yield _line(several[0]) + times


def _line(place: Mapping[str, Any]) -> str:
    base, *others = place["says"]
    agree = [each["rank"] for each in others if each["words"] == base["words"]]
    before, after = ((place[end] or "").replace("\n", " ") for end in ("before", "after"))
    support = f"  (1 and {_ranks(agree)} agree)" if agree else ""
    return f"{place['kind']:<11} …{before}{_changes(place)}{after}…{support}"


def _changes(place: Mapping[str, Any]) -> str:
    """Return [what copy 1 has → what copy n has]n, for all that differ."""
    base, *others = place["says"]
    sides: dict[str, list[int]] = {}
    for each in others:
        if each["words"] != base["words"]:
            sides.setdefault(each["words"], []).append(each["rank"])
    return " ".join(
        f"[{_words(base['words'])} → {_words(words)}]({_ranks(ranks)})"
        for words, ranks in sides.items()
    )


def _words(words: str) -> str:
    flat = words.replace("\n", "⏎")
    if not flat:
        return "∅"
    return flat if len(flat) <= _TELLING else f"{flat[: _TELLING - 1]}…"


def _ranks(ranks: Sequence[int]) -> str:
    return ",".join(str(rank) for rank in sorted(set(ranks)))


def _print_copies(
    copies: Sequence[Mapping[str, Any]], kinds: Counter[str], *, everything: bool
) -> list[str]:
    """Print the copies by rank, and the number of places of each kind."""
    lines = [""]
    for copy in copies:
        about = ", ".join(word for word in (copy["extent"], copy["verdict"], copy["how"]) if word)
        lines.append(f"{copy['rank']}. {copy['url']}  ({about})")
    counts = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    lines.append(f"{kinds.total()} places: {counts}" if counts else "The copies agree.")
    if not everything and any(kind not in _LOUD for kind in kinds):
        lines.append("Trifles are hidden; --all shows them.")
    return lines
