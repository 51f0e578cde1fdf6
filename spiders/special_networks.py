"""Networks that hold no host of the public internet, and what IPv6 addresses wrap.

The list is ours because ``ipaddress.is_global`` knows only what was registered when its
Python was released: 3.11 takes 192.0.0.192, the metadata service of some clouds, for
global. Does not decide what may be connected to; see ``address_guard``.
"""

from __future__ import annotations

import ipaddress

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA's IPv4 Special-Purpose Address Registry, as updated on 2025-10-09, all of it. What
# it calls globally reachable is refused as well: those are anycast services, which the
# nearest router or name server answers, in the own network first (RFC 7723, 8155, 7535).
SPECIAL_IPV4_NETWORKS = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "0.0.0.0/32",  # this host on this network
            "10.0.0.0/8",  # private use
            "100.64.0.0/10",  # shared address space, of carriers
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link local; metadata of clouds
            "172.16.0.0/12",  # private use
            "192.0.0.0/24",  # protocol assignments; metadata of clouds
            "192.0.0.0/29",  # IPv4 service continuity
            "192.0.0.8/32",  # dummy address
            "192.0.0.9/32",  # anycast: Port Control Protocol
            "192.0.0.10/32",  # anycast: TURN
            "192.0.0.170/32",  # NAT64 and DNS64 discovery
            "192.0.0.171/32",  # the same
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # anycast: AS112
            "192.52.193.0/24",  # anycast: AMT
            "192.88.99.0/24",  # 6to4 relays, deprecated
            "192.88.99.2/32",  # 6a44 relays
            "192.168.0.0/16",  # private use
            "192.175.48.0/24",  # anycast: AS112
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "240.0.0.0/4",  # reserved
            "255.255.255.255/32",  # broadcast
        ),
    )
)
# IANA's IPv6 Special-Purpose Address Registry, as updated on 2025-10-09, all of it but
# what wraps an IPv4 address, by which that is judged: see ``wrapped_addresses``.
SPECIAL_IPV6_NETWORKS = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "::1/128",  # loopback
            "::/128",  # unspecified
            "64:ff9b:1::/48",  # NAT64 of the own network, which may lead anywhere in it
            "100::/64",  # discard only
            "100:0:0:1::/64",  # dummy prefix
            "2001::/23",  # protocol assignments
            "2001:1::1/128",  # anycast: Port Control Protocol
            "2001:1::2/128",  # anycast: TURN
            "2001:1::3/128",  # anycast: DNS-SD service registration
            "2001:2::/48",  # benchmarks
            "2001:3::/32",  # anycast: AMT
            "2001:4:112::/48",  # anycast: AS112
            "2001:10::/28",  # ORCHID, deprecated
            "2001:20::/28",  # ORCHIDv2
            "2001:30::/28",  # entity tags of drones
            "2001:db8::/32",  # documentation
            "2620:4f:8000::/48",  # anycast: AS112
            "3fff::/20",  # documentation
            "5f00::/16",  # segment routing
            "fc00::/7",  # unique local
            "fe80::/10",  # link local
        ),
    )
)
IPV4_MULTICAST = ipaddress.IPv4Network("224.0.0.0/4")
# All that IANA has for single hosts of the internet; fec0::/10 and ff00::/8 are outside.
IPV6_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")

# These end in an IPv4 address: IPv4-compatible (RFC 4291, 2.5.5.1; obsolete, but systems
# still accept it), IPv4-mapped (RFC 4291), NAT64 (RFC 6052), SIIT (RFC 2765).
_IPV4_ENDING_NETWORKS = tuple(
    ipaddress.IPv6Network(network)
    for network in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "::ffff:0:0:0/96")
)
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")  # RFC 3056
_TEREDO = ipaddress.IPv6Network("2001::/32")  # RFC 4380
# The last 64 bits of an ISATAP address (RFC 5214) are one of these and an IPv4 address.
_ISATAP_MARKS = (0x0000_5EFE, 0x0200_5EFE)


def wrapped_addresses(address: IPAddress) -> tuple[ipaddress.IPv4Address, ...]:
    """The IPv4 addresses to which an IPv6 address leads; empty if it wraps none.

    Two for Teredo: its server and its client.
    """
    if isinstance(address, ipaddress.IPv4Address) or int(address) <= 1:
        return ()  # ``::`` and ``::1`` are themselves
    number = int(address)
    if any(address in network for network in _IPV4_ENDING_NETWORKS):
        return (ipaddress.IPv4Address(number & 0xFFFFFFFF),)
    if address in _SIX_TO_FOUR:
        return (ipaddress.IPv4Address(number >> 80 & 0xFFFFFFFF),)
    if address in _TEREDO:
        server, client = number >> 64 & 0xFFFFFFFF, ~number & 0xFFFFFFFF
        return ipaddress.IPv4Address(server), ipaddress.IPv4Address(client)
    return ()


def is_public(address: IPAddress) -> bool:
    """Whether an address names one host of the public internet.

    An IPv6 address that wraps others is as public as those.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address not in IPV4_MULTICAST and not any(
            address in network for network in SPECIAL_IPV4_NETWORKS
        )
    if wrapped := wrapped_addresses(address):
        return all(map(is_public, wrapped))
    if address not in IPV6_GLOBAL_UNICAST or any(
        address in network for network in SPECIAL_IPV6_NETWORKS
    ):
        return False
    interface = int(address) & 0xFFFFFFFF_FFFFFFFF
    if interface >> 32 in _ISATAP_MARKS:
        return is_public(ipaddress.IPv4Address(interface & 0xFFFFFFFF))
    return True
