"""Real reports with the labels that came with them, and their comparison with derivations.

They are not part of the project (`../shared/corpus`). Labels of `prefectures` come from the names
of folders and files; if they contradict the printed words, the words are right (docs/identify.md).
`LABELS` has the day and the speaker that 200 headers print, read by hand.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from archive import Capture, Derivation, derive

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
LABELS = Path(__file__).parent / "real_headers.csv"
REPORT = "政府工作报告"

TRULY_CUT = {
    "prefectures/珠海市/2024.md": "ends with the look back",
    "prefectures/开封市/2023.md": "ends with the look back",
    "prefectures/烟台市/2014.md": "ends within the second part",
    "prefectures/铜陵市/2025.md": "ends within the second part",
    "shenzhen/大鹏新区2022年管委会工作报告_2022.txt": "begins with the second part",
    "shenzhen/大鹏新区2023年管理委员会工作报告_2023.txt": "begins with the second part",
    "shenzhen/2021年坪山区政府工作报告_2021.txt": "a portal page without the report",
}
"""Texts that lack an end in the collection, as reading them showed."""

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_MARK = re.compile(r"\*\*|^#+ *", re.MULTILINE)
_TITLE = re.compile(r"工作报告[^。]{0,30}$")
_SESSION = re.compile("大会.*会议")
_HEAD, _LONGEST_TITLE = 12, 60


@dataclass(frozen=True)
class Real:
    """A real text with what it is; `place` is the full name, or its end where no code is known."""

    name: str
    path: Path
    place: str
    place_code: str | None
    report_year: int
    kind: str
    report: str

    @property
    def payload(self) -> bytes:
        """The file as it is."""
        return self.path.read_bytes()

    @property
    def is_report(self) -> bool:
        """Whether it is a government work report."""
        return self.kind == REPORT

    def as_it_is(self) -> Capture:
        """The file under its own name."""
        return Capture.from_bytes(self.payload, filename=self.path.name)

    def bare(self) -> Capture:
        """Its words alone: no front matter, comment, mark, title, or name that says anything."""
        return Capture.from_bytes("\n".join(self._bare_lines()).encode(), filename="text.txt")

    @property
    def words(self) -> str:
        """The text without front matter, comments and marks of Markdown."""
        try:
            text = self.payload.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = self.payload.decode("gb18030")
        if self.path.suffix == ".md":
            return _MARK.sub("", _COMMENT.sub("", _FRONT_MATTER.sub("", text)))
        return text

    def _bare_lines(self) -> Iterator[str]:
        seen = 0
        for line in self.words.split("\n"):
            squeezed = "".join(line.split())
            seen += bool(squeezed)
            titled = _TITLE.search(squeezed) and not _SESSION.search(squeezed)
            if not (seen <= _HEAD and len(squeezed) < _LONGEST_TITLE and titled):
                yield line


def real_texts(corpus: Path = CORPUS) -> list[Real]:
    """Every text of `prefectures`, `shenzhen` and `hailar`."""
    return [*_prefectures(corpus), *_others(corpus)]


def _prefectures(corpus: Path) -> Iterator[Real]:
    with (corpus / "prefectures" / "gold.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            year, place = int(row["report_year"]), row["place"]
            path = corpus / "prefectures" / row["file"]
            name = f"prefectures/{row['file']}"
            yield Real(name, path, place, None, year, REPORT, f"{place}-{year}")


def _others(corpus: Path) -> Iterator[Real]:
    with (corpus / "gold.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            yield Real(
                row["file"], corpus / row["file"], row["place"], row["place_code"] or "",
                int(row["report_year"]), row["kind"], row["report"],
            )  # fmt: skip


@dataclass
class Score:
    """How often each field is right, wrong and null, and the names of those that are wrong."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, what: str, *, right: bool, null: bool = False) -> None:
        """One more text whose `what` was judged."""
        verdict = "null" if null else "right" if right else "wrong"
        self.counts[what][verdict] += 1
        if verdict == "wrong":
            self.wrong[what].append(name)

    def share(self, what: str, verdict: str = "right") -> float:
        """The share of texts whose `what` is right (or wrong, or null)."""
        counted = self.counts[what]
        return counted[verdict] / max(1, counted.total())


def score(texts: Iterable[Real], *, bare: bool) -> Score:
    """Derive `texts`, as they are or bare, and compare with what they are.

    As they are, days and speakers are compared with the headers that were read by hand.
    """
    found, known = Score(), {} if bare else labels()
    for text in texts:
        derivation = derive(text.bare() if bare else text.as_it_is())
        judge(text, derivation, found)
        if text.name in known:
            judge_header(text.name, known[text.name], derivation, found)
    return found


def judge(text: Real, derivation: Derivation, found: Score) -> None:
    """Add what is right and wrong about one derivation."""
    values = {name: each.value for name, each in derivation.identity.items() if each is not None}
    kind = values.get("kind")
    found.add(text.name, "kind", right=(kind == REPORT) == text.is_report)
    if not text.is_report:
        return
    place, year = values.get("place"), values.get("report_year")
    right = place is not None and is_place(text, place, values.get("place_code"))
    found.add(text.name, "place", right=right, null=place is None)
    found.add(text.name, "year", right=year == text.report_year, null=year is None)
    found.add(text.name, "verdict", right=derivation.verdict == "clean")
    state = (values.get("completeness") or {}).get("state")
    right = (state == "complete") != (text.name in TRULY_CUT)
    found.add(text.name, "complete", right=right, null=state in (None, "unknown"))


def is_place(text: Real, place: str, code: str | None) -> bool:
    """Whether a place is that of the text; a functional area has its name and no code."""
    if text.place_code is None:
        return place.endswith(text.place)
    return place == text.place and (code or "") == text.place_code


def labels(path: Path = LABELS) -> dict[str, dict[str, str]]:
    """What headers print, by the name of the text; an empty field is not printed."""
    with path.open(encoding="utf-8") as rows:
        return {row["file"]: row for row in csv.DictReader(rows)}


def judge_header(name: str, label: Mapping[str, str], derivation: Derivation, found: Score) -> None:
    """Compare a day and a speaker with what was read by hand."""
    for what in ("delivered_on", "speaker"):
        value = derivation.identity.get(what)
        read = "" if value is None or value.value is None else str(value.value)
        if read or label[what]:
            found.add(name, what, right=read == label[what], null=not read)
