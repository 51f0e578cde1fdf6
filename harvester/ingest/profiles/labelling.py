"""Which pages a person is asked about, what an answer says of their blocks, and what follows from it.

Not for: asking (``cli.teach``), nor for what labels change in a profile (``learn``, ``parse.profile``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from harvester.archive.records import captures, feeds, profiles
from harvester.archive.records.profiles import TrainingPage
from harvester.ingest import publication_date
from harvester.ingest.prepare import Job
from harvester.model import BlockDecision, Capture, Extract, Limits, Prepared, Rules

PAGES_READ_PER_SHOWN = 4  # times as many pages are read as are shown
MIN_PAGES_READ = 12
MIN_ARTICLE_SCORE = 0.02  # a block that the model grants this much might be article
SIMILARITY_PENALTY = 0.7  # of its doubt is what a page loses that is cut like one that was chosen already

BlockLabel = tuple[
    int, str, bool
]  # place of a block, mark of its words, whether it is article


@dataclass(frozen=True, slots=True)
class PageToLabel:
    """A page as it reads today, block by block."""

    article: str
    url: str
    capture: int
    extract: Extract
    blocks: tuple[BlockDecision, ...]
    has_feed_text: bool = (
        False  # the feed carries its full text: it is labelled already
    )

    @property
    def doubt(self) -> float:
        """How much of the text may be wrong: as the model says, and where it was not asked, as it would say."""
        if self.extract.doubt:
            return self.extract.doubt
        doubtful = sum(
            min(one.model_probability, 1 - one.model_probability) * len(one.text)
            for one in self.blocks
            if one.index >= 0
        )
        return doubtful / max(sum(len(one.text) for one in self.blocks if one.kept), 1)


def explain_job(
    connection: sqlite3.Connection,
    captures_folder: Path | None,
    page: TrainingPage,
    rules: Rules,
    limits: Limits,
    profile: str,
    true_text: str = "",
) -> Job:
    """A page to be explained. ``truth``: its true text, where somebody gives it. Raises ArchiveError where it is not kept."""
    body, headers, reached = captures.get_response(
        connection, captures_folder, page.capture
    )
    at = captures.get_received_time(connection, page.capture)
    entry = feeds.get_announcing_entry(connection, page.article)
    known = publication_date.known_fields(
        entry["published"] if entry else None,
        feeds.parse_entry_extra(entry).get("authors"),
        at,
    )
    capture = Capture(reached, reached, at, 200, headers, body)
    return Job(
        "explain",
        capture,
        rules,
        limits,
        content=true_text,
        known_fields=known,
        profile=profile,
    )


def uncertain_pages(
    connection: sqlite3.Connection, outlet: str, limit: int, pool_size: int
) -> list[TrainingPage]:
    """The pages to look at for ``most`` that are to be shown: not taught yet, those read with the most doubt; of ``pages`` of the
    newest. Pages of which the feed carries the true text come last: they are labelled already."""
    found = profiles.list_training_pages(connection, outlet, pool_size, labelled=False)
    found.sort(key=lambda one: (bool(one.content), -one.uncertainty, one.article))
    return found[: max(MIN_PAGES_READ, PAGES_READ_PER_SHOWN * limit)]


def read_page_to_label(
    page: TrainingPage, future: Future[Prepared]
) -> PageToLabel | None:
    """A page as it was read; None where it has no blocks to ask about."""
    prepared = future.result()
    if prepared.extract is None or not any(
        one.index >= 0 for one in prepared.block_decisions
    ):
        return None
    return PageToLabel(
        page.article,
        page.url,
        page.capture,
        prepared.extract,
        prepared.block_decisions,
        bool(page.content),
    )


def choose_pages(pages: Sequence[PageToLabel], limit: int) -> list[PageToLabel]:
    """Those with the most doubt, and different from each other in the places where their doubtful blocks stand."""
    left = sorted(pages, key=lambda one: (one.has_feed_text, -one.doubt, one.article))
    places = {
        one.article: frozenset(
            block.element
            for block in one.blocks
            if block.model_probability >= MIN_ARTICLE_SCORE
        )
        for one in left
    }
    found: list[PageToLabel] = []
    while left and len(found) < limit:
        best = max(
            left,
            key=lambda one: (
                not one.has_feed_text,
                one.doubt
                * (
                    1
                    - SIMILARITY_PENALTY
                    * max(
                        (
                            _similarity(places[one.article], places[other.article])
                            for other in found
                        ),
                        default=0,
                    )
                ),
            ),
        )
        found.append(best)
        left.remove(best)
    return found


def _similarity(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(len(one | other), 1)


def confirmed_labels(
    page: PageToLabel, include: Collection[int] = (), exclude: Collection[int] = ()
) -> list[BlockLabel]:
    """What a person says who has looked at the whole page: it reads right but for these blocks. So each block is labelled; headline,
    byline and date are not article, as in the full text of a feed."""
    return [
        (
            one.index,
            one.text_hash,
            one.index in include or (one.kept and one.index not in exclude),
        )
        for one in page.blocks
        if one.index >= 0
    ]


def labels_from_text(page: PageToLabel) -> list[BlockLabel]:
    """What the true text says, that the page was read with; empty where it is another page's text."""
    return [
        (one.index, one.text_hash, bool(one.label))
        for one in page.blocks
        if one.index >= 0 and one.label >= 0
    ]
