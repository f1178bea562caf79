"""The extractors with which ours is compared; only the bench uses them.

Each takes a decoded page and gives the lines of its article. What is not installed is left
out and named: `pip install -e '.[bench]'` brings all but the old readability, which lives in
a folder of its own: `pip install --no-deps --target DIR readability-lxml==0.8.4.1`.
"""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from archive.known import shipped
from archive.model import Capture, Page
from archive.read import read
from archive.read.walking import walk

Extractor = Callable[[str], list[str]]


def ours(source: str) -> list[str]:
    """The main part that the read stage finds; it starts from bytes, as it must."""
    page = our_page(source)
    return [page.words(block) for block in page.blocks if block.main]


def our_page(source: str) -> Page:
    """The page that the read stage makes."""
    return read(Capture.from_bytes(source.encode()), shipped())


def peers(old_readability: Path | None = None) -> Iterator[tuple[str, Extractor | str]]:
    """Name and extractor of each peer, or what to say where it is not there."""
    for name, make in _MAKERS.items():
        try:
            yield name, make()
        except ImportError as error:
            yield name, f"not installed ({error.name})"
    if old_readability is None or not old_readability.exists():
        yield "readability-lxml 0.8.4.1", "not installed (--old-readability DIR)"
    else:
        yield "readability-lxml 0.8.4.1", _readability(_module_from(old_readability))


def _shown(markup: str) -> list[str]:
    return [line.text for line in walk(markup).lines]


def _readability(module: Any) -> Extractor:
    logging.getLogger("readability.readability").setLevel(logging.CRITICAL)
    return lambda source: _shown(module.Document(source).summary(html_partial=True))


def _module_from(folder: Path) -> Any:
    """The `readability` package of `folder`, beside the one that is installed."""
    kept = {name: module for name, module in sys.modules.items() if _is_readability(name)}
    for name in kept:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    try:
        found = importlib.import_module("readability")
        importlib.import_module("readability.readability")
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if _is_readability(name)]:
            del sys.modules[name]
        sys.modules.update(kept)
    return found


def _is_readability(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] == "readability"


def _readability_09() -> Extractor:
    return _readability(importlib.import_module("readability"))


def _trafilatura(**options: bool) -> Callable[[], Extractor]:
    def make() -> Extractor:
        extract = importlib.import_module("trafilatura").extract
        logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
        return lambda source: (extract(source, **options) or "").split("\n")

    return make


def _resiliparse() -> Extractor:
    extract = importlib.import_module("resiliparse.extract.html2text").extract_plain_text
    return lambda source: extract(source, main_content=True).split("\n")


def _gne() -> Extractor:
    logging.disable(logging.ERROR)
    extractor = importlib.import_module("gne").GeneralNewsExtractor()
    return lambda source: extractor.extract(source)["content"].split("\n")


def _justext() -> Extractor:
    justext = importlib.import_module("justext").justext

    def extract(source: str) -> list[str]:
        paragraphs = justext(source.encode(), frozenset(), stopwords_low=0, stopwords_high=0)
        return [paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate]

    return extract


def _newspaper() -> Extractor:
    newspaper = importlib.import_module("newspaper")
    config = importlib.import_module("newspaper.configuration").Configuration()
    config.fetch_images = False  # it would ask the network for the size of each picture

    def extract(source: str) -> list[str]:
        article = newspaper.Article("http://page.invalid/", language="zh", config=config)
        article.download(input_html=source)
        article.parse()
        return list(article.text.split("\n"))

    return extract


_MAKERS: dict[str, Callable[[], Extractor]] = {
    "readability-lxml 0.9": _readability_09,
    "trafilatura": _trafilatura(),
    "trafilatura fast": _trafilatura(fast=True),
    "trafilatura precision": _trafilatura(favor_precision=True),
    "resiliparse": _resiliparse,
    "GNE": _gne,
    "jusText": _justext,
    "newspaper4k": _newspaper,
}
