"""Two copies side by side: which passages agree, which numbers differ, what was changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from archive.browse.finding import number
from archive.browse.reading import asked_work
from archive.browse.sources import source
from archive.browse.stock import work_address
from archive.browse.web import Answer, Asked, MissingError

ALIKE: Final = 0.5
"""Share of common character pairs from which two passages are one passage, changed."""

PAIRS_AT_MOST: Final = 40_000
"""Beyond so many comparisons passages are paired in order; a page must not take minutes."""

DIFF_CHARS: Final = 4_000
"""Longer passages are shown whole on both sides, without marks inside."""

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?[%％‰]?")
_LAYOUT: Final = re.compile(r"[\s　]+")
_SAME_MARK: Final = str.maketrans("，。；：！？（）“”‘’％", ",.;:!?()\"\"''%")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two copies: what it is called, where it leads, and its passages."""

    label: str
    path: str
    passages: tuple[str, ...]
    verdict: str = "clean"


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of a passage: the same on both sides where `a` is `b`."""

    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A passage of each side (numbers count from 1); None where only the other has it."""

    a: int | None
    b: int | None
    changes: tuple[Change, ...]
    numbers_a: tuple[str, ...] = ()
    numbers_b: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """`same`, `differ`, `only_a` or `only_b`."""
        if self.a is None:
            return "only_b"
        if self.b is None:
            return "only_a"
        return "differ" if any(change.a != change.b for change in self.changes) else "same"


def compare_texts_page(asked: Asked) -> Answer:
    """`/compare?a=TEXT&b=TEXT`: any two texts, such as two versions of one page."""
    ids = [number(asked.arguments.get(name)) for name in ("a", "b")]
    if None in ids:
        raise MissingError("error.no_sides")
    sides = [_text_side(asked, int(text_id or 0)) for text_id in ids]
    return _page(asked, sides, choices=(), work=None)


def compare_work_page(asked: Asked) -> Answer:
    """`/compare/CODE/YEAR?a=RANK&b=RANK`: two witnesses of a work, the two best if not said."""
    work = asked_work(asked)
    witnesses = asked.rows(
        "SELECT * FROM witnesses WHERE work_id = ? ORDER BY rank, id", work["id"]
    )
    if len(witnesses) < 2:  # noqa: PLR2004  (it takes two)
        raise MissingError("error.one_witness", work=work["name"])
    chosen = [
        _chosen(len(witnesses), asked.arguments.get(name), place)
        for place, name in enumerate(("a", "b"))
    ]
    sides = [_witness_side(asked, dict(witnesses[place])) for place in chosen]
    choices = [
        {"rank": place, "label": row["host"] or row["name"]}
        for place, row in enumerate(witnesses, 1)
    ]
    return _page(asked, sides, choices=choices, work=work, chosen=[place + 1 for place in chosen])


