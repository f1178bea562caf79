"""The practice archive in a real browser: no errors, no foreign requests, tasks done by clicking.

Needs playwright and a Chromium at /usr/bin/chromium (Debian's); axe-core comes from npm when the
tests run and is never part of the project. What is absent is skipped, and said.
"""

import re
import shutil
import socket
import sqlite3
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import uvicorn

from archive.browse.static_site import write_site
from archive.commands.serve import application
from archive.store import Archive

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SCHEMES = ("light", "dark")
LOOKS = [(width, language) for width in (390, 1280) for language in ("zh", "en")]
ABOVE_MINOR = ("moderate", "serious", "critical")


@contextmanager
def serving(database):
    """The address at which `database` is served, in a thread of this process."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        server = uvicorn.Server(uvicorn.Config(application(str(database)), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        for _ in range(400):
            if server.started:
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def address(practice_archive):
    with serving(practice_archive) as found:
        yield found


@pytest.fixture(scope="module")  # its event loop must end before tests with a loop of their own
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def screen(chromium, address):
    """A page of the browser that fails the test on console errors and foreign requests."""
    opened = []

    def open_screen(width=1280, scheme="light", language="zh"):
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            locale="zh-CN" if language == "zh" else "en-GB",
            base_url=address,
        )
        page = context.new_page()
        troubles = []
        page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        home = urlsplit(address).netloc
        page.on(
            "request",
            lambda r: None if urlsplit(r.url).netloc in (home, "") else troubles.append(r.url),
        )
        opened.append((context, troubles))
        return page

    yield open_screen
    for context, troubles in opened:
        context.close()
        assert not troubles


@pytest.fixture(scope="session")
def places(practice_archive):
    """One address of every kind of page of the practice archive."""
    connection = sqlite3.connect(practice_archive)

    def one(sql):
        return connection.execute(sql).fetchone()[0]

    code, year = connection.execute(
        "SELECT place_code, report_year FROM works JOIN witnesses ON work_id = works.id"
        " WHERE works.kind = '政府工作报告' AND report_year > 0"
        " GROUP BY works.id ORDER BY count(*) DESC, works.id LIMIT 1"
    ).fetchone()
    hijacked = one("SELECT max(text_id) FROM flags WHERE kind LIKE 'hijack%'")
    rule = one(
        "SELECT rules.name FROM rule_uses JOIN rules ON rules.id = rule_id WHERE action = 'drop'"
        " GROUP BY rules.id ORDER BY sum(spans) DESC LIMIT 1"
    )
    found = {
        "home": "/",
        "map": "/map",
        "map of a province": f"/map?open={code[:2]}0000",
        "dense": "/dense",
        "works": "/list/works",
        "gaps": "/list/gaps",
        "unassigned": "/list/unassigned",
        "report": f"/r/{code}/{year}",
        "hijacked text": f"/text/{hijacked}?removed=1",
        "compare": f"/compare/{code}/{year}",
        "search": "/find?q=" + quote("项目"),
        "trend": "/trend?q=" + quote("项目 环境"),
        "changed": "/changed",
        "review": "/review",
        "trace": f"/trace/{hijacked}/3",
        "evidence": f"/evidence/{hijacked}?passage=3",
        "capture": f"/capture/{one('SELECT max(id) FROM captures WHERE payload_sha256 NOT NULL')}",
        "failure": f"/capture/{one('SELECT max(capture_id) FROM failures')}",
        "versions": "/page/1",
        "payload": f"/payload/{one('SELECT max(payload_sha256) FROM texts')}",
        "rule": f"/rule/{rule}",
        "site": f"/site/{one('SELECT max(name) FROM site_facts')}",
        "run": "/run/1",
        "ledger": "/ledger",
        "gap": f"/gap/{code}/1999",
        "api": "/api",
        "missing": "/text/999999",
    }
    connection.close()
    return found


STOCK = [
    "/demo",
    "/demo/works",
    "/demo/works/1",
    "/demo/removed",
    "/demo/find?words=" + quote("项目"),
]


@pytest.mark.parametrize(("width", "language"), LOOKS)
def test_every_page_opens_quietly_and_fits_in_both_schemes(screen, places, width, language):
    schemes = SCHEMES
    page = screen(width, schemes[0], language)
    for name, place in places.items():
        if name == "missing":
            continue  # a 404 is an error in the console, by the browser's own rules
        answer = page.goto(place)
        assert answer.status == 200, name
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, scheme)
        schemes = schemes[::-1]  # the next page opens as this one was shown last
        assert page.evaluate("document.documentElement.lang") == (
            "zh-CN" if language == "zh" else "en"
        )
        assert len(answer.body()) < 400_000, name


def test_the_site_of_files_opens_from_a_folder(chromium, practice_archive, tmp_path):
    with Archive.open(practice_archive, read_only=True) as archive:
        archive.connection.row_factory = sqlite3.Row
        write_site(archive.connection, tmp_path, database="demo")
    page = chromium.new_page()
    troubles = []
    page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
    page.goto((tmp_path / "index.html").as_uri())
    page.locator("table.matrix td a").first.click()
    page.get_by_label(re.compile("显示删去的内容")).check()
    assert page.locator("article .cut").first.is_visible()
    assert "Noto Serif" in page.evaluate(
        "getComputedStyle(document.querySelector('article')).fontFamily"
    )
    assert not troubles
    page.close()


def test_a_cell_of_the_dense_table_says_its_state_and_reason(screen):
    page = screen()
    page.goto("/dense")
    says = page.locator("#cell-says")
    page.locator(".dense td a[class^=g]").first.hover()
    assert "缺: " in says.inner_text()
    page.locator(".dense tbody td a").first.focus()
    before = says.inner_text()
    page.keyboard.press("ArrowRight")
    assert says.inner_text() != before
    assert page.evaluate("document.activeElement.title") == says.inner_text()


def test_a_chart_is_saved_as_a_picture(screen, places):
    page = screen()
    page.goto(places["trend"])
    with page.expect_download() as saved:
        page.get_by_role("link", name="PNG").click()
    picture = Path(saved.value.path()).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20], "big") == 2 * 960
    assert len(picture) > 10_000, "an empty canvas would be smaller"


def test_stock_pages_open_quietly(screen):
    page = screen()
    for place in STOCK:
        assert page.goto(place).status == 200


def test_which_words_did_this_mirror_change_and_how_do_you_know_in_three_clicks(screen):
    page = screen()
    page.goto("/")
    page.get_by_role("link", name="镜像改了什么").first.click()
    row = page.locator("tbody tr", has=page.locator(".badge.hijacked")).first
    brand = row.locator(".badge.hijacked").inner_text()
    assert brand != row.locator(".base").inner_text()
    row.get_by_role("link", name="溯源").click()
    assert brand in page.locator("main").inner_text()
    page.get_by_role("link", name="对照原网页").click()
    captured = page.frame_locator("iframe[sandbox='']").locator("body")
    assert brand in captured.inner_text()


def test_what_was_removed_is_shown_in_place_with_its_rule(screen, places):
    page = screen()
    page.goto(places["report"])
    cut = page.locator("article .cut").first
    assert not cut.is_visible()
    page.get_by_label(re.compile("显示删去的内容")).check()
    assert cut.is_visible()
    rule = cut.locator(".why a").inner_text()
    cut.locator(".why a").click()
    assert rule in page.locator("h1").inner_text()


def test_the_passage_under_the_pointer_shows_where_it_comes_from(screen, places):
    page = screen()
    page.goto(places["report"])
    page.locator("#p5").hover()
    card = page.locator("#here")
    assert card.is_visible()
    assert card.locator("#here-number").inner_text() == "5"
    card.locator("#here-trace").click()
    assert page.locator(".steps > li").count() == 5


def test_a_citation_without_reading_the_docs(screen, places):
    page = screen()
    page.goto(places["report"])
    assert "[R/OL]. (" in page.locator(".citation").inner_text()
    page.get_by_text("BibTeX", exact=True).first.click()
    assert "@techreport" in page.locator("#cite pre").inner_text()


def test_a_link_to_a_passage_can_be_copied(chromium, screen, address, places):
    page = screen()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(places["report"])
    page.locator("#p5").hover()
    page.locator("#p5 .anchor").click()
    assert page.url == f"{address}{places['report']}#p5"
    page.bring_to_front()  # a page in the background may not use the clipboard
    page.locator("#here-copy").click()
    page.get_by_text("已复制").wait_for()
    page.goto(page.evaluate("navigator.clipboard.readText()"))
    assert page.locator(".passage:target").get_attribute("id") == "p5"


def test_on_paper_is_the_report_with_its_source_and_nothing_else(screen, places):
    page = screen(scheme="dark")
    page.goto(places["report"])
    page.emulate_media(media="print")
    for shown, what in (
        (True, "article"),
        (True, ".on-paper"),
        (False, ".top"),
        (False, ".beside"),
    ):
        assert page.locator(what).first.is_visible() == shown, what
    assert "sha256" in page.locator(".on-paper").inner_text()
    assert page.evaluate("getComputedStyle(document.querySelector('article')).color") == (
        "rgb(0, 0, 0)"
    )
    assert page.pdf().startswith(b"%PDF")


def test_searching_leads_to_the_passage(screen):
    page = screen(390)
    page.goto("/")
    page.get_by_role("searchbox").fill("项目")
    page.keyboard.press("Enter")
    page.locator(".snippet a").first.click()
    target = page.locator(".passage:target")
    assert "项目" in target.inner_text()
    assert target.is_visible()


def test_by_keyboard_alone(screen, places):
    page = screen()
    page.goto(places["report"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "text"
    page.locator("#show-removed").focus()
    page.keyboard.press("Space")
    assert page.locator("article .cut").first.is_visible()


def test_keys_lead_to_the_next_hit_and_the_next_change(screen, places):
    page = screen()
    page.goto("/find?q=" + quote("项目"))
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert page.locator(".stepping .at").inner_text().startswith("2 / ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/r/**")
    assert page.locator("article mark.hit").first.inner_text() == "项目"
    page.keyboard.press("n")
    assert page.locator("mark.hit.stepped").inner_text() == "项目"
    page.goto(places["compare"])
    page.keyboard.press("j")
    first = page.locator(".stepped").get_attribute("id")
    page.keyboard.press("j")
    assert page.locator(".stepped").get_attribute("id") != first
    page.keyboard.press("k")
    assert page.locator(".stepped").get_attribute("id") == first


def test_keys_are_documented_leave_fields_alone_and_can_be_turned_off(screen, places):
    page = screen()
    page.goto(places["hijacked text"])
    page.keyboard.press("/")
    page.keyboard.type("j?n")
    assert page.locator("#find-box").input_value() == "j?n"
    assert not page.locator(".stepped").count()
    page.locator("h1").click()
    page.keyboard.press("Control+j")
    assert not page.locator(".stepped").count()
    page.keyboard.press("t")
    assert page.evaluate("document.activeElement.id") == "text"
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.get_by_label("使用单键快捷键").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert not page.locator(".stepped").count()
    page.reload()
    page.keyboard.press("j")
    assert not page.locator(".stepped").count()
    page.get_by_role("button", name="下一处改动").click()
    assert page.locator(".stepped").is_visible()


def test_switching_the_language_sticks(screen):
    page = screen()
    page.goto("/")
    page.get_by_role("link", name="English").click()
    page.goto("/ledger")
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """The source of axe-core, from npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is absent: axe-core comes from there")
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder),
         "axe-core@4"],
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    source = folder / "node_modules" / "axe-core" / "axe.min.js"
    if done.returncode or not source.exists():
        pytest.skip("axe-core could not be installed from npm")
    return source.read_text(encoding="utf-8")


def faults(page, axe):
    """The faults above minor that axe-core finds, each with where it stands."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return {
        f"{violation['id']}: {violation['nodes'][0]['html'][:160]}"
        for violation in found["violations"]
        if violation["impact"] in ABOVE_MINOR
    }


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_our_pages_have_no_fault_above_minor(screen, places, axe, width, scheme):
    page = screen(width, scheme)
    for name, place in places.items():
        if name != "missing":
            page.goto(place)
            assert not faults(page, axe), name


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_stock_pages_have_no_fault_above_minor(screen, axe, width, scheme):
    page = screen(width, scheme)
    for place in STOCK:
        page.goto(place)
        assert not faults(page, axe), place
        assert page.evaluate("document.documentElement.scrollWidth") <= width, place
