"""What an outlet's captures teach: pages in, a profile out. Pure; runs in the workers.

Not for: when to learn (``profiles``), nor for what a profile is (``parse.profile``).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harvester.model import Lesson, Rules
from harvester.parse.article import read_content, study
from harvester.parse.content import profile
from harvester.parse.content.page_blocks import Block
from harvester.parse.content.profile import Profile, Seen
from harvester.parse.content.training import Study, unpacked


@dataclass(frozen=True, slots=True)
class Learned:
    """A profile, and the rows of the versions whose captures, of those learned from, read the same with it."""

    profile: Profile
    same: tuple[int, ...] = ()


def learn(lessons: Sequence[Lesson], rules: Rules) -> Learned:
    """The profile that these captures give, oldest first; empty where nothing of them can be read by blocks."""
    studies = [
        (one, found) for one in lessons if (found := _study(one, rules)) is not None
    ]
    made = profile.learn([_seen(one, found, rules) for one, found in studies])
    same = tuple(
        one.version
        for one, found in studies
        if one.version and found.text(made) == one.text
    )
    return Learned(made, same)


def _study(lesson: Lesson, rules: Rules) -> Study | None:
    if lesson.study:
        return unpacked(lesson.study)
    found = study(lesson.body, lesson.url, lesson.headers, rules, lesson.at)
    return found if found is not None and len(found.plain.kept) else None


def _seen(lesson: Lesson, found: Study, rules: Rules) -> Seen:
    blocks, kept = found.page.blocks, found.plain.kept
    labels = profile.no_labels(len(blocks))
    if lesson.content:
        truth = read_content(
            lesson.content, lesson.url, lesson.title, rules, lesson.at
        ).text
        labels = profile.labels_of(blocks, truth, kept) if truth else labels
    if lesson.said:  # a person has looked at the whole page: where nothing is said (any more), the reading is right
        corrections = list(_found(blocks, lesson.said))
        labels = profile.persons_labels(kept, corrections) if corrections else labels
    return Seen(blocks, found.plain.opinion, kept, labels)


def _found(
    blocks: Sequence[Block], said: Iterable[tuple[int, str, bool]]
) -> Iterator[tuple[int, bool]]:
    """Where the blocks that a person spoke of stand today: at their place, else, cut by another extractor, at the nearest with
    the same words."""
    where: dict[str, list[int]] = {}
    for place, block in enumerate(blocks):
        where.setdefault(profile.mark(block.text), []).append(place)
    for place, mark, wanted in said:
        if same := where.get(mark):
            after = bisect_left(same, place)
            yield (
                min(
                    same[max(0, after - 1) : after + 1],
                    key=lambda one: abs(one - place),
                ),
                wanted,
            )
