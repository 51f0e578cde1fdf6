"""What in a title is the headline, and what the name of the site. Pure; strings only."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_WORD = re.compile(r"\w+")
SEPARATOR_CLASS = "[-–—|｜·:«»•_/]"


def split_words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


_LEADING_ARTICLE = re.compile(
    r"^(?:the|die|der|das|le|la|les|el|il|l['’])\s*\b", re.IGNORECASE
)


def is_site_name(text: str, site_names: list[str], url: str) -> bool:
    """Whether a text is nothing but the site's name, as stated or as its domain spells it."""
    name = "".join(split_words(_LEADING_ARTICLE.sub("", text)))
    if not name or any(
        name == "".join(split_words(_LEADING_ARTICLE.sub("", site)))
        for site in site_names
    ):
        return True
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return False
    return len(name) > 2 and name in (
        "".join(split_words(host)),
        *(split_words(part)[0] for part in host.split(".")[:-1] if split_words(part)),
    )


def strip_site_name(title: str, site_names: list[str], url: str) -> str:
    """A title without the site's name and the dash between them."""
    for site in site_names:
        title = _strip_name(title, site)
    for pattern, place, rest in ((_SITE_NAME_LAST, 2, 1), (_SITE_NAME_FIRST, 1, 2)):
        match = pattern.fullmatch(title)
        if match and is_site_name(match[place], site_names, url):
            return match[rest].strip(" -–—|")
    return title


_SEPARATORS = tuple("-–—|｜·:«»•_/")


def _strip_name(title: str, site_name: str) -> str:
    """The title without a name and a dash at its end or its beginning; as it is where nothing else is left."""
    size, name = len(site_name), site_name.lower()
    if size and title[-size:].lower() == name:
        rest = title[:-size].rstrip()
        if rest.endswith(_SEPARATORS):
            title = rest[:-1].rstrip() or title
    if size and title[:size].lower() == name:
        rest = title[size:].lstrip()
        if rest.startswith(_SEPARATORS):
            title = rest[1:].lstrip() or title
    return title


_SITE_NAME_LAST = re.compile(r"(.*\S)\s*(?:\s[-–—·:•]\s|[|｜_])\s*([^|｜]+)")
_SITE_NAME_FIRST = re.compile(r"([^|｜:]{2,40}?)\s*(?:\s[-–—·•]\s|[|｜»])\s*(.+)")


def strip_likely_site_name(title: str) -> str:
    """Without what stands behind a dash, where that is likely to be a site's name."""
    parts = re.split(r"\s+[-–—|｜·»•]\s+", title)
    return (
        parts[0]
        if len(parts) > 1
        and len(parts[0]) >= 20
        and len(" ".join(parts[1:])) < len(parts[0])
        else title
    )
