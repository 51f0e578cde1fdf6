"""Classify a change: its class, its size, and whether the outlet acknowledged it. Pure.

``docs/changes.md`` has the rules in words. Which sentences differ is found by ``diff``,
whether they do at all by ``wording`` and ``significant_lines``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from harvester.identity import editorial_notes, spelling
from harvester.identity.alignment import Span, differing_spans
from harvester.identity.diff import ChangedRegion, changed_regions, split_sentences
from harvester.identity.wording import comparison_key, headline_key

ChangeClass = Literal[
    "correction", "substantive", "headline", "post", "typo", "date line", "cosmetic"
]
Acknowledgement = Literal["", "modified", "note", "line", "post"]
CHANGE_CLASSES: tuple[ChangeClass, ...] = (  # the most important first
    "correction",
    "substantive",
    "headline",
    "post",
    "typo",
    "date line",
    "cosmetic",
)
DATE_FIELDS = frozenset(("published", "modified"))
MAX_SEARCHED_SENTENCES = 50  # changed sentences that each line is searched for


@dataclass(frozen=True, slots=True)
class VersionText:
    """A version's title and text, and the times that it states (see ``Extract``)."""

    title: str
    text: str
    published: str | None = None
    modified: str | None = None
    is_live: bool = False  # a live blog, to which posts are added


@dataclass(frozen=True, slots=True)
class Classification:
    """The result for a change."""

    change_class: ChangeClass
    size: int  # words changed
    # A later time of modification, a correction note, an update line, a new post of a
    # live blog and nothing else; "": silent.
    acknowledgement: Acknowledgement

    @property
    def is_silent(self) -> bool:
        """Whether the outlet did not say that it changed anything."""
        return not self.acknowledgement


@dataclass(slots=True)
class _Findings:
    """What is known of a change so far."""

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
    """Classify a change. ``fields``: the other fields that changed, by name."""
    findings = _Findings()
    _classify_title(before.title, after.title, findings)
    regions, moved = changed_regions(before.text, after.text)
    if moved:
        findings.add("cosmetic")
    unchanged_words = _unchanged_words(after.text, regions) if regions else frozenset()
    if before.is_live and after.is_live:
        regions = _without_posts(before.text, regions, findings)
    for region in regions:
        _classify_region(region, unchanged_words, findings)
    if not findings.classes and fields and set(fields) <= DATE_FIELDS:
        findings.add("date line")
    change_class: ChangeClass = next(
        (name for name in CHANGE_CLASSES if name in findings.classes), "cosmetic"
    )
    acknowledgement = _acknowledgement(before, after, findings)
    if change_class == "post":
        acknowledgement = acknowledgement or "post"
    return Classification(change_class, findings.size, acknowledgement)


def _without_posts(
    before: str, regions: Sequence[ChangedRegion], findings: _Findings
) -> tuple[ChangedRegion, ...]:
    """The regions that are not new posts of a live blog; adds these to the findings.

    When posts are added, the oldest may leave the page: nobody removed them.
    """
    posts = [region for region in regions if region.new and not region.old]
    for region in posts:
        findings.add("post", sum(map(_count_words, region.new_keys)))
    last = split_sentences(before)[-1:] if posts else []
    return tuple(
        region
        for region in regions
        if region.old and not (not region.new and list(region.old[-1:]) == last)
    )


def _acknowledgement(
    before: VersionText, after: VersionText, findings: _Findings
) -> Acknowledgement:
    since = before.modified or after.published or before.published or ""
    if after.modified and _is_later(after.modified, since):
        return "modified"
    if findings.has_correction_note:
        return "note"
    return "line" if findings.has_update_line else ""


def _is_later(time: str, other_time: str) -> bool:
    """Whether a time is later; a day without a time only if it is another day."""
    length = min(len(time), len(other_time))
    return time[:length] > other_time[:length]


def _classify_title(before: str, after: str, findings: _Findings) -> None:
    old, new = headline_key(before), headline_key(after)
    if old == new:
        return
    if editorial_notes.is_correction_title(
        new
    ) and not editorial_notes.is_correction_title(old):
        findings.has_correction_note = True
        findings.add("correction", 1)
        return
    for change_class, size in _classify_sentences([old], [new], frozenset()):
        is_new_headline = change_class == "substantive"
        findings.add("headline" if is_new_headline else change_class, size)


def _unchanged_words(after: str, regions: Iterable[ChangedRegion]) -> frozenset[str]:
    """The words, in lower case, of the lines that have no changed sentence."""
    changed = {sentence for region in regions for sentence in region.new}
    if len(changed) >= MAX_SEARCHED_SENTENCES:
        return frozenset()
    unchanged_lines = [
        line
        for line in after.split("\n")
        if not any(sentence in line for sentence in changed)
    ]
    return frozenset(
        spelling.tokenise(comparison_key(" ".join(unchanged_lines)).lower())
    )


