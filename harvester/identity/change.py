"""What a change is: its class, its size, and whether the outlet admitted it. Pure. The rules in words: ``docs/changes.md``.

Not for: which sentences differ (``diff``), nor whether they do at all (``wording``, ``counting``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from harvester.identity import editorial_notes, spelling
from harvester.identity.alignment import differing
from harvester.identity.diff import Region, regions
from harvester.identity.wording import key

Class = Literal[
    "correction", "substantive", "headline", "typo", "date line", "cosmetic"
]
CLASSES: tuple[Class, ...] = (
    "correction",
    "substantive",
    "headline",
    "typo",
    "date line",
    "cosmetic",
)  # what counts most first
DATES = frozenset(("published", "modified"))


@dataclass(frozen=True, slots=True)
class Text:
    """One of the two wordings, with the times that it states (as ``Extract.published``)."""

    title: str
    text: str
    published: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a change is. ``size``: words touched; ``admitted``: "modified", "note", "line", or "": silent."""

    kind: Class
    size: int
    admitted: Literal["", "modified", "note", "line"]

    @property
    def silent(self) -> bool:
        """Whether the outlet did not say that it changed something."""
        return not self.admitted


@dataclass(slots=True)
class _Found:
    """What was found so far."""

    classes: set[Class] = field(default_factory=set)
    size: int = 0
    noted: bool = False
    updated: bool = False

    def add(self, kind: Class, size: int = 0) -> None:
        self.classes.add(kind)
        self.size += size


def judge(
    before: Text, after: Text, fields: Mapping[str, object] | None = None
) -> Judgement:
    """Judge a change. ``fields``: the other fields that changed, by name."""
    found = _Found()
    _judge_title(before.title, after.title, found)
    places, moved = regions(before.text, after.text)
    if moved:
        found.add("cosmetic")
    used = _used(before.text, after.text, places) if places else frozenset()
    earlier = {one for place in places for one in place.old_keys}
    for place in places:
        _judge_place(place, used, earlier, found)
    if not found.classes and fields and set(fields) <= DATES:
        found.add("date line")
    kind: Class = next((one for one in CLASSES if one in found.classes), "cosmetic")
    return Judgement(kind, found.size, _admitted(before, after, found))


def _admitted(
    before: Text, after: Text, found: _Found
) -> Literal["", "modified", "note", "line"]:
    since = before.modified or after.published or before.published or ""
    if after.modified and _later(after.modified, since):
        return "modified"
    return "note" if found.noted else "line" if found.updated else ""


def _later(one: str, other: str) -> bool:
    """Whether a time is later; a day is later than a time only on another day."""
    length = min(len(one), len(other))
    return one[:length] > other[:length]


def _judge_title(before: str, after: str, found: _Found) -> None:
    old, new = key(before), key(after)
    if old == new:
        return
    if editorial_notes.is_titled(new) and not editorial_notes.is_titled(old):
        found.noted = True
        found.add("correction", 1)
        return
    for kind, size in _runs([old], [new], frozenset()):
        found.add("headline" if kind == "substantive" else kind, size)


def _used(before: str, after: str, places: Iterable[Region]) -> frozenset[str]:
    """The words, in lower case, that stand outside of what differs."""
    touched = {one for place in places for one in place.new}
    rest = (
        " ".join(
            line
            for line in after.split("\n")
            if not any(one in line for one in touched)
        )
        if len(touched) < 50
        else ""
    )
    return frozenset(spelling.tokens(key(rest).lower()))


def _judge_place(
    place: Region, used: Collection[str], earlier: Collection[str], found: _Found
) -> None:
    old, new = list(place.old_keys), list(place.new_keys)
    old_notes = [
        one
        for one in old
        if editorial_notes.is_note(one) and not editorial_notes.is_date_line(one)
    ]
    new_notes = [
        one
        for one in new
        if editorial_notes.is_note(one) and not editorial_notes.is_date_line(one)
    ]
    if new_notes and not _cosmetic(old_notes, new_notes):
        found.noted = True
        found.add("correction", sum(_count(one) for one in new_notes))
        noted = {*old_notes, *new_notes}
        old = [one for one in old if one not in noted]
        new = [one for one in new if one not in noted]
    elif any(map(editorial_notes.is_marked, new)) and not any(
        map(editorial_notes.is_marked, old)
    ):
        found.noted = True
        found.add("correction", 1)
    old, new = _dates(old, new, found)
    if old and new:
        old, new = _places(old, new, found)
    for kind, size in _runs(old, new, used):
        found.add(kind, size)


