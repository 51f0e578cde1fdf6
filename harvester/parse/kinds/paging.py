"""The next page of the same article, if it is spread over several.

Only the article's own URL with a page number counts: ``…/slug/2/``, ``…/slug-2.html``,
``…?page=2``, ``…/slug/seite-2``. Where a link leads counts more than what it is called:
``rel=next`` leads to the next post of a blog, or the next page of a section or of the
comments, far more often than to the rest of a text. Fetching it is up to ``spiders``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

from lxml.html import HtmlElement

MAX_PAGE_NUMBER = 99  # a higher number is an article's, a year or a price
MAX_LINKS = 20_000  # links of a page
MAX_PARAMS = 50  # query parameters of a URL
MAX_URL_LENGTH = 2_048  # characters

_PAGE_WORD = (
    "page|pagina|pag|pg|p|seite|sivu|strona|side|sida|part|partie|teil|sayfa|oldal"
)
_PAGE_PARAMS = frozenset(
    "page pg pag pagina seite pagenum page_number pageno pagenumber currentpage _page "
    "page_no sayfa strona part artpage pagina_articulo".split()
)
_PATH_PAGE = re.compile(rf"/(?:(?:{_PAGE_WORD})[-_/]?)?(\d{{1,2}})", re.IGNORECASE)
_SUFFIX_PAGE = re.compile(
    rf"[-_,.](?:(?:{_PAGE_WORD})[-_]?)?(\d{{1,2}})", re.IGNORECASE
)
# The pages of a list in WordPress, whose articles are paged "/2/".
_LIST_PAGE_PATH = re.compile(r"/page/\d+$", re.IGNORECASE)
_FIRST_PAGE_MARK = re.compile(
    rf"(?:/(?:{_PAGE_WORD})[-_/]?|[-_,.](?:page|seite|pagina)[-_]?)[01]$", re.IGNORECASE
)
_PAGE_PARAM_VALUE = re.compile(r"[1-9]\d?", re.ASCII)
_EXTENSION = re.compile(r"\.(?:x?s?html?|php\d?|aspx?|jsp|cfm|ece)$", re.IGNORECASE)
_TRACKING_PARAM = re.compile(
    r"(?:utm|at|mc|pk|wt|ns)[._].*|xtor|fbclid|gclid|srsltid|ref|source|from|cmp|ito"
    r"|rss|share|amp|output|s",
    re.IGNORECASE,
)
_DATE_PATH = re.compile(r"/(?:19|20)\d\d(?:/\d\d){0,2}$")
# Lists and discussions have pages too, and are not articles.
_LISTING_PATH = re.compile(
    r"/(?:categor(?:y|ie|ies|ia)|tags?|authors?|auteurs?|autor(?:en)?|search|recherche"
    r"|suche|archives?|topics?|themen?|sections?|rubri(?:k|que)s?|threads?|forums?"
    r"|foren|page|pages|labels?|users?|profiles?|blogs?|comment-page-\d+)(?:/[^/]*)?$",
    re.IGNORECASE,
)
_DISCUSSION_PATH = re.compile(
    r"/(?:threads?|forums?|foren|viewtopic|showthread|discussions?|community"
    r"|comments?)\b",
    re.IGNORECASE,
)
_COMMENT_HINT = re.compile(
    r"comment|kommentar|disqus|respon[ds]|replies|leserbrief|opinions-list",
    re.IGNORECASE,
)
_NEXT_LINK_TEXT = re.compile(
    r"(?:next|continue|weiter|n[äa]chste|suivante?s?|page suivante|lire la suite"
    r"|siguiente|pr[óo]xim[ao]|successiv[ao]|avanti|volgende|n[äe]sta|neste|næste"
    r"|seuraava|nast[ęe]pn[ay]|dal(?:ej|ší)|следующая|далее|次|下一[页頁]|다음"
    r"|التالي(?:ة)?|sonraki)\b.{0,24}"
    r"|[›»>→]{1,2}"
    r"|(?:page|seite|p[áa]gina|sida|side|strona|сторінка|страница)\s*\d{1,2}.{0,60}",
    re.IGNORECASE,
)


_ROOTED = ("/", "http:", "https:")  # what is not relative to the article's path


@dataclass(frozen=True, slots=True)
class _PageAddress:
    """The parts of a URL by which pages of an article are compared."""

    host: str  # without "www."
    path: str
    stem: str  # the path without its extension
    params: frozenset[tuple[str, str]]  # without tracking


def find_next_page_url(tree: HtmlElement, url: str, first_url: str = "") -> str:
    """Absolute URL of the page that follows the one at ``url``; "" if none.

    ``first_url``: the URL of the article's first page, if ``url`` is another one.
    """
    article = _article_address(first_url or url)
    if article is None:
        return ""
    next_number = 2
    if first_url and first_url != url:
        next_number = _match_page_number(article, url)[0] + 1
    if not 2 <= next_number <= MAX_PAGE_NUMBER:
        return ""
    digits = str(next_number)
    base_url = _base_url(tree, url)
    for link in _candidate_links(tree, digits, article):
        link_url = _resolve_url(base_url, link.get("href", ""))
        number, is_certain = _match_page_number(article, link_url)
        if (
            number == next_number
            and (is_certain or _is_labelled_next(link, digits))
            and not _is_comment_link(link, link_url)
        ):
            return link_url
    return ""


def page_number(first_url: str, url: str) -> int:
    """The page number of ``url`` in the article at ``first_url``.

    1 for the first page; 0 if it is not a page of that article.
    """
    article = _article_address(first_url)
    return _match_page_number(article, url)[0] if article is not None else 0


def _candidate_links(
    tree: HtmlElement, digits: str, article: _PageAddress
) -> Iterator[HtmlElement]:
    """Links with the page number that name the article, or are relative to it."""
    slug = article.stem.rpartition("/")[2]
    short_length = len(digits) + 20
    for link in islice(tree.iter("a", "link"), MAX_LINKS):
        href = (link.get("href") or "").strip()
        if digits not in href:
            continue
        if link.tag != "a" and "next" not in _rels(link):
            continue
        if slug in href:
            if len(href) <= MAX_URL_LENGTH:
                yield link
        elif (len(href) <= short_length or href.startswith("?")) and not (
            href.startswith(_ROOTED) and href.isprintable()
        ):
            yield link


def _rels(link: HtmlElement) -> list[str]:
    return (link.get("rel") or "").lower().split()


# ---- URLs


def _base_url(tree: HtmlElement, url: str) -> str:
    """The URL to which relative links are relative."""
    base = tree.find("head/base")
    if base is None:
        return url
    try:
        return urljoin(url, str(base.get("href") or "").strip())
    except ValueError:
        return url


def _resolve_url(base_url: str, href: str) -> str:
    try:
        joined = urljoin(base_url, href.strip()).partition("#")[0]
        parts = urlsplit(joined)
    except ValueError:
        return ""
    is_fetchable = parts.scheme in ("http", "https") and parts.hostname
    return joined if is_fetchable and len(joined) <= MAX_URL_LENGTH else ""


def _split_url(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.hostname else None
    except ValueError:
        return None


def _page_address(parts: SplitResult) -> _PageAddress:
    path = parts.path.rstrip("/")
    params = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=None)
    return _PageAddress(
        host=(parts.hostname or "").removeprefix("www."),
        path=path,
        stem=_EXTENSION.sub("", path),
        params=frozenset(
            (name, value)
            for name, value in params[:MAX_PARAMS]
            if not _TRACKING_PARAM.fullmatch(name)
        ),
    )


def _article_address(url: str) -> _PageAddress | None:
    """The address of a first page without its page mark, such as "?page=1".

    None if it is not the URL of a single article.
    """
    parts = _split_url(url)
    if parts is None:
        return None
    address = _page_address(parts)
    params = frozenset(
        (name, value)
        for name, value in address.params
        if name.lower() not in _PAGE_PARAMS or value not in "01"
    )
    stem = _FIRST_PAGE_MARK.sub("", address.stem)
    path = stem if stem != address.stem else address.path
    slug = stem.rpartition("/")[2]
    is_article = (
        bool(re.search(r"\d", slug))
        or len(re.findall(r"[-_,]", slug)) >= 2
        or len(slug) >= 25
        or path != stem
        or any(value.isdigit() for _, value in params)
    )
    is_list = any(
        pattern.search(stem)
        for pattern in (_LISTING_PATH, _DISCUSSION_PATH, _DATE_PATH)
    )
    if not slug or not is_article or is_list:
        return None
    return _PageAddress(address.host, path, stem, params)


def _match_page_number(article: _PageAddress, url: str) -> tuple[int, bool]:
    """A URL's page number (0: not of this article), and whether that is certain."""
    parts = _split_url(url) if url else None
    if parts is None:
        return 0, False
    page = _page_address(parts)
    if page.host != article.host or not page.stem.startswith(article.stem):
        return 0, False
    page_params = [
        (name, value)
        for name, value in page.params - article.params
        if name.lower() in _PAGE_PARAMS
    ]
    if page.params - frozenset(page_params) != article.params or len(page_params) > 1:
        return 0, False
    if page.stem == article.stem:
        if not page_params:
            return 1, True
        value = page_params[0][1]
        return (int(value), True) if _PAGE_PARAM_VALUE.fullmatch(value) else (0, False)
    return (0, False) if page_params else _match_page_path(article, page)


