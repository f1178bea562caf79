"""The preservation export: read without baogao, made into an archive again, refused if changed."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from click.testing import CliRunner
from store.made_up import answer, derivation_of

from archive.cli import cli
from archive.model import sha256
from archive.store import Archive
from archive.store.compaction import compact
from archive.store.copies import backup, public_backup
from archive.store.preservation import bag, collated
from archive.store.preservation.importing import import_preservation
from archive.store.preservation.layout import (
    json_line,
    object_of,
    payload_file,
    plain_row,
    tables,
)
from archive.store.preservation.writing import export_preservation
from archive.store.withdrawal import withdraw

OTHER_RULES = sha256(b"other rules of the tests")


def invoke(*arguments):
    return CliRunner().invoke(cli, [str(each) for each in arguments])


@pytest.fixture
def full(filled):
    """An archive with rows in nearly every table that is exported."""
    with filled.run("crawl", sites=[("demo", "name = 'demo'")]) as run:
        run.text(run.capture(answer(1)), derivation_of(answer(1), ruleset=OTHER_RULES, year=2023))
        text = run.text(run.capture(answer(5)), derivation_of(answer(5), ruleset=OTHER_RULES))
        run.decide(text, "report_year", 2021, who="Li", why="the notice says so")
    with filled.transaction():
        filled._writer.alert("clock", "an alert of the tests")
        filled.connection.execute(
            "INSERT INTO frontier (fingerprint, url, site, host, request_json, created_at, due_at,"
            " changed_at) VALUES ('f', 'http://a/', 's', 'a', '{}', 't', 't', 't')"
        )
    with filled.run("verify") as run:
        verification = filled.verification()
        filled.store_verification(run.id, verification, list(verification.findings()))
    with filled.run("rederive") as run:
        filled.collate(run.id)
    return filled


@pytest.fixture
def export(full, path, tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    export_preservation(full, folder)
    return folder


def as_is(source, target):
    backup(source, target)


def pruned(source, target):
    """The newest text has gone: its id must never be given to another."""
    backup(source, target)
    with Archive.open(target) as archive, archive.run("rederive") as run:
        for ruleset in (OTHER_RULES, sha256(b"a third")):
            run.text(run.capture(answer(7)), derivation_of(answer(7), ruleset=ruleset, year=2020))
        archive.connection.execute("UPDATE current_ruleset SET ruleset_id = 2")
        archive.collate(run.id)
        plan = archive.superseded()
        assert plan.texts
        archive.prune(run, plan)


def without_payload(source, target):
    with Archive.open(source, read_only=True) as archive:
        digest = archive.connection.execute("SELECT min(payload_sha256) FROM texts").fetchone()[0]
    withdraw(source, target, digest, "asked for")


def never_collated(_, target):
    with Archive.open(target, create=True) as archive, archive.run("crawl") as run:
        run.text(run.capture(answer(1)), derivation_of(answer(1)))


def empty(_, target):
    Archive.open(target, create=True).close()


KINDS = [as_is, public_backup, compact, without_payload, pruned, never_collated, empty]


def contents(path):
    """All that must be equal: each exported table, payloads, works and the ledger's head."""
    with Archive.open(path, read_only=True) as archive:
        found = {
            table: archive.connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in tables(public=archive.is_public_copy) if table not in {"payloads", "copy"}
        }  # fmt: skip
        rows = archive.connection.execute("SELECT sha256, payload_bytes, codec FROM payloads")
        gone = {"withdrawn", "left-out"}
        found["payloads"] = sorted(
            (digest, size, codec if codec in gone else archive.payload(digest))
            for digest, size, codec in rows
        )
        found["works"] = [
            json.dumps(work, sort_keys=True) for work in collated.works(archive.connection)
        ]
        found["head"] = archive.ledger_head()
        found["public"] = archive.is_public_copy
        found["last"] = archive.connection.execute(
            "SELECT coalesce(max(seq), 0) FROM sqlite_sequence"
        ).fetchone()
        return found


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_comes_back_with_equal_digests(full, path, tmp_path, kind):
    source, folder, new = tmp_path / "source.db", tmp_path / "export", tmp_path / "new.db"
    kind(path, source)
    shown = invoke("export", source, folder, "--format", "preservation")
    assert shown.exit_code == 0, shown.output
    shown = invoke("backfill", "preservation", new, folder)
    assert shown.exit_code == 0, shown.output
    assert "works are not as" not in shown.output
    before, after = contents(source), contents(new)
    before.pop("collated", None)  # of a public copy: its index of copies has to be made again
    for name, rows in before.items():
        assert after[name] == rows, name
    assert before["head"] is None or before["head"] in shown.output
    again = tmp_path / "again"
    again.mkdir()
    with Archive.open(new, read_only=True) as archive:
        export_preservation(archive, again)
    assert files(again) == files(folder)
    assert invoke("verify", new).exit_code == 0


