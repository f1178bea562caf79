"""Damaged and hostile WARC files: what is sound is kept, what is not is reported, none crash us."""

from __future__ import annotations

import gzip
import random
import struct
import tracemalloc
import zlib
from zipfile import ZIP_STORED, ZipFile

import pytest
from store.test_warc_tools import write_wacz
from store.warc_made import MOMENT, http, imported, packed, read, record, response, sha1

from archive.errors import UsageError
from archive.store.warc import framing, packing, sources

BODIES = {
    f"http://www.demo.test/{number}.html": (
        f"<p>第{number}号报告</p>" + "".join(f"<p>第{n}段，稳中有进。</p>" for n in range(60))
    ).encode()
    for number in range(6)
}
RECORDS = [response(url, body) for url, body in BODIES.items()]
MIDDLE = 2
BEFORE, AFTER = RECORDS[:MIDDLE], RECORDS[MIDDLE + 1 :]
OTHERS = [url for number, url in enumerate(BODIES) if number != MIDDLE]
URL = "http://www.demo.test/2.html"

PACKINGS = {
    "plain": b"".join,
    "gzip a record": lambda records: packed(*records),
    "gzip a file": lambda records: gzip.compress(b"".join(records), mtime=0),
}
every_packing = pytest.mark.parametrize("pack", list(PACKINGS.values()), ids=list(PACKINGS))
either_packing = pytest.mark.parametrize(
    "pack", [PACKINGS["plain"], PACKINGS["gzip a record"]], ids=["plain", "gzip"]
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "made.warc"


def addresses(found):
    return [each.capture.url for each in found]


def is_sound(found):
    """Whether a capture is just what was written."""
    capture = found.capture
    return BODIES.get(capture.url) == capture.payload and capture.captured_at == MOMENT


# ---- cut short, altered


@every_packing
@pytest.mark.parametrize("digests", [True, False], ids=["digests", "no digests"])
def test_a_cut_keeps_what_came_before_it(path, pack, digests):
    records = RECORDS
    if not digests:
        records = [response(u, b, "WARC-Payload-Digest: ") for u, b in BODIES.items()]
    content = pack(records)
    sound = [each.capture.url for each in read_bytes(path, content)[0]]
    assert len(sound) == len(records)
    ends = {len(pack(records[:count])) for count in range(len(records) + 1)}
    for length in [*range(1, len(content), 199), len(content) - 5, len(content) - 1]:
        found, damages, reader = read_bytes(path, content[:length])
        assert addresses(found) == sound[: len(found)]
        assert all(is_sound(each) for each in found)
        assert reader.whole is not True
        assert len(damages) == 1 or length in ends, length
        if pack is not PACKINGS["gzip a file"]:
            assert len(found) >= sum(end <= length for end in ends) - 1, length


def read_bytes(path, content):
    path.write_bytes(content)
    return read(path)


@pytest.mark.parametrize("pack", [PACKINGS["gzip a record"], PACKINGS["gzip a file"]])
def test_a_flipped_bit_in_what_is_packed_is_always_told(path, pack):
    content = pack(RECORDS)
    chance = random.Random(3)  # noqa: S311
    for bit in chance.sample(range(len(content) * 8), 400):
        altered = bytearray(content)
        altered[bit // 8] ^= 1 << bit % 8
        found, damages, _ = read_bytes(path, bytes(altered))
        told = {each.capture.url for each in found if each.check == "differs"}
        assert all(is_sound(each) or damages or each.capture.url in told for each in found), bit
        if pack is PACKINGS["gzip a record"]:
            assert len(found) >= len(RECORDS) - 1, bit
            assert all(is_sound(each) for each in found), bit
            assert len(found) == len(RECORDS) or len(damages) == 1, bit


def test_a_flipped_bit_in_a_plain_file_never_alters_a_body_in_silence(path):
    content = b"".join(RECORDS)
    chance = random.Random(4)  # noqa: S311
    for bit in chance.sample(range(len(content) * 8), 400):
        altered = bytearray(content)
        altered[bit // 8] ^= 1 << bit % 8
        found, damages, _ = read_bytes(path, bytes(altered))
        strange = [each for each in found if each.capture.payload not in BODIES.values()]
        assert all(each.check != "match" for each in strange), bit
        silent = [each for each in strange if each.check is None and each.capture.payload]
        assert not silent or damages or altered.count(b"WARC-Payload-Digest") < len(BODIES), bit
        assert len(found) >= len(RECORDS) - 1, bit


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("name", PACKINGS)
def test_random_damage_ends_and_is_reported(path, name, seed):
    """Pieces are cut out, doubled, overwritten, moved; what comes out is sound or told."""
    content = bytearray(PACKINGS[name](RECORDS))
    chance = random.Random(seed)  # noqa: S311
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(content))
        stop = min(len(content), start + chance.choice((1, 7, 300, 3000)))
        piece = content[start:stop]
        match chance.randrange(4):
            case 0:
                del content[start:stop]
            case 1:
                content[start:start] = piece
            case 2:
                content[start:stop] = chance.randbytes(stop - start)
            case _:
                del content[start:stop]
                content[start // 2 : start // 2] = piece
    found, damages, _ = read_bytes(path, bytes(content))
    lost = len(BODIES) - len({each.capture.url for each in found if is_sound(each)})
    told = damages or any(each.check == "differs" for each in found)
    assert not lost or told
    assert len(damages) < 40


# ---- headers that lie


LENGTHS = {
    "short": "33", "long": "9000", "over all": "2000000", "4 GB": "4294967296", "endless": "9" * 40,
    "negative": "-5", "words": "many", "none": "", "hex": "0x20", "spaces": "1 2",
}  # fmt: skip


@every_packing
@pytest.mark.parametrize("length", list(LENGTHS.values()), ids=list(LENGTHS))
def test_a_lying_length_costs_one_record(path, pack, length):
    liar = response(URL, BODIES[URL], length=length)
    found, damages, _ = read_bytes(path, pack([*BEFORE, liar, *AFTER]))
    if pack is PACKINGS["gzip a record"] and length in _USABLE:
        seen_by_its_member(found, damages)
        return
    (damage,) = damages
    assert addresses(found) == OTHERS
    assert all(is_sound(each) for each in found)
    assert damage.resumed is not None


_USABLE = {LENGTHS["short"], LENGTHS["long"], LENGTHS["over all"]}


def seen_by_its_member(found, damages):
    """A record that fills a sound member is whole, whatever its length says; that is reported."""
    assert damages == []
    assert addresses(found) == sorted([*OTHERS, URL], key=[*BODIES].index)
    (liar,) = (each.capture for each in found if each.capture.url == URL)
    assert liar.payload == BODIES[URL]
    assert "the record says that it has" in liar.error


@pytest.mark.parametrize("off", [-8, -1, 1, 2, 8])
def test_a_length_that_is_a_few_bytes_off_is_reported_and_the_record_read(path, off):
    whole = response(URL, BODIES[URL])
    told = int(whole.partition(b"\r\nContent-Length: ")[2].partition(b"\r\n")[0])
    liar = response(URL, BODIES[URL], length=str(told + off))
    for pack in (b"".join, packed_apart):
        found, damages, _ = read_bytes(path, pack([*BEFORE, liar, *AFTER]))
        seen_by_its_member(found, damages)


def packed_apart(records):
    return b"".join(map(packed, records))


@pytest.mark.parametrize(
    ("line", "status"),
    [("HTTP 200 Document follows", 200), ("ICY 200 OK", 200), ("HTTP/1.1 200OK", 200),
     ("HTTP/1.1 OK", None), ("200 OK", None), ("HTTP/1.1 000", None)],
)  # fmt: skip
def test_odd_status_lines(path, line, status):
    body = BODIES[URL]
    record = response(URL, body).replace(b"HTTP/1.1 200 OK", line.encode())
    size = len(record) - len(response(URL, body))
    head, _, rest = record.partition(b"\r\nContent-Length: ")
    length, _, behind = rest.partition(b"\r\n")
    record = head + b"\r\nContent-Length: %d\r\n" % (int(length) + size) + behind
    (found,), damages, _ = read_bytes(path, record)
    assert damages == []
    assert (found.capture.status, found.capture.payload) == (status, body)
    assert found.capture.outcome == "ok"
    assert ("tells no status" in (found.capture.error or "")) == (status is None)


def test_the_place_of_damage_is_that_in_the_file(path):
    before, behind = packed(*BEFORE), packed(*AFTER)
    liar = packed(response(URL, BODIES[URL], length="many"))
    _, (damage,), _ = read_bytes(path, before + liar + behind)
    assert (damage.place, damage.resumed) == (len(before), len(before + liar))
    plain = b"".join(BEFORE)
    bad = response(URL, BODIES[URL], length="many")
    _, (damage,), _ = read_bytes(path, plain + bad + b"".join(AFTER))
    assert (damage.place, damage.resumed) == (len(plain), len(plain + bad))
    assert "Content-Length ('many')" in str(damage)


def test_two_lengths_in_one_record_are_not_chosen_from(path):
    bad = RECORDS[MIDDLE].replace(b"\r\n", b"\r\nContent-Length: 3\r\n", 1)
    found, (damage,), _ = read_bytes(path, b"".join([*BEFORE, bad, *AFTER]))
    assert addresses(found) == OTHERS
    assert damage.what == "a record tells two lengths"


@either_packing
@pytest.mark.parametrize(
    "garbage",
    [b"garbage", b"\x00" * 5000, b"WARC/", b"WARC/9.9\r\n\r\n", b"<html>WARC/1.0</html>\r\n\r\n",
     random.Random(5).randbytes(70_000)],  # noqa: S311
    ids=["words", "zeros", "mark", "version", "a page", "noise"],
)  # fmt: skip
def test_garbage_between_records_is_passed_over(path, pack, garbage):
    found, damages, _ = read_bytes(path, pack(BEFORE) + garbage + pack(RECORDS[MIDDLE:]))
    assert addresses(found) == list(BODIES)
    assert len(damages) == 1
    assert damages[0].place == len(pack(BEFORE))


@either_packing
def test_line_ends_of_unix_are_understood(path, pack):
    records = [response(u, b, end="\n") for u, b in BODIES.items()]
    found, damages, _ = read_bytes(path, pack(records))
    assert addresses(found) == list(BODIES)
    assert damages == []


def test_spare_blank_lines_are_no_damage(path):
    found, damages, _ = read_bytes(path, b"\r\n" + b"\r\n\r\n".join(RECORDS) + b"\r\n" * 9)
    assert (len(found), damages) == (len(RECORDS), [])


def test_missing_blank_lines_are_reported_and_nothing_is_lost(path):
    records = [*BEFORE, RECORDS[MIDDLE].removesuffix(b"\r\n\r\n"), *AFTER]
    found, (damage,), _ = read_bytes(path, b"".join(records))
    assert addresses(found) == list(BODIES)
    assert damage.what == "a record is not followed by two line ends"


@every_packing
def test_a_huge_header_block_is_bounded(path, pack):
    bad = RECORDS[MIDDLE].replace(b"\r\n", b"\r\nX-Long: " + b"x" * 3_000_000 + b"\r\n", 1)
    found, (damage,), _ = read_bytes(path, pack([*BEFORE, bad, *AFTER]))
    assert addresses(found) == OTHERS
    assert damage.what.startswith("a record's headers do not end")


def test_headers_may_be_folded_repeated_or_in_any_case(path):
    folded = RECORDS[0].replace(b"WARC-Target-URI: ", b"warc-target-uri:\r\n  ")
    found, damages, _ = read_bytes(path, folded + RECORDS[1].replace(b"WARC-Date", b"warc-DATE"))
    assert addresses(found) == list(BODIES)[:2]
    assert (damages, found[1].capture.captured_at) == ([], MOMENT)


def test_a_record_without_id_is_named_by_its_place(path):
    bare = response(URL, BODIES[URL], "WARC-Record-ID: ")
    found, damages, _ = read_bytes(path, RECORDS[0] + bare)
    assert found[1].capture.member == f"byte {len(RECORDS[0])}"
    assert damages == []


def test_records_of_nothing(path):
    kinds = ["response", "request", "resource", "revisit", "metadata", "warcinfo", "", "strange"]
    records = [record(kind, URL, b"") for kind in kinds]
    found, damages, reader = read_bytes(path, b"".join(records))
    assert damages == []
    assert [each.capture.outcome for each in found] == ["error", "ok", "ok"]
    assert reader.passed_over == {"records of type unknown": 2}


# ---- bombs


@pytest.fixture
def small_limits(monkeypatch):
    """Limits that a test reaches at once."""
    monkeypatch.setattr(framing, "LONGEST_BLOCK_BYTES", 1 << 20)
    monkeypatch.setattr(packing, "LARGEST_MEMBER_BYTES", 1 << 21)


@pytest.mark.usefixtures("small_limits")
def test_a_member_that_unpacks_to_too_much_is_passed_over(path):
    body = http(bytes(1 << 24))
    bomb = packed(record("response", URL, body))
    path.write_bytes(packed(*BEFORE) + bomb + packed(*AFTER))
    tracemalloc.start()
    found, (damage,), _ = read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert addresses(found) == OTHERS
    assert "unpacks to more than 200 times its size" in damage.what
    assert peak < 1 << 23


@pytest.mark.usefixtures("small_limits")
@every_packing
def test_a_record_that_is_too_long_is_a_row_without_its_body(path, pack):
    noise = random.Random(6).randbytes(3 << 20)  # noqa: S311
    long = record("response", URL, http(noise, "Content-Type: video/mp4"))
    found, damages, _ = read_bytes(path, pack([*BEFORE, long, *AFTER]))
    assert addresses(found) == list(BODIES)
    assert damages == []
    capture = found[MIDDLE].capture
    assert (capture.outcome, capture.payload, capture.status) == ("too_large", None, 200)
    assert "its body was left out" in capture.error


def test_zstd_that_unpacks_to_too_much_is_passed_over(path, small_limits):
    zstandard = pytest.importorskip("zstandard")
    pack = zstandard.ZstdCompressor().compress
    bomb = pack(record("response", URL, http(bytes(1 << 24))))
    content = b"".join(map(pack, BEFORE)) + bomb + b"".join(map(pack, AFTER))
    found, (damage,), _ = read_bytes(path, content)
    assert addresses(found) == OTHERS
    assert "unpacks to more than" in damage.what


def test_many_false_beginnings_are_bounded(path):
    """Every three bytes look like a gzip member."""
    content = packed(*BEFORE) + b"\x1f\x8b\x08" * 60_000 + packed(*AFTER)
    found, damages, _ = read_bytes(path, content)
    assert addresses(found)[:MIDDLE] == OTHERS[:MIDDLE]
    assert len(damages) == 1


# ---- hostile packages


@pytest.mark.parametrize(
    "name", ["archive/../../evil.warc.gz", "archive//etc/evil.warc.gz", "archive/C:\\evil.warc.gz"]
)
def test_names_in_a_wacz_are_no_paths(tmp_path, name):
    home = tmp_path / "home"
    home.mkdir()
    made = write_wacz(home / "made.wacz", RECORDS, name=name)
    before = sorted(tmp_path.rglob("*"))
    captures, counts = imported(tmp_path / "a.db", made)
    assert counts["digest:match"] == len(RECORDS)
    assert [c.url for c in captures] == list(BODIES)
    after = [each for each in sorted(tmp_path.rglob("*")) if "a.db" not in each.name]
    assert after == before


def declared(path, size):
    """Let the list of a ZIP say that its WARC has `size` bytes, unpacked and packed."""
    content = bytearray(path.read_bytes())
    entry = content.index(b"archive/data.warc.gz", content.index(b"PK\x01\x02")) - 46
    struct.pack_into("<II", content, entry + 20, size, size)
    path.write_bytes(content)


def test_a_wacz_that_declares_4_gb_is_read_as_far_as_it_goes(tmp_path):
    made = write_wacz(tmp_path / "made.wacz", RECORDS)
    declared(made, 0xFFFFFFF0)
    told = []
    _, counts = imported(tmp_path / "a.db", made, told=told)
    assert counts["damaged places"] == 1
    assert "times its size; it was not read" in told[0]
    declared(made, 700_000_000)  # not so much that it is refused
    captures, counts = imported(tmp_path / "b.db", made)
    assert counts["damaged places"] >= 1
    assert [c.url for c in captures if c.outcome == "ok"] == list(BODIES)


def test_a_wacz_whose_members_cannot_be_unpacked_says_so(tmp_path):
    made = write_wacz(tmp_path / "made.wacz", RECORDS)
    content = bytearray(made.read_bytes())
    entry = content.index(b"archive/data.warc.gz", content.index(b"PK\x01\x02")) - 46
    local = content.index(b"archive/data.warc.gz") - 30
    for start, flags, method in ((entry, 8, 10), (local, 6, 8)):
        content[start + flags] |= 1  # encrypted
        content[start + method] = 0
    made.write_bytes(content)
    told = []
    _, counts = imported(tmp_path / "a.db", made, told=told)
    assert counts["damaged places"] >= 1
    assert any("encrypted" in sentence for sentence in told)


def test_a_wacz_with_a_strange_list_is_read_all_the_same(tmp_path):
    for number, words in enumerate((b"[]", b"{", b'{"resources": [5]}', b'{"resources": {}}')):
        made = tmp_path / f"{number}.wacz"
        with ZipFile(made, "w", ZIP_STORED) as wacz:
            wacz.writestr("datapackage.json", words)
            wacz.writestr("archive/data.warc.gz", packed(*RECORDS))
        _, counts = imported(tmp_path / f"{number}.db", made)
        assert (counts["captures"], counts["damaged places"]) == (len(RECORDS), 0)


def test_a_wacz_that_was_spoiled_differs_from_its_list(tmp_path):
    made = write_wacz(tmp_path / "made.wacz", RECORDS, spoil=b"\x00\x00")
    told = []
    captures, _ = imported(tmp_path / "a.db", made, told=told)
    assert "differs from the digest in its datapackage.json" in told[0]
    assert [c.url for c in captures if c.outcome == "ok"] == list(BODIES)


# ---- what is no WARC


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"), (b"hello", "not a WARC"), (gzip.compress(b"a tar", mtime=0), "not a WARC"),
        (b"filedesc://a.arc 0.0.0.0 20010101000000 text/plain 9\n", "ARC file"),
        (gzip.compress(b"filedesc://a.arc 0.0.0.0", mtime=0), "warcio recompress"),
    ],
    ids=["nothing", "words", "another gzip", "ARC", "ARC, packed"],
)  # fmt: skip
def test_what_is_no_warc_is_refused_with_a_sentence(path, content, words):
    path.write_bytes(content)
    with pytest.raises(UsageError, match=words) as caught:
        sources.check(path)
    assert "\n" not in str(caught.value)


def test_a_package_without_warc_files_is_refused_beforehand(path):
    with ZipFile(path, "w") as package:
        package.writestr("a.html", "page")
    with pytest.raises(UsageError, match="holds no WARC file under archive/"):
        sources.check(path)
    path.write_bytes(path.read_bytes()[:-30])
    sources.check(path)  # cut short: what it held cannot be determined, so it is searched


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "a.warc.zst"])
def test_a_file_that_begins_damaged_is_still_searched(tmp_path, name, place):
    """What its first bytes should be, its name says."""
    pack = {"a.warc": b"".join, "a.warc.gz": lambda records: packed(*records)}.get(name)
    if pack is None:
        packer = pytest.importorskip("zstandard").ZstdCompressor()
        pack = lambda records: b"".join(map(packer.compress, records))  # noqa: E731
    content = bytearray(pack(RECORDS))
    content[place] ^= 0xFF
    path = tmp_path / name
    path.write_bytes(content)
    sources.check(path)
    found, (damage,), _ = read(path)
    assert addresses(found) == list(BODIES)[1:]
    assert damage.place == 0


