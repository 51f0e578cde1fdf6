"""Which feed is proposed in the place of a dead one."""

from __future__ import annotations

from harvester.discovery.choice import Choice
from harvester.discovery.found_feed import FoundFeed, Source
from harvester.discovery.proposal import choose_proposal

DEAD = "https://paper.example/feed"
NOW = "2025-09-15T12:00:00Z"


def choice(
    url: str, articles: int = 3, kind: str = "rss", taken: bool = True
) -> Choice:
    keys = {f"{url.split('/')[2]}/{number}": "" for number in range(articles)}
    feed = FoundFeed(
        url=url,
        source=Source.ANNOUNCED,
        kind=kind,
        title="T",
        language="",
        site_url="",
        entry_count=articles,
        newest=None,
        oldest=None,
        interval=None,
        text="titles",
        digest=url,
        articles=keys,
    )
    return Choice(feed, taken)


def proposed(choices: list[Choice], known: tuple[str, ...] = ()) -> str:
    found = choose_proposal(choices, DEAD, ["https://paper.example/sport"], known, NOW)
    return found.url if found else ""


def test_a_feed_of_the_same_site() -> None:
    assert proposed([choice("https://www.paper.example/rss")]).endswith("/rss")


def test_a_feed_of_another_site_only_with_known_articles() -> None:
    elsewhere = choice("https://new.example/rss")
    assert proposed([elsewhere]) == ""
    assert proposed([elsewhere], ("new.example/0",)) == ""
    assert proposed([elsewhere], ("new.example/0", "new.example/1")) != ""


def test_the_one_with_most_known_articles_else_the_first() -> None:
    first = choice("https://paper.example/a")
    other = choice("https://new.example/b")
    assert proposed([first, choice("https://paper.example/c")]) == first.feed.url
    known = ("new.example/0", "new.example/1")
    assert proposed([first, other], known) == other.feed.url


def test_never_one_that_is_polled_or_is_no_feed_or_brings_nothing() -> None:
    assert proposed([choice(DEAD), choice("https://paper.example/sport")]) == ""
    assert proposed([choice("https://paper.example/", kind="page")]) == ""
    assert proposed([choice("https://paper.example/empty", articles=0)]) == ""
    assert proposed([choice("https://paper.example/x", taken=False)]) == ""
