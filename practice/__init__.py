"""The practice web: small sites that behave, and misbehave, like the real ones.

All texts are written for it and marked as demonstration texts; it serves on 127.0.0.1 only
and knows neither the crawler nor the archive. Every page knows its own gold.

    with practice.Server() as server:
        fetch(f"http://127.0.0.1:{server.port}/", headers={"Host": server.hosts[0]})
    practice.gold("http://www.yanzhao.test/zwgk/zfgzbg/202401/t20240130_10270.html")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from practice.planted import matrix
    from practice.report import Report
    from practice.server import Server
    from practice.web import gold, hosts, urls
    from practice.writer import write_report

_HOMES = {
    "Report": "practice.report",
    "Server": "practice.server",
    "gold": "practice.web",
    "hosts": "practice.web",
    "matrix": "practice.planted",
    "urls": "practice.web",
    "write_report": "practice.writer",
}

__all__ = ["Report", "Server", "gold", "hosts", "matrix", "urls", "write_report"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'practice' has no attribute {name!r}")
    return getattr(import_module(home), name)
