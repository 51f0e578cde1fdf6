"""Keys of a feed's entries."""

from __future__ import annotations

import pytest

from harvester.archive.records import feeds
from harvester.model import Entry

FEED = "https://paper.example/feed"


def _count_keys(*entries: Entry) -> int:
    return len(set(feeds.entry_keys(FEED, entries)))


@pytest.mark.parametrize("guid", ["N/A", "https://paper.example/", "urn:journal"])
def test_one_id_and_several_urls_are_several_entries(guid: str) -> None:
    assert _count_keys(*(Entry(guid, f"{FEED}/{n}") for n in range(5))) == 5


def test_one_id_and_one_url_are_one_entry() -> None:
    assert _count_keys(Entry("1", f"{FEED}/1", "Old"), Entry("1", f"{FEED}/1")) == 1


def test_without_ids_one_url_and_several_titles_are_several_entries() -> None:
    front = "https://paper.example/"
    assert _count_keys(*(Entry("", front, f"Titre {n}") for n in range(4))) == 4
    assert _count_keys(*(Entry("", front, "Titre") for _ in range(4))) == 1


def test_an_id_of_its_own_decides_alone() -> None:
    before = feeds.entry_keys(FEED, [Entry("1", f"{FEED}/1"), Entry("2", f"{FEED}/2")])
    after = feeds.entry_keys(FEED, [Entry("2", f"{FEED}/two"), Entry("1", f"{FEED}/1")])
    assert before == after[::-1]
