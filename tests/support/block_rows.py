"""Feature rows of a small invented page."""

from __future__ import annotations

from typing import Any

import numpy as np

from harvester.parse.content import features


def rows_of(**more: Any) -> Any:
    """A headline, a standfirst and three paragraphs, as rows."""
    rows = np.zeros((5, len(features.FEATURE_NAMES)), dtype=np.float32)
    values = {
        "words": [4, 14, 40, 40, 40],
        "past_title": [0, 1, 2, 3, 4],
        "end": [0, 1, 1, 1, 1],
        "twins": [1] * 5,
        **more,
    }
    for name, column in values.items():
        rows[:, features.FEATURE_INDEX[name]] = column
    return rows
