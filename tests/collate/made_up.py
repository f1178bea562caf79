"""Made-up reports of a place that is none, and the faults that copying puts into them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace

from archive.collate.readings import Copy, Doubt

BRAND = "鸿图体育"
SUBJECTS = (
    "工业",
    "农业",
    "交通",
    "水利",
    "教育",
    "卫生",
    "文化",
    "旅游",
    "商贸",
    "科技",
    "财政",
    "养老",
)
DEEDS = ("完成投资", "实现产值", "新增产能", "改造面积", "建成项目", "争取资金", "服务群众")
UNITS = ("亿元", "万元", "个", "处", "万平方米", "公里", "人次", "户")
WHO = ("省委", "沈阳", "市委", "国务院")


def report(seed: int, paragraphs: int = 24) -> list[str]:
    """The paragraphs of a report: words of a small world, figures of its own."""
    chance = random.Random(seed)  # noqa: S311  (no secret)

    def sentence() -> str:
        subject, deed, unit = (chance.choice(words) for words in (SUBJECTS, DEEDS, UNITS))
        figure = f"{chance.randrange(1, 9999)}.{chance.randrange(10)}{unit}"
        name = f"“{chance.choice(SUBJECTS)}{chance.randrange(1, 400)}”行动"
        more = f"推进{name}，VOCs排放下降{chance.randrange(2, 40)}.{chance.randrange(10)}%"
        return f"{subject}方面{deed}{figure}，{more}，得到{chance.choice(WHO)}、省政府肯定。"

    body = ["".join(sentence() for _ in range(chance.randrange(2, 5))) for _ in range(paragraphs)]
    return ["各位代表：", *body, "让我们团结一心，为建设美好家园而奋斗！"]


def copy_of(lines: Iterable[str], family: str = "", *, official: bool = False) -> Copy:
    """A witness made of `lines`."""
    return Copy.of(
        ((number, "body", line) for number, line in enumerate(lines)),
        family=family,
        official=official,
    )


def branded(lines: list[str], chance: random.Random) -> list[str]:
    """A keyword replaced everywhere by one brand, as a hijacker does it."""
    words = chance.sample(WHO, 2)
    return [line.replace(words[0], BRAND).replace(words[1], BRAND) for line in lines]


def straight(lines: list[str], chance: random.Random) -> list[str]:
    """Curly quotes straightened."""
    del chance
    return [line.replace("“", '"').replace("”", '"') for line in lines]


def lowered(lines: list[str], chance: random.Random) -> list[str]:
    """Everything in lower case."""
    del chance
    return [line.lower() for line in lines]


def with_holes(lines: list[str], chance: random.Random) -> list[str]:
    """One paragraph within lost."""
    hole = chance.randrange(3, len(lines) - 3)
    return lines[:hole] + lines[hole + 1 :]


def without_tail(lines: list[str], chance: random.Random) -> list[str]:
    """The end cut off."""
    return lines[: chance.randrange(len(lines) * 3 // 5, len(lines) - 1)]


def without_head(lines: list[str], chance: random.Random) -> list[str]:
    """The beginning cut off."""
    return lines[chance.randrange(1, len(lines) // 3) :]


Fault = Callable[[list[str], random.Random], list[str]]
FAULTS: tuple[Fault, ...] = (branded, straight, lowered, with_holes, without_tail, without_head)


def doubting(copy: Copy) -> Copy:
    """The copy with every brand in it under suspicion, as judging flags it."""
    starts = [at for at in range(len(copy.text)) if copy.text.startswith(BRAND, at)]
    doubts = tuple(Doubt(at, at + len(BRAND), ("省委", "沈阳")) for at in starts)
    return replace(copy, doubts=doubts)
