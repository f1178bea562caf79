"""Headers in the forms that real collections print them; places are real, people are not."""
# ruff: noqa: E501  (header lines stand as a page prints them)

import pytest

SPEECH = """
各位代表：
现在，我代表{government}，向大会报告工作，请予审议，并请各位政协委员提出意见。
一、2030年工作回顾
过去一年，我们坚持稳中求进，全年地区生产总值增长6%。
二、2031年工作安排
今年，我们将办好十件民生实事。
各位代表！让我们团结奋斗，再创佳绩！
"""
SESSION = "武安市第十八届人民代表大会第二次会议"


def report(header, government="市人民政府"):
    return header.strip("\n") + SPEECH.format(government=government)


@pytest.mark.parametrize(
    "year",
    [
        "二〇三一",
        "二零三一",
        "二○三一",
        "二０三一",
        "二0三一",
        "二◯三一",
        "二О三一",
        "二O三一",
        "2031",
        "２０３１",
    ],
)
def test_a_year_has_many_zeros(year, values_of):
    found = values_of(
        report(f"政府工作报告\n——{year}年一月九日在武安市第十八届人民代表大会第二次会议上")
    )
    assert (found["delivered_on"], found["report_year"]) == ("2031-01-09", 2031)
    assert (found["session"], found["place_code"]) == (SESSION, "130481")


@pytest.mark.parametrize(
    ("line", "day"),
    [
        (f"——2031年1月9日在{SESSION}上", "2031-01-09"),
        (f"——在2031年1月9日在{SESSION}上", "2031-01-09"),
        (f"20310109日在{SESSION}上", "2031-01-09"),
        (f"●2031年1月9日在{SESSION}上", "2031-01-09"),
        (f"★ 2031-01-09 {SESSION}", "2031-01-09"),
        (f"（2031年1月9日在{SESSION}第一次全体会议上）", "2031-01-09"),
        (f"——2031年1月9日{SESSION}通过", "2031-01-09"),
        (f"——1月9日在{SESSION}上", None),
        (f"——2031年1月在{SESSION}上", None),
        (f"——2031 年 xx 月 xx 日在{SESSION}上", None),
        (f"——在{SESSION}上", None),
        (f"——{SESSION}", None),
    ],
)
def test_session_lines(line, day, values_of):
    found = values_of(report(f"政府工作报告\n{line}\n市长 赵示例"))
    assert (found["session"].removesuffix("第一次全体会议"), found["place_code"]) == (
        SESSION,
        "130481",
    )
    assert (found["delivered_on"], found["report_year"]) == (day, 2031)
    assert (found["office"], found["speaker"]) == ("市长", "赵示例")


@pytest.mark.parametrize(
    ("line", "session"),
    [
        ("——2031年1月9日在市十八届人大二次会议上", "市十八届人大二次会议"),
        ("——2031年1月9日在武安市十八届人大二次会议上", "武安市十八届人大二次会议"),
        ("——2031年1月9日在武安市第十八届人大二次会议上", "武安市第十八届人大二次会议"),
        ("——2031年1月9日在市人大十八届二次会议上", "市人大十八届二次会议"),
    ],
)
def test_sessions_in_short(line, session, values_of):
    found = values_of(report(f"武安市2031年政府工作报告\n{line}\n市长 赵示例"))
    assert (found["session"], found["delivered_on"]) == (session, "2031-01-09")
    assert found["place_code"] == "130481"


@pytest.mark.parametrize(
    ("lines", "office", "speaker"),
    [
        (f"2031年1月9日在{SESSION}上市长赵示例作政府工作报告。", "市长", "赵示例"),
        (f"——2031年1月9日市长 赵示例在{SESSION}上的讲话", "市长", "赵示例"),
        (f"2031年1月9日赵示例市长在{SESSION}的政府工作报告", "市长", "赵示例"),
        (f"（2031年1月9日在{SESSION}上 代市长 赵示例）", "代市长", "赵示例"),
        (f"（2031年1月9日在{SESSION}上）市长 赵示例", "市长", "赵示例"),
        (f"（2031年1月9日在{SESSION}上 赵示例）", None, "赵示例"),
        (f"——2031年1月9日在{SESSION}上\n武安市人民政府市长", "市长", None),
        (f"——2031年1月9日在{SESSION}上\n市长：赵𬱖", "市长", "赵𬱖"),
        (f"——2031年1月9日在{SESSION}上\n报告人：武安市市长 赵示例", "市长", "赵示例"),
        (f"——2031年1月9日在{SESSION}上\n市委副书记、市长赵示例", "市长", "赵示例"),
        ("（2031年1月9日 赵示例）", None, "赵示例"),
        ("（2031年1月9日赵示例）", None, "赵示例"),
    ],
)
def test_speakers_beside_the_session(lines, office, speaker, values_of):
    found = values_of(report(f"武安市政府工作报告\n{lines}"))
    assert (found["office"], found["speaker"]) == (office, speaker)
    assert (found["delivered_on"], found["place_code"]) == ("2031-01-09", "130481")


