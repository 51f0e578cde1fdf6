"""How pages say that they are no article: error, login, consent, robot check, paywall.

``…_TITLE`` patterns match a whole title or heading, or a part of it beside the site's
name; ``…_LINE`` patterns match a whole line. ``…_TEXT`` patterns are searched for in
running text: they speak to the visitor, and contain no words that an article about
cookies or passwords would use. The phrases themselves are in ``phrase_tables``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from harvester.parse.content import phrase_tables

WINDOW_LENGTH = 120  # characters around a keyword in which a phrase is searched for
MAX_WINDOWS = 60
MAX_KEYWORD_MATCHES = 240


@dataclass(frozen=True, slots=True)
class PrefilteredPattern:
    """A pattern that is searched for only near its keywords, which makes it cheap.

    Every match contains at least one of the keywords, which are in lower case.
    """

    pattern: re.Pattern[str]
    keywords: tuple[str, ...]

    def search(self, text: str) -> re.Match[str] | None:
        """The first match."""
        return next(self.finditer(text), None)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All matches, in order."""
        last_end = 0
        for start, end in self._windows(text.lower()):
            for match in self.pattern.finditer(text, max(start, last_end), end):
                last_end = match.end()
                yield match

    def _windows(self, text: str) -> list[tuple[int, int]]:
        """Start and end of the text around keywords; overlapping windows are one."""
        positions: list[int] = []
        for keyword in self.keywords:
            position = text.find(keyword)
            while position >= 0 and len(positions) < MAX_KEYWORD_MATCHES:
                positions.append(position)
                position = text.find(keyword, position + WINDOW_LENGTH // 2)
        windows: list[tuple[int, int]] = []
        for position in sorted(positions):
            start, end = max(0, position - WINDOW_LENGTH), position + WINDOW_LENGTH
            if windows and start <= windows[-1][1]:
                windows[-1] = windows[-1][0], end
            elif len(windows) < MAX_WINDOWS:
                windows.append((start, end))
        return windows


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


def _prefiltered(phrases: Iterable[str], keywords: Iterable[str]) -> PrefilteredPattern:
    return PrefilteredPattern(_any_of(phrases), tuple(keywords))


ERROR_TITLE = _any_of(phrase_tables.ERROR_TITLE)
ERROR_TEXT = _prefiltered(phrase_tables.ERROR_TEXT, phrase_tables.ERROR_KEYWORDS)
BOT_CHECK_TITLE = _any_of(phrase_tables.BOT_CHECK_TITLE)
BOT_CHECK_TEXT = _prefiltered(
    phrase_tables.BOT_CHECK_TEXT, phrase_tables.BOT_CHECK_KEYWORDS
)
GEO_BLOCK_TEXT = _prefiltered(
    phrase_tables.GEO_BLOCK_TEXT, phrase_tables.GEO_BLOCK_KEYWORDS
)
CONSENT_TITLE = _any_of(phrase_tables.CONSENT_TITLE)
CONSENT_TEXT = _prefiltered(phrase_tables.CONSENT_TEXT, phrase_tables.CONSENT_KEYWORDS)
LOGIN_TITLE = _any_of(phrase_tables.LOGIN_TITLE)
LOGIN_TEXT = _prefiltered(phrase_tables.LOGIN_TEXT, phrase_tables.LOGIN_KEYWORDS)
PAYWALL_TEXT = _prefiltered(phrase_tables.PAYWALL_TEXT, phrase_tables.PAYWALL_KEYWORDS)
READ_ELSEWHERE_LINE = _any_of(phrase_tables.READ_ELSEWHERE_LINE)
CORRECTION_NOTE_LINE = _any_of(phrase_tables.CORRECTION_NOTE_LINE)
MAX_CORRECTION_NOTE_LENGTH = 600  # characters
DISCLAIMER_LINE = _any_of(phrase_tables.DISCLAIMER_LINE)
MAX_DISCLAIMER_LENGTH = 600  # characters
PATH_PATTERNS = {kind: _any_of(paths) for kind, paths in phrase_tables.PATHS.items()}
INTERSTITIAL_HOSTS = re.compile(
    r"^(?:consent|cmp|privacy|myprivacy|login|signin|accounts?|auth|sso|id|secure-login"
    r"|guce|geo\.captcha)\."
)


# ---- prompts to subscribe

# A short prompt has a word of each of the first two tables, and none of the others.
_READING_WORDS = _any_of(phrase_tables.READING_WORDS)
_SUBSCRIBING_WORDS = _prefiltered(
    phrase_tables.SUBSCRIBING_WORDS, phrase_tables.SUBSCRIBING_KEYWORDS
)
_OTHER_OFFER_WORDS = _any_of(phrase_tables.OTHER_OFFER_WORDS)
_COMMENTING_WORDS = _any_of(phrase_tables.COMMENTING_WORDS)
_TEASER_LABEL = _any_of(phrase_tables.TEASER_LABEL)
MIN_PROMPT_LENGTH = 4  # characters
MAX_PROMPT_LENGTH = 300  # characters
MAX_PROMPT_WORDS = 14  # of a line with a word of both tables
MAX_PHRASE_PROMPT_WORDS = 45  # of a line with a phrase of PAYWALL_TEXT; fewer than this


def is_subscription_prompt(line: str) -> bool:
    """Whether a line invites to subscribe or register in order to read on.

    Newsletters and comments are something else.
    """
    return (
        len(line) <= MAX_PROMPT_LENGTH
        and _invites_to_subscribe(line, len(line.split()))
        and not _COMMENTING_WORDS.search(line)
        and not _TEASER_LABEL.search(line)
    )


def _invites_to_subscribe(line: str, word_count: int) -> bool:
    if word_count < MAX_PHRASE_PROMPT_WORDS and PAYWALL_TEXT.search(line):
        return True
    return bool(
        word_count <= MAX_PROMPT_WORDS
        and _SUBSCRIBING_WORDS.pattern.search(line)
        and _READING_WORDS.search(line)
        and not _OTHER_OFFER_WORDS.search(line)
    )


_OFFER_LINE = _any_of(phrase_tables.OFFER_LINE)
MAX_OFFER_LINES = 8
MAX_OFFER_WORDS = 40  # of a line
MAX_BUTTON_WORDS = 5


def offer_start(lines: Sequence[str], is_stub: bool = False) -> int:
    """Where the offer of a subscription begins that ends a text; its end if none does.

    From a prompt on, all lines must be prompts, offers or buttons. ``is_stub``: an
    offer needs no prompt.
    """
    start = len(lines)
    for index in range(len(lines) - 1, max(-1, len(lines) - 1 - MAX_OFFER_LINES), -1):
        line = lines[index].strip()
        word_count = len(line.split())
        is_offer = word_count <= MAX_OFFER_WORDS and bool(_OFFER_LINE.search(line))
        if is_subscription_prompt(line) or (
            is_stub and is_offer and word_count <= MAX_PROMPT_WORDS
        ):
            start = index
        elif not is_offer and (word_count > MAX_BUTTON_WORDS or not index):
            break
    return start


def find_subscription_prompts(lines: list[str]) -> Iterator[int]:
    """The indices of lines that invite to subscribe or register, in order."""
    short = [
        index
        for index, line in enumerate(lines)
        if MIN_PROMPT_LENGTH <= len(line) <= MAX_PROMPT_LENGTH
    ]
    # All lines are searched at once; line starts lead back from a match to its line.
    starts = list(accumulate((len(lines[index]) + 1 for index in short), initial=0))
    joined = "\n".join(lines[index] for index in short)
    candidates = {
        bisect_right(starts, match.start()) - 1
        for pattern in (PAYWALL_TEXT, _SUBSCRIBING_WORDS)
        for match in pattern.finditer(joined)
    }
    return (
        short[candidate]
        for candidate in sorted(candidates)
        if is_subscription_prompt(lines[short[candidate]])
    )


# ---- headings of error pages

_PAGE_WORDS = _any_of(phrase_tables.PAGE_WORDS)
_MISSING_WORDS = _any_of(phrase_tables.MISSING_WORDS)
_ERROR_CODE = re.compile(r"\b(?:404|410|50[0-4])\b")
MAX_NOT_FOUND_WORDS = 12
MAX_NOT_FOUND_LENGTH = 90  # characters
MAX_ERROR_CODE_WORDS = 5  # of a heading with a status code


def is_not_found_heading(heading: str) -> bool:
    """Whether a heading says that the page is missing.

    Only for pages that say hardly anything else.
    """
    word_count = len(heading.split())
    if word_count > MAX_NOT_FOUND_WORDS or len(heading) > MAX_NOT_FOUND_LENGTH:
        return False
    return bool(
        (_PAGE_WORDS.search(heading) and _MISSING_WORDS.search(heading))
        or (word_count <= MAX_ERROR_CODE_WORDS and _ERROR_CODE.search(heading))
    )
