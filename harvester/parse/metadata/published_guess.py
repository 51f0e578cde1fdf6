"""When a page was published, where nothing that is cheap to read states it.

By its URL, its scripts, when it was changed, its text, its title, and the day on which
its image was uploaded: the first that has a date.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement

from harvester.parse.metadata import machine_dates
from harvester.parse.metadata.date_lines import DateStyle
from harvester.parse.metadata.statements import PageMetadata
from harvester.parse.metadata.text_dates import date_in_title, dates_in_text
from harvester.parse.metadata.title import find_html_title


def guess_published(
    tree: HtmlElement,
    metadata: PageMetadata,
    url: str,
    captured_at: str,
    style: DateStyle,
) -> None:
    """Set ``published``, and ``modified`` if only the text states a change."""
    for text, source in _likely_times(tree, metadata, url, captured_at, style):
        if metadata.add_time("published", text, source, captured_at):
            return


def _likely_times(
    tree: HtmlElement,
    metadata: PageMetadata,
    url: str,
    captured_at: str,
    style: DateStyle,
) -> Iterator[tuple[str, str]]:
    """(written time, source), the likeliest first; "" where a source has none."""
    yield machine_dates.date_in_url(url), "url"
    yield machine_dates.time_in_scripts(tree.iter("script")), "script"
    # A changed page was published, and that day is the best that is known.
    yield metadata.values.get("modified_local", ""), "modified"
    body = tree.find("body")
    published, changed = (
        dates_in_text(body, captured_at, style) if body is not None else ("", "")
    )
    yield published, "text"
    yield date_in_title(find_html_title(list(tree.iter("title"))), style), "title"
    if changed:
        metadata.add_time("modified", changed, "text", captured_at)
        yield changed, "modified"
    yield machine_dates.date_of_upload(metadata.values.get("image", "")), "image"
