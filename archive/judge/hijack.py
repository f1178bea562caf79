"""Evidence that a page was hijacked: each signal by itself, with the words that show it.

Nothing here changes a text. The verdicts are made from the evidence by rules that a person can
follow: see `docs/cleaning.md`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archive.judge.brands import Brands, brands
from archive.judge.foreign import Name, foreign_names
from archive.judge.readings import Places, places_of, readings
from archive.judge.slots import PLACE, SlotWords, slot_words, votes
from archive.known import Knowledge, Rule
from archive.model import Cleaning, Flag, Identity, Meta, Page, Span, Verdict

_LONGEST_INSERTION = 24
_ENOUGH = 3  # twice may be chance; the same chance three times is none
_MOST_NAMES = 400  # a page with more foreign names is no report; its brands are listed ones
_SURENESS = ("template", "brand", "spam", "slots", "shape", "title")
"""The signals by how well they know where a foreign name begins and ends."""

_LONG = 5000  # characters; a shorter text need not name its province
_SURPRISING = 9.0  # bits; nine in ten runs of Han in clean reports have less
_ALTERED = {"spun": 2, "translated": 1, "blanked": 3}
_SELF_DESCRIPTIONS = ("title", "meta:title", "meta:keywords", "meta:description")
_TITLE_PARTS = re.compile(r"[_|,，、—-]")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One signal at one place: `visible[start:stop]` are the words that ought not to be there.

    What stands outside the visible text has no place in it (0 to 0) and brings its `words`.
    """

    signal: str
    start: int
    stop: int
    why: str
    words: str = ""


def evidence(page: Page, cleaning: Cleaning, knowledge: Knowledge) -> tuple[Evidence, ...]:
    """All that speaks for a hijack, in the order of the text."""
    found = [
        *_listed_brands(page, knowledge),
        *_changed_templates(page, cleaning.spans, knowledge.rules),
        *_slots_filled(page, knowledge),
        *_spam_names(page, cleaning.spans, knowledge.rules),
        *_replaced_titles(page, knowledge),
    ]
    return tuple(sorted(found, key=lambda item: (item.start, item.stop, item.signal)))


def flags_of(
    page: Page, found: Iterable[Evidence], identity: Identity, knowledge: Knowledge
) -> tuple[Flag, ...]:
    """One flag a place, with the evidence of all signals there and what it may have read."""
    places = places_of(identity, knowledge.gazetteer)
    words = slot_words(knowledge)
    absent = _told_absent(page, places)
    return tuple(
        _flag(page, group, words, places, (*_told_surprise(page, group, knowledge), *absent))
        for group in _by_place(found)
    )


def _told_absent(page: Page, places: Places) -> tuple[str, ...]:
    """Which words a long report of this place always has, and this one does not."""
    expected = [places.names.get(key) for key in ("committee", "capital", "province")]
    absent = [word for word in expected if word and word not in page.visible]
    if len(page.visible) < _LONG or not absent:
        return ()
    return (f"absent: {'、'.join(absent)} in {len(page.visible)} characters",)


def _told_surprise(page: Page, group: list[Evidence], knowledge: Knowledge) -> tuple[str, ...]:
    bits = knowledge.figures.bits(page.visible[group[0].start : group[0].stop])
    if bits < _SURPRISING:
        return ()
    return (f"surprise: {bits:.1f} bits a pair of characters, clean reports have 6.4",)


def _by_place(found: Iterable[Evidence]) -> Iterator[list[Evidence]]:
    group: list[Evidence] = []
    for item in found:
        if group and item.start >= max(other.stop for other in group):
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def _flag(
    page: Page, group: list[Evidence], words: SlotWords, places: Places, more: Iterable[str]
) -> Flag:
    surest = min(group, key=lambda item: _SURENESS.index(item.signal))
    start, stop = surest.start, surest.stop
    proposals, why = readings(page.visible, start, stop, words, places) if stop else ((), "")
    if any(item.signal == "template" for item in group):
        proposals, why = ("",), "the template has nothing there"
    told = [*dict.fromkeys(f"{item.signal}: {item.why}" for item in group), *more]
    if proposals:
        told.append(f"reading: {proposals[0] or 'nothing'}, {why}")
    shown = page.visible[start:stop] or group[0].words
    return Flag("hijack", start, stop, shown, "; ".join(told), proposals)


def verdicts(flags: Iterable[Flag], cleaning: Cleaning) -> tuple[Verdict, Verdict]:
    """The verdict of the kept text and of the page.

    A hijack flag in kept words makes the text hijacked, one anywhere the page. A text that was
    spun or translated by a program, or whose names were blanked out, is suspect.
    """
    places = [(flag.start, flag.stop) for flag in flags]
    kept = [(span.start, span.stop) for span in cleaning.spans if span.action != "drop"]
    if any(a < stop and start < b for a, b in places for start, stop in kept):
        return "hijacked", "hijacked"
    altered = Counter(flag.kind for flag in cleaning.flags)
    suspect = any(altered[kind] >= least for kind, least in _ALTERED.items())
    verdict: Verdict = "suspect" if suspect else "clean"
    return verdict, "hijacked" if places else verdict


