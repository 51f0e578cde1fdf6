"""What an outlet's captures teach: pages in, a profile out. Pure; runs in the workers.

Not for: when to learn (``profiles``), nor for what a profile is (``parse.profile``).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from harvester.model import Lesson, Rules
from harvester.parse import profile
from harvester.parse.article import look, read_content
from harvester.parse.blocks import Block
from harvester.parse.profile import Profile, Seen


def learn(lessons: Sequence[Lesson], rules: Rules) -> Profile:
    """The profile that these captures give, oldest first; empty where nothing of them can be read by blocks."""
    return profile.learn([seen for one in lessons if (seen := _seen(one, rules)) is not None])


def _seen(lesson: Lesson, rules: Rules) -> Seen | None:
    found = look(lesson.body, lesson.url, lesson.headers, rules, lesson.at, known=("published", "authors"))
    body = found.body
    if body is None or not len(body.kept):
        return None
    blocks = body.page.blocks
    labels = profile.no_labels(len(blocks))
    if lesson.content:
        truth = read_content(lesson.content, lesson.url, lesson.title, rules, lesson.at).text
        labels = profile.labels_of(blocks, truth, body.kept) if truth else labels
    if lesson.said:  # a person has looked at the whole page: where nothing is said (any more), the reading is right
        corrections = list(_found(blocks, lesson.said))
        labels = profile.persons_labels(body.kept, corrections) if corrections else labels
    return Seen(blocks, body.opinion, body.kept, labels)


def _found(blocks: Sequence[Block], said: Iterable[tuple[int, str, bool]]) -> Iterator[tuple[int, bool]]:
    """Where the blocks that a person spoke of stand today: at their place, else, cut by another extractor, at the nearest with
    the same words."""
    where: dict[str, list[int]] = {}
    for place, block in enumerate(blocks):
        where.setdefault(profile.mark(block.text), []).append(place)
    for place, mark, wanted in said:
        if same := where.get(mark):
            after = bisect_left(same, place)
            yield min(same[max(0, after - 1) : after + 1], key=lambda one: abs(one - place)), wanted
