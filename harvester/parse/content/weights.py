"""What weighed most in the model's opinion of a block, in words. Pure; only for those who ask why.

On its way through a tree a block passes from the mean of all leaves to that of fewer and fewer: each step is the weight of the
column that was asked (A. Saabas, "Interpreting random forests", 2014). Not for: the opinion itself (``trees``).
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from harvester.parse.content.boosted_trees import LEAF_VALUE_SCALE
from harvester.parse.content.features import FEATURE_NAMES

MAX_NAMED_FEATURES = 3  # columns named of a block
MIN_NAMED_CONTRIBUTION = 0.1  # of the opinion's logit: what weighs less is not named
Matrix = Any  # numpy.ndarray
_FEATURE_DESCRIPTIONS = {
    "length": "its length", "words": "its number of words", "word_length": "the length of its words", "linked": "its share of links",
    "links": "its number of links", "strong": "its share in bold", "end": "how it ends", "sentences": "its number of sentences",
    "commas": "its commas", "digits": "its digits", "capitals": "its capitals", "in_title": "its share of words of the headline",
    "of_title": "the share of the headline in it", "is_title": "it is the headline", "in_description": "its words of the description",
    "twins": "how often the page says it", "twins_before": "how often the page said it before", "tag": "its tag", "depth": "its depth in the page",
    "place": "where in the page it stands", "place_by_length": "where among the words of the page it stands", "blocks": "the number of blocks",
    "total": "the length of the page", "alike": "how many blocks look like it", "alike_length": "the length of blocks like it",
    "alike_share": "the share of blocks like it", "alike_linked": "the links in blocks like it", "good_of_page": "the share of prose on the page",
    "up_to_main": "how far it is from the main text", "down_to_main": "how far the main text is from it",
    "deeper_than_main": "how much deeper than the main text it is", "share_own": "the share of the prose in its element",
    "share_parent": "the share of the prose in its parent", "share_grand": "the share of the prose two elements up",
    "share_great": "the share of the prose three elements up", "in_half": "it stands where half of the prose is",
    "in_most": "it stands where nearly all prose is", "good_before": "how near prose is before it", "good_after": "how near prose is after it",
    "between_good": "it stands between the first and the last prose", "past_good": "how far behind the last prose it is",
    "since_title": "how far behind the headline it is", "past_title": "how far behind the headline it is", "up_to_title": "how far its element is from the headline's",
    "before1": "the length of the block before", "before2": "the length of the block two before", "after1": "the length of the block after",
    "after2": "the length of the block two after", "window3": "the length of its neighbours", "window8": "the length of what is around it",
    "window3_linked": "the links of its neighbours", "window8_linked": "the links around it", "siblings": "how many siblings it has",
    "siblings_length": "the length of its siblings", "siblings_linked": "the links in its siblings", "suspect": "it stands apart, in something that is no text",
    "stated": "it stands in the text that the page states for machines", "since_heading": "how far behind a heading it is", "main_share": "the share of prose in the main text",
    "echo_before": "words of the block before", "echo_after": "words of the block after", "said_share": "its words of sharing",
}  # fmt: skip
_PREFIX_DESCRIPTIONS = (  # beginning of the column's name, in words where it is so, and where it is not
    (
        "with_title_",
        "with the headline in something named like {}",
        "not with the headline in something named like {}",
    ),
    (
        "apart_",
        "apart from the headline in something named like {}",
        "not in something beside the headline named like {}",
    ),
    (
        "heading_",
        "the heading above speaks like {}",
        "the heading above does not speak like {}",
    ),
    ("parent_", "its parent is named like {}", "its parent is not named like {}"),
    ("said_", "it speaks like {}", "it does not speak like {}"),
    ("self_", "it is named like {}", "it is not named like {}"),
    ("in_", "it stands in <{}>", "it does not stand in <{}>"),
)


@cache
def _trees_with_means() -> tuple[Any, ...]:
    """The trees with the mean of its leaves in each node: (mean, column, threshold, left, right), leaves (mean,)."""
    model = json.loads(
        (files("harvester.parse.content") / "blocks.json").read_text("ascii")
    )
    return tuple(_with_means(root)[0] for root in model["trees"])


def _with_means(node: Any) -> tuple[Any, float, int]:
    if not isinstance(node, list):
        return (node / LEAF_VALUE_SCALE,), float(node), 1
    column, threshold, left, right = node
    first, total, count = _with_means(left)
    second, other, more = _with_means(right)
    total, count = total + other, count + more
    return (
        (
            total / count / LEAF_VALUE_SCALE,
            column,
            np.float32(threshold),
            first,
            second,
        ),
        total,
        count,
    )


def feature_contributions(features: Matrix) -> Matrix:
    """For each block (a row) the weight of each column, in logits: their sum is the opinion's, less what all blocks share."""
    found = np.zeros(features.shape, dtype=np.float64)
    for root in _trees_with_means():
        waiting = [(root, np.arange(len(features)))]
        while waiting:
            node, places = waiting.pop()
            if len(node) == 1 or not len(places):
                continue
            mean, column, threshold, left, right = node
            low = features[places, column] <= threshold
            for child, some in ((left, places[low]), (right, places[~low])):
                found[some, column] += child[0] - mean
                waiting.append((child, some))
    return found


def describe_contributions(
    features: Matrix, contributions: Matrix
) -> tuple[tuple[str, float], ...]:
    """What weighed most for one block: (what it is, in words; how much, above 0 for article), the most first."""
    order = np.argsort(-np.abs(contributions), kind="stable")[:MAX_NAMED_FEATURES]
    return tuple(
        (
            _describe_feature(FEATURE_NAMES[one], float(features[one])),
            round(float(contributions[one]), 2),
        )
        for one in order
        if abs(contributions[one]) >= MIN_NAMED_CONTRIBUTION
    )


def _describe_feature(name: str, value: float) -> str:
    if name in _FEATURE_DESCRIPTIONS:
        plain = _FEATURE_DESCRIPTIONS[name]
        if plain.startswith("it "):
            return plain if value > 0 else f"not so: {plain}"
        return plain if name in ("tag", "end") else f"{plain} ({value:.3g})"
    for beginning, so, not_so in _PREFIX_DESCRIPTIONS:
        if name.startswith(beginning):
            return (so if value > 0 else not_so).format(name.removeprefix(beginning))
    return f"{name.replace('_', ' ')} ({value:.3g})"
