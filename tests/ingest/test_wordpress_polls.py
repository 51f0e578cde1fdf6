"""Polls of WordPress's REST interface find all edits in few requests; lies do no harm."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest

from harvester.newsroom import Newsroom
from harvester.newsroom.outlet import Outlet
from harvester.newsroom.wordpress_rest import POSTS_PATH, RestQuirk
from tests.support.crawled_archive import Harvest
from tests.support.kept_newsroom import KeptNewsroom
from tests.support.prose import ProseGenerator

REST = "/wp-json/"


def paragraphs(number: int) -> list[str]:
    """Some paragraphs, the same for the same number."""
    return ProseGenerator(number, "en").article_paragraphs(6)


def open_site(
    room: Newsroom, posts: int = 5, *quirks: RestQuirk, feeds: tuple[str, ...] = ()
) -> Outlet:
    """A site with some posts; only its REST interface is followed, or other feeds too."""
    site = room.add_outlet("lantern", language="en")
    site.feed_paths = [POSTS_PATH, *feeds]
    site.rest_quirks = frozenset(quirks)
    for number in range(posts):
        site.publish(
            f"Story {number} of the harbour", paragraphs(number), author="Ada Moss"
        )
        room.advance(minutes=7)
    return site


def edit(site: Outlet, number: int, words: str) -> None:
    """Add a sentence to a post."""
    article = site.articles[number]
    site.edit(article, (*article.paragraphs, f"{words} was added by the editor later."))


def versions(kept: KeptNewsroom) -> dict[str, int]:
    """Title → number of versions."""
    rows = kept.rows(
        """
        select v.title, a.versions from articles a
        join versions v on v.article = a.key and v.number = 1
        """
    )
    return {row["title"]: row["versions"] for row in rows}


def test_posts_become_articles_with_ids_dates_and_authors(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom)
    kept = KeptNewsroom(newsroom, tmp_path)
    kept.visit()
    entries = kept.rows("select * from entries order by guid")
    assert [entry["guid"] for entry in entries] == [
        str(article.number) for article in site.articles
    ]
    assert entries[0]["published"] == "2025-09-06T08:00:00Z"
    assert '"published_local": "2025-09-06T09:00:00+01:00"' in entries[0]["extra"]
    assert '"authors": ["Ada Moss"]' in entries[0]["extra"]
    assert '"content": "<p>' in entries[0]["extra"]
    assert {entry["outcome"] for entry in entries} == {"new"}
    assert kept.feed(REST)["kind"] == "wordpress"


def test_every_edit_is_found_also_of_an_old_post(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom, 30)
    kept = KeptNewsroom(newsroom, tmp_path)
    kept.visit()
    kept.run(days=40)
    begun = kept.now
    for number in range(30):
        edit(site, number, f"Edit {number}")
        kept.run(minutes=45)
    kept.run(hours=3)
    assert set(versions(kept).values()) == {2}
    days = (45 * 30 / 60 + 3) / 24
    requests = kept.count_requests(begun)
    assert requests["feed"] <= 40 * days
    assert requests["article"] <= 30 + 15, "hardly a look without an edit"


def test_a_scheduled_post_is_found_though_it_was_saved_the_day_before(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom)
    kept = KeptNewsroom(newsroom, tmp_path)
    kept.run(days=2)
    edit(site, 1, "News")
    kept.run(hours=2)
    article = site.publish("A scheduled story", paragraphs(99))
    article.changed_at = newsroom.now - timedelta(hours=30)
    kept.run(hours=5)
    assert "A scheduled story" in versions(kept)


def test_a_missing_post_is_looked_at_and_its_page_decides(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom, 12)
    kept = KeptNewsroom(newsroom, tmp_path)
    kept.run(days=30)
    removed, hidden = site.articles[3], site.articles[5]
    site.withdraw(removed)
    site.serve(hidden.path, kept_page(hidden.url))
    site.withdraw(hidden)
    kept.run(days=2)
    states = dict(
        kept.archive.connection.execute("select url, state from articles").fetchall()
    )
    assert states[removed.url] == "removed"
    assert states[hidden.url] == "live", "its page is still there"
    looks = kept.rows(
        "select count(*) as n from looks l join articles a on a.key = l.article "
        "where a.url = ? and l.at > '2025-10-06T12:00:00Z'",
        hidden.url,
    )
    assert looks[0]["n"] <= 2, "a post that is missing is looked at once"


def kept_page(url: str) -> bytes:
    """The page of a post that the interface does not list any more."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs(5))
    return (
        f'<html><head><title>Story 5 of the harbour</title><link rel="canonical" '
        f'href="{url}"></head><body><article><h1>Story 5 of the harbour</h1>{text}'
        "</article></body></html>"
    ).encode()


