"""The edition: the best text of a work, passage by passage, with the source of each word.

The base is the best witness. A doubted word is replaced from a witness that has another one there,
or stays a gap with its proposals. What the base lacks is taken from a longer copy and marked.
Nothing is chosen that no witness has, except alternating quotation marks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Final

from archive.collate.alignment import Alignment
from archive.collate.keys import key, simplify
from archive.collate.quotes import STRAIGHT, alternated
from archive.collate.readings import Copy, Doubt, PassageSpan, Reading, Says, collate, is_doubted

GAP: Final = "〔缺〕"
"""Placeholder for words that no trustworthy witness has."""

ALTERNATION: Final = "alternation"
_COPY: Final = 0.5
"""The share of a copy that must equal the base for it to repair anything. Different reports of
neighbouring years, aligned, are equal in 0.06 to 0.39 of what they have in common."""

_MARGIN: Final = 40
"""Characters of the base that may follow its end: a short line of the page."""

_SENTENCE: Final = 12
"""Characters of a key from which words in only one copy are considered."""


@dataclass(frozen=True)
class Change:
    """`text[start:stop]` of an edited passage replaces `was` in the source.

    `witness` is the index of the copy it was taken from, None for a gap, for alternation and for a
    person's decision (`decision` is its id).
    """

    start: int
    stop: int
    was: str
    kind: str
    witness: int | None = None
    proposals: tuple[str, ...] = ()
    decision: int | None = None

    @property
    def is_gap(self) -> bool:
        """Whether nothing could be inserted there."""
        return self.kind == "gap"


@dataclass(frozen=True)
class EditionPassage:
    """One passage of the edition: its source, its changes, and the copies that agree."""

    text: str
    part: str
    witness: int
    passage_id: int
    changes: tuple[Change, ...] = ()
    supporters: tuple[int, ...] = ()

    @property
    def origin(self) -> str:
        """`base`, `filled` (missing in the base) or `repaired`."""
        if self.witness:
            return "filled"
        return "repaired" if self.changes else "base"


@dataclass(frozen=True)
class _Choice:
    start: int
    stop: int
    words: str
    kind: str
    said: Says | None = None
    proposals: tuple[str, ...] = ()
    rivals: tuple[Says, ...] = ()
    decision: int | None = None


@dataclass
class _Plan:
    """The changes to each passage of the base, and the passages inserted after it."""

    inline: dict[PassageSpan, list[_Choice]] = field(default_factory=lambda: defaultdict(list))
    before: dict[PassageSpan, list[_Choice]] = field(default_factory=lambda: defaultdict(list))
    after: dict[PassageSpan, list[_Choice]] = field(default_factory=lambda: defaultdict(list))


def edit(
    copies: Sequence[Copy], alignments: Sequence[Alignment], readings: Sequence[Reading]
) -> tuple[EditionPassage, ...]:
    """Return the edition of `copies`, the first of which is its base.

    Args:
        copies: the witnesses, the best first.
        alignments: of each with the first, as returned by `archive.collate.readings.collate`.
        readings: where they differ, in the order of the base's text.
    """
    base = copies[0]
    plan = _plan(base, _choices(copies, alignments, readings))
    found: list[EditionPassage] = []
    for piece in base.pieces:
        found.extend(_added(plan.before[piece], copies))
        edited = _passage(base, piece, plan.inline[piece])
        found.append(_supported(edited, piece, alignments))
        found.extend(_added(plan.after[piece], copies))
    return tuple(found)


class _SettledRanges:
    """Settled places, which can be tested for overlap with another place."""

    def __init__(self, choices: Sequence[_Choice]) -> None:
        ordered = sorted((choice.start, choice.stop) for choice in choices)
        self._starts = [start for start, _ in ordered]
        self._furthest = list(accumulate((stop for _, stop in ordered), max))

    def meet(self, start: int, stop: int) -> bool:
        """Whether one of them and `start:stop` have a character in common."""
        index = bisect_left(self._starts, stop)
        return index > 0 and self._furthest[index - 1] > start


def _choices(
    copies: Sequence[Copy], alignments: Sequence[Alignment], readings: Sequence[Reading]
) -> Iterator[_Choice]:
    decided = list(_decided(copies[0]))
    settled = _SettledRanges(decided)
    answered = decided + [
        choice
        for choice in _answered(copies, alignments, readings)
        if not settled.meet(choice.start, choice.stop)
    ]
    open_doubts = _unanswered(copies, alignments, answered)
    taken = 0
    for choice in sorted((*answered, *open_doubts), key=lambda each: (each.start, each.stop)):
        if choice.start >= taken:
            yield choice
            taken = max(taken, choice.stop)


def _decided(base: Copy) -> Iterator[_Choice]:
    """A person's decision overrides what copies say."""
    for doubt in base.doubts:
        if doubt.decided is not None:
            yield _Choice(
                doubt.start, doubt.stop, doubt.decided, "decision", decision=doubt.decision
            )


