"""Drive a search over an invented site, in this process: what is read, is really read."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from urllib.parse import urlsplit

from harvester.discovery.search import Answer, Search, Step
from harvester.ingest.prepare import Job, prepare
from harvester.ingest.section_links import SectionHints
from harvester.model import Capture, Limits, Rules
from harvester.parse.feeds.sniff import sniff_kind
from harvester.schedule.times import format_time
from tests.support.sites import HOST, NOW, Site

AT = format_time(NOW)


def search_site(site: Site) -> Search:
    """Search an invented site; requests count as they do on the network."""
    search = Search(site.address, AT)
    steps = search.steps()
    count, origins = 0, set[str]()
    step = next(steps, None)
    while step is not None:
        hops, answer = _answer(site, step)
        origin = urlsplit(step.url).netloc
        count += hops + (origin not in origins)  # and its robots.txt
        origins.add(origin)
        try:
            step = steps.send(_with_count(answer, count))
        except StopIteration:
            step = None
    return search


def _with_count(answer: Answer, count: int) -> Answer:
    return replace(answer, request_count=count)


def _answer(site: Site, step: Step) -> tuple[int, Answer]:
    host = urlsplit(HOST).netloc
    parts = urlsplit(step.url)
    if parts.netloc not in (host, host.removeprefix("www.")):
        return 1, Answer(step.url, 0, problem="the host name does not resolve")
    target = parts.path or "/"
    target += f"?{parts.query}" if parts.query else ""
    hops = 1 + (parts.netloc != host)
    while target in site.redirects:
        target, hops = site.redirects[target], hops + 1
    url = f"{HOST}{target}"
    sitemaps = tuple(
        line.removeprefix("Sitemap: ") for line in site.robots.splitlines()
    )
    if target not in site.files:
        return hops, Answer(url, 0, status=404, problem="HTTP 404", sitemaps=sitemaps)
    text, media_type = site.files[target]
    headers = (("Content-Type", media_type),)
    capture = Capture(step.url, url, AT, 200, headers, text.encode())
    kind = sniff_kind(capture.body, media_type)
    job = Job("feed" if kind == "feed" else "site", capture, Rules(), Limits())
    prepared = prepare(job)
    listed = None
    if prepared.site_page is not None:
        listed = prepare(replace(job, kind="feed", section=SectionHints())).feed
    return hops, Answer(
        reached=url,
        request_count=0,
        status=200,
        problem=prepared.error,
        is_permanent=hops > 1,
        feed=prepared.feed,
        page=prepared.site_page,
        listed=listed,
        digest=hashlib.sha256(capture.body).hexdigest(),
        sitemaps=sitemaps,
    )
