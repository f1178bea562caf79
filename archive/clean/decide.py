"""Decides which rule takes each line, first by its words, then by the lines around it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from archive.clean.frame import frame_of
from archive.clean.lines import SCOPES_OF, VisibleLine, Zone, zones
from archive.clean.rescue import head_outside_main
from archive.clean.rulebook import Fate, MatchedField, RuleBook, taken
from archive.known import Knowledge
from archive.known.figures import Figures
from archive.known.required_strings import beginnings
from archive.known.rules import Near, Rule
from archive.model import Page

_SEARCHED_FOR_TITLE = 40
_EXCERPT_WITHIN = 80
_SHORTEST_EXCERPT = 30
_BEFORE_EXCERPT = re.compile(r"[^:：]{1,8}[:：](?=政府工作报告|各位)")
_BEHIND_EXCERPT = ".…。"
_HEADINGS = ("h1", "h2", "h3")


@dataclass(frozen=True)
class Decided:
    """The decisions about the lines of a page, by line number.

    `rescued` are head lines outside the main part that belong to the report. `outside` are lines of
    the main part that do not, each with the rule that says so.
    """

    fates: Sequence[Fate]
    rescued: frozenset[int]
    outside: Mapping[int, str]

    def drops(self, line: VisibleLine) -> bool:
        """Whether rules take `line`, or it lies outside the report."""
        return bool(self.fates[line.index]) or line.index in self.outside


def decide(
    page: Page, lines: Sequence[VisibleLine], book: RuleBook, knowledge: Knowledge
) -> Decided:
    """Decide each line under the rules of `book`, and which lines are not part of a report."""
    figures = knowledge.figures
    hinted = book.hinted(page)
    anywhere = [book.fields(line.words, "any", hinted=line.index in hinted) for line in lines]
    rules = book.conditional_rules(page.visible)
    _without_excerpts(lines, anywhere, rules)
    frame = frame_of(page, lines, anywhere, knowledge)
    zoned = zones(lines, [bool(fate) for fate in anywhere], frame.body if frame else None)
    fates = [
        fate if not fate or _allowed(fate, zone) else book.fields(line.words, zone)
        for line, fate, zone in zip(lines, anywhere, zoned, strict=True)
    ]
    rescued = head_outside_main(page, [line for line in lines if not fates[line.index]])
    others = [line for line in lines if line.index not in rescued]
    decided = _by_company(others, _without_lists(lines, fates), zoned, rules, figures)
    outside = frame.outside.items() if frame else ()
    kept_out = {number: rule for number, rule in outside if number not in rescued}
    return Decided(decided, rescued, kept_out)


def _without_excerpts(
    lines: Sequence[VisibleLine], fates: list[Fate], rules: Iterable[Rule]
) -> None:
    """Drop head lines that only repeat what the lines below them say."""
    rule = next((rule for rule in rules if rule.again), None)
    if rule is None:
        return
    shown = (line for line in lines if line.block.main and line.words)
    head = list(islice(shown, _EXCERPT_WITHIN))
    begins = "".join(line.squeezed[0] for line in head)
    for rank, line in enumerate(head[:_SEARCHED_FOR_TITLE], 1):
        long = len(line.words) >= _SHORTEST_EXCERPT
        if long and _is_excerpt(line, head[rank:], begins[rank:]):
            fates[line.index] = (MatchedField(0, len(line.words), rule),)


def _is_excerpt(line: VisibleLine, below: Sequence[VisibleLine], begins: str) -> bool:
    """Whether several consecutive lines below begin with all parts of `line`.

    `begins` are the first characters of the lines below; most lines find none of their own there.
    """
    label = _BEFORE_EXCERPT.match(line.squeezed)
    words = line.squeezed[label.end() if label else 0 :].rstrip(_BEHIND_EXCERPT)
    if words[:1] not in begins:
        return False
    first = next((n for n, other in enumerate(below) if words.startswith(other.squeezed)), None)
    if first is None:
        return False
    joined = "".join(other.squeezed for other in below[first:])
    return len(words) > len(below[first].squeezed) and joined.startswith(words)


def _without_lists(lines: Sequence[VisibleLine], fates: list[Fate]) -> list[Fate]:
    """Spare lines that are entries of a list: several begin alike and continue differently."""
    entries: dict[str, set[str]] = {}
    begins = [_beginning(line, fate) for line, fate in zip(lines, fates, strict=True)]
    for line, begin in zip(lines, begins, strict=True):
        if begin:
            entries.setdefault(begin, set()).add(line.squeezed)
    return [
        () if begin and len(entries[begin]) > 1 else fate
        for begin, fate in zip(begins, fates, strict=True)
    ]


def _beginning(line: VisibleLine, fate: Fate) -> str:
    """Return the words with which `line` begins, if a rule that takes it spares lists."""
    for field in fate:
        if field.rule.listed and (match := field.rule.listed.match(line.words)):
            return "".join(match[0].split())
    return ""


def _allowed(fate: Fate, zone: Zone) -> bool:
    return all(field.rule.scope in SCOPES_OF[zone] for field in fate)


def _by_company(
    lines: Sequence[VisibleLine],
    fates: list[Fate],
    zoned: Sequence[Zone],
    rules: Iterable[Rule],
    figures: Figures,
) -> list[Fate]:
    filled = [line for line in lines if not line.blank and not line.block.hidden]
    for rule in rules:
        if rule.again or not _may_have_company(rule, fates):
            continue
        open_to = [zone for zone, scopes in SCOPES_OF.items() if rule.scope in scopes]
        for rank in _candidates(rule, filled):
            line = filled[rank]
            if fates[line.index] or zoned[line.index] not in open_to:
                continue
            whole = len(line.words)
            if not _company_fits(rule, rank, filled, fates) or taken(rule, line.words) < whole:
                continue
            if _is_unseen(rule, line.words, figures):
                fates[line.index] = (MatchedField(0, whole, rule),)
    return fates


def _candidates(rule: Rule, filled: Sequence[VisibleLine]) -> Sequence[int]:
    """Return the ranks of the lines that `rule` applies to: links, repeats, first lines, or all."""
    if rule.links:
        return [
            rank
            for rank, line in enumerate(filled)
            if line.block.link_chars and line.link_share >= rule.links
        ]
    if rule.repeats:
        often = Counter(line.words for line in filled)
        return [rank for rank, line in enumerate(filled) if often[line.words] > 1]
    if begins := _begins(rule.pattern):
        return [rank for rank, line in enumerate(filled) if _may_begin(begins, line.words[0])]
    return range(min(rule.first, len(filled)) if rule.first else len(filled))


@lru_cache(maxsize=64)
def _begins(pattern: str) -> frozenset[str]:
    return beginnings(pattern) or frozenset()


def _may_begin(begins: frozenset[str], first: str) -> bool:
    return first in begins or (not first.isascii() and first.isdecimal())


def _may_have_company(rule: Rule, fates: Iterable[Fate]) -> bool:
    """Whether the neighbours that `rule` requires are on the page at all."""
    asked = [near.what for near in (rule.before, rule.after, rule.beside) if near]
    return not asked or all(any(_is(what, fate) for fate in fates if fate) for what in asked)


def _company_fits(
    rule: Rule, rank: int, filled: Sequence[VisibleLine], fates: Sequence[Fate]
) -> bool:
    line = filled[rank]
    if rule.links and line.block.tag in _HEADINGS:
        return False
    if rule.outside_main and line.block.main:
        return False
    if rule.repeats and not _repeats(rank, filled, fates):
        return False
    if rule.before and not _near(rule.before, filled, fates, rank, (1,)):
        return False
    if rule.after and not _near(rule.after, filled, fates, rank, (-1,)):
        return False
    return not rule.beside or _near(rule.beside, filled, fates, rank, (1, -1))


def _near(
    near: Near,
    filled: Sequence[VisibleLine],
    fates: Sequence[Fate],
    rank: int,
    ways: tuple[int, ...],
) -> bool:
    for way in ways:
        for distance in range(near.least, near.most + 1):
            other = rank + way * distance
            if 0 <= other < len(filled) and _is(near.what, fates[filled[other].index]):
                return True
    return False


def _is(what: tuple[str, ...], fate: Fate) -> bool:
    return any(field.rule.id in what or field.rule.kind in what for field in fate)


def _is_unseen(rule: Rule, words: str, figures: Figures) -> bool:
    """Whether the name that `rule` captures has no two characters that are adjacent in reports."""
    behind = rule.behind_name.search(words) if rule.behind_name else None
    name = words[: behind.start()] if behind else ""
    return not any(figures.knows(first + second) for first, second in pairwise(name))


def _repeats(rank: int, filled: Sequence[VisibleLine], fates: Sequence[Fate]) -> bool:
    words = filled[rank].words
    return any(
        other.words == words and not fates[other.index] and other.block.main
        for other in filled[max(0, rank - _SEARCHED_FOR_TITLE) : rank]
    )
