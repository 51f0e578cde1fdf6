"""Why a page reads as it does: each block with what was decided of it, and by whom. Pure; only for those who ask.

Reads the page as ``article`` does, and looks at it once more. Not for: showing it (``cli.explain``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from lxml.html import HtmlElement

from harvester.model import BlockDecision, Extract, Rules
from harvester.parse import outlet_rules
from harvester.parse.article import ExtractionResult, extract_article, json_ld_text
from harvester.parse.content import (
    boosted_trees,
    features,
    page_blocks,
    profile,
    weights,
)
from harvester.parse.content.body import MainContent
from harvester.parse.content.decoding import boost_standfirsts
from harvester.parse.content.page_blocks import Block, Node
from harvester.parse.content.profile import Profile
from harvester.parse.html.charset import decode
from harvester.parse.html.dom import parse_html
from harvester.parse.metadata import page_metadata

MAX_CSS_NAMES = 2  # of an element, in its short name
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
    """``read_article`` with all blocks of the page, in order. Never raises for bad input.

    ``truth``: the article's true text: what it says of each block is ``said``. ``weigh``: name what weighed most for the model.
    """
    found = extract_article(
        body, url, headers, rules, captured_at, feed_fields, profile=profile
    )
    content_type = next(
        (value for name, value in headers if name.lower() == "content-type"), ""
    )
    tree = (
        parse_html(decode(body, content_type))
        if not found.extract.error.startswith("no page")
        else None
    )
    if tree is None:
        return found.extract, ()
    rules = outlet_rules.effective_rules(rules, captured_at)
    taken = _remove_by_rules(tree, rules)
    page = (
        found.content.page
        if found.content is not None
        else page_blocks.split_into_blocks(tree)
    )
    asked = _feature_rows(tree, found.extract, page, rules, url, captured_at)
    judged = list(
        _block_decisions(
            page.blocks, found, tree, rules, profile, asked, explain_weights
        )
    )
    if true_text:  # given as the whole text: what stands behind its end is not article
        labels = _labels_from_text(
            page.blocks, true_text, np.zeros(len(judged), dtype=bool)
        )
        judged = [
            replace(one, label=int(label))
            for one, label in zip(judged, labels, strict=True)
        ]
    return found.extract, tuple(_merge_removed(judged, taken))


def _labels_from_text(
    blocks: Sequence[Block], true_text: str, selected: Vector
) -> Vector:
    return profile.labels_from_text(blocks, true_text, selected)


# ---- what the rules take out


def _remove_by_rules(
    tree: HtmlElement, rules: Rules
) -> list[tuple[int, BlockDecision]]:
    """The blocks that the rules remove, with how many others stand before each; removes them."""
    gone = outlet_rules.find_removed_elements(tree, rules)
    found: list[tuple[int, BlockDecision]] = []
    if gone:
        before = 0
        for block in page_blocks.split_into_blocks(tree).blocks:
            element = block.node.element
            selector = gone.get(element) or next(
                (gone[one] for one in element.iterancestors() if one in gone), ""
            )
            if selector:
                found.append((before, BlockDecision(-1, block.text, "", False, 0.0, 0.0, "rule", element=_element_path(block.node), selector=selector)))  # fmt: skip
            else:
                before += 1
        outlet_rules.remove_elements(tree, rules)
    return found


def _merge_removed(
    decisions: list[BlockDecision], removed: list[tuple[int, BlockDecision]]
) -> Iterator[BlockDecision]:
    left = 0
    for place, one in enumerate(decisions):
        while left < len(removed) and removed[left][0] <= place:
            yield removed[left][1]
            left += 1
        yield one
    yield from (one for _, one in removed[left:])


# ---- what the model was asked, and what was made of its answer


def _feature_rows(
    tree: HtmlElement,
    extract: Extract,
    page: page_blocks.Page,
    rules: Rules,
    url: str,
    captured_at: str,
) -> Vector:
    """The rows of the page's blocks, as the model sees them."""
    stated = page_metadata.extract_metadata(tree, url, captured_at)
    outlet_rules.apply_fields(
        outlet_rules.read_fields(tree, rules), stated, captured_at
    )
    title, description = (
        stated.values.get("title", ""),
        stated.values.get("description", ""),
    )
    return (
        features.feature_matrix(page, title, description, json_ld_text(stated))
        if page.blocks
        else None
    )


