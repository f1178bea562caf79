"""Where a speech ends, and what may follow its closing words."""

import pytest

from archive.judge.closing import closing

CLOSING = "各位代表！让我们更加紧密地团结起来，开拓创新、勇毅前行，为建设美好家园而努力奋斗！"
SPEECH = [
    "一、工作回顾",
    "过去一年，各项事业取得新进步。",
    "二、工作安排",
    "我们将办好实事。",
    CLOSING,
]


def test_a_speech_ends_with_its_last_exhortation():
    assert closing(SPEECH) == 4
    assert closing(SPEECH[:4]) is None
    assert closing([CLOSING]) == 0
    assert closing([]) is None


@pytest.mark.parametrize(
    ("following", "ends"),
    [
        (["谢谢大家！"], True),
        (["附件", "民生实事清单"], True),
        (["名词解释", "1.和美乡村：宜居宜业的乡村。"], True),
        (["一、今年的实事项目"], True),
        (["三、自身建设", "我们要依法行政。"], False),
        (["附件", "各位代表："], False),
        (["（一）加强学习"], False),
        (["今年工作要点"], False),
        (["市府大楼" * 10], True),
        (["市府大楼" * 10 + "东"], False),
        (["全市经济平稳运行。"], False),
    ],
)
def test_only_thanks_appendices_and_footers_follow_the_end_of_a_speech(following, ends):
    assert closing([*SPEECH, *following]) == (4 if ends else None)
