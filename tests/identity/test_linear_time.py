"""No rule takes more than linear time, whatever is repeated in a text."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from harvester.identity import (
    agency,
    boilerplate,
    change,
    editorial_notes,
    headline_counters,
    quote_match,
)

UNITS = [
    "By",
    "Ba ",
    "A.",
    "A-",
    "A'",
    "A, ",
    "A/",
    "A de ",
    "(A",
    "(AFP ",
    "AFP/",
    "with AFP ",
    "By A. B ",
    "- ",
    "12 ",
    "12:30 ",
    "mis à jour ",
    "updated ",
    "share this ",
    "read also: ",
    "“a",
    "« a ",
    "erratum ",
    "the article ",
    "misstated ",
    "a\n",
    "(12 ",
    "[1] ",
    "| 5 min ",
    "live 14:32 ",
    "1 mars ",
]
RULES: dict[str, Callable[[str], object]] = {
    "correction note": editorial_notes.is_correction_note,
    "correction mark": editorial_notes.has_correction_mark,
    "correction title": editorial_notes.is_correction_title,
    "date line": editorial_notes.is_date_line,
    "date words": editorial_notes.has_only_date_words,
    "timestamp": editorial_notes.has_timestamp_words,
    "update": editorial_notes.mentions_update,
    "dateline": editorial_notes.dateline_length,
    "counter": boilerplate.is_counter,
    "boilerplate": boilerplate.is_boilerplate,
    "headline": headline_counters.strip_counters,
    "agency": lambda text: agency.credited_agency((text[:200],), text),
    "quotation": lambda text: quote_match.find_quotation(
        "By then, AFP said, the article was updated at 12:30, and a bridge closed.",
        text,
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_repetitions_take_linear_time(rule: str) -> None:
    for unit in UNITS:
        for length in (150, 3_000):
            for end in ("", "x", "\n", " (AFP) -"):
                text = unit * (length // len(unit)) + end
                started = time.process_time()
                RULES[rule](text)
                assert time.process_time() - started < 1, (unit, length, end)


LINES: dict[str, Callable[[int, int], str]] = {
    "dates": lambda n, edit: f"{n % 28 + 1} mars {1900 + n % 200}, {n} h {edit}",
    "updates": lambda n, edit: f"Mis à jour le {n % 28 + 1} mars 2025 à {n} h {edit}",
    "notes": lambda n, edit: f"Correction : une version antérieure disait {n} {edit}.",
    "words": lambda n, edit: f"mot{n} autre{n * edit}",
}


@pytest.mark.parametrize("kind", LINES)
def test_a_change_of_every_line_is_judged_in_the_time_of_its_lines(kind: str) -> None:
    def seconds(lines: int) -> float:
        before, after = (
            "\n".join(LINES[kind](n, edit) for n in range(lines)) for edit in (1, 2)
        )
        started = time.process_time()
        change.classify_change(
            change.VersionText("Le pont", before, None, None),
            change.VersionText("Le pont", after, None, None),
        )
        return time.process_time() - started

    seconds(200)
    # Ten times the lines take ten times as long, not a hundred times.
    assert seconds(20_000) < 2 * 10 * max(seconds(2_000), 0.05)