def _match_page_path(article: _PageAddress, page: _PageAddress) -> tuple[int, bool]:
    """The same from what a path has beyond the article's."""
    for prefix in (article.path, article.stem):
        if not page.path.startswith(prefix):
            continue
        for suffix in (page.path[len(prefix) :], page.stem[len(prefix) :]):
            if match := _PATH_PAGE.fullmatch(suffix):
                return int(match[1]), not _LIST_PAGE_PATH.match(suffix)
            if match := _SUFFIX_PAGE.fullmatch(suffix):
                return int(match[1]), False
    return 0, False


# ---- links


def _is_labelled_next(link: HtmlElement, digits: str) -> bool:
    """Whether a link is labelled as the next page, or by its number.

    A number does not count in the numbering of a list.
    """
    if "next" in _rels(link):
        return True
    is_not_list = "page-numbers" not in (link.get("class") or "").split()
    for label in (
        link.text_content()[:200],
        link.get("aria-label") or "",
        link.get("title") or "",
    ):
        label = " ".join(label.split())
        if label and (
            (is_not_list and label == digits) or _NEXT_LINK_TEXT.fullmatch(label)
        ):
            return is_not_list
    return False


def _is_comment_link(link: HtmlElement, url: str) -> bool:
    """Whether a link leads to more comments."""
    if _COMMENT_HINT.search(link.get("href") or "") or "comment-page-" in url:
        return True
    for ancestor in link.iterancestors():
        if ancestor.tag in ("body", "html", "main", "article"):
            return False
        if _COMMENT_HINT.search(
            f"{ancestor.get('class', '')} {ancestor.get('id', '')}"
        ):
            return True
    return False
