"""The trees answer as a plain walk through them does, and as the library that grew them."""

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


def walked(model: dict[str, Any], row: Any) -> float:
    """The answer by going down each tree: left where the value is not above the threshold, as LightGBM does."""
    total = 0
    for node in model["trees"]:
        while isinstance(node, list):
            column, threshold, left, right = node
            node = left if row[column] <= np.float32(threshold) else right
        total += node
    return 1 / (1 + math.exp(-total / boosted_trees.LEAF_VALUE_SCALE))


def grown(chance: random.Random, leaves: int, columns: int) -> Any:
    """A tree of that many leaves, of any shape; thresholds from few values, so that they meet the rows' values."""
    if leaves == 1:
        return chance.randint(-400_000, 400_000)
    left = chance.randint(1, leaves - 1)
    threshold = chance.choice([-1.0, 0.0, 0.5, 1.0, 2.5, 7.0])
    return [
        chance.randrange(columns), threshold, grown(chance, left, columns), grown(chance, leaves - left, columns),
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 12), st.integers(1, 6))
def test_any_forest_answers_as_a_walk_through_it(
    seed: int, count: int, columns: int
) -> None:
    chance = random.Random(seed)
    model = {
        "version": "x",
        "columns": [f"c{n}" for n in range(columns)],
        "trees": [
            grown(chance, chance.randint(1, boosted_trees.MAX_LEAVES), columns)
            for _ in range(count)
        ],
    }
    values = [-5.0, -1.0, 0.0, 0.25, 0.5, 1.0, 2.5, 3.0, 7.0, 1e9]
    rows = np.array(
        [[chance.choice(values) for _ in range(columns)] for _ in range(30)],
        dtype=np.float32,
    )
    found = boosted_trees.build_forest(model).probabilities(rows)
    assert found == pytest.approx([walked(model, row) for row in rows], abs=1e-12)


def test_the_shipped_trees_answer_as_a_walk_through_them() -> None:
    chance = random.Random(5)
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
            row[column] = chance.choice(known) + chance.choice((0.0, 0.0, 1e-3, -1e-3))
    found = boosted_trees.load_forest().probabilities(rows)
    assert found == pytest.approx([walked(MODEL, row) for row in rows], abs=1e-12)
    assert found.max() - found.min() > 0.2  # they say something


def test_the_shipped_model_is_what_it_says() -> None:
    assert MODEL["version"] == model_version() == boosted_trees.load_forest().version
    assert f"blocks {model_version()}," in EXTRACTOR
    assert (
        tuple(MODEL["columns"]) == FEATURE_NAMES
    )  # a column more or less would be read as another
    assert (
        hashlib.sha256(json.dumps(MODEL["trees"]).encode()).hexdigest()[:8]
        == MODEL["version"]
    )
    assert (files("harvester.parse.content") / "blocks.json").stat().st_size < 1_000_000  # type: ignore[attr-defined]


def test_rows_do_not_know_each_other() -> None:
    chance = np.random.default_rng(3)
    rows = chance.normal(5, 20, (40, len(FEATURE_NAMES))).astype(np.float32)
    together = boosted_trees.load_forest().probabilities(rows)
    order = chance.permutation(40)
    assert (
        boosted_trees.load_forest().probabilities(rows[order]) == together[order]
    ).all()
    assert [
        float(boosted_trees.load_forest().probabilities(row[None])[0]) for row in rows
    ] == together.tolist()
    assert len(boosted_trees.load_forest().probabilities(rows[:0])) == 0


def test_lightgbm_says_the_same() -> None:
    lightgbm = pytest.importorskip("lightgbm")
    chance = np.random.default_rng(1)
    rows = chance.normal(0, 1, (600, 5)).astype(np.float32)
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
    fresh = chance.normal(0, 1, (200, 5)).astype(np.float32)
    assert boosted_trees.build_forest(model).probabilities(fresh) == pytest.approx(
        booster.predict(fresh), abs=1e-4
    )
