"""Derivations as rows, and rows as derivations.

A text's `derivation_sha256` is computed from the rows themselves, so that it can be checked without
the code that made them.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from archive import clock
from archive.errors import BrokenLawError, UsageError
from archive.known import Knowledge, shipped
from archive.model import Derivation, Flag, Span, Value, canonical_json, kept_words, sha256
from archive.store.addresses import plain
from archive.store.ledger import row_digest
from archive.store.packed import pack
from archive.store.partitions import Partition, packed, spans_of, visible_of
from archive.store.rows import row as one_row
from archive.store.secrets import without_userinfo

if TYPE_CHECKING:
    from archive.store.writing import Writer

Rows = list[tuple[Any, ...]]

_TEXT_COLUMNS: Final = (
    "visible_sha256", "clean_sha256", "visible_chars", "clean_chars", "dropped_chars",
    "replaced_chars", "medium", "shape", "method", "confidence", "verdict", "page_verdict",
    "encoding", "encoding_how", "encoding_header", "encoding_meta", "replaced_by_decoding",
)  # fmt: skip
_PARTITION: Final = "SELECT kinds_json, spans_json, passages_json FROM partitions WHERE text_id = ?"
_OF_RULESET: Final = "INSERT INTO text_rulesets (ruleset_id, text_id) VALUES (?, ?)"
_SAME_RULESET: Final = """
SELECT texts.id, texts.derivation_sha256 FROM texts
JOIN text_rulesets ON text_rulesets.text_id = texts.id
WHERE payload_sha256 = ? AND context_sha256 = ? AND text_rulesets.ruleset_id = ?
"""
_EQUAL: Final = """
SELECT id FROM texts WHERE payload_sha256 = ? AND context_sha256 = ? AND derivation_sha256 = ?
"""
_BYTES_OF_A_ROW: Final = 700
"""Bytes of a text's row with its digests, and of the ledger's note of it."""

_LATER: Final = "SELECT 1 FROM texts WHERE payload_sha256 = ? AND context_sha256 = ? AND id > ?"
_IDENTITIES: Final = (
    "SELECT field, value_json, raw, source, method, confidence, start, stop, candidates_json"
    " FROM identities WHERE text_id = ? ORDER BY field"
)
_FLAGS: Final = (
    "SELECT kind, start, stop, words, evidence, proposals_json"
    " FROM flags WHERE text_id = ? ORDER BY seq"
)
_ORIGIN: Final = """
SELECT payload_sha256, context_sha256, ruleset_id, run_id, created_at, derivation_sha256
FROM texts WHERE id = ?
"""
_CONFIRMED: Final = (
    "SELECT 'hijack', start, stop, words, evidence, proposals_json"
    " FROM brand_places WHERE text_id = ? ORDER BY start"
)


@dataclass(frozen=True, slots=True)
class TextRows:
    """One derivation as it is stored, without ids."""

    text: Mapping[str, Any]
    partition: Partition
    identities: Rows
    flags: Rows

    def digest(self) -> str:
        """Return the digest stored in `texts.derivation_sha256`."""
        rows = [dict(self.text), astuple(self.partition), self.identities, self.flags]
        return sha256(canonical_json(rows).encode())


@dataclass(frozen=True, slots=True)
class MadeText:
    """A derivation that can be stored: of which payload in which context, by which rules.

    `uses` has rule, action, number of spans and of characters.
    """

    payload_sha256: str
    context_sha256: str
    ruleset: str
    visible: str
    rows: TextRows
    uses: Rows


def write(
    writer: Writer,
    run_id: int,
    capture_id: int,
    derivation: Derivation,
    knowledge: Knowledge | None = None,
) -> tuple[int, bool]:
    """Write the derivation of a capture; returns the text's id and whether it is new.

    Raises:
        BrokenLawError: the derivation is not of this capture, or its text contains NUL or a lone
            surrogate, which reading must replace.
    """
    key = key_of(writer.connection, capture_id, derivation)
    return write_made(writer, run_id, made_of(derivation, *key), knowledge)


def made_of(derivation: Derivation, payload: str, context: str) -> MadeText:
    """Return a derivation as it can be stored."""
    rows, uses = rows_of(derivation), _uses(derivation)
    return MadeText(payload, context, derivation.ruleset, derivation.visible, rows, uses)


def write_made(
    writer: Writer, run_id: int, made: MadeText, knowledge: Knowledge | None = None
) -> tuple[int, bool]:
    """Write a derivation; returns the text's id and whether it is new."""
    payload, context, rows = made.payload_sha256, made.context_sha256, made.rows
    ruleset_id = _ruleset(writer, made.ruleset)
    digest = rows.digest()
    known = writer.connection.execute(_SAME_RULESET, (payload, context, ruleset_id)).fetchone()
    if known is not None:
        if known[1] != digest:
            _alert_impure(writer, run_id, known[0])
        return int(known[0]), False
    equal = equal_text(writer.connection, payload, context, digest)
    if equal is not None:
        _made_again(writer, equal, ruleset_id, (payload, context))
        return equal, False
    _visible(writer, made.visible, rows.text["visible_sha256"])
    origin = {
        "payload_sha256": payload, "context_sha256": context, "ruleset_id": ruleset_id,
        "run_id": run_id, "derivation_sha256": digest, "created_at": clock.now(),
    }  # fmt: skip
    text_id = writer.insert("texts", {**rows.text, **origin})
    ids = _rule_ids(writer, ruleset_id, {rule for rule, *_ in made.uses}, knowledge)
    _pieces(writer, text_id, rows, [(ids[rule], *counts) for rule, *counts in made.uses])
    writer.connection.execute(_OF_RULESET, (ruleset_id, text_id))
    writer.note("texts", text_id, _noted(origin, digest))
    return text_id, True


