"""What a list shows of a change: its first words, and a line that says what it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from harvester.archive.queries.overview import ArticleEvent
from harvester.archive.records import event_ids
from harvester.browse import phrasing
from harvester.render import side_by_side
from harvester.render.difference import ACKNOWLEDGEMENTS
from harvester.render.side_by_side import Run

Hours = list[tuple[str, list[ArticleEvent]]]
_CLASS_LABELS = {**phrasing.CHANGE_CLASS_LABELS, "post": "new posts"}


def group_by_hour(events: Iterable[ArticleEvent]) -> list[tuple[str, Hours]]:
    """Events by day, within each day by hour ("15:00"), in their order."""
    return [
        (
            day,
            [
                (f"{hour[11:13]}:00", list(rows))
                for hour, rows in groupby(of_day, key=lambda event: event.at[:13])
            ],
        )
        for day, of_day in groupby(events, key=lambda event: event.at[:10])
    ]


def preview(event: ArticleEvent) -> list[Run]:
    """The first words that an edit removed and added; [] where it only moved some."""
    pairs = (
        (event.title_before, event.title_after),
        (event.changed_before, event.changed_after),
    )
    for before, after in pairs:
        if before is not None and after is not None and before != after:
            return side_by_side.clip_runs(side_by_side.compare_words(before, after))
    runs: list[Run] = []
    if event.removed:
        runs.append(("-", event.removed))
    if event.added:
        runs += [("=", " "), ("+", event.added)] if runs else [("+", event.added)]
    return side_by_side.clip_runs(runs)


def preview_moved(event: ArticleEvent) -> str:
    """The first sentence that moved, of an edit that did nothing else."""
    return phrasing.excerpt(event.moved or "") if not preview(event) else ""


def describe(event: ArticleEvent) -> str:
    """An edit in a line: "Substantive, unacknowledged; 3 sentences differ."."""
    if event.kind not in event_ids.EDIT_KINDS:
        return ""
    words = [_CLASS_LABELS.get(event.change_class, event.change_class)]
    if event.silent is not None:
        acknowledged = ACKNOWLEDGEMENTS.get(event.acknowledgement or "", "acknowledged")
        words.append("unacknowledged" if event.silent else acknowledged)
    parts = [", ".join(filter(None, words))]
    if event.sentence_count > 1:
        parts.append(f"{phrasing.pluralize(event.sentence_count, 'sentence')} differ")
    if event.moved_count:
        parts.append(f"{phrasing.pluralize(event.moved_count, 'sentence')} moved")
    line = "; ".join(filter(None, parts))
    return f"{line[0].upper()}{line[1:]}." if line else ""
