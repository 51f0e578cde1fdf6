"""Explains how a page is read: each of its blocks, with the decision and the reason.

Reads the page as ``article`` does, then looks at its blocks once more. Does not print;
see ``cli.explain``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from lxml.html import HtmlElement

from harvester.model import BlockDecision, Extract, Rules
from harvester.parse import outlet_rules
from harvester.parse.article import ExtractionResult, extract_article
from harvester.parse.content.body import MainContent
from harvester.parse.content.boosted_trees import load_forest
from harvester.parse.content.decoding import boost_standfirsts, lower_improbable
from harvester.parse.content.features import feature_matrix
from harvester.parse.content.page_blocks import (
    Block,
    Node,
    Page,
    block_line_numbers,
    split_into_blocks,
)
from harvester.parse.content.profile import (
    REASONS,
    Profile,
    context_signatures,
    explain_block,
    labels_from_text,
    repeated_line_flags,
    short_hash,
)
from harvester.parse.content.weights import (
    describe_contributions,
    feature_contributions,
)
from harvester.parse.html.charset import decode
from harvester.parse.html.dom import parse_html
from harvester.parse.metadata import page_metadata
from harvester.parse.script_text import json_ld_text

MAX_CSS_NAMES = 2  # of an element in its label
MAX_LABEL_LENGTH = 60  # characters
Vector = Any  # numpy.ndarray


def explain_page(
    body: bytes,
    url: str,
    headers: tuple[tuple[str, str], ...],
    rules: Rules,
    captured_at: str,
    feed_fields: tuple[str, ...] = (),
    profile: Profile | None = None,
    true_text: str = "",
    explain_weights: bool = False,
) -> tuple[Extract, tuple[BlockDecision, ...]]:
    """``read_article``, and the decision on each block of the page, in order.

    ``true_text``: the whole true text of the article, by which blocks are labelled.
    ``explain_weights``: name the features that weighed most for the model. Never raises
    for bad input.
    """
    result = extract_article(
        body, url, headers, rules, captured_at, feed_fields, profile=profile
    )
    extract, tree = result.extract, None
    if not extract.error.startswith("no page"):
        content_type = next(
            (value for name, value in headers if name.lower() == "content-type"), ""
        )
        tree = parse_html(decode(body, content_type))
    if tree is None:
        return extract, ()
    rules = outlet_rules.effective_rules(rules, captured_at)
    removed = _remove_by_rules(tree, rules)
    page = result.content.page if result.content else split_into_blocks(tree)
    if not page.blocks:
        return extract, tuple(decision for _, decision in removed)
    rows = _feature_rows(tree, page, rules, url, captured_at)
    selection = _selection(page.blocks, result, tree, rules)
    decisions = list(
        _block_decisions(page.blocks, result, selection, profile, rows, explain_weights)
    )
    if true_text:
        # No block counts as selected: the text is whole, so that what comes after its
        # end is not article.
        labels = labels_from_text(
            page.blocks, true_text, np.zeros(len(decisions), dtype=bool)
        )
        decisions = [
            replace(decision, label=int(label))
            for decision, label in zip(decisions, labels, strict=True)
        ]
    return extract, tuple(_merge_removed(decisions, removed))


# ---- what the rules remove


def _remove_by_rules(
    tree: HtmlElement, rules: Rules
) -> list[tuple[int, BlockDecision]]:
    """Remove what the rules say, and return its blocks.

    Each comes with the number of blocks before it that are not removed.
    """
    selectors = outlet_rules.find_removed_elements(tree, rules)
    if not selectors:
        return []
    removed: list[tuple[int, BlockDecision]] = []
    blocks_before = 0
    for block in split_into_blocks(tree).blocks:
        element = block.node.element
        selector = selectors.get(element) or next(
            (
                selectors[outer]
                for outer in element.iterancestors()
                if outer in selectors
            ),
            "",
        )
        if not selector:
            blocks_before += 1
            continue
        decision = BlockDecision(
            index=-1,
            text=block.text,
            text_hash="",
            kept=False,
            probability=0.0,
            model_probability=0.0,
            reason="rule",
            element=_element_path(block.node),
            selector=selector,
        )
        removed.append((blocks_before, decision))
    outlet_rules.remove_elements(tree, rules)
    return removed


def _merge_removed(
    decisions: list[BlockDecision], removed: list[tuple[int, BlockDecision]]
) -> Iterator[BlockDecision]:
    """All decisions in the order of the page."""
    position = 0
    for index, decision in enumerate(decisions):
        while position < len(removed) and removed[position][0] <= index:
            yield removed[position][1]
            position += 1
        yield decision
    yield from (decision for _, decision in removed[position:])


# ---- what the model scored, and what was decided


def _feature_rows(
    tree: HtmlElement, page: Page, rules: Rules, url: str, captured_at: str
) -> Vector:
    """The features of the page's blocks, as the model sees them."""
    metadata = page_metadata.extract_metadata(tree, url, captured_at)
    outlet_rules.apply_fields(
        outlet_rules.read_fields(tree, rules), metadata, captured_at
    )
    return feature_matrix(
        page,
        metadata.values.get("title", ""),
        metadata.values.get("description", ""),
        json_ld_text(metadata),
        url,
    )