def write_again(
    writer: Writer, run_id: int, made: tuple[str, str, str], ruleset: str
) -> int | None:
    """Note that a text came out the same by a ruleset; returns its id, None if it is not here.

    Args:
        writer: of the archive.
        run_id: the run that says so.
        made: digests of payload, context and derivation.
        ruleset: the digest of the ruleset.
    """
    payload, context, digest = made
    equal = equal_text(writer.connection, payload, context, digest)
    if equal is None:
        return None
    ruleset_id = _ruleset(writer, ruleset)
    known = writer.connection.execute(_SAME_RULESET, (payload, context, ruleset_id)).fetchone()
    if known is None:
        _made_again(writer, equal, ruleset_id, (payload, context))
    elif known[1] != digest:
        _alert_impure(writer, run_id, known[0])
    return equal


def equal_text(
    connection: sqlite3.Connection, payload: str, context: str, digest: str
) -> int | None:
    """Return the text with these digests of payload, context and derivation, or None."""
    found = connection.execute(_EQUAL, (payload, context, digest)).fetchone()
    return None if found is None else int(found[0])


def added_bytes(connection: sqlite3.Connection, made: MadeText) -> int:
    """Return about how many bytes the archive would grow by a text; 0 if it is there."""
    key = made.payload_sha256, made.context_sha256, made.rows.digest()
    if equal_text(connection, *key) is not None:
        return 0
    visible = "SELECT 1 FROM packed_texts WHERE sha256 = ?"
    known = connection.execute(visible, (made.rows.text["visible_sha256"],)).fetchone()
    words = 0 if known else len(pack(made.visible.encode())[1])
    rows = [astuple(made.rows.partition), made.rows.identities, made.rows.flags, made.uses]
    return words + len(canonical_json(rows).encode()) + _BYTES_OF_A_ROW


def rows_of(derivation: Derivation) -> TextRows:
    """Return the rows of a derivation."""
    visible, spans = derivation.visible, derivation.spans
    replaced = [span for span in spans if span.action == "replace"]
    decoding = derivation.decoding
    return TextRows(
        text={
            "visible_sha256": sha256(_storable(visible)),
            "clean_sha256": sha256(_storable(derivation.text)),
            "visible_chars": len(visible),
            "clean_chars": len(derivation.text),
            "dropped_chars": sum(s.stop - s.start for s in spans if s.action == "drop"),
            "replaced_chars": sum(s.stop - s.start for s in replaced),
            "medium": derivation.medium,
            "shape": derivation.shape,
            "method": derivation.method,
            "confidence": float(derivation.confidence),
            "verdict": derivation.verdict,
            "page_verdict": derivation.page_verdict,
            "encoding": plain(decoding.encoding),
            "encoding_how": decoding.how,
            "encoding_header": _plain(decoding.declared_header),
            "encoding_meta": _plain(decoding.declared_meta),
            "replaced_by_decoding": decoding.replaced,
        },
        partition=packed(visible, _plain_spans(spans), derivation.passages),
        identities=[
            _identity_row(name, value)
            for name, value in sorted(_values(derivation).items())
            if value is not None
        ],
        flags=[
            (f.kind, f.start, f.stop, plain(f.words), plain(f.evidence), _json(f.proposals))
            for f in derivation.flags
        ],
    )


