"""Words and codes that many rooms share."""

from pathlib import Path

import pytest

import archive.known
from archive.clean.looks import shapes_of
from archive.errors import DataFileError
from archive.known import shipped
from archive.known.divisions import contains, stem, with_those_above
from archive.known.genre import PIECES, SENTENCE_ENDS, ends_sentence, with_pieces

LEXICA = Path(archive.known.__file__).parent / "lexica"
WRITTEN = "".join((LEXICA / f"{name}.toml").read_text("utf-8") for name in ("frame", "kinds"))


@pytest.mark.parametrize("name", PIECES)
def test_a_lexicon_names_each_piece(name):
    assert f"{{{name}}}" in WRITTEN


def test_a_piece_that_there_is_not_is_an_error():
    with pytest.raises(DataFileError, match="no piece 'GREETZ'"):
        with_pieces("(?:{GREETZ}).{0,3}", "frame")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("salutation", "各位代表:"), ("salutation", "代表们、同志们："), ("numbered", "第二章"),
        ("numbered", "（三）"), ("numbered", "十一、"),
    ],
)  # fmt: skip
def test_pieces_are_part_of_the_patterns(kind, words):
    assert shapes_of(shipped()).is_(kind, words)


def test_closing_words_are_part_of_the_patterns():
    shapes = shapes_of(shipped())
    assert shapes.holds("closing_end", "谱写新的篇章！")
    assert not shapes.holds("closing_end", "谱写新的文章。")


def test_what_ends_a_sentence():
    assert all(ends_sentence(f"好{mark}") for mark in SENTENCE_ENDS)
    assert not any(map(ends_sentence, ("", "好", "好，", "好：")))


def test_which_division_contains_which():
    assert (stem("210000"), stem("210300"), stem("210311")) == ("21", "2103", "210311")
    assert contains("100000", "210311")
    assert contains("210000", "210000")
    assert not contains("210300", "210000")
    assert not contains("210300", "210411")
    assert with_those_above("210311") == ("210311", "210300", "210000")
    assert with_those_above("210000") == ("210000",)
