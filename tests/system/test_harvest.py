"""From a newspaper to its archive, with the real programs."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator

from harvester.newsroom import Newsroom

if TYPE_CHECKING:
    from tests.support.crawled_archive import Harvest

WORDS = [
    (
        "Le conseil municipal a voté hier soir le budget de la commune, après "
        "quatre heures de débat dans une salle comble."
    ),
    (
        "La maire a expliqué que les dépenses de chauffage avaient doublé en deux "
        "ans dans les écoles du centre."
    ),
    (
        "L’opposition demande un audit des comptes, que la préfecture pourrait "
        "ordonner avant l’été prochain."
    ),
    (
        "Une réunion publique est prévue le mois prochain à la salle des fêtes, "
        "ouverte à tous les habitants."
    ),
]
OTHER = [
    (
        "Le club de voile cherche des bénévoles pour la régate d’automne, qui "
        "réunit chaque année deux cents bateaux."
    ),
    (
        "Les inscriptions sont ouvertes jusqu’au 20 septembre au bureau du port, "
        "tous les matins sauf le dimanche."
    ),
    (
        "Un dîner clôturera la fête sous la halle, avec un orchestre venu de la "
        "vallée voisine pour la soirée."
    ),
]


def test_the_life_of_an_article(newsroom: Newsroom, harvest: Harvest) -> None:
    paper = newsroom.add_outlet("paper", "wordpress")
    article = paper.publish(
        "Le budget est voté", WORDS, author="Anne Roux", section="Ville"
    )
    paper.publish("La régate d’automne", OTHER, author="Marc Delorme")
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))

    assert harvest.once()["new"] == 2
    key = harvest.json("show", article.url)["article"]
    shown = harvest.json("show", key[:8])
    assert shown["text"] == "\n".join(WORDS)
    assert (shown["title"], shown["authors"], shown["state"], shown["version"]) == (
        "Le budget est voté",
        ["Anne Roux"],
        "live",
        1,
    )

    counts = harvest.once()
    assert (counts["new"], counts["changed"], counts["unchanged"]) == (0, 0, 2)

    newsroom.advance(hours=1)
    paper.edit(
        article,
        [WORDS[0].replace("quatre heures", "cinq heures"), *WORDS[1:3]],
        silent=True,
    )
    assert harvest.once()["changed"] == 1
    diff = harvest.json("diff", key)
    assert diff["sentences"]["changed"] == [
        [WORDS[0], WORDS[0].replace("quatre", "cinq")]
    ]
    assert diff["sentences"]["removed"] == [WORDS[3]]

    paper.retitle(article, "Le budget adopté de justesse")
    assert harvest.once()["changed"] == 1
    assert [one["kind"] for one in harvest.json("changes")] == ["headline", "edited"]

    paper.retitle(article, "Le budget est voté")
    paper.edit(article, WORDS)
    assert (
        harvest.once()["changed"] == 1
    )  # the first wording is back: a sighting, no new version
    assert harvest.json("show", key)["versions"] == 3
    assert harvest.json("show", key)["version"] == 1
    assert len(harvest.rows("select 1 from sightings where article = ?", key)) == 4
    assert harvest.json("search", "salle des fêtes")[0]["latest"] is True

    paper.withdraw(article, 404)
    assert harvest.once()["gone"] == 1
    assert harvest.json("show", key)["state"] == "suspect"
    harvest.once()
    assert harvest.json("show", key)["state"] == "removed"
    assert harvest.json("changes")[0]["kind"] == "removed"
    assert "audit" in harvest.json("show", key)["text"]

    paper.restore(article)
    harvest.once("--force")
    assert harvest.json("show", key)["state"] == "returned"
    assert harvest.json("changes")[0]["kind"] == "returned"
    harvest.check()


def test_counters_and_related_links_make_no_version(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    for number, kind in enumerate(("wordpress", "atom", "plain")):
        outlet = newsroom.add_outlet(f"paper{number}", kind)  # type: ignore[arg-type]
        outlet.sends_validators = (
            False  # counters, related links and "3 hours ago" differ at each request
        )
        for text in (WORDS, OTHER):
            outlet.publish(
                f"{text[0][:40]} {number}",
                [f"{one} ({number})" for one in text],
                author="Anne Roux",
            )
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    assert harvest.once()["new"] == 6
    newsroom.advance(hours=7)
    newsroom.outlets["paper0"].publish(
        "Une autre nouvelle du jour", OTHER[::-1], author="Paul Sabran"
    )
    counts = harvest.once()
    assert (counts["new"], counts["changed"], counts["unchanged"]) == (1, 0, 6)
    assert len(harvest.rows("select 1 from versions")) == 7


def test_a_new_rule_makes_no_edit(newsroom: Newsroom, harvest: Harvest) -> None:
    paper = newsroom.add_outlet("paper", "files")
    paper.settings_lines = ""
    head = (
        "<html lang='fr'><head><title>Le budget est "
        "voté</title></head><body><article><h1>Le budget est voté</h1>"
    )
    body = (
        "".join(f"<p>{one}</p>" for one in WORDS)
        + "<p class='don'>Ce journal vit de vos dons : merci de votre soutien, même modeste.</p>"
    )
    paper.serve_pages(
        [
            (
                "/a.html",
                f"{head}{body}</article></body></html>".encode(),
                "text/html; charset=utf-8",
            )
        ]
    )
    settings = newsroom.settings_toml(harvest.folder)
    harvest.settings.write_text(settings)
    harvest.once()
    (before,) = harvest.rows("select sha256, text from versions")
    assert "vos dons" in before["text"]
    paper.serve(
        "/a.html", f"{head}{body}</article><!-- other bytes --></body></html>".encode()
    )
    harvest.settings.write_text(
        settings + '\n[outlets.paper.rules]\nremove = [".don"]\n'
    )
    assert harvest.once()["changed"] == 0
    (after,) = harvest.rows("select sha256, text from versions")
    assert after["text"] == "\n".join(WORDS)
    assert after["sha256"] == before["sha256"]
    assert not harvest.rows("select 1 from changes where kind <> 'fields'")


def test_several_urls_of_one_canonical_url_are_one_article(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = newsroom.add_outlet("paper", "files")
    canonical = paper.absolute_url("/news/budget")
    page = (
        f"<html lang='fr'><head><title>Le budget</title><link rel='canonical' "
        f"href='{canonical}'></head>"
        f"<body><article><h1>Le budget est voté</h1>"
        f"{''.join(f'<p>{one}</p>' for one in WORDS)}</article></body></html>"
    ).encode()
    html = "text/html; charset=utf-8"
    paper.serve_pages(
        [
            ("/news/budget?utm_source=x", page, html),
            ("/news/budget", page, html),
            ("/print/budget", page, html),
        ]
    )
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    counts = harvest.once()
    assert counts["new"] == 1 and counts["duplicate"] == 0
    (article,) = harvest.rows("select key, url from articles")
    assert article["url"] == canonical
    assert (
        harvest.json("show", paper.absolute_url("/print/budget?fbclid=1"))["article"]
        == article["key"]
    )
    assert (
        harvest.rows("select count(*) as n from entries where article is not null")[0][
            "n"
        ]
        == 3
    )


def test_a_canonical_url_shared_by_different_articles_is_ignored(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = newsroom.add_outlet("paper", "files")

    def page(title: str, words: list[str]) -> bytes:
        return (
            f"<html lang='fr'><head><title>{title}</title><link rel='canonical' "
            f"href='{paper.absolute_url('/template')}'></head>"
            f"<body><article><h1>{title}</h1>"
            f"{''.join(f'<p>{line}</p>' for line in words)}</article></body></html>"
        ).encode()

    html = "text/html; charset=utf-8"
    paper.serve_pages(
        [("/a", page("Le budget", WORDS), html), ("/b", page("La régate", OTHER), html)]
    )
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    assert harvest.once()["new"] == 2
    assert harvest.once()["changed"] == 0
    assert {
        harvest.json("show", paper.absolute_url(path))["title"] for path in ("/a", "/b")
    } == {"Le budget", "La régate"}


def test_equal_texts_at_two_urls_are_two_articles(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    first, second = (
        newsroom.add_outlet("first", "wordpress"),
        newsroom.add_outlet("second", "atom", language="fr"),
    )
    article = first.publish("Le budget est voté", WORDS, author="Agence Ouest")
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    assert harvest.once()["new"] == 1
    copy = second.syndicate(article, agency="AO")
    again = first.publish("Le même budget", WORDS, author="Anne Roux")
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    counts = harvest.once()
    assert (counts["new"], counts["duplicate"]) == (0, 2)
    shown = harvest.json("show", article.url)
    keys = {harvest.json("show", one.url)["article"] for one in (copy, again)}
    assert set(shown["duplicates"]) == keys and len(keys) == 2


def test_a_moved_article_keeps_its_history(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = newsroom.add_outlet("paper", "wordpress")
    article = paper.publish("Le budget est voté", WORDS, author="Anne Roux")
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    harvest.once()
    old = article.url
    paper.move(article, "budget-adopte")
    paper.edit(
        article,
        [
            *WORDS,
            "Le préfet a salué un vote sans surprise, dans un communiqué de trois lignes.",
        ],
    )
    harvest.once()
    harvest.once()
    assert len(harvest.rows("select 1 from articles")) == 1
    shown = harvest.json("show", article.url)
    assert (
        shown["versions"] == 2
        and shown["article"] == harvest.json("show", old)["article"]
    )


def test_the_full_text_of_a_feed_replaces_a_stub(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = newsroom.add_outlet("paper", "wordpress", full_text=True)
    article = paper.publish("Le budget est voté", WORDS * 2, author="Anne Roux")
    stub = (
        b"<html lang='fr'><head><title>x</title></head><body><h1>Le "
        b"budget</h1><p>Abonnez-vous pour lire la suite de cet article.</p></body></html>"
    )
    paper.add_fault(article, "body", body=stub, content_type="text/html")
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    assert harvest.once()["new"] == 1
    shown = harvest.json("show", article.url)
    assert shown["sources"]["text"] == "feed" and WORDS[2] in shown["text"]
    paper.clear_faults()
    assert harvest.once("--force")["changed"] == 0  # now the page can be read: no edit
    assert harvest.json("show", article.url)["sources"]["text"] == "page"


def test_every_entry_ends_in_one_outcome_with_its_reason(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = newsroom.add_outlet("paper", "files")
    page = (
        "<html lang='fr'><body><article><h1>Titre</h1>"
        + "".join(f"<p>{one}</p>" for one in WORDS)
        + "</article></body></html>"
    ).encode()
    html = "text/html; charset=utf-8"
    paths = [
        "/good",
        "/empty",
        "/401",
        "/404",
        "/410",
        "/500",
        "/429",
        "/private/x",
        "/front",
        "/loop",
        "/file",
        "/inside",
        "/pdf",
    ]
    paper.serve_pages([(path, page, html) for path in paths])
    paper.serve("/empty", b"<html><body></body></html>")
    paper.serve("/pdf", b"%PDF-1.4 xxx", "application/pdf")
    paper.robots_response = (200, "User-agent: *\nDisallow: /private/\n")
    for status in (401, 404, 410, 500):
        paper.add_fault(f"/{status}", "status", status=status)
    paper.add_fault("/429", "status", status=429, retry_after=3600)
    paper.add_fault("/front", "redirect", location="/")
    paper.add_fault("/loop", "redirect", location="/loop")
    paper.add_fault("/file", "redirect", location="file:///etc/passwd")
    paper.add_fault("/inside", "redirect", location="http://169.254.169.254/latest/")
    harvest.settings.write_text(
        newsroom.settings_toml(harvest.folder, crawl="concurrency = 1")
    )
    harvest.once()
    harvest.once()
    found = {
        urlsplit(row["url"]).path: row
        for row in harvest.rows("select url, outcome, reason from entries")
    }
    wanted = {
        "/good": "new", "/empty": "empty", "/401": "blocked", "/404": "gone", "/410": "gone",
        "/private/x": "refused", "/front": "gone", "/loop": "failed", "/pdf": "refused",
    }  # fmt: skip
    waiting = [path for path, row in found.items() if row["outcome"] == "waiting"]
    assert "/429" in waiting
    for path, outcome in wanted.items():
        assert found[path]["outcome"] == outcome or path in waiting, found[path]
        assert found[path]["reason"] or outcome == "new"
    assert not paper.requests or all("passwd" not in one.path for one in paper.requests)
    stats = harvest.json("stats")
    assert (
        stats["entries"]["total"]
        == len(paths)
        == sum(value for name, value in stats["entries"].items() if name != "total")
    )


def test_captures_are_warc_records_that_any_reader_reads(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = newsroom.add_outlet("paper", "wordpress", page_bytes=20_000)
    article = paper.publish("Le budget est voté", WORDS, author="Anne Roux")
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    harvest.once()
    (path,) = (harvest.folder / "captures").glob("*.warc.gz")
    with path.open("rb") as file:
        records = [
            (
                one.rec_type,
                one.rec_headers.get_header("WARC-Target-URI"),
                one.http_headers,
                one.content_stream().read(),
            )
            for one in ArchiveIterator(file, check_digests="raise")
        ]
    assert records[0][0] == "warcinfo"
    headers, body = next(
        (one[2], one[3])
        for one in records
        if one[1] == article.url or (one[1] or "").startswith(article.url)
    )
    assert headers.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
    assert headers.get_header("Content-Encoding") is None
    assert b"<h1" in body
    assert (
        len(records) - 1 == harvest.rows("select count(*) as n from captures")[0]["n"]
    )
    harvest.check()


def test_without_captures_only_the_newest_body_is_kept(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = newsroom.add_outlet("paper", "wordpress")
    article = paper.publish("Le budget est voté", WORDS, author="Anne Roux")
    harvest.settings.write_text(
        newsroom.settings_toml(harvest.folder, captures="", revisit=["0 seconds"] * 2)
    )
    harvest.once()
    paper.edit(article, WORDS[:3])
    assert harvest.once()["changed"] == 1
    assert len(harvest.rows("select 1 from captures where body is not null")) == 1
    assert not (harvest.folder / "captures").exists()
    harvest.once()
    assert not harvest.rows(
        "select 1 from captures where body is not null"
    )  # no check is scheduled
    assert harvest.json("show", article.url)["versions"] == 2


def test_looks_are_counted(newsroom: Newsroom, harvest: Harvest) -> None:
    paper = newsroom.add_outlet("paper", "wordpress")
    article = paper.publish("Le budget est voté", WORDS, author="Anne Roux")
    harvest.settings.write_text(
        newsroom.settings_toml(harvest.folder, revisit=["0 seconds", "0 seconds"])
    )
    assert [harvest.once()["visits"] for _ in range(4)] == [2, 2, 2, 1]
    assert harvest.once("--force")["unchanged"] == 1
    paper.retitle(
        article, "Le budget adopté"
    )  # the feed lists it: a check is due although the schedule has ended
    assert harvest.once()["changed"] == 1


def test_an_outlet_gone_from_the_settings_is_kept_and_renamed_ones_are_known(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper, other = (
        newsroom.add_outlet("paper", "wordpress"),
        newsroom.add_outlet("other", "atom"),
    )
    paper.publish("Le budget est voté", WORDS, author="Anne Roux")
    other.publish("The regatta", OTHER, author="Owen Tate")
    settings = newsroom.settings_toml(harvest.folder)
    harvest.settings.write_text(settings)
    harvest.once()
    head, _, tail = settings.partition("\n[outlets.other]")
    harvest.settings.write_text(
        head.replace("[outlets.paper", "[outlets.courier").replace(
            'name = "Paper"', 'name = "Paper"\nwas = "paper"'
        )
    )
    before = len(other.requests)
    assert harvest.once()["unchanged"] == 1
    assert len(other.requests) == before
    assert harvest.json("search", "budget")[0]["outlet"] == "courier"
    assert harvest.json("search", "régate")[0]["outlet"] == "other"
    assert re.search(r"other.*no longer", harvest.run("status").stdout, re.DOTALL)
    assert tail


def test_a_real_feed_and_article_are_archived_as_expected(
    newsroom: Newsroom, harvest: Harvest, corpora: Path
) -> None:
    expected = json.loads((corpora / "mpi" / "expected.json").read_text())
    paper = newsroom.add_outlet("mpi", "files")
    paper.settings_lines = ""
    path = urlsplit(expected["url"]).path
    origin = "https://www.medias-presse.info/"

    def here(body: bytes) -> bytes:
        return body.replace(origin.encode(), paper.url.encode())

    paper.serve(path, here((corpora / "mpi" / "article.html").read_bytes()))
    paper.serve(
        "/feed/",
        here((corpora / "mpi" / "feed.xml").read_bytes()),
        "application/rss+xml; charset=UTF-8",
    )
    text = newsroom.settings_toml(harvest.folder).replace(
        "feeds = []", f'feeds = ["{paper.absolute_url("/feed/")}"]'
    )
    harvest.settings.write_text(text + '\n[outlets.mpi.rules]\nremove = [".mpi-don"]\n')
    assert harvest.once()["new"] == 1
    shown = harvest.json("show", paper.absolute_url(path))
    for name in ("title", "authors", "published", "language", "sections", "text"):
        assert shown[name] == expected[name], name
    assert shown["url"] == expected["url"].replace(origin, paper.url)
    assert shown["published_local"] == "2025-09-06T08:12:45+02:00"


def test_real_pages_of_many_sites_all_end_in_an_outcome(
    newsroom: Newsroom, harvest: Harvest, corpora: Path
) -> None:
    count = 0
    for name in ("fundus", "scrapinghub", "postlight", "readability", "newspaper4k"):
        outlet = newsroom.add_outlet(name, "files")
        paths = sorted((corpora / "pages" / name).glob("*.html.gz"))[:40]
        count += len(paths)
        pages = [
            (f"/{path.name[:4]}.html", gzip.decompress(path.read_bytes()), "text/html")
            for path in paths
        ]
        outlet.serve_pages(pages, feed_count=2)
    harvest.settings.write_text(
        newsroom.settings_toml(harvest.folder, crawl="concurrency = 8")
    )
    counts = harvest.once()
    assert counts["feeds"] == 10
    assert counts["new"] + counts["duplicate"] + counts["unchanged"] >= 0.97 * count
    assert (
        harvest.rows("select count(*) as n from entries where outcome = 'waiting'")[0][
            "n"
        ]
        == 0
    )
    harvest.check()
