"""Which method of a spider reads an answer: rows of the frontier have its name."""

from __future__ import annotations

from typing import Final

from scrapy import Request

ARTICLE_CALLBACKS: Final = ("parse_report", "parse_attachment")
"""The callbacks that read articles; rows of all others, lists, are asked again in every round."""


def callback_name(request: Request) -> str:
    """The name of the spider's method that reads the answer."""
    return "parse" if request.callback is None else str(request.callback.__name__)


def reads_article(request: Request) -> bool:
    """Whether the answer is read as an article, and not as a list."""
    return callback_name(request) in ARTICLE_CALLBACKS
