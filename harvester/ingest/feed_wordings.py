"""Keeps what a feed said of an entry, title and summary, when it says it otherwise.

A change of its own kind: no version and no edit, whatever the article's page says. What
counts as a change is decided by ``identity.announcement``.
"""

from __future__ import annotations

from harvester.archive.merging.announced import WordingRules, Words
from harvester.archive.records import announcements, articles, feeds
from harvester.archive.records.announcements import NewAnnouncement
from harvester.archive.records.articles import NewEvent
from harvester.archive.records.event_ids import ANNOUNCED
from harvester.archive.records.feeds import EntryRow, EntryUpdate, FeedRow
from harvester.identity.announcement import (
    AnnouncedPart,
    Announcement,
    changed_parts,
    is_beginning_of,
    wording_digest,
)
from harvester.ingest.session import Session
from harvester.model import Entry
from harvester.parse.html.charset import html_to_text

# Kept wordings of an entry. A live blog's may have dozens; more are a feed that changes
# its words at every poll.
MAX_WORDINGS = 50
PART_NAMES: dict[AnnouncedPart, str] = {"title": "headline", "summary": "teaser"}


def keep_wording(
    session: Session, stored: EntryRow, entry: Entry, now: str
) -> EntryUpdate:
    """Keep the stored wording of an entry where its feed has another one now.

    Returns what else is to be set in the entry's row.
    """
    if (stored.title, stored.summary) == (entry.title, entry.summary):
        return EntryUpdate()
    before = Announcement(stored.title, stored.summary)
    after = Announcement(entry.title, entry.summary)
    parts = changed_parts(before, after)
    if "summary" in parts and _is_of_the_text(stored, entry):
        parts = tuple(part for part in parts if part != "summary")
    old, new = wording_digest(before), wording_digest(after)
    if not parts or old == new:
        return EntryUpdate()
    connection = session.connection
    feed = feeds.get_feed(connection, stored.feed)
    last_seen = _last_seen(stored, feed)
    kept = announcements.get_kept_wordings(connection, stored.key)
    # What differs from the kept one in nothing that counts stands for it.
    old_id = kept.ids.get(old, kept.current)
    if old_id is None:
        old_id = announcements.add_announcement(
            connection,
            NewAnnouncement(
                stored.key, old, *_words(before), stored.first_seen, last_seen
            ),
        )
    else:
        announcements.set_last_seen(connection, old_id, last_seen)
    if new in kept.ids:  # it returned
        announcements.set_last_seen(connection, kept.ids[new], now)
        return EntryUpdate()
    if len(kept.ids) >= MAX_WORDINGS:
        _tell_limit(session, feed, now)
        return EntryUpdate(unkept=stored.unkept + 1)
    row = NewAnnouncement(
        stored.key, new, *_words(after), now, now, old_id, " ".join(parts)
    )
    row_id = announcements.add_announcement(connection, row)
    articles.add_event(connection, announced_event(feed.outlet, now, parts, row_id))
    return EntryUpdate()


def announced_event(
    outlet: str, at: str, parts: tuple[AnnouncedPart, ...], row_id: int
) -> NewEvent:
    """The event that a feed changed an entry. It names neither article nor words.

    Both are found by the wording's row, whatever becomes of the entry.
    """
    return NewEvent(ANNOUNCED, outlet, at, _describe(parts), announcement=row_id)


def _describe(parts: tuple[AnnouncedPart, ...]) -> str:
    names = " and ".join(PART_NAMES[part] for part in parts)
    return f"the {names} in the feed changed"


def _last_seen(stored: EntryRow, feed: FeedRow) -> str:
    """When the feed last listed an entry as it is stored: it may have sent nothing new."""
    is_listed = bool(feed.listed and stored.last_seen >= feed.listed)
    return max(stored.last_seen, feed.read_at or "") if is_listed else stored.last_seen


def _words(announcement: Announcement) -> tuple[str, str]:
    return announcement.title, announcement.summary


def _is_of_the_text(stored: EntryRow, entry: Entry) -> bool:
    """Whether both summaries are how the full text in the feed begins.

    Where the text changes there, that is an edit.
    """
    old_text = html_to_text(feeds.parse_entry_extra(stored).content)
    return is_beginning_of(stored.summary, old_text) and is_beginning_of(
        entry.summary, html_to_text(entry.content)
    )


def _tell_limit(session: Session, feed: FeedRow, now: str) -> None:
    """Tell once of each feed that further wordings are counted and not kept."""
    if announcements.has_reached_limit(session.connection, feed.url):
        return
    note = (
        f"an entry has {MAX_WORDINGS} wordings: further ones are counted "
        "(entries.unkept), and not kept"
    )
    event = NewEvent(
        announcements.LIMIT_EVENT_KIND,
        feed.outlet,
        now,
        note,
        feed=feed.url,
    )
    articles.add_event(session.connection, event)


# ---- for merging


def _describe_change(before: Words, after: Words) -> tuple[str, str]:
    """What differs, as ``announcements.changed`` has it, and the note of its event."""
    parts = changed_parts(Announcement(*before), Announcement(*after))
    return " ".join(parts), _describe(parts) if parts else ""


MERGE_RULES = WordingRules(
    lambda words: wording_digest(Announcement(*words)), _describe_change
)