def test_a_day_alone_below_the_title(values_of):
    found = values_of(report("政府工作报告\n2031年1月9日", "武安市人民政府"))
    assert (found["delivered_on"], found["speaker"]) == ("2031-01-09", None)


@pytest.mark.parametrize("words", ["修订", "上午", "起施行", "市政府印发", "全体会议通过"])
def test_no_name_stands_beside_every_day(words, values_of):
    found = values_of(report(f"武安市政府工作报告\n（2031年1月9日{words}）"))
    assert found["speaker"] is None


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("【重要发布】2031年武安市政府工作报告", "2031年武安市政府工作报告"),
        ("资料：2031年武安市政府工作报告", "2031年武安市政府工作报告"),
        ("标题：2031年武安市政府工作报告", "2031年武安市政府工作报告"),
        ("★2031年武安市政府工作报告", "2031年武安市政府工作报告"),
        ("《2031年武安市政府工作报告》", "《2031年武安市政府工作报告》"),
        ("新华社武安1月9日电 2031年武安市政府工作报告", "2031年武安市政府工作报告"),
    ],
)
def test_words_before_a_title_are_not_part_of_it(title, shown, values_of):
    found = values_of(report(title))
    assert (found["title"], found["report_year"], found["place_code"]) == (shown, 2031, "130481")


@pytest.mark.parametrize(
    ("office", "code"),
    [
        ("鄂温克族自治旗旗长 赵示例", "150724"),
        ("大厂回族自治县县长　赵示例", "131028"),
        ("武安市人民政府市长 赵示例", "130481"),
        ("中共武安市委副书记、武安市人民政府市长 赵示例", "130481"),
        ("锡林郭勒盟行政公署盟长 赵示例", "152500"),
        ("国务院总理 赵示例", "100000"),
    ],
)
def test_the_office_says_the_place(office, code, values_of):
    found = values_of(report(f"政府工作报告\n{office}", "人民政府"))
    assert found["place_code"] == code


def test_a_league_reports_to_its_own_meeting(values_of):
    text = report(
        "2031年锡林郭勒盟行政公署工作报告\n——2031年1月5日在盟委（扩大）会议上\n锡林郭勒盟行署盟长　赵示例"
    ).replace("各位代表", "同志们")
    found = values_of(text)
    assert (found["place_code"], found["kind"]) == ("152500", "政府工作报告")
    assert (found["speaker"], found["delivered_on"]) == ("赵示例", "2031-01-05")


def test_traditional_headers_are_read_and_stay_as_printed(values_of):
    text = report(
        "政府工作報告\n——2031年1月9日在撫順市第十八屆人民代表大會第二次會議上\n撫順市市長　趙明遠"
    )
    found = values_of(text.replace("人民政府", "人民政府").replace("报告", "報告"))
    assert (found["place_code"], found["place"]) == ("210400", "辽宁省抚顺市")
    assert (found["speaker"], found["office"]) == ("趙明遠", "市長")
    assert found["session"] == "撫順市第十八屆人民代表大會第二次會議"


def test_look_alikes_are_read(values_of):
    found = values_of(
        report(
            "政府⼯作报告\n——2031年1⽉9⽇在武安市第十⼋届⼈⺠代表⼤会第⼆次会议上\n武安市市⻓　赵⽴明"
        )
    )
    assert (found["session"], found["delivered_on"]) == (SESSION, "2031-01-09")
    assert (found["office"], found["speaker"]) == ("市长", "赵立明")


