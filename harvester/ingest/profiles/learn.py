"""What an outlet's captures teach: pages in, a profile out. Pure; runs in the workers.

Not for: when to learn (``profiles``), nor for what a profile is (``parse.profile``).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harvester.model import Rules, TrainingPage
from harvester.parse.article import analyse_page, read_entry_content
from harvester.parse.content import profile
from harvester.parse.content.page_blocks import Block
from harvester.parse.content.profile import LabelledPage, Profile
from harvester.parse.content.training import AnalysedPage, unpack


@dataclass(frozen=True, slots=True)
class LearnedProfile:
    """A profile, and the rows of the versions whose captures, of those learned from, read the same with it."""

    profile: Profile
    unchanged_versions: tuple[int, ...] = ()


def learn_profile(
    training_pages: Sequence[TrainingPage], rules: Rules
) -> LearnedProfile:
    """The profile that these captures give, oldest first; empty where nothing of them can be read by blocks."""
    studies = [
        (one, found)
        for one in training_pages
        if (found := _analyse_training_page(one, rules)) is not None
    ]
    made = profile.learn_profile(
        [_labelled_page(one, found, rules) for one, found in studies]
    )
    same = tuple(
        one.version_id
        for one, found in studies
        if one.version_id and found.text_with_profile(made) == one.current_text
    )
    return LearnedProfile(made, same)


def _analyse_training_page(page: TrainingPage, rules: Rules) -> AnalysedPage | None:
    if page.packed_page:
        return unpack(page.packed_page)
    found = analyse_page(page.body, page.url, page.headers, rules, page.at)
    return found if found is not None and len(found.content.selected) else None


def _labelled_page(
    page: TrainingPage, analysis: AnalysedPage, rules: Rules
) -> LabelledPage:
    blocks, kept = analysis.page.blocks, analysis.content.selected
    labels = profile.no_labels(len(blocks))
    if page.feed_content:
        truth = read_entry_content(
            page.feed_content, page.url, page.title, rules, page.at
        ).text
        labels = profile.labels_from_text(blocks, truth, kept) if truth else labels
    if page.labels:  # a person has looked at the whole page: where nothing is said (any more), the reading is right
        corrections = list(_locate_labelled_blocks(blocks, page.labels))
        labels = (
            profile.labels_from_corrections(kept, corrections)
            if corrections
            else labels
        )
    return LabelledPage(blocks, analysis.content.scores, kept, labels)


def _locate_labelled_blocks(
    blocks: Sequence[Block], labels: Iterable[tuple[int, str, bool]]
) -> Iterator[tuple[int, bool]]:
    """Where the blocks that a person spoke of stand today: at their place, else, cut by another extractor, at the nearest with
    the same words."""
    where: dict[str, list[int]] = {}
    for place, block in enumerate(blocks):
        where.setdefault(profile.short_hash(block.text), []).append(place)
    for place, mark, wanted in labels:
        if same := where.get(mark):
            after = bisect_left(same, place)
            yield (
                min(
                    same[max(0, after - 1) : after + 1],
                    key=lambda one: abs(one - place),
                ),
                wanted,
            )
