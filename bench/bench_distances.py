"""How far apart are the requests of a host, and where does the distance shrink?

    python bench/bench_distances.py [--hosts N] [--pages N] [--delay SECONDS] [--load N]

One plain crawl of N hosts (4), 40 pages each, with a delay of half a second, while `--load`
processes (none) keep the processor busy. Four moments of each request are noted: when the crawl
decides to write it, when the system has taken its bytes, when the system of the server has them,
and when the server has read them. Printed for each: the smallest distance of two requests of a
host as a share of the delay, and how many pairs were closer than 0.9; and the time between the
moments.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from loopback import paced_site_file

ROOT = Path(__file__).parents[1]
NEAR = 0.9
MOMENTS = ("decided", "sent", "came", "read")
CRAWL = """
import json, sys, time
from crawler.run import crawl  # the reactor is installed by it
from twisted.internet import tcp
from twisted.web import _newclient

db, folder, names, noted = sys.argv[1], sys.argv[2], sys.argv[3].split(","), []
request, write = _newclient.HTTP11ClientProtocol.request, tcp.Connection.writeSomeData

def decided(self, asked):
    host = asked.headers.getRawHeaders(b"host")[0].partition(b":")[0].decode()
    noted.append(("decided", host, asked.uri.decode(), time.monotonic()))
    return request(self, asked)

def sent(self, data):
    done = write(self, data)
    head = bytes(data)
    if head.startswith(b"GET "):
        host = head.lower().partition(b"\\nhost: ")[2].partition(b":")[0].decode()
        noted.append(("sent", host, head.split(b" ")[1].decode(), time.monotonic()))
    return done

_newclient.HTTP11ClientProtocol.request, tcp.Connection.writeSomeData = decided, sent
crawl(db, names, sites_dirs=[folder], settings={"COLLATE_AFTER_CRAWL": False})
print(json.dumps(noted))
"""
SERVE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from loopback import Server

pages = int(sys.argv[2])

def answer(_host, path):
    if path == "/robots.txt":
        return 404, {}, b""
    links = (f'<a href="/l/202301/t20230101_{n}.html">x</a>' for n in range(pages - 1))
    body = "".join(links) if path.endswith("index.html") else f"<p>{path}</p>"
    return 200, {"Content-Type": "text/html"}, body.encode()

with Server(answer) as server:
    print(server.port, flush=True)
    sys.stdin.read()
    for name, moments in (("came", server.came), ("read", server.moments)):
        for host, path, when in moments:
            print(json.dumps([name, host, path, when]))
"""


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep the processor busy."""
    started = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)
    ]
    try:
        yield
    finally:
        for one in started:
            one.kill()
            one.wait()


def crawled(hosts: int, pages: int, delay_s: float) -> list[list[object]]:
    """Crawl; returns (moment, host, path, when) of all requests."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(ROOT / "tests"), str(pages)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdout is not None
    port = int(server.stdout.readline())
    with tempfile.TemporaryDirectory(prefix="distances-") as folder:
        names = [f"h{number}" for number in range(hosts)]
        for name in names:
            words = paced_site_file(f"{name}.distance.test", port, delay_s)
            (Path(folder) / f"{name}.toml").write_text(words, "utf-8")
        given = [f"{folder}/d.db", folder, ",".join(names)]
        done = subprocess.run(
            [sys.executable, "-c", CRAWL, *given], check=True, cwd=ROOT, stdout=subprocess.PIPE
        )
    noted, _ = server.communicate("")
    return [*json.loads(done.stdout.splitlines()[-1]), *map(json.loads, noted.splitlines())]


def show(noted: list[list[object]], delay_s: float) -> None:
    """Print the distances at each moment, and the times between the moments."""
    when: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for moment, host, path, at in noted:
        when[str(host), str(path)][str(moment)] = float(str(at))
    whole = {key: found for key, found in when.items() if len(found) == len(MOMENTS)}
    for moment in MOMENTS:
        shares = []
        for host in {host for host, _ in whole}:
            moments = sorted(found[moment] for (named, _), found in whole.items() if named == host)
            shares += [(later - earlier) / delay_s for earlier, later in pairwise(moments)]
        near, middle = sum(share < NEAR for share in shares), sorted(shares)[len(shares) // 2]
        print(
            f"{moment:>8}: closest {min(shares):.2f} of the delay, {near} of {len(shares)} pairs"
            f" less than {NEAR}, median {middle:.3f}"
        )
    for one, other in pairwise(MOMENTS):
        took = sorted(found[other] - found[one] for found in whole.values())
        print(
            f"from {one} to {other}: median {1000 * took[len(took) // 2]:.1f} ms,"
            f" 99 of 100 within {1000 * took[len(took) * 99 // 100]:.0f} ms, at most"
            f" {1000 * took[-1]:.0f} ms"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=4)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--delay", type=float, default=0.5)
    parser.add_argument("--load", type=int, default=0)
    asked = parser.parse_args()
    with busy(asked.load):
        noted = crawled(asked.hosts, asked.pages, asked.delay)
    show(noted, asked.delay)


if __name__ == "__main__":
    main()
