"""The tutorial and the recipes are followed as they stand, on the practice web."""

from __future__ import annotations

import re
import shlex
import shutil

import pandas as pd
import pytest
from commands import forked
from followed import DEMO, DOCS, as_pattern, commands, run, translated

import baogao_practice as practice

CRAWL = "baogao crawl liaoning.db liaoning --contact you@example.org"


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def outcome(folder, command):
    """What a command prints; ours runs in a process that need not import anything."""
    if not command.startswith("baogao ") or ">" in command:
        return run(folder, command)
    done = forked(shlex.split(command)[1:], folder)
    assert done.returncode == 0, (command, done.stderr.decode())
    return done.stdout.decode()


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The folder in which the tutorial was followed, and what each command printed."""
    folder = tmp_path_factory.mktemp("tutorial")
    page = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    (script,) = blocks(page, "python")
    (folder / "differences.py").write_text(script, encoding="utf-8")
    printed = {}
    with practice.Server(port=0) as server:
        ours = (
            "SCRAPY_SETTINGS_MODULE=crawler.settings scrapy crawl practice-province"
            f" -a db=liaoning.db -s PRACTICE_PORT={server.port}"
        )
        for command, expected in commands(page):
            printed[command] = outcome(folder, translated(command, {CRAWL: ours}))
            pattern = as_pattern(expected)
            assert not expected or re.fullmatch(pattern, printed[command]), printed[command]
    assert CRAWL in printed
    return folder, printed


def test_the_tutorial_ends_in_a_measure_with_its_differences(followed):
    folder, printed = followed
    lines = printed["python differences.py"].splitlines()
    steps = {line[0]: line.split() for line in lines if line[:1].isdigit()}
    values = {number: float(cells[-2]) for number, cells in steps.items()}
    differences = {number: float(cells[-1]) for number, cells in steps.items() if number != "1"}
    assert list(values) == list("1234567")
    assert all(value > 0 for value in values.values())
    for number, difference in differences.items():
        before = values[str(int(number) - 1)]
        assert difference == pytest.approx(values[number] - before, abs=0.0015)
    panel = pd.read_csv(folder / "environment/panel.csv")
    assert values["7"] == pytest.approx(panel["环境_per_10k"].mean() / 10, abs=0.001)
    assert f"counted: {panel['环境_exact'].notna().sum()}" in lines[-1]


def test_the_measure_is_made_again_from_its_folder(followed):
    folder, _ = followed
    run(folder, "sh environment/replicate.sh liaoning.db again && diff -r environment again")


def test_the_sample_of_the_tutorial_can_be_filled_in(followed):
    folder, _ = followed
    sample = pd.read_csv(folder / "sample.csv", dtype=str, keep_default_na=False)
    kept = sample["stratum"].str.startswith("kept")
    sample.loc[kept, "year_ok"] = "1"
    sample.to_csv(folder / "labels.csv", index=False)
    shown = outcome(folder, "baogao sample liaoning.db --labels labels.csv --table")
    assert re.search(rf"year +all, weighted +{kept.sum()} +0 +0.0", shown)


def test_the_recipes_are_followed(demo, tmp_path, monkeypatch, capsys):
    page = (DOCS / "recipes.md").read_text(encoding="utf-8")
    (first, _), *others = commands(page)
    assert first == DEMO
    shutil.copy(demo, tmp_path)
    for command, _ in others:
        outcome(tmp_path, command)
    monkeypatch.chdir(tmp_path)
    names = {}
    for code in blocks(page, "python"):
        exec(compile(code, "recipes.md", "exec"), names)  # noqa: S102  (it is our own page)
    printed = capsys.readouterr().out
    assert "2023" in printed
    assert not names["both"].empty
    assert names["wide"].shape[1] == 5
    stata = pd.read_stata(tmp_path / "panel.dta", convert_categoricals=False)
    named = set(re.findall(r"\b(?:w\d_\w+|quality|completeness|place_code|report_year)\b",
                           "".join(blocks(page, "stata"))))  # fmt: skip
    assert named <= set(stata.columns)


def test_programs_that_are_not_here_are_said_not_to_have_run():
    page = (DOCS / "recipes.md").read_text(encoding="utf-8")
    for name in ("R", "Stata"):
        assert f"\n## {name}\n\nNot run here." in page
