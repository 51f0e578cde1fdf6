"""What a change is: its class, its size, and whether the outlet admitted it. Pure. The rules in words: ``docs/changes.md``.

Not for: which sentences differ (``diff``), nor whether they do at all (``wording``, ``counting``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from harvester.identity import editorial_notes, spelling
from harvester.identity.alignment import differing_spans
from harvester.identity.diff import ChangedRegion, changed_regions
from harvester.identity.wording import comparison_key

ChangeClass = Literal[
    "correction", "substantive", "headline", "typo", "date line", "cosmetic"
]
CHANGE_CLASSES: tuple[ChangeClass, ...] = (
    "correction",
    "substantive",
    "headline",
    "typo",
    "date line",
    "cosmetic",
)  # what counts most first
DATE_FIELDS = frozenset(("published", "modified"))


@dataclass(frozen=True, slots=True)
class VersionText:
    """One of the two wordings, with the times that it states (as ``Extract.published``)."""

    title: str
    text: str
    published: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Classification:
    """What a change is. ``size``: words touched; ``admitted``: "modified", "note", "line", or "": silent."""

    change_class: ChangeClass
    size: int
    acknowledgement: Literal["", "modified", "note", "line"]

    @property
    def is_silent(self) -> bool:
        """Whether the outlet did not say that it changed something."""
        return not self.acknowledgement


@dataclass(slots=True)
class _Findings:
    """What was found so far."""

    classes: set[ChangeClass] = field(default_factory=set)
    size: int = 0
    has_correction_note: bool = False
    has_update_line: bool = False

    def add(self, kind: ChangeClass, size: int = 0) -> None:
        self.classes.add(kind)
        self.size += size


def classify_change(
    before: VersionText, after: VersionText, fields: Mapping[str, object] | None = None
) -> Classification:
    """Judge a change. ``fields``: the other fields that changed, by name."""
    found = _Findings()
    _classify_title(before.title, after.title, found)
    places, moved = changed_regions(before.text, after.text)
    if moved:
        found.add("cosmetic")
    used = _unchanged_words(before.text, after.text, places) if places else frozenset()
    earlier = {one for place in places for one in place.old_keys}
    for place in places:
        _classify_region(place, used, earlier, found)
    if not found.classes and fields and set(fields) <= DATE_FIELDS:
        found.add("date line")
    kind: ChangeClass = next(
        (one for one in CHANGE_CLASSES if one in found.classes), "cosmetic"
    )
    return Classification(kind, found.size, _acknowledgement(before, after, found))


def _acknowledgement(
    before: VersionText, after: VersionText, findings: _Findings
) -> Literal["", "modified", "note", "line"]:
    since = before.modified or after.published or before.published or ""
    if after.modified and _is_later(after.modified, since):
        return "modified"
    return (
        "note"
        if findings.has_correction_note
        else "line"
        if findings.has_update_line
        else ""
    )


def _is_later(time: str, other_time: str) -> bool:
    """Whether a time is later; a day is later than a time only on another day."""
    length = min(len(time), len(other_time))
    return time[:length] > other_time[:length]


def _classify_title(before: str, after: str, findings: _Findings) -> None:
    old, new = comparison_key(before), comparison_key(after)
    if old == new:
        return
    if editorial_notes.is_correction_title(
        new
    ) and not editorial_notes.is_correction_title(old):
        findings.has_correction_note = True
        findings.add("correction", 1)
        return
    for kind, size in _classify_sentences([old], [new], frozenset()):
        findings.add("headline" if kind == "substantive" else kind, size)


def _unchanged_words(
    before: str, after: str, changed: Iterable[ChangedRegion]
) -> frozenset[str]:
    """The words, in lower case, that stand outside of what differs."""
    touched = {one for place in changed for one in place.new}
    rest = (
        " ".join(
            line
            for line in after.split("\n")
            if not any(one in line for one in touched)
        )
        if len(touched) < 50
        else ""
    )
    return frozenset(spelling.tokenise(comparison_key(rest).lower()))


def _classify_region(
    region: ChangedRegion,
    unchanged_words: Collection[str],
    earlier: Collection[str],
    findings: _Findings,
) -> None:
    old, new = list(region.old_keys), list(region.new_keys)
    old_notes = [
        one
        for one in old
        if editorial_notes.is_correction_note(one)
        and not editorial_notes.is_date_line(one)
    ]
    new_notes = [
        one
        for one in new
        if editorial_notes.is_correction_note(one)
        and not editorial_notes.is_date_line(one)
    ]
    if new_notes and not _is_cosmetic(old_notes, new_notes):
        findings.has_correction_note = True
        findings.add("correction", sum(_count_words(one) for one in new_notes))
        noted = {*old_notes, *new_notes}
        old = [one for one in old if one not in noted]
        new = [one for one in new if one not in noted]
    elif any(map(editorial_notes.has_correction_mark, new)) and not any(
        map(editorial_notes.has_correction_mark, old)
    ):
        findings.has_correction_note = True
        findings.add("correction", 1)
    old, new = _without_date_lines(old, new, findings)
    if old and new:
        old, new = _without_datelines(old, new, findings)
    for kind, size in _classify_sentences(old, new, unchanged_words):
        findings.add(kind, size)


def _is_cosmetic(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether notes that were there already differ in nothing but their writing."""
    return bool(old) and all(
        kind != "substantive" for kind, _ in _classify_sentences(old, new, frozenset())
    )


