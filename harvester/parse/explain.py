"""Why a page reads as it does: each block with what was decided of it, and by whom. Pure; only for those who ask.

Reads the page as ``article`` does, and looks at it once more. Not for: showing it (``cli.explain``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from lxml.html import HtmlElement

from harvester.model import Extract, Judged, Rules
from harvester.parse import outlet_rules
from harvester.parse.article import Look, look, stated_text
from harvester.parse.content import (
    boosted_trees,
    features,
    page_blocks,
    profile,
    weights,
)
from harvester.parse.content.body import Body
from harvester.parse.content.decoding import with_lead
from harvester.parse.content.page_blocks import Block, Node
from harvester.parse.content.profile import Profile
from harvester.parse.html.charset import decode
from harvester.parse.html.dom import tree_of
from harvester.parse.metadata import page_metadata

NAMES_MOST = 2  # of an element, in its short name
Vector = Any  # numpy.ndarray


def explain(
    body: bytes,
    url: str,
    headers: tuple[tuple[str, str], ...],
    rules: Rules,
    at: str,
    known: tuple[str, ...] = (),
    profile: Profile | None = None,
    truth: str = "",
    weigh: bool = False,
) -> tuple[Extract, tuple[Judged, ...]]:
    """``read_article`` with all blocks of the page, in order. Never raises for bad input.

    ``truth``: the article's true text: what it says of each block is ``said``. ``weigh``: name what weighed most for the model.
    """
    found = look(body, url, headers, rules, at, known, profile=profile)
    content_type = next(
        (value for name, value in headers if name.lower() == "content-type"), ""
    )
    tree = (
        tree_of(decode(body, content_type))
        if not found.extract.error.startswith("no page")
        else None
    )
    if tree is None:
        return found.extract, ()
    rules = outlet_rules.in_force(rules, at)
    taken = _taken_out(tree, rules)
    page = found.body.page if found.body is not None else page_blocks.cut(tree)
    asked = _asked(tree, found.extract, page, rules, url, at)
    judged = list(_judged(page.blocks, found, tree, rules, profile, asked, weigh))
    if truth:  # given as the whole text: what stands behind its end is not article
        labels = _labels(page.blocks, truth, np.zeros(len(judged), dtype=bool))
        judged = [
            replace(one, said=int(label))
            for one, label in zip(judged, labels, strict=True)
        ]
    return found.extract, tuple(_merged(judged, taken))


def _labels(blocks: Sequence[Block], truth: str, kept: Vector) -> Vector:
    return profile.labels_of(blocks, truth, kept)


# ---- what the rules take out


def _taken_out(tree: HtmlElement, rules: Rules) -> list[tuple[int, Judged]]:
    """The blocks that the rules remove, with how many others stand before each; removes them."""
    gone = outlet_rules.removed(tree, rules)
    found: list[tuple[int, Judged]] = []
    if gone:
        before = 0
        for block in page_blocks.cut(tree).blocks:
            element = block.node.element
            selector = gone.get(element) or next(
                (gone[one] for one in element.iterancestors() if one in gone), ""
            )
            if selector:
                found.append((before, Judged(-1, block.text, "", False, 0.0, 0.0, "rule", name=_name(block.node), rule=selector)))  # fmt: skip
            else:
                before += 1
        outlet_rules.prune(tree, rules)
    return found


def _merged(judged: list[Judged], taken: list[tuple[int, Judged]]) -> Iterator[Judged]:
    left = 0
    for place, one in enumerate(judged):
        while left < len(taken) and taken[left][0] <= place:
            yield taken[left][1]
            left += 1
        yield one
    yield from (one for _, one in taken[left:])


# ---- what the model was asked, and what was made of its answer


def _asked(
    tree: HtmlElement,
    extract: Extract,
    page: page_blocks.Page,
    rules: Rules,
    url: str,
    at: str,
) -> Vector:
    """The rows of the page's blocks, as the model sees them."""
    stated = page_metadata.read(tree, url, at)
    outlet_rules.choose(outlet_rules.fields(tree, rules), stated, at)
    title, description = (
        stated.values.get("title", ""),
        stated.values.get("description", ""),
    )
    return (
        features.columns(page, title, description, stated_text(stated))
        if page.blocks
        else None
    )


