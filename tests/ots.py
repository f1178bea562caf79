"""A calendar of OpenTimestamps of the tests, and the block in which its promises end."""

from __future__ import annotations

import hashlib
import struct

from opentimestamps.core.notary import BitcoinBlockHeaderAttestation, PendingAttestation
from opentimestamps.core.op import OpAppend, OpPrepend, OpSHA256
from opentimestamps.core.serialize import BytesSerializationContext
from opentimestamps.core.timestamp import Timestamp

HEIGHT = 912_345
MINED = "2026-01-02T03:04:05.000Z"
_MINED_S = 1_767_323_045
_EASY_BITS = 0x207FFFFF
"""Every second hash meets this difficulty."""


class Calendar:
    """Takes digests in under the address `uri`; later it has the rest of each proof."""

    def __init__(self, uri, height=HEIGHT):
        self.uri, self.height = uri, height

    def taken(self, digest):
        """What it answers when it is given a digest."""
        begun = Timestamp(digest)
        begun.ops.add(OpAppend(b"a nonce")).ops.add(OpSHA256()).attestations.add(
            PendingAttestation(self.uri)
        )
        return _bytes(begun)

    def commitment(self, digest):
        """What it promises the rest of the proof for."""
        return hashlib.sha256(digest + b"a nonce").digest()

    def rest(self, commitment):
        """The rest of the proof: to the Merkle root of a block."""
        begun = Timestamp(commitment)
        leaf = begun.ops.add(OpPrepend(b"left")).ops.add(OpSHA256()).ops.add(OpSHA256())
        leaf.attestations.add(BitcoinBlockHeaderAttestation(self.height))
        return _bytes(begun)

    def header(self, commitment, time_s=_MINED_S):
        """The header of that block, in hex."""
        once = hashlib.sha256(b"left" + commitment).digest()
        return mined(hashlib.sha256(once).digest(), time_s)


def mined(root, time_s=_MINED_S):
    """A header with a Merkle root whose hash meets its own, easy difficulty."""
    for nonce in range(1000):
        header = struct.pack("<I32s32sIII", 4, b"p" * 32, root, time_s, _EASY_BITS, nonce)
        hashed = hashlib.sha256(hashlib.sha256(header).digest()).digest()
        if int.from_bytes(hashed, "little") <= 0x7FFFFF << 8 * (0x20 - 3):
            return header.hex()
    raise AssertionError


def _bytes(stamp):
    target = BytesSerializationContext()
    stamp.serialize(target)
    return target.getbytes()