@pytest.mark.parametrize("gap", ["", "　　", "  "])
def test_a_text_without_line_ends(gap, identity_of):
    lines = report(f"政府工作报告\n——2031年1月9日在{SESSION}上\n武安市市长　赵示例").splitlines()
    found = identity_of(gap.join(lines))
    values = {name: value and value.value for name, value in found.items()}
    assert (values["place_code"], values["report_year"]) == ("130481", 2031)
    assert (values["session"], values["speaker"]) == (SESSION, "赵示例")
    assert (values["kind"], values["title"]) == ("政府工作报告", "政府工作报告")


def test_the_header_block_of_a_collection(values_of):
    found = values_of(
        report(
            "标题：武安市2031年政府工作报告\n发文单位：武安市人民政府\n发文时间：2031-01-12\n"
            "报告人：武安市人民政府市长 赵示例\n来源URL：http://www.example.test/1.html\n\n正文：\n"
        )
    )
    assert found["title"] == "武安市2031年政府工作报告"
    assert (found["speaker"], found["place_code"]) == ("赵示例", "130481")


def test_jammed_lines_are_read_as_cleaning_leaves_them(values_of):
    found = values_of(
        report(
            f"武安市2031年政府工作报告\n发表于 2031-1-12 10:20 | 只看该作者\n[复制链接]\n"
            f"% ^1 D; D2 a) \\/ O) C* \\|6 n——2031年1月9日在{SESSION}上\n市长 赵示例"
        )
    )
    assert (found["session"], found["delivered_on"]) == (SESSION, "2031-01-09")
    assert found["speaker"] == "赵示例"


@pytest.mark.parametrize(
    ("opening", "code"),
    [
        ("我代表国务院，向第五届全国人民代表大会作政府工作报告。", "100000"),
        ("我现在根据国务院的决定，向第二届全国人民代表大会第一次会议作政府工作报告。", "100000"),
        ("我受国务院的委托，现在向大会提出关于国民经济计划安排的报告，请予审议。", "100000"),
        ("我代表浙江省革命委员会，向省第五届人民代表大会报告工作，请各位代表审议。", "330000"),
        ("现在，我代表安徽省人民委员会，向大会报告工作。", "340000"),
        ("现在，我代表光明区一届人民政府向大会作报告，请予审议。", "440311"),
    ],
)
def test_organs_of_the_past_and_of_a_term(opening, code, values_of):
    found = values_of(f"各位代表：\n{opening}\n一、1959年工作的回顾\n工业生产有了很大的增长。\n")
    assert (found["kind"], found["place_code"]) == ("政府工作报告", code)


def test_the_opening_names_a_session(values_of):
    found = values_of(
        "各位代表：\n现在，我代表省人民政府，向吉林省第十届人民代表大会第一次会议报告政府工作，请予审议。\n"
        "一、过去五年的工作\n经济持续增长。\n"
    )
    assert (found["session"], found["place_code"]) == (
        "吉林省第十届人民代表大会第一次会议",
        "220000",
    )


@pytest.mark.parametrize(
    ("title", "stage"),
    [
        ("武安市2031年政府工作报告（摘要）", "abstract"),
        ("武安市2031年政府工作报告（节选）", "excerpt"),
        ("赵示例在市十八届人大二次会议上的政府工作报告（摘登）", "excerpt"),
        ("武安市2031年政府工作报告（征求意见稿）", "draft"),
        ("武安市2031年政府工作报告", "final"),
    ],
)
def test_stages(title, stage, values_of):
    found = values_of(report(title))
    assert (found["kind"], found["stage"], found["report_year"]) == ("政府工作报告", stage, 2031)


def test_a_speech_at_a_congress_needs_no_salutation(values_of):
    found = values_of(
        "――2031年3月6日在广州市第十届人民代表大会第五次会议上\n广州市代市长赵示例\n一、2030年主要工作情况\n"
        "广州市经济运行进入了快速发展后的调整期。\n"
    )
    assert (found["kind"], found["report_year"]) == ("政府工作报告", 2031)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("武安市2030年法治政府建设工作报告", "法治政府建设报告"),
        ("武安市人民政府关于2030年度法治政府建设情况的报告", "法治政府建设报告"),
        ("武安市政府信息公开工作年度报告", "信息公开年度报告"),
    ],
)
def test_look_alikes_of_a_report(title, kind, values_of):
    found = values_of(
        f"{title}\n现将有关情况报告如下：\n一、2030年主要工作情况\n全市深入推进各项工作。\n"
    )
    assert found["kind"] == kind
