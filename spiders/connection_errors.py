"""Why there is no answer, as far as the resolver and the network of this machine can tell."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.exceptions import CannotResolveHostError

from harvester.ingest.offline import AGAIN
from harvester.model import Outcome
from harvester.schedule.times import later
from spiders.network import NO_NAMES, NO_WAY, Network, no_way
from spiders.politeness import clock
from spiders.responses import Unfetched

if TYPE_CHECKING:
    from scrapy import Request


def unless_offline(network: Network, error: Exception, request: Request) -> Exception:
    """Why there is no answer; where the network is gone, that."""
    from twisted.internet import reactor

    names: Any = reactor.nameResolver
    unnamed = isinstance(error, CannotResolveHostError) and names.names.silent(
        urlsplit(request.url).hostname or ""
    )
    if not unnamed and not no_way(error):
        return error
    witness = (
        request.meta.get("outlet")
        or request.meta.get("for_outlet")
        or request.meta["download_slot"]
    )
    if not network.lost(NO_NAMES if unnamed else NO_WAY, witness, time.monotonic()):
        return error
    return Unfetched(Outcome.WAITING, network.reason, later(clock(), AGAIN))


def refused(url: str) -> str:
    """The private address for which a connection to this host was refused, "" if it was not."""
    from twisted.internet import reactor

    names: Any = reactor.nameResolver
    return str(names.refused(urlsplit(url).hostname or ""))
