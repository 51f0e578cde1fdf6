"""`lastmod` prompts checks once it proved true; sitemaps without news are retired."""

from __future__ import annotations

from pathlib import Path

from harvester.newsroom import Newsroom
from harvester.newsroom.outlet import Outlet
from tests.support.kept_newsroom import KeptNewsroom
from tests.support.prose import ProseGenerator


def open_site(room: Newsroom, posts: int = 30) -> Outlet:
    """A site that is followed by its sitemap."""
    site = room.add_outlet("lantern", language="en", feed_size=500)
    site.feed_format = "sitemap"
    prose = ProseGenerator(1, "en")
    for _ in range(posts):
        site.publish(prose.title(), prose.article_paragraphs(6))
        room.advance(minutes=7)
    return site


def keep(room: Newsroom, folder: Path) -> KeptNewsroom:
    """An archive in which only hints prompt checks."""
    settings = room.settings_toml(folder, every="auto", revisit=[])
    return KeptNewsroom(room, folder, settings)


def edit(site: Outlet, number: int) -> None:
    """Add a sentence to an article."""
    article = site.articles[number]
    words = f"This was added by the editor on {site.now():%A at %H:%M}."
    site.edit(article, (*article.paragraphs, words))


def test_true_dates_prompt_a_check_of_each_edit(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom)
    kept = keep(newsroom, tmp_path)
    kept.run(hours=1)
    for number in range(30):
        edit(site, number)
        kept.run(minutes=30)
    rows = kept.rows("select versions from articles")
    assert [row["versions"] for row in rows] == [2] * 30
    feed = kept.feed("/feed/")
    assert (feed["dated_looks"], feed["dated_edits"]) == (30, 30)


def test_dates_of_each_request_cost_a_bounded_number_of_checks(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom, 200)
    kept = keep(newsroom, tmp_path)
    kept.visit()
    site.dates_sitemap_now = True
    begun = kept.now
    kept.run(hours=24)
    assert kept.feed("/feed/")["dated_looks"] >= 20
    checks = kept.count_requests(begun)["article"]
    assert checks <= 20 + 5, "some a day are tried still"
    assert not kept.rows("select 1 from articles where versions > 1")


def test_false_dates_that_become_true_are_used_again(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom)
    kept = keep(newsroom, tmp_path)
    kept.visit()
    kept.archive.connection.execute(
        "update feeds set dated_looks = 40, dated_edits = 7"
    )
    for number in range(60):
        edit(site, number % 30)
        kept.run(minutes=30)
    feed = kept.feed("/feed/")
    assert feed["dated_edits"] >= 0.2 * feed["dated_looks"]


def test_a_date_that_a_check_outran_is_counted_as_true_without_another_check(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom)
    kept = keep(newsroom, tmp_path)
    kept.visit()
    newsroom.advance(minutes=5)
    edit(site, 3)
    kept.archive.connection.execute(
        "update articles set due = ? where url = ?", [kept.now, site.articles[3].url]
    )
    kept.visit()
    kept.run(hours=1)
    feed = kept.feed("/feed/")
    assert (feed["dated_looks"], feed["dated_edits"]) == (1, 1)
    assert kept.count_requests()["article"] == 1


def test_a_sitemap_without_news_is_polled_weekly_until_it_has_some(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom)
    kept = keep(newsroom, tmp_path)
    kept.run(days=29)
    assert "retired: no news for four weeks" in kept.feed("/feed/")["reason"]
    begun = kept.now
    kept.run(days=20)
    assert kept.count_requests(begun)["feed"] in (2, 3)
    events = kept.rows("select kind from events where kind like 'feed%'")
    assert {event["kind"] for event in events} == {"feed silent", "feed retired"}
    site.publish("News at last", ProseGenerator(9, "en").article_paragraphs(6))
    kept.run(days=9)
    assert "retired" not in kept.feed("/feed/")["reason"]
    assert kept.feed("/feed/")["due"] < "2025-11-05"


def test_an_interval_of_the_settings_is_kept(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    open_site(newsroom, 3)
    settings = newsroom.settings_toml(tmp_path, every="6 hours", revisit=[])
    kept = KeptNewsroom(newsroom, tmp_path, settings)
    kept.run(days=35)
    assert kept.count_requests()["feed"] > 130