def _classify_region(
    region: ChangedRegion, unchanged_words: Collection[str], findings: _Findings
) -> None:
    old, new = list(region.old_keys), list(region.new_keys)
    old_notes, new_notes = _correction_notes(old), _correction_notes(new)
    if new_notes and not _is_cosmetic(old_notes, new_notes):
        findings.has_correction_note = True
        findings.add("correction", sum(map(_count_words, new_notes)))
        notes = {*old_notes, *new_notes}
        old = [sentence for sentence in old if sentence not in notes]
        new = [sentence for sentence in new if sentence not in notes]
    elif any(map(editorial_notes.has_correction_mark, new)) and not any(
        map(editorial_notes.has_correction_mark, old)
    ):
        findings.has_correction_note = True
        findings.add("correction", 1)
    old, new = _without_date_lines(old, new, findings)
    if old and new:
        old, new = _without_datelines(old, new, findings)
    for change_class, size in _classify_sentences(old, new, unchanged_words):
        findings.add(change_class, size)


def _correction_notes(sentences: Iterable[str]) -> list[str]:
    return [
        sentence
        for sentence in sentences
        if editorial_notes.is_correction_note(sentence)
        and not editorial_notes.is_date_line(sentence)
    ]


def _is_cosmetic(old_notes: Sequence[str], new_notes: Sequence[str]) -> bool:
    """Whether there were notes already, and no words of them changed."""
    return bool(old_notes) and all(
        change_class != "substantive"
        for change_class, _ in _classify_sentences(old_notes, new_notes, frozenset())
    )


def _count_words(sentence: str) -> int:
    return sum(map(spelling.is_word, spelling.tokenise(sentence)))


def _without_date_lines(
    old: list[str], new: list[str], findings: _Findings
) -> tuple[list[str], list[str]]:
    """The sentences that are not date lines; what these add to the findings."""
    old_dates = set(filter(editorial_notes.is_date_line, old))
    new_dates = set(filter(editorial_notes.is_date_line, new))
    if old_dates or new_dates:
        old_dates.update(filter(editorial_notes.has_only_date_words, old))
        new_dates.update(filter(editorial_notes.has_only_date_words, new))
        sizes = [
            sum(_count_words(sentence) for sentence in sentences if sentence in dates)
            for sentences, dates in ((old, old_dates), (new, new_dates))
        ]
        findings.add("date line", max(sizes))
        findings.has_update_line |= any(map(editorial_notes.mentions_update, new_dates))
    return (
        [sentence for sentence in old if sentence not in old_dates],
        [sentence for sentence in new if sentence not in new_dates],
    )


def _without_datelines(
    old: list[str], new: list[str], findings: _Findings
) -> tuple[list[str], list[str]]:
    """The sentences without the datelines at their beginning, if these differ."""
    old_length = editorial_notes.dateline_length(old[0])
    new_length = editorial_notes.dateline_length(new[0])
    old_dateline, new_dateline = old[0][:old_length], new[0][:new_length]
    if old_dateline == new_dateline:
        return old, new
    if spelling.tokenise(old_dateline) != spelling.tokenise(new_dateline):
        findings.add(
            "date line", max(_count_words(old_dateline), _count_words(new_dateline))
        )
    return [old[0][old_length:], *old[1:]], [new[0][new_length:], *new[1:]]


def _classify_sentences(
    old: Sequence[str], new: Sequence[str], unchanged_words: Collection[str]
) -> list[tuple[ChangeClass, int]]:
    """Classes and sizes of the differences of two lists of sentences, word by word."""
    before, after = spelling.tokenise(" ".join(old)), spelling.tokenise(" ".join(new))
    has_timestamps = _has_timestamp_line(old) and _has_timestamp_line(new)
    spans = differing_spans(
        [token.lower() for token in before], [token.lower() for token in after]
    )
    if not spans and before != after:  # capitals alone
        changed = sum(a != b for a, b in zip(before, after, strict=True))
        return [("cosmetic", changed)]
    classes: list[tuple[ChangeClass, int]] = []
    for a, b, c, d in _merge_hyphenated(spans, before):
        removed, added = before[a:b], after[c:d]
        words = [token for token in (*removed, *added) if spelling.is_word(token)]
        size = max(
            sum(map(spelling.is_word, removed)), sum(map(spelling.is_word, added))
        )
        if has_timestamps and words and all(map(editorial_notes.is_date_word, words)):
            classes.append(("date line", size))
            continue
        neighbours = _neighbours(after, c, d) if added else _neighbours(before, a, b)
        kind = spelling.classify_replacement(
            removed, added, neighbours, unchanged_words
        )
        if kind:
            classes.append((kind, size))
    return classes


def _neighbours(tokens: Sequence[str], start: int, end: int) -> tuple[str, str]:
    """The tokens before and after a span; "" at either end of the text."""
    return (
        tokens[start - 1] if start else "",
        tokens[end] if end < len(tokens) else "",
    )


def _has_timestamp_line(sentences: Sequence[str]) -> bool:
    """Whether there is a short line with words such as "published at" and a number."""
    return any(
        len(sentence.split()) <= editorial_notes.MAX_TIMESTAMP_LINE_WORDS
        and editorial_notes.has_timestamp_words(sentence)
        and any(map(str.isdigit, sentence))
        for sentence in sentences
    )


def _merge_hyphenated(spans: Sequence[Span], before: Sequence[str]) -> list[Span]:
    """Merge spans with only a hyphen or apostrophe of a word between them."""
    merged: list[Span] = []
    for span in spans:
        if merged:
            a, b, c, _ = merged[-1]
            if before[b : span[0]] == [spelling.WORD_JOINER]:
                merged[-1] = (a, span[1], c, span[3])
                continue
        merged.append(span)
    return merged
