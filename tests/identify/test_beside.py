"""What is said beside a text: meta elements, names of files, claims of a container."""

from archive.clean import clean
from archive.identify import identify
from archive.known import shipped
from archive.model import Capture
from archive.read import read

BARE = "各位代表：\n现在，我代表市人民政府，向大会报告工作，请予审议。\n过去一年很不平凡。\n"
HEADED = "2024年宜兴市政府工作报告\n——2024年1月9日在宜兴市第十八届人民代表大会第三次会议上\n" + BARE


def identity(text, *, claims=(), **context):
    capture = Capture(url="", payload=text.encode(), claims=tuple(claims), **context)
    page = read(capture, shipped())
    return identify(page, clean(page, shipped()), capture, shipped())


def test_a_file_name_says_what_the_text_does_not():
    found = identity(BARE, filename="2023_宜兴市.txt")
    assert (found["place_code"].value, found["place_code"].source) == ("320282", "filename")
    assert (found["report_year"].value, found["report_year"].method) == (2023, "inferred")


def test_print_is_trusted_before_a_file_name():
    found = identity(HEADED, filename="2019_昆明市.txt")
    assert (found["place_code"].value, found["report_year"].value) == ("320282", 2024)
    assert found["place_code"].source == "visible"


def test_a_file_name_that_names_nothing():
    found = identity(BARE, filename="003_304e5ed636b3d688.txt")
    assert found["place"] is None
    assert found["report_year"] is None or found["report_year"].value is None


def test_claims_of_a_container():
    claims = (("省", "江苏省"), ("city", "无锡市"), ("county", "宜兴市"), ("year", "2022"),
              ("title", "2022年政府工作报告"), ("publish_date", "2022-01-20"))  # fmt: skip
    found = identity(BARE, claims=claims)
    assert found["place"].value == "江苏省无锡市宜兴市"
    assert found["place"].source == "claim:省"
    assert (found["report_year"].value, found["title"].source) == (2022, "claim:title")
    assert (found["published_on"].value, found["published_on"].source) == (
        "2022-01-20", "claim:publish_date",
    )  # fmt: skip


def test_a_claim_never_beats_print():
    found = identity(HEADED, claims=(("city", "昆明市"), ("year", "2019")))
    assert (found["place_code"].value, found["report_year"].value) == ("320282", 2024)
    assert "530100" in [each.value for each in found["place_code"].candidates]


def test_a_title_in_the_head_of_a_page_that_prints_none():
    page = (
        "<html><head><title>2024年宜兴市政府工作报告_无锡门户</title></head><body>"
        + "".join(f"<p>{line}</p>" for line in BARE.splitlines())
        + "</body></html>"
    )
    found = identity(page)
    assert (found["title"].value, found["title"].source) == ("2024年宜兴市政府工作报告", "title")
    assert found["place_code"].value == "320282"
