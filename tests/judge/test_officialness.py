"""Whose copy a page is, with the evidence."""

import pytest

from archive import Capture, SiteFacts, derive

TEXT = """2024年宜兴市政府工作报告
——2024年1月9日在宜兴市第十八届人民代表大会第三次会议上
市长 甘示例
各位代表：
现在，我代表市人民政府，向大会报告工作，请予审议。
过去一年，我们坚持稳中求进。
各位代表！让我们团结奋斗，再创佳绩！
"""
OWN = "网站标识码：3202820001\n"
PROVINCE = "网站标识码：3200000002\n"


def officialness(text, url="", site=None):
    value = derive(Capture.from_bytes(text.encode(), url=url, site=site)).officialness
    assert value is None or value.candidates[0].evidence
    return value and value.value


@pytest.mark.parametrize(
    ("text", "url", "site", "what"),
    [
        (TEXT + OWN, "http://www.yixing.gov.cn/a.html", None, "official"),
        (TEXT + PROVINCE, "http://www.jiangsu.gov.cn/a.html", None, "official copy"),
        (TEXT, "http://www.yixing.gov.cn/a.html", None, "official"),
        (TEXT, "http://www.example.test/a.html", SiteFacts("x", kind="mirror"), "mirror"),
        (TEXT, "http://www.example.test/a.html", None, "mirror"),
        (TEXT + OWN, "http://www.example.test/a.html", None, "hijacked copy"),
        (TEXT + OWN, "http://www.example.test/a", SiteFacts("x", kind="official"), "official"),
        (TEXT + "本文仅代表作者观点,不代表本站立场。\n", "", None, "mirror"),
        (TEXT + OWN, "", None, "official"),
        (TEXT, "", None, None),
    ],
)
def test_officialness(text, url, site, what):
    assert officialness(text, url, site) == what


def test_record_numbers_of_two_provinces_are_no_government():
    text = TEXT + "浙ICP备05000001号 粤公网安备 32028202000001号\n"
    assert officialness(text) == "hijacked copy"


def test_it_is_part_of_the_derivation_as_json():
    derivation = derive(Capture.from_bytes((TEXT + OWN).encode(), url="http://www.yixing.gov.cn/"))
    assert derivation.as_json()["officialness"]["value"] == "official"
