"""The pages that show two copies side by side."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import Any

from archive.browse.datasette_tables import work_address
from archive.browse.finding import number
from archive.browse.reading import asked_work, source_of
from archive.browse.web import Answer, Asked, MissingError
from archive.catalogue.comparison import Pair, compare
from archive.store import text_details
from archive.store.partitions import passages_of
from archive.store.witnesses import passages, witnesses


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two copies: its name, its link, its passages, and words injected into it.

    `head` is how many of the passages are title, date and names.
    """

    label: str
    path: str
    passages: tuple[str, ...]
    head: int
    verdict: str = "clean"
    injected: frozenset[str] = frozenset()


def compare_texts_page(asked: Asked) -> Answer:
    """`/compare?a=TEXT&b=TEXT`: any two texts, such as two versions of one page."""
    ids = [number(asked.arguments.get(name)) for name in ("a", "b")]
    if None in ids:
        raise MissingError("error.no_sides")
    sides = [_text_side(asked, int(text_id or 0)) for text_id in ids]
    return _page(asked, sides, choices=(), work=None)


def compare_work_page(asked: Asked) -> Answer:
    """`/compare/CODE/YEAR?a=RANK&b=RANK`: two witnesses of a work.

    By default the best one and the first that is hijacked, or else the two best.
    """
    work = asked_work(asked)
    copies = witnesses(asked.connection, work["id"])
    if len(copies) < 2:  # noqa: PLR2004  (it takes two)
        raise MissingError("error.one_witness", work=work["name"])
    side_at = cache(lambda place: _witness_side(asked, copies[place]))
    left, right = (_chosen(len(copies), asked.arguments.get(name)) for name in ("a", "b"))
    chosen = (
        0 if left is None else left,
        _first_hijacked(side_at, len(copies)) if right is None else right,
    )
    sides = [side_at(place) for place in chosen]
    choices = [
        {"rank": place, "label": row["host"] or row["name"]} for place, row in enumerate(copies, 1)
    ]
    return _page(asked, sides, choices=choices, work=work, chosen=[place + 1 for place in chosen])


def _page(
    asked: Asked,
    sides: Sequence[Side],
    *,
    choices: Sequence[Mapping[str, Any]],
    work: dict[str, Any] | None,
    chosen: Sequence[int] = (),
) -> Answer:
    pairs = compare(sides[0].passages, sides[1].passages, (sides[0].head, sides[1].head))
    marker = _Marker(sides[0].injected | sides[1].injected)
    return asked.page(
        "compare.html",
        sides=sides,
        marker=marker,
        counts=Counter(pair.kind for pair in pairs),
        numbers=[pair for pair in pairs if pair.numbers_a or pair.numbers_b],
        pairs=pairs if "all" in asked.arguments else [p for p in pairs if marker.tells(p)],
        everything="all" in asked.arguments,
        inline=asked.arguments.get("view") == "inline",
        choices=choices,
        chosen=chosen,
        work=work,
        work_path=None if work is None else work_address(work["name"]),
    )


class _Marker:
    """Finds the injected words of both sides in what is shown."""

    def __init__(self, injected: frozenset[str]) -> None:
        longest_first = sorted(injected, key=lambda words: (-len(words), words))
        self._finder = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")
        self.any = bool(injected)

    def tells(self, pair: Pair) -> bool:
        """Whether a pair differs, or both sides have the same injected words."""
        return pair.kind != "same" or any(self._finder.search(each.a) for each in pair.changes)

    def pieces(self, words: str) -> list[tuple[str, bool]]:
        """Return `words` in pieces, each with whether it was injected."""
        found: list[tuple[str, bool]] = []
        reached = 0
        for match in self._finder.finditer(words):
            found += [(words[reached : match.start()], False), (match[0], True)]
            reached = match.end()
        return [piece for piece in [*found, (words[reached:], False)] if piece[0]]

    def is_injected(self, words: str) -> bool:
        """Whether `words` of one side hold an injected name."""
        return self._finder.search(words) is not None


def _first_hijacked(side_at: Callable[[int], Side], count: int) -> int:
    """Return the place of the first copy after the best one that has injected words, or 1."""
    for place in range(1, count):
        side = side_at(place)
        if any(words in passage for words in side.injected for passage in side.passages):
            return place
    return 1


def _chosen(count: int, given: str | None) -> int | None:
    rank = number(given)
    return rank - 1 if rank is not None and 1 <= rank <= count else None


def _text_side(asked: Asked, text_id: int) -> Side:
    found = source_of(asked, text_id)
    capture = found.capture
    at = "" if capture is None else str(capture["captured_at"] or capture["recorded_at"])[:10]
    label = asked.words("report.text", id=str(text_id)) + (f" · {at}" if at else "")
    parts = passages_of(asked.connection, text_id)
    injected = frozenset(text_details.injected(asked.connection, text_id))
    return Side(
        label=label,
        path=f"text/{text_id}",
        passages=tuple(passage.text for passage in parts),
        head=_head(passage.part for passage in parts),
        verdict=found.text["verdict"],
        injected=injected,
    )


def _witness_side(asked: Asked, witness: sqlite3.Row) -> Side:
    rows = passages(asked.connection, witness["id"])
    verdicts = {row["verdict"] for row in rows}
    return Side(
        label=witness["host"] or witness["name"],
        path=f"text/{rows[0]['text_id']}" if rows else "",
        passages=tuple(row["text"] for row in rows),
        head=_head(row["part"] for row in rows),
        verdict=next((v for v in ("hijacked", "suspect") if v in verdicts), "clean"),
        injected=frozenset(
            words
            for text_id in {row["text_id"] for row in rows}
            for words in text_details.injected(asked.connection, text_id)
        ),
    )


def _head(parts: Iterable[str]) -> int:
    """Return how many passages come before the speech."""
    return sum(1 for _ in takewhile("front".__eq__, parts))
