"""The page of an article: how it begins, its history with differences, its outlet's URL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harvester.archive.queries.edition import Story, StoryVersion
from harvester.publish import layout, timeline
from harvester.publish.rendering import Renderer
from harvester.render import comparison, side_by_side
from harvester.render.comparison import Row
from harvester.render.side_by_side import Run

EXCERPT_CHARACTERS = 300
MAX_COMPARED = 20  # versions whose difference stands on the page, the newest
MAX_DIFFERENCE_CHARACTERS = 16_000  # of all differences of a page


@dataclass(frozen=True, slots=True)
class Step:
    """A version with its difference from the one before."""

    version: StoryVersion
    before: int | None  # the number of the one before; None: it is not compared
    title: Sequence[Run] = ()  # empty if the title is the same
    rows: Sequence[Row] = ()
    removed_words: int = 0
    added_words: int = 0
    moved: int = 0  # sentences
    is_cut: bool = False  # not all rows are there


def render_story(renderer: Renderer, story: Story) -> str:
    """The page of an article."""
    return renderer.render(
        "edition_article.html",
        layout.article_page(story.key),
        story=story,
        shown=story.current,
        excerpt_characters=EXCERPT_CHARACTERS,
        steps=list_steps(story),
        drawing=timeline.draw_timeline(story),
    )


def render_version(renderer: Renderer, story: Story, version: StoryVersion) -> str:
    """The page with the text of an earlier version."""
    return renderer.render(
        "edition_version.html",
        layout.version_page(story.key, version.number),
        story=story,
        shown=version,
    )


def list_steps(story: Story) -> list[Step]:
    """The history, newest first; differences as far as there is room."""
    by_number = {version.number: version for version in story.history}
    room = MAX_DIFFERENCE_CHARACTERS
    steps = []
    for version in reversed(story.history):
        before = by_number.get(version.number - 1)
        if before is None or before.text is None or version.text is None or room <= 0:
            steps.append(Step(version, None))
            continue
        step = _compare(before, version, room)
        room = 0 if step.is_cut else room - _count_characters(step.rows)
        steps.append(step)
    return steps


def _compare(before: StoryVersion, after: StoryVersion, room: int) -> Step:
    title = (
        side_by_side.compare_words(before.title, after.title)
        if before.title != after.title
        else []
    )
    rows = comparison.compare(before.text or "", after.text or "")
    removed, added = comparison.count_words([*rows, Row("~", runs=tuple(title))])
    folded = comparison.fold(rows)
    shown = _cut(folded, room)
    is_cut = len(shown) < len(folded)
    if is_cut:  # a link to the other place of a sentence may lead nowhere
        shown = [replace(row, moves=()) for row in shown]
    moved = comparison.count_moved(rows)
    return Step(after, before.number, title, shown, removed, added, moved, is_cut)


def _cut(rows: Sequence[Row], room: int) -> Sequence[Row]:
    """The first rows, as many as there is room for."""
    for index, row in enumerate(rows):
        room -= _count_characters([row])
        if room < 0:
            return rows[:index]
    return rows


def _count_characters(rows: Sequence[Row]) -> int:
    return sum(len(words) for row in rows for _, words in row.runs)
