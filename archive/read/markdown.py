"""Turns a Markdown file into lines; marks are markup, like the tags of a page.

Only unambiguous marks are interpreted. List numbers are kept. References of the form `[1]: …` are
notes of a report and are kept. A star or minus between figures is arithmetic.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from archive.model import Meta

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

NAMES: Final = (".md", ".markdown")
"""File name extensions of Markdown."""

_FRONT_MATTER: Final = re.compile(
    r"\ufeff?---[ \t]*\r?\n(?P<rows>(?:(?!---[ \t]*\r?$).*\r?\n){0,60}?)---[ \t]*(?:\r?\n|\Z)",
    re.MULTILINE,
)
_ROW: Final = re.compile(r"(?P<name>[^\s:#][^:\n]{0,40}):[ \t]+(?P<value>\S.*)")
_COMMENT: Final = re.compile(r"<!--(?P<words>.{0,4000}?)-->", re.DOTALL)
_MARKED_LINE: Final = re.compile(
    r"^[ \t]{0,3}(?:\*\*(?=[^\s*])[^*\n]{1,200}(?<=[^\s*])\*\*|#{1,6}[ \t]+\S.*)[ \t]*\r?$",
    re.MULTILINE,
)
_ENOUGH_MARKED: Final = 2
_BETWEEN_FIGURES: Final = {
    sign: re.compile(rf"{re.escape(sign)}(?<=[0-9A-Za-z].)(?=[0-9A-Za-z])") for sign in "*_"
}
_SIGN: Final = re.compile(r"[-+>](?<!\S.)(?=[ \t]?[0-9])")
_SIGNED: Final = re.compile(r"^([ \t]{0,3})([-+>])(?=[ \t]?[0-9])", re.MULTILINE)
_STRONG: Final = re.compile(
    r"(?P<mark>\*\*|__)(?![\s*_、，。；：！？）】》”])(?P<words>(?:(?!\*\*|__).)++)(?P=mark)",
    re.DOTALL,
)
_EDGES: Final = re.compile(r"^\*\*(?![*省市县區区乡镇州村街])|(?<=[^*\n])\*\*$", re.MULTILINE)
"""Unpaired marks at the edge of a line; before 省, 市 … stars replace a name."""
_MARK: Final = re.compile(r"[\\`*_\[<&]")
"""What may begin anything but text inside a paragraph."""

_STRONG_LINE: Final = re.compile(r"\*\*(?=\S)([^\\`*_\[<&\n]+)(?<=\S)\*\*")
"""A paragraph that is entirely strong, like most headings of reports."""

_LINE_END: Final = re.compile(r" *\n[ \t]*")
_ANY_LINE_END: Final = re.compile(r"\r\n?|\n")
_BLOCK: Final = re.compile(
    r"[-+*_>`~<0-9](?<![^ \t\n].)(?:(?<=[-+*])(?:[ \t\r]|$)|(?<=[-*_])(?:[ \t]*[-*_]){2}"
    r"|(?<=[>`~<])|(?<=[0-9])[0-9]{0,8}[.)](?:[ \t\r]|$))",
    re.MULTILINE,
)
"""What may begin, after spaces only, a block that is neither heading nor paragraph."""

_HEADING: Final = re.compile(r"(?P<level>#{1,6})(?:[ \t](?P<words>.*?)(?:(?<=[ \t])#+)?)?$")
_LINE_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TARGET: Final = re.compile(r"!\[[^\[\]\n]{0,400}\](?=\()|(?<=\])\([^()\n]{0,2000}\)")
_WIDE_SPACE: Final = re.compile(r"[\u00a0\u2000-\u200b\u3000\ufeff]")


class MarkdownLine(NamedTuple):
    """A line of the visible text, its element, and its characters inside links."""

    text: str
    tag: str = "p"
    link_chars: int = 0


@dataclass(frozen=True, slots=True)
class MarkdownText:
    """The lines of a Markdown file, and its metadata and comments, which are not shown.

    `lost` counts non-ASCII characters of the source that are in no line; 0 unless the parser
    failed.
    """

    lines: tuple[MarkdownLine, ...]
    metas: tuple[Meta, ...]
    lost: int


def is_markdown(text: str, *, called: str) -> bool:
    """Whether `text` is Markdown: by its name, its front matter, or lines that are all marked.

    Args:
        text: the decoded text.
        called: the type given by name or header: `markdown`, `text`, `html` or empty.
    """
    if called == "markdown":
        return True
    found = _FRONT_MATTER.match(text)
    if found and _ROW.search(found["rows"]):
        return True
    marked = zip(range(_ENOUGH_MARKED), _MARKED_LINE.finditer(text), strict=False)
    return sum(1 for _ in marked) >= _ENOUGH_MARKED


def read_markdown(text: str) -> MarkdownText:
    """Read the lines of a Markdown file, and its front matter and comments as metas.

    Metas have the source `frontmatter:NAME` or `comment`. Paragraphs and headings are separated by
    a blank line; the cells of a table row are joined by a tab.
    """
    found = _FRONT_MATTER.match(text)
    body = text[found.end() :] if found else text
    metas = (*_front_matter(found["rows"] if found else ""), *_comments(body))
    source = _escaped(_COMMENT.sub("", body).lstrip("\ufeff"))
    if _has_blocks(source):
        lines = tuple(_lines(_parser().parse(source)))
    else:
        lines = tuple(_plain_lines(source))
    wanted = _wide(_TARGET.sub("", source) if "](" in source else source)
    got = _wide("".join(line.text for line in lines))
    return MarkdownText(lines, metas, max(0, wanted - got))


def _has_blocks(source: str) -> bool:
    """Whether there may be blocks other than headings and paragraphs, or table rows."""
    if "|" in source:
        return True
    starts = (found.start() for found in _BLOCK.finditer(source))
    return any(not source[source.rfind("\n", 0, at) + 1 : at].strip(" \t") for at in starts)


def _wide(text: str) -> int:
    """Count the non-ASCII characters of `text` that are not white space."""
    wide = len(text) - len(text.encode("ascii", "ignore"))
    return wide - len(_WIDE_SPACE.findall(text))


def _front_matter(rows: str) -> Iterator[Meta]:
    for row in rows.splitlines():
        match = _ROW.match(row)
        value = match["value"].strip().strip("\"'").strip() if match else ""
        if match and value:
            yield Meta(f"frontmatter:{match['name'].strip().lower()}", value)


def _comments(body: str) -> Iterator[Meta]:
    for match in _COMMENT.finditer(body):
        if words := " ".join(match["words"].split()):
            yield Meta("comment", words)


def _escaped(source: str) -> str:
    """Escape arithmetic signs in `source` that would be taken for marks."""
    for sign, between in _BETWEEN_FIGURES.items():
        if sign in source:
            source = between.sub(rf"\\{sign}", source)
    return _SIGNED.sub(r"\1\\\2", source) if _SIGN.search(source) else source


def _plain_lines(source: str) -> Iterator[MarkdownLine]:
    """Return the lines of a source that has only headings and paragraphs.

    Most reports do, and the full parser takes three times as long.
    """
    for number, (tag, words) in enumerate(_paragraphs(source)):
        if number:
            yield MarkdownLine("")
        yield from _inline(words, tag)


def _paragraphs(source: str) -> Iterator[tuple[str, str]]:
    """Yield headings and paragraphs with their elements."""
    lines: list[str] = []
    source = source.replace("\0", "\ufffd")
    for line in _ANY_LINE_END.split(source) if "\r" in source else source.split("\n"):
        words = line.strip(" \t")
        heading = _HEADING.match(words) if words[:1] == "#" else None
        if lines and (heading or not words):
            yield "p", "\n".join(lines).strip()
            lines = []
        if heading:
            yield f"h{len(heading['level'])}", (heading["words"] or "").strip()
        elif words:
            lines.append(line)
    if lines:
        yield "p", "\n".join(lines).strip()


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415  (40 ms that no page needs)

    # indented lines are paragraphs of a report, `[1]: …` is one of its notes, and a rule
    # below a line is a rule
    made = MarkdownIt("commonmark").enable("table").disable(["code", "reference", "lheading"])
    made.core.ruler.disable(["inline", "text_join"])  # `_inline` handles text with marks
    return made


def _lines(tokens: Sequence[Token]) -> Iterator[MarkdownLine]:
    tag, number = "p", ""
    cells: list[str] | None = None
    first = True
    for token in tokens:
        if token.type == "list_item_open":
            number = f"{token.info}{token.markup} " if token.info else ""
        elif token.type in ("heading_open", "paragraph_open"):
            tag = token.tag
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close" and cells is not None:
            yield MarkdownLine("\t".join(cells), "td")
            cells = None
        elif token.type == "inline" and cells is not None:
            cells.append(" ".join(each.text for each in _inline(token.content, "td")))
        elif token.type in ("inline", "html_block", "fence"):
            if not first:
                yield MarkdownLine("")
            first = False
            yield from _numbered(number, _written(token, tag))
            number = ""
        elif token.type == "table_open" and not first:
            yield MarkdownLine("")


def _numbered(number: str, lines: Iterator[MarkdownLine]) -> Iterator[MarkdownLine]:
    for line in lines:
        yield MarkdownLine(number + line.text, line.tag, line.link_chars) if number else line
        number = ""


def _written(token: Token, tag: str) -> Iterator[MarkdownLine]:
    if token.type == "html_block":
        return _markup(token.content)
    if token.type == "fence":
        return (MarkdownLine(line, "pre") for line in token.content.splitlines())
    return _inline(token.content, tag)


def _markup(source: str) -> Iterator[MarkdownLine]:
    """Yield the lines of a piece of HTML, as for pages."""
    from archive.read.parsing import parse  # noqa: PLC0415  (loads lxml)

    made = parse(source).outline
    for line in made.lines:
        yield MarkdownLine(line.text, made.tag(line), line.link_chars)


def _inline(content: str, tag: str) -> Iterator[MarkdownLine]:
    """Yield the lines of a paragraph, whose own line ends are those of the report."""
    if not _MARK.search(content):
        lines = _LINE_END.split(content) if "\n" in content else [content]
        return (MarkdownLine(line, tag) for line in lines)
    if strong := _STRONG_LINE.fullmatch(content):
        return iter((MarkdownLine(strong[1], tag),))
    words: list[str] = []
    linked, depth = [0], 0
    parser, children = _parser(), list["Token"]()
    parser.inline.parse(content, parser, {}, children)
    for child in children:
        if child.type in ("softbreak", "hardbreak") or (
            child.type == "html_inline" and _LINE_BREAK.fullmatch(child.content)
        ):
            words.append("\n")
            linked.append(0)
        elif child.type in ("link_open", "link_close"):
            depth += 1 if child.type == "link_open" else -1
        elif child.type in ("text", "text_special", "code_inline"):
            words.append(child.content)
            linked[-1] += len(child.content) if depth else 0
    own = _without_strong("".join(words)).split("\n")
    return (MarkdownLine(line, tag, chars) for line, chars in zip(own, linked, strict=True))


def _without_strong(words: str) -> str:
    """Remove the strong marks that CommonMark leaves next to Chinese punctuation."""
    if "**" not in words and "__" not in words:
        return words
    return _EDGES.sub("", _STRONG.sub(lambda pair: pair["words"], words))
