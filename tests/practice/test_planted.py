"""The planted matrix: what it says of its witnesses is what they print."""

from collections import Counter

import baogao_practice as practice
from baogao_practice.planted import FAULTS


def test_it_plants_what_was_asked():
    works = practice.matrix()
    assert len(works) == 40
    assert len({(work.code, work.year) for work in works}) == 40
    assert {len(work.witnesses) for work in works} == {1, 2, 3, 4, 5}


def test_every_fault_occurs_and_clean_witnesses_too():
    faults = Counter(f for work in practice.matrix() for w in work.witnesses for f in w.faults)
    assert set(faults) == set(FAULTS)
    assert any(not w.faults for work in practice.matrix() for w in work.witnesses)


def test_states_say_what_the_witnesses_print():
    states = Counter()
    for work in practice.matrix():
        states.update(work.states)
        for number, state in enumerate(work.states):
            printed = [t for w in work.witnesses for n, t in w.printed if n == number]
            assert (state == "missing") is (printed == [])
            assert (state == "clean") is (work.original[number] in printed)
    assert states["clean"] > states["damaged"] > 0
    assert states["missing"] > 0


def test_clean_witnesses_print_the_original():
    for work in practice.matrix():
        for witness in work.witnesses:
            if not witness.faults:
                assert tuple(text for _, text in witness.printed) == work.original


def test_pages_hold_the_printed_words():
    for work in practice.matrix(5):
        for witness in work.witnesses:
            html = "".join(body.decode() for _, body in witness.pages)
            assert all(text in html for _, text in witness.printed if "&" not in text)
            assert len({url for url, _ in witness.pages}) == len(witness.pages)


def test_the_matrix_is_seedable():
    assert practice.matrix(4, seed=1) == practice.matrix(4, seed=1)
    assert practice.matrix(4, seed=1)[0].original != practice.matrix(4, seed=2)[0].original
