"""Gradient-boosted trees, evaluated with numpy alone: numbers in, probabilities out. Pure; the trees are a file of the package.

Each tree has at most 16 leaves, and a test that fails rules out the leaves on its left: what is left of a word of 16 bits after
all failed tests are applied names the leaf by its lowest bit (QuickScorer: Lucchese et al., SIGIR 2015). Which tests of a column
fail follows from its place among the sorted thresholds, so a column costs one look-up and one AND for all trees at once.
Values are whole numbers (millionths), so that no order of adding them makes a difference.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

LEAVES = 16
UNIT = 1_000_000
Matrix = Any  # numpy.ndarray


@dataclass(frozen=True, slots=True)
class Forest:
    """The trees, made ready: for each column used its lowest threshold, all thresholds and, for each place between them, the leaves left in each tree."""

    name: str
    columns: tuple[str, ...]
    used: tuple[tuple[int, float, Matrix, Matrix], ...]
    values: Matrix  # trees × 16

    def probabilities(self, rows: Matrix) -> Matrix:
        """The probability of each row (a matrix of rows × columns, float32)."""
        trees = len(self.values)
        left = np.full((len(rows), trees), 0xFFFF, dtype=np.uint16)
        these = np.empty_like(left)
        by_column = np.ascontiguousarray(rows.T)
        highest = by_column.max(axis=1, initial=-np.inf).tolist()
        for column, first, thresholds, masks in self.used:
            if highest[column] <= first:
                continue  # no test of it fails anywhere: most names of classes are on few pages
            place = np.searchsorted(thresholds, by_column[column], side="left")
            some = np.flatnonzero(place)
            if len(some) * 3 < len(place):
                left[some] &= masks[place[some]]
            else:
                np.take(masks, place, axis=0, out=these, mode="clip")
                np.bitwise_and(left, these, out=left)
        leaf = _lowest_bit()[left]
        total = self.values[np.arange(trees), leaf].sum(axis=1)
        found: Matrix = 1.0 / (1.0 + np.exp(-total / UNIT))
        return found


@cache
def _lowest_bit() -> Matrix:
    numbers = np.arange(1 << LEAVES)
    found = np.zeros(1 << LEAVES, dtype=np.uint8)
    for bit in reversed(range(LEAVES)):
        found[(numbers >> bit) & 1 == 1] = bit
    return found


@cache
def forest() -> Forest:
    """The trees of the package's model file, ``blocks.json``."""
    return made(json.loads((files("harvester.parse") / "blocks.json").read_text("ascii")))


def made(model: dict[str, Any]) -> Forest:
    """A forest of a model: ``trees`` are nested lists [column, threshold, left, right], leaves whole numbers."""
    tests: dict[int, list[tuple[float, int, int]]] = {}
    values = np.zeros((len(model["trees"]), LEAVES), dtype=np.int64)
    for tree, root in enumerate(model["trees"]):
        _lay_out(root, tree, 0, tests, values)
    used = []
    for column, found in sorted(tests.items()):
        thresholds = np.array(sorted({threshold for threshold, _, _ in found}), dtype=np.float32)
        masks = np.full((len(thresholds) + 1, len(values)), 0xFFFF, dtype=np.uint16)
        places = {float(one): place for place, one in enumerate(thresholds)}
        for threshold, tree, mask in found:
            masks[places[float(np.float32(threshold))] + 1 :, tree] &= np.uint16(mask)
        used.append((column, float(thresholds[0]), thresholds, masks))
    return Forest(model["version"], tuple(model["columns"]), tuple(used), values)


def _lay_out(node: Any, tree: int, first: int, tests: dict[int, list[tuple[float, int, int]]], values: Matrix) -> int:
    """Number the leaves from left to right; returns the number after the last."""
    if not isinstance(node, list):
        values[tree, first] = node
        return first + 1
    column, threshold, left, right = node
    middle = _lay_out(left, tree, first, tests, values)
    ruled_out = sum(1 << leaf for leaf in range(first, middle))
    tests.setdefault(column, []).append((threshold, tree, 0xFFFF & ~ruled_out))
    return _lay_out(right, tree, middle, tests, values)
