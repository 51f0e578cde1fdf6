"""What the URLs of one page have in common: variants of it, the outlet's article id.

Variants are for print, for mobile, or further pages. Neither proves that two URLs are
one article: they say which articles to compare, and the words decide
(``same_article``). The key of a URL is made in ``urls``. Pure.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote, unquote_plus, urlsplit, urlunsplit

from harvester.identity.urls import normalise_url, parameter_names, url_key

MAX_KEY_LENGTH = 500  # characters of a key

_PRINT = (
    r"print|printable|printer|printer-friendly|imprimer|imprimir|impression"
    r"|drucken|druck|druckversion|stampa"
)
_MOBILE = r"amp|mobile|mobil|m"
_VARIANT_FIRST_SEGMENT = re.compile(rf"(?:{_PRINT}|{_MOBILE})", re.IGNORECASE)
_VARIANT_LAST_SEGMENT = re.compile(
    rf"(?:{_PRINT}|{_MOBILE})(?:\.\w{{2,5}})?|(?:index|default)\.\w{{2,5}}",
    re.IGNORECASE,
)
_VARIANT_SUFFIX = re.compile(
    rf"[._,-](?:{_PRINT}|amp|mobile)(?=\.\w{{2,5}}$|$)", re.IGNORECASE
)
_PAGE_SEGMENT = re.compile(r"(?:page|seite|pagina|p)?[-_]?([1-9]\d?)", re.IGNORECASE)
_PAGE_SUFFIX = re.compile(
    r"[._,-](?:page|seite|pagina|p)[-_]?\d{1,2}(?=\.\w{2,5}$|$)", re.IGNORECASE
)
_PAGE_PARAMETER = re.compile(
    r"page|pg|pag|pagina|seite|slide|bild|img|image|photo|foto|picture"
    r"|galerie|gallery",
    re.IGNORECASE,
)
_VARIANT_PARAMETER = re.compile(
    rf"(?:{_PRINT}|printview|print_view|printpage|mobile|m|nomobile|amp)", re.IGNORECASE
)
_VARIANT_PARAMETER_NAMES = (
    "view",
    "format",
    "tmpl",
    "layout",
    "mode",
    "version",
    "output",
    "outputtype",
    "type",
    "display",
    "device",
)
_VARIANT_PARAMETER_VALUE = re.compile(
    rf"(?:{_PRINT}|amp|mobile|component|desktop|pdf|raw)", re.IGNORECASE
)

_UUID = re.compile(r"[a-z]?[0-9a-f]{8}(?:-[0-9a-f]{4,16}){2,4}", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE = re.compile(r"(?:19|20)\d\d(?:0?[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?")
# In the URLs that readers paste, and that no outlet announces.
_READER_PARAMETER = re.compile(
    r"_\w*|r|ref\w*|src|source|from|via|share\w*|shared|mod|cmp|campaign|cid",
    re.IGNORECASE,
)
_NON_ID_PARAMETER = re.compile(
    r"v|ver|version|t|ts|time|date|rev|width|height|w|h|size", re.IGNORECASE
)


@lru_cache(maxsize=4096)
def variant_key(url: str) -> str:
    """The path and parameters that all variants of a page share; "" for no URL."""
    return _parse_variant(url)[0]


def list_keys(url: str) -> tuple[str, ...]:
    """The keys by which an article may be held that a reader names by this URL.

    As the URL is normalised for any outlet; with every parameter, as some outlets keep
    theirs; without those that say how the reader came there.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # an IPv6 address that is none
        return ()
    pairs = [
        pair
        for pair in parts.query.split("&")
        if not _READER_PARAMETER.fullmatch(pair.partition("=")[0])
    ]
    plain = urlunsplit(parts._replace(query="&".join(pairs), fragment=""))
    keys = (url_key(url), url_key(url, parameter_names(url)), url_key(plain))
    return tuple(key for key in dict.fromkeys(keys) if key)


def is_further_page(url: str) -> bool:
    """Whether the URL is that of the second or a later page, or picture."""
    return _parse_variant(url)[1]


@lru_cache(maxsize=4096)
def page_number(url: str) -> str:
    """What a URL says of which page it is: a number that ``variant_key`` leaves out.

    "" if it has none. Many outlets number their articles like this.
    """
    parts = urlsplit(normalise_url(url))
    segments = [segment for segment in parts.path.split("/") if segment]
    numbers = []
    if len(segments) > 1 and (match := _PAGE_SEGMENT.fullmatch(segments[-1])):
        numbers.append(match[1])
    elif segments and (match := _PAGE_SUFFIX.search(segments[-1])):
        numbers += re.findall(r"\d{1,2}", match[0])[:1]
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if _PAGE_PARAMETER.fullmatch(name) and re.fullmatch(r"\d{1,3}", value):
            numbers.append(value)
    return " ".join(numbers)


