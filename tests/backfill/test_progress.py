"""What a run shows on a terminal: how much, how fast, how long still."""

import io
import sys
from itertools import count, islice

from archive.console import Console


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_end_moves_away_as_more_is_found(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    lengths = iter([1, 2, 6, 6, 6, 6, 6, 6, 6])
    things = Console().progress(count(), "captures", lambda: next(lengths))
    assert list(islice(things, 5)) == [0, 1, 2, 3, 4]
    things.close()
    shown = terminal.getvalue()
    assert "captures 0.0/s" in shown
    assert "4/6" in shown


def test_no_progress_is_shown_without_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(Console(quiet=True).progress(range(3), "captures", lambda: 3)) == [0, 1, 2]
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert list(Console().progress(range(3), "captures", 3)) == [0, 1, 2]
    assert terminal.getvalue() == sys.stderr.getvalue() == ""
