"""What repeats has one way to be read: no rule on a line or a short text takes longer than its length, whatever is repeated in it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from harvester.identity import agency, boilerplate, change, editorial_notes, quote_match

UNITS = ["By", "Ba ", "A.", "A-", "A'", "A, ", "A/", "A de ", "(A", "(AFP ", "AFP/", "with AFP ", "By A. B ", "- ", "12 ", "12:30 ", "mis à jour ", "updated ", "share this ", "read also: ", "“a", "« a ", "erratum ", "the article ", "misstated ", "a\n"]  # fmt: skip
RULES: dict[str, Callable[[str], object]] = {
    "note": editorial_notes.is_correction_note, "marked": editorial_notes.has_correction_mark, "titled": editorial_notes.is_correction_title, "date line": editorial_notes.is_date_line, "of dates": editorial_notes.has_only_date_words,
    "stamped": editorial_notes.has_timestamp_words, "update": editorial_notes.mentions_update, "place": editorial_notes.dateline_length, "counter": boilerplate.is_counter, "furniture": boilerplate.is_boilerplate,
    "agency": lambda text: agency.credited_agency((text[:200],), text), "quote": lambda text: quote_match.find_quotation("By then, AFP said, the article was updated at 12:30, and a bridge closed.", text),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_what_repeats_takes_no_time(rule: str) -> None:
    for unit in UNITS:
        for length in (150, 3_000):
            for end in ("", "x", "\n", " (AFP) -"):
                text = unit * (length // len(unit)) + end
                begun = time.process_time()
                RULES[rule](text)
                assert time.process_time() - begun < 1, (unit, length, end)


LINES: dict[str, Callable[[int, int], str]] = {
    "dates": lambda n, edit: f"{n % 28 + 1} mars {1900 + n % 200}, {n} h {edit}",
    "updates": lambda n, edit: f"Mis à jour le {n % 28 + 1} mars 2025 à {n} h {edit}",
    "notes": lambda n, edit: f"Correction : une version antérieure disait {n} {edit}.",
    "words": lambda n, edit: f"mot{n} autre{n * edit}",
}


@pytest.mark.parametrize("kind", LINES)
def test_a_change_of_every_line_is_judged_in_the_time_of_its_lines(kind: str) -> None:
    def cost(lines: int) -> float:
        before, after = (
            "\n".join(LINES[kind](n, edit) for n in range(lines)) for edit in (1, 2)
        )
        begun = time.process_time()
        change.classify_change(
            change.VersionText("Le pont", before, None, None),
            change.VersionText("Le pont", after, None, None),
        )
        return time.process_time() - begun

    cost(200)
    assert cost(20_000) < 10 * 2 * max(
        cost(2_000), 0.05
    )  # ten times the lines, and not a hundred
