"""The requests of a poll, one after the other, whatever was stored or listed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.ingest.wordpress_requests import (
    MAX_PAGES,
    STEPS,
    Progress,
    after_listing,
    after_presence,
    parse_progress,
    request_url,
    with_asked,
    without_parameters,
)
from harvester.model import Entry

URL = "https://lantern.example/wp-json/wp/v2/posts?categories=12"
NOW = "2025-09-06T12:00:00Z"


def listing(count: int, minutes_ago: int = 0) -> list[Entry]:
    """Posts that changed one minute after the other, the latest first."""
    return [
        Entry(
            str(number),
            "",
            published=f"2025-09-06T{11 - minute // 60:02}:{59 - minute % 60:02}:00Z",
            updated=f"2025-09-06T{11 - minute // 60:02}:{59 - minute % 60:02}:00Z",
        )
        for number in range(count)
        for minute in [number + minutes_ago]
    ]


def test_a_request_keeps_the_parameters_of_the_settings() -> None:
    url = request_url(URL, Progress(read_to="2025-09-06T11:00:00Z", polls=3))
    assert url.startswith(f"{URL}&per_page=100&orderby=modified&order=desc")
    assert url.endswith("&modified_after=2025-09-06T10:50:00Z")
    assert without_parameters(url) == URL
    route = "https://lantern.example/?rest_route=/wp/v2/posts"
    assert without_parameters(request_url(route, Progress())) == route


def test_the_first_poll_asks_for_changes_then_for_posts() -> None:
    step = after_listing(Progress(), listing(100), False, NOW)
    assert (step.progress.step, step.is_done) == ("posts", False)
    step = after_listing(step.progress, listing(100), False, NOW)
    assert (step.progress.step, step.is_done) == ("edits", True)
    assert step.progress.read_to == step.progress.newest == "2025-09-06T11:59:00Z"


def test_a_time_to_come_does_not_hide_what_is_before_it() -> None:
    future = Entry("1", "", updated="2031-01-01T00:00:00Z")
    step = after_listing(Progress(polls=1), [future], False, NOW)
    assert step.progress.read_to == NOW


def test_pages_are_bounded_and_what_is_left_out_is_told() -> None:
    progress = Progress(read_to="2025-09-01T00:00:00Z", polls=2)
    for page in range(1, MAX_PAGES):
        step = after_listing(progress, listing(100), False, NOW)
        assert (step.progress.page, step.is_done) == (page + 1, False)
        progress = step.progress
    step = after_listing(progress, listing(100), False, NOW)
    assert step.is_done
    assert "more than 500 posts changed" in step.left_out


def test_what_reaches_back_ends_a_listing() -> None:
    progress = Progress(read_to="2025-09-06T11:40:00Z", polls=2)
    step = after_listing(progress, listing(100), False, NOW)
    assert step.is_done
    assert step.progress.is_window, "older posts than asked for: it was ignored"


@pytest.mark.parametrize(
    ("listed", "missing", "ignored"),
    [
        (range(1, 11), (), False),
        (range(1, 10), (10,), False),
        (range(1, 4), (), False),
        ((), (), False),
        (range(50, 60), (), True),
    ],
)
def test_which_posts_are_missing(
    listed: range, missing: tuple[int, ...], ignored: bool
) -> None:
    known = [(100 - number, number) for number in range(1, 11)]
    progress = with_asked(Progress(step="presence", polls=1), known).progress
    presence = after_presence(progress, list(listed))
    assert presence.newly_missing == missing
    assert presence.step.progress.ignores_include is ignored
    assert presence.step.is_done
    again = replace(presence.step.progress, step="presence", asked=progress.asked)
    assert after_presence(again, list(listed)).newly_missing == (), "told once"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(
    st.dictionaries(st.sampled_from([*Progress.__slots__]), json_values) | json_values,
    st.lists(st.datetimes().map(lambda at: f"{at:%Y-%m-%dT%H:%M:%SZ}"), max_size=4),
)
def test_whatever_was_stored_or_is_listed_a_poll_ends(
    stored: object, times: list[str]
) -> None:
    import json

    progress = parse_progress(json.dumps(stored))
    for _ in range(40):
        assert progress.step in STEPS
        assert request_url(URL, progress).startswith(URL)
        if progress.step == "presence":
            step = after_presence(progress, progress.asked).step
        else:
            entries = [Entry("1", "", published=at, updated=at) for at in times]
            step = after_listing(progress, entries, False, NOW)
        if step.is_done:
            return
        progress = step.progress
    raise AssertionError("the poll does not end")
