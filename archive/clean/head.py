"""Decides which lines above a speech belong to the report."""

from __future__ import annotations

from typing import Final

from archive.clean.looks import LONGEST_HEAD, Look, Looks

_LOOKED_BACK: Final = 120
_KINDS: Final = ("column", "title", "session", "date", "bracketed", "speaker", "notice")
_BELOW_TITLE: Final = {
    "taken": 0.0, "title": 6.0, "column": 6.0, "session": 5.0, "date": 2.0, "bracketed": 1.5,
    "speaker": 3.0, "notice": 5.0, "section": 1.0, "prose": 0.0, "plain": -0.3, "strange": -1.5,
    "name": -0.5,
}  # fmt: skip
_ABOVE_TITLE: Final = {
    "taken": 0.0, "title": 3.0, "column": 0.0, "session": 1.0, "date": 0.5, "bracketed": 0.5,
    "speaker": 0.0, "notice": 5.0, "section": 1.0, "prose": 0.0, "plain": -0.3, "strange": -1.5,
    "name": -1.5,
}  # fmt: skip
"""The weight of each kind of line, going up from the opening to the title, and further up."""
_BESIDE_NAMES: Final = frozenset({"title", "column", "session", "date", "speaker", "taken"})
_BARE_OFFICE: Final = 2
_HALF_TITLE: Final = 6
_ALIKE: Final = 0.5
_UNLIKE: Final = -2.2
"""How much a short sentence below the title must read like a report to be kept."""


class HeaderLines:
    """The lines above the line `opening` of a text."""

    def __init__(self, looks: Looks, opening: int) -> None:
        self.looks = looks
        self.opening = opening
        self.kinds: dict[int, str] = {}

    def start(self) -> int:
        """The rank of the first line of the head; lines above it belong to the page."""
        best, start, total, titled = 0.0, self.opening, 0.0, False
        for rank in range(self.opening - 1, max(-1, self.opening - _LOOKED_BACK), -1):
            kind = self.kind(rank)
            total += (_ABOVE_TITLE if titled else _BELOW_TITLE)[kind]
            titled = titled or kind == "title"
            if total > best:
                best, start = total, rank
        return start

    def strangers(self, start: int) -> list[int]:
        """The lines between `start` and the opening of none of the kinds expected there."""
        return [rank for rank in range(start, self.opening) if self._is_strange(rank)]

    def _is_strange(self, rank: int) -> bool:
        if self.kind(rank) == "name":
            beside = [other for other in (rank - 1, rank + 1) if 0 <= other < len(self.looks.all)]
            return not any(self.kind(other) in _BESIDE_NAMES for other in beside)
        return self.kind(rank) == "strange"

    def kind(self, rank: int) -> str:
        """Return the kind of the line at `rank` within a head."""
        if rank not in self.kinds:
            self.kinds[rank] = self._kind(rank)
        return self.kinds[rank]

    def _kind(self, rank: int) -> str:
        look, shapes = self.looks.all[rank], self.looks.shapes
        words = look.words
        if look.taken:
            return "title" if shapes.is_("named", words) else "taken"
        return self._short_kind(rank) or self._worded_kind(look)

    def _worded_kind(self, look: Look) -> str:
        """Return the kind of a line from how much it reads like a report."""
        words = look.words
        if self.looks.shapes.is_("section", words):
            return "section"
        like = self.looks.like(look)
        if look.is_prose:
            return "prose" if like > 0 else "strange"
        if words.endswith("。") and like > _UNLIKE:
            return "prose"
        if like > _ALIKE and not words.isdecimal():
            return "plain"
        return "name" if self.looks.shapes.is_("name", words) else "strange"

    def _short_kind(self, rank: int) -> str:
        words, shapes = self.looks.all[rank].words, self.looks.shapes
        if len(words) > LONGEST_HEAD or words.isdecimal():
            return ""
        if self._begins_title(rank):
            return "title"
        kind = next((kind for kind in _KINDS if shapes.is_(kind, words)), "")
        return "" if kind == "speaker" and len(words) <= _BARE_OFFICE else kind

    def _begins_title(self, rank: int) -> bool:
        """Whether the line is the first half of a title that continues in the next one."""
        words = self.looks.all[rank].words
        if len(words) > _HALF_TITLE and not words.startswith("关于"):
            return False
        following = self.looks.all[rank + 1 : rank + 2]
        return any(self.looks.shapes.is_("whole_title", words + look.words) for look in following)
