"""`baogao serve` behind a proxy: prefix, host, scheme, and what a monitor gets."""

from __future__ import annotations

import re

import httpx
import pytest
from click.testing import CliRunner

from archive.commands.serve import application, serve
from archive.store.copies import public_backup
from archive.store.metrics import Sample, exposition

BASE = "https://reports.example.org/archive/"


def client(app, host):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=f"http://{host}")


@pytest.mark.parametrize("prefix", ["/archive", ""])
async def test_links_lead_through_the_proxy_whether_it_removes_the_prefix_or_not(database, prefix):
    app = application(str(database), base_url=BASE)
    async with client(app, "reports.example.org") as visitor:
        home = await visitor.get(f"{prefix}/")
        assert home.status_code == 200
        links = set(re.findall(r'(?:href|src|action)="(/[^"]*)"', home.text))
        assert links
        assert all(link.startswith("/archive/") for link in links)
        style = next(link for link in links if ".css" in link)
        assert (await visitor.get(style)).status_code == 200
        feed = await visitor.get(f"{prefix}/feed.atom")
        assert f'href="{BASE}' in feed.text
        assert 'href="http://' not in feed.text
        table = await visitor.get(f"{prefix}/{database.stem}/works")
        assert table.status_code == 200


async def test_the_host_of_the_base_url_is_answered_and_others_are_not(database):
    app = application(str(database), base_url=BASE)
    for host, status in (("reports.example.org", 200), ("127.0.0.1", 200), ("evil.example", 421)):
        async with client(app, host) as visitor:
            assert (await visitor.get("/archive/")).status_code == status


async def test_a_prefix_opens_nothing_that_is_closed_to_strangers(database, tmp_path):
    copy = tmp_path / "public.db"
    public_backup(database, copy)
    app = application(str(copy), public=True, base_url=BASE)
    async with client(app, "reports.example.org") as visitor:
        for path in ("/-/databases", "/archive/-/databases", "/archive/-/metrics", "/-/metrics"):
            assert (await visitor.get(path)).status_code == 404, path
        assert (await visitor.get("/archive/")).status_code == 200


LINE = re.compile(
    r"# HELP [a-z_]+ .+|# TYPE [a-z_]+ (gauge|counter)"
    r'|[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"\})? -?\d+(\.\d+)?(e[+-]\d+)?'
)


async def test_metrics_are_in_the_format_of_prometheus(database):
    app = application(str(database))
    async with client(app, "127.0.0.1") as visitor:
        await visitor.get("/")
        told = await visitor.get("/-/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = told.text.splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert float(values["baogao_reports"]) > 0
    assert values['baogao_http_answers_total{status="200"}'] == "1"
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(names) == len(set(names))


def test_labels_cannot_break_out():
    shown = exposition([Sample("x", "y", 1, {"site": 'a"b\\c\nd'})])
    assert shown == '# HELP x y\n# TYPE x gauge\nx{site="a\\"b\\\\c\\nd"} 1\n'


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--host", "0.0.0.0"], "only a public copy is served to other machines"),  # noqa: S104
        (["--host", "reports.example.org"], "only a public copy is served to other machines"),
        (["--base-url", "reports.example.org"], "not an http or https URL of a folder"),
        (["--base-url", "https://x.example/?a=b"], "not an http or https URL of a folder"),
        (["--base-url", "http://["], "not an http or https URL of a folder"),
    ],
)
def test_what_cannot_be_served_is_refused(database, options, sentence):
    done = CliRunner().invoke(serve, [str(database), *options])
    assert sentence in str(done.exception)


def test_an_address_of_another_machine_is_refused(database, tmp_path):
    copy = tmp_path / "public.db"
    public_backup(database, copy)
    done = CliRunner().invoke(serve, [str(copy), "--public", "--host", "192.0.2.1", "--port", "0"])
    assert "not an address of this machine" in str(done.exception)
