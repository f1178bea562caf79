"""Writes invented government work reports of real divisions: seedable, no two the same.

Two years of one place share their formulas, because those are drawn with random numbers seeded by
the place; for everything else the seed is the place and the year.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from random import Random

from baogao_practice.phrases import TEXTS, alternatives, fill, topics
from baogao_practice.places import Place, numeral, places
from baogao_practice.report import Line, Report

NOTE = "（演示文本，内容均为虚构）"
CHARS_A_SENTENCE = 50
_NUMBERS = "一二三四五六七八九十"


@lru_cache(maxsize=256)
def write_report(
    code: str,
    year: int,
    *,
    seed: int = 0,
    length: int = 8000,
    appendix: bool | None = None,
    early: bool = False,
) -> Report:
    """Return the report of the division `code` for `year`, about `length` characters long.

    Args:
        code: GB/T 2260 code of one of `places()`.
        year: the plan year.
        seed: another number gives another report.
        length: the approximate number of characters.
        appendix: with 民生实事 and 名词解释 at the end; chosen at random if None.
        early: delivered in December of the year before, as many counties do.
    """
    return _Writer(places()[code], year, seed, length, early=early).report(appendix=appendix)


class _Writer:
    def __init__(self, place: Place, year: int, seed: int, length: int, *, early: bool) -> None:
        self.place, self.year, self.length, self.early = place, year, length, early
        self.dice = Random(f"{place.code} {year} {seed}")  # noqa: S311  (no secret)
        self.formulas = Random(f"{place.code} {seed}")  # noqa: S311
        self.words = self._words()

    def _words(self) -> dict[str, str]:
        place = self.place
        self_name = place.unit
        return {
            **_eras()[str(self.year)],
            "self": self_name,
            "unit": place.unit,
            "short": place.short,
            "cppcc": f"{self_name}政协",
            "upper": place.upper,
            "capital": place.capital,
            "part": f"{{{'|'.join(place.parts)}}}" if place.parts else "{town}",
            "year": str(self.year),
            "review": str(self.year - 1),
            "congress": "{}届{}".format(*map(numeral, self._last_session())),
            "slogan": fill(
                self.formulas.choice(_frame("slogan")), {"short": place.short}, self.dice
            ),
        }

    def _last_session(self) -> tuple[int, int]:
        congress, session = self.place.congress(self.year)
        return (congress, session - 1) if session > 1 else (congress - 1, 5)

    def report(self, *, appendix: bool | None) -> Report:
        delivered = self._delivered()
        congress, session = map(numeral, self.place.congress(self.year))
        session_name = f"{self.place.name}第{congress}届人民代表大会第{session}次会议"
        office = f"{self.dice.choice(('', '', '代'))}{self.place.unit}长"
        speaker = self.dice.choice(alternatives("names")["speaker"])
        front = (
            Line(self._title(), "title"),
            Line(NOTE, "demonstration_note"),
            Line(f"——{_spoken(delivered)}在{session_name}上", "session"),
            Line(f"{office}  {speaker}", "speaker"),
        )
        body = (*self._opening(), *self._review(), *self._plan(), *self._government())
        closing = (Line(self._formula("closing"), "closing"),)
        lines = (*front, *body, *closing)
        if appendix if appendix is not None else self.dice.random() < 0.4:  # noqa: PLR2004
            lines = tuple(self._with_appendix(lines))
        return Report(self.place, self.year, lines, delivered, session_name, office, speaker)

    def _title(self) -> str:
        return self.dice.choice(
            (
                f"{self.year}年{self.place.name}政府工作报告",
                f"{self.place.name}{self.year}年政府工作报告",
                f"{self.place.name}人民政府{self.year}年政府工作报告",
            )
        )

    def _delivered(self) -> str:
        day = self.dice.randint(5, 28)
        return f"{self.year - 1}-12-{day:02}" if self.early else f"{self.year}-01-{day:02}"

    def _opening(self) -> Iterator[Line]:
        yield Line("各位代表：", "salutation")
        yield Line(self._formula("opening"), "paragraph")

    def _review(self) -> Iterator[Line]:
        yield Line(self._fresh("review-title"), "heading1")
        yield Line(self._fresh("year-done"), "paragraph")
        yield Line(self._fresh("did"), "paragraph")
        for topic, sentences in zip(self._topics(), self._budget(0.36, 13), strict=False):
            clauses = self._clauses(topic, "did")
            head = self.dice.choice(alternatives(topic)["review"])
            lead = fill(f"{head}。{self.dice.choice(_frame('done-lead'))}，", self.words, self.dice)
            yield Line(lead + self._sentences(clauses, sentences), "paragraph")
        yield Line(self._fresh("thanks"), "paragraph")
        yield Line(self._fresh("problems"), "paragraph")

    def _plan(self) -> Iterator[Line]:
        yield Line(self._fresh("plan-title"), "heading1")
        yield Line(self._formula("guide"), "paragraph")
        yield Line(self._fresh("target"), "paragraph")
        sections = list(self._topics())[: self.dice.randint(6, 8)]
        self.words["count"] = numeral(len(sections))
        yield Line(self._fresh("must"), "paragraph")
        budget = self._budget(0.46, len(sections))
        for index, (topic, sentences) in enumerate(zip(sections, budget, strict=True)):
            yield from self._section(_NUMBERS[index], topic, sentences)
        yield Line(self._fresh("people"), "paragraph")

    def _budget(self, share: float, count: int) -> list[int]:
        """How many sentences each of `count` parts gets, for a share of the whole length."""
        mean = self.length * share / count / CHARS_A_SENTENCE
        return [max(2, round(mean * self.dice.uniform(0.7, 1.3))) for _ in range(count)]

    def _section(self, number: str, topic: str, sentences: int) -> Iterator[Line]:
        head = fill(self.dice.choice(alternatives(topic)["plan"]), self.words, self.dice)
        yield Line(f"（{number}）{head}", "heading2")
        clauses = self._clauses(topic, "will")
        leads = list(alternatives(topic)["leads"])
        self.dice.shuffle(leads)
        for index, lead in enumerate(leads):
            here = -(-(sentences - index) // len(leads)) if sentences > len(leads) else 1
            if index and (index >= sentences or not clauses):
                break
            will = fill(self.dice.choice(_frame("will-lead")), self.words, self.dice)
            yield Line(f"{lead}。{will}{self._sentences(clauses, max(1, here))}", "paragraph")

    def _government(self) -> Iterator[Line]:
        yield Line(self._formula("government-title"), "heading1")
        yield Line(self._formula("government-lead"), "paragraph")
        clauses = self._clauses("topics/government", "will", self.formulas)
        leads = list(alternatives("topics/government")["leads"])
        self.formulas.shuffle(leads)
        for lead in leads[:4]:
            yield Line(f"{lead}。{self._sentences(clauses, 2, self.formulas)}", "paragraph")

    def _clauses(self, topic: str, half: str, dice: Random | None = None) -> list[str]:
        """The clauses of a topic in the order in which they will be used up."""
        clauses = [*alternatives(topic)["clauses"], *alternatives(topic)[half]]
        (dice or self.dice).shuffle(clauses)
        return clauses

    def _sentences(self, clauses: list[str], count: int, dice: Random | None = None) -> str:
        return "".join(self._sentence(clauses, dice or self.dice) for _ in range(count))

    def _sentence(self, clauses: list[str], dice: Random) -> str:
        """Return the next three or four clauses as a sentence; none if they are used up."""
        count = dice.randint(3, 4)
        taken, clauses[:] = clauses[:count], clauses[count:]
        if not taken:
            return ""
        return "，".join(fill(clause, self.words, self.dice) for clause in taken) + "。"

    def _with_appendix(self, lines: tuple[Line, ...]) -> Iterator[Line]:
        terms = self._terms(lines)
        for line in lines:
            yield Line(_marked(line.text, terms), line.kind) if line.kind == "paragraph" else line
        yield Line("民生实事", "appendix_heading")
        for index, project in enumerate(self.dice.sample(_frame("project"), 10), 1):
            yield Line(f"{index}.{fill(project, self.words, self.dice)}", "appendix_item")
        if terms:
            yield Line("名词解释", "appendix_heading")
            for index, term in enumerate(terms, 1):
                yield Line(f"[{index}]{term}", "appendix_item")

    def _terms(self, lines: tuple[Line, ...]) -> list[str]:
        whole = "".join(line.text for line in lines if line.kind == "paragraph")
        names = [term for term in _frame("term") if f"{_named(term)}" in whole]
        return sorted(names, key=lambda term: whole.index(_named(term)))[:6]

    def _topics(self) -> Iterator[str]:
        names = [name for name in topics() if name != "topics/government"]
        self.dice.shuffle(names)
        yield from names

    def _fresh(self, heading: str) -> str:
        return fill(self.dice.choice(_frame(heading)), self.words, self.dice)

    def _formula(self, heading: str) -> str:
        template = self.formulas.choice(_frame(heading))
        return fill(template, self.words, self.formulas)


def _frame(heading: str) -> tuple[str, ...]:
    return alternatives("frame")[heading]


@lru_cache(maxsize=1)
def _eras() -> dict[str, dict[str, str]]:
    return tomllib.loads((TEXTS / "eras.toml").read_text("utf-8"))


def _spoken(day: str) -> str:
    year, month, date = day.split("-")
    return f"{year}年{int(month)}月{int(date)}日"


def _named(term: str) -> str:
    return f"“{term.partition('：')[0]}”"


def _marked(text: str, terms: list[str]) -> str:
    for index, term in enumerate(terms, 1):
        text = re.sub(f"({re.escape(_named(term))})(?!\\[)", rf"\1[{index}]", text, count=1)
    return text
