"""Connects to a host: resolves its name, and tries its addresses one after the other.

As Twisted's ``HostnameEndpoint`` does (RFC 8305), which defines a class and nine functions
for each connection: a fifth of the cost of polling a feed that has not changed. Names with
a leading underscore are Twisted's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from twisted.internet.address import HostnameAddress, IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, fail
from twisted.internet.endpoints import (
    HostnameEndpoint,
    TCP4ClientEndpoint,
    TCP6ClientEndpoint,
    wrapClientTLS,
)
from twisted.internet.error import ConnectingCancelledError, DNSLookupError
from twisted.internet.interfaces import (
    IAddress,
    IHostResolution,
    IProtocol,
    IProtocolFactory,
    IResolutionReceiver,
)
from twisted.python.failure import Failure
from twisted.web.client import URI, _StandardEndpointFactory
from zope.interface import implementer  # type: ignore[import-untyped]

TCPEndpoint = TCP4ClientEndpoint | TCP6ClientEndpoint


@implementer(IResolutionReceiver)
class _AddressCollector:
    """Collects the addresses of a host."""

    def __init__(self) -> None:
        self._addresses: list[IAddress] = []
        self.resolved: Deferred[list[IAddress]] = Deferred()

    # The names of these methods and their arguments are Twisted's.
    def resolutionBegan(  # noqa: N802
        self,
        resolutionInProgress: IHostResolution,  # noqa: N803
    ) -> None:
        """Nothing to do yet."""

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        self._addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        self.resolved.callback(self._addresses)


class HostEndpoint(HostnameEndpoint):
    """A host and a port, by name or address."""

    _reactor: Any

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:  # noqa: N803
        """Connect to the first of the host's addresses that accepts."""
        if self._badHostname:
            return fail(ValueError(f"invalid hostname: {self._hostText}"))
        collector: Any = _AddressCollector()
        self._reactor.nameResolver.resolveHostName(
            collector, self._hostText, portNumber=self._port
        )
        connected: Deferred[IProtocol] = collector.resolved.addCallback(
            self._connect_to_any, protocolFactory
        )
        return connected

    def _connect_to_any(
        self, addresses: Sequence[IAddress], factory: IProtocolFactory
    ) -> Deferred[IProtocol]:
        endpoints: list[TCPEndpoint] = []
        for address in addresses:
            if isinstance(address, IPv4Address | IPv6Address):
                is_version_4 = isinstance(address, IPv4Address)
                kind: Any = TCP4ClientEndpoint if is_version_4 else TCP6ClientEndpoint
                endpoints.append(
                    kind(
                        self._reactor,
                        address.host,
                        address.port,
                        self._timeout,
                        self._bindAddress,
                    )
                )
        if not endpoints:
            raise DNSLookupError(f"no results for hostname lookup: {self._hostText}")
        if len(endpoints) == 1:
            return endpoints[0].connect(factory)
        address_of_host = HostnameAddress(self._hostBytes, self._port)
        attempts = ConnectionAttempts(
            self._reactor, endpoints, factory, self._attemptDelay, address_of_host
        )
        return attempts.start()


class ConnectionAttempts:
    """Tries endpoints until one is connected.

    The next one is tried when the last has failed, or has not answered for a while
    (RFC 8305, 5); all others are given up when one is connected.
    """

    def __init__(
        self,
        reactor: Any,
        endpoints: Sequence[Any],
        factory: IProtocolFactory,
        delay: float,
        address: HostnameAddress,
    ) -> None:
        self._reactor, self._factory, self._delay = reactor, factory, delay
        self._address = address
        self._endpoints = deque(endpoints)
        self._pending: list[Deferred[IProtocol]] = []
        self._timer: Any = None
        self._is_done = False
        self._connected: Deferred[IProtocol] = Deferred(self._cancel)

    def start(self) -> Deferred[IProtocol]:
        """Try the first one; the result is the protocol, or the last failure."""
        self._try_next()
        return self._connected

    def _try_next(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None
        attempt: Deferred[IProtocol] = self._endpoints.popleft().connect(self._factory)
        self._pending.append(attempt)
        if self._endpoints:
            self._timer = self._reactor.callLater(self._delay, self._try_next)
        # Last: it may have ended already.
        attempt.addCallbacks(
            self._succeed, self._fail, callbackArgs=(attempt,), errbackArgs=(attempt,)
        )

    def _succeed(self, protocol: IProtocol, attempt: Deferred[IProtocol]) -> None:
        self._pending.remove(attempt)
        if not self._is_done:
            self._finish()
            self._connected.callback(protocol)

    def _fail(self, failure: Failure, attempt: Deferred[IProtocol]) -> None:
        self._pending.remove(attempt)
        if self._is_done:
            return
        if self._endpoints:
            self._try_next()
        elif not self._pending:
            self._finish()
            self._connected.errback(failure)

    def _cancel(self, connected: Deferred[IProtocol]) -> None:
        self._finish()
        error = ConnectingCancelledError(self._address)  # type: ignore[no-untyped-call]
        connected.errback(error)

    def _finish(self) -> None:
        """Give up what is under way."""
        self._is_done = True
        self._endpoints.clear()
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        for attempt in tuple(self._pending):
            attempt.cancel()


class EndpointFactory(_StandardEndpointFactory):
    """Twisted's, with these endpoints."""

    def endpointForURI(self, uri: URI) -> Any:  # noqa: N802
        """The endpoint for a URL; with TLS for https."""
        arguments: dict[str, Any] = {"bindAddress": self._bindAddress}
        if self._connectTimeout is not None:
            arguments["timeout"] = self._connectTimeout
        host = uri.host.decode("ascii")
        endpoint: Any = HostEndpoint(self._reactor, host, uri.port, **arguments)
        if uri.scheme == b"http":
            return endpoint
        creator = self._policyForHTTPS.creatorForNetloc(uri.host, uri.port)
        return wrapClientTLS(creator, endpoint)
