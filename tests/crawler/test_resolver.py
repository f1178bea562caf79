"""The address guard: which addresses may be connected to, and which names are this machine."""

from ipaddress import ip_address, ip_network
from types import SimpleNamespace

import pytest
from scrapy.settings import Settings
from twisted.internet.address import IPv4Address, IPv6Address

from crawler.resolver import GuardedResolver, is_public, loopback_hosts, was_refused
from crawler.special_addresses import BLOCKS, OTHERS, carried


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "0.0.0.0",  # noqa: S104
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.88.99.0", "::", "::1", "fe80::1",
        "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
        "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1", "2002:a9fe:a9fe::1", "nonsense", "",
    ],
)  # fmt: skip
def test_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(("block", "reachable", "_"), [*BLOCKS, *OTHERS])
def test_every_row_of_the_table(block, reachable, _):
    """Its first address, its last, and some between, where no smaller block or carrier decides."""
    network = ip_network(block)
    smaller = [ip_network(other) for other, *_ in (*BLOCKS, *OTHERS)]
    smaller = [
        other for other in smaller if other.version == network.version and other != network
        and other.subnet_of(network)
    ]  # fmt: skip
    tried = 0
    for share in (0, 1, 2, 3, 5, 8):
        address = network[0] + (network.num_addresses - 1) * share // 8
        if not any(address in other for other in smaller) and not carried(address):
            assert is_public(str(address)) is reachable, address
            tried += 1
    carries = ("::ffff:0:0/96", "64:ff9b::/96", "2001::/32", "2002::/16", "::/128", "::1/128")
    assert tried or block in carries


REACHABLE = (
    "192.0.0.9", "192.0.0.10", "192.31.196.1", "192.52.193.1", "192.175.48.1", "2001:1::1",
    "2001:1::2", "2001:1::3", "2001:3::1", "2001:4:112::1", "2001:20::1", "2001:30::1",
    "2620:4f:8000::1", "2400:3200::1",
)  # fmt: skip
"""An address of each block that the registries call globally reachable, and one of no block."""

UNREACHABLE = (
    "0.1.2.3", "0.0.0.0", "10.1.2.3", "100.64.1.1", "127.1.2.3", "169.254.1.1", "172.16.1.1",  # noqa: S104
    "192.0.0.100", "192.0.0.1", "192.0.0.8", "192.0.0.170", "192.0.0.171", "192.0.2.1",
    "192.88.99.1", "192.88.99.2", "192.168.1.1", "198.18.1.1", "198.51.100.1", "203.0.113.1",
    "240.0.0.1", "255.255.255.255", "64:ff9b:1::1", "100::1", "100:0:0:1::1", "2001:1::4",
    "2001:2::1", "2001:10::1", "2001:db8::1", "3fff::1", "5f00::1", "fc00::1", "fe80::1",
    "224.0.0.1", "ff02::1", "fec0::1", "4000::1",
)  # fmt: skip
"""An address of each block that they call not reachable, and of multicast and reserved ones."""


@pytest.mark.parametrize("address", REACHABLE)
def test_a_crawl_may_connect_to_what_the_registries_call_reachable(address):
    assert is_public(address)


@pytest.mark.parametrize("address", UNREACHABLE)
def test_a_crawl_never_connects_to_what_the_registries_call_unreachable(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    ("beside_it", "in_it"),
    [
        ("9.255.255.255", "10.0.0.0"),
        ("11.0.0.0", "10.255.255.255"),
        ("100.63.255.255", "100.64.0.0"),
        ("100.128.0.0", "100.127.255.255"),
        ("172.15.255.255", "172.16.0.0"),
        ("172.32.0.0", "172.31.255.255"),
        ("223.255.255.255", "224.0.0.0"),
    ],
)
def test_a_block_begins_and_ends_at_its_addresses(beside_it, in_it):
    assert is_public(beside_it)
    assert not is_public(in_it)


CARRIERS = {
    "::ffff:0:0/96": "::ffff:{0}", "::ffff:0:0:0/96": "::ffff:0:{0}",
    "64:ff9b::/96": "64:ff9b::{0}",
    "::/96": "::{0}", "2002::/16": "2002:{1}::1",
}  # fmt: skip


@pytest.mark.parametrize("form", CARRIERS.values(), ids=CARRIERS)
def test_a_carrier_is_judged_by_what_it_carries(form):
    for words, public in (
        ("8.8.8.8", True), ("127.0.0.1", False), ("10.0.0.1", False), ("169.254.169.254", False),
        ("192.88.99.1", False), ("100.64.0.1", False), ("224.0.0.1", False), ("0.0.0.0", False),  # noqa: S104
        ("255.255.255.255", False), ("192.168.1.1", False),
    ):  # fmt: skip
        carried_hex = f"{int(ip_address(words)):08x}"
        address = form.format(words, f"{carried_hex[:4]}:{carried_hex[4:]}")
        assert is_public(address) is public, address


def test_both_ends_of_a_teredo_address_are_judged():
    def teredo(server, client):
        hidden = int(ip_address(client)) ^ 0xFFFFFFFF
        return str(ip_address((0x20010000 << 96) | int(ip_address(server)) << 64 | hidden))

    assert is_public(teredo("8.8.8.8", "1.1.1.1"))
    assert not is_public(teredo("127.0.0.1", "1.1.1.1"))
    assert not is_public(teredo("8.8.8.8", "192.168.0.1"))


