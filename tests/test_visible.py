"""Nothing that is printed is obeyed by the terminal: names, titles, texts, errors, logs."""

import io
import json
import logging
import os
import sys
from unicodedata import category

import pytest
from browse.made_up import answer, derivation, group
from click.testing import CliRunner
from commands import forked
from hostile import terminal

from archive import visible as module
from archive.console import table
from archive.model import Capture
from archive.store import Archive
from archive.visible import VisibleStream, show_all_that_is_logged, visible
from archive.workers import Worker
from crawler.cli import main

PAYLOADS = terminal.PAYLOADS
UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
TITLE = "2024年演示市政府工作报告"


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_a_payload_is_shown_by_its_codes(payload):
    shown = visible(payload)
    assert terminal.obeyed(payload)
    assert not terminal.obeyed(shown)
    assert len(shown) > len(payload)


def test_every_character_that_is_not_seen_is_shown_and_no_other():
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        shown = visible(character, kept="") != character
        if category(character) != "Cn":  # what is assigned is not the same in every Python
            assert shown == (category(character) in UNSEEN), hex(number)
    assert visible("a\n\tb") == "a\n\tb"
    assert visible("a\n\tb", kept="") == r"a\u000a\u0009b"


def test_json_stays_json():
    words = "\x7f\x9b\u202e\u200b\udc80"
    line = json.dumps({"words": words}, ensure_ascii=False)
    assert json.loads(visible(line)) == {"words": words}


def test_a_cell_ends_no_row_and_its_width_is_what_is_seen():
    lines = table([["name", "x"], ["a\nfake  1", "y"], ["\x1b[2J", "z"]]).split("\n")
    assert len(lines) == 3
    assert [line.index(n) for line, n in zip(lines, "xyz", strict=True)] == [16, 16, 16]


def test_a_stream_shows_text_and_bytes_and_passes_the_rest_on():
    within = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    stream = VisibleStream(within)
    stream.writelines(["a\x1b", "b\n"])
    stream.buffer.write("报\x9b".encode() + b"\xff\n")
    assert stream.encoding == "utf-8"
    assert within.buffer.getvalue().decode() == "a\\u001bb\n报\\u009b\\udcff\n"


def stored(words):
    """Words as they can be stored: in UTF-8, and a passage in one line."""
    words = words.replace("\x00", "").encode("utf-8", "replace").decode()
    return " ".join(words.splitlines())


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """An archive whose titles, texts, addresses and errors hold every payload."""
    path = tmp_path_factory.mktemp("visible") / "v.db"
    payloads = [stored(payload) for payload in PAYLOADS.values()]
    works = {f"990100-{2000 + n}": (n,) for n in range(1, len(payloads) + 1)}
    with Archive.open(path, create=True) as opened, opened.run("crawl") as run:
        for number, payload in enumerate(payloads, 1):
            lines = [(f"{TITLE}{payload}", "front"), (f"{payload}增长", "body"), (payload, "nav")]
            capture = answer(f"http://www.demo.test/{number}?{payload}", lines)
            made = derivation(capture, lines, year=2000 + number, flagged=payload)
            run.text(run.capture(capture), made)
            run.capture(Capture(f"http://x.test/{payload}", outcome="dns", error=payload))
        group(opened, works)
        with opened.transaction():
            every = "".join(payloads)
            opened.connection.execute("UPDATE works SET title = ?, place = ?", (every, every))
    return path


COMMANDS = [
    ["works", "DB"], ["works", "DB", "--table"], ["show", "DB", "990100-2001"],
    ["show", "DB", "990100-2001", "--json"], ["search", "DB", "增长"],
    ["search", "DB", "增长", "--table"], ["coverage", "DB", "--table"], ["coverage", "DB"],
    ["diff", "DB", "1", "2"], ["rederive", "DB", "--jobs", "1"], ["verify", "DB", "--table"],
]  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_command_lets_an_archive_control_the_terminal(archive, words, tmp_path):
    db = tmp_path / "v.db"
    db.write_bytes(archive.read_bytes())
    said = terminal.run([db if word == "DB" else word for word in words], tmp_path)
    assert "Traceback" not in said
    assert terminal.obeyed(said, drawn=True) == []
    if words[0] in {"works", "show", "search", "coverage"}:
        assert r"\u001b" in said or r"\u202e" in said, "it is shown"


