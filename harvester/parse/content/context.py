"""Features of a block's context: neighbours, siblings, distance to the main text.

Nodes are in document order, and the descendants of a node follow it up to its
``end_index``. Features of the block itself are in ``features``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from harvester.parse.content.page_blocks import (
    HEADING_BITS,
    Block,
    Node,
    Page,
    self_and_ancestors,
)

Vector = Any  # numpy.ndarray


def _int_array(values: list[int]) -> Vector:
    return np.fromiter(values, np.int64, len(values))  # in half the time of np.array


@dataclass(frozen=True, slots=True)
class TreeIndex:
    """The tree of a page as arrays of node indices."""

    page: Page
    block_nodes: Vector  # for each block, its node
    tags: Vector  # for each block, the TAG_BITS of its node
    parents: Vector  # for each node, its parent; the root is its own
    subtree_ends: Vector  # for each node, the first node after its descendants
    depths: Vector  # for each node

    @classmethod
    def from_page(cls, page: Page) -> TreeIndex:
        """Index the tree of a page."""
        nodes = page.nodes
        return cls(
            page,
            _int_array([block.node.index for block in page.blocks]),
            _int_array([block.node.tags for block in page.blocks]),
            _int_array(
                [0 if node.parent is None else node.parent.index for node in nodes]
            ),
            _int_array([node.end_index for node in nodes]),
            _int_array([node.depth for node in nodes]),
        )

    def steps_to(self, node: Node) -> tuple[Vector, Vector]:
        """For each block, the path from its node to this one.

        Steps up to the nearest common ancestor, and steps down from there.
        """
        shared_depths = np.zeros_like(self.depths)
        for ancestor in reversed(list(self_and_ancestors(node))):
            shared_depths[ancestor.index : ancestor.end_index] = ancestor.depth
        shared = shared_depths[self.block_nodes]
        return self.depths[self.block_nodes] - shared, node.depth - shared

    def subtree_sums(self, block_values: Vector) -> Vector:
        """For each node, the sum of a value over all blocks in its subtree."""
        own = np.bincount(
            self.block_nodes, weights=block_values, minlength=len(self.parents)
        )
        running = np.concatenate([[0.0], np.cumsum(own)])
        return running[self.subtree_ends] - running[:-1]


_SUBHEADING_TAGS = frozenset(("h2", "h3", "h4"))


def subtree_link_features(
    tree: TreeIndex, lengths: Vector, link_shares: Vector
) -> tuple[Vector, Vector, Vector]:
    """Share of links below the parent, below the grandparent, and similar headings."""
    parents = tree.parents
    shares = tree.subtree_sums(lengths * link_shares) / np.maximum(
        tree.subtree_sums(lengths), 1
    )
    heading_counts: dict[tuple[int, str], int] = {}
    for node in tree.page.nodes:
        if node.tag in _SUBHEADING_TAGS and node.parent is not None:
            key = (int(parents[parents[node.parent.index]]), node.css_names)
            heading_counts[key] = heading_counts.get(key, 0) + 1
    similar = np.zeros(len(parents))
    for (ancestor, _), count in heading_counts.items():
        similar[ancestor] = max(similar[ancestor], count)
    parent = parents[tree.block_nodes]
    grandparent = parents[parent]
    most_similar = np.maximum(
        np.maximum(similar[tree.block_nodes], similar[parent]), similar[grandparent]
    )
    return shares[parent], shares[grandparent], most_similar


MAX_DISTANCE = 99


def _distances_after(flags: Vector) -> Vector:
    """Distance to the last set flag before each position, at most ``MAX_DISTANCE``.

    A position with a set flag has distance 0; before any flag it is the maximum.
    """
    positions = np.arange(len(flags))
    last = np.maximum.accumulate(np.where(flags, positions, -1_000))
    return np.minimum(positions - last, MAX_DISTANCE)


def _shifted(values: Vector, offset: int, fill: float) -> Vector:
    shifted = np.full_like(values, fill)
    if offset > 0:
        shifted[offset:] = values[:-offset]
    else:
        shifted[:offset] = values[-offset:]
    return shifted


def _window_means(
    half_width: int, lengths: Vector, link_shares: Vector
) -> tuple[Vector, Vector]:
    """Means of two values up to so many positions to each side."""
    count = len(lengths)
    positions = np.arange(count)
    low = np.maximum(positions - half_width, 0)
    high = np.minimum(positions + half_width + 1, count)
    width = high - low
    running = (np.concatenate([[0.0], np.cumsum(v)]) for v in (lengths, link_shares))
    length_sums, link_sums = (sums[high] - sums[low] for sums in running)
    return length_sums / width, link_sums / width


def _group_stats(
    group_ids: Vector, lengths: Vector, link_shares: Vector
) -> tuple[Vector, Vector, Vector]:
    """For each block: size of its group, mean length there, and share of links."""
    counts = np.bincount(group_ids).astype(np.float64)
    totals = np.bincount(group_ids, weights=lengths)
    linked = np.bincount(group_ids, weights=link_shares * lengths)
    return (
        counts[group_ids],
        (totals / np.maximum(counts, 1))[group_ids],
        (linked / np.maximum(totals, 1))[group_ids],
    )


def _similar_group_ids(blocks: list[Block]) -> Vector:
    """A number for each block: equal for equal tags and names of node and parent."""
    ids: dict[tuple[str, str, str], int] = {}
    group_ids = []
    for block in blocks:
        node = block.node
        parent_names = node.parent.css_names if node.parent is not None else ""
        key = (node.tag, node.css_names, parent_names)
        group_ids.append(ids.setdefault(key, len(ids)))
    return _int_array(group_ids)


def _sibling_positions(tree: TreeIndex) -> tuple[Vector, Vector]:
    """For each block, which child of its parent its node is, and of how many."""
    parents = tree.parents[1:]
    counts = np.bincount(parents, minlength=len(tree.parents))
    positions = np.zeros_like(tree.parents)
    order = np.argsort(parents, kind="stable")
    first_of_parent = (np.cumsum(counts) - counts)[parents[order]]
    positions[order + 1] = np.arange(len(parents)) - first_of_parent
    return positions[tree.block_nodes], np.where(
        tree.block_nodes == 0, 1, counts[tree.parents[tree.block_nodes]]
    )


def context_features(
    tree: TreeIndex,
    block_stats: Vector,
    depths: Vector,
    in_boilerplate: Vector,
    title_matches: Vector,
    headline_index: int,
) -> list[Any]:
    """The first columns of ``features.CONTEXT_FEATURES``, in their order.

    ``block_stats``: length, words, share of links and end of each block.
    ``title_matches``: whether a block repeats the title. ``headline_index``: the block
    that is the headline, or -1.
    """
    blocks = tree.page.blocks
    length, words, linked, end = block_stats
    length, linked = length.astype(np.float64), linked.astype(np.float64)
    count = len(blocks)
    order = np.arange(count)
    total = max(float(length.sum()), 1.0)
    prose = (words >= 12) & (linked < 0.3) & (end > 0)
    weight = np.where(prose, np.where(in_boilerplate, length * 0.05, length), 0.0)
    similar, similar_length, similar_linked = _group_stats(
        _similar_group_ids(blocks), length, linked
    )
    main = _MainElement(tree, weight)
    first, last = _prose_range(prose, main.steps_up)
    headings = tree.tags & HEADING_BITS != 0
    parents = np.where(tree.block_nodes == 0, -1, tree.parents[tree.block_nodes])
    window3, linked3 = _window_means(3, length, linked)
    window8, linked8 = _window_means(8, length, linked)
    last_heading = np.maximum.accumulate(np.where(headings, order, 0))
    has_headline = headline_index >= 0
    return [
        # place … alike_linked
        order / count,
        np.cumsum(length) / total,
        count,
        total,
        similar,
        similar_length,
        similar * similar_length / total,
        similar_linked,
        # good_of_page … past_good
        weight.sum() / total,
        main.steps_up,
        main.steps_down,
        depths - main.depth,
        *main.share_features(),
        _distances_after(prose),
        _distances_after(prose[::-1])[::-1],
        (order >= first) & (order <= last),
        np.clip(order - last, -50, 50),
        # since_title … window8_linked
        _distances_after(title_matches),
        _shifted(length, 1, 0),
        _shifted(length, 2, 0),
        _shifted(length, -1, 0),
        _shifted(length, -2, 0),
        _shifted(linked, 1, 0),
        _shifted(linked, -1, 0),
        window3,
        linked3,
        window8,
        linked8,
        # kin_before … children
        parents == _shifted(parents, 1, -2),
        parents == _shifted(parents, -1, -2),
        _shifted(headings, 1, False),
        _shifted(headings, -1, False),
        *_group_stats(parents + 1, length, linked),
        *_sibling_positions(tree),
        # since_heading … suspect
        _distances_after(headings),
        depths - depths[last_heading],
        main.share,
        title_matches.any(),
        np.clip(order - headline_index, -99, 999) if has_headline else -100,
        tree.steps_to(blocks[headline_index].node)[0] if has_headline else -1,
        in_boilerplate,
    ]


def _prose_range(prose: Vector, steps_up_to_main: Vector) -> tuple[int, int]:
    """First and last block of prose, of the main element where it has any."""
    of_main = prose & (steps_up_to_main <= 1)
    if not of_main.any():
        of_main = prose
    count = len(prose)
    if not of_main.any():
        return 0, count
    return int(np.argmax(of_main)), count - 1 - int(np.argmax(of_main[::-1]))


class _MainElement:
    """The element that directly holds most of the prose.

    ``steps_up``, ``steps_down``: for each block, the path to it (see
    ``TreeIndex.steps_to``). ``share``: of the prose that it holds.
    """

    def __init__(self, tree: TreeIndex, block_weights: Vector) -> None:
        parents = tree.parents
        own = np.bincount(
            tree.block_nodes, weights=block_weights, minlength=len(parents)
        )
        # Held by the element itself or directly by its children.
        held = own + np.bincount(parents[1:], weights=own[1:], minlength=len(parents))
        below = tree.subtree_sums(block_weights)
        total = max(float(below[0]), 1.0)
        best = int(np.argmax(held))
        self.share = held[best] / total
        self.depth = tree.page.nodes[best].depth
        self.steps_up, self.steps_down = tree.steps_to(tree.page.nodes[best])
        self._tree = tree
        self._subtree_shares = below / total

    def share_features(self) -> list[Vector]:
        """For each block, how much of the prose is around it.

        Shares below its node and three ancestors; then whether it is in the innermost
        element with at least half of the prose, and in that with nine tenths.
        """
        block_nodes = self._tree.block_nodes
        ancestors = block_nodes
        columns = []
        for _ in range(4):
            columns.append(self._subtree_shares[ancestors])
            ancestors = self._tree.parents[ancestors]
        for min_share in (0.5, 0.9):
            innermost = (
                int(np.flatnonzero(self._subtree_shares >= min_share)[-1])
                if self._subtree_shares[0] >= min_share
                else 0
            )
            end = self._tree.subtree_ends[innermost]
            columns.append((block_nodes >= innermost) & (block_nodes < end))
        return columns
