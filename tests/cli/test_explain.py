"""``harvest check --explain``: each block of a page, kept or dropped, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harvester.ingest.prepare import Job, prepare
from harvester.model import BlockDecision, Capture, Limits, Prepared, Rules
from harvester.parse.content import (
    boosted_trees,
    features,
    page_blocks,
    profile,
    weights,
)
from harvester.parse.html.dom import parse_html
from tests.support.papers import APPEAL, NAME, TYPE, Story

if TYPE_CHECKING:
    from tests.support.harvest_command import Harvest

AT = "2025-09-07T00:00:00Z"


def read(
    page: bytes,
    rules: Rules | None = None,
    known: str = "",
    weigh: bool = False,
    truth: str = "",
) -> Prepared:
    capture = Capture(
        "https://paper.example/a", "", AT, 200, (("Content-Type", TYPE),), page
    )
    plain = prepare(Job("page", capture, rules or Rules(), Limits(), profile=known))
    told = prepare(
        Job(
            "explain",
            capture,
            rules or Rules(),
            Limits(),
            content=truth,
            profile=known,
            explain_weights=weigh,
        )
    )
    assert (
        plain.extract == told.extract and not plain.block_decisions
    )  # asking why changes nothing
    return told


def block(made: Prepared, words: str) -> BlockDecision:
    return next(one for one in made.block_decisions if words in one.text)


def learned(count: int, labelled: bool) -> str:
    from harvester.ingest.profiles.learn import learn_profile
    from harvester.model import TrainingPage

    stories = [Story(n) for n in range(count)]
    headers = (("Content-Type", TYPE),)
    lessons = [
        TrainingPage(
            one.page(),
            "https://paper.example/a",
            headers,
            AT,
            one.title,
            one.content if labelled else "",
        )
        for one in stories
    ]
    return profile.to_json(learn_profile(lessons, Rules()).profile)


def test_the_text_is_what_is_kept() -> None:
    made = read(Story(1).page())
    assert made.extract is not None and made.extract.method == "model"
    assert (
        "\n".join(one.text for one in made.block_decisions if one.kept)
        == made.extract.text
    )
    assert [one.index for one in made.block_decisions] == list(
        range(len(made.block_decisions))
    )
    appeal, first = (
        block(made, "belongs to nobody"),
        block(made, Story(1).paragraphs[0]),
    )
    assert (
        first.kept
        and first.reason == "model"
        and first.probability == first.model_probability > 0.5
    )
    assert appeal.element == "div.inset > p" and appeal.text_hash == profile.short_hash(
        APPEAL.format(name=NAME)
    )
    assert not block(made, "Front page").kept


def test_what_frames_the_text_is_named() -> None:
    page = (
        "<html><head><title>The mill is sold</title><meta name='author' content='Ines Varga'></head><body><article>"
        "<div class='text'><p>By Ines Varga</p>"
        + "".join(f"<p>{one}</p>" for one in Story(2).paragraphs)
        + "<p>Ines Varga</p></div></article></body></html>"
    )
    made = read(page.encode())
    assert made.extract is not None and made.extract.text == Story(2).text
    framed = [one.text for one in made.block_decisions if one.reason == "frame"]
    assert framed and set(framed) <= {"By Ines Varga", "Ines Varga", "The mill is sold"}
    assert not any(one.kept for one in made.block_decisions if one.reason == "frame")


def test_what_rules_do_is_named() -> None:
    page = Story(1).page()
    made = read(page, Rules(remove=(".inset",)))
    taken = [one for one in made.block_decisions if one.reason == "rule"]
    assert len(taken) == 3 and all(
        one.index == -1 and one.selector == ".inset" and not one.kept for one in taken
    )
    order = [one.text for one in made.block_decisions]
    assert order == [
        one.text for one in read(page).block_decisions
    ]  # each where it stood
    assert [one.index for one in made.block_decisions if one.index >= 0] == list(
        range(len(made.block_decisions) - 3)
    )

    held = read(page, Rules(text=(".story",)))
    assert held.extract is not None and held.extract.method == "rule"
    assert (
        "\n".join(one.text for one in held.block_decisions if one.kept)
        == held.extract.text
    )
    assert {one.reason for one in held.block_decisions} == {"rule"} and not block(
        held, "Mill Lane"
    ).kept
    theirs = read(page, Rules(extractor="trafilatura"))
    assert {one.reason for one in theirs.block_decisions} == {"trafilatura"}


def test_what_the_profile_says_is_named() -> None:
    by_lines = read(Story(20).page(), known=learned(6, False))
    appeal = block(by_lines, "belongs to nobody")
    assert (
        appeal.reason == "repeated line"
        and not appeal.kept
        and appeal.model_probability > 0.5
    )
    by_labels = read(Story(20).page(), known=learned(6, True))
    assert by_labels.extract is not None and by_labels.extract.method == "profile"
    first = block(by_labels, Story(20).paragraphs[0])
    assert (first.reason, first.kept, first.position_pages, first.position_share) == (
        "place",
        True,
        6,
        1.0,
    )
    assert by_labels.extract.text == Story(20).text


def test_the_true_text_says_what_is_article() -> None:
    made = read(Story(3).page(), truth=Story(3).text)
    assert {one.text for one in made.block_decisions if one.label == 1} == set(
        Story(3).paragraphs
    )
    assert {
        one.label
        for one in read(Story(3).page(), truth=Story(4).text * 3).block_decisions
    } == {-1}


def test_weights_add_up_to_the_opinion() -> None:
    tree = parse_html(Story(5).page().decode())
    assert tree is not None
    rows = features.feature_matrix(
        page_blocks.split_into_blocks(tree), Story(5).title, ""
    )
    opinion = boosted_trees.load_forest().probabilities(rows)
    logits = np.log(opinion / (1 - opinion))
    rest = logits - weights.feature_contributions(rows).sum(axis=1)
    assert np.allclose(rest, rest[0], atol=1e-6)  # what all blocks share
    named = read(Story(5).page(), weigh=True).block_decisions
    assert all(0 < len(one.top_features) <= weights.MAX_NAMED_FEATURES for one in named)
    for one in named:
        sizes = [abs(weight) for _, weight in one.top_features]
        assert sizes == sorted(sizes, reverse=True) and all(
            what for what, _ in one.top_features
        )


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<",
        b"<html></html>",
        b"<body><p>x",
        b"\x00\xff" * 50,
        b"<table><tr><td>a<td>b</table>",
    ],
)
def test_pages_of_nothing(page: bytes) -> None:
    assert not any(
        one.kept and not one.text for one in read(page, weigh=True).block_decisions
    )


def test_many_blocks_take_no_long_time() -> None:
    page = (
        "<body>" + "<p>What the mill said.</p>" * 11_000 + "<div>" * 400 + "x"
    ).encode()
    made = read(page, weigh=True)
    assert len(made.block_decisions) > 10_000 and made.cpu_seconds < 10


def test_real_pages(corpora: Path) -> None:
    import gzip

    files = sorted((corpora / "pages").rglob("*.html*"))[::40]
    assert files
    for path in files:
        body = (
            gzip.decompress(path.read_bytes())
            if path.suffix == ".gz"
            else path.read_bytes()
        )
        made = read(body)
        if made.extract is not None and made.extract.method == "model":
            words = [
                word
                for one in made.block_decisions
                if one.kept
                for word in one.text.split()
            ]
            assert (
                words == made.extract.text.split()
            )  # cells of one row stand on one line of the text


def test_for_people_and_programs(bare: Harvest) -> None:
    file = bare.folder / "page.html"
    file.write_bytes(Story(1).page().replace(b"</div><div class='foot'>", b"</div>" + b"<p><a href='/x'>Menu</a></p>" * 9 + b"<div class='foot'>"))  # fmt: skip
    said = bare("check", str(file), "--explain", COLUMNS="150").stdout
    lines = said.splitlines()
    assert (
        lines[0] == Story(1).title
        and "text by           model" in said
        and "uncertainty" in said
    )
    assert any(
        line.startswith("+") and Story(1).paragraphs[0][:40] in line for line in lines
    )
    assert "profile           none" in said and any(
        "blocks of" in line and "Menu" in line for line in lines
    )
    assert all(len(line) < 150 for line in lines)
    whole = bare("check", str(file), "--all", COLUMNS="150").stdout
    assert whole.count("Menu") == 9
    assert "its distance after the headline" in bare("check", str(file), "--why").stdout

    record: dict[str, Any] = bare.json("check", str(file), "--explain")
    assert (
        "\n".join(one["text"] for one in record["blocks"] if one["kept"])
        == record["text"]
    )
    assert {"place", "kept", "opinion", "reason", "tag", "text"} <= set(
        record["blocks"][0]
    )
    assert record["blocks"][0]["weighed"] and "blocks" not in bare.json(
        "check", str(file)
    )
    feed = bare.folder / "feed.xml"
    feed.write_text(
        "<rss version='2.0'><channel><title>t</title><item><title>x</title></item></channel></rss>"
    )
    assert (
        "only pages can be explained"
        in bare("check", str(feed), "--explain", code=1).stderr
    )
    bare("check", "-", "--nl", "--explain", code=2)
    (bare.folder / "settings.toml").write_text(
        '[outlets.paper]\nfeeds = ["https://paper.example/feed"]\n'
    )
    assert (
        "unknown outlet 'papre'"
        in bare("check", str(file), "--outlet", "papre", code=2).stderr
    )
    assert (
        json.loads(bare("check", str(file), "--outlet", "paper", "--json").stdout)[
            "outlet"
        ]
        == "paper"
    )
