"""Write the twins of five real scraped texts: same template lines and damage, own words.

The twins have other places, brands, slogans, numbers and page counts; their reports are
invented (see `practice`). Usage: build_twins.py [FOLDER]  (default tests/gold)
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from practice.damage import halved, lost_plus, lowered, marks_lost, straight_quotes
from practice.sites.library import count, share_bar
from practice.sites.splitter import DISCLAIMER
from practice.writer import Line, Report, write_report

SLOGAN = "一蓑烟雨任平生 — — 烟雨文库◆收藏我,别走散~"
WIDGET = "307745"
BRAND, INSERTED = "鸿运国际", "hx金沙城"
DISTRICT_SITE, DISTRICT_PATH = "览县网", "/baogao/{region}/{number}.html"
INDENT = "  "


@dataclass
class Twin:
    """A text under construction: its lines with their labels, and what is true of it."""

    name: str
    texts: list[str] = field(default_factory=list)
    labels: list[tuple[str, str]] = field(default_factory=list)
    damage: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, text: str, label: str, kind: str, *, gap: bool = True) -> None:
        """A line, and a blank one after it where `gap`."""
        self.texts.append(text)
        self.labels.append((label, kind))
        if gap:
            self.blank()

    def blank(self) -> None:
        """An empty line."""
        self.texts.append("")
        self.labels.append(("blank", "blank"))

    def know(self, how: str, **values: Any) -> None:
        """Metadata that can be known in the way `how`: read, inferred or absent."""
        for name, value in values.items():
            self.metadata[name] = {"value": value, "how": how}

    def spoilt(self, kind: str, spoilt: str, right: str, action: str = "replace") -> None:
        """Note every occurrence of `spoilt` in the last line with text."""
        index = max(i for i, text in enumerate(self.texts) if text)
        for found in re.finditer(re.escape(spoilt), self.texts[index]):
            self.damage.append(
                {"line": index + 1, "start": found.start(), "end": found.end(), "text": spoilt,
                 "kind": kind, "action": action, "right": right}
            )  # fmt: skip

    def content(self) -> str:
        """The text of the file; no line feed at its end."""
        while not self.texts[-1]:
            self.texts.pop()
            self.labels.pop()
        return "\n".join(self.texts)

    def gold(self) -> dict[str, Any]:
        """The gold in the shape of the real texts' gold."""
        content = self.content()
        kinds = [label for label, _ in self.labels]
        return {
            "file": f"{self.name}.txt",
            "sha256": sha256(content.encode()).hexdigest(),
            "chars": len(content),
            "n_lines": len(self.texts),
            "summary": {label: kinds.count(label) for label in ("keep", "meta", "junk", "blank")},
            "lines": [
                {"n": n, "label": label, "kind": kind, "chars": len(text), "text": text}
                for n, (text, (label, kind)) in enumerate(
                    zip(self.texts, self.labels, strict=True), 1
                )
            ],
            "corrupted_spans": self.damage,
            "metadata": self.metadata,
        }


def about(twin: Twin, report: Report, *, how: str = "read") -> None:
    """What the report itself tells."""
    place = report.place
    twin.know("inferred", region=place.full, division_code=place.code, level=place.level)
    twin.know(
        how, date=report.delivered_on, session=report.session, speaker=report.speaker,
        speaker_title=report.office,
    )  # fmt: skip


def compilation_page(report: Report) -> Twin:
    """A page of a compilation: the middle of one report, straight quotes, no indent."""
    twin = Twin("000")
    twin.add(SLOGAN, "junk", "site_slogan_header")
    twin.add("2024年市政府工作报告-21篇(第17/128页)", "junk", "listing_title_with_page_marker")
    twin.add(share_bar(371948), "junk", "share_bar_meta")
    for line in middle(report):
        twin.add(straight_quotes(halved(line.text)), "keep", line.kind)
    promo(twin)
    twin.know("read", page_index=17, page_count=128, declared_chars=371948)
    twin.know("absent", published=None)
    twin.know("inferred", region=report.place.full, division_code=report.place.code)
    return twin


def middle(report: Report) -> list[Line]:
    """Fifteen paragraphs from inside the plan half of a report."""
    start = next(i for i, line in enumerate(report.lines) if line.text.startswith("（二）"))
    return list(report.lines[start + 1 : start + 16])


def promo(twin: Twin) -> None:
    """The lines under every text of the library."""
    twin.add(WIDGET, "junk", "numeric_widget_id", gap=False)
    twin.add("领取福利", "junk", "promo_button")
    twin.add("微信扫码领取福利", "junk", "promo_qr")
    twin.add("微信扫码分享", "junk", "share_qr", gap=False)


