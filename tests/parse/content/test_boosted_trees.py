"""Boosted trees give what a walk through them gives, and what LightGBM gives."""

from __future__ import annotations

import hashlib
import json
import math
import random
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.parse.content import boosted_trees
from harvester.parse.content.extractor import EXTRACTOR, model_version
from harvester.parse.content.features import FEATURE_NAMES

MODEL = json.loads(
    (files("harvester.parse.content") / "blocks.json").read_text("ascii")
)


def walk(model: dict[str, Any], row: Any) -> float:
    """The probability by walking each tree: left if not above the threshold, as LightGBM."""
    total = 0
    for node in model["trees"]:
        while isinstance(node, list):
            column, threshold, left, right = node
            node = left if row[column] <= np.float32(threshold) else right
        total += node
    return 1 / (1 + math.exp(-total / boosted_trees.LEAF_VALUE_SCALE))


def random_tree(rng: random.Random, leaves: int, columns: int) -> Any:
    """A tree of any shape; thresholds from few values, so that rows have them too."""
    if leaves == 1:
        return rng.randint(-400_000, 400_000)
    left = rng.randint(1, leaves - 1)
    threshold = rng.choice([-1.0, 0.0, 0.5, 1.0, 2.5, 7.0])
    return [
        rng.randrange(columns),
        threshold,
        random_tree(rng, left, columns),
        random_tree(rng, leaves - left, columns),
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 12), st.integers(1, 6))
def test_any_forest_gives_what_a_walk_through_it_gives(
    seed: int, count: int, columns: int
) -> None:
    rng = random.Random(seed)
    model = {
        "version": "x",
        "columns": [f"c{n}" for n in range(columns)],
        "trees": [
            random_tree(rng, rng.randint(1, boosted_trees.MAX_LEAVES), columns)
            for _ in range(count)
        ],
    }
    values = [-5.0, -1.0, 0.0, 0.25, 0.5, 1.0, 2.5, 3.0, 7.0, 1e9]
    rows = np.array(
        [[rng.choice(values) for _ in range(columns)] for _ in range(30)],
        dtype=np.float32,
    )
    probabilities = boosted_trees.build_forest(model).probabilities(rows)
    assert probabilities == pytest.approx([walk(model, row) for row in rows], abs=1e-12)


def test_the_shipped_trees_give_what_a_walk_through_them_gives() -> None:
    rng = random.Random(5)
    thresholds: dict[int, list[float]] = {}
    nodes = list(MODEL["trees"])
    while nodes:
        node = nodes.pop()
        if isinstance(node, list):
            thresholds.setdefault(node[0], []).append(node[1])
            nodes += node[2:]
    rows = np.zeros((60, len(FEATURE_NAMES)), dtype=np.float32)
    for row in rows:  # at the thresholds and just beside them
        for column, known in thresholds.items():
            row[column] = rng.choice(known) + rng.choice((0.0, 0.0, 1e-3, -1e-3))
    probabilities = boosted_trees.load_forest().probabilities(rows)
    assert probabilities == pytest.approx([walk(MODEL, row) for row in rows], abs=1e-12)
    assert probabilities.max() - probabilities.min() > 0.2  # they tell rows apart


def test_the_shipped_model_has_the_stated_version_and_columns() -> None:
    assert MODEL["version"] == model_version() == boosted_trees.load_forest().version
    assert f"blocks {model_version()}," in EXTRACTOR
    assert (
        tuple(MODEL["columns"]) == FEATURE_NAMES
    )  # one column more or less would shift the others
    assert (
        hashlib.sha256(json.dumps(MODEL["trees"]).encode()).hexdigest()[:8]
        == MODEL["version"]
    )
    assert (files("harvester.parse.content") / "blocks.json").stat().st_size < 1_000_000  # type: ignore[attr-defined]


def test_rows_do_not_depend_on_each_other() -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(5, 20, (40, len(FEATURE_NAMES))).astype(np.float32)
    together = boosted_trees.load_forest().probabilities(rows)
    order = rng.permutation(40)
    assert (
        boosted_trees.load_forest().probabilities(rows[order]) == together[order]
    ).all()
    assert [
        float(boosted_trees.load_forest().probabilities(row[None])[0]) for row in rows
    ] == together.tolist()
    assert len(boosted_trees.load_forest().probabilities(rows[:0])) == 0


def test_lightgbm_gives_the_same() -> None:
    lightgbm = pytest.importorskip("lightgbm", reason="pip install -e '.[train]'")
    rng = np.random.default_rng(1)
    rows = rng.normal(0, 1, (600, 5)).astype(np.float32)
    labels = (rows[:, 0] + rows[:, 1] * rows[:, 2] > 0).astype(int)
    settings = {
        "objective": "binary",
        "num_leaves": 16,
        "min_data_in_leaf": 5,
        "verbose": -1,
        "num_threads": 1,
    }
    booster = lightgbm.train(settings, lightgbm.Dataset(rows, labels), 20)

    def nested(node: dict[str, Any]) -> Any:
        if "left_child" not in node:
            return round(node["leaf_value"] * boosted_trees.LEAF_VALUE_SCALE)
        return [
            node["split_feature"],
            node["threshold"],
            nested(node["left_child"]),
            nested(node["right_child"]),
        ]

    model = {
        "version": "x",
        "columns": list("abcde"),
        "trees": [
            nested(one["tree_structure"]) for one in booster.dump_model()["tree_info"]
        ],
    }
    fresh = rng.normal(0, 1, (200, 5)).astype(np.float32)
    assert boosted_trees.build_forest(model).probabilities(fresh) == pytest.approx(
        booster.predict(fresh), abs=1e-4
    )
