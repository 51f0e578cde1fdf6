"""The other pages of an article, fetched one after the other, each kept as received.

They are requests like any other (robots.txt, delay, limits, redirects). Which links are
followed is decided in ``harvester.parse.kinds.paging``; the pages become one text in
``harvester.ingest.multipage``.
"""

from __future__ import annotations

import asyncio

from harvester.errors import HarvesterError
from harvester.ingest import link_rules, multipage
from harvester.ingest.outcomes import outcome_of_response
from harvester.model import Capture, Outcome, Prepared, Visit
from harvester.parse.kinds.paging import page_number
from spiders.connection_errors import classify_network_error, refused_address
from spiders.protocols import CrawlSpider, VisitingSpider
from spiders.request_context import RequestContext
from spiders.requests import build_request
from spiders.responses import (
    capture_from_response,
    explain_failure,
    rate_limit_scope,
)
from spiders.system_clock import utc_now_iso


async def read_remaining_pages(
    spider: VisitingSpider, visit: Visit, capture: Capture, prepared: Prepared
) -> Prepared | None:
    """The article with all pages that could be read; None if the crawl was stopped."""
    assert prepared.extract is not None
    first_url = capture.reached or capture.url
    pages, missing, ended = [prepared.extract], "", False
    while len(pages) < spider.harvest_settings.limits.pages and (
        url := multipage.next_page_url(pages[-1])
    ):
        number = len(pages) + 1
        page_capture, hold = await _fetch_page(spider, visit, url)
        if spider.stopping:
            return None
        job = await spider.writer.store_further_page(
            visit, page_capture, first_url, hold
        )
        if job is None:
            reason = outcome_of_response(page_capture, None)[1]
            missing = f"page {number} of the article: {reason}"
            break
        if page_number(first_url, page_capture.reached or url) != number:
            ended = True  # it redirects elsewhere: there is no such page
            break
        page = await asyncio.wrap_future(spider.workers.submit(job, visit.outlet))
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
    return multipage.join_prepared(prepared, pages, missing, ended)


async def _fetch_page(
    spider: CrawlSpider, visit: Visit, url: str
) -> tuple[Capture, tuple[str, str] | None]:
    """A page's capture, and the (origin, site) that its Retry-After applies to."""
    settings = spider.harvest_settings
    outlet = settings.outlets[visit.outlet]
    # In a thread: a rule may take its time.
    if outlet.deny and (
        refusal := await asyncio.to_thread(
            link_rules.refusal_reason, url, outlet.key, (), outlet.deny
        )
    ):
        return _not_received(url, Outcome.REFUSED, refusal), None
    context = RequestContext(visit.outlet, requested_urls=[url])
    request = build_request(
        settings,
        url,
        visit.site,
        context,
        max_bytes=settings.limits.page_bytes,
        kind="page",
    )
    try:
        response = await spider.download(request)
    except HarvesterError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever the network does is an outcome)
        return _not_received(
            url,
            *explain_failure(
                classify_network_error(spider.network, error, request),
                request,
                refused_address(context.requested_urls[-1]),
            ),
        ), None
    last_request = response.request or request
    capture = capture_from_response(response, last_request, url, utc_now_iso())
    return capture, rate_limit_scope(last_request.url) if capture.retry_at else None


def _not_received(
    url: str, outcome: Outcome, reason: str, retry_at: str | None = None
) -> Capture:
    return Capture(
        url, url, utc_now_iso(), 0, outcome=outcome, error=reason, retry_at=retry_at
    )
