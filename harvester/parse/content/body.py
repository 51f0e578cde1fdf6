"""Where an article's text stands in its page: the model's opinion, what is known of the outlet, a second opinion in doubt. Pure.

    cut into blocks → the outlet's profile alone, where it is sure
                    → else the model's opinion → the profile's advice → the blocks that are chosen (``decoding``)
                    → where that is doubtful, trafilatura's text, if it is of quite another length

Not for: what frames a text (``lines``), nor what the page says of itself (``metadata``).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from lxml import etree
from lxml.html import HtmlElement

from harvester.parse.content import boosted_trees, features, page_blocks, profile
from harvester.parse.content.decoding import (
    add_correction_notes,
    add_table_cells,
    boost_standfirsts,
    remove_pull_quotes,
    select_blocks,
    word_counts,
)
from harvester.parse.content.page_blocks import Page
from harvester.parse.content.profile import Profile
from harvester.parse.html.charset import clean_line
from harvester.parse.html.dom import MAX_DEPTH

MAX_MODEL_UNCERTAINTY = 0.075  # expected error above which a second opinion is worth its time; chosen with whole sites left out, see docs/reading.md
MAX_LENGTH_RATIO = 1.3  # times as long as the other: one of the two is about something else, and trafilatura errs less when the model doubts
MIN_TRAFILATURA_LENGTH = 200  # characters: a shorter text is no opinion
MIN_BASELINE_LENGTH = 50  # characters: what the last resort finds below that is no text
MAX_TEXT_LENGTH = 2_000_000
Vector = Any  # numpy.ndarray


@dataclass(frozen=True, slots=True)
class MainContent:
    """What was found: the blocks of the page, which are kept, how sure that is (``doubt``: 1 − the expected F1), and who says so.

    ``lines`` stands instead of kept blocks where the text was found by other means. ``own``: the model's opinion before the profile's
    advice, ``second``: trafilatura's; both where they were asked for.
    """

    page: Page
    selected: Vector
    scores: Vector
    reasons: Vector
    method: str
    uncertainty: float = 0.0
    fallback_lines: list[str] = field(default_factory=list)
    model_scores: Vector | None = None
    trafilatura_lines: list[str] | None = None

    def text_lines(self, extra_blocks: Container[int] = ()) -> list[str]:
        """The lines of the text, with the blocks at some other places."""
        return self.fallback_lines or page_blocks.block_lines(
            [
                block
                for place, block in enumerate(self.page.blocks)
                if self.selected[place] or place in extra_blocks
            ]
        )


@dataclass(frozen=True, slots=True)
class Extractors:
    """Whom to ask about a page, each dear and so only when it is needed: the model, trafilatura in doubt, and the last resort."""

    model: Callable[[], Vector]
    trafilatura: Callable[[], list[str]]
    baseline: Callable[[], list[str]]


def find_content(
    tree: HtmlElement,
    title: str,
    description: str,
    json_ld_text: str,
    outlet_profile: Profile | None,
) -> MainContent:
    """Find the text of a page. ``stated``: the text that the page states in its JSON-LD."""
    page = page_blocks.split_into_blocks(tree)
    return select_content(
        page,
        outlet_profile,
        page_extractors(tree, page, title, description, json_ld_text),
    )


def page_extractors(
    tree: HtmlElement, page: Page, title: str, description: str, json_ld_text: str
) -> Extractors:
    """The opinions of a page just cut."""
    return Extractors(
        lambda: score_blocks(page, title, description, json_ld_text),
        lambda: trafilatura_lines(tree, fast=True),
        lambda: _baseline_lines(tree),
    )


def select_content(
    page: Page, outlet_profile: Profile | None, extractors: Extractors
) -> MainContent:
    """Which blocks of a page are its text."""
    blocks, count = page.blocks, len(page.blocks)
    nobody = np.zeros(count, dtype=np.int8)
    alone = (
        profile.select_by_profile(outlet_profile, blocks)
        if count and outlet_profile is not None
        else None
    )
    if alone is not None:
        return MainContent(
            page,
            alone,
            alone.astype(np.float64),
            np.ones(count, dtype=np.int8),
            "profile",
        )
    own = second = None
    if count:
        opinion = own = extractors.model()
        if outlet_profile is not None:
            advice = profile.adjust_scores(outlet_profile, blocks, opinion)
            opinion, nobody = advice.scores, advice.reasons
        kept, expected = select_blocks(opinion, word_counts(blocks))
        kept = remove_pull_quotes(
            blocks, add_table_cells(blocks, kept, opinion), nobody == 0
        )
        kept = add_correction_notes(blocks, kept, nobody == 0)
        length = sum(
            len(block.text) for block, one in zip(blocks, kept, strict=True) if one
        )
        if 1 - expected > MAX_MODEL_UNCERTAINTY and (
            outlet_profile is None or not outlet_profile.labelled_pages
        ):
            second = extractors.trafilatura()
        made = MainContent(
            page,
            kept,
            opinion,
            nobody,
            "model",
            round(1 - expected, 4),
            model_scores=own,
            trafilatura_lines=second,
        )
        if second is not None:
            size = sum(map(len, second))
            if size >= MIN_TRAFILATURA_LENGTH and (
                size > MAX_LENGTH_RATIO * length or length > MAX_LENGTH_RATIO * size
            ):
                return replace(made, method="trafilatura", fallback_lines=second)
        if length >= 2:
            return made
    nothing = np.zeros(count, dtype=bool)
    return MainContent(
        page,
        nothing,
        np.zeros(count),
        nobody,
        "baseline",
        1.0,
        extractors.baseline(),
        own,
        second,
    )


def reselect_without_profile(content: MainContent) -> MainContent | None:
    """The same page as it would be judged of nobody's advice, but for a second opinion that was not asked for; None where the model
    was not asked."""
    if content.model_scores is None:
        return None
    own, second = content.model_scores, content.trafilatura_lines or []
    return select_content(
        content.page, None, Extractors(lambda: own, lambda: second, list)
    )


def score_blocks(page: Page, title: str, description: str, json_ld_text: str) -> Vector:
    """The model's opinion: for each block the probability that it is article."""
    rows = features.feature_matrix(page, title, description, json_ld_text)
    return boost_standfirsts(rows, boosted_trees.load_forest().probabilities(rows))


