"""Maps URLs to pages."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from datasette.utils.asgi import NotFound, Response

from archive.browse import lists
from archive.browse.api import (
    api_page,
    find_json,
    text_json,
    work_json,
    works_json,
)
from archive.browse.comparing import compare_texts_page, compare_work_page
from archive.browse.dense import dense_page
from archive.browse.downloads import citation_file, docx_file, text_file
from archive.browse.evidence import evidence_page, picture_page
from archive.browse.feed import feed
from archive.browse.finding import find_csv, find_page
from archive.browse.home import gap_page, home
from archive.browse.operations import ledger_page, rule_page, run_page, site_page
from archive.browse.provenance import (
    capture_page,
    payload_bytes,
    payload_page,
    trace_page,
    versions_page,
)
from archive.browse.rendering import ASSETS, asset
from archive.browse.report import text_page, work_page
from archive.browse.review import review_csv, review_json, review_page
from archive.browse.substitutions import changed_csv, changed_json, changed_page
from archive.browse.tiles import map_page
from archive.browse.trend import trend_csv, trend_json, trend_page, trend_svg
from archive.browse.variants import variants_csv, variants_json, variants_page
from archive.browse.web import FOREVER, SAFE_HEADERS, streamed, view

Route = tuple[str, Callable[..., Awaitable[Response]]]

LISTINGS = (lists.WORKS, lists.GAPS, lists.LOOSE)

_FIRST: Final = re.compile(r"/([a-z]+)")

_PLACE = r"(?P<code>\d{6,12}(?:~[^/]{1,240})?)"
_WORK = _PLACE + r"/(?P<year>\d{4}|undated-[0-9a-z]+)(?:/(?P<rest>[^?]+?))?/?$"


def routes() -> list[Route]:
    """Return patterns and views, in the order in which Datasette tries them."""
    return [
        (r"/$", view(home)),
        (r"/map$", view(map_page)),
        (r"/dense$", view(dense_page)),
        (f"/r/{_WORK}", view(work_page)),
        (r"/text/(?P<text>\d{1,15})$", view(text_page)),
        (f"/gap/{_PLACE}" + r"/(?P<year>\d{4})$", view(gap_page)),
        (r"/find$", view(find_page)),
        (r"/trend$", view(trend_page)),
        (r"/trend\.csv$", view(trend_csv)),
        (r"/trend\.svg$", view(trend_svg)),
        (r"/changed$", view(changed_page)),
        (r"/changed\.csv$", view(changed_csv)),
        (r"/review$", view(review_page)),
        (r"/review\.csv$", view(review_csv)),
        (r"/compare$", view(compare_texts_page)),
        (f"/compare/{_WORK}", view(compare_work_page)),
        (f"/variants/{_WORK}", view(variants_page)),
        (r"/trace/(?P<text>\d{1,15})/(?P<passage>\d{1,9})$", view(trace_page)),
        (r"/evidence/(?P<text>\d{1,15})$", view(evidence_page)),
        (r"/evidence/(?P<text>\d{1,15})/page$", view(picture_page)),
        (r"/capture/(?P<capture>\d{1,15})$", view(capture_page)),
        (r"/page/(?P<page>\d{1,15})$", view(versions_page)),
        (r"/payload/(?P<sha256>[0-9a-f]{64})$", view(payload_page)),
        (r"/payload/(?P<sha256>[0-9a-f]{64})\.bin$", view(payload_bytes)),
        (r"/rule/(?P<rule>[^/]+)$", view(rule_page)),
        (r"/site/(?P<site>[^/]+)$", view(site_page)),
        (r"/run/(?P<run>\d{1,15})$", view(run_page)),
        (r"/ledger$", view(ledger_page)),
        (r"/feed\.atom$", view(feed)),
        (r"/coverage\.csv$", streamed(lists.COVERAGE.csv)),
        (r"/find\.csv$", streamed(find_csv)),
        *((rf"/list/{listing.name}$", view(listing.page)) for listing in LISTINGS),
        *((rf"/list/{listing.name}\.csv$", streamed(listing.csv)) for listing in LISTINGS),
        (r"/api/gaps$", view(lists.GAPS.json)),
        (r"/api/unassigned$", view(lists.LOOSE.json)),
        (r"/api/changed$", view(changed_json)),
        (r"/api/trend$", view(trend_json)),
        (f"/variants\\.csv/{_WORK}", view(variants_csv)),
        (f"/api/variants/{_WORK}", view(variants_json)),
        (r"/api$", view(api_page)),
        (r"/api/works$", view(works_json)),
        (r"/api/review$", view(review_json)),
        (r"/api/coverage$", view(lists.coverage_json)),
        (r"/api/find$", view(find_json)),
        (r"/api/text/(?P<text>\d{1,15})$", view(text_json)),
        (f"/api/r/{_WORK}", view(work_json)),
        (f"/cite/{_WORK}", view(citation_file)),
        (f"/txt/{_WORK}", view(text_file)),
        (f"/docx/{_WORK}", view(docx_file)),
        (r"/-/baogao/[0-9a-f]{12}/(?P<name>[a-z.]+)$", static),
    ]


def make_room(datasette: Any) -> None:
    """Move databases whose address is that of our pages: the tables of map.db are at /map-db."""
    ours = {found[1] for pattern, _ in routes() if (found := _FIRST.match(pattern))}
    for database in datasette.databases.values():
        others = {each.route for each in datasette.databases.values() if each is not database}
        while database.route in ours | others:
            database.route += "-db"


async def static(request: Any) -> Response:
    """Return one of our assets; its URL contains its digest, so it may be cached forever."""
    name = request.url_vars["name"]
    if name not in ASSETS:
        raise NotFound("no such file")
    return Response(asset(name), 200, SAFE_HEADERS | FOREVER, ASSETS[name])
