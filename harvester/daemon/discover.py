"""Look at a site: fetch what ``discovery.search`` asks for, and have it read.

Pages and feeds are read by a worker process, with its deadline and limit of memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from harvester.daemon.fetch_process import Fetched, FetchProcess
from harvester.discovery.draft import find_outlet_at
from harvester.discovery.search import MAX_REQUESTS, Answer, Search, Step
from harvester.ingest.prepare import Job
from harvester.ingest.section_links import SectionHints
from harvester.model import Rules
from harvester.settings import Settings
from harvester.workers.pool import WorkerPool

MAX_ANSWER_SECONDS = 20.0  # for a response: a person waits


def discover(
    settings: Settings,
    address: str,
    now: str,
    known: tuple[str, ...] = (),
    on_step: Callable[[str], None] = lambda url: None,
) -> Search:
    """Search for the feeds of a site. Raises HarvesterError if nothing can be fetched.

    ``known``: those that its outlet has in the settings. ``on_step`` is called with each
    address before it is fetched.
    """
    search = Search(address, now, known)
    limits = settings.limits
    patience = min(limits.answer_time, MAX_ANSWER_SECONDS)
    settings = replace(settings, limits=replace(limits, answer_time=patience))
    workers = WorkerPool(1, settings.limits.read_time)
    try:
        with FetchProcess(settings, MAX_REQUESTS) as process:
            steps = search.steps()
            step = next(steps, None)
            while step is not None:
                on_step(step.url)
                outlet = find_outlet_at(settings.outlets, step.url)
                key = outlet.key if outlet is not None else ""
                fetched = process.fetch(step.url, step.kind, key)
                answer = _read(settings, workers, step, fetched)
                try:
                    step = steps.send(answer)
                except StopIteration:
                    step = None
    finally:
        workers.close()
    return search


def _read(
    settings: Settings, workers: WorkerPool, step: Step, fetched: Fetched
) -> Answer:
    from harvester.parse.feeds.sniff import sniff_kind
    from harvester.parse.html.charset import without_gzip

    body = without_gzip(fetched.capture.body)  # sitemaps are files like news.xml.gz
    capture = replace(fetched.capture, body=body)
    problem = capture.error
    if not problem and not capture.is_whole_success:
        problem = f"HTTP {capture.status}"
    feed = page = listed = None
    if not problem:
        is_feed = sniff_kind(body, capture.header("Content-Type")) == "feed"
        job = Job("feed" if is_feed else "site", capture, Rules(), settings.limits)
        prepared = workers.submit(job).result()
        feed, page = prepared.feed, prepared.site_page
        problem = prepared.error
        if page is not None:
            job = replace(job, kind="feed", section=SectionHints())
            listed = workers.submit(job).result().feed
    return Answer(
        reached=capture.reached,
        request_count=fetched.request_count,
        status=capture.status,
        problem=problem,
        is_permanent=fetched.is_permanent,
        feed=feed,
        page=page,
        listed=listed,
        digest=hashlib.sha256(body).hexdigest(),
        sitemaps=fetched.sitemaps,
    )
