"""Pages by day and month: articles, changes, removals, and the days themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from harvester.browse import phrasing
from harvester.publish import layout
from harvester.publish.lists import Lists, Page
from harvester.publish.survey import to_day

CARDS_PER_PAGE, EVENTS_PER_PAGE = 50, 40


def list_day_pages(lists: Lists) -> Iterator[Page]:
    """All of them."""
    yield from _day_pages(lists)
    yield from _year_pages(lists)
    yield from _change_pages(lists)
    yield from _removal_pages(lists)


def _day_pages(lists: Lists) -> Iterator[Page]:
    names = list(lists.article_days)
    for later, day, earlier in layout.neighbours(names):
        also = [(layout.DAYS, "All days")]
        if day in lists.event_days:
            also.append((f"changes/{day}.html", "Changes of this day"))
        around = (
            later and f"days/{later}.html",
            earlier and f"days/{earlier}.html",
        )
        yield from _paged_list(
            lists,
            f"days/{day}",
            lists.article_days[day],
            CARDS_PER_PAGE,
            is_events=False,
            heading=phrasing.format_day(day),
            note="What was published, as far as stated; else when it was first seen.",
            also=also,
            around=around,
            labels=("A day later", "A day earlier"),
        )


def _change_pages(lists: Lists) -> Iterator[Page]:
    names = list(lists.event_days)
    yield _newest_events(lists, layout.CHANGES, "Changes", lists.events, "changes")
    for later, day, earlier in layout.neighbours(names):
        also = [(layout.DAYS, "All days")]
        if day in lists.article_days:
            also.append((f"days/{day}.html", "Articles of this day"))
        yield from _paged_list(
            lists,
            f"changes/{day}",
            lists.event_days[day],
            EVENTS_PER_PAGE,
            is_events=True,
            heading=f"Changes, {phrasing.format_day(day)}",
            note="",
            also=also,
            around=(
                later and f"changes/{later}.html",
                earlier and f"changes/{earlier}.html",
            ),
            labels=("A day later", "A day earlier"),
        )


def _removal_pages(lists: Lists) -> Iterator[Page]:
    times = lists.survey.event_times
    months = {
        month: list(group)
        for month, group in groupby(
            lists.removals, key=lambda index: to_day(times[index])[:7]
        )
    }
    yield _newest_events(
        lists, layout.REMOVALS, "Removed and returned", lists.removals, "removals"
    )
    for later, month, earlier in layout.neighbours(list(months)):
        yield from _paged_list(
            lists,
            f"removals/{month}",
            months[month],
            EVENTS_PER_PAGE,
            is_events=True,
            heading=f"Removed and returned, {_month_name(month)}",
            note="",
            also=[(layout.REMOVALS, "The newest")],
            around=(
                later and f"removals/{later}.html",
                earlier and f"removals/{earlier}.html",
            ),
            labels=("A month later", "A month earlier"),
        )


def _newest_events(
    lists: Lists, file: str, heading: str, indexes: Sequence[int], folder: str
) -> Page:
    """The newest changes, which lead to those by day or month."""
    shown = indexes[:EVENTS_PER_PAGE]
    length = 7 if folder == "removals" else 10
    older = ""
    if len(indexes) > len(shown):
        last_day = to_day(lists.survey.event_times[shown[-1]])
        older = f"{folder}/{last_day[:length]}.html"
    note = (
        "An article that is not found counts as removed once another check, hours "
        "later, confirms it. Server errors, refusals and paywalls are not evidence."
        if folder == "removals"
        else ""
    )

    def render() -> str:
        rows = lists.load_events(shown)
        return lists.renderer.render(
            "edition_list.html",
            file,
            (folder,),
            heading=heading,
            note=note,
            also=[(layout.DAYS, "All days")],
            groups=[
                (phrasing.format_day(day), list(group))
                for day, group in groupby(rows, key=lambda row: row.at[:10])
            ],
            none="No changes." if folder == "changes" else "No removals.",
            time="clock",
            before="",
            after=older,
            labels=("", "Older"),
        )

    return Page(file, (lists.sign_events(shown), older), render)


def _paged_list(
    lists: Lists,
    base: str,
    indexes: Sequence[int],
    size: int,
    *,
    is_events: bool,
    heading: str,
    note: str,
    also: Sequence[tuple[str, str]],
    around: tuple[str, str],
    labels: tuple[str, str],
) -> Iterator[Page]:
    """The pages of a day or month; the first and last lead to those beside it."""
    pages = list(layout.paged(base, indexes, size))
    names = [name for name, _ in pages]
    nouns = ("change", "changes") if is_events else ("article", "articles")
    if base.startswith("removals"):
        nouns = ("removal or return", "removals and returns")
    counted = phrasing.pluralize(len(indexes), *nouns)
    sign = lists.sign_events if is_events else lists.sign_cards
    for number, (before, file, after) in enumerate(layout.neighbours(names), 1):
        shown = pages[number - 1][1]
        context = {
            "heading": heading if len(pages) == 1 else f"{heading}, page {number}",
            "note": note,
            "also": also,
            "before": before or around[0],
            "after": after or around[1],
            "labels": (
                "Earlier page" if before else labels[0],
                "Next page" if after else labels[1],
            ),
            # Only a time of the day where the day is the heading.
            "time": "clock" if base.startswith("changes") else "moment",
        }
        render = partial(_render_list, lists, file, shown, is_events, counted, context)
        yield Page(file, (sign(shown), counted, repr(context)), render)


def _render_list(
    lists: Lists,
    file: str,
    shown: Sequence[int],
    is_events: bool,
    counted: str,
    context: dict[str, Any],
) -> str:
    load = lists.load_events if is_events else lists.load_cards
    groups = [(counted, load(shown))]
    return lists.renderer.render(
        "edition_list.html", file, groups=groups, none="Nothing.", **context
    )


def _year_pages(lists: Lists) -> Iterator[Page]:
    """Days with their numbers: the newest year, and a page for each other one."""
    days = sorted({*lists.article_days, *lists.event_days}, reverse=True)
    rows = [
        (
            day,
            len(lists.article_days.get(day, ())),
            len(lists.event_days.get(day, ())),
        )
        for day in days
    ]
    years = {
        year: list(group) for year, group in groupby(rows, key=lambda row: row[0][:4])
    }
    names = {
        year: layout.DAYS if number == 0 else f"days/{year}.html"
        for number, year in enumerate(years or {"": []})
    }
    for later, year, earlier in layout.neighbours(list(names)):
        context = {
            "heading": f"Days of {year}" if year else "Days",
            "days": years.get(year, []),
            "before": names.get(later, ""),
            "after": names.get(earlier, "") if earlier else "",
        }
        yield Page(
            names[year],
            (repr(context),),
            lambda file=names[year], context=context: lists.renderer.render(  # type: ignore[misc]
                "edition_days.html", file, **context
            ),
        )


def _month_name(month: str) -> str:
    """As in November 2026."""
    return phrasing.format_day(f"{month}-01").partition(" ")[2]
