"""Words of any script, shingle hashes, and samples of them."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest

from harvester.identity import shingles

TEXT = [f"word{n}" for n in range(600)]


def test_hashes_are_those_of_the_published_algorithm() -> None:
    # XXH3-64, seed 0, of nothing, as published with the algorithm's own test vectors.
    from xxhash import xxh3_64_intdigest

    assert xxh3_64_intdigest(b"") == 0x2D06800538D394C2
    assert shingles.shingle_hashes("a b c d e f".split()) == [
        xxh3_64_intdigest(b"a b c d e"),
        xxh3_64_intdigest(b"b c d e f"),
    ]
    assert shingles.shingle_hashes(["é", "b"]) == [xxh3_64_intdigest("é b".encode())]
    assert shingles.shingle_hashes([]) == []


def test_a_sample_is_the_same_in_any_process() -> None:
    code = (
        "from harvester.identity import shingles\n"
        "print(shingles.sample_hashes([f'word{n}' for n in range(600)]))"
    )
    process = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"PYTHONHASHSEED": "7"},
        check=True,
    )
    assert process.stdout.strip() == str(shingles.sample_hashes(TEXT))


@pytest.mark.parametrize("length", [20, 60, 200])
def test_a_part_shares_its_part_of_the_sample(length: int) -> None:
    """The samples of a passage and of the whole text agree below the threshold."""
    whole = set(shingles.sample_hashes(TEXT))
    below = [
        value
        for value in shingles.shingle_hashes(TEXT)
        if value < shingles.SAMPLING_THRESHOLD
    ]
    for start in range(0, 600 - length, 37):
        part = TEXT[start : start + length]
        sampled = set(shingles.sample_hashes(part))
        assert sampled & whole == set(below) & set(shingles.shingle_hashes(part)), start
        assert len(sampled) >= min(
            shingles.MIN_SAMPLE_SIZE, length - shingles.SHINGLE_SIZE + 1
        )


def test_accents_case_and_invisible_characters_do_not_count() -> None:
    assert shingles.split_into_words(
        "L’ÉGLISE  d\u00e9\u00adjà rénovée"
    ) == shingles.split_into_words("l'eglise deja re\u0301nove\u0301e")
    assert shingles.split_into_words("straße") == shingles.split_into_words("STRASSE")


def test_scripts() -> None:
    assert shingles.split_into_words("قَالَ الرَّئِيسُ") == shingles.split_into_words(
        "قال الرئيس"
    )
    assert shingles.split_into_words("北京市长2025年") == [
        "北京",
        "京市",
        "市长",
        "2025",
        "年",
    ]
    assert shingles.split_into_words("東京タワー") == ["東京", "京タ", "タワ", "ワー"]
    assert shingles.split_into_words("हिन्दी समाचार") == ["हिन्दी", "समाचार"]
    assert len(shingles.split_into_words("ภาษาไทย")) > 1


def test_nothing_is_slow_or_fails_on_odd_text() -> None:
    generator = random.Random(3)
    for _ in range(200):
        text = "".join(
            chr(
                generator.choice(
                    [
                        generator.randrange(32, 0x3000),
                        generator.randrange(0x3000, 0xD7FF),
                    ]
                )
            )
            for _ in range(80)
        )
        shingles.sample_hashes(shingles.split_into_words(text))
    assert len(shingles.split_into_words("a " * 500_000)) == shingles.MAX_WORDS


@pytest.mark.parametrize(
    "text",
    [
        "The council's vote_2: 12,000 people - AND one.\n\nA second line " * 9,
        "L’église d’Évreux coûte 3 % de plus\nœuvre, straße, naïve " * 9,
        "covid19 漢字かな交じり\nabc123 def\nประเทศไทย x1 " * 9,
        "मैं हिन्दी बोलता हूँ। " * 9,
        "one two",
        "",
        "\ud800 lone",
    ],
)
def test_the_sample_of_a_text_is_that_of_the_words_of_its_lines(text: str) -> None:
    words = [
        word for line in text.split("\n") for word in shingles.split_into_words(line)
    ]
    assert shingles.sample_text(text) == shingles.sample_hashes(words)
    hashes = shingles.shingle_hashes(words)
    assert len(hashes) == max(len(words) - 4, min(len(words), 1))
