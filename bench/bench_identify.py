"""Measure identification: headers of every county, provincial reports, headless pieces, time.

The provincial reports of 2026 are what this was developed on; reports of other years are held
out and not read here. Run: python bench/bench_identify.py [headers|provinces|pieces|time]
"""

from __future__ import annotations

import csv
import json
import random
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from archive.clean import clean
from archive.identify import identify, makes_work
from archive.identify.weigh import weigh
from archive.known import shipped
from archive.known.gazetteer import Division
from archive.model import Capture, Identity
from archive.read import read

ROOT = Path(__file__).parent.parent
REPORTS = ROOT.parent / "shared" / "reports"
GOLD = Path(__file__).parent / "identify_provinces_2026.toml"
LOOKALIKES = Path(__file__).parent / "identify_lookalikes.toml"
PIECES, LENGTHS = 60, (1000, 2500, 5000)
BODY = """
各位代表：
现在，我代表{kind}人民政府，向大会报告工作，请予审议，并请列席人员提出意见。
一、{before}年工作回顾
过去一年，我们坚持稳中求进，居民收入稳步增长。
二、{year}年工作安排
今年，我们将办好十件民生实事。
各位代表！让我们团结奋斗，再创佳绩！
"""
OFFICES = {"市": "市长", "区": "代区长", "县": "代理县长", "旗": "旗长", "州": "州长", "盟": "盟长"}


def identity_of(text: str) -> Identity:
    """Return what the archive reads from a text file."""
    capture = Capture.from_bytes(text.encode())
    page = read(capture, shipped())
    return identify(page, clean(page, shipped()), capture, shipped())


def headers(row: Division, year: int) -> Iterator[tuple[str, str, dict[str, object]]]:
    """(pattern, text, what it prints) in the forms that mirrors and governments use."""
    gazetteer = shipped().gazetteer
    parents = gazetteer.parents(row.code, year)
    province = parents[0].name if parents else ""
    chain = "".join(parent.name for parent in parents[1:]) + row.name
    office = OFFICES.get(row.name[-1], "主任")
    body = BODY.format(kind=row.name[-1], year=year, before=year - 1)
    session = f"{row.name}第十七届人民代表大会第二次会议"
    said = {
        "kind": "政府工作报告",
        "session": session,
        "office": office,
        "speaker": "甘示例",
        "report_year": year,
    }
    title = f"({province}){chain}人民政府工作报告({year}年1月9日)"
    yield "province in brackets, date", f"导航菜单\n\n{title}\n{body}", {
        "title": title, "delivered_on": f"{year}-01-09", "report_year": year,
    }  # fmt: skip
    short = province.removesuffix("省").removesuffix("市") or row.name
    title = f"({short}){row.name}人民政府工作报告({year}年1月9日)"
    yield (
        "short province in brackets",
        f"导航菜单\n\n{title}\n{body}",
        {"title": title, "delivered_on": f"{year}-01-09", "report_year": year},
    )
    title = f"{year}年{province}{chain}政府工作报告"
    yield (
        "province, acting office",
        (f"{title}\n——{year}年1月9日在{session}上\n{office} 甘示例\n{body}"),
        {**said, "title": title, "delivered_on": f"{year}-01-09"},
    )
    yield (
        "spaced out, wrapped, autumn",
        (
            f"{province}{chain}人民政府\n政 府 工 作 报 告\n——{year - 1}年12月\n"
            f"22日在{row.name}第十七届\n人民代表大会第二次会议上\n"
            f"{row.name}{office}\n甘 示 例\n{body}"
        ),
        {**said, "title": "政府工作报告", "delivered_on": f"{year - 1}-12-22"},
    )
    title = f"{year}年{row.name}政府工作报告"
    yield (
        "name alone",
        (f"{title}\n({year}年1月9日在{session}上)\n{row.name}人民政府{office}  甘示例\n{body}"),
        {**said, "title": title, "delivered_on": f"{year}-01-09"},
    )


def bench_headers() -> None:
    """Every county and city, including abolished ones, in a year in which it existed."""
    gazetteer = shipped().gazetteer
    right: Counter[str] = Counter()
    wrong: dict[str, list[object]] = {}
    total: Counter[str] = Counter()
    null: Counter[str] = Counter()
    for row in gazetteer.divisions:
        if row.level not in ("county", "prefecture") or row.name[-1] not in OFFICES:
            continue
        year = row.until or max(2024, row.since or 0)
        for pattern, text, printed in headers(row, year):
            found = identity_of(text)
            got = {name: value and value.value for name, value in found.items()}
            bad = {f: (got[f], want) for f, want in printed.items() if got[f] != want}
            within = row.code[:2] + "0000" if pattern.startswith("short") else None
            same = gazetteer.named(row.name, year=year, within=within)
            alone = pattern in ("name alone", "short province in brackets") and len(same) > 1
            if got["place_code"] is None and alone:
                null[pattern] += 1
            elif got["place_code"] != row.code:
                bad["place_code"] = (got["place_code"], row.code)
            total[pattern] += 1
            right[pattern] += not bad
            if bad:
                wrong.setdefault(pattern, []).append((row.name, bad))
    for pattern, count in total.items():
        print(f"{pattern:30} {right[pattern]}/{count} = {right[pattern] / count:.4f}"
              f"  (ambiguous names left null: {null[pattern]})")  # fmt: skip
        for each in wrong.get(pattern, [])[:6]:
            print("   ", each)


