"""Two reports of one place and year, and a functional area: works, names, and who asks which."""

import csv
import json
import random

import pytest
from click.testing import CliRunner
from collate.made_up import report
from collate.test_commands import page, with_other_figure

from archive import Archive, Capture, SiteFacts, derive
from archive.cli import cli
from archive.store.decisions import decisions

PLAIN, FIRST, SECOND = "340523-2024", "340523-2024/01-08", "340523-2024/10-17"
AREA = "440300~坪山新区-2014"


def head(day: str, term: str, sitting: str) -> list[str]:
    session = f"和县第{term}届人民代表大会第{sitting}次会议"
    return ["和县人民政府2024年工作报告", f"——2024年{day}在{session}上", "和县人民政府县长 钱有为"]


def words(number: int, place: str) -> list[str]:
    """A made-up report without places of elsewhere."""
    lines = (line.replace("省委", "县委").replace("沈阳", "县城") for line in report(number))
    return [f"现在，我代表{place}，向大会报告工作，请予审议。", *lines]


OLD, NEW = words(31, "和县人民政府"), words(32, "和县人民政府")
OLD_HEAD, NEW_HEAD = head("1月8日", "十七", "八"), head("10月17日", "十八", "一")
AREA_HEAD = ["2014年坪山新区管理委员会工作报告"]
PAGES = {
    "http://gov.test/old.html": ("official", page(OLD, OLD_HEAD)),
    "http://gov.test/new.html": ("official", page(NEW, NEW_HEAD)),
    "http://mirror.test/old.html": ("mirror", page(with_other_figure(OLD)[:-3], OLD_HEAD)),
    "http://mirror.test/new.html": ("mirror", page(with_other_figure(NEW)[:-3], NEW_HEAD)),
    "http://area.test/1.html": ("official", page(words(33, "深圳市坪山新区管理委员会"), AREA_HEAD)),
}


def put(archive: Archive, url: str) -> None:
    kind, body = PAGES[url]
    capture = Capture(url, body, status=200, site=SiteFacts(url, kind=kind))
    with archive.run("backfill") as run:
        run.text(run.capture(capture), derive(capture))


def baogao(*given: str):
    return CliRunner().invoke(cli, given)


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("two") / "two.db"
    with Archive.open(path, create=True) as archive:
        for url in PAGES:
            put(archive, url)
        archive.collate()
    return str(path)


def names(archive: Archive) -> list[str]:
    return [work["work"] for work in archive.works()]


def test_each_report_has_the_copies_of_its_words(db: str) -> None:
    with Archive.open(db, read_only=True) as archive:
        assert names(archive) == [FIRST, SECOND, AREA]
        copies = {name: {c["url"] for c in archive.witnesses(name)} for name in (FIRST, SECOND)}
    assert copies[FIRST] == {"http://gov.test/old.html", "http://mirror.test/old.html"}
    assert copies[SECOND] == {"http://gov.test/new.html", "http://mirror.test/new.html"}


def test_no_edition_holds_a_word_of_the_other_report(db: str) -> None:
    shown = {name: baogao("show", db, name).stdout for name in (FIRST, SECOND)}
    assert all(line in shown[FIRST] for line in OLD)
    assert not any(line in shown[FIRST] for line in NEW[3:-1])
    assert not any(line in shown[SECOND] for line in OLD[3:-1])


@pytest.mark.parametrize("command", ["show", "diff"])
def test_a_plain_name_lists_both_and_asks_which(db: str, command: str) -> None:
    shown = baogao(command, db, PLAIN)
    assert shown.exit_code == 2
    assert shown.stdout == ""
    assert FIRST in shown.stderr
    assert SECOND in shown.stderr
    assert len(shown.stderr.splitlines()) == 1


@pytest.mark.parametrize("suffix", ["10-17", "18-1"])
def test_day_and_session_both_tell_which(db: str, suffix: str) -> None:
    shown = baogao("show", db, f"{PLAIN}/{suffix}")
    assert shown.exit_code == 0
    assert NEW[2] in shown.stdout
    assert baogao("diff", db, f"{PLAIN}/{suffix}").exit_code == 0


@pytest.mark.parametrize("suffix", ["10-18", "18-2", "draft", "3f0c51d2"])
def test_a_day_that_none_has_is_a_work_that_is_not_there(db: str, suffix: str) -> None:
    shown = baogao("show", db, f"{PLAIN}/{suffix}")
    assert shown.exit_code == 2
    assert "list them with" in shown.stderr


def test_the_digest_of_a_text_is_a_name_too(db: str) -> None:
    with Archive.open(db, read_only=True) as archive:
        select = "SELECT clean_sha256 FROM texts WHERE id = ?"
        text_id = next(archive.witnesses(SECOND))["text_id"]
        (digest,) = archive.connection.execute(select, (text_id,)).fetchone()
        (named,) = archive.named(f"{PLAIN}/{digest[:8]}")
        assert str(named) == f"{SECOND} (2024-10-17)"


