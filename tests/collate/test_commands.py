"""`works`, `show` and `diff` on a small archive of demonstration texts."""

import json

import pytest
from click.testing import CliRunner
from collate.made_up import BRAND, report

from archive import Archive, Capture, SiteFacts, derive
from archive.cli import cli

WORK = "340523-2024"
HEAD = ["2024年和县政府工作报告", "——2024年1月8日在和县第十八届人民代表大会第三次会议上", ""]
BODY = [line.replace("沈阳", "省委").replace("国务院", "省委") for line in report(7)]


def page(lines: list[str], head: list[str] = HEAD, note: str = "") -> bytes:
    body = "".join(f"<p>{line}</p>" for line in [*head, *lines])
    title = f"<title>{head[0]}</title>"
    counter = f"<i>{note}</i>" if note else ""
    return f"<html><head>{title}</head><body>{counter}<div>{body}</div></body></html>".encode()


def with_other_figure(lines: list[str]) -> list[str]:
    return [lines[0], lines[1].replace(".", ".9", 1), *lines[2:]]


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("commands") / "copies.db"
    copies = (
        ("http://gov.test/1.html", "official", BODY),
        ("http://mirror.test/2.html", "mirror", with_other_figure(BODY)[:-4]),
        ("http://copy.test/3.html", "copy", [line.replace("省委", BRAND) for line in BODY]),
    )
    with Archive.open(path, create=True) as archive, archive.run("backfill") as run:
        for url, kind, lines in copies:
            got = Capture(url, page(lines), status=200, site=SiteFacts(url, kind=kind))
            run.text(run.capture(got), derive(got))
        archive.collate(run.id)
    return str(path)


def baogao(*words: str):
    return CliRunner().invoke(cli, words)


def test_show_prints_the_edition_and_its_sources(db: str) -> None:
    shown = baogao("show", db, WORK)
    assert shown.exit_code == 0
    assert all(line in shown.stdout for line in BODY)
    assert BRAND not in shown.stdout
    assert [f"{n}. http" in shown.stderr for n in (1, 2, 3, 4)] == [True, True, True, False]
    assert "1 of 3 copies have injected words" in shown.stderr


def test_show_says_why_a_copy_is_doubted(db: str) -> None:
    told = [line.strip() for line in baogao("show", db, WORK).stderr.splitlines()]
    (copy,) = [n for n, line in enumerate(told) if "copy.test" in line]
    assert told[copy + 1].startswith("hijacked: injected ×")
    assert BRAND in told[copy + 1]


def test_show_can_print_one_copy_as_it_is(db: str) -> None:
    assert BRAND in baogao("show", db, WORK, "--copy", "3").stdout
    assert baogao("show", db, WORK, "--copy", "9").exit_code == 2


def test_show_as_json_has_copies_and_passages(db: str) -> None:
    shown = json.loads(baogao("show", db, WORK, "--json").stdout)
    assert len(shown["copies"]) == 3
    assert {passage["origin"] for passage in shown["edition"]} == {"base"}


def test_diff_shows_numbers_first_then_the_brand(db: str) -> None:
    shown = baogao("diff", db, WORK)
    assert shown.exit_code == 0
    number, brand = shown.stdout.splitlines()
    assert number.startswith("number")
    assert brand.startswith("brand")
    assert f"[省委 → {BRAND}](3)" in brand
    assert brand.endswith(f"×{''.join(BODY).count('省委')}")
    assert len(baogao("diff", db, WORK, "--all").stdout.splitlines()) > 20


def test_diff_as_json_lines(db: str) -> None:
    places = [json.loads(line) for line in baogao("diff", db, WORK, "--json").stdout.splitlines()]
    assert {place["says"][0]["site_kind"] for place in places} == {"official"}


@pytest.mark.parametrize("command", ["show", "diff"])
def test_a_work_that_is_not_there_is_a_sentence(db: str, command: str) -> None:
    shown = baogao(command, db, "990100-1999")
    assert shown.exit_code == 2
    assert "list them with" in shown.stderr


def test_collating_again_changes_nothing(db: str) -> None:
    with Archive.open(db) as archive:
        again = archive.collate()
        assert (again["remade"], again["linked"]) == (0, 0)


def test_brands_are_candidates_with_evidence(db: str) -> None:
    with Archive.open(db, read_only=True) as archive:
        (found,) = archive.brands()
    assert (found["brand"], found["works"], found["instead"]) == (BRAND, 1, ["省委"])
    assert found["hosts"] == ["copy.test"]
