"""Collects evidence that a page was hijacked: each signal separately, with its words.

Nothing here changes a text. The verdicts follow from the evidence by documented rules: see
`docs/cleaning.md`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from archive.judge.brands import brands, everywhere
from archive.judge.foreign import PARTICLES, Name, foreign_names
from archive.judge.forms import Form, Forms, forms
from archive.judge.levelled import is_rewritten, levelled
from archive.judge.odds import ENOUGH, Odds, odds
from archive.judge.readings import Places, places_of, readings
from archive.judge.slots import PLACE, SlotWords, slot_words
from archive.known import Knowledge, Rule
from archive.known.figures import Figures
from archive.model import Cleaning, Flag, Identity, Meta, Page, Span

_LONGEST_INSERTION = 24
_IN_ANOTHER_SCRIPT = 8.0
"""Bits required of a name's form in traditional script, which has many character variants."""

_SAMPLE, _READS_LIKE_A_REPORT = 600, 0.82
"""Pairs that are looked at, and the share of them that reports have; the least was 0.87."""

_UNLIKE_A_REPORT = 0.6
"""The same share in a text that reads like no report whichever name is taken out of it."""

_HAN_PAIR = re.compile(r"[\u3400-\u9fff]{2}")
_MOST_NAMES = 400  # a page with more foreign names is not a report; its brands are listed ones
_SURENESS = ("template", "brand", "spam", "body", "slots", "shape", "title")
"""The signals by how precisely they find the ends of a foreign name."""

_LONG = 5000  # characters; a shorter text need not name its province
_SURPRISING = 9.0  # bits; nine in ten runs of Han in clean reports have less
_LISTED = "a betting brand of the lexicon"
_NAMES_A_BODY = "made like the name of a brand, in the name of a public body"
_SELF_DESCRIPTIONS = ("title", "meta:title", "meta:keywords", "meta:description")
_TITLE_PARTS = re.compile(r"[_|,，、—-]")


@dataclass(frozen=True, slots=True)
class HijackEvidence:
    """One signal at one place: `visible[start:stop]` are words that do not belong there.

    Evidence outside the visible text has no place in it (0 to 0) and provides its `words`.
    """

    signal: str
    start: int
    stop: int
    why: str
    words: str = ""


def evidence(page: Page, cleaning: Cleaning, knowledge: Knowledge) -> tuple[HijackEvidence, ...]:
    """Return all evidence for a hijack, in text order."""
    text = levelled(page.visible)
    injected = list(_names_injected(page.visible, text, knowledge))
    found = [
        *injected,
        *_listed_brands(text, injected, knowledge),
        *_names_of_bodies(text, knowledge),
        *_changed_templates(page, cleaning.spans, knowledge.rules),
        *_spam_names(page, cleaning.spans, knowledge.rules),
        *_replaced_titles(page, knowledge),
    ]
    return tuple(sorted(found, key=lambda item: (item.start, item.stop, item.signal)))


def flags_of(
    page: Page, found: Iterable[HijackEvidence], identity: Identity, knowledge: Knowledge
) -> tuple[Flag, ...]:
    """Return one flag for each place, with all signals there and proposed readings."""
    places = places_of(identity, knowledge.gazetteer)
    words = slot_words(knowledge)
    absent = _absent_evidence(page, places)
    return tuple(
        _flag(page, group, words, places, (*_surprise_evidence(page, group, knowledge), *absent))
        for group in _by_place(found)
    )


def _absent_evidence(page: Page, places: Places) -> tuple[str, ...]:
    """Return words that a long report of this place always has, and this one lacks."""
    expected = [places.names.get(key) for key in ("committee", "capital", "province")]
    absent = [word for word in expected if word and word not in page.visible]
    if len(page.visible) < _LONG or not absent:
        return ()
    return (f"absent: {'、'.join(absent)} in {len(page.visible)} characters",)


def _surprise_evidence(
    page: Page, group: list[HijackEvidence], knowledge: Knowledge
) -> tuple[str, ...]:
    bits = knowledge.figures.bits(page.visible[group[0].start : group[0].stop])
    if bits < _SURPRISING:
        return ()
    return (f"surprise: {bits:.1f} bits a pair of characters, clean reports have 6.4",)


