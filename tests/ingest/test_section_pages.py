"""Section pages as feeds: their articles, their order, and nothing else of the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.newsroom import Newsroom
from harvester.newsroom.outlet import Outlet
from harvester.newsroom.site_shapes import SiteKind
from tests.support.crawled_archive import Harvest
from tests.support.kept_newsroom import KeptNewsroom
from tests.support.prose import ProseGenerator

KINDS: tuple[SiteKind, ...] = ("wordpress", "atom", "plain")


def open_site(room: Newsroom, kind: SiteKind = "atom", posts: int = 12) -> Outlet:
    """A site with some articles, of which one in three is in another section."""
    site = room.add_outlet("lantern", kind, language="en")
    prose = ProseGenerator(4, "en")
    for number in range(posts):
        publish(site, prose, "Sport" if number % 3 == 2 else "Local")
        room.advance(minutes=7)
    return site


def publish(site: Outlet, prose: ProseGenerator, section: str = "Local") -> None:
    """Publish an article."""
    site.publish(
        prose.title(), prose.article_paragraphs(6), section=section, author="Ada Moss"
    )


def settings_of(
    room: Newsroom, folder: Path, site: Outlet, *pages: str, more: str = ""
) -> str:
    """Settings in which the site has section pages in place of feeds."""
    listed = ", ".join(f'"{site.absolute_url(page)}"' for page in pages)
    text = room.settings_toml(folder, every="auto", revisit=[])
    feeds = next(line for line in text.splitlines() if line.startswith("feeds = "))
    return text.replace(feeds, f"pages = [{listed}]\n{more}")


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_poll_of_an_unknown_site_finds_all_articles_and_nothing_else(
    newsroom: Newsroom, tmp_path: Path, kind: SiteKind
) -> None:
    site = open_site(newsroom, kind)
    kept = KeptNewsroom(newsroom, tmp_path, settings_of(newsroom, tmp_path, site, "/"))
    kept.visit()
    entries = kept.rows("select * from entries order by place")
    newest_first = list(reversed(site.articles))
    assert [row["url"] for row in entries] == [article.url for article in newest_first]
    assert [row["title"] for row in entries] == [a.title for a in newest_first]
    assert {row["outcome"] for row in entries} == {"new"}
    assert kept.feed("/")["kind"] == "page"
    assert kept.feed("/")["title"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_section_has_its_articles_only_and_new_ones_are_found(
    newsroom: Newsroom, tmp_path: Path, kind: SiteKind
) -> None:
    site = open_site(newsroom, kind)
    path = site.template.section_path("Sport")
    kept = KeptNewsroom(newsroom, tmp_path, settings_of(newsroom, tmp_path, site, path))
    kept.visit()
    assert len(kept.rows("select 1 from articles")) == 4
    publish(site, ProseGenerator(8, "en"), "Sport")
    kept.run(hours=1)
    assert len(kept.rows("select 1 from articles")) == 5
    assert kept.rows("select max(place) as last from entries")[0]["last"] == 4


def test_order_and_disappearance_are_kept(newsroom: Newsroom, tmp_path: Path) -> None:
    site = open_site(newsroom)
    kept = KeptNewsroom(newsroom, tmp_path, settings_of(newsroom, tmp_path, site, "/"))
    kept.visit()
    gone = site.articles[5]
    site.withdraw(gone)
    kept.run(hours=2)
    listed = kept.feed("/")["listed"]
    rows = kept.rows("select url, last_seen >= ? as listed from entries", listed)
    assert [row["url"] for row in rows if not row["listed"]] == [gone.url]
    assert not kept.rows("select 1 from events where kind = 'items missed'")


def test_what_is_learned_accepts_short_slugs_of_the_sites_own_shape(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom, "plain")
    kept = KeptNewsroom(newsroom, tmp_path, settings_of(newsroom, tmp_path, site, "/"))
    kept.visit()
    site.publish("Flood", ProseGenerator(5, "en").article_paragraphs(6), slug="flood")
    kept.run(hours=1)
    rows = kept.rows("select url from articles where url like '%/flood.htm'")
    assert len(rows) == 1


def test_rules_decide_where_the_settings_have_some(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom)
    rules = '[outlets.lantern.rules]\nallow = ["^/sport/\\\\d"]\n'
    text = settings_of(newsroom, tmp_path, site, "/")
    kept = KeptNewsroom(newsroom, tmp_path, f"{text}\n{rules}")
    kept.visit()
    paths = [row["url"] for row in kept.rows("select url from entries")]
    assert len(paths) == 4
    assert all("/sport/2025/" in path for path in paths)


def test_a_list_that_looked_like_an_article_is_refused_and_not_asked_again(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    site = open_site(newsroom)
    teasers = "".join(
        f'<article class="card"><h2><a href="{article.path}">{article.title}</a></h2>'
        f"<p>{article.title} and more.</p></article>"
        for article in site.articles
    )
    body = f"<html><body><main><h1>Dossier</h1>{teasers}</main></body></html>"
    site.serve("/dossier-the-flood-of-2025-all-stories", body.encode())
    page = (
        "<html><head><title>Front</title></head><body><main>"
        '<h2><a href="/dossier-the-flood-of-2025-all-stories">All about the flood of '
        f"the year</a></h2>{teasers}</main></body></html>"
    )
    site.serve("/front", page.encode())
    kept = KeptNewsroom(
        newsroom, tmp_path, settings_of(newsroom, tmp_path, site, "/front")
    )
    kept.visit()
    site.serve("/front", page.replace("Front", "Today").encode())
    kept.run(days=3)
    [row] = kept.rows("select * from entries where url like '%/dossier%'")
    assert row["outcome"] == "refused"
    assert "not an article" in row["reason"]
    asked = [visit.url for _, visit in kept.requested if "dossier" in visit.url]
    assert len(asked) == 1
    assert len(kept.rows("select 1 from articles")) == 12


def test_a_page_without_articles_is_told(newsroom: Newsroom, tmp_path: Path) -> None:
    site = open_site(newsroom)
    site.serve("/empty", b"<html><body><div id=app></div></body></html>")
    kept = KeptNewsroom(
        newsroom, tmp_path, settings_of(newsroom, tmp_path, site, "/empty")
    )
    kept.visit()
    feed = kept.feed("/empty")
    assert feed["outcome"] == "empty"
    assert feed["reason"] == "no links to articles on the page"


def test_the_real_commands(newsroom: Newsroom, harvest: Harvest) -> None:
    site = open_site(newsroom)
    harvest.settings.write_text(settings_of(newsroom, harvest.folder, site, "/"))
    assert harvest.once()["new"] == 12
    request = next(one for one in site.requests if one.path == "/")
    assert request.headers["accept"].startswith("text/html")
    feed = harvest.json("status")["outlets"][0]["feeds"][0]
    assert (feed["kind"], feed["reason"]) == ("page", "12 entries, 12 new")
    checked = harvest.run("check", site.absolute_url("/")).stdout
    assert "page, 12 entries" in checked, "as the settings say"
    sport = site.absolute_url(site.template.section_path("Sport"))
    listed = harvest.json("check", sport, "--links")["entries"]
    assert [entry["title"] for entry in listed] == [
        article.title
        for article in reversed(site.articles)
        if article.section == "Sport"
    ]
    refused = harvest.run("check", sport, "--links", "--explain", code=2)
    assert "--links needs a single page" in refused.stderr
    harvest.check()
