"""A sample of sentences to be checked by hand, with what the archive claims of each.

Strata are what was decided: kept in texts of each verdict, removed by each kind of rule, replaced,
flagged. In a stratum every character has the same chance, and the sentence, or the removed piece,
around it is shown. Error rates are therefore shares of characters.
"""

from __future__ import annotations

import bisect
import math
import random
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, NamedTuple

from archive.errors import UsageError
from archive.export.sentences import cut
from archive.store import sampling
from archive.store.partitions import StoredPassage, passages_of, spans_of, visible_of
from archive.store.texts import flags_of

QUESTIONS: Final = {
    "place_ok": "Is `place` right for the report?",
    "year_ok": "Is `report_year` right?",
    "speaker_ok": "Is `speaker` right? Empty if none is claimed.",
    "fate_ok": "Is `fate` right: does what is kept belong to the report, and what was removed not?",
    "flags_ok": "Are `flags` right: is what they name wrong in the text, and nothing else?",
}
"""The columns to be filled in: 1 is right, 0 is wrong, empty is not checked or not applicable."""

COLUMNS: Final = {
    "item": "Text, start and stop of `words` in its visible text.",
    "stratum": "What was decided; error rates are by stratum.",
    "stratum_chars": "Characters of the stratum in the archive: its weight.",
    "place": "What the archive claims.",
    "report_year": "What the archive claims.",
    "speaker": "What the archive claims; empty where it claims nothing.",
    "fate": "kept, removed or replaced, with the rule.",
    "flags": "Flags on the words, each with its evidence.",
    "before": "What stands before.",
    "words": "The sentence, or the removed piece; ↵ is the end of a line.",
    "after": "What stands after.",
    **QUESTIONS,
    "note": "For whoever checks.",
    "page": "Where `baogao serve` shows the text.",
    "report": "Where `baogao serve` shows the report.",
    "url": "Address of the source.",
}
"""The columns of a sample, with their meaning."""

_ASKED: Final = {
    "kept": ("place_ok", "year_ok", "speaker_ok", "fate_ok", "flags_ok"),
    "removed": ("fate_ok",), "replaced": ("fate_ok",), "flagged": ("flags_ok",),
}  # fmt: skip
"""Which questions a stratum is asked, by its first word."""

LINE_END: Final = "↵"
"""Stands for the end of a line."""

_CONTEXT: Final = 80
_LONGEST: Final = 400
_NUMBERS: Final = re.compile(r"\d+")
_TRIES: Final = 30
"""How often another character is drawn if the first shows nothing new."""


class _Shown(NamedTuple):
    """A piece of a visible text: what is shown of it, and what is claimed."""

    start: int
    stop: int
    words: str
    before: str
    after: str
    fate: str
    passage: int | None


@dataclass(frozen=True, slots=True)
class _Stratum:
    """Texts with a share in a stratum, with their sums of characters up to each."""

    name: str
    texts: tuple[int, ...]
    sums: tuple[int, ...]

    @property
    def chars(self) -> int:
        return self.sums[-1]

    def text(self, chance: random.Random) -> int:
        """Return a text, each as likely as it has characters."""
        return self.texts[bisect.bisect_right(self.sums, chance.randrange(self.chars))]


def questions_of(stratum: str) -> tuple[str, ...]:
    """Return the questions that a stratum is asked."""
    return _ASKED.get(stratum.split(",", maxsplit=1)[0], ())


