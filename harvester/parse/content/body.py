"""Find the main content of a page: which of its blocks are the article.

    split into blocks
    → the outlet's profile alone, if it is reliable
    → else the model's scores → adjusted by the profile → blocks selected (``decoding``)
    → if that is very uncertain, again with the opinion of trafilatura, whose text is
      taken where the blocks lack it; if nothing is left, its baseline

Does not strip headline, byline and the like (see ``lines``), and does not read what the
page states of itself (see ``metadata``).
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from lxml.html import HtmlElement

from harvester.parse.content import boosted_trees, features, page_blocks, profile
from harvester.parse.content.captions import lower_caption_scores
from harvester.parse.content.decoding import (
    add_correction_notes,
    add_table_cells,
    adjust_scores,
    move_towards,
    remove_pull_quotes,
    select_blocks,
    word_counts,
)
from harvester.parse.content.page_blocks import Page
from harvester.parse.content.profile import Profile
from harvester.parse.content.text_overlap import MIN_SHARE_IN_TEXT, shares_in_text
from harvester.parse.content.trafilatura_text import baseline_lines, trafilatura_lines

# Expected error above which trafilatura is asked; chosen by cross-validation with whole
# sites left out, see docs/reading.md.
MAX_MODEL_UNCERTAINTY = 0.225
MIN_TRAFILATURA_LENGTH = 200  # characters; a shorter text is ignored
MIN_SHARE_IN_BLOCKS = 0.5  # of trafilatura's text; with less the blocks lack the text
MIN_CONTENT_LENGTH = 2  # characters; with less, the baseline is the last resort
Vector = Any  # numpy.ndarray


@dataclass(frozen=True, slots=True)
class MainContent:
    """The blocks of a page, which of them are the article, and how that was decided."""

    page: Page
    selected: Vector
    scores: Vector
    reasons: Vector  # index into ``profile.REASONS`` for each block
    method: str  # "model", "profile", "trafilatura" or "baseline"
    uncertainty: float = 0.0  # 1 − the expected F1
    fallback_lines: list[str] = field(default_factory=list)  # in place of the blocks
    model_scores: Vector | None = (
        None  # before the profile; None if the model was not run
    )
    trafilatura_lines: list[str] | None = None  # None if trafilatura was not run

    def text_lines(self, extra_blocks: Container[int] = ()) -> list[str]:
        """The lines of the text, and the blocks with these indices where they are."""
        return self.fallback_lines or page_blocks.block_lines(
            [
                block
                for index, block in enumerate(self.page.blocks)
                if self.selected[index] or index in extra_blocks
            ]
        )


@dataclass(frozen=True, slots=True)
class Extractors:
    """The extractors of a page; expensive, so called only when they are needed."""

    model: Callable[[], Vector]  # a score for each block
    trafilatura: Callable[[], list[str]]  # lines
    baseline: Callable[[], list[str]]  # lines


def find_content(
    tree: HtmlElement,
    title: str,
    description: str,
    json_ld_text: str,
    outlet_profile: Profile | None,
    url: str = "",
) -> MainContent:
    """Find the main content of a page.

    ``json_ld_text``: the text that the page states in JSON-LD. ``url``: the page's.
    """
    page = page_blocks.split_into_blocks(tree)
    extractors = Extractors(
        lambda: score_blocks(page, title, description, json_ld_text, url),
        lambda: trafilatura_lines(tree, fast=True),
        lambda: baseline_lines(tree),
    )
    return select_content(page, outlet_profile, extractors)


def select_content(
    page: Page, outlet_profile: Profile | None, extractors: Extractors
) -> MainContent:
    """Select the blocks of a page that are the article."""
    content = _select_by_profile(page, outlet_profile)
    if content is not None:
        return content
    count = len(page.blocks)
    by_model = None
    if count:
        by_model = _select_by_model(page, outlet_profile, extractors)
        lines = by_model.trafilatura_lines
        if lines is not None and sum(map(len, lines)) >= MIN_TRAFILATURA_LENGTH:
            by_model = _select_with_trafilatura(by_model, lines)
        if by_model.fallback_lines or _selected_length(by_model) >= MIN_CONTENT_LENGTH:
            return by_model
    return MainContent(
        page,
        np.zeros(count, dtype=bool),
        np.zeros(count),
        by_model.reasons if by_model else np.zeros(count, dtype=np.int8),
        "baseline",
        1.0,
        extractors.baseline(),
        by_model.model_scores if by_model else None,
        by_model.trafilatura_lines if by_model else None,
    )


def _select_with_trafilatura(by_model: MainContent, lines: list[str]) -> MainContent:
    """The content by the scores, moved towards what trafilatura finds."""
    blocks = by_model.page.blocks
    shares = shares_in_text(blocks, "\n".join(lines))
    in_blocks = sum(
        len(block.text)
        for block, share in zip(blocks, shares, strict=True)
        if share >= MIN_SHARE_IN_TEXT
    )
    if in_blocks < MIN_SHARE_IN_BLOCKS * sum(map(len, lines)):
        return replace(by_model, method="trafilatura", fallback_lines=lines)
    scores = move_towards(
        by_model.scores, shares >= MIN_SHARE_IN_TEXT, by_model.uncertainty
    )
    selected, _ = _select(by_model.page, scores, by_model.reasons == 0)
    return replace(by_model, scores=scores, selected=selected)


def _select(page: Page, scores: Vector, undecided: Vector) -> tuple[Vector, float]:
    """The selected blocks and their expected F1."""
    blocks = page.blocks
    selected, expected_f1 = select_blocks(scores, word_counts(blocks))
    selected = add_table_cells(blocks, selected, scores)
    selected = remove_pull_quotes(blocks, selected, undecided)
    return add_correction_notes(blocks, selected, undecided), expected_f1


def _select_by_profile(
    page: Page, outlet_profile: Profile | None
) -> MainContent | None:
    """The content by the outlet's profile alone; None if it is not reliable here."""
    if outlet_profile is None or not page.blocks:
        return None
    selected = profile.select_by_profile(outlet_profile, page.blocks)
    if selected is None:
        return None
    return MainContent(
        page,
        selected,
        selected.astype(np.float64),
        np.ones(len(page.blocks), dtype=np.int8),
        "profile",
    )


