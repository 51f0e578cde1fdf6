"""The time line of an article's page: its versions, and when it was online. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from harvester.archive.queries.edition import Story, StoryVersion
from harvester.browse import phrasing
from harvester.browse.article_timeline import read_time
from harvester.render.plots import version_line
from harvester.render.plots.svg import Plot
from harvester.render.plots.version_line import SIGNS, Life, Mark, MarkKind, Spell

_STATE_WORDS: dict[str, tuple[MarkKind, str]] = {
    "suspect": ("suspect", "Not found"),
    "removed": ("removed", "Removed"),
    "returned": ("returned", "Online again"),
}


def draw_timeline(story: Story) -> Plot | None:
    """The plot; None where nothing happened, or times cannot be read."""
    start = read_time(story.first_seen)
    if start is None or (story.versions == 1 and not story.states):
        return None
    marks = sorted(_list_marks(story, start), key=lambda mark: mark.at)
    end = max([read_time(story.last_seen) or start, *(mark.at for mark in marks)])
    spells = _list_spells(story, start, end)
    rows = [
        (phrasing.format_datetime(mark.at.isoformat()), mark.words) for mark in marks
    ]
    life = Life(marks, spells)
    return version_line.draw_version_line(
        "Time line", _describe(story, life), life, rows
    )


def _list_marks(story: Story, start: datetime) -> Iterator[Mark]:
    published = read_time(story.published)
    if published and published <= start:
        yield Mark(published, "published", "Published, as stated")
    for version in story.history:
        times = [since for since, _ in version.sightings] or [version.first_seen]
        for index, since in enumerate(times):
            at = read_time(since)
            if at is None:
                continue
            said = "again" if index else f": {_describe_version(version)}"
            yield Mark(
                at,
                "version",
                f"Version {version.number}{' ' if index else ''}{said}",
                version.number,
                f"#v{version.number}",
                shown=version.number == story.version and not index,
                silent=bool(version.silent) and not index,
            )
    for state_at, kind, note in story.states:
        at = read_time(state_at)
        if at is not None and kind in _STATE_WORDS:
            mark_kind, words = _STATE_WORDS[kind]
            words += f" ({phrasing.excerpt(note, 80)})" if note else ""
            yield Mark(at, mark_kind, words)


def _describe_version(version: StoryVersion) -> str:
    label = phrasing.CHANGE_CLASS_LABELS.get(
        version.change_class,
        phrasing.EVENT_LABELS.get(version.change, version.change),
    )
    return f"{label}, unacknowledged" if version.silent else label


def _list_spells(story: Story, start: datetime, end: datetime) -> list[Spell]:
    """When the article was online, and when it was gone."""
    spells: list[Spell] = []
    online = True
    for state_at, kind, _ in story.states:
        at = read_time(state_at)
        is_online = {"removed": False, "returned": True}.get(kind)
        if at is None or is_online in (None, online) or at < start:
            continue
        spells.append(Spell(start, at, online))
        start, online = at, not online
    return [*spells, Spell(start, max(start, end), online)]


def _describe(story: Story, life: Life) -> str:
    """The plot in a sentence, and what its signs mean."""
    first, last = map(phrasing.format_datetime, (story.first_seen, story.last_seen))
    kinds = {mark.kind for mark in life.marks}
    signs = ["Circle: version"]
    if any(mark.silent for mark in life.marks):
        signs[0] += " (dashed: unacknowledged)"
    names: tuple[tuple[MarkKind, str], ...] = (
        ("published", "published"),
        ("suspect", "not found"),
        ("removed", "removed"),
        ("returned", "online again"),
    )
    signs += [f"{SIGNS[kind]}: {name}" for kind, name in names if kind in kinds]
    count = phrasing.pluralize(story.versions, "version")
    return f"{count} between {first} and {last}. {'; '.join(signs)}."
