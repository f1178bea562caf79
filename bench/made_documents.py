"""Makes documents in common formats of real texts, each with what must be read back.

A text comes as paragraphs. Each maker gives the bytes of a file; what is written into it beside the
paragraphs (running heads, deleted words, notes) is distinguished from them.
"""

from __future__ import annotations

import csv
import io
import random
import re
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, Final

import openpyxl
import pypdfium2
from PIL import Image
from playwright.sync_api import sync_playwright

from baogao_practice import attachments
from baogao_practice import word as word_files
from baogao_practice.word import (
    WordFile,
    box,
    control,
    deleted,
    field_of,
    inserted,
    linked,
    run,
    table,
)
from baogao_practice.word_binary import doc

DPI: Final = 150
_MARKDOWN: Final = re.compile(r"\*\*|^#+ |^<!--.*?-->$", re.MULTILINE)


@dataclass(slots=True)
class Made:
    """A file; `paragraphs` must be read back, `notes` too, `gone` are words that must not be."""

    name: str
    payload: bytes
    paragraphs: Sequence[str]
    notes: Sequence[str] = ()
    gone: Sequence[str] = ()
    asides: Sequence[str] = field(default_factory=tuple)


def corpus_texts(shared: Path) -> Iterator[tuple[str, list[str]]]:
    """The reports of the corpus as paragraphs, in order of name, marks of Markdown taken out."""
    for path in sorted((shared / "corpus" / "prefectures").glob("*/*.md")):
        words = path.read_text("utf-8")
        if words.startswith("---"):
            words = words.split("---", 2)[2]
        lines = [" ".join(line.split()) for line in _MARKDOWN.sub("", words).split("\n")]
        paragraphs = [line for line in lines if line]
        if sum(map(len, paragraphs)) > 1500:
            yield f"{path.parent.name}_{path.stem}", paragraphs


