"""What the model is told of a block's surroundings: its neighbours, its siblings, where most of the prose stands. Pure.

Elements stand in the order of the page, each before all that stand in it: these are the ones up to its ``end``.
Not for: what a block says itself (``columns``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from harvester.parse.content.page_blocks import (
    TAG_BITS,
    Block,
    Node,
    Page,
    self_and_ancestors,
)

Vector = Any  # numpy.ndarray
HEADING_BITS = (
    TAG_BITS["h1"]
    | TAG_BITS["h2"]
    | TAG_BITS["h3"]
    | TAG_BITS["h4"]
    | TAG_BITS["h5"]
    | TAG_BITS["h6"]
)


@dataclass(frozen=True, slots=True)
class TreeIndex:
    """Where the blocks of a page stand. ``of_blocks``: of each block the place of its element; ``up``: of each element the place of
    its parent, the root's its own; ``ends``: the place of the first element behind all that stand in it; ``depths``: how deep it stands."""

    page: Page
    block_nodes: Vector
    parents: Vector
    subtree_ends: Vector
    depths: Vector

    @classmethod
    def from_page(cls, page: Page) -> TreeIndex:
        """The places of a page."""
        nodes = page.nodes
        return cls(
            page,
            np.array([block.node.index for block in page.blocks]),
            np.array([0 if one.parent is None else one.parent.index for one in nodes]),
            np.array([one.end_index for one in nodes]),
            np.array([one.depth for one in nodes]),
        )

    def steps_to(self, node: Node) -> tuple[Vector, Vector]:
        """For each block, how many steps it is from its element up to an ancestor that it shares with this one, and from there down."""
        shared = np.zeros_like(self.depths)
        for one in reversed(list(self_and_ancestors(node))):
            shared[one.index : one.end_index] = one.depth
        found = shared[self.block_nodes]
        return self.depths[self.block_nodes] - found, node.depth - found

    def subtree_sums(self, block_values: Vector) -> Vector:
        """The sum of a number of each block for all that stand in each element."""
        own = np.bincount(
            self.block_nodes, weights=block_values, minlength=len(self.parents)
        )
        total = np.concatenate([[0.0], np.cumsum(own)])
        return total[self.subtree_ends] - total[:-1]


def subtree_link_features(
    tree: TreeIndex, lengths: Vector, link_shares: Vector
) -> tuple[Vector, Vector, Vector]:
    """The share of links in all that stands below the parent and its parent, and how many headings are made like those around."""
    up = tree.parents
    share = tree.subtree_sums(lengths * link_shares) / np.maximum(
        tree.subtree_sums(lengths), 1
    )
    headings: dict[tuple[int, str], int] = {}
    for node in tree.page.nodes:
        if node.tag in _SUBHEADING_TAGS and node.parent is not None:
            key = (int(up[up[node.parent.index]]), node.css_names)
            headings[key] = headings.get(key, 0) + 1
    alike = np.zeros(len(up))
    for (place, _), count in headings.items():
        alike[place] = max(alike[place], count)
    parent = up[tree.block_nodes]
    grand = up[parent]
    around = np.maximum(
        np.maximum(alike[tree.block_nodes], alike[parent]), alike[grand]
    )
    return share[parent], share[grand], around


_SUBHEADING_TAGS = frozenset(("h2", "h3", "h4"))


def _distances_to_flagged(flags: Vector) -> tuple[Vector, Vector]:
    """For each place, how far it is to the last set flag before it and to the next after it; 99 where there is none."""
    count = len(flags)
    places = np.arange(count)
    back = np.maximum.accumulate(np.where(flags, places, -1_000))
    ahead = np.minimum.accumulate(np.where(flags, places, count + 1_000)[::-1])[::-1]
    return np.minimum(places - back, 99), np.minimum(ahead - places, 99)


def _shifted(values: Vector, offset: int, fill: float) -> Vector:
    moved = np.full_like(values, fill)
    if offset > 0:
        moved[offset:] = values[:-offset]
    else:
        moved[:offset] = values[-offset:]
    return moved


