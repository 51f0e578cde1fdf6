"""Comparisons: each text can be read back from its side, and moves lead there and back."""

from __future__ import annotations

import random

import pytest

from harvester.render import comparison
from harvester.render.comparison import Move, Row

BEFORE = """The old bridge will close on Monday for repairs.
The survey found cracks in two piers. It was built in the year of the great flood.
The mayor refused to answer questions from the press on Tuesday.
Traffic will be led over the northern crossing until spring."""
AFTER = """The old bridge will close on Monday for repairs.
Traffic will be led over the northern crossing until spring.
The survey found cracks in three piers.
The mayor refused to answer questions from the press on Tuesday. \
It was built in the year of the great flood."""


def words(runs: tuple[tuple[str, str], ...]) -> list[str]:
    return "".join(text for _, text in runs).split()


def read_back(rows: list[Row], side: str) -> list[list[str]]:
    numbered = [
        (getattr(row, f"{side}_number"), words(getattr(row, side))) for row in rows
    ]
    paragraphs = [(number, said) for number, said in numbered if number]
    assert [number for number, _ in paragraphs] == list(range(1, len(paragraphs) + 1))
    return [said for _, said in paragraphs]


def split(text: str) -> list[list[str]]:
    return [line.split() for line in text.split("\n") if line.strip()]


def moved_text(runs: tuple[tuple[str, str], ...]) -> str:
    return " ".join(" ".join(text.split()) for sign, text in runs if sign == ">")


def test_a_moved_sentence_and_a_moved_paragraph_say_where_to() -> None:
    rows = comparison.compare(BEFORE, AFTER)
    assert read_back(rows, "before") == split(BEFORE)
    assert read_back(rows, "after") == split(AFTER)
    (away,) = [row for row in rows if row.before_number == 4]
    (here,) = [row for row in rows if row.after_number == 2]
    if away is not here:  # the alignment may keep this one and move the others
        assert away.kind == here.kind == ">"
        assert away.moves == (Move(True, 2),) and here.moves == (Move(False, 4),)
    flood = "It was built in the year of the great flood."
    (from_row,) = [row for row in rows if flood in moved_text(row.before)]
    (to_row,) = [row for row in rows if flood in moved_text(row.after)]
    assert (from_row.before_number, to_row.after_number) == (2, 4)
    assert Move(True, 4) in from_row.moves and Move(False, 2) in to_row.moves


def test_words_are_counted_once_and_moved_ones_not_at_all() -> None:
    rows = comparison.compare(
        "One sentence stays in this place for good. Another one goes away from here."
        "\nThe end came on a quiet evening in town.",
        "One sentence stays in this place for long."
        "\nThe end came on a quiet evening in town. Another one goes away from here.",
    )
    assert comparison.count_words(rows) == (1, 1)
    assert comparison.count_moved(rows) == 1


def test_sentences_of_few_words_are_not_moved() -> None:
    rows = comparison.compare("He agreed.\nA\nB\nC", "A\nB\nC\nHe agreed.")
    assert comparison.count_moved(rows) == 0
    assert comparison.count_words(rows) == (2, 2)


def test_a_sentence_removed_twice_and_added_once_is_moved_once() -> None:
    said = "The council meets again on Thursday evening."
    rows = comparison.compare(f"{said}\nA\n{said}\nB", f"A\nB\nAll is well. {said}")
    assert comparison.count_moved(rows) == 1
    assert comparison.count_words(rows)[0] == len(said.split())


@pytest.mark.parametrize("seed", range(60))
def test_both_texts_can_be_read_back(seed: int) -> None:
    dice = random.Random(seed)
    vocabulary = [f"word{number}" for number in range(40)]

    def sentence() -> str:
        chosen = [dice.choice(vocabulary) for _ in range(dice.randint(2, 9))]
        return f"The {' '.join(chosen)}."

    paragraphs = [
        [sentence() for _ in range(dice.randint(1, 4))]
        for _ in range(dice.randint(1, 8))
    ]
    edited = [list(paragraph) for paragraph in paragraphs]
    for _ in range(dice.randint(0, 6)):
        source = dice.choice(edited)
        kind = dice.choice(("move", "remove", "add", "change", "swap"))
        if kind == "move" and source:
            dice.choice(edited).append(source.pop(dice.randrange(len(source))))
        elif kind == "remove" and source:
            source.pop()
        elif kind == "add":
            source.insert(dice.randint(0, len(source)), sentence())
        elif kind == "change" and source:
            source[0] = source[0].replace("word1", "other")
        elif kind == "swap":
            dice.shuffle(edited)
    before = "\n".join(" ".join(paragraph) for paragraph in paragraphs)
    after = "\n".join(" ".join(paragraph) for paragraph in edited)
    rows = comparison.compare(before, after)
    assert read_back(rows, "before") == split(before)
    assert read_back(rows, "after") == split(after)
    away = [move for row in rows for move in row.moves if move.away]
    here = [move for row in rows for move in row.moves if not move.away]
    assert len(away) == len(here)
    pairs = sorted(
        (row.before_number, move.paragraph)
        for row in rows
        for move in row.moves
        if move.away
    )
    assert pairs == sorted(
        (move.paragraph, row.after_number)
        for row in rows
        for move in row.moves
        if not move.away
    )
    if before == after:
        assert {row.kind for row in rows} <= {"="}


def test_unchanged_passages_are_folded_and_long_ones_clipped() -> None:
    lines = [f"Paragraph {number} of many." for number in range(30)]
    changed = [*lines]
    changed[10] = "Something else entirely stands here now."
    rows = comparison.compare("\n".join(lines), "\n".join(changed))
    folded = comparison.fold(rows)
    assert [row.unchanged_count for row in folded if row.kind == "…"] == [9, 18]
    assert sum(row.kind != "…" for row in folded) == 4
    clipped = comparison.clip(rows, 100)
    assert clipped == rows[: len(clipped)]
    total = sum(len(text) for row in clipped for _, text in row.runs)
    assert 100 < total < 160


def test_empty_texts() -> None:
    assert comparison.compare("", "") == []
    (row,) = comparison.compare("", "Something.")
    assert (row.kind, row.after_number) == ("+", 1)