def hijacked_portal(report: Report) -> Twin:
    """A whole report on a hijacked copy of a provincial portal."""
    twin = Twin("001")
    readings = {"省委": "省委", "合肥": "合肥", "安徽省": "安徽省"}

    def branded(text: str, label: str, kind: str, *, gap: bool = True) -> None:
        pattern = re.compile("|".join(readings))
        twin.add(pattern.sub(BRAND, text), label, kind, gap=gap)
        line = len(twin.texts) - (1 if gap else 0)
        shift = 0
        for found in pattern.finditer(text):
            start = found.start() + shift
            twin.damage.append(
                {"line": line, "start": start, "end": start + len(BRAND), "text": BRAND,
                 "kind": "brand_substitution", "action": "replace", "right": found[0]}
            )  # fmt: skip
            shift += len(BRAND) - len(found[0])

    front = report.lines[:4]
    for line in front:
        branded(halved(line.text).replace("  ", " "), "keep", line.kind, gap=False)
    twin.add("发布时间:2024年02月19日", "meta", "publish_date_line", gap=False)
    twin.add(f"信息来源:{report.place.name}政府网站", "meta", "source_line", gap=False)
    twin.add("【 字体: 】? 【打印文章】", "junk", "font_size_print_widget")
    twin.spoilt("nbsp_as_question_mark", "?", "", "delete")
    for line in report.lines[4:]:
        indent = "" if line.kind == "salutation" else INDENT
        branded(indent + halved(line.text), "keep", line.kind)
    twin.add("责任编辑:示例乙", "meta", "responsible_editor", gap=False)
    branded(
        "版权所有:安徽省人民政府 主办单位:安徽省人民政府办公厅",
        "junk", "footer_copyright_sponsor", gap=False,
    )  # fmt: skip
    branded("地址:合肥市包河区演示大道7号 邮编:230091", "junk", "footer_address", gap=False)
    twin.add(
        "皖公网安备 34011102000999号 网站标识码:3400000086",
        "junk", "footer_police_record_and_site_id", gap=False,
    )  # fmt: skip
    twin.add(
        "ICP备案序号:皖ICP备18000099号 联系邮箱:yanshi@lvan.test", "junk", "footer_icp_contact"
    )
    twin.add("微信公众号", "junk", "footer_social_wechat")
    twin.add("政务微博", "junk", "footer_social_weibo", gap=False)
    about(twin, report)
    twin.know(
        "read", title=report.title, report_year=report.year, review_year=report.year - 1,
        published="2024-02-19", source=f"{report.place.name}政府网站", editor="示例乙",
        police_record="皖公网安备 34011102000999号", site_id="3400000086",
        icp="皖ICP备18000099号", email="yanshi@lvan.test",
    )  # fmt: skip
    twin.know("inferred", publisher="安徽省人民政府")
    return twin


def cut_single(report: Report) -> Twin:
    """A single article of the library: declared count, straight quotes, the tail is missing."""
    twin = Twin("002")
    title = f"{report.year}年{report.place.name}人民政府工作报告(全文)"
    lines = report.lines[1 : round(len(report.lines) * 0.78)]
    declared = count(report.texts)
    twin.add(SLOGAN, "junk", "site_slogan_header")
    twin.add(title, "keep", "title")
    twin.add(share_bar(declared), "junk", "share_bar_meta")
    twin.add(title, "junk", "duplicate_title")
    for line in lines:
        text = marks_lost(straight_quotes(halved(line.text)))
        if line.kind == "session":
            text = text.replace("——", "--")
        twin.add("".join(text.split()) if line.kind == "speaker" else text, "keep", line.kind)
        if "·" in line.text:
            twin.spoilt("unencodable_char_as_question_mark", "?", "·")
    promo(twin)
    about(twin, report)
    twin.know("read", title=title, report_year=report.year, declared_chars=declared)
    twin.know("read" if report.names_reviewed_year else "inferred", review_year=report.year - 1)
    twin.know("absent", published=None)
    return twin


def last_page(report: Report) -> Twin:
    """A last page of a split article: notes' marks, a list of projects that is cut short."""
    twin = Twin("003")
    place = report.place
    name = place.full.removeprefix(place.province)
    year, month, day = map(int, report.delivered_on.split("-"))
    title = f"({place.province}){name}人民政府工作报告({year}年{month}月{day}日)"
    twin.add("导航菜单", "junk", "nav_menu")
    twin.add(title, "keep", "title")
    heads = [i for i, line in enumerate(report.lines) if line.kind == "heading2"]
    last = next(i for i, line in enumerate(report.lines) if line.kind == "closing")
    marks = iter(range(1, 11))
    for line in report.lines[heads[-3] - 1 : last + 1]:
        text = halved(line.text)
        if line.kind == "paragraph" and (number := next(marks, None)):
            text = text.replace("。", f"[实事{number}]。", 2).replace(f"[实事{number}]。", "。", 1)
        twin.add(INDENT + text, "keep", line.kind)
    twin.add(f"{INDENT}民生实事:", "keep", "appendix_heading")
    for line in [line for line in report.lines if line.kind == "appendix_item"][:3]:
        twin.add(INDENT + halved(line.text), "keep", line.kind)
    chrome(twin, "", "xibei", 6218)
    twin.know("read", title=title, region=place.full, date=report.delivered_on)
    twin.know("inferred", report_year=report.year, division_code=place.code, level=place.level)
    twin.know("absent", session=None, speaker=None)
    return twin


