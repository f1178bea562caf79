"""No English on Chinese pages, no Chinese on English ones, but what the archive quotes.

Quoted words are marked: `lang`, `translate="no"`, `<code>`, an address or a digest. All other words
of a page are ours, and are looked at here, on every kind of page.
"""

import ast
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from browse.test_browser import places  # noqa: F401  (a fixture)
from lxml import html

import archive
from archive.browse.labels import Labels, labels, rules_in_chinese
from archive.browse.reasons import in_chinese
from archive.known import shipped

WORDS = {"zh": re.compile(r"[A-Za-z][A-Za-z-]+"), "en": re.compile(r"[\u3400-\u9fff]+")}
READ = ("title", "aria-label", "alt")
QUOTED = {"code", "pre", "script", "style", "title"}
QUOTING = {"address", "digest", "citation", "source"}
DOTTED = re.compile(r"[\w-]+(?:\.[\w-]+)+|\S+@\S+")
"""Names of hosts and files."""

NAMES = {
    "UTC", "JSON", "CSV", "API", "HTTP", "BibTeX", "RIS", "CSL", "PDF", "Word", "docx", "ms", "IP",
    "sha", "utf-", "gb", "utf", "le", "XML", "PNG", "SVG", "Atom", "ef", "jieba", "WARC",
    "Common", "Crawl", "bytes", "length", "not", "multiple", "of", "item", "size", "six",
    "SiteName", "XX", "xx", "undated-", "GBK", "wire",
}  # fmt: skip
"""Names of formats and units, which are the same in both languages, and the words of a library's
error about a damaged document."""


ASKED = {"项目", "环境"}
"""The words whose trend is asked for."""


def interface(language):
    """The words of the other language that our own labels use on purpose, and names of places."""
    found = NAMES | ASKED
    divisions = shipped().gazetteer.divisions
    above = {division.code: division.name for division in divisions}
    for division in divisions:
        found.update((*division.surfaces, above.get(division.parent, "") + division.name))
    for words in labels().values():
        found.update(WORDS[language].findall(re.sub(r"\{\w+\}", "", words[language])))
    for name, why in rules_in_chinese().values():
        found.update(WORDS[language].findall(name + why))
    return found


def own_words(shown):
    """The words of a page that are not marked as quoted, each with the element around them."""

    def within(element):
        names = set((element.get("class") or "").split())
        if (
            not isinstance(element.tag, str)
            or element.tag in QUOTED
            or names & QUOTING
            or (element.get("lang") and element.tag != "html")
            or element.get("translate") == "no"
            or element.get("aria-hidden") == "true"
        ):
            return
        yield from ((element.tag, element.get(name, "")) for name in READ)
        yield element.tag, element.text or ""
        for child in element:
            yield from within(child)
            yield element.tag, child.tail or ""

    yield from within(shown)


def untranslated(text, language):
    allowed = interface(language)
    return {
        f"{word!r} in <{tag}> {' '.join(words.split())[:100]!r}"
        for tag, words in own_words(html.fromstring(text))
        for word in WORDS[language].findall(DOTTED.sub(" ", words))
        if word not in allowed
    }


@pytest.fixture(scope="session")
def paths(places, practice_archive):  # noqa: F811
    """Every kind of page, and texts with every kind of flag."""
    with closing(sqlite3.connect(practice_archive)) as rows:
        flagged = rows.execute("SELECT min(text_id) FROM flags GROUP BY kind").fetchall()
        rules = rows.execute("SELECT DISTINCT name FROM rules ORDER BY name").fetchall()
    return [
        *places.values(),
        *(f"/text/{text}?removed=1" for (text,) in flagged),
        *(f"/rule/{name}" for (name,) in rules[::5]),
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_is_in_one_language(practice_get, paths, language):
    found = {}
    for path in paths:
        answer = await practice_get(f"{path}{'&' if '?' in path else '?'}lang={language}")
        if wrong := untranslated(answer.text, language):
            found[path] = sorted(wrong)
    assert found == {}


def test_words_of_the_other_language_are_noticed():
    assert untranslated("<p>读自 visible</p>", "zh") == {"'visible' in <p> '读自 visible'"}
    assert untranslated("<p title='final'>定稿 <code>final</code></p>", "zh")
    assert untranslated("<p>complete 定稿</p>", "en")
    assert not untranslated("<p>complete <b lang='zh-CN'>定稿</b></p>", "en")


def test_every_rule_has_its_chinese():
    assert {rule.id for rule in shipped().rules} <= set(rules_in_chinese())


SOURCES = ("read", "clean", "judge")
WRITERS = {"Flag", "Unreadable", "document_flag", "HijackEvidence"}


def reasons_in_code():
    """The sentences that the stages hand to what makes flags, with 1 for each value in them."""
    for room in SOURCES:
        for path in Path(archive.__file__).parent.joinpath(room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in WRITERS:
                    yield from filter(None, map(sentence, node.args))


def sentence(argument):
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        words = argument.value
    elif isinstance(argument, ast.JoinedStr):
        words = "".join(
            piece.value if isinstance(piece, ast.Constant) else "1" for piece in argument.values
        )
    else:
        return None
    return words if " " in words else None


def test_every_sentence_about_a_flag_has_its_chinese():
    found = set(reasons_in_code())
    assert len(found) > 20
    missing = {
        part.words for words in found for part in in_chinese(words) if not part.is_translated
    }
    assert not missing


def test_every_reason_in_the_archive_has_its_chinese(practice_archive):
    with closing(sqlite3.connect(practice_archive)) as rows:
        stored = rows.execute("SELECT DISTINCT kind, evidence FROM flags").fetchall()
    chinese = Labels("zh")
    missing = {
        part.words
        for kind, evidence in stored
        for part in chinese.reason(evidence, kind)
        if not part.is_translated
    }
    assert not missing


def test_a_reason_is_translated_clause_by_clause():
    said = in_chinese(
        "slots: stands 4 times, also where clean reports have 省委 (2)、a place (1),"
        " ends as betting sites do (31 bits, 12 are enough); a sentence of another version",
        str,
    )
    assert said[0].words == (
        "词位：出现 4 次，所在之处在正常的报告中是 省委 (2)、地名（1），结尾与博彩网站相同"
        "（31 比特，达到 12 即可认定）"
    )
    assert said[1] == ("a sentence of another version", False)
