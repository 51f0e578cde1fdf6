"""The page of an article: what of its history stands on it, and that it stays small."""

from __future__ import annotations

import random
from dataclasses import replace

from harvester.archive.queries.edition import Story, StoryVersion
from harvester.publish.rendering import Choices, Renderer
from harvester.publish.story_page import MAX_COMPARED, list_steps, render_story
from harvester.publish.timeline import draw_timeline

RENDERER = Renderer(Choices(), "2026-12-01T12:00:00Z")
WORDS = (
    "harbour ferry council winter bridge market orchard school railway night".split()
)


def make_version(number: int, text: str | None, title: str = "Ferry") -> StoryVersion:
    at = f"2026-11-{number % 28 + 1:02}T08:00:00Z"
    return StoryVersion(
        number=number,
        title=title,
        sha256=f"{number:064x}",
        words=3,
        first_seen=at,
        last_seen=at,
        change="edited" if number > 1 else "first",
        change_class="correction" if number > 1 else "",
        silent=number > 1,
        acknowledged=False,
        sightings=((at, at),),
        text=text,
    )


def make_story(*versions: StoryVersion, **values: object) -> Story:
    story = Story(
        key="00ff00ff00ff00ff",
        url="https://courier.example/ferry",
        outlet="courier",
        outlet_name="The Courier",
        state="live",
        version=versions[-1].number,
        versions=len(versions),
        first_seen="2026-11-02T08:00:00Z",
        last_seen="2026-11-20T08:00:00Z",
        authors=(),
        published=None,
        published_local=None,
        language="en",
        sections=(),
        history=versions,
        states=(),
    )
    return replace(story, **values)  # type: ignore[arg-type]


def invent(count: int, seed: int) -> str:
    chance = random.Random(seed)
    return " ".join(chance.choice(WORDS) for _ in range(count))


def test_words_and_moved_sentences_are_told_apart() -> None:
    first = "The ferry stops at noon today.\nThe council met in the school hall.\nNobody spoke."
    second = "The council met in the school hall.\nNobody spoke.\nThe ferry stops at noon today."
    (step, _) = list_steps(make_story(make_version(1, first), make_version(2, second)))
    assert (step.removed_words, step.added_words, step.moved) == (0, 0, 1)
    page = render_story(
        RENDERER, make_story(make_version(1, first), make_version(2, second))
    )
    assert "1 sentence</mark> moved" in page
    third = make_version(3, second.replace("noon", "midnight"), title="Ferry stops")
    step = list_steps(make_story(make_version(2, second), third))[0]
    assert (step.removed_words, step.added_words) == (1, 2)
    assert step.before == 2


def test_a_page_stays_small_whatever_an_outlet_writes() -> None:
    one_line = [make_version(n, invent(60_000, n)) for n in (1, 2)]
    page = render_story(RENDERER, make_story(*one_line))
    assert len(page) < 30_000
    assert "longer than this page holds" in page
    many = [make_version(n, "\n".join([invent(40, n)] * 40)) for n in range(1, 41)]
    page = render_story(RENDERER, make_story(*many))
    assert "Its difference is not shown" in page
    assert len(page.encode()) < 80_000
    steps = list_steps(make_story(*many))
    assert 0 < sum(step.before is not None for step in steps) <= MAX_COMPARED


def test_versions_whose_text_was_not_loaded_are_not_compared() -> None:
    story = make_story(make_version(1, None), make_version(2, "now"))
    assert [step.before for step in list_steps(story)] == [None, None]


def test_a_time_line_is_of_what_happened() -> None:
    quiet = make_story(make_version(1, "text"))
    assert draw_timeline(quiet) is None
    states = (
        ("2026-11-05T08:00:00Z", "suspect", "404"),
        ("2026-11-06T08:00:00Z", "removed", "404 <b>"),
        ("2026-11-09T08:00:00Z", "returned", ""),
    )
    drawn = draw_timeline(replace(quiet, states=states))
    assert drawn is not None
    assert [words for _, words in drawn.rows] == [
        "Version 1: first seen",
        "Not found (404)",
        "Removed (404 <b>)",
        "Online again",
    ]
    assert "<b>" not in drawn.svg
    drawn = draw_timeline(make_story(make_version(1, "a"), make_version(2, "b")))
    assert drawn is not None
    assert "Version 2: a correction, unacknowledged" in dict(map(reversed, drawn.rows))  # type: ignore[arg-type]
    damaged = make_story(make_version(1, "a"), make_version(2, "b"), first_seen="once")
    assert draw_timeline(damaged) is None
