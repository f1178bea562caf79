"""Traditional forms and look-alikes: one character for one, none that simplified text has."""

import re

from archive.known import Knowledge, shipped
from archive.known.characters import (
    class_of,
    comparison_forms,
    simplified,
    traditional,
    usual,
)


def test_every_mapping_is_from_one_character_to_one():
    for table in (usual(), simplified(), traditional(), comparison_forms()):
        assert table
        assert all(len(old) == len(new) == 1 and old != new for old, new in table.items())


def test_look_alikes_are_the_characters_that_unicode_names():
    table = usual()
    assert [table[each] for each in "⼯⼈⺠⻓⽇\uf98e\ufa1c"] == list("工人民长日年靖")
    assert "\ufa11" not in table  # a unified ideograph in the block of compatibility ideographs
    assert "工" not in table


def test_simplified_forms_are_those_of_a_character_by_itself():
    assert [simplified()[each] for each in "報會議屆撫順經濟"] == list("报会议届抚顺经济")


def test_what_stands_in_simplified_text_is_not_traditional():
    """乾 is simplified to 干 by itself, and stays as it is in 乾县 and 乾安县."""
    assert simplified()["乾"] == "干"
    names = "".join(row.name for row in shipped().gazetteer.divisions)
    assert [each for each in sorted(set(names)) if each in traditional()] == []


def test_look_alikes_compare_as_the_simplified_form_of_what_they_look_like():
    assert comparison_forms()["⻑"] == "长"


def test_a_class_holds_its_characters():
    finder = re.compile(f"[{class_of('會長-]^')}]")
    assert [each for each in "会會长長-]^a" if finder.match(each)] == list("會長-]^")
    assert re.match(f"[{class_of(['𠀀'])}]", "𠀁")


def test_the_tables_are_part_of_the_knowledge(monkeypatch):
    before = Knowledge(shipped().folder).digest
    monkeypatch.setattr("archive.known.tables_digest", lambda: "other tables")
    assert Knowledge(shipped().folder).digest != before
