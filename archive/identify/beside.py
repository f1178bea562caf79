"""Reads what is said beside the text: meta elements, the URL, the file name.

It is trusted less than printed text, and each value records its source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

from archive.identify.squeezed import normalise
from archive.known.numerals import iso_date
from archive.model import Capture, Page, Value

_PUBLISHED = ("pubdate", "publishdate", "firstpublishedtime", "article:published_time",
              "datepublished", "publishtime", "createdate", "maketime")  # fmt: skip
_SOURCE = ("contentsource", "source")
_SITE_NAME = ("sitename", "og:site_name")
_TITLES = ("articletitle", "og:title")
_FRONT_MATTER_TITLE = "frontmatter:title"
_STAMP = re.compile(r"(?:19|20)[0-9]{2}\s?[-年/.]\s?[0-9]{1,2}\s?[-月/.]\s?[0-9]{1,2}")
_URL_DATE = re.compile(
    r"/t?(?P<day>(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))(?=[_/.]|[0-9]{6,11}/)"
    r"|/(?P<y>(?:19|20)[0-9]{2})[/-]?(?P<m>[01]?[0-9])[/-](?P<d>[0-3]?[0-9])/"
)
_URL_PAGE = re.compile(r"/[0-9]{2,}_(?P<n>[0-9]{1,3})\.s?html?$")
_URL_FIRST = re.compile(r"/[0-9]{2,}\.s?html?$")
_QUERY_PAGE = ("page", "pageno", "pageindex", "p")
CLAIMED_UNDER = {
    "title": ("title", "标题", "题目", "篇名", "报告标题", "文件标题", "文件名称"),
    "year": ("year", "年份", "年度", "报告年份"),
    "place": (
        "place",
        "region",
        "地区",
        "地区名称",
        "county",
        "区县",
        "区县名称",
        "县",
        "县名",
        "city",
        "市",
        "城市",
        "所属城市",
        "地级市",
        "地市",
        "province",
        "省",
        "省份",
        "所属省份",
    ),
    "code": (
        "place_code",
        "adcode",
        "区县代码",
        "地区代码",
        "行政区划代码",
        "区划代码",
        "城市代码",
    ),
    "date": ("publish_date", "published", "date", "日期", "发布日期", "发布时间"),
}
"""The names, in lower case, under which tables store values read from their claims."""
_NAME_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_NO_PLACE_OF_A_NAME = re.compile(
    r"[0-9A-Za-z_.年度#()+\-\s]|政府工作报告|工作报告|报告|人民政府|全文"
)
_PLACE_OF_A_NAME = re.compile(r"[一-鿿]{2,24}")
_SITE_ID = re.compile(r"[0-9]{10}|[bB][mM][0-9]{8}")
_SUFFIX = re.compile(r"[-_|—–]")


def _without_site(title: str) -> str:
    """Cut a title at the first dash or bar of its last line."""
    before, end, last = title.strip().rpartition("\n")
    return (before + end + _SUFFIX.split(last, maxsplit=1)[0]).strip()


def titles(page: Page) -> Iterator[tuple[str, str]]:
    """Return the titles in the page's head as (source, words), without the name of the site."""
    for meta in page.metas:
        if meta.source == _FRONT_MATTER_TITLE:
            yield meta.source, _once(meta.value)
    for name in _TITLES:
        for meta in page.metas:
            if _named(meta.source) == name:
                yield meta.source, meta.value
    for meta in page.metas:
        if meta.source == "title":
            yield meta.source, _without_site(meta.value)


def _once(words: str) -> str:
    """Remove the second half of a title that was pasted twice."""
    half = len(words) // 2
    return words[:half] if words and words[:half] == words[half:] else words


def published_on(page: Page, capture: Capture) -> Value | None:
    """Return the date of publication from the page's head, otherwise from the URL."""
    return _dated_meta(page) or _dated_claim(capture) or _dated_url(capture)


def _dated_claim(capture: Capture) -> Value | None:
    for source, words in claimed(capture, "date"):
        stamp = _STAMP.search(words)
        day = iso_date(normalise(stamp[0])) if stamp else None
        if day:
            return Value(day, words, source, "read", 0.7)
    return None


