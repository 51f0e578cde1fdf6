"""What in a URL is of one visit: sessions, tokens, times, counters against caches. Pure.

Their names and forms only suggest it: an outlet's own ids look the same. Two URLs that
are one without them are compared, and the words and dates of entries and pages decide
(``ingest.polls``, ``ingest.identify``). What is of a visit for certain, by its name or
form, is left out of every key (``urls.normalise_url``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_plus, urlsplit, urlunsplit

from harvester.identity.urls import normalise_url

MAX_URL_LENGTH = 4_000  # characters; longer ones are compared as they are

# Parameters whose values, unless they are short, are of a visit more often than not.
_VISIT_PARAMETER = re.compile(
    r"(?:[a-z]*_)?s(?:ess(?:ion)?)?_?(?:id|key)|s|sess(?:ion)?|(?:\w+_)?to?ke?n|nonce"
    r"|auth|h(?:ash)?|sig(?:nature)?|_|t|ts|ti?me?(?:stamp)?|date?time|now"
    r"|cb|c?bust(?:er)?|cache\w*|no_?cache|ra?nd(?:om)?|r|visit\w*|vid|uid|cid"
    r"|click\w*|ref\w*|from|src|source|via|campaign\w*|cmp\w*|track\w*|trk",
    re.IGNORECASE,
)
MIN_VISIT_VALUE_LENGTH = 5  # characters of their values; more if these have no digits
MIN_LETTERS_LENGTH = 12
# Parameters that name the page, whatever their values look like.
_PAGE_PARAMETER = re.compile(
    r"(?:\w*_)?(?:id|guid|uuid|key)|(?:article|story|post|news|item|doc|page|content)\w*"
    r"|p|a|n|q|art|nid|aid|slug|title|url|path",
    re.IGNORECASE,
)
_SESSION_ID_PARAMETER = re.compile(r"[a-z]*_?s(?:ess(?:ion)?)?_?id|[cu]id", re.I)
# Ten digits or more are a time in seconds or milliseconds.
_TIME_VALUE = re.compile(r"1\d{9}(?:\d{3}|\.\d{1,6})?")
_TOKEN = re.compile(r"[0-9A-Za-z_~=+-]+")
_MARKED_SEGMENT = re.compile(
    r"(?:s|sid|sess|session|sessionid|token|visit)[-_=.:~]([0-9A-Za-z_~-]{6,})", re.I
)
_MARK = re.compile(r"s|sid|sess|session|sessionid|token|visit", re.IGNORECASE)
_WORD = re.compile(r"(?:^|[-_+~])[A-Za-z]?[a-z]{2,}(?=[-_+~]|$)")  # of a slug
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
MIN_SEGMENT_LENGTH = 16  # of a token between other segments, without a mark
MIN_MARKED_LENGTH = 6  # of one after a mark: "/s/8f3a1c/"
MIN_VALUE_LENGTH = 12  # of a token as the value of any parameter


@lru_cache(maxsize=4096)
def without_visit(url: str) -> str:
    """The URL, normalised, without what looks like that of one visit.

    The last segment of its path stays, whatever it looks like: it names the page.
    """
    url = normalise_url(url)
    if not url or len(url) > MAX_URL_LENGTH:
        return url
    parts = urlsplit(url)
    path = "/".join(_page_segments(parts.path.split("/")))
    query = "&".join(
        pair for pair in parts.query.split("&") if pair and not _is_of_visit(pair)
    )
    return urlunsplit((parts.scheme, parts.netloc, path or "/", query, parts.fragment))


def has_visit(url: str) -> bool:
    """Whether something in a URL looks like that of one visit."""
    return without_visit(url) != normalise_url(url)


def differ_only_in_visit(url: str, other_url: str) -> bool:
    """Whether two URLs are one without what looks like that of one visit."""
    first, second = normalise_url(url), normalise_url(other_url)
    return first != second and without_visit(first) == without_visit(second) != ""


def differing_parameters(url: str, other_url: str) -> frozenset[str]:
    """The parameters that two URLs both have, with other values.

    Empty if the URLs differ in anything else, or in nothing.
    """
    first, second = urlsplit(normalise_url(url)), urlsplit(normalise_url(other_url))
    if first._replace(query="") != second._replace(query=""):
        return frozenset()
    pairs, other_pairs = first.query.split("&"), second.query.split("&")
    names, other_names = (
        sorted(pair.partition("=")[0] for pair in query)
        for query in (pairs, other_pairs)
    )
    if names != other_names:
        return frozenset()
    return frozenset(pair.partition("=")[0] for pair in {*pairs} - {*other_pairs})


def _page_segments(segments: list[str]) -> list[str]:
    """The segments of a path that do not look like sessions."""
    last = max((n for n, segment in enumerate(segments) if segment), default=0)
    kept: list[str] = []
    number = 0
    while number < len(segments):
        segment = segments[number]
        following = segments[number + 1] if number + 1 < last else ""
        if _MARK.fullmatch(segment) and _is_token(following, MIN_MARKED_LENGTH):
            number += 2
            continue
        marked = _MARKED_SEGMENT.fullmatch(segment)
        if number < last and (
            (marked and _is_token(marked[1], MIN_MARKED_LENGTH))
            or _UUID.fullmatch(segment)
            or _is_token(segment, MIN_SEGMENT_LENGTH)
        ):
            number += 1
            continue
        kept.append(segment)
        number += 1
    return kept


def _is_of_visit(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name, value = unquote_plus(name), unquote_plus(value)
    if _PAGE_PARAMETER.fullmatch(name) and not _SESSION_ID_PARAMETER.fullmatch(name):
        return False
    if _VISIT_PARAMETER.fullmatch(name):
        has_digits = any(map(str.isdigit, value))
        return len(value) >= (
            MIN_VISIT_VALUE_LENGTH if has_digits else MIN_LETTERS_LENGTH
        )
    return bool(_TIME_VALUE.fullmatch(value) or _UUID.fullmatch(value)) or _is_token(
        value, MIN_VALUE_LENGTH
    )


def _is_token(text: str, min_length: int) -> bool:
    """Whether a text is of letters and digits in no order: no word, slug or number."""
    if len(text) < min_length or not _TOKEN.fullmatch(text):
        return False
    if len(_WORD.findall(text)) > 1:
        return False
    digits = sum(map(str.isdigit, text))
    if len(text) - digits < 2 or digits < 2:
        return False
    # A slug has words and its number at one end; in a token they alternate.
    return len(re.findall(r"\d+", text)) >= 2 + len(text) // 24
