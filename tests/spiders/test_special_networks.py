"""Every network of IANA's registries, and every address that leads to one of them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import pytest

from spiders.address_guard import AddressPolicy

# The address blocks of IANA's IPv4 and IPv6 Special-Purpose Address Registries of
# 2025-10-09, and those of its address space registries that hold no single hosts.
IPV4_BLOCKS = """
    0.0.0.0/8 0.0.0.0/32 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16
    172.16.0.0/12 192.0.0.0/24 192.0.0.0/29 192.0.0.8/32 192.0.0.9/32 192.0.0.10/32
    192.0.0.170/32 192.0.0.171/32 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24
    192.88.99.0/24 192.88.99.2/32 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15
    198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 255.255.255.255/32
    224.0.0.0/4""".split()
IPV6_BLOCKS = """
    ::1/128 ::/128 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001:1::1/128
    2001:1::2/128 2001:1::3/128 2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28
    2001:20::/28 2001:30::/28 2001:db8::/32 2620:4f:8000::/48 3fff::/20 5f00::/16
    fc00::/7 fe80::/10
    ff00::/8 fec0::/10 4000::/3 8000::/1""".split()
METADATA_SERVICES = "169.254.169.254", "192.0.0.192", "100.100.100.200"


def ends_of(block: str) -> Iterator[int]:
    network = ipaddress.ip_network(block)
    first, last = int(network.network_address), int(network.broadcast_address)
    yield from {first, (first + last) // 2, last}


def spellings(ipv4: int) -> Iterator[str]:
    """An IPv4 address, and the IPv6 addresses that lead to it."""
    address = ipaddress.IPv4Address(ipv4)
    yield str(address)
    high, low = ipv4 >> 16, ipv4 & 0xFFFF
    inverted = ipv4 ^ 0xFFFFFFFF
    yield from (
        f"::ffff:{address}",  # mapped
        f"::ffff:0:{address}",  # SIIT
        f"64:ff9b::{address}",  # NAT64
        f"2002:{high:x}:{low:x}::1",  # 6to4
        f"2001:0:808:808:0:0:{inverted >> 16:x}:{inverted & 0xFFFF:x}",  # Teredo client
        f"2001:0:{high:x}:{low:x}:0:0:f7f7:f7f7",  # Teredo server
        f"2a00:1450:4001:800::5efe:{address}",  # ISATAP
        f"2a00:1450:4001:800:200:5efe:{address}",
    )
    if ipv4 > 1:
        yield f"::{address}"  # compatible


@pytest.mark.parametrize("block", IPV4_BLOCKS)
def test_no_ipv4_block_is_connected_to_however_it_is_written(block: str) -> None:
    for number in ends_of(block):
        for address in spellings(number):
            assert not AddressPolicy().is_allowed(address), address


@pytest.mark.parametrize("block", IPV6_BLOCKS)
def test_no_ipv6_block_is_connected_to(block: str) -> None:
    # 2001::/32, the first of 2001::/23, is Teredo: as public as what it leads to.
    for number in ends_of(block):
        address = str(ipaddress.IPv6Address(number))
        assert not AddressPolicy().is_allowed(address), address


@pytest.mark.parametrize("address", METADATA_SERVICES)
def test_metadata_services_of_clouds(address: str) -> None:
    for spelling in spellings(int(ipaddress.IPv4Address(address))):
        assert not AddressPolicy().is_allowed(spelling), spelling


def test_the_own_networks_nat64_is_refused_whatever_it_seems_to_end_in() -> None:
    # By RFC 6052 its /48 holds the IPv4 address behind the prefix: here 10.0.0.1.
    assert not AddressPolicy().is_allowed("64:ff9b:1:a00:0:100:808:808")
    assert not AddressPolicy().is_allowed("64:ff9b:1::8.8.8.8")


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "8.8.8.8", "93.184.216.34", "192.0.1.1", "192.88.98.255"),
        *("100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0"),
        *("198.17.255.255", "198.20.0.0", "223.255.255.255", "11.0.0.0"),
        *("2606:4700::1111", "2a00:1450:4001:800::200e", "2001:200::1", "2003::1"),
        *("3ffe::1", "3fff:1000::1", "2620:4f:8001::1"),
    ],
)
def test_what_lies_beside_them_is_connected_to(address: str) -> None:
    assert AddressPolicy().is_allowed(address)


def test_a_public_address_is_public_however_it_is_written() -> None:
    for address in spellings(int(ipaddress.IPv4Address("1.1.1.1"))):
        assert AddressPolicy().is_allowed(address), address
