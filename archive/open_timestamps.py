"""Proofs of OpenTimestamps: what a calendar is asked, and what its answers prove, offline.

A proof is a chain of hashes. It begins with the SHA-256 of the 64 letters of a ledger hash and ends
with a calendar, which promises the rest, or with a block of the Bitcoin chain. A proof is kept as
the `.ots` file of a file with those 64 letters, so that `ots verify` can check it too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from archive import clock
from archive.errors import DamagedFileError, UsageError
from archive.extras import how_to_install

if TYPE_CHECKING:
    from opentimestamps.core.timestamp import DetachedTimestampFile, Timestamp

MOST_BYTES: Final = 10_000
"""The longest answer of a calendar that is read; the program `ots` has the same limit."""

_MAGIC: Final = b"\x00OpenTimestamps\x00\x00Proof\x00"
_HEADER_BYTES: Final = 80
_HIGHEST: Final = 0xFFFFFFFF


def is_proof(stored: bytes) -> bool:
    """Whether stored bytes are such a proof, not the answer of a time-stamping authority."""
    return stored.startswith(_MAGIC)


def digest(ledger_hash: str) -> bytes:
    """Return the 32 bytes that a calendar is given."""
    return hashlib.sha256(ledger_hash.encode()).digest()


@dataclass(frozen=True, slots=True)
class Pending:
    """A calendar's promise: it will have the rest of the proof for `commitment`."""

    calendar: str
    commitment: bytes

    @property
    def url(self) -> str:
        """The address of the rest."""
        return f"{self.calendar.rstrip('/')}/timestamp/{self.commitment.hex()}"