def _window_means(values: Vector, half_widths: Iterable[int]) -> list[Vector]:
    """The means of the values around each place, so many to each side."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    count = len(values)
    places = np.arange(count)
    found = []
    for half in half_widths:
        low, high = np.maximum(places - half, 0), np.minimum(places + half + 1, count)
        found.append((total[high] - total[low]) / (high - low))
    return found


def _group_stats(
    group_ids: Vector, lengths: Vector, link_shares: Vector
) -> tuple[Vector, Vector, Vector]:
    """For each block: how many are of its group, their mean length, and the share of links in them."""
    count = np.bincount(group_ids).astype(np.float64)
    total = np.bincount(group_ids, weights=lengths)
    links = np.bincount(group_ids, weights=link_shares * lengths)
    return (
        count[group_ids],
        (total / np.maximum(count, 1))[group_ids],
        (links / np.maximum(total, 1))[group_ids],
    )


def _similar_group_ids(blocks: list[Block]) -> Vector:
    """For each block a number: the same for the same tag and names of its element and names of its parent."""
    numbers: dict[Any, int] = {}
    found = []
    for node in (block.node for block in blocks):
        key = (
            node.tag,
            node.css_names,
            node.parent.css_names if node.parent is not None else "",
        )
        found.append(numbers.setdefault(key, len(numbers)))
    return np.array(found)


def _sibling_positions(tree: TreeIndex) -> tuple[Vector, Vector]:
    """For each block, which child of its parent its element is, and of how many."""
    parents = tree.parents[1:]
    count = np.bincount(parents, minlength=len(tree.parents))
    child = np.zeros_like(tree.parents)
    order = np.argsort(parents, kind="stable")
    child[order + 1] = (
        np.arange(len(parents)) - (np.cumsum(count) - count)[parents[order]]
    )
    return child[tree.block_nodes], np.where(
        tree.block_nodes == 0, 1, count[tree.parents[tree.block_nodes]]
    )


def context_features(
    tree: TreeIndex,
    block_stats: Vector,
    depths: Vector,
    in_boilerplate: Vector,
    title_matches: Vector,
    headline_index: int,
) -> list[Any]:
    """The columns of AROUND but for the last ones. ``own``: length, words, share of links and end of each block; ``titled``: whether
    it says the title; ``title_place``: which one is the headline, -1: none."""
    blocks, of_blocks = tree.page.blocks, tree.block_nodes
    length, words, linked, end = (
        block_stats[0].astype(np.float64),
        block_stats[1],
        block_stats[2].astype(np.float64),
        block_stats[3],
    )
    count = len(blocks)
    order = np.arange(count)
    total = max(float(length.sum()), 1.0)
    good = (words >= 12) & (linked < 0.3) & (end > 0)
    weight = np.where(good, np.where(in_boilerplate, length * 0.05, length), 0.0)
    alike, alike_length, alike_linked = _group_stats(
        _similar_group_ids(blocks), length, linked
    )
    main = _MainElement(tree, weight)
    of_main = good & (main.steps_up <= 1)
    if not of_main.any():
        of_main = good
    first, last = (
        (int(np.argmax(of_main)), count - 1 - int(np.argmax(of_main[::-1])))
        if of_main.any()
        else (0, count)
    )
    headings = np.array([bool(block.node.tags & HEADING_BITS) for block in blocks])
    parents = np.where(of_blocks == 0, -1, tree.parents[of_blocks])
    before_heading, after_heading = (
        _shifted(headings, 1, False),
        _shifted(headings, -1, False),
    )
    window3, window8 = _window_means(length, (3, 8))
    linked3, linked8 = _window_means(linked, (3, 8))
    return [
        order / count, np.cumsum(length) / total, count, total, alike, alike_length, alike * alike_length / total, alike_linked,
        weight.sum() / total, main.steps_up, main.steps_down, depths - main.depth, *main.share_features(), *_distances_to_flagged(good), (order >= first) & (order <= last),
        np.clip(order - last, -50, 50), _distances_to_flagged(title_matches)[0], _shifted(length, 1, 0), _shifted(length, 2, 0), _shifted(length, -1, 0),
        _shifted(length, -2, 0), _shifted(linked, 1, 0), _shifted(linked, -1, 0), window3, linked3, window8, linked8,
        parents == _shifted(parents, 1, -2), parents == _shifted(parents, -1, -2), before_heading, after_heading,
        *_group_stats(parents + 1, length, linked), *_sibling_positions(tree), _distances_to_flagged(headings)[0],
        depths - depths[np.maximum.accumulate(np.where(headings, order, 0))], main.share, title_matches.any(),
        np.clip(order - headline_index, -99, 999) if headline_index >= 0 else -100,
        tree.steps_to(blocks[headline_index].node)[0] if headline_index >= 0 else -1, in_boilerplate,
    ]  # fmt: skip


class _MainElement:
    """Where most of the good text stands: the element that holds most of it directly, and shares of it below each element.

    ``up``, ``down``: for each block, how many steps up from its element to what both stand in, and from there down to the main one.
    """

    def __init__(self, tree: TreeIndex, block_weights: Vector) -> None:
        up = tree.parents
        own = np.bincount(tree.block_nodes, weights=block_weights, minlength=len(up))
        held = own + np.bincount(
            up[1:], weights=own[1:], minlength=len(up)
        )  # by the element or its children themselves
        below = tree.subtree_sums(block_weights)
        total = max(float(below[0]), 1.0)
        best = int(np.argmax(held))
        self.share = held[best] / total
        self.depth = tree.page.nodes[best].depth
        self.steps_up, self.steps_down = tree.steps_to(tree.page.nodes[best])
        self._tree = tree
        self._subtree_shares = below / total

    def share_features(self) -> list[Vector]:
        """Share of the good text below the block's element, its parent, two more above; whether it stands where half, most stand."""
        above = of_blocks = self._tree.block_nodes
        found = []
        for _ in range(4):
            found.append(self._subtree_shares[above])
            above = self._tree.parents[above]
        # The innermost element that holds at least half (nine tenths) of the good text: what is below it is in it.
        for least in (0.5, 0.9):
            inner = (
                int(np.flatnonzero(self._subtree_shares >= least)[-1])
                if self._subtree_shares[0] >= least
                else 0
            )
            found.append(
                (of_blocks >= inner) & (of_blocks < self._tree.subtree_ends[inner])
            )
        return found
