"""The time line of an article's page: what is drawn of its life, and said of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from harvester.archive.queries.full_article import FullArticle, NearDuplicate
from harvester.browse import phrasing
from harvester.render.difference import ACKNOWLEDGEMENTS
from harvester.render.plots import version_line
from harvester.render.plots.svg import Plot
from harvester.render.plots.version_line import Copy, Life, Mark, MarkKind, Spell

_CLASS_LABELS = {**phrasing.CHANGE_CLASS_LABELS, "post": "new posts of a live blog"}
_STATE_WORDS: dict[str, tuple[MarkKind, str]] = {
    "suspect": ("suspect", "Not found"),
    "removed": ("removed", "Removed"),
    "returned": ("returned", "Online again"),
}


def draw_timeline(article: FullArticle, base: str, shown: int | None) -> Plot | None:
    """The plot of an article's life; None if its times cannot be read.

    ``base``: the path of our pages. ``shown``: the number of the version shown.
    """
    first_seen = read_time(article.row["first_seen"])
    if first_seen is None:
        return None
    marks = sorted(_list_marks(article, base, shown), key=lambda mark: mark.at)
    last_times = [read_time(article.row[name]) for name in ("last_seen", "looked")] + [
        mark.at for mark in marks
    ]
    end = max(filter(None, last_times), default=first_seen)
    checks = sorted(filter(None, map(read_time, article.check_times)))
    life = Life(
        marks,
        _list_spells(article, first_seen, end),
        [check for check in checks if first_seen <= check <= end],
        _list_copies(article, base),
    )
    words = describe_life(article, life)
    return version_line.draw_version_line("Time line", words, life, _list_rows(life))


def _list_marks(article: FullArticle, base: str, shown: int | None) -> Iterable[Mark]:
    here = f"{base}/-/article/{article.row['key']}"
    first_seen = read_time(article.row["first_seen"])
    published = read_time(article.shown["published"])
    if published and first_seen and published <= first_seen:
        yield Mark(published, "published", "Published, as stated")
    for version in article.history:
        number = version["version"]
        href = here if version["latest"] else f"{here}?version={number}"
        starts = [sighting["from"] for sighting in version["sightings"]]
        for index, start in enumerate(starts or [version["first_seen"]]):
            at = read_time(start)
            if at is None:
                continue
            words = f"Version {number}"
            words += " again" if index else f": {describe_version(version)}"
            silent = not index and version["silent"] == 1
            is_shown = number == shown and not index
            yield Mark(at, "version", words, number, href, is_shown, silent)
    for state in article.states:
        at = read_time(state["at"])
        if at is not None and state["kind"] in _STATE_WORDS:
            kind, words = _STATE_WORDS[state["kind"]]
            if state["note"]:
                words += f" ({phrasing.excerpt(state['note'], 80)})"
            yield Mark(at, kind, words)


def describe_version(version: Mapping[str, Any]) -> str:
    """What made a version: "a correction, acknowledged by a correction note"."""
    kind = str(version["class"])
    words = phrasing.EVENT_LABELS.get(kind, kind)
    if version["judged"] and version["judged"] != kind:
        label = _CLASS_LABELS.get(version["judged"], version["judged"])
        words = f"{words}, {label}" if kind == "back" else str(label)
    if version["silent"] == 1:
        words += ", unacknowledged"
    elif version["admitted"] and version["judged"] != "post":
        words += f", {ACKNOWLEDGEMENTS.get(version['admitted'], 'acknowledged')}"
    return words


def _list_spells(article: FullArticle, start: datetime, end: datetime) -> list[Spell]:
    """When the article was online and when it was gone."""
    spells: list[Spell] = []
    online = True
    for state in article.states:
        at = read_time(state["at"])
        is_online = {"removed": False, "returned": True}.get(state["kind"])
        if at is None or is_online is None or is_online == online or at < start:
            continue
        spells.append(Spell(start, at, online))
        start, online = at, is_online
    return [*spells, Spell(start, max(end, start), online)]


def _list_copies(article: FullArticle, base: str) -> list[Copy]:
    copies = []
    for other in article.duplicates:
        at = read_time(other.first_seen)
        if at is None:
            continue
        words = f"{other.outlet_name}, {describe_lag(article, other)}"
        if other.share is not None:
            words += f", with {other.share:.0%} of this article"
        link = compare_path(article, other.key) or f"/-/article/{other.key}"
        is_first = other.key == article.cluster
        words += ", the first of them" if is_first else ""
        copies.append(Copy(at, words, f"{base}{link}", is_first))
    return copies[: version_line.MAX_COPIES]


def compare_path(article: FullArticle, other: str) -> str:
    """The path of what a copy changed against the first article; "" if not compared."""
    first = article.cluster
    if not first:
        return ""
    chosen = article.row["key"] if other == first else other
    return f"/-/copies/{first}?with={chosen}#changed"


def describe_lag(article: FullArticle, other: NearDuplicate) -> str:
    """When a copy was first seen, against this article: "3 hours later"."""
    mine, its = read_time(article.row["first_seen"]), read_time(other.first_seen)
    if mine is None or its is None or mine == its:
        return "at the same time"
    length = version_line.format_length(abs(its - mine))
    if length == "0 hours":
        length = phrasing.pluralize(
            round(abs(its - mine).total_seconds() / 60), "minute"
        )
    return f"{length} {'later' if its > mine else 'earlier'}"


def describe_life(article: FullArticle, life: Life) -> str:
    """The plot in a sentence, and what its signs mean."""
    row = article.row
    first, last = map(phrasing.format_datetime, (row["first_seen"], row["last_seen"]))
    seen = f"seen {first}" if first == last else f"between {first} and {last}"
    parts = [f"{phrasing.pluralize(row['versions'], 'version')} {seen}"]
    silent = sum(mark.silent for mark in life.marks)
    if silent:
        parts.append(f"{phrasing.pluralize(silent, 'unacknowledged edit')}")
    if life.checks:
        parts.append(phrasing.pluralize(len(life.checks), "check"))
    if life.copies:
        copies = phrasing.pluralize(len(life.copies), "copy", "copies")
        is_first = article.cluster == row["key"]
        parts.append(f"{copies}{' after this article' if is_first else ''}")
    return f"{', '.join(parts)}. {_describe_signs(life)}"


def _describe_signs(life: Life) -> str:
    kinds = {mark.kind for mark in life.marks}
    signs = [
        "circle: version"
        + (
            " (dashed: unacknowledged)"
            if any(mark.silent for mark in life.marks)
            else ""
        )
    ]
    names: tuple[tuple[MarkKind, str], ...] = (
        ("published", "published"),
        ("suspect", "not found"),
        ("removed", "removed"),
        ("returned", "online again"),
    )
    signs += [
        f"{version_line.SIGNS[kind]}: {name}" for kind, name in names if kind in kinds
    ]
    if life.copies:
        has_first = any(copy.first for copy in life.copies)
        signs.append(f"diamond: copy{' (filled: the first)' if has_first else ''}")
    if life.checks:
        signs.append("short line: check")
    legend = "; ".join(signs)
    return f"{legend[0].upper()}{legend[1:]}."


def _list_rows(life: Life) -> list[tuple[str, str]]:
    """Times and what happened, oldest first."""
    rows = [(mark.at, mark.words) for mark in life.marks]
    rows += [(copy.at, f"Copy: {copy.words}") for copy in life.copies]
    if life.spells[-1].online:
        rows.append((life.spells[-1].end, "Last seen online"))
    return [
        (phrasing.format_datetime(at.isoformat()), words)
        for at, words in sorted(rows, key=lambda row: row[0])
    ]


def read_time(at: str | None) -> datetime | None:
    """A time of the archive; None for what is none, as another program may write it."""
    try:
        time = datetime.fromisoformat(at or "")
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None
