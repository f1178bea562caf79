"""Two mirrors with damaged texts, one kind of damage for each article.

`www.fanti.test` converts to traditional characters and adds pinyin, shifts GBK bytes, sprinkles
emoji; `www.zaoyin.test` puts noise into and between the lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from random import Random

from baogao_practice.attachments import wrapped
from baogao_practice.damage import (
    gbk_shifted,
    halved,
    jammed,
    spun,
    starred,
    traditional,
    with_pinyin,
    with_strays,
)
from baogao_practice.page import Damage, Gold, GoldLine, Page, Sheet, Site, fixed
from baogao_practice.places import places
from baogao_practice.report import Line, Report
from baogao_practice.sites.government import county_report, read_identity

SCRIPT_HOST = "www.fanti.test"
NOISE_HOST = "www.zaoyin.test"
Spoilt = tuple[str, tuple[Damage, ...]]
Printed = Iterator[tuple[GoldLine, tuple[Damage, ...]]]
Hand = Callable[[Sequence[Line], Random], Printed]


@dataclass(frozen=True, slots=True)
class Case:
    """An article: its path, its report, the function that damages it, and the readable fields."""

    host: str
    name: str
    code: str
    year: int
    hand: Hand
    readable: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The path of the article."""
        return f"/fanwen/{self.name}.html"

    def report(self) -> Report:
        """The report that it damages."""
        return county_report(self.code, self.year)


def _each(change: Callable[[str, Random], Spoilt], *, title: bool = True) -> Hand:
    """Return a function that damages each line separately."""

    def hand(lines: Sequence[Line], dice: Random) -> Printed:
        for number, line in enumerate(lines):
            text, damage = (line.text, ()) if number == 0 and not title else change(line.text, dice)
            yield GoldLine(text, "keep", line.kind), damage

    return hand


def _converted(text: str, _dice: Random) -> Spoilt:
    changed = traditional(text)
    return changed, (Damage(changed, changed, text, "traditional"),) if changed != text else ()


def _sounded(text: str, dice: Random, *, toned: bool, times: int) -> Spoilt:
    return with_pinyin(traditional(text), dice, toned=toned, times=times)


def _shifted(text: str, _dice: Random) -> Spoilt:
    return gbk_shifted(traditional(text))


def _shifted_after_sound(text: str, dice: Random) -> Spoilt:
    """Add pinyin, then lose a byte: the shift ends at the bracket."""
    sounded, brackets = with_pinyin(traditional(text), dice)
    changed, shifts = gbk_shifted(sounded)
    return changed, tuple(replace(damage, line=changed) for damage in (*shifts, *brackets))


def _tokens(lines: Sequence[Line], _dice: Random) -> Printed:
    noise = "pKw"
    for number, line in enumerate(lines):
        long = number > 4 and len(line.text) > 60  # noqa: PLR2004  (paragraphs, not headings)
        text = line.text + (noise if long else "")
        damage = (Damage(text, noise, "", "token_at_line_end"),) if long else ()
        yield GoldLine(text, "keep", line.kind), damage


def _forum(lines: Sequence[Line], dice: Random) -> Printed:
    yield GoldLine("查看: 554|回复: 0", "junk", "forum_card"), ()
    yield GoldLine("[复制链接]", "junk", "forum_card"), ()
    yield GoldLine("TA的每日心情", "junk", "forum_card"), ()
    for number, line in enumerate(lines):
        text, damage = (line.text, ()) if number < 5 else jammed(line.text, dice)  # noqa: PLR2004
        yield GoldLine(text, "keep", line.kind), damage
    yield GoldLine("显示全部楼层 |阅读模式", "junk", "forum_card"), ()


def _watermarked(lines: Sequence[Line], _dice: Random) -> Printed:
    mark = "大写手范文网"
    for line in lines:
        long = len(line.text) > 100  # noqa: PLR2004  (paragraphs of some length carry it)
        text = line.text + (mark if long else "")
        damage = (Damage(text, mark, "", "watermark_suffix"),) if long else ()
        yield GoldLine(text, "keep", line.kind), damage


def _printed(lines: Sequence[Line], _dice: Random) -> Printed:
    """Visual lines of a printed page, and its number after every thirty of them."""
    count = 0
    for line in lines:
        for piece in wrapped(line.text, 40):
            yield GoldLine(piece, "keep", line.kind), ()
            count += 1
            if count % 30 == 0:
                yield GoldLine(f"- {count // 30} -", "junk", "page_number"), ()


def _walled(lines: Sequence[Line], _dice: Random) -> Printed:
    cut = len(lines) // 3
    for number, line in enumerate(lines[:cut]):
        text = line.text if number < 5 else starred(line.text)  # noqa: PLR2004
        damage = () if text == line.text else (Damage(text, text, line.text, "digits_starred"),)
        yield GoldLine(text, "keep", line.kind), damage
    yield GoldLine("(阅读全部图文内容,您需要先登录!)", "junk", "login_wall"), ()
    yield GoldLine("查看隐藏内容(*)需先登录", "junk", "login_wall"), ()


