"""What the model is told of a block's surroundings: its neighbours, its siblings, where most of the prose stands. Pure.

Elements stand in the order of the page, each before all that stand in it: these are the ones up to its ``end``.
Not for: what a block says itself (``columns``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from harvester.parse.content.page_blocks import TAGS, Block, Node, Page, lineage

Vector = Any  # numpy.ndarray
HEADINGS = TAGS["h1"] | TAGS["h2"] | TAGS["h3"] | TAGS["h4"] | TAGS["h5"] | TAGS["h6"]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the blocks of a page stand. ``of_blocks``: of each block the place of its element; ``up``: of each element the place of
    its parent, the root's its own; ``ends``: the place of the first element behind all that stand in it; ``depths``: how deep it stands."""

    page: Page
    of_blocks: Vector
    up: Vector
    ends: Vector
    depths: Vector

    @classmethod
    def of(cls, page: Page) -> Places:
        """The places of a page."""
        nodes = page.nodes
        return cls(
            page,
            np.array([block.node.place for block in page.blocks]),
            np.array([0 if one.parent is None else one.parent.place for one in nodes]),
            np.array([one.end for one in nodes]),
            np.array([one.depth for one in nodes]),
        )

    def steps(self, node: Node) -> tuple[Vector, Vector]:
        """For each block, how many steps it is from its element up to an ancestor that it shares with this one, and from there down."""
        shared = np.zeros_like(self.depths)
        for one in reversed(list(lineage(node))):
            shared[one.place : one.end] = one.depth
        found = shared[self.of_blocks]
        return self.depths[self.of_blocks] - found, node.depth - found

    def below(self, weight: Vector) -> Vector:
        """The sum of a number of each block for all that stand in each element."""
        own = np.bincount(self.of_blocks, weights=weight, minlength=len(self.up))
        total = np.concatenate([[0.0], np.cumsum(own)])
        return total[self.ends] - total[:-1]


def linked_below(
    places: Places, length: Vector, linked: Vector
) -> tuple[Vector, Vector, Vector]:
    """The share of links in all that stands below the parent and its parent, and how many headings are made like those around."""
    up = places.up
    share = places.below(length * linked) / np.maximum(places.below(length), 1)
    headings: dict[tuple[int, str], int] = {}
    for node in places.page.nodes:
        if node.tag in _LOWER and node.parent is not None:
            key = (int(up[up[node.parent.place]]), node.names)
            headings[key] = headings.get(key, 0) + 1
    alike = np.zeros(len(up))
    for (place, _), count in headings.items():
        alike[place] = max(alike[place], count)
    parent = up[places.of_blocks]
    grand = up[parent]
    around = np.maximum(
        np.maximum(alike[places.of_blocks], alike[parent]), alike[grand]
    )
    return share[parent], share[grand], around


_LOWER = frozenset(("h2", "h3", "h4"))


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


def _groups(
    which: Vector, length: Vector, linked: Vector
) -> tuple[Vector, Vector, Vector]:
    """For each block: how many are of its group, their mean length, and the share of links in them."""
    count = np.bincount(which).astype(np.float64)
    total = np.bincount(which, weights=length)
    links = np.bincount(which, weights=linked * length)
    return (
        count[which],
        (total / np.maximum(count, 1))[which],
        (links / np.maximum(total, 1))[which],
    )


def _alike(blocks: list[Block]) -> Vector:
    """For each block a number: the same for the same tag and names of its element and names of its parent."""
    numbers: dict[Any, int] = {}
    found = []
    for node in (block.node for block in blocks):
        key = (
            node.tag,
            node.names,
            node.parent.names if node.parent is not None else "",
        )
        found.append(numbers.setdefault(key, len(numbers)))
    return np.array(found)


def _children(places: Places) -> tuple[Vector, Vector]:
    """For each block, which child of its parent its element is, and of how many."""
    parents = places.up[1:]
    count = np.bincount(parents, minlength=len(places.up))
    child = np.zeros_like(places.up)
    order = np.argsort(parents, kind="stable")
    child[order + 1] = (
        np.arange(len(parents)) - (np.cumsum(count) - count)[parents[order]]
    )
    return child[places.of_blocks], np.where(
        places.of_blocks == 0, 1, count[places.up[places.of_blocks]]
    )


def around(
    places: Places,
    own: Vector,
    depth: Vector,
    suspect: Vector,
    titled: Vector,
    title_place: int,
) -> list[Any]:
    """The columns of AROUND but for the last ones. ``own``: length, words, share of links and end of each block; ``titled``: whether
    it says the title; ``title_place``: which one is the headline, -1: none."""
    blocks, of_blocks = places.page.blocks, places.of_blocks
    length, words, linked, end = (
        own[0].astype(np.float64),
        own[1],
        own[2].astype(np.float64),
        own[3],
    )
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
    first, last = (
        (int(np.argmax(of_main)), count - 1 - int(np.argmax(of_main[::-1])))
        if of_main.any()
        else (0, count)
    )
    headings = np.array([bool(block.node.tags & HEADINGS) for block in blocks])
    parents = np.where(of_blocks == 0, -1, places.up[of_blocks])
    before_heading, after_heading = (
        _shifted(headings, 1, False),
        _shifted(headings, -1, False),
    )
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
        places.steps(blocks[title_place].node)[0] if title_place >= 0 else -1, suspect,
    ]  # fmt: skip


class _Main:
    """Where most of the good text stands: the element that holds most of it directly, and shares of it below each element.

    ``up``, ``down``: for each block, how many steps up from its element to what both stand in, and from there down to the main one.
    """

    def __init__(self, places: Places, weight: Vector) -> None:
        up = places.up
        own = np.bincount(places.of_blocks, weights=weight, minlength=len(up))
        held = own + np.bincount(
            up[1:], weights=own[1:], minlength=len(up)
        )  # by the element or its children themselves
        below = places.below(weight)
        total = max(float(below[0]), 1.0)
        best = int(np.argmax(held))
        self.share = held[best] / total
        self.depth = places.page.nodes[best].depth
        self.up, self.down = places.steps(places.page.nodes[best])
        self._places = places
        self._below = below / total

    def shares(self) -> list[Vector]:
        """Share of the good text below the block's element, its parent, two more above; whether it stands where half, most stand."""
        above = of_blocks = self._places.of_blocks
        found = []
        for _ in range(4):
            found.append(self._below[above])
            above = self._places.up[above]
        # The innermost element that holds at least half (nine tenths) of the good text: what is below it is in it.
        for least in (0.5, 0.9):
            inner = (
                int(np.flatnonzero(self._below >= least)[-1])
                if self._below[0] >= least
                else 0
            )
            found.append((of_blocks >= inner) & (of_blocks < self._places.ends[inner]))
        return found
