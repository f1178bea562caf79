"""One host, several who want it: one at a time, within a process and between processes."""

import os
from contextlib import closing

from archive import Archive
from crawler.leases import Holder, HostLeases

SITE = """\
title = "{name}"
kind = "official"
family = "trs"
hosts = ["www.shared.test"]
start = ["http://www.shared.test:8642/{name}/index.html"]
loopback = true
[politeness]
delay_s = 0.01
"""
NAMES = ("one", "two")


def served(folder):
    answers = {}
    for name in NAMES:
        (folder / f"{name}.toml").write_text(SITE.format(name=name), "utf-8")
        paths = [f"/{name}/202301/t20230131_{n}.html" for n in range(5)]
        answers |= {("www.shared.test", path): (200, {}, b"<p>x</p>") for path in paths}
        links = "".join(f'<a href="{path}">x</a>' for path in paths)
        answers["www.shared.test", f"/{name}/index.html"] = (200, {}, links.encode())
    return answers


def test_two_site_files_take_turns(crawl_apart, serve, tmp_path):
    server = serve(served(tmp_path))
    result = crawl_apart(
        tmp_path / "s.db", NAMES, sites_dirs=[str(tmp_path)],
        settings={"PRACTICE_PORT": server.server_port},
    )  # fmt: skip
    assert result.findings == ()
    assert result.exit_code == 0
    turns = [path.split("/")[1] for _, path, _ in server.asked if path != "/robots.txt"]
    assert len(turns) == 12
    assert turns in ([NAMES[0]] * 6 + [NAMES[1]] * 6, [NAMES[1]] * 6 + [NAMES[0]] * 6)


def test_a_host_that_another_process_crawls_is_left_for_later(crawl_apart, serve, tmp_path):
    server = serve(served(tmp_path))
    with closing(Archive.open(tmp_path / "s.db", create=True)) as archive, archive.transaction():
        assert HostLeases(archive, "another").take("www.shared.test") is None
    crawl = {
        "sites_dirs": [str(tmp_path)],
        "settings": {"PRACTICE_PORT": server.server_port, "LOG_LEVEL": "CRITICAL"},
    }
    result = crawl_apart(tmp_path / "s.db", ["one"], **crawl)
    assert result.exit_code == 3
    holder = Holder.here("another")
    assert holder.process == os.getpid()
    assert f"is being crawled by process {holder.process}" in result.unfinished[0]
    assert server.asked == []
    with closing(Archive.open(tmp_path / "s.db")) as archive, archive.transaction():
        archive.connection.execute("DELETE FROM leases")
    assert crawl_apart(tmp_path / "s.db", ["one"], **crawl).exit_code == 0
    assert len(server.asked) == 7


def test_a_page_that_moves_to_its_other_host_is_one_page(crawl_apart, serve, tmp_path):
    site = SITE.format(name="one").replace('["www.', '["shared.test", "www.')
    (tmp_path / "one.toml").write_text(site, "utf-8")
    article = "/one/202301/t20230131_1.html"
    list_page = (200, {}, f'<a href="{article}">x</a>'.encode())
    server = serve({("shared.test", "/one/index.html"): list_page})
    there = f"http://shared.test:{server.server_port}"
    back = there.replace("shared", "www.shared")
    server.answers |= {
        ("www.shared.test", "/one/index.html"): (301, {"Location": f"{there}/one/index.html"}, b""),
        ("shared.test", article): (302, {"Location": f"{back}{article}"}, b""),
        ("www.shared.test", article): (302, {"Location": f"{there}{article}"}, b""),
    }  # fmt: skip
    result = crawl_apart(
        tmp_path / "s.db", ["one"], sites_dirs=[str(tmp_path)],
        settings={"PRACTICE_PORT": server.server_port},
    )  # fmt: skip
    asked = [(host, path) for host, path, _ in server.asked if path != "/robots.txt"]
    assert asked[:2] == [("www.shared.test", "/one/index.html"), ("shared.test", "/one/index.html")]
    assert 2 <= len(asked[2:]) <= 7, "a loop between two hosts ends"
    assert result.exit_code == 1
    assert result.unfinished == ()


def test_another_frontier_and_other_leases_are_set_in_the_settings(crawl_apart, serve, tmp_path):
    server = serve(served(tmp_path))
    db = tmp_path / "s.db"
    others = {
        "FRONTIER": "other_frontier.OtherFrontier",
        "LEASES": "other_frontier.OtherLeases",
        "PRACTICE_PORT": server.server_port,
    }
    crawl_apart(db, NAMES[:1], sites_dirs=[str(tmp_path)], settings=others)
    with Archive.open(db, read_only=True) as archive:
        outcomes = archive.connection.execute("SELECT DISTINCT outcome FROM frontier").fetchall()
        tokens = archive.connection.execute("SELECT token FROM leases").fetchall()
    assert outcomes == [("other ok",)]
    assert tokens == [("other-one",)]


def test_a_request_is_not_written_once_its_lease_is_lost(crawl_apart, serve, tmp_path):
    """Neither the robots.txt nor a page; each is asked for after the host was taken again."""
    server = serve(served(tmp_path))
    settings = {
        "LEASES": "other_frontier.LosingLeases", "PRACTICE_PORT": server.server_port,
        "DOWNLOAD_DELAY": 0,
    }  # fmt: skip
    result = crawl_apart(
        tmp_path / "s.db", NAMES[:1], sites_dirs=[str(tmp_path)], settings=settings
    )
    assert result.exit_code == 0
    paths = [path for _, path, _ in server.asked]
    assert sorted(paths) == sorted(set(paths)), "each once"
    assert len(paths) > 3
    with Archive.open(tmp_path / "s.db", read_only=True) as archive:
        outcomes = archive.connection.execute("SELECT DISTINCT outcome FROM captures").fetchall()
    assert set(outcomes) <= {("ok",), ("gone",)}, "nothing is recorded of what was not sent"
