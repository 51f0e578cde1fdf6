"""Readers who click: for ``browse.py``.

Each follows a link of the page that it sees, chosen by chance, and returns to the start
page now and then. Pages come over HTTP from the real server; what a browser keeps (the
stylesheet) is loaded once a reader.
"""

from __future__ import annotations

import asyncio
import html
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

SECONDS_BETWEEN_CLICKS = 5.0
CLICKS_TO_START = 8  # after so many, on average, a reader returns to the start page
MAX_LINKS = 400  # of a page, among which one is chosen
LEFT_OUT = (".csv", ".json", ".atom", ".ico", ".css", ".js", ".timemap", "/-/static")
_LINKS = re.compile(r'<a\s[^>]*?href="(/[^"#]*)')


@dataclass
class Clicks:
    """What the clicks of all readers took, in milliseconds."""

    times: list[tuple[float, str]] = field(default_factory=list)  # (ms, path)
    refused: Counter[str] = field(default_factory=Counter)  # why, with the page
    late: int = 0  # clicks that came more than a second after their time

    @property
    def count(self) -> int:
        """All of them."""
        return len(self.times) + sum(self.refused.values())


async def click(address: str, readers: int, seconds: float) -> Clicks:
    """Let so many readers click for so long."""
    clicks, end = Clicks(), time.monotonic() + seconds
    limits = httpx.Limits(max_connections=readers, max_keepalive_connections=readers)
    async with (
        httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as client,
        asyncio.TaskGroup() as group,
    ):
        for number in range(readers):
            group.create_task(_read(client, random.Random(number), clicks, end))
    return clicks


async def _read(
    client: httpx.AsyncClient, rng: random.Random, clicks: Clicks, end: float
) -> None:
    due = time.monotonic() + rng.random() * SECONDS_BETWEEN_CLICKS
    path = "/"
    while due < end:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        clicks.late += time.monotonic() - due > 1.0
        began = time.perf_counter()
        try:
            response = await client.get(path, follow_redirects=True)
        except httpx.HTTPError as error:
            clicks.refused[f"{type(error).__name__} {path}"] += 1
            path = "/"
        else:
            took = (time.perf_counter() - began) * 1_000
            if response.status_code != 200:
                clicks.refused[f"{response.status_code} {path}"] += 1
            else:
                clicks.times.append((took, path))
            path = _choose_link(response.text, rng)
        due += SECONDS_BETWEEN_CLICKS


def _choose_link(page: str, rng: random.Random) -> str:
    links = [
        link
        for link in map(html.unescape, _LINKS.findall(page)[:MAX_LINKS])
        if not any(part in link for part in LEFT_OUT)
    ]
    if not links or rng.random() < 1 / CLICKS_TO_START:
        return "/"
    return rng.choice(links)


def count_kinds(clicks: Clicks) -> list[tuple[str, int, float]]:
    """(kind of page, clicks, milliseconds of the slowest), the slowest kind first."""
    kinds: dict[str, list[float]] = {}
    for took, path in clicks.times:
        parts = path.partition("?")[0].strip("/").split("/")
        name = "/".join(parts[:2]) if parts[0] == "-" else "/".join(parts[:1] and [
            "table" if parts[0] else "start"])  # fmt: skip
        kinds.setdefault(name, []).append(took)
    rows = [(name, len(times), max(times)) for name, times in kinds.items()]
    return sorted(rows, key=lambda row: -row[2])
