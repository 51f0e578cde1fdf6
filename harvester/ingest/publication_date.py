"""Which publication date an article keeps. Pure.

The first date seen stays, whatever the outlet states later: outlets rewrite it to look
fresh. It becomes more precise where a day was stated and later a time on that day; it
is filled in where there was none, and replaced where it was guessed and is stated now.
What is stated instead is kept beside it. A date more than a day after its response was
received is not a publication date. Does not parse dates (``parse.dates``).
"""

from __future__ import annotations

from dataclasses import replace

from harvester.archive import stored_json
from harvester.archive.records.articles import VersionRow
from harvester.archive.records.feeds import EntryRow, parse_entry_extra
from harvester.model import Entry, Extract, Statement
from harvester.schedule.times import add_seconds

GUESSED_SOURCES = ("", "text", "url")  # nothing was stated, the date was found there
DATE_LENGTH = 10  # characters of a date without a time
MAX_AHEAD_SECONDS = 86_400.0  # a date may be ahead: clocks and time zones differ
TOO_LATE_REASON = "more than a day after it was received"


def publication_date(stored: VersionRow) -> tuple[str | None, str | None, str]:
    """A version's publication date, the same as it was stated, and its source."""
    source = str(stored_json.parse_object(stored.sources).get("published", ""))
    return stored.published, stored.published_local, source


def known_fields(entry: EntryRow | None, received_at: str) -> tuple[str, ...]:
    """The fields that an entry states: they need not be guessed from the page."""
    if entry is None:
        return ()
    has_date = entry.published and not is_too_late(entry.published, received_at)
    has_authors = parse_entry_extra(entry).authors
    return ("published",) * bool(has_date) + ("authors",) * bool(has_authors)


def is_too_late(published: str, received_at: str) -> bool:
    """Whether a date is too late to be the publication of what was received then."""
    return published > add_seconds(received_at, MAX_AHEAD_SECONDS)


def without_late_dates(entry: Entry, received_at: str) -> Entry:
    """An entry without dates that are too late for what was received then.

    Its local date stays as it was stated.
    """
    if entry.published and is_too_late(entry.published, received_at):
        local = entry.published_local or entry.published
        entry = replace(entry, published=None, published_local=local)
    if entry.updated and is_too_late(entry.updated, received_at):
        entry = replace(entry, updated=None)
    return entry


def is_more_precise(
    first: str, first_local: str | None, stated: str, stated_local: str | None
) -> bool:
    """Whether the first date is a day, and the stated one a time on that day.

    In the outlet's time zone or in UTC.
    """
    if len(first) > DATE_LENGTH or len(stated) <= DATE_LENGTH:
        return False
    return (first_local or first)[:DATE_LENGTH] in (
        (stated_local or stated)[:DATE_LENGTH],
        stated[:DATE_LENGTH],
    )


def keep_first_date(
    extract: Extract,
    first_published: str | None,
    first_local: str | None,
    first_source: str,
) -> Extract:
    """The extract with the publication date first seen, as it was stated then."""
    stated = extract.published
    if not first_published or stated == first_published:
        return extract
    stated_source = extract.sources.get("published", "")
    if stated and (
        is_more_precise(first_published, first_local, stated, extract.published_local)
        or (first_source in GUESSED_SOURCES and stated_source not in GUESSED_SOURCES)
    ):
        return extract
    statements = extract.statements
    if stated:
        reason = f"first seen with {first_published}"
        statement = Statement("published", stated, stated_source, reason)
        statements = (*statements, statement)
    sources = extract.sources
    if first_source:
        sources = {**sources, "published": first_source}
    return replace(
        extract,
        published=first_published,
        published_local=first_local,
        sources=sources,
        statements=statements,
    )
