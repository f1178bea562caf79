"""Bylines and footers, as mirrors and government sites print them."""
# ruff: noqa: E501  (lines stand as a page prints them)

import pytest

BODY = "\n各位代表：\n现在，我代表市人民政府，向大会报告工作，请予审议。\n过去一年很不平凡。\n"


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("发布时间:2023年01月31日", "published_on", "2023-01-31"),
        ("发布日期： 2021- 05- 21 17: 15", "published_on", "2021-05-21"),
        ("发布时间 | 2021-02-10 责任编辑 |  来源 | 演示日报", "published_on", "2021-02-10"),
        ("发布时间 | 2021-02-10 责任编辑 |  来源 | 演示日报", "source", "演示日报"),
        ("发布时间 | 2021-02-10 责任编辑 |  来源 | 演示日报", "editor", None),
        ("发布时间:2023/1/11 14:47:43 来源:", "published_on", "2023-01-11"),
        ("发布时间:2023/1/11 14:47:43 来源:", "source", None),
        ("2026-02-03 09:02:33", "published_on", "2026-02-03"),
        ("2026年02月10日 07时41分\n来源:\n演示日报\n【字体：", "published_on", "2026-02-10"),
        ("2026年02月10日 07时41分\n来源:\n演示日报\n【字体：", "source", "演示日报"),
        ("admin 分享 时间: 加入收藏 共计13075个字,预计阅读时长44分钟", "published_on", None),
        ("admin 分享 时间: 加入收藏 共计13075个字,预计阅读时长44分钟", "declared_chars", 13075),
        ("本篇8602字，约29分钟读完", "declared_chars", 8602),
        ("全文共 12,345 字", "declared_chars", 12345),
        ("本文约 9100 个字", "declared_chars", 9100),
        ("全文共三部分，本篇8章", "declared_chars", None),
        ("今天是:2024年4月26日 星期五", "published_on", None),
        ("责任编辑:甘示例", "editor", "甘示例"),
        ("2023年市政府工作报告-12篇(第7/40页)", "page_no", 7),
        ("2023年市政府工作报告-12篇(第7/40页)", "page_count", 40),
        ("第 2 页 共 5 页", "page_count", 5),
        ("共5页 第2页", "page_no", 2),
        ("(第9/5页)", "page_no", None),
        ("苏公网安备 32028202000001号 网站标识码:3202820001", "site_id", "3202820001"),
        ("苏公网安备 32028202000001号", "police_record", "苏公网安备 32028202000001号"),
        ("ICP备案序号:苏ICP备05000001号-2 联系邮箱:demo@example.test", "icp", "苏ICP备05000001号-2"),
        ("ICP备案序号:苏ICP备05000001号-2 联系邮箱:demo@example.test", "email", "demo@example.test"),
        ("版权所有:宜兴市人民政府 主办单位:宜兴市人民政府办公室", "publisher", "宜兴市人民政府"),
        ("版权所有:大赢家体育人民政府", "publisher", None),
    ],
)  # fmt: skip
def test_lines(line, field, value, values_of):
    assert values_of(f"宜兴市政府工作报告\n{line}{BODY}")[field] == value


def test_a_brand_in_the_publishers_place(identity_of):
    footer = "版权所有:大赢家体育人民政府\n网站标识码:3202820001\n"
    value = identity_of(f"宜兴市政府工作报告{BODY}{footer}")["publisher"]
    assert (value.value, value.method) == ("江苏省无锡市宜兴市人民政府", "inferred")
    assert "大赢家体育" in value.raw


@pytest.mark.parametrize(
    ("url", "field", "value"),
    [
        ("http://www.example.test/zwgk/202301/t20230131_123.html", "published_on", "2023-01-31"),
        ("http://www.example.test/art/2023/1/31/art_12_345.html", "published_on", "2023-01-31"),
        ("http://www.example.test/2023/04/2811.html", "published_on", None),
        ("http://www.example.test/baogao/db/4095_4.html", "page_no", 4),
        ("http://www.example.test/202301/t20230131_123.html", "page_no", None),
        ("http://www.example.test/art/2023/1/31/art_12_345.html", "page_no", None),
        ("http://www.example.test/news.asp?id=17&page=3", "page_no", 3),
    ],
)
def test_addresses(url, field, value, identity_of):
    found = identity_of(f"宜兴市政府工作报告{BODY}", url=url)[field]
    assert (found and found.value) == value
    assert found is None or (found.source, found.method) == ("url", "inferred")


def test_meta_elements_come_after_print(identity_of):
    page = (
        '<html><head><title>x</title><meta name="PubDate" content="2023-02-01 09:00">'
        '<meta name="ContentSource" content="演示日报"><meta name="SiteIDCode" content="3202820001">'
        "</head><body><h1>宜兴市政府工作报告</h1>{}<p>各位代表：</p>"
        "<p>现在，我代表市人民政府，向大会报告工作，请予审议。</p></body></html>"
    )
    found = identity_of(page.format(""))
    assert (found["published_on"].value, found["published_on"].source) == (
        "2023-02-01",
        "meta:PubDate",
    )
    assert (found["source"].value, found["site_id"].value) == ("演示日报", "3202820001")
    printed = identity_of(page.format("<p>发布时间：2023-01-31</p>"))["published_on"]
    assert (printed.value, printed.source) == ("2023-01-31", "visible")


def test_a_label_inside_a_word_is_none(values_of):
    found = values_of(f"宜兴市政府工作报告{BODY}资金来源:财政拨款\n会议时间:2024-01-09\n")
    assert (found["source"], found["published_on"]) == (None, None)
