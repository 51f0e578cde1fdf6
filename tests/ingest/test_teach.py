"""Which pages a person is asked about, and what an answer says."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from harvester.ingest.prepare import Job, prepare
from harvester.ingest.profiles import labelling
from harvester.ingest.profiles.learn import learn
from harvester.model import Capture, Judged, Lesson, Limits, Rules
from harvester.parse.content import profile

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from papers import LETTER, TYPE, Story

AT = "2025-09-07T00:00:00Z"
HEADERS = (("Content-Type", TYPE),)


def asked(
    number: int, doubt: float = 0.05, fed: bool = False, page: bytes = b""
) -> labelling.Asked:
    capture = Capture(
        "https://paper.example/a", "", AT, 200, HEADERS, page or Story(number).page()
    )
    made = prepare(Job("explain", capture, Rules(), Limits()))
    assert made.extract is not None
    return labelling.Asked(
        f"{number:016x}",
        "",
        number,
        replace(made.extract, doubt=doubt),
        made.blocks,
        fed,
    )


def test_the_most_doubtful_and_different() -> None:
    other = (
        Story(4)
        .page()
        .replace(b"class='story'", b"class='leaf'")
        .replace(b"class='inset'", b"class='note'")
    )
    pages = [
        asked(1, 0.10),
        asked(2, 0.09),
        asked(3, 0.01),
        asked(4, 0.06, page=other),
        asked(5, 0.5, fed=True),
    ]
    assert [one.capture for one in labelling.choose(pages, 2)] == [
        1,
        4,
    ]  # the second is like the first
    assert [one.capture for one in labelling.choose(list(reversed(pages)), 5)] == [
        1,
        4,
        2,
        3,
        5,
    ]
    assert labelling.choose([], 3) == []


def test_doubt_where_the_model_was_not_asked() -> None:
    sure, unsure = asked(1, 0.0), asked(2, 0.0)
    sure = replace(
        sure, blocks=tuple(replace(one, model=float(one.kept)) for one in sure.blocks)
    )
    assert sure.doubt == 0 < unsure.doubt < 1


def test_a_confirmed_page_speaks_of_every_block() -> None:
    page = asked(1)
    dropped = {one.place for one in page.blocks if not one.kept}
    labels = labelling.confirmed(page)
    assert dropped and [place for place, _, _ in labels] == [
        one.place for one in page.blocks
    ]
    assert {place for place, _, wanted in labels if wanted} == {
        one.place for one in page.blocks if one.kept
    }
    letter = next(one.place for one in page.blocks if one.text == LETTER)
    corrected = {
        place: wanted
        for place, _, wanted in labelling.confirmed(page, dropped, [letter])
    }
    assert corrected[letter] is False and all(corrected[one] for one in dropped)
    taken = replace(
        page, blocks=(Judged(-1, "x", "", False, 0.0, 0.0, "rule"), *page.blocks)
    )
    assert labelling.confirmed(taken) == labels


def lessons(shift: int = 0, mark: str = "") -> list[Lesson]:
    found = []
    for number in range(3):
        page = asked(number)
        letter = next(one.place for one in page.blocks if one.text == LETTER)
        said = [
            (place + shift, mark or name, wanted)
            for place, name, wanted in labelling.confirmed(page, (), [letter])
        ]
        found.append(
            Lesson(
                Story(number).page(),
                "https://paper.example/a",
                HEADERS,
                AT,
                said=tuple(said),
            )
        )
    return found


def test_labels_find_their_blocks_again() -> None:
    told = learn(lessons(), Rules()).profile
    assert told.labelled == 3 and told.wanted.isdisjoint(told.repeated)
    # Cut by another extractor all stand elsewhere: the words name them. Where no words are left, nothing is said.
    assert profile.written(learn(lessons(shift=2), Rules()).profile) == profile.written(
        told
    )
    assert learn(lessons(mark="0" * 16), Rules()).profile.labelled == 0
