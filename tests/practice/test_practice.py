"""The practice web: it serves what its gold says, on 127.0.0.1 only, and nothing twice alike."""

import html
import re
import subprocess
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

import baogao_practice as practice
from baogao_practice.places import numeral, places
from baogao_practice.sites import hijacked, library, splitter
from baogao_practice.writer import NOTE


@pytest.fixture(scope="module")
def server():
    with practice.Server() as running:
        yield running


def ask(server, url, method="GET", headers=None, body=None):
    parts = urlsplit(url)
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request(method, target, body, {"Host": parts.hostname, **(headers or {})})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def shown_text(document):
    body = document.partition("<body>")[2]
    body = re.sub(r"<(script|style).*?</\1>|<!--.*?-->", "", body, flags=re.DOTALL)
    return squeezed(html.unescape(re.sub(r"<[^>]*>", "", body)))


def decoded(content):
    """The characters of a page, as somebody finds them who trusts the bytes alone."""
    wide = content[:2] in {b"\xff\xfe", b"\xfe\xff"}
    for encoding in ("utf-16",) if wide else ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", "replace")


def squeezed(text):
    return "".join(text.split())


def reports():
    return [
        practice.write_report(code, year, length=8000) for code in places() for year in (2023, 2024)
    ]


def test_a_report_reads_like_one():
    for report in reports():
        assert 5000 <= report.chars <= 15000
        assert report.texts[1] == NOTE
        assert report.title in report.texts[0]
        assert "各位代表：" in report.texts
        assert any(text.startswith("（六）") for text in report.texts)
        assert not any("{" in text or "}" in text for text in report.texts)
        assert all(text.count("“") == text.count("”") for text in report.texts)


def test_no_two_reports_are_alike_but_years_of_a_place_share_formulas():
    written = reports()
    assert len({report.texts for report in written}) == len(written)
    for one, other in zip(written[::2], written[1::2], strict=True):
        assert one.place == other.place
        shared = set(one.texts) & set(other.texts)
        assert len(shared) >= 2
        assert sum(map(len, shared)) < one.chars * 0.2


def test_writing_is_seedable():
    practice.write_report.cache_clear()
    one = practice.write_report("130123", 2024)
    practice.write_report.cache_clear()
    assert practice.write_report("130123", 2024) == one
    assert practice.write_report("130123", 2024, seed=1).texts != one.texts


def test_an_early_report_is_delivered_the_year_before():
    report = practice.write_report("130283", 2024, early=True)
    assert report.delivered_on.startswith("2023-12-")
    assert report.identity()["report_year"] == 2024


@pytest.mark.parametrize(("number", "words"), [(2, "二"), (10, "十"), (15, "十五"), (21, "二十一")])
def test_numerals(number, words):
    assert numeral(number) == words


@pytest.mark.parametrize("host", practice.hosts(behaving=True))
def test_every_page_shows_exactly_its_gold_lines(server, host):
    for url in practice.urls(host):
        gold = practice.gold(url)
        answer, content = ask(server, url)
        if gold["outcome"] == "redirect":
            assert answer.status == 301
            continue
        if gold["shape"] == "index" and not gold["lines"]:
            continue  # interfaces with tests of their own
        assert answer.status == 200
        if "/files/" in url or "downfile" in url:
            continue  # attachments: what they hold is tested beside their makers
        lines = "".join(squeezed(line["text"]) for line in gold["lines"])
        assert shown_text(decoded(content)) == lines


def test_hijacked_pages_know_what_was_replaced():
    url = next(url for url in practice.urls("mzt.jiahuo.test") if "/t2024" in url)
    gold = practice.gold(url)
    clean = practice.gold(url.replace("mzt.jiahuo.test", "www.yanzhao.test"))
    assert {damage["right"] for damage in gold["damage"]} >= {"省委", "河北省"} or gold["damage"]
    assert all(damage["text"] in damage["line"] for damage in gold["damage"])
    assert gold["original"] == clean["original"]
    assert gold["junk"][0].startswith("金鼎娱乐")


def test_the_compilation_holds_fifteen_reports_over_its_pages():
    pages = [url for url in practice.urls("www.tingtao.test") if "/4120" in url]
    works = {work["place_code"] for url in pages for work in practice.gold(url)["works"]}
    assert len(pages) == 9
    assert len(works) == 15


