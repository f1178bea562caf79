"""Asks the questions of the review queue in a terminal: one key for each answer."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote

import click

from archive.catalogue.deciding import NO_REPORT, decided_fields, report_fields
from archive.catalogue.review import REPORT_ASKED, WORDS_ASKED, ReviewQuestion
from archive.console import shortened
from archive.errors import UsageError
from archive.visible import visible

if TYPE_CHECKING:
    from archive.store import Archive, Run

COLUMNS: Final = 96
"""Columns of a line of a question."""

SHOWN: Final = 600
"""The number of characters of a text that the key t shows."""

_TITLES: Final = {
    REPORT_ASKED: "Which report is this text?",
    WORDS_ASKED: "What stood in place of these words?",
    "kind": "What kind of document is this?",
    "place_code": "Of which place is this report?",
    "report_year": "For which year is this report?",
}


class PressedKey(NamedTuple):
    """A key, and for the key o what was typed."""

    key: str
    typed: str = ""


class _Decided(NamedTuple):
    """A stored answer: its question and decisions, and whether it settles what the text is."""

    at: int
    ids: list[int]
    settles: bool


@dataclass(slots=True)
class Sitting:
    """One sitting. Each answer is stored at once; `start` starts the run with the first one."""

    archive: Archive
    questions: Sequence[ReviewQuestion]
    start: Callable[[], Run]
    who: str
    why: str
    tell: Callable[[str], None]
    skipped: int = 0
    decided: list[_Decided] = field(default_factory=list)
    _is_at_end: bool = False

    def ask(self, answers: Iterator[PressedKey]) -> None:
        """Ask the questions in order until they or the answers end."""
        at = self._next(0)
        while at is not None:
            self._show(at)
            at = self._after(at, answers)
            if at is None and self._is_at_end:
                at = self._ended(answers)

    def _ended(self, answers: Iterator[PressedKey]) -> int | None:
        """After the last question its answer can still be taken back."""
        self.tell("\nNo more questions  u undo  q quit")
        self._is_at_end = False
        if self.decided and next(answers, PressedKey("q")).key == "u":
            return self._undo(len(self.questions))
        return None

    def left(self) -> int:
        """Return how many questions are not answered."""
        return sum(map(self._is_open, range(len(self.questions))))

    def _after(self, at: int, answers: Iterator[PressedKey]) -> int | None:
        """Take answers until one of them leads to another question; return that, or None."""
        while True:
            answer = next(answers, PressedKey("q"))
            if answer.key == "q":
                return None
            if answer.key == "s":
                self.skipped += 1
                return self._next(at + 1)
            if answer.key == "u":
                return self._undo(at)
            if answer.key == "t":
                self._show_text(self.questions[at])
            elif self._decide(at, answer):
                return self._next(at + 1)

    def _next(self, at: int) -> int | None:
        found = next((i for i in range(at, len(self.questions)) if self._is_open(i)), None)
        self._is_at_end = found is None
        return found

    def _is_open(self, at: int) -> bool:
        """Whether a question is neither answered nor settled by an answer about its text."""
        question = self.questions[at]
        return not any(
            each.at == at
            or (
                each.settles
                and question.may_be_no_report
                and self.questions[each.at].text_id == question.text_id
            )
            for each in self.decided
        )

    def _decide(self, at: int, answer: PressedKey) -> bool:
        """Store an answer; False, with a sentence, if it is none."""
        question = self.questions[at]
        try:
            value, why = _meaning(question, answer)
            ids = self._store(question, value, self.why or why)
        except UsageError as error:
            self.tell(f"   {error}")
            return False
        settles = value is None or question.asks == REPORT_ASKED
        self.decided.append(_Decided(at, ids, settles))
        self.tell(f"   {value if value is not None else 'no report'}  (decision {ids[0]})")
        return True

    def _store(self, question: ReviewQuestion, value: str | None, why: str) -> list[int]:
        connection, text_id = self.archive.connection, question.text_id
        if value is None:
            values = {"kind": NO_REPORT}
        elif question.asks == WORDS_ASKED:
            return self.start().decide_reading(
                text_id, question.words, question.places, value, who=self.who, why=why
            )
        elif question.asks == REPORT_ASKED:
            values = report_fields(connection, text_id, value)
        else:
            values = decided_fields(connection, text_id, question.asks, value)
        return self.start().decide_fields(text_id, values, who=self.who, why=why)

    def _undo(self, at: int) -> int:
        """Undo the last answer of this sitting, and return its question."""
        if not self.decided:
            self.tell("   nothing to undo; older decisions: baogao decide DB --undo ID")
            return at
        last = self.decided.pop()
        self.start().undo(last.ids[0], who=self.who, why="taken back in review")
        self.tell(f"   decision {last.ids[0]} is undone")
        return last.at

    def _show(self, at: int) -> None:
        question = self.questions[at]
        for line in _lines(question):
            self.tell(line)
        number = f"[{at + 1}/{len(self.questions)}]"
        no_report = "n no report  " if question.may_be_no_report else ""
        last = len(question.choices)
        keys = f"{'1' if last == 1 else f'1-{last}'} answer  " if last else ""
        self.tell(f"{number} {keys}o other  {no_report}t text  s skip  u undo  q quit")

    def _show_text(self, question: ReviewQuestion) -> None:
        words = "\n".join(question.around) or self.archive.clean_text(question.text_id)
        for line in visible(words[:SHOWN]).splitlines():
            self.tell(f"   | {line}")


def _meaning(question: ReviewQuestion, answer: PressedKey) -> tuple[str | None, str]:
    """Return the value that an answer gives, None for "no report", and the reason to store.

    Raises:
        UsageError: it is no answer to the question.
    """
    key = answer.key
    if key.isdigit() and 1 <= int(key) <= len(question.choices):
        choice = question.choices[int(key) - 1]
        return choice.value, f"review: {choice.evidence or 'chosen'}"
    if key == "o":
        if not answer.typed and question.asks != WORDS_ASKED:
            raise UsageError("nothing was typed")
        return answer.typed, "review: typed"
    if key == "n" and question.may_be_no_report:
        return None, "review: no report"
    raise UsageError(f"{key!r} is none of the keys")


def _lines(question: ReviewQuestion) -> Iterator[str]:
    """Yield the question as it is shown."""
    yield ""
    yield _TITLES.get(question.asks, f"What is its {question.asks}?")
    yield f"   text {question.text_id}: {shortened(question.title or '(no title)', COLUMNS)}"
    if question.url:
        yield f"   {shortened(unquote(question.url), COLUMNS)}"
    yield f"   {question.reason}; {_now(question)}"
    if question.detail:
        yield f"   {shortened(question.detail, COLUMNS)}"
    for around in question.around[:2]:
        yield f"   … {shortened(around, COLUMNS)}"
    yield f"   would change: {effects(question)}"
    for number, choice in enumerate(question.choices, 1):
        sure = f"{choice.confidence:.2f}" if choice.confidence is not None else ""
        parts = (choice.value or "(nothing)", choice.label, sure, choice.evidence)
        line = "  ".join(filter(None, parts))
        yield f"   {number}  {shortened(line, COLUMNS)}"


def _now(question: ReviewQuestion) -> str:
    if question.asks == WORDS_ASKED:
        times = len(question.places)
        return f"{question.words} stands there" + (f" in {times} places" if times > 1 else "")
    if question.now is None:
        return "nothing is assumed"
    sure = f", confidence {question.confidence:.2f}" if question.confidence is not None else ""
    return f"{question.now} is assumed{sure}"


def effects(question: ReviewQuestion) -> str:
    """Return what an answer would change: `1 panel cell, 1 report, 3 copies`."""
    counts = (
        (question.cells, "panel cell", "panel cells"),
        (question.reports, "report", "reports"),
        (question.copies, "copy", "copies"),
    )
    return ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts if n)


def typed_answers() -> Iterator[PressedKey]:
    """Yield the keys that are pressed; from a pipe, one answer a line, such as `1` or `o 2023`."""
    if sys.stdin.isatty():
        while True:
            yield _pressed()
    for line in sys.stdin:
        if key := line.strip()[:1].lower():
            yield PressedKey(key, line.strip()[1:].strip())


def _pressed() -> PressedKey:
    """Wait for a key; the end of input and Ctrl-C mean quit."""
    try:
        key = _key().lower()
        if key != "o":
            return PressedKey(_SAME_AS.get(key, key))
        return PressedKey(key, click.prompt("   value", default="", show_default=False, err=True))
    except (KeyboardInterrupt, EOFError, OSError, click.Abort):
        return PressedKey("q")


_SAME_AS: Final = {"\r": "s", "\n": "s", " ": "s", "": "q", "\x04": "q", "\x1b": "q"}
"""Keys that mean the same as another."""


def _key() -> str:
    """Return the next key. Keys that were typed ahead are kept, unlike by `click.getchar`."""
    try:
        import termios
        import tty
    except ImportError:
        return click.getchar()
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    try:
        tty.setcbreak(terminal, termios.TCSADRAIN)
        return os.read(terminal, 1).decode("ascii", "replace")
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
