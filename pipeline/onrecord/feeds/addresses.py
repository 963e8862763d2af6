"""Restricts requests to addresses of the public internet and to allowed networks.

A feed list comes from anywhere, and any publisher can redirect us or point its name at a machine
of our own network: to a router, a database, the cloud's metadata service. So an address is judged
when a connection to it is about to be made, whatever name led there. All pure.
"""

from collections.abc import Iterator, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from socket import inet_aton, inet_ntoa

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Addresses that carry an IPv4 address within: the address that is reached in the end.
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
_NAT64 = (IPv6Network("64:ff9b::/96"), _NAT64_LOCAL)
_IPV4_COMPATIBLE = IPv6Network("::/96")
# Public by its number, and all the same a service of the machine that asks (Azure).
_METADATA = frozenset((IPv4Address("168.63.129.16"),))
# Python's lists of what is not global differ between versions; these are missing from some.
_RESERVED = (IPv4Network("192.0.0.0/24"), IPv6Network("fec0::/10"))


def parse_networks(text: str) -> tuple[Network, ...]:
    """The networks of a list like "127.0.0.0/8, ::1". Raises ValueError naming the wrong one."""
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def fault_in(text: str, allowed: Sequence[Network] = ()) -> str | None:
    """Why an address must not be asked, "loopback"; None when it may be. `allowed` are exempt."""
    address = ip_address(text.partition("%")[0])  # fe80::1%eth0
    reached = (address, *_within(address))
    if any(each in network for each in reached for network in allowed):
        return None
    return next((fault for each in reached if (fault := _kind(each))), None)


def fault_in_name(host: str, allowed: Sequence[Network] = ()) -> str | None:
    """The same of a host name, as far as it tells by itself: an address, in whatever form, or ours.

    For where another machine, a proxy, will look the name up.
    """
    bare = host.strip("[]").rstrip(".").lower()
    if bare == "localhost" or bare.endswith(".localhost"):
        return fault_in("127.0.0.1", allowed)
    try:
        # 2130706433, 0x7f.1 and 0177.0.0.1 are 127.0.0.1 to whoever connects.
        address = bare if ":" in bare else inet_ntoa(inet_aton(bare))
        return fault_in(address, allowed)
    except (OSError, ValueError):
        return None


def _within(address: Address) -> Iterator[Address]:
    """The IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, IPv4Address):
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if any(address in network for network in (*_NAT64, _IPV4_COMPATIBLE)):
        yield IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in _NAT64_LOCAL:
        # After a prefix of 48 bits an IPv4 address goes round bits 64 to 71 (RFC 6052, 2.2).
        high, low = int(address) >> 64 & 0xFFFF, int(address) >> 40 & 0xFFFF
        yield IPv4Address(high << 16 | low)


def _kind(address: Address) -> str | None:
    """What an address is when it is not one of the public internet."""
    if isinstance(address, IPv6Address) and (
        address.ipv4_mapped or any(address in network for network in _NAT64)
    ):
        return None  # judged by the address within
    if address in _METADATA:
        return "metadata service"
    kinds = {
        "unspecified": address.is_unspecified,
        "loopback": address.is_loopback,
        "link-local": address.is_link_local,
        "multicast": address.is_multicast,
        "reserved": any(address in network for network in _RESERVED),
        "private": address.is_private or not address.is_global or address.is_reserved,
    }
    return next((name for name, holds in kinds.items() if holds), None)
