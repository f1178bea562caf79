"""Signatures of WACZ files with an anonymous key, as WACZ Signing and Verification 0.1.0 has them.

ECDSA on the curve P-384 with SHA-256 over the digest of datapackage.json, written `sha256:…`; the
signature is its two numbers one after the other. ReplayWeb.page checks the same. A signature proves
that the holder of the key made the file: whose key it is has to be known from elsewhere.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from zipfile import ZipFile

from archive import clock
from archive.errors import StorageError, UsageError
from archive.extras import how_to_install
from archive.model import sha256
from archive.store.warc.source import ZIP_ERRORS

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

PACKAGE: Final = "datapackage.json"
DIGEST: Final = "datapackage-digest.json"
SPECIFICATION: Final = "0.1.0"
_MOST_BYTES: Final = 64 * 1024 * 1024
_FIELDS: Final = frozenset({"hash", "created", "software", "version", "signature", "publicKey"})


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature of a WACZ, when it was made, and the fingerprint of its key.

    `detail` says why it is not ok.
    """

    created: str
    result: Literal["ok", "failed", "not checkable"] = "ok"
    detail: str = ""
    key: str | None = None


def key_at(path: Path) -> EllipticCurvePrivateKey:
    """Return the private key in a PEM file, which is made if there is none.

    Raises:
        UsageError: it holds another kind of key, or the library is not installed.
        StorageError: it cannot be read or written.
    """
    ec, serialization, _ = _library()
    try:
        if not path.exists():
            _write_key(path, ec.generate_private_key(ec.SECP384R1()))
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise UsageError(f"{path}: is not a private key as PEM without a password") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != ec.SECP384R1.name:
        raise UsageError(f"{path}: is not an ECDSA key on the curve P-384; name a new file")
    return key  # type: ignore[no-any-return]


def signed(key: EllipticCurvePrivateKey, digest: str) -> dict[str, str]:
    """Return `signedData` for the digest (`sha256:…`) of a datapackage.json."""
    ec, _, hashes = _library()
    made = key.sign(digest.encode(), ec.ECDSA(hashes.SHA256()))
    return {
        "hash": digest,
        "created": clock.now(),
        "software": f"baogao {version('baogao')}",
        "version": SPECIFICATION,
        "signature": base64.b64encode(_as_numbers(made, key.key_size // 8)).decode("ascii"),
        "publicKey": base64.b64encode(_public(key)).decode("ascii"),
    }


def fingerprint(key: EllipticCurvePrivateKey) -> str:
    """Return the SHA-256 of the public key, by which others know it."""
    return sha256(_public(key))


def signature_of(path: Path) -> Signature | None:
    """Check the signature of a WACZ; None if it has none, or if the file cannot be read as a WACZ.

    The digests of its files are checked against datapackage.json when they are read.
    """
    try:
        with ZipFile(path) as package:
            digest, manifest = (_member(package, name) for name in (DIGEST, PACKAGE))
        named = json.loads(digest)
        data = named.get("signedData")
    except (OSError, KeyError, ValueError, AttributeError, *ZIP_ERRORS):
        return None
    if not isinstance(data, dict):
        return None
    try:
        return _judged(data, named.get("hash"), f"sha256:{sha256(manifest)}")
    except UsageError as error:
        return Signature(str(data.get("created", "")), "not checkable", str(error))


def _judged(data: dict[str, Any], listed: Any, actual: str) -> Signature:
    """Judge `signedData`, beside the digest of the package as listed and as it is."""
    created = str(data.get("created", ""))
    if "domain" in data:
        return Signature(created, "not checkable", "signed for a domain, not with a key alone")
    if set(data) - _FIELDS:
        return Signature(created, "failed", "its signature has fields unknown to the format")
    if [data.get("hash"), listed] != [actual, actual]:
        return Signature(created, "failed", "its datapackage.json is not the one that was signed")
    return _checked(created, data, actual)


def _checked(created: str, data: dict[str, Any], digest: str) -> Signature:
    ec, serialization, hashes = _library()
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415

    try:
        spki, found = (base64.b64decode(data[name]) for name in ("publicKey", "signature"))
        key = serialization.load_der_public_key(spki)
        key.verify(_as_der(found, key.key_size // 8), digest.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return Signature(created, "failed", "its signature does not hold", sha256(spki))
    except (KeyError, ValueError, TypeError, AttributeError, UnsupportedAlgorithm):
        return Signature(created, "failed", "its signature or its key cannot be read")
    return Signature(created, key=sha256(spki))


def _member(package: ZipFile, name: str) -> bytes:
    with package.open(name) as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"{name} is too large")
    return content


def _write_key(path: Path, key: EllipticCurvePrivateKey) -> None:
    _, serialization, _ = _library()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(pem)


def _public(key: EllipticCurvePrivateKey) -> bytes:
    _, serialization, _ = _library()
    made: bytes = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return made


def _as_numbers(der: bytes, size: int) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.utils import (  # noqa: PLC0415  (an extra)
        decode_dss_signature,
    )

    return b"".join(number.to_bytes(size, "big") for number in decode_dss_signature(der))


def _as_der(found: bytes, size: int) -> bytes:
    """Return a signature as DER; some tools write it so, the browser's two numbers."""
    from cryptography.hazmat.primitives.asymmetric.utils import (  # noqa: PLC0415  (an extra)
        encode_dss_signature,
    )

    if len(found) != 2 * size:
        return found
    return encode_dss_signature(
        int.from_bytes(found[:size], "big"), int.from_bytes(found[size:], "big")
    )


def _library() -> tuple[Any, Any, Any]:
    try:
        from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(f"signatures of WACZ files need: {how_to_install('warc')}") from error
    return ec, serialization, hashes
