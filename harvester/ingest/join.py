"""Articles that turn out to be one later: what the address of a look says, how they are joined, and what is told of it.

Not for: which article a new page is (``addresses``), nor for undoing it (``parting``).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harvester.archive.merging import timeline
from harvester.archive.records import addresses, articles, changes, joins
from harvester.identity import change, significant_lines, version, wording
from harvester.ingest import edits
from harvester.ingest.identify import CLAIMS, named, reads_like
from harvester.model import Extract, Outcome

if TYPE_CHECKING:
    from harvester.archive.merging.timeline import Step
    from harvester.ingest.keeper import Keeper
    from harvester.ingest.pages import Page


@dataclass(frozen=True, slots=True)
class Moved:
    """What the address of a look says. ``twin``: another article that it is one with, and ``why``."""

    outcome: Outcome
    reason: str
    twin: str = ""
    why: str = ""


def at_look(
    keeper: Keeper, page: Page, row: sqlite3.Row, extract: Extract
) -> Moved | None:
    """Whether the address that a look reached is another article's, and that article this one; None: nothing of the kind."""
    connection, key = keeper.connection, row["key"]
    here = next((one for one in named(keeper, page, extract) if one.stood), None)
    owner = addresses.at(connection, here.address) if here is not None else None
    if (
        page.capture.hops
        and here is not None
        and (owner is None or owner["article"] != key)
    ):
        if owner is None or owner["kind"] == "shared" or not owner["stood"]:
            if not reads_like(connection, key, extract):
                return Moved(
                    Outcome.GONE, "redirects to another page, with other words"
                )
        elif _are_one(connection, key, owner["article"], extract):
            return Moved(
                Outcome.UNCHANGED,
                f"is one with {owner['article']}",
                owner["article"],
                f"redirects to {here.url}",
            )
        else:
            return Moved(
                Outcome.GONE, f"redirects to another article, {owner['article']}"
            )
    return _twin(keeper, page, row, extract)


def _twin(
    keeper: Keeper, page: Page, row: sqlite3.Row, extract: Extract
) -> Moved | None:
    """Another article that this page says it is, or that stands at another form of its address, with the same words."""
    connection, key = keeper.connection, row["key"]
    places = named(keeper, page, extract)
    rows = addresses.held(connection, [one.address for one in places])
    found = [
        (rows[one.address]["article"], f"names {one.url} as its {one.kind} address")
        for one in places
        if one.kind in CLAIMS and one.address in rows
    ]
    for place in places:
        if place.stood:
            found += [
                (one["article"], f"stands at another form of {one['url']}")
                for one in addresses.kin(connection, row["outlet"], place)
            ]
    tried = {key}
    for other, why in found:
        if other not in tried and _are_one(connection, key, other, extract):
            return Moved(Outcome.UNCHANGED, f"is one with {other}", str(other), why)
        tried.add(other)
    return None


def _are_one(
    connection: sqlite3.Connection, key: str, other: str, extract: Extract
) -> bool:
    return (
        not addresses.are_apart(connection, key, other)
        and reads_like(connection, other, extract)
        and reads_like(connection, key, extract)
    )


def join(keeper: Keeper, key: str, moved: Moved, now: str) -> None:
    """Make an article one with its twin; what differs between wordings that are neighbours now is told."""
    _, steps = joins.join(keeper.connection, key, moved.twin, moved.why, now)
    compare(keeper.connection, steps, now)


def compare(connection: sqlite3.Connection, steps: list[Step], now: str) -> None:
    """Record what differs between neighbours that nobody has compared yet; where nothing does that counts, they are one."""
    same: dict[str, tuple[int, int]] = {}
    for step in steps:
        rows = {row["id"]: row for row in articles.versions(connection, step.article)}
        one, other = rows[step.before], rows[step.after]
        if significant_lines.same(edits.reading(one), edits.reading(other)):
            stays, goes = sorted(
                (one, other), key=lambda row: (row["first_seen"], row["sha256"])
            )
            same.setdefault(step.article, (stays["id"], goes["id"]))
    for step in steps:
        if step.article not in same:
            _tell(connection, step)
    if (
        same
    ):  # one pair of an article at a time: what is left to compare follows from it
        joins.one_version(connection, list(same.values()), now)
        timeline.touch(connection, same)
        compare(connection, timeline.settle(connection), now)


def _tell(connection: sqlite3.Connection, step: Step) -> None:
    rows = {row["id"]: row for row in articles.versions(connection, step.article)}
    before, after = rows[step.before], rows[step.after]
    fields = version.fields_changed(articles.fields(before), articles.fields(after))
    if wording.normalise(before["title"]) != wording.normalise(after["title"]):
        fields = {"title": [before["title"], after["title"]], **fields}
    texts = significant_lines.counting(edits.reading(before), edits.reading(after))
    kind = (
        "headline"
        if significant_lines.same_text(edits.reading(before), edits.reading(after))
        else "edited"
    )
    number = articles.add_change(
        connection,
        step.article,
        kind,
        step.before,
        step.after,
        fields,
        edits.sentences(*texts),
        step.back,
        step.at,
    )
    judged = change.judge(
        change.Text(before["title"], texts[0], before["published"], before["modified"]),
        change.Text(after["title"], texts[1], after["published"], after["modified"]),
    )
    changes.set_judgement(connection, number, judged.kind, judged.size, judged.admitted)
    outlet, note = (
        addresses.outlet_of(connection, step.article),
        "an earlier wording came back" if step.back else "",
    )
    kind = "back" if step.back else kind
    articles.add_event(
        connection, kind, outlet, step.at, note, article=step.article, change=number
    )
