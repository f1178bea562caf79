"""Names that other pages confirm: found at collation, stored beside flags, equal in any order."""

import json
import random

import pytest

from archive import Capture, SiteFacts, derive
from archive.catalogue.coverage import holdings
from archive.store import Archive
from archive.store.branding import scope_of
from archive.store.reports import reports

BRAND = "汇丰源体育"
HEAD = (
    "{year}年宜兴市政府工作报告\n——{year}年1月9日在宜兴市第十八届人民代表大会第二次会议上\n"
    "各位代表：\n现在，我代表市人民政府，向大会报告工作，请予审议。"
)
SLOTS = (
    "{led}在{name}、省政府和市委的坚强领导下，全市上下团结一心，{did}。",
    "{led}我们认真抓好{name}巡视反馈意见整改，{did}。",
    "{led}全面落实{name}经济工作会议精神，{did}。",
)
LED = ("一年来，", "过去的一年，", "回顾全年，", "五年来，", "这一年，", "去年以来，")
SUBJECTS = (
    "工业",
    "农业",
    "交通",
    "水利",
    "教育",
    "卫生",
    "文化",
    "旅游",
    "商贸",
    "科技",
    "养老",
    "环保",
)
DEEDS = (
    "投资稳步增长",
    "面貌明显改善",
    "项目全部开工",
    "服务能力提升",
    "改革取得突破",
    "成效群众满意",
)
TAIL = "各位代表！让我们更加紧密地团结起来，开拓创新、勇毅前行，为建设美好家园而努力奋斗！"


def report(year: int, name: str = "省委", *, times: int = 3, more: str = "") -> str:
    """A report of its own in which `name` stands so many times in place of 省委."""
    chance = random.Random(year)  # noqa: S311

    def did() -> str:
        figure = f"{chance.randrange(10, 999)}个{chance.choice(SUBJECTS)}"
        return f"{chance.choice(SUBJECTS)}{chance.choice(DEEDS)}，建成{figure}项目"

    lines = [
        slot.format(led=chance.choice(LED), name=name if n < times else "省委", did=did())
        for n, slot in enumerate(SLOTS)
    ]
    lines += [f"{chance.choice(LED)}{did()}，{did()}。" for _ in range(8)]
    return "\n".join([HEAD.format(year=year), *lines, *([more] if more else []), TAIL])


def page(url: str, words: str, kind: str = "mirror") -> Capture:
    body = "".join(f"<p>{line}</p>" for line in words.split("\n"))
    html = f"<html><head><meta charset=utf-8></head><body>{body}</body></html>"
    return Capture(url, html.encode(), status=200, site=SiteFacts(url[:20], kind=kind))


STRONG = page("http://www.pirate.com.cn/1.html", report(2021, BRAND))
SISTER = page("http://mail.pirate.com.cn/2.html", report(2022, BRAND, times=1))
STRANGER = page("http://www.other.net/3.html", report(2023, BRAND, times=1))
CLEAN = page("http://www.pirate.com.cn/4.html", report(2024))


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "a.db", create=True) as opened:
        yield opened


def put(archive: Archive, *captures: Capture) -> None:
    with archive.run("backfill") as run:
        for capture in captures:
            run.text(run.capture(capture), derive(capture))
    archive.collate()


def verdict_at(archive: Archive, capture: Capture) -> tuple[str, str]:
    """The verdict of the derivation, and the one that counts."""
    return archive.connection.execute(
        "SELECT texts.verdict, verdicts.verdict FROM verdicts JOIN texts ON texts.id = text_id"
        " JOIN text_captures USING (text_id) WHERE url = ?",
        (capture.url,),
    ).fetchone()


def places(archive: Archive) -> list[tuple[str, ...]]:
    """What other pages confirm, by address; without ids, which tell of the order of arrival."""
    return archive.connection.execute(
        "SELECT url, brand_places.start, words, proposals_json, kept FROM brand_places"
        " JOIN text_captures USING (text_id) ORDER BY url, start"
    ).fetchall()


def test_a_page_with_a_name_of_its_sister_is_hijacked_too(archive):
    put(archive, STRONG, SISTER, CLEAN)
    assert verdict_at(archive, STRONG) == ("hijacked", "hijacked")
    assert verdict_at(archive, SISTER) == ("clean", "hijacked")
    assert verdict_at(archive, CLEAN) == ("clean", "clean")
    ((url, _, words, proposals, kept),) = places(archive)
    assert (url, words, kept) == (SISTER.url, BRAND, 1)
    assert json.loads(proposals)[0] == "省委"
    (evidence,) = archive.connection.execute("SELECT evidence FROM brand_places").fetchone()
    assert evidence.startswith("confirmed: injected in pirate.com.cn, text 1; stands 1 times")


