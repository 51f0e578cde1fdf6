"""What hosts reserve by robots.txt and tdmrep.json, for each response that is stored.

Parsed once a host and crawl, as responses come by the thousand. What such files mean is
in ``parse.metadata.reservations``; they are fetched by the spiders.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from cachetools import LRUCache

from harvester.archive.records import hosts
from harvester.model import Capture
from harvester.parse.metadata.reservations import (
    TdmRule,
    describe_host,
    describe_reserved,
    find_rule,
    parse_tdmrep,
    robots_signals,
)
from harvester.settings import Settings

MAX_TDMREP_BYTES = 500 * 1024  # as much as of robots.txt
MAX_HOSTS = 1_000
_PRODUCT_TOKEN = re.compile(r"[a-z_-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HostFiles:
    """What the files of a host say."""

    rules: tuple[TdmRule, ...] = ()
    signals: tuple[str, ...] = ()


class HostReservations:
    """Reservations of all hosts met in a crawl."""

    def __init__(self, connection: sqlite3.Connection, settings: Settings) -> None:
        self._connection = connection
        self._settings = settings
        # By origin, and for each User-Agent.
        self._hosts: LRUCache[str, dict[str, HostFiles]] = LRUCache(MAX_HOSTS)

    def describe(self, url: str, directives: Iterable[str], outlet: str) -> str:
        """What is reserved for a response, in words; "" if nothing.

        ``directives``: what its headers, and its page if it was read, state. ``outlet``:
        as whom it was asked for; "" for a file of a site.
        """
        user_agent = self._settings.user_agent_of(outlet)
        files = self._get_files(_origin(url), user_agent)
        rule = find_rule(files.rules, url) if files.rules else None
        return describe_reserved(directives, rule, files.signals)

    def update(self, origin: str) -> None:
        """Read the files of a host anew: one of them was stored.

        What is recorded of the host is what it tells the User-Agent of all outlets.
        """
        self._hosts.pop(origin, None)
        files = self._get_files(origin, self._settings.user_agent)
        reserved = describe_host(files.rules, files.signals)
        hosts.update_host_reserved(self._connection, origin, reserved)

    def _get_files(self, origin: str, user_agent: str) -> HostFiles:
        by_agent = self._hosts.get(origin)
        if by_agent is None:
            by_agent = self._hosts[origin] = {}
        if user_agent not in by_agent:
            stored = hosts.get_host_files(self._connection, origin)
            robots, tdmrep = stored or ("", "")
            by_agent[user_agent] = HostFiles(
                parse_tdmrep(tdmrep, origin) or (),
                robots_signals(robots, _product_token(user_agent)),
            )
        return by_agent[user_agent]


def tdmrep_text(capture: Capture) -> str:
    """The text of a tdmrep.json; "" for anything else."""
    text = capture.body[:MAX_TDMREP_BYTES].decode("utf-8-sig", "replace")
    return text if parse_tdmrep(text, "") is not None else ""


def _product_token(user_agent: str) -> str:
    match = _PRODUCT_TOKEN.match(user_agent.strip())
    return match[0].lower() if match else "harvester"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
