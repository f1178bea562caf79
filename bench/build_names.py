"""Count how often each place name stands in reports of other places.

A name that a report of another province also prints (和安, 友好, 上海) says little about where
a headless piece comes from. This script counts document shares in the provincial reports of
2026 and the State Council's reports, and asks jieba's dictionary which names are also common
words; it writes the figures to `archive/known/lexica/names.toml` and prunes
`landmarks.toml` of what is a division's name or no help. Run: python bench/build_names.py
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

import jieba.posseg

from archive.known import shipped

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "reports"
LEXICA = ROOT / "archive" / "known" / "lexica"
NATIONAL_WEIGHT = 0.5
USELESS = 0.3
COMMON = 50
LEAST = 0.004


def provincial() -> list[tuple[str, str]]:
    """(first two digits, text) of each provincial report."""
    csv.field_size_limit(10**9)
    found = []
    for path in sorted((SHARED / "provinces-2026").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                (division,) = shipped().gazetteer.named(row["province"], within="100000")[:1]
                text = row["full_text"]
                found.append((division.code[:2], text[max(0, text.find("各位代表")) :]))
    return found


def national() -> list[str]:
    """The State Council's reports."""
    rows = map(json.loads, (SHARED / "state-council.jsonl").read_text().splitlines())
    return [row["content"] for row in rows if "决议" not in row["title"]]


def shares(
    found: Counter[str], nation: Counter[str], reports: int, nations: int
) -> dict[str, float]:
    """The weighted share of foreign documents that print each name."""
    total = reports + NATIONAL_WEIGHT * nations
    names = found.keys() | nation.keys()
    every = {name: (found[name] + NATIONAL_WEIGHT * nation[name]) / total for name in names}
    return {name: round(share, 3) for name, share in sorted(every.items()) if share > LEAST}


def divisions() -> dict[str, float]:
    """Shares of the gazetteer's names."""
    gazetteer = shipped().gazetteer
    foreign: Counter[str] = Counter()
    for code, text in provincial():
        rows = {surface: found for *_, surface, found in gazetteer.mentions(text)}
        foreign.update(s for s, found in rows.items() if all(d.code[:2] != code for d in found))
    everywhere: Counter[str] = Counter()
    for text in national():
        everywhere.update({surface for *_, surface, _ in gazetteer.mentions(text)})
    return shares(foreign, everywhere, len(provincial()), len(national()))


def common_words() -> dict[str, float]:
    """Names that jieba's dictionary knows as words of another class, by how frequent they are."""
    jieba.dt.tmp_dir = tempfile.mkdtemp()
    jieba.posseg.initialize()
    tags = jieba.posseg.dt.word_tag_tab
    rows = shipped().gazetteer.divisions
    above = {s for d in rows for s in d.surfaces if d.level != "county"}
    surfaces = {s for d in rows for s in d.surfaces if len(s) == 2} - above
    found = {}
    for surface in sorted(surfaces):
        frequency, tag = jieba.dt.FREQ.get(surface, 0), tags.get(surface, "ns")
        if frequency >= COMMON and not tag.startswith(("ns", "nr", "nt", "nz")):
            found[surface] = round(min(0.5, 0.02 * (frequency / COMMON) ** 0.5), 3)
    return found


def landmarks() -> tuple[dict[str, list[str]], dict[str, float]]:
    """The landmarks worth keeping, and their shares."""
    wider = set(shipped().lexicon("landmarks")["also_divisions"].split())
    surfaces = {s for d in shipped().gazetteer.divisions for s in d.surfaces} - wider
    listed = {
        code: words.split() for code, words in shipped().lexicon("landmarks")["provinces"].items()
    }
    homes = {w: {c for c, ws in listed.items() if w in ws} for ws in listed.values() for w in ws}
    texts = provincial()
    foreign = Counter(
        {
            word: sum(code not in home and word in text for code, text in texts)
            for word, home in homes.items()
        }
    )
    everywhere = Counter({word: sum(word in text for text in national()) for word in homes})
    found = shares(foreign, everywhere, len(texts), len(national()))
    kept = {
        code: [w for w in dict.fromkeys(words) if len(w) > 1 and w not in surfaces
               and found.get(w, 0) <= USELESS]
        for code, words in listed.items()
    }  # fmt: skip
    return kept, found


def table(name: str, figures: dict[str, float]) -> str:
    """A TOML table, several figures a line."""
    pairs = [f"{json.dumps(key, ensure_ascii=False)} = {value}" for key, value in figures.items()]
    return f"\n[{name}]\n" + "\n".join(pairs) + "\n"


def main() -> None:
    """Write both files."""
    if not SHARED.is_dir():
        sys.exit("../shared is absent: the reports the figures are counted in")
    kept, found = landmarks()
    used = {word for words in kept.values() for word in words}
    names = divisions()
    words = {name: share for name, share in common_words().items() if share > names.get(name, 0)}
    about = (
        "# Written by bench/build_names.py: the share of reports of other places that print\n"
        "# a name; for `words` a share guessed from how frequent the same common word is.\n"
        "format = 1\n"
    )
    (LEXICA / "names.toml").write_text(
        about
        + table("divisions", names)
        + table("words", words)
        + table("landmarks", {w: s for w, s in found.items() if w in used})
    )
    path = LEXICA / "landmarks.toml"
    head = path.read_text().split("[provinces]")[0]
    lines = [f'{code} = "{" ".join(words)}"' for code, words in kept.items()]
    path.write_text(f"{head}[provinces]\n" + "\n".join(lines) + "\n")
    print(f"{len(names)} names, {len(words)} common words, {len(used)} landmarks")


if __name__ == "__main__":
    main()
