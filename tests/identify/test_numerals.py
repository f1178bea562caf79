import pytest

from archive.known.numerals import iso_date, number, year


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("十七", 17),
        ("17", 17),
        ("二十一", 21),
        ("十", 10),
        ("一百零三", 103),
        ("", None),
        ("第", None),
    ],
)
def test_numerals(words, value):
    assert number(words) == value


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("2023年1月7日", "2023-01-07"),
        ("二〇二六年一月二十七日", "2026-01-27"),
        ("二○一九年十二月三十一日", "2019-12-31"),
        ("2023-02-28", "2023-02-28"),
        ("2023/1/31", "2023-01-31"),
        ("2023年2月30日", None),
        ("2023年13月1日", None),
        ("去年", None),
    ],
)
def test_dates(words, value):
    assert iso_date(words) == value


def test_years_of_the_republic_only():
    assert (year("二〇二三"), year("1949"), year("1812"), year("20233")) == (2023, 1949, None, None)
