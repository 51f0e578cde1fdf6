"""What a list says of a change."""

from __future__ import annotations

from dataclasses import replace

from harvester.archive.queries.overview import ArticleEvent
from harvester.browse import event_view

EVENT = ArticleEvent(
    1, "2026-11-30T15:57:00Z", "edited", "courier", "The Courier", "ab", "", "Title",
    "en", "live", 1, 2, "substantive", 1, None, None, None, None, None, None, 0,
)  # fmt: skip


def test_an_edit_is_described_by_class_acknowledgement_and_size() -> None:
    assert event_view.describe(EVENT) == "Substantive, unacknowledged."
    noted = replace(EVENT, silent=0, acknowledgement="note", sentence_count=3)
    assert event_view.describe(noted) == (
        "Substantive, acknowledged by a correction note; 3 sentences differ."
    )
    unjudged = replace(EVENT, change_class="", silent=None, moved_count=1)
    assert event_view.describe(unjudged) == "1 sentence moved."
    assert event_view.describe(replace(EVENT, change_class="", silent=None)) == ""
    assert event_view.describe(replace(EVENT, kind="removed")) == ""


def test_words_that_changed_stand_before_what_moved() -> None:
    changed = replace(EVENT, changed_before="It closes.", changed_after="It opens.")
    assert ("-", "closes") in event_view.preview(changed)
    assert ("+", "opens") in event_view.preview(changed)
    assert event_view.preview_moved(replace(changed, moved="Moved.")) == ""
    assert event_view.preview_moved(replace(EVENT, moved="Moved.")) == "Moved."
    same_title = replace(changed, title_before="Title", title_after="Title")
    assert event_view.preview(same_title) == event_view.preview(changed)


def test_events_are_grouped_by_day_and_hour_in_their_order() -> None:
    times = ("2026-11-30T15:57:00Z", "2026-11-30T15:01:00Z", "2026-11-30T03:00:00Z",
             "2026-11-29T15:00:00Z")  # fmt: skip
    events = [replace(EVENT, id=number, at=at) for number, at in enumerate(times)]
    grouped = [
        (day, [(hour, [event.id for event in rows]) for hour, rows in hours])
        for day, hours in event_view.group_by_hour(events)
    ]
    assert grouped == [
        ("2026-11-30", [("15:00", [0, 1]), ("03:00", [2])]),
        ("2026-11-29", [("15:00", [3])]),
    ]