def first_page_url(url: str) -> str:
    """The URL of the first page of what this URL is a variant of, at the same host."""
    parts = urlsplit(normalise_url(url))
    return f"{parts.scheme}://{parts.netloc}{variant_key(url)}" if parts.netloc else ""


def is_url_variant(url: str) -> bool:
    """Whether the URL is that of a print or mobile version, or of a further page."""
    parts = urlsplit(normalise_url(url))
    path = f"{parts.path.rstrip('/')}{'?' + parts.query if parts.query else ''}"
    subdomain = parts.netloc.partition(".")[0]
    return subdomain in ("m", "mobile", "mobil", "amp", "print") or (
        variant_key(url) != path[:MAX_KEY_LENGTH]
        and not re.search(r"/(?:index|default)\.\w{2,5}$", parts.path)
    )


@lru_cache(maxsize=4096)
def _parse_variant(url: str) -> tuple[str, bool]:
    """The variant key of a URL, and whether it is that of a further page."""
    parts = urlsplit(normalise_url(url))
    if not parts.netloc:
        return "", False
    segments, further = _strip_variant_segments(parts.path)
    pairs = []
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if _PAGE_PARAMETER.fullmatch(name) and re.fullmatch(r"\d{1,3}", value):
            further = further or value not in ("0", "1")
        elif pair and not _is_variant_parameter(
            unquote_plus(name), unquote_plus(value)
        ):
            pairs.append(pair)
    key = "/" + "/".join(segments) + (f"?{'&'.join(pairs)}" if pairs else "")
    return key[:MAX_KEY_LENGTH], further


def _strip_variant_segments(path: str) -> tuple[list[str], bool]:
    """The segments of a path without variant marks, and whether it had a page number.

    Page 1 does not count as one.
    """
    segments = [segment for segment in path.split("/") if segment]
    if len(segments) > 1 and _VARIANT_FIRST_SEGMENT.fullmatch(segments[0]):
        del segments[0]
    if len(segments) > 1 and _VARIANT_LAST_SEGMENT.fullmatch(segments[-1]):
        del segments[-1]
    further = False
    if len(segments) > 1 and (number := _PAGE_SEGMENT.fullmatch(segments[-1])):
        del segments[-1]
        further = number[1] != "1"
        if len(segments) > 1 and segments[-1].lower() in ("page", "seite", "pagina"):
            del segments[-1]
    if segments:
        segments[-1] = _VARIANT_SUFFIX.sub("", segments[-1])
        bare = _PAGE_SUFFIX.sub("", segments[-1])
        further, segments[-1] = further or bare != segments[-1], bare
    return segments, further


def _is_variant_parameter(name: str, value: str) -> bool:
    if _VARIANT_PARAMETER.fullmatch(name):
        return value.lower() in ("", "1", "true", "yes", "y", "amp", "on", "0")
    return name.lower() in _VARIANT_PARAMETER_NAMES and bool(
        _VARIANT_PARAMETER_VALUE.fullmatch(value)
    )


@lru_cache(maxsize=4096)
def outlet_article_id(url: str) -> str:
    """The outlet's own id of the article, if its URL shows one; else "".

    The number or identifier with the most digits of the path, else of the parameters;
    dates do not count.
    """
    parts = urlsplit(normalise_url(url))
    path = unquote(parts.path).lower()[:MAX_KEY_LENGTH]
    if uuids := _UUID.findall(path):
        return str(uuids[-1])
    candidates = [
        candidate
        for segment in path.split("/")
        for candidate in _id_candidates(segment)
    ]
    if not candidates:
        for pair in parts.query.lower().split("&"):
            name, _, value = pair.partition("=")
            if (
                not _NON_ID_PARAMETER.fullmatch(name)
                and not _PAGE_PARAMETER.fullmatch(name)
                and _is_id_like(value)
            ):
                candidates.append(value)
    return max(reversed(candidates), key=_count_digits, default="")


def _id_candidates(segment: str) -> list[str]:
    """Numbers at either end of a segment: "anything-123.html", "123_anything"."""
    stem = re.sub(r"\.[a-z]{2,5}\d?$", "", segment)
    if re.match(r"\d{4}-\d\d-\d\d|\d{8}", stem):
        stem = re.sub(r"^(?:\d{4}-\d\d-\d\d|\d{8})[-_]?", "", stem)
    pieces = re.split(r"[-_,.~+ ]+", stem)
    return list(filter(_is_id_like, dict.fromkeys((pieces[0], pieces[-1]))))


def _is_id_like(token: str) -> bool:
    if not 3 <= len(token) <= 40 or not token.isascii() or not token.isalnum():
        return False
    if token.isdigit():
        return not (_YEAR.fullmatch(token) or _DATE.fullmatch(token))
    return _count_digits(token) >= 3 and not re.fullmatch(r"(?:19|20)\d\d[a-z]*", token)


def _count_digits(token: str) -> int:
    return sum(map(str.isdigit, token))
