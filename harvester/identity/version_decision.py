"""What a check of an article means for its versions and its state. Pure.

A *wording* is title and text, normalised (``identity.wording``). Equal wordings are one
version, whenever they were online.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from harvester.identity import url_sessions, wording
from harvester.model import ArticleState

# An outlet is down if four other articles are gone and at most one of ten is online.
OUTAGE_MIN_GONE = 4
OUTAGE_MAX_ONLINE_SHARE = 0.1
# Share of 3-word shingles in common; texts with less are not one article.
MIN_SAME_ARTICLE_SIMILARITY = 0.5


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version in the archive, its wording as read by today's extractor and rules."""

    id: int
    wording_digest: str
    title: str
    source: Literal["page", "feed"] = "page"


@dataclass(frozen=True, slots=True)
class VersionDecision:
    """The decision on a new reading.

    - ``same``: nothing new;
    - ``reread``: the same version, now read from the page instead of the feed;
    - ``ignored``: the feed's text while the current version is the page's;
    - ``edited``, ``headline``: an edit, to a new version (``version_id`` None) or back
      to an earlier one.
    """

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
    """Compare a new reading with the stored versions.

    The page's text and the feed's are two readings of one version, so that a change
    from one to the other is not an edit.
    """
    current = next(version for version in stored if version.id == current_id)
    if wording_digest == current.wording_digest:
        return VersionDecision("same")
    if current.source != source:
        return VersionDecision("reread" if source == "page" else "ignored")
    earlier = next(
        (version.id for version in stored if version.wording_digest == wording_digest),
        None,
    )
    return VersionDecision("headline" if text_equal else "edited", earlier)


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether an article is online: its state, and the misses that led to it."""

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
    """The availability after a check that found the article gone.

    A miss before ``earliest_miss`` does not count; ``required_misses`` make a removal,
    but not during an outage (``is_outage``).
    """
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
    """Whether an outlet is down, by the last checks of its other articles."""
    return gone >= OUTAGE_MIN_GONE and online <= OUTAGE_MAX_ONLINE_SHARE * (
        online + gone
    )


def after_sighting(availability: Availability) -> Availability:
    """The availability after a check that found the article online."""
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
    """The fields beside title and text that differ: name → [before, after].

    A field that one reading lacks is not a change: outlets drop and add markup. Nor is
    what a page makes anew for each visit: a token in an image's URL, a count of views.
    """
    return {
        name: [before[name], after[name]]
        for name in COMPARED_FIELDS
        if before.get(name)
        and after.get(name)
        and before[name] != after[name]
        and _field_key(name, before[name]) != _field_key(name, after[name])
    }


def _field_key(name: str, stated: object) -> object:
    """A field in the form in which it is compared."""
    if name == "image":
        return url_sessions.without_visit(str(stated)) or stated
    if name == "description":
        return wording.headline_key(wording.normalise_text(str(stated))) or stated
    return stated
