"""What the pages of a site share is learnt, and is a vote only."""

import shutil

import pytest

from archive.known import Knowledge, shipped
from archive.model import Capture
from archive.read import read
from archive.read.site_templates import learn_templates, template_of, write_templates

HOST = "http://www.yanshi.test"
PROSE = "第{}项工作进展顺利，全年完成投资三百亿元，超额完成年度任务，群众满意。"
SLOGAN = "弘扬时代精神 建设美丽家园"


def capture_of(number, paragraphs=6, slogan=SLOGAN):
    text = "".join(f"<p>{PROSE.format(number * 10 + n)}</p>" for n in range(paragraphs))
    body = (
        f"<html><title>页{number}</title><div class=logo>{slogan}</div>"
        f'<div class="wrap w1200"><div class="odd-name">{text}</div></div><p>{slogan}</p></html>'
    )
    return Capture.from_bytes(body.encode(), url=f"{HOST}/{number}.html")


@pytest.fixture
def learnt(tmp_path):
    folder = tmp_path / "known"
    shutil.copytree(shipped().folder, folder)
    template = learn_templates([capture_of(number) for number in range(8)], shipped())
    write_templates(template, folder / "lexica" / "sites.toml")
    return Knowledge(folder)


def test_container_and_repeated_lines_are_learnt(learnt):
    template = template_of(learnt, f"{HOST}/9.html")
    assert ".odd-name" in template.containers
    assert template.lines == {SLOGAN}
    assert template_of(learnt, "http://other.test/") is None
    assert template_of(learnt, "http://[broken") is None


def test_what_was_learnt_changes_the_digest(learnt):
    assert learnt.digest != shipped().digest


def test_a_learnt_container_locates(learnt):
    page = read(capture_of(9, paragraphs=2), learnt)
    assert page.method == "container"
    assert [page.words(b) for b in page.blocks if b.main] == [PROSE.format(90), PROSE.format(91)]


def test_a_repeated_line_inside_the_article_stays(learnt):
    body = f"<div class=odd-name><p>{PROSE}</p><p>{SLOGAN}</p><p>{PROSE}</p></div>"
    page = read(Capture.from_bytes(f"<html>{body}".encode(), url=f"{HOST}/x.html"), learnt)
    assert SLOGAN in [page.words(block) for block in page.blocks if block.main]


def test_few_pages_teach_nothing():
    assert learn_templates([capture_of(number) for number in range(3)], shipped()) == {}
    nothing = [Capture.from_bytes(b"%PDF-1.4", url=HOST), Capture(url=HOST, outcome="dns")]
    assert learn_templates(nothing * 5, shipped()) == {}
