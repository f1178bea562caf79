"""Made-up captures, and derivations that need no stage: spans made by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

from archive.model import (
    Capture,
    Decoding,
    Derivation,
    Flag,
    SiteFacts,
    Span,
    Value,
    sha256,
)

SITE = SiteFacts(name="demo", title="演示站", kind="mirror", containers=("div.content",))
RULESET = sha256(b"the rules of the tests")

WORDS = (
    "过去一年，全市上下迎难而上，修好了城东的三座老桥，把自来水通到了山里的每一个村，新建的图书馆"
    "向所有人开放，旧厂房改成了学堂和集市，河边种下了成排的柳树，孩子们在新操场上奔跑，老人们在"
    "社区食堂吃上了热饭，商户不出门就能办好执照，外出打工的人也愿意回到家乡来办厂开店了。"
)
"""What all the made-up reports say: enough to show that they are copies of one."""


RULE = """
[[rules]]
id = "footer-of-the-test"
kind = "footer"
scope = "line"
pattern = '演示第\\d+页。'
why = "a rule of the test"
example = "演示第1页。"
"""
"""A rule that the shipped knowledge does not have."""


def with_another_rule(shipped: Path, folder: Path) -> Path:
    """Copy the knowledge in `shipped` to the new `folder`, and add `RULE`."""
    shutil.copytree(shipped, folder)
    footer = folder / "rules" / "footer.toml"
    footer.write_text(footer.read_text("utf-8") + RULE, "utf-8")
    return folder


def page(number: int = 0, *, chars: int = 400, counter: int = 0) -> bytes:
    """A page of a made-up report; pages of one `number` differ in their view counter only."""
    lines = "".join(f"<p>第{number}号报告第{n}段，发展稳中有进。</p>" for n in range(chars // 20))
    return f"<html><body><i>阅读 {counter}</i>{lines}</body></html>".encode()


def answer(number: int = 0, **more) -> Capture:
    """A good answer for page `number`."""
    given = {
        "url": f"http://www.demo.test/report/{number}.html",
        "payload": page(number),
        "status": 200,
        "captured_at": "2026-01-02T03:04:05.678Z",
        "response_headers": (("Content-Type", "text/html; charset=utf-8"), ("ETag", f'"{number}"')),
        "site": SITE,
    }
    return Capture(**{**given, **more})


def derivation_of(capture: Capture, *, ruleset: str = RULESET, year: int = 2024) -> Derivation:
    """A derivation with a dropped line, kept lines, a replacement, a flag and an identity."""
    number = sha256(capture.payload)[:6]
    visible = f"网站导航\n二〇二四年政府工作报告 {number}\n各位代表：\n必赢体育作报告\n{WORDS}\n"
    starts = [visible.index(words) for words in ("二〇", "各位", "必赢", "作报告\n", WORDS)]
    cuts = [*starts, len(visible)]
    return Derivation(
        visible=visible,
        spans=(
            Span(0, cuts[0], "drop", "site-navigation"),
            Span(cuts[0], cuts[1], "keep", "text", "body"),
            Span(cuts[1], cuts[2], "keep", "text", "body"),
            Span(cuts[2], cuts[3], "replace", "hijack", "body", "省委", "witness:abc"),
            Span(cuts[3], cuts[4], "keep", "text", "body"),
            Span(cuts[4], cuts[5], "keep", "text", "body"),
        ),
        identity={
            "kind": Value("政府工作报告", "政府工作报告", "visible", "read", 1.0, 5, 11),
            "place_code": Value("990100", "演示市", "visible", "inferred", 0.7),
            "place": Value("演示省演示市", "演示市", "visible", "inferred", 0.7),
            "report_year": Value(year, "二〇二四年", "visible", "read", 0.9),
            "speaker": None,
        },
        flags=(Flag("hijack", cuts[2], cuts[3], "必赢体育", "brand in a slot", ("省委",)),),
        verdict="suspect",
        page_verdict="hijacked",
        method="whole",
        confidence=0.5,
        decoding=Decoding("utf-8", "header", "utf-8"),
        medium="html",
        shape="report",
        ruleset=ruleset,
        payload_sha256=sha256(capture.payload),
        context=capture.context(),
    )
