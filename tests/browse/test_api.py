"""JSON, CSV, Atom, citations, and the same on the command line."""

import csv
import io
import json
import re
from urllib.parse import quote

import pytest
from browse.test_pages import page
from lxml import etree

from archive.browse.feed import STATES

WORK = "990100/2024"
ATOM = "{http://www.w3.org/2005/Atom}"


async def asked(get, path):
    response = await get(path)
    assert response.status_code == 200
    assert response.headers["etag"]
    assert "\\u" not in response.text, "Chinese is written as Chinese"
    return response.json()


async def test_works_come_in_pages(get):
    listed = await asked(get, "/api/works")
    assert listed["next"] is None
    assert [work["name"] for work in listed["works"]] == ["990100-2024"]
    assert (await get("/api/works?page=2")).status_code == 404


async def test_a_report_has_no_text_unless_asked(get):
    told = await asked(get, f"/api/r/{WORK}")
    assert "passages" not in told["texts"][0]
    assert told["texts"][0]["identity"]["report_year"]["raw"] == "2024年"
    assert [witness["host"] for witness in told["witnesses"]] == [
        "www.demo.test", "www.hijacked.test",
    ]  # fmt: skip
    whole = await asked(get, f"/api/r/{WORK}?text=1")
    assert whole["texts"][0]["passages"][6]["text"].startswith("钢铁产业")


async def test_search_and_coverage(get):
    found = await asked(get, "/api/find?q=" + quote("营商环境"))
    assert (found["total"], found["hits"][0]["hits"]) == (1, 2)
    cells = (await asked(get, "/api/coverage"))["coverage"]
    table = list(csv.DictReader(io.StringIO((await get("/coverage.csv")).text.lstrip("\ufeff"))))
    assert [c["state"] for c in cells] == [row["state"] for row in table] == ["full"]


async def test_the_feed_tells_what_is_new_what_is_flagged_and_what_failed(get):
    root = etree.fromstring((await get("/feed.atom?lang=zh")).content)
    terms = [(c.get("scheme"), c.get("term")) for c in root.iter(f"{ATOM}category")]
    assert sorted(term for scheme, term in terms if scheme is None) == ["failed", "flagged", "new"]
    assert [term for scheme, term in terms if scheme == STATES] == ["full", "full"]
    ids = [e.findtext(f"{ATOM}id") for e in root.iter(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids)
    assert root.findtext(f"{ATOM}updated") >= "2026"
    some = etree.fromstring((await get("/feed.atom?q=" + quote("没有这个词"))).content)
    assert not list(some.iter(f"{ATOM}entry"))


async def test_a_citation_names_address_day_and_digest(get):
    shown = await page(get, f"/r/{WORK}")
    words = shown.cssselect(".citation")[0].text
    assert words.startswith("演示省演示市人民政府. 2024年演示市政府工作报告[R/OL].")
    assert "[2026-01-02]" in words
    entry = (await get(f"/cite/{WORK}")).text
    assert entry.startswith("@techreport{baogao-990100-2024,")
    assert "urldate = {2026-01-02}" in entry


async def test_a_citation_comes_in_the_forms_of_reference_managers(get):
    ris = (await get(f"/cite/{WORK}?format=ris")).text.splitlines()
    assert ris[0] == "TY  - RPRT"
    assert ris[-1] == "ER  - "
    assert "Y2  - 2026/01/02" in ris
    answer = await get(f"/cite/{WORK}?format=csl")
    assert answer.headers["content-type"].startswith("application/vnd.citationstyles.csl+json")
    (item,) = answer.json()
    assert item["author"] == [{"literal": "演示省演示市人民政府"}]
    assert item["accessed"] == {"date-parts": [[2026, 1, 2]]}
    national = (await get(f"/cite/{WORK}?format=gbt7714")).text
    assert re.fullmatch(
        r"演示省演示市人民政府\. 2024年演示市政府工作报告\[R/OL\]\. \(.+\)\[2026-01-02\]\. \S+\.\n",
        national,
    )
    assert (await get(f"/cite/{WORK}?format=word")).status_code == 404


async def test_a_report_can_be_had_as_a_text_file(get):
    answer = await get(f"/txt/{WORK}")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["content-disposition"].endswith('.txt"')
    shown = await page(get, f"/r/{WORK}")
    for paragraph in answer.text.splitlines():
        assert paragraph in shown.cssselect("article")[0].text_content()


async def test_the_page_of_the_api_leads_to_answers(get):
    shown = await page(get, "/api")
    links = [a.get("href") for a in shown.cssselect("dl.api a")]
    assert len(links) == 15
    for link in links:
        assert (await get(quote(link, safe="/?=%."))).status_code == 200, link


def test_search_on_the_command_line(baogao, database):
    done = baogao("search", database, "营商环境")
    (hit,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (hit["work"], hit["hits"]) == ("990100-2024", 2)
    assert baogao("search", database, "没有这个词").returncode == 1
    empty = baogao("search", database, " ")
    assert empty.returncode == 2
    assert "no word to look for" in empty.stderr.decode()


@pytest.mark.parametrize("options", [(), ("--gaps",), ("--table",)])
def test_coverage_on_the_command_line(baogao, database, options):
    done = baogao("coverage", database, *options)
    assert done.returncode == 0
    assert "1 reports here, 0 missing" in done.stderr.decode()
