"""Addresses that must not be asked, however they are written, and those that may."""

import pytest

from onrecord.feeds.addresses import fault_in, fault_in_name, parse_networks


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("127.0.0.1", "loopback"),
        ("127.9.9.9", "loopback"),
        ("::1", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("0.1.2.3", "private"),
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("fd00:ec2::254", "private"),
        ("100.64.0.1", "private"),  # carriers' own
        ("100.100.100.200", "private"),  # a cloud's metadata
        ("192.0.0.192", "reserved"),  # another cloud's
        ("168.63.129.16", "metadata service"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("fec0::1", "reserved"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "private"),
        ("240.0.0.1", "private"),
        ("::ffff:10.0.0.1", "private"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::127.0.0.1", "private"),
        ("64:ff9b::10.0.0.1", "private"),
        ("64:ff9b::169.254.169.254", "link-local"),
        ("64:ff9b:1::127.0.0.1", "loopback"),
        ("64:ff9b:1:7f00:0:100:808:808", "loopback"),  # RFC 6052: round bits 64 to 71
        ("2002:7f00:1::", "loopback"),  # 6to4 of 127.0.0.1
        ("2001:0:7f00:1::", "private"),  # a Teredo server on loopback
    ],
)
def test_addresses_of_our_own_network_are_named_for_what_they_are(address: str, fault: str) -> None:
    assert fault_in(address) == fault


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"],
)
def test_public_addresses_may_be_asked(address: str) -> None:
    assert fault_in(address) is None


def test_allowed_networks_are_exempt_however_an_address_is_written() -> None:
    allowed = parse_networks(" 127.0.0.0/8, fd00::/8 ,192.168.1.7")
    exempt = ("127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1", "fd00::1", "192.168.1.7")
    assert [fault_in(address, allowed) for address in exempt] == [None] * 5
    assert fault_in("192.168.1.8", allowed) == "private"
    assert fault_in("::1", allowed) == "loopback"


@pytest.mark.parametrize("text", ["127.0.0.0/33", "localhost", "10.0.0.1-10.0.0.9"])
def test_what_is_no_network_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=text[:9]):
        parse_networks(f"10.0.0.0/8,{text}")


@pytest.mark.parametrize(
    ("host", "fault"),
    [
        ("localhost", "loopback"),
        ("db.localhost.", "loopback"),
        ("127.0.0.1", "loopback"),
        ("2130706433", "loopback"),
        ("0x7f.1", "loopback"),
        ("0177.0.0.1", "loopback"),
        ("[::ffff:10.0.0.1]", "private"),
        ("169.254.169.254", "link-local"),
        ("feeds.example", None),
        ("8.8.8.8", None),
    ],
)
def test_a_host_name_is_judged_by_what_it_tells_itself(host: str, fault: str | None) -> None:
    assert fault_in_name(host) == fault
