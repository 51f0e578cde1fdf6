"""Failed requests that the resolver or the state of this machine's network explains."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import CannotResolveHostError

from harvester.ingest.offline import RETRY_SECONDS
from harvester.model import Outcome
from harvester.schedule.times import add_seconds
from spiders.network import (
    REASON_NO_DNS,
    REASON_NO_ROUTE,
    NetworkMonitor,
    is_no_route_error,
)
from spiders.request_context import get_context
from spiders.responses import NotFetchedError
from spiders.system_clock import utc_now_iso


def classify_network_error(
    network: NetworkMonitor, error: Exception, request: Request
) -> Exception:
    """The error itself, or in its place that this machine is offline."""
    no_dns = isinstance(
        error, CannotResolveHostError
    ) and _resolver().name_lookup.is_unanswered(urlsplit(request.url).hostname or "")
    if not no_dns and not is_no_route_error(error):
        return error
    reason = REASON_NO_DNS if no_dns else REASON_NO_ROUTE
    # robots.txt is fetched for no outlet: then the site stands for one.
    outlet = get_context(request).outlet or request.meta["download_slot"]
    if not network.record_failure(reason, outlet, time.monotonic()):
        return error
    return NotFetchedError(
        Outcome.WAITING,
        network.offline_reason,
        add_seconds(utc_now_iso(), RETRY_SECONDS),
    )


def refused_address(url: str) -> str:
    """The private address for which this URL's host was refused, "" if it was not."""
    return str(_resolver().refused_address(urlsplit(url).hostname or ""))


def _resolver() -> Any:
    """The ``GuardedResolver``; imported late, because it installs the reactor."""
    from twisted.internet import reactor

    return reactor.nameResolver
