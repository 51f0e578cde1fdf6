"""The model's features of the subject: what the page says it is about, and whose it is.

Prose around an article looks like its paragraphs: teasers, other articles, comments,
what a company says of itself. The words of the headline and the description are in the
article, and hardly in the elements around it; the site's name is the other way round.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from harvester.parse.content.context import TreeIndex
from harvester.parse.content.page_blocks import UNSPACED_SCRIPT, WORD, Block, Page

Vector = Any  # numpy.ndarray, a number for each block
Matrix = Any  # numpy.ndarray, blocks × terms

SUBJECT_FEATURES = (
    "headline_words",
    "headline_own",
    "headline_parent",
    "headline_grand",
    "of_description",
    "names_site",
    "link_words",
    "images_parent",
    "images_grand",
)
MIN_TERM_LETTERS = 4  # of a word of the headline or description
MAX_TERMS = 24  # of each
MIN_HEADLINE_SHARE = 0.6  # of the headline's words, for a block to be a headline
MAX_HEADLINE_TERMS = 3  # words of such a block for each of the headline's
MIN_LABEL_LENGTH = 4  # of the part of a host that may be the site's name


def subject_features(
    tree: TreeIndex, title: str, description: str, url: str
) -> list[Any]:
    """The columns of SUBJECT_FEATURES.

    ``title``, ``description``: as the page states them. ``url``: the page's, for the
    name of its site.
    """
    page, blocks = tree.page, tree.page.blocks
    own, parents, ends = tree.block_nodes, tree.parents, tree.subtree_ends
    levels = own, parents[own], parents[parents[own]]
    headline_terms, description_terms = _terms(title), _terms(description)
    flags = _term_flags(blocks, headline_terms + description_terms)
    count = len(headline_terms)
    in_headline, in_description = flags[:, :count], flags[:, count:]
    shares = _headline_shares(blocks, in_headline, own, ends)
    images = _image_counts(page, ends)
    return [
        in_headline.sum(axis=1),
        *(shares[level] for level in levels),
        in_description.mean(axis=1) if description_terms else 0.0,
        _site_mentions(blocks, url),
        _longest_links(page),
        images[levels[1]],
        images[levels[2]],
    ]


def _terms(text: str) -> tuple[str, ...]:
    """The words that tell what a headline or description is about, without repeats.

    In scripts without spaces, pairs of characters.
    """
    terms: list[str] = []
    for word in WORD.findall(text.lower()):
        if UNSPACED_SCRIPT.search(word):
            terms.extend(map("".join, pairwise(word)))
        elif len(word) >= MIN_TERM_LETTERS:
            terms.append(word)
    return tuple(dict.fromkeys(terms))[:MAX_TERMS]


def _term_flags(blocks: list[Block], terms: tuple[str, ...]) -> Matrix:
    """Which block has which term, as 0 and 1."""
    flags = np.zeros((len(blocks), len(terms)), dtype=np.float32)
    columns: dict[str, list[int]] = {}
    for column, term in enumerate(terms):
        columns.setdefault(term, []).append(column)
    unspaced = [term for term in columns if UNSPACED_SCRIPT.search(term)]
    spaced = columns.keys() - set(unspaced)
    found: list[int] = []  # columns
    counts = []  # of each block
    for block in blocks:
        before = len(found)
        if not spaced.isdisjoint(block.words):
            for term in spaced.intersection(block.words):
                found += columns[term]
        if unspaced and not block.text.isascii():
            for term in unspaced:
                if term in block.text:
                    found += columns[term]
        counts.append(len(found) - before)
    flags[np.repeat(np.arange(len(blocks)), counts), found] = 1
    return flags


def _headline_shares(
    blocks: list[Block], flags: Matrix, own: Vector, ends: Vector
) -> Vector:
    """For each element, the share of the headline's words that its text has.

    Headlines themselves do not count.
    """
    term_count = flags.shape[1]
    if not term_count:
        return np.zeros(len(ends))
    sizes = np.array([len(block.words) for block in blocks])
    is_headline = (flags.sum(axis=1) >= MIN_HEADLINE_SHARE * term_count) & (
        sizes <= MAX_HEADLINE_TERMS * term_count
    )
    counts = np.zeros((len(ends) + 1, term_count), dtype=np.float32)
    np.add.at(counts, own + 1, np.where(is_headline[:, None], 0, flags))
    running = counts.cumsum(axis=0)
    shares: Vector = (running[ends] > running[:-1]).mean(axis=1)
    return shares


def _site_mentions(blocks: list[Block], url: str) -> list[int]:
    """How often each block has the longest part of the site's host; -1 if unknown."""
    host = url.partition("://")[2].partition("/")[0].lower()
    labels = [label.replace("-", "") for label in host.split(".")[:-1]]
    name = max(labels, key=len, default="")
    if len(name) < MIN_LABEL_LENGTH:
        return [-1] * len(blocks)
    texts = ["".join(block.words) for block in blocks]
    if name not in "\0".join(texts):
        return [0] * len(blocks)
    return [text.count(name) for text in texts]


def _longest_links(page: Page) -> list[int]:
    """For each block, how many words its longest link has."""
    longest = [0] * (len(page.blocks) + 1)
    for index, _, text in page.links:
        longest[index] = max(longest[index], len(text.split()))
    return longest[:-1]


def _image_counts(page: Page, ends: Vector) -> Vector:
    """For each element, the images in it."""
    counts = np.zeros(len(ends) + 1)
    for _, _, node in page.images:
        counts[node.index + 1] += 1
    running = counts.cumsum()
    inside: Vector = running[ends] - running[:-1]
    return inside
