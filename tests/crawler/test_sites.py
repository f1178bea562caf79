"""Site files: what is accepted, and the sentence for each thing that is not."""

import pytest

from archive import DataFileError, UsageError
from crawler.site_files import SHIPPED, load_sites, practice_sites, read_site

GOOD = """\
title = "示范市人民政府"
kind = "official"
family = "trs"
hosts = ["www.example.gov.cn"]
start = ["https://www.example.gov.cn/zwgk/index.html"]
"""


def written(folder, text, name="x"):
    path = folder / f"{name}.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_short_file_is_enough(tmp_path):
    site = read_site(written(tmp_path, GOOD))
    assert (site.name, site.family, site.delay_s, site.loopback) == ("x", "trs", 1.0, False)
    assert site.facts.title == "示范市人民政府"
    assert site.ports == {80, 443}
    assert site.toml == GOOD


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + 'report = ["x"]\n', 'unknown key "report" (did you mean "reports"?)'),
        (GOOD.replace("title", "titel"), 'unknown key "titel" (did you mean "title"?)'),
        (GOOD + "[expect]\nminimun = 3\n", 'unknown key "expect.minimun" (did you mean "minimum"?'),
        (GOOD.replace('"trs"', '"tsr"'), "family: 'tsr' is not one of"),
        (GOOD.replace('title = "示范市人民政府"\n', ""), "title: is missing"),
        (GOOD + "place_code = 210300\n", "place_code: must be a text in quotes"),
        (GOOD + 'place_code = "2103"\n', "place_code: must be the six digits"),
        (GOOD + "loopback = true\n", "loopback: only hosts that end in .test"),
        (GOOD + "[politeness]\ndelay_s = 0.1\n", "at least 1 second"),
        (GOOD + "[politeness]\ndelay_s = true\n", "politeness.delay_s: must be a number"),
        (GOOD + "[politeness]\ndelay_s = -1\n", "not negative"),
        (GOOD + "[politeness]\ndelay_s = nan\n", "not negative"),
        (GOOD + "[tls]\nlegacy = 1\n", "tls.legacy: must be true or false"),
        (GOOD + "ocr = 1\n", "ocr: must be true or false"),
        (GOOD + "[tls]\nverify = true\n", 'unknown key "tls.verify"'),
        (GOOD + 'reports = ["("]\n', "is not a regular expression"),
        (GOOD + "reports = [1]\n", "reports: must be a list of texts"),
        (GOOD.replace("https:", "ftp:"), "not an http or https URL"),
        (
            GOOD.replace("www.example.gov.cn", "mzt.yaoyejob.com"),
            "hosts: 'mzt.yaoyejob.com' serves",
        ),
        (GOOD.replace("gov.cn/zwgk", "gov.cn:port/zwgk"), "not an http or https URL"),
        (GOOD.replace("gov.cn/zwgk", "gov.cn:99999/zwgk"), "not an http or https URL"),
        (GOOD.replace("https://www", "https://[www"), "not an http or https URL"),
        (GOOD.replace("https://www.example", "https://other.example"), "is not among them"),
        (GOOD.replace('["www.example.gov.cn"]', "[]"), "one at least"),
        (GOOD + "expect = 3\n", "expect: must be a table"),
        (GOOD + 'name = "y"\n', "name: must be 'x', like the file"),
        ("title = [", "invalid TOML"),
    ],
)
def test_a_wrong_file_gets_one_sentence(tmp_path, text, words):
    path = written(tmp_path, text)
    with pytest.raises(DataFileError) as caught:
        read_site(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_hijacked_host_may_be_named_but_never_as_active(tmp_path):
    text = "active = false\n" + GOOD.replace("www.example.gov.cn", "mzt.yaoyejob.com")
    assert not read_site(written(tmp_path, text)).active


def test_a_file_of_the_package_is_shown_from_crawler_on(monkeypatch):
    with pytest.raises(DataFileError, match=r"^crawler/sites/missing\.toml: cannot be read"):
        read_site(SHIPPED / "missing.toml")


def test_a_file_that_is_no_utf8(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes(GOOD.encode("gbk"))
    with pytest.raises(DataFileError, match="not UTF-8"):
        read_site(path)


def test_a_broken_file_does_not_hide_the_others(tmp_path):
    written(tmp_path, GOOD, "good")
    written(tmp_path, GOOD + "x = 1\n", "bad")
    found = load_sites([tmp_path, tmp_path / "absent"])
    assert "good" in found.by_name
    assert len(found.errors) == 2


def test_choosing_proposes_the_nearest_name(tmp_path):
    written(tmp_path, GOOD, "liaoning")
    with pytest.raises(UsageError, match="did you mean 'liaoning'"):
        load_sites([tmp_path]).chosen(["liaonig"])


def test_choosing_a_broken_site_says_what_is_broken(tmp_path):
    written(tmp_path, GOOD + "x = 1\n", "bad")
    with pytest.raises(DataFileError, match=r'bad\.toml: unknown key "x"'):
        load_sites([tmp_path]).chosen(["bad"])


def test_without_names_no_practice_site_and_no_inactive_one_is_chosen(tmp_path):
    written(tmp_path, GOOD, "good")
    written(tmp_path, "active = false\n" + GOOD, "asleep")
    chosen = load_sites([tmp_path]).chosen([])
    assert "good" in {site.name for site in chosen}
    assert all(site.active and not site.loopback for site in chosen)


def test_every_shipped_file_is_right():
    found = load_sites()
    assert found.errors == ()
    assert found.sites
    assert [site.name for site in found.sites if site.is_blind] == []
    assert practice_sites()
    assert all(site.name.startswith("practice-") == site.loopback for site in found.sites)
