"""Lists of subscriptions become outlets, whoever wrote them; ours come back as they were."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from harvester.discovery.grouping import plan_import
from harvester.discovery.opml import Subscriptions, read_subscriptions, write_opml
from harvester.errors import HarvesterError
from harvester.settings import Settings, parse_settings, toml_edit
from tests.support import ROOT
from tests.support.opml_files import COURIER, FEEDS, READERS

HERE = Path("/nowhere/settings.toml")


def settings_of(found: Subscriptions, before: str = "", **options: Any) -> Settings:
    """The settings after an import into ``before``."""
    known = parse_settings(before, HERE, require_outlets=False)
    plan = plan_import(found.feeds, found.outlets, known.outlets, **options)
    text = before
    for key, feeds in plan.more.items():
        text = toml_edit.add_feeds(text, key, feeds)
    return parse_settings(toml_edit.add_outlets(text, plan.new), HERE)


@pytest.mark.parametrize("reader", READERS)
def test_one_outlet_a_publisher(reader: str) -> None:
    found = read_subscriptions(READERS[reader].encode())
    assert tuple(feed.url for feed in found.feeds) == FEEDS and not found.problems
    outlets = settings_of(found).outlets
    assert {key: len(outlet.feeds) for key, outlet in outlets.items()} == {
        "courier": 2,
        "lantern": 1,
        "anna": 1,
    }
    assert outlets["courier"].name == "The Courier"
    assert outlets["anna"].name == "Anna's blog"
    assert outlets["courier"].home == COURIER
    assert outlets["anna"].home == "https://anna.blogspot.com/"


@pytest.mark.parametrize("reader", sorted(READERS.keys() - {"Newsboat"}))
def test_folders_as_sections_or_outlets(reader: str) -> None:
    found = read_subscriptions(READERS[reader].encode())
    sections = settings_of(found, folders="sections").outlets
    named = {feed.section for outlet in sections.values() for feed in outlet.feeds}
    assert {"Local"} < named and len(sections) == 3
    folders = settings_of(found, folders="outlets").outlets
    assert "local" in folders and folders["local"].name == "Local"
    if reader != "Thunderbird":  # which has a folder for each feed
        assert [feed.url for feed in folders["news"].feeds] == list(FEEDS[:2])


def test_what_is_known_stays_and_the_rest_joins_its_outlet() -> None:
    before = f'# mine\n[outlets.c]\nfeeds = ["{FEEDS[0]}"] # one\nevery = "5 minutes"\n'
    found = read_subscriptions(READERS["Feedly"].encode())
    settings = settings_of(found, before)
    assert [feed.url for feed in settings.outlets["c"].feeds] == list(FEEDS[:2])
    assert set(settings.outlets) == {"c", "lantern", "anna"}
    plan = plan_import(found.feeds, found.outlets, settings.outlets)
    assert (plan.feed_count, plan.known_count) == (0, 4)


FULL = """
[outlets.courier]
name = "The Courier & 'Friends' <news>"
home = "https://www.courier.example/front"
language = "en"
every = "5 minutes"
revisit = ["1 hour", "1 day"]
looks = 9
removed_after = { looks = 3, apart = "2 hours" }
delay = "4 seconds"
concurrency = 2
insecure = true
proxy = ""
login = { env = "HARVESTER_TEST_LOGIN" }
user_agent = "ours/1 (+https://ours.net)"
headers = { Accept-Language = "en", X-Key = { env = "HARVESTER_TEST_LOGIN" } }
cookies = { session = "a=b", other = { env = "HARVESTER_TEST_LOGIN" } }
timeout = "90 seconds"
disabled = true
extractor = "trafilatura"
feeds = ["https://www.courier.example/a?x=1&y=2", { url = "https://www.courier.example/b", section = "Späße" }]
[outlets.courier.rules]
remove = [".a > .b"]
allow = ['/news/\\d+']
[[outlets.courier.earlier_rules]]
valid_until = 2024-05-01
remove = [".old"]
[outlets.pages]
pages = ["https://pages.example/", { url = "https://pages.example/s", section = "S" }]
[outlets.both]
pages = ["https://both.example/"]
feeds = ["https://both.example/feed"]
[outlets.wire]
was = "agency"
feeds = ["https://feeds.feedburner.com/wire"]
"""


@pytest.mark.parametrize("text", [FULL, (ROOT / "settings.toml").read_text("utf-8")])
def test_our_own_export_gives_the_same_settings(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARVESTER_TEST_LOGIN", "me:secret")
    tables = tomllib.loads(text)["outlets"]
    opml = write_opml(tables.items(), "mine")
    found = read_subscriptions(opml.encode())
    again = settings_of(found, trust=True)
    assert again.outlets == parse_settings(text, HERE).outlets
    assert list(again.outlets) == list(tables)
    # Written again, it is the same, byte for byte.
    plan = plan_import(found.feeds, found.outlets, {}, trust=True)
    assert write_opml(plan.new.items(), "mine") == opml


def test_what_sends_secrets_is_not_taken_from_a_file_of_others() -> None:
    opml = write_opml(tomllib.loads(FULL)["outlets"].items(), "theirs")
    found = read_subscriptions(opml.encode())
    plan = plan_import(found.feeds, found.outlets, {})
    assert set(plan.dropped) == {
        f"courier: {name}"
        for name in (
            *("login", "headers", "cookies", "user_agent"),
            *("proxy", "insecure", "delay", "concurrency"),
        )
    }
    assert not {"login", "headers", "cookies", "proxy"} & set(plan.new["courier"])
    assert plan.new["courier"]["every"] == "5 minutes"


def test_other_readers_see_our_feeds() -> None:
    opml = write_opml(tomllib.loads(FULL)["outlets"].items(), "mine")
    foreign = opml.replace("urn:harvester:outlet", "urn:other")
    found = read_subscriptions(foreign.encode())
    assert [feed.url for feed in found.feeds][1:] == [
        "https://www.courier.example/b",
        "https://both.example/feed",
        "https://feeds.feedburner.com/wire",
    ]
    assert found.feeds[0].home == "https://www.courier.example/front"


@pytest.mark.parametrize(
    ("opml", "urls"),
    [
        # No declaration, names in other cases, a default namespace, no body.
        (
            '<opml><outline XMLURL="https://a.example/f"/></opml>',
            ["https://a.example/f"],
        ),
        (
            '<opml xmlns="urn:x"><body><outline type="rss" url="https://a.example/f"/></body></opml>',
            ["https://a.example/f"],
        ),
        # Broken: an ampersand, a missing end.
        (
            '<opml><body><outline text="A & B" xmlUrl="https://a.example/?a=1&b=2"/>',
            ["https://a.example/?a=1&b=2"],
        ),
        (
            '<opml><body><outline xmlUrl="feed://a.example/f"/></body></opml>',
            ["http://a.example/f"],
        ),
        ('<opml><body><outline xmlUrl="ftp://a.example/"/></body></opml>', []),
        ('<opml><body><outline text="x"/></body></opml>', []),
    ],
)
def test_opml_of_all_sorts(opml: str, urls: list[str]) -> None:
    assert [feed.url for feed in read_subscriptions(opml.encode()).feeds] == urls


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    text = '<?xml version="1.0" encoding="{}"?><opml><body><outline text="Süß" xmlUrl="https://a.example/f"/></body></opml>'
    body = text.format(encoding.removesuffix("-sig")).encode(encoding)
    (feed,) = read_subscriptions(body).feeds
    assert feed.title == "Süß"


def test_a_list_of_urls() -> None:
    found = read_subscriptions(
        b'# my feeds\nhttps://a.example/f\n\n  https://b.example/f news "~B\'s paper"\n'
        b'https://a.example/f\nfilter:x.sh:https://c.example/\nnonsense\n"query:x:y"\n'
    )
    assert [(feed.url, feed.title) for feed in found.feeds] == [
        ("https://a.example/f", ""),
        ("https://b.example/f", "B's paper"),
    ]
    assert found.problems == ["line 7: 'nonsense' is not an http or https URL"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is empty"),
        (b"hello\nworld\n", "neither OPML nor a list"),
        (b"<rss version='2.0'><channel/></rss>", "not OPML"),
        (b"<html><body>x</body></html>", "not OPML"),
        (b"\x00\x01\x02\x03", "neither OPML"),
        (
            b'<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml><body>'
            b'<outline text="&a;" xmlUrl="https://a.example/"/></body></opml>',
            "entities",
        ),
    ],
)
def test_what_is_no_list(body: bytes, words: str) -> None:
    with pytest.raises(HarvesterError, match=words):
        read_subscriptions(body)


def test_a_deep_and_a_long_list_are_bounded() -> None:
    deep = "<outline text='x'>" * 5_000
    found = read_subscriptions(f"<opml><body>{deep}".encode())
    assert found.feeds == []
    line = "<outline xmlUrl='https://a.example/{}'/>"
    many = "".join(line.format(number) for number in range(50_010))
    found = read_subscriptions(f"<opml><body>{many}</body></opml>".encode())
    assert len(found.feeds) == 50_000 and found.problems


def test_shared_hosts_are_many_publishers() -> None:
    urls = [
        "https://feeds.feedburner.com/one",
        "https://feeds.feedburner.com/two",
        "https://www.youtube.com/feeds/videos.xml?channel_id=1",
        "https://one.blogspot.com/f",
        "https://two.blogspot.com/f",
        "https://www.bbc.co.uk/1",
        "https://feeds.bbc.co.uk/2",
    ]
    settings = settings_of(read_subscriptions("\n".join(urls).encode()))
    assert [len(outlet.feeds) for outlet in settings.outlets.values()] == [1] * 5 + [2]
    assert list(settings.outlets)[3:] == ["one", "two", "bbc"]