def stored_rows(connection: sqlite3.Connection, text_id: int) -> TextRows:
    """Return the rows of a text as stored in the tables.

    Raises:
        UsageError: there is no such text.
    """
    columns = ", ".join(_TEXT_COLUMNS)
    row = connection.execute(
        f"SELECT {columns} FROM texts WHERE id = ?",  # noqa: S608  (column names of ours)
        (text_id,),
    ).fetchone()
    if row is None:
        raise UsageError(f"no text {text_id}")
    identities, flags = (
        connection.execute(select, (text_id,)).fetchall() for select in (_IDENTITIES, _FLAGS)
    )
    partition = connection.execute(_PARTITION, (text_id,)).fetchone() or ("", "", "")
    return TextRows(
        dict(zip(_TEXT_COLUMNS, row, strict=True)), Partition(*partition), identities, flags
    )


def noted_digest(connection: sqlite3.Connection, text_id: int) -> str | None:
    """Return what the ledger notes of a text: its origin, and its rows as they are stored.

    None if there is no such text.
    """
    origin = one_row(connection, _ORIGIN, text_id)
    if origin is None:
        return None
    return _noted(dict(origin), stored_rows(connection, text_id).digest())


def _noted(origin: Mapping[str, Any], rows: str) -> str:
    return row_digest({**origin, "rows": rows})


def number_from(connection: sqlite3.Connection, last: int) -> None:
    """Give no text that is written later an id up to `last`."""
    connection.execute("DELETE FROM sqlite_sequence WHERE name = 'texts' AND seq < ?", (last,))
    connection.execute(
        "INSERT INTO sqlite_sequence SELECT 'texts', ?"
        " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'texts')",
        (last,),
    )


def clean_text(connection: sqlite3.Connection, text_id: int) -> str:
    """Return the clean text, assembled from the stored spans and the stored visible text only."""
    return "".join(kept_words(spans_of(connection, text_id), visible_of(connection, text_id)))


def flags_of(connection: sqlite3.Connection, text_id: int) -> tuple[Flag, ...]:
    """Return the flags of a text, its own first, then those confirmed by other pages."""
    return tuple(
        Flag(kind, start, stop, words, evidence, tuple(json.loads(proposals)))
        for select in (_FLAGS, _CONFIRMED)
        for kind, start, stop, words, evidence, proposals in connection.execute(select, (text_id,))
    )


def identity_of(connection: sqlite3.Connection, text_id: int) -> dict[str, Any]:
    """Return the values of a text's identity by field."""
    rows = connection.execute(
        "SELECT field, value_json FROM identities WHERE text_id = ?", (text_id,)
    )
    return {name: json.loads(value) for name, value in rows}


def key_of(
    connection: sqlite3.Connection, capture_id: int, derivation: Derivation
) -> tuple[str, str]:
    """Return the digests of payload and context of a capture.

    Raises:
        BrokenLawError: the derivation is not of this capture and its context.
    """
    row = connection.execute(
        "SELECT payload_sha256, context_sha256 FROM captures WHERE id = ?", (capture_id,)
    ).fetchone()
    if row is None:
        raise UsageError(f"no capture {capture_id}")
    if row[0] != derivation.payload_sha256:
        raise BrokenLawError(f"the derivation was not made of the payload of capture {capture_id}")
    context = {name: _stored_words(thing) for name, thing in derivation.context.items()}
    if sha256(canonical_json(context).encode()) != row[1]:
        raise BrokenLawError(
            f"the derivation was made in another context than that of capture {capture_id}"
        )
    return str(row[0]), str(row[1])


def _stored_words(thing: Any) -> Any:
    """Return a value of a context as it comes back from the tables."""
    if isinstance(thing, list | tuple):
        return [_stored_words(each) for each in thing]
    return without_userinfo(plain(thing)) if isinstance(thing, str) else thing


def _ruleset(writer: Writer, digest: str) -> int:
    """Return the ruleset's id; a ruleset used for writing is the current one."""
    row = writer.connection.execute(
        "SELECT id FROM rulesets WHERE sha256 = ?", (digest,)
    ).fetchone()
    ruleset_id = int(row[0]) if row else _new_ruleset(writer, digest)
    writer.connection.execute(
        "INSERT INTO current_ruleset VALUES (1, ?1)"
        " ON CONFLICT (only) DO UPDATE SET ruleset_id = ?1 WHERE ruleset_id <> ?1",
        (ruleset_id,),
    )
    return ruleset_id


def _new_ruleset(writer: Writer, digest: str) -> int:
    from archive.derivation import libraries  # noqa: PLC0415  (loads lxml and the stages)

    return writer.fact(
        "rulesets",
        {
            "sha256": digest,
            "libraries_json": canonical_json(libraries()),
            "created_at": clock.now(),
        },
    )


