"""Maps answers to spider methods; rows of the frontier store their names."""

from __future__ import annotations

from typing import Final

from scrapy import Request

ARTICLE_CALLBACKS: Final = ("parse_report", "parse_attachment")
"""Callbacks that read articles. Rows of all others are list pages, fetched again in every round."""


def callback_name(request: Request) -> str:
    """Return the name of the spider method that reads the answer."""
    return "parse" if request.callback is None else str(request.callback.__name__)


def reads_article(request: Request) -> bool:
    """Whether the answer is read as an article rather than a list page."""
    return callback_name(request) in ARTICLE_CALLBACKS
