"""robots.txt (RFC 9309).

In place of Scrapy's middleware, which lets requests through while another one waits for
the same file. Here one task per origin and User-Agent fetches and parses it, and all
requests to the origin await that task. The archive keeps a copy for a day. No response and server
errors deny. Retry-After is handled in ``middlewares``.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from weakref import WeakValueDictionary

from protego import Protego

from harvester.model import Capture, Outcome
from harvester.schedule.times import add_seconds
from spiders.protocols import CrawlSpider
from spiders.responses import NotFetchedError, origin_of
from spiders.site_files import fetch_site_file, is_within
from spiders.system_clock import utc_now_iso

FRESH_SECONDS = 86_400.0  # a copy is used for so long without fetching a new one
MAX_STALE_SECONDS = 30 * 86_400.0  # and for so long while no new one can be fetched
RETRY_SECONDS = 300.0  # after a failure
MAX_ROBOTS_BYTES = 500 * 1024  # of it are parsed
MAX_CACHED_ORIGINS = 2_500  # those of ten thousand feeds, in turn; some 5 kB each
_USER_AGENT_LINE = re.compile(r"^(\s*user[- ]?agent\s*[:\s]\s*)([^#]*)", re.IGNORECASE)
_PRODUCT_TOKEN = re.compile(r"[a-z_-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RobotsPolicy:
    """What an origin allows: by rules, or nothing for a reason."""

    expires_at: float  # monotonic
    rules: Protego | None = None
    outcome: Outcome = Outcome.WAITING
    reason: str = ""
    retry_at: str | None = None


def product_token(user_agent: str) -> str:
    """The name by which robots.txt addresses us: the User-Agent up to the "/"."""
    match = _PRODUCT_TOKEN.match(user_agent.strip())
    return match[0].lower() if match else "harvester"


def parse_robots_txt(text: str, agent_name: str) -> Protego:
    """Parse robots.txt, with groups matched by their whole name.

    Protego alone would apply the group "harvest" to "harvester" too.
    """
    lines = []
    for line in text.lstrip("\ufeff").splitlines():
        group = _USER_AGENT_LINE.match(line)
        lines.append(
            f"User-agent: {_group_name(group[2], agent_name)}" if group else line
        )
    return Protego.parse("\n".join(lines))


def _group_name(value: str, agent_name: str) -> str:
    token = _PRODUCT_TOKEN.match(value)
    if token is not None and token[0].lower() == agent_name:
        return agent_name
    return "*" if value.strip() == "*" else "someone-else"


def is_conclusive(status: int | None) -> bool:
    """Whether a status settles what is allowed: there is a file, or there is none."""
    return status is not None and 200 <= status < 500 and status != 429


class RobotsPolicies:
    """The policies of all origins met."""

    def __init__(self, spider: CrawlSpider) -> None:
        self._spider = spider
        self._agent_names: dict[str, str] = {}  # by User-Agent
        self._policy_tasks: OrderedDict[tuple[str, str], asyncio.Task[RobotsPolicy]] = (
            OrderedDict()
        )  # by origin and name of the agent
        # Of an origin: two outlets that share it fetch the file once.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def check(self, url: str, site: str, outlet: str = "") -> None:
        """Raise NotFetchedError where this URL may not be fetched.

        ``outlet``: whose User-Agent is sent, and whose proxy and headers its robots.txt is
        fetched with.
        """
        agent_name = self._agent_name(outlet)
        policy = await self._get_policy(origin_of(url), site, outlet, agent_name)
        if policy.rules is None:
            raise NotFetchedError(policy.outcome, policy.reason, policy.retry_at)
        if not policy.rules.can_fetch(url, agent_name):
            raise NotFetchedError(Outcome.REFUSED, "disallowed by robots.txt")

    def _agent_name(self, outlet: str) -> str:
        user_agent = self._spider.harvest_settings.user_agent_of(outlet)
        name = self._agent_names.get(user_agent)
        if name is None:
            name = self._agent_names[user_agent] = product_token(user_agent)
        return name

    async def _get_policy(
        self, origin: str, site: str, outlet: str, agent_name: str
    ) -> RobotsPolicy:
        key = origin, agent_name
        task = self._policy_tasks.get(key)
        if task is None or (task.done() and self._is_expired(task)):
            task = self._policy_tasks[key] = asyncio.get_running_loop().create_task(
                self._load_policy(origin, site, outlet, agent_name)
            )
            while len(self._policy_tasks) > MAX_CACHED_ORIGINS:
                self._policy_tasks.popitem(last=False)
        elif task.done():
            return task.result()
        # One request that is cancelled must not cancel it for the others.
        return await asyncio.shield(task)

    def _is_expired(self, task: asyncio.Task[RobotsPolicy]) -> bool:
        return (
            task.cancelled()
            or task.exception() is not None
            or task.result().expires_at <= time.monotonic()
        )

    async def _load_policy(
        self, origin: str, site: str, outlet: str, agent_name: str
    ) -> RobotsPolicy:
        lock = self._locks.setdefault(origin, asyncio.Lock())
        async with lock:
            return await self._load_policy_alone(origin, site, outlet, agent_name)

    async def _load_policy_alone(
        self, origin: str, site: str, outlet: str, agent_name: str
    ) -> RobotsPolicy:
        writer = self._spider.writer
        text, status, requested_at, text_at = await writer.get_robots_txt(origin)
        now = utc_now_iso()
        if is_conclusive(status) and is_within(now, requested_at, FRESH_SECONDS):
            return self._policy_from_text(text or "", site, agent_name, FRESH_SECONDS)
        if (
            status is not None
            and not is_conclusive(status)
            and requested_at
            and is_within(now, requested_at, RETRY_SECONDS)
            and not self._spider.force
        ):
            capture = Capture(f"{origin}/robots.txt", "", requested_at, status)
        else:
            capture = await fetch_site_file(
                self._spider,
                f"{origin}/robots.txt",
                site,
                outlet,
                max_bytes=MAX_ROBOTS_BYTES,
                is_robots_txt=True,
            )
            await writer.store_robots_txt(origin, site, capture)
        if capture.outcome is None and is_conclusive(capture.status):
            body = capture.body[:MAX_ROBOTS_BYTES] if capture.status < 300 else b""
            return self._policy_from_text(
                body.decode("utf-8", "replace"), site, agent_name, FRESH_SECONDS
            )
        if (
            text is not None
            and text_at
            and now < add_seconds(text_at, MAX_STALE_SECONDS)
        ):
            return self._policy_from_text(text, site, agent_name, RETRY_SECONDS)
        return self._denying_policy(capture)

    def _policy_from_text(
        self, text: str, site: str, agent_name: str, ttl_seconds: float
    ) -> RobotsPolicy:
        rules = parse_robots_txt(text, agent_name)
        delay = rules.crawl_delay(agent_name)
        if delay is not None and delay > 0:
            self._spider.politeness.apply_crawl_delay(site, delay)
        return RobotsPolicy(time.monotonic() + ttl_seconds, rules)

    def _denying_policy(self, capture: Capture) -> RobotsPolicy:
        expires_at = time.monotonic() + RETRY_SECONDS
        if capture.status and capture.outcome is None:
            return RobotsPolicy(
                expires_at,
                outcome=Outcome.WAITING,
                reason=f"robots.txt returned {capture.status}; "
                "nothing is fetched until it can be read",
                retry_at=capture.retry_at or add_seconds(capture.at, RETRY_SECONDS),
            )
        detail = capture.error or "it failed a moment ago"
        return RobotsPolicy(
            expires_at,
            outcome=Outcome.FAILED,
            reason=f"robots.txt cannot be fetched ({detail}); nothing is fetched",
        )
