"""What frames an article's text and is not its words: repeated headline, byline, date line, sign-off. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_MONTHS = (
    r"(?:janv(?:ier)?|févr?(?:ier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|août|sept?(?:embre)?|oct(?:obre)?|nov(?:embre)?|déc(?:embre)?"
    r"|jan(?:uary)?|feb(?:ruary)?|march|mar|apr(?:il)?|may|june?|july?|aug(?:ust)?|september|october|december|dec"
    r"|januar|februar|märz|april|juli|august|oktober|dezember)\.?"
)
_DATE = rf"(?:(?:\w{{2,10}}\.?,? )?(?:le )?\d{{1,2}}(?:er|st|nd|rd|th|\.)? {_MONTHS},? \d{{4}}|(?:\w{{3,9}},? )?{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}})"
_TIME = r"(?:[,\s]*(?:à|at|um|-|–|\||·)?\s*\d{1,2}\s?(?:[:h.]\s?\d{2}(?::\d{2})?|h)\s?(?:[ap]\.?m\.?)?(?:\s?(?:uhr|utc|gmt|cet|cest|est|edt|et|bst|ist))?)?"
_TIMESTAMP_LABEL = r"(?:(?:publié|mis à jour|mise à jour|actualisé|modifié|posted|published|updated|last updated|last modified|created|first published|veröffentlicht|aktualisiert|stand)(?: (?:le|on|at|am))?\s*:?\s*)?"
_DATE_LINE = re.compile(
    rf"^{_TIMESTAMP_LABEL}{_DATE}{_TIME}(?:[\s,;|·–-]*{_TIMESTAMP_LABEL}{_DATE}?{_TIME})?[\s.]*$",
    re.IGNORECASE,
)
_BY_WORDS = (
    r"(?:par|by|von|por|di|written by|écrit par|propos recueillis par|texte|text)[\s:]+"
)
_BYLINE_PREFIX = re.compile(rf"^[\s(\[–—-]*(?:{_BY_WORDS})?", re.IGNORECASE)
# What announces a list of links that is not there any more.
_LINK_LIST_HEADING = re.compile(
    r"^(?:(?:à )?lire (?:aussi|également|la suite)|(?:à )?voir aussi|sur le même (?:sujet|thème)|articles? (?:liés?|similaires?)"
    r"|(?:also )?read (?:also|more|next)|see also|related(?: (?:articles|stories|topics))?|more (?:stories|on this)"
    r"|lesen sie auch|mehr zum thema|lea también|leggi anche)\s*:?$",
    re.IGNORECASE,
)
# "(AFP)", "AO/Reuters": who sent it, below the text.
_AGENCY_CREDIT = re.compile(
    r"^[\s(\[–—-]*(?:source\s*:\s*)?(?:(?:[A-Z]{2,6}|Reuters|Belga|Interfax|Keystone|Europa Press|PA Media|Agence France-Presse|Associated Press|avec|with)[\s/,&+-]*){1,4}[)\].\s]*$"
)


# Below the text: initials of who wrote it, rights, where else it was sent.
_SIGN_OFF = re.compile(
    r"^(?:[\[(]?[a-z]{2,4}(?:/[a-z]{2,4})*[\])]?|(?:©|copyright\b|\(c\)|sendung:|quellen?:|redaktion:|(?:foto|photo|bild|image|credit)s?\s*:).{0,80})$",
    re.IGNORECASE,
)
MAX_SIGN_OFF_LINES = 3  # lines
# Below the text: who edited and translated it, where it appeared first, what else the outlet offers.
_CLOSING_NOTE = re.compile(
    r"^\W*(?:(?:schluss)?redaktion|übersetzung|faktencheck|translation|traduction|traducción|traduzione)\s*:"
    r"|^(?:aus dem \w+(?:en|isch) (?:von|übersetzt)|translated (?:by|from)|traduit (?:de|par)|our standards: the"
    r"|dies(?:er|e|es) (?:artikel|text|beitrag|interview|reportage) (?:ist|erschien|wurde) (?:zuerst|zunächst|erstmals|eine übersetzung)"
    r"|(?:for more stories like this|do you have a story|got a story|have a (?:news )?tip)\b|get in touch with (?:our|the) "
    r"|(?:this is )?an? (?:breaking|developing)\b.{0,40}more (?:to follow|follows)|more to follow"
    r"|(?:stay (?:informed|up to date)|sign up (?:for|to)|subscribe to|follow us|folgen sie uns|suivez-nous|síguenos) )",
    re.IGNORECASE,
)
MAX_CLOSING_NOTE_LENGTH, MAX_CLOSING_NOTES = 220, 4  # characters of a line; lines
# Between the text: where to read on.
_READ_MORE = re.compile(
    r"^[^\w\s]{0,3}\s*(?:(?:(?:read (?:more|also|next)|also read|related|more on this|watch|lesen sie (?:auch|mehr)|lies auch|mehr (?:zum thema|dazu|lesen)"
    r"|(?:à )?lire aussi|à lire|(?:à )?voir aussi|leggi anche|le[ea] también|(?:también )?te puede interesar|lee mais|leia (?:também|mais)"
    r"|lees ook|les også|läs också|lue myös|czytaj (?:też|także|również)|читайте также|baca juga)\s*[:|]"
    r"|(?:read (?:more|also)|also read|auch interessant|lesen sie auch|das könnte sie auch interessieren|advertisement|anzeige|publicité|publicidad|pubblicità)\W*$))",
    re.IGNORECASE,
)
MAX_READ_MORE_LENGTH, MAX_READ_MORE_SHARE = (
    200,
    0.15,
)  # characters of a line; share of the text that they take at most


MAX_SIGNATURE_DISTANCE = 4  # lines


def strip_frame(
    lines: Sequence[str], title: str, author_names: Sequence[str]
) -> list[str]:
    """The lines of an article without what repeats its title, author or date around it."""
    kept = list(lines)
    headline, people = (
        _normalise(title),
        {_normalise(name) for name in author_names if name},
    )
    # The first lines: headline, byline and date stand there in any order. Only at the very beginning.
    for _ in range(4):
        if kept and (
            _is_title(kept[0], headline)
            or _is_byline(kept[0], people)
            or _DATE_LINE.match(kept[0])
        ):
            kept.pop(0)
    if headline:
        place = next(
            (
                place
                for place, one in enumerate(kept[:12])
                if _normalise(one) == headline
            ),
            0,
        )
        if place and all(
            len(one) < 60 and not one.rstrip().endswith((".", "!", "?"))
            for one in kept[:place]
        ):
            kept = kept[place + 1 :]  # what stands before the headline is navigation
        # … and a headline repeated below a standfirst is not the text's
        kept = [
            one
            for place, one in enumerate(kept)
            if place > 3 or _normalise(one) != headline
        ]
    while kept and (
        _is_byline(kept[-1], people)
        or any(
            frame.match(kept[-1])
            for frame in (_DATE_LINE, _LINK_LIST_HEADING, _AGENCY_CREDIT)
        )
    ):
        kept.pop()
    for _ in range(MAX_SIGN_OFF_LINES):
        if kept and _SIGN_OFF.match(kept[-1]):
            kept.pop()
    kept = _strip_closing_notes(_strip_read_more_lines(kept))
    # A signature may have an appeal or a note below it.
    return [
        one
        for place, one in enumerate(kept)
        if place < len(kept) - MAX_SIGNATURE_DISTANCE or _normalise(one) not in people
    ]


def _strip_closing_notes(lines: list[str]) -> list[str]:
    """The lines without the notes on themselves that outlets put below a text."""
    for _ in range(min(MAX_CLOSING_NOTES, len(lines) - 2)):
        if len(lines[-1]) > MAX_CLOSING_NOTE_LENGTH or not _CLOSING_NOTE.match(
            lines[-1]
        ):
            break
        lines = lines[:-1]
    return lines


def _strip_read_more_lines(lines: list[str]) -> list[str]:
    """The lines without those that name another article to read: "Read more: …". Where they are much of a text, they are it."""
    found = {
        place
        for place, one in enumerate(lines)
        if len(one) <= MAX_READ_MORE_LENGTH and _READ_MORE.match(one)
    }
    if not found or sum(
        len(lines[place]) for place in found
    ) > MAX_READ_MORE_SHARE * sum(map(len, lines)):
        return lines
    return [one for place, one in enumerate(lines) if place not in found]


_WORD = re.compile(r"\w+")
MAX_NORMALISED_LENGTH = 4_000  # characters: neither headline nor name is longer


@lru_cache(maxsize=256)  # a line of a page is asked several times
def _normalise(text: str) -> str:
    text = unicodedata.normalize("NFKC", text[:MAX_NORMALISED_LENGTH]).lower()
    return " ".join(_WORD.findall(text))


def _is_title(text: str, headline: str) -> bool:
    if not headline:
        return False
    words = _normalise(text)
    if words == headline:
        return True
    # Cut off by an ellipsis, or with the section before it.
    return (
        len(words) > 20
        and (headline.startswith(words) or headline.endswith(words))
        and len(words) > 0.6 * len(headline)
    )


def _is_byline(text: str, author_names: set[str]) -> bool:
    """Whether a line is only the authors' names, with "by" or a role's dash around them."""
    if len(text) > 200 or not author_names:
        return False
    plain = _normalise(_BYLINE_PREFIX.sub("", text))
    if not plain:
        return False
    rest = f" {plain} "
    for name in sorted(author_names, key=len, reverse=True):
        if name:
            rest = rest.replace(f" {name} ", " ")
    # "Anne Roux avec AFP": an agency of a word or two may stand behind the names.
    return rest == "" or bool(
        re.fullmatch(
            r"\s*(?:et|and|und|y|e)?\s*(?:(?:avec|with|mit|con)(?: l| the| la)?(?: \w+){1,2})?\s*",
            rest,
        )
    )
