"""Profiles of outlets: what labels and repetition may decide, and what they may not."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from harvester.parse.content import profile
from harvester.parse.content.page_blocks import Block, split_into_blocks
from harvester.parse.content.profile import (
    MIN_VOTE_SHARE,
    REASONS,
    LabelledPage,
    Profile,
)
from harvester.parse.html.dom import parse_html

WORDS = (
    (
        "The council of the town voted on bridge {n} last night, after a long "
        "debate that went on until {n} o'clock."
    ),
    (
        "It will be closed for {n} months, said the mayor, and the buses will go by "
        "mill {n} until October."
    ),
    (
        "Shopkeepers on bank {n} fear for their customers; a petition has found {n} "
        "signatures so far, and more are to come."
    ),
)
BOX = (
    "Did you like this article? Support us with a gift, or take our newsletter: it "
    "comes on Mondays."
)


def blocks_of(body: str) -> list[Block]:
    tree = parse_html(f"<html><body>{body}</body></html>")
    assert tree is not None
    return split_into_blocks(tree).blocks


def page(number: int, box: str = BOX, more: str = "") -> str:
    """An article with a box among its paragraphs, in the same markup."""
    first, second, third = (f"<p>{one.format(n=number)}</p>" for one in WORDS)
    teaser = (
        f"<div class='more'><p>The ferry of day {number} is another story.</p></div>"
    )
    inside = f"<p>{box}</p>" if box else ""
    return (
        "<div class='text'><h2>Night "
        f"{number}</h2>{first}{inside}{second}{third}{more}</div>{teaser}"
    )


def true_text(number: int) -> str:
    return "\n".join([f"Night {number}", *(one.format(n=number) for one in WORDS)])


def labelled_page(body: str, label_text: str = "", score: float = 0.9) -> LabelledPage:
    """A page that the model scores as article from end to end."""
    blocks = blocks_of(body)
    sure = np.full(len(blocks), score)
    kept = sure >= 0.5
    labels = (
        profile.labels_from_text(blocks, label_text, kept)
        if label_text
        else profile.no_labels(len(blocks))
    )
    return LabelledPage(blocks, sure, kept, labels)


def text(blocks: list[Block], kept: Any) -> str:
    return "\n".join(block.text for block, one in zip(blocks, kept, strict=True) if one)


def read_with(learned: Profile, body: str, score: float = 0.9) -> tuple[str, list[str]]:
    blocks = blocks_of(body)
    adjusted = profile.adjust_scores(learned, blocks, np.full(len(blocks), score))
    return text(blocks, adjusted.scores >= 0.5), [
        REASONS[one] for one in adjusted.reasons
    ]


# ---- learned from labels


def test_three_labelled_pages_say_where_the_text_is() -> None:
    learned = profile.learn_profile(
        [labelled_page(page(n), true_text(n)) for n in range(3)]
    )
    assert (learned.pages, learned.labelled_pages, learned.is_reliable) == (3, 3, True)
    assert read_with(learned, page(7))[0] == true_text(7)
    blocks = blocks_of(page(7))
    assert text(blocks, profile.select_by_profile(learned, blocks)) == true_text(7)


def test_two_labelled_pages_say_nothing_yet() -> None:
    learned = profile.learn_profile(
        [labelled_page(page(n), true_text(n)) for n in range(2)]
    )
    assert read_with(learned, page(7))[1] == ["model"] * len(blocks_of(page(7)))
    assert profile.select_by_profile(learned, blocks_of(page(7))) is None


def test_votes_weigh_against_the_model() -> None:
    learned = profile.learn_profile(
        [labelled_page(page(n), true_text(n)) for n in range(9)]
    )
    blocks = blocks_of(page(1))
    teaser = len(blocks) - 1
    score = np.full(len(blocks), 0.8)
    adjusted = profile.adjust_scores(learned, blocks, score).scores
    # (3 · logit of the score + 9 · logit of the votes) / 12, with bounded votes
    mixed = (
        3 * np.log(0.8 / 0.2) + 9 * np.log(MIN_VOTE_SHARE / (1 - MIN_VOTE_SHARE))
    ) / 12
    assert adjusted[teaser] == pytest.approx(1 / (1 + np.exp(-mixed)))
    assert adjusted[0] > 0.95  # the heading, alone at its position


def test_scores_of_the_model_are_no_votes() -> None:
    learned = profile.learn_profile(
        [labelled_page(page(n, box=""), score=0.9) for n in range(9)]
    )
    blocks = blocks_of(page(10, box=""))
    score = np.linspace(0.1, 0.9, len(blocks))
    assert profile.adjust_scores(learned, blocks, score).scores == pytest.approx(score)


def test_an_excerpt_says_nothing_of_what_follows_it() -> None:
    blocks = blocks_of(page(1))
    labels = profile.labels_from_text(
        blocks, WORDS[0].format(n=1), np.ones(len(blocks), dtype=bool)
    )
    assert labels.tolist() == [
        0,
        1,
        -1,
        -1,
        -1,
        0,
    ]  # the last is outside of the article's container


def test_the_text_of_another_page_gives_no_labels() -> None:
    other = (
        "Nothing of this stands there.\nIt is about something else, and long enough "
        "to be an article of its own, is it not."
    )
    assert (
        profile.labels_from_text(blocks_of(page(1)), other, np.ones(6, dtype=bool))
        == -1
    ).all()


def test_corrections_by_a_person_count_block_by_block() -> None:
    kept = np.array([True, True, False])
    assert profile.labels_from_corrections(
        kept, [(0, False), (2, True), (99, True), (-1, True)]
    ).tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    "after",
    [
        "",
        "<p>It was labelled_page in town {n} first.</p>",
        "<figure><p>A quay in town {n}.</p></figure>",
    ],
)
def test_what_closes_an_article_in_a_paragraphs_own_markup(after: str) -> None:
    def closed(number: int) -> str:
        end = (
            f"<p>Whoever knows more may write to desk {number * 31} of ours.</p><ul>"
            "<li>Share</li></ul>"
        )
        return page(number, box="", more=after.format(n=number) + end)

    def whole(number: int) -> str:
        return true_text(number) + (
            "\n" + blocks_of(after.format(n=number))[0].text
            if after.startswith("<p>")
            else ""
        )

    learned = profile.learn_profile(
        [labelled_page(closed(n), whole(n)) for n in range(5)]
    )
    blocks = blocks_of(closed(8))
    assert text(blocks, profile.select_by_profile(learned, blocks)) == whole(8)
    assert read_with(learned, closed(8))[0] == whole(8)


def test_an_answer_below_a_question_of_every_page_in_a_paragraphs_markup() -> None:
    """What follows it follows paragraphs of the article as well; what is before tells."""

    def quoted(number: int) -> str:
        quote = f"<blockquote>Nobody at quay {number} was asked.</blockquote>"
        answer = (
            f"<h4 class='faq'>Do {number} ferries run?</h4><p>They do on day {number}, "
            f"and {number * 7} times a week in summer.</p>"
        )
        return page(number, box="", more=quote + answer + quote)

    def whole(number: int) -> str:
        return true_text(number) + f"\nNobody at quay {number} was asked."

    learned = profile.learn_profile(
        [labelled_page(quoted(n), whole(n)) for n in range(5)]
    )
    text_read = read_with(learned, quoted(8))[0]
    assert WORDS[2].format(n=8) in text_read and "times a week" not in text_read


# ---- learned from repetition


def test_a_line_on_most_pages_is_removed_without_labels() -> None:
    learned = profile.learn_profile([labelled_page(page(n)) for n in range(5)])
    read, why = read_with(learned, page(9))
    assert BOX not in read and WORDS[1].format(n=9) in read
    assert why[2] == "repeated line"


def test_a_line_is_repeated_only_at_its_own_position() -> None:
    learned = profile.learn_profile([labelled_page(page(n)) for n in range(5)])
    assert (
        BOX
        in read_with(
            learned, f"<div class='other'><p>{BOX}</p><p>{WORDS[0]}</p></div>"
        )[0]
    )


@pytest.mark.parametrize("pages", [2, 3])
def test_from_the_third_page_on(pages: int) -> None:
    learned = profile.learn_profile([labelled_page(page(n)) for n in range(pages)])
    assert (BOX in read_with(learned, page(9))[0]) is (pages < 3)


def test_a_line_that_recurs_now_and_then_stays() -> None:
    pages = [labelled_page(page(n, box=BOX if n % 4 == 0 else "")) for n in range(12)]
    assert BOX in read_with(profile.learn_profile(pages), page(20))[0]


def test_the_words_before_a_colon_are_a_line_too() -> None:
    learned = profile.learn_profile(
        [
            labelled_page(
                page(n, box=f"Read more: the ferry of day {n} has sunk in the harbour.")
            )
            for n in range(5)
        ]
    )
    assert (
        "ferry of day 9 has sunk"
        not in read_with(
            learned,
            page(9, box="Read more: the ferry of day 9 has sunk in the harbour."),
        )[0]
    )


def lead_in_pages(count: int, *paragraphs: str) -> Profile:
    """What is learned of pages of these paragraphs; {n} is the number of the page."""
    return profile.learn_profile(
        [labelled_page(lead_in_page(n, *paragraphs)) for n in range(count)]
    )


def lead_in_page(number: int, *paragraphs: str) -> str:
    inner = "".join(f"<p>{one.format(n=number)}</p>" for one in paragraphs)
    return f"<div class='text'><h2>Night {number}</h2>{inner}</div>"


def test_datelines_and_speakers_are_no_repeated_beginnings() -> None:
    spoken = (
        f"MILLTOWN: {WORDS[0]}",
        "The Courier: Why was bridge {n} closed at all?",
        f"Ann Miller: {WORDS[1]}",
        "The Courier: And what will become of the market on day {n}?",
        f"Ann Miller: {WORDS[2]}",
    )
    learned = lead_in_pages(6, *spoken)
    expected = "\n".join(one.format(n=9) for one in ("Night {n}", *spoken))
    assert read_with(learned, lead_in_page(9, *spoken))[0] == expected


def test_a_beginning_that_wanders_counts_only_where_it_is_a_link() -> None:
    filler = ["Number {n} of the day is a long one, said the mill."] * 12
    for is_link in (True, False):
        pages = []
        for number in range(8):
            box = f"See also: the ferry of day {number} has sunk in the harbour."
            paragraphs = [f"{one} ({place})" for place, one in enumerate(filler)]
            paragraphs.insert(
                4 + number % 5, f"<a href='/x'>{box}</a>" if is_link else box
            )
            pages.append(lead_in_page(number, *paragraphs))
        learned = profile.learn_profile([labelled_page(one) for one in pages[:7]])
        assert ("See also:" in read_with(learned, pages[7])[0]) is not is_link


def test_a_link_after_the_words_of_a_beginning_is_enough() -> None:
    link = "See also: <a href='/x'>the ferry of day {n} has sunk in the harbour.</a>"
    learned = lead_in_pages(5, WORDS[0], WORDS[1], WORDS[2], link, WORDS[1], WORDS[2])
    shown = lead_in_page(9, WORDS[0], link, WORDS[1], WORDS[2])
    assert "See also" not in read_with(learned, shown)[0]


def long_box(pages: int) -> str:
    """What is left of a page whose repeated paragraphs are longer than its text."""
    box = [f"{BOX} {'And so on and on, as before. ' * 20}({part})" for part in "abcd"]
    return read_with(
        lead_in_pages(pages, *WORDS, *box), lead_in_page(40, *WORDS, *box)
    )[0]


def test_long_paragraphs_that_every_page_repeats_are_removed() -> None:
    expected = "\n".join(one.format(n=40) for one in ("Night {n}", *WORDS))
    assert long_box(12) == expected
    assert "as before" in long_box(4)  # of so few, all may be one article


def test_a_labelled_line_stays_though_it_is_repeated() -> None:
    pages = [labelled_page(page(n), f"{true_text(n)}\n{BOX}") for n in range(5)]
    read, why = read_with(profile.learn_profile(pages), page(9), score=0.1)
    assert BOX in read and why[2] == "labelled line"


# ---- limits


def weather_page(number: int) -> str:
    """Weather: sentences that recur now and then, and belong to the article."""
    said = [
        f"In the {where} it will be {sky}."
        for where in ("north", "south", "east", "west")
        for sky in ("dry", "wet", "cold")
    ]
    chosen = "".join(
        f"<p>{one}</p>"
        for place, one in enumerate(said)
        if (place * 7 + number) % 3 == 0
    )
    return (
        f"<div class='text'><p>The weather of day {number} in full.</p>{chosen}</div>"
    )


def test_lines_mean_nothing_where_articles_repeat_themselves() -> None:
    learned = profile.learn_profile([labelled_page(weather_page(n)) for n in range(12)])
    assert not learned.repeated_line_hashes
    read, _ = read_with(learned, weather_page(20))
    assert len(read.split("\n")) == 5


def test_lines_never_remove_more_than_a_third_of_a_page() -> None:
    learned = profile.learn_profile([labelled_page(page(n)) for n in range(5)])
    short = (
        f"<div class='text'><h2>Night</h2><p>{BOX}</p><p>Only a few words.</p></div>"
    )
    assert BOX in read_with(learned, short)[0]


def test_headings_of_the_article_stay() -> None:
    pages = [
        labelled_page(
            page(n, more="<h3>What it costs</h3><p>Four millions and {n}.</p>"),
            f"{true_text(n)}\nWhat it costs\nFour millions and {n}.",
        )
        for n in range(6)
    ]
    read, _ = read_with(
        profile.learn_profile(pages), page(8, more="<h3>What it costs</h3><p>Nine.</p>")
    )
    assert "What it costs" in read


def test_a_redesign_is_not_read_by_the_old_profile() -> None:
    learned = profile.learn_profile(
        [labelled_page(page(n), true_text(n)) for n in range(9)]
    )
    new = page(3).replace("class='text'", "class='prose-of-today'")
    assert profile.select_by_profile(learned, blocks_of(new)) is None
    assert (
        read_with(learned, new)[1].count("place") == 1
    )  # the teaser's position is still learned


def test_an_unreliable_profile_never_decides_alone() -> None:
    # Labels that contradict each other: half of the pages have the box in their text.
    pages = [
        labelled_page(
            page(n, box=f"{BOX} {n}"), true_text(n) + (f"\n{BOX} {n}" if n % 2 else "")
        )
        for n in range(8)
    ]
    learned = profile.learn_profile(pages)
    assert (
        not learned.is_reliable
        and profile.select_by_profile(learned, blocks_of(page(9))) is None
    )


# ---- as stored


def test_the_same_pages_give_the_same_profile_and_it_survives_writing() -> None:
    first, second = (
        profile.learn_profile([labelled_page(page(n), true_text(n)) for n in range(4)])
        for _ in range(2)
    )
    assert first == second and first.digest and len(first.digest) == 12
    assert profile.from_json(profile.to_json(first)) == first
    other = profile.learn_profile(
        [labelled_page(page(n), true_text(n)) for n in range(5)]
    )
    assert other.digest != first.digest


def test_a_profile_of_nothing() -> None:
    empty = profile.learn_profile([])
    assert (empty.pages, empty.is_reliable) == (0, False)
    assert profile.select_by_profile(empty, blocks_of(page(1))) is None
    assert read_with(empty, page(1), score=0.9)[1] == ["model"] * 6


@pytest.mark.parametrize("text", ["", "no json", "{}", "[]", '{"pages": 1}', "null"])
def test_invalid_json_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        profile.from_json(text)


def test_a_profile_holds_no_text_of_the_outlet() -> None:
    written = profile.to_json(
        profile.learn_profile([labelled_page(page(n), true_text(n)) for n in range(4)])
    )
    assert "council" not in written and "newsletter" not in written
    assert set(json.loads(written)) >= {
        "pages",
        "labelled",
        "sure",
        "places",
        "repeated",
        "wanted",
    }