def _answered(
    copies: Sequence[Copy], alignments: Sequence[Alignment], readings: Sequence[Reading]
) -> Iterator[_Choice]:
    mending = {0, *(i for i, each in enumerate(alignments) if each.share >= _COPY)}
    for reading in readings:
        heard = reading
        if not mending.issuperset(each.witness for each in reading.says):
            heard = replace(
                reading, says=tuple(each for each in reading.says if each.witness in mending)
            )
        said = _chosen(heard, copies)
        if said is not None and _is_anchored(reading, copies[0], alignments[said.witness]):
            # to add text, the others are collated among themselves, the chosen one first
            rivals = (said, *(each for each in reading.others if each is not said and each.words))
            yield _Choice(
                reading.start, reading.stop, said.words, reading.kind, said, rivals=rivals
            )


def _is_anchored(reading: Reading, base: Copy, alignment: Alignment) -> bool:
    """Whether the other copy agrees with the base on both sides of the place.

    At an end of the base there is only one side. Text that is equal when folded needs no anchor.
    """
    if reading.kind in _BETTER:
        return True
    end = _end_at(reading, base)
    before = end == "head" or alignment.is_anchored(reading.start, -1)
    return before and (end == "tail" or alignment.is_anchored(reading.stop, 1))


def _end_at(reading: Reading, base: Copy) -> str | None:
    """Return the end of the base at a place: nothing follows it, or only a short line."""
    if reading.start <= _MARGIN and len(key(base.text[: reading.start])) < _SENTENCE:
        return "head"
    rest = base.text[reading.stop : reading.stop + _MARGIN + 1]
    return "tail" if len(rest) <= _MARGIN and len(key(rest)) < _SENTENCE else None


def _unanswered(
    copies: Sequence[Copy], alignments: Sequence[Alignment], answered: Sequence[_Choice]
) -> Iterator[_Choice]:
    """Return doubted words of the base that no witness replaces or confirms."""
    settled = _SettledRanges(answered)
    for doubt in copies[0].doubts:
        replaced = settled.meet(doubt.start, doubt.stop)
        if not replaced and not _is_confirmed(doubt, copies, alignments):
            yield _Choice(doubt.start, doubt.stop, GAP, "gap", None, doubt.proposals)


def _is_confirmed(doubt: Doubt, copies: Sequence[Copy], alignments: Sequence[Alignment]) -> bool:
    """Whether a copy of another family has the same words without any doubt."""
    words = copies[0].text[doubt.start : doubt.stop]
    for index, (copy, alignment) in enumerate(zip(copies, alignments, strict=True)):
        its = alignment.there(doubt.start, doubt.stop)
        said = Says(index, copy.text[its[0] : its[1]], *its)
        if copy.family != copies[0].family and said.words == words and not is_doubted(copy, said):
            return True
    return False


def _chosen(reading: Reading, copies: Sequence[Copy]) -> Says | None:
    """Return the witness whose words are used in the edition, None if the base keeps its own."""
    if reading.kind == "extra":
        return _worth_adding(reading, copies)
    others = [each for each in reading.others if not is_doubted(copies[each.witness], each)]
    doubted = is_doubted(copies[0], reading.says[0]) or reading.brand == reading.base != ""
    if doubted:
        return next((each for each in others if each.words not in ("", reading.brand)), None)
    others = [each for each in others if not reading.brand or each.words != reading.brand]
    better = _BETTER.get(reading.kind)
    if better is not None:
        return next((each for each in others if better(reading.base, each.words)), None)
    return _outvoted(reading, others, copies) if others else None


def _restores_quotes(base: str, other: str) -> bool:
    return STRAIGHT in base and STRAIGHT not in other


def _restores_case(base: str, other: str) -> bool:
    return sum(map(str.isupper, other)) > sum(map(str.isupper, base))


def _is_simplified(base: str, other: str) -> bool:
    plain = "".join(map(simplify, base))
    return plain != base.lower() and plain == other.lower()


_BETTER: Final = {
    "quotes": _restores_quotes, "casing": _restores_case, "script": _is_simplified,
}  # fmt: skip


def _worth_adding(reading: Reading, copies: Sequence[Copy]) -> Says | None:
    """Whether at least as many voices have what the base lacks as do not.

    A base known to be complete is trusted at its ends; an official one is trusted to lack nothing
    inside.
    """
    base = copies[0]
    end = _end_at(reading, base)
    if (end is None and base.official) or (end is not None and end not in base.lacks):
        return None
    others = reading.others
    if not others:
        return None
    best = max(others, key=lambda each: (len(_voices(each.words, others, copies)), -each.witness))
    without = _voices(reading.base, reading.says, copies)
    present = [each for each in others if each.words]
    enough = len({copies[each.witness].family or each.witness for each in present})
    # a short line of a hijacked page may be spam; a longer one is doubted word by word
    innocent = not copies[best.witness].doubts and "\n" in best.words
    worth = enough > 1 or innocent or len(key(best.words)) >= _SENTENCE
    return best if enough >= len(without) and worth else None


