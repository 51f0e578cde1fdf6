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

from harvester.ingest.offline import OFFLINE

HEARD = 60.0  # seconds after an answer of a public address during which the network is there, whatever fails
PAUSE = 20.0  # seconds without one during which nothing more is asked, once it seems to be gone
NO_NAMES = "the name service does not answer"
NO_WAY = "there is no way to it"
_NO_WAY = frozenset((errno.ENETUNREACH, errno.ENETDOWN))
WITNESSES = 2  # outlets that must find nobody before the others are asked nothing: one may lie by its own name service


class Names:
    """``socket.getaddrinfo``, which remembers the names for which the name service gave no answer at all."""

    def __init__(self, getaddrinfo: Any = socket.getaddrinfo) -> None:
        self._getaddrinfo = getaddrinfo
        self._silent: dict[str, float] = {}

    def __call__(self, host: str, *rest: Any) -> Any:
        try:
            found = self._getaddrinfo(host, *rest)
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                if len(self._silent) > 10_000:
                    self._silent.clear()
                self._silent[host.lower()] = time.monotonic()
            else:
                self._silent.pop(host.lower(), None)
            raise
        self._silent.pop(host.lower(), None)
        return found

    def silent(self, host: str) -> bool:
        """Whether the last question for this name got no answer."""
        return host.lower() in self._silent


def no_way(error: BaseException) -> bool:
    """Whether a connection failed because this machine has no way out, by the causes that Twisted names."""
    causes: list[BaseException] = [error]
    for _ in range(20):
        if not causes:
            return False
        one = causes.pop()
        number = getattr(one, "osError", None) or getattr(one, "errno", None)
        if number in _NO_WAY:
            return True
        causes.extend(cause for cause in (one.__cause__,) if cause)
        causes.extend(failure.value for failure in getattr(one, "reasons", None) or ())
    return False


class Network:
    """What was heard of the network in this crawl. Times are of a clock that only goes forward."""

    def __init__(self, witnesses: int = WITNESSES) -> None:
        self._needed = witnesses
        self._witnesses: set[str] = set()
        self._heard: float | None = None
        self._lost: float | None = None
        self.reason = ""
        self.was_lost = False

    def heard(self, address: Any, now: float) -> None:
        """An answer came from this address."""
        if address is not None and ipaddress.ip_address(str(address)).is_global:
            self._heard, self._lost = now, None
            self._witnesses.clear()

    def lost(self, reason: str, outlet: str, now: float) -> bool:
        """Something of an outlet failed that speaks against it: whether that counts against the outlet no more."""
        if self._heard is not None and now - self._heard < HEARD:
            return False
        self.reason = f"{OFFLINE}{reason}"
        self._witnesses.add(outlet)
        if len(self._witnesses) >= self._needed:
            self._lost, self.was_lost = now, True
        return True

    def gone(self, now: float) -> bool:
        """Whether there is no use in asking anything now."""
        return self._lost is not None and now - self._lost < PAUSE
