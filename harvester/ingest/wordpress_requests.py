"""What a REST interface of WordPress is asked, one request after the other. Pure.

A poll asks for the posts that changed since the last one (`modified_after`, newest
first). Now and then it also asks for new posts by their date, since a scheduled post
appears with the time at which it was last saved; whether known posts are still there
(`include`); and, once a day, for the latest changes whatever their time, which shows
whether the others were complete. A server that ignores a parameter (WordPress before 5.7
has no `modified_after`) is found out by what it lists, and asked without it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harvester.model import Entry
from harvester.schedule.times import add_seconds

MAX_PAGE_SIZE = 100  # posts of one response: WordPress's own maximum
# Where `modified_after` is ignored, each response is a window of the latest changes.
WINDOW_SIZE = 20
MAX_PAGES = 5  # of one listing; what lies behind is told and left out
OVERLAP_SECONDS = 600.0  # caches may give what was true some minutes ago
# A scheduled post keeps its date also where it appears late.
POSTS_OVERLAP_SECONDS = 3 * 3_600.0
POSTS_EVERY = 4  # polls
PRESENCE_EVERY = 6
WHOLE_EVERY = 24
MIN_INTERVAL_SECONDS = 3_600.0  # between two polls, where the settings name none
MIN_PRESENCE_IDS = 5  # of fewer posts nothing is concluded
MAX_MISSING_IDS = 200  # that are remembered
FIELDS = (
    "id,status,date,date_gmt,modified,modified_gmt,link,title,excerpt,content,"
    "_links.author,_embedded.author"
)
_TIME = re.compile(r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\dZ")
STEPS = ("edits", "posts", "presence")
_OWN_PARAMETERS = frozenset(
    "per_page page order orderby modified_after after include _fields _embed".split()
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the posts of a site were read, and what is asked next."""

    step: str = "edits"
    page: int = 1
    read_to: str = ""  # all changes up to this time were read
    newest: str = ""  # date of the newest post that was read
    reached: str = ""  # newest time on the pages of this step so far
    polls: int = 0  # complete ones
    is_window: bool = False  # `modified_after` is ignored
    is_unordered: bool = False  # `orderby` is ignored
    ignores_include: bool = False
    # Presence: entries.id below which posts are asked for next, 0 to begin anew, the
    # posts that are asked for now, and those that were missing.
    below_id: int = 0
    asked: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether this poll asks for the latest changes whatever their time."""
        return self.polls % WHOLE_EVERY == 0

    @property
    def since(self) -> str:
        """The time after which changes or posts are asked for; "" for any."""
        if self.step == "posts":
            return self.newest and add_seconds(self.newest, -POSTS_OVERLAP_SECONDS)
        return self.read_to and add_seconds(self.read_to, -OVERLAP_SECONDS)

    @property
    def known_to(self) -> str:
        """The time up to which all was read by a poll that is complete."""
        return self.newest if self.step == "posts" else self.read_to

    @property
    def is_filtered(self) -> bool:
        """Whether the request names ``since``."""
        if self.step == "posts":
            return bool(self.newest)
        return bool(self.read_to) and not self.is_whole and not self.is_window

    @property
    def page_size(self) -> int:
        """Posts that a response lists at most."""
        if self.step == "edits" and self.is_window and self.read_to:
            return WINDOW_SIZE
        return MAX_PAGE_SIZE

    def to_json(self) -> str:
        """As it is stored."""
        return json.dumps(asdict(self))


def parse_progress(stored: str) -> Progress:
    """Progress as stored; the beginning where it cannot be read."""
    try:
        values = json.loads(stored) if stored else {}
    except ValueError:
        values = {}
    if not isinstance(values, dict):
        return Progress()
    begin = Progress()
    known: dict[str, Any] = {}
    for name in (part.name for part in fields(Progress)):
        value, default = values.get(name), getattr(begin, name)
        if isinstance(default, tuple):
            if isinstance(value, list) and all(type(one) is int for one in value):
                known[name] = tuple(value)
        elif isinstance(default, str):
            if value in STEPS or (isinstance(value, str) and _TIME.fullmatch(value)):
                known[name] = value
        elif (
            isinstance(value, int) and type(value) is type(default) and value >= default
        ):
            known[name] = value
    progress = Progress(**known)
    return progress if progress.step in STEPS else begin


def without_parameters(url: str) -> str:
    """The URL of the settings: a request's without what this module added."""
    parts = urlsplit(url)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name not in _OWN_PARAMETERS
    ]
    return urlunsplit(parts._replace(query=urlencode(kept, safe="/,")))


