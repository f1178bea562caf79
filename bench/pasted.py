"""Makes texts pasted twice and texts glued together out of reports, as happens when people paste.

A maker of doubled texts takes a report and a source of chance and gives the text; the report that
was put into it is all that may be left of it. A maker of glued texts takes several documents and
gives the text with the places at which they begin.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

Doubling = Callable[[str, random.Random], str]

CHROME = (
    "首页 > 政务公开 > 政府工作报告", "字号：大 中 小", "打印本页 关闭窗口", "来源：市政府办公室",
    "上一篇：没有了", "下一篇：办事指南", "网站地图 联系我们", "您当前的位置：信息公开目录",
)  # fmt: skip
OTHER_CHARACTERS = "某口〇囗×□"


def lines_of(text: str) -> list[str]:
    """The lines of a text that hold anything."""
    return [line for line in text.splitlines() if line.strip()]


def twice(text: str, _chance: random.Random) -> str:
    """The same text again."""
    return f"{text}\n{text}"


def six_times(text: str, chance: random.Random) -> str:
    """Six times, page furniture between some of them."""
    return "\n".join(f"{text}\n{chance.choice(['', *CHROME])}" for _ in range(6))


def with_chrome(text: str, chance: random.Random) -> str:
    """Twice, with page furniture before, between, behind and every few paragraphs."""
    copies = []
    for _ in range(2):
        lines = []
        for number, line in enumerate(lines_of(text)):
            if number and number % 9 == 0:
                lines += chance.sample(CHROME, 3)
            lines.append(line)
        copies.append("\n".join([*chance.sample(CHROME, 3), *lines, *chance.sample(CHROME, 3)]))
    return "\n".join(copies)


def wrapped(text: str, chance: random.Random) -> str:
    """Again, wrapped at another width."""
    width = chance.choice([24, 32, 38, 60])
    lines = [line[at : at + width] for line in lines_of(text) for at in range(0, len(line), width)]
    return "\n".join([text, *lines])


def respaced(text: str, chance: random.Random) -> str:
    """Again, indented, with blank lines, marks of half width and spaces around numbers."""
    again = text.translate(str.maketrans("，；：（）！", ",;:()!"))
    again = re.sub(r"(\d+)", r" \1 ", again) if chance.random() < 0.5 else again
    return "\n".join([text, *("\u3000\u3000" + line + "\n" for line in lines_of(again))])


def _changed(text: str, share: float, chance: random.Random) -> str:
    return "".join(
        chance.choice(OTHER_CHARACTERS)
        if "\u3400" <= c <= "\u9fff" and chance.random() < share
        else c
        for c in text
    )


def few_changed(text: str, chance: random.Random) -> str:
    """Again, with one character in two hundred changed."""
    return f"{text}\n{_changed(text, 0.005, chance)}"


def many_changed(text: str, chance: random.Random) -> str:
    """Again, with three characters in a hundred changed."""
    return f"{text}\n{_changed(text, 0.03, chance)}"


def _cut(text: str, chance: random.Random, low: float, high: float) -> int:
    return int(len(text) * chance.uniform(low, high))


def tail_again(text: str, chance: random.Random) -> str:
    """Again from the middle, often from the middle of a sentence, on."""
    return f"{text}\n{text[_cut(text, chance, 0.2, 0.8) :]}"


def head_again(text: str, chance: random.Random) -> str:
    """Again, cut at its end."""
    return f"{text}\n{text[: _cut(text, chance, 0.2, 0.8)]}"


def middle_again(text: str, chance: random.Random) -> str:
    """A piece out of the middle again."""
    return f"{text}\n{text[_cut(text, chance, 0.2, 0.4) : _cut(text, chance, 0.6, 0.8)]}"


def tail_first(text: str, chance: random.Random) -> str:
    """The end of the report before the whole."""
    return f"{text[_cut(text, chance, 0.3, 0.8) :]}\n{text}"


def cut_first(text: str, chance: random.Random) -> str:
    """The report cut at its end before the whole."""
    return f"{text[: _cut(text, chance, 0.2, 0.9)]}\n{text}"


def overlapping(text: str, chance: random.Random) -> str:
    """Two pieces that overlap by a fifth or more."""
    start = _cut(text, chance, 0.3, 0.5)
    return f"{text[: start + _cut(text, chance, 0.2, 0.4)]}\n{text[start:]}"


def in_one_line(text: str, _chance: random.Random) -> str:
    """Twice in one line."""
    line = "".join(lines_of(text))
    return line + line


def each_line_twice(text: str, _chance: random.Random) -> str:
    """Every paragraph twice in a row."""
    return "\n".join(line for line in lines_of(text) for _ in range(2))


def some_lines_lost(text: str, chance: random.Random) -> str:
    """Again, with one line in twenty lost."""
    return "\n".join([text, *(line for line in lines_of(text) if chance.random() > 0.05)])


def without_head(text: str, _chance: random.Random) -> str:
    """First without title, session and speaker, then whole."""
    lines = lines_of(text)
    salutation = next((n for n, line in enumerate(lines[:16]) if "各位代表" in line[:8]), 0)
    return "\n".join([*lines[salutation:], *lines])


def other_head(text: str, _chance: random.Random) -> str:
    """Again under another title."""
    lines = lines_of(text)
    salutation = next((n for n, line in enumerate(lines[:16]) if "各位代表" in line[:8]), 0)
    return "\n".join([*lines, "今年的政府工作报告（全文）", *lines[salutation:]])


def as_html(text: str, _chance: random.Random) -> str:
    """Twice in one page."""
    body = "".join(f"<p>{line}</p>" for line in lines_of(text))
    head = "<head><title>报告</title></head>"
    return f"<html>{head}<body><div>{body}</div><div>{body}</div></body></html>"


DOUBLINGS: tuple[Doubling, ...] = (
    twice, six_times, with_chrome, wrapped, respaced, few_changed, many_changed, tail_again,
    head_again, middle_again, tail_first, cut_first, overlapping, in_one_line, each_line_twice,
    some_lines_lost, without_head, other_head, as_html,
)  # fmt: skip


def refrain(text: str, chance: random.Random) -> str:
    """Not doubled: one sentence again and again."""
    lines = lines_of(text)
    sentence = max(re.split(r"(?<=。)", chance.choice(lines)), key=len)[:120]
    for _ in range(5):
        lines.insert(chance.randrange(len(lines) // 3, len(lines)), sentence)
    return "\n".join(lines)


def summary(text: str, chance: random.Random) -> str:
    """Not doubled: a summary made of its sentences, before it."""
    found = [s for line in lines_of(text) for s in re.split(r"(?<=。)", line) if len(s) > 15]
    chosen = sorted(chance.sample(range(len(found)), min(12, len(found))))
    return "\n".join(["内容摘要", "".join(found[n] for n in chosen), text])


def contents(text: str, _chance: random.Random) -> str:
    """Not doubled: a table of contents made of its headings."""
    heads = [
        line
        for line in lines_of(text)
        if re.match(r"\s*[（(]?[一二三四五六七八九十]+[、)）]", line)
    ]
    return "\n".join(["目录", *(re.split("[。，；]", head)[0][:40] for head in heads), text])


def glossary(text: str, chance: random.Random) -> str:
    """Not doubled: an appendix that quotes the report."""
    found = [s for line in lines_of(text) for s in re.split(r"(?<=[。；])", line) if len(s) > 15]
    quoted = chance.sample(found, min(15, len(found)))
    notes = (
        f"{n}．“{words.rstrip('。；')}”：这是报告中的提法。" for n, words in enumerate(quoted, 1)
    )
    return "\n".join([text, "名词解释", *notes])


NOT_DOUBLED: tuple[Doubling, ...] = (refrain, summary, contents, glossary)


TRANSLATION = [
    "Report on the Work of the Government",
    "Fellow Deputies,",
    *["On behalf of the government I will now report to you; a demonstration, nothing is true."]
    * 12,
]
PLAN = [
    "关于某某市2020年国民经济和社会发展计划执行情况与2021年计划草案的报告",
    "——2021年2月1日在某某市第六届人民代表大会第七次会议上",
    "市发展和改革局局长 王某",
    "各位代表：",
    "受市人民政府委托，现将我市2020年计划执行情况与2021年计划草案提请大会审议，并请政协委员提出意见。",
    "一、2020年计划执行情况",
    *["全年地区生产总值增长百分之四，固定资产投资增长百分之八，各项指标完成较好。" * 4] * 10,
]
NEWS = [
    "全市春季植树活动启动仪式在河滨公园举行",
    "三月十二日上午，全市春季植树活动启动仪式在河滨公园举行，干部群众一起参加植树。" * 4,
    "活动现场，大家挥锹铲土、扶苗培土，一派繁忙景象。据介绍，今年全市计划造林两万亩。" * 4,
]
RESOLUTION = [
    "某某市第六届人民代表大会第七次会议关于政府工作报告的决议",
    "（2021年2月4日某某市第六届人民代表大会第七次会议通过）",
    "某某市第六届人民代表大会第七次会议听取和审议了市长所作的政府工作报告。会议充分肯定市人民政府的工作。",
    "会议同意报告提出的任务，决定批准这个报告，要求认真抓好各项任务的落实，切实解决好群众关心的问题。",
    "会议号召，全市人民团结一心，为实现目标而努力奋斗！",
]

Gluing = Callable[[list[str]], list[str]]


def two(reports: list[str]) -> list[str]:
    """Two reports."""
    return reports[:2]


def many(reports: list[str]) -> list[str]:
    """Ten reports."""
    return reports[:10]


def headless(reports: list[str]) -> list[str]:
    """The second one without title, session and speaker."""
    lines = lines_of(reports[1])
    salutation = next((n for n, line in enumerate(lines[:16]) if "各位代表" in line[:8]), 0)
    return [reports[0], "\n".join(lines[salutation:])]


def furnished(reports: list[str]) -> list[str]:
    """Page furniture between two reports; it belongs to the first."""
    return ["\n".join([reports[0], *CHROME[:4]]), reports[1]]


def a_line_each(reports: list[str]) -> list[str]:
    """Three reports, each in one line."""
    return ["".join(lines_of(report)) for report in reports[:3]]


def translated(reports: list[str]) -> list[str]:
    """A report and its translation."""
    return [reports[0], "\n".join(TRANSLATION)]


def translated_before(reports: list[str]) -> list[str]:
    """The translation before the report."""
    return ["\n".join(TRANSLATION), reports[0]]


def planned(reports: list[str]) -> list[str]:
    """A report and the plan report of the same sitting."""
    return [reports[0], "\n".join(PLAN)]


def planned_before(reports: list[str]) -> list[str]:
    """The plan report before the report."""
    return ["\n".join(PLAN), reports[0]]


def resolved(reports: list[str]) -> list[str]:
    """A report and the resolution about it."""
    return [reports[0], "\n".join(RESOLUTION)]


def with_news(reports: list[str]) -> list[str]:
    """A report and an article that has nothing to do with it."""
    return [reports[0], "\n".join(NEWS)]


def with_fragment(reports: list[str]) -> list[str]:
    """A report and the second half of another: where it begins cannot be known."""
    return [reports[0], reports[1][len(reports[1]) // 2 :]]


GLUINGS: tuple[Gluing, ...] = (
    two, many, headless, furnished, a_line_each, translated, translated_before, planned,
    planned_before, resolved, with_news, with_fragment,
)  # fmt: skip


def glued(documents: Sequence[str], between: str = "\n") -> tuple[str, list[int]]:
    """The documents one behind the other, and where each one begins."""
    text, starts = "", []
    for document in documents:
        text += between if text else ""
        starts.append(len(text) + len(document) - len(document.lstrip()))
        text += document
    return text, starts
