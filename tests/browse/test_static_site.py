"""The site of files: every link leads to a file that is there, and it opens from a folder."""

import sqlite3
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

from archive.browse.static_site import write_site
from archive.store import Archive


@pytest.fixture(scope="module")
def site(practice_archive, tmp_path_factory):
    """The exported site of the practice archive."""
    folder = tmp_path_factory.mktemp("site")
    with Archive.open(practice_archive, read_only=True) as archive:
        archive.connection.row_factory = sqlite3.Row
        count = write_site(archive.connection, folder, database="demo")
    assert count == len(list(folder.rglob("*.html")))
    return folder


def test_every_link_leads_to_a_file(site):
    pages = {path.resolve(): html.parse(path).getroot() for path in site.rglob("*.html")}
    anchors = {
        path: {e.get("id") for e in root.iter() if e.get("id")} for path, root in pages.items()
    }
    for path, root in pages.items():
        for element in root.iter("a", "link", "script"):
            address = element.get("href") or element.get("src") or ""
            parts = urlsplit(address)
            if parts.scheme:
                assert element.get("rel") == "nofollow noopener noreferrer"
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), (path, address)
            if parts.fragment and target in anchors:
                assert unquote(parts.fragment) in anchors[target], (path, address)


def test_nothing_asks_for_a_server(site):
    for path in site.rglob("*.html"):
        assert "<form" not in path.read_text(encoding="utf-8"), path
        assert "#not-here" not in path.read_text(encoding="utf-8").replace(
            'data-trace="#not-here"', ""
        ), path


def test_export_writes_it(baogao, database, tmp_path):
    done = baogao("export", database, tmp_path / "out", "--format", "site")
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "out" / "index.html").is_file()
    assert (
        baogao("export", database, tmp_path / "x", "--format", "site", "--place", "99").returncode
        == 2
    )