# ---- other opinions


MAX_TRAFILATURA_ELEMENTS, MAX_TRAFILATURA_LENGTH = (
    12_000,
    2_000_000,
)  # trafilatura takes seconds for more; real pages have less
MAX_TOTAL_DEPTH = 250_000  # elements, each as often as it is nested deep: it reads each of many elements with all that they hold
_COUNT_ELEMENTS = etree.XPath("count(//*)")
_HAS_TOO_MANY_CHARS = etree.XPath(f"string-length(/) > {MAX_TRAFILATURA_LENGTH}")


def _is_too_large(tree: HtmlElement) -> bool:
    """Whether trafilatura would take seconds for a page."""
    elements = _COUNT_ELEMENTS(tree)
    if elements > MAX_TRAFILATURA_ELEMENTS or _HAS_TOO_MANY_CHARS(tree):
        return True
    return (
        elements * MAX_DEPTH > MAX_TOTAL_DEPTH and _total_depth(tree) > MAX_TOTAL_DEPTH
    )


def _total_depth(tree: HtmlElement) -> int:
    """The depths of all elements, added up."""
    found = depth = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            depth += 1
            found += depth
        else:
            depth -= 1
    return found


def trafilatura_lines(tree: HtmlElement, fast: bool = False) -> list[str]:
    """The text that trafilatura finds (``fast``: without comparing with other extractors); never with ``deduplicate``, which is state of the process."""
    if _is_too_large(tree):
        return []
    from trafilatura import bare_extraction

    found = bare_extraction(
        tree, include_comments=False, with_metadata=False, fast=fast
    )
    body = getattr(found, "body", None)
    return list(element_lines(body)) if body is not None else []


def _baseline_lines(tree: HtmlElement) -> list[str]:
    if _is_too_large(tree):
        return list(element_lines(tree))
    from trafilatura import baseline

    body, _, length = baseline(etree.tostring(tree, encoding="unicode", method="html"))
    return list(element_lines(body)) if length >= MIN_BASELINE_LENGTH else []


_BLOCK_TAGS = frozenset(
    "p head item quote list table row div code ab body main blockquote li ul ol h1 h2 h3 h4 h5 h6 section article figure pre dl dt dd tr"
    " tbody html hr header footer aside".split()
)
_SKIPPED_TAGS = frozenset(
    "script style graphic head-title iframe noscript svg form button title meta link".split()
)


def element_lines(root: Any) -> Iterator[str]:
    """The blocks of an element that is text and nothing else, each on a line; a row of a table is one, its cells side by side."""
    words: list[str] = []

    def flush() -> Iterator[str]:
        text = clean_line("".join(words), MAX_TEXT_LENGTH)
        words.clear()
        if text:
            yield text

    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _BLOCK_TAGS or tag in (
                "lb",
                "br",
            ):  # people end paragraphs with either
                yield from flush()
            if tag in _SKIPPED_TAGS:
                walk.skip_subtree()
                continue
            if tag in ("cell", "td", "th") and words:
                words.append(" ")
            if element.text:
                words.append(element.text)
            continue
        if tag in _BLOCK_TAGS:
            yield from flush()
        if element.tail and element is not root:
            words.append(element.tail)
    yield from flush()