def _block_decisions(
    blocks: Sequence[Block],
    result: ExtractionResult,
    tree: HtmlElement,
    rules: Rules,
    outlet_profile: Profile | None,
    features: Vector,
    explain_weights: bool,
) -> Iterator[BlockDecision]:
    if not blocks:
        return
    bare = boosted_trees.load_forest().probabilities(features)
    model = boost_standfirsts(features, bare)
    kept, framed = _selected_and_frame(blocks, result, tree, rules)
    heavy = weights.feature_contributions(features) if explain_weights else None
    narrower = profile.context_signatures(blocks)
    for place, block in enumerate(blocks):
        reason, learned, share = _decision_reason(
            place, block, result, outlet_profile, narrower[place]
        )
        if reason == "model" and model[place] > bare[place]:
            reason = "standfirst"
        yield BlockDecision(
            place,
            block.text,
            profile.short_hash(block.text),
            bool(kept[place]),
            round(
                float(result.content.scores[place])
                if result.content is not None
                else float(kept[place]),
                4,
            ),
            round(float(model[place]), 4),
            "frame" if framed[place] else reason,
            learned,
            share,
            _element_path(block.node),
            top_features=weights.describe_contributions(features[place], heavy[place])
            if heavy is not None
            else (),
        )


def _decision_reason(
    position: int,
    block: Block,
    result: ExtractionResult,
    outlet_profile: Profile | None,
    contexts: tuple[str, str],
) -> tuple[str, int, float]:
    """Who decided: a word of Judged.reason; from how many pages a place was learned, and the share of it that is article."""
    method, body = result.extract.method, result.content
    if body is None or method not in ("model", "profile"):
        return method, 0, 0.0
    code = profile.REASONS[int(body.reasons[position])]
    if outlet_profile is None or (method == "model" and code == "model"):
        return code, 0, 0.0
    told, learned, share = profile.explain_block(outlet_profile, block, contexts)
    if (
        told == "repeated line" and body.selected[position]
    ):  # a heading, or too much of the page: the line did not count
        told = "place"
    return (
        (told, learned, share)
        if method == "profile" or code == "place"
        else (code, learned, share)
    )


def _selected_and_frame(
    blocks: Sequence[Block], result: ExtractionResult, tree: HtmlElement, rules: Rules
) -> tuple[Vector, Vector]:
    """Which blocks are in the text, and which would be but for being its frame."""
    text, body, nothing = (
        result.extract.text,
        result.content,
        np.zeros(len(blocks), dtype=bool),
    )
    if body is not None and not body.fallback_lines:
        return _split_frame(blocks, body, text)
    kept = profile.labels_from_text(blocks, text, nothing) == 1 if text else nothing
    if result.extract.method == "rule":
        holding = set(outlet_rules.find_text_elements(tree, rules))
        inside = [
            one.node.element in holding
            or any(above in holding for above in one.node.element.iterancestors())
            for one in blocks
        ]
        return kept & np.array(inside, dtype=bool), nothing
    return kept, nothing


def _split_frame(
    blocks: Sequence[Block], content: MainContent, text: str
) -> tuple[Vector, Vector]:
    """The lines of the text are those of the kept blocks, in their order, less the frame."""
    chosen = np.flatnonzero(content.selected)
    line_of, lines, row = [], list[str](), 0
    for place in chosen.tolist():  # as ``blocks.lines`` makes them
        block = blocks[place]
        if block.table_row and block.table_row == row:
            lines[-1] = f"{lines[-1]} {block.text}"
        else:
            lines.append(block.text)
        line_of.append(len(lines) - 1)
        row = block.table_row
    wanted, left, stays = text.split("\n"), 0, [False] * len(lines)
    for number, one in enumerate(lines):
        if left < len(wanted) and one == wanted[left]:
            stays[number], left = True, left + 1
    kept = np.zeros(len(blocks), dtype=bool)
    kept[chosen] = [stays[number] for number in line_of]
    return kept, np.asarray(content.selected, dtype=bool) & ~kept


def _element_path(node: Node) -> str:
    """An element and its parent, in short: "div.content > p.intro"."""
    names = [_element_label(one) for one in (node.parent, node) if one is not None]
    return " > ".join(names)


def _element_label(node: Node) -> str:
    said = [
        one if one.startswith("#") else f".{one}"
        for one in node.css_names.split()[:MAX_CSS_NAMES]
    ]
    return f"{node.tag}{''.join(said)}"[:60]
