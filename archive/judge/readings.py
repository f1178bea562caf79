"""Proposes what a hijacked place originally said, with reasons; never applied here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from archive.judge.slots import PLACE, SlotReading, SlotWords
from archive.known import Gazetteer
from archive.model import Identity

_DESCRIBED, _COUNTED = 4.0, 1.0
_MOST_PROPOSALS = 4


@dataclass(frozen=True, slots=True)
class Places:
    """The places that a slot of this text may name, by the keys used in readings."""

    names: Mapping[str, str]
    gazetteer: Gazetteer

    def fill(self, read: str, after: re.Match[str]) -> str | None:
        """Return `read` with its place filled in, or None if the place is unknown."""
        if read == "{parent}":
            return self._parent(after.groupdict().get("district") or "")
        if read.startswith("{"):
            return self.names.get(read.strip("{}"))
        return read

    def _parent(self, district: str) -> str | None:
        province = self.names.get("province_code", "")
        found = [
            above
            for division in self.gazetteer.named(district)
            for above in self.gazetteer.parents(division.code)
            if above.level == "prefecture" and above.code.startswith(province)
        ]
        return _stem(found[0].name) if found else None


def places_of(identity: Identity, gazetteer: Gazetteer) -> Places:
    """Return the places of a text, from its own place and from the publishing site."""
    code = _value(identity, "place_code")
    site = _value(identity, "site_id")
    publisher = gazetteer.division(site[:6]) if site[:6].isdigit() else None
    code = code or (publisher.code if publisher else "")
    names: dict[str, str] = {}
    if code:
        names["province_code"] = code[:2]
        for key, division in (
            ("province", gazetteer.division(code[:2] + "0000")),
            ("capital", gazetteer.division(code[:2] + "0100")),
            ("city", gazetteer.division(code)),
        ):
            if division is not None:
                names[key] = _stem(division.name) if key == "capital" else division.name
        names["committee"] = _committee(names.get("province", ""))
        names.setdefault("publisher", names.get("city", ""))
    if publisher is not None:
        names["publisher"] = publisher.name
    return Places({key: name for key, name in names.items() if name}, gazetteer)


def readings(
    text: str, start: int, stop: int, words: SlotWords, places: Places
) -> tuple[tuple[str, ...], str]:
    """Return proposals for `text[start:stop]`, best first, and the reason for the first."""
    scores: Counter[str] = Counter()
    whys: dict[str, str] = {}
    for read, score, why in _proposed(text, start, stop, words, places):
        scores[read] += score  # type: ignore[assignment]  # a Counter of weights
        whys.setdefault(read, why)
    best = tuple(read for read, _ in scores.most_common(_MOST_PROPOSALS))
    return best, whys[best[0]] if best else ""


def _proposed(
    text: str, start: int, stop: int, words: SlotWords, places: Places
) -> Iterator[tuple[str, float, str]]:
    for reading, match in words.described(text, start, stop):
        yield from _described(reading, match, places)
    for slot in words.counted(text, start, stop):
        for rank, filler in enumerate(slot.fillers):
            read = places.names.get("capital") if filler == PLACE else filler
            if read:
                why = f"clean reports have it in {slot.share:.0%} of {slot.seen} such places"
                yield read, _COUNTED * slot.share / (rank + 1), why


def _described(
    reading: SlotReading, match: re.Match[str], places: Places
) -> Iterator[tuple[str, float, str]]:
    for rank, read in enumerate(reading.reads):
        filled = places.fill(read, match)
        if filled:
            yield filled, _DESCRIBED / (rank + 1), reading.why


def _value(identity: Identity, field: str) -> str:
    value = identity.get(field)
    return "" if value is None or value.value is None else str(value.value)


def _stem(name: str) -> str:
    return name[:-1] if len(name) > 2 and name[-1] in "市州盟" else name  # noqa: PLR2004


def _committee(province: str) -> str:
    if province.endswith("自治区"):
        return "自治区党委"
    return "市委" if province.endswith("市") else "省委"
