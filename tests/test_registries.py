"""A new field, kind, family or type of attachment: each in at most three files, then everywhere.

Each test changes a copy of the packages and runs it in a process of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LEXICA = "archive/known/lexica"
MOST_FILES = 3

REPORT = """武安市2024年政府工作报告
——2024年1月7日在武安市第九届人民代表大会第二次会议上
市长 演示甲
各位代表：
现在，我代表市人民政府向大会报告工作，请予审议。
一、2023年工作回顾
过去一年，我们修桥铺路，改善民生，发展产业，一步一个脚印。粮食总产量增长百分之三，工业经济平稳运行。
二、2024年工作安排
今年要把每一件实事办好，让群众看得见。推动高质量发展。口号：实干为先。
"""


class Copy:
    """A copy of the packages, of which it is known which files were changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.changed: set[str] = set()
        for package in ("archive", "crawler"):
            left_out = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / package, folder / package, ignore=left_out)

    def add(self, path: str, words: str) -> None:
        """Add words to the end of a file, which is made where there is none."""
        self.changed.add(path)
        with (self.folder / path).open("a", encoding="utf-8") as file:
            file.write(words)

    def put(self, path: str, old: str, new: str) -> None:
        """Put `new` in the place of `old`, which stands in a file once."""
        self.changed.add(path)
        words = (self.folder / path).read_text("utf-8")
        assert words.count(old) == 1, f"{path}: {old!r} stands there {words.count(old)} times"
        (self.folder / path).write_text(words.replace(old, new), "utf-8")

    def run(self, script: str, *arguments: object) -> dict[str, object]:
        """What a script prints as JSON; it runs with the copy, which changed few files."""
        assert len(self.changed) <= MOST_FILES, self.changed
        check = f"import archive; assert archive.__file__.startswith({str(self.folder)!r})\n"
        ran = subprocess.run(
            [sys.executable, "-c", check + script, *map(str, arguments)],
            env=os.environ | {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=self.folder, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout.splitlines()[-1])


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path / "copy")


ARCHIVE = """
import json, sys, asyncio
from click.testing import CliRunner
from archive import Archive, Capture, derive
from archive.cli import cli
def command(*arguments):
    ran = CliRunner().invoke(cli, arguments)
    assert ran.exit_code == 0, ran.output
    return ran.stdout
def fill(db, *texts):
    with Archive.open(db, create=True) as archive, archive.run("backfill") as run:
        for number, text in enumerate(texts):
            capture = Capture.from_bytes(text.encode(), url=f"http://www.a.test/{number}.txt")
            run.text(run.capture(capture), derive(capture))
        archive.collate(run.id)
    return str(db)
async def ask(db, *paths):
    from datasette.app import Datasette
    served = Datasette([db])
    await served.invoke_startup()
    return [(await served.client.get(path)).text for path in paths]
"""


def test_a_field_arrives_everywhere(copy, tmp_path):
    copy.add(
        f"{LEXICA}/fields.toml",
        '\n[motto]\nlabel = ["口号标签", "Motto label"]\nof_work = true\ninherited = true\n'
        'meaning = "The motto, as printed."\nafter = "title"\n',
    )
    copy.put(
        "archive/store/sql/001/collated.sql", "  script TEXT,\n", "  script TEXT,\n  motto TEXT,\n"
    )
    copy.put(
        "archive/identify/__init__.py",
        '        "script": script_of(sheet),\n',
        '        "script": script_of(sheet),\n        "motto": _motto(sheet),\n',
    )
    copy.add(
        "archive/identify/__init__.py",
        "\n\ndef _motto(sheet):\n"
        "    words = sheet.kept.rpartition('口号：')[2][:4]\n"
        "    return Value(words, words, 'visible', 'read', 0.9)\n",
    )
    found = copy.run(
        ARCHIVE
        + """
import csv
db = fill(sys.argv[1], sys.argv[2])
home = sys.argv[3]
command("export", db, home, "--format", "csv")
command("decide", db, "1", "motto", "实事求是", "--who", "a", "--why", "b")
paths = "/api/works", "/api/r/130481/2024", "/text/1?lang=zh", "/text/1?lang=en"
pages = asyncio.run(ask(db, *paths))
with open(home + "/reports.csv", encoding="utf-8-sig") as file:
    rows = list(csv.DictReader(file))
derived = derive(Capture.from_bytes(sys.argv[2].encode()))
print(json.dumps({
    "text": derived.as_json()["identity"]["motto"]["value"],
    "columns": list(rows[0]), "export": rows[0]["motto"],
    "codebook": open(home + "/codebook.md", encoding="utf-8").read(),
    "works": json.loads(command("works", db).splitlines()[0])["motto"],
    "api": [json.loads(pages[0])["works"][0]["motto"], json.loads(pages[1])["work"]["motto"],
            json.loads(pages[1])["texts"][0]["identity"]["motto"]["value"]],
    "pages": pages[2:],
}))
""",
        tmp_path / "a.db", REPORT, tmp_path / "out",
    )  # fmt: skip
    assert (found["text"], found["export"], found["works"]) == ("实干为先", "实干为先", "实事求是")
    assert found["api"] == ["实事求是", "实事求是", "实干为先"]
    assert found["columns"].index("motto") == found["columns"].index("title") + 1
    assert "| `motto` |  | The motto, as printed. |" in found["codebook"]
    assert ["口号标签" in found["pages"][0], "Motto label" in found["pages"][1]] == [True, True]


