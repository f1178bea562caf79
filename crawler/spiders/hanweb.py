"""Family `hanweb`: 大汉 jcms, of Zhejiang, Jiangsu, Shandong and many cities.

A column page has no items, or the first ones only; a script asks `dataproxy.jsp` for them, three
pages at a time, by POST or, where that is refused, by GET, and gets XML with CDATA records or, from
older systems, a JavaScript array. Articles are `/art/2023/1/31/art_1229_5055.html`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

from scrapy import Request
from scrapy.http import Response, TextResponse

from archive import Capture
from crawler.callbacks import callback_name
from crawler.page_workers import Question
from crawler.spiders.listing import ListSpider
from crawler.spiders.site import Found

PAGES_A_CALL: Final = 3
PER_PAGE: Final = 15
FORM: Final = (
    "col", "appid", "webid", "path", "columnid", "sourceContentType", "unitid", "webname",
    "permissiontype",
)  # fmt: skip
"""Form fields of the proxy; `unitid` is the required one."""

_PROXY = re.compile(r"[\"'(]([^\"'()\s]{0,120}/(?:more(?:column)?)?dataproxy\.jsp)", re.IGNORECASE)
_VALUE = r"\b{}[\"']?\s*[:=]\s*(?:[\"']([^\"']{{0,200}})[\"']|([\w./-]{{1,60}}))"
_TOTAL = re.compile(r"(?:<totalrecord>|\btotalRecord\s*[:=]\s*[\"']?)(\d{1,6})", re.IGNORECASE)
_TOTAL_PAGES = re.compile(r"(?:<totalpage>|\btotalPage\s*[:=]\s*[\"']?)(\d{1,6})", re.IGNORECASE)
_CDATA = re.compile(r"\s*+<!\[CDATA\[")
_ARRAY = re.compile(r"dataStore\s*=\s*\[", re.IGNORECASE)
REFUSES_POST: Final = (400, 403, 404, 405, 500, 501)
"""Statuses with which a proxy asks for GET instead of POST."""

_QUERY_VALUE = re.compile(r"[?&](\w+)=([^&\"'\s]*)")


class HanwebSpider(ListSpider):
    """Requests the records of a column from the proxy, and follows the links in them."""

    handle_httpstatus_list = REFUSES_POST

    def reads(self, capture: Capture) -> bool:
        """Also read the refusal of a POST, which is repeated as GET."""
        return capture.method == "POST" and _is_proxy(capture.url)

    def parse(self, response: Response) -> Found:
        """Read a column page: its items, and what its script would request."""
        yield from super().parse(response)
        if not isinstance(response, TextResponse):
            return
        yield from self._reports(response, records(response.text))
        proxy = _PROXY.search(response.text)
        if proxy is not None:
            form = form_of(response.text)
            per_page = _whole(_value(response.text, "perPage"), PER_PAGE)
            url = urljoin(response.url, proxy[1])
            yield self._call(url, form, 1, max(1, min(per_page, 100)))

    def parse_records(
        self, response: Response, form: dict[str, str], start: int, per_page: int
    ) -> Found:
        """Read the proxy's answer; request the rest after the first answer."""
        text = response.text if isinstance(response, TextResponse) else ""
        found, total = records(text), total_of(text, per_page)
        yield from self._reports(response, found)
        proxy = response.url.partition("?")[0]
        method = "GET" if response.request is None else response.request.method
        if not found and total is None and method == "POST":
            yield self._call(proxy, form, start, per_page, method="GET")
        if start != 1 or total is None:
            return
        window = PAGES_A_CALL * per_page
        for first in range(1 + window, min(total, self.most_lists * per_page) + 1, window):
            yield self._call(proxy, form, first, per_page, method=method)

    def _call(
        self, proxy: str, form: dict[str, str], start: int, per_page: int, *, method: str = "POST"
    ) -> Request:
        window = {
            "startrecord": str(start),
            "endrecord": str(start + PAGES_A_CALL * per_page - 1),
            "perpage": str(per_page),
        }
        kwargs = {"form": form, "start": start, "per_page": per_page}
        if method == "GET":
            return Request(
                self.here(f"{proxy}?{urlencode(window | form)}"),
                headers={"X-Requested-With": "XMLHttpRequest"},
                callback=self.parse_records,
                cb_kwargs=kwargs,
            )
        return Request(
            self.here(f"{proxy}?{urlencode(window)}"),
            method="POST",
            body=urlencode(form),
            headers={
                "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
                "X-Requested-With": "XMLHttpRequest",
            },
            callback=self.parse_records,
            cb_kwargs=kwargs,
        )

    def to_read(self, response: Response) -> Iterator[Question]:
        """The page, if it is one, and the records in it: a record is a piece of HTML."""
        if not isinstance(response, TextResponse) or not self.reads_list(response):
            yield from super().to_read(response)
            return
        if response.request is None or callback_name(response.request) == "parse":
            yield self.page(response)
        yield self.markup("".join(records(response.text)))

    def _reports(self, response: Response, found: list[str]) -> Found:
        for link in self.links_in(response, self.markup("".join(found))):
            if self.leads_to_report(link):
                yield from self.to_report(link)


def form_of(page: str) -> dict[str, str]:
    """Return the proxy's form, from the script or the `nextgroup` URL of a column page."""
    asked = dict(_QUERY_VALUE.findall(page))
    form = {name: _value(page, name) or asked.get(name, "") for name in FORM}
    defaults = {"col": "1", "appid": "1", "path": "/", "sourceContentType": "1"}
    defaults["permissiontype"] = "0"
    return {name: value or defaults.get(name, "") for name, value in form.items()}


def records(answer: str) -> list[str]:
    """Return the records of an answer, or of a page with the first ones: pieces of HTML."""
    found = [words for piece in answer.split("<record>")[1:] for words in _cdata(piece)]
    array = _ARRAY.search(answer)
    return found + ([answer[array.end() : answer.find("]", array.end())]] if array else [])


def _cdata(piece: str) -> list[str]:
    """Return the content of a record as a list of one; nothing if it has no end."""
    start = _CDATA.match(piece)
    words, end, _ = piece[start.end() :].partition("]]>") if start else ("", "", "")
    return [words] if end else []


def total_of(answer: str, per_page: int) -> int | None:
    """Return the number of records of the column, from records or pages; None if not given."""
    total, pages = _TOTAL.search(answer), _TOTAL_PAGES.search(answer)
    if total is not None:
        return int(total[1])
    return None if pages is None else int(pages[1]) * per_page


def _is_proxy(url: str) -> bool:
    return urlsplit(url).path.lower().endswith("dataproxy.jsp")


def _whole(words: str | None, default: int) -> int:
    return int(words[:6]) if words and words.isascii() and words.isdigit() else default


def _value(page: str, name: str) -> str | None:
    found = re.search(_VALUE.format(re.escape(name)), page, re.IGNORECASE)
    return None if found is None else found[1] or found[2]
