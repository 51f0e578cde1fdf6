"""Match the archived articles of ``benchmarks/month.py`` with the published ones."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.common import ROOT
from harvester.newsroom.article import Article

if TYPE_CHECKING:
    from benchmarks.month import Run

HOUR = timedelta(hours=1)
SETTLING = timedelta(
    hours=30
)  # what was announced since, or at an outlet with faults, may still wait
MAX_NAMED = 4  # cases that a note names


@dataclass(frozen=True, slots=True)
class Verdict:
    """A promise, and whether it held."""

    name: str
    holds: bool
    value: str = ""
    note: str = ""


def some(found: list[str]) -> str:
    """A few cases by name."""
    return "; ".join(found[:MAX_NAMED]) + (
        f" and {len(found) - MAX_NAMED} more" if len(found) > MAX_NAMED else ""
    )


def harvest(run: Run, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command."""
    command = [
        sys.executable,
        "-m",
        "harvester.cli",
        "--settings",
        str(run.folder / "settings.toml"),
        *arguments,
    ]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, timeout=600
    )


class Truth:
    """The archived and the published articles, matched."""

    def __init__(self, run: Run) -> None:
        self.run, self.chronicle = run, run.life.ground_truth
        self._ports = {
            port: outlet
            for outlet in run.life.patterns
            for port in (outlet.port, *outlet.former_ports)
        }

    def at(self, url: str) -> Article | None:
        """The article that has, or had, that address."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        outlet = self._ports.get(parts.port or 0)
        if outlet is None:
            return None
        if number := re.fullmatch(r"p=(\d+)", parts.query):
            return outlet.find_by_number(int(number[1]))
        path = parts.path
        return (
            outlet.find_by_path(path)
            or outlet.find_by_path(f"{path}/")
            or outlet.find_by_path(path.removesuffix("/amp"))
        )

    @cached_property
    def by_key(self) -> dict[str, Article]:
        """Key of an article in the archive → what it is, by the address of its first capture."""
        rows = self.run.rows("select key, url, reached from articles")
        found = {
            row["key"]: self.at(row["url"]) or self.at(row["reached"]) for row in rows
        }
        return {key: article for key, article in found.items() if article is not None}

    @cached_property
    def keys(self) -> dict[Article, list[str]]:
        """Article → its keys in the archive."""
        found: dict[Article, list[str]] = defaultdict(list)
        for key, article in self.by_key.items():
            found[article].append(key)
        return found

    @cached_property
    def feeds(self) -> dict[str, str]:
        """Address of a feed in the archive → its name in the chronicle."""
        found = {}
        for row in self.run.rows("select url from feeds"):
            parts = urlsplit(row["url"])
            found[row["url"]] = f"{self._ports[parts.port or 0].key}{parts.path}"
        return found

    def troubled(self, outlet: str, begin: datetime, end: datetime) -> bool:
        """Whether the outlet was in trouble at some time between."""
        return any(
            one == outlet and since <= end and until >= begin
            for one, _, since, until in self.run.weather.fault_periods
        )

    def name(self, article: Article) -> str:
        """Name an article in messages."""
        return f"{article.outlet.key}{article.path}"
