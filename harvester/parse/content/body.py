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
    best,
    sizes,
    with_cells,
    with_lead,
    with_notes,
    without_echoes,
)
from harvester.parse.content.page_blocks import Page
from harvester.parse.content.profile import Profile
from harvester.parse.html.charset import line
from harvester.parse.html.dom import DEPTH_MOST

DOUBT = 0.075  # expected error above which a second opinion is worth its time; chosen with whole sites left out, see docs/reading.md
APART = 1.3  # times as long as the other: one of the two is about something else, and trafilatura errs less when the model doubts
VOTE_LEAST = 200  # characters: a shorter text is no opinion
LEAST = 50  # characters: what the last resort finds below that is no text
TEXT_MOST = 2_000_000
Vector = Any  # numpy.ndarray


@dataclass(frozen=True, slots=True)
class Body:
    """What was found: the blocks of the page, which are kept, how sure that is (``doubt``: 1 − the expected F1), and who says so.

    ``lines`` stands instead of kept blocks where the text was found by other means. ``own``: the model's opinion before the profile's
    advice, ``second``: trafilatura's; both where they were asked for.
    """

    page: Page
    kept: Vector
    opinion: Vector
    reasons: Vector
    method: str
    doubt: float = 0.0
    lines: list[str] = field(default_factory=list)
    own: Vector | None = None
    second: list[str] | None = None

    def text(self, also: Container[int] = ()) -> list[str]:
        """The lines of the text, with the blocks at some other places."""
        return self.lines or page_blocks.lines(
            [
                block
                for place, block in enumerate(self.page.blocks)
                if self.kept[place] or place in also
            ]
        )


@dataclass(frozen=True, slots=True)
class Opinions:
    """Whom to ask about a page, each dear and so only when it is needed: the model, trafilatura in doubt, and the last resort."""

    model: Callable[[], Vector]
    second: Callable[[], list[str]]
    last: Callable[[], list[str]]


def find(
    tree: HtmlElement, title: str, description: str, stated: str, known: Profile | None
) -> Body:
    """Find the text of a page. ``stated``: the text that the page states in its JSON-LD."""
    page = page_blocks.cut(tree)
    return judge(page, known, opinions(tree, page, title, description, stated))


def opinions(
    tree: HtmlElement, page: Page, title: str, description: str, stated: str
) -> Opinions:
    """The opinions of a page just cut."""
    return Opinions(
        lambda: opinion_of(page, title, description, stated),
        lambda: trafilatura_lines(tree, fast=True),
        lambda: _baseline(tree),
    )


def judge(page: Page, known: Profile | None, ask: Opinions) -> Body:
    """Which blocks of a page are its text."""
    blocks, count = page.blocks, len(page.blocks)
    nobody = np.zeros(count, dtype=np.int8)
    alone = profile.alone(known, blocks) if count and known is not None else None
    if alone is not None:
        return Body(
            page,
            alone,
            alone.astype(np.float64),
            np.ones(count, dtype=np.int8),
            "profile",
        )
    own = second = None
    if count:
        opinion = own = ask.model()
        if known is not None:
            advice = profile.advise(known, blocks, opinion)
            opinion, nobody = advice.opinion, advice.reasons
        kept, expected = best(opinion, sizes(blocks))
        kept = without_echoes(blocks, with_cells(blocks, kept, opinion), nobody == 0)
        kept = with_notes(blocks, kept, nobody == 0)
        length = sum(
            len(block.text) for block, one in zip(blocks, kept, strict=True) if one
        )
        if 1 - expected > DOUBT and (known is None or not known.labelled):
            second = ask.second()
        made = Body(
            page,
            kept,
            opinion,
            nobody,
            "model",
            round(1 - expected, 4),
            own=own,
            second=second,
        )
        if second is not None:
            size = sum(map(len, second))
            if size >= VOTE_LEAST and (size > APART * length or length > APART * size):
                return replace(made, method="trafilatura", lines=second)
        if length >= 2:
            return made
    nothing = np.zeros(count, dtype=bool)
    return Body(
        page, nothing, np.zeros(count), nobody, "baseline", 1.0, ask.last(), own, second
    )


def without_profile(found: Body) -> Body | None:
    """The same page as it would be judged of nobody's advice, but for a second opinion that was not asked for; None where the model
    was not asked."""
    if found.own is None:
        return None
    own, second = found.own, found.second or []
    return judge(found.page, None, Opinions(lambda: own, lambda: second, list))


def opinion_of(page: Page, title: str, description: str, stated: str) -> Vector:
    """The model's opinion: for each block the probability that it is article."""
    rows = features.columns(page, title, description, stated)
    return with_lead(rows, boosted_trees.forest().probabilities(rows))


# ---- other opinions


ELEMENTS_MOST, CHARACTERS_MOST = (
    12_000,
    2_000_000,
)  # trafilatura takes seconds for more; real pages have less
NESTED_MOST = 250_000  # elements, each as often as it is nested deep: it reads each of many elements with all that they hold
_COUNTED = etree.XPath("count(//*)")
_LONG = etree.XPath(f"string-length(/) > {CHARACTERS_MOST}")


def _too_large(tree: HtmlElement) -> bool:
    """Whether trafilatura would take seconds for a page."""
    elements = _COUNTED(tree)
    if elements > ELEMENTS_MOST or _LONG(tree):
        return True
    return elements * DEPTH_MOST > NESTED_MOST and _nested(tree) > NESTED_MOST


def _nested(tree: HtmlElement) -> int:
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
    if _too_large(tree):
        return []
    from trafilatura import bare_extraction

    found = bare_extraction(
        tree, include_comments=False, with_metadata=False, fast=fast
    )
    body = getattr(found, "body", None)
    return list(lines_of(body)) if body is not None else []


def _baseline(tree: HtmlElement) -> list[str]:
    if _too_large(tree):
        return list(lines_of(tree))
    from trafilatura import baseline

    body, _, length = baseline(etree.tostring(tree, encoding="unicode", method="html"))
    return list(lines_of(body)) if length >= LEAST else []


_BLOCKS = frozenset(
    "p head item quote list table row div code ab body main blockquote li ul ol h1 h2 h3 h4 h5 h6 section article figure pre dl dt dd tr"
    " tbody html hr header footer aside".split()
)
_SKIPPED = frozenset(
    "script style graphic head-title iframe noscript svg form button title meta link".split()
)


def lines_of(body: Any) -> Iterator[str]:
    """The blocks of an element that is text and nothing else, each on a line; a row of a table is one, its cells side by side."""
    words: list[str] = []

    def flush() -> Iterator[str]:
        text = line("".join(words), TEXT_MOST)
        words.clear()
        if text:
            yield text

    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _BLOCKS or tag in (
                "lb",
                "br",
            ):  # people end paragraphs with either
                yield from flush()
            if tag in _SKIPPED:
                walk.skip_subtree()
                continue
            if tag in ("cell", "td", "th") and words:
                words.append(" ")
            if element.text:
                words.append(element.text)
            continue
        if tag in _BLOCKS:
            yield from flush()
        if element.tail and element is not body:
            words.append(element.tail)
    yield from flush()
