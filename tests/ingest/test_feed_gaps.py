"""Gaps between polls of a feed, against a simulated outlet that knows what was missed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from random import Random

import pytest

from harvester.ingest.feed_gaps import ListedEntry, has_gap


@dataclass(eq=False)
class Story:
    number: int
    published: float
    touched: float
    wording: int = 0
    gone: bool = False


@dataclass
class World:
    """An outlet that publishes, edits and withdraws; ``bumps``: edited articles move to the head of its feed."""

    random: Random
    most: int
    bumps: bool = False
    pinned: int = 0
    oldest_first: bool = False
    dated: bool = True
    stories: list[Story] = field(default_factory=list)
    # Those that are online, in the order of the feed, its head last.
    online: dict[int, Story] = field(default_factory=dict)
    now: float = 0.0

    def window(self) -> list[Story]:
        pins = list(islice(self._oldest_online(), self.pinned))
        newest = (one for one in reversed(self.online.values()) if one not in pins)
        listed = [*pins, *islice(newest, self.most - len(pins))]
        return listed[::-1] if self.oldest_first else listed

    def _oldest_online(self) -> Iterator[Story]:
        return (one for one in self.stories if not one.gone)

    def until(self, end: float) -> set[int]:
        """What its feed listed at any time up to then."""
        listed: set[int] = set()
        while (at := self.now + self.random.expovariate(1.5)) < end:
            self.now = at
            what = self.random.random()
            if what < 0.6 or not self.stories:
                story = Story(len(self.stories), at, at)
                self.stories.append(story)
                self.online[story.number] = story
            else:
                one = self.stories[
                    -1 - min(int(self.random.expovariate(0.25)), len(self.stories) - 1)
                ]
                one.touched, one.wording, one.gone = (
                    at,
                    one.wording + (what < 0.9),
                    one.gone or what > 0.98,
                )
                if one.gone:
                    self.online.pop(one.number, None)
                elif self.bumps:
                    self.online[one.number] = self.online.pop(one.number)
            listed |= {one.number for one in self.window()}
        self.now = end
        return listed


def polled(world: World, times: int = 300) -> tuple[int, int, int, int]:
    """Gaps reported, gaps missed, false reports where polls overlap by half, such polls."""
    known: dict[int, int] = {}
    then: list[int] = []
    said = unsaid = false = true = 0
    newest = None
    for _ in range(times):
        pause = (
            world.random.expovariate(0.5)
            if world.random.random() < 0.8
            else world.random.uniform(5.0, 40.0)
        )
        listed, window = world.until(world.now + pause), world.window()
        before = {number: place for place, number in enumerate(then)}
        places = [
            ListedEntry(
                f"{one.published:012.6f}" if world.dated else None,
                one.number not in known,
                before.get(one.number),
                one.number in known and known[one.number] != one.wording,
            )
            for one in window
        ]
        lost = {
            n
            for n in listed
            if n not in known
            and world.stories[n] not in window
            and not world.stories[n].gone
        }
        if then:
            found = has_gap(places, newest if world.dated else None)
            still = [
                one
                for one in places
                if one.previous_position is not None and not one.is_changed
            ]
            said, unsaid = (
                said + (found and bool(lost)),
                unsaid + (not found and bool(lost)),
            )
            if not lost and len(still) * 2 > len(places) and len(places) == world.most:
                false, true = false + found, true + 1
        known |= dict.fromkeys(lost, -1) | {one.number: one.wording for one in window}
        then = [one.number for one in window]
        newest = f"{world.now:012.6f}"
    return said, unsaid, false, true


@pytest.mark.parametrize(
    "habits",
    [
        {"most": 15},
        {"most": 15, "pinned": 2},
        {"most": 15, "oldest_first": True},
        {"most": 15, "dated": False},
        {"most": 6, "bumps": True},
        {"most": 20, "bumps": True},
        {"most": 6, "bumps": True, "dated": False},
    ],
    ids=str,
)
def test_entries_that_were_missed_are_reported(habits: dict[str, int]) -> None:
    said = unsaid = false = true = 0
    for seed in range(12):
        counts = polled(World(Random(seed), **habits))
        said, unsaid, false, true = (
            one + more
            for one, more in zip((said, unsaid, false, true), counts, strict=True)
        )
    assert said > 300
    assert true > 500
    # An entry that was edited without a word in its feed may stand behind the new ones by chance, and be the first of then.
    assert unsaid <= (said // 100 if habits.get("bumps") else 0)
    assert false <= true // 100


def listing(*entries: str) -> list[ListedEntry]:
    """ "+": new; "3": was at that position; "3!": and was edited; "-": known, not listed."""
    return [
        ListedEntry(
            None,
            one == "+",
            int(one.strip("!")) if one.strip("!").isdigit() else None,
            one.endswith("!"),
        )
        for one in entries
    ]


@pytest.mark.parametrize(
    ("entries", "gap"),
    [
        ("+ + 0 1", False),
        ("+ + 1 2", True),  # what stood first is not there
        ("+ + 1 2 3", False),  # it was taken back
        ("+ + 0!", True),  # it is there because it was edited
        ("+ + 0! 1! 2!", False),  # a feed that says something else each time
        ("+ + -", True),  # that came from further back
        ("0 1 + + +", True),  # two pinned
        ("0 1 + + 2", False),
        ("3 0 + 1 2", False),  # one listed anew
        ("4! 3! 2! + +", True),  # all that is known was listed anew
        ("4 + 0 2 + 1 3 +", False),  # no order at all
        ("0 1 2", False),
    ],
)
def test_what_follows_all_new_entries_is_what_came_first(
    entries: str, gap: bool
) -> None:
    assert has_gap(listing(*entries.split())) is gap


def test_backdated_entries_say_nothing() -> None:
    listed = [
        ListedEntry("2025-09-06", previous_position=0),
        ListedEntry("2025-09-05", previous_position=1),
        ListedEntry("2025-09-04", is_new=True),
    ]
    assert not has_gap(listed, "2025-09-06")
    assert has_gap(listed)
