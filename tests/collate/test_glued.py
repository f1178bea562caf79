"""Texts with several documents, and texts that say something twice, as witnesses of works."""

import pytest
from clean.pasting import derived, pasted, text_of
from click.testing import CliRunner

from archive import Archive, Capture, SiteFacts, derive
from archive.cli import cli

ONE, OTHER = text_of("凌海市", 2021, seed=31), text_of("和县", 2022, seed=32)
NEXT = text_of("凌海市", 2022, seed=33)


def archived(path, texts, kinds=()):
    """An archive of texts, each from a site of its own, of the kinds given or mirrors."""
    archive = Archive.open(path, create=True)
    with archive.run("backfill") as run:
        for n, text in enumerate(texts):
            site = SiteFacts(f"s{n}", kind=kinds[n] if n < len(kinds) else "mirror")
            url = f"http://s{n}.test/{n}.txt"
            got = Capture(url, text.encode(), status=200, site=site, filename="text.txt")
            run.text(run.capture(got), derive(got))
        archive.collate(run.id)
    return archive


def witnesses(archive):
    return {
        work["work"]: [(w["text_id"], w["extent"]) for w in archive.witnesses(work["work"])]
        for work in archive.works()
    }


def edition(archive, work):
    return [passage["text"] for passage in archive.edition(work)]


def test_each_report_of_a_text_is_a_witness_of_its_own_work(tmp_path):
    text, _ = pasted.glued([ONE, OTHER, NEXT])
    with archived(tmp_path / "a.db", [text]) as archive:
        assert witnesses(archive) == {
            "210781-2021": [(1, "whole")], "340523-2022": [(1, "whole")],
            "210781-2022": [(1, "whole")],
        }  # fmt: skip
        for work, report in (("210781-2021", ONE), ("340523-2022", OTHER), ("210781-2022", NEXT)):
            assert edition(archive, work) == report.splitlines()


def test_a_text_of_several_and_a_copy_of_one_meet(tmp_path):
    text, _ = pasted.glued([ONE, OTHER])
    with archived(tmp_path / "a.db", [text, ONE]) as archive:
        assert sorted(witnesses(archive)["210781-2021"]) == [(1, "whole"), (2, "whole")]
        assert witnesses(archive)["340523-2022"] == [(1, "whole")]
        assert edition(archive, "210781-2021") == ONE.splitlines()
        assert archive.readings("210781-2021") == []


@pytest.mark.parametrize("maker", [pasted.translated, pasted.resolved, pasted.with_news])
def test_what_stands_behind_a_report_never_comes_into_its_edition(tmp_path, maker):
    text, _ = pasted.glued(maker([ONE]))
    with archived(tmp_path / "a.db", [text, ONE]) as archive:
        assert list(witnesses(archive)) == ["210781-2021"]
        assert edition(archive, "210781-2021") == ONE.splitlines()
    with archived(tmp_path / "alone.db", [text]) as archive:
        assert edition(archive, "210781-2021") == ONE.splitlines()


def test_where_no_border_is_sure_there_is_no_work_and_no_row(tmp_path):
    jammed, _ = pasted.glued(["".join(t.splitlines()) for t in (ONE, OTHER)], between="")
    fragment, _ = pasted.glued(pasted.with_fragment([ONE, OTHER]))
    for name, text in (("jammed", jammed), ("fragment", fragment)):
        path = tmp_path / f"{name}.db"
        archived(path, [text]).close()
        assert rows(path, tmp_path) == []


def rows(path, folder):
    words, output = folder / "words.txt", folder / "panel.csv"
    words.write_text("工业\n", "utf-8")
    ran = CliRunner().invoke(cli, ["panel", str(path), str(words), "-o", str(output)])
    assert ran.exit_code == 0, ran.output
    header, *lines = output.read_text("utf-8-sig").splitlines()
    return [dict(zip(header.split(","), line.split(","), strict=False)) for line in lines]


def test_words_of_glued_and_doubled_texts_count_once(tmp_path):
    for name, texts in (
        ("once", [ONE, OTHER]),
        ("glued", [pasted.glued(["\n".join([ONE] * 3), OTHER, *pasted.translated([ONE])[1:]])[0]]),
    ):
        archived(tmp_path / f"{name}.db", texts).close()
    once, glued = rows(tmp_path / "once.db", tmp_path), rows(tmp_path / "glued.db", tmp_path)
    facts = ("report_id", "n_chars", "delivered_on", "completeness", "reason", "工业_exact")
    assert [[row[name] for name in facts] for row in glued] == [
        [row[name] for name in facts] for row in once
    ]
    assert int(once[0]["工业_exact"]) > 0


def test_a_doubled_copy_never_ranks_above_a_clean_one(tmp_path):
    twice = f"{ONE}\n{ONE}"
    with archived(tmp_path / "a.db", [twice, ONE], ["official", "mirror"]) as archive:
        assert [text for text, _ in witnesses(archive)["210781-2021"]] == [2, 1]
        assert edition(archive, "210781-2021") == ONE.splitlines()


def test_two_versions_of_one_report_in_a_text_are_one_witness(tmp_path):
    lines = ONE.splitlines()
    other = [line if n % 3 else line.replace("推进", "持续推动") for n, line in enumerate(lines)]
    other = [*other[:20], *other[30:]]
    text, _ = pasted.glued([ONE, "\n".join(other)])
    with archived(tmp_path / "a.db", [text]) as archive:
        assert witnesses(archive) == {"210781-2021": [(1, "whole")]}
        assert edition(archive, "210781-2021") == lines


def test_a_report_keeps_what_the_address_said_of_it(tmp_path):
    """One report in a text that names no year: what stood beside the text is still said of it."""
    bare = "\n".join(
        line.replace("2021年", "今年").replace("2020年", "去年") for line in ONE.splitlines()
    )
    text, _ = pasted.glued(pasted.translated([bare]))
    got = Capture("", text.encode(), status=200, filename="凌海市2021年政府工作报告.txt")
    assert derive(got).identity["report_year"].value == 2021
    with Archive.open(tmp_path / "a.db", create=True) as archive:
        with archive.run("backfill") as run:
            run.text(run.capture(got), derive(got))
            archive.collate(run.id)
        assert list(witnesses(archive)) == ["210781-2021"]


def test_collating_again_changes_nothing(tmp_path):
    text, _ = pasted.glued([ONE, OTHER])
    with archived(tmp_path / "a.db", [text, f"{ONE}\n{ONE}"]) as archive:
        assert archive.collate(anew=True)["remade"] == 0


def test_invented_reports_are_distinguished():
    assert derived(ONE).identity["place_code"].value == "210781"
    assert derived(OTHER).identity["place_code"].value == "340523"