def _cosmetic(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether notes that were there already differ in nothing but their writing."""
    return bool(old) and all(
        kind != "substantive" for kind, _ in _runs(old, new, frozenset())
    )


def _count(sentence: str) -> int:
    return sum(map(spelling.is_word, spelling.tokens(sentence)))


def _dates(
    old: list[str], new: list[str], found: _Found
) -> tuple[list[str], list[str]]:
    """The sentences that are no lines of dates."""
    gone = {one for one in old if editorial_notes.is_date_line(one)}
    come = {one for one in new if editorial_notes.is_date_line(one)}
    if gone or come:
        gone |= {one for one in old if editorial_notes.is_of_dates(one)}
        come |= {one for one in new if editorial_notes.is_of_dates(one)}
        sizes = [
            sum(_count(one) for one in lines if one in dates)
            for lines, dates in ((old, gone), (new, come))
        ]
        found.add("date line", max(sizes))
        found.updated |= any(editorial_notes.is_update(one) for one in come)
    return [one for one in old if one not in gone], [
        one for one in new if one not in come
    ]


def _places(
    old: list[str], new: list[str], found: _Found
) -> tuple[list[str], list[str]]:
    """Without place and date before the first words, where these differ."""
    first, other = (
        editorial_notes.place_and_date(old[0]),
        editorial_notes.place_and_date(new[0]),
    )
    if old[0][:first] != new[0][:other] and (first or other):
        if spelling.tokens(old[0][:first]) != spelling.tokens(new[0][:other]):
            found.add("date line", max(_count(old[0][:first]), _count(new[0][:other])))
        return [old[0][first:], *old[1:]], [new[0][other:], *new[1:]]
    return old, new


def _runs(
    old: Sequence[str], new: Sequence[str], used: Collection[str]
) -> list[tuple[Class, int]]:
    """The classes and sizes of what differs between two lists of sentences, word by word."""
    before, after = spelling.tokens(" ".join(old)), spelling.tokens(" ".join(new))
    stamped = _states_times(old) and _states_times(new)
    found: list[tuple[Class, int]] = []
    places = differing([one.lower() for one in before], [one.lower() for one in after])
    if not places and before != after:
        return [
            (
                "cosmetic",
                sum(one != other for one, other in zip(before, after, strict=True)),
            )
        ]
    for a, b, c, d in _joined(places, before, after):
        gone, come = before[a:b], after[c:d]
        size = max(sum(map(spelling.is_word, gone)), sum(map(spelling.is_word, come)))
        if (
            stamped
            and size
            and all(
                editorial_notes.is_date_word(one)
                for one in (*gone, *come)
                if spelling.is_word(one)
            )
        ):
            found.append(("date line", size))
            continue
        around = (after[c - 1] if c else "", after[d] if d < len(after) else "")
        if not come:
            around = (before[a - 1] if a else "", before[b] if b < len(before) else "")
        kind = spelling.sort_of(gone, come, around, used)
        if kind:
            found.append((kind, size))
    return found


def _states_times(sentences: Sequence[str]) -> bool:
    """Whether there is a short line with words such as "published at" and a number, whatever names stand in it."""
    return any(
        len(one.split()) <= editorial_notes.STAMPED_MOST
        and editorial_notes.is_stamped(one)
        and any(map(str.isdigit, one))
        for one in sentences
    )


def _joined(
    places: Sequence[tuple[int, int, int, int]],
    before: Sequence[str],
    after: Sequence[str],
) -> list[tuple[int, int, int, int]]:
    """Places with nothing but marks between them that are parts of words (hyphens, apostrophes) are one."""
    found: list[tuple[int, int, int, int]] = []
    for place in places:
        if found:
            a, b, c, _ = found[-1]
            between = before[b : place[0]]
            if between and len(between) == 1 and between[0] == spelling.HYPHEN:
                found[-1] = (a, place[1], c, place[3])
                continue
        found.append(place)
    return found
