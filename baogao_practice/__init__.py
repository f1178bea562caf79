"""The practice web: small sites that imitate real ones, including their faults.

All texts are written for it and marked as demonstration texts; it serves on 127.0.0.1 only
and imports neither the crawler nor the archive. Every page has its own gold.

    with practice.Server() as server:
        fetch(f"http://127.0.0.1:{server.port}/", headers={"Host": server.hosts[0]})
    practice.gold("http://www.yanzhao.test/zwgk/zfgzbg/202401/t20240130_10270.html")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from baogao_practice.planted import matrix
    from baogao_practice.report import Report
    from baogao_practice.server import Server
    from baogao_practice.web import gold, hosts, urls
    from baogao_practice.writer import write_report

_HOMES = {
    "Report": "baogao_practice.report",
    "Server": "baogao_practice.server",
    "gold": "baogao_practice.web",
    "hosts": "baogao_practice.web",
    "matrix": "baogao_practice.planted",
    "urls": "baogao_practice.web",
    "write_report": "baogao_practice.writer",
}

__all__ = ["Report", "Server", "gold", "hosts", "matrix", "urls", "write_report"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'practice' has no attribute {name!r}")
    return getattr(import_module(home), name)