OWN_KINDS = ("计划报告", "预算报告", "统计公报", "规划纲要")


def bench_lookalikes() -> None:
    """Texts about reports, and other official reports, of fifty places each."""
    rows = [row for row in shipped().gazetteer.divisions if row.until is None]
    works: Counter[bool] = Counter()
    own: Counter[bool] = Counter()
    confused: Counter[tuple[str, str | None]] = Counter()
    for row in rows[:: len(rows) // 50]:
        said = {"place": row.name, "office": OFFICES.get(row.name[-1], "主任")}
        for kind, template in templates():
            found = identity_of(template.format(**said, year=2024, before=2023))["kind"]
            got = found.value if found else None
            if kind in OWN_KINDS:
                own[got == kind] += 1
            else:
                works[makes_work(got, shipped())] += 1
            confused[kind, got] += got != kind
    for (kind, got), count in confused.items():
        if count:
            print(f"    {kind} judged {got}: {count}")
    print(f"look-alikes that become works: {works[True]}/{sum(works.values())}")
    print(f"plan, budget, statistics, outline with their own kind: {own[True]}/{sum(own.values())}")


def templates() -> Iterator[tuple[str, str]]:
    """(kind, text with places to fill) of each look-alike."""
    for kind, table in tomllib.loads(LOOKALIKES.read_text()).items():
        for text in table["texts"]:
            yield kind, text


def provinces() -> Iterator[tuple[str, str, str]]:
    """(code, name, text) of each provincial report of 2026."""
    csv.field_size_limit(10**9)
    for path in sorted((REPORTS / "provinces-2026").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                (division,) = shipped().gazetteer.named(row["province"], within="100000")[:1]
                yield division.code, row["province"], row["full_text"]


def bench_provinces() -> None:
    """Every field that the texts print, and null where they print none."""
    gold = tomllib.loads(GOLD.read_text())
    right, total = 0, 0
    for code, _, text in provinces():
        got = {name: value and value.value for name, value in identity_of(text).items()}
        for field, want in gold[code].items():
            total += 1
            right += got[field] == (want or None)
            if got[field] != (want or None):
                print("   ", code, field, "is", want, "got", got[field])
    print(f"provinces 2026: {right}/{total} fields = {right / total:.4f}")


def bench_nation() -> None:
    """The State Council's file: headers read, resolutions no works."""
    rows = map(json.loads, (REPORTS / "state-council.jsonl").read_text().splitlines())
    kinds: Counter[tuple[bool, str | None]] = Counter()
    for row in rows:
        found = identity_of(row["content"])
        kinds["决议" in row["title"], found["kind"].value if found["kind"] else None] += 1
    for (resolution, kind), count in kinds.most_common():
        print(f"    {'resolution' if resolution else 'report':10} judged {kind}: {count}")


def bench_pieces() -> None:
    """Random headless pieces of provincial reports: the place right, wrong or unknown."""
    texts = [(code, text[max(0, text.find("各位代表")) :]) for code, _, text in provinces()]
    for length in LENGTHS:
        dice = random.Random(11)
        found: Counter[str] = Counter()
        for code, text in texts:
            for _ in range(PIECES):
                start = dice.randrange(max(1, len(text) - length))
                answer = weigh(text[start : start + length], shipped())
                place = answer.ranked[0][0].code if answer.decided else None
                found["unknown" if place is None else "right" if place == code else "wrong"] += 1
        shares = {each: round(count / sum(found.values()), 4) for each, count in found.items()}
        print(f"pieces of {length} characters: {shares}")


def bench_time() -> None:
    """The time of identification against readability-lxml's on the same page, in one run."""
    from readability import Document  # noqa: PLC0415  (only here)

    ours = theirs = 0.0
    for _, name, text in provinces():
        paragraphs = "".join(f"<p>{line}</p>" for line in text.splitlines())
        html = (
            f"<html><head><title>{name}</title></head><body><div>{paragraphs}</div></body></html>"
        )
        capture = Capture.from_bytes(html.encode())
        page = read(capture, shipped())
        cleaning = clean(page, shipped())
        identify(page, cleaning, capture, shipped())
        start = time.process_time()
        identify(page, cleaning, capture, shipped())
        between = time.process_time()
        Document(html).summary()
        ours += between - start
        theirs += time.process_time() - between
    print(f"identify {ours / 31 * 1000:.1f} ms, readability {theirs / 31 * 1000:.1f} ms, "
          f"ratio {ours / theirs:.2f}")  # fmt: skip


def main() -> None:
    """Run the measurements named on the command line, or all."""
    benches = {
        "headers": bench_headers, "lookalikes": bench_lookalikes, "provinces": bench_provinces,
        "nation": bench_nation, "pieces": bench_pieces, "time": bench_time,
    }  # fmt: skip
    needs_reports = set(benches) - {"headers", "lookalikes"}
    for name in sys.argv[1:] or benches:
        if name in needs_reports and not REPORTS.is_dir():
            print(f"{name}: skipped, ../shared is absent")
            continue
        benches[name]()


if __name__ == "__main__":
    main()
