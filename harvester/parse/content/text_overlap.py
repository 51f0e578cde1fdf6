"""How much of a block's text also occurs elsewhere, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from harvester.parse.content.page_blocks import MAX_TOKENISED_LENGTH, Block

Vector = Any  # numpy.ndarray, a number for each block

MIN_SPLIT_LENGTH = 61  # characters; shorter blocks are compared whole
MIN_SENTENCE_LENGTH = 31  # characters of a sentence that tells copies apart
MAX_SPLIT_LENGTH = 40_000  # characters of a block that are split into sentences
# Characters searched in all: a page and a text of a megabyte each would take minutes.
MAX_SEARCHED_LENGTH = 200_000_000
_SENTENCE = re.compile(r"[^.!?…。！？]+[.!?…。！？]?")
_NON_WORD = re.compile(r"\W+")


def _split_sentences(text: str) -> list[str]:
    """The sentences of a text, roughly: each ends with a mark."""
    return [sentence.lstrip() for sentence in _SENTENCE.findall(text)]


def repeated_sentence_shares(blocks: Sequence[Block]) -> tuple[Vector, Vector]:
    """For long blocks, the share of sentences that an earlier, and a later, block has.

    Finds text that a page holds twice, often once hidden.
    """
    positions: dict[str, list[int]] = {}
    sentences_by_block = []
    for position, block in enumerate(blocks):
        if len(block.text) < MIN_SPLIT_LENGTH:
            continue
        sentences = [
            sentence
            for sentence in _split_sentences(block.text[:MAX_SPLIT_LENGTH])
            if len(sentence) >= MIN_SENTENCE_LENGTH
        ]
        sentences_by_block.append((position, sentences))
        for sentence in sentences:
            positions.setdefault(sentence, []).append(position)
    earlier, later = np.zeros(len(blocks)), np.zeros(len(blocks))
    for position, sentences in sentences_by_block:
        if sentences:
            count = len(sentences)
            before = sum(1 for one in sentences if positions[one][0] < position)
            after = sum(1 for one in sentences if positions[one][-1] > position)
            earlier[position], later[position] = before / count, after / count
    return earlier, later


def alphanumeric_text(text: str) -> str:
    """Letters and digits of a text in lower case, for comparing."""
    return _NON_WORD.sub("", text.lower())


def _alphanumeric_block_text(block: Block) -> str:
    return (
        "".join(block.words)
        if len(block.text) <= MAX_TOKENISED_LENGTH
        else alphanumeric_text(block.text)
    )


MIN_SHARE_IN_TEXT = 0.5  # of a block, for it to be in the text


def shares_in_text(blocks: Sequence[Block], text: str) -> Vector:
    """For each block, the share of it that occurs in a text, sentence by sentence.

    0 for blocks of fewer than four characters.
    """
    searched = alphanumeric_text(text)
    shares = np.zeros(len(blocks))
    searches_left = MAX_SEARCHED_LENGTH // max(len(searched), 1)
    for position, block in enumerate(blocks):
        if len(block.text) < 4 or searches_left <= 0:
            continue
        searches_left -= 1
        if _alphanumeric_block_text(block) in searched:
            shares[position] = 1.0
        elif len(block.text) >= MIN_SPLIT_LENGTH:
            sentences = map(alphanumeric_text, _split_sentences(block.text))
            parts = [part for part in sentences if part][: max(searches_left, 0)]
            searches_left -= len(parts)
            matched = sum(len(part) for part in parts if part in searched)
            shares[position] = matched / max(sum(map(len, parts)), 1)
    return shares
