"""Strategies for the counts of an outlet's checks, and for the edits of an article."""

from __future__ import annotations

from hypothesis import strategies as st

from harvester.schedule.edit_rates import (
    ARTICLES_PART,
    BAND_BOUNDS_HOURS,
    EditHistory,
    band_name,
)

HOURS = st.floats(0, 2_000)
COUNTS = st.dictionaries(
    st.sampled_from(
        [
            *(band_name(band) for band in range(len(BAND_BOUNDS_HOURS) - 1)),
            "after an edit",
            "announced",
            "words",
            "date",
            ARTICLES_PART,
        ]
    ),
    st.tuples(st.floats(0, 500), st.floats(0, 500)),
)
HISTORIES = st.builds(
    EditHistory,
    HOURS,
    st.integers(0, 50),
    st.one_of(st.none(), HOURS),
    HOURS,
    st.sampled_from(["", "words", "date"]),
)
