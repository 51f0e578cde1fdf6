"""Addresses as pages write them, in full. Pure; the addresses that nearly all pages write are told without taking them apart."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from harvester.parse.html.charset import CONTROL_CHARS

MAX_URL_LENGTH = 4_000  # characters; twice as many with a base
_PATH_CHARACTER = r"[\w/.~%+,:@=&!*$()-]"
_QUERY_AND_FRAGMENT = rf"(?:\?{_PATH_CHARACTER}+)?(?:\#{_PATH_CHARACTER}+)?"
_ABSOLUTE_URL = re.compile(
    rf"https?://(?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d+)?(?:/{_PATH_CHARACTER}*)?{_QUERY_AND_FRAGMENT}",
    re.ASCII,
)
_ABSOLUTE_PATH = re.compile(
    rf"/(?:[\w~%+,@=&-][\w~%+,:@=&.-]*/)*(?:[\w~%+,@=&-][\w~%+,:@=&.-]*)?{_QUERY_AND_FRAGMENT}",
    re.ASCII,
)


def absolute_url(href: str | None, base_url: str) -> str:
    """An http(s) address in full; "" where it is none."""
    if not href or len(href) > MAX_URL_LENGTH:
        return ""
    if _ABSOLUTE_URL.fullmatch(href):
        return href
    if _ABSOLUTE_PATH.fullmatch(href) and (host := _origin(base_url)):
        return f"{host}{href}"
    try:
        joined = urljoin(base_url, CONTROL_CHARS.sub("", href).strip())
        parts = urlsplit(joined)
        fine = (
            parts.scheme in ("http", "https")
            and parts.hostname
            and len(joined) <= MAX_URL_LENGTH * 2
        )
        return joined if fine else ""
    except ValueError:
        return ""


@lru_cache(maxsize=512)
def _origin(url: str) -> str:
    """Scheme and host of an address, as they stand before a path of it; "" where it has none."""
    joined = urljoin(url, "/a") if _ABSOLUTE_URL.fullmatch(url) else ""
    return joined.removesuffix("/a")
