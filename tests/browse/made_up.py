"""Made-up archives for the pages: every line's fate is given by hand, no stage takes part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from archive.collate.works import Witness, Work
from archive.model import Capture, Decoding, Derivation, Flag, SiteFacts, Span, Value, sha256
from archive.store import Archive
from archive.store.indexing import refresh
from archive.store.works import write_work

PORTAL = SiteFacts(name="demo-gov", title="演示市人民政府", kind="official", place_code="990100")
MIRROR = SiteFacts(name="demo-mirror", title="演示文库", kind="mirror")
RULESET = sha256(b"the rules of the browsing tests")

Line = tuple[str, str]
"""A line and its fate: a part (front, body, appendix) to keep it, else the rule that drops it."""

REPORT: Sequence[Line] = (
    ("首页 > 政务公开", "nav-crumbs"),
    ("2024年演示市政府工作报告", "front"),
    ("——2024年1月8日在演示市第九届人民代表大会第三次会议上", "front"),
    ("【打印】【关闭】", "widget-print"),
    ("各位代表：", "body"),
    ("一、2023年工作回顾", "body"),
    ("过去一年，营商环境持续优化，PM2.5平均浓度下降3个百分点，新建13个口袋公园。", "body"),
    ("分享到微信", "share-word"),
    ("（一）钢铁产业", "body"),
    ("钢铁产业转型升级，“2+10”项目全部开工。", "body"),
    ("二、2024年工作安排", "body"),
    ("新的一年，继续优化营商环境。", "body"),
    ("名词解释", "appendix"),
    ("口袋公园：面积小的绿地。", "appendix"),
    ("版权所有 演示市人民政府", "footer-copyright"),
)

HOSTILE: Sequence[Line] = (
    ("<script>document.title = 'run'</script>", "body"),
    ('<a href="javascript:alert(1)">点此</a><img src=x onerror=alert(1)>', "body"),
    ("<svg onload=alert(1)><style>*{display:none}</style>", "nav-crumbs"),
    ("\u202e反向\u202c &amp; \"引号\" 'x' {{ 7*7 }} ${7*7}", "body"),
    ("长" * 200_000, "body"),
)


def derivation(
    capture: Capture,
    lines: Sequence[Line],
    *,
    flagged: str = "",
    proposals: tuple[str, ...] = (),
    verdict: str = "clean",
    place_code: str | None = "990100",
    year: int | None = 2024,
    **more,
) -> Derivation:
    """The derivation in which each of `lines` has the fate it is given with."""
    visible = "".join(f"{words}\n" for words, _ in lines)
    return Derivation(
        **{
            "visible": visible,
            "spans": tuple(_spans(lines)),
            "identity": _identity(place_code, year),
            "flags": tuple(_flags(visible, flagged, proposals)),
            "verdict": verdict,
            "page_verdict": verdict,
            "method": "whole",
            "confidence": 0.9,
            "decoding": Decoding("utf-8", "header", "utf-8"),
            "medium": "html",
            "shape": "report",
            "ruleset": RULESET,
            "payload_sha256": sha256(capture.payload),
            "context": capture.context(),
            **more,
        }
    )


def answer(url: str, lines: Sequence[Line], site: SiteFacts | None = PORTAL, **more) -> Capture:
    """A good answer whose payload holds `lines`."""
    payload = "".join(f"<p>{words}</p>" for words, _ in lines).encode()
    return Capture(
        **{
            "url": url, "payload": payload, "status": 200, "site": site,
            "captured_at": "2026-01-02T03:04:05.678Z", "elapsed_ms": 12,
            "response_headers": (("Content-Type", "text/html; charset=utf-8"),),
            **more,
        }
    )  # fmt: skip


def hijacked(lines: Sequence[Line]) -> Sequence[Line]:
    """The same lines as a hijacker serves them: a brand in the place of two characters."""
    return tuple((words.replace("全部开工", "演示博彩开工"), fate) for words, fate in lines)


def make(path: Path) -> Path:
    """An archive with a report on two sites (one hijacked), a loose text and a failure."""
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        good = answer("http://www.demo.test/report.html", REPORT)
        run.text(run.capture(good), derivation(good, REPORT))
        changed = hijacked(REPORT)
        bad = answer("http://www.hijacked.test/report.html", changed, MIRROR)
        run.text(
            run.capture(bad),
            derivation(
                bad, changed, flagged="演示博彩", proposals=("全部", "全面"), verdict="hijacked"
            ),
        )
        loose = answer("http://www.demo.test/hostile.html", HOSTILE)
        run.text(run.capture(loose), derivation(loose, HOSTILE, place_code=None, year=None))
        run.capture(
            Capture("http://gone.test/x.html", outcome="timeout", error="no answer in 30 s")
        )
        group(archive, {"990100-2024": (1, 2)})
    return path


def group(archive: Archive, works: Mapping[str, Sequence[int]]) -> None:
    """Make works of texts, the best copy first, and index them."""
    with archive.transaction():
        archive.connection.execute("DELETE FROM works")
        (ruleset_id,) = archive.connection.execute(
            "SELECT ruleset_id FROM current_ruleset"
        ).fetchone()
        for name, text_ids in works.items():
            write_work(archive._writer, _work(name, text_ids), None, ruleset_id)
        refresh(archive.connection)


def _work(name: str, text_ids: Sequence[int]) -> Work:
    code, year = name.split("-")
    return Work(
        id=name, plain=name, place_key=code, report_year=int(year), kind="政府工作报告",
        stage="final",
        facts={"place_code": code, "place": "演示省演示市", "level": "prefecture"},
        witnesses=tuple(
            Witness((text_id,), "whole", rank) for rank, text_id in enumerate(text_ids, 1)
        ),
    )  # fmt: skip


def _spans(lines: Sequence[Line]):
    at = 0
    for words, fate in lines:
        stop = at + len(words) + 1
        if fate in ("front", "body", "appendix"):
            yield Span(at, stop, "keep", "text", fate)
        else:
            yield Span(at, stop, "drop", fate)
        at = stop


def _flags(visible: str, words: str, proposals: tuple[str, ...]):
    if words:
        at = visible.index(words)
        yield Flag("hijack", at, at + len(words), words, "a brand in a slot", proposals)


def _identity(place_code: str | None, year: int | None) -> dict[str, Value | None]:
    if place_code is None:
        return {}
    place = Value("演示省演示市", "演示市", "visible", "inferred", 0.8)
    return {
        "kind": Value("政府工作报告", "政府工作报告", "visible", "read", 1.0),
        "title": Value(
            f"{year}年演示市政府工作报告", f"{year}年演示市政府工作报告", "title", "read", 1.0
        ),
        "place_code": Value(place_code, "演示市", "visible", "inferred", 0.8),
        "place": place,
        "report_year": Value(year, f"{year}年", "visible", "read", 0.9),
        "completeness": Value({"state": "complete", "ratio": 1.0}, "", "visible", "inferred", 0.9),
    }
