"""Feeds as readers parse them: entries, dates, ids and markup, whatever outlets wrote."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest

from harvester.archive.queries.changes import Change, ChangeFilter
from harvester.archive.queries.search import Hit
from harvester.identity.urls import mask_secrets
from harvester.render import feed_entries, feeds
from tests.support.markup import HOSTILE, parse

ARCHIVE = "http://127.0.0.1:8001"
EDIT = Change(
    id=7, at="2025-09-06T09:00:00Z", kind="edited", outlet="mpi", outlet_name="MPI",
    article="8230b9c414c3bb53", url="https://mpi.example/x?token=hush", title="After", language="fr",
    state="live", published="2025-09-06T07:00:00Z", note="", before=1, after=2,
    change_class="substantive", size=3, silent=True, acknowledgement="", fields={},
    sentences={"added": ["One more."], "removed": ["One less."], "changed": [["It was 10.", "It was 12."]],
               "moved": ["Elsewhere."]},
    before_text="", after_text="", before_title="Before", before_sha256="a" * 64, after_sha256="b" * 64,
)  # fmt: skip
HIT = Hit(
    "8230b9c414c3bb53", 1, "mpi", "https://mpi.example/x", "A title", ("Anna",), None,
    "2025-09-06T07:00:00Z", "fr", "some \x02words\x03 here", False,
)  # fmt: skip
TAGS = {"p", "b", "i", "ins", "del", "strong", "a"}


def make_feed(*entries: feeds.FeedEntry) -> feeds.Feed:
    return feeds.Feed(
        "key", "Changes", "2025-09-09T00:00:00Z", entries, f"{ARCHIVE}/-/changes.atom"
    )


def read(entry: feeds.FeedEntry) -> tuple[Any, dict[str, Any]]:
    """An entry as a feed reader sees it: of Atom, and of JSON Feed."""
    feed = make_feed(entry)
    parsed = feedparser.parse(feeds.render_atom(feed).encode())
    assert not parsed.bozo and parsed.version == "atom10"
    (item,) = json.loads(feeds.render_json(feed))["items"]
    return parsed.entries[0], item


def test_an_edit_in_a_reader() -> None:
    entry, item = read(feed_entries.make_change_entry(EDIT, mask_secrets, ARCHIVE))
    assert entry.title == item["title"] == "Edited: After"
    assert entry.id == item["id"] and entry.id.startswith("urn:uuid:")
    assert entry.updated == item["date_modified"] == EDIT.at
    assert entry.author == item["authors"][0]["name"] == "MPI"
    page = f"{ARCHIVE}/-/article/8230b9c414c3bb53?from=1&to=2"
    assert {link.rel: link.href for link in entry.links} == {
        "alternate": item["external_url"],
        "related": page,
    }
    assert item["url"] == page and "hush" not in json.dumps(item)
    for html in (entry.content[0].value, item["content_html"]):
        assert "It was <del>10</del><ins>12</ins>." in html
        assert "<ins>One more.</ins>" in html and "<del>One less.</del>" in html
        assert "substantive, 3 words; unacknowledged" in html
        assert page.replace("&", "&amp;") in html


def test_a_result_in_a_reader() -> None:
    entry, item = read(feed_entries.make_hit_entry(HIT, mask_secrets, ARCHIVE))
    assert entry.title == item["title"] == "A title"
    assert (
        entry.links[1].href
        == item["url"]
        == f"{ARCHIVE}/-/article/8230b9c414c3bb53?version=1"
    )
    assert entry.summary == item["summary"] == "some words here"
    assert "some <strong>words</strong> here" in item["content_html"]


def test_ids_last_over_merges_and_differ_between_edits() -> None:
    def name(**changed: object) -> str:
        change = replace(EDIT, **changed)  # type: ignore[arg-type]
        return feeds.make_id(feed_entries.make_change_entry(change, str).key)

    assert name(id=9, at="2025-09-06T11:00:00Z", before=4, after=5) == name()
    others = {
        name(before_sha256="c" * 64),
        name(article="0" * 16),
        name(back=True),
        name(back=True, at="2025-09-08T11:00:00Z"),
        name(kind="removed", before_sha256=None, after_sha256=None),
        name(),
    }
    assert len(others) == 6


@pytest.mark.parametrize("words", HOSTILE)
def test_no_markup_but_ours(words: str) -> None:
    change = replace(
        EDIT, title=words, outlet_name=words, note=words, language=words, url=words,
        fields={"title": [words, "x"], "tags": [[words], []]},
        sentences={"added": [words], "removed": [words], "changed": [[words, "y"]], "moved": [words]},
    )  # fmt: skip
    hit = replace(
        HIT,
        title=words,
        url=words,
        language=words,
        authors=(words,),
        highlighted=f"\x02{words}\x03{words}",
    )
    for made in (
        feed_entries.make_change_entry(change, mask_secrets, ARCHIVE),
        feed_entries.make_hit_entry(hit, mask_secrets, ARCHIVE),
    ):
        feed = replace(make_feed(made), title=words)
        root = ElementTree.fromstring(feeds.render_atom(feed).encode("utf-8"))
        atom = "{http://www.w3.org/2005/Atom}"
        content = root.findtext(f"{atom}entry/{atom}content") or ""
        (item,) = json.loads(feeds.render_json(feed).encode("utf-8"))["items"]
        assert item["content_html"] == content
        parsed = parse(content)
        assert set(parsed.tags) <= TAGS
        assert parsed.attributes <= {"dir", "href", "rel"}
        assert all(
            target.startswith((ARCHIVE, "https://")) for target in parsed.targets
        )
        assert {link.get("href", "")[:8] for link in root.iter(f"{atom}link")} <= {
            "http://1",
            "https://",
        }


def test_a_feed_without_entries_has_a_date() -> None:
    parsed = feedparser.parse(feeds.render_atom(make_feed()).encode())
    assert parsed.feed.updated == "2025-09-09T00:00:00Z" and parsed.entries == []
    assert json.loads(feeds.render_json(make_feed()))["items"] == []


def test_an_edit_of_a_thousand_sentences_is_cut() -> None:
    change = replace(
        EDIT, sentences={"added": [f"Sentence {n}." for n in range(1_000)]}
    )
    entry = feed_entries.make_change_entry(change, str)
    assert "… and 940 more" in entry.content and len(entry.summary) <= 400


def test_titles_say_what_a_feed_is_of() -> None:
    chosen = ChangeFilter(kinds=("removed",), outlets=("mpi",))
    assert feed_entries.title_changes(chosen) == "Removed articles · mpi"
    silent = ChangeFilter(silent=True)
    assert (
        feed_entries.title_changes(silent, "oil")
        == "What changed · unacknowledged · oil"
    )
    keys = {
        feed_entries.key_changes(one, query)
        for one in (ChangeFilter(), chosen, silent)
        for query in ("", "oil")
    }
    assert len(keys) == 6