@pytest.mark.parametrize(
    "address",
    ["fec0::1", "feff::1", "64:ff9b:1::1", "64:ff9b:1::8.8.8.8", "192.88.99.1", "192.88.99.255",
     "192.0.0.8", "198.18.0.1", "198.19.255.255", "3fff::1", "5f00::1", "100::1", "100:0:0:1::1",
     "4000::1", "1::1", "ff0e::1", "0177.0.0.1", "127.1", "2130706433", "8.8.8.8 ", "::1%lo"],
)  # fmt: skip
def test_what_was_let_pass_or_might_have_been(address):
    assert not is_public(address)


class Receiver:
    """Notes what it is told: that resolution begins, each address, and that it is complete."""

    def __init__(self):
        self.told = []

    def resolutionBegan(self, resolution):  # noqa: N802
        self.told.append("began")

    def addressResolved(self, address):  # noqa: N802
        self.told.append((address.host, address.port))

    def resolutionComplete(self):  # noqa: N802
        self.told.append("complete")


class Original:
    """Stands for the system's resolver: it answers with every address that it was given."""

    def __init__(self, *addresses):
        self.addresses = addresses
        self.asked = []

    def resolveHostName(self, receiver, name, port=0, types=None, semantics="TCP"):  # noqa: N802
        self.asked.append(name)
        receiver.resolutionBegan(None)
        for address in self.addresses:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()


def guarded(name, *addresses):
    """The resolver, what it passed on, and what was asked, once `name` was resolved."""

    class Reactor:
        nameResolver = Original(*addresses)  # noqa: N815  (Twisted's name)

    receiver = Receiver()
    resolver = GuardedResolver(Reactor, 0, ["www.a.test", "*.b.test"])
    resolver.resolveHostName(receiver, name, 80)
    began, *addresses, complete = receiver.told
    assert (began, complete) == ("began", "complete")
    assert {port for _, port in addresses} <= {80}
    return resolver, [host for host, _ in addresses], Reactor.nameResolver.asked


def resolved(name, *addresses):
    return guarded(name, *addresses)[1:]


def test_practice_names_are_this_machine_and_nobody_is_asked():
    assert resolved("www.a.test", "8.8.8.8") == (["127.0.0.1"], [])
    assert resolved("x7.b.test", "8.8.8.8") == (["127.0.0.1"], [])


def test_other_names_never_lead_to_this_machine_or_its_network():
    assert resolved("evil.example", "127.0.0.1", "::1", "10.1.2.3") == ([], ["evil.example"])
    assert resolved("other.test", "127.0.0.1")[0] == []
    assert resolved("mixed.example", "169.254.169.254", "8.8.8.8")[0] == ["8.8.8.8"]
    assert resolved("127.0.0.1", "127.0.0.1")[0] == []


@pytest.mark.parametrize(
    ("addresses", "passed", "refused"),
    [
        (("127.0.0.1",), [], True),
        (("8.8.8.8",), ["8.8.8.8"], False),
        (("8.8.8.8", "10.0.0.1"), ["8.8.8.8"], False),
        (("10.0.0.1", "8.8.8.8", "::1"), ["8.8.8.8"], False),
        ((), [], False),
    ],
)
def test_a_name_is_refused_if_all_that_it_leads_to_is_inside(addresses, passed, refused):
    """Of mixed answers the public ones are connected to; a name without answers is no refusal."""
    resolver, came, _ = guarded("x.example", *addresses)
    assert came == passed
    assert (resolver.refused == {"x.example"}) is refused


def test_the_resolver_of_the_process_tells_which_names_it_refused(monkeypatch):
    resolver, *_ = guarded("inside.example", "10.0.0.1")
    reactor = SimpleNamespace(nameResolver=resolver)
    monkeypatch.setattr("twisted.internet.reactor", reactor, raising=False)
    assert was_refused("inside.example")
    assert not was_refused("other.example")


@pytest.mark.parametrize("proxy", ["http://proxy.example:3128", "http://user:word@proxy.example"])
def test_the_host_of_the_proxy_may_be_inside_and_no_other(proxy, tmp_path):
    class Reactor:
        nameResolver = Original("10.0.0.1")  # noqa: N815  (Twisted's name)

    settings = Settings({"PROXY": proxy, "SITES_DIRS": [str(tmp_path)], "DNSCACHE_SIZE": 0})
    resolver = GuardedResolver.from_crawler(SimpleNamespace(settings=settings), Reactor)
    told = {}
    for name in ("proxy.example", "other.example", ""):
        receiver = Receiver()
        resolver.resolveHostName(receiver, name, 80)
        told[name] = receiver.told
    assert told["proxy.example"] == ["began", ("10.0.0.1", 80), "complete"]
    assert told["other.example"] == told[""] == ["began", "complete"]


def test_without_a_proxy_no_host_may_be_inside():
    assert resolved("proxy.example", "10.0.0.1")[0] == []


def test_only_hosts_of_sites_on_this_machine_are_this_machine(tmp_path):
    words = 'title = "x"\nkind = "official"\nfamily = "list"\nreports = ["/r/"]\n'
    words += 'hosts = ["{0}"]\nstart = ["http://{0}/"]\n'
    (tmp_path / "abroad.toml").write_text(words.format("www.abroad.example"), "utf-8")
    here = words.format("www.here.test") + "loopback = true\n"
    (tmp_path / "here.toml").write_text(here, "utf-8")
    found = loopback_hosts(Settings({"SITES_DIRS": [str(tmp_path)]}))
    assert "www.here.test" in found
    assert "www.abroad.example" not in found