def _made_again(writer: Writer, text_id: int, ruleset_id: int, key: tuple[str, str]) -> None:
    """Record that a derivation under another ruleset equals this text.

    If a later text of the same payload was current, the next collation processes everything.
    """
    writer.connection.execute(_OF_RULESET, (ruleset_id, text_id))
    if writer.connection.execute(_LATER, (*key, text_id)).fetchone():
        writer.connection.execute("UPDATE collated SET grouped_by = ''")


def _visible(writer: Writer, visible: str, digest: str) -> None:
    known = "SELECT 1 FROM packed_texts WHERE sha256 = ?"
    if writer.connection.execute(known, (digest,)).fetchone() is None:
        row = (digest, len(visible), *pack(visible.encode()))
        writer.connection.execute("INSERT INTO packed_texts VALUES (?, ?, ?, ?)", row)


def _pieces(writer: Writer, text_id: int, rows: TextRows, uses: Rows) -> None:
    writer.connection.execute(
        "INSERT INTO partitions VALUES (?, ?, ?, ?)", (text_id, *astuple(rows.partition))
    )
    writer.insert_many(
        "rule_uses",
        "rule_id, text_id, action, spans, chars",
        [(rule_id, text_id, *counts) for rule_id, *counts in uses],
    )
    writer.insert_many(
        "identities",
        "text_id, field, value_json, raw, source, method, confidence, start, stop, candidates_json",
        [(text_id, *row) for row in rows.identities],
    )
    writer.insert_many(
        "flags",
        "text_id, seq, kind, start, stop, words, evidence, proposals_json",
        [(text_id, seq, *row) for seq, row in enumerate(rows.flags)],
    )


def _uses(derivation: Derivation) -> Rows:
    """Return for each rule and action the number of spans and of visible characters."""
    spans: Counter[tuple[str, str]] = Counter()
    chars: Counter[tuple[str, str]] = Counter()
    for span in derivation.spans:
        use = span.rule, span.action
        spans[use] += 1
        chars[use] += span.stop - span.start
    return [(*use, spans[use], chars[use]) for use in sorted(spans)]


def _rule_ids(
    writer: Writer, ruleset_id: int, names: set[str], knowledge: Knowledge | None
) -> dict[str, int]:
    select = "SELECT name, id FROM rules WHERE ruleset_id = ?"
    ids = dict(writer.connection.execute(select, (ruleset_id,)).fetchall())
    missing = sorted(names - set(ids))
    if missing:
        described = {rule.id: rule for rule in (knowledge or shipped()).rules}
        for name in missing:
            ids[name] = writer.fact("rules", _rule_row(ruleset_id, name, described.get(name)))
    return ids


def _rule_row(ruleset_id: int, name: str, rule: Any) -> dict[str, Any]:
    """Return the row of a rule; one without a data file belongs to the stages' code."""
    return {
        "ruleset_id": ruleset_id,
        "name": name,
        "kind": getattr(rule, "kind", "built-in"),
        "family": getattr(rule, "family", ""),
        "why": getattr(rule, "why", ""),
        "example": getattr(rule, "example", ""),
    }


def _alert_impure(writer: Writer, run_id: int, text_id: int) -> None:
    """Report that two derivations of one key differ, which law 4 forbids; the first is kept."""
    detail = f"text {text_id} came out differently under the same ruleset; the first is kept"
    writer.alert(f"impure-{text_id}", detail, run_id)


def _values(derivation: Derivation) -> dict[str, Value | None]:
    officialness = getattr(derivation, "officialness", None)
    return {**derivation.identity, "officialness": officialness}


def _identity_row(name: str, value: Value) -> tuple[Any, ...]:
    candidates = [
        {"value": c.value, "confidence": c.confidence, "evidence": c.evidence}
        for c in value.candidates
    ]
    return (
        name, _json(value.value), plain(value.raw), plain(value.source), value.method,
        float(value.confidence), value.start, value.stop, _json(candidates),
    )  # fmt: skip


def _storable(words: str) -> bytes:
    """Return `words` as UTF-8, if SQLite returns them unchanged and counts them like Python."""
    if "\x00" in words:
        raise BrokenLawError("the visible text holds NUL, which reading has to replace")
    try:
        return words.encode()
    except UnicodeEncodeError as error:
        raise BrokenLawError(
            "the visible text holds a lone surrogate, which reading has to replace"
        ) from error


def _plain_spans(spans: Sequence[Span]) -> Sequence[Span]:
    """Return the spans with a replacement and a basis that can be stored."""
    return [
        replace(span, replacement=_plain(span.replacement), basis=_plain(span.basis))
        if span.replacement or span.basis
        else span
        for span in spans
    ]


def _json(thing: Any) -> str:
    return plain(canonical_json(thing))


def _plain(words: str | None) -> str | None:
    return None if words is None else plain(words)
