"""Turns a payload into the whole visible text, its lines, and its main part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from archive.known import Knowledge
from archive.model import Block, Capture, Decoding, Flag, Page
from archive.read import media, plain
from archive.read.borders import find_borders
from archive.read.containers import known_names, selected
from archive.read.declared import find_metas
from archive.read.decoding import TWO_ENCODINGS, declared_in_header, decode
from archive.read.escapes import Resolved, escaped_once, resolved
from archive.read.locating import Located, locate
from archive.read.markdown import NAMES as MARKDOWN_NAMES
from archive.read.markdown import MarkdownLine, is_markdown, read_markdown
from archive.read.ocr.asking import asked
from archive.read.parsing import Parsed, parse
from archive.read.site_templates import template_of
from archive.read.unveiling import unveiled
from archive.read.walking import MOST_LINES, Outline, ParsedLine, TooManyLinesError

if TYPE_CHECKING:
    from archive.read.documents import DocumentLine, ReadDocument

__all__ = ["read"]

_UNWRITABLE: Final = re.compile("[\x00\ud800-\udfff]")
"""Characters that no text may contain: NUL and lone surrogates."""

_LARGEST_SHELL: Final = 60
"""The most characters shown by a page without an article that counts as a shell for scripts."""

_LARGEST: Final = 16_000_000
"""The most characters of a page that is still parsed as markup."""


def read(capture: Capture, knowledge: Knowledge) -> Page:
    """Read the visible text of `capture`. Every payload gives a page.

    Returns:
        The page. If the payload is not text (`medium` says what it is), its text is empty, its
        confidence is 0, and a flag says so: `empty_payload`, `unreadable_medium`, `too_large`. What
        the parser lost is counted in the flag `parser_loss`.
    """
    page = _read(capture, knowledge)
    return replace(page, flags=(*page.flags, *_cut_short(capture)))


def _read(capture: Capture, knowledge: Knowledge) -> Page:
    payload = capture.payload or b""
    content_type = capture.header("Content-Type")
    medium = media.sniff(payload)
    if medium == "mhtml":
        return _saved_page(payload, capture, knowledge)
    if medium is not None:
        return _document(medium, payload, capture, knowledge)
    text, decoding = decode(payload, content_type)
    if media.lost(text, decoding.replaced):
        return _unreadable("binary", payload, decoding)
    try:
        return _decoded(text, decoding, capture, knowledge)
    except TooManyLinesError:
        return _unreadable("too_large", payload, decoding)


def _decoded(text: str, decoding: Decoding, capture: Capture, knowledge: Knowledge) -> Page:
    if media.is_markup(text, called=_called(capture)):
        if len(text) > _LARGEST:
            raise TooManyLinesError
        source = escaped_once(text)
        return _with_escapes_flag(_page(source.text, decoding, capture, knowledge), source)
    if max(text.count("\n"), text.count("\r")) > MOST_LINES:
        raise TooManyLinesError
    if is_markdown(text, called=_called(capture)):
        source = resolved(text, references=False)
        return _with_escapes_flag(_markdown(source.text, decoding), source)
    source = resolved(text)
    return _with_escapes_flag(_text(source.text, decoding), source)


def _with_escapes_flag(page: Page, source: Resolved) -> Page:
    """Return `page` with a flag that counts character names read as characters."""
    if not source.found:
        return page
    return replace(page, flags=(*page.flags, Flag("escapes", 0, 0, "", source.summary())))


def _text(text: str, decoding: Decoding) -> Page:
    blocks = plain.lines(text)
    words = (text[block.start : block.stop] for block in blocks)
    return Page(
        text,
        blocks,
        decoding,
        "text",
        flags=_decoding_flags(decoding),
        borders=find_borders(enumerate(words)),
    )


def _markdown(text: str, decoding: Decoding) -> Page:
    """Read a Markdown file. If the parser would lose text, the file is read as plain text."""
    made = read_markdown(text)
    if made.lost:
        evidence = f"{made.lost} characters stand in no line of the Markdown; it is read as text"
        page = _text(text, decoding)
        return replace(page, flags=(*page.flags, Flag("parser_loss", 0, 0, "", evidence)))
    return Page(
        "\n".join(line.text for line in made.lines),
        tuple(_markdown_blocks(made.lines)),
        decoding,
        "markdown",
        metas=made.metas,
        flags=_decoding_flags(decoding),
        borders=find_borders((n, line.text) for n, line in enumerate(made.lines)),
    )


def _markdown_blocks(lines: Iterable[MarkdownLine]) -> Iterator[Block]:
    start = 0
    for line in lines:
        yield Block(start, start + len(line.text), line.tag, line.link_chars)
        start += len(line.text) + 1


def _saved_page(payload: bytes, capture: Capture, knowledge: Knowledge) -> Page:
    """Return the page of an MHTML file: its longest HTML part; the others are counted."""
    from archive.read.documents.mhtml import html_parts  # noqa: PLC0415  (no page needs it)

    parts = [part for part in html_parts(payload) if part.payload]
    if not parts:
        nothing = Decoding("", "none")
        return _refused("mhtml", payload, nothing, "unreadable_medium", "the MHTML holds no HTML")
    pages = [
        read(
            replace(
                capture,
                payload=part.payload,
                response_headers=(("Content-Type", part.content_type),),
            ),
            knowledge,
        )
        for part in parts
    ]
    main = max(pages, key=lambda page: len(page.visible))
    others = sum(len("".join(page.visible.split())) for page in pages if page is not main)
    if not others:
        return main
    evidence = f"{others} characters in {len(pages) - 1} other HTML parts (frames) are not read"
    return replace(main, flags=(*main.flags, Flag("parts_unread", 0, 0, "", evidence)))


def _document(medium: str, payload: bytes, capture: Capture, knowledge: Knowledge) -> Page:
    """Return the page of an attachment; if it has no text, a flag says why."""
    from archive.read.documents import (  # noqa: PLC0415  (10 ms that no page needs)
        Helpers,
        Unreadable,
        read_document,
    )

    declared = declared_in_header(capture.header("Content-Type"))
    nothing = Decoding("", "none", declared)
    helpers = Helpers(
        lambda content: _chunk(content, knowledge), knowledge if asked(capture) else None
    )
    try:
        found = read_document(payload, medium, helpers)
    except Unreadable as reason:
        name = reason.medium or medium
        return _refused(name, payload, nothing, "unreadable_medium", str(reason))
    if found is None:
        return _unreadable(medium, payload, nothing)
    return _laid_out(found, declared)


def _laid_out(found: ReadDocument, declared: str | None) -> Page:
    """Return the page of a document's lines, each a block with its tag."""
    words, replaced = [], 0
    for line in found.lines:
        sound, count = _UNWRITABLE.subn("\ufffd", line.words)
        words.append(sound)
        replaced += count
    page = _text("\n".join(words), Decoding("", found.how, declared, replaced=replaced))
    blocks = tuple(
        block if line.tag == "line" and not line.aside
        else replace(block, tag=line.tag, main=not line.aside)
        for block, line in zip(page.blocks, found.lines, strict=False)
    )  # fmt: skip
    return replace(
        page, blocks=blocks, medium=found.medium, flags=(*page.flags, *found.flags),
        method=found.method, confidence=found.confidence,
    )  # fmt: skip


