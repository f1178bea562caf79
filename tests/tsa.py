"""A time-stamping authority of the tests: a root, a signer, and answers as RFC 3161 has them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

MADE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Authority:
    """Answers requests at the time `now`, whatever the clock says."""

    def __init__(self, name="invented authority", now=MADE):
        self.now = now
        self._root_key, self._key = (ec.generate_private_key(ec.SECP256R1()) for _ in "ab")
        subject = _name(f"{name} root")
        root = _builder(subject, subject, self._root_key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self._root = root.sign(self._root_key, hashes.SHA256())
        leaf = _builder(subject, _name(name), self._key).add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
        )
        self._leaf = leaf.sign(self._root_key, hashes.SHA256())

    @property
    def root_pem(self):
        return self._root.public_bytes(Encoding.PEM)

    def answer(self, question, **other):
        """The answer to the bytes of a request; `other` replaces what the token states."""
        asked = tsp.TimeStampReq.load(question)
        token = {
            "version": "v1", "policy": "1.2.3.4.1", "serial_number": 7,
            "message_imprint": asked["message_imprint"], "gen_time": self.now,
            "nonce": asked["nonce"].native,
        }  # fmt: skip
        signed = self._signed(tsp.TSTInfo({**token, **other}).dump())
        return tsp.TimeStampResp(
            {"status": {"status": "granted"}, "time_stamp_token": signed}
        ).dump()

    def _signed(self, token):
        der = self._leaf.public_bytes(Encoding.DER)
        certificate = asn1_x509.Certificate.load(der)
        digest = {"algorithm": "sha256"}
        ours = tsp.SigningCertificateV2(
            {"certs": [{"hash_algorithm": digest, "cert_hash": hashlib.sha256(der).digest()}]}
        )
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": ["tst_info"]},
                {"type": "message_digest", "values": [hashlib.sha256(token).digest()]},
                {"type": "signing_certificate_v2", "values": [ours]},
            ]
        )
        signature = self._key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
        signer = cms.IssuerAndSerialNumber(
            {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
        )
        info = {
            "version": "v1", "sid": cms.SignerIdentifier({"issuer_and_serial_number": signer}),
            "digest_algorithm": digest, "signed_attrs": attributes, "signature": signature,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        }  # fmt: skip
        data = {
            "version": "v3", "digest_algorithms": [digest], "certificates": [certificate],
            "encap_content_info": {
                "content_type": "tst_info", "content": core.ParsableOctetString(token),
            },
            "signer_infos": [info],
        }  # fmt: skip
        return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(data)})


def refusal():
    """What an authority answers that does not want to."""
    status = tsp.PKIStatusInfo({"status": "rejection", "status_string": ["not today"]}).dump()
    return b"\x30" + bytes([len(status)]) + status


def _name(words):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def _builder(issuer, subject, key):
    """Valid for two years around `MADE` only: tokens outlive certificates."""
    return (
        x509.CertificateBuilder().issuer_name(issuer).subject_name(subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(MADE - timedelta(days=365)).not_valid_after(MADE + timedelta(days=200))
    )  # fmt: skip
