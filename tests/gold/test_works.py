"""The works found in an archive of the practice web are the works planted."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from gold.stored_results import STORED, result_of_work

import baogao_practice as practice
from archive import Archive, Capture, SiteFacts, derive
from baogao_practice.damage import straight_quotes
from baogao_practice.page import Request
from baogao_practice.sites import flattened, government, hijacked, library, splitter
from baogao_practice.web import sites

HOSTS = {
    government.HOST: "official",
    splitter.HOST: "mirror",
    library.HOST: "mirror",
    library.TWIN_HOST: "mirror",
    hijacked.HOST: "copy",
    hijacked.SISTERS[0]: "copy",
    flattened.HOST: "copy",
}


def capture(url):
    """Return what a crawl would have stored, or None if there is no successful response."""
    parts = urlsplit(url)
    site = sites()[parts.hostname]
    answer = site.page(parts.path, parts.query).answer(Request(parts.hostname, parts.path))
    if answer.status != 200:
        return None
    facts = SiteFacts(parts.hostname, site.title, HOSTS[parts.hostname])
    return Capture(
        url, answer.body, status=200, response_headers=answer.headers, site=facts,
        captured_at="2026-01-01T00:00:00.000Z",
    )  # fmt: skip


@contextmanager
def collated(folder):
    """Return an archive of these hosts."""
    with Archive.open(folder / "works.db", create=True) as opened:
        with opened.run("backfill") as run:
            for host in HOSTS:
                for url in dict.fromkeys(practice.urls(host)):
                    if (got := capture(url)) is not None:
                        run.text(run.capture(got), derive(got))
        opened.collate()
        yield opened


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    with collated(tmp_path_factory.mktemp("works")) as opened:
        yield opened


def results_of(archive):
    return {work["work"]: result_of_work(archive, work) for work in archive.works()}


def test_copies_readings_and_editions_are_as_stored(archive):
    stored = json.loads(STORED.read_text("utf-8"))["works"]
    assert results_of(archive) == stored, "if this is wanted: python bench/renew_results.py"


def planted():
    """Return the planted works, each with the URLs of the pages that contain a part of it."""
    found = defaultdict(set)
    for host in HOSTS:
        for url in practice.urls(host):
            for work in practice.gold(url)["works"]:
                found[work["place_code"], work["report_year"]].add(url)
    return dict(found)


QUERY = """
  SELECT DISTINCT works.place_code, works.report_year, pages.url
  FROM works
  JOIN witnesses ON witnesses.work_id = works.id
  JOIN witness_texts ON witness_texts.witness_id = witnesses.id
  JOIN text_captures ON text_captures.text_id = witness_texts.text_id
  JOIN captures ON captures.id = text_captures.capture_id
  JOIN pages ON pages.id = captures.page_id
  WHERE works.kind = '政府工作报告'
"""


def found(archive):
    works = defaultdict(set)
    for code, year, url in archive.connection.execute(QUERY):
        works[code, year].add(url)
    return dict(works)


def test_the_works_found_are_the_works_planted(archive):
    assert set(found(archive)) - set(planted()) == set()
    assert set(planted()) - set(found(archive)) == set()


def test_no_page_is_a_witness_of_a_work_it_lacks(archive):
    wrong = {
        work: sorted(urls - planted()[work])
        for work, urls in found(archive).items()
        if work in planted() and urls - planted()[work]
    }
    assert wrong == {}


def repeated():
    """Return pages after the last that repeat it; collation may count them or not."""
    return {
        f"http://{splitter.HOST}{article.path(article.pages + 1)}"
        for article in splitter.ARTICLES
        if article.fault == "repeats"
    }


def test_every_page_that_holds_a_work_is_its_witness(archive):
    missing = {
        work: sorted(lacking)
        for work, urls in planted().items()
        if (lacking := urls - found(archive).get(work, set()) - repeated())
    }
    assert missing == {}


def compared(text):
    """Return a paragraph in which the changes that mirrors make do not matter."""
    return "".join(flattened.spoilt(straight_quotes(text)).split())


def editions(archive):
    """Yield each work's original, the paragraphs that some page prints, and its edition."""
    query = "SELECT name, place_code, report_year FROM works WHERE kind = '政府工作报告'"
    for name, code, year in list(archive.connection.execute(query)):
        original = {compared(text) for text in government.county_report(code, year).texts[1:]}
        printed = {
            compared(text)
            for url in planted()[code, year]
            for text in practice.gold(url)["original"]
        }
        passages = [compared(passage["text"]) for passage in archive.edition(name)]
        yield name, original, printed, passages


def test_editions_equal_the_originals(archive):
    """Every printed paragraph of a work is in its edition; the title may be the mirror's."""
    lacking, strange = {}, {}
    for name, original, printed, passages in editions(archive):
        if missing := (original & printed) - set(passages):
            lacking[name] = sorted(missing)
        if others := [text for text in passages[1:] if text not in original]:
            strange[name] = others
    assert (lacking, strange) == ({}, {})


def test_an_edition_repeats_nothing(archive):
    for name, original, _, passages in editions(archive):
        assert len(passages) <= len(original) + 1, name


def test_editions_are_the_planted_texts_where_the_government_site_has_them(archive):
    wrong = []
    for url in practice.urls(government.HOST):
        gold = practice.gold(url)
        for work in gold["works"]:
            name = f"{work['place_code']}-{work['report_year']}"
            planted = ["".join(line.split()) for line in gold["original"] if line.strip()]
            edition = ["".join(p["text"].split()) for p in archive.edition(name)]
            wrong += [name] if edition != planted else []
    assert wrong == []