def _chunk(payload: bytes, knowledge: Knowledge) -> Iterator[DocumentLine]:
    """Yield the lines of a document embedded in another as part of its text."""
    from archive.read.documents.found import DocumentLine  # noqa: PLC0415

    page = read(Capture.from_bytes(payload), knowledge)
    for block in page.blocks:
        yield DocumentLine(page.words(block), block.tag, aside=block.hidden)


def _called(capture: Capture) -> str:
    """Return the type given by file name or header: `markdown`, `text`, `html` or empty."""
    name = (capture.filename or capture.url).lower().split("?")[0]
    kind = (capture.header("Content-Type") or "").lower()
    if name.endswith(MARKDOWN_NAMES) or kind.startswith("text/markdown"):
        return "markdown"
    if name.endswith(".txt") or kind.startswith("text/plain"):
        return "text"
    return "html" if "html" in kind or name.endswith((".html", ".htm", ".shtml")) else ""


def _page(text: str, decoding: Decoding, capture: Capture, knowledge: Knowledge) -> Page:
    parsed = parse(text, known_names(knowledge))
    made = parsed.outline
    site = capture.site.containers if capture.site else ()
    rules = (selected(parsed.source, rule) for rule in site)
    hidden = [line for line in made.lines if line.hidden]
    found = locate(made, knowledge, rules, template_of(knowledge, capture.url))
    found = unveiled(made, found, knowledge)
    return Page(
        visible="\n".join(line.text for line in made.lines),
        blocks=_blocks(made, found),
        decoding=decoding,
        medium="html",
        metas=find_metas(made),
        flags=(
            *_decoding_flags(decoding),
            *_parser_flags(parsed),
            *_unhidden(hidden),
            *_nothing(made, found),
        ),
        method=found.method,
        confidence=found.confidence,
        borders=find_borders((n, made.lines[n].text) for n in sorted(found.lines)),
    )


