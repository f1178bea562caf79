"""Which rule decides each line: first by its words, then by the company it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from archive.clean.lines import SCOPES_OF, Line, Zone, zones
from archive.clean.rescue import head_outside_main
from archive.clean.rulebook import Field, RuleBook, taken
from archive.known.figures import Figures
from archive.known.rules import Near, Rule
from archive.model import Page

Fate = tuple[Field, ...]
"""The fields that take a line; an empty fate leaves it as it is."""

_SEARCHED_FOR_TITLE = 40
_HEADINGS = ("h1", "h2", "h3")


def decide(
    page: Page, lines: Sequence[Line], book: RuleBook, figures: Figures
) -> tuple[list[Fate], frozenset[int]]:
    """The fate of each line under the rules of `book`, and the head lines saved for the report."""
    anywhere = [book.fields(line.words, "any") for line in lines]
    zoned = zones(lines, [bool(fate) for fate in anywhere])
    fates = [
        fate if _allowed(fate, zone) else book.fields(line.words, zone)
        for line, fate, zone in zip(lines, anywhere, zoned, strict=True)
    ]
    rescued = head_outside_main(page, [line for line in lines if not fates[line.index]])
    others = [line for line in lines if line.index not in rescued]
    decided = _by_company(others, _without_lists(lines, fates), zoned, book, figures)
    return decided, rescued


def _without_lists(lines: Sequence[Line], fates: list[Fate]) -> list[Fate]:
    """The fates but of lines that are entries of a list: several begin alike and go on apart."""
    entries: dict[str, set[str]] = {}
    begins = [_beginning(line, fate) for line, fate in zip(lines, fates, strict=True)]
    for line, begin in zip(lines, begins, strict=True):
        if begin:
            entries.setdefault(begin, set()).add(line.squeezed)
    return [
        () if begin and len(entries[begin]) > 1 else fate
        for begin, fate in zip(begins, fates, strict=True)
    ]


def _beginning(line: Line, fate: Fate) -> str:
    """The words with which `line` begins, where a rule that takes it spares lists."""
    for field in fate:
        if field.rule.listed and (match := field.rule.listed.match(line.words)):
            return "".join(match[0].split())
    return ""


def _allowed(fate: Fate, zone: Zone) -> bool:
    return all(field.rule.scope in SCOPES_OF[zone] for field in fate)


def _by_company(
    lines: Sequence[Line],
    fates: list[Fate],
    zoned: Sequence[Zone],
    book: RuleBook,
    figures: Figures,
) -> list[Fate]:
    filled = [line for line in lines if not line.blank and not line.block.hidden]
    for rule in book.conditional:
        for rank, line in enumerate(filled):
            if rule.first and rank >= rule.first:
                break
            if fates[line.index] or rule.scope not in SCOPES_OF[zoned[line.index]]:
                continue
            whole = len(line.words)
            if not _company_fits(rule, rank, filled, fates) or taken(rule, line.words) < whole:
                continue
            if _is_unseen(rule, line.words, figures):
                fates[line.index] = (Field(0, whole, rule),)
    return fates


def _company_fits(rule: Rule, rank: int, filled: Sequence[Line], fates: Sequence[Fate]) -> bool:
    line = filled[rank]
    if rule.links and (line.link_share < rule.links or line.block.tag in _HEADINGS):
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
    near: Near, filled: Sequence[Line], fates: Sequence[Fate], rank: int, ways: tuple[int, ...]
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
    """Whether the name that `rule` sees has no two characters that reports have side by side."""
    behind = rule.behind_name.search(words) if rule.behind_name else None
    name = words[: behind.start()] if behind else ""
    return not any(figures.knows(first + second) for first, second in pairwise(name))


def _repeats(rank: int, filled: Sequence[Line], fates: Sequence[Fate]) -> bool:
    squeezed = filled[rank].squeezed
    return any(
        other.squeezed == squeezed and not fates[other.index] and other.block.main
        for other in filled[max(0, rank - _SEARCHED_FOR_TITLE) : rank]
    )
