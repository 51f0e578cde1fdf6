"""After a power cut, everything acknowledged is there.

Computed from the recorded order of writes and fsyncs.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from benchmarks import power
from benchmarks.machine.cuts import Op

ARTICLES = 9


@pytest.fixture(scope="module")
def ops(tmp_path_factory: pytest.TempPathFactory) -> list[Op]:
    """Every change of a file in two harvests, in order."""
    found = power.record(tmp_path_factory.mktemp("power"), ARTICLES)
    if found is None:
        pytest.skip("no C compiler: writes cannot be recorded")
    return found


def test_acknowledged_data_survives_a_power_cut(ops: list[Op]) -> None:
    instants = random.Random(2).sample(range(len(ops)), 14)
    result = power.cut(ops, [*instants, len(ops) - 1], ARTICLES, seed=2)
    assert result.faults == []
    assert (
        result.acknowledged > 100
        and result.completed >= 5
        and sum(result.cuts.values()) == 60
    )


@pytest.mark.parametrize(
    "unsynced",
    [lambda path: path.endswith("-wal"), lambda path: path.endswith(".warc.gz")],
)
def test_a_missing_sync_would_be_detected(
    ops: list[Op], unsynced: Callable[[str], bool]
) -> None:
    without = [op for op in ops if not (op.letter == "s" and unsynced(op.path))]
    said = [
        number
        for number, op in enumerate(without)
        if op.letter == "w" and op.path.endswith(power.ACKNOWLEDGED)
    ]
    assert power.cut(without, said, ARTICLES, seed=1, losses=("lost",)).faults
