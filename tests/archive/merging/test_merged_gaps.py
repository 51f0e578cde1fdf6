"""Gaps of two archives: each is kept, and so is the time that neither watched."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harvester.archive.merging.merged_gaps import UNWATCHED_REASON, Span, intersect
from harvester.ingest.merge_archives import merge_archives
from tests.support.observer import BUDGET, Observer, page

spans = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 50)).map(
        lambda pair: (f"{min(pair):02}", f"{max(pair):02}")
    ),
    max_size=6,
)


def times(listed: list[Span]) -> set[int]:
    return {
        at for since, until in listed for at in range(int(since) * 2, int(until) * 2)
    }


@given(spans, spans)
def test_intersection(one: list[Span], other: list[Span]) -> None:
    both = intersect(one, other)
    assert times(both) == times(one) & times(other)
    assert both == sorted(both) == sorted(intersect(other, one))


def test_the_time_that_neither_watched(tmp_path: Path) -> None:
    days = {"a": ("01", "03"), "b": ("05", "08"), "c": ("12", "14"), "d": ("02", "13")}
    folders = {}
    for name, watched in days.items():
        observer = Observer(tmp_path / name)
        observer.put("/budget", page("The budget", BUDGET), "The budget")
        for day in watched:
            observer.crawl(f"2025-09-{day}T08:00:00Z")
        folders[name] = observer

    def merge(other: str) -> list[tuple[str, str]]:
        first, second = (folders[name].folder for name in ("a", other))
        merge_archives(
            first / "archive.db",
            first / "captures",
            second / "archive.db",
            second / "captures",
            "2026-01-01T00:00:00Z",
            lambda _: None,
            False,
        )
        rows = folders["a"].rows(
            "select * from gaps where reason = ?", UNWATCHED_REASON
        )
        return sorted((row["since"][8:10], row["until"][8:10]) for row in rows)

    assert merge("c") == [("03", "12")]
    assert merge("b") == [("03", "05"), ("08", "12")]
    assert merge("b") == [("03", "05"), ("08", "12")]  # again: nothing changes
    assert merge("d") == []
    folders["a"].check()