def source(page: Page) -> Value | None:
    """Return the source of the text as given in the page's head."""
    return _meta(page, _SOURCE, re.compile(r".{2,40}"), 0.9)


def site_name(page: Page) -> Value | None:
    """Return the name of the site as given in the page's head."""
    return _meta(page, _SITE_NAME, re.compile(r".{2,60}"), 0.7)


def site_id(page: Page) -> Value | None:
    """Return the ten-digit code of the government site as given in the page's head."""
    return _meta(page, ("siteidcode",), _SITE_ID, 0.95)


def page_no(page: Page, capture: Capture) -> Value | None:
    """Return the number of a continuation page from its URL: 4095_4.html, ?page=4.

    An article with a link to a next page and without a number in its URL is the first page.
    """
    address = urlsplit(capture.url)
    match = _URL_PAGE.search(address.path)
    if match and int(match["n"]) > 1:
        return Value(int(match["n"]), match[0], "url", "inferred", 0.8)
    for name, values in parse_qs(address.query).items():
        if name.lower() in _QUERY_PAGE and values[0].isdigit() and int(values[0]) > 1:
            return Value(int(values[0]), f"{name}={values[0]}", "url", "inferred", 0.6)
    if _URL_FIRST.search(address.path) and any(
        page.words(block).strip() == "下一页" and block.link_chars for block in page.blocks
    ):
        return Value(1, address.path.rsplit("/", 1)[-1], "url", "inferred", 0.7)
    return None


def claimed(capture: Capture, what: str) -> Iterator[tuple[str, str]]:
    """Return what a container states for a member under a name for `what`, as (source, words)."""
    for name, words in capture.claims:
        if name.strip().lower() in CLAIMED_UNDER[what] and words.strip():
            yield f"claim:{name}", words.strip()


def named_year(capture: Capture) -> tuple[str, str] | None:
    """Return the year in a file name: 2023_鞍山市.txt.

    A name with several years, such as that of a table of 1954-2017, gives None.
    """
    found = set(_NAME_YEAR.findall(filename(capture)))
    return ("filename", found.pop()) if len(found) == 1 else None


def named_title(capture: Capture) -> Iterator[tuple[str, str]]:
    """Return the file name as words that may be a title, as (source, words)."""
    words = filename(capture)
    if "报告" in words:
        yield "filename", words


def named_place(capture: Capture) -> tuple[str, str] | None:
    """Return the place in a file name."""
    words = _NO_PLACE_OF_A_NAME.sub("", filename(capture))
    return ("filename", words) if _PLACE_OF_A_NAME.fullmatch(words) else None


def filename(capture: Capture) -> str:
    """Return the file name of the text without folder and extension."""
    name = capture.filename or ""
    if not name and capture.url.startswith("file:"):
        name = unquote(urlsplit(capture.url).path)
    return re.sub(r"\.[A-Za-z0-9]{1,5}$", "", re.split(r"[\\/]", name)[-1])


def _named(source: str) -> str:
    return source.partition(":")[2].lower()


def _meta(
    page: Page, names: tuple[str, ...], shape: re.Pattern[str], confidence: float
) -> Value | None:
    for name in names:
        for meta in page.metas:
            if meta.source.startswith("meta:") and _named(meta.source) == name:
                words = meta.value.strip()
                if shape.fullmatch(words):
                    return Value(words, meta.value, meta.source, "read", confidence)
    return None


def _dated_meta(page: Page) -> Value | None:
    for name in _PUBLISHED:
        for meta in page.metas:
            if _named(meta.source) == name and (stamp := _STAMP.search(meta.value)):
                day = iso_date(normalise(stamp[0]))
                if day:
                    return Value(day, meta.value, meta.source, "read", 0.95)
    return None


def _dated_url(capture: Capture) -> Value | None:
    match = _URL_DATE.search(urlsplit(capture.url).path)
    if match is None:
        return None
    parts = (match["day"][:4], match["day"][4:6], match["day"][6:]) if match["day"] else (
        match["y"], match["m"], match["d"])  # fmt: skip
    day = iso_date("-".join(parts))
    return Value(day, match[0], "url", "inferred", 0.7) if day else None
