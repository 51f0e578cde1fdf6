"""Articles over several pages: one article, all pages stored, and no false edits."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from harvester.ingest import multipage
from harvester.model import Extract, Link, LivePost
from harvester.newsroom import PAGE_BREAK, Newsroom

if TYPE_CHECKING:
    from harvester.newsroom.outlet import Outlet
    from tests.support.crawled_archive import Harvest

_SAID = (
    "Le conseil municipal a voté hier soir la mesure {n} du budget de la commune, après quatre heures de débat en salle comble.",
    "L’opposition demande un audit des comptes de l’année {n}, que la préfecture pourrait ordonner avant l’été prochain.",
    "Le club de voile cherche {n} bénévoles pour la régate d’automne, qui réunit chaque année deux cents bateaux au port.",
)
PARTS = tuple([words.format(n=n) for n in range(2, 8)] for words in _SAID)
SLUG = "/2025/09/le-budget-de-la-commune"


def page(number: int, parts: tuple[list[str], ...] = PARTS, noise: str = "") -> bytes:
    links = " ".join(
        f'<a class="post-page-numbers" href="{SLUG}/{one}/">{one}</a>'
        if one > 1
        else f'<a href="{SLUG}/">1</a>'
        for one in range(1, len(parts) + 1)
        if one != number
    )
    words = "".join(f"<p>{one}</p>" for one in parts[number - 1])
    return (
        f"<html lang='fr'><head><title>Le budget est voté</title></head><body><article><h1>Le budget est voté</h1>{words}"
        f"<div class='page-links'>Pages : {links}</div></article><!-- {noise} --></body></html>"
    ).encode()


def put(paper: Outlet, parts: tuple[list[str], ...] = PARTS, noise: str = "") -> None:
    for number in range(2, len(parts) + 1):
        paper.serve(f"{SLUG}/{number}/", page(number, parts, noise))
    paper.serve(f"{SLUG}/", page(1, parts, noise))


def begin(newsroom: Newsroom, harvest: Harvest, more: str = "") -> Outlet:
    paper = newsroom.add_outlet("paper", "files")
    put(paper)
    paper.serve_pages([(f"{SLUG}/", page(1), "text/html; charset=utf-8")])
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder) + more)
    return paper


def text(parts: tuple[list[str], ...] = PARTS) -> str:
    return "\n".join(line for part in parts for line in part)


def shown(harvest: Harvest) -> dict[str, object]:
    (row,) = harvest.rows("select key from articles")
    made: dict[str, object] = harvest.json("show", row["key"])
    return made


def asked(paper: Outlet) -> list[str]:
    return [one.path for one in paper.requests if one.path.startswith(SLUG)]


def test_three_pages_are_one_article(newsroom: Newsroom, harvest: Harvest) -> None:
    paper = begin(newsroom, harvest)
    assert harvest.once()["new"] == 1
    assert shown(harvest)["text"] == text()
    assert asked(paper) == [f"{SLUG}/", f"{SLUG}/2/", f"{SLUG}/3/"]
    bodies = harvest.rows(
        "select reached, first from captures where kind = 'article' order by id"
    )
    assert [one["first"] is None for one in bodies] == [True, False, False]

    # Nothing changed: no edit, though another page may change while the first stays as it is.
    assert harvest.once()["unchanged"] == 1
    paper.serve(
        f"{SLUG}/3/",
        page(
            3,
            (
                *PARTS[:2],
                [PARTS[2][0], "Le dîner est annulé, faute d’orchestre, dit le club."],
            ),
        ),
    )
    assert harvest.once()["changed"] == 1
    diff = harvest.json("diff", str(shown(harvest)["article"]))
    assert diff["sentences"]["removed"] or diff["sentences"]["changed"]
    assert shown(harvest)["versions"] == 2

    # Read again, all its pages are.
    whole = harvest.rows("select text, published from versions order by number")
    with closing(sqlite3.connect(harvest.folder / "archive.db")) as connection:
        connection.execute("update readings set extractor = 'older'")
        connection.execute("update versions set text = 'garbled'")
        connection.commit()
    assert harvest.json("reread")["changed"] == 2
    assert harvest.rows("select text, published from versions order by number") == whole
    harvest.check()


def test_a_page_that_fails_shortens_nothing(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = begin(newsroom, harvest)
    fault = paper.add_fault(f"{SLUG}/3/", "status", status=500)
    assert harvest.once()["new"] == 1
    assert shown(harvest)["text"] == text(PARTS[:2])
    (row,) = harvest.rows("select outcome, reason from entries")
    assert "page 3" in row["reason"] and "500" in row["reason"]
    assert "page 3" in harvest.rows("select reason from articles")[0]["reason"]

    paper.clear_faults()
    assert (
        harvest.once("--force")["changed"] == 0
    )  # it was all there: we had not read it
    assert (shown(harvest)["text"], shown(harvest)["versions"]) == (text(), 1)
    assert harvest.rows("select reason from articles") == [{"reason": ""}]

    paper.add_fault(f"{SLUG}/2/", "status", status=500)
    assert harvest.once("--force")["failed"] == 1
    assert (shown(harvest)["text"], shown(harvest)["versions"]) == (text(), 1)
    paper.clear_faults()
    put(paper, PARTS[:2])  # now the outlet did shorten it
    assert harvest.once("--force")["changed"] == 1
    assert (shown(harvest)["text"], shown(harvest)["versions"]) == (text(PARTS[:2]), 2)
    assert fault is not None
    harvest.check()


def test_robots_and_the_limit_hold_for_every_page(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = begin(newsroom, harvest, "\n[limits]\npages = 2\n")
    assert harvest.once()["new"] == 1
    assert shown(harvest)["text"] == text(PARTS[:2])
    paper.robots_response = (200, f"User-agent: *\nDisallow: {SLUG}/2\n")
    other = newsroom.add_outlet("other", "files")
    put(other)
    other.serve_pages([(f"{SLUG}/", page(1), "text/html; charset=utf-8")])
    other.robots_response = paper.robots_response
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    harvest.once("other")
    assert f"{SLUG}/2/" not in asked(other)
    (row,) = harvest.rows(
        "select e.reason, a.versions from entries e join articles a on a.key = e.article where a.outlet = 'other'"
    )
    assert "robots.txt" in row["reason"]


def test_a_pager_of_comments_is_not_followed(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = newsroom.add_outlet("paper", "files")
    words = "".join(f"<p>{one}</p>" for part in PARTS for one in part)

    def with_comments(number: int) -> bytes:
        said = f"<div class='avis'><p>Avis numéro {number} : un vote attendu.</p></div>"
        return (
            f"<html lang='fr'><head><title>Le budget est voté</title></head><body><article><h1>Le budget est voté</h1>{words}"
            f"</article>{said}<a href='?page={3 - number}'>{3 - number}</a></body></html>"
        ).encode()

    paper.serve(f"{SLUG}?page=2", with_comments(2))
    paper.serve_pages([(SLUG, with_comments(1), "text/html; charset=utf-8")])
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    assert harvest.once()["new"] == 1
    assert text() in str(shown(harvest)["text"]) and "numéro 2" not in str(
        shown(harvest)["text"]
    )


def test_without_warc_files(newsroom: Newsroom, harvest: Harvest) -> None:
    begin(newsroom, harvest)
    settings = re.sub(
        r'captures = ".*"', 'captures = ""', newsroom.settings_toml(harvest.folder)
    )
    harvest.settings.write_text(settings)
    harvest.once()
    harvest.once()
    kept = harvest.rows(
        "select first from captures where body is not null and kind = 'article'"
    )
    assert len(kept) == 3  # of the newest look alone
    harvest.once("--force")
    assert shown(harvest)["text"] == text()


# ---- the texts


def extract(words: str, **fields: object) -> Extract:
    blank: dict[str, object] = dict.fromkeys(
        ("url", "title", "language", "image", "description"), ""
    )
    blank |= dict.fromkeys(
        ("published", "published_local", "modified", "modified_local")
    )
    blank |= dict.fromkeys(("authors", "sections", "tags"), ())
    return Extract(
        **{**blank, "text": words, "sources": {}, "extractor": "x", **fields}
    )  # type: ignore[arg-type]


def test_what_is_on_each_page_is_in_the_text_once() -> None:
    frame = "Un journal indépendant, qui vit de ses lecteurs depuis 1902."
    first = extract(
        f"{frame}\nOui.\nUne phrase de la première page.\n{frame[:20]}",
        title="Le budget",
        next_page="/2",
    )
    second = extract(
        f"{frame}\nUne phrase de la deuxième.\nOui.\nSa suite.\n{frame[:20]}",
        title="Page 2",
        next_page="/3",
    )
    made = multipage.join_pages([first, second])
    assert made.text.split("\n") == [
        *first.text.split("\n"),
        "Une phrase de la deuxième.",
        "Oui.",
        "Sa suite.",
    ]
    assert (made.title, made.next_page) == ("Le budget", "/3")


def test_parts_and_links_of_all_pages() -> None:
    first = extract(
        "Un.\nDeux.",
        parts=(LivePost("2025-09-06", 1),),
        links=(Link("https://a.example/", "a"),),
    )
    second = extract(
        "Deux.\nTrois.\nQuatre.",
        parts=(LivePost("2025-09-05", 0), LivePost("2025-09-04", 2)),
        links=first.links,
    )
    made = multipage.join_pages([first, second])
    assert made.text == "Un.\nDeux.\nTrois.\nQuatre."
    assert made.parts == (LivePost("2025-09-06", 1), LivePost("2025-09-04", 3))
    assert made.links == first.links


def test_only_articles_have_further_pages() -> None:
    assert multipage.next_page_url(extract("Des mots.", next_page="/2")) == "/2"
    for kind in ("wall", "index", "stub", "login", "error"):
        assert (
            multipage.next_page_url(extract("Des mots.", next_page="/2", kind=kind))
            == ""
        )
    assert (
        multipage.next_page_url(extract("", next_page="/2"))
        == multipage.next_page_url(None)
        == ""
    )


def test_pages_as_wordpress_makes_them(newsroom: Newsroom, harvest: Harvest) -> None:
    paper = newsroom.add_outlet("paper", "wordpress")
    article = paper.publish(
        "Le budget est voté", [*PARTS[0], PAGE_BREAK, *PARTS[1]], author="Anne Roux"
    )
    paper.publish("Une autre nouvelle du jour", PARTS[2], author="Paul Sabran")
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    assert harvest.once()["new"] == 2
    made = harvest.json("show", article.url)
    assert (made["text"], made["authors"]) == (article.text, ["Anne Roux"])
    assert harvest.once()["unchanged"] == 2  # counters move on every page
    pages = [one.path for one in paper.requests if one.path.startswith(article.path)]
    assert pages == [article.path, f"{article.path}2/"] * 2