def _judged(
    blocks: Sequence[Block],
    found: Look,
    tree: HtmlElement,
    rules: Rules,
    known: Profile | None,
    rows: Vector,
    weigh: bool,
) -> Iterator[Judged]:
    if not blocks:
        return
    bare = boosted_trees.forest().probabilities(rows)
    model = with_lead(rows, bare)
    kept, framed = _kept(blocks, found, tree, rules)
    heavy = weights.weights(rows) if weigh else None
    narrower = profile.narrower(blocks)
    for place, block in enumerate(blocks):
        reason, learned, share = _reason(place, block, found, known, narrower[place])
        if reason == "model" and model[place] > bare[place]:
            reason = "standfirst"
        yield Judged(
            place,
            block.text,
            profile.mark(block.text),
            bool(kept[place]),
            round(
                float(found.body.opinion[place])
                if found.body is not None
                else float(kept[place]),
                4,
            ),
            round(float(model[place]), 4),
            "frame" if framed[place] else reason,
            learned,
            share,
            _name(block.node),
            weighed=weights.in_words(rows[place], heavy[place])
            if heavy is not None
            else (),
        )


def _reason(
    place: int,
    block: Block,
    found: Look,
    known: Profile | None,
    narrower: tuple[str, str],
) -> tuple[str, int, float]:
    """Who decided: a word of Judged.reason; from how many pages a place was learned, and the share of it that is article."""
    method, body = found.extract.method, found.body
    if body is None or method not in ("model", "profile"):
        return method, 0, 0.0
    code = profile.REASONS[int(body.reasons[place])]
    if known is None or (method == "model" and code == "model"):
        return code, 0, 0.0
    told, learned, share = profile.told(known, block, narrower)
    if (
        told == "repeated line" and body.kept[place]
    ):  # a heading, or too much of the page: the line did not count
        told = "place"
    return (
        (told, learned, share)
        if method == "profile" or code == "place"
        else (code, learned, share)
    )


def _kept(
    blocks: Sequence[Block], found: Look, tree: HtmlElement, rules: Rules
) -> tuple[Vector, Vector]:
    """Which blocks are in the text, and which would be but for being its frame."""
    text, body, nothing = (
        found.extract.text,
        found.body,
        np.zeros(len(blocks), dtype=bool),
    )
    if body is not None and not body.lines:
        return _without_frame(blocks, body, text)
    kept = profile.labels_of(blocks, text, nothing) == 1 if text else nothing
    if found.extract.method == "rule":
        holding = set(outlet_rules.text_of(tree, rules))
        inside = [
            one.node.element in holding
            or any(above in holding for above in one.node.element.iterancestors())
            for one in blocks
        ]
        return kept & np.array(inside, dtype=bool), nothing
    return kept, nothing


def _without_frame(
    blocks: Sequence[Block], body: Body, text: str
) -> tuple[Vector, Vector]:
    """The lines of the text are those of the kept blocks, in their order, less the frame."""
    chosen = np.flatnonzero(body.kept)
    line_of, lines, row = [], list[str](), 0
    for place in chosen.tolist():  # as ``blocks.lines`` makes them
        block = blocks[place]
        if block.row and block.row == row:
            lines[-1] = f"{lines[-1]} {block.text}"
        else:
            lines.append(block.text)
        line_of.append(len(lines) - 1)
        row = block.row
    wanted, left, stays = text.split("\n"), 0, [False] * len(lines)
    for number, one in enumerate(lines):
        if left < len(wanted) and one == wanted[left]:
            stays[number], left = True, left + 1
    kept = np.zeros(len(blocks), dtype=bool)
    kept[chosen] = [stays[number] for number in line_of]
    return kept, np.asarray(body.kept, dtype=bool) & ~kept


def _name(node: Node) -> str:
    """An element and its parent, in short: "div.content > p.intro"."""
    names = [_short(one) for one in (node.parent, node) if one is not None]
    return " > ".join(names)


def _short(node: Node) -> str:
    said = [
        one if one.startswith("#") else f".{one}"
        for one in node.names.split()[:NAMES_MOST]
    ]
    return f"{node.tag}{''.join(said)}"[:60]
