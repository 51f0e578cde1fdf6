"""The newest entries of a feed that has more than the limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from harvester.parse.dates import date_text

# The date of an entry decides what is kept, not what is believed: a future one is
# refused later.
FAR_FUTURE = "9998-01-01T00:00:00Z"
# Of more entries than these, the first or the last ones of the feed are its newest.
MAX_COMPARED_ENTRIES = 20_000
_ENTRY_TAG = re.compile(r"<(item|entry)[\s/>]")
_DATE_ELEMENT = re.compile(
    r"<(?:\w+:)?(?:pubDate|date|published|issued|updated)>([^<]{6,60})<", re.IGNORECASE
)
_ENTRY_IN_CDATA = re.compile(r"<!\[CDATA\[[^\]]{0,5000}<(?:item|entry)[\s>]")


def newest_indexes(
    indexes: Iterable[int], date: Callable[[int], str], limit: int
) -> list[int]:
    """The indexes of the newest entries, in their order."""
    return sorted(sorted(indexes, key=date, reverse=True)[:limit])


def compared_indexes(count: int, date: Callable[[int], str]) -> range:
    """The indexes of the entries among which the newest are, bounded."""
    indexes = range(count)
    if count <= MAX_COMPARED_ENTRIES:
        return indexes
    if date(count - 1) > date(0):
        return indexes[-MAX_COMPARED_ENTRIES:]
    return indexes[:MAX_COMPARED_ENTRIES]


def keep_newest_entries(text: str, limit: int) -> tuple[str, int]:
    """A feed's XML with its newest entries only, and how many were left out."""
    if limit < 1 or text.count("<item") + text.count("<entry") <= limit:
        return text, 0
    starts = [match.start() for match in _ENTRY_TAG.finditer(text)]
    if len(starts) <= limit:
        return text, 0
    end = max(text.rfind("</item>") + 7, text.rfind("</entry>") + 8)
    end = len(text) if end < 9 else end  # none is ever closed
    # If texts quote feeds, what looks like an entry may not be one: it is parsed whole.
    if end <= starts[-1] or ("<![CDATA[" in text and _ENTRY_IN_CDATA.search(text)):
        return text, 0
    ends = [*starts[1:], end]

    def date(index: int) -> str:
        match = _DATE_ELEMENT.search(text, starts[index], ends[index])
        stated = date_text.normalise_date(match[1], FAR_FUTURE) if match else None
        return stated[0] if stated else ""

    chosen = newest_indexes(compared_indexes(len(starts), date), date, limit)
    entries = "".join(text[starts[index] : ends[index]] for index in chosen)
    return text[: starts[0]] + entries + text[end:], len(starts) - limit
