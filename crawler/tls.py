"""TLS for old servers: certificates that do not verify, and protocols of 2006.

A page with a certificate that does not verify is archived, and its capture says why. A server
without common TLS settings gives the outcome `tls`; with `tls.legacy = true` in the site file, it
is tried once more with OpenSSL's security level 0.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from OpenSSL import SSL
from OpenSSL.crypto import X509
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError
from scrapy.http import Response
from service_identity import CertificateError, VerificationError
from service_identity.hazmat import DNS_ID, verify_service_identity
from service_identity.pyopenssl import extract_patterns
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.answers import TlsRefusedError
from crawler.handlers import PacedHandler

logger = logging.getLogger(__name__)

OP_LEGACY_SERVER_CONNECT: Final = 0x4
"""Allows servers without secure renegotiation (RFC 5746), as Scrapy does; a capture proves what was
sent, not that nobody intercepted it."""

LEGACY_CIPHERS: Final = b"DEFAULT:@SECLEVEL=0"

OLD: Final = (
    "dh key too small", "ee key too small", "ca key too small", "ca md too weak",
    "unsupported protocol", "alert protocol version", "handshake failure", "alert insufficient",
    "unsafe legacy renegotiation", "no shared cipher", "wrong signature type", "bad ecpoint",
    "internal error",
)  # fmt: skip
"""OpenSSL errors for which a lower security level may help."""

Place = tuple[str, int]

_FAULTS: Final = {
    9: "is not valid yet",
    10: "has expired",
    18: "is signed by itself",
    19: "is signed by an unknown authority",
    20: "is signed by an unknown authority",
    21: "is signed by an unknown authority",
    66: "has too short a key",
    67: "is signed with too short a key",
    68: "is signed with a broken digest",
}
"""Words for the codes of OpenSSL's X509_STORE_CTX_get_error."""


@dataclass(slots=True)
class Greetings:
    """What the TLS handshakes of one crawl have shown.

    `old` are the hosts (name and port) that use the lower level; `faults` are the faults of a
    certificate by host, port and digest.
    """

    old: dict[Place, str] = field(default_factory=dict)
    faults: dict[tuple[Place, str], tuple[str, ...]] = field(default_factory=dict)


@implementer(IPolicyForHTTPS)
class Policy:
    """Accepts every server, and records what is wrong with its certificate."""

    def __init__(self, greetings: Greetings, trusted: str | None = None) -> None:
        self._greetings = greetings
        self._trusted = trusted
        self._contexts: dict[bool, SSL.Context] = {}

    def creatorForNetloc(self, hostname: bytes, port: int) -> Greeter:  # noqa: N802  (Twisted's)
        """Return the options for `hostname`, as Twisted asks for them."""
        place = hostname.decode("ascii"), port
        return Greeter(self._context(old=place in self._greetings.old), place, self._greetings)

    def _context(self, *, old: bool) -> SSL.Context:
        if old not in self._contexts:
            self._contexts[old] = _context(self._trusted, old=old)
        return self._contexts[old]


def _context(trusted: str | None, *, old: bool) -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_options(OP_LEGACY_SERVER_CONNECT)
    context.set_min_proto_version(SSL.TLS1_VERSION if old else SSL.TLS1_2_VERSION)
    context.set_cipher_list(LEGACY_CIPHERS if old else b"DEFAULT")
    context.set_default_verify_paths()
    if trusted:
        context.load_verify_locations(trusted)
    return context


@implementer(IOpenSSLClientConnectionCreator)
@dataclass(frozen=True, slots=True)
class Greeter:
    """Makes the connections to one host and port."""

    context: SSL.Context
    place: Place
    greetings: Greetings

    def clientConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:  # noqa: ARG002, N802, N803
        """Return a connection that names the host and records the faults of its certificate."""
        connection = SSL.Connection(self.context, None)
        connection.set_tlsext_host_name(self.place[0].encode("ascii"))
        found: dict[str, None] = {}

        def judge(connection: SSL.Connection, one: X509, code: int, depth: int, _: int) -> bool:
            if code:
                found[_FAULTS.get(code, f"does not verify (X509 error {code})")] = None
            if depth == 0:
                found.update(dict.fromkeys(_name_faults(one, self.place[0])))
                faults = tuple(f"the certificate {fault}" for fault in found)
                if self.place in self.greetings.old:
                    faults += (f"legacy TLS ({connection.get_protocol_version_name()})",)
                self.greetings.faults[self.place, digest_of(one)] = faults
            return True

        connection.set_verify(SSL.VERIFY_PEER, judge)
        return connection


