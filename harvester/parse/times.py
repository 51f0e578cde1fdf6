"""When a page was published, where only what is seen or its address says so. Pure.

A date counts by where it stands: marked as the date of publication, beside the headline, at the end of the text. Never one
of a comment, of a related article, or of the masthead. Not for: how a date is written (``dates``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from harvester.parse import dates
from harvester.parse.seen import Seen, apart, short_text

_WORD = r"[^\W\d_]{3,12}"
_YEAR = r"(?:19|20)\d\d"
_DAY = re.compile(
    rf"(?<![\d/])(?:{_YEAR}[-/.]\s?\d{{1,2}}[-/.]\s?\d{{1,2}}(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"
    rf"|{_YEAR}\s?[年년]\s?\d{{1,2}}\s?[月월]\s?\d{{1,2}}\s?[日일]"
    rf"|\d{{1,2}}[./-]\s?\d{{1,2}}[./-]\s?(?:{_YEAR}|\d\d)"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|º|ª|\.)?[\s-]+(?:de\s+|of\s+)?{_WORD}\.?,?[\s-]+(?:de\s+|del\s+)?{_YEAR}"
    rf"|{_WORD}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\.?,?\s+{_YEAR})(?![\d/])",
    re.IGNORECASE,
)
_YEARLIKE = re.compile(r"(?:19|20)\d\d|\d[./-]\s?\d")
_CLOCK = re.compile(
    r"[\s,|@·–—/-]*(?:(?:at|um|à|a las|às|alle|alle ore|ore|klo|kl|h|the)\.?\s+)?"
    r"(\d{1,2}\s?[:h]\s?\d{2}(?::\d{2})?\s?(?:[ap]\.?\s?m\b\.?)?(?:\s?\(?(?:[A-Z]{2,4}|[+-]\d\d:?\d\d)\b)?)",
    re.IGNORECASE,
)
_MODIFIED = re.compile(
    r"updat|modif|mise? à jour|maj\b|aktualisier|geändert|last edit|revis|actualiz|aggiornat|bijgewerkt|oppdatert|uppdaterad|更新|edited",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"publi|pubdate|posted|veröffentlicht|erstellt|created|issued|pubblicat|geplaatst|issue", re.IGNORECASE
)
_TODAY = re.compile(r"current|today|heute|clock\b", re.IGNORECASE)
_FIRST = re.compile(
    r"(?:originally|first) (?:published|posted)|erstmals|erstveröffentlich|publié initialement", re.IGNORECASE
)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2,4})(?!\d)")


NEAR = 1  # rank of what is marked as the date of publication itself
TEASERS_LEAST = 3  # different days in elements of one kind: those of other articles
SENTENCE = 45  # characters beside a date, from which on they are a sentence


@dataclass(frozen=True, slots=True)
class Spot:
    """A time found on the page; ``rank``: the lower, the likelier it is that of publication."""

    rank: int
    text: str
    source: str
    modified: bool
    place: int


def spots(seen: Seen, at: str, american: bool) -> list[Spot]:
    """The times that the page shows of the article, likeliest first."""
    found = [*_hinted(seen, american), *_beside(seen, american)]
    days = [(one, stated[0][:10]) for one in found if (stated := dates.read(one.text, at)) is not None]
    of_a_kind: dict[tuple[str, str], set[str]] = {}
    for one, day in days:
        of_a_kind.setdefault(_kind(seen.elements[one.place]), set()).add(day)
    believed = [
        one for one, _ in days if one.rank < NEAR or len(of_a_kind[_kind(seen.elements[one.place])]) < TEASERS_LEAST
    ]
    return sorted(believed, key=lambda one: one.rank)


def _kind(element: HtmlElement) -> tuple[str, str]:
    return str(element.tag), element.get("class") or ""


def _hinted(seen: Seen, american: bool) -> Iterator[Spot]:
    """Elements that say themselves that they hold a time."""
    for place in seen.times:
        element = seen.elements[place]
        hints = f"{element.get('itemprop', '')} {element.get('class', '')} {element.get('id', '')}"
        stated = element.get("datetime") or element.get("content") or ""
        shown = short_text(element, 150)
        text = _iso(stated) or day_in(shown, american)
        if not text or apart(element, seen.frame):
            continue
        near = -15 < place - seen.headline < 60 if seen.headline >= 0 else place < 400
        if (seen.headline >= 0 and place < seen.headline - 40) or _TODAY.search(hints):
            continue  # the masthead's
        modified = _MODIFIED.search(f"{hints} {_before(element)} {shown[: shown.find(text[:4])]}") is not None
        if "datePublished" in hints or _FIRST.search(shown):
            rank, modified = 0, False
        elif "dateModified" in hints:
            rank, modified = 9, True
        else:
            rank = (1 if near else 4) + (0 if element.tag == "time" or _PUBLISHED.search(hints) else 1)
        yield Spot(rank + (10 if modified else 0), text, _source(element), modified, place)


def _source(element: HtmlElement) -> str:
    return "microdata" if element.get("itemprop") else "time" if element.tag == "time" else "text"


def _before(element: HtmlElement) -> str:
    """What stands right before an element, in the same line."""
    previous = element.getprevious()
    if previous is None:
        parent = element.getparent()
        text = parent.text if parent is not None else ""
    else:
        text = previous.tail if previous.tail and previous.tail.strip() else short_text(previous, 40)
    text = (text or "")[-40:]
    return "" if any(c.isdigit() for c in text) else text  # else it is another date


def _beside(seen: Seen, american: bool) -> Iterator[Spot]:
    """Short lines beside the headline."""
    for place in seen.around():
        element = seen.elements[place]
        for text in (element.text, element.tail):
            if not text or not 6 <= len(text) <= 400 or _YEARLIKE.search(text) is None:
                continue
            text = " ".join(text.split())
            if len(text) > 120:
                continue
            day = day_in(text, american)
            if day and (len(text) - len(day) > SENTENCE and not _PUBLISHED.search(text)):
                continue  # a sentence that speaks of a day
            if day and not apart(element, seen.frame):
                modified = _MODIFIED.search(text) is not None
                first = _FIRST.search(text) is not None
                rank = 0 if first else 3 if 0 < place - seen.headline < 60 else 4
                yield Spot(rank + (10 if modified else 0), day, "text", modified, place)


def _iso(text: str) -> str:
    return text.strip() if re.match(r"\s*\d{4}-?\d\d-?\d\d", text) else ""


def day_in(text: str, american: bool = False) -> str:
    """The first date that stands in a short text, with its time of day where one follows; "" where none does."""
    if not text or _YEARLIKE.search(text) is None:  # cheap: most texts hold none
        return ""
    for match in _DAY.finditer(text[:400]):
        day = month_first(match[0]) if american else match[0]
        clock = _CLOCK.match(text, match.end())
        stated = f"{day} {clock[1]}" if clock and "T" not in day else day
        if dates.parse(stated) is not None:
            return stated
    return ""


def month_first(text: str) -> str:
    """``3/4/2020`` as Americans mean it, as an ISO date; other texts as they are."""
    return _SLASHED.sub(
        lambda m: f"{dates.year(m[3])}-{int(m[1]):02}-{int(m[2]):02}" if int(m[1]) <= 12 else m[0], text, count=1
    )


_PATH_DAY = re.compile(rf"(?<!\d)({_YEAR})(?:/(\d{{1,2}})/(\d{{1,2}})|-(\d{{1,2}})-(\d{{1,2}})|(\d\d)(\d\d))(?!\d)")


_PATH_DAY_LAST = re.compile(rf"(?<!\d)(0[1-9]|[12]\d|3[01])-(0[1-9]|1[0-2])-({_YEAR})(?!\d)")


def of_address(url: str) -> str:
    """The day that an address names: ``/2021/03/14/``, ``2021-03-14``, ``20210314``; "" where it names none."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    for match in _PATH_DAY.finditer(path[:1_000]):
        year, month, day = (int(one) for one in match.groups() if one)
        if year >= 1995 and 1 <= month <= 12 and 1 <= day <= 31:
            text = f"{year}-{month:02}-{day:02}"
            if dates.parse(text) is not None:
                return text
    last = _PATH_DAY_LAST.search(path[:1_000])
    text = f"{last[3]}-{last[2]}-{last[1]}" if last else ""
    return text if text and dates.parse(text) is not None else ""


