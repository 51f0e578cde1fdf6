"""Check that what pages change by themselves makes no version, and that edits do.

    python benchmarks/noise.py [--pages 300] [--seed 1] [--kind NAME] [--show]

Each kind of noise is inserted into real pages after a paragraph of the article, and the
pages are read; then the texts with and without it are compared. So are real edits: of
one word, one number, a paragraph, a correction note.
"""

from __future__ import annotations

import argparse
import copy
import gzip
import html
import json
import logging
import random
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree
from lxml.html import HtmlElement, fragments_fromstring, fromstring, tostring

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import corpora, table
from harvester.identity.significant_lines import (
    ExtractedText,
    is_same_wording,
    significant_lines,
)
from harvester.identity.wording import normalise_text
from harvester.model import Extract, Rules
from harvester.parse.article import read_article

HTML = (("Content-Type", "text/html; charset=utf-8"),)
AT = "2026-11-01T00:00:00Z"
SETS = (
    "fundus",
    "fundus-evaluation",
    "htmldate",
    "newspaper4k",
    "postlight",
    "readability",
    "scrapinghub",
    "trafilatura",
    "wcxb",
)
SAME_START = 40  # characters by which a copy of a paragraph is known
MIN_PARAGRAPH_WORDS = 18  # of a paragraph after which noise is inserted
MAX_NOISE_SHARE, MIN_EDITS_SHARE = 0.005, 0.995


@dataclass(frozen=True, slots=True)
class Page:
    """A real page as a tree, the paragraph to change, and its unchanged extract."""

    name: str
    url: str
    tree: HtmlElement
    index: int  # of the paragraph among the tree's elements
    french: bool
    read: Extract
    is_single: bool  # whether the page has the paragraph once

    def copied(self) -> tuple[HtmlElement, HtmlElement]:
        """A copy of the tree to change, and its paragraph."""
        tree = copy.deepcopy(self.tree)
        return tree, list(tree.iter())[self.index]


def page_bytes(tree: HtmlElement) -> bytes:
    """Serialise the page."""
    return b"<!doctype html>" + tostring(tree, encoding="utf-8")


def read(tree: HtmlElement, url: str) -> Extract:
    """Extract the page as the crawl does."""
    return read_article(page_bytes(tree), url, HTML, Rules(), AT)


def extracted_text(extract: Extract) -> ExtractedText:
    """The part of an extract that is compared."""
    return ExtractedText(
        extract.title,
        extract.text,
        frozenset(extract.inserts),
        frozenset(extract.left_out),
    )


def pages(limit: int, seed: int) -> Iterator[Page]:
    """Pages of all sets whose text has a long paragraph, French ones first."""
    folder = corpora()
    if folder is None:
        raise SystemExit("no corpora: set CORPORA to their folder")
    chance = random.Random(seed)
    listed = []
    for name in SETS:
        rows = (
            (folder / "pages" / name / "truth.jsonl")
            .read_text("utf-8")
            .strip("\n")
            .split("\n")
        )
        listed += [(name, json.loads(row)) for row in rows]
    chance.shuffle(listed)
    listed.sort(
        key=lambda row: row[1].get("language") != "fr"
    )  # all French ones: they are few
    count = 0
    for name, row in listed:
        if count >= limit:
            return
        body = gzip.decompress((folder / "pages" / name / row["file"]).read_bytes())
        page = prepared(
            f"{name}/{row['file']}", row["url"] or "https://a.example/a", body, chance
        )
        if page is not None:
            count += 1
            yield page


