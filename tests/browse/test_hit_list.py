"""What a page of hits may take, facets included."""

from __future__ import annotations

import pytest

from harvester.browse import hit_list


@pytest.mark.parametrize(
    ("seconds", "milliseconds"),
    [(0, 60), (0.02, 60), (0.05, 40), (0.08, 25), (3, 25)],
)
def test_facets_have_what_hits_left(seconds: float, milliseconds: int) -> None:
    assert hit_list.get_time_for_facets(seconds) == milliseconds