@pytest.fixture
def files(tmp_path):
    """Files with every payload in their names and in their texts."""
    folder = tmp_path / "files"
    folder.mkdir()
    for payload in PAYLOADS.values():
        name = os.fsencode(f"{payload.replace('/', '_')}.txt".replace("\x00", "_"))
        text = f"{TITLE}\n{payload}\n各位代表：\n必赢体育{payload}增长。\n" * 3
        (folder / os.fsdecode(name)).write_bytes(text.encode("utf-8", "replace"))
    return folder


@pytest.mark.parametrize("words", [
    ["audit", "FILES", "--table"], ["audit", "FILES"], ["backfill", "files", "x.db", "FILES"],
    ["backfill", "files", "x.db", "FILES", "--dry-run"],
], ids=" ".join)  # fmt: skip
def test_no_file_controls_the_terminal(files, words, tmp_path):
    said = terminal.run([files if word == "FILES" else word for word in words], tmp_path)
    assert "Traceback" not in said
    assert terminal.obeyed(said, drawn=True) == []


def test_a_text_on_a_terminal_is_seen_and_in_a_pipe_it_is_as_it_is(files, tmp_path):
    whole = tmp_path / "all.txt"
    whole.write_bytes(b"".join(sorted(path.read_bytes() for path in files.iterdir())))
    for more in ([], ["--json"]):
        said = terminal.run(["text", whole, *more], tmp_path)
        assert terminal.obeyed(said) == []
        assert r"\u202e" in said
    piped = forked(["text", whole], tmp_path)
    assert "\x1b[2J" in piped.stdout.decode(), "documented as raw"
    assert terminal.obeyed(piped.stderr.decode()) == []


ERRORS = [
    ["text", "{p}"], ["works", "{p}"], ["audit", "{p}"], ["{p}"], ["works", "--{p}"],
    ["backfill", "files", "x.db", "{p}"], ["backfill", "{p}"], ["crawl", "x.db", "{p}"],
    ["sites", "--sites-dir", "{p}"], ["serve", "x.db", "--allow-host", "{p}"],
]  # fmt: skip


@pytest.mark.parametrize("words", ERRORS, ids=" ".join)
def test_an_error_repeats_nothing_that_is_obeyed(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    payload = "".join(PAYLOADS.values()).replace("\x00", "")
    result = CliRunner().invoke(main, [word.format(p=payload) for word in words])
    assert result.exit_code != 0 or words[0] == "sites"
    assert terminal.obeyed(result.stderr) == []


def test_a_broken_site_file_says_so_visibly(tmp_path):
    payload = "".join(PAYLOADS.values()).replace("/", "").replace("\x00", "")[:60]
    (tmp_path / os.fsdecode(os.fsencode(f"{payload}.toml"))).write_text("kind = 1")
    result = CliRunner().invoke(main, ["sites", "--sites-dir", str(tmp_path), "--table", "--check"])
    assert result.exit_code == 1
    assert "Error" in result.stderr
    assert terminal.obeyed(result.stderr) == []


def test_logs_of_another_program_are_made_visible(monkeypatch):
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    show_all_that_is_logged()
    show_all_that_is_logged()
    logging.getLogger().error("%s", "\x1b]0;x\x07")
    assert said.getvalue() == "\\u001b]0;x\\u0007\n"


def test_what_a_worker_prints_is_passed_on_visibly(monkeypatch, capfd):
    said = io.StringIO()
    monkeypatch.setattr(module.sys, "stderr", VisibleStream(said))
    program = "import os; os.write(2, b'\\x1b[2J from a library'); os._exit(3)"
    worker = Worker([sys.executable, "-c", program])
    worker._process.wait()
    worker.stop()
    assert said.getvalue() == "\\u001b[2J from a library"
    assert capfd.readouterr().err == ""
