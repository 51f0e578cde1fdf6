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

MAX_PAGE_NUMBER = 99  # a higher number is an article's, a year or a price
MAX_LINKS = 20_000  # of a page that are looked at
MAX_URL_LENGTH = 2_048  # characters of an address
_PAGE_WORD = (
    "page|pagina|pag|pg|p|seite|sivu|strona|side|sida|part|partie|teil|sayfa|oldal"
)
_PAGE_PARAMS = frozenset(
    ("page", "pg", "pag", "pagina", "seite", "pagenum", "page_number", "pageno", "pagenumber", "currentpage",
     "_page", "page_no", "sayfa", "strona", "part", "artpage", "pagina_articulo")
)  # fmt: skip
_PATH_PAGE = re.compile(rf"/(?:(?:{_PAGE_WORD})[-_/]?)?(\d{{1,2}})", re.IGNORECASE)
_LIST_PAGE_PATH = re.compile(
    r"/page/\d+$", re.IGNORECASE
)  # as WordPress pages its lists; its articles are paged "/2/"
_SUFFIX_PAGE = re.compile(
    rf"[-_,.](?:(?:{_PAGE_WORD})[-_]?)?(\d{{1,2}})", re.IGNORECASE
)
_FIRST_PAGE_MARK = re.compile(
    rf"(?:/(?:{_PAGE_WORD})[-_/]?|[-_,.](?:page|seite|pagina)[-_]?)[01]$", re.IGNORECASE
)
_EXTENSION = re.compile(r"\.(?:x?s?html?|php\d?|aspx?|jsp|cfm|ece)$", re.IGNORECASE)
_TRACKING_PARAM = re.compile(
    r"(?:utm|at|mc|pk|wt|ns)[._].*|xtor|fbclid|gclid|srsltid|ref|source|from|cmp|ito|rss|share|amp|output|s",
    re.IGNORECASE,
)
_DATE_PATH = re.compile(r"/(?:19|20)\d\d(?:/\d\d){0,2}$")
# Lists and discussions have pages too, and are no articles.
_LISTING_PATH = re.compile(
    r"/(?:categor(?:y|ie|ies|ia)|tags?|authors?|auteurs?|autor(?:en)?|search|recherche|suche|archives?|topics?|themen?|"
    r"sections?|rubri(?:k|que)s?|threads?|forums?|foren|page|pages|labels?|users?|profiles?|blogs?|comment-page-\d+)(?:/[^/]*)?$",
    re.IGNORECASE,
)
_DISCUSSION_PATH = re.compile(r"/(?:threads?|forums?|foren|viewtopic|showthread|discussions?|community|comments?)\b", re.IGNORECASE)  # fmt: skip
_COMMENT_HINT = re.compile(
    r"comment|kommentar|disqus|respon[ds]|replies|leserbrief|opinions-list",
    re.IGNORECASE,
)
_NEXT_LINK_TEXT = re.compile(
    r"(?:next|continue|weiter|n[äa]chste|suivante?s?|page suivante|lire la suite|siguiente|pr[óo]xim[ao]|successiv[ao]|avanti|"
    r"volgende|n[äe]sta|neste|næste|seuraava|nast[ęe]pn[ay]|dal(?:ej|ší)|следующая|далее|次|下一[页頁]|다음|التالي(?:ة)?|sonraki)\b.{0,24}"
    r"|[›»>→]{1,2}|(?:page|seite|p[áa]gina|sida|side|strona|сторінка|страница)\s*\d{1,2}.{0,60}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _ArticleAddress:
    """Where an article stands: host, path without its ending, and the parameters that name it."""

    host: str
    path: str
    stem: str
    params: frozenset[tuple[str, str]]


def find_next_page_url(tree: HtmlElement, url: str, first_url: str = "") -> str:
    """Absolute address of the page that follows the one at ``url``; "" where there is none.

    ``first``: the address of the article's first page, where ``url`` is another one.
    """
    home = _article_address(first_url or url)
    if home is None:
        return ""
    wanted = (
        _match_page_number(home, url)[0] + 1 if first_url and first_url != url else 2
    )
    if wanted < 2 or wanted > MAX_PAGE_NUMBER:
        return ""
    digits = str(wanted)
    base = _base_url(tree, url)
    for link in _candidate_links(tree, digits, home):
        address = _resolve_url(base, link.get("href", ""))
        number, plain = _match_page_number(home, address)
        if (
            number == wanted
            and (plain or _is_labelled_next(link, digits))
            and not _is_comment_link(link, address)
        ):
            return address
    return ""


def page_number(first_url: str, url: str) -> int:
    """Which page of the article at ``first`` an address is; 0: none of them, 1: the first."""
    home = _article_address(first_url)
    return _match_page_number(home, url)[0] if home is not None else 0


def _candidate_links(
    tree: HtmlElement, digits: str, article: _ArticleAddress
) -> Iterator[HtmlElement]:
    """Links that may lead there: they name the article, or are short."""
    last = article.stem.rpartition("/")[2]
    short = len(digits) + 20
    for link in islice(tree.iter("a", "link"), MAX_LINKS):
        href = (link.get("href") or "").strip()
        if digits not in href:
            continue
        if (
            len(href) <= short
            or href.startswith("?")
            or (last in href and len(href) <= MAX_URL_LENGTH)
        ):
            if link.tag == "a" or "next" in (link.get("rel") or "").lower().split():
                yield link


def _base_url(tree: HtmlElement, url: str) -> str:
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


def _resolve_url(base_url: str, href: str) -> str:
    try:
        joined = urljoin(base_url, href.strip()).partition("#")[0]
        parts = urlsplit(joined)
    except ValueError:
        return ""
    return (
        joined
        if parts.scheme in ("http", "https")
        and parts.hostname
        and len(joined) <= MAX_URL_LENGTH
        else ""
    )


def _split_url(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.hostname else None
    except ValueError:
        return None


def _parse_address(parts: SplitResult) -> _ArticleAddress:
    host = (parts.hostname or "").removeprefix("www.")
    path = parts.path.rstrip("/")
    params = frozenset(
        (name, value)
        for name, value in parse_qsl(
            parts.query, keep_blank_values=True, max_num_fields=None
        )[:50]
        if not _TRACKING_PARAM.fullmatch(name)
    )
    return _ArticleAddress(host, path, _EXTENSION.sub("", path), params)


def _article_address(url: str) -> _ArticleAddress | None:
    """The place of a first page, without its own mark ("?page=1"); None where it is no single article's."""
    parts = _split_url(url)
    if parts is None:
        return None
    place = _parse_address(parts)
    params = frozenset(
        (name, value)
        for name, value in place.params
        if name.lower() not in _PAGE_PARAMS or value not in "01"
    )
    stem = _FIRST_PAGE_MARK.sub("", place.stem)
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
        or _LISTING_PATH.search(stem)
        or _DISCUSSION_PATH.search(stem)
        or _DATE_PATH.search(stem)
    ):
        return None
    return _ArticleAddress(place.host, path, stem, params)


def _match_page_number(article: _ArticleAddress, url: str) -> tuple[int, bool]:
    """Which page of the article an address is (0: none), and whether that is plain from the address alone."""
    parts = _split_url(url) if url else None
    if parts is None:
        return 0, False
    place = _parse_address(parts)
    if place.host != article.host or not place.stem.startswith(article.stem):
        return 0, False
    own = [
        (name, value)
        for name, value in place.params - article.params
        if name.lower() in _PAGE_PARAMS
    ]
    if place.params - frozenset(own) != article.params or len(own) > 1:
        return 0, False
    if place.stem == article.stem:
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
    for start in (article.path, article.stem):
        for rest in (
            (place.path[len(start) :], place.stem[len(start) :])
            if place.path.startswith(start)
            else ()
        ):
            for shape, plain in ((_PATH_PAGE, True), (_SUFFIX_PAGE, False)):
                match = shape.fullmatch(rest)
                if match:
                    return int(match[1]), plain and not _LIST_PAGE_PATH.match(rest)
    return 0, False


def _is_labelled_next(link: HtmlElement, digits: str) -> bool:
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
        if text and ((numbered and text == digits) or _NEXT_LINK_TEXT.fullmatch(text)):
            return numbered
    return False


def _is_comment_link(link: HtmlElement, url: str) -> bool:
    """Whether it leads to more comments."""
    if _COMMENT_HINT.search(link.get("href") or "") or "comment-page-" in url:
        return True
    for one in link.iterancestors():
        if one.tag in ("body", "html", "main", "article"):
            return False
        if _COMMENT_HINT.search(f"{one.get('class', '')} {one.get('id', '')}"):
            return True
    return False