def _cut_short(capture: Capture) -> tuple[Flag, ...]:
    """Flag an answer that was cut, as recorded when it was captured."""
    truncation = next((words for name, words in capture.claims if name == "truncated"), None)
    if truncation is None:
        return ()
    return (Flag("truncated", 0, 0, "", f"the answer was cut: {truncation}"),)


def _unhidden(hidden: Sequence[ParsedLine]) -> tuple[Flag, ...]:
    """Flag lines that the page hides until a script shows them."""
    read = sum(line.solid for line in hidden if not line.hidden)
    if not read:
        return ()
    evidence = f"{read} characters that the page hides until a script shows them are read"
    return (Flag("unhidden", 0, 0, "", evidence),)


def _nothing(made: Outline, found: Located) -> tuple[Flag, ...]:
    """Flag a page that shows no words, or only those of a shell filled by a script."""
    if found.lines and found.method != "body":
        return ()
    shown = sum(line.solid for line in made.lines if not line.hidden)
    if shown > _LARGEST_SHELL:
        return ()
    if shown:
        evidence = f"the page shows {shown} characters and no article; a script may fill it"
    else:
        evidence = "the page has markup, and no words to be seen"
    words = " ".join(line.text for line in made.lines)
    return (Flag("no_text", 0, 0, "", f"{evidence}: {words}" if words else evidence),)


def _blocks(made: Outline, found: Located) -> tuple[Block, ...]:
    blocks = []
    start = 0
    for number, line in enumerate(made.lines):
        stop = start + len(line.text)
        main = number in found.lines and not line.hidden
        blocks.append(Block(start, stop, made.tag(line), line.link_chars, line.hidden, main))
        start = stop + 1
    return tuple(blocks)


@dataclass(frozen=True, slots=True)
class _Refusal:
    kind: str
    evidence: str


_REFUSALS: Final = {
    "empty": _Refusal("empty_payload", "the payload has no characters"),
    "too_large": _Refusal("too_large", "it is larger than any document that can be read"),
}


def _unreadable(medium: str, payload: bytes, decoding: Decoding) -> Page:
    refusal = _REFUSALS.get(
        medium, _Refusal("unreadable_medium", f"the payload is {medium}, not text")
    )
    name = {"too_large": "html"}.get(medium, medium)
    return _refused(name, payload, decoding, refusal.kind, refusal.evidence)


def _refused(medium: str, payload: bytes, decoding: Decoding, kind: str, evidence: str) -> Page:
    flag = Flag(kind, 0, 0, "", f"{evidence} ({len(payload)} bytes)")
    return Page("", (), decoding, medium, flags=(flag,), method="none", confidence=0.0)


def _decoding_flags(decoding: Decoding) -> tuple[Flag, ...]:
    flags = []
    if decoding.how.startswith(TWO_ENCODINGS):
        evidence = f"{decoding.how}; each piece was read as what it is"
        flags.append(Flag("two_encodings", 0, 0, "", evidence))
    if decoding.replaced:
        evidence = f"{decoding.replaced} characters could not be read as {decoding.encoding}"
        flags.append(Flag("decoding_loss", 0, 0, "", evidence))
    return tuple(flags)


def _parser_flags(parsed: Parsed) -> tuple[Flag, ...]:
    if not parsed.lost_first:
        return ()
    evidence = (
        f"the tree lacked {parsed.lost_first} of {parsed.source_chars} characters; "
        f"read again as {parsed.how}: {parsed.lost} are missing"
    )
    return (Flag("parser_loss", 0, 0, "", evidence),)
