"""Collation of an archive: any order of arrival, in pieces or at once, comes to the same."""

import json
import random
import time

import pytest
from collate.made_up import BRAND, report
from collate.test_commands import BODY, HEAD, page

from archive import Archive, Capture, SiteFacts, derive

OTHER = [line.replace("VOCs", "扬尘").replace("沈阳", "县委") for line in report(11)]
OTHER_HEAD = [line.replace("和县", "凌海市").replace("2024", "2023") for line in HEAD]


def texts() -> list[Capture]:
    lines = {
        "http://a.test/1.html": ("official", page(BODY)),
        "http://b.test/2.html": ("mirror", page(BODY[:-5])),
        "http://c.test/3.html": ("copy", page([line.replace("省委", BRAND) for line in BODY])),
        "http://d.test/4.html": ("mirror", bare(BODY[6:16])),
        "http://e.test/5.html": ("mirror", page(OTHER, OTHER_HEAD)),
        "http://f.test/6.html": ("mirror", bare(OTHER[8:18])),
        "http://g.test/7.html": ("mirror", b"<html><body></body></html>"),
    }
    return [
        Capture(url, body, status=200, site=SiteFacts(url, kind=kind))
        for url, (kind, body) in lines.items()
    ]


def bare(lines: list[str]) -> bytes:
    body = "".join(f"<p>{line}</p>" for line in lines)
    return f"<html><body><div>{body}</div></body></html>".encode()


def made(path, captures: list[Capture], *, step: int) -> dict:
    """What collation makes of captures that come `step` at a time."""
    with Archive.open(path, create=True) as archive:
        for start in range(0, len(captures), step):
            with archive.run("backfill") as run:
                for capture in captures[start : start + step]:
                    run.text(run.capture(capture), derive(capture))
            archive.collate()
        return told(archive)


def told(archive: Archive) -> dict:
    """Works with their witnesses by address, readings and editions, without any id."""
    return {
        work["work"]: {
            "witnesses": sorted(
                (w["url"], w["rank"], w["how"]) for w in archive.witnesses(work["work"])
            ),
            "readings": [
                (r["kind"], [(s["words"], s["host"]) for s in r["says"]])
                for r in archive.readings(work["work"])
            ],
            "edition": [(p["text"], p["url"], p["origin"]) for p in archive.edition(work["work"])],
        }
        for work in archive.works()
    }


def test_the_order_of_arrival_does_not_change_the_result(tmp_path) -> None:
    captures = texts()
    expected = made(tmp_path / "expected.db", captures, step=len(captures))
    assert sorted(expected) == ["210781-2023", "340523-2024"]
    assert [len(expected[work]["witnesses"]) for work in sorted(expected)] == [2, 4]
    for seed in range(3):
        random.Random(seed).shuffle(captures)  # noqa: S311  (no secret)
        assert made(tmp_path / f"{seed}.db", captures, step=seed + 1) == expected


def test_a_flood_of_copies_takes_bounded_time(tmp_path) -> None:
    captures = [
        Capture(f"http://flood.test/{n}.html", page(BODY, HEAD, note=f"访问量 {n}"), status=200)
        for n in range(70)
    ]
    started = time.perf_counter()
    found = made(tmp_path / "flood.db", captures, step=35)
    assert len(found["340523-2024"]["witnesses"]) == 70
    assert time.perf_counter() - started < 60


def test_a_page_that_shares_one_sentence_with_everything_is_no_copy(tmp_path) -> None:
    stolen = bare([BODY[3], OTHER[3], *(line.replace("完成", "观看") for line in report(99))])
    captures = [*texts(), Capture("http://hostile.test/x.html", stolen, status=200)]
    found = made(tmp_path / "hostile.db", captures, step=99)
    assert "http://hostile.test/x.html" not in json.dumps(found)


@pytest.mark.parametrize("body", [b"", b"<p></p>", "各位代表：".encode()])
def test_a_text_with_nothing_to_compare_is_no_copy(tmp_path, body: bytes) -> None:
    captures = [*texts(), Capture("http://empty.test/x.html", body or b" ", status=200)]
    found = made(tmp_path / "empty.db", captures, step=99)
    assert sorted(found) == ["210781-2023", "340523-2024"]
