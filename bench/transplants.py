"""Real page skeletons with generated bodies: the article of a saved page is replaced by our own.

They measure how well the chrome of real pages is distinguished from a text, in every body markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

from extraction import GoldPage, squeezed
from lxml import html
from made_pages import MARKUPS

import baogao_practice as practice
from archive.read.decoding import decode
from archive.read.parsing import repaired
from baogao_practice.places import places

MARK = "@@BODY@@"
UNFIT = {"html", "body", "p", "tr", "tbody"}
PROBE = 12
NEARLY_ALL = 0.9


def transplanted(pages: Iterable[GoldPage], paragraphs: int = 29) -> Iterator[GoldPage]:
    """Each page whose article has an element of its own, once with each markup."""
    for page in pages:
        skeleton = _skeleton(page)
        if skeleton is None:
            continue
        for name, markup in MARKUPS.items():
            dice = Random(f"{page.name} {name}")
            code = dice.choice(sorted(places()))
            report = practice.write_report(code, 2024, seed=dice.randrange(99), length=2500)
            body, gold = markup(report.texts[1 : paragraphs + 1], dice)
            source = skeleton.replace(MARK, body).encode()
            yield GoldPage(f"{page.name}/{name}", "transplanted", source, tuple(gold))


def _skeleton(page: GoldPage) -> str | None:
    """The source of `page` with a mark in the place of its article."""
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    root = html.document_fromstring(repaired(decode(page.source)[0]).encode(), parser=parser)
    holder = _holder(root, [squeezed(line)[:PROBE] for line in page.gold if len(line) >= PROBE])
    if holder is None or holder.tag in UNFIT:
        return None
    for child in list(holder):
        holder.remove(child)
    holder.text = MARK
    return str(html.tostring(root, encoding="unicode"))


def _holder(root: Any, probes: list[str]) -> Any:
    """The innermost element in which nearly all lines of the article begin."""
    found = None
    for element in root.iter():
        if not isinstance(element.tag, str) or not probes:
            continue
        text = squeezed(element.text_content())
        if sum(probe in text for probe in probes) >= len(probes) * NEARLY_ALL:
            found = element
    return found
