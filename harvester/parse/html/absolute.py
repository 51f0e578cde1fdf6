"""Addresses as pages write them, in full. Pure; the addresses that nearly all pages write are told without taking them apart."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from harvester.parse.html.charset import CONTROL

LONGEST = 4_000  # characters; twice as many with a base
_PATH = r"[\w/.~%+,:@=&!*$()-]"
_END = rf"(?:\?{_PATH}+)?(?:\#{_PATH}+)?"
_WHOLE = re.compile(
    rf"https?://(?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d+)?(?:/{_PATH}*)?{_END}", re.ASCII
)
_OF_THE_HOST = re.compile(
    rf"/(?:[\w~%+,@=&-][\w~%+,:@=&.-]*/)*(?:[\w~%+,@=&-][\w~%+,:@=&.-]*)?{_END}",
    re.ASCII,
)


def absolute(href: str | None, url: str) -> str:
    """An http(s) address in full; "" where it is none."""
    if not href or len(href) > LONGEST:
        return ""
    if _WHOLE.fullmatch(href):
        return href
    if _OF_THE_HOST.fullmatch(href) and (host := _host(url)):
        return f"{host}{href}"
    try:
        joined = urljoin(url, CONTROL.sub("", href).strip())
        parts = urlsplit(joined)
        fine = (
            parts.scheme in ("http", "https")
            and parts.hostname
            and len(joined) <= LONGEST * 2
        )
        return joined if fine else ""
    except ValueError:
        return ""


@lru_cache(maxsize=512)
def _host(url: str) -> str:
    """Scheme and host of an address, as they stand before a path of it; "" where it has none."""
    joined = urljoin(url, "/a") if _WHOLE.fullmatch(url) else ""
    return joined.removesuffix("/a")
