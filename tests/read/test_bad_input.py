"""Damaged, hostile and empty pages: always a page, never an exception, never a hang."""

import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from bench_mutated import broken_laws
from made_pages import made_page
from mutations import mutated

from archive.known import shipped
from archive.model import Capture
from archive.read import read

PROSE = "全市经济平稳增长，民生继续改善，人民群众的获得感不断增强。"
SLOWEST = 20
"""Seconds; these pages take one or two, and a hang takes forever."""


def page_of(body):
    payload = body if isinstance(body, bytes) else body.encode()
    return read(Capture.from_bytes(payload), shipped())


def test_damaged_pages_keep_the_laws():
    dice = Random(7)  # noqa: S311  (no secret)
    pages = [
        made_page(skeleton, markup).source
        for skeleton, markup in (("trs", "table"), ("asp_table", "td"), ("forum", "notes"))
    ]
    for _ in range(300):
        damaged = mutated(dice.choice(pages), dice)
        assert broken_laws(page_of(damaged)) == []


HOSTILE = {
    "div in div": "<div>" * 200_000 + PROSE,
    "fonts": f"<p>{'<font>' * 100_000}{PROSE}",
    "rows in rows": "<table><tr><td>x" * 20_000,
    "rows in a row": "<table>" + "<tr><td>a<td>b" * 50_000,
    "menus in menus": "<div class=menu>字" * 20_000,
    "open brackets": "<html>" + "<" * 1_000_000,
    "open metas": "<html>" + "<meta " * 200_000,
    "open titles": "<html>" + "<title>" * 200_000,
    "open comments": "<html>" + "<!--" * 250_000,
    "open scripts": "<html>" + "<script>" * 150_000,
    "open quotes": '<html><p a="' * 100_000,
    "one long line": f"<p>{PROSE * 30_000}",
    "white space": "<html><p>" + " \n" * 500_000 + "末",
    "entities": "<html><p>" + "&amp" * 250_000,
    "entity bomb": "<!DOCTYPE html [<!ENTITY a0 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY a{n} '&a{n - 1};&a{n - 1};'>" for n in range(1, 30))
    + "]><html><p>&a29;" * 500,
    "linked data": '<html><script type="application/ld+json">' + "[" * 500_000,
    "hidden pieces": "<html>" + "<b hidden>藏" * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_end(name):
    began = time.monotonic()
    page = page_of(HOSTILE[name])
    assert time.monotonic() - began < SLOWEST
    assert broken_laws(page) == []
    assert len(page.visible) <= len(HOSTILE[name])


def test_too_many_lines_are_named_not_read():
    for body in ("<html>" + "字<br>" * 300_001, "字\n" * 300_002):
        page = page_of(body)
        assert (page.visible, page.confidence) == ("", 0.0)
        assert [flag.kind for flag in page.flags] == ["too_large"]


@pytest.mark.parametrize(
    "body",
    [
        "<html><frameset cols=1,2><frame src=a.htm><frame src=b.htm></frameset></html>",
        '<html><head><meta http-equiv=refresh content="0;url=/b.htm"></head></html>',
        "<html><script>var _0x12=['a'];document.cookie=_0x12</script></html>",
        "<html><body></body></html>",
    ],
)
def test_a_page_without_words_has_no_confidence(body):
    page = page_of(body)
    assert (page.visible, page.medium, page.confidence) == ("", "html", 0.0)
    assert [flag.kind for flag in page.flags] == ["no_text"]


def test_a_challenge_page_is_kept_with_little_confidence():
    page = page_of(
        "<html><body><h1>请稍候</h1><p>正在检查您的浏览器</p><noscript>请开启脚本</noscript>"
    )
    assert "正在检查您的浏览器" in page.visible
    assert page.confidence < 0.5


def test_a_cut_page_keeps_what_came():
    whole = made_page("trs", "p").source
    page = page_of(whole[: len(whole) // 2])
    assert sum(block.main for block in page.blocks) > 5


def test_silly_codepoints_become_visible_marks():
    page = page_of("<html><p>甲&#0;乙&#xD800;丙&#1114112;丁</p>")
    assert page.visible == "甲\ufffd乙\ufffd丙\ufffd丁"


_MEASURE = """
import re, sys
from pathlib import Path
from archive.known import shipped
from archive.model import Capture
from archive.read import read
body = "<html><ul>" + "<li><a href=/x>栏目</a></li>" * 200 + "</ul><div id=zoom>"
line = "<p style='text-indent:2em'><span>%s</span></p>" % sys.argv[1]
body += line * (10_000_000 // len(line.encode())) + "</div>"
page = read(Capture.from_bytes(body.encode()), shipped())
# ru_maxrss is no measure here: a child inherits its parent's peak
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(len(page.blocks), int(peak[1]) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to see memory")
def test_a_page_of_ten_megabytes_fits_in_600():
    said = subprocess.run(
        [sys.executable, "-c", _MEASURE, PROSE * 2], capture_output=True, text=True, check=True
    ).stdout
    lines, megabytes = map(int, said.split())
    assert lines > 40_000
    assert megabytes < 600