def prepared(name: str, url: str, body: bytes, chance: random.Random) -> Page | None:
    """A page and one of its article's paragraphs; None if it has none."""
    try:
        tree = fromstring(body.decode("utf-8"))
    except (UnicodeDecodeError, etree.ParserError, ValueError):
        return None
    for meta in tree.iter("meta"):
        if (
            meta.get("charset")
            or (meta.get("http-equiv") or "").lower() == "content-type"
        ):
            meta.getparent().remove(meta)
            break
    extract = read(tree, url)
    if extract.kind != "article" or len(extract.text.split()) < 100:
        return None
    lines = set(extract.text.split("\n"))
    indexes = [
        index
        for index, element in enumerate(tree.iter())
        if element.tag == "p"
        and len((text := " ".join(element.text_content().split())).split())
        >= MIN_PARAGRAPH_WORDS
        and text in lines
    ]
    if len(indexes) < 3:
        return None
    index = chance.choice(indexes[:-1])
    return Page(
        name,
        url,
        tree,
        index,
        extract.language == "fr",
        extract,
        _is_single(tree, list(tree.iter())[index]),
    )


def _is_single(tree: HtmlElement, element: HtmlElement) -> bool:
    """Whether a page has a paragraph nowhere else: in a copy for telephones, a script."""
    start = " ".join(element.text_content().split())[:SAME_START]
    source = html.unescape(page_bytes(tree).decode())
    texts = (tree.text_content(), source, source.replace("\\/", "/"))
    return all(" ".join(text.split()).count(start) <= 1 for text in texts)


# ---- noise: (french, chance) → markup inserted after a paragraph

Make = Callable[[bool, random.Random], str]

TITLES_FR = (
    "Budget : ce qui change au 1er janvier",
    "Incendie dans le port, les secours toujours sur place",
    "Pourquoi les loyers montent encore",
    "« Nous n'avons pas été prévenus », dit la maire",
    "Le lac à son plus bas niveau depuis trente ans",
)
TITLES_EN = (
    "Budget: what changes in January",
    "Fire in the harbour: crews still on site",
    "Why rents keep rising",
    "'Nobody warned us', says the mayor",
    "Lake at its lowest level for thirty years",
)


def _title(french: bool, chance: random.Random) -> str:
    return html.escape(chance.choice(TITLES_FR if french else TITLES_EN))


def _choose(
    french: bool, chance: random.Random, fr: tuple[str, ...], en: tuple[str, ...]
) -> str:
    return chance.choice(fr if french else en)


def inline_related(french: bool, chance: random.Random) -> str:
    """A link to another article, after a prompt."""
    title = _title(french, chance)
    prompt = _choose(
        french,
        chance,
        (
            "Lire aussi :",
            "À lire aussi :",
            "LIRE AUSSI |",
            "Lire également :",
            "À voir aussi :",
            "Sur le même sujet :",
            "» Lire aussi -",
            "Notre article :",
            "Pour aller plus loin :",
            "À lire :",
        ),
        (
            "Read more:",
            "READ MORE:",
            "Related:",
            "See also:",
            "Read also:",
            "RELATED |",
            "More:",
            "Also read:",
            "MORE:",
            "Don't miss:",
        ),
    )
    return chance.choice(
        (
            f'<p><a href="/a/{chance.randrange(9999)}">{prompt} {title}</a></p>',
            f'<p><strong>{prompt}</strong> <a href="/a/1">{title}</a></p>',
            f'<p class="inline-related">{prompt} <a href="/a/2">{title}</a></p>',
            f'<div class="related-inline"><span>{prompt}</span> <a href="/a/3">{title}</a></div>',
        )
    )


def read_also_box(french: bool, chance: random.Random) -> str:
    """A box of links with a heading."""
    head = _choose(
        french,
        chance,
        (
            "À lire aussi",
            "Lire aussi",
            "Sur le même thème",
            "Nos articles",
            "Articles liés",
        ),
        (
            "Read also",
            "Related stories",
            "More on this story",
            "Recommended",
            "You may also like",
        ),
    )
    links = "".join(
        f'<li><a href="/b/{index}">{_title(french, chance)}</a></li>'
        for index in range(chance.randint(1, 3))
    )
    return chance.choice(
        (
            f'<div class="related"><h3>{head}</h3><ul>{links}</ul></div>',
            f"<aside><p>{head}</p><ul>{links}</ul></aside>",
            f"<div><p><b>{head}</b></p><ul>{links}</ul></div>",
        )
    )


