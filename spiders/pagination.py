"""The other pages of an article that is spread over several: asked for one after the other, each kept as received.

They go the way of all requests (robots.txt, delay, limits, redirects). Not for: which links are followed
(``harvester.parse.kinds.paging``), nor for making one text of them (``harvester.ingest.multipage``).
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harvester.errors import HarvesterError
from harvester.identity.urls import patient
from harvester.ingest import multipage
from harvester.ingest.outcomes import of_answer
from harvester.model import Capture, Outcome, Prepared, Visit
from harvester.parse.kinds.paging import page_of
from spiders.connection_errors import refused, unless_offline
from spiders.politeness import clock
from spiders.requests import plain_request
from spiders.responses import capture_of, explain

if TYPE_CHECKING:
    from scrapy import Request

    from spiders.harvest import HarvestSpider


async def read_further(
    spider: HarvestSpider, visit: Visit, capture: Capture, prepared: Prepared
) -> Prepared | None:
    """The article as read of all its pages, as far as they could be had; None where the crawl was stopped meanwhile."""
    assert prepared.extract is not None
    first = capture.reached or capture.url
    pages, missing, ended = [prepared.extract], "", False
    while len(pages) < spider.ours.limits.pages and (
        url := multipage.following(pages[-1])
    ):
        answer, hold = await _fetch(spider, visit, url)
        if spider.stopping:
            return None
        job = await spider.writer.further(visit, answer, first, hold)
        if job is None:
            missing = f"page {len(pages) + 1} of the article: {of_answer(answer, None, url)[1]}"
            break
        if page_of(first, answer.reached or url) != len(pages) + 1:
            ended = True  # it redirects elsewhere: there is no such page
            break
        read = await asyncio.wrap_future(spider.workers.submit(job, visit.outlet))
        if (
            read.extract is None
            or not read.extract.text
            or read.outcome is Outcome.FAILED
        ):
            missing = f"page {len(pages) + 1} of the article: {read.error}"
            break
        if not multipage.adds(pages, read.extract):
            ended = True
            break
        pages.append(read.extract)
    return multipage.joined(prepared, pages, missing, ended)


async def _fetch(
    spider: HarvestSpider, visit: Visit, url: str
) -> tuple[Capture, tuple[str, str] | None]:
    """An answer, and the (origin, site) that asks to be left alone for a while, if it does."""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if any(re.search(rule, path) for rule in spider.ours.outlets[visit.outlet].deny):
        return Capture(
            url,
            url,
            clock(),
            0,
            outcome=Outcome.REFUSED,
            error="a deny rule of the settings names it",
        ), None
    meta = {"outlet": visit.outlet, "trail": [url]}
    request: Request = plain_request(
        spider.ours, url, visit.site, spider.ours.limits.page_bytes, meta, "page"
    )
    engine = spider.crawler.engine
    assert engine is not None
    try:
        response = await engine.download_async(request)
    except HarvesterError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever the network does is an outcome)
        outcome, reason, retry_at = explain(
            unless_offline(spider.network, error, request),
            request,
            refused(request.meta["trail"][-1]),
        )
        return Capture(
            url, url, clock(), 0, outcome=outcome, error=reason, retry_at=retry_at
        ), None
    last = response.request or request
    capture = capture_of(response, last, url, clock())
    if not capture.retry_at:
        return capture, None
    parts = urlsplit(last.url)
    return capture, (f"{parts.scheme}://{parts.netloc}", patient(last.url))
