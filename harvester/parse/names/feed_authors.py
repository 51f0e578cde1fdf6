"""Names of authors and tags in feeds as plain text.

Feeds put several authors into one element, as a person would write them: "By Ann Lee,
Bob Ray and Eve Fox". Such a list is split only if each of its parts can be a whole
name, so that "Lee, Ann", "Ramón y Cajal" and "Arts and Culture Desk" stay one; and if
it is one of given names, or of surnames with initials: "Ann and Bob", "Lee, A., Ray, B.".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from harvester.parse.html.charset import html_to_text
from harvester.parse.names import byline_words as words

MAX_NAME_LENGTH = 200  # characters
MAX_LIST_LENGTH = 2_000  # characters of all names in one element
MAX_NAMES = 100  # of an entry
MAX_NAME_WORDS = 5
# RSS 2.0 authors are "address (name)", or what was meant by it.
_EMAIL_THEN_NAME = re.compile(r"[^\s@(]+@[^\s@()]+\s*\(([^@]+)\)")
_NAME_THEN_EMAIL = re.compile(
    r"([^@<(]+?)\s*[<(]\s*(?:mailto:)?[^\s@]+@[^\s@]+?\s*[>)]"
)
_NAME_THEN_ROLE = re.compile(r"([^(]+?)\s*(?:\s[–—-]\s|\()\s*(.+?)\)?")
# "Ann Lee in New York", "Ann Lee for the Evening Paper".
_NAME_THEN_PLACE = re.compile(
    r"(\S+(?: \S+){1,4}?) (?:in|at|for|from|à|aus|en) (?:the )?(?=[A-ZÀ-Þ])"
)
_EMAIL = re.compile(r"(?:mailto:)?[^\s@]+@[^\s@]+", re.IGNORECASE)
_NOBODY = re.compile(
    r"unknown|anonymous|n/a|none|null|undefined|https?://\S+"
    r"|(?:mailto:)?(?:no|do-?not)[._-]?reply@\S+",
    re.IGNORECASE,
)
# Of markup: between two names.
_BREAK = re.compile(
    r"<br\s*/?>|</(?:a|li|p|div)>\s*(?=<(?:a|li|p|div)[\s>])", re.IGNORECASE
)
_BYLINE_PREFIX = re.compile(
    r"^(?:(?:written |posted |published |reported |story |text )?by|(?:écrit )?par"
    r"|(?:escrito )?por|geschrieben von)(?:\s*:\s*|\s+)"
    r"|^(?:authors?|autor(?:in|es)?|auteure?s?|texte?|作者)\s*[:\uff1a]\s*"
    # Such words also begin surnames: "Von Trotta".
    r"|^(?:von|di|da|door|av|af)\s+(?=\S+\s+\S)",
    re.IGNORECASE,
)
# What stands between names, and in none of them.
_SURE_SEPARATOR = re.compile(r"\s*[;\uff1b、]\s*|\s+[|/•·]\s+")
_CONJUNCTION = re.compile(
    rf"\s+(?:{words.CONJUNCTIONS}|{words.SHORT_CONJUNCTIONS}|with|mit|avec)\s+",
    re.IGNORECASE,
)
# Between two names in that language; another word in others.
_CONJUNCTION_BY_LANGUAGE = {
    "nl": re.compile(r"\sen\s(?=\S)"),
    "af": re.compile(r"\sen\s(?=\S)"),
    "cs": re.compile(r"\sa\s(?=\S)"),
    "sk": re.compile(r"\sa\s(?=\S)"),
}
_SEPARATOR = re.compile(
    rf"\s*[,\uff0c،](?:{_CONJUNCTION.pattern}|\s*)|{_CONJUNCTION.pattern}",
    re.IGNORECASE,
)
# "Ann and Bob", "Ann, Bob and Eve"; not "Ramón y Cajal", and
# not with "&", which mostly joins a firm's.
_GIVEN_NAMES = re.compile(
    r"[^\W\d_]+(?:, [^\W\d_]+)*,? (?:and|und|et|og|och|e|i|ja|и|та|і|και) [^\W\d_]+"
)
# Not names but subjects, of a department.
_SUBJECTS = frozenset(
    "analysis art arts beauty books breaking business climate comment community consumer"
    " courts crime culture data defence defense digital drink economics economy education"
    " energy entertainment environment family fashion features film finance food foreign"
    " games gardening government health home homes housing industry international"
    " investigations justice law leisure life lifestyle local markets media metro money"
    " music national nature news obituaries opinion photos pictures policy politics"
    " property public race religion research review reviews safety science security society"
    " sport sports style tech technology television theatre trade transport travel tv"
    " video weather women work world"
    " bildung gesellschaft gesundheit kultur leben medien nachrichten politik reise recht"
    " technik umwelt unternehmen wirtschaft wissenschaft wissen"
    " actualités culture économie politique santé sciences société"
    " ciencia cultura deportes economía noticias política salud sociedad tecnología".split()
)
# "Lee, A., Ray, B. C. and Fox, D.", as journals write.
_SURNAME_AND_INITIALS = re.compile(
    r"([^\W\d_][\w'’ -]{1,40}), ((?:[A-ZÀ-ÞА-Я]\.[ -]?){1,4})"
    r"(?:,? (?:and|&|und|et|y) |[,;] |$)"
)
_SURNAME_AND_GIVEN_NAME = re.compile(r"[^\s,]+,\s*[^\s,]+(?: [^\s,]+)?")
_SUFFIX = re.compile(
    r"(?:[JS]r|I{2,3}|IV|Ph\.?\s?D|M\.?[DAS]|B\.?[AS]|MBA|MPH|J\.?D|R\.?N|Esq|Dr)\.?"
)
_PARTICLES = frozenset(
    "al af av ben bin bint da dal de del della den der des di do dos du e el ibn la le"
    " los mac san st te ten ter van vom von y zu zum zur".split()
)
_ELISION = re.compile(r"[dl]['’]", re.IGNORECASE)
_EAST_ASIAN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}|[\uac00-\ud7af]{2,4}")
_NEWSROOM = re.compile(
    r"\b(?:desk|team|staff|editors|newsroom|department|bureau|office|section|group"
    r"|board|unit|redaktion|rédaction|redacción|redazione)$",
    re.IGNORECASE,
)


def clean_names(raw_names: Iterable[str]) -> tuple[str, ...]:
    """Names as plain text, each once."""
    names = (html_to_text(name, MAX_NAME_LENGTH) for name in raw_names)
    return tuple(dict.fromkeys(filter(None, names)))


def author_names(stated: Iterable[str], language: str = "") -> tuple[str, ...]:
    """The names of all authors that some elements state, each once.

    Without "by", roles and e-mail addresses; addresses stay if nobody is named.
    ``language``: of the feed, as it states it.
    """
    names: dict[str, str] = {}
    for text in stated:
        for name in _names_in(text[: MAX_LIST_LENGTH * 2], language[:2]):
            names.setdefault(name.casefold(), name[:MAX_NAME_LENGTH])
    people = [name for name in names.values() if not _EMAIL.fullmatch(name)]
    return tuple(people or names.values())[:MAX_NAMES]


@lru_cache(maxsize=512)
def _names_in(text: str, language: str) -> tuple[str, ...]:
    """The names that an element states; one, unless it is surely a list."""
    if "@" in text:  # "Ann<a@x.example>" has no tag
        text = text.replace("<", " <").replace(">", "> ")
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    if len(lines) > 1 and all(_is_whole_name(line, text) for line in lines):
        text = ";".join(lines)
    line = html_to_text(_BREAK.sub(" ; ", text), MAX_LIST_LENGTH)
    if conjunction := _CONJUNCTION_BY_LANGUAGE.get(language):
        line = conjunction.sub(" and ", line)
    names: list[str] = []
    for section in _SURE_SEPARATOR.split(_BYLINE_PREFIX.sub("", line)):
        section = _drop_email(section)
        names += _split_list(section) or [_bare_name(section)]
    return tuple(name for name in names if name and not _NOBODY.fullmatch(name))


def _split_list(section: str) -> list[str]:
    """The names in a list with commas and conjunctions; none if it is not one."""
    if _GIVEN_NAMES.fullmatch(section):
        given_names = [part for part in _SEPARATOR.split(section) if part]
        return given_names if all(map(_is_given_name, given_names)) else []
    surnames = list(_SURNAME_AND_INITIALS.finditer(section))
    if surnames and "".join(match[0] for match in surnames) == section:
        return [f"{match[1]}, {match[2].strip()}" for match in surnames]
    parts: list[str] = []
    for part in map(_bare_name, _SEPARATOR.split(section)):
        if parts and _SUFFIX.fullmatch(part):
            parts[-1] += f", {part}"
        elif part:
            parts.append(part)
    if len(parts) > 2 or not _NEWSROOM.search(section):
        # The first is somebody: "Ann Writer, Bob Ray".
        people = parts[:1] + [part for part in parts[1:] if not _is_addition(part)]
        if all(_is_whole_name(part, section) for part in people):
            return people
    parts = _CONJUNCTION.split(section)
    return parts if all(map(_SURNAME_AND_GIVEN_NAME.fullmatch, parts)) else []


def _is_addition(part: str) -> bool:
    """Whether what follows a name is its role, or where it was written."""
    return bool(words.JOB_LAST.search(part) or words.CITY.fullmatch(part))


def _is_given_name(word: str) -> bool:
    return word.istitle() and len(word) > 1 and word.lower() not in _SUBJECTS


def _drop_email(name: str) -> str:
    """A name without the e-mail address beside it; the address if it is alone."""
    match = _EMAIL_THEN_NAME.fullmatch(name) or _NAME_THEN_EMAIL.fullmatch(name)
    return match[1].strip() if match else name.strip()


def _bare_name(name: str) -> str:
    """A name without the address, role or place beside it."""
    name = _drop_email(name)
    role = _NAME_THEN_ROLE.fullmatch(name)
    if role and words.JOB_LAST.search(role[2]):
        return str(role[1])
    place = _NAME_THEN_PLACE.match(name)
    return place[1] if place and _is_whole_name(place[1], name) else name


def _is_whole_name(name: str, line: str) -> bool:
    """Whether a part of a line can be the whole name of a person or an agency."""
    parts = name.split()
    if len(parts) < 2:
        is_acronym = name.isascii() and name.isupper() and not line.isupper()
        return (
            (is_acronym and 2 <= len(name) <= 5 and name.isalpha())
            or words.AGENCY_INITIALS.fullmatch(name) is not None
            or _EAST_ASIAN_NAME.fullmatch(name) is not None
            or _EMAIL.fullmatch(name) is not None
        )
    return (
        len(parts) <= MAX_NAME_WORDS
        and all(
            not word[0].islower()
            or word in _PARTICLES
            or _ELISION.match(word) is not None
            for word in parts
        )
        and not any(character.isdigit() for character in name)
    )