def files(folder):
    return {
        each.relative_to(folder).as_posix(): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in folder.rglob("*")
        if each.is_file() and each.name not in {"archive.json", "collated.jsonl", *MANIFESTS}
    }


def test_every_table_is_exported_or_left_out_on_purpose(full, export):
    every = {
        name for (name,) in full.connection.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main'"
            " AND type IN ('table', 'virtual')"
            " AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%sqlite_migrations'"
        )
    }  # fmt: skip
    left = every - set(tables()) - {"packed_texts"}
    assert left == {
        "brand_places", "brands", "census_places", "census_provinces", "collated", "copy_hashes",
        "dictionaries", "editions",
        "inherited_identities", "leases", "links", "readings", "removed_index", "row_sums",
        "search_documents", "search_index", "sketches", "to_collate", "witness_texts",
        "witnesses", "works", "writers",
    }  # fmt: skip
    assert {each.stem for each in (export / "data" / "tables").iterdir()} == set(tables())


def test_a_new_table_with_bytes_is_exported_by_itself():
    row = {"id": 1, "token": b"\x00\xff", "words": "报告\x00", "ratio": 0.1, "none": None}
    assert plain_row(object_of(json_line(row))) == row


def test_the_export_is_read_and_proven_without_baogao(full, export):
    if shutil.which("sha256sum"):
        for manifest in MANIFESTS:
            subprocess.run(["sha256sum", "--quiet", "-c", manifest], cwd=export, check=True)
    readme = (export / "README.txt").read_text(encoding="utf-8")
    (program,) = re.findall(
        r"^    import hashlib.*?^    print\(len\(texts\).*?$", readme, re.MULTILINE | re.DOTALL
    )
    code = re.sub(r"^    ", "", program, flags=re.MULTILINE)
    shown = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=export, check=True, capture_output=True, text=True
    )
    (texts,) = full.connection.execute("SELECT count(*) FROM texts").fetchone()
    assert shown.stdout == f"ledger head {full.ledger_head()}\n{texts} texts\n"
    work = json.loads((export / "data/works.jsonl").read_text(encoding="utf-8").splitlines()[0])
    text = "\n".join(passage["text"] for passage in work["edition"]["passages"])
    assert sha256(text.encode()) == work["edition"]["text_sha256"]
    assert work["witnesses"][0]["texts"]
    sqlite3.connect(":memory:").executescript((export / "data/schema.sql").read_text("utf-8"))


def test_the_bag_is_as_its_standard_says(export):
    assert (export / "bagit.txt").read_text() == (
        "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    )
    octets, count = re.search(r"Oxum: (\d+)\.(\d+)", (export / "bag-info.txt").read_text()).groups()
    data = [each for each in (export / "data").rglob("*") if each.is_file()]
    assert int(count) == len(data)
    assert int(octets) == sum(each.stat().st_size for each in data)
    named = [line[66:] for line in (export / "manifest-sha256.txt").read_text().splitlines()]
    assert sorted(named) == sorted(each.relative_to(export).as_posix() for each in data)


# ---- damage

MANIFESTS = ("manifest-sha256.txt", "tagmanifest-sha256.txt")


def seal(folder):
    """Write digests anew, as somebody who changes an export on purpose would."""
    for manifest in MANIFESTS:
        lines = []
        for line in (folder / manifest).read_text(encoding="utf-8").splitlines():
            name = line[66:]
            content = (folder / name).read_bytes() if (folder / name).is_file() else b""
            lines.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        (folder / manifest).write_text("".join(lines), encoding="utf-8")


def edited(name, old, new, *, count=1):
    def change(folder):
        file = folder / name
        words = file.read_bytes()
        assert re.search(old, words), (name, old)
        file.write_bytes(re.sub(old, new, words, count=count))
        seal(folder)

    change.__name__ = f"{name} {old!r}"
    return change


def missing(name):
    def change(folder):
        (folder / name).unlink()

    change.__name__ = f"missing {name}"
    return change


def a_payload(folder):
    return next(each for each in sorted((folder / "data/payloads").rglob("*")) if each.is_file())


def payload_missing(folder):
    a_payload(folder).unlink()


def payload_changed(folder):
    a_payload(folder).write_bytes(b"other")


def payload_is_a_link(folder):
    file = a_payload(folder)
    elsewhere = folder.parent / "elsewhere"
    elsewhere.write_bytes(file.read_bytes())
    file.unlink()
    file.symlink_to(elsewhere)


def folder_is_a_link(folder):
    inside = a_payload(folder).parent
    shutil.move(inside, folder.parent / "elsewhere")
    inside.symlink_to(folder.parent / "elsewhere")


def payload_is_a_pipe(folder):
    file = a_payload(folder)
    file.unlink()
    os.mkfifo(file)


def table_is_a_pipe(folder):
    file = folder / "data/tables/pages.jsonl"
    file.unlink()
    os.mkfifo(file)


def table_is_a_folder(folder):
    file = folder / "data/tables/pages.jsonl"
    file.unlink()
    file.mkdir()


def a_file_too_many(folder):
    (folder / "data/tables/more.jsonl").write_text("{}\n")


def a_payload_too_many(folder):
    digest = sha256(b"more")
    file = folder / payload_file(digest)
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"more")
    lines = (folder / MANIFESTS[0]).read_text().splitlines(keepends=True)
    payloads = sorted(
        [*(x for x in lines if "/payloads/" in x), f"{digest}  {payload_file(digest)}\n"]
    )
    rest = [x for x in lines if "/payloads/" not in x]
    (folder / MANIFESTS[0]).write_text("".join([*payloads, *rest]))
    seal(folder)


