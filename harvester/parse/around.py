"""What the model is told of a block's surroundings: its neighbours, its siblings, where most of the prose stands. Pure.

Elements stand in the order of the page, each behind its parent, so plain lists of numbers are gone through once, up or down.
Not for: what a block says itself (``columns``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from harvester.parse.blocks import TAGS, Block, Node, Page, lineage

Vector = Any  # numpy.ndarray
HEADINGS = TAGS["h1"] | TAGS["h2"] | TAGS["h3"] | TAGS["h4"] | TAGS["h5"] | TAGS["h6"]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the blocks of a page stand. ``parents``: of each element the place of its parent, the root's its own; ``of_blocks``: of
    each block the place of its element; ``up``: the parents as an array."""

    page: Page
    parents: list[int]
    of_blocks: Vector
    up: Vector

    @classmethod
    def of(cls, page: Page) -> Places:
        """The places of a page."""
        parents = [0 if one.parent is None else one.parent.place for one in page.nodes]
        return cls(page, parents, np.array([block.node.place for block in page.blocks]), np.array(parents))

    def steps(self, node: Node | None) -> Vector:
        """For each block, how many steps it is from its element up to an ancestor that it shares with this one."""
        line = {one.place for one in lineage(node)}
        found = [0] * len(self.parents)
        for place, parent in enumerate(self.parents):
            if place not in line:
                found[place] = found[parent] + 1
        return np.array(found)[self.of_blocks]


def linked_below(places: Places, length: Vector, linked: Vector) -> tuple[Vector, Vector, Vector]:
    """The share of links in all that stands below the parent and its parent, and how many headings are made like those around."""
    nodes, parents = places.page.nodes, places.parents
    size = np.bincount(places.of_blocks, weights=length, minlength=len(nodes)).tolist()
    links = np.bincount(places.of_blocks, weights=length * linked, minlength=len(nodes)).tolist()
    headings: dict[tuple[int, str], int] = {}
    for place in range(len(nodes) - 1, 0, -1):
        parent = parents[place]
        size[parent] += size[place]
        links[parent] += links[place]
        if nodes[place].tag in ("h2", "h3", "h4"):
            key = (parents[parents[parent]], nodes[place].names)
            headings[key] = headings.get(key, 0) + 1
    alike = np.zeros(len(nodes))
    for (place, _), count in headings.items():
        alike[place] = max(alike[place], count)
    share = np.array(links) / np.maximum(np.array(size), 1)
    parent, grand = places.up[places.of_blocks], places.up[places.up[places.of_blocks]]
    around = np.maximum(np.maximum(alike[places.of_blocks], alike[parent]), alike[grand])
    return share[parent], share[grand], around


def _nearest(flags: Vector) -> tuple[Vector, Vector]:
    """For each place, how far it is to the last set flag before it and to the next after it; 99 where there is none."""
    count = len(flags)
    places = np.arange(count)
    back = np.maximum.accumulate(np.where(flags, places, -1_000))
    ahead = np.minimum.accumulate(np.where(flags, places, count + 1_000)[::-1])[::-1]
    return np.minimum(places - back, 99), np.minimum(ahead - places, 99)


def _shifted(values: Vector, by: int, blank: float) -> Vector:
    moved = np.full_like(values, blank)
    if by > 0:
        moved[by:] = values[:-by]
    else:
        moved[:by] = values[-by:]
    return moved


