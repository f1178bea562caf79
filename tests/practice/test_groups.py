"""What the practice web has to imitate, group by group, looked for where it is served."""

import re

import pytest

import baogao_practice as practice
from baogao_practice.page import Request
from baogao_practice.web import site_of


def served(host, path, query="", **headers):
    page = site_of(host).page(path, query)
    request = Request(host, path, query, headers={"Host": f"{host}:8642", **headers})
    return page.answer(request)


def bodies(host):
    """Every page of a host that is text, decoded as its bytes want it."""
    found = {}
    for url in practice.urls(host):
        path, _, query = url.removeprefix(f"http://{host}").partition("?")
        body = served(host, path, query).body
        try:
            found[path] = body.decode()
        except UnicodeDecodeError:
            found[path] = body.decode("gb18030", "replace")
    return found


TRAITS = {
    "TRS: nbsp, a font widget of links, relative links, a script call": (
        "www.yanzhao.test",
        [r"&nbsp;", r"字体：.{0,90}>大</a>", r'"\./2\d{5}/t2\d{7}_\d+\.html"', "createPageHTML"],
    ),
    "TRS: site id, ICP and police number in the footer": (
        "www.yanzhao.test", [r"网站标识码：\d{10}", r"ICP备\d{8}号", r"公网安备 \d{14}号"],
    ),
    "jcms: ZJEG comments, an empty source, a file without an extension in its path": (
        "www.qiantang.test",
        [r"ZJEG_RSS\.content\.begin", r"begin--><!--<\$\[信息来源\]>end", r"/downfile\.jsp\?"],
    ),
    "ASP: tables, br and U+3000, no p": ("www.laoasp.test", [r"<table", r"　　[^<]{9,}<br>"]),
    "the library: a declared count, an empty time, the place in a compilation, straight quotes": (
        "www.tingtao.test", [r"共计\d+个字", "时间: 加入收藏", r"第\d+/9页", r'"[^"<>]{2,30}"'],
    ),
    "the splitting mirror: its own address without the page number, notes, projects": (
        "www.zhixian.test", ["本文地址", r"〔\d+〕|\[\d+\]", "民生实事"],
    ),
    "its clone: lower case, an injected link, no mark of the original": (
        "www.bangong.test", [r"gdp|vocs|pm2\.5", "网站地图"],
    ),
    "the hijacker: a spam line, a brand for several words, a map of links": (
        "mzt.jiahuo.test", ["金鼎娱乐", "网站地图"],
    ),
    "the hijacker whose brand has marks": ("jyt.jiahuo.test", [r"[一-龥]+_[一-龥\d]+-[一-龥]+"]),
    "traditional characters, pinyin with tones and without, emoji": (
        "www.fanti.test",
        ["請予", r"[一-龥]\([a-z]{0,4}[āáǎàēéěèīíǐìōóǒòūúǔù][a-z]{0,3}\)", r"[一-龥]\([a-z]{1,6}\)",
         "[\U0001f300-\U0001faff]"],
    ),
    "noise: a forum, a login wall, blanked names, a printed page's number": (
        "www.zaoyin.test", ["查看:|回复", "登录", r"20XX|xx县|××|\*\*", r"- \d+ -"],
    ),
    "wrappers: a transmittal, a draft, a newspaper in two parts": (
        "www.wenjian.test", ["关于印发", "征求意见稿", "下转第四版", "上接第一版"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("group", TRAITS)
def test_the_traits_of_a_group_are_there(group):
    host, patterns = TRAITS[group]
    text = "\n".join(bodies(host).values())
    assert [pattern for pattern in patterns if not re.search(pattern, text)] == []


def test_an_asp_page_has_no_paragraphs():
    articles = [text for path, text in bodies("www.laoasp.test").items() if "news" in path]
    assert articles
    assert not any("<p" in text for text in articles)


def test_dates_in_addresses_and_on_pages_differ():
    differing = 0
    for path, text in bodies("www.yanzhao.test").items():
        found = re.search(r"/t(\d{4})(\d\d)(\d\d)_", path)
        if found:
            differing += "{}年{}月{}日".format(*found.groups()) not in text
    assert differing > 10


BAD = {
    "/back-and-forth.html": 302, "/to-challenge.html": 302, "/removed-home.html": 301,
    "/removed.html": 301, "/missing.html": 200, "/412.html": 412, "/521.html": 521,
    "/429-always.html": 429, "/500.html": 500, "/cut-gzip.html": 200, "/bad-gzip.html": 200,
    "/big.html": 200, "/meta-refresh.html": 200, "/js-redirect.html": 200, "/base/": 200,
    "/validated.html": 200, "/session.html": 200, "/agent.html": 403, "/parked.html": 200,
    "/login.html": 200, "/empty.html": 200,
}  # fmt: skip


def test_every_kind_of_bad_answer_is_there():
    for path, status in BAD.items():
        assert served("www.huai.test", path).status == status, path
    manners = {served("www.huai.test", f"/{name}.html").manner for name in
               ("late", "drip", "cut", "short-length", "reset", "nonsense")}  # fmt: skip
    assert manners == {"late", "drip", "cut", "short", "reset", "nonsense"}
    assert served("www.huai.test", "/521.html").headers[-1][0] == "Set-Cookie"
    assert ("Retry-After", "1") in served("www.huai.test", "/429-always.html").headers
    secure = Request("www.huai.test", "/back-and-forth.html", scheme="https")
    back = site_of("www.huai.test").page("/back-and-forth.html").answer(secure)
    assert dict(back.headers)["Location"].startswith("http://")


def test_every_bad_answer_is_linked_so_that_a_crawl_comes_by():
    home = served("www.huai.test", "/").body.decode()
    pages = {url.removeprefix("http://www.huai.test") for url in practice.urls("www.huai.test")}
    unlinked = {path for path in pages if f'href="{path}' not in home}
    assert unlinked == {"/deep/only.html"}
    assert 'href="only.html"' in served("www.huai.test", "/base/").body.decode()
