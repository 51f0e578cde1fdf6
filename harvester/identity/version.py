"""What a look at an article means for its versions and its state. Pure: the old state, the new and the time in, a decision out.

A *wording* is title and text, normalised (``identity.wording``). Equal wordings are one version, whenever they stood there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from harvester.model import State

MANY, FEW = (
    4,
    0.1,
)  # four others are gone, and of ten not more than one stands: the outlet is down
DIFFERENT = 0.5  # two texts that share less than half of their three-word shingles are not one article


@dataclass(frozen=True, slots=True)
class Held:
    """A version as held: its row, and its wording as read by today's extractor and rules."""

    id: int
    wording: str
    title: str
    source: Literal["page", "feed"] = "page"


@dataclass(frozen=True, slots=True)
class Decision:
    """``same``: nothing new; ``reread``: the same article, now read from the page itself; ``ignored``: the feed's text where
    the page's is held; else an edit, seen for the first time (``to`` None) or an earlier wording come back (its row)."""

    kind: Literal["same", "reread", "ignored", "edited", "headline"]
    to: int | None = None


def decide(
    held: Sequence[Held],
    current: int,
    wording: str,
    title: str,
    text_equal: bool,
    source: Literal["page", "feed"],
) -> Decision:
    """Compare a new reading with the versions held; ``current`` is the row of the one that stood there last.

    The page's text and the feed's are two readings of one thing, so going over from one to the other is no edit.
    """
    now = next(version for version in held if version.id == current)
    if wording == now.wording:
        return Decision("same")
    if now.source != source:
        return Decision("reread" if source == "page" else "ignored")
    earlier = next((version.id for version in held if version.wording == wording), None)
    return Decision("headline" if text_equal else "edited", earlier)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an article stands where it stood: its state, and the misses that led there."""

    state: State
    misses: int = 0
    missed: str | None = None


def missed(
    standing: Standing, now: str, earliest: str | None, looks: int, held: bool = False
) -> Standing:
    """After a look that found it gone. ``earliest`` is when the next miss counts, ``looks`` how many make a removal; ``held``:
    nothing is removed now, because all is missing (``all_missing``)."""
    if standing.state is State.REMOVED:
        return standing
    if earliest is not None and now < earliest:
        return standing
    misses = standing.misses + 1
    removed = misses >= looks and not held
    return Standing(State.REMOVED if removed else State.SUSPECT, misses, now)


def all_missing(stood: int, gone: int) -> bool:
    """Whether an outlet is down, and removes nothing: of its other articles looked at last, so many stood there, so many were gone."""
    return gone >= MANY and stood <= FEW * (stood + gone)


def found(standing: Standing) -> Standing:
    """After a look that found it standing there."""
    return Standing(
        State.RETURNED
        if standing.state in (State.REMOVED, State.RETURNED)
        else State.LIVE
    )


FIELDS = (
    "authors",
    "published",
    "modified",
    "language",
    "sections",
    "tags",
    "image",
    "description",
)


def fields_changed(
    before: Mapping[str, object], after: Mapping[str, object]
) -> dict[str, list[object]]:
    """The fields beside title and text that differ: name → [before, after]. A field that one reading lacks is no change:
    outlets drop and add markup, and silence is not a statement."""
    return {
        name: [before[name], after[name]]
        for name in FIELDS
        if before.get(name) != after.get(name) and before.get(name) and after.get(name)
    }