def test_damage_is_a_row_and_importing_again_adds_none(tmp_path, path):
    path.write_bytes(b"".join([*BEFORE, b"garbage\r\n", *AFTER, RECORDS[MIDDLE][:-99]]))
    for _ in range(2):
        told = []
        captures, counts = imported(tmp_path / "a.db", path, told=told)
        rows = [(c.error, c.member) for c in captures if c.outcome == "damaged"]
        assert [error.split(":")[0] for error, _ in rows] == [
            f"at byte {len(b''.join(BEFORE))}",
            f"at byte {len(b''.join(BEFORE) + b'garbage' + b''.join(AFTER)) + 2}",
        ]
        assert len(told) == counts["damaged places"] == 2


def test_a_block_that_differs_is_kept_and_told(tmp_path, path):
    whole = http(b"body", "Content-Type: text/html")
    other = http(b"body", "Content-Type: text/plain")
    block = f"WARC-Block-Digest: {sha1(whole)}"
    path.write_bytes(
        record("response", "http://a.test/1", other, block)
        + record(
            "response", "http://a.test/2", other, block, f"WARC-Payload-Digest: {sha1(b'body')}"
        )
        + record("response", "http://a.test/3", whole, block)
    )
    told = []
    captures, counts = imported(tmp_path / "a.db", path, told=told)
    assert [bool(c.error) for c in captures] == [True, True, False]
    assert counts["digest:differs"] == 1
    assert told[0].startswith("http://a.test/1")


