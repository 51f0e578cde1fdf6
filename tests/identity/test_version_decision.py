"""What a check means for versions and state, and properties of all sequences."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harvester.identity.version_decision import (
    Availability,
    StoredVersion,
    VersionDecision,
    after_miss,
    after_sighting,
    changed_fields,
    decide_version,
    is_outage,
)
from harvester.model import ArticleState

A, B = StoredVersion(1, "a", "Title"), StoredVersion(2, "b", "Title")


def test_the_same_wording_is_not_an_edit() -> None:
    assert decide_version([A], 1, "a", "Title", True, "page") == VersionDecision("same")


def test_another_wording_is_an_edit_and_another_title_alone_a_headline() -> None:
    assert decide_version([A], 1, "c", "Title", False, "page") == VersionDecision(
        "edited"
    )
    assert decide_version([A], 1, "c", "Other", True, "page") == VersionDecision(
        "headline"
    )


def test_an_earlier_wording_that_comes_back_is_that_version() -> None:
    assert decide_version([A, B], 2, "a", "Title", False, "page") == VersionDecision(
        "edited", version_id=1
    )


def test_another_source_of_the_text_is_not_an_edit() -> None:
    assert decide_version(
        [StoredVersion(1, "a", "T", "feed")], 1, "b", "T", False, "page"
    ) == VersionDecision("reread")
    assert decide_version([A], 1, "b", "T", False, "feed") == VersionDecision("ignored")


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=30))
def test_one_version_per_wording_and_one_edit_per_change(wordings: list[str]) -> None:
    versions, current_id, edits = [StoredVersion(1, wordings[0], "T")], 1, 0
    for wording in wordings[1:]:
        decision = decide_version(versions, current_id, wording, "T", False, "page")
        if decision.kind == "same":
            continue
        edits += 1
        if decision.version_id is None:
            versions.append(StoredVersion(len(versions) + 1, wording, "T"))
        current_id = decision.version_id or versions[-1].id
    digests = {version.id: version.wording_digest for version in versions}
    assert len(set(digests.values())) == len(versions) == len(set(wordings))
    assert edits == sum(before != after for before, after in pairwise(wordings))
    assert digests[current_id] == wordings[-1]


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 4))
def test_removed_only_after_so_many_misses_in_a_row(
    checks: list[bool], required_misses: int
) -> None:
    availability, misses = Availability(ArticleState.LIVE), 0
    for minute, is_online in enumerate(checks):
        before = availability
        if is_online:
            availability, misses = after_sighting(availability), 0
            assert availability.state in (ArticleState.LIVE, ArticleState.RETURNED)
            assert (availability.state is ArticleState.RETURNED) == (
                before.state in (ArticleState.REMOVED, ArticleState.RETURNED)
            )
        else:
            misses += 1
            now = f"2025-01-01T00:{minute:02d}:00Z"
            availability = after_miss(availability, now, None, required_misses)
            is_removed = availability.state is ArticleState.REMOVED
            assert is_removed == (misses >= required_misses)


def test_misses_too_close_together_count_once() -> None:
    first = after_miss(Availability(ArticleState.LIVE), "2025-01-01T00:00:00Z", None, 2)
    again = after_miss(first, "2025-01-01T01:00:00Z", "2025-01-01T06:00:00Z", 2)
    assert again == first and again.state is ArticleState.SUSPECT
    assert (
        after_miss(first, "2025-01-01T06:00:00Z", "2025-01-01T06:00:00Z", 2).state
        is ArticleState.REMOVED
    )


def test_an_outlet_is_down_only_if_hardly_any_article_is_online() -> None:
    assert is_outage(online=0, gone=20) and is_outage(online=1, gone=20)
    assert not is_outage(online=10, gone=10)
    assert not is_outage(online=0, gone=1), "a single article says nothing"
    assert not is_outage(online=0, gone=0)


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))
def test_more_articles_online_never_make_an_outage(
    online: int, gone: int, more: int
) -> None:
    if not is_outage(online, gone):
        assert not is_outage(online + more, gone)


def test_what_is_made_for_each_visit_is_no_change_of_a_field() -> None:
    image = "https://paper.example/i/harbour.jpg"
    before = {"image": f"{image}?t=1733126098", "description": "Storm. (12 comments)"}
    for after in (
        {"image": f"{image}?t=1733178258", "description": "Storm. (13 comments)"},
        {"image": image, "description": "Storm.  (13 comments)"},
    ):
        assert not changed_fields(before, after)
    other = {"image": f"{image}?crop=7", "description": "Storm: 12 dead."}
    assert set(changed_fields(before, other)) == {"image", "description"}


def test_a_field_that_is_no_longer_stated_is_not_a_change() -> None:
    before = {"authors": ("Anne Roux",), "published": "2025-09-06", "image": ""}
    after = {
        "authors": (),
        "published": "2025-09-07",
        "image": "https://x.example/a.jpg",
    }
    assert changed_fields(before, after) == {"published": ["2025-09-06", "2025-09-07"]}
