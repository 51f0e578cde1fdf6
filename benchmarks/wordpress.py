"""Measure how many edits are found through WordPress's REST interface, and at what cost.

    python benchmarks/wordpress.py [--days 5] [--edits 40] [--posts 20] [--seed 1]

A newspaper on loopback publishes and edits posts by day and night at random times; half
of the edits are of posts of the last two days, the others of any post. Time is
simulated, requests are real. The same newspaper is followed through its REST interface,
and by its feed of thirty entries alone. The aim: all edits, in at most 50 requests a day
to the REST interface; each edit that was found costs a request for its page.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import table
from harvester.newsroom import Newsroom
from harvester.newsroom.outlet import Outlet
from harvester.newsroom.wordpress_rest import POSTS_PATH
from tests.support.kept_newsroom import KeptNewsroom
from tests.support.prose import ProseGenerator

STEP = timedelta(minutes=5)
STOCK = 120  # posts before the harvest begins
QUIET_HOURS = 3  # without edits, at the end: the last ones are to be found


@dataclass
class Edit:
    """One edit, and when a version with its words was first seen."""

    at: datetime
    words: str
    seen: datetime | None = None


@dataclass
class Run:
    """What following a newspaper brought."""

    edits: list[Edit] = field(default_factory=list)
    posts: int = 0
    articles: int = 0
    polls: int = 0  # of the feed
    rest: int = 0  # requests to the REST interface
    pages: int = 0  # first visits
    looks: int = 0


def follow(options: argparse.Namespace, through_rest: bool) -> Run:
    """Let a newspaper publish and edit, and follow it."""
    chance, run = random.Random(options.seed), Run()
    prose = ProseGenerator(options.seed, "en")
    with Newsroom() as room, tempfile.TemporaryDirectory() as folder:
        site = room.add_outlet("paper", language="en", full_text=True)
        site.feed_paths = [POSTS_PATH, "/feed/"] if through_rest else ["/feed/"]
        for _ in range(STOCK):
            publish(site, prose)
            room.advance(minutes=20)
        kept = KeptNewsroom(room, Path(folder))
        kept.visit()
        kept.run(hours=12)
        begun = kept.now
        steps = int(timedelta(days=options.days) / STEP)
        quiet = int(timedelta(hours=QUIET_HOURS) / STEP)
        for step in range(steps):
            share = STEP / timedelta(days=1)
            if chance.random() < options.posts * share:
                publish(site, prose)
            if step < steps - quiet and chance.random() < options.edits * share:
                run.edits.append(edit(room, site, chance, len(run.edits)))
            kept.run(minutes=STEP.total_seconds() / 60)
        note_seen(run, kept)
        counts = kept.count_requests(begun)
        run.polls, run.pages, run.looks = (
            counts[kind] for kind in ("feed", "entry", "article")
        )
        run.rest = sum(
            at > begun and "wp-json" in visit.url for at, visit in kept.requested
        )
        run.polls -= run.rest
        run.posts = len(site.articles)
        run.articles = kept.rows("select count(*) as n from articles")[0]["n"]
    return run


def publish(site: Outlet, prose: ProseGenerator) -> None:
    """Publish a post."""
    site.publish(prose.title(), prose.article_paragraphs(6), author=prose.person())


def edit(room: Newsroom, site: Outlet, chance: random.Random, number: int) -> Edit:
    """Change a post; the page states no date of the change."""
    recent = [
        article
        for article in site.articles
        if article.published > room.now - timedelta(days=2)
    ]
    article = chance.choice(
        recent if chance.random() < 0.5 and recent else site.articles
    )
    words = f"Edit number {number} of the evening desk was made here."
    site.edit(article, (*article.paragraphs, words), silent=True)
    return Edit(room.now, words)


def note_seen(run: Run, kept: KeptNewsroom) -> None:
    """When each edit's words were first held."""
    for one in run.edits:
        rows = kept.rows(
            "select min(first_seen) as at from versions where instr(text, ?)", one.words
        )
        if rows[0]["at"]:
            one.seen = datetime.fromisoformat(rows[0]["at"])


def describe(run: Run, days: float) -> list[str]:
    """The figures of a run, in the order of the table."""
    delays = sorted(
        (one.seen - one.at).total_seconds() / 60 for one in run.edits if one.seen
    )
    found = len(delays)
    return [
        f"{found} of {len(run.edits)}",
        f"{delays[found // 2]:.0f} / {delays[int(found * 0.95)]:.0f} min",
        f"{run.articles} of {run.posts}",
        f"{run.rest / days:.1f}",
        f"{run.polls / days:.1f}",
        f"{run.looks / days:.1f}",
        f"{run.pages / days:.1f}",
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=float, default=5)
    parser.add_argument("--edits", type=float, default=40, help="a day")
    parser.add_argument("--posts", type=float, default=20, help="new ones a day")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    both = [describe(follow(options, rest), options.days) for rest in (True, False)]
    names = (
        "edits found",
        "delay, median / 95 %",
        "posts held",
        "requests to REST a day",
        "polls of the feed a day",
        "looks at pages a day",
        "first visits a day",
    )
    rows = [(name, *pair) for name, *pair in zip(names, *both, strict=True)]
    table([("", "REST and feed", "feed alone"), *rows])


if __name__ == "__main__":
    main()
