"""The nouns of the archive as frozen values; every stage takes and gives these.

The words are those of `docs/design.md`. Offsets count Unicode code points of `visible`
and are half-open: `visible[start:stop]`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Final, Literal, get_args

from archive.errors import BrokenLawError

Action = Literal["keep", "drop", "replace"]
Part = Literal["front", "body", "appendix"]
Verdict = Literal["clean", "suspect", "hijacked"]
Method = Literal["read", "inferred", "weighed", "witness", "decision"]
SiteKind = Literal["official", "mirror", "copy", "archive", "unknown"]
BorderKind = Literal["title", "salutation", "toc"]
Headers = tuple[tuple[str, str], ...]

PARTS: Final[tuple[Part, ...]] = get_args(Part)
LEVELS: Final = (
    "national", "province", "prefecture", "county", "functional area", "township"
)  # fmt: skip
"""The levels of a place, the highest first."""

SHAPES_WITHOUT_TEXT: Final = frozenset({"index", "challenge", "error", "login"})
"""Shapes (`Cleaning.shape`) of pages that hold no report and no piece of one."""

IDENTITY_FIELDS: Final = (
    "kind", "title", "place_code", "place", "level", "within", "area_code", "report_year",
    "reviewed_year", "delivered_on", "session", "office", "speaker", "stage", "published_on",
    "publisher", "source", "editor", "site_id", "icp", "police_record", "email", "page_no",
    "page_count", "declared_chars", "script", "completeness",
)  # fmt: skip
"""The fields of an identity, in the order in which they are shown."""


def sha256(content: bytes) -> str:
    """The digest of `content` as 64 lower-case hex digits."""
    return hashlib.sha256(content).hexdigest()


_CANONICAL: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical_json(thing: Any) -> str:
    """JSON with sorted keys and no spare spaces: the form that is digested."""
    return _CANONICAL.encode(thing)


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What a site file says that reading needs to know; part of a text's context.

    `containers` are CSS selectors of the element that holds an article, tried first.
    """

    name: str
    title: str = ""
    kind: SiteKind = "unknown"
    place_code: str | None = None
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Capture:
    """One attempt to get a page: an answer or a failure, and all that is known about it.

    `payload` is the body after content-decoding, or None where there was no answer.
    `outcome` is `ok` or the name of what went wrong (`dns`, `timeout`, `robots`, `http`,
    `blocked`, `truncated`, `too_large`, …); `error` says it in words.
    `claims` are the names and values that a container gives beside a member (a table's other
    cells). Times are UTC, `YYYY-MM-DDTHH:MM:SS.sssZ`; sizes are bytes, durations milliseconds.
    """

    url: str
    payload: bytes | None = None
    outcome: str = "ok"
    error: str | None = None
    status: int | None = None
    method: str = "GET"
    captured_at: str | None = None
    elapsed_ms: int | None = None
    request_headers: Headers = ()
    response_headers: Headers = ()
    ip: str | None = None
    certificate_sha256: str | None = None
    wire_sha256: str | None = None
    wire_bytes: int | None = None
    content_encoding: str | None = None
    stored_as: Literal["decoded", "wire"] = "decoded"
    redirect_to: str | None = None
    origin: Literal["live", "file", "warc", "wayback", "commoncrawl"] = "live"
    filename: str | None = None
    member: str | None = None
    container_sha256: str | None = None
    claims: Headers = ()
    site: SiteFacts | None = None

    @classmethod
    def from_bytes(
        cls,
        body: bytes,
        *,
        url: str = "",
        headers: Mapping[str, str] | None = None,
        filename: str | None = None,
        site: SiteFacts | None = None,
    ) -> Capture:
        """A capture of bytes at hand, as `derive` needs it: no run, no time, no network."""
        return cls(
            url=url,
            payload=body,
            response_headers=tuple((headers or {}).items()),
            origin="file",
            filename=filename,
            site=site,
        )

    def header(self, name: str) -> str | None:
        """The last response header called `name` (any case), or None."""
        wanted = name.lower()
        return next((v for k, v in reversed(self.response_headers) if k.lower() == wanted), None)

    @property
    def payload_sha256(self) -> str | None:
        """The digest that keys the payload, or None where there is none."""
        return None if self.payload is None else sha256(self.payload)

    @property
    def is_answer(self) -> bool:
        """Whether a text is to be made of it: an answer, whole or cut short; no refusal."""
        if self.payload is None:
            return False
        return self.outcome in {"ok", "truncated"} or self.outcome.startswith("derive_")

    def context(self) -> dict[str, Any]:
        """All that `derive` may read besides the payload; its digest is part of a text's key."""
        site = self.site
        return {
            "url": self.url,
            "content_type": self.header("Content-Type"),
            "filename": self.filename,
            "claims": [list(claim) for claim in self.claims],
            "site": None
            if site is None
            else {
                "name": site.name,
                "title": site.title,
                "kind": site.kind,
                "place_code": site.place_code,
                "containers": list(site.containers),
            },
        }

    def context_sha256(self) -> str:
        """The digest of `context()`."""
        return sha256(canonical_json(self.context()).encode())


