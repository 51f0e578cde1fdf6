"""Gradient-boosted trees, evaluated with numpy alone: numbers in, probabilities out. Pure; the trees are a file of the package.

Each tree has at most 16 leaves, and a test that fails rules out the leaves on its left: of the leaves that no failed test rules
out the leftmost is the one reached (QuickScorer: Lucchese et al., SIGIR 2015). All tests of all trees are made at once, whatever
the order: one comparison, and one OR of bits over the tests of each tree.
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
TESTS = LEAVES - 1  # of a tree
ROWS = 512  # of a page that are looked at together: more would need much memory
UNIT = 1_000_000
Matrix = Any  # numpy.ndarray


@dataclass(frozen=True, slots=True)
class Forest:
    """The trees, made ready: of each tree as many tests (column, threshold, leaves ruled out where it fails), the first of all trees
    first; and the values of its leaves."""

    name: str
    columns: tuple[str, ...]
    tested: Matrix  # tests
    thresholds: Matrix  # tests × 1
    ruled_out: Matrix  # tests × 1
    values: Matrix  # trees × 16

    def probabilities(self, rows: Matrix) -> Matrix:
        """The probability of each row (a matrix of rows × columns, float32)."""
        by_column = np.ascontiguousarray(rows.T)
        first = (np.arange(len(self.values)) * LEAVES)[:, None]
        total = np.zeros(len(rows), dtype=np.int64)
        for start in range(0, len(rows), ROWS):
            some = slice(start, start + ROWS)
            failed = by_column[:, some].take(self.tested, axis=0) > self.thresholds
            bits = np.multiply(failed, self.ruled_out).reshape(
                TESTS, len(self.values), -1
            )
            leaf = _leftmost().take(np.bitwise_or.reduce(bits, axis=0))
            total[some] = self.values.take(first + leaf).sum(axis=0)
        found: Matrix = 1.0 / (1.0 + np.exp(-total / UNIT))
        return found


@cache
def _leftmost() -> Matrix:
    """For each set of leaves ruled out, as bits, the first leaf that is not."""
    numbers = np.arange(1 << LEAVES)
    found = np.zeros(1 << LEAVES, dtype=np.intp)
    for leaf in reversed(range(LEAVES)):
        found[(numbers >> leaf) & 1 == 0] = leaf
    return found


@cache
def forest() -> Forest:
    """The trees of the package's model file, ``blocks.json``."""
    return made(
        json.loads(
            (files("harvester.parse.content") / "blocks.json").read_text("ascii")
        )
    )


def made(model: dict[str, Any]) -> Forest:
    """A forest of a model: ``trees`` are nested lists [column, threshold, left, right], leaves whole numbers."""
    count = len(model["trees"])
    tested = np.zeros((TESTS, count), dtype=np.intp)
    thresholds = np.full(
        (TESTS, count), np.inf, dtype=np.float32
    )  # where a tree has fewer tests: one that never fails
    ruled_out = np.zeros((TESTS, count), dtype=np.uint16)
    values = np.zeros((count, LEAVES), dtype=np.int64)
    for tree, root in enumerate(model["trees"]):
        tests: list[tuple[int, float, int]] = []
        _lay_out(root, 0, tests, values[tree])
        for place, one in enumerate(tests):
            tested[place, tree], thresholds[place, tree], ruled_out[place, tree] = one
    return Forest(
        model["version"], tuple(model["columns"]), tested.ravel(), thresholds.reshape(-1, 1), ruled_out.reshape(-1, 1), values
    )  # fmt: skip


def _lay_out(
    node: Any, first: int, tests: list[tuple[int, float, int]], values: Matrix
) -> int:
    """Number the leaves from left to right; returns the number after the last."""
    if not isinstance(node, list):
        values[first] = node
        return first + 1
    column, threshold, left, right = node
    middle = _lay_out(left, first, tests, values)
    tests.append((column, threshold, sum(1 << leaf for leaf in range(first, middle))))
    return _lay_out(right, middle, tests, values)
