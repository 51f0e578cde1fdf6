"""What a look means, as a specification, and properties of any sequence of looks."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harvester.identity.version import (
    Availability,
    StoredVersion,
    VersionDecision,
    after_miss,
    after_sighting,
    changed_fields,
    decide_version,
)
from harvester.model import ArticleState

A, B = StoredVersion(1, "a", "Title"), StoredVersion(2, "b", "Title")


def test_the_same_wording_is_no_edit() -> None:
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


def test_another_source_of_the_text_is_no_edit() -> None:
    assert decide_version(
        [StoredVersion(1, "a", "T", "feed")], 1, "b", "T", False, "page"
    ) == VersionDecision("reread")
    assert decide_version([A], 1, "b", "T", False, "feed") == VersionDecision("ignored")


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=30))
def test_one_row_a_wording_and_one_decision_a_change(wordings: list[str]) -> None:
    held, current, edits = [StoredVersion(1, wordings[0], "T")], 1, 0
    for wording in wordings[1:]:
        decided = decide_version(held, current, wording, "T", False, "page")
        if decided.kind == "same":
            continue
        edits += 1
        if decided.version_id is None:
            held.append(StoredVersion(len(held) + 1, wording, "T"))
        current = decided.version_id or held[-1].id
    assert len({one.wording_digest for one in held}) == len(held) == len(set(wordings))
    assert edits == sum(one != other for one, other in pairwise(wordings))
    assert next(one.wording_digest for one in held if one.id == current) == wordings[-1]


LOOKS = st.lists(st.booleans(), max_size=40)


@given(LOOKS, st.integers(1, 4))
def test_removed_only_after_so_many_looks_in_a_row(
    looks: list[bool], wanted: int
) -> None:
    standing, row = Availability(ArticleState.LIVE), 0
    for number, stands in enumerate(looks):
        before = standing
        if stands:
            standing, row = after_sighting(standing), 0
            assert standing.state in (ArticleState.LIVE, ArticleState.RETURNED)
            assert (standing.state is ArticleState.RETURNED) == (
                before.state in (ArticleState.REMOVED, ArticleState.RETURNED)
            )
        else:
            row += 1
            standing = after_miss(
                standing, f"2025-01-01T00:{number:02d}:00Z", None, wanted
            )
            assert (standing.state is ArticleState.REMOVED) == (row >= wanted)


def test_looks_too_near_each_other_count_once() -> None:
    first = after_miss(Availability(ArticleState.LIVE), "2025-01-01T00:00:00Z", None, 2)
    again = after_miss(first, "2025-01-01T01:00:00Z", "2025-01-01T06:00:00Z", 2)
    assert again == first and again.state is ArticleState.SUSPECT
    assert (
        after_miss(first, "2025-01-01T06:00:00Z", "2025-01-01T06:00:00Z", 2).state
        is ArticleState.REMOVED
    )


def test_a_field_that_is_no_longer_stated_is_no_change() -> None:
    before = {"authors": ("Anne Roux",), "published": "2025-09-06", "image": ""}
    after = {
        "authors": (),
        "published": "2025-09-07",
        "image": "https://x.example/a.jpg",
    }
    assert changed_fields(before, after) == {"published": ["2025-09-06", "2025-09-07"]}