def _listed_brands(page: Page, knowledge: Knowledge) -> Iterator[Evidence]:
    for start, stop in brands(knowledge).find(page.visible):
        yield Evidence("brand", start, stop, "a betting brand of the lexicon")


def _slots_filled(page: Page, knowledge: Knowledge) -> Iterator[Evidence]:
    text, words = page.visible, slot_words(knowledge)
    brand = brands(knowledge)
    names = foreign_names(text, knowledge.figures, words.vocabulary)
    taken: list[str] = []
    for name in _suspects(names, brand):
        if not words.is_foreign(name.words):
            continue
        if any(known in name.words or name.words in known for known in taken):
            continue
        counted = votes(text, name, words)
        if _is_hijack(name, counted, brand):
            taken.append(name.words)
            why = f"stands {len(name.starts)} times{_told_slots(counted)}"
            for start in name.starts:
                yield Evidence("slots" if counted else "shape", start, start + len(name.words), why)


def _suspects(names: Sequence[Name], brand: Brands) -> list[Name]:
    """The names that `_is_hijack` may find: those that look like a brand's first.

    Short before long, as what holds a found name adds nothing.
    """
    if len(names) > _MOST_NAMES:
        likely = sorted(names, key=lambda n: (not brand.looks_like(n.words), -len(n.starts)))
        names = likely[:_MOST_NAMES]
    often = [n for n in names if len(n.starts) >= _ENOUGH or brand.endings.search(n.words)]
    return sorted(
        often, key=lambda n: (not brand.looks_like(n.words), len(n.words), -len(n.starts))
    )


def _replaced_titles(page: Page, knowledge: Knowledge) -> Iterator[Evidence]:
    """Brands in what the page says of itself outside its visible text; they have no place in it."""
    brand = brands(knowledge)
    for meta in page.metas:
        if meta.source not in _SELF_DESCRIPTIONS:
            continue
        for start, stop in brand.find(meta.value):
            yield _unplaced(meta, meta.value[start:stop], "a betting brand of the lexicon")
        first = _TITLE_PARTS.split(meta.value.strip())[0]
        repeated = bool(first) and meta.value.count(first) > 1
        if repeated and brand.looks_like(first) and first not in page.visible:
            yield _unplaced(meta, first, "repeated there and made like the name of a brand")


def _unplaced(meta: Meta, words: str, why: str) -> Evidence:
    return Evidence("title", 0, 0, f"the {meta.source} of the page holds {words}, {why}", words)


def _is_hijack(name: Name, counted: Counter[str], brand: Brands) -> bool:
    """Does a foreign name stand for official words, or look like a brand where it stands?"""
    official = counted.total() - counted[PLACE]
    if official >= _ENOUGH or (official and len(counted) > 1 and counted.total() >= _ENOUGH):
        return True
    if official > 1 and brand.endings.search(name.words):
        return True
    if len(name.starts) < _ENOUGH:
        return False
    hinted = (official or counted.total() > 1) and brand.hints.search(name.words)
    return bool(hinted or brand.shapes.search(name.words))


def _told_slots(counted: Counter[str]) -> str:
    if not counted:
        return " and is made like the name of a brand"
    told = "、".join(f"{_shown(word)} ({n})" for word, n in counted.most_common(4))
    return f", also where clean reports have {told}"


def _shown(word: str) -> str:
    return "a place" if word == PLACE else word.replace("{committee}", "省委")


def _spam_names(page: Page, spans: Iterable[Span], rules: Iterable[Rule]) -> Iterator[Evidence]:
    """The name that a rule's group tells, all over the page; other spam repeats none."""
    repeating = {rule.id: rule.regex for rule in rules if rule.kind == "spam" and rule.regex.groups}
    for span in spans:
        regex = repeating.get(span.rule)
        match = regex and regex.match(page.visible[span.start : span.stop].strip())
        if match:
            for found in re.finditer(re.escape(match.group(1)), page.visible):
                yield Evidence("spam", *found.span(), "the name that a line of spam repeats")


def _changed_templates(
    page: Page, spans: Iterable[Span], rules: Iterable[Rule]
) -> Iterator[Evidence]:
    forms = {rule.id: rule.forms for rule in rules if rule.forms}
    for span in spans:
        for form in forms.get(span.rule, ()):
            words = page.visible[span.start : span.stop]
            for start, stop in insertions(words, form):
                yield Evidence(
                    "template",
                    span.start + start,
                    span.start + stop,
                    f"a known line of the template reads {form!r} without these words",
                )


def insertions(words: str, form: str) -> Iterator[tuple[int, int]]:
    """Where `words` have the phrase `form` with something put into it."""
    half = len(form) // 2
    for head, tail in ((form[:half], form[half:]), (form[:4], form[4:]), (form[:-2], form[-2:])):
        place = words.find(head)
        if place < 0 or form in words:
            continue
        reached = _common(words, place, form)
        rest = form[reached - place :]
        again = words.find(rest, reached, reached + _LONGEST_INSERTION + len(rest))
        if rest and tail.endswith(rest) and again > reached:
            yield reached, again
            return


def _common(words: str, place: int, form: str) -> int:
    length = 0
    while place + length < len(words) and length < len(form):
        if words[place + length] != form[length]:
            break
        length += 1
    return place + length
