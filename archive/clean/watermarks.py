"""Detects the name of a site at the ends of many lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from archive.clean.edits import Edit, SelectedText, edit
from archive.clean.joining import is_heading
from archive.clean.lines import VisibleLine
from archive.known import Rule
from archive.known.figures import Figures

_LEAST_LINES: Final = 3
_SHORTEST, _LONGEST = 3, 24
_SITE = re.compile(
    r"文库|资料(?:库|网|下载|共享|站)|范文|模[版板]|论坛|百科|论文|文秘|公众号|"
    r"(?:公文|报告|材料|秘书|文档|文稿|写作|作文)(?:之家|[网站吧库])|www\.|\.(?:com|cn|net|org)"
)


def watermarks(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """Return the same words after the last full stop of at least three lines, or after headings.

    A name found after full stops is also removed from headings. Words found only after headings
    must be the name of a site.
    """
    found = {line.index: (words, line) for line, words in _behind_stops(rule, document)}
    often = Counter(words for words, _ in found.values())
    marks = {words for words, count in often.items() if count >= _LEAST_LINES}
    for words, line in found.values():
        if words in marks:
            yield edit(rule, line.stop - len(words), line.stop)
    headings = [
        line for line in document.kept if is_heading(line.words) and line.index not in found
    ]
    sure = list(_taken_from(rule, headings, marks))
    yield from sure
    ends = {one.stop for one in sure}
    others = [line for line in headings if line.stop not in ends]
    yield from _taken_from(rule, others, _behind_headings(others, document.knowledge.figures))


def _taken_from(
    rule: Rule, headings: Iterable[VisibleLine], marks: Collection[str]
) -> Iterator[Edit]:
    for line in headings:
        mark = next((mark for mark in marks if line.words.endswith(mark)), None)
        if mark and is_heading(line.words.removesuffix(mark)):
            yield edit(rule, line.stop - len(mark), line.stop)


def _behind_stops(rule: Rule, document: SelectedText) -> Iterator[tuple[VisibleLine, str]]:
    for line in document.kept:
        match = rule.regex.search(line.words, max(0, len(line.words) - _LONGEST - 2))
        if match and not (rule.never and rule.never.fullmatch(match[0], 1)):
            yield line, match[0][1:]


def _behind_headings(headings: Sequence[VisibleLine], figures: Figures) -> tuple[str, ...]:
    """Return the name of a site after at least three headings.

    Headings may end alike before the name. It begins where no report writes its first character
    after the previous one.
    """
    endings = [line.words[-_LONGEST:] for line in headings if _SITE.search(line.words, 2)]
    if len(endings) < _LEAST_LINES:
        return ()
    often = Counter(
        ending[start:]
        for ending in endings
        for start in range(1, len(ending) - _SHORTEST + 1)
        if not figures.knows(ending[start - 1 : start + 1])
    )
    mark = max(often, key=lambda words: (often[words], len(words)), default="")
    return (mark,) if often[mark] >= _LEAST_LINES and _SITE.search(mark) else ()
