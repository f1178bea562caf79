"""Templates of our own pages: always escaped, rendered in the thread that read the database."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from archive.known.han import HAN
from archive.model import sha256

ASSETS: Final = {
    "baogao.css": "text/css; charset=utf-8",
    "baogao.js": "text/javascript; charset=utf-8",
    "drawn.css": "text/css; charset=utf-8",
    "stock.css": "text/css; charset=utf-8",
    "stock.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


_HAN: Final = re.compile(f"([{HAN}][{HAN}、，。：；（）《》“”0-9]*)")


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the Jinja environment of our pages; autoescape is on and unknown names are errors."""
    made = Environment(
        loader=PackageLoader("archive.browse", "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["mixed"] = mixed
    made.filters["hits"] = hits
    made.filters["rule_name"] = lambda rule, labels: labels.rule(rule)
    made.filters["number"] = lambda value: f"{value:,}"
    made.filters["digest"] = lambda value: "" if value is None else str(value)[:12]
    made.filters["moment"] = moment
    made.filters["segment"] = lambda value: quote(str(value), safe="")
    made.filters["percent"] = lambda value: f"{value:.0%}"
    made.filters["json_words"] = json_words
    made.filters["from_json"] = json.loads
    made.filters["words_of"] = _words
    return made


def mixed(words: str, language: str) -> Markup:
    """Mark the Chinese words in an English sentence as Chinese, for those who hear the page."""
    if language == "zh":
        return escape(words)
    pieces = _HAN.split(words)
    return Markup().join(
        Markup('<span lang="zh-CN">{}</span>').format(piece) if n % 2 else escape(piece)
        for n, piece in enumerate(pieces)
    )


def hits(words: str, finder: re.Pattern[str] | None) -> Markup:
    """Mark what `finder` finds in `words`; nothing if there is no finder."""
    if finder is None:
        return escape(words)
    made, reached = Markup(), 0
    for found in finder.finditer(words):
        made += escape(words[reached : found.start()])
        made += Markup('<mark class="hit">{}</mark>').format(found[0])
        reached = found.end()
    return made + escape(words[reached:])


def moment(time: str | None) -> str:
    """Format `2026-01-31T08:15:00.000Z` for people: `2026-01-31 08:15 UTC`."""
    if not time:
        return "–"
    day, _, clock = time.partition("T")
    return f"{day} {clock[:5]} UTC" if clock else day


def json_words(value_json: str | None) -> str:
    """Return a stored JSON value in words: text as it is, mappings as `name: value`."""
    value = None if value_json is None else json.loads(value_json)
    return _words(value)


def _words(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, dict):
        return " · ".join(f"{k}: {_words(v)}" for k, v in value.items())
    if isinstance(value, list):
        return "、".join(_words(v) for v in value)
    return str(value)


def asset(name: str) -> bytes:
    """Return the bytes of one file of `assets/`.

    Raises:
        KeyError: `name` is not in `ASSETS`.
    """
    _ = ASSETS[name]
    return _asset(name)


@lru_cache(maxsize=len(ASSETS))
def _asset(name: str) -> bytes:
    return files("archive.browse").joinpath("assets", name).read_bytes()


def asset_path(name: str) -> str:
    """Return the path of an asset, with its digest, so that it may be cached forever."""
    return f"-/baogao/{sha256(asset(name))[:12]}/{name}"
