"""Names of people out of bylines. Pure; strings only. Not for: where a byline stands (``metadata``)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from harvester.parse.text import plain

MOST = 50  # names of one kind
_BY = re.compile(
    r"^\s*(?:(?:about the author|view all posts by|(?:all|more) (?:posts|articles|stories) (?:by|from)|über den autor)|(?:written|posted|published|reported)\s+by|(?:écrit|publié|rédigé|proposé)\s+par|par|by|von|por|di|door|texte?\s*:|propos recueillis par)\b[\s:]+",
    re.IGNORECASE,
)
_NOT_A_PERSON = re.compile(
    r"^(?:(?:la )?rédaction|(?:the )?(?:editors?|editorial (?:team|board|staff)|newsroom|staff(?: writer| reporter)?|admin(?:istrator)?|webmaster|redaktion|redacción|redazione|guest|anonymous|unknown|n/a|contributors?|super user|user|author|auteur|journaliste?|reporters?|correspondente?|correspondant|columnist))$",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"[\s,|(–-]+(?:(?:senior|chief|staff|special|our|political|science|sports?|business)\s+)*(?:journaliste?|reporters?|correspondent(?:e)?|correspondante?|editor(?:-in-chief)?|rédact(?:eur|rice)(?: en chef)?|writer|columnist|envoyée? spéciale?|contributor|photographer)\b.*$",
    re.IGNORECASE,
)


def authors(names: Iterable[str]) -> tuple[str, ...]:
    """Names of people, as given in bylines: without "by", roles, dates and links; in order, each once."""
    found: dict[str, str] = {}
    for text in names:
        text = _ADDRESS.sub(" ", plain(text, 300))
        text = _BY.sub("", text)
        for name in _BETWEEN.split(text):
            name = _name(name)
            if name:
                known = found.setdefault(name.casefold(), name)
                if known.isupper() and not name.isupper():
                    found[name.casefold()] = name
    people = [name for name in found.values() if not _NOT_A_PERSON.match(name)]
    return tuple((people or list(found.values()))[:MOST])


_ADDRESS = re.compile(r"\S*(?:://|@)\S*|\bwww\.\S+")
_BETWEEN = re.compile(
    r"\s*(?:[;|/•·]|,(?!\s*(?:Jr|Sr|PhD|MD|II|III)\b)|\s(?:and|et|und|y|&|avec|edited by|illustrations? by)\s)\s*",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"\s*\b(?:\d|(?:january|february|march|april|june|july|august|september|october|november|december)\s+\d|(?:published|updated|publié|veröffentlicht)\b).*$",
    re.IGNORECASE,
)


def _name(text: str) -> str:
    """A name, "" where it cannot be one."""
    name = _ROLE.sub("", _DATED.sub("", _BY.sub("", text))).strip(" .,:;-–—|@[]")
    if name.count("(") != name.count(")"):
        name = name.strip("() ")
    if not name or len(name) > 80 or len(name.split()) > 6 or any(c.isdigit() for c in name):
        return ""
    return name
