"""The read stage from outside: bytes in, page out."""

import pytest

from archive.known import shipped
from archive.model import Capture, Page, SiteFacts
from archive.read import read

PROSE = "示范市人民政府在本次会议上报告了过去一年的工作，全市经济平稳增长，民生继续改善。"


def page_of(body: str | bytes, **how) -> Page:
    payload = body if isinstance(body, bytes) else body.encode()
    return read(Capture.from_bytes(payload, **how), shipped())


def lines_of(page: Page) -> list[str]:
    return [page.words(block) for block in page.blocks]


def main_of(page: Page) -> list[str]:
    return [page.words(block) for block in page.blocks if block.main]


def test_a_text_stays_as_decoded_line_by_line():
    text = "  各位代表：\r\n\r\n一、回顾\r二、安排\n"
    page = page_of(text)
    assert page.visible == text
    assert page.medium == "text"
    assert lines_of(page) == ["  各位代表：", "", "一、回顾", "二、安排"]
    assert all(block.main for block in page.blocks)


def test_every_line_of_a_page_is_a_block_and_nothing_else_is_text():
    page = page_of(
        "<html><head><title>题</title><style>p{}</style></head><body><!-- 注 --><p>一</p>"
        "<div>二<br>三<script>四</script></div><table><tr><td>五</td><td>六</td></tr></table>"
    )
    assert page.visible == "一\n二\n三\n五\t六"
    assert "\n".join(lines_of(page)) == page.visible
    assert [meta.value for meta in page.metas if meta.source == "title"] == ["题"]


def test_hidden_blocks_are_there_and_say_so():
    page = page_of(
        f"<p>{PROSE}</p><div style='display:none'><p>博彩</p></div><p>前<b hidden>藏</b>后"
    )
    hidden = [page.words(block) for block in page.blocks if block.hidden]
    assert hidden == ["博彩", "藏"]
    assert "前后" in lines_of(page)
    assert not any(block.main for block in page.blocks if block.hidden)


def test_the_main_part_is_the_known_container():
    page = page_of(
        "<html><body><div class=nav><a href=/>首页</a><a href=/a>政务公开</a></div>"
        f"<div class=TRS_Editor>{f'<p>{PROSE}</p>' * 5}</div><div class=foot>版权所有</div></body>"
    )
    assert main_of(page) == [PROSE] * 5
    assert page.method == "container"


def test_the_site_file_names_the_container_first():
    site = SiteFacts("demo", containers=("div.odd > section",))
    page = page_of(
        f"<html><body><div id=zoom><p>{PROSE * 2}</p></div>"
        f"<div class=odd><section><p>{PROSE}</p></section></div>",
        site=site,
    )
    assert main_of(page) == [PROSE]
    assert page.method == "site"


def test_without_a_container_readability_locates():
    page = page_of(
        "<html><body><ul><li><a href=/1>栏目一</a><li><a href=/2>栏目二</a></ul>"
        f"<table><tr><td>{'<br>'.join([PROSE] * 8)}</td></tr></table><p>版权所有</p>"
    )
    assert main_of(page) == [PROSE] * 8


@pytest.mark.parametrize(
    ("payload", "medium", "kind"),
    [
        (b"", "empty", "empty_payload"),
        (b" \r\n ", "empty", "empty_payload"),
        (b"%PDF-1.7 \xe2\xe3", "pdf", "unreadable_medium"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), "ole", "unreadable_medium"),
        (b"PK\x03\x04" + bytes(64), "zip", "unreadable_medium"),
        (bytes(range(256)) * 40, "binary", "unreadable_medium"),
    ],
)
def test_what_is_no_text_is_named(payload, medium, kind):
    page = page_of(payload, headers={"Content-Type": "text/html"}, filename="a.html")
    assert (page.visible, page.blocks, page.medium, page.confidence) == ("", (), medium, 0.0)
    assert [flag.kind for flag in page.flags] == [kind]


def test_contents_decide_what_a_payload_is_not_its_name():
    assert page_of("<html><body><p>甲</p></body></html>", filename="a.txt").medium == "html"
    assert page_of("甲乙丙，没有标记。", filename="a.html").medium == "text"
    assert page_of("甲<br>乙，是文字。", filename="a.txt").visible == "甲<br>乙，是文字。"


def test_what_stands_after_an_early_end_of_the_page_is_read():
    page = page_of(f"<html><body><p>页眉</p></body></html><div id=zoom><p>{PROSE * 3}</p></div>")
    assert PROSE * 3 in main_of(page)


@pytest.mark.parametrize("depth", [300, 3_000, 100_000])
def test_depth_loses_nothing(depth):
    page = page_of("<html><body><p>" + "<font>报" * depth)
    assert page.visible.count("报") == depth


def test_metas_are_kept_as_found():
    page = page_of(
        '<html><head><meta content="2100000037" name="SiteIDCode"><META NAME=PubDate CONTENT='
        '"2023-01-13 09:11"><script type="application/ld+json">{"datePublished":"2023-01-13",'
        '"author":{"name":"示范网"}}</script></head><body><p>甲</p>'
    )
    assert {meta.source: meta.value for meta in page.metas} == {
        "meta:SiteIDCode": "2100000037",
        "meta:PubDate": "2023-01-13 09:11",
        "jsonld:datePublished": "2023-01-13",
        "jsonld:author.name": "示范网",
    }
