"""The crawl process backfills within robots.txt, over whatever lists what is allowed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support import ROOT
from tests.support.backfilled_outlet import KEY, BackfilledOutlet

COUNT = 10


def test_robots_txt_is_obeyed(tmp_path: Path) -> None:
    """It denies the interface and pages of the feed, and names a sitemap."""
    world = BackfilledOutlet(tmp_path, COUNT)
    try:
        world.outlet.lists = frozenset(["paged", "sitemaps"])
        sitemap = world.outlet.absolute_url("/wp-sitemap.xml")
        robots = f"User-agent: *\nDisallow: /wp-json/\nDisallow: /*?paged\nSitemap: {sitemap}\n"
        world.outlet.robots_response = (200, robots)
        world.begin()
        world.keeper.end_crawl(world.now)
        world.keeper.close()
        done = subprocess.run(
            [
                *(sys.executable, "-P", "-m", "spiders"),
                *("--settings", str(tmp_path / "settings.toml"), "--backfill", KEY),
            ],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        paths = [request.path for request in world.outlet.requests]
        assert not [path for path in paths if "wp-json" in path or "paged" in path]
        world.open()
        assert world.found() == world.online()
        assert world.backfill.state == "finished"
        for source in ("WordPress REST", "WordPress feed"):
            [reason] = world.reasons(source)
            assert "robots.txt" in reason
        # The newest first.
        pages = [
            path
            for path in paths
            if any(article.path == path for article in world.outlet.articles)
        ]
        oldest = [article.path for article in world.outlet.articles[:5]]
        assert pages[5:] == oldest[::-1]
    finally:
        world.close()