def _by_place(found: Iterable[HijackEvidence]) -> Iterator[list[HijackEvidence]]:
    group: list[HijackEvidence] = []
    for item in found:
        if group and item.start >= max(other.stop for other in group):
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def _flag(
    page: Page, group: list[HijackEvidence], words: SlotWords, places: Places, more: Iterable[str]
) -> Flag:
    surest = min(group, key=lambda e: (_SURENESS.index(e.signal), e.start - e.stop))
    start, stop = surest.start, surest.stop
    proposals, why = readings(page.visible, start, stop, words, places) if stop else ((), "")
    if any(item.signal == "template" for item in group):
        proposals, why = ("",), "the template has nothing there"
    reasons = [*dict.fromkeys(f"{item.signal}: {item.why}" for item in group), *more]
    if proposals:
        reasons.append(f"reading: {proposals[0] or 'nothing'}, {why}")
    shown = page.visible[start:stop] or group[0].words
    return Flag("hijack", start, stop, shown, "; ".join(reasons), proposals)


def _listed_brands(
    text: str, injected: Sequence[HijackEvidence], knowledge: Knowledge
) -> Iterator[HijackEvidence]:
    """Yield brands of the lexicon, except those inside a longer injected name.

    A particle that happens to be next to each occurrence (在, 和) does not make a longer name.
    """
    around = {at: item for item in injected for at in range(item.start, item.stop)}
    places = brands(knowledge).places(text)
    apart = {text[start:stop].lower() for start, stop in places if start not in around}
    for start, stop in places:
        longer = around.get(start)
        more = text[longer.start : start] + text[stop : longer.stop] if longer else ""
        is_part = longer and stop <= longer.stop and not set(more) <= set(PARTICLES)
        if longer and is_part and text[start:stop].lower() not in apart:
            yield HijackEvidence("brand", longer.start, longer.stop, _LISTED)
        else:
            yield HijackEvidence("brand", start, stop, _LISTED)


def _names_of_bodies(text: str, knowledge: Knowledge) -> Iterator[HijackEvidence]:
    """Yield names made like brands in the name of a government or of the owner of a page."""
    form = forms(knowledge)
    for start, stop in brands(knowledge).named_bodies(text):
        if form.is_made_like_one(text[start:stop]):
            yield HijackEvidence("body", start, stop, _NAMES_A_BODY)


def _names_injected(shown: str, text: str, knowledge: Knowledge) -> Iterator[HijackEvidence]:
    """Yield recurring foreign names in place of official words, or made like brands.

    `text` is `shown` in the characters of the figures and lexica.
    """
    words, form, figures = slot_words(knowledge), forms(knowledge), knowledge.figures
    named = brands(knowledge)
    names = foreign_names(text, figures, words.vocabulary, form.is_ending)
    least = _IN_ANOTHER_SCRIPT if is_rewritten(shown, text) else None
    injected: dict[str, Odds] = {}
    candidates = names
    if len(names) > _MOST_NAMES and _is_unlike_a_report(text, figures):
        candidates = tuple(name for name in names if form.is_made_like_one(name.words))
    for name in _likely(candidates, form, figures):
        its, first = form.of(name.words, figures), name.starts[0]
        printed = shown[first : first + len(name.words)]
        if least is not None and (its.bits or 0.0) < least:
            continue
        foreign = words.is_foreign(name.words) and words.is_foreign(printed)
        if (foreign or form.is_proven(name.words)) and not named.names_a_thing(text, name):
            found = odds(text, name, its, words, figures)
            if found.enough and _may_be_judged(text, name, form, figures):
                injected[name.words] = found
    by_words = {name.words: name for name in names}
    whole = {words: core for words in by_words if (core := _core(words, injected, form))}
    for start, stop in everywhere(text, {words.lower() for words in whole}):
        core = whole.get(text[start:stop], "")
        if core:
            yield _injected(start, stop, by_words[core], injected[core], form.of(core, figures))


def _may_be_judged(text: str, name: Name, form: Forms, figures: Figures) -> bool:
    """Whether the text reads like a report without the name: in others anything may be foreign."""
    if form.is_made_like_one(name.words):
        return True
    if _is_unlike_a_report(text, figures):
        return False
    without = text.replace(name.words, "\n")
    return _share_of_the_genre(without, figures) >= _READS_LIKE_A_REPORT


