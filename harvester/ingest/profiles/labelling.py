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
from harvester.archive.records.profiles import Page
from harvester.ingest import publication_date
from harvester.ingest.prepare import Job
from harvester.model import Capture, Extract, Judged, Limits, Prepared, Rules

LOOKED_AT = 4  # times as many pages are read as are shown
LOOKED_AT_LEAST = 12
OPEN = 0.02  # a block that the model grants this much might be article
ALIKE = 0.7  # of its doubt is what a page loses that is cut like one that was chosen already

Label = tuple[
    int, str, bool
]  # place of a block, mark of its words, whether it is article


@dataclass(frozen=True, slots=True)
class Asked:
    """A page as it reads today, block by block."""

    article: str
    url: str
    capture: int
    extract: Extract
    blocks: tuple[Judged, ...]
    fed: bool = False  # the feed carries its full text: it is labelled already

    @property
    def doubt(self) -> float:
        """How much of the text may be wrong: as the model says, and where it was not asked, as it would say."""
        if self.extract.doubt:
            return self.extract.doubt
        doubtful = sum(
            min(one.model, 1 - one.model) * len(one.text)
            for one in self.blocks
            if one.place >= 0
        )
        return doubtful / max(sum(len(one.text) for one in self.blocks if one.kept), 1)


def job(
    connection: sqlite3.Connection,
    folder: Path | None,
    page: Page,
    rules: Rules,
    limits: Limits,
    profile: str,
    truth: str = "",
) -> Job:
    """A page to be explained. ``truth``: its true text, where somebody gives it. Raises ArchiveError where it is not kept."""
    body, headers, reached = captures.response(connection, folder, page.capture)
    at = captures.received(connection, page.capture)
    entry = feeds.announcing(connection, page.article)
    known = publication_date.known(
        entry["published"] if entry else None, feeds.extra(entry).get("authors"), at
    )
    capture = Capture(reached, reached, at, 200, headers, body)
    return Job(
        "explain", capture, rules, limits, content=truth, known=known, profile=profile
    )


def unsure(
    connection: sqlite3.Connection, outlet: str, most: int, pages: int
) -> list[Page]:
    """The pages to look at for ``most`` that are to be shown: not taught yet, those read with the most doubt; of ``pages`` of the
    newest. Pages of which the feed carries the true text come last: they are labelled already."""
    found = profiles.pages(connection, outlet, pages, taught=False)
    found.sort(key=lambda one: (bool(one.content), -one.doubt, one.article))
    return found[: max(LOOKED_AT_LEAST, LOOKED_AT * most)]


def asked(page: Page, reading: Future[Prepared]) -> Asked | None:
    """A page as it was read; None where it has no blocks to ask about."""
    prepared = reading.result()
    if prepared.extract is None or not any(one.place >= 0 for one in prepared.blocks):
        return None
    return Asked(
        page.article,
        page.url,
        page.capture,
        prepared.extract,
        prepared.blocks,
        bool(page.content),
    )


def choose(pages: Sequence[Asked], most: int) -> list[Asked]:
    """Those with the most doubt, and different from each other in the places where their doubtful blocks stand."""
    left = sorted(pages, key=lambda one: (one.fed, -one.doubt, one.article))
    places = {
        one.article: frozenset(
            block.name for block in one.blocks if block.model >= OPEN
        )
        for one in left
    }
    found: list[Asked] = []
    while left and len(found) < most:
        best = max(
            left,
            key=lambda one: (
                not one.fed,
                one.doubt
                * (
                    1
                    - ALIKE
                    * max(
                        (
                            _alike(places[one.article], places[other.article])
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


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(len(one | other), 1)


def confirmed(
    page: Asked, wanted: Collection[int] = (), unwanted: Collection[int] = ()
) -> list[Label]:
    """What a person says who has looked at the whole page: it reads right but for these blocks. So each block is labelled; headline,
    byline and date are not article, as in the full text of a feed."""
    return [
        (
            one.place,
            one.mark,
            one.place in wanted or (one.kept and one.place not in unwanted),
        )
        for one in page.blocks
        if one.place >= 0
    ]


def by_text(page: Asked) -> list[Label]:
    """What the true text says, that the page was read with; empty where it is another page's text."""
    return [
        (one.place, one.mark, bool(one.said))
        for one in page.blocks
        if one.place >= 0 and one.said >= 0
    ]
