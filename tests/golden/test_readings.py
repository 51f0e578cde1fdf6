"""Pages and feeds of the corpora read as they did: a fixed sample, set by set.

``python tests/golden/readings.py`` reads all of them, and says which page differs.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.golden.readings import READINGS, sample


def test_the_sample_reads_the_same(corpora: Path) -> None:
    known = json.loads(READINGS.read_text("utf-8"))
    found = sample(corpora)
    expected = {name: one["sample"] for name, one in known.items()}
    differing = [n for n in expected if found.get(n) != expected[n]]
    assert not differing
    assert found == expected
