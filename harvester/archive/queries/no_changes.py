"""Why a filter chooses no changes: the parts without any of which it chooses some.

Asked only after a list that was empty; bounded by ``MAX_PARTS`` lists.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from harvester.archive.queries import no_matches
from harvester.archive.queries.changes import ChangeFilter, list_changes
from harvester.query.tree import Node, list_conjuncts, without

MAX_PARTS = 10


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was tried."""

    blocking: tuple[Node | str, ...]  # parts of the query, and fields of the filter
    proposals: dict[str, tuple[str, ...]]  # word that no version has → words some have


def explain(
    connection: sqlite3.Connection, chosen: ChangeFilter, now: str
) -> Explanation:
    """Why a filter chooses nothing."""
    blocking = [
        part
        for part, rest in list(_leave_out(chosen))[:MAX_PARTS]
        if list_changes(connection, rest, now, 1)
    ]
    proposals = {}
    if chosen.query is not None:
        proposals = no_matches.propose_words(connection, chosen.query)
    return Explanation(tuple(blocking), proposals)


def _leave_out(chosen: ChangeFilter) -> Iterator[tuple[Node | str, ChangeFilter]]:
    """The filter without one of its parts, for each of them."""
    if chosen.query is not None:
        wanted, unwanted = list_conjuncts(chosen.query)
        for part in wanted + unwanted:
            yield part, replace(chosen, query=without(chosen.query, part))
    everything = ChangeFilter()
    for name in ("kinds", "outlets", "classes", "silent", "since", "until"):
        default: Any = getattr(everything, name)
        if getattr(chosen, name) != default:
            yield name, replace(chosen, **{name: default})
