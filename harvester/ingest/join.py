"""Articles that turn out to be one later: what the address of a look says, how they are joined, and what is told of it.

Not for: which article a new page is (``addresses``), nor for undoing it (``parting``).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harvester.archive.merging import joins, timeline
from harvester.archive.records import addresses, articles, changes
from harvester.identity import change, significant_lines, version, wording
from harvester.ingest import edits
from harvester.ingest.identify import CLAIMED_KINDS, matches_article, page_addresses
from harvester.model import Extract, Outcome

if TYPE_CHECKING:
    from harvester.archive.merging.timeline import Transition
    from harvester.ingest.keeper import Keeper
    from harvester.ingest.pages import FetchedPage


@dataclass(frozen=True, slots=True)
class AddressCheck:
    """What the address of a look says. ``twin``: another article that it is one with, and ``why``."""

    outcome: Outcome
    reason: str
    other_key: str = ""
    join_reason: str = ""


def check_address(
    keeper: Keeper, page: FetchedPage, row: sqlite3.Row, extract: Extract
) -> AddressCheck | None:
    """Whether the address that a look reached is another article's, and that article this one; None: nothing of the kind."""
    connection, key = keeper.connection, row["key"]
    here = next(
        (one for one in page_addresses(keeper, page, extract) if one.stood), None
    )
    owner = (
        addresses.get_address(connection, here.address) if here is not None else None
    )
    if (
        page.capture.redirects
        and here is not None
        and (owner is None or owner["article"] != key)
    ):
        if owner is None or owner["kind"] == "shared" or not owner["stood"]:
            if not matches_article(connection, key, extract):
                return AddressCheck(
                    Outcome.GONE, "redirects to another page, with other words"
                )
        elif _is_same_article(connection, key, owner["article"], extract):
            return AddressCheck(
                Outcome.UNCHANGED,
                f"is one with {owner['article']}",
                owner["article"],
                f"redirects to {here.url}",
            )
        else:
            return AddressCheck(
                Outcome.GONE, f"redirects to another article, {owner['article']}"
            )
    return _find_same_article(keeper, page, row, extract)


def _find_same_article(
    keeper: Keeper, page: FetchedPage, row: sqlite3.Row, extract: Extract
) -> AddressCheck | None:
    """Another article that this page says it is, or that stands at another form of its address, with the same words."""
    connection, key = keeper.connection, row["key"]
    places = page_addresses(keeper, page, extract)
    rows = addresses.get_addresses(connection, [one.address for one in places])
    found = [
        (rows[one.address]["article"], f"names {one.url} as its {one.kind} address")
        for one in places
        if one.kind in CLAIMED_KINDS and one.address in rows
    ]
    for place in places:
        if place.stood:
            found += [
                (one["article"], f"stands at another form of {one['url']}")
                for one in addresses.list_related_addresses(
                    connection, row["outlet"], place
                )
            ]
    tried = {key}
    for other, why in found:
        if other not in tried and _is_same_article(connection, key, other, extract):
            return AddressCheck(
                Outcome.UNCHANGED, f"is one with {other}", str(other), why
            )
        tried.add(other)
    return None


def _is_same_article(
    connection: sqlite3.Connection, key: str, other: str, extract: Extract
) -> bool:
    return (
        not addresses.are_marked_distinct(connection, key, other)
        and matches_article(connection, other, extract)
        and matches_article(connection, key, extract)
    )


def join_articles(
    keeper: Keeper, key: str, address_check: AddressCheck, now: str
) -> None:
    """Make an article one with its twin; what differs between wordings that are neighbours now is told."""
    _, steps = joins.merge_articles(
        keeper.connection, key, address_check.other_key, address_check.join_reason, now
    )
    compare_neighbours(keeper.connection, steps, now)


def compare_neighbours(
    connection: sqlite3.Connection, steps: list[Transition], now: str
) -> None:
    """Record what differs between neighbours that nobody has compared yet; where nothing does that counts, they are one."""
    same: dict[str, tuple[int, int]] = {}
    for step in steps:
        rows = {
            row["id"]: row for row in articles.list_versions(connection, step.article)
        }
        one, other = rows[step.before_id], rows[step.after_id]
        if significant_lines.is_same_wording(
            edits.reading_of_version(one), edits.reading_of_version(other)
        ):
            stays, goes = sorted(
                (one, other), key=lambda row: (row["first_seen"], row["sha256"])
            )
            same.setdefault(step.article, (stays["id"], goes["id"]))
    for step in steps:
        if step.article not in same:
            _record_change(connection, step)
    if (
        same
    ):  # one pair of an article at a time: what is left to compare follows from it
        joins.merge_equal_versions(connection, list(same.values()), now)
        timeline.select_articles(connection, same)
        compare_neighbours(connection, timeline.rebuild_timelines(connection), now)


def _record_change(connection: sqlite3.Connection, step: Transition) -> None:
    rows = {row["id"]: row for row in articles.list_versions(connection, step.article)}
    before, after = rows[step.before_id], rows[step.after_id]
    fields = version.changed_fields(
        articles.parse_version_fields(before), articles.parse_version_fields(after)
    )
    if wording.normalise_text(before["title"]) != wording.normalise_text(
        after["title"]
    ):
        fields = {"title": [before["title"], after["title"]], **fields}
    texts = significant_lines.significant_lines(
        edits.reading_of_version(before), edits.reading_of_version(after)
    )
    kind = (
        "headline"
        if significant_lines.is_same_text(
            edits.reading_of_version(before), edits.reading_of_version(after)
        )
        else "edited"
    )
    number = articles.add_change(
        connection,
        step.article,
        kind,
        step.before_id,
        step.after_id,
        fields,
        edits.sentence_changes(*texts),
        step.is_revert,
        step.at,
    )
    judged = change.classify_change(
        change.VersionText(
            before["title"], texts[0], before["published"], before["modified"]
        ),
        change.VersionText(
            after["title"], texts[1], after["published"], after["modified"]
        ),
    )
    changes.update_classification(
        connection, number, judged.change_class, judged.size, judged.acknowledgement
    )
    outlet, note = (
        addresses.get_article_outlet(connection, step.article),
        "an earlier wording came back" if step.is_revert else "",
    )
    kind = "back" if step.is_revert else kind
    articles.add_event(
        connection,
        kind,
        outlet,
        step.at,
        note,
        article_key=step.article,
        change_id=number,
    )
