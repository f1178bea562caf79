"""https as servers of this field speak it: what is archived, what is said, what is refused."""

import hashlib
import socket
import sqlite3
import ssl
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificates

import baogao_practice as practice
from baogao_practice import certificates
from baogao_practice.sites import encrypted
from crawler.site_file import PRACTICE_PORT

SITE = """\
title = "x"
kind = "official"
family = "list"
hosts = [{hosts}]
start = [{start}]
reports = ['.']
loopback = true
{more}
[politeness]
delay_s = 0.01
[expect]
minimum = 0
"""
LEGACY = "[tls]\nlegacy = true"


class Rows(dict):
    """The last capture of each path, or of each host and path where there are several hosts."""

    def __init__(self, rows):
        for row in rows:
            parts = urlsplit(row["url"])
            self[parts.path] = self[parts.hostname, parts.path] = row

    @property
    def paths(self):
        return {key: row for key, row in self.items() if isinstance(key, str)}


@pytest.fixture(scope="module")
def server():
    with practice.Server(port=0) as running:
        yield running


@pytest.fixture
def crawled(crawl_apart, server, tmp_path):
    """Crawl a site file of these addresses; gives the result and the captures."""
    opened = []

    def run(*start, more="", port=None, **settings):
        hosts = {address.split("/")[2].partition(":")[0] for address in start}
        text = SITE.format(
            hosts=", ".join(f'"{host}"' for host in hosts),
            start=", ".join(f'"{address}"' for address in start),
            more=more,
        )
        (tmp_path / "tls.toml").write_text(text, "utf-8")
        wiring = {"PRACTICE_PORT": port or server.port, "LOG_LEVEL": "CRITICAL", **settings}
        db, names = tmp_path / "tls.db", ["tls"]
        result = crawl_apart(db, names, sites_dirs=[str(tmp_path)], settings=wiring)
        rows = sqlite3.connect(db)
        rows.row_factory = sqlite3.Row
        opened.append(rows)
        query = "SELECT url, captures.*, pem FROM captures JOIN pages ON pages.id = page_id LEFT JOIN certificate_chains AS sent ON sent.sha256 = certificate_chain_sha256 ORDER BY captures.id"  # noqa: E501
        return result, Rows(rows.execute(query))

    yield run
    for rows in opened:
        rows.close()


@pytest.fixture
def authority(tmp_path):
    path = tmp_path / "authority.pem"
    path.write_bytes(certificates.authority())
    return str(path)


def https(host, path="/"):
    return f"https://{host}:{PRACTICE_PORT}{path}"