def bare_link(french: bool, chance: random.Random) -> str:
    """A paragraph that is only a link."""
    address = f"https://www.news.example/{chance.randrange(99999)}/story.html"
    return chance.choice(
        (
            f'<p><a href="{address}">{_title(french, chance)}</a></p>',
            f'<p><a href="{address}">{address}</a></p>',
            f"<p>{address}</p>",
            f'<p><strong><a href="{address}">{_title(french, chance)}</a></strong></p>',
        )
    )


def advertisement(french: bool, chance: random.Random) -> str:
    """An advertisement, with a label or classes."""
    label = _choose(
        french,
        chance,
        (
            "Publicité",
            "PUBLICITÉ",
            "La suite après cette publicité",
            "Contenu sponsorisé",
            "Annonce",
        ),
        (
            "Advertisement",
            "ADVERTISEMENT",
            "Article continues after advertisement",
            "Sponsored",
            "Story continues below advertisement",
        ),
    )
    text = _choose(
        french,
        chance,
        (
            "Changez de banque et recevez 80 euros. Offre soumise à conditions.",
            "Découvrez la nouvelle gamme hybride chez votre concessionnaire.",
        ),
        (
            "Switch your bank and get 80 dollars. Terms and conditions apply.",
            "Discover the new hybrid range at your dealer.",
        ),
    )
    return chance.choice(
        (
            f'<div class="ad-container"><p>{label}</p></div>',
            f'<div class="advertisement"><p>{label}</p><p>{text}</p></div>',
            f'<div id="div-gpt-ad-{chance.randrange(999)}" class="ad">'
            f'<a href="https://ads.example/x">{text}</a></div>',
            f"<p>{label}</p>",
            f'<aside class="sponsored-block"><p>{text}</p></aside>',
            f'<div class="pub"><span>{label}</span><p>{text}</p></div>'
            if french
            else f'<div class="adslot"><span>{label}</span><p>{text}</p></div>',
        )
    )


def relative_time(french: bool, chance: random.Random) -> str:
    """A relative time, as of when the page was served."""
    number = chance.randint(2, 23)
    text = _choose(
        french,
        chance,
        (
            f"il y a {number} heures",
            f"Il y a {number} min",
            f"Publié il y a {number} heures",
            f"Mis à jour il y a {number} minutes",
            f"Il y a {number} jours",
        ),
        (
            f"{number} hours ago",
            f"{number}h ago",
            f"Updated {number} minutes ago",
            f"Published {number} hours ago",
            f"{number} days ago",
        ),
    )
    return chance.choice(
        (
            f"<p>{text}</p>",
            f'<div class="time">{text}</div>',
            f"<p><time>{text}</time></p>",
        )
    )


def counters(french: bool, chance: random.Random) -> str:
    """Numbers of views, shares, comments."""
    number = chance.choice(
        (
            f"{chance.randint(2, 999)}",
            f"{chance.randint(1, 99)} {chance.randint(100, 999)}",
            f"{chance.randint(1, 9)}.{chance.randint(1, 9)}k",
        )
    )
    text = _choose(
        french,
        chance,
        (
            f"{number} vues",
            f"{number} commentaires",
            f"{number} partages",
            f"Vu {number} fois",
            f"Commentaires ({number})",
            f"{number} réactions",
        ),
        (
            f"{number} views",
            f"{number} comments",
            f"{number} shares",
            f"Views: {number}",
            f"Comments ({number})",
            f"{number} people are reading this",
        ),
    )
    return chance.choice(
        (
            f"<p>{text}</p>",
            f'<div class="counter"><span>{text}</span></div>',
            f"<p><b>{text}</b></p>",
        )
    )


