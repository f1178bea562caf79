"""Finds brands confirmed by other pages, on a page with too little evidence of its own.

The page is still judged by its own words. That a name was found injected in a copy of it or on its
site is additional evidence, which lowers the threshold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from archive.judge.brands import brands, everywhere
from archive.judge.foreign import Name
from archive.judge.forms import forms
from archive.judge.levelled import levelled
from archive.judge.odds import ENOUGH, odds
from archive.judge.readings import places_of, readings
from archive.judge.slots import slot_words
from archive.known import Knowledge
from archive.model import Flag, Identity

Places = Collection[tuple[int, int]]


def found_elsewhere(
    visible: str,
    confirmed: Mapping[str, str],
    flagged: Places,
    identity: Identity,
    knowledge: Knowledge,
) -> tuple[Flag, ...]:
    """Return a flag for each place of a brand that other pages confirm, in text order.

    Args:
        visible: the whole visible text.
        confirmed: the words of brands, each with where it was confirmed.
        flagged: places that the page's own judgement has flagged already.
        identity: the identity of the page, used to propose the original words.
        knowledge: figures and lexica.
    """
    taken = {at for start, stop in flagged for at in range(start, stop)}
    text = levelled(visible)
    words, form = slot_words(knowledge), forms(knowledge)
    where = {brand.lower(): evidence for brand, evidence in confirmed.items()}
    found = []
    for name in _names(visible, where, taken):
        its = form.of(name.words, knowledge.figures)
        if not its.may_be_brand or _means_something_else(visible, name, knowledge):
            continue
        said = odds(text, name, its, words, knowledge.figures, confirmed=True)
        if said.enough:
            why = (
                f"confirmed: injected in {where[name.words]}; stands {len(name.starts)} times"
                f" ({said.bits:.0f} bits, {ENOUGH:.0f} are enough)"
            )
            found += list(_flags(visible, name, why, identity, knowledge))
    return tuple(sorted(found, key=lambda flag: flag.start))


def _names(visible: str, where: Mapping[str, str], taken: Collection[int]) -> Iterator[Name]:
    starts: dict[str, list[int]] = defaultdict(list)
    for start, stop in everywhere(visible, where.keys()):
        if start not in taken:
            starts[visible[start:stop].lower()].append(start)
    return (Name(words, tuple(places)) for words, places in starts.items())


def _means_something_else(visible: str, name: Name, knowledge: Knowledge) -> bool:
    brand, size = brands(knowledge), len(name.words)
    return all(brand.means_something_else(visible, start, start + size) for start in name.starts)


def _flags(
    visible: str, name: Name, why: str, identity: Identity, knowledge: Knowledge
) -> Iterator[Flag]:
    places, words = places_of(identity, knowledge.gazetteer), slot_words(knowledge)
    text = levelled(visible)
    for start in name.starts:
        stop = start + len(name.words)
        proposals, reading = readings(text, start, stop, words, places)
        evidence = f"{why}; reading: {proposals[0]}, {reading}" if proposals else why
        yield Flag("hijack", start, stop, visible[start:stop], evidence, proposals)
