"""Which pages a person is asked to label, and which labels follow from the answer.

Does not ask (``cli.teach``), nor decide what labels change in a profile
(``profiles.learn``).
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

PAGES_READ_PER_SHOWN = 4  # so many pages are read for each that is shown
MIN_PAGES_READ = 12
MIN_ARTICLE_SCORE = 0.02  # with this score of the model a block might be article
SIMILARITY_PENALTY = 0.7  # share of its doubt that a page loses for being like another

BlockLabel = tuple[int, str, bool]  # index of a block, hash of its text, is article


@dataclass(frozen=True, slots=True)
class PageToLabel:
    """A page as it reads today, block by block."""

    article: str
    url: str
    capture: int
    extract: Extract
    blocks: tuple[BlockDecision, ...]
    has_feed_text: bool = False  # the feed has its full text: it is labelled already

    @property
    def doubt(self) -> float:
        """How much of the text may be wrong: 0 to 1.

        As the model says; where it did not decide, as its scores of the blocks say.
        """
        if self.extract.doubt:
            return self.extract.doubt
        doubtful_length = sum(
            min(block.model_probability, 1 - block.model_probability) * len(block.text)
            for block in self.blocks
            if block.index >= 0
        )
        kept_length = sum(len(block.text) for block in self.blocks if block.kept)
        return doubtful_length / max(kept_length, 1)


def explain_job(
    connection: sqlite3.Connection,
    captures_folder: Path | None,
    page: TrainingPage,
    rules: Rules,
    limits: Limits,
    profile: str,
    true_text: str = "",
) -> Job:
    """The job that explains a page. Raises ArchiveError where it is not stored.

    ``true_text``: of the article, if somebody gives it.
    """
    body, headers, url = captures.get_response(
        connection, captures_folder, page.capture
    )
    received_at = captures.get_received_time(connection, page.capture)
    entry = feeds.get_announcing_entry(connection, page.article)
    return Job(
        "explain",
        Capture(url, url, received_at, 200, headers, body),
        rules,
        limits,
        content=true_text,
        known_fields=publication_date.known_fields(entry, received_at),
        profile=profile,
    )


def uncertain_pages(
    connection: sqlite3.Connection, outlet: str, limit: int, pool_size: int
) -> list[TrainingPage]:
    """The pages to read so that ``limit`` can be shown, most uncertain first.

    Of the newest ``pool_size`` without labels. Pages whose feed has the full text come
    last: they are labelled already.
    """
    pages = profiles.list_training_pages(connection, outlet, pool_size, labelled=False)
    pages.sort(key=lambda page: (bool(page.content), -page.uncertainty, page.article))
    return pages[: max(MIN_PAGES_READ, PAGES_READ_PER_SHOWN * limit)]


def read_page_to_label(
    page: TrainingPage, future: Future[Prepared]
) -> PageToLabel | None:
    """A page as it was read; None where it has no blocks to label."""
    prepared = future.result()
    if prepared.extract is None or not any(
        block.index >= 0 for block in prepared.block_decisions
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
    """The most doubtful pages that differ in where their doubtful blocks are."""
    left = sorted(
        pages, key=lambda page: (page.has_feed_text, -page.doubt, page.article)
    )
    elements = {
        page.article: frozenset(
            block.element
            for block in page.blocks
            if block.model_probability >= MIN_ARTICLE_SCORE
        )
        for page in left
    }
    chosen: list[PageToLabel] = []

    def usefulness(page: PageToLabel) -> tuple[bool, float]:
        similarity = max(
            (
                _similarity(elements[page.article], elements[other.article])
                for other in chosen
            ),
            default=0,
        )
        return not page.has_feed_text, page.doubt * (
            1 - SIMILARITY_PENALTY * similarity
        )

    while left and len(chosen) < limit:
        best = max(left, key=usefulness)
        chosen.append(best)
        left.remove(best)
    return chosen


def _similarity(first: frozenset[str], second: frozenset[str]) -> float:
    return len(first & second) / max(len(first | second), 1)


def confirmed_labels(
    page: PageToLabel, include: Collection[int] = (), exclude: Collection[int] = ()
) -> list[BlockLabel]:
    """Labels of a page that a person calls right but for these blocks.

    Every block is labelled; headline, byline and date are not article, as in the full
    text of a feed.
    """
    return [
        (
            block.index,
            block.text_hash,
            block.index in include or (block.kept and block.index not in exclude),
        )
        for block in page.blocks
        if block.index >= 0
    ]


def labels_from_text(page: PageToLabel) -> list[BlockLabel]:
    """Labels by the true text the page was read with; empty if it is another page's."""
    return [
        (block.index, block.text_hash, bool(block.label))
        for block in page.blocks
        if block.index >= 0 and block.label >= 0
    ]