def cookie_note(french: bool, chance: random.Random) -> str:
    """A notice why embedded content is not shown."""
    text = _choose(
        french,
        chance,
        (
            "Ce contenu est bloqué car vous n'avez pas accepté les cookies.",
            "En continuant votre navigation, vous acceptez l'utilisation de cookies.",
            "Vous devez accepter les cookies pour voir ce contenu.",
        ),
        (
            "This content is blocked because you have not accepted cookies.",
            "We use cookies to improve your experience.",
            "Please accept cookies to view this content.",
        ),
    )
    return chance.choice(
        (f'<div class="cookie-notice"><p>{text}</p></div>', f"<p>{text}</p>")
    )


def newsletter(french: bool, chance: random.Random) -> str:
    """A newsletter sign-up box."""
    text = _choose(
        french,
        chance,
        (
            "Inscrivez-vous à notre newsletter et recevez l'essentiel"
            " de l'actualité chaque matin.",
            "Recevez notre newsletter quotidienne",
            "Abonnez-vous à notre newsletter",
            "La newsletter : chaque matin, l'essentiel de l'info",
        ),
        (
            "Sign up for our newsletter and get the day's news every morning.",
            "Subscribe to our daily newsletter",
            "Get our free newsletter in your inbox",
            "Sign up to our morning briefing newsletter",
        ),
    )
    return chance.choice(
        (
            f'<div class="newsletter-box"><p>{text}</p>'
            '<form><input type="email"><button>OK</button></form></div>',
            f"<p>{text}</p>",
            f"<aside><h4>{text}</h4></aside>",
        )
    )


def reading_time(french: bool, chance: random.Random) -> str:
    """The reading time."""
    number = chance.randint(2, 12)
    text = _choose(
        french,
        chance,
        (
            f"Temps de lecture : {number} min",
            f"Lecture {number} min.",
            f"{number} min de lecture",
            f"{number} minutes de lecture",
        ),
        (
            f"{number} min read",
            f"Reading time: {number} minutes",
            f"{number} minute read",
            f"Estimated read time: {number} min",
        ),
    )
    return f"<p>{text}</p>"


def share_line(french: bool, chance: random.Random) -> str:
    """Share buttons as text."""
    text = _choose(
        french,
        chance,
        (
            "Partager sur Facebook",
            "Partager",
            "Partager cet article",
            "Suivez-nous sur Twitter",
            "Imprimer",
        ),
        (
            "Share on Facebook",
            "Share",
            "Share this article",
            "Follow us on Twitter",
            "Print",
        ),
    )
    return chance.choice(
        (
            f'<p><a href="https://facebook.example/s">{text}</a></p>',
            f"<p>{text}</p>",
            f'<ul class="share"><li><a href="#">{text}</a></li></ul>',
        )
    )


def caption(french: bool, chance: random.Random) -> str:
    """A picture whose caption has a new date."""
    day = chance.randint(1, 28)
    text = _choose(
        french,
        chance,
        (
            f"Le port, le {day} mars 2024. (Photo archives)",
            f"La mairie, mardi {day} mars. © AFP",
        ),
        (
            f"The harbour on March {day}, 2024. (File photo)",
            f"City hall on Tuesday, March {day}. Photo: AP",
        ),
    )
    return f'<figure><img src="/i/{day}.jpg" alt=""><figcaption>{text}</figcaption></figure>'


def most_read(french: bool, chance: random.Random) -> str:
    """A list of what others read, with numbers."""
    head = _choose(
        french,
        chance,
        ("Les plus lus", "Les articles les plus lus", "En ce moment", "Le top 3"),
        ("Most read", "Most popular", "Trending now", "Top stories"),
    )
    links = "".join(
        f'<li><a href="/t/{chance.randrange(9999)}">{_title(french, chance)}</a></li>'
        for _ in range(3)
    )
    return chance.choice(
        (
            f'<div class="most-read"><h3>{head}</h3><ol>{links}</ol></div>',
            f'<aside class="trending"><h2>{head}</h2><ul>{links}</ul></aside>',
            f'<section class="popular-posts"><p>{head}</p><ol>{links}</ol></section>',
        )
    )


