"""Files of one report: Word, read back by our own reader; feeds of a search."""

import io
import zipfile
from urllib.parse import quote

from lxml import etree

from archive.browse.wordfile import WordParagraph, WordRun, word_file
from archive.known import shipped
from archive.model import Capture
from archive.read import read

W = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}


def parts(docx):
    """The parts of a Word file, each well-formed."""
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        return {name: etree.fromstring(package.read(name)) for name in package.namelist()}


def words_of(docx):
    found = read(Capture.from_bytes(docx), shipped())
    assert found.medium == "docx"
    return found.visible.splitlines()


async def test_a_report_as_a_word_file_has_all_its_words(get):
    answer = await get("/docx/990100/2024?lang=en")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="990100-2024.docx"'
    plain = (await get("/txt/990100/2024")).text.splitlines()
    lines = words_of(answer.content)
    assert [line for line in lines if line in plain] == plain
    said = "\n".join(lines)
    assert "[R/OL]" in said
    assert "sha256: " in said
    assert "/r/990100/2024" in said
    assert answer.content == (await get("/docx/990100/2024?lang=en")).content


async def test_headings_and_doubts_are_those_of_word(practice_get, practice_archive):
    name = "130123/2024"
    answer = await practice_get(f"/docx/{name}?lang=zh")
    if answer.status_code == 404:  # the practice web may call another place first
        listed = (await practice_get("/api/works")).json()["works"]
        answer = await practice_get(listed[0]["url"].replace("/r/", "/docx/"))
    made = parts(answer.content)
    styles = {
        found.get(f"{{{W['w']}}}val")
        for found in made["word/document.xml"].iterfind(".//w:pStyle", W)
    }
    assert {"Title", "Heading1", "Normal", "Source"} <= styles


def test_comments_stand_at_their_words_and_nothing_breaks_the_file():
    docx = word_file(
        "题\x00目", "<作者>", [
            WordParagraph((WordRun("在"), WordRun("演示博彩", "疑 <省委>"), WordRun("领导下"))),
            WordParagraph((WordRun("甲\x0b & <乙>\ud800"),), "Heading1"),
        ],
    )  # fmt: skip
    made = parts(docx)
    (comment,) = made["word/comments.xml"].iterfind("w:comment", W)
    assert "".join(comment.itertext()) == "疑 <省委>"
    assert words_of(docx)[0] == "在演示博彩领导下"
    assert "& <乙>" in words_of(docx)[1]
    document = made["word/document.xml"]
    marks = [etree.QName(found).localname for found in document.iterfind(".//w:p[1]/*", W)]
    assert marks == ["pPr", "r", "commentRangeStart", "r", "commentRangeEnd", "r", "r"]


async def test_the_feed_of_a_search_is_linked_and_has_its_reports_only(get):
    found = etree.HTML(
        (await get("/find?q=" + quote("营商环境") + "&level=prefecture&from=2020")).text
    )
    (linked,) = found.xpath("//link[@rel='alternate']/@href")
    assert linked in found.xpath("//p[@role='status']/a/@href")
    assert entries(await get(linked))
    assert not entries(await get(linked.replace("prefecture", "county")))
    assert not entries(await get(linked.replace("2020", "2025")))
    assert entries(await get("/feed.atom?place=" + quote("演示")))
    assert not entries(await get("/feed.atom?place=" + quote("别处")))


def entries(answer):
    assert answer.status_code == 200
    return etree.fromstring(answer.content).findall("{http://www.w3.org/2005/Atom}entry")