def test_what_is_confirmed_reaches_the_edition_and_what_is_taken_away(archive):
    put(archive, STRONG, SISTER)
    (cell,) = [cell for cell in holdings(archive.connection) if cell.report_year == 2022]
    assert cell.state == "hijacked"
    (found,) = [found for found in reports(archive.connection) if found.report_year == 2022]
    assert found.quality == "hijacked"
    assert any(BRAND in passage.gaps for passage in found.passages)


def test_a_name_of_one_strange_site_says_nothing_elsewhere(archive):
    put(archive, STRONG, STRANGER)
    assert verdict_at(archive, STRANGER) == ("clean", "clean")


def test_a_name_of_two_sites_is_looked_for_everywhere(archive):
    put(archive, STRANGER, STRONG, page("http://www.third.org/5.html", report(2020, BRAND)))
    assert verdict_at(archive, STRANGER) == ("clean", "hijacked")


def test_copies_confirm_each_other(archive):
    body = report(2021, BRAND)
    put(archive, STRONG, page("http://www.other.net/6.html", body[: body.rindex(BRAND) - 2]))
    copy = page("http://www.other.net/7.html", report(2021, BRAND, times=1))
    put(archive, copy)
    assert verdict_at(archive, copy) == ("clean", "hijacked")


def test_a_text_that_speaks_of_gambling_is_not_what_it_speaks_of(archive):
    more = f"公安机关依法查处“{BRAND}”等网络赌博平台，净化网络环境。"
    spoken = page("http://www.pirate.com.cn/8.html", report(2019, more=more))
    put(archive, STRONG, spoken)
    assert verdict_at(archive, spoken) == ("clean", "clean")


def test_the_evidence_goes_with_the_page_that_gave_it(archive):
    put(archive, STRONG, SISTER)
    put(archive, page(STRONG.url, report(2021)))
    assert len(places(archive)) == 1, "the older state of the page still says it"
    (digest,) = archive.connection.execute(
        "SELECT payload_sha256 FROM texts WHERE id = 1"
    ).fetchone()
    archive.connection.execute("DELETE FROM flags WHERE text_id = 1")
    archive.collate(anew=True)
    assert digest
    assert places(archive) == []
    assert verdict_at(archive, SISTER) == ("clean", "clean")


@pytest.mark.parametrize("seed", range(4))
def test_in_whatever_order_texts_come(tmp_path, seed):
    chance = random.Random(seed)  # noqa: S311
    captures = [
        STRONG, SISTER, STRANGER, CLEAN,
        page("http://www.third.org/5.html", report(2020, BRAND)),
        page("http://www.third.org/9.html", report(2018, "鑫源娱乐", times=1)),
        page("http://m.third.org/10.html", report(2017, "鑫源娱乐")),
        page("http://www.other.net/11.html", report(2017, "鑫源娱乐", times=1)),
    ]  # fmt: skip
    with Archive.open(tmp_path / "once.db", create=True) as archive:
        put(archive, *captures)
        expected = places(archive)
    assert len(expected) == 4
    order = chance.sample(captures, len(captures))
    with Archive.open(tmp_path / "batches.db", create=True) as archive:
        while order:
            size = chance.randrange(1, 4)
            put(archive, *order[:size])
            order = order[size:]
            before = places(archive)
            assert archive.collate(anew=True)["remade"] == 0
            assert places(archive) == before
        assert places(archive) == expected


@pytest.mark.parametrize(
    ("url", "host", "scope"),
    [
        ("http://mzt.yaoyejob.com/a", "mzt.yaoyejob.com", "yaoyejob.com"),
        ("http://www.ln.gov.cn/a", "www.ln.gov.cn", "ln.gov.cn"),
        ("http://a.b.bj.cn/a", "a.b.bj.cn", "b.bj.cn"),
        ("http://127.0.0.1:80/a", "127.0.0.1", "127.0.0.1"),
        ("file:///x/y/z.html", "", "file:///x/y/"),
    ],
)
def test_scopes(url, host, scope):
    assert scope_of(url, host) == scope
