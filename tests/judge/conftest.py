"""Pages for the tests of judging: a text is a page whose lines are its blocks."""

import re

import pytest

from archive.known import shipped
from archive.model import Block, Decoding, Page


def text_page(visible: str, *, all_links: bool = False) -> Page:
    blocks, start = [], 0
    for match in re.finditer(r"\r\n|\n|\r|\Z", visible):
        links = match.start() - start if all_links else 0
        blocks.append(Block(start, match.start(), link_chars=links))
        start = match.end()
    return Page(visible, tuple(blocks), Decoding("utf-8", "test"), "text")


@pytest.fixture(name="page_of")
def _page_of():
    return text_page


@pytest.fixture(name="known", scope="session")
def _known():
    return shipped()
