"""A feed with more entries than the limit, cut to the newest before its XML is read. Pure."""

from __future__ import annotations

import re

from harvester.parse.dates import date_text

FAR_FUTURE = "9998-01-01T00:00:00Z"  # what a feed states is kept as stated; a date after the capture is refused when it is published
MAX_COMPARED_ENTRIES = 20_000  # entries whose dates are compared; beyond that a feed's first or last ones are its newest
_ENTRY_TAG = re.compile(r"<(item|entry)[\s/>]")
_DATE_ELEMENT = re.compile(
    r"<(?:\w+:)?(?:pubDate|date|published|issued|updated)>([^<]{6,60})<", re.IGNORECASE
)
_ENTRY_IN_CDATA = re.compile(r"<!\[CDATA\[[^\]]{0,5000}<(?:item|entry)[\s>]")


def keep_newest_entries(text: str, limit: int) -> tuple[str, int]:
    """The text with its newest entries, in their order, and how many were left out."""
    if limit < 1 or text.count("<item") + text.count("<entry") <= limit:
        return text, 0
    starts = [match.start() for match in _ENTRY_TAG.finditer(text)]
    if len(starts) <= limit:
        return text, 0
    end = max(text.rfind("</item>") + 7, text.rfind("</entry>") + 8)
    end = len(text) if end < 9 else end  # none is ever closed
    # Where texts quote feeds, what looks like an entry may be none: such a feed is parsed whole.
    if end <= starts[-1] or ("<![CDATA[" in text and _ENTRY_IN_CDATA.search(text)):
        return text, 0
    ends = [*starts[1:], end]

    def date(place: int) -> str:
        found = _DATE_ELEMENT.search(text, starts[place], ends[place])
        stated = date_text.normalise_date(found[1], FAR_FUTURE) if found else None
        return stated[0] if stated else ""

    looked = range(len(starts))
    if len(starts) > MAX_COMPARED_ENTRIES:
        looked = (
            looked[-MAX_COMPARED_ENTRIES:]
            if date(len(starts) - 1) > date(0)
            else looked[:MAX_COMPARED_ENTRIES]
        )
    chosen = sorted(sorted(looked, key=date, reverse=True)[:limit])
    kept = "".join(text[starts[place] : ends[place]] for place in chosen)
    return text[: starts[0]] + kept + text[end:], len(starts) - limit