def _is_unlike_a_report(text: str, figures: Figures) -> bool:
    """Whether a text reads like no report, whichever name is taken out of it."""
    return _share_of_the_genre(text, figures) < _UNLIKE_A_REPORT


def _share_of_the_genre(text: str, figures: Figures) -> float:
    """Return the share of a sample of the pairs of characters of `text` that reports have."""
    step = max(1, len(text) // _SAMPLE)
    pairs = [text[at : at + 2] for at in range(0, len(text) - 1, step)]
    return figures.share_known("".join(filter(_HAN_PAIR.match, pairs)))


def _likely(names: Sequence[Name], form: Forms, figures: Figures) -> list[Name]:
    """Return possible brands; if there are many, those made like brands or frequent."""
    likely = [name for name in names if form.of(name.words, figures).may_be_brand]
    if len(likely) > _MOST_NAMES:
        likely.sort(key=lambda n: (-(form.of(n.words, figures).bits or 0.0), -len(n.starts)))
    return likely[:_MOST_NAMES]


def _core(words: str, injected: Mapping[str, Odds], form: Forms) -> str:
    """Return the injected name in `words`, which may be followed by a brand ending."""
    if words in injected:
        return words
    return next(
        (n for n in injected if words.startswith(n) and form.is_ending(words[len(n) :])), ""
    )


def _injected(start: int, stop: int, name: Name, found: Odds, form: Form) -> HijackEvidence:
    reasons = [f"stands {len(name.starts)} times", *_slot_evidence(found.votes)]
    if form.why:
        reasons.append(form.why)
    why = f"{', '.join(reasons)} ({found.bits:.0f} bits, {ENOUGH:.0f} are enough)"
    return HijackEvidence("slots" if found.votes else "shape", start, stop, why)


def _replaced_titles(page: Page, knowledge: Knowledge) -> Iterator[HijackEvidence]:
    """Yield brands in the page's title and meta elements, which have no place in the text."""
    brand, form = brands(knowledge), forms(knowledge)
    for meta in page.metas:
        if meta.source not in _SELF_DESCRIPTIONS:
            continue
        for start, stop in brand.find(meta.value):
            if not brand.means_something_else(meta.value, start, stop):
                yield _unplaced(meta, meta.value[start:stop], _LISTED)
        first = _TITLE_PARTS.split(meta.value.strip())[0]
        repeated = bool(first) and meta.value.count(first) > 1
        if repeated and first not in page.visible and form.is_made_like_one(first):
            yield _unplaced(meta, first, "repeated there and made like the name of a brand")


def _unplaced(meta: Meta, words: str, why: str) -> HijackEvidence:
    return HijackEvidence(
        "title", 0, 0, f"the {meta.source} of the page holds {words}, {why}", words
    )


def _slot_evidence(votes: Counter[str]) -> Iterator[str]:
    if votes:
        reasons = "、".join(f"{_shown(word)} ({n})" for word, n in votes.most_common(4))
        yield f"also where clean reports have {reasons}"


def _shown(word: str) -> str:
    return "a place" if word == PLACE else word.replace("{committee}", "省委")


def _spam_names(
    page: Page, spans: Iterable[Span], rules: Iterable[Rule]
) -> Iterator[HijackEvidence]:
    """Yield the name captured by a rule's group all over the page; other spam does not recur."""
    repeating = {rule.id: rule.regex for rule in rules if rule.kind == "spam" and rule.regex.groups}
    for span in spans:
        regex = repeating.get(span.rule)
        match = regex and regex.match(page.visible[span.start : span.stop].strip())
        if match:
            for found in re.finditer(re.escape(match.group(1)), page.visible):
                yield HijackEvidence("spam", *found.span(), "the name that a line of spam repeats")


def _changed_templates(
    page: Page, spans: Iterable[Span], rules: Iterable[Rule]
) -> Iterator[HijackEvidence]:
    forms = {rule.id: rule.forms for rule in rules if rule.forms}
    for span in spans:
        for form in forms.get(span.rule, ()):
            words = page.visible[span.start : span.stop]
            for start, stop in insertions(words, form):
                yield HijackEvidence(
                    "template",
                    span.start + start,
                    span.start + stop,
                    f"a known line of the template reads {form!r} without these words",
                )


def insertions(words: str, form: str) -> Iterator[tuple[int, int]]:
    """Return where `words` contain the phrase `form` with something inserted."""
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
