"""Long sequences are aligned correctly, and in linear time."""

from __future__ import annotations

import time
from itertools import pairwise

from harvester.identity import alignment
from harvester.identity.change import VersionText, classify_change


def test_pairs_are_equal_and_ascending_and_found_in_linear_time() -> None:
    old, new = (
        [f"{n % 7}" for n in range(9_000)],
        [f"{n * 3 % 7}" for n in range(9_000)],
    )
    started = time.process_time()
    for before, after in (
        (old, new),
        (["a"] * 9_000, ["a"] * 8_000 + ["b"]),
        ([str(n) for n in range(9_000)], [str(n * 7 % 9_000) for n in range(9_000)]),
    ):
        pairs = list(alignment.matching_pairs(before, after))
        assert all(before[i] == after[j] for i, j in pairs)
        assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(pairs))
    text = "Il a dit oui. " * 20_000
    classify_change(
        VersionText("T", text), VersionText("T", text.replace("oui", "non", 500))
    )
    assert time.process_time() - started < 20  # seconds; quadratic would be minutes