def _windows(values: Vector, halves: Iterable[int]) -> list[Vector]:
    """The means of the values around each place, so many to each side."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    count = len(values)
    places = np.arange(count)
    found = []
    for half in halves:
        low, high = np.maximum(places - half, 0), np.minimum(places + half + 1, count)
        found.append((total[high] - total[low]) / (high - low))
    return found


def _groups(which: Vector, length: Vector, linked: Vector) -> tuple[Vector, Vector, Vector]:
    """For each block: how many are of its group, their mean length, and the share of links in them."""
    count = np.bincount(which).astype(np.float64)
    total = np.bincount(which, weights=length)
    links = np.bincount(which, weights=linked * length)
    return count[which], (total / np.maximum(count, 1))[which], (links / np.maximum(total, 1))[which]


def _alike(blocks: list[Block]) -> Vector:
    """For each block a number: the same for the same tag and names of its element and names of its parent."""
    numbers: dict[Any, int] = {}
    found = []
    for node in (block.node for block in blocks):
        key = (node.tag, node.names, node.parent.names if node.parent is not None else "")
        found.append(numbers.setdefault(key, len(numbers)))
    return np.array(found)


def _children(places: Places) -> tuple[Vector, Vector]:
    """For each block, which child of its parent its element is, and of how many."""
    seen = [0] * len(places.parents)
    child = [0] * len(places.parents)
    for place, parent in enumerate(places.parents[1:], 1):
        child[place] = seen[parent]
        seen[parent] += 1
    children = np.array(seen)[places.up[places.of_blocks]]
    return np.array(child)[places.of_blocks], np.where(places.of_blocks == 0, 1, children)


def around(places: Places, own: Vector, depth: Vector, suspect: Vector, titled: Vector, title_place: int) -> list[Any]:
    """The columns of AROUND but for the last ones. ``own``: length, words, share of links and end of each block; ``titled``: whether
    it says the title; ``title_place``: which one is the headline, -1: none."""
    blocks, of_blocks = places.page.blocks, places.of_blocks
    length, words, linked, end = own[0].astype(np.float64), own[1], own[2].astype(np.float64), own[3]
    count = len(blocks)
    order = np.arange(count)
    total = max(float(length.sum()), 1.0)
    good = (words >= 12) & (linked < 0.3) & (end > 0)
    weight = np.where(good, np.where(suspect, length * 0.05, length), 0.0)
    alike, alike_length, alike_linked = _groups(_alike(blocks), length, linked)
    main = _Main(places, weight)
    of_main = good & (main.up <= 1)
    if not of_main.any():
        of_main = good
    first, last = (int(np.argmax(of_main)), count - 1 - int(np.argmax(of_main[::-1]))) if of_main.any() else (0, count)
    headings = np.array([bool(block.node.tags & HEADINGS) for block in blocks])
    parents = np.where(of_blocks == 0, -1, places.up[of_blocks])
    before_heading, after_heading = _shifted(headings, 1, False), _shifted(headings, -1, False)
    window3, window8 = _windows(length, (3, 8))
    linked3, linked8 = _windows(linked, (3, 8))
    return [
        order / count, np.cumsum(length) / total, count, total, alike, alike_length, alike * alike_length / total, alike_linked,
        weight.sum() / total, main.up, main.down, depth - main.depth, *main.shares(), *_nearest(good), (order >= first) & (order <= last),
        np.clip(order - last, -50, 50), _nearest(titled)[0], _shifted(length, 1, 0), _shifted(length, 2, 0), _shifted(length, -1, 0),
        _shifted(length, -2, 0), _shifted(linked, 1, 0), _shifted(linked, -1, 0), window3, linked3, window8, linked8,
        parents == _shifted(parents, 1, -2), parents == _shifted(parents, -1, -2), before_heading, after_heading,
        *_groups(parents + 1, length, linked), *_children(places), _nearest(headings)[0],
        depth - depth[np.maximum.accumulate(np.where(headings, order, 0))], main.share, titled.any(),
        np.clip(order - title_place, -99, 999) if title_place >= 0 else -100,
        places.steps(blocks[title_place].node) if title_place >= 0 else -1, suspect,
    ]  # fmt: skip


class _Main:
    """Where most of the good text stands: the element that holds most of it directly, and shares of it below each element.

    ``up``, ``down``: for each block, how many steps up from its element to what both stand in, and from there down to the main one.
    """

    def __init__(self, places: Places, weight: Vector) -> None:
        nodes, parents = places.page.nodes, places.parents
        own = np.bincount(places.of_blocks, weights=weight, minlength=len(nodes)).tolist()
        below, held = list(own), list(own)  # held: by the element or its children themselves
        for place in range(len(nodes) - 1, 0, -1):
            below[parents[place]] += below[place]
        for place in range(1, len(nodes)):
            held[parents[place]] += own[place]
        total = max(below[0], 1.0)
        best = held.index(max(held))
        self.share = held[best] / total
        self.depth = nodes[best].depth
        steps = {one.place: distance for distance, one in enumerate(lineage(nodes[best]))}
        down = [0] * len(nodes)
        for place, parent in enumerate(parents):
            down[place] = steps[place] if place in steps else down[parent]
        self.up, self.down = places.steps(nodes[best]), np.array(down)[places.of_blocks]
        self._places = places
        self._below = np.array(below) / total

    def shares(self) -> list[Vector]:
        """Share of the good text below the block's element, its parent, two more above; whether it stands where half, most stand."""
        above = of_blocks = self._places.of_blocks
        found = []
        for _ in range(4):
            found.append(self._below[above])
            above = self._places.up[above]
        # The innermost element that holds at least half (nine tenths) of the good text: what is below it is in it.
        for least in (0.5, 0.9):
            inner = int(np.flatnonzero(self._below >= least)[-1]) if self._below[0] >= least else 0
            found.append((of_blocks >= inner) & (of_blocks < self._end(inner)))
        return found

    def _end(self, inner: int) -> int:
        """The place of the first element behind all that stand in this one."""
        nodes = self._places.page.nodes
        depth = nodes[inner].depth
        return next((place for place in range(inner + 1, len(nodes)) if nodes[place].depth <= depth), len(nodes))
