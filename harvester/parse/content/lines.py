"""Strips what frames an article: repeated headline, byline, date line, sign-off."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from harvester.parse.content import phrases
from harvester.parse.content.page_blocks import UNSPACED_SCRIPT

# ---- dates

_MONTHS = (
    # French
    r"(?:janv(?:ier)?|févr?(?:ier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|août"
    r"|sept?(?:embre)?|oct(?:obre)?|nov(?:embre)?|déc(?:embre)?"
    # English
    r"|jan(?:uary)?|feb(?:ruary)?|march|mar|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|september|october|december|dec"
    # German
    r"|januar|februar|märz|april|juli|august|oktober|dezember)\.?"
)
_DATE = (
    rf"(?:(?:\w{{2,10}}\.?,? )?(?:le )?\d{{1,2}}(?:er|st|nd|rd|th|\.)? {_MONTHS}"
    r",? \d{4}"
    rf"|(?:\w{{3,9}},? )?{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
    r"|\d{4}-\d\d-\d\d"
    r"|\d{1,2}[./]\d{1,2}[./]\d{2,4})"
)
_TIME = (
    r"(?:[,\s]*(?:à|at|um|-|–|\||·)?\s*\d{1,2}\s?(?:[:h.]\s?\d{2}(?::\d{2})?|h)"
    r"\s?(?:[ap]\.?m\.?)?(?:\s?(?:uhr|utc|gmt|cet|cest|est|edt|et|bst|ist))?)?"
)
_TIMESTAMP_LABEL = (
    # French
    r"(?:(?:publié|mis à jour|mise à jour|actualisé|modifié"
    # English
    r"|posted|published|updated|last updated|last modified|created|first published"
    # German
    r"|veröffentlicht|aktualisiert|stand)"
    r"(?: (?:le|on|at|am))?\s*:?\s*)?"
)
_DATE_LINE = re.compile(
    rf"^{_TIMESTAMP_LABEL}{_DATE}{_TIME}"
    rf"(?:[\s,;|·–-]*{_TIMESTAMP_LABEL}{_DATE}?{_TIME})?[\s.]*$",
    re.IGNORECASE,
)

# ---- people and agencies

_BYLINE_PREFIX = re.compile(
    r"^[\s(\[–—-]*(?:(?:par|by|von|por|di|written by|écrit par|propos recueillis par"
    r"|texte|text)[\s:]+)?",
    re.IGNORECASE,
)
# What may follow the authors' names: "Anne Roux avec AFP", an agency of a word or two.
_WITH_AGENCY = re.compile(
    r"\s*(?:et|and|und|y|e)?\s*"
    r"(?:(?:avec|with|mit|con)(?: l| the| la)?(?: \w+){1,2})?\s*"
)
# Who supplied the article, below the text: "(AFP)", "AO/Reuters".
_AGENCY_CREDIT = re.compile(
    r"^[\s(\[–—-]*(?:source\s*:\s*)?"
    r"(?:(?:[A-Z]{2,6}|Reuters|Belga|Interfax|Keystone|Europa Press|PA Media"
    r"|Agence France-Presse|Associated Press|avec|with)[\s/,&+-]*){1,4}[)\].\s]*$"
)
# Below the text: the author's initials, rights, where else it was broadcast.
_SIGN_OFF = re.compile(
    r"^(?:[\[(]?[a-z]{2,4}(?:/[a-z]{2,4})*[\])]?"
    r"|copyright\b(?!.*[^\W\d]\.$).{0,80}|(?:©|\(c\)|sendung:|quellen?:|redaktion:"
    r"|(?:foto|photo|bild|image|credit)s?\s*:).{0,80})$",
    re.IGNORECASE,
)
MAX_SIGN_OFF_LINES = 3
MAX_BYLINE_LENGTH = 200  # characters
MAX_SIGNATURE_DISTANCE = 4  # lines: a signature may have an appeal or a note below it

# ---- links to other articles, and notes of the outlet

# Announces a list of links that the text no longer has.
_LINK_LIST_HEADING = re.compile(
    # French
    r"^(?:(?:à )?lire (?:aussi|également|la suite)|(?:à )?voir aussi"
    r"|sur le même (?:sujet|thème)|articles? (?:liés?|similaires?)"
    # English
    r"|(?:also )?read (?:also|more|next)|see also"
    r"|related(?: (?:articles|stories|topics))?|more (?:stories|on this)"
    # German, Spanish, Italian
    r"|lesen sie auch|mehr zum thema|lea también|leggi anche)\s*:?$",
    re.IGNORECASE,
)
# Below the text: who edited and translated it, where it appeared first, and what else
# the outlet offers.
_CLOSING_NOTE = re.compile(
    r"^\W*(?:(?:schluss)?redaktion|übersetzung|faktencheck"
    r"|translation|traduction|traducción|traduzione)\s*:"
    # translations
    r"|^(?:aus dem \w+(?:en|isch) (?:von|übersetzt)"
    r"|translated (?:by|from)|traduit (?:de|par)|our standards: the"
    # first publication
    r"|dies(?:er|e|es) (?:artikel|text|beitrag|interview|reportage)"
    r" (?:ist|erschien|wurde) (?:zuerst|zunächst|erstmals|eine übersetzung)"
    # appeals to readers
    r"|(?:for more stories like this|do you have a story|got a story"
    r"|have a (?:news )?tip)\b|get in touch with (?:our|the) "
    r"|(?:this is )?an? (?:breaking|developing)\b.{0,40}more (?:to follow|follows)"
    r"|more to follow"
    r"|(?:stay (?:informed|up to date)|sign up (?:for|to)|subscribe to|follow us"
    r"|folgen sie uns|suivez-nous|síguenos) )",
    re.IGNORECASE,
)
MAX_CLOSING_NOTE_LENGTH = 220  # characters
MAX_CLOSING_NOTES = 4  # lines
# Between paragraphs: "Read more: …".
_READ_MORE = re.compile(
    r"^[^\w\s]{0,3}\s*(?:(?:"
    # English
    r"(?:read (?:more|also|next)|also read|related|more on this|watch"
    # German
    r"|lesen sie (?:auch|mehr)|lies auch|mehr (?:zum thema|dazu|lesen)"
    # French
    r"|(?:à )?lire aussi|à lire|(?:à )?voir aussi"
    # Italian, Spanish, Portuguese
    r"|leggi anche|le[ea] también|(?:también )?te puede interesar|lee mais"
    r"|leia (?:também|mais)"
    # Dutch, Swedish, Norwegian, Finnish, Polish, Russian, Indonesian
    r"|lees ook|les også|läs också|lue myös|czytaj (?:też|także|również)"
    r"|читайте также|baca juga)\s*[:|]"
    # alone in a line
    r"|(?:read (?:more|also)|also read|auch interessant|lesen sie auch"
    r"|das könnte sie auch interessieren"
    r"|advertisement|anzeige|publicité|publicidad|pubblicità)\W*$))",
    re.IGNORECASE,
)
# How many articles a metered paywall leaves: the text before it is whole.
_METER = re.compile(
    # English
    r"\W*(?:(?:you(?:['’]ve| have)|there (?:is|are))(?: only| just| still)?|only)?\s*"
    r"(?:\d+|one|two|three|four|five|no|a) (?:more |free |complimentary |premium )*"
    r"(?:articles?|stor(?:y|ies)|views?) (?:left|remaining)"
    r"(?: (?:this|for|until|today|before you)\b[^.,!?]{0,40})?(?:[.,!–—-].*|\W*)"
    r"|\W*this is (?:your|the) (?:last|\w+th|first|second|third|\d+ of \d+)"
    r" (?:free )?(?:articles?|stor(?:y|ies))\b.*"
    # French, German, Dutch
    r"|\W*il (?:vous|te) reste (?:encore )?.{1,12} (?:articles?|lectures?)"
    r" (?:gratuit|offert|à lire).*"
    r"|\W*(?:sie können|sie haben|du hast|ihnen bleib(?:t|en))"
    r"(?: diesen monat| in diesem monat)? noch .{1,12}"
    r" (?:frei|kostenlos|gratis)\w*-?\s?(?:artikel|beitr(?:ag|äge))\b.*"
    r"|\W*(?:je|u) (?:hebt|heeft|kunt) (?:deze maand )?nog .{1,12} gratis artikel.*"
    # Spanish, Italian, Portuguese
    r"|\W*(?:te|le) quedan? .{1,12} (?:art[ií]culos?|notas?|noticias?) grat(?:is|uit).*"
    r"|\W*(?:ti|le) (?:resta|restano|rimane|rimangono) .{1,12} articol[io] gratuit.*"
    r"|\W*(?:você|voce) (?:ainda )?tem .{1,12} (?:matérias?|artigos?|textos?)"
    r" (?:grátis|gratuit|livre).*",
    re.IGNORECASE,
)
MAX_METER_LENGTH = 200  # characters
MAX_READ_MORE_LENGTH = 200  # characters
MAX_READ_MORE_SHARE = 0.15  # of the text; with more, these lines are the text

# ---- the headline

MAX_OPENING_LINES = 4  # of headline, byline and date, in any order
MAX_HEADLINE_POSITION = 12  # lines of navigation before the headline
MAX_NAVIGATION_LENGTH = 60  # characters
MIN_CUT_TITLE_LENGTH = 20  # characters; a longer line may be the title cut off
MIN_CUT_TITLE_SHARE = 0.6  # of the title


def strip_frame(
    lines: Sequence[str], title: str, author_names: Sequence[str]
) -> list[str]:
    """The lines of an article without those that repeat its title, authors or date."""
    headline = _normalise(title)
    names = {_normalise(name) for name in author_names if name}
    kept = [line for line in lines if not _is_meter(line)]
    kept = _strip_opening(_strip_copies(kept), headline, names)
    kept = _strip_ending(_strip_disclaimers(kept), names)
    kept = _strip_closing_notes(_strip_read_more_lines(kept))
    if not names:
        return kept
    return [
        line
        for position, line in enumerate(kept)
        if position < len(kept) - MAX_SIGNATURE_DISTANCE
        or _normalise(line) not in names
    ]


MIN_WORDS_BEFORE_OFFER = 15  # with fewer there is nothing of the article


def strip_offer(lines: list[str], is_stub: bool = False) -> list[str]:
    """The lines without the offer of a subscription that they end with.

    For texts whose kind is known: what remains no longer says that it is cut.
    ``is_stub``: it is known to be; the offer may be without its prompt then.
    """
    start = phrases.offer_start(lines, is_stub)
    if start == len(lines):
        return lines
    words = sum(
        len(line.split()) + _text_length(line) - len(line) for line in lines[:start]
    )
    return lines[:start] if words >= MIN_WORDS_BEFORE_OFFER else lines


def _strip_opening(lines: list[str], headline: str, names: set[str]) -> list[str]:
    for _ in range(MAX_OPENING_LINES):
        if lines and (
            _is_title(lines[0], headline)
            or _is_byline(lines[0], names)
            or _DATE_LINE.match(lines[0])
        ):
            lines = lines[1:]
    if not headline:
        return lines
    position = next(
        (
            position
            for position, line in enumerate(lines[:MAX_HEADLINE_POSITION])
            if _is_same(line, headline)
        ),
        0,
    )
    if position and all(map(_is_navigation, lines[:position])):
        lines = lines[position + 1 :]
    # A headline repeated below a standfirst is not the text's either.
    return [
        line
        for position, line in enumerate(lines)
        if position > 3 or not _is_same(line, headline)
    ]


def _is_navigation(line: str) -> bool:
    """Whether a line before the headline is too short for a sentence."""
    return len(line) < MAX_NAVIGATION_LENGTH and not line.rstrip().endswith(
        (".", "!", "?")
    )


MIN_COPIED_LENGTH = 60  # characters of a paragraph of a copy
MIN_COPIED_PARAGRAPHS = 3  # in the order of the original
MAX_COPIES = 3  # of a paragraph, with the original; with more it is a refrain
MAX_STANDFIRST_POSITION = 2  # lines before a standfirst that is a paragraph as well
MAX_STANDFIRST_DISTANCE = 3  # lines between the two
MIN_STANDFIRST_LENGTH = 100  # characters
UNSPACED_WEIGHT = 3  # characters that one without spaces between words stands for
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”»’」』)\]]*$")


def _strip_copies(lines: list[str]) -> list[str]:
    """The lines without the copies that pages have for other screens or for print.

    A copy is some paragraphs, one after the other as they were before; or a paragraph
    that was just before, or the standfirst.
    """
    positions: dict[str, list[int]] = {}
    for position, line in enumerate(lines):
        positions.setdefault(line, []).append(position)
    if len(positions) == len(lines):
        return lines
    copied: set[int] = set()
    run: list[int] = []
    for position, line in enumerate([*lines, ""]):
        originals = positions.get(line, [position])
        is_copy = (
            originals[0] < position
            and len(originals) <= MAX_COPIES
            and _text_length(line) >= MIN_COPIED_LENGTH
            and _SENTENCE_END.search(line) is not None
        )
        follows = (
            run and is_copy and positions[lines[position - 1]][0] + 1 == originals[0]
        )
        if not follows:
            if len(run) >= MIN_COPIED_PARAGRAPHS:
                copied.update(run)
            run = []
        if not is_copy:
            continue
        run.append(position)
        if lines[position - 1] == line or (
            len(originals) == 2
            and originals[0] <= MAX_STANDFIRST_POSITION
            and position - originals[0] <= MAX_STANDFIRST_DISTANCE
            and _text_length(line) >= MIN_STANDFIRST_LENGTH
        ):
            copied.add(position)
    return [line for position, line in enumerate(lines) if position not in copied]


def _text_length(line: str) -> int:
    """The length of a line, as if its script had spaces between words."""
    if line.isascii():
        return len(line)
    return len(line) + (UNSPACED_WEIGHT - 1) * len(UNSPACED_SCRIPT.findall(line))


MAX_DISCLAIMER_DISTANCE = 6  # lines from the end


def _strip_disclaimers(lines: list[str]) -> list[str]:
    """The lines without notes below the text on whose opinion or right it is."""
    start = max(1, len(lines) - MAX_DISCLAIMER_DISTANCE)
    return lines[:start] + [
        line
        for line in lines[start:]
        if len(line) > phrases.MAX_DISCLAIMER_LENGTH
        or not phrases.DISCLAIMER_LINE.fullmatch(line.strip())
    ]


def _strip_ending(lines: list[str], names: set[str]) -> list[str]:
    end = len(lines)
    while end and (
        _is_byline(lines[end - 1], names)
        or _DATE_LINE.match(lines[end - 1])
        or _LINK_LIST_HEADING.match(lines[end - 1])
        or _AGENCY_CREDIT.match(lines[end - 1])
    ):
        end -= 1
    for _ in range(MAX_SIGN_OFF_LINES):
        if end and _SIGN_OFF.match(lines[end - 1]):
            end -= 1
    return lines[:end]


def _strip_closing_notes(lines: list[str]) -> list[str]:
    """The lines without the outlet's notes below the text."""
    for _ in range(min(MAX_CLOSING_NOTES, len(lines) - 2)):
        last = lines[-1]
        if len(last) > MAX_CLOSING_NOTE_LENGTH or not _CLOSING_NOTE.match(last):
            break
        lines = lines[:-1]
    return lines


