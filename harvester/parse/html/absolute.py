"""Absolute http(s) URLs from the links that pages write."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from harvester.parse.html.charset import CONTROL_CHARS

MAX_URL_LENGTH = 4_000  # characters; twice as many once joined with the base
# Nearly all links are of one of these two forms, and need no urljoin, which is slow.
_PATH_CHARACTER = r"[\w/.~%+,:@=&!*$()-]"
_QUERY_AND_FRAGMENT = rf"(?:\?{_PATH_CHARACTER}+)?(?:\#{_PATH_CHARACTER}+)?"
_ABSOLUTE_URL = re.compile(
    r"https?://(?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d+)?"
    rf"(?:/{_PATH_CHARACTER}*)?{_QUERY_AND_FRAGMENT}",
    re.ASCII,
)
_ABSOLUTE_PATH = re.compile(
    r"/(?:[\w~%+,@=&-][\w~%+,:@=&.-]*/)*(?:[\w~%+,@=&-][\w~%+,:@=&.-]*)?"
    rf"{_QUERY_AND_FRAGMENT}",
    re.ASCII,
)


def absolute_url(href: str | None, base_url: str) -> str:
    """The absolute http(s) URL of a link; "" where there is none."""
    if not href or len(href) > MAX_URL_LENGTH:
        return ""
    if _ABSOLUTE_URL.fullmatch(href):
        return href
    if _ABSOLUTE_PATH.fullmatch(href) and (origin := _origin(base_url)):
        return f"{origin}{href}"
    try:
        joined = urljoin(base_url, CONTROL_CHARS.sub("", href).strip())
        parts = urlsplit(joined)
        is_valid = (
            parts.scheme in ("http", "https")
            and parts.hostname
            and len(joined) <= MAX_URL_LENGTH * 2
        )
        return joined if is_valid else ""
    except ValueError:
        return ""


@lru_cache(maxsize=512)
def _origin(url: str) -> str:
    """Scheme and host of a URL, to put before an absolute path; "" if it has none."""
    joined = urljoin(url, "/a") if _ABSOLUTE_URL.fullmatch(url) else ""
    return joined.removesuffix("/a")
