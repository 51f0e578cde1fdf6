"""Feeds of more entries than the limit: the newest are kept, whatever their order."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from harvester.parse.feeds import newest


def feed(days: Sequence[int], tag: str = "item") -> str:
    """A feed whose entries are of these days of a month."""
    entries = "".join(
        f"<{tag}><title>day {day}</title>"
        f"<pubDate>Sat, {day:02d} Mar 2025 08:00:00 GMT</pubDate></{tag}>"
        for day in days
    )
    return f"<rss><channel><title>T</title>{entries}</channel></rss>"


@given(st.permutations(range(1, 13)), st.integers(1, 14))
def test_the_newest_are_kept_in_the_order_of_the_feed(
    days: list[int], limit: int
) -> None:
    kept, left_out = newest.keep_newest_entries(feed(days), limit)
    chosen = sorted(days, reverse=True)[:limit]
    assert kept == feed([day for day in days if day in chosen])
    assert left_out == max(0, len(days) - limit)


def test_a_feed_within_the_limit_and_without_one_is_left_alone() -> None:
    text = feed(range(1, 6))
    assert newest.keep_newest_entries(text, 5) == (text, 0)
    assert newest.keep_newest_entries(text, 0) == (text, 0)
    # The name only begins like that of an entry.
    others = feed(range(1, 6), "itemised")
    assert newest.keep_newest_entries(others, 2) == (others, 0)


def test_entries_that_only_texts_quote_are_not_counted() -> None:
    quoting = feed(range(1, 6)).replace(
        "<title>day 3</title>", "<title><![CDATA[About <item> in RSS]]></title>"
    )
    assert newest.keep_newest_entries(quoting, 2) == (quoting, 0)


def test_entries_that_are_never_closed() -> None:
    text = feed(range(1, 6)).replace("</item>", "")
    kept, left_out = newest.keep_newest_entries(text, 2)
    assert left_out == 3
    assert "day 5" in kept and "day 4" in kept and "day 3" not in kept


@given(st.booleans(), st.integers(0, 5_000))
def test_of_very_many_the_newer_end_of_the_feed_is_compared(
    is_newest_first: bool, more: int
) -> None:
    count = newest.MAX_COMPARED_ENTRIES + more

    def date(index: int) -> str:
        return f"{count - index if is_newest_first else index:09d}"

    compared = newest.compared_indexes(count, date)
    newest_index = 0 if is_newest_first else count - 1
    assert newest_index in compared
    assert len(compared) == newest.MAX_COMPARED_ENTRIES
