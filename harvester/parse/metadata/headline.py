"""What in a title is the headline, and what the name of the site. Pure; strings only."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_WORD = re.compile(r"\w+")
DASH = "[-–—|｜·:«»•_/]"


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


_ARTICLE = re.compile(r"^(?:the|die|der|das|le|la|les|el|il|l['’])\s*\b", re.IGNORECASE)


def is_site(text: str, sites: list[str], url: str) -> bool:
    """Whether a text is nothing but the site's name, as stated or as its domain spells it."""
    name = "".join(words(_ARTICLE.sub("", text)))
    if not name or any(
        name == "".join(words(_ARTICLE.sub("", site))) for site in sites
    ):
        return True
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return False
    return len(name) > 2 and name in (
        "".join(words(host)),
        *(words(part)[0] for part in host.split(".")[:-1] if words(part)),
    )


def without_site(title: str, sites: list[str], url: str) -> str:
    """A title without the site's name and the dash between them."""
    for site in sites:
        title = _without(title, site)
    for pattern, place, rest in ((_SITE_LAST, 2, 1), (_SITE_FIRST, 1, 2)):
        match = pattern.fullmatch(title)
        if match and is_site(match[place], sites, url):
            return match[rest].strip(" -–—|")
    return title


_DASHES = tuple("-–—|｜·:«»•_/")


def _without(title: str, site: str) -> str:
    """The title without a name and a dash at its end or its beginning; as it is where nothing else is left."""
    size, name = len(site), site.lower()
    if size and title[-size:].lower() == name:
        rest = title[:-size].rstrip()
        if rest.endswith(_DASHES):
            title = rest[:-1].rstrip() or title
    if size and title[:size].lower() == name:
        rest = title[size:].lstrip()
        if rest.startswith(_DASHES):
            title = rest[1:].lstrip() or title
    return title


_SITE_LAST = re.compile(r"(.*\S)\s*(?:\s[-–—·:•]\s|[|｜_])\s*([^|｜]+)")
_SITE_FIRST = re.compile(r"([^|｜:]{2,40}?)\s*(?:\s[-–—·•]\s|[|｜»])\s*(.+)")


def first_part(title: str) -> str:
    """Without what stands behind a dash, where that is likely to be a site's name."""
    parts = re.split(r"\s+[-–—|｜·»•]\s+", title)
    return (
        parts[0]
        if len(parts) > 1
        and len(parts[0]) >= 20
        and len(" ".join(parts[1:])) < len(parts[0])
        else title
    )
