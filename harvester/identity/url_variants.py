"""What an address has in common with the other addresses of its page: the forms of one page (print, mobile, further pages),
and the outlet's own number of the article. Pure.

Neither says that two addresses are one article: they say which articles to compare with, and the words decide
(``identity.sameness``). Not for: the key of an address (``identity.url``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote, unquote_plus, urlsplit

from harvester.identity.urls import normalise_url

MAX_KEY_LENGTH = 500  # characters kept of what is looked up

_PRINT = r"print|printable|printer|printer-friendly|imprimer|imprimir|impression|drucken|druck|druckversion|stampa"
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
    r"page|pg|pag|pagina|seite|slide|bild|img|image|photo|foto|picture|galerie|gallery",
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
_NON_ID_PARAMETER = re.compile(
    r"v|ver|version|t|ts|time|date|rev|width|height|w|h|size", re.IGNORECASE
)


@lru_cache(maxsize=4096)
def variant_key(url: str) -> str:
    """Path and parameters that all forms of one page have in common, at any of the outlet's hosts; "" for no address."""
    return _parse_variant(url)[0]


def is_further_page(url: str) -> bool:
    """Whether the address names the second or a later page, or picture, of something."""
    return _parse_variant(url)[1]


def first_page_url(url: str) -> str:
    """The address of the first page of what this one is a form of, at the same host."""
    parts = urlsplit(normalise_url(url))
    return f"{parts.scheme}://{parts.netloc}{variant_key(url)}" if parts.netloc else ""


def is_url_variant(url: str) -> bool:
    """Whether the address names a form of a page: for print, for small screens, or a further page of it."""
    parts = urlsplit(normalise_url(url))
    plain = f"{parts.path.rstrip('/')}{'?' + parts.query if parts.query else ''}"
    host = parts.netloc.partition(".")[0] in ("m", "mobile", "mobil", "amp", "print")
    return host or (
        variant_key(url) != plain[:MAX_KEY_LENGTH]
        and not re.search(r"/(?:index|default)\.\w{2,5}$", parts.path)
    )


@lru_cache(maxsize=4096)
def _parse_variant(url: str) -> tuple[str, bool]:
    parts = urlsplit(normalise_url(url))
    if not parts.netloc:
        return "", False
    segments = [one for one in parts.path.split("/") if one]
    if len(segments) > 1 and _VARIANT_FIRST_SEGMENT.fullmatch(segments[0]):
        del segments[0]
    if len(segments) > 1 and _VARIANT_LAST_SEGMENT.fullmatch(segments[-1]):
        del segments[-1]
    later = False
    if len(segments) > 1 and (number := _PAGE_SEGMENT.fullmatch(segments[-1])):
        del segments[-1]
        later = number[1] != "1"
        if len(segments) > 1 and segments[-1].lower() in ("page", "seite", "pagina"):
            del segments[-1]
    if segments:
        segments[-1] = _VARIANT_SUFFIX.sub("", segments[-1])
        bare = _PAGE_SUFFIX.sub("", segments[-1])
        later, segments[-1] = later or bare != segments[-1], bare
    pairs = []
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if _PAGE_PARAMETER.fullmatch(name) and re.fullmatch(r"\d{1,3}", value):
            later = later or value not in ("0", "1")
        elif pair and not _is_variant_parameter(
            unquote_plus(name), unquote_plus(value)
        ):
            pairs.append(pair)
    return ("/" + "/".join(segments) + (f"?{'&'.join(pairs)}" if pairs else ""))[
        :MAX_KEY_LENGTH
    ], later


def _is_variant_parameter(name: str, value: str) -> bool:
    if _VARIANT_PARAMETER.fullmatch(name):
        return value.lower() in ("", "1", "true", "yes", "y", "amp", "on", "0")
    return name.lower() in _VARIANT_PARAMETER_NAMES and bool(
        _VARIANT_PARAMETER_VALUE.fullmatch(value)
    )


@lru_cache(maxsize=4096)
def outlet_article_id(url: str) -> str:
    """The outlet's own number of the article, as far as an address shows one; "" where it does not.

    The longest number or identifier of the path, else of the parameters; dates are none.
    """
    parts = urlsplit(normalise_url(url))
    path = unquote(parts.path).lower()[:MAX_KEY_LENGTH]
    if found := _UUID.findall(path):
        return str(found[-1])
    named = [one for segment in path.split("/") for one in _id_candidates(segment)]
    if not named:
        for pair in parts.query.lower().split("&"):
            name, _, value = pair.partition("=")
            if (
                not _NON_ID_PARAMETER.fullmatch(name)
                and not _PAGE_PARAMETER.fullmatch(name)
                and _is_id_like(value)
            ):
                named.append(value)
    return max(reversed(named), key=_count_digits, default="")


def _id_candidates(segment: str) -> list[str]:
    """The beginning and the end of a segment, where they are numbers: "anything-123.html", "123_anything"."""
    stem = re.sub(r"\.[a-z]{2,5}\d?$", "", segment)
    if re.match(r"\d{4}-\d\d-\d\d|\d{8}", stem):
        stem = re.sub(r"^(?:\d{4}-\d\d-\d\d|\d{8})[-_]?", "", stem)
    pieces = re.split(r"[-_,.~+ ]+", stem)
    return [one for one in dict.fromkeys((pieces[0], pieces[-1])) if _is_id_like(one)]


def _is_id_like(token: str) -> bool:
    if not 3 <= len(token) <= 40 or not token.isascii() or not token.isalnum():
        return False
    if token.isdigit():
        return not (_YEAR.fullmatch(token) or _DATE.fullmatch(token))
    return _count_digits(token) >= 3 and not re.fullmatch(r"(?:19|20)\d\d[a-z]*", token)


def _count_digits(token: str) -> int:
    return sum(map(str.isdigit, token))