def _strip_read_more_lines(lines: list[str]) -> list[str]:
    """The lines without those that only name another article: "Read more: …"."""
    links = {
        position
        for position, line in enumerate(lines)
        if len(line) <= MAX_READ_MORE_LENGTH and _READ_MORE.match(line)
    }
    link_length = sum(len(lines[position]) for position in links)
    if not links or link_length > MAX_READ_MORE_SHARE * sum(map(len, lines)):
        return lines
    return [line for position, line in enumerate(lines) if position not in links]


def _is_meter(line: str) -> bool:
    """Whether a line only says how many articles are free."""
    return len(line) <= MAX_METER_LENGTH and _METER.fullmatch(line) is not None


_WORD = re.compile(r"\w+")
MAX_NORMALISED_LENGTH = 4_000  # characters; no headline or name is longer
MIN_BEGINNING_LENGTH = 40  # characters by which a line is longer than a headline


@lru_cache(maxsize=256)  # a line of a page is compared several times
def _normalise(text: str) -> str:
    text = text[:MAX_NORMALISED_LENGTH]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(_WORD.findall(text.lower()))


def _normalise_beginning(text: str, length: int) -> str:
    """A text normalised; if that is longer than ``length``, perhaps its beginning."""
    beginning = text[: 2 * length + MIN_BEGINNING_LENGTH]
    if len(beginning) < len(text):
        normalised = _normalise(beginning)
        if len(normalised) > length + MIN_BEGINNING_LENGTH // 2:
            return normalised
    return _normalise(text)


def _is_same(line: str, headline: str) -> bool:
    return _normalise_beginning(line, len(headline)) == headline


def _is_title(line: str, headline: str) -> bool:
    """Whether a line is the headline, whole, cut off, or without its section."""
    if not headline:
        return False
    text = _normalise_beginning(line, len(headline))
    return text == headline or (
        len(text) > MIN_CUT_TITLE_LENGTH
        and (headline.startswith(text) or headline.endswith(text))
        and len(text) > MIN_CUT_TITLE_SHARE * len(headline)
    )


def _is_byline(line: str, names: set[str]) -> bool:
    """Whether a line is only the authors' names, perhaps with "by" or an agency."""
    if len(line) > MAX_BYLINE_LENGTH or not names:
        return False
    text = _normalise(_BYLINE_PREFIX.sub("", line))
    if not text:
        return False
    rest = f" {text} "
    for name in sorted(names, key=len, reverse=True):
        if name:
            rest = rest.replace(f" {name} ", " ")
    return rest == "" or _WITH_AGENCY.fullmatch(rest) is not None
