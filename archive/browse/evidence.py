"""The captured page beside the text that was made of it, with what was removed marked in place.

The picture of the page is a document of its own, in a frame that may do nothing: no scripts, no
forms, no addresses, no origin. Its policy says the same to a browser that opens it alone.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from html import escape
from typing import Any, Final

from archive.browse import drawn
from archive.browse.datasette_tables import work_address
from archive.browse.drawn import Fate, MarkedRange, WantedPicture
from archive.browse.finding import number
from archive.browse.labels import HTML_LANGUAGE
from archive.browse.provenance import LARGE_BYTES, unpacked
from archive.browse.reading import reading, source_of
from archive.browse.rendering import asset
from archive.browse.report import as_they_are
from archive.browse.segments import flagged_ranges, in_order
from archive.browse.sheets import sheet_of, sheets
from archive.browse.web import Answer, Asked, MissingError
from archive.catalogue.sources import StoredText
from archive.errors import BaogaoError, BrokenLawError, WorkFailedError
from archive.store import checks, text_details
from archive.store.partitions import passages_of, spans_of, visible_of
from archive.store.texts import flags_of
from archive.workers import Workers

DEADLINE_S: Final = 6.0
"""Processor seconds for a picture; 4 MB of markup need about two."""

PATIENCE_S: Final = 15.0

PICTURED: Final = "html"
"""The medium of the texts whose page can be drawn."""

AS_THEY_ARE: Final = frozenset({"text", "markdown"})
"""Media that have no picture other than their words."""

WITHDRAWN: Final = "withdrawn"


@dataclass(frozen=True, slots=True)
class Picture:
    """The HTML of a picture; `why` is the label that says why it shows words only, or empty."""

    body: str
    why: str = ""


def evidence_page(asked: Asked) -> Answer:
    """`/evidence/TEXT?passage=N`: the text and, in a frame, the page it was made of."""
    text_id = int(asked.parts["text"])
    is_public = checks.is_public_copy(asked.connection)
    shown = reading(asked, text_id, (None, None))
    chosen = number(asked.arguments.get("passage")) or 0
    parts = sheets(tuple(as_they_are([shown])))
    at = sheet_of(parts, number(asked.arguments.get("p")) or chosen or None)
    works = text_details.works(asked.connection, text_id)

    def frame_of(passage: int) -> str:
        path = asked.link(f"evidence/{text_id}/page", passage=passage or None)
        return f"{path}#p{passage}" if passage else path

    return asked.page(
        "evidence.html",
        source=shown.source,
        passages=[block for block in parts[at].blocks if hasattr(block, "shown")],
        sheets=parts,
        at=at,
        chosen=chosen,
        frame=frame_of(chosen),
        skip_to="text",
        frame_of=frame_of,
        work=works[0] if len(works) == 1 else None,
        work_path=work_address(works[0]["name"]) if works else None,
        why="no_picture.public" if is_public else _no_picture(shown.source.text),
        has_picture=not is_public,
    )


def picture_page(asked: Asked) -> Answer:
    """`/evidence/TEXT/page`: the picture alone, for the frame.

    Raises:
        MissingError: this is a public copy, which has no payloads.
    """
    if checks.is_public_copy(asked.connection):
        raise MissingError("no_picture.public")
    source = source_of(asked, int(asked.parts["text"]))
    chosen = number(asked.arguments.get("passage")) or 0
    made = _picture(asked, source, chosen)
    return Answer(_document(asked, source, made), headers=HEADERS, policy=policy())


HEADERS: Final = {
    "x-frame-options": "SAMEORIGIN",
    "cross-origin-resource-policy": "same-origin",
    # a sandboxed document cannot have an opener policy, or no browser opens it outside the frame
    "cross-origin-opener-policy": "unsafe-none",
}


@lru_cache(maxsize=1)
def policy() -> str:
    """Return the policy of a picture: our own style sheet by its digest, and nothing else."""
    digest = b64encode(sha256(asset("drawn.css")).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'self'; sandbox"
    )


@lru_cache(maxsize=1)
def _workers() -> Workers:
    """Return the process that draws; it starts when the first picture is asked for."""
    return Workers(drawn.TASK, 1, deadline_s=DEADLINE_S, patience_s=PATIENCE_S)


def _picture(asked: Asked, source: StoredText, chosen: int) -> Picture:
    """Return the picture of the page, or the words read from it and the reason."""
    text = source.text
    try:
        visible = visible_of(asked.connection, text["id"])
    except BrokenLawError:
        return Picture("", "no_picture.broken_text")
    words = WantedPicture(b"", "", visible, tuple(_runs(asked, text["id"])), chosen)
    why = _no_picture(text)
    if not why:
        try:
            body = _drawn(asked, source, words)
        except BrokenLawError:
            why = "no_picture.damaged"
        except WorkFailedError:
            why = "no_picture.failed"
        except BaogaoError:
            why = "no_picture.unreadable"
        else:
            if body is not None:
                return Picture(body)
            why = "no_picture.differs"
    return Picture(drawn.draw_text(words), why)


def _no_picture(text: Any) -> str:
    """Return the label that says why a text has no picture of its page, or nothing."""
    if text["codec"] == WITHDRAWN:
        return "no_picture.withdrawn"
    if text["medium"] in AS_THEY_ARE:
        return "no_picture.text"
    if text["medium"] != PICTURED:
        return "no_picture.document"
    return "no_picture.large" if text["payload_bytes"] > LARGE_BYTES else ""


def _drawn(asked: Asked, source: StoredText, words: WantedPicture) -> str | None:
    text, capture = source.text, source.capture
    payload = unpacked(asked, {**text, "sha256": text["payload_sha256"]})
    content_type = (capture and capture["content_type"]) or ""
    wanted = replace(words, payload=payload, content_type=content_type)
    body: str | None = _workers().submit(wanted).result()
    return body


def _runs(asked: Asked, text_id: int) -> Iterator[MarkedRange]:
    """Yield the ranges of a text with their fate, in the reader's words."""
    connection = asked.connection
    flags = flags_of(connection, text_id)
    ordered = in_order(flags)
    passages = {found.start: found for found in passages_of(connection, text_id)}
    whys = {row["name"]: row["why"] for row in text_details.rules(connection, text_id)}
    stop = passage = 0
    for span in spans_of(connection, text_id):
        if span.start in passages:
            stop, passage = passages[span.start].stop, passages[span.start].seq + 1
        elif span.start >= stop:
            passage = 0
        if span.action == "drop":
            name = asked.words.rule(span.rule)
            yield MarkedRange(
                span.start,
                span.stop,
                "drop",
                name,
                asked.words.why(span.rule, whys.get(span.rule)),
                passage,
            )
        elif span.action == "replace":
            yield MarkedRange(
                span.start, span.stop, "replace", span.replacement or "〔〕", "", passage
            )
        else:
            for start, end, index in flagged_ranges(span, ordered):
                fate: Fate = "keep" if index is None else "flag"
                says = "" if index is None else asked.words.flag(flags[index].kind)
                yield MarkedRange(start, end, fate, says=says, passage=passage)


def _document(asked: Asked, source: StoredText, picture: Picture) -> str:
    """Return the picture as a document; its only style sheet is ours."""
    title = escape(asked.words("evidence.frame", id=str(source.text["id"])))
    note = f'<p class="note" lang="{HTML_LANGUAGE[asked.language]}">{{}}</p>'
    why = note.format(escape(asked.words(picture.why))) if picture.why else ""
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{asset('drawn.css').decode()}</style></head>"
        f"<body>{why}{picture.body}</body></html>\n"
    )
