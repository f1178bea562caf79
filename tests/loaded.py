"""Imported once by the process that the tests' commands are forked from.

What a process imports, reads and compiles when it first makes a crawl, a text or an archive is done
here, so that it costs the forks nothing. They differ from new processes in nothing else.
"""

import errno
import gc
import os
import sys
from importlib import import_module
from multiprocessing import reduction
from pathlib import Path
from pkgutil import iter_modules
from tempfile import TemporaryDirectory

from forked_workers import fork_workers
from scrapy.settings import default_settings

import archive.commands
import crawler.commands
import crawler.spiders
from archive import Archive, Capture, derive
from crawler.site_files import load_sites

READS_ITS_FOLDER = "crawler.settings"
NOT_LOADED = ("telnet", "remote_control", "cookies")

REPORT = "<p>示范县2023年政府工作报告</p><p>各位代表：</p>" + (
    "<p>过去一年，我们修了三座桥，铺了十公里路，完成投资3.5亿元，增长6%。</p>" * 9
)
PAGE = (
    "<html><head><title>示范县2023年政府工作报告_示范网</title></head>"
    "<body><div>首页 > 政府工作报告</div>{}<div>打印 关闭</div></body></html>"
)


def import_what_is_found_by_name():
    """Import the modules of all commands, and those that a crawl finds by name."""
    for package in (archive.commands, crawler, crawler.commands, crawler.spiders):
        for module in iter_modules(package.__path__, f"{package.__name__}."):
            if module.name not in (READS_ITS_FOLDER, "crawler.__main__"):
                import_module(module.name)
    for parts in (
        default_settings.DOWNLOADER_MIDDLEWARES_BASE,
        default_settings.SPIDER_MIDDLEWARES_BASE,
        default_settings.EXTENSIONS_BASE,
    ):
        for path in parts:
            module = path.rpartition(".")[0]
            if not module.endswith(NOT_LOADED):
                import_module(module)


def make_an_archive(path):
    """Make one of two copies of a report, one of them hijacked."""
    with Archive.open(path, create=True) as made, made.run("crawl") as run:
        for name, words in (("a", REPORT), ("b", REPORT.replace("三座", "鸿图体育三座"))):
            page = Capture(
                url=f"http://{name}.test/2023.html", payload=PAGE.format(words).encode(),
                status=200, captured_at="2026-01-02T03:04:05.678Z",
                response_headers=(("Content-Type", "text/html"),),
            )  # fmt: skip
            run.text(run.capture(page), derive(page))
        made.collate(run.id)


def outlive_clients():
    """Let the server go on if a client is killed while it asks for a fork."""
    received = reduction.recvfds

    def recvfds(*arguments):
        try:
            return received(*arguments)
        except EOFError as error:
            raise OSError(errno.ECONNABORTED, "the client has ended") from error

    reduction.recvfds = recvfds


outlive_clients()
import_what_is_found_by_name()
if "TRACED_FOLDER" not in os.environ:  # who looks which lines a fork runs wants to see these too
    load_sites()
    with TemporaryDirectory() as folder:
        make_an_archive(Path(folder) / "a.db")
fork_workers()
assert "twisted.internet.reactor" not in sys.modules, "a fork could not choose its own"
assert READS_ITS_FOLDER not in sys.modules
os.chdir(Path(__file__).parents[1])
gc.collect()
gc.freeze()  # the forks need not look at what is there already
