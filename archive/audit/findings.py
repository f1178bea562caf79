"""The findings of one text, and what it shares with earlier texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from archive.audit.names import expected
from archive.clean.repeated import RULE as REPEATED
from archive.clean.sections import BEGINS, UNSURE
from archive.collate.keys import sentence_keys
from archive.collate.sentences import SHORTEST
from archive.derivation import derive
from archive.derive_many import Outcome
from archive.known import Knowledge, shipped
from archive.model import Capture, Derivation, Flag, Passage, Span

WRAPPER_KINDS: Final = frozenset({"byline", "wrapper", "preface", "info-table"})
"""Rules of these kinds drop words about a report; all others drop page chrome."""

_LAYOUT: Final = "layout-"
_SAMPLE_CHARS: Final = 60
_NEAR_SHARE: Final = 0.5
"""Share of its sentences from which a text is a near-duplicate of an earlier one: two years of one
place share 3 to 12 % of theirs, copies of one report over 80 %."""

_REPORTED_ELSEWHERE: Final = frozenset(
    {"decoding_loss", "empty_payload", "unreadable_medium", REPEATED, BEGINS, UNSURE}
)
"""Kinds of flags that other findings report."""

_MET_BY: Final = ("title", "session", "office", "speaker", "delivered_on", "kind")


@dataclass(frozen=True, slots=True)
class TextFinding:
    """A problem of a text: its kind, the number of characters, and the words."""

    kind: str
    characters: int
    words: str
    why: str

    def as_json(self) -> dict[str, Any]:
        """The finding as `baogao audit` prints it."""
        return {
            "kind": self.kind, "characters": self.characters,
            "words": self.words, "why": self.why,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Audited:
    """A text with its findings; without a derivation it could not be read."""

    name: str
    capture: Capture
    derivation: Derivation | None
    findings: tuple[TextFinding, ...]

    def as_json(self) -> dict[str, Any]:
        """One line of `baogao audit`."""
        identity = self.derivation.identity if self.derivation else {}
        values = {
            name: value.value if (value := identity.get(name)) else None
            for name in ("place", "place_code", "report_year", "title", "kind")
        }
        return {
            "file": self.name,
            **values,
            "characters": len(self.derivation.text) if self.derivation else 0,
            "verdict": self.derivation.verdict if self.derivation else "unreadable",
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass
class EarlierTexts:
    """Sentences of the earlier texts of an audit, to detect duplicates.

    8 bytes for each sentence.
    """

    whole: dict[int, str] = field(default_factory=dict)
    holders: dict[int, str] = field(default_factory=dict)

    def of(self, name: str, derivation: Derivation) -> Iterator[TextFinding]:
        """Yield a finding if `derivation` repeats an earlier text, in full or for the most part."""
        keys = sentence_keys(derivation.text)
        hashes = dict.fromkeys(hash(key) for key in keys if len(key) >= SHORTEST)
        twin = self.whole.setdefault(hash("".join(keys)), name)
        shared = Counter(self.holders[each] for each in hashes if each in self.holders)
        for each in hashes:
            self.holders.setdefault(each, name)
        if twin != name and hashes:
            yield TextFinding("duplicate", len(derivation.text), twin, f"the same text as {twin}")
        elif shared:
            other, count = shared.most_common(1)[0]
            if count >= _NEAR_SHARE * len(hashes):
                yield TextFinding(
                    "near-duplicate", len(derivation.text), other,
                    f"{count} of its {len(hashes)} longer sentences stand in {other}",
                )  # fmt: skip


def audit(captures: Iterable[Capture], knowledge: Knowledge | None = None) -> Iterator[Audited]:
    """Derive each capture in this process, and yield its findings; see `audit_derived`."""
    known = knowledge or shipped()
    made = (
        (capture, derive(capture, known) if capture.is_answer else None) for capture in captures
    )
    yield from audit_derived(made, known)


def audit_derived(
    made: Iterable[tuple[Capture, Outcome]], knowledge: Knowledge | None = None
) -> Iterator[Audited]:
    """Yield the findings of each text, given its capture and derivation; streams, in order."""
    known = knowledge or shipped()
    seen = EarlierTexts()
    kinds = {rule.id: rule.kind for rule in known.rules}
    for capture, derivation in made:
        name = f"{capture.filename} {capture.member}" if capture.member else str(capture.filename)
        if not isinstance(derivation, Derivation):
            why = str(derivation) if derivation else capture.error or capture.outcome
            yield Audited(name, capture, None, (TextFinding("unreadable", 0, "", why),))
            continue
        found = (
            *_unreadable(derivation),
            *_encoding(derivation),
            *_repeated(derivation),
            *_several(derivation),
            *_dropped(derivation, kinds),
            *_front(derivation),
            *_appendix(derivation),
            *_incomplete(derivation),
            *_against_name(capture, derivation, known),
            *_flagged(derivation),
            *_repaired(derivation),
            *seen.of(name, derivation),
        )
        yield Audited(name, capture, derivation, found)


def _unreadable(derivation: Derivation) -> Iterator[TextFinding]:
    if not derivation.text.strip():
        evidence = "; ".join(flag.evidence for flag in derivation.flags) or "nothing is left"
        yield TextFinding("no-text", len(derivation.visible), "", evidence)


def _encoding(derivation: Derivation) -> Iterator[TextFinding]:
    decoding = derivation.decoding
    if decoding.replaced:
        yield TextFinding(
            "encoding",
            decoding.replaced,
            "",
            f"{decoding.replaced} bytes are no {decoding.encoding}",
        )


def _repeated(derivation: Derivation) -> Iterator[TextFinding]:
    """Find text repeated within the text, which was dropped."""
    flags = [flag for flag in derivation.flags if flag.kind == REPEATED]
    spans = [span for span in derivation.spans if span.rule == REPEATED]
    if flags and spans:
        size = sum(span.stop - span.start for span in spans)
        words = _sample([flag.words for flag in flags])
        yield TextFinding(REPEATED, size, words, "; ".join(flag.evidence for flag in flags))


def _several(derivation: Derivation) -> Iterator[TextFinding]:
    """Find further documents in the text, and whether their beginnings are known."""
    for kind, doubt in ((BEGINS, ""), (UNSURE, ", and where it begins is not sure")):
        flags = [flag for flag in derivation.flags if flag.kind == kind]
        if flags:
            why = f"the text goes on with {_counted(len(flags))}{doubt}: {flags[0].evidence}"
            yield TextFinding(kind, 0, _sample([flag.words for flag in flags]), why)


def _counted(number: int) -> str:
    return "another document" if number == 1 else f"{number} other documents"


def _dropped(derivation: Derivation, kinds: dict[str, str]) -> Iterator[TextFinding]:
    """Find chrome and wrapper lines that cleaning removes, one finding for each kind."""
    sorts: dict[str, list[Span]] = {"chrome": [], "wrapper": []}
    for span in derivation.spans:
        if span.action != "drop" or span.rule.startswith(_LAYOUT) or span.rule == REPEATED:
            continue
        kind = kinds.get(span.rule, "chrome")
        sorts["wrapper" if kind in WRAPPER_KINDS else "chrome"].append(span)
    for sort, spans in sorts.items():
        words = [derivation.visible[span.start : span.stop].strip() for span in spans]
        if any(words):
            rules = ", ".join(dict.fromkeys(span.rule for span in spans))
            yield TextFinding(sort, sum(map(len, words)), _sample(words), rules)


def _front(derivation: Derivation) -> Iterator[TextFinding]:
    """Find kept lines before the body that are neither title nor session nor speaker."""
    known = [
        (value.start, value.stop)
        for name in _MET_BY
        if (value := derivation.identity.get(name)) is not None and value.start is not None
    ]
    strange = [
        passage.text
        for passage in derivation.passages
        if passage.part == "front" and not _touches(passage, known)
    ]
    if strange:
        yield TextFinding(
            "front-matter", sum(map(len, strange)), _sample(strange), "no part of the report's head"
        )


def _touches(passage: Passage, ranges: list[tuple[int, int | None]]) -> bool:
    return any(start < passage.stop and (stop or start) > passage.start for start, stop in ranges)


def _appendix(derivation: Derivation) -> Iterator[TextFinding]:
    annexes = [passage.text for passage in derivation.passages if passage.part == "appendix"]
    size = sum(map(len, annexes))
    whole = sum(len(passage.text) for passage in derivation.passages)
    if annexes:
        yield TextFinding(
            "appendix", size, _sample(annexes), f"{size / whole:.1%} of the text is no speech"
        )


def _incomplete(derivation: Derivation) -> Iterator[TextFinding]:
    value = derivation.identity.get("completeness")
    state = (value.value or {}).get("state") if value else None
    if value is None or state in {None, "complete", "unknown"}:
        return
    ratio = value.value.get("ratio")
    share = f", about {ratio:.0%} is there" if ratio else ""
    yield TextFinding("incomplete", 0, value.raw[:_SAMPLE_CHARS], f"{state}{share}")


def _against_name(
    capture: Capture, derivation: Derivation, knowledge: Knowledge
) -> Iterator[TextFinding]:
    """Find contradictions between the text and year or place in the file name."""
    named = expected(capture, knowledge)
    year = derivation.identity.get("report_year")
    place = derivation.identity.get("place_code")
    if named.year and year and year.source == "visible" and year.value != named.year:
        yield TextFinding("year", 0, year.raw, f"the name says {named.year}, the text {year.value}")
    if named.codes and place and place.source == "visible" and place.value not in named.codes:
        found = derivation.identity.get("place")
        yield TextFinding(
            "place", 0, place.raw, f"the name says {named.place}, the text {found and found.value}"
        )


def _flagged(derivation: Derivation) -> Iterator[TextFinding]:
    by_kind: dict[str, list[Flag]] = {}
    for flag in derivation.flags:
        by_kind.setdefault(flag.kind, []).append(flag)
    for kind, flags in by_kind.items():
        if kind not in _REPORTED_ELSEWHERE:
            words = [flag.words for flag in flags]
            distinct = list(dict.fromkeys(words))
            yield TextFinding(kind, sum(map(len, words)), _sample(distinct), _why(flags))


def _why(flags: list[Flag]) -> str:
    """Return the number of places and the proposals.

    For the whole text, the evidence of each flag.
    """
    if not any(flag.words for flag in flags):
        return "; ".join(flag.evidence for flag in flags)
    places = f"at {len(flags)} places"
    proposed = _sample([flag.proposals[0] for flag in flags if flag.proposals])
    return f"{places}; proposed: {proposed}" if proposed else places


def _repaired(derivation: Derivation) -> Iterator[TextFinding]:
    spans = [span for span in derivation.spans if span.action == "replace"]
    if spans:
        words = [f"{derivation.visible[s.start : s.stop]}→{s.replacement}" for s in spans]
        rules = ", ".join(dict.fromkeys(span.rule for span in spans))
        yield TextFinding("corrupted", sum(s.stop - s.start for s in spans), _sample(words), rules)


def _sample(words: list[str]) -> str:
    """Return the words on one line, shortened; the derivation has all of them."""
    line = " / ".join(" ".join(each.split()) for each in words if each.strip())
    return line if len(line) <= _SAMPLE_CHARS else line[: _SAMPLE_CHARS - 1] + "…"