def other_languages(french: bool, chance: random.Random) -> str:
    """Counters, relative times and reading times in other languages."""
    number = chance.randint(2, 59)
    text = chance.choice(
        (
            f"{number} Kommentare",
            f"Lesezeit: {number} Minuten",
            f"vor {number} Minuten",
            f"Aktualisiert vor {number} Stunden",
            f"{number} comentarios",
            f"hace {number} minutos",
            f"{number} min de lectura",
            f"{number} commenti",
            f"{number} minuti fa",
            f"Tempo di lettura: {number} minuti",
            f"{number} comentários",
            f"há {number} minutos",
            f"{number} reacties",
            f"{number} minuten geleden",
            f"Leestijd: {number} minuten",
            f"{number} kommentarer",
            f"för {number} minuter sedan",
            f"{number} komentarzy",
            f"{number} minut temu",
            f"{number} комментариев",
            f"{number} минут назад",
            f"{number} yorum",
            f"{number} dakika önce",
            f"{number} σχόλια",
            f"{number}件のコメント",
            f"{number}分前",
            f"{number}条评论",
            f"{number} 분 전",
        )
    )
    return f"<p>{text}</p>"


MARKUP: dict[str, Make] = {
    "most read": most_read,
    "other languages": other_languages,
    "inline related link": inline_related,
    "read also": read_also_box,
    "bare link": bare_link,
    "advertisement": advertisement,
    "hours ago": relative_time,
    "views, shares, comments": counters,
    "cookie note": cookie_note,
    "newsletter box": newsletter,
    "reading time": reading_time,
    "share buttons": share_line,
    "caption": caption,
}


# ---- noise: characters of the paragraph


def _texts(element: HtmlElement, change: Callable[[str], str]) -> None:
    for node in element.iter():
        if node.text:
            node.text = change(node.text)
        if node.tail and node is not element:
            node.tail = change(node.tail)


def quotes(text: str) -> str:
    """Swap straight and typographic quotation marks and dashes."""
    return text.translate(
        str.maketrans(
            {"’": "'", "“": '"', "”": '"', "'": "’", '"': "“", "–": "-", "—": "–"}
        )
    )


def no_break(text: str) -> str:
    """No-break spaces before punctuation, narrow ones in numbers."""
    return re.sub(
        r" (?=[;:!?%»])|(?<=«) ", "\u00a0", re.sub(r"(?<=\d) (?=\d{3})", "\u202f", text)
    ).replace("  ", " \u00a0")


def decomposed(text: str) -> str:
    """Unicode form NFD, with soft hyphens."""
    return unicodedata.normalize("NFD", text).replace("tion", "ti\u00adon")


def spaced(text: str) -> str:
    """Different white space."""
    return text.replace(" ", "\n  ")


CHARACTERS: dict[str, Callable[[str], str]] = {
    "quotes": quotes,
    "no-break space": no_break,
    "NFD": decomposed,
    "white space": spaced,
}


# ---- noise: around the article


def weather(tree: HtmlElement, page: Page, chance: random.Random) -> None:
    """Weather, the date and a ticker in the header."""
    degrees, hour = chance.randint(-9, 35), chance.randint(10, 23)
    box = fromstring(
        f'<div class="header-bar"><span class="weather">Marlow {degrees} °C</span>'
        f'<span class="date">{hour}:{chance.randint(10, 59)}</span><div class="ticker">'
        f'<a href="/x">{_title(page.french, chance)}</a></div></div>'
    )
    body = tree.find("body")
    (tree if body is None else body).insert(0, box)


def headline_counter(tree: HtmlElement, page: Page, chance: random.Random) -> None:
    """A counter or a reading time at the end of the headline, wherever it is stated."""
    number = chance.randint(2, 99)
    texts = (
        (f" ({number} commentaires)", f" - {number} min de lecture", f" [{number}]")
        if page.french
        else (f" ({number} comments)", f" - {number} min read", f" [{number}]")
    )
    _retitle(tree, page.read.title, "", chance.choice(texts))


