"""A crawl that is killed at any moment goes on where it stopped: nothing lost, little twice."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter

LISTS, EACH = 5, 24
SITE = """\
title = "x"
kind = "official"
family = "trs"
hosts = ["www.k.test"]
start = ["http://www.k.test:8642/l/index.html"]
loopback = true
[politeness]
delay_s = 0.005
"""
CRAWL = """
import sys
from crawler.run import crawl
db, folder, port = sys.argv[1:]
result = crawl(db, ["k"], sites_dirs=[folder], settings={"PRACTICE_PORT": int(port)})
sys.exit(result.exit_code)
"""


def pages():
    answers = {}
    for index in range(LISTS):
        name = "index.html" if index == 0 else f"index_{index}.html"
        articles = [f"/l/202301/t20230101_{index}{number:02}.html" for number in range(EACH)]
        answers |= {("www.k.test", path): (200, {}, f"<p>{path}</p>".encode()) for path in articles}
        links = "".join(f'<a href="{path}">x</a>' for path in articles)
        pager = f'<script>createPageHTML({LISTS}, {index}, "index", "html")</script>'
        answers["www.k.test", f"/l/{name}"] = (200, {}, (links + pager).encode())
    return answers


def crawl(folder, port):
    return subprocess.Popen(
        [sys.executable, "-c", CRAWL, folder / "k.db", folder, str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def test_nothing_is_lost_and_little_is_fetched_twice(serve, tmp_path):
    (tmp_path / "k.toml").write_text(SITE, "utf-8")
    server = serve(pages())
    dice = random.Random(1)  # noqa: S311  (no secret)
    kills = 0
    for _ in range(3):
        asked = len(server.asked)
        running = crawl(tmp_path, server.server_port)
        moment = asked + dice.randrange(2, LISTS * EACH // 3)
        while running.poll() is None and len(server.asked) < moment:
            time.sleep(0.002)
        if running.poll() is None:
            os.kill(running.pid, signal.SIGKILL)
            kills += 1
        running.wait()
    assert kills == 3
    assert crawl(tmp_path, server.server_port).wait(60) == 0
    rows = sqlite3.connect(tmp_path / "k.db")
    captured = {
        url.partition("/l/")[2]
        for (url,) in rows.execute(
            "SELECT url FROM captures JOIN pages ON pages.id = page_id WHERE outcome = 'ok'"
        )
    }
    texts = rows.execute("SELECT count(*) FROM texts").fetchone()[0]
    states = dict(rows.execute("SELECT state, count(*) FROM frontier GROUP BY state"))
    rows.close()
    wanted = {path.partition("/l/")[2] for _, path in server.answers}
    assert wanted - captured == set(), "pages that were never archived"
    assert texts == LISTS * EACH
    assert states == {"done": len(wanted)}
    times = Counter(path for _, path, _ in server.asked if path != "/robots.txt")
    assert sum(count - 1 for count in times.values()) <= 2 * kills
