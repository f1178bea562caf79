"""Time-stamps of RFC 3161: the question for an authority, and what its answer proves, offline.

What is stamped are the 64 letters of a ledger hash, so that `openssl ts -verify` can check it too.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import DamagedFileError, UsageError
from archive.extras import how_to_install

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest, TimeStampResponse


def question(ledger_hash: str) -> TimeStampRequest:
    """Return the request for a time-stamp of a ledger hash; its `as_bytes()` are sent.

    Raises:
        UsageError: the library is not installed.
    """
    made = _library().TimestampRequestBuilder().data(ledger_hash.encode())
    asked: TimeStampRequest = made.hash_algorithm(_library().HashAlgorithm.SHA256).build()
    return asked


def read_answer(asked: TimeStampRequest, answer: bytes) -> str:
    """Return the time that an answer states.

    Raises:
        DamagedFileError: it is not a time-stamp, a refusal, or that of another request.
    """
    found = _decoded(answer)
    if found.tst_info.nonce != asked.nonce:
        raise DamagedFileError("the time-stamp answers another request")
    if found.tst_info.message_imprint.message != asked.message_imprint.message:
        raise DamagedFileError("the time-stamp is that of another ledger head")
    return _time(found.tst_info.gen_time)


def verified(answer: bytes, ledger_hash: str, roots: Path) -> str:
    """Return the time at which a ledger hash existed, as signed under one of the roots.

    The certificates have to be valid at that time, not today.

    Raises:
        DamagedFileError: it is not proven.
        UsageError: `roots` holds no certificate, or the library is not installed.
    """
    builder = _library().VerifierBuilder(roots=_certificates(roots))
    found = _decoded(answer)
    try:
        builder.build().verify(found, hashlib.sha256(ledger_hash.encode()).digest())
    except (_library().VerificationError, ValueError) as error:
        raise DamagedFileError(f"the time-stamp is not proven: {error}") from error
    return _time(found.tst_info.gen_time)


def _decoded(answer: bytes) -> TimeStampResponse:
    try:
        found: TimeStampResponse = _library().decode_timestamp_response(answer)
        status = found.status
        if status == 0:
            found.tst_info  # noqa: B018  (a granted answer without a token raises here)
    except ValueError as error:
        raise DamagedFileError(f"this is not a time-stamp: {error}") from error
    if status != 0:
        why = "; ".join(found.status_string or ()) or f"status {status}"
        raise DamagedFileError(f"the authority refused: {why}")
    return found


def _certificates(roots: Path) -> list[Any]:
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415  (an extra)

    try:
        return load_pem_x509_certificates(roots.read_bytes())
    except ValueError as error:
        raise UsageError(f"{roots}: holds no certificate as PEM") from error


def _library() -> Any:
    try:
        import rfc3161_client  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise UsageError(f"time-stamps need: {how_to_install('timestamps')}") from error
    return rfc3161_client


def _time(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