def noted(line):
    def change(folder):
        with (folder / MANIFESTS[0]).open("a") as file:
            file.write(line)
        seal_tags(folder)

    change.__name__ = f"manifest with {line[:90]!r}"
    return change


def seal_tags(folder):
    words = (folder / MANIFESTS[0]).read_bytes()
    tags = folder / MANIFESTS[1]
    tags.write_text(re.sub(
        r"\w{64}(?=  manifest)", hashlib.sha256(words).hexdigest(), tags.read_text()
    ))  # fmt: skip


def swapped_texts(folder):
    """Each line is right by itself, and its digest too."""
    file = folder / "data/tables/ledger.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join([lines[1], lines[0], *lines[2:]]).replace('"seq":2', '"seq":0'))
    seal(folder)


def huge_line(folder):
    file = folder / "data/tables/pages.jsonl"
    with file.open("r+b") as written:
        written.truncate(1 << 23)
    seal_one(folder, "data/tables/pages.jsonl")


def seal_one(folder, name):
    digest = hashlib.sha256(b"whatever").hexdigest()
    words = (folder / MANIFESTS[0]).read_text()
    (folder / MANIFESTS[0]).write_text(re.sub(rf"\w{{64}}(?=  {name}\n)", digest, words))
    seal_tags(folder)


def not_a_bag(folder):
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "notes.txt").write_text("hello")


def a_file(folder):
    shutil.rmtree(folder)
    folder.write_text("hello")


def nothing(folder):
    shutil.rmtree(folder)