class Makers:
    """The makers of documents; `browser` prints pages where it is there."""

    def __init__(self, browser: Any = None) -> None:
        self._browser = browser

    @property
    def can_print(self) -> bool:
        """Whether there is a browser that prints."""
        return self._browser is not None

    def html(self, paragraphs: Sequence[str]) -> bytes:
        """A page with a menu and a foot."""
        inside = "".join(f"<p>　　{escape(words)}</p>" for words in paragraphs)
        return (
            '<html><head><meta charset="utf-8"><title>政府工作报告</title></head><body>'
            '<div class="nav"><a href="/">首页</a> <a href="/zwgk/">政务公开</a></div>'
            f'<div class="TRS_Editor">{inside}</div><div class="foot">版权所有</div></body></html>'
        ).encode()

    def tracked(self, paragraphs: Sequence[str], seed: int) -> Made:
        """DOCX: insertions, deletions, controls, fields, boxes, notes, a table, a running head."""
        dice = random.Random(seed)
        file = WordFile(header="会议文件之二")
        gone, shown = [], []
        for words in paragraphs:
            kind = dice.randrange(8)
            middle = len(words) // 2
            first, rest = words[:middle], words[middle:]
            pieces = [run(words)]
            if kind == 0:
                gone.append(f"删改处{len(gone)}旧")
                pieces = [run(first), deleted(gone[-1]), inserted(rest)]
            elif kind == 1:
                pieces = [control(first), linked(rest)]
            elif kind == 2:
                pieces = [run(first), field_of("REF _x", rest)]
            elif kind == 3 and len(file.notes) < 9:
                pieces = [run(words), file.note(f"此处说明之{len(file.notes) + 1}。")]
            elif kind == 4 and len(words) < 60:
                pieces = [box(words)]
            file.paragraph(*pieces)
            shown.append(words)
        file.body.append(table([["指标", "数值"], ["甲", "12"]]))
        return Made("x.docx", file.packed(), [*shown, "指标", "数值", "甲", "12"], file.notes, gone,
                    ["会议文件之二"])  # fmt: skip

    def binary(self, paragraphs: Sequence[str]) -> Made:
        """DOC: with a note, a deletion and a running head."""
        payload = doc(
            paragraphs, removed="被删去的一句", note="文末的说明。", header="会议文件之三"
        )
        return Made(
            "x.doc", payload, paragraphs, ["文末的说明。"], ["被删去的一句"], ["会议文件之三"]
        )

    def rtf(self, paragraphs: Sequence[str]) -> Made:
        """RTF in GBK, called .doc."""
        payload = word_files.rtf(paragraphs, note="文中的说明。", removed="被删去的一句")
        return Made("x.doc", payload, paragraphs, ["文中的说明。"], ["被删去的一句"], ["页眉"])

    def mhtml(self, paragraphs: Sequence[str]) -> bytes:
        """A page saved as MHTML."""
        return word_files.mhtml(self.html(paragraphs).decode().replace("utf-8", "gb2312"))

    def word_2003(self, paragraphs: Sequence[str]) -> Made:
        """The XML of Word 2003."""
        return Made("x.doc", word_files.word_2003(paragraphs), [*paragraphs, "三、列表里的一项"],
                    (), ["删去的话"])  # fmt: skip

    def not_embedded(self, paragraphs: Sequence[str]) -> bytes:
        """A PDF whose font is named and not embedded."""
        return attachments.pdf(paragraphs)

    def ofd(self, paragraphs: Sequence[str]) -> bytes:
        """OFD."""
        return attachments.ofd(paragraphs)

    def printed(self, paragraphs: Sequence[str], *, columns: int = 1) -> bytes:
        """A PDF that Chromium prints, with embedded fonts, a running head and page numbers."""
        page = self._browser.new_page()
        try:
            page.set_content(_paper(paragraphs, columns))
            return bytes(page.pdf(
                format="A4", display_header_footer=True,
                header_template=_HEAD, footer_template=_FOOT,
                margin={"top": "25mm", "bottom": "25mm", "left": "26mm", "right": "26mm"},
            ))  # fmt: skip
        finally:
            page.close()

    def scanned(self, paragraphs: Sequence[str], *, pages: int = 3, jpeg: bool = True) -> bytes:
        """A PDF of pictures of printed pages."""
        document = pypdfium2.PdfDocument(self.printed(paragraphs))
        pictures = []
        for page in list(document)[:pages]:
            picture = page.render(scale=DPI / 72, grayscale=True).to_pil()
            if jpeg:
                buffer = io.BytesIO()
                picture.save(buffer, "JPEG", quality=80)
                picture = Image.open(io.BytesIO(buffer.getvalue()))
            pictures.append(picture)
        out = io.BytesIO()
        pictures[0].save(out, "PDF", resolution=DPI, save_all=True, append_images=pictures[1:])
        return out.getvalue()

    def workbook(self, texts: Sequence[Sequence[str]]) -> bytes:
        """A workbook with a title row and one text a row."""
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["历年政府工作报告汇总"])
        sheet.append(["序号", "标题", "正文"])
        for number, paragraphs in enumerate(texts, 1):
            sheet.append([number, "政府工作报告", "\n".join(paragraphs)])
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def table(self, texts: Sequence[Sequence[str]], encoding: str = "gb18030") -> bytes:
        """A CSV in GBK whose cells hold markup."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["编号", "标题", "全文"])
        for number, paragraphs in enumerate(texts, 1):
            cell = "".join(f"<p>&nbsp;&nbsp;{escape(words)}</p>" for words in paragraphs)
            writer.writerow([number, "政府工作报告", cell])
        return out.getvalue().encode(encoding)

    def packed(self, members: Sequence[tuple[str, bytes]]) -> bytes:
        """A ZIP whose names are in GBK, as Chinese programs write them."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
            for name, content in members:
                info = zipfile.ZipInfo(name.encode("gb18030").decode("cp437"))
                info.compress_type = zipfile.ZIP_DEFLATED
                package.writestr(info, content)
        return out.getvalue()


_HEAD: Final = '<div style="font-size:9px;width:100%;text-align:center">人大会议文件汇编</div>'
_FOOT: Final = (
    '<div style="font-size:9px;width:100%;text-align:center">'
    '— <span class="pageNumber"></span> —</div>'
)


def _paper(paragraphs: Sequence[str], columns: int) -> str:
    title, *others = paragraphs
    inside = "".join(f"<p>{escape(words)}</p>" for words in others)
    return (
        "<style>body{font-family:'Noto Serif CJK SC';font-size:16px;line-height:1.7}"
        "p{margin:0;text-indent:2em;text-align:justify}h1{font-size:22px;text-align:center}"
        f".body{{columns:{columns};column-gap:2.5em}}</style><h1>{escape(title)}</h1>"
        f'<div class="body">{inside}</div>'
    )


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium, or None where it is not installed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        yield None
        return
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=program)
        try:
            yield started
        finally:
            started.close()
