"""The screenshots of docs/browsing.md, from the practice archive.

baogao demo demo.db && python bench/browse_screenshots.py demo.db docs/images
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
SIZE = {"width": 1180, "height": 720}


def main(database: str, folder: str) -> None:
    """Serve `database`, photograph its main pages into `folder`."""
    server = subprocess.Popen(
        [sys.executable, "-m", "archive", "serve", database, "--port", "0"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        address = re.search(r"http://[^\s/]+", server.stderr.readline()).group()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport=SIZE, locale="zh-CN", base_url=address)
            for name in shots(page, *report(database)):
                page.wait_for_timeout(200)
                page.screenshot(path=Path(folder) / f"{name}.jpg", type="jpeg", quality=60)
            browser.close()
    finally:
        server.terminate()
        server.wait()


def report(database: str) -> tuple[str, str]:
    """The addresses of a hijacked report with several copies, without and with its prefix."""
    with sqlite3.connect(database) as connection:
        (name,) = connection.execute(
            "SELECT works.name FROM readings JOIN works ON works.id = work_id"
            " WHERE readings.kind = 'brand' GROUP BY works.id ORDER BY count(*) DESC LIMIT 1"
        ).fetchone()
        (text,) = connection.execute(
            "SELECT text_id FROM flags WHERE proposals_json <> '[]'"
            " GROUP BY text_id ORDER BY count(*) DESC LIMIT 1"
        ).fetchone()
    return name.replace("-", "/", 1), str(text)


def shots(page: Page, work: str, text: str) -> Iterator[str]:
    """Open the pages one after the other; the name of each picture."""
    page.goto("/")
    yield "home"
    page.goto(f"/r/{work}?removed=1")
    page.locator("#p5").hover()
    yield "report"
    page.goto(f"/text/{text}")
    page.locator("mark.flag").first.scroll_into_view_if_needed()
    page.mouse.wheel(0, 200)
    yield "hijacked"
    page.goto(f"/variants/{work}")
    yield "variants"
    page.goto("/changed")
    yield "changed"
    page.goto(f"/evidence/{text}")
    yield "evidence"
    page.goto("/map")
    yield "map"


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
