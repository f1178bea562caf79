"""The address guard: which addresses may be connected to, and which names are this machine."""

import pytest
from twisted.internet.address import IPv4Address, IPv6Address

from crawler.resolver import GuardedResolver, is_public


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


class Receiver:
    def __init__(self):
        self.addresses = []
        self.complete = False

    def resolutionBegan(self, resolution):  # noqa: N802
        pass

    def addressResolved(self, address):  # noqa: N802
        self.addresses.append(address.host)

    def resolutionComplete(self):  # noqa: N802
        self.complete = True


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


def resolved(name, *addresses):
    class Reactor:
        nameResolver = Original(*addresses)  # noqa: N815  (Twisted's name)

    receiver = Receiver()
    GuardedResolver(Reactor, 0, ["www.a.test", "*.b.test"]).resolveHostName(receiver, name, 80)
    assert receiver.complete
    return receiver.addresses, Reactor.nameResolver.asked


def test_practice_names_are_this_machine_and_nobody_is_asked():
    assert resolved("www.a.test", "8.8.8.8") == (["127.0.0.1"], [])
    assert resolved("x7.b.test", "8.8.8.8") == (["127.0.0.1"], [])


def test_other_names_never_lead_to_this_machine_or_its_network():
    assert resolved("evil.example", "127.0.0.1", "::1", "10.1.2.3") == ([], ["evil.example"])
    assert resolved("other.test", "127.0.0.1")[0] == []
    assert resolved("mixed.example", "169.254.169.254", "8.8.8.8")[0] == ["8.8.8.8"]
    assert resolved("127.0.0.1", "127.0.0.1")[0] == []
