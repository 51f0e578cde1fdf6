"""The shape of a URL: what an outlet's articles have in common, and its sections do not.

A shape is the path with each segment as what it is: a year, a number, a slug of several
words, an id, one word. The shapes of an outlet's known articles tell its other articles.
Where none is known, general evidence counts: a date, an id, a slug of several words.
Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

MIN_SLUG_WORDS = 3  # a section's name has one or two
MIN_SURE_SLUG_WORDS = 5
MIN_ID_DIGITS = 4
_EXTENSION = re.compile(r"\.([a-z]{2,5}\d?)$", re.IGNORECASE)
_PAGE_EXTENSIONS = frozenset(
    "html htm shtml xhtml php php3 php4 asp aspx jsp do cfm story ece dhtml".split()
)
_DATE = re.compile(r"(?:19|20)\d\d[-_.]?[01]\d[-_.]?[0-3]\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_HEX_ID = re.compile(r"(?=[a-z]*\d)(?=\d*[a-z])[0-9a-f]{8,}", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LETTER_ID = re.compile(r"[a-z]{1,10}[-_.]?\d{5,}", re.IGNORECASE)
# By name in a URL's folders or as its last segment, whatever else is in it: lists,
# people, accounts, services.
NOT_ARTICLES = frozenset(
    "tag tags topic topics etiqueta etiquetas mot-cle mots-cles schlagwort category "
    "categories categorie kategorie categoria search suche recherche buscar cerca "
    "author authors auteur auteurs autor autoren autores autore profile profiles user "
    "users contributor contributors "
    "login signin sign-in log-in logout signup sign-up register registration anmelden "
    "account accounts my-account konto password wp-login.php wp-admin wp-json cgi-bin "
    "about about-us a-propos ueber-uns contact-us kontakt contacto impressum imprint "
    "privacy-policy datenschutz terms-of-use terms-of-service agb cgu cgv "
    "mentions-legales legal-notice cookie-policy faq faqs rss feed feeds sitemap "
    "site-map plan-du-site cart checkout cdn-cgi".split()
)
# The same, unless what is behind it is surely an article's: `/people/2025/09/06/…`.
SECTIONS = frozenset(
    "thema themen theme themes tema temas section sections rubrik rubrique rubriques "
    "ressort ressorts archive archives archiv archivo page pages latest member members "
    "staff people journalist journalists connexion inscription compte subscribe "
    "subscription subscriptions abo abos abonnement abonnements abonnieren newsletter "
    "newsletters premium-abo contact contacts privacy terms conditions legal cookie "
    "cookies help hilfe aide advertise advertising werbung mediadaten careers jobs job "
    "stellen shop store boutique donate donation don faire-un-don support-us horoscope "
    "weather wetter meteo tv-programm epaper e-paper games puzzles share print "
    "feedback accessibility".split()
)
_NOT_ARTICLE_PARAMETERS = frozenset(
    "s q search query replytocom share page paged tag author cat redirect redirect_to "
    "return returnurl next login lang".split()
)
_ID_PARAMETERS = frozenset(
    "id p article articleid article_id story storyid story_id newsid news_id nid artid "
    "aid itemid item idart idnews pid uuid".split()
)


@lru_cache(maxsize=8192)
def url_shape(url: str) -> str:
    """The shape of a URL: "word/YEAR/N/slug.html?id"."""
    parts = urlsplit(url)
    segments = [unquote(part) for part in parts.path.split("/") if part]
    extension = _extension(segments)
    if extension:
        segments[-1] = segments[-1][: -len(extension) - 1]
    shape = "/".join(map(_segment_shape, segments))
    names = sorted({name.lower() for name, _ in parse_qsl(parts.query)})
    query = f"?{'&'.join(names)}" if names else ""
    return f"{shape}{f'.{extension}' if extension else ''}{query}"


def url_folder(url: str) -> str:
    """The folder of a URL, with the extension of its last segment: "/news/*.html"."""
    folder, _, name = urlsplit(url).path.rstrip("/").rpartition("/")
    extension = _extension([name])
    return f"{folder}/*{f'.{extension}' if extension else ''}"


def _extension(segments: list[str]) -> str:
    match = _EXTENSION.search(segments[-1]) if segments else None
    return match[1].lower() if match else ""


def _segment_shape(segment: str) -> str:
    if _YEAR.fullmatch(segment):
        return "YEAR"
    if segment.isdecimal():
        return "N" if len(segment) > 2 else "n"
    if _DATE.fullmatch(segment):
        return "DATE"
    if _UUID.fullmatch(segment) or _HEX_ID.fullmatch(segment):
        return "ID"
    if _LETTER_ID.fullmatch(segment):
        return "aN"
    words = _words(segment)
    has_number = any(map(_is_id_number, words))
    name_count = sum(len(word) > 1 and not word.isdecimal() for word in words)
    name = "slug" if name_count >= MIN_SLUG_WORDS else "word"
    return f"{name}-N" if has_number else name


def _is_id_number(word: str) -> bool:
    return word.isdecimal() and len(word) >= MIN_ID_DIGITS and not _YEAR.fullmatch(word)


def _words(segment: str) -> list[str]:
    return [word for word in re.split(r"[-_,+ .~]+", segment) if word]


@lru_cache(maxsize=8192)
def article_evidence(url: str) -> int:
    """How much a URL looks like an article's: 0 not, 1 perhaps, 2 surely."""
    parts = urlsplit(url)
    segments = [unquote(part) for part in parts.path.split("/") if part]
    extension = _extension(segments)
    if extension and extension in _PAGE_EXTENSIONS:
        segments[-1] = segments[-1][: -len(extension) - 1]
    if segments[1:] and segments[-1].lower() == "index":
        segments.pop()
    shapes = [_segment_shape(segment) for segment in segments]
    if not shapes:
        return _query_evidence(parts.query)
    last = shapes[-1]
    # A date alone is a day's archive; with something behind it, an article.
    is_dated = "DATE" in shapes[:-1] or (
        "YEAR" in shapes[:-1] and last not in ("n", "YEAR")
    )
    sure = (
        is_dated
        or last in ("ID", "aN", "slug-N", "word-N")
        or (last == "N" and len(segments[-1]) >= MIN_ID_DIGITS)
        or "aN" in shapes[:-1]
        or (last.startswith("slug") and "N" in shapes[:-1])
        or (last == "slug" and len(_words(segments[-1])) >= MIN_SURE_SLUG_WORDS)
    )
    if sure:
        return 2
    if last == "slug" or _query_evidence(parts.query):
        return 1
    is_numbered = "N" in shapes or (extension in _PAGE_EXTENSIONS and "n" in shapes)
    return 1 if is_numbered else 0


