"""What a look at an article means for its versions and its state. Pure: the old state, the new and the time in, a decision out.

A *wording* is title and text, normalised (``identity.wording``). Equal wordings are one version, whenever they stood there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from harvester.model import ArticleState

OUTAGE_MIN_GONE, OUTAGE_MAX_ONLINE_SHARE = (
    4,
    0.1,
)  # four others are gone, and of ten not more than one stands: the outlet is down
MIN_SAME_ARTICLE_SIMILARITY = 0.5  # two texts that share less than half of their three-word shingles are not one article


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version as held: its row, and its wording as read by today's extractor and rules."""

    id: int
    wording_digest: str
    title: str
    source: Literal["page", "feed"] = "page"


@dataclass(frozen=True, slots=True)
class VersionDecision:
    """``same``: nothing new; ``reread``: the same article, now read from the page itself; ``ignored``: the feed's text where
    the page's is held; else an edit, seen for the first time (``to`` None) or an earlier wording come back (its row)."""

    kind: Literal["same", "reread", "ignored", "edited", "headline"]
    version_id: int | None = None


def decide_version(
    stored: Sequence[StoredVersion],
    current_id: int,
    wording_digest: str,
    title: str,
    text_equal: bool,
    source: Literal["page", "feed"],
) -> VersionDecision:
    """Compare a new reading with the versions held; ``current`` is the row of the one that stood there last.

    The page's text and the feed's are two readings of one thing, so going over from one to the other is no edit.
    """
    now = next(version for version in stored if version.id == current_id)
    if wording_digest == now.wording_digest:
        return VersionDecision("same")
    if now.source != source:
        return VersionDecision("reread" if source == "page" else "ignored")
    earlier = next(
        (version.id for version in stored if version.wording_digest == wording_digest),
        None,
    )
    return VersionDecision("headline" if text_equal else "edited", earlier)


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether an article stands where it stood: its state, and the misses that led there."""

    state: ArticleState
    misses: int = 0
    missed_at: str | None = None


def after_miss(
    availability: Availability,
    now: str,
    earliest_miss: str | None,
    required_misses: int,
    outage: bool = False,
) -> Availability:
    """After a look that found it gone. ``earliest`` is when the next miss counts, ``looks`` how many make a removal; ``held``:
    nothing is removed now, because all is missing (``all_missing``)."""
    if availability.state is ArticleState.REMOVED:
        return availability
    if earliest_miss is not None and now < earliest_miss:
        return availability
    misses = availability.misses + 1
    removed = misses >= required_misses and not outage
    return Availability(
        ArticleState.REMOVED if removed else ArticleState.SUSPECT, misses, now
    )


def is_outage(online: int, gone: int) -> bool:
    """Whether an outlet is down, and removes nothing: of its other articles looked at last, so many stood there, so many were gone."""
    return gone >= OUTAGE_MIN_GONE and online <= OUTAGE_MAX_ONLINE_SHARE * (
        online + gone
    )


def after_sighting(availability: Availability) -> Availability:
    """After a look that found it standing there."""
    return Availability(
        ArticleState.RETURNED
        if availability.state in (ArticleState.REMOVED, ArticleState.RETURNED)
        else ArticleState.LIVE
    )


COMPARED_FIELDS = (
    "authors",
    "published",
    "modified",
    "language",
    "sections",
    "tags",
    "image",
    "description",
)


def changed_fields(
    before: Mapping[str, object], after: Mapping[str, object]
) -> dict[str, list[object]]:
    """The fields beside title and text that differ: name → [before, after]. A field that one reading lacks is no change:
    outlets drop and add markup, and silence is not a statement."""
    return {
        name: [before[name], after[name]]
        for name in COMPARED_FIELDS
        if before.get(name) != after.get(name) and before.get(name) and after.get(name)
    }
