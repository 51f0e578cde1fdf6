"""What an outlet's captures teach: pages in, a profile out. Pure; runs in the workers.

Not for: when to learn (``profiles``), nor for what a profile is (``parse.profile``).
"""

from __future__ import annotations

from collections.abc import Sequence

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
    if lesson.said:  # a person has looked at the whole page: what was not corrected is right
        corrections = [(place, wanted) for place, mark, wanted in lesson.said if _says(blocks, place, mark)]
        labels = profile.persons_labels(body.kept, corrections) if corrections else labels
    return Seen(blocks, body.opinion, body.kept, labels)


def _says(blocks: Sequence[Block], place: int, mark: str) -> bool:
    return 0 <= place < len(blocks) and profile.mark(blocks[place].text) == mark
