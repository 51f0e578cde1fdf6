"""What an outlet is called: its name, key, home and language, as its site says. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from harvester.identity.urls import own_domain

MAX_NAME_LENGTH = 60
MAX_KEY_LENGTH = 40
_SEPARATOR = re.compile(r"\s+[-–—|·•:»«>/]+\s+|\s*[|»•]\s*|:\s+|\s+–|\s+—")
_LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "ß": "ss", "đ": "d", "ł": "l", "ı": "i"}


def choose_name(stated: Sequence[str], titles: Sequence[str], url: str) -> str:
    """A site's name: as it states it, else the part of a title that is like its domain.

    ``titles``: of its front page and feeds; "" if there is nothing to choose from.
    """
    domain = _letters(_domain_label(url))
    parts = [
        part.strip(" -–—|·")
        for title in titles
        for part in (title, *_SEPARATOR.split(title))
    ]
    names = [name for name in (*stated, *parts) if 1 < len(name) <= MAX_NAME_LENGTH]
    for name in stated:
        if 1 < len(name) <= MAX_NAME_LENGTH and not _SEPARATOR.search(name):
            return name
    alike = [name for name in names if domain and _is_like(_letters(name), domain)]
    if alike:
        return min(alike, key=lambda name: abs(len(_letters(name)) - len(domain)))
    firsts = (_SEPARATOR.split(title)[0].strip() for title in titles)
    return next((name for name in firsts if 1 < len(name) <= MAX_NAME_LENGTH), "")


def choose_key(name: str, url: str, taken: Collection[str]) -> str:
    """A new outlet's key: of its domain, else of its name; numbered if it is taken."""
    domain = own_domain(url)
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    keys = [_slug(_domain_label(url)), _slug(name), _slug(domain), _slug(host)]
    if "." not in domain or ":" in domain:  # an IP address, or a name of a network
        keys = [_slug(name), _slug(host)]
    keys = [key for key in keys if key]
    for key in keys:
        if key not in taken:
            return key
    stem = keys[0] if keys else "outlet"
    number = 2
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}" if keys else _numbered("outlet", taken)


def _numbered(stem: str, taken: Collection[str]) -> str:
    number = 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def _domain_label(url: str) -> str:
    """The part of a domain that somebody chose: "lemonde" of www.lemonde.fr."""
    domain = own_domain(url)
    return domain.partition(".")[0] if "." in domain and ":" not in domain else ""


def _letters(text: str) -> str:
    """Letters and digits alone, without accents."""
    text = "".join(_LETTERS.get(letter, letter) for letter in text.lower())
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if letter.isalnum())


def _is_like(name: str, domain: str) -> bool:
    return len(name) > 2 and (name in domain or domain in name)


def _slug(text: str) -> str:
    text = "".join(_LETTERS.get(letter, letter) for letter in text.lower())
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_KEY_LENGTH].strip("-")
