"""robots.txt (RFC 9309), in place of Scrapy's middleware, which lets requests through that wait for the same file.

One task an origin fetches and reads it; all requests of the origin await that task. What was received is held in the
archive for a day. No answer and server errors deny. Not for: Retry-After (``middlewares``).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request

from harvester.errors import HarvesterError
from harvester.identity.urls import patient
from harvester.model import Capture, Outcome
from harvester.schedule.times import later
from spiders.connection_errors import refused, unless_offline
from spiders.politeness import clock
from spiders.requests import plain_request
from spiders.responses import Unfetched, capture_of, explain

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

FRESH = 86_400.0  # seconds that a copy is used without asking again
STALE = 30 * 86_400.0  # seconds that it is used while no new one can be had
AGAIN = 300.0  # seconds after a failure until it is asked for again
BYTES = 500 * 1024  # of it are read
REDIRECTS = 5
ORIGINS = 1_000  # kept in memory
_GROUP = re.compile(r"^(\s*user[- ]?agent\s*[:\s]\s*)([^#]*)", re.IGNORECASE)
_TOKEN = re.compile(r"[a-z_-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Policy:
    """What an origin allows: by rules, or nothing for a reason."""

    until: float  # of the monotonic clock
    rules: Protego | None = None
    outcome: Outcome = Outcome.WAITING
    reason: str = ""
    retry_at: str | None = None


def product(user_agent: str) -> str:
    """The name by which robots.txt addresses us: what stands before the "/"."""
    found = _TOKEN.match(user_agent.strip())
    return found[0].lower() if found else "harvester"


def rules(text: str, name: str) -> Protego:
    """Read robots.txt. Groups are matched by their whole name: Protego would take "harvest" for "harvester" too."""
    lines = []
    for line in text.lstrip("\ufeff").splitlines():
        group = _GROUP.match(line)
        if group:
            token = _TOKEN.match(group[2])
            ours = token is not None and token[0].lower() == name
            agent = name if ours else "*" if group[2].strip() == "*" else "someone-else"
            line = f"User-agent: {agent}"
        lines.append(line)
    return Protego.parse("\n".join(lines))


def usable(status: int | None) -> bool:
    """Whether an answer settles what is allowed: a file, or that there is none."""
    return status is not None and 200 <= status < 500 and status != 429


class Robots:
    """The policies of all origins met."""

    def __init__(self, crawler: Crawler, spider: Any) -> None:
        self._crawler = crawler
        self._spider = spider
        self._name = product(spider.ours.user_agent)
        self._tasks: OrderedDict[str, asyncio.Task[Policy]] = OrderedDict()

    async def check(self, url: str, site: str, outlet: str = "") -> None:
        """Raises Unfetched where this address may not be asked."""
        parts = urlsplit(url)
        policy = await self._policy(f"{parts.scheme}://{parts.netloc}", site, outlet)
        if policy.rules is None:
            raise Unfetched(policy.outcome, policy.reason, policy.retry_at)
        if not policy.rules.can_fetch(url, self._name):
            raise Unfetched(Outcome.REFUSED, "robots.txt disallows it")

    async def _policy(self, origin: str, site: str, outlet: str) -> Policy:
        task = self._tasks.get(origin)
        if task is None or (task.done() and self._over(task)):
            task = self._tasks[origin] = asyncio.get_running_loop().create_task(
                self._load(origin, site, outlet)
            )
            while len(self._tasks) > ORIGINS:
                self._tasks.popitem(last=False)
        elif task.done():
            return task.result()
        return await asyncio.shield(
            task
        )  # one that is cancelled must not cancel it for the others

    def _over(self, task: asyncio.Task[Policy]) -> bool:
        return (
            task.cancelled()
            or task.exception() is not None
            or task.result().until <= time.monotonic()
        )

    async def _load(self, origin: str, site: str, outlet: str) -> Policy:
        text, status, asked, received = await self._spider.writer.robots(origin)
        now = clock()
        if usable(status) and asked and asked <= now < later(asked, FRESH):
            return self._allow(text or "", site, FRESH)
        failed = status is not None and not usable(status)
        if (
            failed
            and asked
            and asked <= now < later(asked, AGAIN)
            and not self._spider.force
        ):
            capture = Capture(f"{origin}/robots.txt", "", asked, status or 0)
        else:
            capture = await self._fetch(origin, site, outlet)
            await self._spider.writer.keep_robots(origin, site, capture)
        if usable(capture.status):
            found = (
                capture.body[:BYTES].decode("utf-8", "replace")
                if capture.status < 300
                else ""
            )
            return self._allow(found, site, FRESH)
        if text is not None and received and now < later(received, STALE):
            return self._allow(text, site, AGAIN)
        return self._deny(capture)

    def _allow(self, text: str, site: str, seconds: float) -> Policy:
        found = rules(text, self._name)
        delay = found.crawl_delay(self._name)
        if delay is not None and delay > 0:
            self._spider.sites.slow_down(site, delay)
        return Policy(time.monotonic() + seconds, found)

    def _deny(self, capture: Capture) -> Policy:
        until = time.monotonic() + AGAIN
        if capture.status:
            reason = f"robots.txt answered {capture.status}: nothing is fetched until it can be read"
            return Policy(
                until,
                None,
                Outcome.WAITING,
                reason,
                capture.retry_at or later(capture.at, AGAIN),
            )
        said = capture.error or "it was asked a moment ago"
        return Policy(
            until,
            None,
            Outcome.FAILED,
            f"robots.txt gave no answer ({said}): nothing is fetched",
        )

    async def _fetch(self, origin: str, site: str, outlet: str) -> Capture:
        """Ask for it. A refusal (private address, hold) is not its answer and goes to those who wait."""
        spider, url = self._spider, f"{origin}/robots.txt"
        meta = {
            "robots": True,
            "redirect_ttl": REDIRECTS,
            "redirect_most": REDIRECTS,
            "first_bytes": BYTES,
            "trail": [url],
        }
        meta |= {
            "download_maxsize": 0,
            "unfold_most": spider.ours.limits.page_bytes,
        }  # of any size; its beginning is read
        request: Request = plain_request(
            spider.ours, url, site, spider.ours.limits.page_bytes, meta
        )
        try:
            response = await self._crawler.engine.download_async(request)
        except HarvesterError:
            raise
        except Exception as error:
            error = unless_offline(spider.network, error, request)
            outcome, reason, retry_at = explain(
                error, request, refused(request.meta["trail"][-1])
            )
            if (
                isinstance(error, Unfetched)
                and "redirects" in reason
                and outcome is Outcome.FAILED
            ):
                return Capture(
                    url, url, clock(), 404
                )  # RFC 9309, 2.3.1.2: too many redirects mean that there is none
            if outcome is not Outcome.FAILED:
                raise Unfetched(outcome, reason, retry_at) from error
            return Capture(url, url, clock(), 0, outcome=outcome, error=reason)
        capture = capture_of(response, response.request or request, url, clock())
        if capture.retry_at:
            held = patient((response.request or request).url)
            await spider.writer.hold(
                origin, held, capture.retry_at, f"robots.txt answered {capture.status}"
            )
        return replace(capture, truncated=False)
