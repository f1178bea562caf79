"""The archive as JSON and CSV: without text unless requested."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from archive.browse.datasette_tables import work_address
from archive.browse.finding import Filters, address_of, hits_of, number
from archive.browse.reading import asked_work, reading, work_readings, works_of_address
from archive.browse.web import Answer, Asked, MissingError
from archive.model import canonical_json
from archive.store import text_details
from archive.store.holdings import first_work, listed_works
from archive.store.naming import Named
from archive.store.witnesses import witnesses

ROWS_A_PAGE: Final = 200


def api_page(asked: Asked) -> Answer:
    """`/api`: the available endpoints, with examples."""
    work = first_work(asked.connection)
    return asked.page(
        "api.html",
        example=None if work is None else work_address(work["name"]).removeprefix("r/"),
        text=text_details.newest(asked.connection),
    )


def works_json(asked: Asked) -> Answer:
    """`/api/works?page=N`: the reports, with the filters of their list and the next page's URL."""
    page, narrowed = page_of(asked), Filters.of(asked.arguments).of_works()
    found = listed_works(asked.connection, narrowed, ROWS_A_PAGE + 1, (page - 1) * ROWS_A_PAGE)
    rows = [dict(row) for row in found]
    for row in rows:
        row["url"] = asked.origin + asked.link(work_address(row["name"]))
        row["api"] = asked.origin + asked.link("api/" + work_address(row["name"]))
    return listing_answer(asked, "works", rows, page)


def work_json(asked: Asked) -> Answer:
    """`/api/r/CODE/YEAR`: one report with its witnesses; `?text=1` adds its passages."""
    several = works_of_address(asked)
    if len(several) > 1:
        return _which(asked, several)
    work = asked_work(asked)
    readings = work_readings(asked, work)
    return json_answer(
        {
            "work": {name: value for name, value in work.items() if name not in ("id", "made_of")},
            "url": asked.origin + asked.link(work_address(work["name"])),
            "witnesses": [
                {name: row[name] for name in ("name", "host", "extent", "rank", "how")}
                for row in witnesses(asked.connection, work["id"])
            ],
            "texts": [_text(asked, one) for one in readings],
        }
    )


def _which(asked: Asked, several: Sequence[Named]) -> Answer:
    """Return the reports that match a URL, if there are several."""
    works = [
        {"name": work.name, "delivered_on": work.delivered_on, "session": work.session,
         "api": asked.origin + asked.link("api/" + work_address(work.name))}
        for work in several
    ]  # fmt: skip
    return replace(json_answer({"works": works}), status=300)


def text_json(asked: Asked) -> Answer:
    """`/api/text/ID`: one text; `?text=1` adds its passages."""
    return json_answer(_text(asked, reading(asked, int(asked.parts["text"]), (None, None))))


def find_json(asked: Asked) -> Answer:
    """`/api/find?q=…`: the same filters as the search page; hits with snippets."""
    filters = Filters.of(asked.arguments)
    found = hits_of(asked, filters)
    hits = [
        {
            "work": hit.row["name"],
            "text_id": hit.row["text_id"],
            "place": hit.row.get("place"),
            "report_year": hit.row.get("report_year"),
            "state": hit.row["state"],
            "hits": hit.hits,
            "per_10000": round(hit.per_10_000, 4),
            "snippets": [
                {
                    "passage": snippet.anchor,
                    "words": "".join(words for words, _ in snippet.pieces),
                    "marked": [words for words, mark in snippet.pieces if mark],
                }
                for snippet in hit.snippets
            ],
            "url": asked.origin + asked.link(address_of(hit.row)),
        }
        for hit in found.hits
    ]
    about = {"query": filters.typed, "total": found.total, "total_is_exact": found.is_exact}
    return json_answer({**about, "page": filters.page, "hits": hits})


def _text(asked: Asked, one: Any) -> dict[str, Any]:
    text, capture = one.source.text, one.source.capture
    answer: dict[str, Any] = {
        "text_id": text["id"],
        "url": one.source.url or None,
        "captured_at": capture and (capture["captured_at"] or capture["recorded_at"]),
        "site": capture and capture["site"],
        "site_kind": capture and capture["site_kind"],
        "payload_sha256": text["payload_sha256"],
        "visible_sha256": text["visible_sha256"],
        "clean_sha256": text["clean_sha256"],
        "ruleset": text["ruleset_sha256"],
        "verdict": text["verdict"],
        "page_verdict": text["page_verdict"],
        "chars": text["clean_chars"],
        "identity": {row["field"]: _value(row) for row in one.identity},
        "removed": [
            {"rule": r["name"], "action": r["action"], "times": r["spans"], "chars": r["chars"]}
            for r in one.rules
        ],
        "flags": [flag.as_json() for flag in one.flags],
    }
    if asked.arguments.get("text") == "1":
        answer["passages"] = [
            {"number": p.number + one.shift, "part": p.part, "start": p.start, "stop": p.stop,
             "text": p.words}
            for p in one.paragraphs
        ]  # fmt: skip
    return answer


def _value(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "value": json.loads(row["value_json"]),
        "raw": row["raw"],
        "source": row["source"],
        "method": row["method"],
        "confidence": row["confidence"],
    }


def page_of(asked: Asked) -> int:
    """Return the number of the page that is asked for."""
    return max(1, min(number(asked.arguments.get("page")) or 1, 1_000_000))


def listing_answer(asked: Asked, name: str, rows: Iterable[Mapping[str, Any]], page: int) -> Answer:
    """Return one page of `rows`, which has one more than shown if there is a next page."""
    found = list(rows)
    if page > 1 and not found:
        raise MissingError("error.no_more")
    more = len(found) > ROWS_A_PAGE
    following = asked.origin + asked.here(page=page + 1) if more else None
    return json_answer({name: found[:ROWS_A_PAGE], "next": following})


def json_answer(value: Any) -> Answer:
    """Return a value as JSON."""
    return Answer(canonical_json(value) + "\n", "application/json; charset=utf-8")
