"""Feeds that are dead, and what was found in their place."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harvester.archive.records.feeds import GONE_POLLS


@dataclass(frozen=True, slots=True)
class DeadFeed:
    """A feed that is gone, shows a page, or whose host is gone, for days."""

    url: str
    outlet: str
    home: str  # "": not known


def get_dead_feed(
    connection: sqlite3.Connection, failed_before: str, searched_before: str
) -> DeadFeed | None:
    """The dead feed whose site was not searched for longest; None: none is due.

    ``failed_before``: it has failed since then at least.
    """
    row = connection.execute(
        """
        select f.url, f.outlet, o.home from feeds f
        join outlets o on o.key = f.outlet
        where f.active and o.active and f.parent = '' and f.failures > 0
            and f.kind <> 'wordpress'
            and coalesce(f.searched, '') < :searched_before
            and (f.gone_polls >= :gone_polls
                or (f.since < :failed_before
                    and coalesce(f.read_at, '') < :failed_before
                    and (f.outcome = 'gone' or f.reason like 'HTML instead%'
                        or f.reason like '%the host name does not resolve%')))
        order by coalesce(f.searched, ''), f.since limit 1
        """,
        {
            "failed_before": failed_before,
            "searched_before": searched_before,
            "gone_polls": GONE_POLLS,
        },
    ).fetchone()
    return DeadFeed(*row) if row else None


def list_known_addresses(
    connection: sqlite3.Connection, outlet: str, addresses: Sequence[str]
) -> list[str]:
    """Which of these addresses are of articles of an outlet."""
    rows = connection.execute(
        """
        select u.address from json_each(:addresses) j
        join urls u on u.address = j.value
        join articles a on a.key = u.article
        where a.outlet = :outlet
        """,
        {"addresses": json.dumps(addresses), "outlet": outlet},
    )
    return [str(row[0]) for row in rows]


def record_search(
    connection: sqlite3.Connection, url: str, proposal: Mapping[str, object], now: str
) -> None:
    """Record that a dead feed's site was searched, and what was found; {}: nothing."""
    connection.execute(
        "update feeds set searched = ?, proposal = ? where url = ?",
        [now, json.dumps(proposal, ensure_ascii=False), url],
    )
