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

MAX_LEAVES = 16
MAX_TESTS = MAX_LEAVES - 1  # of a tree
BATCH_ROWS = 512  # of a page that are looked at together: more would need much memory
LEAF_VALUE_SCALE = 1_000_000
Matrix = Any  # numpy.ndarray


@dataclass(frozen=True, slots=True)
class Forest:
    """The trees, made ready: of each tree as many tests (column, threshold, leaves ruled out where it fails), the first of all trees
    first; and the values of its leaves."""

    version: str
    feature_names: tuple[str, ...]
    tested_features: Matrix  # tests
    thresholds: Matrix  # tests × 1
    excluded_leaves: Matrix  # tests × 1
    leaf_values: Matrix  # trees × 16

    def probabilities(self, features: Matrix) -> Matrix:
        """The probability of each row (a matrix of rows × columns, float32)."""
        by_column = np.ascontiguousarray(features.T)
        first = (np.arange(len(self.leaf_values)) * MAX_LEAVES)[:, None]
        total = np.zeros(len(features), dtype=np.int64)
        for start in range(0, len(features), BATCH_ROWS):
            some = slice(start, start + BATCH_ROWS)
            failed = (
                by_column[:, some].take(self.tested_features, axis=0) > self.thresholds
            )
            bits = np.multiply(failed, self.excluded_leaves).reshape(
                MAX_TESTS, len(self.leaf_values), -1
            )
            leaf = _leftmost_leaves().take(np.bitwise_or.reduce(bits, axis=0))
            total[some] = self.leaf_values.take(first + leaf).sum(axis=0)
        found: Matrix = 1.0 / (1.0 + np.exp(-total / LEAF_VALUE_SCALE))
        return found


@cache
def _leftmost_leaves() -> Matrix:
    """For each set of leaves ruled out, as bits, the first leaf that is not."""
    numbers = np.arange(1 << MAX_LEAVES)
    found = np.zeros(1 << MAX_LEAVES, dtype=np.intp)
    for leaf in reversed(range(MAX_LEAVES)):
        found[(numbers >> leaf) & 1 == 0] = leaf
    return found


@cache
def load_forest() -> Forest:
    """The trees of the package's model file, ``blocks.json``."""
    return build_forest(
        json.loads(
            (files("harvester.parse.content") / "blocks.json").read_text("ascii")
        )
    )


def build_forest(model: dict[str, Any]) -> Forest:
    """A forest of a model: ``trees`` are nested lists [column, threshold, left, right], leaves whole numbers."""
    count = len(model["trees"])
    tested = np.zeros((MAX_TESTS, count), dtype=np.intp)
    thresholds = np.full(
        (MAX_TESTS, count), np.inf, dtype=np.float32
    )  # where a tree has fewer tests: one that never fails
    ruled_out = np.zeros((MAX_TESTS, count), dtype=np.uint16)
    values = np.zeros((count, MAX_LEAVES), dtype=np.int64)
    for tree, root in enumerate(model["trees"]):
        tests: list[tuple[int, float, int]] = []
        _collect_tests(root, 0, tests, values[tree])
        for place, one in enumerate(tests):
            tested[place, tree], thresholds[place, tree], ruled_out[place, tree] = one
    return Forest(
        model["version"], tuple(model["columns"]), tested.ravel(), thresholds.reshape(-1, 1), ruled_out.reshape(-1, 1), values
    )  # fmt: skip


def _collect_tests(
    node: Any, first_leaf: int, tests: list[tuple[int, float, int]], leaf_values: Matrix
) -> int:
    """Number the leaves from left to right; returns the number after the last."""
    if not isinstance(node, list):
        leaf_values[first_leaf] = node
        return first_leaf + 1
    column, threshold, left, right = node
    middle = _collect_tests(left, first_leaf, tests, leaf_values)
    tests.append(
        (column, threshold, sum(1 << leaf for leaf in range(first_leaf, middle)))
    )
    return _collect_tests(right, middle, tests, leaf_values)
