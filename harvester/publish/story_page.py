"""The page of an article: how it begins, its history with differences, its outlet's URL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.archive.queries.edition import Story, StoryVersion
from harvester.publish import layout, timeline
from harvester.publish.rendering import Renderer
from harvester.render import side_by_side
from harvester.render.side_by_side import Line, Run

EXCERPT_CHARACTERS = 300
MAX_COMPARED = 20  # versions whose difference stands on the page, the newest
MAX_DIFFERENCE_CHARACTERS = 30_000  # of all differences of a page


@dataclass(frozen=True, slots=True)
class Step:
    """A version with its difference from the one before."""

    version: StoryVersion
    before: int | None  # the number of the one before; None: it is not compared
    title: Sequence[Run] = ()  # empty if the title is the same
    lines: Sequence[Line] = ()
    removed_words: int = 0
    added_words: int = 0
    is_cut: bool = False  # not all lines are there


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
        room -= _count_characters(step.lines)
        steps.append(step)
    return steps


def _compare(before: StoryVersion, after: StoryVersion, room: int) -> Step:
    title = (
        side_by_side.compare_words(before.title, after.title)
        if before.title != after.title
        else []
    )
    lines = side_by_side.compare_texts(before.text or "", after.text or "")
    removed, added = side_by_side.count_changed_words([*lines, Line("~", tuple(title))])
    folded = side_by_side.fold_unchanged(lines)
    shown = _cut(folded, room)
    return Step(
        after,
        before.number,
        title,
        shown,
        removed,
        added,
        is_cut=len(shown) < len(folded),
    )


def _cut(lines: Sequence[Line], room: int) -> Sequence[Line]:
    """The first lines, as many as there is room for."""
    for index, line in enumerate(lines):
        room -= _count_characters([line])
        if room < 0:
            return lines[:index]
    return lines


def _count_characters(lines: Sequence[Line]) -> int:
    return sum(len(words) for line in lines for _, words in line.runs)
