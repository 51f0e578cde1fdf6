"""The feeds of an edition, each as Atom and JSON Feed; and the sitemap."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from xml.sax.saxutils import escape

from harvester.archive.queries.changes import Change, load_changes
from harvester.archive.queries.edition import Card
from harvester.browse import phrasing
from harvester.identity.urls import mask_secrets
from harvester.publish import layout
from harvester.publish.lists import Lists, Page
from harvester.render import feed_entries, feeds, page
from harvester.render.feeds import FeedEntry

MAX_ENTRIES, MAX_OUTLET_ENTRIES = 100, 40
MAX_SITEMAP_URLS = 10_000
SITEMAP = "sitemap.xml"
_RENDERERS = ((".atom", feeds.render_atom), (".json", feeds.render_json))
_SITEMAP_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def list_feeds(lists: Lists) -> Iterator[Page]:
    """All feeds: changes, removals, articles, and the changes of each outlet."""
    events = lists.events[:MAX_ENTRIES]
    yield from _event_feed(lists, "changes", "What changed", layout.CHANGES, events)
    removals = lists.removals[:MAX_ENTRIES]
    yield from _event_feed(
        lists, "removals", "Removed articles", layout.REMOVALS, removals
    )
    articles = lists.articles[:MAX_ENTRIES]
    yield from _feed(
        lists,
        "articles",
        "Articles",
        layout.INDEX,
        lists.sign_cards(articles),
        lambda: [_card_entry(lists, card) for card in lists.load_cards(articles)],
    )
    for number, key in enumerate(lists.survey.outlets):
        base = layout.outlet_base(key)
        own = lists.outlet_events.get(number, [])
        title = f"Changes of {lists.infos[key].name or key}"
        yield from _event_feed(
            lists, base, title, f"{base}.html", own[:MAX_OUTLET_ENTRIES]
        )


def _event_feed(
    lists: Lists, base: str, title: str, home: str, indexes: Sequence[int]
) -> Iterator[Page]:
    def load() -> list[FeedEntry]:
        ids = [lists.survey.event_ids[index] for index in indexes]
        changes = load_changes(lists.connection, ids)
        return [_change_entry(lists, change) for change in changes]

    yield from _feed(lists, base, title, home, lists.sign_events(indexes), load)


def _feed(
    lists: Lists,
    base: str,
    title: str,
    home: str,
    parts: tuple[object, ...],
    load: Callable[[], list[FeedEntry]],
) -> Iterator[Page]:
    choices = lists.renderer.choices
    for ending, render_feed in _RENDERERS:
        file = f"{base}{ending}"

        def render(
            file: str = file, make: Callable[[feeds.Feed], str] = render_feed
        ) -> str:
            feed = feeds.Feed(
                key=f"edition {choices.url or choices.title} {base}",
                title=f"{title} · {choices.title}",
                updated=lists.renderer.now,
                entries=load(),
                self_url=choices.url and f"{choices.url}{file}",
                home_url=choices.url and f"{choices.url}{home}",
            )
            return make(feed)

        yield Page(file, (title, *parts), render)


def _change_entry(lists: Lists, change: Change) -> FeedEntry:
    """A change; it leads to the edition's page where its address is known."""
    entry = feed_entries.make_change_entry(change, mask_secrets)
    url = lists.renderer.choices.url
    if not url or not change.article:
        return entry
    anchor = f"#v{change.after}" if change.after else ""
    return replace(
        entry, archive_url=f"{url}{layout.article_page(change.article)}{anchor}"
    )


def _card_entry(lists: Lists, card: Card) -> FeedEntry:
    url = lists.renderer.choices.url
    opening = phrasing.excerpt(card.opening)
    return FeedEntry(
        key=f"article {card.key}",
        title=card.title or "(no title)",
        updated=card.shown_at,
        published=card.shown_at,
        outlet=card.outlet_name,
        url=mask_secrets(card.url),
        archive_url=url and f"{url}{layout.article_page(card.key)}",
        summary=opening,
        content=f'<p dir="auto">{page.escaped(opening)}</p>',
        language=card.language,
    )


def list_sitemaps(lists: Lists) -> Iterator[Page]:
    """A sitemap of all articles, in parts; none where the address is not known."""
    choices, survey = lists.renderer.choices, lists.survey
    if not (choices.is_indexed and choices.url):
        return
    indexes = range(len(survey.article_ids))  # new articles come at the end
    parts = list(layout.paged("sitemaps/articles", indexes, MAX_SITEMAP_URLS))
    names = [f"{name.removesuffix('.html')}.xml" for name, _ in parts]
    for name, (_, shown) in zip(names, parts, strict=True):
        keys = tuple(survey.article_keys[index] for index in shown)
        yield Page(
            name,
            keys,
            lambda shown=shown: _render_urls(  # type: ignore[misc]
                "urlset",
                "url",
                [choices.url + layout.article_page(survey.key_of(i)) for i in shown],
            ),
        )
    yield Page(
        SITEMAP,
        tuple(names),
        lambda: _render_urls(
            "sitemapindex", "sitemap", [choices.url + name for name in names]
        ),
    )


def _render_urls(root: str, element: str, urls: Sequence[str]) -> str:
    lines = "".join(
        f"<{element}><loc>{escape(url)}</loc></{element}>\n" for url in urls
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<{root} '
        f'xmlns="{_SITEMAP_NAMESPACE}">\n{lines}</{root}>\n'
    )