def test_robots_missing_pages_and_redirects(server):
    answer, content = ask(server, "http://www.yanzhao.test/robots.txt")
    assert (answer.status, b"Disallow: /neibu/" in content) == (200, True)
    answer, content = ask(server, "http://www.yanzhao.test/nowhere.html")
    assert answer.status == 404
    answer, _ = ask(server, "http://www.yanzhao.test/zfgzbg/")
    assert (answer.status, answer.getheader("Location")) == (301, "/zwgk/zfgzbg/index.html")
    answer, _ = ask(server, "http://unknown.test/")
    assert answer.status == 421


def test_lists_say_their_length_in_a_script_only(server):
    _, content = ask(server, "http://www.yanzhao.test/zwgk/zfgzbg/index.html")
    text = content.decode()
    assert 'createPageHTML(3, 0, "index", "html")' in text
    assert "index_1.html" not in text
    assert re.search(r'href="\./2024\d\d/t2024\d{4}_\d+\.html"', text)


def test_it_listens_on_loopback_only(server):
    assert server._http.server_address[0] == "127.0.0.1"


def test_the_module_serves_and_prints_its_hosts():
    process = subprocess.Popen(
        [sys.executable, "-m", "baogao_practice", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
    assert line.startswith("127.0.0.1:")
    assert "Host: www.yanzhao.test" in line


def test_a_port_in_use_is_one_sentence(server):
    done = subprocess.run(
        [sys.executable, "-m", "baogao_practice", "--port", str(server.port)],
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_importing_costs_nothing():
    code = "import sys, baogao_practice as p; assert 'http' not in sys.modules and len(p.__all__)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=20)


def test_any_subdomain_of_the_hijackers_serves_their_copy(server):
    url = next(url for url in practice.urls(hijacked.HOST) if "/t2024" in url)
    other = url.replace("mzt.", "x7f3.")
    assert ask(server, other)[1] == ask(server, url)[1]
    assert practice.gold(other)["keep"] == practice.gold(url)["keep"]


def test_faults_of_a_pager(server):
    article = {a.fault: a for a in splitter.ARTICLES}
    missing, repeats = article["missing"], article["repeats"]
    answer, _ = ask(server, f"http://{splitter.HOST}{missing.path(3)}")
    assert answer.status == 404
    _, last = ask(server, f"http://{splitter.HOST}{repeats.path(repeats.pages)}")
    _, after = ask(server, f"http://{splitter.HOST}{repeats.path(repeats.pages + 1)}")
    assert last == after
    numbers = [text for _, text in article["disordered"].pager(4)]
    assert sorted(numbers) != numbers
    assert set(numbers) == {"1", "2", "3", "4"}


def test_a_cloaked_page_shows_its_brand_to_bots_only(server):
    url = next(url for url in practice.urls(hijacked.CLOAKED_HOST) if "/t2024" in url)
    person = {"User-Agent": "Mozilla/5.0", "Referer": "http://search.test/"}
    _, seen = ask(server, url, headers=person)
    _, crawled = ask(server, url, headers={"User-Agent": "Mozilla/5.0 (compatible; somebot)"})
    assert hijacked.BRAND not in seen.decode()
    assert hijacked.BRAND in crawled.decode()


def test_a_taken_head_leaves_the_body_clean(server):
    url = next(url for url in practice.urls(hijacked.HEADS_HOST) if "/t2024" in url)
    _, content = ask(server, url)
    head, _, body = content.decode().partition("<body>")
    assert hijacked.BRAND in head
    assert hijacked.BRAND not in body


def test_two_domains_share_a_template(server):
    lines = {}
    for host in (library.HOST, library.TWIN_HOST):
        url = next(u for u in practice.urls(host) if practice.gold(u)["works"])
        lines[host] = [
            line["kind"] for line in practice.gold(url)["lines"] if line["label"] == "junk"
        ]
    assert lines[library.HOST] == lines[library.TWIN_HOST]


def test_the_docs_name_every_host(pytestconfig):
    page = (pytestconfig.rootpath / "docs" / "practice.md").read_text("utf-8")
    named = re.findall(r"^\| (\S+\.test) \|", page, re.MULTILINE)
    assert sorted(named) == sorted(practice.hosts())


def test_the_example_of_the_docs_runs(pytestconfig, capsys):
    page = (pytestconfig.rootpath / "docs" / "practice.md").read_text("utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    exec(compile(code, "practice.md", "exec"), {})  # noqa: S102  (it is our own page)
    assert capsys.readouterr().out.count("\n") == 40