PATH_64 = b"../" * 20 + b"etc/"
PAYLOAD_KEY = rb'"sha256":"\w{64}"'
CHANGES = [
    *map(missing, ["bagit.txt", "bag-info.txt", "README.txt", *MANIFESTS, "data/archive.json",
                   "data/schema.sql", "data/works.jsonl", "data/tables/ledger.jsonl",
                   "data/tables/copy.jsonl"]),
    payload_missing, payload_changed, payload_is_a_link, folder_is_a_link, payload_is_a_pipe,
    table_is_a_pipe, table_is_a_folder, a_file_too_many, a_payload_too_many, swapped_texts,
    huge_line, not_a_bag, a_file, nothing,
    noted(f"{'0' * 64}  ../outside\n"), noted(f"{'0' * 64}  data/../../outside\n"),
    noted(f"{'0' * 64}  /etc/passwd\n"), noted(f"{'0' * 64}  data/tables/../../../x.jsonl\n"),
    noted(f"{sha256(b'')}  data/tables/works.jsonl\n"),
    edited("data/archive.json", rb'"public":false', b'"public":true'),
    noted("no line of a manifest\n"), noted("x" * 100_000), noted("\xff\n"),
    noted(f"{'0' * 64}  data/tables/works.jsonl\n"),
    noted(f"{'0' * 64}  {payload_file('0' * 64)}\n"),
    edited("data/archive.json", rb'"version":1', b'"version":2'),
    edited("data/archive.json", rb'"version":1', b'"version":"x"'),
    edited("data/archive.json", rb'"schema":\d+', b'"schema":99'),
    edited("data/archive.json", rb'"schema":\d+', b'"schema":0'),
    edited("data/archive.json", rb"baogao-preservation", b"another"),
    edited("data/archive.json", rb"^.*$", b"[" * 100_000),
    edited("data/archive.json", rb'"ledger_head":"\w{64}"', b'"ledger_head":"%s"' % (b"0" * 64)),
    edited("data/archive.json", rb'"captures":\d+', b'"captures":1'),
    edited("data/archive.json", rb'"rows":\{[^}]*\}', b'"rows":3'),
    edited("data/archive.json", rb'"last_text_id":\d+', b'"last_text_id":-1'),
    edited("data/tables/pages.jsonl", rb"^.*\n", b"not json\n"),
    edited("data/tables/pages.jsonl", rb"^.*\n", b"[1, 2]\n"),
    edited("data/tables/pages.jsonl", rb"^.*\n", b"[" * 100_000 + b"\n"),
    edited("data/tables/pages.jsonl", rb"^.*\n", b"\xff\xfe\n"),
    edited("data/tables/pages.jsonl", rb"^.*\n", b""),
    edited("data/tables/pages.jsonl", rb'"id":1\b', b'"id":1e999'),
    edited("data/tables/pages.jsonl", rb'"id":1\b', b'"id":%s' % (b"9" * 30)),
    edited("data/tables/pages.jsonl", rb'"id":1\b', b'"id":{"base64":"!"}'),
    edited("data/tables/pages.jsonl", rb'"id":1\b', b'"id":[]'),
    edited("data/tables/pages.jsonl", rb'"id":1\b', b'"id":2'),
    edited("data/tables/pages.jsonl", rb'"host":"', b'"host":"\\\\ud800'),
    edited("data/tables/pages.jsonl", rb'"host":"', b'"host":"x'),
    edited("data/tables/pages.jsonl", rb'"host":', b'"host); DROP TABLE pages; --":'),
    edited("data/tables/payloads.jsonl", PAYLOAD_KEY, b'"sha256":"%s"' % PATH_64),
    edited("data/tables/payloads.jsonl", PAYLOAD_KEY, b'"sha256":5'),
    edited("data/tables/payloads.jsonl", rb'"payload_bytes":\d+', b'"payload_bytes":99999999999'),
    edited("data/tables/payloads.jsonl", rb'"payload_bytes":\d+', b'"payload_bytes":"x"'),
    edited("data/tables/payloads.jsonl", rb'"state":"kept"', b'"state":"lost"'),
    edited("data/tables/payloads.jsonl", rb'"state":"kept"', b'"state":"left-out"'),
    edited("data/tables/payloads.jsonl", rb'"state":"kept"', b'"status":"kept"'),
    edited("data/tables/visible_texts.jsonl", "发展|全市".encode(), "衰退".encode()),
    edited("data/tables/visible_texts.jsonl", rb'"visible":"[^"]*"', b'"visible":7'),
    edited("data/tables/identities.jsonl", rb"2024", b"2014"),
    edited("data/tables/partitions.jsonl", rb'"spans_json":"\[\[0,', b'"spans_json":"[[1,'),
    edited("data/tables/partitions.jsonl", rb'"spans_json":"[^"]*"', b'"spans_json":"{}"'),
    edited("data/tables/decisions.jsonl", rb"2021", b"2022"),
    edited("data/tables/decisions.jsonl", rb"^.*\n", b""),
    edited("data/tables/captures.jsonl", rb'"status":200', b'"status":404'),
    edited("data/tables/texts.jsonl", rb'"payload_sha256":"\w{64}"', b'"payload_sha256":"5"'),
    edited("data/tables/ledger.jsonl", rb'"hash":"\w', b'"hash":"x'),
    edited("data/works.jsonl", "演示市".encode(), "别的市".encode()),
    edited("data/works.jsonl", rb'"name":"\d+-\d+', b'"name":"990100-2099'),
    edited("data/works.jsonl", rb"^\{", b'{"more":1,'),
]  # fmt: skip


