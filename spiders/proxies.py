"""Proxies of the settings: which one a request goes through, and what it may ask of it.

The proxy connects, so ``address_guard`` sees the proxy's address only. What can be known
here is refused here: a target that is a private address, or a name that resolves to one
on this machine. A name that only the proxy resolves is the proxy's own affair.
"""

from __future__ import annotations

import asyncio
import base64
import socket
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import (  # type: ignore[attr-defined]
    getproxies_environment,
    proxy_bypass_environment,
)

from cachetools import TTLCache
from scrapy import Request

from harvester.model import Outcome
from harvester.settings import Settings
from spiders.address_guard import AddressPolicy, refusal_reason
from spiders.responses import NotFetchedError

FROM_ENVIRONMENT = "environment"
RESOLVED_SECONDS = 60.0
MAX_RESOLVED_NAMES = 10_000


def proxy_for(settings: Settings, outlet: str, url: str) -> str:
    """The proxy's URL for a request of an outlet; "" if it goes without.

    ``outlet``: "" for requests of none.
    """
    proxy = settings.proxy
    if outlet in settings.outlets:
        proxy = settings.outlets[outlet].proxy
    if proxy != FROM_ENVIRONMENT:
        return proxy
    parts, proxies = urlsplit(url), getproxies_environment()
    if parts.hostname and proxy_bypass_environment(parts.hostname, proxies):
        return ""
    return proxies.get(parts.scheme) or proxies.get("all") or ""


def apply_proxy(settings: Settings, request: Request, outlet: str) -> None:
    """Send a request through its proxy, if it has one."""
    request.meta.pop("proxy", None)
    request.headers.pop("Proxy-Authorization", None)
    proxy = proxy_for(settings, outlet, request.url)
    if not proxy:
        return
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    login, _, netloc = parts.netloc.rpartition("@")
    request.meta["proxy"] = urlunsplit(parts._replace(netloc=netloc))
    if login:
        credentials = base64.b64encode(unquote(login).encode()).decode()
        request.headers["Proxy-Authorization"] = f"Basic {credentials}"


def proxy_addresses(settings: Settings) -> frozenset[tuple[str, int]]:
    """Host and port of each proxy of the settings: they may be connected to."""
    stated = {settings.proxy, *(outlet.proxy for outlet in settings.outlets.values())}
    if FROM_ENVIRONMENT in stated:
        stated |= set(getproxies_environment().values())
    addresses = set()
    for proxy in stated - {"", FROM_ENVIRONMENT}:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        if parts.hostname:
            addresses.add((parts.hostname, parts.port or 80))
    return frozenset(addresses)


class TargetPolicy:
    """Refuses what a proxy must not be asked for."""

    def __init__(self, settings: Settings) -> None:
        self._address_policy = AddressPolicy(settings.allow_networks)
        self._proxies = proxy_addresses(settings)
        self._refused: TTLCache[str, str] = TTLCache(
            MAX_RESOLVED_NAMES, RESOLVED_SECONDS
        )

    async def check(self, request: Request) -> None:
        """Raise NotFetchedError where a request must not be sent."""
        if not self._proxies:
            return
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if (host, port) in self._proxies:
            raise NotFetchedError(Outcome.REFUSED, "it is the address of a proxy")
        if "proxy" in request.meta and (refused := await self._refused_address(host)):
            raise NotFetchedError(Outcome.REFUSED, refusal_reason(refused))

    async def _refused_address(self, host: str) -> str:
        """An address of a host that may not be connected to; "" if none is known."""
        if host not in self._refused:
            self._refused[host] = await self._find_refused_address(host)
        return str(self._refused[host])

    async def _find_refused_address(self, host: str) -> str:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return ""  # only the proxy can resolve it
        addresses = (str(entry[4][0]) for entry in found)
        return next(
            (one for one in addresses if not self._address_policy.is_allowed(one)), ""
        )