def _select_by_model(
    page: Page, outlet_profile: Profile | None, extractors: Extractors
) -> MainContent:
    """The content by the model, adjusted by the profile.

    Runs trafilatura too if the selection is uncertain and nothing of the outlet was
    labelled.
    """
    blocks = page.blocks
    scores = model_scores = extractors.model()
    reasons = np.zeros(len(blocks), dtype=np.int8)
    if outlet_profile is not None:
        adjusted = profile.adjust_scores(outlet_profile, blocks, model_scores)
        scores, reasons = adjusted.scores, adjusted.reasons
    selected, expected_f1 = _select(page, scores, reasons == 0)
    has_labels = outlet_profile is not None and outlet_profile.labelled_pages
    is_uncertain = needs_trafilatura(expected_f1) and not has_labels
    return MainContent(
        page,
        selected,
        scores,
        reasons,
        "model",
        round(1 - expected_f1, 4),
        model_scores=model_scores,
        trafilatura_lines=extractors.trafilatura() if is_uncertain else None,
    )


def needs_trafilatura(expected_f1: float) -> bool:
    """Whether a selection is so uncertain that trafilatura is to be asked."""
    return 1 - expected_f1 > MAX_MODEL_UNCERTAINTY


def _selected_length(content: MainContent) -> int:
    pairs = zip(content.page.blocks, content.selected, strict=True)
    return sum(len(block.text) for block, is_selected in pairs if is_selected)


def reselect_without_profile(content: MainContent) -> MainContent | None:
    """The same page, selected without a profile; None if the model was not run.

    Does not run trafilatura if it was not run before.
    """
    if content.model_scores is None:
        return None
    scores, lines = content.model_scores, content.trafilatura_lines or []
    return select_content(
        content.page, None, Extractors(lambda: scores, lambda: lines, list)
    )


def score_blocks(
    page: Page, title: str, description: str, json_ld_text: str, url: str
) -> Vector:
    """The model's score of each block: the probability that it is article."""
    rows = features.feature_matrix(page, title, description, json_ld_text, url)
    return final_scores(page, rows, boosted_trees.load_forest().probabilities(rows))


def final_scores(page: Page, feature_rows: Vector, probabilities: Vector) -> Vector:
    """The scores by the probabilities that the trees give."""
    return lower_caption_scores(page, adjust_scores(feature_rows, probabilities))
