"""The gazetteer: codes, names that recur in space and time, place expressions, mentions."""

import pickle
import time
from pathlib import Path

import pytest

from archive.errors import DataFileError
from archive.known import shipped
from archive.known.gazetteer import Division, Gazetteer, load_gazetteer

HEADER = "code,name,short,level,parent,since,until\n"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return shipped().gazetteer


def codes(found: tuple[Division, ...]) -> list[str]:
    return [division.code for division in found]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("辽宁省抚顺市望花区", ["210404"]),
        ("(辽宁省)抚顺市望花区", ["210404"]),
        ("（ 辽宁省 ） 抚 顺 市", ["210400"]),
        ("凌海市", ["210781"]),
        ("黑龙江省尚志市", ["230183"]),
        ("吉林延边朝鲜族自治州", ["222400"]),
        ("吉林", ["220000", "220200"]),
        ("海城", ["210381", "450502"]),
        ("海城市", ["210381"]),
        ("上海浦东", ["310115"]),
        ("市中", []),
        ("嘉兴市秀洲区", ["330411"]),
        ("海南陵水县", ["469028"]),
        ("荆州市潜江市", ["429005"]),
        ("东乡族自治县", ["622926"]),
        ("隆林县", ["451031"]),
        ("新疆石河子市", ["659001"]),
        ("中国", ["100000"]),
        ("莱芜", ["370116"]),
        ("莱芜市", ["371200"]),
        ("江干区", ["330104"]),
        ("巢湖地区", ["342600"]),
        ("辽宁省海淀区", []),
        ("抚顺市政府工作报告", []),
        ("县", []),
        ("", []),
    ],
)
def test_place_expressions(gazetteer: Gazetteer, words: str, expected: list[str]) -> None:
    assert codes(gazetteer.parse(words)) == expected


@pytest.mark.parametrize(
    ("code", "year", "full_name"),
    [
        ("100000", None, "中国"),
        ("210300", None, "辽宁省鞍山市"),
        ("310101", None, "上海市黄浦区"),
        ("419001", None, "河南省济源市"),
        ("429004", None, "湖北省仙桃市"),
        ("429005", None, "湖北省潜江市"),
        ("429006", None, "湖北省天门市"),
        ("429021", None, "湖北省神农架林区"),
        ("469001", None, "海南省五指山市"),
        ("469028", None, "海南省陵水黎族自治县"),
        ("659001", None, "新疆维吾尔自治区石河子市"),
        ("659002", None, "新疆维吾尔自治区阿拉尔市"),
        ("659010", None, "新疆维吾尔自治区胡杨河市"),
        ("330104", None, "浙江省杭州市江干区"),
        ("342601", 1990, "安徽省巢湖地区巢湖市"),
        ("653228", 2025, "新疆维吾尔自治区和田地区和安县"),
        ("999999", None, ""),
    ],
)
def test_full_names(gazetteer: Gazetteer, code: str, year: int | None, full_name: str) -> None:
    assert gazetteer.full_name(code, year) == full_name


def test_names_have_years(gazetteer: Gazetteer) -> None:
    assert codes(gazetteer.parse("江干区", year=2020)) == ["330104"]
    assert gazetteer.parse("江干区", year=2023) == ()
    assert codes(gazetteer.parse("临平区", year=2023)) == ["330113"]
    assert gazetteer.parse("临平区", year=2015) == ()
    assert codes(gazetteer.named("海城市", year=1990)) == ["219002"]
    assert gazetteer.division("371200", 2023) is None
    laiwu = gazetteer.division("371200")
    assert laiwu is not None
    assert (laiwu.name, laiwu.since, laiwu.until) == ("莱芜市", 1992, 2019)


def test_both_names_hold_in_the_year_of_a_change(gazetteer: Gazetteer) -> None:
    assert codes(gazetteer.named("密云", year=2015)) == ["110118", "110228"]
    renamed = gazetteer.division("130502", 2020)
    assert renamed is not None
    assert renamed.name == "桥东区"


def test_parents_run_from_the_province_down(gazetteer: Gazetteer) -> None:
    assert [d.name for d in gazetteer.parents("210404")] == ["辽宁省", "抚顺市"]
    assert gazetteer.parents("210000") == ()
    assert gazetteer.parents("100000") == ()


def test_children(gazetteer: Gazetteer) -> None:
    assert len(gazetteer.children("100000")) == 34
    assert "仙桃市" in {d.name for d in gazetteer.children("420000")}
    assert "江干区" in {d.name for d in gazetteer.children("330100", 2010)}
    assert "江干区" not in {d.name for d in gazetteer.children("330100")}
    assert gazetteer.children("nowhere") == ()


def test_named_within(gazetteer: Gazetteer) -> None:
    assert codes(gazetteer.named("朝阳", within="220000")) == ["220104"]
    assert codes(gazetteer.named("朝阳区", within="100000")) == ["110105", "220104"]


def test_every_division_has_a_parent_of_a_higher_level(gazetteer: Gazetteer) -> None:
    orphans = [
        row
        for row in gazetteer.divisions
        if row.code != "100000" and (row.parent is None or gazetteer.division(row.parent) is None)
    ]
    assert orphans == []


def test_every_full_name_of_today_reads_back_as_itself(gazetteer: Gazetteer) -> None:
    today = {row.code for row in gazetteer.divisions if row.until is None}
    wrong = [code for code in today if codes(gazetteer.parse(gazetteer.full_name(code))) != [code]]
    assert wrong == []


def test_mentions_are_the_longest_names_in_order(gazetteer: Gazetteer) -> None:
    text = "辽宁省抚顺市望花区与黑龙江省尚志市、抚顺县"
    found = list(gazetteer.mentions(text))
    assert [surface for _, _, surface, _ in found] == [
        "辽宁省", "抚顺市", "望花区", "黑龙江省", "尚志市", "抚顺县",
    ]  # fmt: skip
    assert all(text[start:stop] == surface for start, stop, surface, _ in found)
    assert codes(found[2][3]) == ["210404"]
    assert list(gazetteer.mentions("")) == list(gazetteer.mentions("县")) == []


def test_mentions_take_time_that_grows_with_the_text(gazetteer: Gazetteer) -> None:
    text = "全市经济平稳运行,抚顺市望花区和海城市完成了任务。" * 40_000
    started = time.perf_counter()
    assert sum(1 for _ in gazetteer.mentions(text)) == 120_000
    assert time.perf_counter() - started < 10


def test_it_can_be_pickled(gazetteer: Gazetteer) -> None:
    assert pickle.loads(pickle.dumps(gazetteer)) == gazetteer  # noqa: S301


@pytest.mark.parametrize(
    "row",
    ["甲,甲县,,county,,,", "120000,甲省,,province,,x,", "120000,甲省,,nation,,,", "120000,甲省"],
)
def test_a_broken_row_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "divisions.csv").write_text(HEADER + row + "\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"divisions\.csv:2"):
        load_gazetteer(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"divisions\.csv"):
        load_gazetteer(tmp_path)
