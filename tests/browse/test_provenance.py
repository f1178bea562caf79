"""From a passage to the bytes: every page of the chain."""

import hashlib

import pytest
from browse.made_up import REPORT, answer
from browse.test_pages import page

PAYLOAD = answer("", REPORT).payload
DIGEST = hashlib.sha256(PAYLOAD).hexdigest()


async def test_a_trace_goes_from_the_passage_to_the_bytes(get):
    shown = await page(get, "/trace/1/7")
    words = shown.text_content()
    assert "钢铁产业转型升级" in shown.cssselect("blockquote")[0].text
    assert shown.cssselect(".steps mark")[0].text in "钢铁产业转型升级，“2+10”项目全部开工。"
    assert DIGEST in words
    assert shown.cssselect('a[href="/capture/1"]')
    assert shown.cssselect('a[href="/run/1"]')
    assert shown.cssselect('a[href="/rule/text"]')


async def test_the_bytes_come_back_as_they_were(get):
    response = await get(f"/payload/{DIGEST}.bin")
    assert response.content == PAYLOAD
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in response.headers["content-security-policy"]


async def test_a_payload_is_shown_as_text(get):
    shown = await page(get, f"/payload/{DIGEST}")
    assert shown.cssselect("pre.source")[0].text_content() == PAYLOAD.decode()


async def test_a_hostile_payload_is_only_text(get):
    loose = await page(get, "/text/3")
    digest = loose.cssselect(".digest")[0].get("title").split()[1]
    shown = await page(get, f"/payload/{digest}")
    assert not shown.cssselect("pre *")
    assert "<svg onload=alert(1)>" in shown.cssselect("pre.source")[0].text
    assert len((await get(f"/payload/{digest}")).content) < 400_000


async def test_a_failure_has_its_page_with_its_reason(get):
    shown = await page(get, "/capture/4")
    assert "no answer in 30 s" in shown.text_content()
    assert "没有收到内容" in shown.text_content()


async def test_rule_site_run_ledger_and_versions(get):
    rule = await page(get, "/rule/share-word")
    assert [d.text for d in rule.cssselect("del")] == ["分享到微信"] * 2
    site = await page(get, "/site/demo-gov")
    assert "演示市人民政府" in site.cssselect("h1")[0].text
    assert site.cssselect('a[href="/rule/nav-crumbs"]')
    run = await page(get, "/run/1")
    assert run.cssselect('a[href="/capture/4"]')
    assert (await page(get, "/ledger")).cssselect("tbody tr")
    assert (await page(get, "/page/1")).cssselect('a[href="/text/1"]')


@pytest.mark.parametrize(
    "path",
    ["/capture/99", "/page/99", "/run/99", "/rule/none", "/site/none", "/trace/1/99", "/trace/9/1",
     f"/payload/{'0' * 64}", f"/payload/{'0' * 64}.bin"],
)  # fmt: skip
async def test_missing_things(get, path):
    assert (await get(path)).status_code == 404
