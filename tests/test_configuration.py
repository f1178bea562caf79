"""What is said once: option over environment over file over default; bad input is one sentence."""

from __future__ import annotations

import json
import os

import pytest

from archive.configuration import SETTINGS, current, load, unknown_variables, using
from archive.errors import DataFileError, UsageError


@pytest.fixture
def file(tmp_path):
    def written(words):
        path = tmp_path / "baogao.toml"
        path.write_text(words, encoding="utf-8")
        return path

    return written


def sources(said):
    return {row["key"]: (row["value"], row["source"]) for row in said.rows()}


def test_nothing_said_is_the_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = load(None, {})
    assert said["contact"] == ""
    assert {source for _, source in sources(said).values()} == {"default"}
    assert len(sources(said)) == len(SETTINGS)


def test_environment_over_file_over_default(file):
    path = file('contact = "file@example.org"\ntsa = "https://tsa.example.org/"\n')
    said = load(path, {"BAOGAO_CONTACT": "variable@example.org", "HOME": "/"})
    found = sources(said)
    assert found["contact"] == ("variable@example.org", "BAOGAO_CONTACT")
    assert found["tsa"] == ("https://tsa.example.org/", str(path))
    assert found["proxy"] == ("", "default")


def test_folders_of_the_file_start_from_the_file_and_those_of_a_variable_from_here(file):
    path = file('sites_dirs = ["mine", "/srv/sites"]\n')
    assert load(path, {})["sites_dirs"] == (str(path.parent / "mine"), "/srv/sites")
    both = os.pathsep.join(["mine", "yours"])
    assert load(path, {"BAOGAO_SITES_DIRS": both})["sites_dirs"] == ("mine", "yours")


def test_a_file_is_found_here_or_named(file, tmp_path, monkeypatch):
    file('contact = "here@example.org"\n')
    other = tmp_path / "other.toml"
    other.write_text('contact = "other@example.org"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert load(None, {})["contact"] == "here@example.org"
    assert load(None, {"BAOGAO_CONFIG": str(other)})["contact"] == "other@example.org"
    assert load("baogao.toml", {"BAOGAO_CONFIG": str(other)})["contact"] == "here@example.org"


def test_the_user_agent_has_version_and_contact(file):
    path = file('user_agent = "Baogao/{version} at Example University (+{contact})"\n')
    assert load(path, {}).user_agent().startswith("Baogao/0")
    assert load(path, {}).user_agent().endswith("at Example University (+{contact})")


WRONG = {
    'contcat = "x"': 'unknown key "contcat" (did you mean "contact"?)',
    "contact = 3": "contact: must be a text in quotes",
    'contact = "a\\nb"': "contact: must be one line",
    'sites_dirs = "mine"': "sites_dirs: must be a list of texts",
    "sites_dirs = [3]": "sites_dirs: must be a list of texts",
    'tsa = "tsa.example.org"': "tsa: 'tsa.example.org' is not an http or https URL",
    'proxy = "socks5://x.example.org"': "proxy: must begin with http://",
    'proxy = "http://me:secret@x.example.org"': "proxy: must not contain a password",
    'user_agent = "Mozilla/5.0 (+{contact})"': "user_agent: must contain baogao and {contact}",
    'user_agent = "baogao {contact} {name}"': "user_agent: may contain {version}",
    "contact = ": "invalid TOML",
}


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_file_is_refused(file, words):
    path = file(words + "\n")
    with pytest.raises(DataFileError) as refused:
        load(path, {})
    assert str(refused.value).startswith(f"{path}: {WRONG[words]}")


def test_every_command_refuses_a_wrong_file_with_one_sentence(baogao, file):
    file("contact = 3\n")
    shown = baogao("works", "x.db")
    assert shown.returncode == 2
    assert shown.stderr.decode() == "Error: baogao.toml: contact: must be a text in quotes\n"


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_an_unreadable_file_is_refused(baogao, tmp_path, content):
    path = tmp_path / "baogao.toml"
    path.mkdir() if content is None else path.write_bytes(content)
    shown = baogao("config")
    assert shown.returncode == 2
    assert "baogao.toml: " in shown.stderr.decode()
    absent = baogao("--config", "absent.toml", "config")
    assert absent.returncode == 2
    assert "absent.toml: cannot be read (No such file or directory)" in absent.stderr.decode()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("BAOGAO_CONTCAT", "x", "unknown environment variable BAOGAO_CONTCAT (did you mean"),
        ("BAOGAO_TSA", "ftp://x", "BAOGAO_TSA: 'ftp://x' is not an http or https URL"),
    ],
)
def test_a_wrong_variable_is_refused(name, value, sentence):
    with pytest.raises(UsageError) as refused:
        load(None, {name: value})
    assert str(refused.value).startswith(sentence)


def test_a_variable_of_another_program_is_left_alone():
    variables = {"BAOGAO_PYWB": "x", "BAOGAO_CONTACT": "you@example.org"}
    assert load(None, variables)["contact"] == "you@example.org"
    assert unknown_variables(variables) == ["BAOGAO_PYWB"]


def test_config_shows_each_setting_with_its_source(baogao, file):
    file('contact = "you@example.org"\n')
    shown = baogao("config")
    rows = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [row["key"] for row in rows] == [setting.key for setting in SETTINGS]
    assert rows[0] == {
        "key": "contact", "value": "you@example.org", "source": "baogao.toml",
        "variable": "BAOGAO_CONTACT",
        "purpose": "your e-mail address or URL, sent to every site that is asked",
    }  # fmt: skip


SITE = 'title = "x"\nkind = "official"\nfamily = "trs"\nhosts = ["a.test"]\n'
SITE += 'start = ["http://a.test:1/"]\nloopback = true\nactive = false\n'


def test_an_option_wins_over_the_file(baogao, file, tmp_path):
    """The folders of site files are an option that several commands have."""
    for folder in ("mine", "yours"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{folder}.toml").write_text(SITE, encoding="utf-8")
    file('sites_dirs = ["mine"]\n')
    assert listed(baogao("sites")) >= {"mine"}
    assert listed(baogao("sites", "--sites-dir", "yours")) >= {"yours"}
    assert "mine" not in listed(baogao("sites", "--sites-dir", "yours"))


def listed(shown):
    return {json.loads(line)["name"] for line in shown.stdout.splitlines()}


def test_stamp_asks_the_authority_that_is_said_once(baogao, file):
    assert "give one of --tsa" in baogao("stamp", "x.db").stderr.decode()
    file('tsa = "http://tsa.example.org/"\n')
    shown = baogao("stamp", "x.db")
    assert shown.returncode == 2
    assert "a contact is required" in shown.stderr.decode()


def test_the_settings_of_a_command_end_with_it(tmp_path, monkeypatch):
    """A program may run several commands in one process."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.toml").write_text('contact = "first@example.org"\n', "utf-8")
    with using("own.toml"):
        assert current()["contact"] == "first@example.org"
    monkeypatch.setenv("BAOGAO_CONTACT", "second@example.org")
    assert current()["contact"] == "second@example.org"