def _name_faults(certificate: X509, host: str) -> list[str]:
    try:
        verify_service_identity(extract_patterns(certificate), [DNS_ID(host)], [])
    except (CertificateError, VerificationError, ValueError):
        return ["is for another name"]
    return []


def digest_of(certificate: Any) -> str:
    """The SHA-256 of a certificate, as 64 lower-case hex digits."""
    return str(certificate.digest("sha256").decode("ascii")).replace(":", "").lower()


class TlsHandler(PacedHandler):
    """The handler for https, with our options; `meta["tls_faults"]` are the recorded faults."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._greetings = Greetings()
        self._warned: set[Place] = set()
        policy: Any = Policy(self._greetings, crawler.settings.get("TLS_TRUSTED"))
        self._contextFactory = policy

    async def download_request(self, request: Request) -> Response:
        """Fetch a page; greet an old server again, if the site file lets us.

        Raises:
            TlsRefusedError: there is no TLS that both sides speak.
        """
        parts = urlsplit(request.url)
        place = parts.hostname or "", parts.port or 443
        try:
            response = await self._fetched(request)
        except TlsRefusedError as error:
            if not self._may_lower(place, str(error)):
                raise self._refused(place, str(error)) from error
            self._greetings.old[place] = str(error)
            try:
                response = await self._fetched(request)
            except TlsRefusedError as last:
                raise self._refused(place, str(last)) from last
        if response.certificate is not None:
            faults = self._greetings.faults.get((place, digest_of(response.certificate)), ())
            request.meta["tls_faults"] = faults
            self._warn(place, faults)
        return response

    def _warn(self, place: Place, faults: Sequence[str]) -> None:
        """Say once a host what each of its captures says."""
        if faults and place not in self._warned:
            self._warned.add(place)
            logger.warning("%s is archived all the same: %s", place[0], "; ".join(faults))

    async def _fetched(self, request: Request) -> Response:
        """As Scrapy fetches it; a greeting that failed says so."""
        try:
            return await super().download_request(request)
        except DownloadFailedError as error:
            why = refusal(error)
            if why is None:
                raise
            raise TlsRefusedError(why) from error

    def _may_lower(self, place: Place, why: str) -> bool:
        spider: Any = self._crawler.spider
        return spider.site.legacy_tls and place not in self._greetings.old and is_old(why)

    def _refused(self, place: Place, why: str) -> TlsRefusedError:
        """The error of one page, with the remedy; each is a capture, and all are one finding."""
        spider: Any = self._crawler.spider
        sentence = f"{place[0]}: no TLS could be agreed on ({why})"
        if is_old(why) and not spider.site.legacy_tls:
            sentence += "; tls.legacy = true in the site file lets it be greeted as an old server"
        if sentence not in spider.recorder.failures:
            spider.recorder.fail(sentence)
        return TlsRefusedError(sentence)


def is_old(why: str) -> bool:
    """Whether what OpenSSL says may come of a server's age."""
    return any(words in why for words in OLD)


def refusal(error: BaseException) -> str | None:
    """What OpenSSL said when a greeting failed; None where the failure was another one."""
    cause = error.__cause__
    for failure in getattr(cause, "reasons", None) or ():
        if isinstance(failure.value, SSL.Error):
            return _said(failure.value)
    return _said(cause) if isinstance(cause, SSL.Error) else None


def _said(error: SSL.Error) -> str:
    entries = error.args[0] if error.args and isinstance(error.args[0], list) else []
    words = [str(entry[2]) for entry in entries if len(entry) > 2 and entry[2]]  # noqa: PLR2004
    return "; ".join(words) or "no reason given"
