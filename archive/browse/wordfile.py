"""A report as a Word file (Office Open XML): headings, doubts as comments, its source at the end.

The same report gives the same bytes: nothing in the file depends on the time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

MEDIUM: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_KIND: Final = f"{MEDIUM.rsplit('.', 1)[0]}"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot contain."""


@dataclass(frozen=True, slots=True)
class WordRun:
    """Some words; `comment` is what is remarked about them, empty for nothing."""

    words: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class WordParagraph:
    """A paragraph with the id of its style in `_STYLES`."""

    runs: tuple[WordRun, ...]
    style: str = "Normal"


def word_file(title: str, author: str, paragraphs: Iterable[WordParagraph]) -> bytes:
    """Return the bytes of a .docx file.

    Args:
        title: the title among the file's properties.
        author: the author there.
        paragraphs: everything in the file, in order.
    """
    writer = _WordWriter()
    body = "".join(map(writer.paragraph, paragraphs))
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations(
            (("officeDocument", "word/document.xml"), ("core", "docProps/core.xml"))
        ),
        "docProps/core.xml": _core(title, author),
        "word/document.xml": _part("document", f"<w:body>{body}{_SECTION}</w:body>"),
        "word/styles.xml": _part("styles", _DEFAULTS + "".join(_styles())),
        "word/comments.xml": _part("comments", "".join(writer.comments)),
        "word/footer.xml": _part("ftr", _PAGE_NUMBER),
        "word/_rels/document.xml.rels": _relations(
            (("styles", "styles.xml"), ("comments", "comments.xml"), ("footer", "footer.xml"))
        ),
    }
    held = BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(ZipInfo(name), _DECLARATION + content, ZIP_DEFLATED)
    return held.getvalue()


class _WordWriter:
    """Writes paragraphs, and collects their comments."""

    def __init__(self) -> None:
        self.comments: list[str] = []

    def paragraph(self, paragraph: WordParagraph) -> str:
        """Return a paragraph in WordprocessingML."""
        runs = "".join(map(self._run, paragraph.runs))
        return f'<w:p><w:pPr><w:pStyle w:val="{paragraph.style}"/></w:pPr>{runs}</w:p>'

    def _run(self, run: WordRun) -> str:
        words = f"<w:r>{_text(run.words)}</w:r>"
        if not run.comment:
            return words
        number = len(self.comments)
        self.comments.append(
            f'<w:comment w:id="{number}" w:author="baogao" w:initials="B">'
            f"<w:p><w:r>{_text(run.comment)}</w:r></w:p></w:comment>"
        )
        return (
            f'<w:commentRangeStart w:id="{number}"/>'
            f'<w:r><w:rPr><w:highlight w:val="yellow"/></w:rPr>{_text(run.words)}</w:r>'
            f'<w:commentRangeEnd w:id="{number}"/>'
            f'<w:r><w:commentReference w:id="{number}"/></w:r>'
        )


def _text(words: str) -> str:
    lines = _FORBIDDEN.sub("\ufffd", words).splitlines() or [""]
    return "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in lines)


def _part(root: str, content: str) -> str:
    return f'<w:{root} xmlns:w="{_W}" xmlns:r="{_R}">{content}</w:{root}>'


def _content_types() -> str:
    names = (("document", "document.main"), ("styles", "styles"), ("comments", "comments"),
             ("footer", "footer"))  # fmt: skip
    parts = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_KIND}.{kind}+xml"/>'
        for name, kind in names
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/docProps/core.xml"'
        ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
        f"{parts}</Types>"
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    kinds = {"core": f"{_PACKAGE}/relationships/metadata/core-properties"}
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{kinds.get(kind, f"{_R}/{kind}")}" Target="{path}"/>'
        for number, (kind, path) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def _core(title: str, author: str) -> str:
    said = {"title": title, "creator": author, "language": "zh-CN"}
    fields = "".join(
        f"<dc:{name}>{escape(_FORBIDDEN.sub('�', words))}</dc:{name}>"
        for name, words in said.items()
    )
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/">{fields}</cp:coreProperties>'
    )


_SECTION: Final = (
    '<w:sectPr><w:footerReference w:type="default" r:id="rId3"/>'
    '<w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1701" w:right="1531" w:bottom="1701" w:left="1531" w:header="851"'
    ' w:footer="992" w:gutter="0"/></w:sectPr>'
)
"""An A4 page; `rId3` is the footer."""

_PAGE_NUMBER: Final = (
    '<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    '<w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
)

_SONG: Final = '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体"/>'
_HEI: Final = '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:eastAsia="黑体"/>'
_DEFAULTS: Final = (
    f'<w:docDefaults><w:rPrDefault><w:rPr>{_SONG}<w:sz w:val="24"/>'
    '<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>'
)
_INDENT: Final = '<w:ind w:firstLine="480" w:firstLineChars="200"/>'
_LINES: Final = '<w:spacing w:after="60" w:line="400" w:lineRule="auto"/>'
_CENTRED: Final = '<w:ind w:firstLine="0" w:firstLineChars="0"/><w:jc w:val="center"/>'
_STYLES: Final = {
    "Normal": ("Normal", f'{_LINES}{_INDENT}<w:jc w:val="both"/>', ""),
    "Title": (
        "Title",
        f'<w:spacing w:before="240" w:after="240"/>{_CENTRED}',
        f'{_HEI}<w:b/><w:sz w:val="36"/>',
    ),
    "Front": (
        "Subtitle",
        f"{_LINES}{_CENTRED}",
        "",
    ),
    "Heading1": (
        "heading 1",
        '<w:keepNext/><w:spacing w:before="360" w:after="120"/><w:outlineLvl w:val="0"/>',
        f'{_HEI}<w:b/><w:sz w:val="30"/>',
    ),
    "Heading2": (
        "heading 2",
        '<w:keepNext/><w:spacing w:before="200" w:after="80"/><w:outlineLvl w:val="1"/>',
        f'{_HEI}<w:sz w:val="26"/>',
    ),
    "Source": (
        "Source",
        '<w:spacing w:after="40"/><w:ind w:firstLine="0" w:firstLineChars="0"/>',
        '<w:sz w:val="20"/>',
    ),
}
"""The styles by id: name, properties of the paragraph, properties of its characters."""


def _styles() -> Iterator[str]:
    for key, (name, paragraph, characters) in _STYLES.items():
        first = ' w:default="1"' if key == "Normal" else ""
        based = "" if key == "Normal" else '<w:basedOn w:val="Normal"/>'
        yield (
            f'<w:style w:type="paragraph"{first} w:styleId="{key}"><w:name w:val="{name}"/>{based}'
            f"<w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{characters}</w:rPr></w:style>"
        )
