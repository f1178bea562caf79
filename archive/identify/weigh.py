"""Identifies the place of a headless text by the names it uses, with a margin, or not at all.

Each name of a division or landmark weighs more the less often reports of other places print it
(figures in `lexica/names.toml`). The province needs a margin over the next one. Inside it, words
for the own level (全省, 全市, 全区, 全县) show where to look.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, cast

from archive.identify.wordlist import WordList
from archive.known import Gazetteer, Knowledge
from archive.known.areas import Area
from archive.known.divisions import COUNTRY
from archive.known.gazetteer import Division

LEAST_WEIGHT: Final = 1.8
"""The least weight of the best province; calibrated with `LEAST_MARGIN` by
bench/bench_identify.py."""
LEAST_MARGIN: Final = 1.2
_OWN, _OWN_PROVINCE = 0.35, 0.8
_FLOOR, _PROVINCE_FLOOR = 0.015, 0.02
_SHORT_NAME = 0.6
_HEAVIEST = 8.0
_MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
_UNDER_NO_CITY = frozenset({"90"})
_REGIONS = frozenset({"15", "45", "54", "64", "65"})
_NOT_REPORTING = frozenset({"71", "81", "82"})
_OF_A_PROVINCE = ("省委", "全省", "我省", "省政府", "省级", "省内", "省人大", "省政协")
_OF_A_REGION = ("自治区", "全区上下")
_OF_THE_STATE = (
    "我国",
    "我國",
    "我们国家",
    "全国各族",
    "各地区",
    "世界各国",
    "人民解放军",
    "国际社会",
)
_OF_THE_COUNTRY = (
    "我国", "我國", "我们国家", "我們國家", "全国各族人民", "世界各国", "国际社会", "外交",
    "省、自治区、直辖市",
)  # fmt: skip
_LONGEST_PIECE, _OFTEN_OF_THE_COUNTRY, _TIMES_LOCAL = 3000, 8, 3
"""The reports of the State Council say these words at least 7.7 times as often as 全省, 我市 and
the like; those of provinces and cities at most 0.35 times."""
_LEVELS = "省市区县州旗盟"
_GOVERNED = ("省政府", "市政府", "县政府", "自治区", "中央、国务院")
_TOWN = re.compile(
    r"镇(?![域区级村江化痛静压平宁定])"
    r"(?<![城乡小集村建名古市德要强重军坐中制千业心街驻帮线型]镇)"
)  # a province's report seldom names a place's own towns
_COMMITTEES = ("党工委", "管委会", "管理委员会")
_KINDS_OF_AREA = (
    "新区",
    "开发区",
    "高新区",
    "经开区",
    "管理区",
    "示范区",
    "度假区",
    "合作区",
    "林区",
    "园区",
)
_FEWEST_OF_AREA, _DENSITY_OF_AREA = 6, 0.0016
"""Texts of areas say 新区 2.0 to 5.3 times in 1,000 characters, those of cities 1.3 at most."""
_COMMON, _MOST = 0.05, 0.6
_SEVERAL, _SOME, _OFTEN = 2, 3, 4
_WITHOUT_OWN_WORDS = (2.2, 4.0)  # a short text, a long one
_LONG = 2000  # the text length in which a city or county says 全市, 全区 or 全县
_FEW_LINES = 600
_ANYWHERE = Division("", "", (), "county", None)
_NEARLY_ALL = 0.7


@dataclass
class Names:
    """The names that support a place, with their counts and total weight."""

    weight: float = 0.0
    names: dict[str, int] = field(default_factory=dict)

    def add(self, weight: float, name: str, count: int) -> None:
        """Add one name."""
        self.weight += weight
        self.names[name] = count

    def shown(self) -> str:
        """The names with their counts, commonest first."""
        ordered = sorted(self.names.items(), key=lambda pair: -pair[1])
        return "、".join(f"{name}×{count}" for name, count in ordered[:8])


_UNDECIDED = (_ANYWHERE, Names(), 0.0)


@dataclass(frozen=True)
class Weighed:
    """The weighed divisions, best first, and whether the first is an answer.

    `area` is the functional area of the text, inside the first of them.
    """

    ranked: tuple[tuple[Division, Names], ...]
    decided: bool
    confidence: float = 0.0
    area: Area | None = None


def weigh(text: str, knowledge: Knowledge, year: int | None = None) -> Weighed:
    """Weigh every name in `text`; linear in its length."""
    if is_of_an_area(text):
        return _area(text, knowledge)
    gazetteer = knowledge.gazetteer
    spoken = _spoken_of_the_state(text)
    country = gazetteer.division(COUNTRY)
    if spoken and country is not None:
        return Weighed(((country, spoken),), decided=True, confidence=0.9)
    landmarks = _figures(knowledge).lexicon.found(text)
    counts, meanings = _mentioned(text, gazetteer, year, landmarks)
    provinces = _provinces(text, counts, meanings, landmarks, knowledge)
    ranked = sorted(provinces.items(), key=lambda pair: (-pair[1].weight, pair[0]))
    rows = [(gazetteer.division(f"{code}0000"), found) for code, found in ranked[:4]]
    shown = tuple((row, found) for row, found in rows if row is not None)
    if not ranked or not _clear(ranked, len(text)) or _is_national(text, ranked[0][1].weight):
        return Weighed(shown, decided=False)
    margin = ranked[0][1].weight - (ranked[1][1].weight if len(ranked) > 1 else 0.0)
    confidence = round(1 - 0.5 * math.exp(-margin / 2), 3)
    inside = _inside(text, ranked[0][0], counts, meanings, knowledge)
    if inside is None:
        return Weighed(shown, decided=True, confidence=confidence)
    row, found, share = inside
    if row is _ANYWHERE:
        return Weighed(shown, decided=False)
    return Weighed(((row, found), *shown), decided=True, confidence=round(confidence * share, 3))


def is_of_an_area(text: str) -> bool:
    """Whether a text describes itself as a functional area: 新区 repeatedly, its committee."""
    if _count(text, _COMMITTEES) < _SEVERAL:
        return False
    most = max(map(text.count, _KINDS_OF_AREA))
    return most >= max(_FEWEST_OF_AREA, _DENSITY_OF_AREA * len(text))


def _area(text: str, knowledge: Knowledge) -> Weighed:
    """Return the area named by a text of an area: a known one, in a division it names too."""
    counts = Counter({name: text.count(name) for name in knowledge.areas.known if name in text})
    for name, count in counts.most_common():
        for area in knowledge.areas.known[name]:
            row = knowledge.gazetteer.division(area.within or "")
            if row is None or not any(surface in text for surface in row.surfaces):
                continue
            found = Names(float(count), {name: count})
            confidence = round(1 - 0.5 * math.exp(-count / _SOME), 3)
            return Weighed(((row, found),), decided=True, confidence=confidence, area=area)
    return Weighed((), decided=False)


def _spoken_of_the_state(text: str) -> Names | None:
    """Return the words with which a long text speaks for the whole country, or None."""
    if len(text) < _LONGEST_PIECE:
        return None
    said = {word: count for word in _OF_THE_COUNTRY if (count := text.count(word))}
    total, local = sum(said.values()), sum(_self_words(text).values())
    if total < _OFTEN_OF_THE_COUNTRY or total < _TIMES_LOCAL * local:
        return None
    return Names(float(total), said)


def _clear(ranked: list[tuple[str, Names]], length: int) -> bool:
    """Whether the first province outweighs the second; a few lines need twice the margin."""
    second = ranked[1][1].weight if len(ranked) > 1 else 0.0
    times = 2.0 if length < _FEW_LINES else 1.0
    first = ranked[0][1].weight
    return first >= times * LEAST_WEIGHT and first - second >= times * LEAST_MARGIN


def _is_national(text: str, weight: float) -> bool:
    """Whether a text speaks of the country and never as a place inside it."""
    local = sum(_self_words(text).values()) + _count(text, _GOVERNED)
    national = _count(text, _OF_THE_STATE)
    return national > 2 * local + 1 or (
        not local and weight < _WITHOUT_OWN_WORDS[len(text) > _LONG]
    )


@lru_cache(maxsize=1)
def _self_words(text: str) -> Mapping[str, int]:
    """Count 全市, 我市 or 市委 in a text, by level; 市委员 and 全市域 do not count."""
    said = {
        level: text.count(f"全{level}") + text.count(f"我{level}") + text.count(f"{level}委")
        - text.count(f"{level}委员") - text.count(f"全{level}域")
        for level in _LEVELS
    }  # fmt: skip
    return {level: count for level, count in said.items() if count > 0}


def _count(text: str, words: Iterable[str]) -> int:
    return sum(map(text.count, words))


def _mentioned(
    text: str, gazetteer: Gazetteer, year: int | None, landmarks: Iterable[str] = ()
) -> tuple[Counter[str], dict[str, tuple[Division, ...]]]:
    """Return the names in `text` with counts and meanings; 长白山 does not name 长白."""
    counts: Counter[str] = Counter()
    meanings: dict[str, tuple[Division, ...]] = {}
    for _, _, surface, found in gazetteer.mentions(text, year=year):
        counts[surface] += 1
        meanings[surface] = tuple(row for row in _widest(found) if row.code != COUNTRY)
    for landmark in landmarks:
        for surface in [landmark[:n] for n in range(2, len(landmark)) if landmark[:n] in counts]:
            counts[surface] -= text.count(landmark)
            if counts[surface] <= 0:
                del counts[surface], meanings[surface]
    return counts, meanings


def _widest(rows: tuple[Division, ...]) -> tuple[Division, ...]:
    """Prefer the province for a name that a county elsewhere shares."""
    return tuple(row for row in rows if row.level == "province") or rows


def _provinces(
    text: str,
    counts: Mapping[str, int],
    meanings: Mapping[str, tuple[Division, ...]],
    landmarks: Iterable[str],
    knowledge: Knowledge,
) -> dict[str, Names]:
    figures = _figures(knowledge)
    found: dict[str, Names] = {}
    for surface, rows in meanings.items():
        homes = {row.code[:2] for row in rows}
        weight = _weight(surface, counts[surface], rows, figures.divisions) if homes else 0.0
        for home in homes:
            found.setdefault(home, Names()).add(
                weight / len(homes) ** 0.5, surface, counts[surface]
            )
    for word in landmarks:
        homes_of_word = figures.landmarks[word]
        count = 0 if word in counts else text.count(word)
        weight = _rarity(figures.shares.get(word, 0.0), count) if count else 0.0
        for home in homes_of_word if weight > 0 else ():
            found.setdefault(home, Names()).add(weight / len(homes_of_word) ** 0.7, word, count)
    province, region = _count(text, _OF_A_PROVINCE), _count(text, _OF_A_REGION)
    return {code: _fits(code, each, province, region) for code, each in found.items()}


def _fits(code: str, found: Names, province: int, region: int) -> Names:
    """Lower the weight of a province whose own words for itself the text does not use."""
    if code in _NOT_REPORTING:
        return Names(0.0, found.names)
    if province > 1 and not region and code in _MUNICIPALITIES | _REGIONS:
        return Names(0.3 * found.weight, found.names)
    if region and not province and code not in _REGIONS:
        return Names(0.5 * found.weight, found.names)
    return found


def _weight(
    surface: str, count: int, rows: Iterable[Division], shares: Mapping[str, float]
) -> float:
    """Return the log odds of the name in a report of the place against one of another place."""
    share = shares.get(surface, 0.0)
    levels = {row.level for row in rows}
    if "province" in levels:
        odds = math.log(_OWN_PROVINCE / (share + _PROVINCE_FLOOR)) + (count - 1)
        return max(0.0, min(_HEAVIEST, odds))
    short = levels == {"county"} and not any(row.name == surface for row in rows)
    whole = len(surface) > len("和县") or not short
    return _rarity(share, count) * (1.0 if whole else _SHORT_NAME)


def _rarity(share: float, count: int) -> float:
    return max(0.0, math.log(_OWN / (share + _FLOOR))) * (1 + 0.5 * math.log(count))


def _inside(
    text: str,
    province: str,
    counts: Mapping[str, int],
    meanings: Mapping[str, tuple[Division, ...]],
    knowledge: Knowledge,
) -> tuple[Division, Names, float] | None:
    """Return the place inside `province` of a text, with confidence; None for the province itself.

    A province's report names places all over it, that of a city or county mostly its own.
    Confidence 0 means that the text may be of the province or of a place in it.
    """
    called, above = _own_words(text, province)
    towns = len(_TOWN.findall(text))
    below = sum(called.values()) + towns // _SEVERAL
    named = _named_inside(province, counts, meanings, knowledge)
    if sum(called.values()) < _SEVERAL and _names_itself(province, counts, meanings, named):
        return None
    if below <= len(text) // _LONG:
        local = bool(called) or towns > 0
        return _by_concentration(named, province, above, knowledge.gazetteer, local=local)
    branch, held, total = _main_branch(named)
    if held < _MOST * total or (sum(called.values()) <= above and held < _SOME):
        return _UNDECIDED
    row, found, share = _of_branch(branch, named, knowledge.gazetteer)
    fits = row.name[-1:] in called or (not called and held >= _SOME)
    return (row, found, share) if fits else _UNDECIDED


def _names_itself(
    province: str,
    counts: Mapping[str, int],
    meanings: Mapping[str, tuple[Division, ...]],
    named: Mapping[Division, Names],
) -> bool:
    """Whether a text names its province more than once, and as often as any place in it."""
    own = sum(
        counts[surface]
        for surface, rows in meanings.items()
        if any(row.code == f"{province}0000" for row in rows)
    )
    others = [each.weight for row, each in named.items() if row.code != f"{province}0100"]
    return own >= max(_SEVERAL, *others, 0)


def _by_concentration(
    named: Mapping[Division, Names],
    province: str,
    above: int,
    gazetteer: Gazetteer,
    *,
    local: bool,
) -> tuple[Division, Names, float] | None:
    """Return the one place that a text without words for its own level keeps naming, if any.

    The capital does not count, because everybody in a province names it. `local` means that towns
    are named, or that some words are typical of a city or county.
    """
    others = {row: each for row, each in named.items() if row.code != f"{province}0100"}
    branch, held, total = _main_branch(others)
    if province in _MUNICIPALITIES or held < _NEARLY_ALL * total or not held:
        return None
    if len(others) == 1 < len(named) and next(iter(others)).name.endswith(("县", "区")):
        return _UNDECIDED if above < _SOME else None
    if held >= _OFTEN + above:
        return _of_branch(branch, others, gazetteer)
    if above > _SEVERAL or held + local < above:
        return None
    return _UNDECIDED if local or held >= _SEVERAL else None


def _main_branch(named: Mapping[Division, Names]) -> tuple[str, float, float]:
    """Return the city most named including its parts, its count, and the count of all."""
    branches: Counter[str] = Counter()
    for row, each in named.items():
        branches[_branch(row)] += int(each.weight)
    branch, held = branches.most_common(1)[0] if branches else ("", 0)
    return branch, held, sum(branches.values())


def _named_inside(
    province: str,
    counts: Mapping[str, int],
    meanings: Mapping[str, tuple[Division, ...]],
    knowledge: Knowledge,
) -> dict[Division, Names]:
    """Count the names of each place below the province, without common words."""
    figures = _figures(knowledge)
    shares, nicknames = figures.divisions, figures.landmarks
    found: dict[Division, Names] = {}
    for surface, rows in meanings.items():
        wider = province in nicknames.get(surface, ())
        if wider or shares.get(surface, 0.0) > _COMMON:
            continue
        homes = [row for row in rows if row.code[:2] == province and row.level != "province"]
        for row in homes[:1] if len({_branch(row) for row in homes}) == 1 else ():
            found.setdefault(row, Names()).add(counts[surface], surface, counts[surface])
    return found


def _of_branch(
    branch: str, named: Mapping[Division, Names], gazetteer: Gazetteer
) -> tuple[Division, Names, float]:
    """Return the city of `branch`, or the one place in it that is named far more often."""
    inside = {row: each for row, each in named.items() if _branch(row) == branch}
    city = gazetteer.division(f"{branch:0<6}")
    counties = {row: each for row, each in inside.items() if not row.code.endswith("00")}
    own = Names()
    for row, each in inside.items():
        if row.code.endswith("00"):
            own.add(each.weight, *next(iter(each.names.items())))
    row, best = max(counties.items(), key=lambda pair: pair[1].weight, default=(_ANYWHERE, own))
    rest = sum(each.weight for each in counties.values()) - best.weight
    if best is not own and best.weight >= max(_SOME, 2 * own.weight, 2 * rest):
        return row, best, best.weight / (best.weight + 0.5 * (own.weight + rest))
    if city is None or not own.weight or (len(counties) < _SEVERAL and own.weight < _SOME):
        return _ANYWHERE, best, 0.0
    whole = sum(each.weight for each in inside.values())
    found = Names(whole, {n: c for each in inside.values() for n, c in each.names.items()})
    return city, found, min(0.95, 0.5 + 0.05 * whole)


def _own_words(text: str, province: str) -> tuple[Counter[str], int]:
    """Count how often a text calls itself 市, 区, 县 …, and how often a word of a province."""
    said = Counter(_self_words(text))
    if province in _MUNICIPALITIES:
        said["省"] += said.pop("市", 0)
    if province in _REGIONS:
        said["省"] += said.pop("区", 0)
    above = said.pop("省", 0)
    return said, above


def _branch(row: Division) -> str:
    """Return a city with its districts and counties; a place under no city stays alone."""
    alone = row.code[2:4] in _UNDER_NO_CITY or row.code[:2] in _MUNICIPALITIES
    return row.code if alone else row.code[:4]


@dataclass(frozen=True)
class _Figures:
    divisions: Mapping[str, float]
    landmarks: Mapping[str, frozenset[str]]
    shares: Mapping[str, float]
    lexicon: WordList


@lru_cache(maxsize=4)
def _figures(knowledge: Knowledge) -> _Figures:
    names = cast("dict[str, dict[str, float]]", knowledge.lexicon("names"))
    listed = cast("dict[str, str]", knowledge.lexicon("landmarks")["provinces"])
    homes: dict[str, set[str]] = {}
    for code, words in listed.items():
        for word in words.split():
            homes.setdefault(word, set()).add(code)
    return _Figures(
        divisions={**names["divisions"], **names["words"]},
        landmarks={word: frozenset(codes) for word, codes in homes.items()},
        shares=names["landmarks"],
        lexicon=WordList(homes),
    )
