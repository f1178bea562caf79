"""The report page: the edition of a work, or a single text, next to its sources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from archive.browse.citing import cite
from archive.browse.datasette_tables import work_address
from archive.browse.edited import ShownPassage, edition
from archive.browse.finding import LONGEST_QUERY, number
from archive.browse.permalinks import permalink, target
from archive.browse.reading import ShownText, asked_work, reading
from archive.browse.segments import Cut, Paragraph
from archive.browse.sheets import Sheet, sheet_of, sheets
from archive.browse.web import Answer, Asked
from archive.model import Flag
from archive.store import text_details
from archive.store.search import Query
from archive.store.witnesses import with_texts

Blocks = Sequence[ShownPassage | Cut]

_REVIEW: Final = re.compile(r"回顾|总结|过去|已过|主要成就|完成情况")
_PLAN: Final = re.compile(r"安排|任务|目标|重点|打算|展望|今年|新的一年|未来|下一步|要求")


@dataclass(frozen=True, slots=True)
class FlagGroup:
    """Flags with the same meaning and words, with the anchors of all their places."""

    flag: Flag
    places: tuple[str, ...]


def text_page(asked: Asked) -> Answer:
    """`/text/ID`: one text, whether or not it belongs to a work."""
    text_id = int(asked.parts["text"])
    shown = reading(asked, text_id, (None, None))
    works = text_details.works(asked.connection, text_id)
    work = dict(works[0]) if len(works) == 1 else None
    several = works if len(works) > 1 else ()
    blocks = tuple(as_they_are([shown]))
    doubt = text_details.doubt(asked.connection, text_id)
    return _page(asked, [shown], blocks, work=work, is_work=False, several=several, doubt=doubt)


def work_page(asked: Asked) -> Answer:
    """`/r/CODE/YEAR`, with `/KIND` and `/draft` where needed: the edition of a work."""
    work = asked_work(asked)
    made = edition(asked, work)
    return _page(asked, made.readings, made.blocks, work=work, is_work=True, gaps=made.gaps)


def as_they_are(readings: Sequence[ShownText]) -> Iterator[ShownPassage | Cut]:
    """Yield the blocks of several texts in sequence, with continuous numbers."""
    for one in readings:
        text_id = one.source.text["id"]
        for block in one.blocks:
            if isinstance(block, Paragraph):
                yield ShownPassage(block.number + one.shift, block, text_id, "base", ())
            else:
                yield block


def _page(
    asked: Asked,
    readings: Sequence[ShownText],
    blocks: Blocks,
    *,
    work: dict[str, Any] | None,
    is_work: bool,
    gaps: int = 0,
    several: Sequence[Any] = (),
    doubt: str | None = None,
) -> Answer:
    first = readings[0]
    parts = sheets(blocks)
    if led := _led(asked, blocks, parts):
        return led
    at = sheet_of(parts, number(asked.arguments.get("p")))
    address = None if work is None else work_address(work["name"])
    here = "" if asked.is_static or address is None else asked.origin + asked.link(address)
    citation = None if work is None else cite(work, first, here)
    return asked.page(
        "report.html",
        readings=readings,
        by_id={one.source.text["id"]: one for one in readings},
        prefixes=_prefixes(readings),
        blocks=parts[at].blocks,
        sheets=parts,
        at=at,
        sheet_of=lambda passage: sheet_of(parts, passage),
        headings=[
            (b.number, *found, half(found[1]) if found[0] == 2 else None)  # noqa: PLR2004
            for b in blocks
            if isinstance(b, ShownPassage) and (found := b.shown.heading)
        ],
        doubts=doubts(readings),
        marked=_marked(parts[at].blocks, _prefixes(readings)),
        cuts=_cuts(blocks),
        gaps=gaps,
        several=[
            (f"{row['place']} {row['report_year'] or ''}", work_address(row["name"]))
            for row in several
        ],
        doubt=doubt,
        filled=_counts(blocks),
        first=first,
        work=work,
        is_work=is_work,
        work_path=address,
        citation=citation,
        witnesses=[] if work is None else with_texts(asked.connection, work["id"]),
        title=first.field("title") or (work["title"] if work else None),
        removed_shown="removed" in asked.arguments,
        finder=Query.parse(asked.arguments.get("q", "")[:LONGEST_QUERY]).pattern,
        skip_to="text",
        is_moved="moved" in asked.arguments,
        permalink=lambda passage: _permalink(asked, passage),
    )


def _led(asked: Asked, blocks: Blocks, parts: Sequence[Sheet]) -> Answer | None:
    """Return the way to the passage of a permanent link (`?at=`), if the URL is one."""
    passages = ((b.number, b.shown.words) for b in blocks if isinstance(b, ShownPassage))
    found = target(asked.arguments.get("at", ""), passages)
    if found is None:
        return None
    sheet = found.number if len(parts) > 1 else None
    path = asked.here(at="", p=sheet, moved="" if found.is_same else 1)
    return Answer("", status=302, headers={"location": f"{path}#p{found.number}"})


def _permalink(asked: Asked, passage: ShownPassage) -> str:
    """Return the permanent link of a passage; among files its place on the page."""
    if asked.is_static:
        return f"#p{passage.number}"
    return asked.link(asked.path, at=permalink(passage.number, passage.shown.words))


def half(heading: str) -> str | None:
    """Return whether a section looks back (`review`) or ahead (`plan`); None if unclear."""
    if _REVIEW.search(heading):
        return "review"
    return "plan" if _PLAN.search(heading) else None


def doubts(readings: Sequence[ShownText]) -> list[FlagGroup]:
    """Return the flags of some texts, each kind of doubt about the same words once."""
    prefixes = _prefixes(readings)
    places: dict[tuple[Any, ...], list[str]] = {}
    first: dict[tuple[Any, ...], Flag] = {}
    for one in readings:
        for place, flag in enumerate(one.flags):
            key = (flag.kind, flag.words, flag.evidence, flag.proposals)
            first.setdefault(key, flag)
            places.setdefault(key, []).append(f"{prefixes[one.source.text['id']]}f{place}")
    return [FlagGroup(flag, tuple(places[key])) for key, flag in first.items()]


def _marked(blocks: Blocks, prefixes: Mapping[int, str]) -> set[str]:
    """Return the anchors of doubts in the text; others are in removed parts."""
    return {
        f"{prefixes[block.text_id]}f{piece.flag}"
        for block in blocks
        if isinstance(block, ShownPassage)
        for piece in block.shown.pieces
        if piece.flag is not None
    }


def _prefixes(readings: Sequence[ShownText]) -> Mapping[int, str]:
    """Return the distinct anchor prefixes of each text's doubts."""
    several = len(readings) > 1
    return {
        one.source.text["id"]: f"t{place}-" if several else ""
        for place, one in enumerate(readings, 1)
    }


def _cuts(blocks: Blocks) -> int:
    """Return the number of visible cuts."""
    return sum(
        1 if isinstance(block, Cut) else sum(p.kind == "cut" for p in block.shown.pieces)
        for block in blocks
    )


def _counts(blocks: Blocks) -> dict[str, int]:
    """Return how many passages the edition took from other witnesses, and how many it repaired."""
    passages = [block for block in blocks if isinstance(block, ShownPassage)]
    return {
        origin: sum(block.origin == origin for block in passages)
        for origin in ("filled", "repaired")
    }