@pytest.mark.parametrize(
    "quirk", ["old", "unordered", "no include", "no zone", "no gmt", "noisy"]
)
def test_a_server_that_departs_from_the_rules_hides_no_edit(
    newsroom: Newsroom, tmp_path: Path, quirk: RestQuirk
) -> None:
    site = open_site(newsroom, 25, quirk)
    kept = KeptNewsroom(newsroom, tmp_path)
    kept.run(days=3)
    for number in (2, 11, 24):
        edit(site, number, f"Edit {number}")
        kept.run(hours=3)
    kept.run(hours=26)
    edited = {title for title, count in versions(kept).items() if count > 1}
    assert edited == {f"Story {number} of the harbour" for number in (2, 11, 24)}
    assert len(versions(kept)) == 25
    assert not kept.rows("select * from events where kind = 'items missed'")


def test_a_server_that_ignores_modified_after_is_asked_for_less_and_that_is_told(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    open_site(newsroom, 60, "old")
    kept = KeptNewsroom(newsroom, tmp_path)
    kept.run(hours=9)
    assert "ignores modified_after" in kept.feed(REST)["reason"]
    last = [visit.url for _, visit in kept.requested if "orderby=modified" in visit.url]
    assert "per_page=20&" in last[-1]
    assert "modified_after" not in last[-1]


def test_more_changes_than_a_response_holds_are_read_page_by_page(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom, 230)
    kept = KeptNewsroom(newsroom, tmp_path)
    kept.visit()
    known = len(versions(kept))
    assert known == 100, "the first poll takes the latest"
    for number in range(230):
        edit(site, number, "Everywhere")
    kept.run(hours=2)
    assert len(versions(kept)) == 230
    pages = [visit.url for _, visit in kept.requested if "&page=" in visit.url]
    assert len(pages) == 2


@pytest.mark.parametrize(
    ("quirk", "outcome"), [("closed", "blocked"), ("html", "failed")]
)
def test_a_closed_interface_is_quietly_left_alone(
    newsroom: Newsroom, tmp_path: Path, quirk: RestQuirk, outcome: str
) -> None:
    site = open_site(newsroom, 5, quirk, feeds=("/feed/",))
    kept = KeptNewsroom(newsroom, tmp_path)
    kept.run(days=4)
    feed = kept.feed(REST)
    assert feed["outcome"] == outcome
    asked = [visit.url for _, visit in kept.requested if "wp-json" in visit.url]
    assert len(asked) <= 3, "it is asked once a week"
    assert len(versions(kept)) == 5
    assert not kept.rows(
        "select * from events where kind like 'feed %' and kind <> 'feed silent'"
    )
    site.rest_quirks = frozenset()
    kept.run(days=8)
    assert kept.feed(REST)["outcome"] in ("changed", "unchanged")


def test_where_it_is_the_only_feed_its_failure_is_told(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    open_site(newsroom, 5, "closed")
    kept = KeptNewsroom(newsroom, tmp_path)
    kept.visit()
    assert [row["kind"] for row in kept.rows("select kind from events")] == [
        "feed failing"
    ]


def test_an_edit_that_a_cache_hides_for_a_while_is_found(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom)
    settings = newsroom.settings_toml(tmp_path, every="auto", revisit=[])
    kept = KeptNewsroom(newsroom, tmp_path, settings)
    kept.run(hours=4)
    article = site.articles[2]
    with urlopen(article.url) as response:
        site.serve(article.path, response.read())
    edit(site, 2, "Hidden")
    kept.run(minutes=45)
    assert set(versions(kept).values()) == {1}
    del site.files[article.path]
    begun = kept.now
    kept.run(hours=30)
    assert versions(kept)[article.title] == 2
    assert kept.count_requests(begun)["article"] == 1
    assert kept.count_requests()["article"] == 2


def test_an_article_known_from_elsewhere_that_changed_since_is_looked_at(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom, 5, "closed", feeds=("/feed/",))
    kept = KeptNewsroom(newsroom, tmp_path)
    kept.run(days=2)
    edit(site, 0, "Unseen")
    site.rest_quirks = frozenset()
    kept.archive.connection.execute(
        "update feeds set due = ? where url like '%wp-json%'", [kept.now]
    )
    kept.visit()
    assert versions(kept)["Story 0 of the harbour"] == 2


def test_a_site_that_moved_is_asked_at_its_new_address(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom)
    kept = KeptNewsroom(newsroom, tmp_path)
    kept.visit()
    newsroom.move_domain(site)
    kept.run(hours=6)
    feed = kept.feed(REST)
    assert feed["moved_to"] == site.absolute_url(POSTS_PATH)
    assert feed["asked"] == feed["moved_to"]
    assert feed["outcome"] in ("changed", "unchanged")


def test_the_real_crawl_asks_page_after_page(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    site = open_site(newsroom, 12)
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    assert harvest.once()["new"] == 12
    asked = [request.path for request in site.requests if "wp-json" in request.path]
    assert ["orderby=modified" in path for path in asked] == [True, False]
    edit(site, 4, "News")
    counts = harvest.once()
    assert counts["changed"] == 1
    status = harvest.json("status")["outlets"][0]["feeds"][0]
    assert status["kind"] == "wordpress"
    assert "known posts asked for" in status["reason"]
    checked = harvest.run("check", site.absolute_url(POSTS_PATH)).stdout
    assert "wordpress, 12 entries" in checked
    harvest.check()
