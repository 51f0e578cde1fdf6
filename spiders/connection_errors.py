"""Why there is no answer, as far as the resolver and the network of this machine can tell."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

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
from spiders.politeness import utc_now_iso
from spiders.responses import NotFetchedError

if TYPE_CHECKING:
    from scrapy import Request


def classify_network_error(
    network: NetworkMonitor, error: Exception, request: Request
) -> Exception:
    """Why there is no answer; where the network is gone, that."""
    from twisted.internet import reactor

    names: Any = reactor.nameResolver
    unnamed = isinstance(error, CannotResolveHostError) and names.name_lookup.is_unanswered(
        urlsplit(request.url).hostname or ""
    )
    if not unnamed and not is_no_route_error(error):
        return error
    witness = (
        request.meta.get("outlet")
        or request.meta.get("for_outlet")
        or request.meta["download_slot"]
    )
    if not network.record_failure(
        REASON_NO_DNS if unnamed else REASON_NO_ROUTE, witness, time.monotonic()
    ):
        return error
    return NotFetchedError(
        Outcome.WAITING,
        network.offline_reason,
        add_seconds(utc_now_iso(), RETRY_SECONDS),
    )


def refused_address(url: str) -> str:
    """The private address for which a connection to this host was refused, "" if it was not."""
    from twisted.internet import reactor

    names: Any = reactor.nameResolver
    return str(names.refused_address(urlsplit(url).hostname or ""))
