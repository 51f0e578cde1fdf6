"""Which features weighed most in the model's score of a block, in words.

On its way through a tree a block passes from the mean of all leaves to the mean of
fewer and fewer; each step is the contribution of the feature that was tested
(A. Saabas, "Interpreting random forests", 2014). Only for explaining; the scores come
from ``boosted_trees``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from harvester.parse.content.boosted_trees import LEAF_VALUE_SCALE, load_model
from harvester.parse.content.features import FEATURE_NAMES

MAX_NAMED_FEATURES = 3  # of a block
MIN_NAMED_CONTRIBUTION = 0.1  # to the logit of the score
Matrix = Any  # numpy.ndarray
_FEATURE_DESCRIPTIONS = {
    # the block itself
    "length": "its length",
    "words": "its number of words",
    "word_length": "the length of its words",
    "linked": "its share of links",
    "links": "its number of links",
    "strong": "its share in bold",
    "end": "how it ends",
    "sentences": "its number of sentences",
    "commas": "its commas",
    "digits": "its digits",
    "capitals": "its capitals",
    "in_title": "its share of words of the headline",
    "of_title": "its share of the headline's words",
    "is_title": "it is the headline",
    "in_description": "its words of the description",
    "twins": "how often the page repeats it",
    "twins_before": "how often it occurs before on the page",
    "tag": "its tag",
    "depth": "its depth in the page",
    "said_share": "its words about sharing",
    # the page
    "place": "its position in the page",
    "place_by_length": "its position in the text of the page",
    "blocks": "the number of blocks",
    "total": "the length of the page",
    "good_of_page": "the share of prose on the page",
    "alike": "the number of similar blocks",
    "alike_length": "the length of similar blocks",
    "alike_share": "the share of similar blocks",
    "alike_linked": "the links in similar blocks",
    # the main text
    "up_to_main": "its distance to the main text",
    "down_to_main": "the distance of the main text to it",
    "deeper_than_main": "how much deeper than the main text it is",
    "share_own": "the share of prose in its element",
    "share_parent": "the share of prose in its parent",
    "share_grand": "the share of prose two elements up",
    "share_great": "the share of prose three elements up",
    "in_half": "it is where half of the prose is",
    "in_most": "it is where nearly all prose is",
    "good_before": "its distance to prose before it",
    "good_after": "its distance to prose after it",
    "between_good": "it is between the first and the last prose",
    "past_good": "its distance after the last prose",
    "main_share": "the share of prose in the main text",
    "stated": "it is in the text that the page states in JSON-LD",
    # headline and headings
    "since_title": "its distance after the headline",
    "past_title": "its distance after the headline",
    "up_to_title": "the distance of its element to the headline's",
    "since_heading": "its distance after a heading",
    "suspect": "it is apart from the headline, in an element for boilerplate",
    # neighbours
    "before1": "the length of the block before",
    "before2": "the length of the block two before",
    "after1": "the length of the block after",
    "after2": "the length of the block two after",
    "window3": "the length of its neighbours",
    "window8": "the length of the blocks around it",
    "window3_linked": "the links of its neighbours",
    "window8_linked": "the links around it",
    "siblings": "its number of siblings",
    "siblings_length": "the length of its siblings",
    "siblings_linked": "the links in its siblings",
    "echo_before": "its sentences in earlier blocks",
    "echo_after": "its sentences in later blocks",
    # the subject
    "headline_words": "its number of the headline's words",
    "headline_own": "the headline's words in its element",
    "headline_parent": "the headline's words in its parent",
    "headline_grand": "the headline's words two elements up",
    "of_description": "its share of the description's words",
    "names_site": "how often it names the site",
    "link_words": "the length of its longest link",
    "images_parent": "the images in its parent",
    "images_grand": "the images two elements up",
}
# Prefix of the feature's name, and how to say that it is so, or not.
_PREFIX_DESCRIPTIONS = (
    (
        "with_title_",
        "with the headline in an element named like {}",
        "not with the headline in an element named like {}",
    ),
    (
        "apart_",
        "apart from the headline in an element named like {}",
        "not in an element beside the headline named like {}",
    ),
    (
        "heading_",
        "the heading above has words like {}",
        "the heading above has no words like {}",
    ),
    ("parent_", "its parent is named like {}", "its parent is not named like {}"),
    ("said_", "it has words like {}", "it has no words like {}"),
    ("self_", "it is named like {}", "it is not named like {}"),
    ("in_", "it is in <{}>", "it is not in <{}>"),
)


@cache
def _trees_with_means() -> tuple[Any, ...]:
    """The trees with the mean of its leaves in each node.

    Nodes are (mean, column, threshold, left, right), leaves are (value,).
    """
    return tuple(_with_means(root)[0] for root in load_model()["trees"])


def _with_means(node: Any) -> tuple[Any, float, int]:
    """A node with means, the sum of its leaves, and their number."""
    if not isinstance(node, list):
        return (node / LEAF_VALUE_SCALE,), float(node), 1
    column, threshold, left, right = node
    left_node, left_sum, left_count = _with_means(left)
    right_node, right_sum, right_count = _with_means(right)
    total, count = left_sum + right_sum, left_count + right_count
    mean = total / count / LEAF_VALUE_SCALE
    return (
        (mean, column, np.float32(threshold), left_node, right_node),
        total,
        count,
    )


def feature_contributions(features: Matrix) -> Matrix:
    """For each block (a row) the contribution of each feature, in logits.

    Their sum is the logit of the score, less a part that is the same for all blocks.
    """
    contributions = np.zeros(features.shape, dtype=np.float64)
    for root in _trees_with_means():
        stack = [(root, np.arange(len(features)))]
        while stack:
            node, rows = stack.pop()
            if len(node) == 1 or not len(rows):
                continue
            mean, column, threshold, left, right = node
            is_left = features[rows, column] <= threshold
            for child, child_rows in ((left, rows[is_left]), (right, rows[~is_left])):
                contributions[child_rows, column] += child[0] - mean
                stack.append((child, child_rows))
    return contributions


def describe_contributions(
    features: Matrix, contributions: Matrix
) -> tuple[tuple[str, float], ...]:
    """What weighed most for one block, the most first: (in words, contribution).

    A contribution above 0 is in favour of article.
    """
    order = np.argsort(-np.abs(contributions), kind="stable")[:MAX_NAMED_FEATURES]
    return tuple(
        (
            _describe_feature(FEATURE_NAMES[column], float(features[column])),
            round(float(contributions[column]), 2),
        )
        for column in order
        if abs(contributions[column]) >= MIN_NAMED_CONTRIBUTION
    )


def _describe_feature(name: str, value: float) -> str:
    if description := _FEATURE_DESCRIPTIONS.get(name):
        if description.startswith("it "):
            return description if value > 0 else f"not so: {description}"
        if name in ("tag", "end"):
            return description
        return f"{description} ({value:.3g})"
    for prefix, positive, negative in _PREFIX_DESCRIPTIONS:
        if name.startswith(prefix):
            template = positive if value > 0 else negative
            return template.format(name.removeprefix(prefix))
    return f"{name.replace('_', ' ')} ({value:.3g})"