@dataclass(frozen=True, slots=True)
class BitcoinBlock:
    """A block of the Bitcoin chain that must have this Merkle root.

    The root is written as block explorers and `bitcoin-cli` write it.
    """

    height: int
    merkle_root: str


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """The 80 bytes of a block's header, and its height where the user gave it."""

    raw: bytes
    height: int | None = None

    @property
    def merkle_root(self) -> str:
        """The Merkle root of the block's transactions."""
        return self.raw[36:68][::-1].hex()

    @property
    def hash(self) -> str:
        """The block's hash."""
        return _twice(self.raw)[::-1].hex()

    @property
    def time(self) -> str:
        """The time that the block states; its miner may have set it up to two hours off."""
        seconds = int.from_bytes(self.raw[68:72], "little")
        return clock.stamp(datetime.fromtimestamp(seconds, UTC))

    @property
    def is_mined(self) -> bool:
        """Whether the hash meets the difficulty that the header states."""
        mantissa, shift = int.from_bytes(self.raw[72:75], "little"), 8 * (self.raw[75] - 3)
        return shift >= 0 and int(self.hash, 16) <= mantissa << shift


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof of a ledger hash ends in; `others` counts what we cannot check."""

    blocks: tuple[BitcoinBlock, ...]
    pending: tuple[Pending, ...]
    others: int


def need_library() -> None:
    """Check that proofs can be read.

    Raises:
        UsageError: they cannot; the message says what to install.
    """
    _library()


def new_proof(ledger_hash: str, answer: bytes) -> bytes:
    """Return the proof that a calendar's answer makes, as it is stored.

    Raises:
        DamagedFileError: the answer is not a time-stamp.
        UsageError: the library is not installed.
    """
    library = _library()
    begun = _continued(digest(ledger_hash), answer)
    return _bytes(library.timestamp.DetachedTimestampFile(library.op.OpSHA256(), begun))


def completed(proof: bytes, ledger_hash: str, answers: Mapping[Pending, bytes]) -> bytes:
    """Return a proof with the rest that calendars gave for its pending ends.

    Raises:
        DamagedFileError: an answer is not a time-stamp.
    """
    found = _read(proof, ledger_hash)
    for node in _nodes(found.timestamp):
        for pending in [each for each in _ends(node) if each in answers]:
            node.merge(_continued(node.msg, answers[pending]))
    return _bytes(found)


def read_proof(proof: bytes, ledger_hash: str) -> Proof:
    """Return what a proof of a ledger hash ends in; every hash of it is computed again.

    Raises:
        DamagedFileError: it is damaged, or the proof of something else.
        UsageError: the library is not installed.
    """
    library = _library()
    ends = list(_read(proof, ledger_hash).timestamp.all_attestations())
    bitcoin = library.notary.BitcoinBlockHeaderAttestation
    waiting = library.notary.PendingAttestation
    blocks = {_block(end.height, at) for at, end in ends if isinstance(end, bitcoin)}
    pending = {Pending(end.uri, at) for at, end in ends if isinstance(end, waiting)}
    return Proof(
        tuple(sorted(blocks, key=lambda block: (block.height, block.merkle_root))),
        tuple(sorted(pending, key=lambda end: (end.calendar, end.commitment))),
        sum(not isinstance(end, bitcoin | waiting) for _, end in ends),
    )


def _block(height: int, root: bytes) -> BitcoinBlock:
    if height > _HIGHEST or len(root) != hashlib.sha256().digest_size:
        raise DamagedFileError("the proof names a block that cannot be")
    return BitcoinBlock(height, root[::-1].hex())


def block_headers(given: str) -> list[BlockHeader]:
    """Return a header given as 160 hex digits, or those of a file.

    A line of the file is a header in hex, after its height if that is known.

    Raises:
        UsageError: it is neither, or a header is damaged.
    """
    if len(given) == 2 * _HEADER_BYTES:
        return [_header(given, "--block-header")]
    try:
        lines = Path(given).read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        words = "is neither a block header (160 hex digits) nor a file of them"
        raise UsageError(f"{given}: {words}") from error
    found = [_header(line, f"{given}, line {at}") for at, line in enumerate(lines, 1) if line]
    if not found:
        raise UsageError(f"{given}: holds no block header")
    return found


def proving(
    blocks: Sequence[BitcoinBlock], headers: Sequence[BlockHeader]
) -> tuple[BitcoinBlock, BlockHeader]:
    """Return the lowest of the blocks that a header proves, and that header.

    Raises:
        DamagedFileError: none of the headers proves one.
    """
    for block in blocks:
        for header in headers:
            same_place = header.height in {None, block.height}
            if same_place and header.merkle_root == block.merkle_root:
                return block, header
    asked = " or ".join(f"block {block.height} with {block.merkle_root}" for block in blocks)
    raise DamagedFileError(f"no block header that was given has the merkle root of {asked}")


def _header(words: str, where: str) -> BlockHeader:
    *height, digits = words.split() or [""]
    try:
        raw = bytes.fromhex(digits)
        header = BlockHeader(raw, int(height[0]) if height else None)
    except ValueError:
        raw = b""
    if len(raw) != _HEADER_BYTES:
        raise UsageError(f"{where}: is not a block header, which has 160 hex digits")
    if not header.is_mined:
        raise UsageError(f"{where}: the header is damaged: its hash misses its own difficulty")
    return header


def _read(proof: bytes, ledger_hash: str) -> DetachedTimestampFile:
    library = _library()
    found: DetachedTimestampFile = _parsed(
        library.timestamp.DetachedTimestampFile.deserialize, proof
    )
    if found.file_digest != digest(ledger_hash):
        raise DamagedFileError("the proof is that of another ledger head")
    return found


def _continued(message: bytes, answer: bytes) -> Timestamp:
    """Read the part of a proof that begins with `message`."""
    library = _library()
    if len(answer) > MOST_BYTES:
        raise DamagedFileError(f"this is not a proof: it is longer than {MOST_BYTES} bytes")

    def read(source: Any) -> Timestamp:
        found: Timestamp = library.timestamp.Timestamp.deserialize(source, message)
        source.assert_eof()
        return found

    return _parsed(read, answer)


def _parsed(read: Any, content: bytes) -> Any:
    library = _library()
    source = library.serialize.BytesDeserializationContext(content)
    try:
        return read(source)
    except (library.serialize.DeserializationError, ValueError, RecursionError) as error:
        raise DamagedFileError(f"this is not a proof: {error}") from error


def _bytes(proof: DetachedTimestampFile) -> bytes:
    target = _library().serialize.BytesSerializationContext()
    proof.serialize(target)
    written: bytes = target.getbytes()
    return written


def _nodes(node: Timestamp) -> Iterator[Timestamp]:
    yield node
    for below in list(node.ops.values()):
        yield from _nodes(below)


def _ends(node: Timestamp) -> Iterator[Pending]:
    for end in node.attestations:
        if isinstance(end, _library().notary.PendingAttestation):
            yield Pending(end.uri, node.msg)


def _twice(content: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(content).digest()).digest()


def _library() -> Any:
    try:
        for module in ("notary", "op", "serialize", "timestamp"):
            import_module(f"opentimestamps.core.{module}")
        return import_module("opentimestamps.core")
    except ImportError as error:
        how = how_to_install("opentimestamps")
        raise UsageError(f"OpenTimestamps needs: {how}") from error
