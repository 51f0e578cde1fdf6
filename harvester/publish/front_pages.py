"""The first page, and those of outlets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from harvester.publish import layout
from harvester.publish.lists import EDITS, REMOVED, Lists, Page
from harvester.publish.survey import group_by_day, to_day
from harvester.render.plots import bars
from harvester.render.plots.svg import Plot

LATEST, LATEST_EVENTS, LATEST_REMOVALS = 18, 6, 6  # on the first page
OUTLET_CARDS, OUTLET_EVENTS = 24, 12
DRAWN_DAYS = 30


@dataclass(frozen=True, slots=True)
class OutletRow:
    """An outlet with its numbers in the edition."""

    key: str
    name: str
    articles: int
    changes: int
    removals: int
    newest: str


def list_front_pages(lists: Lists) -> Iterator[Page]:
    """All of them."""
    yield _index(lists)
    yield from _outlet_pages(lists)


def _index(lists: Lists) -> Page:
    survey = lists.survey
    kinds = survey.event_kinds
    edits = [index for index in lists.events if kinds[index] in EDITS]
    latest, shown_edits, shown_removals = (
        lists.articles[:LATEST],
        edits[:LATEST_EVENTS],
        lists.removals[:LATEST_REMOVALS],
    )
    totals = [
        (len(survey.article_ids), "article"),
        (sum(survey.article_versions), "version"),
        (len(edits), "edit"),
        (sum(kinds[i] == REMOVED for i in lists.removals), "removal"),
        (len(survey.outlets), "outlet"),
    ]
    days = _count_days(lists, lists.article_days)
    parts = (
        lists.sign_cards(latest),
        lists.sign_events(shown_edits + shown_removals),
        totals,
        days,
    )
    return Page(
        layout.INDEX,
        parts,
        lambda: lists.renderer.render(
            "edition_index.html",
            layout.INDEX,
            ("changes", "removals", "articles"),
            totals=totals,
            latest=lists.load_cards(latest),
            edits=lists.load_events(shown_edits),
            removals=lists.load_events(shown_removals),
            drawing=_draw_days(layout.INDEX, days),
        ),
    )


def _count_days(
    lists: Lists, days: Mapping[str, Sequence[int]]
) -> list[tuple[str, int]]:
    """The last days of the edition, each with its number of articles."""
    if not lists.article_days:
        return []
    last = date.fromisoformat(next(iter(lists.article_days)))
    shown = [
        (last - timedelta(days=count)).isoformat()
        for count in range(min(DRAWN_DAYS, last.toordinal()) - 1, -1, -1)
    ]
    return [(day, len(days.get(day, ()))) for day in shown]


def _outlet_pages(lists: Lists) -> Iterator[Page]:
    rows = _count_outlets(lists)
    ordered = sorted(rows, key=lambda row: row.name.casefold())
    yield Page(
        layout.OUTLETS,
        (repr(ordered),),
        lambda: lists.renderer.render(
            "edition_outlets.html", layout.OUTLETS, outlets=ordered
        ),
    )
    for number, row in enumerate(rows):
        changes = lists.outlet_events.get(number, [])
        yield _outlet_page(lists, row, lists.outlet_articles[number], changes)


def _count_outlets(lists: Lists) -> list[OutletRow]:
    survey = lists.survey
    articles = Counter(survey.article_outlets)
    changes = Counter(survey.event_outlets)
    removals = Counter(
        survey.event_outlets[index]
        for index in lists.removals
        if survey.event_kinds[index] == REMOVED
    )
    newest: dict[int, int] = {}
    for index in lists.articles:
        newest.setdefault(survey.article_outlets[index], index)
    return [
        OutletRow(
            key,
            lists.infos[key].name or key,
            articles[number],
            changes[number],
            removals[number],
            to_day(survey.article_times[newest[number]]),
        )
        for number, key in enumerate(survey.outlets)
    ]


def _outlet_page(
    lists: Lists, row: OutletRow, articles: Sequence[int], events: Sequence[int]
) -> Page:
    base = layout.outlet_base(row.key)
    file = f"{base}.html"
    latest, changes = articles[:OUTLET_CARDS], events[:OUTLET_EVENTS]
    home = lists.infos[row.key].home
    days = _count_days(lists, dict(group_by_day(articles, lists.survey.article_times)))
    return Page(
        file,
        (lists.sign_cards(latest), lists.sign_events(changes), repr(row), home, days),
        lambda: lists.renderer.render(
            "edition_outlet.html",
            file,
            (base,),
            outlet=row,
            home=home,
            drawing=_draw_days(file, days),
            latest=lists.load_cards(latest),
            changes=lists.load_events(changes),
        ),
    )


def _draw_days(file: str, days: Sequence[tuple[str, int]]) -> Plot | None:
    """Articles a day, each bar a link to its day."""
    if not any(count for _, count in days):
        return None
    links = layout.Links(file)
    return bars.draw_bars(
        "Articles a day",
        f"Articles of the edition on each of its last {len(days)} days, by the day on "
        "which they were published.",
        [
            bars.Bar(day, count, href=links.to(f"days/{day}.html") if count else "")
            for day, count in days
        ],
        names=("Articles", ""),
        shorten=lambda day: f"{int(day[8:])}.{int(day[5:7])}.",
    )