def lowered_piece(report: Report) -> Twin:
    """A middle page on a hijacked clone: lower case, plus signs lost, a brand appended."""
    twin = Twin("004")
    heads = [i for i, line in enumerate(report.lines) if line.kind == "heading2"]
    for line in report.lines[heads[1] + 1 : heads[5] + 2]:
        text = INDENT + halved(line.text) if len(twin.texts) else halved(line.text)
        twin.add(lowered(lost_plus(text)), "keep", line.kind)
        for right in ("VOCs", "PM2.5", "GDP", "5G", "Ⅲ"):
            if right in text:
                twin.spoilt("lowercased", right.lower(), right)
        for found in re.finditer(r"\+", text):
            twin.damage.append(
                {"line": len(twin.texts) - 1, "start": found.start(), "end": found.end(),
                 "text": " ", "kind": "plus_lost_to_space", "action": "replace", "right": "+"}
            )  # fmt: skip
    chrome(twin, INSERTED, "huazhong", 2957)
    twin.blank()
    twin.texts.pop()
    twin.labels.pop()
    twin.add("网站地图", "junk", "sitemap_link_injected", gap=False)
    place = report.place
    twin.know("inferred", region=place.full, division_code=place.code, level=place.level)
    twin.know("absent", title=None, date=None, session=None, speaker=None)
    return twin


def chrome(twin: Twin, brand: str, region: str, number: int) -> None:
    """The lines under an article of a splitting mirror."""
    hijacked = "_hijacked" if brand else ""
    twin.add(
        DISCLAIMER.format(site=DISTRICT_SITE, brand=brand),
        "junk", f"disclaimer_boilerplate{hijacked}",
    )  # fmt: skip
    if brand:
        twin.spoilt("brand_insertion", brand, "", "delete")
    path = DISTRICT_PATH.format(region=region, number=number)
    twin.add(f"本文地址:{path}", "junk", "article_url_footer")
    twin.add("留言与评论(共有 条评论)", "junk", "comment_widget", gap=False)
    twin.add("验证码:", "junk", "captcha_widget", gap=False)


def overlap(fragment: Twin, whole: Twin) -> dict[str, Any]:
    """Which lines of the fragment stand in the whole text, but for indent and quotes."""
    known = {
        straight_quotes(text.strip()): n for n, text in enumerate(whole.texts, 1) if text.strip()
    }
    aligned = [
        {"line_000": n, "line_001": known[text], "chars": len(text)}
        for n, text in enumerate(fragment.texts, 1)
        if fragment.labels[n - 1][0] == "keep" and text in known
    ]
    return {"a": "000", "b": "001", "type": "same_report_fragment", "aligned": aligned}


def build() -> tuple[list[Twin], dict[str, Any]]:
    """All twins and their gold."""
    whole = write_report("341500", 2024, seed=5, length=12500, appendix=False)
    twins = [
        compilation_page(whole),
        hijacked_portal(whole),
        cut_single(write_report("341702", 2022, seed=2, length=11000, appendix=False, early=True)),
        last_page(write_report("610629", 2023, seed=3, length=7000, appendix=True, early=True)),
        lowered_piece(write_report("420525", 2022, seed=4, length=8000, appendix=False)),
    ]
    gold = {
        "note": "Own-written twins of five real texts; invented contents, marked as such where the "
        "front matter is there. 1-based line numbers, 0-based half-open offsets inside the line. "
        "label: keep / meta (harvest, then drop) / junk / blank. Made by bench/build_twins.py.",
        "seeds": {twin.name: twin.gold() for twin in twins},
        "relations": [overlap(twins[0], twins[1])],
    }
    return twins, gold


def main(folder: Path) -> None:
    """Write the twins and gold.json into `folder`."""
    twins, gold = build()
    (folder / "twins").mkdir(parents=True, exist_ok=True)
    for twin in twins:
        (folder / "twins" / f"{twin.name}.txt").write_text(twin.content(), "utf-8", newline="")
    shown = json.dumps(gold, ensure_ascii=False, indent=1) + "\n"
    (folder / "gold.json").write_text(shown, "utf-8")
    for name, facts in gold["seeds"].items():
        print(name, facts["chars"], facts["summary"], len(facts["corrupted_spans"]))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "tests/gold"))
