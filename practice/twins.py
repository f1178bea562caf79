"""Twins of five real scraped texts: same template lines and damage, own words.

A variant has its own places, brands, slogans, numbers and page counts; its reports are invented.
The first variant is the one that `tests/gold` keeps as files; the others are made when asked for,
so that no rule can know what it will meet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from random import Random
from typing import Any

from practice.damage import halved, lost_plus, lowered, marks_lost, straight_quotes
from practice.places import Place, places
from practice.sites.library import count, share_bar
from practice.sites.splitter import DISCLAIMER
from practice.writer import Line, Report, write_report

INDENT = "  "
SLOGANS = (
    "一蓑烟雨任平生 — — 烟雨文库◆收藏我,别走散~", "WENKU88.TEST —— 专注公文写作范文",
    "读书破万卷 — — 破卷文库◆记下我,再来呀~", "腹有诗书气自华 — — 静斋文库◆常回来看看~",
    "GONGWENBA.TEST —— 党政机关公文范文大全", "行到水穷处 — — 云起文库◆关注我,不迷路~",
)  # fmt: skip
BRANDS = (
    "鸿运国际", "聚星互娱", "万象棋牌", "金樽娱乐城", "星耀体育", "乐享彩票网", "爱博电竞平台",
    "bet88体育", "凯旋门娱乐", "亿鼎博直播",
)  # fmt: skip
MIRRORS = ("览县网", "知县通", "县情网", "百县文网", "乡县资料网")
REGIONS = ("hb", "db", "xn", "xibei", "huadong", "huazhong", "huanan")
ABBREVIATIONS: Mapping[str, str] = {
    "13": "冀", "14": "晋", "21": "辽", "22": "吉", "32": "苏", "34": "皖", "35": "闽",
    "36": "赣", "37": "鲁", "41": "豫", "42": "鄂", "43": "湘", "45": "桂", "61": "陕",
}  # fmt: skip


@dataclass(frozen=True)
class Variant:
    """What one set of twins has of its own; everything is drawn with dice of its number."""

    number: int

    @property
    def dice(self) -> Random:
        """Fresh dice of this variant."""
        return Random(f"twins {self.number}")  # noqa: S311  (no secret)

    @property
    def slogan(self) -> str:
        """The header line of the library."""
        return SLOGANS[self.number % len(SLOGANS)]

    @property
    def widget(self) -> str:
        """The number on every page of the library."""
        return str(self.dice.randint(20_000, 999_999))

    @property
    def brand(self) -> str:
        """What stands for three keywords on the hijacked portal."""
        return BRANDS[self.number % len(BRANDS)]

    @property
    def inserted(self) -> str:
        """What stands in the disclaimer of the hijacked clone."""
        return BRANDS[(self.number * 3 + 7) % len(BRANDS)]

    @property
    def mirror(self) -> str:
        """The name of the splitting mirror."""
        return MIRRORS[self.number % len(MIRRORS)]

    def path(self, what: str) -> str:
        """The path that 本文地址 names."""
        dice = Random(f"twins {self.number} {what}")  # noqa: S311
        return f"/baogao/{dice.choice(REGIONS)}/{dice.randint(1000, 9999)}.html"

    def page(self) -> tuple[int, int, int, int]:
        """Page, pages, reports and characters of the compilation."""
        dice = self.dice
        pages = dice.randint(20, 180)
        return dice.randint(2, pages - 1), pages, dice.randint(5, 65), dice.randint(90_000, 800_000)

    def city(self) -> Report:
        """The report of a prefecture on the hijacked portal."""
        codes = [
            code for code in sorted(places()) if code.endswith("00") and code[:2] in ABBREVIATIONS
        ]
        dice = self.dice
        return write_report(
            dice.choice(codes), dice.randint(2019, 2025), seed=500 + self.number, length=12_500,
            appendix=False,
        )  # fmt: skip

    def county(self, what: str, length: int, *, appendix: bool, early: bool) -> Report:
        """The report of a county for one of the other twins."""
        codes = [code for code in sorted(places()) if not code.endswith("00")]
        dice = Random(f"twins {self.number} {what}")  # noqa: S311
        return write_report(
            dice.choice(codes), dice.randint(2019, 2025), seed=500 + self.number, length=length,
            appendix=appendix, early=early,
        )  # fmt: skip


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


def compilation_page(variant: Variant, report: Report) -> Twin:
    """A page of a compilation: the middle of one report, straight quotes, no indent."""
    twin = Twin("000")
    page, pages, reports, declared = variant.page()
    title = f"{report.year}年市政府工作报告-{reports}篇(第{page}/{pages}页)"
    twin.add(variant.slogan, "junk", "site_slogan_header")
    twin.add(title, "junk", "listing_title_with_page_marker")
    twin.add(share_bar(declared), "junk", "share_bar_meta")
    for line in middle(report):
        twin.add(straight_quotes(halved(line.text)), "keep", line.kind)
    promo(variant, twin)
    twin.know("read", page_index=page, page_count=pages, declared_chars=declared)
    twin.know("absent", published=None)
    twin.know("inferred", region=report.place.full, division_code=report.place.code)
    return twin


def middle(report: Report) -> list[Line]:
    """Fifteen paragraphs from inside the plan half of a report."""
    start = next(i for i, line in enumerate(report.lines) if line.text.startswith("（二）"))
    return list(report.lines[start + 1 : start + 16])


def promo(variant: Variant, twin: Twin) -> None:
    """The lines under every text of the library."""
    twin.add(variant.widget, "junk", "numeric_widget_id", gap=False)
    twin.add("领取福利", "junk", "promo_button")
    twin.add("微信扫码领取福利", "junk", "promo_qr")
    twin.add("微信扫码分享", "junk", "share_qr", gap=False)


def branded(twin: Twin, text: str, brand: str, readings: Sequence[str]) -> str:
    """`text` with every reading replaced by the brand; the places are noted for the next line."""
    line, shift = len(twin.texts) + 1, 0
    pattern = re.compile("|".join(sorted(map(re.escape, readings), key=len, reverse=True)))
    for found in pattern.finditer(text):
        start = found.start() + shift
        twin.damage.append(
            {"line": line, "start": start, "end": start + len(brand), "text": brand,
             "kind": "brand_substitution", "action": "replace", "right": found[0]}
        )  # fmt: skip
        shift += len(brand) - len(found[0])
    return pattern.sub(lambda _: brand, text)


def hijacked_portal(variant: Variant, report: Report) -> Twin:
    """A whole report on a hijacked copy of a provincial portal."""
    twin = Twin("001")
    place, dice = report.place, variant.dice
    readings = ("省委", place.capital, place.province)
    published = f"{report.year}-02-{dice.randint(10, 28)}"
    source = f"{place.name}政府网站"

    def add(text: str, label: str, kind: str, *, gap: bool = True) -> None:
        twin.add(branded(twin, text, variant.brand, readings), label, kind, gap=gap)

    for line in report.lines[:4]:
        add(halved(line.text).replace("  ", " "), "keep", line.kind, gap=False)
    year, month, day = published.split("-")
    twin.add(f"发布时间:{year}年{month}月{day}日", "meta", "publish_date_line", gap=False)
    twin.add(f"信息来源:{source}", "meta", "source_line", gap=False)
    twin.add("【 字体: 】? 【打印文章】", "junk", "font_size_print_widget")
    twin.spoilt("nbsp_as_question_mark", "?", "", "delete")
    for line in report.lines[4:]:
        indent = "" if line.kind == "salutation" else INDENT
        add(indent + halved(line.text), "keep", line.kind)
    twin.add("责任编辑:示例乙", "meta", "responsible_editor", gap=False)
    owner = place.province
    add(f"版权所有:{owner}人民政府 主办单位:{owner}人民政府办公厅", "junk",
        "footer_copyright_sponsor", gap=False)  # fmt: skip
    postcode = dice.randint(100_000, 799_999)
    add(f"地址:{place.capital}市演示区示范大道7号 邮编:{postcode}", "junk",
        "footer_address", gap=False)  # fmt: skip
    records = _records(place, dice)
    twin.add(f"{records['police_record']} 网站标识码:{records['site_id']}", "junk",
             "footer_police_record_and_site_id", gap=False)  # fmt: skip
    twin.add(
        f"ICP备案序号:{records['icp']} 联系邮箱:{records['email']}", "junk", "footer_icp_contact"
    )
    twin.add("微信公众号", "junk", "footer_social_wechat")
    twin.add("政务微博", "junk", "footer_social_weibo", gap=False)
    about(twin, report)
    twin.know(
        "read", title=report.title, report_year=report.year, published=published, source=source,
        editor="示例乙", **records,
    )  # fmt: skip
    twin.know("read" if report.names_reviewed_year else "inferred", review_year=report.year - 1)
    twin.know("inferred", publisher=f"{owner}人民政府")
    return twin


def _records(place: Place, dice: Random) -> dict[str, str]:
    province, short = place.code[:2], ABBREVIATIONS[place.code[:2]]
    police = f"{province}01{dice.randint(2, 9):02}02{dice.randint(0, 999_999):06}"
    return {
        "police_record": f"{short}公网安备 {police}号",
        "site_id": f"{province}00000{dice.randint(0, 999):03}",
        "icp": f"{short}ICP备{dice.randint(5, 23):02}{dice.randint(0, 999_999):06}号",
        "email": f"yanshi{dice.randint(1, 99)}@demo.test",
    }


def cut_single(variant: Variant, report: Report) -> Twin:
    """A single article of the library: declared count, straight quotes, the tail is missing."""
    twin = Twin("002")
    title = f"{report.year}年{report.place.name}人民政府工作报告(全文)"
    lines = report.lines[1 : round(len(report.lines) * 0.78)]
    declared = count(report.texts)
    twin.add(variant.slogan, "junk", "site_slogan_header")
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
    promo(variant, twin)
    about(twin, report)
    twin.know("read", title=title, report_year=report.year, declared_chars=declared)
    twin.know("read" if report.names_reviewed_year else "inferred", review_year=report.year - 1)
    twin.know("absent", published=None)
    return twin


def last_page(variant: Variant, report: Report) -> Twin:
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
    chrome(variant, twin, "", "last")
    twin.know("read", title=title, region=place.full, date=report.delivered_on)
    twin.know("inferred", report_year=report.year, division_code=place.code, level=place.level)
    twin.know("absent", session=None, speaker=None)
    return twin


def lowered_piece(variant: Variant, report: Report) -> Twin:
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
    chrome(variant, twin, variant.inserted, "lowered")
    twin.blank()
    twin.texts.pop()
    twin.labels.pop()
    twin.add("网站地图", "junk", "sitemap_link_injected", gap=False)
    place = report.place
    twin.know("inferred", region=place.full, division_code=place.code, level=place.level)
    twin.know("absent", title=None, date=None, session=None, speaker=None)
    return twin


def chrome(variant: Variant, twin: Twin, brand: str, what: str) -> None:
    """The lines under an article of a splitting mirror."""
    hijacked = "_hijacked" if brand else ""
    twin.add(
        DISCLAIMER.format(site=variant.mirror, brand=brand),
        "junk", f"disclaimer_boilerplate{hijacked}",
    )  # fmt: skip
    if brand:
        twin.spoilt("brand_insertion", brand, "", "delete")
    twin.add(f"本文地址:{variant.path(what)}", "junk", "article_url_footer")
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


@lru_cache(maxsize=64)
def twins(number: int = 0) -> tuple[Twin, ...]:
    """The five twins of a variant."""
    variant = Variant(number)
    city = variant.city()
    return (
        compilation_page(variant, city),
        hijacked_portal(variant, city),
        cut_single(variant, variant.county("single", 11_000, appendix=False, early=True)),
        last_page(variant, variant.county("last", 7000, appendix=True, early=True)),
        lowered_piece(variant, variant.county("lowered", 8000, appendix=False, early=False)),
    )


def gold(number: int = 0) -> dict[str, Any]:
    """The gold of a variant, in the shape of the real texts' gold."""
    found = twins(number)
    return {
        "note": "Own-written twins of five real texts; invented contents, marked as such where the "
        "front matter is there. 1-based line numbers, 0-based half-open offsets inside the line. "
        "label: keep / meta (harvest, then drop) / junk / blank. Made by bench/build_twins.py.",
        "seeds": {twin.name: twin.gold() for twin in found},
        "relations": [overlap(found[0], found[1])],
    }