@pytest.fixture(scope="module")
def kept_export(tmp_path_factory):
    return tmp_path_factory.mktemp("kept") / "export"


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_was_changed_is_refused_in_one_sentence(
    kept_export, tmp_path, change, monkeypatch, request
):
    monkeypatch.setattr(bag, "LINE_BYTES", 1 << 20)
    if not kept_export.exists():
        kept_export.mkdir()
        export_preservation(request.getfixturevalue("full"), kept_export)
    folder, place = tmp_path / "changed" / "export", tmp_path / "target"
    folder.parent.mkdir()
    place.mkdir()
    shutil.copytree(kept_export, folder)
    change(folder)
    shown = invoke("backfill", "preservation", place / "new.db", folder)
    assert shown.exit_code in {1, 2}, shown.output
    (line,) = shown.output.splitlines()
    assert re.fullmatch(r"Error: .{10,500}", line)
    assert list(place.iterdir()) == []
    assert not any(each.name == "outside" for each in tmp_path.rglob("*"))


def test_no_byte_can_be_changed_or_lost(full, export, tmp_path):
    """One random byte of each file in turn, or all from there on."""
    chance = random.Random(7)  # noqa: S311
    new = tmp_path / "new.db"
    for file in sorted(each for each in export.rglob("*") if each.is_file()):
        whole = file.read_bytes()
        if not whole:
            continue
        at = chance.randrange(len(whole))
        flipped = bytes([whole[at] ^ 1 << chance.randrange(8)])
        file.write_bytes(whole[:at] + chance.choice([b"", flipped + whole[at + 1 :]]))
        shown = invoke("backfill", "preservation", new, export)
        assert shown.exit_code in {1, 2}, (file, at)
        assert not new.exists()
        file.write_bytes(whole)
    assert invoke("backfill", "preservation", new, export).exit_code == 0


def test_a_damaged_archive_is_not_exported(full, path, tmp_path):
    full.close()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER payloads_no_update")
        connection.execute("UPDATE payloads SET stored = zeroblob(length(stored))")
    shown = invoke("export", path, tmp_path / "out", "--format", "preservation")
    assert shown.exit_code == 1
    assert "is damaged" in shown.output
    assert not (tmp_path / "out").exists()


def test_filters_and_existing_places_are_refused(full, path, export, tmp_path):
    assert invoke("export", path, tmp_path / "out", "--format", "preservation", "--years",
                  "2020-2021").exit_code == 2  # fmt: skip
    assert invoke("export", path, export, "--format", "preservation").exit_code == 2
    assert invoke("backfill", "preservation", path, export).exit_code == 2
    assert invoke("backfill", "preservation", tmp_path / "no" / "new.db", export).exit_code == 2


def test_works_of_another_version_are_made_again_and_said(full, export, tmp_path):
    edited("data/archive.json", rb'"grouped_by":"\w', b'"grouped_by":"x')(export)
    edited("data/works.jsonl", "演示市".encode(), "别的市".encode())(export)
    shown = invoke("backfill", "preservation", tmp_path / "new.db", export)
    assert shown.exit_code == 0
    assert "1 works are not as in the export" in shown.output


@pytest.mark.parametrize("command", ["export", "import"])
def test_a_kill_leaves_nothing_half(full, path, export, tmp_path, command):
    full.close()
    place = tmp_path / "place"
    place.mkdir()
    made = place / "made"
    words = {
        "export": ["export", path, made, "--format", "preservation"],
        "import": ["backfill", "preservation", made, export],
    }[command]
    started = [sys.executable, "-m", "archive", *map(str, words), "-q"]
    killed = 0
    for after in (0.02, 0.05, 0.1, 0.2, 0.4):
        running = subprocess.Popen(started)
        while running.poll() is None and not list(place.iterdir()):
            time.sleep(0.001)
        time.sleep(after / 10)
        running.kill()
        killed += running.wait() < 0
        if made.exists():
            break
    assert killed
    if not made.exists():
        subprocess.run(started, check=True)
    assert [each.name for each in place.iterdir()] == ["made"]
    if command == "export":
        assert files(made) == files(export)
    else:
        assert contents(made) == contents(path)


def test_memory_does_not_grow_with_the_archive(archive, tmp_path):
    peaks = []
    for size in (10, 200):
        with archive.run("crawl") as run, run.batch():
            for number in range(size):
                one = answer(1000 * size + number, payload=os.urandom(20_000))
                run.text(run.capture(one), derivation_of(one))
        folder = tmp_path / f"export{size}"
        folder.mkdir()
        tracemalloc.start()
        export_preservation(archive, folder)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 300_000


def test_import_says_what_it_made(full, export, tmp_path):
    imported = import_preservation(export, tmp_path / "new.db")
    assert imported.head == full.ledger_head()
    assert imported.rows["captures"] == 7
    assert imported.other_works == 0
    assert isinstance(export, Path)
