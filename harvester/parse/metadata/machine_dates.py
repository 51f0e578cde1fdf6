"""When a page was published, by its URL, its scripts or unusual meta elements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from harvester.parse.dates import date_text
from harvester.parse.dates.clocks import YEAR_PATTERN
from harvester.parse.dates.months import month_number

MAX_PATH_LENGTH = 1_000  # characters of a URL's path
MIN_URL_YEAR = 1995
MAX_SCRIPT_LENGTH = 500_000  # characters
MAX_SCRIPT_TIMES = 200

_PATH_DATE = re.compile(
    rf"(?<!\d)({YEAR_PATTERN})"
    r"(?:/(\d{1,2})/(\d{1,2})|-(\d{1,2})-(\d{1,2})|(\d\d)(\d\d))(?!\d)"
)
_PATH_DATE_YEAR_LAST = re.compile(
    rf"(?<!\d)(0[1-9]|[12]\d|3[01])-(0[1-9]|1[0-2])-({YEAR_PATTERN})(?!\d)"
)
_PATH_DATE_MONTH_NAME = re.compile(  # as The Guardian has them: 2021/mar/14
    rf"/({YEAR_PATTERN})/([a-z]{{3,9}})/(\d\d?)(?=/|$)", re.IGNORECASE
)
# Folders by day of what was uploaded for an article.
_UPLOADS = re.compile(r"/20\d\d/?(?:0\d|1[0-2])/?(?:[0-2]\d|3[01])/")
# Keys of data in scripts. Each begins with plain letters, which are found fast;
# "published" before "created", which in escaped data is mostly an account's.
_TIME_VALUE = (
    r"""\\?["']?\s*[:=]\s*\\?["']?"""
    r"""(\d{4}-\d\d-\d\d[^"'\\<,;}]{0,25}|1\d{9}(?:\d{3})?(?!\d))"""
)
_PUBLISHED_KEYS = tuple(
    re.compile(key + _TIME_VALUE)
    for key in (
        r"ubli(?:sh|c)[a-z]{0,5}_?(?:[A-Za-z]{2,8})?",
        r"ub_?[dD]ate",
        r"UBLISH(?:ED)?_\w{2,6}",
    )
)
_CREATED_KEYS = tuple(
    re.compile(key + _TIME_VALUE.removeprefix(r"\\?"))
    for key in (r"reated_?[aA]t", r"ate_?[cC]reated", r"rticle_?[dD]ate")
)


# ---- the URL


def date_in_url(url: str) -> str:
    """The day that a URL names, as ISO date; "" if none.

    ``/2021/03/14/``, ``/2021/mar/14/``, ``2021-03-14``, ``20210314``, ``14-03-2021``.
    """
    try:
        path = urlsplit(url).path[:MAX_PATH_LENGTH]
    except ValueError:
        return ""
    for match in _PATH_DATE.finditer(path):
        year, month, day = (int(number) for number in match.groups() if number)
        if year >= MIN_URL_YEAR and 1 <= month <= 12 and 1 <= day <= 31:
            text = f"{year}-{month:02}-{day:02}"
            if date_text.parse_date(text) is not None:
                return text
    for match in _PATH_DATE_MONTH_NAME.finditer(path):
        if month := month_number(match[2]):
            text = f"{match[1]}-{month:02}-{int(match[3]):02}"
            if date_text.parse_date(text) is not None:
                return text
    year_last = _PATH_DATE_YEAR_LAST.search(path)
    if year_last is None:
        return ""
    text = f"{year_last[3]}-{year_last[2]}-{year_last[1]}"
    return text if date_text.parse_date(text) is not None else ""


def date_of_upload(image_url: str) -> str:
    """The day in the path of an image, as ISO date; "" if there is only a month."""
    path = image_url.partition("?")[0]
    return date_in_url(image_url) if _UPLOADS.search(path) else ""


# ---- meta elements

# Names of meta elements without their separators: "published-date", "og:pubdate".
_PUBLISHED_META = re.compile(
    r"publi(?:shed|sh|cation)(?:date|time|on|at|timestamp)$|pub(?:date|time)$"
    r"|date(?:published|publication|posted)$|(?:post|reg|article)date$"
    r"|articlecreated?(?:at|time|date)$"
)
_MODIFIED_META = re.compile(
    r"modified(?:date|time|on|at)?$|lastmod(?:ified)?$|updated?(?:date|time|on|at)$"
    r"|date(?:updated|modified)$|lastupdated?$"
)
_SEPARATORS = re.compile(r"[\s:._-]+")
MAX_META_NAME_LENGTH = 60  # characters


def times_in_metas(metas: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """(field, written time) of meta elements whose names speak of such a time."""
    for name, contents in metas.items():
        field = _time_field(name[:MAX_META_NAME_LENGTH])
        if field:
            yield field, contents[0]


@lru_cache(maxsize=4_096)
def _time_field(name: str) -> str:
    key = _SEPARATORS.sub("", name)
    if _PUBLISHED_META.search(key):
        return "published"
    return "modified" if _MODIFIED_META.search(key) else ""


# ---- scripts


def is_json_ld(script: HtmlElement) -> bool:
    """Whether a script element is a block of JSON-LD."""
    return "ld+json" in script.get("type", "").lower()


def time_in_scripts(scripts: Iterable[HtmlElement]) -> str:
    """The time of publication in the data of a page's scripts; "" if none.

    The first with a time of day, else the first. Not in JSON-LD: what in it is the
    page's own is read by ``jsonld``.
    """
    first = ""
    data = (script for script in scripts if not is_json_ld(script))
    times = _iter_script_times(data, _PUBLISHED_KEYS + _CREATED_KEYS)
    for text in islice(times, MAX_SCRIPT_TIMES):
        parsed = date_text.parse_date(text)
        if parsed is not None:
            if parsed[1]:
                return text
            first = first or text
    return first


def time_in_scripts_on_day(scripts: Iterable[HtmlElement], day: str) -> str:
    """The instant of publication on that day in the scripts; "" if none or several."""
    found: dict[datetime, str] = {}
    times = _iter_script_times(scripts, _PUBLISHED_KEYS)
    for text in islice(times, MAX_SCRIPT_TIMES):
        parsed = date_text.parse_date(text)
        if parsed is None:
            continue
        moment = parsed[0]
        if moment.date().isoformat() == day and (moment.hour or moment.minute):
            found.setdefault(moment.replace(tzinfo=None), text)
    return next(iter(found.values())) if len(found) == 1 else ""


def _iter_script_times(
    scripts: Iterable[HtmlElement], key_patterns: tuple[re.Pattern[str], ...]
) -> Iterator[str]:
    """Written times in scripts, by key, then in page order."""
    remaining = MAX_SCRIPT_LENGTH
    texts = []
    for script in scripts:
        text = (script.text or "")[:remaining]
        remaining -= len(text)
        texts.append(text)
    for pattern in key_patterns:
        for text in texts:
            for match in pattern.finditer(text):
                yield match[1]
