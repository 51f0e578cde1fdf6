"""Whether this machine is online.

Failures while it is offline do not count against outlets. Evidence against it: DNS does
not respond, or there is no route. Evidence for it: a response from any public address.
A host that is down while others respond is not offline.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from harvester.ingest.offline import OFFLINE_PREFIX
from spiders.special_networks import is_public

# After a response from a public address this machine is online, whatever fails.
ONLINE_GRACE_SECONDS = 60.0
# While this machine seems to be offline, nothing is sent for this long.
OFFLINE_PAUSE_SECONDS = 20.0
# Outlets that must fail before this machine counts as offline: a single one may have a
# broken name server.
MIN_FAILING_OUTLETS = 2
MAX_UNANSWERED_NAMES = 10_000
MAX_CAUSES = 20  # of one error that are followed
REASON_NO_DNS = "the DNS server does not respond"
REASON_NO_ROUTE = "no route to the host"
_NO_ROUTE_ERRNOS = frozenset((errno.ENETUNREACH, errno.ENETDOWN))
# Addresses for documents (RFC 5737, RFC 3849): nothing is ever sent to them.
_SAMPLE_ADDRESSES = (
    (socket.AF_INET, "192.0.2.1"),
    (socket.AF_INET6, "2001:db8::1"),
)


def has_route() -> bool:
    """Whether this machine has a route to the Internet.

    Connecting a datagram socket looks up the route, and sends nothing.
    """
    for family, address in _SAMPLE_ADDRESSES:
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))
            return True
    return False


class NameLookup:
    """``socket.getaddrinfo`` that remembers the names for which DNS did not respond.

    Linux says so. macOS says that the name does not exist, also without any network.
    """

    def __init__(
        self,
        getaddrinfo: Any = socket.getaddrinfo,
        has_route: Callable[[], bool] = has_route,
    ) -> None:
        self._getaddrinfo = getaddrinfo
        self._has_route = has_route
        self._unanswered: set[str] = set()

    def __call__(self, host: str, *arguments: Any) -> Any:
        try:
            addresses = self._getaddrinfo(host, *arguments)
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN or not self._has_route():
                if len(self._unanswered) > MAX_UNANSWERED_NAMES:
                    self._unanswered.clear()
                self._unanswered.add(host.lower())
            else:
                self._unanswered.discard(host.lower())
            raise
        self._unanswered.discard(host.lower())
        return addresses

    def is_unanswered(self, host: str) -> bool:
        """Whether the last lookup of this name got no response."""
        return host.lower() in self._unanswered


def is_no_route_error(error: BaseException) -> bool:
    """Whether a connection failed because this machine has no route at all."""
    return any(
        (getattr(cause, "osError", None) or getattr(cause, "errno", None))
        in _NO_ROUTE_ERRNOS
        for cause in error_causes(error)
    )


def error_causes(error: BaseException) -> list[BaseException]:
    """An error and its causes, as Python and Twisted chain them; the innermost last."""
    pending = [error]
    causes: list[BaseException] = []
    while pending and len(causes) < MAX_CAUSES:
        cause = pending.pop()
        causes.append(cause)
        if cause.__cause__:
            pending.append(cause.__cause__)
        # Twisted's ResponseFailed and the like hold several failures.
        pending.extend(
            failure.value for failure in getattr(cause, "reasons", None) or ()
        )
    return causes


class NetworkMonitor:
    """Judges from a crawl's responses and failures whether this machine is online.

    Times are monotonic.
    """

    def __init__(self, min_failing_outlets: int = MIN_FAILING_OUTLETS) -> None:
        self._min_failing_outlets = min_failing_outlets
        self._failing_outlets: set[str] = set()
        self._last_response_at: float | None = None
        self._offline_since: float | None = None
        self.offline_reason = ""
        self.was_offline = False

    def record_response(self, address: Any, now: float) -> None:
        """Record a response from an IP address."""
        if address is not None and is_public(ipaddress.ip_address(str(address))):
            self._last_response_at, self._offline_since = now, None
            self._failing_outlets.clear()

    def record_failure(self, reason: str, outlet: str, now: float) -> bool:
        """Record that an outlet's request failed as if this machine were offline.

        Returns whether it may be: then the failure does not count against the outlet.
        """
        if (
            self._last_response_at is not None
            and now - self._last_response_at < ONLINE_GRACE_SECONDS
        ):
            return False
        self.offline_reason = f"{OFFLINE_PREFIX}{reason}"
        self._failing_outlets.add(outlet)
        if len(self._failing_outlets) >= self._min_failing_outlets:
            self._offline_since, self.was_offline = now, True
        return True

    def is_offline(self, now: float) -> bool:
        """Whether this machine seems to be offline, so that nothing should be sent."""
        return (
            self._offline_since is not None
            and now - self._offline_since < OFFLINE_PAUSE_SECONDS
        )
