"""The captured page beside its text: what is marked, what is left out, what is said instead."""

import re
import sqlite3
from contextlib import closing

import pytest
from browse.made_up import PORTAL
from browse.test_browser import chromium, serving  # noqa: F401  (a fixture)
from datasette.app import Datasette
from hostile import markup

from archive.browse.drawn import MarkedRange, WantedPicture, draw, draw_text
from archive.derivation import derive
from archive.model import Capture
from archive.store import Archive
from archive.store.copies import public_backup
from archive.store.partitions import visible_of

PARAGRAPHS = [
    "各位代表：现在，我代表市人民政府向大会报告工作，请予审议，并请各位委员提出意见。",
    "一、过去一年工作回顾",
    "过去一年，全市上下坚持稳中求进，地区生产总值增长百分之六，财政收入增长百分之五。",
    "二、今年工作安排",
    "今年要扩大有效投资，改善营商环境，办好民生实事，推动各项事业再上新台阶。",
]
PAGE = (
    "<html><head><title>演示市</title><style>p{display:none}</style></head><body>"
    "<div class=nav><a href='/'>首页</a> <a href='/zw'>政务公开</a></div>"
    "<h1>演示市政府工作报告</h1>"
    "<p>发布时间：2024年1月8日</p>"
    + "".join(f"<p align=center onclick=x()>{words}</p>" for words in PARAGRAPHS)
    + "<p>版权所有 演示市人民政府办公室</p></body></html>"
)


def archive_of(path, *payloads, **more):
    """An archive of pages derived by the stages; text N is of payload N."""
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        for at, payload in enumerate(payloads, 1):
            body = payload if isinstance(payload, bytes) else payload.encode()
            capture = Capture(
                url=f"http://www.demo.test/{at}.html", payload=body, status=200, site=PORTAL,
                captured_at="2026-01-02T03:04:05.678Z",
                **{"response_headers": (("Content-Type", "text/html; charset=utf-8"),), **more},
            )  # fmt: skip
            run.text(run.capture(capture), derive(capture))
    return path


@pytest.fixture
async def asks():
    """A function that serves an archive and returns what asks for its pages."""
    served = []

    async def serve(path):
        datasette = Datasette([str(path)])
        await datasette.invoke_startup()
        served.append(datasette)
        return datasette.client.get

    yield serve
    for datasette in served:
        for opened in datasette.databases.values():
            opened.close()


def body_of(picture):
    return picture[picture.index("<body>") :]


async def test_the_page_is_drawn_with_what_was_removed_marked_in_place(asks, tmp_path):
    get = await asks(archive_of(tmp_path / "a.db", PAGE))
    shown = await get("/evidence/1?passage=2")
    assert shown.status_code == 200
    (frame,) = re.findall(r"<iframe[^>]*>", shown.text)
    assert 'sandbox=""' in frame
    assert 'src="/evidence/1/page?passage=2#p2"' in frame
    picture = body_of((await get("/evidence/1/page?passage=2")).text)
    assert re.search(r'<del class="drop"[^>]* data-why="[^"]+"[^>]*>首页</del>', picture)
    assert re.search(r"<del [^>]*>发布时间：2024年1月8日</del>", picture)
    assert '<p align="center">' in picture
    assert f'<span id="p2" class="here">{PARAGRAPHS[0]}</span>' in picture
    assert PARAGRAPHS[2] in picture
    for absent in ("<a", "href", "onclick", "<style", "class=nav", "<h2"):
        assert absent not in picture


async def test_the_picture_may_do_nothing(asks, tmp_path):
    get = await asks(archive_of(tmp_path / "a.db", PAGE))
    answer = await get("/evidence/1/page")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    for said in ("form-action 'none'", "base-uri 'none'", "frame-ancestors 'self'", "; sandbox"):
        assert said in policy
    assert "unsafe" not in policy
    assert "allow-" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"


async def test_every_word_of_the_text_is_in_the_picture_once(practice_get, practice_archive):
    with closing(sqlite3.connect(practice_archive)) as rows:
        texts = rows.execute("SELECT id FROM texts WHERE medium = 'html' ORDER BY id").fetchall()
    with Archive.open(practice_archive, read_only=True) as archive:
        visible = {text: visible_of(archive.connection, text) for (text,) in texts[::6]}
    for text, words in visible.items():
        answer = await practice_get(f"/evidence/{text}/page")
        picture = re.sub(r"<[^>]*>", "", body_of(answer.text))
        for escaped, plain in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'")):
            picture = picture.replace(escaped, plain)
        drawn = "".join(picture.replace("&amp;", "&").split())
        assert sorted(drawn) == sorted("".join(words.split())), text


async def test_a_public_copy_says_that_it_has_no_payloads(asks, tmp_path):
    public_backup(archive_of(tmp_path / "a.db", PAGE), tmp_path / "public.db")
    get = await asks(tmp_path / "public.db")
    shown = await get("/evidence/1?lang=en")
    assert shown.status_code == 200
    assert "A public copy has no payloads" in shown.text
    assert "<iframe" not in shown.text
    assert "发布时间" not in shown.text
    answer = await get("/evidence/1/page")
    assert answer.status_code == 404
    assert "公开副本" in answer.text


