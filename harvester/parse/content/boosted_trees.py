"""Gradient-boosted trees, evaluated with numpy alone: features in, probabilities out.

A tree has at most 16 leaves. A test that fails excludes the leaves on its left, and the
leaf reached is the leftmost one that no failed test excludes (QuickScorer: Lucchese et
al., SIGIR 2015). So all tests of all trees are made at once, in any order: one
comparison, and one OR of bits over the tests of each tree. Trees have two thirds of
their tests in common, and each is made once. Leaf values are integers (millionths), so
that the order of adding them makes no difference.
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
BATCH_ROWS = 128  # evaluated together; more would need more memory and no less time
LEAF_VALUE_SCALE = 1_000_000
Matrix = Any  # numpy.ndarray


@dataclass(frozen=True, slots=True)
class Forest:
    """The trees as arrays: the first test of every tree, then the second, and so on."""

    version: str
    tested_features: Matrix  # of the distinct tests
    thresholds: Matrix  # of the distinct tests, × 1
    tests: Matrix  # of the trees, as indices of the distinct ones
    excluded_leaves: Matrix  # tests × 1, as bits: excluded if the test fails
    leaf_values: Matrix  # trees × MAX_LEAVES

    def probabilities(self, features: Matrix) -> Matrix:
        """The probability of each row (``features``: rows × columns, float32)."""
        columns = np.ascontiguousarray(features.T)
        first_leaves = (np.arange(len(self.leaf_values)) * MAX_LEAVES)[:, None]
        total = np.zeros(len(features), dtype=np.int64)
        for start in range(0, len(features), BATCH_ROWS):
            batch = slice(start, start + BATCH_ROWS)
            failed = (
                columns[:, batch].take(self.tested_features, axis=0) > self.thresholds
            )
            excluded = np.multiply(
                failed.take(self.tests, axis=0), self.excluded_leaves
            ).reshape(MAX_TESTS, len(self.leaf_values), -1)
            leaves = _leftmost_leaves().take(np.bitwise_or.reduce(excluded, axis=0))
            leaves += first_leaves
            total[batch] = self.leaf_values.take(leaves).sum(axis=0)
        probabilities: Matrix = 1.0 / (1.0 + np.exp(-total / LEAF_VALUE_SCALE))
        return probabilities


@cache
def _leftmost_leaves() -> Matrix:
    """For each set of excluded leaves, as bits, the first leaf that is not in it."""
    sets = np.arange(1 << MAX_LEAVES)
    leftmost = np.zeros(1 << MAX_LEAVES, dtype=np.intp)
    for leaf in reversed(range(MAX_LEAVES)):
        leftmost[(sets >> leaf) & 1 == 0] = leaf
    return leftmost


def load_model() -> dict[str, Any]:
    """The model file of the package, ``blocks.json``."""
    file = files("harvester.parse.content") / "blocks.json"
    model: dict[str, Any] = json.loads(file.read_text("ascii"))
    return model


@cache
def load_forest() -> Forest:
    """The trees of the package's model."""
    return build_forest(load_model())


def build_forest(model: dict[str, Any]) -> Forest:
    """The forest of a model.

    ``model["trees"]``: nested lists [column, threshold, left, right], with integers as
    leaves.
    """
    count = len(model["trees"])
    tested = np.zeros((MAX_TESTS, count), dtype=np.intp)
    # A tree with fewer tests is filled up with tests that never fail.
    thresholds = np.full((MAX_TESTS, count), np.inf, dtype=np.float32)
    excluded = np.zeros((MAX_TESTS, count), dtype=np.uint16)
    leaf_values = np.zeros((count, MAX_LEAVES), dtype=np.int32)
    for tree, root in enumerate(model["trees"]):
        tests: list[tuple[int, float, int]] = []
        _collect_tests(root, 0, tests, leaf_values[tree])
        for row, (column, threshold, leaves) in enumerate(tests):
            tested[row, tree] = column
            thresholds[row, tree] = threshold
            excluded[row, tree] = leaves
    pairs = list(zip(tested.ravel().tolist(), thresholds.ravel().tolist(), strict=True))
    distinct = {pair: index for index, pair in enumerate(sorted(set(pairs)))}
    return Forest(
        model["version"],
        np.array([column for column, _ in distinct], dtype=np.intp),
        np.array([threshold for _, threshold in distinct], dtype=np.float32)[:, None],
        np.array([distinct[pair] for pair in pairs], dtype=np.intp),
        excluded.reshape(-1, 1),
        leaf_values,
    )


def _collect_tests(
    node: Any, first_leaf: int, tests: list[tuple[int, float, int]], leaf_values: Matrix
) -> int:
    """Collect (column, threshold, leaves excluded) below a node.

    Numbers the leaves from left to right, and returns the number after the last.
    """
    if not isinstance(node, list):
        leaf_values[first_leaf] = node
        return first_leaf + 1
    column, threshold, left, right = node
    middle = _collect_tests(left, first_leaf, tests, leaf_values)
    left_leaves = sum(1 << leaf for leaf in range(first_leaf, middle))
    tests.append((column, threshold, left_leaves))
    return _collect_tests(right, middle, tests, leaf_values)
