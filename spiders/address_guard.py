"""Which IP addresses may be connected to, decided as the connection is made.

The resolver hands Twisted only addresses that were checked, so it does not matter how a
name is spelled, what it resolved to a moment ago, or what redirected there. Schemes are
checked in ``middlewares``.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterable, Sequence
from typing import Any, Self

from scrapy.crawler import CrawlerProcessBase
from twisted.internet._resolver import GAIResolver
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IResolutionReceiver,
)
from zope.interface import implementer  # type: ignore[import-untyped]

from spiders.network import NameLookup
from spiders.special_networks import IPAddress, is_public, wrapped_addresses

DNS_CACHE_SECONDS = 60.0
MAX_CACHED_NAMES = 10_000


class AddressPolicy:
    """Allows public addresses, and the networks that the settings name."""

    def __init__(self, allowed_networks: Iterable[str] = ()) -> None:
        self._allowed_networks = [
            ipaddress.ip_network(network, strict=False) for network in allowed_networks
        ]

    def is_allowed(self, address: str) -> bool:
        """Whether a connection to this address may be made."""
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return (
            is_public(parsed)
            or self._is_listed(parsed)
            or self._are_wrapped_allowed(parsed)
        )

    def _is_listed(self, address: IPAddress) -> bool:
        return any(
            address in network
            for network in self._allowed_networks
            if network.version == address.version
        )

    def _are_wrapped_allowed(self, address: IPAddress) -> bool:
        """Whether it wraps only addresses that are public or listed."""
        wrapped = wrapped_addresses(address)
        return bool(wrapped) and all(
            is_public(part) or self._is_listed(part) for part in wrapped
        )


def refusal_reason(address: str) -> str:
    """Why an address was not connected to, for people."""
    return f"{address} is a private address not listed in allow_networks"


def parse_ip_literal(host: str) -> IPv4Address | IPv6Address | None:
    """The host as an IP address in standard form; None for anything else."""
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        return None
    return (IPv4Address if version == 4 else IPv6Address)("TCP", host, 0)


@implementer(IHostResolution)
class _ImmediateResolution:
    def __init__(self, hostname: str) -> None:
        self.name = hostname

    def cancel(self) -> None:
        """Nothing to cancel: it was resolved at once."""


@implementer(IResolutionReceiver)
class _FilteringReceiver:
    """Passes on the addresses that may be connected to."""

    def __init__(self, guard: GuardedResolver, hostname: str, receiver: Any) -> None:
        self._guard, self._hostname, self._receiver = guard, hostname, receiver
        self._allowed_addresses: list[IPv4Address | IPv6Address] = []
        self._refused_address = ""

    # The names of these methods and their arguments are Twisted's.
    def resolutionBegan(  # noqa: N802
        self,
        resolutionInProgress: IHostResolution,  # noqa: N803
    ) -> None:
        self._receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        assert isinstance(address, IPv4Address | IPv6Address)
        if self._guard.address_policy.is_allowed(address.host):
            self._allowed_addresses.append(address)
            self._receiver.addressResolved(address)
        else:
            self._refused_address = address.host

    def resolutionComplete(self) -> None:  # noqa: N802
        self._guard.cache_result(
            self._hostname, self._allowed_addresses, self._refused_address
        )
        self._receiver.resolutionComplete()


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves names, leaving out addresses that may not be connected to."""

    def __init__(
        self,
        reactor: Any,
        address_policy: AddressPolicy,
        proxies: Iterable[tuple[str, int]] = (),
    ) -> None:
        self.address_policy = address_policy
        # Host and port; a tunnel's connection is resolved without its port.
        self._proxies = {*proxies, *((host, 0) for host, _ in proxies)}
        self._reactor = reactor
        self.name_lookup = NameLookup()
        self._resolver: Any = reactor.nameResolver
        if isinstance(self._resolver, GAIResolver):
            getaddrinfo: Any = self.name_lookup
            self._resolver = GAIResolver(reactor, getaddrinfo=getaddrinfo)
        self._cached_addresses: dict[
            str, tuple[float, tuple[IPv4Address | IPv6Address, ...]]
        ] = {}
        self._refused_addresses: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: CrawlerProcessBase, reactor: Any) -> Self:
        return cls(
            reactor,
            AddressPolicy(crawler.settings.getlist("ALLOW_NETWORKS")),
            crawler.settings.getlist("PROXIES"),
        )

    def install_on_reactor(self) -> None:
        """Called by Scrapy."""
        self._reactor.installNameResolver(self)

    def refused_address(self, host: str) -> str:
        """The address for which this host was refused last, "" if it was not."""
        return self._refused_addresses.get(host.strip("[]").lower(), "")

    def cache_result(
        self,
        hostname: str,
        allowed_addresses: Sequence[IPv4Address | IPv6Address],
        refused_address: str,
    ) -> None:
        """Remember what a name resolved to, for ``DNS_CACHE_SECONDS``.

        Only checked addresses are used again: a name may resolve to others next time.
        """
        if (
            len(self._cached_addresses) > MAX_CACHED_NAMES
            or len(self._refused_addresses) > MAX_CACHED_NAMES
        ):
            self._cached_addresses.clear()
            self._refused_addresses.clear()
        hostname = hostname.lower()
        self._refused_addresses.pop(hostname, None)
        if allowed_addresses:
            self._cached_addresses[hostname] = (
                time.monotonic() + DNS_CACHE_SECONDS,
                tuple(allowed_addresses),
            )
        elif refused_address:
            self._refused_addresses[hostname] = refused_address

    def resolveHostName(  # noqa: N802
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """See IHostnameResolver. A proxy of the settings may have any address."""
        if (hostName, portNumber) in self._proxies:
            direct: IHostResolution = self._resolver.resolveHostName(
                resolutionReceiver,
                hostName,
                portNumber,
                addressTypes,
                transportSemantics,
            )
            return direct
        until, addresses = self._cached_addresses.get(hostName.lower(), (0.0, ()))
        literal = parse_ip_literal(hostName)
        if literal is not None and self.address_policy.is_allowed(literal.host):
            until, addresses = float("inf"), (literal,)  # nothing to look up
        if time.monotonic() >= until:
            filtering = _FilteringReceiver(self, hostName, resolutionReceiver)
            pending: IHostResolution = self._resolver.resolveHostName(
                filtering, hostName, portNumber, addressTypes, transportSemantics
            )
            return pending
        receiver: Any = resolutionReceiver  # Twisted's interfaces declare no self
        resolution: Any = _ImmediateResolution(hostName)
        receiver.resolutionBegan(resolution)
        for address in addresses:
            receiver.addressResolved(type(address)("TCP", address.host, portNumber))
        receiver.resolutionComplete()
        return resolution  # type: ignore[no-any-return]
