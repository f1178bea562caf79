"""The five pages that have twins, each written as its site prints it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from baogao_practice.damage import halved, lost_plus, lowered, marks_lost, straight_quotes
from baogao_practice.places import Place
from baogao_practice.report import Line, Report
from baogao_practice.sites.library import count, share_bar
from baogao_practice.sites.splitter import DISCLAIMER
from baogao_practice.twins.sheet import Twin
from baogao_practice.twins.variant import ABBREVIATIONS, Variant

INDENT = "  "


def about(twin: Twin, report: Report, *, how: str = "read") -> None:
    """Return the fields that the report itself states."""
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
