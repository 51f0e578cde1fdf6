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
from harvester.identity.urls import retry_after_scope
from harvester.ingest import multipage
from harvester.ingest.outcomes import outcome_of_response
from harvester.model import Capture, Outcome, Prepared, Visit
from harvester.parse.kinds.paging import page_number
from spiders.connection_errors import classify_network_error, refused_address
from spiders.politeness import utc_now_iso
from spiders.requests import build_request
from spiders.responses import capture_from_response, explain_failure

if TYPE_CHECKING:
    from scrapy import Request

    from spiders.harvest import HarvestSpider


async def read_remaining_pages(
    spider: HarvestSpider, visit: Visit, capture: Capture, prepared: Prepared
) -> Prepared | None:
    """The article as read of all its pages, as far as they could be had; None where the crawl was stopped meanwhile."""
    assert prepared.extract is not None
    first = capture.reached or capture.url
    pages, missing, ended = [prepared.extract], "", False
    while len(pages) < spider.harvest_settings.limits.pages and (
        url := multipage.next_page_url(pages[-1])
    ):
        answer, hold = await _fetch_page(spider, visit, url)
        if spider.stopping:
            return None
        job = await spider.writer.store_further_page(visit, answer, first, hold)
        if job is None:
            missing = f"page {len(pages) + 1} of the article: {outcome_of_response(answer, None, url)[1]}"
            break
        if page_number(first, answer.reached or url) != len(pages) + 1:
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
        if not multipage.continues_article(pages, read.extract):
            ended = True
            break
        pages.append(read.extract)
    return multipage.join_prepared(prepared, pages, missing, ended)


async def _fetch_page(
    spider: HarvestSpider, visit: Visit, url: str
) -> tuple[Capture, tuple[str, str] | None]:
    """An answer, and the (origin, site) that asks to be left alone for a while, if it does."""
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if any(
        re.search(rule, path)
        for rule in spider.harvest_settings.outlets[visit.outlet].deny
    ):
        return Capture(
            url,
            url,
            utc_now_iso(),
            0,
            outcome=Outcome.REFUSED,
            error="a deny rule of the settings names it",
        ), None
    meta = {"outlet": visit.outlet, "trail": [url]}
    request: Request = build_request(
        spider.harvest_settings,
        url,
        visit.site,
        spider.harvest_settings.limits.page_bytes,
        meta,
        "page",
    )
    engine = spider.crawler.engine
    assert engine is not None
    try:
        response = await engine.download_async(request)
    except HarvesterError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever the network does is an outcome)
        outcome, reason, retry_at = explain_failure(
            classify_network_error(spider.network, error, request),
            request,
            refused_address(request.meta["trail"][-1]),
        )
        return Capture(
            url, url, utc_now_iso(), 0, outcome=outcome, error=reason, retry_at=retry_at
        ), None
    last = response.request or request
    capture = capture_from_response(response, last, url, utc_now_iso())
    if not capture.retry_at:
        return capture, None
    parts = urlsplit(last.url)
    return capture, (f"{parts.scheme}://{parts.netloc}", retry_after_scope(last.url))
