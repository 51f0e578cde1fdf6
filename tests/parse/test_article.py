"""Articles: a real one with known text, what frames a text, and hostile pages."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harvester.model import Extract, Rules
from harvester.parse.article import read_article, read_entry_content

AT = "2025-09-07T00:00:00Z"
URL = "https://paper.example/news/a"
HTML = (("Content-Type", "text/html; charset=utf-8"),)
SENTENCES = [
    "Le conseil municipal a voté hier soir le budget de la commune, après quatre heures de débat.",
    "La maire a expliqué que les dépenses de chauffage avaient doublé en deux ans dans les écoles.",
    "L’opposition demande un audit des comptes, que la préfecture pourrait ordonner avant l’été.",
    (
        "Une réunion publique est prévue le mois prochain à la salle des fêtes, "
        "ouverte à tous les habitants."
    ),
]


def page(body: str = "", head: str = "", before: str = "", after: str = "") -> bytes:
    paragraphs = body or "".join(f"<p>{one}</p>" for one in SENTENCES)
    return (
        "<!DOCTYPE html><html lang='fr'><head><title>Le budget est voté - Le "
        f"Courrier</title>{head}</head>"
        "<body><nav><a href='/'>Accueil</a></nav><main><article>"
        f"<h1>Le budget est voté</h1>{before}"
        f"<div class='entry-content'>{paragraphs}{after}</div></article></main>"
        "<footer>Mentions légales</footer></body></html>"
    ).encode()


def read(
    body: bytes, rules: Rules | None = None, headers: tuple[tuple[str, str], ...] = HTML
) -> Extract:
    return read_article(body, URL, headers, rules or Rules(), AT)


def test_mpi(corpora: Path) -> None:
    body = (corpora / "mpi" / "article.html").read_bytes()
    expected = json.loads((corpora / "mpi" / "expected.json").read_text())
    extract = read_article(body, expected["url"], HTML, Rules(remove=(".mpi-don",)), AT)
    for name in ("url", "title", "published", "language", "image", "text"):
        assert getattr(extract, name) == expected[name], name
    assert list(extract.authors) == expected["authors"]
    assert list(extract.sections) == expected["sections"]
    assert extract.published_local == "2025-09-06T08:12:45+02:00"
    for text in expected["not_in_text"]:
        assert text not in extract.text


def test_title_byline_dateline_caption_and_signature_are_not_text() -> None:
    body = page(
        head="<meta name='author' content='Anne Roux'>",
        before="<p class='by'>Par Anne Roux</p><p>Publié le 6 septembre 2025 à 8h12</p>",
        after=(
            "<figure><img src='/a.jpg'><figcaption>La salle des fêtes, photo "
            "d’archives</figcaption></figure><p><strong>Anne Roux</strong></p>"
        ),
    )
    extract = read(body)
    assert extract.text == "\n".join(SENTENCES)
    assert extract.title == "Le budget est voté"
    assert extract.authors == ("Anne Roux",)


def test_headings_lists_and_quotations_are_lines() -> None:
    body = page(
        f"<p>{SENTENCES[0]}</p><h2>Les comptes</h2><p>{SENTENCES[1]}</p><ul>"
        "<li>Premier point de la liste</li><li>Second point de la liste</li>"
        "</ul>"
        f"<blockquote><p>« {SENTENCES[2]} »</p></blockquote><p>{SENTENCES[3]}</p>"
    )
    lines = read(body).text.split("\n")
    assert lines == [
        SENTENCES[0],
        "Les comptes",
        SENTENCES[1],
        "Premier point de la liste",
        "Second point de la liste",
        f"« {SENTENCES[2]} »",
        SENTENCES[3],
    ]


def test_json_ld_with_mistakes_in_it() -> None:
    ld = """<script type="application/ld+json">{"@graph": [{"@type": "WebSite", "name": "X"},
    {"@type": ["NewsArticle"], "headline": "Le budget est voté", "author": [{"@type": "Person", "name": "Par Anne Roux, journaliste"}, {"@type": "Organization", "name": "AFP"}],
    "datePublished": "2025-09-06T08:12:45+02:00", "dateModified": "2025-09-06T10:00:00Z", "keywords": "budget, école",
    "image": [{"url": "/a.jpg"}],}]}</script>"""
    extract = read(page(head=ld))
    assert extract.authors == ("Anne Roux",)
    assert (extract.published, extract.modified) == (
        "2025-09-06T06:12:45Z",
        "2025-09-06T10:00:00Z",
    )
    assert extract.tags == ("budget", "école")
    assert extract.image == "https://paper.example/a.jpg"
    assert extract.sources["published"] == "json-ld"


def test_no_date_after_the_capture() -> None:
    extract = read(
        page(
            head="<meta property='article:published_time' content='2031-01-01T00:00:00Z'>"
        )
    )
    assert extract.published is None or extract.published <= AT


def test_a_day_without_a_time_is_a_day() -> None:
    extract = read(
        page(head="<meta property='article:published_time' content='2025-09-06'>")
    )
    assert extract.published == "2025-09-06"


def test_canonical_shortlink_and_robots() -> None:
    head = (
        "<link rel='canonical' href='/news/a'><link rel='shortlink' href='/?p=3'>"
        "<meta name='robots' content='noarchive, max-snippet:3'>"
    )
    extract = read(page(head=head), headers=(*HTML, ("X-Robots-Tag", "noindex")))
    assert extract.url == "https://paper.example/news/a"
    assert extract.aliases == ("https://paper.example/?p=3",)
    assert {"noarchive", "noindex"} <= set(extract.robots)
    assert (
        read(page(head="<link rel='canonical' href='javascript:alert(1)'>")).url == ""
    )


@pytest.mark.parametrize(
    ("tag", "depth"),
    [("div", 240), ("div", 600), ("span", 1500), ("x-frame", 600), ("font", 50_000)],
)
def test_pages_nested_deeper_than_lxml_reads(tag: str, depth: int) -> None:
    deep = (
        f"<{tag}>" * depth
        + "".join(f"<p>{one}</p>" for one in SENTENCES)
        + f"</{tag}>" * depth
    )
    assert read(page(deep)).text == "\n".join(SENTENCES)


@pytest.mark.parametrize(
    "end", ["</body></html>", "</BODY>\n</HTML >", "</html><html><body>"]
)
def test_a_page_goes_on_behind_an_end_that_comes_too_early(end: str) -> None:
    body = page().replace(b"</nav>", f"</nav>{end}".encode())
    assert read(body).text == "\n".join(SENTENCES)


def test_a_signature_is_stripped_though_an_appeal_follows_it() -> None:
    appeal = (
        "<p>Cet article vous a plu ? Notre association ne vit que de la générosité "
        "de ses lecteurs, merci de votre soutien.</p>"
    )
    extract = read(
        page(
            head="<meta name='author' content='Anne Roux'>",
            after=f"<p><strong>Anne Roux</strong></p>{appeal}",
        )
    )
    assert "Anne Roux" not in extract.text.split("\n")


def test_a_signature_that_only_the_page_shows() -> None:
    extract = read(
        page(
            before="<a rel='author' href='/anne'>Anne Roux</a>",
            after="<p>Anne Roux</p>",
        )
    )
    assert extract.text == "\n".join(SENTENCES)
    assert extract.authors == ("Anne Roux",)


@pytest.mark.parametrize(
    ("stated", "names"),
    [
        ("https://www.facebook.com/lecourrier", ()),
        ("By ANNE ROUX and Jean Petit", ("ANNE ROUX", "Jean Petit")),
        ("Par Anne Roux, journaliste", ("Anne Roux",)),
        ("Anne Roux September 6, 2025", ("Anne Roux",)),
        ("anne.roux@paper.example", ()),
    ],
)
def test_authors_are_people(stated: str, names: tuple[str, ...]) -> None:
    assert read(page(head=f"<meta name='author' content='{stated}'>")).authors == names


def test_an_author_stated_twice_counts_once_and_the_site_does_not() -> None:
    head = (
        "<meta property='og:site_name' content='Le Courrier'>"
        "<meta name='author' content='Le Courrier'><meta name='author' "
        "content='ANNE ROUX'><meta name='author' content='Anne Roux'>"
    )
    assert read(page(head=head)).authors == ("Anne Roux",)


@pytest.mark.parametrize(
    "stated",
    [
        "Le budget est voté",
        "Le budget est voté | paper.example",
        "Le budget est voté - Le Courrier",
        "Paper | Le budget est voté",
    ],
)
def test_the_site_is_not_part_of_the_title(stated: str) -> None:
    assert (
        read(page(head=f"<meta property='og:title' content='{stated}'>")).title
        == "Le budget est voté"
    )


def test_a_logo_is_not_the_title() -> None:
    body = (
        "<html><head><title>Le budget de la commune est voté | Paper</title></head>"
        "<body><h1>Paper</h1><h2>Le budget de la commune est "
        f"voté</h2>{'<p>' + '</p><p>'.join(SENTENCES) + '</p>'}</body></html>"
    )
    assert read(body.encode()).title == "Le budget de la commune est voté"


def test_og_url_is_an_alias() -> None:
    extract = read(page(head="<meta property='og:url' content='/other'>"))
    assert (extract.url, extract.aliases) == ("", ("https://paper.example/other",))


def test_the_full_text_of_a_feed() -> None:
    html = (
        f"<h2>Le budget est voté</h2><p>{SENTENCES[0]}</p><figure>"
        "<img src='/a.jpg'><figcaption>La mairie</figcaption></figure><ul>"
        "<li>Un</li><li>Deux</li></ul>"
        "<svg><title>logo</title></svg><form><label>Courriel</label></form>"
        f"<div class='don'>Donnez</div><p>{SENTENCES[1]}</p>"
        "<p>L’article <a href='/a'>Le budget est voté</a> est apparu en premier "
        "sur <a href='/'>Le Courrier</a>.</p>"
    )
    extract = read_entry_content(
        html, URL, "Le budget est voté", Rules(remove=(".don",)), AT
    )
    assert extract.text.split("\n") == [SENTENCES[0], "Un", "Deux", SENTENCES[1]]
    assert extract.sources["text"] == "feed"


@pytest.mark.parametrize(
    "charset", ["hex", "rot13", "idna", "utf-7", "nonsense", "undefined", "base64"]
)
def test_an_invalid_charset(charset: str) -> None:
    extract = read(page(), headers=(("Content-Type", f"text/html; charset={charset}"),))
    assert SENTENCES[2] in extract.text


@pytest.mark.parametrize(
    ("encoding", "header"),
    [
        ("utf-8", "iso-8859-1"),
        ("cp1252", "iso-8859-1"),
        ("cp1252", ""),
        ("utf-16", ""),
        ("utf-8-sig", "utf-16"),
        ("cp1252", "windows-1252"),
    ],
)
def test_bytes_are_read_as_what_they_are(encoding: str, header: str) -> None:
    body = page().decode().encode(encoding)
    extract = read(
        body,
        headers=(
            ("Content-Type", f"text/html; charset={header}" if header else "text/html"),
        ),
    )
    assert SENTENCES[2] in extract.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0\0\0",
        b"<",
        b"%PDF-1.4",
        b"<html></html>",
        b"\xff\xfe",
        b"<p>" * 3000,
        b"<!--" * 100,
        b"<a href='[::'>x</a>",
    ],
)
def test_nothing_to_read_raises_no_exception(body: bytes) -> None:
    extract = read(body)
    assert extract.text == "" and extract.error


def test_control_and_bidirectional_marks_are_out() -> None:
    extract = read(
        page(
            head="<meta property='og:title' content='A\u202eB\x1b]0;x\x07C'>",
            body="".join(f"<p>{one}\u202e\x9b\x00</p>" for one in SENTENCES),
        )
    )
    assert not any(
        character in extract.text + extract.title
        for character in "\u202e\x1b\x07\x9b\x00"
    )


def test_rules_remove_elements() -> None:
    body = page(
        after=(
            "<div class='don'><p>Cet article vous a plu ? Faites un don à notre "
            "association, merci beaucoup.</p></div>"
        )
    )
    assert "don à notre" not in read(body, Rules(remove=("div.don",))).text
    assert SENTENCES[3] in read(body, Rules(remove=("div.don",))).text


def test_real_pages_read_equally_in_another_process(corpora: Path) -> None:
    names = sorted((corpora / "pages" / "fundus").glob("*.html.gz"))[:6]
    code = (
        "import sys, gzip, hashlib\nfrom harvester.parse.article import "
        "read_article\nfrom harvester.model import Rules\n"
        "for name in sys.argv[1:]:\n    x = "
        "read_article(gzip.open(name).read(), 'https://x.example/a', (), "
        "Rules(), '2026-01-01T00:00:00Z')\n"
        "    print(hashlib.sha256(repr(x).encode()).hexdigest())"
    )
    printed = set()
    for seed, order in (("0", 1), ("77", -1)):
        run = subprocess.run(
            [sys.executable, "-c", code, *map(str, names[::order])],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": os.pathsep.join(sys.path),
            },
            capture_output=True,
            text=True,
            check=True,
        )
        printed.add(tuple(run.stdout.split()[::order]))
    assert len(printed) == 1


def test_real_pages_of_many_sites_have_text(corpora: Path) -> None:
    found = total = 0
    for name in ("scrapinghub", "fundus-evaluation", "readability"):
        for path in sorted((corpora / "pages" / name).glob("*.html.gz"))[:25]:
            extract = read_article(
                gzip.decompress(path.read_bytes()),
                URL,
                HTML,
                Rules(),
                "2026-01-01T00:00:00Z",
            )
            total += 1
            found += bool(extract.text)
    assert found >= 0.97 * total


def test_invalid_urls_do_no_harm() -> None:
    ld = (
        (
            '<script type="application/ld+json">{"@type": "NewsArticle", "url": '
            '"http://[::", "author": '
        )
        + '{"name":' * 300
        + '"A"'
        + "}" * 300
        + "}</script>"
    )
    for url in ("", "http://[::", "https://paper.example/news/a"):
        extract = read_article(
            page(head=f"{ld}<link rel='canonical' href='http://[::'>"),
            url,
            HTML,
            Rules(),
            AT,
        )
        assert extract.url == "" and SENTENCES[0] in extract.text


def test_soft_hyphens_are_removed() -> None:
    broken = "".join(
        f"<p>{one.replace('conseil', 'con&shy;seil').replace('budget', 'bud&#x200b;get')}</p>"
        for one in SENTENCES
    )
    assert read(page(broken)).text == "\n".join(SENTENCES)


def test_in_a_gallery_the_captions_are_the_text() -> None:
    slides = "".join(
        f"<figure><img src='/{n}.jpg'><figcaption>{n}. {' '.join(SENTENCES)}</figcaption></figure>"
        for n in range(6)
    )
    assert all(
        f"{n}. {SENTENCES[0]}" in read(page(f"<p>{SENTENCES[0]}</p>{slides}")).text
        for n in range(6)
    )