def test_zlib_is_not_asked_for_more_than_a_member_has(path):
    """A member may end where its last bytes were waiting to be given out."""
    body = bytes(3 << 20)
    content = packed(response("http://a.test/1", body), response("http://a.test/2", b"x"))
    assert len(content) < zlib.MAX_WBITS << 12
    found, damages, _ = read_bytes(path, content)
    assert (len(found), damages) == (2, [])


def test_a_disk_that_fails_in_the_middle_is_damage(tmp_path, path, monkeypatch):
    path.write_bytes(b"".join(RECORDS) * 20)

    def failing(file, given=packing.Plain.piece):
        if file.taken > 1 << 16:
            raise OSError(5, "Input/output error")
        return given(file)

    monkeypatch.setattr(packing.Plain, "piece", failing)
    told = []
    captures, counts = imported(tmp_path / "a.db", path, told=told)
    assert "cannot be read on: Input/output error" in told[0]
    assert counts["damaged places"] == 1
    assert [c.url for c in captures if c.outcome == "ok"] == list(BODIES)


def test_faults_of_our_own_are_not_called_damage(tmp_path, path):
    path.write_bytes(b"".join(RECORDS))

    def wrong(*_):
        raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError, match="a fault of ours"):
        imported(tmp_path / "a.db", path, meter=wrong)