def test_an_export_of_one_report_asks_which(db: str, tmp_path) -> None:
    asked = baogao("export", db, str(tmp_path / "a"), "--format", "jsonl", "--work", PLAIN)
    assert (asked.exit_code, FIRST in asked.stderr) == (2, True)
    assert not (tmp_path / "a").exists()
    missing = baogao("export", db, str(tmp_path / "a"), "--format", "jsonl", "--work", "1-2")
    assert missing.exit_code == 2
    done = baogao("export", db, str(tmp_path / "a"), "--format", "jsonl", "--work", SECOND)
    assert done.exit_code == 0
    rows = (tmp_path / "a" / "reports.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(row)["report_id"] for row in rows] == [SECOND]
    whole = baogao("export", db, str(tmp_path / "b"), "--format", "site", "--work", SECOND)
    assert (whole.exit_code, "no filters" in whole.stderr) == (2, True)


def test_files_are_named_so_that_both_are_distinguished(db: str, tmp_path) -> None:
    assert baogao("export", db, str(tmp_path / "a"), "--format", "txt").exit_code == 0
    files = {path.name for path in (tmp_path / "a" / "texts").iterdir()}
    assert files == {"2024_和县_01-08.txt", "2024_和县_10-17.txt", "2014_坪山新区.txt"}


def test_a_panel_counts_neither_until_told_which(db: str, tmp_path) -> None:
    (tmp_path / "words.txt").write_text("工业\n", encoding="utf-8")
    given = (db, str(tmp_path / "words.txt"), "-o", str(tmp_path / "panel.csv"), "--no-jieba")

    def rows(*more: str) -> dict[str, dict[str, str]]:
        assert baogao("panel", *given, *more).exit_code == 0
        with (tmp_path / "panel.csv").open(encoding="utf-8-sig") as file:
            return {row["place"]: row for row in csv.DictReader(file)}

    row = rows()["安徽省马鞍山市和县"]
    assert (row["工业_exact"], row["report_id"], row["report_year"]) == ("NA", "", "2024")
    assert FIRST in row["reason"]
    assert SECOND in row["reason"]
    chosen = rows("--work", f"{PLAIN}/18-1")
    assert chosen["安徽省马鞍山市和县"]["report_id"] == SECOND
    assert int(chosen["安徽省马鞍山市和县"]["工业_exact"]) > 0
    area = chosen["广东省深圳市坪山新区"]
    assert (area["place_code"], area["within"], area["level"]) == ("", "440300", "functional area")
    assert baogao("panel", *given, "--work", PLAIN).exit_code == 2


def test_targets_can_be_asked_of_one_report(db: str) -> None:
    assert baogao("targets", db, "--work", PLAIN).exit_code == 2
    assert baogao("targets", db, "--work", SECOND).exit_code == 0


def test_a_functional_area_is_never_a_row_of_its_city(db: str) -> None:
    assert baogao("show", db, AREA).exit_code == 0
    cells = [json.loads(line) for line in baogao("coverage", db).stdout.splitlines()]
    (here,) = [cell for cell in cells if cell["work"] == AREA]
    assert (here["place_code"], here["within"]) == (None, "440300")
    assert here["place"] == "广东省深圳市坪山新区"
    assert {cell["place_key"] for cell in cells} == {"340523", "440300~坪山新区"}
    gap = next(cell for cell in cells if cell["place_key"] != "340523" and cell["state"] == "gap")
    assert (gap["place_code"], gap["reason"]) == (None, "not_tried")


def test_what_lies_in_a_city_is_taken_with_it(db: str, tmp_path) -> None:
    given = (db, str(tmp_path / "a"), "--format", "jsonl", "--place", "440300")
    assert baogao("export", *given).exit_code == 0
    (row,) = map(json.loads, (tmp_path / "a" / "reports.jsonl").read_text("utf-8").splitlines())
    assert (row["report_id"], row["place_code"], row["within"]) == (AREA, None, "440300")
    assert (row["province"], row["prefecture"], row["county"]) == ("广东省", "深圳市", None)


@pytest.mark.parametrize("seed", range(4))
def test_names_are_the_same_for_every_order_and_batch(tmp_path, seed: int) -> None:
    order = random.Random(seed).sample(sorted(PAGES), len(PAGES))  # noqa: S311  (no secret)
    with Archive.open(tmp_path / "a.db", create=True) as archive:
        for url in order:
            put(archive, url)
            archive.collate()
            assert archive.collate(anew=True)["remade"] == 0
        assert names(archive) == [FIRST, SECOND, AREA]


def test_a_name_that_was_right_once_stays_right(tmp_path) -> None:
    """The first report is called by place and year until a second one comes; both names go on."""
    with Archive.open(tmp_path / "a.db", create=True) as archive:
        put(archive, "http://gov.test/old.html")
        archive.collate()
        assert names(archive) == [PLAIN]
        for asked in (PLAIN, FIRST, f"{PLAIN}/1-8", f"{PLAIN}/17-8"):
            assert [work.name for work in archive.named(asked)] == [PLAIN]
        assert archive.named(SECOND) == []
        text_id = next(archive.witnesses(PLAIN))["text_id"]
        with archive.run("decide") as run:
            run.decide(text_id, "speaker", "钱有为", who="who", why="why")
        put(archive, "http://gov.test/new.html")
        archive.collate()
        assert [work.name for work in archive.named(PLAIN)] == [FIRST, SECOND]
        assert [work.name for work in archive.named(f"{PLAIN}/17-8")] == [FIRST]
        assert next(archive.witnesses(FIRST))["text_id"] == text_id
        assert [each["value"] for each in decisions(archive.connection, text_id)] == ["钱有为"]


def test_a_decided_year_gives_the_other_report_its_plain_name_back(tmp_path) -> None:
    with Archive.open(tmp_path / "a.db", create=True) as archive:
        for url in ("http://gov.test/old.html", "http://gov.test/new.html"):
            put(archive, url)
        archive.collate()
        text_id = next(archive.witnesses(SECOND))["text_id"]
        with archive.run("decide") as run:
            run.decide(text_id, "report_year", 2025, who="who", why="why")
        archive.collate()
        assert names(archive) == [PLAIN, "340523-2025"]
        assert archive.collate(anew=True)["remade"] == 0