def _outvoted(reading: Reading, others: Sequence[Says], copies: Sequence[Copy]) -> Says | None:
    """Return words supported by more voices than the base's; an official base is not outvoted."""
    if copies[0].official:
        return None
    if reading.kind == "missing":
        absent = [each for each in others if not each.words.strip()]
        voices = {copies[s.witness].family or str(s.witness) for s in reading.says if s.words}
        return absent[0] if len(_voices("", absent, copies)) > len(voices) else None
    mine = len(_voices(reading.base, reading.says, copies))
    best = max(others, key=lambda each: (len(_voices(each.words, others, copies)), -each.witness))
    return best if len(_voices(best.words, others, copies)) > mine else None


def _voices(words: str, says: Sequence[Says], copies: Sequence[Copy]) -> set[str]:
    """Return the families that have `words`: clones are one voice."""
    return {
        copies[each.witness].family or f"#{each.witness}" for each in says if each.words == words
    }


def _plan(base: Copy, choices: Iterator[_Choice]) -> _Plan:
    plan = _Plan()
    for choice in choices:
        piece = base.piece_at(choice.start)
        if piece is None or choice.stop > piece.stop:
            continue  # a difference that spans passages of the base is shown, not decided
        adds_lines = choice.start == choice.stop and (
            "\n" in choice.words.strip() or choice.start in (piece.start, piece.stop)
        )
        if not adds_lines or choice.said is None:
            plan.inline[piece].append(choice)
        elif choice.start == piece.start:
            plan.before[piece].append(choice)
        else:
            plan.after[piece].append(choice)
    return plan


def _passage(base: Copy, piece: PassageSpan, choices: Sequence[_Choice]) -> EditionPassage:
    words, changes, at, length = [], [], piece.start, 0
    for choice in choices:
        kept = base.text[at : choice.start]
        words += [kept, choice.words]
        start = length + len(kept)
        length = start + len(choice.words)
        was = base.text[choice.start : choice.stop]
        witness = choice.said.witness if choice.said else None
        changes.append(
            Change(start, length, was, choice.kind, witness, choice.proposals, choice.decision)
        )
        at = choice.stop
    text = "".join([*words, base.text[at : piece.stop]])
    curly = alternated(text)
    if curly is not None:
        changes += [
            Change(offset, offset + 1, STRAIGHT, ALTERNATION)
            for offset, mark in enumerate(text)
            if mark == STRAIGHT
        ]
    return EditionPassage(curly or text, piece.part, 0, piece.passage_id, tuple(changes))


def _added(choices: Sequence[_Choice], copies: Sequence[Copy]) -> Iterator[EditionPassage]:
    """Return passages missing in the base, as an edition of what the others have there."""
    for choice in choices:
        parts = [copies[s.witness].part_of(s.start, s.stop) for s in choice.rivals]
        names = [said.witness for said in choice.rivals]
        for edited in edit(parts, *collate(parts)):
            if edited.text.strip():
                yield _renamed(edited, names)


def _renamed(edited: EditionPassage, names: Sequence[int]) -> EditionPassage:
    """Return the passage with the witness indices of the whole edition."""
    changes = (
        change if change.witness is None else replace(change, witness=names[change.witness])
        for change in edited.changes
    )
    return replace(
        edited,
        witness=names[edited.witness],
        changes=tuple(changes),
        supporters=tuple(names[index] for index in edited.supporters),
    )


def _supported(
    edited: EditionPassage, piece: PassageSpan, alignments: Sequence[Alignment]
) -> EditionPassage:
    """Return the passage with the copies that agree; equal copies share their alignment."""
    if len(alignments) == 1:
        return edited
    agree: dict[str, bool] = {edited.text: True}
    said: dict[int, bool] = {}
    for alignment in alignments[1:]:
        if id(alignment) not in said:
            words = _there(alignment, piece)
            if words not in agree:
                agree[words] = key(words) == key(edited.text)
            said[id(alignment)] = agree[words]
    supporters = tuple(
        index for index, alignment in enumerate(alignments) if index and said[id(alignment)]
    )
    return replace(edited, supporters=supporters)


def _there(alignment: Alignment, piece: PassageSpan) -> str:
    start, stop = alignment.there(piece.start, piece.stop)
    return alignment.other[start:stop]


def gaps(passages: Sequence[EditionPassage]) -> Mapping[int, tuple[Change, ...]]:
    """Return the gaps of an edition by the index of their passage."""
    found = {
        index: tuple(change for change in passage.changes if change.is_gap)
        for index, passage in enumerate(passages)
    }
    return {index: changes for index, changes in found.items() if changes}