@dataclass(frozen=True, slots=True)
class _Selection:
    """For each block: whether it is in the text, or was stripped as its frame."""

    in_text: Vector
    is_frame: Vector


def _block_decisions(
    blocks: Sequence[Block],
    result: ExtractionResult,
    selection: _Selection,
    outlet_profile: Profile | None,
    rows: Vector,
    explain_weights: bool,
) -> Iterator[BlockDecision]:
    raw_scores = load_forest().probabilities(rows)
    lowered = lower_improbable(rows, raw_scores)
    model_scores = boost_standfirsts(rows, lowered)
    scores = result.content.scores if result.content else selection.in_text
    contributions = feature_contributions(rows) if explain_weights else None
    contexts = context_signatures(blocks)
    repeated = repeated_line_flags(outlet_profile or Profile(), blocks)
    for index, block in enumerate(blocks):
        reason, pages, share = _decision_reason(
            index, block, result, outlet_profile, contexts[index], repeated[index]
        )
        if reason == "model" and model_scores[index] > lowered[index]:
            reason = "standfirst"
        yield BlockDecision(
            index=index,
            text=block.text,
            text_hash=short_hash(block.text),
            kept=bool(selection.in_text[index]),
            probability=round(float(scores[index]), 4),
            model_probability=round(float(model_scores[index]), 4),
            reason="frame" if selection.is_frame[index] else reason,
            position_pages=pages,
            position_share=share,
            element=_element_path(block.node),
            top_features=(
                describe_contributions(rows[index], contributions[index])
                if contributions is not None
                else ()
            ),
        )


def _decision_reason(
    index: int,
    block: Block,
    result: ExtractionResult,
    outlet_profile: Profile | None,
    contexts: tuple[str, ...],
    is_repeated: bool,
) -> tuple[str, int, float]:
    """The reason (see ``BlockDecision``), and what the profile knows of the position.

    That is the number of pages it was learned from, and the share that is article.
    """
    method, content = result.extract.method, result.content
    if content is None or method not in ("model", "profile"):
        return method, 0, 0.0
    reason = REASONS[int(content.reasons[index])]
    if outlet_profile is None or (method == "model" and reason == "model"):
        return reason, 0, 0.0
    by_profile, pages, share = explain_block(
        outlet_profile, block, contexts, is_repeated
    )
    if by_profile == "repeated line" and content.selected[index]:
        # A heading, or too much of the page: the line did not count.
        by_profile = "place"
    if method == "profile" or reason == "place":
        reason = by_profile
    return reason, pages, share


def _selection(
    blocks: Sequence[Block], result: ExtractionResult, tree: HtmlElement, rules: Rules
) -> _Selection:
    text, content = result.extract.text, result.content
    if content is not None and not content.fallback_lines:
        return _selection_of_content(blocks, content, text)
    none = np.zeros(len(blocks), dtype=bool)
    in_text = labels_from_text(blocks, text, none) == 1 if text else none
    if result.extract.method == "rule":
        holders = set(outlet_rules.find_text_elements(tree, rules))
        in_text = in_text & np.array(
            [_is_inside(block.node.element, holders) for block in blocks], dtype=bool
        )
    return _Selection(in_text, none)


def _is_inside(element: HtmlElement, holders: set[HtmlElement]) -> bool:
    return element in holders or not holders.isdisjoint(element.iterancestors())


def _selection_of_content(
    blocks: Sequence[Block], content: MainContent, text: str
) -> _Selection:
    """The text is the lines of the selected blocks, in their order, less the frame."""
    selected = np.flatnonzero(content.selected).tolist()
    lines, line_numbers = block_line_numbers([blocks[index] for index in selected])
    text_lines = iter(text.split("\n"))
    expected: str | None = next(text_lines)
    is_in_text = [False] * len(lines)
    for number, line in enumerate(lines):
        if line == expected:
            is_in_text[number], expected = True, next(text_lines, None)
    in_text = np.zeros(len(blocks), dtype=bool)
    in_text[selected] = [is_in_text[number] for number in line_numbers]
    return _Selection(in_text, np.asarray(content.selected, dtype=bool) & ~in_text)


def _element_path(node: Node) -> str:
    """An element and its parent, abbreviated: "div.content > p.intro"."""
    nodes = (node,) if node.parent is None else (node.parent, node)
    return " > ".join(map(_element_label, nodes))


def _element_label(node: Node) -> str:
    names = [
        name if name.startswith("#") else f".{name}"
        for name in node.css_names.split()[:MAX_CSS_NAMES]
    ]
    return f"{node.tag}{''.join(names)}"[:MAX_LABEL_LENGTH]
