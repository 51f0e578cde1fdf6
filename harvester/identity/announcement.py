"""What a feed says of an entry, title and summary, compared with what it said before. Pure.

No change are: typography, capitals and punctuation; counters, relative times and
tracking parameters; a label such as "Live:" or "New:" before a title; a summary that is
cut elsewhere, or the link that ends it ("Continue reading"). See ``docs/changes.md``.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from harvester.identity.boilerplate import is_counter
from harvester.identity.change import VersionText, classify_change
from harvester.identity.wording import headline_key, normalise_text

AnnouncedPart = Literal["title", "summary"]

# Characters: a longer summary is the article's text, whose changes are edits.
MAX_TEASER_LENGTH = 1_500
# Characters: so much of a summary must be in the other one for it to be cut there.
MIN_CUT_LENGTH = 20
MAX_COUNTERS = 3  # at the end of a line
INSIGNIFICANT_CLASSES = ("cosmetic", "date line")

# What newsrooms put before a title while they work on a story, with a mark after it.
_STATUS = (
    r"(?:new|updated?|breaking|live|just in|developing|watch"
    r"|nouveau|mis(?:e)? à jour|maj|en direct|direct|dernière minute|urgent|alerte"
    r"|neu|aktualisiert|eil|eilmeldung|liveticker|liveblog|ticker"
    r"|nuevo|actualizado|actualización|en vivo|última hora|directo"
    r"|nuovo|aggiornamento|aggiornato|in diretta|diretta|ultim'ora)"
)
_STATUS_LABEL = re.compile(
    rf"^(?:[\[(]{_STATUS}[\])]:? ?|{_STATUS} ?(?:[:|!]|- ) ?|update ?\d{{1,2}} ?- ?)",
    re.IGNORECASE,
)
# The last words of a line that may be a counter: in brackets, behind a mark, or a
# sentence of their own.
_LINE_END = re.compile(
    r"(?:^|[.!?] |[-|·•] ?|[(\[] ?)((?:[^.!?()\[\]|·•]|(?<=\d)\.(?=\d)){1,40})[)\]]?\.?$"
)
_ELLIPSIS = re.compile(r"[ (\[]*\.\.\.[ )\]→>»]*$")
# The link that ends a summary, behind a sentence or an ellipsis.
_LINK_END = re.compile(
    r"(?:^|(?<=[.!?)\]\"'>])) ?[(\[]?"
    r"(?:continue reading|keep reading|read (?:more|on|the (?:full|whole|rest)\b)"
    r"|(?:lire|voir) (?:la suite|plus|l'article)|en savoir plus"
    r"|weiterlesen|mehr(?: lesen)?|lesen sie mehr"
    r"|(?:seguir|sigue) leyendo|leer más|continua(?: a leggere)?|leggi (?:tutto|di più)"
    r"|leia mais|lees (?:verder|meer)|läs mer|les mer|læs mere|more)"
    r"\b[^.!?]{0,300}[.)\]→>»]*$",
    re.IGNORECASE,
)
_FEED_FOOTER = re.compile(
    r"(?:the post .{0,300}(?:appeared first|first appeared) on .{0,200}"
    r"|(?:l'|cet )article .{0,300} est apparu en premier sur .{0,200}"
    r"|(?:der beitrag|la entrada|l'articolo) .{0,300}"
    r"(?:erschien zuerst auf|se publicó primero en|proviene da) .{0,200})$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?:;。！？][\"')\]]*$")


@dataclass(frozen=True, slots=True)
class Announcement:
    """Title and summary of an entry, as its feed states them."""

    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class _Summary:
    """A summary as it is compared; ``is_cut``: it says, or shows, that it goes on."""

    text: str
    is_cut: bool


def changed_parts(
    before: Announcement, after: Announcement
) -> tuple[AnnouncedPart, ...]:
    """What a feed changed of an entry; nothing where it only added what was missing."""
    parts: list[AnnouncedPart] = []
    if _is_other_title(before.title, after.title):
        parts.append("title")
    if _is_other_summary(before.summary, after.summary):
        parts.append("summary")
    return tuple(parts)


def wording_digest(announcement: Announcement) -> str:
    """16 hexadecimal digits of SHA-256: equal where nothing differs that is compared."""
    summary = _read_summary(announcement.summary).text
    wording = f"{_title_key(announcement.title)}\n{summary}".casefold()
    return hashlib.sha256(wording.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_beginning_of(summary: str, text: str) -> bool:
    """Whether a summary is how a text begins, so that it is none of its own."""
    words = re.findall(r"\w+", _read_summary(summary).text.casefold())
    start = re.findall(r"\w+", text[: len(summary) * 3 + 200].casefold())
    return bool(words) and words[:-1] == start[: len(words) - 1]


def _is_other_title(before: str, after: str) -> bool:
    old, new = _title_key(before), _title_key(after)
    return bool(old) and old.casefold() != new.casefold() and _is_significant(old, new)


def _is_other_summary(before: str, after: str) -> bool:
    if max(len(before), len(after)) > MAX_TEASER_LENGTH:
        return False
    old, new = _read_summary(before), _read_summary(after)
    if not old.text or old.text.casefold() == new.text.casefold():
        return False
    return not _is_cut_elsewhere(old, new) and _is_significant(old.text, new.text)


def _is_significant(old: str, new: str) -> bool:
    """Whether words differ, not only marks, capitals or times."""
    change = classify_change(VersionText("", old), VersionText("", new))
    return change.change_class not in INSIGNIFICANT_CLASSES


def _is_cut_elsewhere(old: _Summary, new: _Summary) -> bool:
    """Whether one summary is the beginning of the other, and cut there."""
    shorter, longer = sorted((old, new), key=lambda summary: len(summary.text))
    return (
        len(shorter.text) >= MIN_CUT_LENGTH
        and shorter.is_cut
        and longer.text.casefold().startswith(shorter.text.casefold())
    )


def _title_key(title: str) -> str:
    """A title without counters, and without the label of its state before it."""
    key = " ".join(headline_key(title).split())
    return _STATUS_LABEL.sub("", key, count=1) or key


def _read_summary(summary: str) -> _Summary:
    """A summary without what feeds put around it: counters, links to the rest."""
    text = normalise_text(summary[: MAX_TEASER_LENGTH * 2])
    lines = (_without_counters(_FEED_FOOTER.sub("", line)) for line in text.split("\n"))
    text = " ".join(line for line in lines if line).rstrip()
    shortened = _ELLIPSIS.sub("", _LINK_END.sub("", text)).rstrip()
    is_cut = shortened != text or not _SENTENCE_END.search(text)
    return _Summary(shortened, is_cut)


def _without_counters(line: str) -> str:
    """A line without the counters and relative times that end it."""
    for _ in range(MAX_COUNTERS):
        match = _LINE_END.search(line[-60:])
        if match is None or not is_counter(match[1].strip().lower()):
            break
        end = len(line) - len(line[-60:]) + match.start()
        mark = match[0][:1]
        line = (line[:end] + (mark if mark in ".!?" else "")).rstrip(" -|·•([")
    return line
