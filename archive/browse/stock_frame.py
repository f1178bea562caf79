"""The frame of our pages around Datasette's own: header, footer, language and style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from archive.browse.labels import HTML_LANGUAGE
from archive.browse.rendering import asset_path
from archive.browse.web import STOCK_LANGUAGE, asked_of


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame of our pages puts around a stock page."""

    language: str
    css: str
    icon: str
    header: Markup
    footer: Markup


def frame(request: Any, datasette: Any, database: str) -> Frame:
    """Return our header and footer for a stock page, in the reader's language."""
    asked = asked_of(request, datasette, database)
    other = asked.here(**{STOCK_LANGUAGE: asked.other_language})
    return Frame(
        HTML_LANGUAGE[asked.language],
        asked.base + asset_path("baogao.css"),
        asked.base + asset_path("icon.svg"),
        Markup(asked.rendered("header.html", other_language_url=other)),  # noqa: S704
        Markup(asked.rendered("footer.html")),  # noqa: S704  (our own template escapes)
    )
