"""Versions as people name them: ``KEY@2``, ``KEY@latest``, ``KEY@2025-09-06``, ``KEY@2..5``.

What stands before the last ``@`` is an article: a key, a unique prefix of one, or any of
its addresses. A URL may have an ``@`` of its own, so that an address that the archive
has is taken as it is.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from harvester.cli.context import resolve_article, utc_now
from harvester.cli.output import display_time
from harvester.errors import NotInArchive

FIRST_NAMES = ("first", "oldest", "original")
LATEST_NAMES = ("latest", "last", "current", "newest", "now")
MAX_NUMBER_DIGITS = 6
_NUMBER_PATTERN = re.compile(rf"v?(\d{{1,{MAX_NUMBER_DIGITS}}})", re.IGNORECASE)
_DIGEST_PATTERN = re.compile(r"[0-9a-f]{8,64}", re.IGNORECASE)
FORMS = "@2, @2..5, @first, @latest, @2025-09-06 or the beginning of its sha256"


@dataclass(frozen=True, slots=True)
class NamedVersions:
    """An article, and the versions of it that were named by number; None: not named."""

    article: sqlite3.Row
    first: int | None = None  # the only one, or the first of a range
    last: int | None = None  # of a range

    @property
    def is_range(self) -> bool:
        """Whether two versions were named."""
        return self.last is not None


def resolve_versions(
    connection: sqlite3.Connection, name: str, now: datetime | None = None
) -> NamedVersions:
    """The article and its versions. Raises NotInArchive, which names what exists."""
    base, mark, selector = name.strip().rpartition("@")
    if not mark or not base:
        return NamedVersions(resolve_article(connection, name))
    is_address = any(character in base for character in "/.:")
    if is_address:
        try:
            return NamedVersions(resolve_article(connection, name))
        except NotInArchive as error:
            article = _resolve_base(connection, base, selector, error)
    else:
        article = resolve_article(connection, base)
    first, last = parse_range(connection, article, selector, now or utc_now())
    return NamedVersions(article, first, last)


def _resolve_base(
    connection: sqlite3.Connection, base: str, selector: str, error: NotInArchive
) -> sqlite3.Row:
    """The article before an ``@``; without one, ``error`` is of the whole address."""
    try:
        return resolve_article(connection, base)
    except NotInArchive:
        if is_selector(selector):
            raise
        raise error from None


def resolve_version(
    connection: sqlite3.Connection, name: str
) -> tuple[sqlite3.Row, int | None]:
    """An article and one version of it; None if none is named. Raises NotInArchive."""
    named = resolve_versions(connection, name)
    if named.is_range:
        raise NotInArchive(
            f"{name!r} names two versions",
            "`harvest diff` compares them; write one, such as @2",
        )
    return named.article, named.first


def is_selector(text: str) -> bool:
    """Whether a text has the form of a version's name, or of a range of them."""
    from harvester.query.time_ranges import parse_period

    names = [part for part in text.split("..", 1) if part]
    for name in names:
        if (
            name.lower() in (*FIRST_NAMES, *LATEST_NAMES)
            or _NUMBER_PATTERN.fullmatch(name)
            or _DIGEST_PATTERN.fullmatch(name)
        ):
            continue
        try:
            parse_period(name.replace("_", " ").lower(), utc_now())
        except (ValueError, OverflowError):
            return False
    return bool(names)


def parse_range(
    connection: sqlite3.Connection, article: sqlite3.Row, text: str, now: datetime
) -> tuple[int, int | None]:
    """The numbers of ``A`` or ``A..B``; an end that is left out is the first or the last.

    Raises NotInArchive.
    """
    first, dots, last = text.partition("..")
    if not dots:
        return find_number(connection, article, text, now), None
    return (
        find_number(connection, article, first or "first", now),
        find_number(connection, article, last.lstrip(".") or "latest", now),
    )


def find_number(
    connection: sqlite3.Connection, article: sqlite3.Row, text: str, now: datetime
) -> int:
    """The number of the version with a name. Raises NotInArchive."""
    from harvester.archive.queries import article_pages

    name = text.strip().lower()
    if name in FIRST_NAMES:
        return 1
    if name in LATEST_NAMES:
        return int(article["version"])
    number = _NUMBER_PATTERN.fullmatch(name)
    # A year has four digits as well; no article is known with a thousand versions.
    if number and (len(number[1]) != 4 or int(number[1]) <= article["versions"]):
        return int(
            article_pages.get_version(connection, article, int(number[1]))["number"]
        )
    if _DIGEST_PATTERN.fullmatch(name):
        found = article_pages.find_version_by_digest(connection, article, name)
        if found is not None:
            return found
    return _find_by_time(connection, article, text, now)


def _find_by_time(
    connection: sqlite3.Connection, article: sqlite3.Row, text: str, now: datetime
) -> int:
    """The version that was online at a time, or at the end of a day or month."""
    from harvester.archive.queries import article_pages
    from harvester.query.time_ranges import parse_period

    try:
        start, end = parse_period(text.replace("_", " ").strip().lower(), now)
    except (ValueError, OverflowError) as error:
        count = article["versions"]
        have = "only one version" if count == 1 else f"versions 1 to {count}"
        raise NotInArchive(
            f"unknown version {text!r}: {article['key']} has {have}", f"write {FORMS}"
        ) from error
    number = article_pages.find_version_at(connection, article, end or start)
    if number is None:
        raise NotInArchive(
            f"no version of {article['key']} was known at {text!r}: it was first seen "
            f"{display_time(article['first_seen'])} UTC",
            "@first is the first version",
        )
    return number
