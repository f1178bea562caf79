"""Certificates of the practice web: made at the first TLS connection, never stored.

The practice web has its own certificate authority. Some hosts have invalid certificates, as some
government sites do: expired, for another name, self-signed. Two hosts use the TLS of old servers,
one has no TLS.
"""

from __future__ import annotations

import ssl
import warnings
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from baogao_practice.sites import gkmlpt
from baogao_practice.sites.encrypted import EXPIRED, MISNAMED, OLD_PROTOCOL, SELF_SIGNED, WEAK_KEYS

PLAIN_ONLY: Final = frozenset({gkmlpt.HOST})
"""Hosts with plain HTTP only; a TLS client hello gets an alert."""

EXPIRED_ON: Final = datetime(2020, 1, 31, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_PEM: Final = serialization.Encoding.PEM
_ANY_CIPHER: Final = "ALL:@SECLEVEL=0"
_WEAK_PRIME: Final = int(
    "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd"
    "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
    "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff",
    16,
)
"""The 1,024 bits of Oakley group 2 (RFC 2409, 6.2)."""

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_lock = Lock()


@dataclass(frozen=True, slots=True)
class _Signed:
    """A certificate, its key, and its name."""

    certificate: x509.Certificate
    key: Key
    name: x509.Name


def authority() -> bytes:
    """Return the certificate of the practice web's authority, as PEM, which clients must trust."""
    with _lock:
        return _authority().certificate.public_bytes(_PEM)


def context_for(host: str) -> ssl.SSLContext | None:
    """Return the TLS context for clients that ask for `host`; None for hosts without TLS."""
    if host in PLAIN_ONLY:
        return None
    with _lock:
        return _context(host)


@cache
def _authority() -> _Signed:
    now = datetime.now(UTC)
    return _signed("practice authority", (now - _DAY, now + 30 * _DAY), is_authority=True)


@cache
def _context(host: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _load(context, _signed_for(host))
    if host == OLD_PROTOCOL:
        context.set_ciphers(_ANY_CIPHER)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that is what is shown here
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
    if host == WEAK_KEYS:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0")
        _load_weak_group(context)
    return context


def _signed_for(host: str) -> _Signed:
    now = datetime.now(UTC)
    valid = (now - _DAY, now + 30 * _DAY)
    if host == EXPIRED:
        return _signed(host, (EXPIRED_ON - 365 * _DAY, EXPIRED_ON), by=_authority())
    if host == MISNAMED:
        return _signed("another.test", valid, by=_authority())
    if host == SELF_SIGNED:
        return _signed(host, valid)
    return _signed(host, valid, by=_authority(), rsa_key=host in {WEAK_KEYS, OLD_PROTOCOL})


def _signed(
    words: str,
    valid: tuple[datetime, datetime],
    *,
    by: _Signed | None = None,
    is_authority: bool = False,
    rsa_key: bool = False,
) -> _Signed:
    """Return a certificate for the name `words`, signed by another certificate or by itself."""
    key: Key = rsa.generate_private_key(65537, 2048) if rsa_key else _curve_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(by.name if by else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        names = x509.SubjectAlternativeName([x509.DNSName(words)])
        builder = builder.add_extension(names, critical=False)
    return _Signed(builder.sign(by.key if by else key, hashes.SHA256()), key, name)


def _curve_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _load(context: ssl.SSLContext, signed: _Signed) -> None:
    """Load certificate and key; `ssl` reads them only from a file."""
    key = signed.key.private_bytes(
        _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "chain.pem"
        path.touch(0o600)
        path.write_bytes(key + signed.certificate.public_bytes(_PEM))
        context.load_cert_chain(path)


def _load_weak_group(context: ssl.SSLContext) -> None:
    prime = _WEAK_PRIME.to_bytes(128, "big")
    der = b"\x30\x81\x87\x02\x81\x81\x00" + prime + b"\x02\x01\x02"  # PKCS #3: prime, base
    with TemporaryDirectory() as folder:
        path = Path(folder) / "group.pem"
        words = b64encode(der).decode()
        path.write_text(f"-----BEGIN DH PARAMETERS-----\n{words}\n-----END DH PARAMETERS-----\n")
        context.load_dh_params(str(path))
