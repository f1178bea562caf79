"""Site files that share hosts are one group: no host is in two of them."""

import json
import random
import re
from dataclasses import replace
from time import process_time

import pytest
from loopback import site_file

from archive.errors import UsageError
from crawler.cluster.groups import groups_of
from crawler.cluster.jobs import Job
from crawler.site_files import load_sites


@pytest.fixture
def grouped(tmp_path):
    """The names of the sites in each group, of sites given by name and hosts."""

    def group(**hosts):
        for name, named in hosts.items():
            # a pattern is no host to begin at
            start = re.sub(r"[*?]|\[.*\]", "1", named[0])
            words = site_file(*named, start=start)
            (tmp_path / f"{name}.toml").write_text(words, "utf-8")
        sites = load_sites([tmp_path]).chosen(list(hosts))
        random.Random(len(hosts)).shuffle(sites)  # noqa: S311  (any order)
        return [[site.name for site in found.sites] for found in groups_of(sites)]

    return group


def test_sites_are_connected_by_chains_of_hosts(grouped):
    found = grouped(a=["a.test", "b.test"], b=["c.test"], c=["b.test", "d.test"], d=["d.test"])
    assert found == [["a", "c", "d"], ["b"]]


@pytest.mark.parametrize(
    ("one", "two", "together"),
    [
        ("*.x.test", "www.x.test", True),
        ("*.x.test", "x.test", False),
        ("*.x.test", "*.y.x.test", True),
        ("*.x.test", "*.y.test", False),
        ("a*.x.test", "ab*.x.test", True),
        ("a*.x.test", "b*.x.test", False),
        ("h?.x.test", "h1.x.test", True),
        ("h[12].x.test", "h1.x.test", True),
    ],
)
def test_patterns_share_the_hosts_that_both_match(grouped, one, two, together):
    assert (len(grouped(a=[one], b=[two])) == 1) == together


def test_three_thousand_sites_are_grouped_at_once():
    known = load_sites().chosen(["anhui"])[0]
    many = [
        replace(known, name=f"s{n:04}", hosts=(f"h{n}.example.cn", f"h{n + n % 2}.example.cn"))
        for n in range(3000)
    ]
    began = process_time()
    groups = groups_of(many)
    assert process_time() - began < 2
    assert {len(group.sites) for group in groups} == {1, 2}
    assert sum(len(group.sites) for group in groups) == 3000


def test_a_job_is_written_and_read():
    (group,) = groups_of(load_sites().chosen(["anhui"]))
    job = Job.crawl(group, only_due=True)
    assert Job.read(job.kind, job.written()) == job
    assert (job.shard, job.key) == ("anhui", "crawl_group:anhui")
    merge = Job("merge_shard", "all", shards=("a", "b"))
    assert Job.read("merge_shard", merge.written()) == merge


@pytest.mark.parametrize(
    "said",
    [
        {"shard": "../outside"},
        {"shard": "/outside"},
        {"shard": ".hidden"},
        {"shard": "a", "shards": ["a/b"]},
        {"shard": "a", "sites": {"../site": ""}},
        {"shard": "a", "form": "../csv"},
        {"shard": 7},
        {"shard": "a", "unknown": 1},
        [],
    ],
)
def test_a_job_that_names_a_path_or_that_nobody_understands_is_refused(said):
    with pytest.raises(UsageError):
        Job.read("crawl_group", json.dumps(said).encode())