_IN_SCRIPT = re.compile(
    r"""["']?(?:date_?published|publish(?:ed)?_?(?:at|date|time|on)|published|pub_?date|first_?publish\w{0,10}|publication_?date|article_?date|created_?at|date_?created)"""
    r"""["']?\s*[:=]\s*\\?["'](\d{4}-\d\d-\d\d[^"'\\<]{0,25})""",
    re.IGNORECASE,
)
SCRIPTS_MOST = 500_000  # characters of scripts that are looked at


def _may_tell(text: str) -> bool:
    return "ublish" in text or "date" in text or "Date" in text or "reated" in text


def in_scripts(scripts: Iterable[HtmlElement]) -> str:
    """The time of publication that a page's own scripts name in their data; "" where none does."""
    left = SCRIPTS_MOST
    for script in scripts:
        text = (script.text or "")[:left]
        left -= len(text)
        match = _IN_SCRIPT.search(text) if _may_tell(text) else None
        if match is not None and dates.parse(match[1]) is not None:
            return match[1]
    return ""


def in_text(body: HtmlElement, at: str) -> str:
    """The first day that the page's own text names as that of publication, else the first that stands alone."""
    alone, tries = "", 300
    for element in islice(
        body.iter("p", "div", "span", "li", "td", "a", "h3", "h4", "h5", "b", "strong", "em", "br"), 20_000
    ):
        for text in (element.text, element.tail):
            if not text or len(text) > 300 or _YEARLIKE.search(text) is None:
                continue
            tries -= 1
            if tries < 0:
                return alone
            text = " ".join(text.split())
            day = day_in(text)
            if not day or dates.read(day, at) is None:
                continue
            told = _PUBLISHED.search(text) is not None
            if (told or (not alone and len(text) - len(day) < SENTENCE)) and not apart(element, frozenset()):
                if told:
                    return day
                alone = day
    return alone
