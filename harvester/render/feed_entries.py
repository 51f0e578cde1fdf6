"""Changes and search results as entries of feeds, with the difference inside. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from harvester.archive.queries.changes import Change, ChangeFilter
from harvester.archive.queries.health_events import LABELS, THIS_MACHINE, HealthEvent
from harvester.archive.queries.search import HIGHLIGHT_END, HIGHLIGHT_START, Hit
from harvester.render import page
from harvester.render.difference import (
    Block,
    describe_change,
    list_field_blocks,
    list_sentence_blocks,
)
from harvester.render.feeds import FeedEntry

Mask = Callable[[str], str]  # hides secrets in a URL

KIND_LABELS = {
    "suspect": "Not found",
    "removed": "Removed",
    "returned": "Returned",
    "paywalled": "Put behind a paywall",
    "edited": "Edited",
    "headline": "New headline",
    "back": "An earlier version came back",
    "announced": "Changed in its feed",
}
FEED_TITLES = {
    "": "What changed",
    "suspect": "Articles that were not found",
    "removed": "Removed articles",
    "returned": "Articles that came back",
    "paywalled": "Articles put behind a paywall",
    "announced": "Headlines and teasers that feeds changed",
    "edited": "Edited articles",
    "headline": "Changed headlines",
    "back": "Earlier versions that came back",
}
_ANNOUNCED_LABELS = {"title": "headline", "summary": "teaser"}
MAX_BLOCKS = 60  # of one change; a feed is a message, the archive has the rest
MAX_SUMMARY_CHARS = 400


def make_change_entry(change: Change, mask: Mask, archive_url: str = "") -> FeedEntry:
    """A change as an entry.

    ``archive_url``: of the archive in a browser; "": not known.
    """
    label = KIND_LABELS.get(_label_kind(change), change.kind.capitalize())
    url = mask(change.url)
    page_url = _article_page(archive_url, change)
    notes = _list_notes(change)
    blocks = _list_blocks(change)
    words = (
        _list_announced(change)
        if change.kind == "announced"
        else list(map(_plain, blocks))
    )
    return FeedEntry(
        key=_change_key(change),
        title=f"{label}: {change.title or change.before_title or '(no title)'}",
        updated=change.at,
        published=change.at,
        outlet=change.outlet_name or change.outlet,
        url=url,
        archive_url=page_url,
        summary=_shorten("; ".join([*notes, *words]) or label),
        content=_render_content(notes, blocks, url, page_url),
        language=change.language,
    )


def _label_kind(change: Change) -> str:
    return "back" if change.back else change.kind


def _change_key(change: Change) -> str:
    """What the change is called in all feeds.

    An edit by its two wordings, so that it keeps its name where archives that saw it at
    different times are merged; a return by its time as well, since it may come again.
    """
    name = change.article or change.url
    if change.before_sha256 and not change.back:
        return f"{name} {change.before_sha256} {change.after_sha256}"
    return f"{name} {change.kind} {change.at}"


def _list_notes(change: Change) -> list[str]:
    """What there is to say in words."""
    notes = [change.note] if change.note else []
    if change.change_class:
        notes.append(
            describe_change(
                change.change_class, change.size, change.acknowledgement, change.back
            )
        )
    if change.last_stood:
        notes.append(f"last seen online {change.last_stood}")
    if change.evidence:
        notes.append(f"seen: {change.evidence}")
    return notes


def _list_blocks(change: Change) -> list[Block]:
    fields = dict(change.fields or {})
    if change.kind == "announced":
        fields = {_ANNOUNCED_LABELS.get(name, name): fields[name] for name in fields}
    blocks = list_field_blocks(fields)
    blocks += list_sentence_blocks(
        *(
            change.list_sentences(name)
            for name in ("changed", "removed", "added", "moved")
        )
    )
    if len(blocks) <= MAX_BLOCKS:
        return blocks
    rest = f"… and {len(blocks) - MAX_BLOCKS} more"
    return [*blocks[:MAX_BLOCKS], Block("=", (("=", rest),))]


def _list_announced(change: Change) -> list[str]:
    """What a feed said before, and says now."""
    return [
        f"{_ANNOUNCED_LABELS.get(name, name)} {when}: {words or '(none)'}"
        for name, pair in (change.fields or {}).items()
        for when, words in zip(("before", "now"), pair, strict=True)
    ]


def _plain(block: Block) -> str:
    """A block without markup: removed words in [-…-], added ones in {+…+}."""
    marks = {"-": "[-{}-]", "+": "{{+{}+}}", "=": "{}"}
    words = "".join(marks[sign].format(text) for sign, text in block.runs)
    return f"{block.label}: {words}" if block.label else words


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    if len(text) <= MAX_SUMMARY_CHARS:
        return text
    return f"{text[: MAX_SUMMARY_CHARS - 1].rpartition(' ')[0]}…"


def _render_content(
    notes: Iterable[str], blocks: Iterable[Block], url: str, archive_url: str
) -> str:
    parts = [f"<p>{page.escaped(note)}</p>" for note in notes]
    parts += map(page.render_block, blocks)
    links = []
    if page.safe_url(url):
        links.append(page.render_link(url, "the outlet's page"))
    if archive_url:
        links.append(page.render_link(archive_url, "in the archive"))
    if links:
        parts.append(f"<p>{' · '.join(links)}</p>")
    return "\n".join(parts)


def _article_page(archive_url: str, change: Change) -> str:
    """The page of the archive that compares the two versions."""
    if not archive_url or not change.article:
        return ""
    query = ""
    if change.before and change.after and change.before != change.after:
        query = f"?from={change.before}&to={change.after}"
    elif change.kind == "announced":
        query = "#announced"
    return f"{archive_url.rstrip('/')}/-/article/{change.article}{query}"


def make_hit_entry(hit: Hit, mask: Mask, archive_url: str = "") -> FeedEntry:
    """A search result as an entry: one of its article, which a later version updates."""
    url = mask(hit.url)
    page_url = ""
    if archive_url and hit.article:
        query = "" if hit.latest or not hit.version else f"?version={hit.version}"
        page_url = f"{archive_url.rstrip('/')}/-/article/{hit.article}{query}"
    notes = [", ".join(hit.authors)] if hit.authors else []
    if hit.announced:
        notes.append("announced in a feed; no version of the article has the words")
    elif not hit.latest:
        notes.append(f"version {hit.version}, an earlier one")
    snippet = f'<p dir="auto">{_mark_snippet(hit.highlighted)}</p>'
    content = _render_content(notes, (), url, page_url)
    return FeedEntry(
        key=f"article {hit.article}" if hit.article else f"announced {hit.url}",
        title=hit.title or "(no title)",
        updated=hit.first_seen,
        published=hit.published or hit.first_seen,
        outlet=hit.outlet,
        url=url,
        archive_url=page_url,
        summary=hit.snippet,
        content=f"{snippet}\n{content}",
        language=hit.language,
    )


def make_health_entry(event: HealthEvent, mask: Mask) -> FeedEntry:
    """An event of a feed or outlet as an entry.

    Its id is made of what it tells, so it is the same in every copy of the archive.
    """
    outlet = event.outlet_name or event.outlet or THIS_MACHINE
    feed = event.feed or ""
    notes = [mask(event.note), mask(feed)]
    if event.since:
        notes.append(f"since {event.since}")
    notes = list(filter(None, notes))
    return FeedEntry(
        key=" ".join(("health", event.kind, event.outlet, feed, event.at)),
        title=f"{LABELS.get(event.kind, event.kind)}: {outlet}",
        updated=event.at,
        published=event.at,
        outlet=outlet,
        url=mask(feed),
        archive_url="",
        summary="; ".join(notes),
        content=_render_content(notes, (), "", ""),
    )


def _mark_snippet(highlighted: str) -> str:
    """A snippet with matches in <strong>, well-formed whatever the text contains.

    Not in <mark>: feedparser's sanitiser takes that out.
    """
    first, *rest = highlighted.split(HIGHLIGHT_START)
    html = page.escaped(first)
    for part in rest:
        match, _, after = part.partition(HIGHLIGHT_END)
        html += f"<strong>{page.escaped(match)}</strong>{page.escaped(after)}"
    return html


def title_changes(chosen: ChangeFilter, query: str = "") -> str:
    """The title of a feed of changes: which changes, and of what; ``query`` as typed."""
    kind = chosen.kinds[0] if len(chosen.kinds) == 1 else ""
    parts = [FEED_TITLES.get(kind, FEED_TITLES[""])]
    if chosen.silent is not None:
        parts.append("unacknowledged" if chosen.silent else "acknowledged")
    return " · ".join(
        [*parts, *chosen.classes, *chosen.outlets, *filter(None, [query])]
    )


def key_changes(chosen: ChangeFilter, query: str = "") -> str:
    """What makes the id of a feed of changes: the filter, its query as typed, no times."""
    timeless = replace(chosen, query=None, since="", until="", after=None)
    if timeless == ChangeFilter(kinds=chosen.kinds) and not query:
        return " ".join(chosen.kinds or [""])
    groups = (chosen.kinds, chosen.outlets, chosen.classes)
    lists = "|".join(" ".join(group) for group in groups)
    return f"{lists}|{chosen.silent}|{query}"


def title_search(query: str, outlets: Sequence[str] = ()) -> str:
    """The title of a feed of search results; ``query`` as typed."""
    return " · ".join([f"Articles: {query}", *outlets])