def _query_evidence(query: str) -> int:
    ids = [
        value
        for name, value in parse_qsl(query)
        if name.lower() in _ID_PARAMETERS and any(map(str.isdecimal, value))
    ]
    return 1 if ids else 0


def is_never_article(url: str, article_segments: Collection[str] = ()) -> bool:
    """Whether a URL is that of a list, a person, an account, a service or a file.

    ``article_segments``: segments that occur in the URLs of the outlet's known articles,
    and so prove nothing ("archives", in `/archives/4711`).
    """
    parts = urlsplit(url)
    segments = [unquote(part).lower() for part in parts.path.split("/") if part]
    extension = _extension(segments)
    if extension in _FILE_EXTENSIONS:
        return True
    if extension in _PAGE_EXTENSIONS:
        segments[-1] = segments[-1][: -len(extension) - 1]
    named = {segment for segment in segments if segment not in article_segments}
    if named & NOT_ARTICLES or (named & SECTIONS and article_evidence(url) < 2):
        return True
    names = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    return bool(names & _NOT_ARTICLE_PARAMETERS) and not names & _ID_PARAMETERS


_FILE_EXTENSIONS = frozenset(
    "pdf jpg jpeg png gif webp svg avif ico mp3 mp4 webm ogg m4a mov avi zip gz exe apk "
    "doc docx xls xlsx ppt pptx csv json xml rss rdf atom ics epub css js txt".split()
)
