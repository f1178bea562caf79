"""Any text, cut in any way: what is stored is a partition, and gives every character back."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store.made_up import answer, derivation_of

from archive.model import Span
from archive.store import Archive
from archive.store.partitions import dropped_ranges
from archive.store.texts import rows_of, spans_of, stored_rows

PIECES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
    | st.sampled_from("\r\n\u00a0\u3000\u2028𠮷🇨\ufeff\u0301政府"),
    min_size=1,
    max_size=12,
)
NUMBERS = count()
FATES = st.sampled_from(["keep", "drop", "replace"])


@st.composite
def cut_texts(draw):
    """A visible text with a partition of it."""
    visible, spans = "", []
    for piece in draw(st.lists(PIECES, min_size=1, max_size=12)):
        start, fate = len(visible), draw(FATES)
        visible += piece
        spans.append(
            Span(
                start, len(visible), fate, draw(st.sampled_from(["text", "junk", "规则"])),
                None if fate == "drop" else draw(st.sampled_from(["front", "body", "appendix"])),
                draw(PIECES) if fate == "replace" else None,
            )
        )  # fmt: skip
    return visible, tuple(spans)


@settings(
    max_examples=60, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(cut=cut_texts())
def test_every_cut_comes_back_character_by_character(tmp_path, cut):
    visible, spans = cut
    path = tmp_path / "demo.db"
    capture = answer(payload=f"{next(NUMBERS)} {visible}".encode())
    made = replace(derivation_of(capture), visible=visible, spans=spans, flags=())
    with Archive.open(path, create=True) as archive:
        with archive.run("crawl") as run:
            text_id = run.text(run.capture(capture), made)
        assert archive.connection.execute("SELECT * FROM broken_partition").fetchall() == []
        assert spans_of(archive.connection, text_id) == spans
        dropped = [(span.start, span.stop) for span in spans if span.action == "drop"]
        assert list(dropped_ranges(archive.connection, text_id)) == dropped
        assert archive.clean_text(text_id) == made.text
        assert stored_rows(archive.connection, text_id).digest() == rows_of(made).digest()
        removed = archive.connection.execute(
            "SELECT start, stop, words FROM removed WHERE text_id = ?", (text_id,)
        )
        assert {words == visible[start:stop] for start, stop, words in removed} <= {True}
