"""The further pages of an article, from the same files as its first page.

As ``spiders.pagination`` does with requests. Which links are followed is decided in
``harvester.parse.kinds.paging``; the pages become one text in ``ingest.multipage``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from harvester.archive.importing import position, workspace
from harvester.archive.importing.workspace import RecordRow
from harvester.importing.redirects import add_to_moment
from harvester.importing.replay_keeper import ReplayKeeper
from harvester.importing.responses import Response, ResponseReader
from harvester.ingest import multipage
from harvester.ingest.outcomes import outcome_of_response
from harvester.ingest.prepare import Job
from harvester.model import Capture, Outcome, Prepared, Visit
from harvester.parse.kinds.paging import page_number

# Between the pages of an article, before or after: crawlers of others take them one by
# one as they find them.
MAX_SECONDS = 6 * 3_600.0
NOT_IN_FILES = "it is not in the files"


@dataclass(slots=True)
class FurtherPages:
    """Finds and reads the further pages of one article."""

    keeper: ReplayKeeper
    index: sqlite3.Connection
    reader: ResponseReader
    submit: Callable[[Job], Future[Prepared]]

    def read(
        self, first: Response, visit: Visit, capture: Capture, prepared: Prepared
    ) -> tuple[Prepared, list[int]]:
        """The article with all pages that are there, and the records of these."""
        assert prepared.extract is not None
        first_url = capture.reached or capture.url
        pages, missing, ended = [prepared.extract], "", False
        consumed: list[int] = []
        max_pages = self.keeper.settings.limits.pages
        while len(pages) < max_pages and (url := multipage.next_page_url(pages[-1])):
            number = len(pages) + 1
            record = self._find(url, first.last, consumed)
            page_capture = self.reader.read(record).capture if record else None
            if record is None or page_capture is None:
                missing = f"page {number} of the article: {NOT_IN_FILES}"
                break
            consumed.append(record.id)
            job = self.keeper.receive_further_page(visit, page_capture, first_url)
            if job is None:
                reason = outcome_of_response(page_capture, None)[1]
                missing = f"page {number} of the article: {reason}"
                break
            if page_number(first_url, page_capture.reached or url) != number:
                ended = True  # it redirects elsewhere: there is no such page
                break
            page = self.submit(job).result()
            if (
                page.extract is None
                or not page.extract.text
                or page.outcome is Outcome.FAILED
            ):
                missing = f"page {number} of the article: {page.error}"
                break
            if not multipage.continues_article(pages, page.extract):
                ended = True
                break
            pages.append(page.extract)
        return multipage.join_prepared(prepared, pages, missing, ended), consumed

    def _find(
        self, url: str, first: RecordRow, consumed: list[int]
    ) -> RecordRow | None:
        """The response of a URL that is nearest to the first page's in time."""
        moment = first.moment
        before = add_to_moment(moment, -MAX_SECONDS)
        after = add_to_moment(moment, MAX_SECONDS)
        candidates = [
            record
            for record in workspace.list_near(self.index, url, before, after)
            if record.id not in consumed
            and record.outlet == first.outlet
            and not position.is_consumed(self.keeper.connection, record.id)
        ]
        later = [record for record in candidates if record.moment >= moment]
        return later[0] if later else (candidates[-1] if candidates else None)
