"""The table of figures that `make speed` prints."""

import json
import sys
from importlib import import_module
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench"


@pytest.fixture
def made(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCH))
    yield import_module("performance_table")
    for name in ("performance_table", "measuring"):
        sys.modules.pop(name, None)


def row_of(table, label):
    (line,) = [line for line in table.splitlines() if line.startswith(f"| {label} |")]
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_the_table_says_what_was_reached_and_what_was_not_measured(made, tmp_path, monkeypatch):
    rows = tmp_path / "rows.jsonl"
    monkeypatch.setenv(made.ROWS_FILE, str(rows))
    row = import_module("measuring").row
    row("audit", 1.9)
    row("audit", 2.1)
    row("baogao text", 812.4)
    table = made.table(made.figures(rows))
    assert row_of(table, "audit / readability-lxml") == ["2.10 ×", "≥ 2 ×", "reached"]
    assert row_of(table, "first page of baogao text") == ["812 ms", "≤ 500 ms", "missed"]
    assert row_of(table, "baogao --help") == ["not measured", "≤ 100 ms", ""]


def test_scripts_hand_their_figures_to_the_table(made, tmp_path):
    script, rows = tmp_path / "bench_one.py", tmp_path / "rows.jsonl"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(BENCH)!r})\n"
        "from measuring import row\nrow(sys.argv[1], 3)\n"
    )
    made.run([[str(script), "audit"]], rows)
    assert json.loads(rows.read_text()) == {"name": "audit", "value": 3}


def test_a_named_script_runs_with_the_options_of_the_table(made):
    assert made.asked_for(["bench/bench_panel.py", "bench/bench_gold.py"]) == [
        ["bench/bench_panel.py"],
        ["bench/bench_panel.py", "--memory"],
        ["bench/bench_gold.py"],
    ]
    assert len(made.asked_for([])) == len(made.BENCHES)


def test_a_bench_that_fails_ends_the_run(made, tmp_path):
    script = tmp_path / "bench_one.py"
    script.write_text("raise SystemExit(3)")
    with pytest.raises(made.subprocess.CalledProcessError, match="exit status 3"):
        made.run([[str(script)]], tmp_path / "rows.jsonl")


def test_every_figure_of_the_table_has_a_bench(made):
    named = [script for script, *_ in made.BENCHES]
    assert all((BENCH / script).is_file() for script in named)
    assert len({row.name for row in made.ROWS}) == len(made.ROWS)