def _count_words(sentence: str) -> int:
    return sum(map(spelling.is_word, spelling.tokenise(sentence)))


def _without_date_lines(
    old: list[str], new: list[str], findings: _Findings
) -> tuple[list[str], list[str]]:
    """The sentences that are no lines of dates."""
    gone = {one for one in old if editorial_notes.is_date_line(one)}
    come = {one for one in new if editorial_notes.is_date_line(one)}
    if gone or come:
        gone |= {one for one in old if editorial_notes.has_only_date_words(one)}
        come |= {one for one in new if editorial_notes.has_only_date_words(one)}
        sizes = [
            sum(_count_words(one) for one in lines if one in dates)
            for lines, dates in ((old, gone), (new, come))
        ]
        findings.add("date line", max(sizes))
        findings.has_update_line |= any(
            editorial_notes.mentions_update(one) for one in come
        )
    return [one for one in old if one not in gone], [
        one for one in new if one not in come
    ]


def _without_datelines(
    old: list[str], new: list[str], findings: _Findings
) -> tuple[list[str], list[str]]:
    """Without place and date before the first words, where these differ."""
    first, other = (
        editorial_notes.dateline_length(old[0]),
        editorial_notes.dateline_length(new[0]),
    )
    if old[0][:first] != new[0][:other] and (first or other):
        if spelling.tokenise(old[0][:first]) != spelling.tokenise(new[0][:other]):
            findings.add(
                "date line",
                max(_count_words(old[0][:first]), _count_words(new[0][:other])),
            )
        return [old[0][first:], *old[1:]], [new[0][other:], *new[1:]]
    return old, new


def _classify_sentences(
    old: Sequence[str], new: Sequence[str], unchanged_words: Collection[str]
) -> list[tuple[ChangeClass, int]]:
    """The classes and sizes of what differs between two lists of sentences, word by word."""
    before, after = spelling.tokenise(" ".join(old)), spelling.tokenise(" ".join(new))
    stamped = _has_timestamp_line(old) and _has_timestamp_line(new)
    found: list[tuple[ChangeClass, int]] = []
    places = differing_spans(
        [one.lower() for one in before], [one.lower() for one in after]
    )
    if not places and before != after:
        return [
            (
                "cosmetic",
                sum(one != other for one, other in zip(before, after, strict=True)),
            )
        ]
    for a, b, c, d in _merge_hyphenated(places, before, after):
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
        kind = spelling.classify_replacement(gone, come, around, unchanged_words)
        if kind:
            found.append((kind, size))
    return found


def _has_timestamp_line(sentences: Sequence[str]) -> bool:
    """Whether there is a short line with words such as "published at" and a number, whatever names stand in it."""
    return any(
        len(one.split()) <= editorial_notes.MAX_TIMESTAMP_LINE_WORDS
        and editorial_notes.has_timestamp_words(one)
        and any(map(str.isdigit, one))
        for one in sentences
    )


def _merge_hyphenated(
    spans: Sequence[tuple[int, int, int, int]],
    before: Sequence[str],
    after: Sequence[str],
) -> list[tuple[int, int, int, int]]:
    """Places with nothing but marks between them that are parts of words (hyphens, apostrophes) are one."""
    found: list[tuple[int, int, int, int]] = []
    for place in spans:
        if found:
            a, b, c, _ = found[-1]
            between = before[b : place[0]]
            if between and len(between) == 1 and between[0] == spelling.WORD_JOINER:
                found[-1] = (a, place[1], c, place[3])
                continue
        found.append(place)
    return found
