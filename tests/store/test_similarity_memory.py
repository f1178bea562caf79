"""What linking copies keeps in memory is limited, however short and many the texts are."""

import pytest
from store.made_up import answer, derivation_of

from archive.store import similarity
from archive.store.similarity import SimilarityIndex

TEXTS = 40
MOST = 5


@pytest.fixture
def linked(archive):
    """Link many short texts; gives the most that were remembered and written at once, and links."""

    def link():
        written = []
        index = SimilarityIndex(archive._writer)
        index.forget_all()
        write = index._add
        index._add = lambda some: written.append(len(some)) or write(some)
        index.add([row[0] for row in archive.connection.execute("SELECT id FROM texts")])
        links = archive.connection.execute("SELECT * FROM links ORDER BY one, other").fetchall()
        return len(index._made), max(written), links

    with archive.run("crawl") as run:
        for number in range(TEXTS):
            run.text(run.capture(answer(number)), derivation_of(answer(number)))
    return link


def test_short_texts_do_not_fill_the_memory(linked, monkeypatch):
    remembered, at_once, links = linked()
    assert (remembered, at_once) == (TEXTS, TEXTS)
    assert links
    monkeypatch.setattr(similarity, "_OF_A_TEXT", 10_000)
    monkeypatch.setattr(similarity, "_MOST_REMEMBERED", (MOST + 1) * 10_000)
    monkeypatch.setattr(similarity, "_HASHES_OF_A_TEXT", 10_000)
    monkeypatch.setattr(similarity, "AT_ONCE", (MOST - 1) * 10_000)
    remembered, at_once, same = linked()
    assert remembered <= MOST + 1
    assert at_once <= MOST
    assert same == links, "only the memory differs"