async def test_text_and_documents_are_shown_as_they_were_read(asks, tmp_path):
    plain = "\n".join(["【打印】【关闭】", "演示市政府工作报告", *PARAGRAPHS])
    get = await asks(archive_of(tmp_path / "a.db", plain, response_headers=()))
    shown = await get("/evidence/1?lang=en")
    assert "This is plain text without layout" in shown.text
    picture = (await get("/evidence/1/page?lang=en")).text
    assert "This is plain text without layout" in picture
    assert re.search(r"<pre><del [^>]*>【打印】", picture)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE payloads SET stored_crc32 = stored_crc32 + 1", "bytes of this page are damaged"),
        ("UPDATE payloads SET stored = x'00'", "bytes of this page are damaged"),
        ("UPDATE payloads SET codec = 'withdrawn', stored = NULL", "were withdrawn"),
        ("UPDATE texts SET medium = 'docx'", "This is a document"),
        ("UPDATE packed_texts SET packed = x'00'", "stored text is damaged"),
    ],
)
async def test_what_cannot_be_drawn_is_said_in_one_sentence(asks, tmp_path, statement, says):
    db = archive_of(tmp_path / "a.db", PAGE)
    damage(db, statement)
    get = await asks(db)
    picture = (await get("/evidence/1/page?lang=en")).text
    assert says in picture
    if "packed" in statement:
        for path in ("/evidence/1?lang=en", "/text/1?lang=en"):
            answer = await get(path)
            assert answer.status_code == 500
            assert "What this page reads is damaged" in answer.text
    else:
        assert PARAGRAPHS[0] in picture
        assert (await get("/evidence/1")).status_code == 200


def damage(db, statement):
    with closing(sqlite3.connect(db)) as rows, rows:
        for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            rows.execute(f'DROP TRIGGER "{name}"')
        rows.execute("PRAGMA ignore_check_constraints = on")
        rows.execute(statement)


async def test_a_page_that_is_read_otherwise_today_is_not_marked(asks, tmp_path):
    db = archive_of(tmp_path / "a.db", PAGE, PAGE.replace("首页", "主页"))
    damage(
        db,
        "UPDATE texts SET visible_sha256 ="
        " (SELECT visible_sha256 FROM texts WHERE id = 2) WHERE id = 1",
    )
    get = await asks(db)
    picture = (await get("/evidence/1/page?lang=en")).text
    assert "reads the page otherwise" in picture
    assert "主页" in picture


async def test_a_huge_page_is_not_drawn(asks, tmp_path):
    filler = "<!--" + "x" * (4 << 20) + "-->"
    get = await asks(archive_of(tmp_path / "a.db", PAGE.replace("<h1>", filler + "<h1>")))
    picture = (await get("/evidence/1/page?lang=en")).text
    assert "too large to be drawn" in picture
    assert PARAGRAPHS[0] in picture
    assert len(picture) < 10_000


async def test_report_text_and_trace_lead_there(practice_get, practice_archive):
    with closing(sqlite3.connect(practice_archive)) as rows:
        (text,) = rows.execute("SELECT max(id) FROM texts WHERE shape = 'report'").fetchone()
    assert f'href="/evidence/{text}"' in (await practice_get(f"/text/{text}")).text
    assert f'href="/evidence/{text}?passage=3"' in (await practice_get(f"/trace/{text}/3")).text
    assert (await practice_get("/evidence/999999")).status_code == 404


def test_parts_of_one_text_are_marked_by_their_own_fate():
    words = "甲乙 丙丁戊"
    runs = (
        MarkedRange(0, 1, "keep", passage=1),
        MarkedRange(1, 4, "drop", "ad", "why", passage=1),
        MarkedRange(4, 5, "replace", "庚", passage=1),
        MarkedRange(5, 6, "flag", says="doubt", passage=1),
    )
    html = "<p>甲<b>乙 丙</b>丁<i>戊</i></p>"
    made = draw(WantedPicture(html.encode(), "", words, runs))
    assert made == (
        '<p><span id="p1">甲</span><b><del class="drop" data-why="ad" title="why">乙 丙</del>'
        '</b><span class="replace" data-why="庚">丁</span>'
        '<i><span class="flag" title="doubt">戊</span></i></p>'
    )
    assert "<pre>" in draw_text(WantedPicture(b"", "", words, runs))


PAYLOADS = [
    PAGE.replace("过去一年", f"过去一年{payload}").replace("align=center", f"align='{payload}'", 1)
    for payload in (*markup.PLAIN, *markup.OUT)
]


def test_no_picture_lets_markup_in(chromium, tmp_path):  # noqa: F811
    """In its frame, alone, and even without frame, sandbox and policy."""
    db = archive_of(tmp_path / "demo.db", *PAYLOADS)
    wrong = {}
    context = chromium.new_context()
    framed, bare = context.new_page(), context.new_page()
    with serving(db) as home:
        told = markup.watched(framed, home) + markup.watched(bare, home)
        for number in range(1, len(PAYLOADS) + 1, 3):
            framed.goto(f"{home}/evidence/{number}?passage=2", wait_until="load")
            frame = framed.frame_locator("iframe[name=captured]")
            assert PARAGRAPHS[0] in frame.locator("body").inner_text()
            body = context.request.get(f"{home}/evidence/{number}/page").text()
            bare.set_content(body)
            if found := [*bare.evaluate(markup.LOOK), *told]:
                wrong[number] = found
                told.clear()
        alone = framed.goto(f"{home}/evidence/1/page")
        assert alone.status == 200
        assert framed.evaluate("self.origin") == "null"
    context.close()
    assert wrong == {}
