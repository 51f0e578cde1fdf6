"""Which pages a person is asked to label, and the labels that follow."""

from __future__ import annotations

from dataclasses import replace

from harvester.ingest import labelling
from harvester.ingest.prepare import Job, prepare
from harvester.ingest.profiles.learn import learn_profile
from harvester.model import BlockDecision, Capture, Limits, Rules, TrainingPage
from harvester.parse.content import profile
from tests.support.papers import LETTER, TYPE, Story

AT = "2025-09-07T00:00:00Z"
HEADERS = (("Content-Type", TYPE),)


def asked(
    number: int, doubt: float = 0.05, fed: bool = False, page: bytes = b""
) -> labelling.PageToLabel:
    capture = Capture(
        "https://paper.example/a", "", AT, 200, HEADERS, page or Story(number).page()
    )
    made = prepare(Job("explain", capture, Rules(), Limits()))
    assert made.extract is not None
    return labelling.PageToLabel(
        f"{number:016x}",
        "",
        number,
        replace(made.extract, doubt=doubt),
        made.block_decisions,
        fed,
    )


def test_the_most_doubtful_different_pages_are_chosen() -> None:
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
    assert [one.capture for one in labelling.choose_pages(pages, 2)] == [
        1,
        4,
    ]  # the second is like the first
    assert [
        one.capture for one in labelling.choose_pages(list(reversed(pages)), 5)
    ] == [
        1,
        4,
        2,
        3,
        5,
    ]
    assert labelling.choose_pages([], 3) == []


def test_doubt_where_the_model_did_not_decide() -> None:
    sure, unsure = asked(1, 0.0), asked(2, 0.0)
    sure = replace(
        sure,
        blocks=tuple(
            replace(one, model_probability=float(one.kept)) for one in sure.blocks
        ),
    )
    assert sure.doubt == 0 < unsure.doubt < 1


def test_a_confirmed_page_labels_every_block() -> None:
    page = asked(1)
    dropped = {one.index for one in page.blocks if not one.kept}
    labels = labelling.confirmed_labels(page)
    assert dropped and [place for place, _, _ in labels] == [
        one.index for one in page.blocks
    ]
    assert {place for place, _, wanted in labels if wanted} == {
        one.index for one in page.blocks if one.kept
    }
    letter = next(one.index for one in page.blocks if one.text == LETTER)
    corrected = {
        place: wanted
        for place, _, wanted in labelling.confirmed_labels(page, dropped, [letter])
    }
    assert corrected[letter] is False and all(corrected[one] for one in dropped)
    taken = replace(
        page, blocks=(BlockDecision(-1, "x", "", False, 0.0, 0.0, "rule"), *page.blocks)
    )
    assert labelling.confirmed_labels(taken) == labels


def lessons(shift: int = 0, mark: str = "") -> list[TrainingPage]:
    found = []
    for number in range(3):
        page = asked(number)
        letter = next(one.index for one in page.blocks if one.text == LETTER)
        said = [
            (place + shift, mark or name, wanted)
            for place, name, wanted in labelling.confirmed_labels(page, (), [letter])
        ]
        found.append(
            TrainingPage(
                Story(number).page(),
                "https://paper.example/a",
                HEADERS,
                AT,
                labels=tuple(said),
            )
        )
    return found


def test_labels_find_their_blocks_again() -> None:
    told = learn_profile(lessons(), Rules()).profile
    assert told.labelled_pages == 3 and told.article_line_hashes.isdisjoint(
        told.repeated_line_hashes
    )
    # Cut by another extractor all stand elsewhere: the words name them. Where no words are left, nothing is said.
    assert profile.to_json(
        learn_profile(lessons(shift=2), Rules()).profile
    ) == profile.to_json(told)
    assert learn_profile(lessons(mark="0" * 16), Rules()).profile.labelled_pages == 0
