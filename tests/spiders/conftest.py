"""Fixtures for the crawl program: sites on loopback, and a harness with an outlet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.crawl_harness import CrawlHarness, Site


@pytest.fixture
def site() -> Iterator[Site]:
    """The site of the outlet."""
    opened = Site()
    yield opened
    opened.close()


@pytest.fixture
def other_site() -> Iterator[Site]:
    """A site at another address."""
    opened = Site("127.0.0.2")
    yield opened
    opened.close()


@pytest.fixture
def harness(tmp_path: Path, site: Site) -> CrawlHarness:
    """An outlet whose feed is /feed on ``site``."""
    harness = CrawlHarness(tmp_path)
    harness.outlets = {"paper": [site.url("/feed")]}
    return harness