def draw(connection: sqlite3.Connection, size: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield at most `size` sentences, the same for the same seed.

    Each stratum gets at least one, and as many as the square root of its characters asks for: more
    of the large ones, on which the weighted rates depend, and enough of the small ones.

    Raises:
        UsageError: there is nothing to check, or less than one sentence for each stratum is asked.
    """
    strata = _strata(connection)
    if not strata:
        raise UsageError("there is no report in the archive, so there is nothing to check")
    if size < len(strata):
        names = "; ".join(each.name for each in strata)
        raise UsageError(f"-n {size}: the archive has {len(strata)} strata ({names}); ask for more")
    chance = random.Random(seed)  # noqa: S311  (to be repeated, not to be secret)
    kinds = sampling.kinds_of_rules(connection)
    for stratum, wanted in zip(
        strata, allocated([each.chars for each in strata], size), strict=True
    ):
        yield from _of_stratum(connection, stratum, wanted, chance, kinds)


def allocated(chars: Sequence[int], size: int) -> list[int]:
    """Return how many sentences each stratum gets, together `size`.

    >>> allocated([10_000, 100, 1], 20)
    [16, 3, 1]
    """
    roots = [math.sqrt(each) for each in chars]
    shares = [(size - len(chars)) * root / sum(roots) for root in roots]
    found = [1 + int(share) for share in shares]
    by_rest = sorted(range(len(chars)), key=lambda at: int(shares[at]) - shares[at])
    for at in by_rest[: size - sum(found)]:
        found[at] += 1
    return found


def _strata(connection: sqlite3.Connection) -> list[_Stratum]:
    found: dict[str, list[sampling.Share]] = defaultdict(list)
    for share in sampling.shares(connection):
        found[share.stratum].append(share)
    return [
        _Stratum(name, tuple(each.text_id for each in shares),
                 tuple(accumulate(each.chars for each in shares)))
        for name, shares in sorted(found.items())
    ]  # fmt: skip


def _of_stratum(
    connection: sqlite3.Connection,
    stratum: _Stratum,
    wanted: int,
    chance: random.Random,
    kinds: dict[str, str],
) -> Iterator[dict[str, Any]]:
    seen: set[tuple[int, int]] = set()
    piece = _PIECES[stratum.name.split(",")[0]]
    for _ in range(wanted):
        for _ in range(_TRIES):
            text_id = stratum.text(chance)
            shown = piece(connection, text_id, stratum.name, chance, kinds)
            if shown is None or (text_id, shown.start) in seen:
                continue
            seen.add((text_id, shown.start))
            row = _row(connection, stratum, text_id, shown)
            if row is not None:
                yield row
                break


def _row(
    connection: sqlite3.Connection, stratum: _Stratum, text_id: int, shown: _Shown
) -> dict[str, Any] | None:
    """Return the row of a piece; None for a kept one that belongs to no report."""
    report = sampling.report_of(connection, text_id, shown.passage)
    if report is None and stratum.name.startswith("kept"):
        return None
    claims = dict(report) if report is not None else {}
    flags = [
        f"{flag.kind}: {flag.words} ({flag.evidence})"
        for flag in flags_of(connection, text_id)
        if flag.start < shown.stop and shown.start < flag.stop
    ]
    name = claims.get("name")
    return {
        "item": f"{text_id}:{shown.start}-{shown.stop}",
        "stratum": stratum.name,
        "stratum_chars": stratum.chars,
        "place": claims.get("place"),
        "report_year": claims.get("report_year"),
        "speaker": claims.get("speaker"),
        "fate": shown.fate,
        "flags": "; ".join(flags),
        "before": _in_a_line(shown.before),
        "words": _in_a_line(shown.words),
        "after": _in_a_line(shown.after),
        "page": f"/text/{text_id}",
        "report": f"/r/{name.replace('-', '/', 1)}" if name else None,
        "url": claims.get("url"),
    }


def _kept(
    connection: sqlite3.Connection, text_id: int, _: str, chance: random.Random, __: Any
) -> _Shown | None:
    """Return the sentence around a kept character."""
    passages = passages_of(connection, text_id)
    sums = list(accumulate(len(each.text) for each in passages))
    if not sums or not sums[-1]:
        return None
    at = chance.randrange(sums[-1])
    number = bisect.bisect_right(sums, at)
    offset = at - (sums[number - 1] if number else 0)
    return _sentence(visible_of(connection, text_id), passages[number], offset)


def _sentence(visible: str, passage: StoredPassage, offset: int) -> _Shown:
    ranges = list(cut(passage.text))
    start, stop = next((each for each in ranges if each[0] <= offset < each[1]), ranges[-1])
    words = passage.text[start:stop]
    before = visible[max(0, passage.start - _CONTEXT) : passage.start] + passage.text[:start]
    after = passage.text[stop:] + visible[passage.stop : passage.stop + _CONTEXT]
    return _Shown(
        passage.start + start, passage.start + stop, words, before[-_CONTEXT:], after[:_CONTEXT],
        f"kept ({passage.part})", passage.seq,
    )  # fmt: skip


def _decided(
    connection: sqlite3.Connection,
    text_id: int,
    stratum: str,
    chance: random.Random,
    kinds: dict[str, str],
) -> _Shown | None:
    """Return the removed or replaced piece around a character."""
    kind = stratum.partition(", ")[2]
    spans = [
        span
        for span in spans_of(connection, text_id)
        if (span.action == "replace" and not kind)
        or (span.action == "drop" and kind == kinds.get(span.rule)
            and not span.rule.startswith("layout-"))
    ]  # fmt: skip
    if not spans:
        return None
    (span,) = chance.choices(spans, [span.stop - span.start for span in spans])
    action = "removed" if span.action == "drop" else f"replaced by {span.replacement!r}"
    visible = visible_of(connection, text_id)
    return _around(visible, span.start, span.stop, f"{action} ({span.rule})")


def _flagged(
    connection: sqlite3.Connection, text_id: int, _: str, chance: random.Random, __: Any
) -> _Shown | None:
    """Return the line around a flag."""
    flags = [flag for flag in flags_of(connection, text_id) if flag.stop > flag.start]
    if not flags:
        return None
    (flag,) = chance.choices(flags, [flag.stop - flag.start for flag in flags])
    visible = visible_of(connection, text_id)
    start = max(visible.rfind("\n", 0, flag.start) + 1, flag.start - _CONTEXT)
    end = visible.find("\n", flag.stop)
    stop = min(len(visible) if end < 0 else end, flag.stop + _CONTEXT)
    return _around(visible, start, stop, "as flagged")


def _around(visible: str, start: int, stop: int, fate: str) -> _Shown:
    """Return a piece with its context; what is longer than a page is cut, and says so."""
    words = visible[start:stop]
    if len(words) > _LONGEST:
        words = words[:_LONGEST] + "…"
    before = visible[max(0, start - _CONTEXT) : start]
    return _Shown(start, stop, words, before, visible[stop : stop + _CONTEXT], fate, None)


_PIECES: Final[dict[str, Callable[..., _Shown | None]]] = {
    "kept": _kept, "removed": _decided, "replaced": _decided, "flagged": _flagged,
}  # fmt: skip


def is_of(connection: sqlite3.Connection, item: str, words: str) -> bool:
    """Whether a text has the words of an item; white space, and where it was cut, do not count."""
    text_id, start, stop = map(int, _NUMBERS.findall(item))
    try:
        visible = visible_of(connection, text_id)
    except UsageError:
        return False
    ours = [visible[start:stop], *_passages_at(connection, text_id, start, stop)]
    wanted = _squeezed(words.removesuffix("…").removeprefix("'"))
    return any(wanted and wanted in _squeezed(each) for each in ours)


def _passages_at(
    connection: sqlite3.Connection, text_id: int, start: int, stop: int
) -> Iterator[str]:
    """Yield the words of the passages at a place, which may have been mended."""
    for passage in passages_of(connection, text_id):
        if passage.start < stop and start < passage.stop + (stop - start):
            yield passage.text


def _in_a_line(words: str) -> str:
    """Return words with a mark for each end of a line, so that a row of the sample is a line."""
    return LINE_END.join(words.splitlines()) + (LINE_END if words.endswith("\n") else "")


def _squeezed(words: str) -> str:
    return "".join(words.replace(LINE_END, "").split())
