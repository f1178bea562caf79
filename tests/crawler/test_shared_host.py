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
