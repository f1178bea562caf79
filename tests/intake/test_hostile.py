"""Files made to do harm: each is refused or bounded, a row says so, and the run goes on."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import chdir, closing
from pathlib import Path

import pytest
from intake import hostile
from intake.further import FURTHER

from archive import register_functions

DEADLINE_S = "6"
GOOD = ["0_good.txt", "zzz_good.txt"]

NO_TEXT = {"no text"}
FAILED = {"derive_timeout", "derive_crash"}
EXPECTED = {
    "zip_bomb.zip": [{"too_large"}, {"too_large"}, {"text"}],
    "many_bombs.zip": [NO_TEXT, NO_TEXT, {"too_large"}, {"too_large"}, {"too_large"}],
    "nested_bombs.zip": [{"too_deep"}],
    "out_of_the_folder.zip": [{"text"}] * 3,
    "link_in_zip.zip": [{"unreadable"}, {"text"}],
    "lies_about_sizes.zip": [{"too_large"}],
    "smaller_than_it_is.zip": [{"unreadable"}],
    "offset_beyond.zip": [{"unreadable"}],
    "xxe.docx": [NO_TEXT],
    "laughs.docx": [NO_TEXT],
    "deep.docx": [NO_TEXT],
    "bomb.docx": [NO_TEXT],
    "xxe.ofd": [NO_TEXT],
    "laughs.ofd": [NO_TEXT],
    "one_page_often.ofd": [NO_TEXT | FAILED],
    "page_tree_cycle.pdf": [NO_TEXT],
    "object_loop.pdf": [NO_TEXT],
    "many_pages.pdf": [NO_TEXT],
    "declared_pages.pdf": [NO_TEXT],
    "forms_in_forms.pdf": [FAILED | NO_TEXT],
    "inflating_stream.pdf": [FAILED | NO_TEXT],
    "huge_image.pdf": [NO_TEXT],
    "far_row.xlsx": [{"text"}, {"too_large"}],
    "wide_sheet.xlsx": [{"text"}],
    "many_columns.xlsx": [{"too_large", "open_timeout"}],
    "shared_strings_bomb.xlsx": [{"too_large"}],
    "laughs.xlsx": [{"unreadable"}],
    "xxe.xlsx": [{"unreadable"}],
    "nested_parts.mht": [{"unreadable", "open_timeout"}],
    "very_many_parts.mht": [*[NO_TEXT | {"text"}] * 1000, {"too_large"}],
    "cyclic.doc": [NO_TEXT],
    "long_line.csv": [{"text"}, {"too_large"}],
    "never_closed.csv": [{"text"}, {"unreadable"}],
    "nul.csv": [{"text"}],
    "many_columns.csv": [{"too_large"}],
    "deep.jsonl": [{"text"}, *[{"unreadable"}] * 4, {"text"}],
    "long_record.jsonl": [{"too_large"}, {"text"}],
    "deep_page.html": [{"text"}],
    "one_long_line.txt": [FAILED | {"text"}],
    "nothing.txt": [NO_TEXT],
    "pipe.txt": [{"unreadable"}],
    "socket.txt": [{"unreadable"}],
}
"""What each row may come to, in the order of the rows; `text` is a text with words."""

ROWS = """
SELECT captures.id, filename, outcome, error, EXISTS (SELECT 1 FROM texts
    WHERE texts.payload_sha256 = captures.payload_sha256
    AND texts.context_sha256 = captures.context_sha256 AND clean_chars > 0) AS words,
  pages.url
FROM captures JOIN pages ON pages.id = page_id ORDER BY captures.id
"""


def run(home):
    command = ("backfill", "files", "x.db", "files", "--deadline", DEADLINE_S, "--jobs", "2",
               "--no-ocr")  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "archive", *command],
        cwd=home, capture_output=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture
def home(tmp_path):
    """A folder of all of them."""
    folder = tmp_path / "files"
    folder.mkdir()
    for name, make in hostile.FILES.items():
        (folder / name).write_bytes(make())
    for name in GOOD:
        (folder / name).write_text(hostile.TEXT + name, encoding="utf-8")
    (folder / "to_passwd.txt").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.txt")
    with chdir(folder), socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket.txt")  # a socket's path must be short
    return tmp_path


def test_each_is_refused_or_bounded_and_the_run_goes_on(home):
    before = set(home.rglob("*"))
    done = run(home)
    assert done.returncode == 1, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert b"passed over: 1 links" in done.stderr
    assert b"zip_bomb.zip 0.txt: no text: unpacks to more than 67108864 bytes\n" in done.stderr
    rows = rows_of(home / "x.db")
    assert set(rows) == {*EXPECTED, *GOOD, "overlapping.zip"}
    assert [rows[name] for name in GOOD] == [[("text", "")]] * len(GOOD)
    assert {outcome for outcome, _ in rows["overlapping.zip"]} <= {
        *NO_TEXT,
        "too_large",
        "unreadable",
    }
    assert {name: shown for name in EXPECTED if (shown := strange(name, rows[name]))} == {}
    no_file_of_the_machine_came_in(home / "x.db")
    new = {path.name.removesuffix("-wal").removesuffix("-shm") for path in home.rglob("*")}
    assert new - {path.name for path in before} == {"x.db"}
    assert not Path("/tmp/evil.txt").exists()  # noqa: S108  (it must not be there)
    assert run(home).returncode == 1
    assert rows_of(home / "x.db") == rows


def rows_of(db):
    """Outcome and reason of each row, by file."""
    found: dict[str, list[tuple[str, str]]] = {}
    with closing(sqlite3.connect(db)) as reader:
        register_functions(reader)
        for _, _, outcome, error, words, url in reader.execute(ROWS):
            name = url.partition("/files/")[2].partition("!/")[0]
            shown = outcome if outcome != "ok" else "text" if words else "no text"
            found.setdefault(name, []).append((shown, error or ""))
    return found


def strange(name, shown):
    """The rows, where they are not what is expected or say no reason."""
    allowed = EXPECTED[name]
    good = len(shown) == len(allowed) and all(
        outcome in may_be and (error or outcome in {"text", "no text"})
        for (outcome, error), may_be in zip(shown, allowed, strict=True)
    )
    return [] if good else shown[:5]


def no_file_of_the_machine_came_in(db):
    with closing(sqlite3.connect(db)) as reader:
        register_functions(reader)
        texts = reader.execute("SELECT count(*) FROM visible_texts WHERE instr(visible, 'root:')")
        assert texts.fetchone() == (0,)
        assert all("/files/" in url for (url,) in reader.execute("SELECT url FROM pages"))


def test_further_kinds_of_files_do_no_harm(tmp_path):
    (tmp_path / "files").mkdir()
    chosen = dict(list(FURTHER.items())[::3])
    for name, make in chosen.items():
        (tmp_path / "files" / name).write_bytes(make())
    for name in GOOD:
        (tmp_path / "files" / name).write_text(hostile.TEXT + name, encoding="utf-8")
    done = run(tmp_path)
    rows = rows_of(tmp_path / "x.db")
    assert b"Traceback" not in done.stderr
    assert [rows[name] for name in GOOD] == [[("text", "")]] * len(GOOD)
    assert {name for name in chosen if not name.endswith((".png", ".tiff"))} <= set(rows)
    no_file_of_the_machine_came_in(tmp_path / "x.db")
    assert {path.name for path in tmp_path.iterdir()} <= {"files", "x.db", "x.db-wal", "x.db-shm"}
