"""Whether this machine has a network: what fails while it has none is no fault of the outlets, and does not count against them.

Evidence against it are name services that do not answer, and no way out; evidence for it is any answer of a public address.
Not for: hosts that are down while others answer.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import time
from typing import Any

from harvester.ingest.offline import OFFLINE_PREFIX

ONLINE_GRACE_SECONDS = 60.0  # seconds after an answer of a public address during which the network is there, whatever fails
OFFLINE_PAUSE_SECONDS = 20.0  # seconds without one during which nothing more is asked, once it seems to be gone
REASON_NO_DNS = "the name service does not answer"
REASON_NO_ROUTE = "there is no way to it"
_NO_ROUTE_ERRNOS = frozenset((errno.ENETUNREACH, errno.ENETDOWN))
MIN_FAILING_OUTLETS = 2  # outlets that must find nobody before the others are asked nothing: one may lie by its own name service


class NameLookup:
    """``socket.getaddrinfo``, which remembers the names for which the name service gave no answer at all."""

    def __init__(self, getaddrinfo: Any = socket.getaddrinfo) -> None:
        self._getaddrinfo = getaddrinfo
        self._unanswered: dict[str, float] = {}

    def __call__(self, host: str, *rest: Any) -> Any:
        try:
            found = self._getaddrinfo(host, *rest)
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                if len(self._unanswered) > 10_000:
                    self._unanswered.clear()
                self._unanswered[host.lower()] = time.monotonic()
            else:
                self._unanswered.pop(host.lower(), None)
            raise
        self._unanswered.pop(host.lower(), None)
        return found

    def is_unanswered(self, host: str) -> bool:
        """Whether the last question for this name got no answer."""
        return host.lower() in self._unanswered


def is_no_route_error(error: BaseException) -> bool:
    """Whether a connection failed because this machine has no way out, by the causes that Twisted names."""
    causes: list[BaseException] = [error]
    for _ in range(20):
        if not causes:
            return False
        one = causes.pop()
        number = getattr(one, "osError", None) or getattr(one, "errno", None)
        if number in _NO_ROUTE_ERRNOS:
            return True
        causes.extend(cause for cause in (one.__cause__,) if cause)
        causes.extend(failure.value for failure in getattr(one, "reasons", None) or ())
    return False


class NetworkMonitor:
    """What was heard of the network in this crawl. Times are of a clock that only goes forward."""

    def __init__(self, min_failing_outlets: int = MIN_FAILING_OUTLETS) -> None:
        self._min_failing_outlets = min_failing_outlets
        self._failing_outlets: set[str] = set()
        self._last_response_at: float | None = None
        self._offline_since: float | None = None
        self.offline_reason = ""
        self.was_offline = False

    def record_response(self, address: Any, now: float) -> None:
        """An answer came from this address."""
        if address is not None and ipaddress.ip_address(str(address)).is_global:
            self._last_response_at, self._offline_since = now, None
            self._failing_outlets.clear()

    def record_failure(self, reason: str, outlet: str, now: float) -> bool:
        """Something of an outlet failed that speaks against it: whether that counts against the outlet no more."""
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
        """Whether there is no use in asking anything now."""
        return (
            self._offline_since is not None
            and now - self._offline_since < OFFLINE_PAUSE_SECONDS
        )
