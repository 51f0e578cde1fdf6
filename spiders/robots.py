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
from harvester.identity.urls import retry_after_scope
from harvester.model import Capture, Outcome
from harvester.schedule.times import add_seconds
from spiders.connection_errors import classify_network_error, refused_address
from spiders.politeness import utc_now_iso
from spiders.requests import build_request
from spiders.responses import NotFetchedError, capture_from_response, explain_failure

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

FRESH_SECONDS = 86_400.0  # seconds that a copy is used without asking again
MAX_STALE_SECONDS = 30 * 86_400.0  # seconds that it is used while no new one can be had
RETRY_SECONDS = 300.0  # seconds after a failure until it is asked for again
MAX_ROBOTS_BYTES = 500 * 1024  # of it are read
MAX_REDIRECTS = 5
MAX_CACHED_ORIGINS = 1_000  # kept in memory
_USER_AGENT_LINE = re.compile(r"^(\s*user[- ]?agent\s*[:\s]\s*)([^#]*)", re.IGNORECASE)
_PRODUCT_TOKEN = re.compile(r"[a-z_-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RobotsPolicy:
    """What an origin allows: by rules, or nothing for a reason."""

    expires_at: float  # of the monotonic clock
    rules: Protego | None = None
    outcome: Outcome = Outcome.WAITING
    reason: str = ""
    retry_at: str | None = None


def product_token(user_agent: str) -> str:
    """The name by which robots.txt addresses us: what stands before the "/"."""
    found = _PRODUCT_TOKEN.match(user_agent.strip())
    return found[0].lower() if found else "harvester"


def parse_robots_txt(text: str, agent_name: str) -> Protego:
    """Read robots.txt. Groups are matched by their whole name: Protego would take "harvest" for "harvester" too."""
    lines = []
    for line in text.lstrip("\ufeff").splitlines():
        group = _USER_AGENT_LINE.match(line)
        if group:
            token = _PRODUCT_TOKEN.match(group[2])
            ours = token is not None and token[0].lower() == agent_name
            agent = (
                agent_name
                if ours
                else "*"
                if group[2].strip() == "*"
                else "someone-else"
            )
            line = f"User-agent: {agent}"
        lines.append(line)
    return Protego.parse("\n".join(lines))


def is_conclusive(status: int | None) -> bool:
    """Whether an answer settles what is allowed: a file, or that there is none."""
    return status is not None and 200 <= status < 500 and status != 429


class RobotsPolicies:
    """The policies of all origins met."""

    def __init__(self, crawler: Crawler, spider: Any) -> None:
        self._crawler = crawler
        self._spider = spider
        self._agent_name = product_token(spider.harvest_settings.user_agent)
        self._policy_tasks: OrderedDict[str, asyncio.Task[RobotsPolicy]] = OrderedDict()

    async def check(self, url: str, site: str, outlet: str = "") -> None:
        """Raises Unfetched where this address may not be asked."""
        parts = urlsplit(url)
        policy = await self._get_policy(
            f"{parts.scheme}://{parts.netloc}", site, outlet
        )
        if policy.rules is None:
            raise NotFetchedError(policy.outcome, policy.reason, policy.retry_at)
        if not policy.rules.can_fetch(url, self._agent_name):
            raise NotFetchedError(Outcome.REFUSED, "robots.txt disallows it")

    async def _get_policy(self, origin: str, site: str, outlet: str) -> RobotsPolicy:
        task = self._policy_tasks.get(origin)
        if task is None or (task.done() and self._is_expired(task)):
            task = self._policy_tasks[origin] = asyncio.get_running_loop().create_task(
                self._load_policy(origin, site, outlet)
            )
            while len(self._policy_tasks) > MAX_CACHED_ORIGINS:
                self._policy_tasks.popitem(last=False)
        elif task.done():
            return task.result()
        return await asyncio.shield(
            task
        )  # one that is cancelled must not cancel it for the others

    def _is_expired(self, task: asyncio.Task[RobotsPolicy]) -> bool:
        return (
            task.cancelled()
            or task.exception() is not None
            or task.result().expires_at <= time.monotonic()
        )

    async def _load_policy(self, origin: str, site: str, outlet: str) -> RobotsPolicy:
        text, status, asked, received = await self._spider.writer.get_robots_txt(origin)
        now = utc_now_iso()
        if (
            is_conclusive(status)
            and asked
            and asked <= now < add_seconds(asked, FRESH_SECONDS)
        ):
            return self._policy_from_text(text or "", site, FRESH_SECONDS)
        failed = status is not None and not is_conclusive(status)
        if (
            failed
            and asked
            and asked <= now < add_seconds(asked, RETRY_SECONDS)
            and not self._spider.force
        ):
            capture = Capture(f"{origin}/robots.txt", "", asked, status or 0)
        else:
            capture = await self._fetch_robots_txt(origin, site, outlet)
            await self._spider.writer.store_robots_txt(origin, site, capture)
        if is_conclusive(capture.status):
            found = (
                capture.body[:MAX_ROBOTS_BYTES].decode("utf-8", "replace")
                if capture.status < 300
                else ""
            )
            return self._policy_from_text(found, site, FRESH_SECONDS)
        if (
            text is not None
            and received
            and now < add_seconds(received, MAX_STALE_SECONDS)
        ):
            return self._policy_from_text(text, site, RETRY_SECONDS)
        return self._denying_policy(capture)

    def _policy_from_text(
        self, text: str, site: str, ttl_seconds: float
    ) -> RobotsPolicy:
        found = parse_robots_txt(text, self._agent_name)
        delay = found.crawl_delay(self._agent_name)
        if delay is not None and delay > 0:
            self._spider.politeness.apply_crawl_delay(site, delay)
        return RobotsPolicy(time.monotonic() + ttl_seconds, found)

    def _denying_policy(self, capture: Capture) -> RobotsPolicy:
        until = time.monotonic() + RETRY_SECONDS
        if capture.status:
            reason = f"robots.txt answered {capture.status}: nothing is fetched until it can be read"
            return RobotsPolicy(
                until,
                None,
                Outcome.WAITING,
                reason,
                capture.retry_at or add_seconds(capture.at, RETRY_SECONDS),
            )
        said = capture.error or "it was asked a moment ago"
        return RobotsPolicy(
            until,
            None,
            Outcome.FAILED,
            f"robots.txt gave no answer ({said}): nothing is fetched",
        )

    async def _fetch_robots_txt(self, origin: str, site: str, outlet: str) -> Capture:
        """Ask for it. A refusal (private address, hold) is not its answer and goes to those who wait."""
        spider, url = self._spider, f"{origin}/robots.txt"
        meta = {
            "robots": True,
            "redirect_ttl": MAX_REDIRECTS,
            "redirect_most": MAX_REDIRECTS,
            "first_bytes": MAX_ROBOTS_BYTES,
            "trail": [url],
        }
        meta |= {
            "download_maxsize": 0,
            "unfold_most": spider.harvest_settings.limits.page_bytes,
        }  # of any size; its beginning is read
        request: Request = build_request(
            spider.harvest_settings,
            url,
            site,
            spider.harvest_settings.limits.page_bytes,
            meta,
        )
        try:
            response = await self._crawler.engine.download_async(request)
        except HarvesterError:
            raise
        except Exception as error:
            error = classify_network_error(spider.network, error, request)
            outcome, reason, retry_at = explain_failure(
                error, request, refused_address(request.meta["trail"][-1])
            )
            if (
                isinstance(error, NotFetchedError)
                and "redirects" in reason
                and outcome is Outcome.FAILED
            ):
                return Capture(
                    url, url, utc_now_iso(), 404
                )  # RFC 9309, 2.3.1.2: too many redirects mean that there is none
            if outcome is not Outcome.FAILED:
                raise NotFetchedError(outcome, reason, retry_at) from error
            return Capture(url, url, utc_now_iso(), 0, outcome=outcome, error=reason)
        capture = capture_from_response(
            response, response.request or request, url, utc_now_iso()
        )
        if capture.retry_at:
            held = retry_after_scope((response.request or request).url)
            await spider.writer.hold(
                origin, held, capture.retry_at, f"robots.txt answered {capture.status}"
            )
        return replace(capture, truncated=False)