def compare(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    """The passages of two copies, paired in order; layout and the width of marks do not differ."""
    keys_a, keys_b = [comparable(words) for words in a], [comparable(words) for words in b]
    pairs: list[Pair] = []
    matcher = SequenceMatcher(None, keys_a, keys_b, autojunk=False)
    for operation, a1, a2, b1, b2 in matcher.get_opcodes():
        if operation == "equal":
            pairs += [
                Pair(a1 + k + 1, b1 + k + 1, (Change(a[a1 + k], a[a1 + k]),))
                for k in range(a2 - a1)
            ]
        else:
            for i, j in _likely_pairs(keys_a, keys_b, range(a1, a2), range(b1, b2)):
                pairs.append(_pair(a, b, i, j))
    return pairs


def comparable(words: str) -> str:
    """A passage as comparison sees it: without layout, marks in one width."""
    return _LAYOUT.sub("", words).translate(_SAME_MARK)


def numbers(words: str) -> list[str]:
    """The numbers in `words`, with their per cent sign."""
    return [found.group().replace("％", "%") for found in _NUMBER.finditer(words)]


def _page(
    asked: Asked,
    sides: Sequence[Side],
    *,
    choices: Sequence[Mapping[str, Any]],
    work: dict[str, Any] | None,
    chosen: Sequence[int] = (),
) -> Answer:
    pairs = compare(sides[0].passages, sides[1].passages)
    return asked.page(
        "compare.html",
        sides=sides,
        counts=Counter(pair.kind for pair in pairs),
        numbers=[pair for pair in pairs if pair.numbers_a or pair.numbers_b],
        pairs=pairs if "all" in asked.arguments else [p for p in pairs if p.kind != "same"],
        everything="all" in asked.arguments,
        inline=asked.arguments.get("view") == "inline",
        choices=choices,
        chosen=chosen,
        work=work,
        work_path=None if work is None else work_address(work["name"]),
    )


def _chosen(count: int, given: str | None, default: int) -> int:
    rank = number(given)
    return rank - 1 if rank is not None and 1 <= rank <= count else default


def _text_side(asked: Asked, text_id: int) -> Side:
    found = source(asked, text_id)
    rows = asked.rows("SELECT text FROM passages WHERE text_id = ? ORDER BY seq", text_id)
    capture = found.capture
    at = "" if capture is None else str(capture["captured_at"] or capture["recorded_at"])[:10]
    label = asked.words("report.text", id=str(text_id)) + (f" · {at}" if at else "")
    return Side(label, f"text/{text_id}", tuple(row["text"] for row in rows), found.text["verdict"])


def _witness_side(asked: Asked, witness: dict[str, Any]) -> Side:
    rows = asked.rows(
        "SELECT passages.text, passages.text_id, verdicts.verdict FROM witness_texts"
        " JOIN passages ON passages.text_id = witness_texts.text_id"
        " AND passages.seq >= coalesce(first_passage, 0)"
        " AND passages.seq <= coalesce(last_passage, passages.seq)"
        " JOIN verdicts ON verdicts.text_id = passages.text_id"
        " WHERE witness_id = ? ORDER BY witness_texts.seq, passages.seq",
        witness["id"],
    )
    verdicts = {row["verdict"] for row in rows}
    return Side(
        label=witness["host"] or witness["name"],
        path=f"text/{rows[0]['text_id']}" if rows else "",
        passages=tuple(row["text"] for row in rows),
        verdict=next((v for v in ("hijacked", "suspect") if v in verdicts), "clean"),
    )


def _likely_pairs(
    keys_a: Sequence[str], keys_b: Sequence[str], in_a: range, in_b: range
) -> Iterator[tuple[int | None, int | None]]:
    """Pair what is alike, in order; what is like nothing stands alone."""
    if len(in_a) * len(in_b) > PAIRS_AT_MOST:
        scores = dict.fromkeys(zip(in_a, in_b, strict=False), 1.0)
    else:
        sets_a = {i: _bigrams(keys_a[i]) for i in in_a}
        sets_b = {j: _bigrams(keys_b[j]) for j in in_b}
        scores = {(i, j): _likeness(sets_a[i], sets_b[j]) for i in in_a for j in in_b}
    at_b = in_b.start
    for i in in_a:
        rivals = [j for j in range(at_b, in_b.stop) if scores.get((i, j), 0.0) >= ALIKE]
        best = max(rivals, key=lambda j: scores[i, j], default=None)
        if best is None:
            yield i, None
            continue
        yield from ((None, j) for j in range(at_b, best))
        yield i, best
        at_b = best + 1
    yield from ((None, j) for j in range(at_b, in_b.stop))


def _bigrams(key: str) -> frozenset[str]:
    return frozenset(key[i : i + 2] for i in range(max(1, len(key) - 1)))


def _likeness(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / max(1, min(len(a), len(b)))


def _pair(a: Sequence[str], b: Sequence[str], i: int | None, j: int | None) -> Pair:
    words_a = "" if i is None else a[i]
    words_b = "" if j is None else b[j]
    changes = tuple(_changes(words_a, words_b))
    count_a, count_b = Counter(numbers(words_a)), Counter(numbers(words_b))
    both = i is not None and j is not None
    return Pair(
        None if i is None else i + 1,
        None if j is None else j + 1,
        changes,
        tuple((count_a - count_b).elements()) if both else (),
        tuple((count_b - count_a).elements()) if both else (),
    )


def _changes(a: str, b: str) -> Iterator[Change]:
    if not a or not b or max(len(a), len(b)) > DIFF_CHARS:
        yield Change(a, b)
        return
    plain_a, plain_b = a.translate(_SAME_MARK), b.translate(_SAME_MARK)
    for operation, a1, a2, b1, b2 in SequenceMatcher(
        None, plain_a, plain_b, autojunk=False
    ).get_opcodes():
        yield Change(a[a1:a2], a[a1:a2] if operation == "equal" else b[b1:b2])
