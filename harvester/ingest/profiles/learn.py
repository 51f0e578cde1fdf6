"""Learns a profile from an outlet's captures. Pure; runs in the workers.

Does not decide when (``training_set``); what a profile is: ``parse.content.profile``.
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
    """A profile, and the training pages' versions that read the same with it."""

    profile: Profile
    unchanged_versions: tuple[int, ...] = ()  # versions.id


def learn_profile(
    training_pages: Sequence[TrainingPage], rules: Rules
) -> LearnedProfile:
    """The profile of these pages, oldest first; empty if none is read by blocks."""
    analysed = [
        (page, analysis)
        for page in training_pages
        if (analysis := _analyse_training_page(page, rules)) is not None
    ]
    learned = profile.learn_profile(
        [_labelled_page(page, analysis, rules) for page, analysis in analysed]
    )
    unchanged = tuple(
        page.version_id
        for page, analysis in analysed
        if page.version_id and analysis.text_with_profile(learned) == page.current_text
    )
    return LearnedProfile(learned, unchanged)


def _analyse_training_page(page: TrainingPage, rules: Rules) -> AnalysedPage | None:
    if page.packed_page:
        return unpack(page.packed_page)
    analysis = analyse_page(page.body, page.url, page.headers, rules, page.at)
    return analysis if analysis is not None and len(analysis.content.selected) else None


def _labelled_page(
    page: TrainingPage, analysis: AnalysedPage, rules: Rules
) -> LabelledPage:
    blocks, selected = analysis.page.blocks, analysis.content.selected
    labels = profile.no_labels(len(blocks))
    if page.feed_content:
        true_text = read_entry_content(
            page.feed_content, page.url, page.title, rules, page.at
        ).text
        if true_text:
            labels = profile.labels_from_text(blocks, true_text, selected)
    if page.labels:
        # A person has checked the whole page: where there is no label, it is right.
        corrections = list(_locate_labelled_blocks(blocks, page.labels))
        if corrections:
            labels = profile.labels_from_corrections(selected, corrections)
    return LabelledPage(blocks, analysis.content.scores, selected, labels)


def _locate_labelled_blocks(
    blocks: Sequence[Block], labels: Iterable[tuple[int, str, bool]]
) -> Iterator[tuple[int, bool]]:
    """Today's index of each labelled block, and whether it is article.

    The index it was labelled at; where another extractor cuts the page differently, the
    nearest block with the same words.
    """
    indexes_by_hash: dict[str, list[int]] = {}
    for index, block in enumerate(blocks):
        text_hash = profile.short_hash(block.text)
        indexes_by_hash.setdefault(text_hash, []).append(index)
    for labelled_index, text_hash, is_article in labels:
        indexes = indexes_by_hash.get(text_hash)
        if indexes:
            after = bisect_left(indexes, labelled_index)
            nearest = min(
                indexes[max(0, after - 1) : after + 1],
                key=lambda index: abs(index - labelled_index),
            )
            yield nearest, is_article
