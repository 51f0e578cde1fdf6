"""The next page of the same article, where it is spread over several. Pure.

Only an address that is the article's own with a page's number counts: ``…/slug/2/``, ``…/slug-2.html``, ``…?page=2``,
``…/slug/seite-2``. What the link is called counts less than where it leads: ``rel=next`` leads to the next post of a blog,
to the next page of a section, or of the comments, far more often than to the rest of the text. Not for: fetching it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

from lxml.html import HtmlElement

PAGES_MOST = 99  # a higher number is an article's, a year or a price
LINKS_MOST = 20_000  # of a page that are looked at
LONGEST = 2_048  # characters of an address
_MARK = "page|pagina|pag|pg|p|seite|sivu|strona|side|sida|part|partie|teil|sayfa|oldal"
_PARAMS = frozenset(
    ("page", "pg", "pag", "pagina", "seite", "pagenum", "page_number", "pageno", "pagenumber", "currentpage",
     "_page", "page_no", "sayfa", "strona", "part", "artpage", "pagina_articulo")
)  # fmt: skip
_BY_PATH = re.compile(rf"/(?:(?:{_MARK})[-_/]?)?(\d{{1,2}})", re.IGNORECASE)
_OF_A_LIST = re.compile(
    r"/page/\d+$", re.IGNORECASE
)  # as WordPress pages its lists; its articles are paged "/2/"
_BY_SUFFIX = re.compile(rf"[-_,.](?:(?:{_MARK})[-_]?)?(\d{{1,2}})", re.IGNORECASE)
_FIRST_OF = re.compile(
    rf"(?:/(?:{_MARK})[-_/]?|[-_,.](?:page|seite|pagina)[-_]?)[01]$", re.IGNORECASE
)
_EXTENSION = re.compile(r"\.(?:x?s?html?|php\d?|aspx?|jsp|cfm|ece)$", re.IGNORECASE)
_TRACKING = re.compile(
    r"(?:utm|at|mc|pk|wt|ns)[._].*|xtor|fbclid|gclid|srsltid|ref|source|from|cmp|ito|rss|share|amp|output|s",
    re.IGNORECASE,
)
_A_DAY = re.compile(r"/(?:19|20)\d\d(?:/\d\d){0,2}$")
# Lists and discussions have pages too, and are no articles.
_LISTING = re.compile(
    r"/(?:categor(?:y|ie|ies|ia)|tags?|authors?|auteurs?|autor(?:en)?|search|recherche|suche|archives?|topics?|themen?|"
    r"sections?|rubri(?:k|que)s?|threads?|forums?|foren|page|pages|labels?|users?|profiles?|blogs?|comment-page-\d+)(?:/[^/]*)?$",
    re.IGNORECASE,
)
_DISCUSSION = re.compile(r"/(?:threads?|forums?|foren|viewtopic|showthread|discussions?|community|comments?)\b", re.IGNORECASE)  # fmt: skip
_OF_COMMENTS = re.compile(
    r"comment|kommentar|disqus|respon[ds]|replies|leserbrief|opinions-list",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"(?:next|continue|weiter|n[äa]chste|suivante?s?|page suivante|lire la suite|siguiente|pr[óo]xim[ao]|successiv[ao]|avanti|"
    r"volgende|n[äe]sta|neste|næste|seuraava|nast[ęe]pn[ay]|dal(?:ej|ší)|следующая|далее|次|下一[页頁]|다음|التالي(?:ة)?|sonraki)\b.{0,24}"
    r"|[›»>→]{1,2}|(?:page|seite|p[áa]gina|sida|side|strona|сторінка|страница)\s*\d{1,2}.{0,60}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an article stands: host, path without its ending, and the parameters that name it."""

    host: str
    path: str
    stem: str
    params: frozenset[tuple[str, str]]


def next_page(tree: HtmlElement, url: str, first: str = "") -> str:
    """Absolute address of the page that follows the one at ``url``; "" where there is none.

    ``first``: the address of the article's first page, where ``url`` is another one.
    """
    home = _article(first or url)
    if home is None:
        return ""
    wanted = _number(home, url)[0] + 1 if first and first != url else 2
    if wanted < 2 or wanted > PAGES_MOST:
        return ""
    digits = str(wanted)
    base = _base(tree, url)
    for link in _links(tree, digits, home):
        address = _absolute(base, link.get("href", ""))
        number, plain = _number(home, address)
        if (
            number == wanted
            and (plain or _named(link, digits))
            and not _of_comments(link, address)
        ):
            return address
    return ""


def page_of(first: str, url: str) -> int:
    """Which page of the article at ``first`` an address is; 0: none of them, 1: the first."""
    home = _article(first)
    return _number(home, url)[0] if home is not None else 0