def headline_clock(tree: HtmlElement, page: Page, chance: random.Random) -> None:
    """A clock or a badge at the beginning of the headline, wherever it is stated."""
    clock = f"{chance.randint(10, 23)}:{chance.randint(10, 59)}"
    texts = (f"{clock} - ", f"({chance.randint(1, 9)}) ", f"Live {clock} - ")
    _retitle(tree, page.read.title, chance.choice(texts), "")


def _retitle(tree: HtmlElement, title: str, prefix: str, suffix: str) -> bool:
    """Put something before and after the headline in elements, metadata, JSON-LD.

    Whether it is stated word for word in a heading and in ``<title>``.
    """
    changed = set()
    escaped = json.dumps(title)[1:-1]
    forms = {title, escaped, escaped.replace("/", "\\/"), html.escape(title)} - {""}
    forms |= {title.replace("’", "'"), title.replace("'", "’")}

    def change(text: str) -> str:
        for form in sorted(forms, key=len, reverse=True):
            if form and form in text:
                changed.add(element.tag)
                return text.replace(form, f"{prefix}{form}{suffix}")
        return text

    for element in tree.iter("h1", "h2", "title", "script", "meta"):
        if element.tag == "meta":
            if element.get("content"):
                element.set("content", change(element.get("content")))
            continue
        if element.tag == "h2" and element.text_content().strip() != title:
            continue  # a sentence with the same words
        for node in element.iter():
            if node.text:
                node.text = change(node.text)
    return {"h1", "title"} <= changed


AROUND: dict[str, Callable[[HtmlElement, Page, random.Random], None]] = {
    "weather, clock, ticker": weather,
    "counter in the headline": headline_counter,
    "clock in the headline": headline_clock,
}


# ---- real edits


def one_word(element: HtmlElement, french: bool, chance: random.Random) -> bool:
    """Replace a word."""
    return _replace(
        element,
        re.compile(r"\b[a-zà-ÿ]{5,}\b"),
        lambda _: _choose(
            french,
            chance,
            ("pourtant", "désormais", "ailleurs"),
            ("nevertheless", "elsewhere", "henceforth"),
        ),
    )


def one_number(element: HtmlElement, french: bool, chance: random.Random) -> bool:
    """Replace a number."""
    return _replace(
        element,
        re.compile(r"\b\d+\b"),
        lambda text: str(int(text) + chance.randint(1, 9)),
    )


def _replace(
    element: HtmlElement, pattern: re.Pattern[str], replacement: Callable[[str], str]
) -> bool:
    for node in element.iter():
        for name in ("text", "tail"):
            text = getattr(node, name)
            if (
                text
                and not (name == "tail" and node is element)
                and (match := pattern.search(text))
            ):
                setattr(
                    node,
                    name,
                    text[: match.start()] + replacement(match[0]) + text[match.end() :],
                )
                return True
    return False


def headline_number(tree: HtmlElement, page: Page, chance: random.Random) -> bool:
    """A number that is news, at the end of the headline."""
    return _retitle(tree, page.read.title, "", f", {chance.randint(2, 99)} dead")


def remove_paragraph(element: HtmlElement, french: bool, chance: random.Random) -> bool:
    """Remove the paragraph."""
    element.drop_tree()
    return True


def add_paragraph(element: HtmlElement, french: bool, chance: random.Random) -> bool:
    """Add a paragraph after it."""
    text = _choose(
        french,
        chance,
        (
            "Le conseil a ajouté mercredi qu'une seconde enquête serait confiée à un"
            " cabinet indépendant avant la fin du mois.",
            "Selon plusieurs témoins, la route restera fermée jusqu'à dimanche,"
            " le temps que les experts rendent leur avis.",
        ),
        (
            "The council added on Wednesday that a second inquiry would be given to an"
            " independent firm before the end of the month.",
            "According to several witnesses the road will stay closed until Sunday,"
            " while the experts finish their report.",
        ),
    )
    _insert_after(element, f"<p>{text}</p>")
    return True


