"""Evidence that a page was hijacked: each signal by itself, with the words that show it.

Nothing here changes a text. The verdicts are made from the evidence by rules that a person can
follow: see `docs/cleaning.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archive.judge.brands import brands
from archive.known import Knowledge, Rule
from archive.model import Cleaning, Flag, Page, Span, Verdict

_LONGEST_INSERTION = 24


@dataclass(frozen=True, slots=True)
class Evidence:
    """One signal at one place: `visible[start:stop]` are the words that ought not to be there."""

    signal: str
    start: int
    stop: int
    why: str


def evidence(page: Page, cleaning: Cleaning, knowledge: Knowledge) -> tuple[Evidence, ...]:
    """All that speaks for a hijack, in the order of the text."""
    found = [
        *_listed_brands(page, knowledge),
        *_changed_templates(page, cleaning.spans, knowledge.rules),
    ]
    return tuple(sorted(found, key=lambda item: (item.start, item.stop, item.signal)))


def flags_of(page: Page, found: Iterable[Evidence]) -> tuple[Flag, ...]:
    """One flag a place: signals at overlapping places are joined."""
    flags: list[Flag] = []
    for item in found:
        if flags and item.start < flags[-1].stop:
            last = flags[-1]
            stop = max(last.stop, item.stop)
            flags[-1] = _flag(page, last.start, stop, _joined(last.evidence, item))
        else:
            flags.append(_flag(page, item.start, item.stop, _told(item)))
    return tuple(flags)


def _flag(page: Page, start: int, stop: int, told: str) -> Flag:
    return Flag("hijack", start, stop, page.visible[start:stop], told)


def _told(item: Evidence) -> str:
    return f"{item.signal}: {item.why}"


def _joined(told: str, item: Evidence) -> str:
    return told if _told(item) in told else f"{told}; {_told(item)}"


def verdicts(flags: Iterable[Flag], spans: Iterable[Span]) -> tuple[Verdict, Verdict]:
    """The verdict of the kept text and of the page, from hijack flags."""
    places = [(flag.start, flag.stop) for flag in flags]
    if not places:
        return "clean", "clean"
    kept = [(span.start, span.stop) for span in spans if span.action != "drop"]
    inside = any(a < stop and start < b for a, b in places for start, stop in kept)
    return ("hijacked" if inside else "clean"), "hijacked"


def _listed_brands(page: Page, knowledge: Knowledge) -> Iterator[Evidence]:
    for start, stop in brands(knowledge).find(page.visible):
        yield Evidence("brand", start, stop, "a betting brand of the lexicon")


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