def _links(tree: HtmlElement, digits: str, home: _Place) -> Iterator[HtmlElement]:
    """Links that may lead there: they name the article, or are short."""
    last = home.stem.rpartition("/")[2]
    short = len(digits) + 20
    for link in islice(tree.iter("a", "link"), LINKS_MOST):
        href = (link.get("href") or "").strip()
        if digits not in href:
            continue
        if (
            len(href) <= short
            or href.startswith("?")
            or (last in href and len(href) <= LONGEST)
        ):
            if link.tag == "a" or "next" in (link.get("rel") or "").lower().split():
                yield link


def _base(tree: HtmlElement, url: str) -> str:
    """What relative addresses are relative to."""
    stated = tree.find("head/base")
    try:
        return (
            urljoin(url, (stated.get("href") or "").strip())
            if stated is not None
            else url
        )
    except ValueError:
        return url


def _absolute(base: str, href: str) -> str:
    try:
        joined = urljoin(base, href.strip()).partition("#")[0]
        parts = urlsplit(joined)
    except ValueError:
        return ""
    return (
        joined
        if parts.scheme in ("http", "https")
        and parts.hostname
        and len(joined) <= LONGEST
        else ""
    )


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.hostname else None
    except ValueError:
        return None


def _place(parts: SplitResult) -> _Place:
    host = (parts.hostname or "").removeprefix("www.")
    path = parts.path.rstrip("/")
    params = frozenset(
        (name, value)
        for name, value in parse_qsl(
            parts.query, keep_blank_values=True, max_num_fields=None
        )[:50]
        if not _TRACKING.fullmatch(name)
    )
    return _Place(host, path, _EXTENSION.sub("", path), params)


def _article(url: str) -> _Place | None:
    """The place of a first page, without its own mark ("?page=1"); None where it is no single article's."""
    parts = _split(url)
    if parts is None:
        return None
    place = _place(parts)
    params = frozenset(
        (name, value)
        for name, value in place.params
        if name.lower() not in _PARAMS or value not in "01"
    )
    stem = _FIRST_OF.sub("", place.stem)
    path = stem if stem != place.stem else place.path
    last = stem.rpartition("/")[2]
    told = (
        bool(re.search(r"\d", last))
        or len(re.findall(r"[-_,]", last)) >= 2
        or len(last) >= 25
    )
    told = told or path != stem or any(value.isdigit() for _, value in params)
    if (
        not last
        or not told
        or _LISTING.search(stem)
        or _DISCUSSION.search(stem)
        or _A_DAY.search(stem)
    ):
        return None
    return _Place(place.host, path, stem, params)


def _number(home: _Place, url: str) -> tuple[int, bool]:
    """Which page of the article an address is (0: none), and whether that is plain from the address alone."""
    parts = _split(url) if url else None
    if parts is None:
        return 0, False
    place = _place(parts)
    if place.host != home.host or not place.stem.startswith(home.stem):
        return 0, False
    own = [
        (name, value)
        for name, value in place.params - home.params
        if name.lower() in _PARAMS
    ]
    if place.params - frozenset(own) != home.params or len(own) > 1:
        return 0, False
    if place.stem == home.stem:
        if not own:
            return 1, True
        value = own[0][1]
        return (
            (int(value), True)
            if re.fullmatch(r"[1-9]\d?", value, re.ASCII)
            else (0, False)
        )
    if own:
        return 0, False
    for start in (home.path, home.stem):
        for rest in (
            (place.path[len(start) :], place.stem[len(start) :])
            if place.path.startswith(start)
            else ()
        ):
            for shape, plain in ((_BY_PATH, True), (_BY_SUFFIX, False)):
                match = shape.fullmatch(rest)
                if match:
                    return int(match[1]), plain and not _OF_A_LIST.match(rest)
    return 0, False


def _named(link: HtmlElement, digits: str) -> bool:
    """Whether a link calls itself the next page, or that page's number where it does not number a list."""
    if "next" in (link.get("rel") or "").lower().split():
        return True
    numbered = "page-numbers" not in (link.get("class") or "").split()
    for text in (
        link.text_content()[:200],
        link.get("aria-label") or "",
        link.get("title") or "",
    ):
        text = " ".join(text.split())
        if text and ((numbered and text == digits) or _NEXT.fullmatch(text)):
            return numbered
    return False


def _of_comments(link: HtmlElement, address: str) -> bool:
    """Whether it leads to more comments."""
    if _OF_COMMENTS.search(link.get("href") or "") or "comment-page-" in address:
        return True
    for one in link.iterancestors():
        if one.tag in ("body", "html", "main", "article"):
            return False
        if _OF_COMMENTS.search(f"{one.get('class', '')} {one.get('id', '')}"):
            return True
    return False