def test_a_field_that_is_declared_wrongly_is_refused(copy):
    copy.add(f"{LEXICA}/fields.toml", '\n[motto]\nlable = ["口号", "Motto"]\n')
    with pytest.raises(AssertionError, match=r"DataFileError.*motto.*lable"):
        copy.run("from archive.known.fields import fields; fields()")


def test_a_column_that_stands_nowhere_is_refused(copy):
    copy.add(
        f"{LEXICA}/fields.toml",
        '\n[motto]\nlabel = ["口号", "Motto"]\nmeaning = "It."\nafter = "nowhere"\n',
    )
    with pytest.raises(AssertionError, match=r"DataFileError.*motto: there is no column"):
        copy.run("import archive.export.columns")


def test_a_kind_arrives_everywhere(copy, tmp_path):
    copy.put(
        f"{LEXICA}/kinds.toml",
        "format = 1\n",
        'format = 1\n\n[[kind]]\nname = "民生公报"\nenglish = "Welfare communiqué"\nwork = true\n'
        "title = '民生公报'\nopening = '报告民生工作'\n",
    )
    found = copy.run(
        ARCHIVE
        + """
import csv
db = fill(sys.argv[1], sys.argv[2])
command("export", db, sys.argv[3], "--format", "csv", "--kind", "民生公报")
with open(sys.argv[3] + "/reports.csv", encoding="utf-8-sig") as file:
    rows = list(csv.DictReader(file))
from archive.browse.labels import Labels
works = command("works", db, "--kind", "民生公报").splitlines()
print(json.dumps({
    "works": [json.loads(line)["kind"] for line in works],
    "export": [row["kind"] for row in rows],
    "label": Labels("en").name("kind", "民生公报"),
    "help": command("coverage", "--help"),
}))
""",
        tmp_path / "a.db", REPORT.replace("报告工作，", "报告民生工作，"), tmp_path / "out",
    )  # fmt: skip
    assert (found["works"], found["export"]) == (["民生公报"], ["民生公报"])
    assert found["label"] == "Welfare communiqué"
    assert "民生公报" in found["help"]


def test_a_family_arrives_everywhere(copy, tmp_path):
    copy.add(
        "crawler/families.toml",
        "\n[kangaroo]\nspider = 'listing.ListSpider'\narticles = ['/hop/\\d+\\.html$']\n"
        "sign = 'kangaroo\\.js'\n",
    )
    (tmp_path / "pouch.toml").write_text(
        'title = "袋鼠站"\nkind = "mirror"\nfamily = "kangaroo"\nhosts = ["www.pouch.test"]\n'
        'start = ["http://www.pouch.test/"]\n'
    )
    found = copy.run(
        """
import json, sys
from crawler.families import guess_family
from crawler.loader import SiteLoader
from crawler.site_files import load_sites
load = load_sites([sys.argv[1]])
spider = SiteLoader([sys.argv[1]]).load("pouch")
site = load.by_name["pouch"]
print(json.dumps({
    "errors": load.errors, "family": site.family, "blind": site.is_blind,
    "class": spider.__mro__[1].__name__,
    "reports": [bool(p.search("http://www.pouch.test/hop/7.html")) for p in site.report_patterns],
    "guess": guess_family('<script src="/kangaroo.js"></script>'),
}))
""",
        tmp_path,
    )
    assert found == {
        "errors": [], "family": "kangaroo", "blind": False, "class": "ListSpider",
        "reports": [True], "guess": "kangaroo",
    }  # fmt: skip


def test_a_type_of_attachment_arrives_everywhere(copy, tmp_path):
    copy.add(
        f"{LEXICA}/attachments.toml",
        '\n[scroll]\nendings = ["scroll"]\nbegins = ["\\u0000SCROLL\\u0001"]\npictures = true\n',
    )
    copy.add(
        "archive/read/documents/scroll.py",
        "from archive.read.documents.found import ReadDocument, lines_of\n\n\n"
        "def read_scroll(payload):\n"
        "    words = payload[8:].decode('utf-16-le')\n"
        "    return ReadDocument(tuple(lines_of(words)), 'scroll', 'scroll reader')\n",
    )
    copy.put(
        "archive/read/documents/__init__.py",
        '    "image": _read_image,\n',
        '    "image": _read_image,\n    "scroll": lambda payload, _: read_scroll(payload),\n',
    )
    copy.put(
        "archive/read/documents/__init__.py",
        "from archive.read.documents.pdf import read_pdf\n",
        "from archive.read.documents.pdf import read_pdf\n"
        "from archive.read.documents.scroll import read_scroll\n",
    )
    folder = tmp_path / "files"
    folder.mkdir()
    words = REPORT
    (folder / "2024.scroll").write_bytes(b"\0SCROLL\1" + words.encode("utf-16-le"))
    found = copy.run(
        ARCHIVE
        + """
from crawler.spiders.listing import _ATTACHMENT, _TRACES
from crawler.spiders.site import _CALLED
command("backfill", "files", sys.argv[1], sys.argv[2])
with Archive.open(sys.argv[1], read_only=True) as archive:
    text = archive.connection.execute("SELECT medium, method FROM texts").fetchone()
    works = [work["work"] for work in archive.works()]
print(json.dumps({
    "text": text, "works": works,
    "followed": bool(_ATTACHMENT.search("http://a.test/1.scroll")),
    "seen": any(trace.search(b'href="1.scroll"') for trace in _TRACES),
    "called": _CALLED.search("open('/x/1.scroll')")[1],
}))
""",
        tmp_path / "a.db", folder,
    )  # fmt: skip
    assert found["text"] == ["scroll", "whole"]
    assert len(found["works"]) == 1
    assert (found["followed"], found["seen"], found["called"]) == (True, True, "/x/1.scroll")