def correction(element: HtmlElement, french: bool, chance: random.Random) -> bool:
    """Add a correction note after it."""
    text = _choose(
        french,
        chance,
        (
            "Rectificatif : une version précédente de cet article indiquait par erreur"
            " que la réunion avait eu lieu lundi.",
            "Cet article a été modifié le 3 mars pour corriger le nom de l'entreprise.",
        ),
        (
            "Correction: an earlier version of this article misstated the day of the"
            " meeting. It was Monday.",
            "This article was amended on 3 March to correct the name of the company.",
        ),
    )
    _insert_after(element, f"<p>{text}</p>")
    return True


def _insert_after(element: HtmlElement, markup: str) -> None:
    for node in reversed(fragments_fromstring(markup)):
        if not isinstance(node, str):
            node.tail, element.tail = element.tail, None
            element.addnext(node)


EDITS: dict[str, Callable[[HtmlElement, bool, random.Random], bool]] = {
    "one word": one_word,
    "one number": one_number,
    "paragraph gone": remove_paragraph,
    "paragraph came": add_paragraph,
    "correction note": correction,
}


HEADLINE_NUMBER = "number in the headline"


def main() -> None:
    """Insert, read, compare, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", default="", help="only this noise or edit")
    parser.add_argument(
        "--show",
        action="store_true",
        help="print noise that made a version, and edits that did not",
    )
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    kinds = {
        name: 0
        for name in (*MARKUP, *AROUND, *CHARACTERS, *EDITS, HEADLINE_NUMBER)
        if options.kind in ("", name)
    }
    tried = dict.fromkeys(kinds, 0)
    for page in pages(options.pages, options.seed):
        for kind in kinds:
            chance = random.Random(f"{options.seed} {page.name} {kind}")
            tree, element = page.copied()
            if kind in MARKUP:
                markup = MARKUP[kind](page.french, chance)
                _insert_after(element, markup)
            elif kind in CHARACTERS:
                markup = kind
                _texts(element, CHARACTERS[kind])
            elif kind in AROUND:
                markup = kind
                AROUND[kind](tree, page, chance)
            elif kind == HEADLINE_NUMBER:
                markup = kind
                if not headline_number(tree, page, chance):
                    continue
            else:
                markup = kind
                if not page.is_single:
                    continue  # a newsroom would have edited both
                if not EDITS[kind](element, page.french, chance):
                    continue
            extract = read(tree, page.url)
            differs = not is_same_wording(
                extracted_text(page.read), extracted_text(extract)
            )
            tried[kind] += 1
            kinds[kind] += differs
            if options.show and differs != (kind in EDITS or kind == HEADLINE_NUMBER):
                _show(page, kind, markup, extract)
    rows = []
    for kind, count in kinds.items():
        share = count / max(1, tried[kind])
        aim = (
            f"aim: at least {MIN_EDITS_SHARE}"
            if kind in EDITS or kind == HEADLINE_NUMBER
            else f"aim: at most {MAX_NOISE_SHARE}"
        )
        rows.append((kind, f"{share:.4f} ({count} of {tried[kind]})", aim))
    table(rows)


def _show(page: Page, kind: str, markup: str, extract: Extract) -> None:
    before, after = (
        set(normalise_text(text).split("\n"))
        for text in significant_lines(
            extracted_text(page.read), extracted_text(extract)
        )
    )
    print(f"{kind} {page.name} {page.read.method}/{extract.method}: {markup[:160]}")
    for sign, lines in (("-", before - after), ("+", after - before)):
        for line in sorted(lines)[:4]:
            print(f"    {sign} {line[:150]}")


if __name__ == "__main__":
    main()
