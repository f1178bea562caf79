"""Which texts are copies of one report: grouping by identity.

A text becomes a witness only where its place and its year are known; all others stay texts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

REPORT: Final = "政府工作报告"
KINDS_WITH_WORKS: Final = (REPORT, "统计公报", "计划报告", "预算报告", "规划纲要")
"""Kinds of document that become works; all others (news, resolutions, indexes …) never do."""

_SITE_ORDER: Final = ("official", "mirror", "archive", "unknown", "copy")
_VERDICT_ORDER: Final = ("clean", "suspect", "hijacked")


@dataclass(frozen=True, slots=True)
class Described:
    """A stored text as collation sees it: its id, its identity's values and how good it is.

    `chars` counts the characters of the clean text; `site_kind` is that of `SiteFacts`.
    """

    text_id: int
    identity: Mapping[str, Any]
    url: str
    site_kind: str = "unknown"
    verdict: str = "clean"
    shape: str = "unknown"
    chars: int = 0


@dataclass(frozen=True, slots=True)
class Witness:
    """One copy of a work; `rank` 1 is the best."""

    text_id: int
    extent: str
    rank: int


@dataclass(frozen=True, slots=True)
class Work:
    """A report: `id` is `CODE-YEAR`, with `/kind` and `/draft` where needed."""

    id: str
    place_code: str
    place: str
    level: str | None
    report_year: int
    kind: str
    stage: str
    title: str | None
    witnesses: tuple[Witness, ...] = field(default=())


def work_id(place_code: str, report_year: int, kind: str = REPORT, stage: str = "final") -> str:
    """The name of a work in commands and addresses, such as `210300-2023/draft`."""
    parts = [f"{place_code}-{report_year}"]
    if kind != REPORT:
        parts.append(kind)
    if stage != "final":
        parts.append(stage)
    return "/".join(parts)


def group(texts: Iterable[Described]) -> tuple[Work, ...]:
    """The works that `texts` are witnesses of, in order of their ids."""
    groups: dict[tuple[str, int, str, str], list[Described]] = defaultdict(list)
    for text in texts:
        key = _key(text)
        if key is not None:
            groups[key].append(text)
    works = (_work(key, members) for key, members in groups.items())
    return tuple(sorted(works, key=lambda work: work.id))


def _key(text: Described) -> tuple[str, int, str, str] | None:
    identity = text.identity
    code, year, kind = (identity.get(name) for name in ("place_code", "report_year", "kind"))
    if code is None or year is None or kind not in KINDS_WITH_WORKS:
        return None
    if text.shape in {"compilation", "index", "challenge", "error", "login"}:
        return None
    return str(code), int(year), str(kind), str(identity.get("stage") or "final")


def _work(key: tuple[str, int, str, str], members: list[Described]) -> Work:
    code, year, kind, stage = key
    ordered = sorted(members, key=_order)
    best = ordered[0].identity
    return Work(
        id=work_id(code, year, kind, stage),
        place_code=code,
        place=str(best.get("place") or code),
        level=best.get("level"),
        report_year=year,
        kind=kind,
        stage=stage,
        title=next((t for m in ordered if (t := m.identity.get("title"))), None),
        witnesses=tuple(
            Witness(text.text_id, _extent(text), rank) for rank, text in enumerate(ordered, 1)
        ),
    )


def _order(text: Described) -> tuple[int, int, int, int, int]:
    """Unhijacked before hijacked, official before mirror, whole before part, longer first."""
    return (
        _VERDICT_ORDER.index(text.verdict),
        _SITE_ORDER.index(text.site_kind),
        _extent(text) != "whole",
        -text.chars,
        text.text_id,
    )


def _extent(text: Described) -> str:
    completeness = text.identity.get("completeness") or {}
    state = completeness.get("state") if isinstance(completeness, Mapping) else None
    return {"complete": "whole", None: "unknown", "unknown": "unknown"}.get(state, "part")