@dataclass(frozen=True, slots=True)
class Decoding:
    """How bytes became characters; `replaced` counts the U+FFFD that decoding put in."""

    encoding: str
    how: str
    declared_header: str | None = None
    declared_meta: str | None = None
    replaced: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """One line of the visible text: `visible[start:stop]`, without its line terminator.

    `tag` is the element that made it a line of its own (`p`, `td`, `h1` …; `line` in a
    text file). `link_chars` counts the characters that stand inside links. `main` says that
    the block lies in the located main part, `hidden` that the page does not show it.
    """

    start: int
    stop: int
    tag: str = "line"
    link_chars: int = 0
    hidden: bool = False
    main: bool = True


@dataclass(frozen=True, slots=True)
class Meta:
    """Something a page says about itself outside its visible text.

    `source` is `meta:NAME`, `title`, `jsonld:NAME`, `frontmatter:NAME`, `comment`, `url`, `header`
    or `filename`.
    """

    source: str
    value: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a person should know, with the words that show it; nothing is changed by it."""

    kind: str
    start: int
    stop: int
    words: str
    evidence: str
    proposals: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The flag in the shape of `baogao text --json`."""
        shown: dict[str, Any] = {
            "kind": self.kind, "start": self.start, "stop": self.stop,
            "words": self.words, "evidence": self.evidence,
        }  # fmt: skip
        if self.proposals:
            shown["proposals"] = list(self.proposals)
        return shown


@dataclass(frozen=True, slots=True)
class Border:
    """A line at which a report may begin: `line` is its number among `Page.blocks`."""

    line: int
    kind: BorderKind


@dataclass(frozen=True, slots=True)
class Page:
    """What reading made of a payload: the whole visible text, its lines and its main part.

    `blocks` has one entry a line of `visible`, in order, blank lines included; the characters
    between two blocks are the line terminator. `medium` is `html`, `text`, `pdf` ….
    """

    visible: str
    blocks: tuple[Block, ...]
    decoding: Decoding
    medium: str
    metas: tuple[Meta, ...] = ()
    flags: tuple[Flag, ...] = ()
    method: str = "whole"
    confidence: float = 1.0
    borders: tuple[Border, ...] = ()

    def words(self, block: Block) -> str:
        """The characters of `block`."""
        return self.visible[block.start : block.stop]

    def line_stop(self, index: int) -> int:
        """Where line `index` ends with its terminator: the start of the next line."""
        following = index + 1
        return self.blocks[following].start if following < len(self.blocks) else len(self.visible)


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the visible text with its fate and the rule that decided it."""

    start: int
    stop: int
    action: Action
    rule: str
    part: Part | None = None
    replacement: str | None = None
    basis: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The span in the shape of `baogao text --json`."""
        shown: dict[str, Any] = {
            "start": self.start, "stop": self.stop, "action": self.action,
            "rule": self.rule, "part": self.part,
        }  # fmt: skip
        if self.replacement is not None:
            shown["replacement"] = self.replacement
        if self.basis is not None:
            shown["basis"] = self.basis
        return shown


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What cleaning decided: a partition of the visible text, the page's shape, and flags.

    `shape` is `report`, `piece`, `compilation`, `index`, `challenge`, `error`, `login` or
    `unknown`.
    """

    spans: tuple[Span, ...]
    shape: str = "unknown"
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that was considered, with its confidence (0 to 1) and what speaks for it."""

    value: Any
    confidence: float
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A field of an identity: as found (`raw`, and where) beside as read (`value`).

    `source` is `visible`, `meta:NAME`, `title`, `jsonld:NAME`, `frontmatter:NAME`, `claim:NAME`,
    `url`, `header`, `filename` or `witness:SHA`; `start` and `stop` stand only for `visible`.
    `method` is `read` where words say the value, `inferred` where it follows from what they say,
    `weighed` where only the names in the text speak for it.
    """

    value: Any
    raw: str
    source: str
    method: Method
    confidence: float
    start: int | None = None
    stop: int | None = None
    candidates: tuple[Candidate, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The field in the shape of `baogao text --json`."""
        shown: dict[str, Any] = {"value": self.value, "raw": self.raw, "source": self.source}
        if self.start is not None:
            shown |= {"start": self.start, "stop": self.stop}
        shown |= {"method": self.method, "confidence": self.confidence}
        if self.candidates:
            shown["candidates"] = [
                {"value": c.value, "confidence": c.confidence, "evidence": c.evidence}
                for c in self.candidates
            ]
        return shown


