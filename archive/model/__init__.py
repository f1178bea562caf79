"""The nouns of the archive as frozen values, passed between the stages.

The words are those of `docs/design.md`. Offsets count Unicode code points of `visible` and are
half-open: `visible[start:stop]`. Names are loaded on
first use: before a command starts, it needs two of them.
"""

from typing import TYPE_CHECKING

from archive.lazily import names_of

if TYPE_CHECKING:
    from archive.model.capture import Capture, Headers, SiteFacts, SiteKind
    from archive.model.derived import Derivation, Judgement, Verdict
    from archive.model.digests import canonical_json, sha256
    from archive.model.identity import LEVELS, Candidate, Identity, Method, Value
    from archive.model.page import Block, Border, BorderKind, Decoding, Flag, Meta, Page
    from archive.model.spans import (
        MANY_REPORTS,
        PARTS,
        SHAPES_WITHOUT_TEXT,
        Cleaning,
        Part,
        Passage,
        Span,
        check_partition,
        kept_words,
        passages,
    )  # fmt: skip

_MODULES = {
    "capture": (
        "Capture", "Headers", "SiteFacts", "SiteKind",
    ),
    "derived": (
        "Derivation", "Judgement", "Verdict",
    ),
    "digests": (
        "canonical_json", "sha256",
    ),
    "identity": (
        "Candidate", "Identity", "LEVELS", "Method", "Value",
    ),
    "page": (
        "Block", "Border", "BorderKind", "Decoding", "Flag", "Meta", "Page",
    ),
    "spans": (
        "Cleaning", "MANY_REPORTS", "PARTS", "Part", "Passage", "SHAPES_WITHOUT_TEXT",
        "Span", "check_partition", "kept_words", "passages",
    ),
}  # fmt: skip

__all__ = [
    "LEVELS", "MANY_REPORTS", "PARTS", "SHAPES_WITHOUT_TEXT", "Block", "Border",
    "BorderKind", "Candidate", "Capture", "Cleaning", "Decoding", "Derivation", "Flag", "Headers",
    "Identity", "Judgement", "Meta", "Method", "Page", "Part", "Passage", "SiteFacts", "SiteKind",
    "Span", "Value", "Verdict", "canonical_json", "check_partition", "kept_words", "passages",
    "sha256",
]  # fmt: skip

__getattr__ = names_of(
    __name__,
    {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names},
)