def shown_certificate(port, host):
    """The digest of the certificate that a host shows, as another client sees it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        closing(socket.create_connection(("127.0.0.1", port), 10)) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        return hashlib.sha256(secured.getpeercert(binary_form=True)).hexdigest()


def chain_of(row):
    """The digests of the certificates that were kept, as `certificate_sha256` has them."""
    return [
        one.fingerprint(SHA256()).hex() for one in load_pem_x509_certificates(row["pem"].encode())
    ]


def test_the_digest_of_the_certificate_is_recorded(crawled, server, authority):
    result, rows = crawled(https(encrypted.HOST), TLS_TRUSTED=authority)
    assert result.findings == ()
    digest = shown_certificate(server.port, encrypted.HOST)
    for path in ("/", "/zf/2022.html", "/zf/2023.html"):
        assert (rows[path]["outcome"], rows[path]["error"]) == ("ok", None)
        assert rows[path]["certificate_sha256"] == digest
        assert chain_of(rows[path]) == [digest, *chain_of(rows[path])[1:]]
    assert rows["/old.html"]["certificate_sha256"] == digest, "an answer without a body"
    assert rows["/old.html"]["pem"] == rows["/"]["pem"]
    assert result.texts == {"tls": 2}


def test_a_page_that_moves_from_http_to_https_is_one_page_and_two_captures(
    crawled, server, authority
):
    start = f"http://{encrypted.HOST}:{PRACTICE_PORT}/old.html"
    _, rows = crawled(start, TLS_TRUSTED=authority)
    assert rows["/old.html"]["outcome"] == "redirect"
    assert rows["/old.html"]["certificate_sha256"] is None
    assert rows["/zf/2023.html"]["certificate_sha256"] is not None


WRONG = {
    encrypted.EXPIRED: "the certificate has expired",
    encrypted.MISNAMED: "the certificate is for another name",
    encrypted.SELF_SIGNED: "the certificate is signed by itself",
}


def test_a_page_behind_a_wrong_certificate_is_archived_and_its_capture_says_so(
    crawled, server, authority
):
    result, rows = crawled(*map(https, WRONG), TLS_TRUSTED=authority)
    assert result.texts == {"tls": 3}
    for host, words in WRONG.items():
        row = rows[host, "/zf/2021.html"]
        assert (row["outcome"], row["error"]) == ("ok", words)
        assert row["certificate_sha256"] == shown_certificate(server.port, host)


def test_an_authority_that_nobody_knows_is_reported(crawled):
    _, rows = crawled(https(encrypted.HOST))
    words = "the certificate is signed by an unknown authority"
    assert rows["/zf/2022.html"]["error"] == words


def test_a_fault_of_the_page_and_one_of_the_certificate_are_both_told(crawled, authority):
    _, rows = crawled(https(encrypted.EXPIRED, "/nowhere.html"), TLS_TRUSTED=authority)
    row = rows["/nowhere.html"]
    assert (row["outcome"], row["error"]) == ("gone", "the certificate has expired")


def served(host):
    """Skip where this machine's OpenSSL can no longer be an old server."""
    try:
        certificates.context_for(host)
    except (ssl.SSLError, ValueError) as error:
        pytest.skip(f"{host} cannot be served here: {error}")
    if host == encrypted.OLD_PROTOCOL and not ssl.HAS_TLSv1_1:
        pytest.skip("this OpenSSL knows no TLS 1.1")


@pytest.mark.parametrize("host", encrypted.OLD_HOSTS)
def test_an_old_server_is_refused_at_once_with_the_remedy(crawled, host):
    served(host)
    result, rows = crawled(https(host))
    assert {(row["outcome"], row["status"]) for row in rows.values()} == {("tls", None)}
    assert set(rows.paths) == {"/", "/robots.txt"}
    assert result.exit_code == 1
    (sentence,) = [one for one in result.findings if "TLS" in one]
    assert sentence.startswith(f"{host}: no TLS could be agreed on (")
    assert "tls.legacy = true in the site file" in sentence
    assert rows["/"]["error"] == sentence


@pytest.mark.parametrize(
    ("host", "version"), [(encrypted.OLD_PROTOCOL, "TLSv1.1"), (encrypted.WEAK_KEYS, "TLSv1.2")]
)
def test_an_old_server_is_read_where_the_site_file_says_so(crawled, authority, host, version):
    served(host)
    result, rows = crawled(https(host), more=LEGACY, TLS_TRUSTED=authority)
    assert result.findings == ()
    assert result.texts == {"tls": 1}
    row = rows["/zf/2021.html"]
    assert (row["outcome"], row["error"]) == ("ok", f"legacy TLS ({version})")


def test_only_the_host_that_needs_it_is_greeted_as_an_old_one(crawled, authority):
    served(encrypted.OLD_PROTOCOL)
    start = [https(encrypted.OLD_PROTOCOL), https(encrypted.HOST)]
    _, rows = crawled(*start, more=LEGACY, TLS_TRUSTED=authority)
    assert rows["/zf/2021.html"]["error"] == "legacy TLS (TLSv1.1)"
    assert rows["/zf/2022.html"]["error"] is None


@pytest.mark.parametrize("more", ["", LEGACY])
def test_a_server_without_tls_is_no_riddle(crawled, serve, more):
    plain = serve({})
    result, rows = crawled(https("www.plain.test"), port=plain.server_port, more=more)
    assert rows["/"]["outcome"] == "tls"
    assert not any("tls.legacy" in sentence for sentence in result.findings)


def test_a_host_that_knows_http_only_says_so(crawled):
    _, rows = crawled(https("www.lingnan.test"))
    assert rows["/"]["outcome"] == "tls"
    assert "handshake failure" in rows["/"]["error"]