Identity = Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What speaks for and against a text: flags, verdicts, how much is there, and whose copy."""

    verdict: Verdict = "clean"
    page_verdict: Verdict = "clean"
    flags: tuple[Flag, ...] = ()
    completeness: Value | None = None
    officialness: Value | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """One kept paragraph of a clean text; `start` and `stop` are offsets in `visible`."""

    part: Part
    start: int
    stop: int
    text: str


@dataclass(frozen=True)
class Derivation:
    """What the stages made of one payload in one context under one ruleset.

    Raises:
        BrokenLawError: the spans are no partition of `visible`, or a span breaks a law.
    """

    visible: str
    spans: tuple[Span, ...]
    identity: Identity
    flags: tuple[Flag, ...]
    verdict: Verdict
    page_verdict: Verdict
    method: str
    confidence: float
    decoding: Decoding
    medium: str
    shape: str
    ruleset: str
    payload_sha256: str
    context: Mapping[str, Any] = field(default_factory=dict)
    officialness: Value | None = None

    def __post_init__(self) -> None:
        check_partition(self.spans, self.visible)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled with its spans as plain tuples, without `text` and `passages`.

        Spans are hundreds, and pickling a frozen dataclass runs Python for each field of each.
        """
        spans = [
            (s.start, s.stop, s.action, s.rule, s.part, s.replacement, s.basis) for s in self.spans
        ]
        others = {
            each.name: getattr(self, each.name) for each in fields(self) if each.name != "spans"
        }
        return _unpickled, (spans, others)

    @cached_property
    def text(self) -> str:
        """The clean text: exactly the kept spans and the replacements, in order."""
        return "".join(kept_words(self.spans, self.visible))

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The kept paragraphs, in order."""
        return tuple(passages(self.spans, self.visible))

    def as_json(self) -> dict[str, Any]:
        """The derivation as `baogao text --json` prints it."""
        return {
            "text": self.text,
            "identity": {
                name: None if (value := self.identity.get(name)) is None else value.as_json()
                for name in IDENTITY_FIELDS
            },
            "flags": [flag.as_json() for flag in self.flags],
            "verdict": self.verdict,
            "page_verdict": self.page_verdict,
            "officialness": None if self.officialness is None else self.officialness.as_json(),
            "method": self.method,
            "confidence": self.confidence,
            "medium": self.medium,
            "shape": self.shape,
            "decoding": {
                "encoding": self.decoding.encoding,
                "how": self.decoding.how,
                "declared_header": self.decoding.declared_header,
                "declared_meta": self.decoding.declared_meta,
                "replaced": self.decoding.replaced,
            },
            "payload_sha256": self.payload_sha256,
            "ruleset": self.ruleset,
            "context": dict(self.context),
            "spans": [span.as_json() for span in self.spans],
            "visible": self.visible,
        }


def _unpickled(spans: list[tuple[Any, ...]], others: dict[str, Any]) -> Derivation:
    return Derivation(**others | {"spans": tuple([Span(*span) for span in spans])})


def check_partition(spans: Sequence[Span], visible: str) -> None:
    """See that `spans` cover `visible` without gap or overlap, each with a rule (law 3).

    Raises:
        BrokenLawError: they do not, or a replacement stands on the wrong action.
    """
    reached = 0
    for span in spans:
        if span.start != reached or span.stop <= span.start:
            raise BrokenLawError(
                f"spans are no partition: {span.start}–{span.stop} follows {reached}"
            )
        if not span.rule:
            raise BrokenLawError(f"span {span.start}–{span.stop} names no rule")
        if (span.action == "replace") != (span.replacement is not None):
            raise BrokenLawError(f"span {span.start}–{span.stop} has a stray replacement")
        if (span.action == "drop") != (span.part is None):
            raise BrokenLawError(f"span {span.start}–{span.stop}: a kept span has a part")
        reached = span.stop
    if reached != len(visible):
        raise BrokenLawError(f"spans end at {reached}, the text at {len(visible)}")


def kept_words(spans: Sequence[Span], visible: str) -> Iterator[str]:
    """The kept words and replacements of `spans`, in order."""
    for span in spans:
        if span.action == "keep":
            yield visible[span.start : span.stop]
        elif span.action == "replace":
            yield span.replacement or ""


def passages(spans: Sequence[Span], visible: str) -> Iterator[Passage]:
    """Cut the kept words at line terminators; a passage that is only white space is none."""
    words: list[str] = []
    start = stop = 0
    part: Part = "body"
    for span in spans:
        if span.action == "drop":
            continue
        piece = visible[span.start : span.stop] if span.action == "keep" else span.replacement or ""
        if not words:
            start, part = span.start, span.part or "body"
        words.append(piece)
        stop = span.stop
        if piece.endswith(("\n", "\r")):
            if text := "".join(words).strip():
                yield Passage(part, start, stop, text)
            words = []
    if text := "".join(words).strip():
        yield Passage(part, start, stop, text)