def request_url(url: str, progress: Progress) -> str:
    """The URL of the next request; parameters of the settings are kept."""
    if progress.step == "presence":
        added = {
            "include": ",".join(map(str, progress.asked)),
            "per_page": str(MAX_PAGE_SIZE),
            "_fields": "id",
        }
    else:
        by_date = progress.step == "posts"
        added = {
            "per_page": str(progress.page_size),
            "orderby": "date" if by_date else "modified",
            "order": "desc",
            "_embed": "author",
            "_fields": FIELDS,
        }
        if progress.is_filtered:
            added["after" if by_date else "modified_after"] = progress.since
        if progress.page > 1:
            added["page"] = str(progress.page)
    parts = urlsplit(without_parameters(url))
    query = "&".join(filter(None, (parts.query, urlencode(added, safe=",:"))))
    return urlunsplit(parts._replace(query=query))


# ---- after a response


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from one response."""

    progress: Progress
    is_done: bool  # the poll is complete
    left_out: str = ""  # what was not read, in words


def after_listing(
    progress: Progress, entries: Sequence[Entry], is_known: bool, now: str
) -> Step:
    """What to ask after a list of changed or new posts.

    ``is_known``: all of them were stored as they are before.
    """
    by_date = progress.step == "posts"
    times = [
        time
        for entry in entries
        if (time := entry.published if by_date else entry.updated)
    ]
    since = progress.since
    reached = max((progress.reached, *times))
    is_ordered = all(later >= earlier for later, earlier in pairwise(times))
    reaches_back = bool(since) and any(time < since for time in times)
    progress = replace(progress, reached=reached)
    if not by_date:
        progress = replace(
            progress,
            is_unordered=not is_ordered,
            is_window=progress.is_window or (progress.is_filtered and reaches_back),
        )
    is_last = (
        len(entries) < progress.page_size
        or reaches_back
        or not is_ordered
        or (is_known and max(times, default="") <= progress.known_to)
        or not since  # the first poll takes the latest hundred
    )
    if not is_last and progress.page < MAX_PAGES:
        return Step(replace(progress, page=progress.page + 1), False)
    left_out = ""
    if not is_last:
        count = MAX_PAGES * progress.page_size
        left_out = f"more than {count} posts changed; the latest {count} were read"
    step = after_last_page(progress, now)
    return replace(step, left_out=left_out)


def after_last_page(progress: Progress, now: str) -> Step:
    """What to ask when all pages of a listing were read."""
    reached = min(progress.reached, now)  # a time to come would hide what is before it
    if progress.step == "posts":
        progress = replace(progress, newest=max(progress.newest, reached))
    elif progress.step == "edits":
        progress = replace(progress, read_to=max(progress.read_to, reached))
    return _next_step(replace(progress, page=1, reached=""))


def _next_step(progress: Progress) -> Step:
    """The step after one that is complete; the last one completes the poll."""
    following = {
        "edits": progress.polls % POSTS_EVERY == 0,
        "posts": progress.polls % PRESENCE_EVERY == 1 and not progress.ignores_include,
    }
    order = STEPS[STEPS.index(progress.step) :]
    for step, next_step in pairwise(order):
        if following[step]:
            return Step(replace(progress, step=next_step), False)
    return Step(replace(progress, step="edits", polls=progress.polls + 1), True)


def with_asked(progress: Progress, known: Sequence[tuple[int, int]]) -> Step:
    """Presence: ask for these posts, (entries.id, id of the post), the newest first.

    With too few posts the poll is complete.
    """
    below = known[-1][0] if len(known) == MAX_PAGE_SIZE else 0
    progress = replace(progress, below_id=below, asked=tuple(post for _, post in known))
    if len(known) < MIN_PRESENCE_IDS:
        return _next_step(replace(progress, asked=()))
    return Step(progress, False)


@dataclass(frozen=True, slots=True)
class Presence:
    """What follows from the list of posts that were asked for by their ids."""

    step: Step
    newly_missing: tuple[int, ...] = field(default=())


def after_presence(progress: Progress, listed: Sequence[int]) -> Presence:
    """Which posts are missing; none where the list is not what was asked for.

    Other posts than those asked for: `include` is ignored. More than half missing: the
    interface, not the site, has less than before.
    """
    asked = frozenset(progress.asked)
    missing = asked - frozenset(listed)
    is_ignored = not asked.issuperset(listed)
    is_believed = not is_ignored and len(missing) * 2 <= len(asked)
    newly: tuple[int, ...] = ()
    remembered = [post for post in progress.missing if post not in listed]
    if is_believed:
        newly = tuple(sorted(missing - frozenset(remembered)))
        remembered = [*remembered, *newly][-MAX_MISSING_IDS:]
    progress = replace(
        progress,
        asked=(),
        missing=tuple(remembered),
        ignores_include=progress.ignores_include or is_ignored,
    )
    return Presence(_next_step(progress), newly)


def describe(progress: Progress) -> str:
    """What the server does otherwise than asked, in words; "" if nothing."""
    notes = []
    if progress.is_window:
        notes.append(
            f"it ignores modified_after, so the latest {WINDOW_SIZE} changes are asked for"
        )
    if progress.is_unordered:
        notes.append("it does not list the latest changes first")
    if progress.ignores_include:
        notes.append("it ignores include")
    return "; ".join(notes)
