"""Addresses with which `baogao serve` is tried: numbers, SQL, paths, markup, in every place."""

from __future__ import annotations

from urllib.parse import quote

NUMBERS = [
    "99999999999999999999", "9" * 400, "9" * 5000, "-1", "0", "00", "1e9", "0x10", "１２", "٣",
    "1.5", " 1", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "NaN",
    "inf", "null", "", "1;drop table works", "1'", "1 or 1=1", "%00", "1\x00", "\u202e1",
]  # fmt: skip
WORDS = [
    "'", '"', "''", '""', "' or '1'='1", '" OR "1"="1', "');drop table works;--", "/*", "--",
    "\\", "*", "a*", "^a", "a NEAR b", "NEAR(a b)", "a AND", "NOT", "(", ")", "{a}", "a:b", "-",
    "- -", '"a', "\x00", "\x1b[2J", "\ud800", "\udcff", "\u202e", "%", "%25", "%%%", "_" * 200,
    "%" * 200, "[", "[a", "[a-", "[^", "${7*7}", "{{7*7}}", "{% raw %}", "<script>",
    "../../etc/passwd", "..%2f..%2f", "a" * 5000, "改" * 900, "🙂" * 200, "\n", "\r\nX: y", "\t",
    " " * 300,
]  # fmt: skip
PLACES_OF_NUMBERS = [
    "/find?q=钢&page={}", "/find?q=钢&from={}", "/find?q=钢&to={}",
    "/find?q=钢&scope=removed&page={}", "/api/find?q=钢&page={}", "/api/works?page={}",
    "/api/coverage?page={}", "/r/990100/2024?p={}", "/text/3?p={}", "/compare?a={}&b=1",
    "/compare?a=1&b={}", "/compare/990100/2024?a={}&b=1", "/text/{}", "/capture/{}", "/page/{}",
    "/run/{}", "/trace/1/{}", "/trace/{}/1", "/r/990100/{}", "/r/{}/2024", "/gap/{}/2024",
    "/gap/990100/{}", "/variants/990100/{}", "/trend?q=钢&from={}", "/api/text/{}",
    "/api/r/990100/{}", "/cite/990100/{}", "/ledger?before={}", "/feed.atom?n={}",
    "/demo/texts/{}", "/demo/texts?_size={}", "/demo/texts?_next={}", "/demo/texts?id={}",
    "/demo/texts?id__gt={}", "/demo/texts?id__in={}", "/demo/texts?_timelimit={}",
    "/demo/texts?_facet=id&_facet_size={}", "/demo/find?words=钢&_timelimit={}",
    "/demo/texts?_ttl={}", "/demo/works?_sort={}", "/demo/texts?_trace={}",
    "/demo/passages/{}?_json=1", "/demo/where_from?text_id={}",
]  # fmt: skip
PLACES_OF_WORDS = [
    "/find?q={}", "/find?q={}&scope=all", "/find?q={}&scope=removed", "/find?q=钢&place={}",
    "/find?q=钢&sort={}", "/find?q=钢&level={}", "/find?q=钢&quality={}", "/trend?q={}",
    "/trend.csv?q={}", "/api/find?q={}", "/rule/{}", "/site/{}", "/payload/{}", "/?lang={}",
    "/r/990100/2024/{}", "/compare/990100/2024/{}", "/demo/works?_search={}",
    "/demo/works?_search={}&_searchmode=raw", "/demo/works?_search_name={}",
    "/demo/works?name={}", "/demo/works?name__contains={}", "/demo/works?name__glob={}",
    "/demo/works?name__like={}", "/demo/works?name__in={}", "/demo/works?name__date={}",
    "/demo/works?name__arraycontains={}", "/demo/works?{}=1", "/demo/works?{}__exact=1",
    "/demo/works?name__{}=1", "/demo/works?_sort={}", "/demo/works?_sort_desc={}",
    "/demo/works?_facet={}", "/demo/works?_facet_array={}", "/demo/works?_facet_date={}",
    "/demo/works?_col={}", "/demo/works?_nocol={}", "/demo/works?_through={}",
    "/demo/works?_fts_table={}", "/demo/works?_fts_pk={}", "/demo/works?_next={}",
    "/demo/works.json?_shape={}", "/demo/works.{}", "/demo/works?_labels={}",
    "/demo/works?_label={}", "/demo/works.json?_json={}", "/demo/{}", "/demo/works/{}", "/{}",
    "/-/{}", "/demo/find?words={}", "/demo/sentences?words={}",
    "/demo/payloads/{}.blob?_blob_column=stored", "/demo/works.csv?_header={}", "/-/static/{}",
    "/demo/works.json?_extras={}", "/demo/captures_of?url={}", "/-/baogao/000000000000/{}",
]  # fmt: skip


PATHS = [
    "//evil.example/", "//evil.example", "/%2f%2fevil.example/", "/%5cevil.example/",
    "/\\evil.example/", "/demo/..%2f..%2fetc/passwd", "/-/static/..%2f..%2f..%2fetc/passwd",
    "/-/static-plugins/baogao/..%2f__init__.py", "/demo.db", "/demo%2edb", "/_internal.db",
    "/.git/config", "/demo/-/query", "/demo/works/-/insert", "/-/api", "/-/create-token",
    "/demo/works.json?_jsonp=alert", "/r/990100/2024/../2025", "/r/990100/2024/%2e%2e/",
    "/text/1/", "/text//1", "/./text/1", "/%00", "/text/1%0d%0aX: y", "/demo/sqlite_master",
    "/demo/pragma_table_info", "/demo/json_each",
]  # fmt: skip
"""Where something might lie that nobody may see, or that leads elsewhere."""


def addresses() -> list[str]:
    """Every number and every word in every place that takes one, and `PATHS`."""
    return PATHS + [
        filled(place, value)
        for places, values in ((PLACES_OF_NUMBERS, NUMBERS), (PLACES_OF_WORDS, WORDS))
        for place in places
        for value in values
    ]


def filled(place: str, value: str) -> str:
    """The address of a place with a value in it."""
    return place.replace("{}", quote(value.encode("utf-8", "surrogatepass"), safe=""))
