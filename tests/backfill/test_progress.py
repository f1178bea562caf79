"""What long work shows on a terminal: how much, how fast, how long still."""

import io
import re
import sys
from itertools import count, islice

import pytest

from archive.commands.opening import Intake
from archive.console import Console
from archive.intake import Columns, gather
from archive.progress_line import ProgressLine, shown_time


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def on_terminal(monkeypatch):
    """Make stderr a terminal; called in the test, because pytest sets stderr after fixtures."""
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    return shown


def drawn(stream):
    """The lines as they were drawn, one after the other."""
    return [line.strip() for line in stream.getvalue().split("\r\x1b[K") if line]


def seconds(line):
    """The time left that a line shows, in seconds."""
    found = re.search(r"(?:(\d+) h )?(?:(\d+) min ?)?(?:(\d+) s)? left", line)
    if found is None:
        return None
    hours, minutes, rest = (int(each or 0) for each in found.groups())
    return 3600 * hours + 60 * minutes + rest


def run(durations, totals=None):
    """Do steps of such durations; the time left that is shown after each, and the time it was."""
    clock, stream = Clock(), io.StringIO()
    line = ProgressLine(stream, "texts", clock=clock)
    found = []
    for done, duration in enumerate(durations, 1):
        clock.now += duration
        line.at(str(done), done, totals[done - 1] if totals else len(durations))
        found.append((seconds(drawn(stream)[-1]), sum(durations[done:])))
    line.close(str(len(durations)))
    return found, drawn(stream)


def test_the_time_left_is_true_of_even_work():
    found, lines = run([0.5] * 200)
    shown = [(left, truth) for left, truth in found if left is not None]
    assert len(shown) > 190
    assert all(abs(left - truth) <= 1 for left, truth in shown)
    assert lines[-1] == "texts 200 in 1 min 40 s"
    assert "texts  100  50%  50 s left" in lines


def test_nothing_is_promised_in_the_first_seconds():
    found, _ = run([0.5] * 20)
    assert [left for left, _ in found[:5]] == [None] * 5


def test_a_slower_second_half_is_noticed_within_a_minute():
    found, _ = run([0.5] * 100 + [2] * 100)
    left, truth = found[140]
    assert abs(left - truth) < truth * 0.05


def test_no_time_is_promised_while_more_work_is_found():
    totals = [10 + 3 * done for done in range(30)] + [100] * 120
    found, _ = run([1] * 150, totals)
    assert {left for left, _ in found[:30]} == {None}
    assert all(left is not None for left, _ in found[95:100])


def test_a_line_is_not_drawn_more_often_than_it_can_be_read():
    _, lines = run([0.01] * 1000)
    assert len(lines) < 60


@pytest.mark.parametrize(
    ("taken", "words"),
    [(0.4, "0 s"), (59.6, "1 min 0 s"), (3725, "1 h 2 min"), (90_000, "25 h 0 min")],
)
def test_times_are_for_people(taken, words):
    assert shown_time(taken) == words


def test_things_are_counted_and_work_is_measured(monkeypatch):
    terminal = on_terminal(monkeypatch)
    work = iter([(50, 400), (200, 400), (400, 400)])
    things = Console().progress("abc", "captures", lambda: next(work))
    assert list(things) == ["a", "b", "c"]
    assert drawn(terminal)[0] == "captures  1  1.0/s  12%"
    assert drawn(terminal)[-1].startswith("captures 3 in ")


def test_a_run_without_a_known_end_shows_none(monkeypatch):
    terminal = on_terminal(monkeypatch)
    things = Console().progress(count(), "captures")
    assert list(islice(things, 3)) == [0, 1, 2]
    things.close()
    assert "%" not in terminal.getvalue()
    assert terminal.getvalue().endswith("\n")


def test_a_table_is_measured_by_its_bytes_and_its_share_never_falls(tmp_path):
    rows = "\n".join(f"第{number}号,{'演示文本。' * 40}" for number in range(120))
    (tmp_path / "reports.csv").write_text(f"标题,正文\n{rows}\n", encoding="utf-8")
    intake = Intake(gather([tmp_path]), Columns(), 60, Console())
    shares = []
    for _ in intake.captures():
        done, total = intake._bytes_read()
        shares.append(done / total)
    assert len(shares) == 120
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] <= 1


def test_no_progress_is_shown_without_a_terminal(monkeypatch):
    terminal = on_terminal(monkeypatch)
    assert list(Console(quiet=True).progress(range(3), "captures", 3)) == [0, 1, 2]
    assert terminal.getvalue() == ""
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert list(Console().progress(range(3), "captures", 3)) == [0, 1, 2]
    assert sys.stderr.getvalue() == ""
