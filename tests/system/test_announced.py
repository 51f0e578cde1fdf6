"""What feeds change of their entries, with the real programs on a real newspaper."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from harvester.newsroom import Newsroom
from harvester.newsroom.site_shapes import SiteKind

if TYPE_CHECKING:
    from tests.support.crawled_archive import Harvest

TITLE = "Le budget est voté"
FIRST = (
    "Le maire a menti sur le budget",
    "Il a inventé les chiffres, disent des notes.",
)
SECOND = ("Le budget fait débat", "Des notes posent des questions.")
WORDS = [
    "Le conseil municipal a voté hier soir le texte, après quatre heures de débat.",
    "La maire a expliqué que le chauffage des écoles avait coûté le double en deux ans.",
    "Une réunion publique est prévue le mois prochain à la salle des fêtes.",
]
OTHER = [
    "Le club de voile cherche des bénévoles, et deux cents bateaux sont attendus.",
    "Les inscriptions sont ouvertes jusqu’au 20 septembre au bureau du port.",
    "Un dîner clôturera la fête sous la halle, avec un orchestre de la vallée.",
]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize("feed_format", ["rss", "json"])
def test_what_only_the_feed_changed(
    newsroom: Newsroom, harvest: Harvest, feed_format: str
) -> None:
    kind: SiteKind = "atom" if feed_format == "atom" else "wordpress"
    paper = newsroom.add_outlet("paper", kind, language="fr")
    if feed_format == "json":
        paper.feed_format = "json"
    article = paper.publish(TITLE, WORDS, author="Anne Roux")
    paper.publish("La régate d’automne", OTHER, author="Marc Delorme")
    paper.announce(article, *FIRST)
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    assert harvest.once()["new"] == 2
    assert harvest.json("changes") == []

    newsroom.advance(hours=1)
    paper.announce(article, *SECOND)
    counts = harvest.once("--force")
    assert counts["changed"] == 0
    key = harvest.json("show", article.url)["article"]
    [change] = harvest.json("changes")
    assert (change["kind"], change["article"]) == ("announced", key)
    assert change["fields"] == {
        "title": [FIRST[0], SECOND[0]],
        "summary": [FIRST[1], SECOND[1]],
    }
    assert harvest.json("changes", "--kind", "announced", "--outlet", "paper")
    assert harvest.json("changes", "--kind", "edited") == []
    assert harvest.json("changes", "--since", "2 days") == [change]
    assert harvest.json("changes", "--silent") == []
    table = harvest.run("changes").stdout
    assert "announced: headline" in table and SECOND[0] in table
    feed = ElementTree.fromstring(harvest.run("changes", "--atom").stdout)
    [entry] = feed.iter(f"{ATOM}entry")
    assert f"headline before: {FIRST[0]}" in (entry.findtext(f"{ATOM}summary") or "")

    [hit] = harvest.json("search", "inventé")
    assert (hit["article"], hit["version"]) == (key, None)
    assert (hit["announced"], hit["title"]) == ("earlier", FIRST[0])
    assert "announced in the feed until" in harvest.run("search", "inventé").stdout
    assert harvest.json("search", "questions")[0]["announced"] == "current"
    [quoted] = harvest.json("quote", "Il a inventé les chiffres")
    assert (quoted["article"], quoted["version"]) == (key, None)
    shown = harvest.json("show", key)
    assert shown["versions"] == 1 and shown["title"] == TITLE
    assert [row["title"] for row in shown["announced"]] == [FIRST[0], SECOND[0]]
    assert f"announced: {FIRST[0]}" in harvest.run("history", key).stdout
    assert harvest.json("stats")["edits"]["total"] == 0
    harvest.run("verify")
    harvest.run("doctor")

    # An edit of the page that the feed repeats is listed once.
    newsroom.advance(hours=1)
    paper.announce(article, "", "")
    paper.retitle(article, "Le budget est rejeté")
    harvest.once("--force")
    newsroom.advance(hours=1)
    paper.retitle(article, "Le budget est annulé")
    harvest.once("--force")
    kinds = [row["kind"] for row in harvest.json("changes")]
    assert kinds.count("headline") == 2
    assert kinds.count("announced") == 2  # the first, and back to the article's own
    assert len(harvest.json("changes", "--kind", "announced")) == 3


def test_an_entry_without_an_article_is_found_and_said_to_be_one(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = newsroom.add_outlet("paper", "wordpress")
    article = paper.publish(TITLE, WORDS)
    paper.announce(article, *FIRST)
    paper.add_fault(article, "status", status=410)
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    harvest.once()
    [hit] = harvest.json("search", "inventé")
    assert hit["article"] is None and hit["outcome"].startswith("gone")
    shown = harvest.run("search", "inventé").stdout
    assert "no article: gone" in shown and article.url in shown
    newsroom.advance(hours=1)
    paper.announce(article, *SECOND)
    harvest.once("--force")
    [change] = harvest.json("changes")
    assert change["article"] is None and change["url"] == article.url
    assert harvest.json("search", "inventé")[0]["announced"] == "earlier"
    harvest.run("verify")


def test_two_feeds_with_teasers_of_different_length(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = newsroom.add_outlet("paper", "wordpress")
    article = paper.publish(TITLE, WORDS)
    paper.announce(article, *FIRST)
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    other = (
        f"<rss version='2.0'><channel><title>Titres</title><item><title>{TITLE}</title>"
        f"<link>{article.url}</link><description>Autre chapeau.</description></item>"
        "</channel></rss>"
    )
    url = paper.serve("/titres.xml", other.encode(), "application/rss+xml")
    text = harvest.settings.read_text()
    harvest.settings.write_text(text.replace("feeds = [", f'feeds = ["{url}", ', 1))
    for _ in range(3):
        harvest.once("--force")
        newsroom.advance(hours=1)
    assert len(harvest.rows("select 1 from entries")) == 2
    assert harvest.json("changes") == []
