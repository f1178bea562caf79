"""Derives a text from a capture: read → clean → identify → judge, pure (law 4).

Nothing here reads a database, a clock or the network. The inputs are the capture and the knowledge,
the output is one `Derivation`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from archive.clean import Cleaned, cleaned
from archive.errors import UsageError
from archive.identify import identified, may_be_report
from archive.judge import judge
from archive.known import Knowledge, shipped
from archive.known.fields import named
from archive.model import Capture, Derivation, Identity, Part, canonical_json, sha256
from archive.read import antiword, read

STAGES: Final[Mapping[str, int]] = {"read": 1, "clean": 2, "identify": 4, "judge": 3}
"""The versions of the stages: one is raised when the stage makes something else of the same input.

`tests/gold/test_results.py` notices a change of results without it.
"""


_LIBRARIES = ("lxml", "readability-lxml")
_READERS = ("olefile", "pdfminer.six", "pypdfium2", "rapidocr", "onnxruntime")
"""Libraries of extras: where one comes or goes, documents read otherwise."""


def derive(capture: Capture, knowledge: Knowledge | None = None) -> Derivation:
    """Read, clean, identify and judge one capture.

    Args:
        capture: an answer with its payload (bytes after content-decoding).
        knowledge: rules, gazetteer and lexica; the shipped knowledge if None.

    Raises:
        UsageError: the capture has no payload; a failure has no text.
        BrokenLawError: a stage broke a law of the archive, which is a bug.
    """
    if capture.payload is None:
        raise UsageError(f"{capture.url}: a capture without a payload has no text")
    known = shipped() if knowledge is None else knowledge
    page = read(capture, known)
    made = cleaned(page, known)
    cleaning = made.cleaning
    found, parts = _identified(made, capture, known)
    spans = tuple(
        span if span.action == "drop" or span.part == part else replace(span, part=part)
        for span, part in zip(cleaning.spans, parts, strict=True)
    )
    judgement = judge(made.page, replace(cleaning, spans=spans), found, capture, known)
    flags = sorted(
        (*page.flags, *cleaning.flags, *judgement.flags),
        key=lambda flag: (flag.start, flag.stop, flag.kind),
    )
    return Derivation(
        visible=page.visible,
        spans=spans,
        identity={**found, "completeness": judgement.completeness},
        flags=tuple(flags),
        verdict=judgement.verdict,
        page_verdict=judgement.page_verdict,
        method=page.method,
        confidence=page.confidence,
        decoding=page.decoding,
        medium=page.medium,
        shape=cleaning.shape,
        ruleset=ruleset_digest(known),
        payload_sha256=sha256(capture.payload),
        context=capture.context(),
        officialness=judgement.officialness,
    )


def _identified(
    made: Cleaned, capture: Capture, knowledge: Knowledge
) -> tuple[Identity, tuple[Part, ...]]:
    """Return the identity of the text, or of its only report, and the part of each span if kept.

    A document other than a work report counts as an appendix, also the report of a court, so that
    its words are not counted as speech.
    """
    whole, parts = identified(made.page, made.cleaning, capture, knowledge)
    if len(made.sections) == 1 or not all(section.sure for section in made.sections):
        return whole, parts
    found = {
        section: identified(*made.alone(section), capture, knowledge)
        for section in made.sections
        if section in made.reports or not section.evidence
    }
    counted = [each for each in found if may_be_report(found[each][0]["kind"])] or list(found)
    own: list[Part] = ["appendix"] * len(parts)
    for section in counted:
        for n, span in enumerate(made.cleaning.spans):
            if section.start <= span.start < section.stop:
                own[n] = found[section][1][n]
    reports = [section for section in made.reports if section in counted]
    if len(reports) != 1 or made.says_many:
        return whole, tuple(own)
    report, of_page = found[reports[0]][0], named(lambda field: field.of_page)
    return {name: (whole if name in of_page else report)[name] for name in whole}, tuple(own)


def ruleset_digest(knowledge: Knowledge) -> str:
    """The digest of all that decides a derivation: knowledge, versions of stages and readers."""
    decides = [knowledge.digest, dict(STAGES), dict(libraries())]
    return sha256(canonical_json(decides).encode())


@lru_cache(maxsize=1)
def libraries() -> Mapping[str, str]:
    """The versions of the libraries and programs that a derivation depends on."""
    return {
        **{name: version(name) for name in _LIBRARIES},
        **{name: _installed(name) for name in _READERS},
        "antiword": antiword.version(),
    }


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
