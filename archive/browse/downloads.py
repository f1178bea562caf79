"""A report as a file to keep: plain text, Word, citations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from archive.browse.citing import FORMATS, Citation, cite
from archive.browse.datasette_tables import work_address
from archive.browse.edited import Edition, ShownPassage, edition
from archive.browse.reading import asked_work, work_readings
from archive.browse.segments import Segment
from archive.browse.web import Answer, Asked, attachment, found
from archive.browse.wordfile import MEDIUM, WordParagraph, WordRun, word_file
from archive.model import Flag
from archive.store.edition_passages import words_of_work


def citation_file(asked: Asked) -> Answer:
    """`/cite/CODE/YEAR`: the citation of a report, with `?format=` in one of `FORMATS`."""
    work = asked_work(asked)
    form, medium = found(
        FORMATS.get(asked.arguments.get("format", "bibtex")),
        "error.no_format",
        names=", ".join(FORMATS),
    )
    words = form(cite(work, work_readings(asked, work)[0], _address(asked, work)))
    return Answer(words + "\n", f"{medium}; charset=utf-8")


def text_file(asked: Asked) -> Answer:
    """`/txt/CODE/YEAR`: the passages of a report as a text file, one a line."""
    work = asked_work(asked)
    words = "\n".join(words for _, words in words_of_work(asked.connection, work["id"]))
    headers = attachment(quote(work["name"], safe="") + ".txt")
    return Answer(words + "\n", "text/plain; charset=utf-8", headers=headers)


def docx_file(asked: Asked) -> Answer:
    """`/docx/CODE/YEAR`: the edition of a report as a Word file, doubts and changes as comments."""
    work = asked_work(asked)
    made = edition(asked, work)
    citation = cite(work, made.readings[0], _address(asked, work))
    paragraphs = [*_paragraphs(asked, made), *_source(asked, citation)]
    body = word_file(citation.title, citation.author, paragraphs)
    headers = attachment(quote(work["name"], safe="") + ".docx")
    return Answer(body, MEDIUM, headers=headers)


def _address(asked: Asked, work: Mapping[str, Any]) -> str:
    return asked.origin + asked.link(work_address(work["name"]))


def _paragraphs(asked: Asked, made: Edition) -> Iterator[WordParagraph]:
    flags = {one.source.text["id"]: one.flags for one in made.readings}
    part = ""
    for number, passage in enumerate(made.passages):
        if passage.shown.part == "appendix" != part:
            yield _plain(asked.words("report.appendix"), "Heading1")
        part = passage.shown.part
        runs = tuple(
            WordRun(piece.words.strip("\r\n"), _comment(asked, piece, flags[passage.text_id]))
            for piece in passage.shown.pieces
            if piece.kind != "cut"
        )
        if passage.origin == "filled" and runs:
            runs = (WordRun(runs[0].words, asked.words("report.filled_in")), *runs[1:])
        yield WordParagraph(runs, _style(passage, is_first=number == 0))


def _style(passage: ShownPassage, *, is_first: bool) -> str:
    if passage.shown.part == "front":
        return "Title" if is_first else "Front"
    return {2: "Heading1", 3: "Heading2"}.get(passage.level or 0, "Normal")


def _comment(asked: Asked, piece: Segment, flags: tuple[Flag, ...]) -> str:
    """Return what is to be remarked about a piece of a passage, or nothing."""
    words = asked.words
    if piece.kind == "mended":
        rule = words.change(piece.rule)
        return words("report.mended", original=piece.original, rule=rule)
    if piece.kind == "gap":
        return words("report.gap_here", original=piece.original)
    if piece.flag is None:
        return ""
    flag = flags[piece.flag]
    perhaps = f" {words('report.proposals')} {'、'.join(flag.proposals)}" if flag.proposals else ""
    return words.flag(flag.kind) + perhaps


def _source(asked: Asked, citation: Citation) -> Iterator[WordParagraph]:
    """Yield where the report is from, which must travel with the file."""
    words = asked.words
    yield _plain(words("report.provenance"), "Heading1")
    yield _plain(citation.gbt7714, "Source")
    for label, value in (
        (words("report.captured"), citation.captured),
        ("sha256", citation.digest),
        (words("report.in_archive"), citation.here),
    ):
        if value:
            yield _plain(f"{label}: {value}", "Source")


def _plain(words: str, style: str) -> WordParagraph:
    return WordParagraph((WordRun(words),), style)
