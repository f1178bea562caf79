"""Requests as rows of the frontier: JSON, so that any version of Scrapy can resume them."""

from __future__ import annotations

import base64
import json
from typing import Final

from scrapy import Request
from scrapy.utils.request import request_from_dict

from archive.urls import host_of
from crawler.addresses import fingerprint
from crawler.callbacks import callback_name
from crawler.frontier import Entry, Leased
from crawler.spiders.site import SiteSpider

META_KEPT: Final = (
    "depth", "redirect_times", "redirect_urls", "redirect_reasons", "redirect_ttl",
    "download_maxsize", "known_as", "chosen",
)  # fmt: skip
HEADERS_KEPT: Final = ("Referer", "Content-Type", "X-Requested-With", "Range")
"""The headers that are stored; all others are set again when the request is sent."""


def entry_of(request: Request, site: str, url: str | None = None) -> Entry:
    """The row of a request of a site; `url` is its address as a site file has it, if another.

    `known_as` in the request's meta stands for its address where two requests are distinguished:
    parts of one file differ, and what two web archives have of one page may be the same.
    """
    url = url or request.url
    stored = {
        "url": url,
        "method": request.method,
        "callback": callback_name(request),
        "cb_kwargs": request.cb_kwargs,
        "meta": {key: request.meta[key] for key in META_KEPT if key in request.meta},
        "headers": {
            name: value.decode("latin-1")
            for name in HEADERS_KEPT
            if (value := request.headers.get(name)) is not None
        },
        "body": base64.b64encode(request.body).decode("ascii"),
    }
    return Entry(
        site=site,
        host=host_of(url),
        url=url,
        fingerprint=fingerprint(
            site, request.meta.get("known_as", url), request.method, request.body
        ),
        request_json=json.dumps(stored, ensure_ascii=False, separators=(",", ":")),
        depth=int(request.meta.get("depth", 0)),
    )


def request_of(leased: Leased, spider: SiteSpider) -> Request:
    """The request of a leased row, for the spider whose callback it names."""
    stored = json.loads(leased.request_json)
    stored["url"] = spider.here(stored["url"])
    stored["body"] = base64.b64decode(stored["body"])
    request = request_from_dict(stored, spider=spider)
    request.meta["leased"] = leased
    return request