def _blanked(lines: Sequence[Line], _dice: Random, place: str, year: int) -> Printed:
    yield GoldLine("下面是小编为大家整理的政府工作报告范文,供大家参考。", "junk", "preface"), ()
    for line in lines:
        text = line.text.replace(f"{year}年", "20XX年").replace(f"{year - 1}年", "20XX年")
        text = text.replace(place, "xx")
        damage = () if text == line.text else (Damage(text, "xx", place, "name_blanked"),)
        yield GoldLine(text, "keep", line.kind), damage


def _blanker(code: str, year: int) -> Hand:
    return lambda lines, dice: _blanked(lines, dice, places()[code].short, year)


def _spinner(lines: Sequence[Line], _dice: Random) -> Printed:
    """Spun words, and a year that the congress contradicts."""
    for line in lines:
        text, damage = spun(line.text)
        if line.kind == "session":
            changed = text.replace("2024年", "2012年")
            damage = (*damage, Damage(changed, "2012年", "2024年", "year_replaced"))
            text = changed
        yield GoldLine(text, "keep", line.kind), damage


_READ = ("title", "report_year", "delivered_on", "session", "office", "speaker")
_SOUNDED = _each(partial(_sounded, toned=True, times=1), title=False)
_CASES = (
    Case(SCRIPT_HOST, "jianfan", "350700", 2022, _each(_converted)),
    Case(SCRIPT_HOST, "shengdiao", "350700", 2023, _SOUNDED),
    Case(SCRIPT_HOST, "chongfu", "320800", 2022,
         _each(partial(_sounded, toned=False, times=3), title=False)),
    Case(SCRIPT_HOST, "cuowei", "350700", 2024, _each(_shifted, title=False)),
    Case(SCRIPT_HOST, "cuoweipinyin", "431200", 2023, _each(_shifted_after_sound, title=False)),
    Case(SCRIPT_HOST, "biaoqing", "320800", 2023, _each(with_strays, title=False)),
    Case(NOISE_HOST, "zifu", "371100", 2023, _tokens, _READ),
    Case(NOISE_HOST, "luntan", "371100", 2024, _forum, _READ),
    Case(NOISE_HOST, "shuiyin", "140500", 2023, _watermarked, _READ),
    Case(NOISE_HOST, "huanhang", "140500", 2024, _printed),
    Case(NOISE_HOST, "denglu", "530500", 2023, _walled, _READ),
    Case(NOISE_HOST, "niming", "530500", 2024, _blanker("530500", 2024)),
    Case(NOISE_HOST, "weiyuanchuang", "620700", 2024, _spinner),
)  # fmt: skip


def article_page(case: Case) -> tuple[str, Gold]:
    """The HTML of an article and its gold."""
    report = case.report()
    dice = Random(f"{case.host} {case.name}")  # noqa: S311  (no secret)
    sheet = Sheet()
    sheet.links([("/", "首页"), ("/fanwen/", "范文大全")])
    damage: list[Damage] = []
    lines = [Line(halved(line.text), line.kind) for line in report.lines]
    title = False
    for printed, spoilt in case.hand(lines, dice):
        tag = "h1" if printed.kind == "title" and not title else "p"
        title = title or printed.kind == "title"
        sheet.line(printed.text, printed.label, printed.kind, tag=tag)
        damage.extend(spoilt)
    sheet.line(
        "上一篇 下一篇", "junk", "pager", html='<a href="/">上一篇</a> <a href="/">下一篇</a>'
    )
    known = read_identity(report)
    identity = {name: known[name] for name in case.readable}
    if "title" in identity:
        identity["title"] = (halved(report.title), "read")
    return sheet.document(case.name), Gold(
        "report", tuple(sheet.lines), identity, tuple(damage), original=report.texts,
        works=((case.code, case.year),),
    )  # fmt: skip


def home(host: str) -> tuple[str, Gold]:
    """The list of a host's articles."""
    sheet = Sheet()
    for case in _CASES:
        if case.host == host:
            title = case.report().title
            link = f'<a href="{case.path}">{title}</a>'
            sheet.line(title, "junk", "list_item", html=link, tag="li")
    return sheet.document("范文"), Gold("index", tuple(sheet.lines))


@lru_cache(maxsize=2)
def site(host: str) -> Site:
    """One of the two mirrors."""
    pages: dict[str, Page] = {
        "/": fixed(partial(home, host)),
        "/fanwen/": fixed(partial(home, host)),
    }
    for case in _CASES:
        if case.host == host:
            pages[case.path] = fixed(partial(article_page, case))
    return Site(host, "范文", pages)
