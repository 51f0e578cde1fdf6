"""Merge two archives that overlap by half: time, memory, order and repetition.

    python benchmarks/merge.py [--articles 100000] [--words 300] [--keep FOLDER]

The archives come from two observers of one generated world: articles with several
versions, which each observer saw at its own times, some at a different URL. Half of the
articles of each archive are in both. The result must not depend on the order of the
merge, and merging the same archive again must change nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import table
from harvester.archive.connection import Archive, open_reader
from harvester.identity import url_variants, urls
from harvester.ingest.merge_archives import merge_archives
from tests.support import archive_content

START = datetime(2025, 9, 1, tzinfo=UTC)
OUTLETS = 20
EXTRACTOR = "trafilatura 2.3.1 + harvester 1"
NOW = "2026-01-01T00:00:00Z"


def at(hours: float) -> str:
    """The time a number of hours after the start."""
    return (START + timedelta(seconds=int(hours * 3600))).strftime("%Y-%m-%dT%H:%M:%SZ")


class Story:
    """One article of the world, and its text at each time."""

    def __init__(self, number: int, words: int) -> None:
        chance = random.Random(number)
        self.number, self.outlet = number, f"outlet-{number % OUTLETS}"
        self.born = number / 50
        self.title = f"Report {number} of {' '.join(chance.choices(WORDS, k=5))}"
        text = [
            " ".join(chance.choices(WORDS, k=25)) + "."
            for _ in range(max(1, words // 25))
        ]
        self.wordings: list[tuple[float, str]] = [(self.born, "\n".join(text))]
        while chance.random() < 0.35 and len(self.wordings) < 4:
            text[chance.randrange(len(text))] = (
                " ".join(chance.choices(WORDS, k=25)) + "."
            )
            self.wordings.append(
                (self.wordings[-1][0] + chance.uniform(1, 30), "\n".join(text))
            )
        self.url = f"https://{self.outlet}.example/2025/news-{number}"
        self.other_url = f"https://{self.outlet}.example/short/{number}"

    def says(self, hour: float) -> str:
        """The text at that hour."""
        return [text for since, text in self.wordings if since <= hour][-1]


WORDS = [hashlib.sha256(str(n).encode()).hexdigest()[:7] for n in range(5000)]


def build(folder: Path, stories: Iterator[Story], seed: int) -> Path:
    """Build the archive of one observer."""
    path = folder / "archive.db"
    archive = Archive.open(path)
    connection = archive.connection
    connection.execute("pragma synchronous = off")
    archive.begin()
    for number in range(OUTLETS):
        key = f"outlet-{number}"
        first = at(seed)
        connection.execute(
            "insert into outlets (key, name, first_seen) values (?, ?, ?)",
            [key, key.title(), first],
        )
        connection.execute(
            """insert into feeds (url, outlet, first_seen, since, polled)
            values (?, ?, ?, ?, ?)""",
            [f"https://{key}.example/feed", key, first, first, at(9000 + seed)],
        )
    for count, story in enumerate(stories, 1):
        _watch(connection, story, random.Random(f"{seed} {story.number}"), seed)
        if count % 2000 == 0:
            archive.commit()
            archive.begin()
    archive.commit()
    archive.close()
    return path


def _row(connection: sqlite3.Connection, into: str, **row: object) -> int:
    cursor = connection.execute(
        f"insert into {into} ({', '.join(row)}) values ({', '.join('?' * len(row))})",
        list(row.values()),
    )
    return int(cursor.lastrowid or 0)


def _watch(
    connection: sqlite3.Connection, story: Story, chance: random.Random, seed: int
) -> None:
    """Store the first fetch and some revisits of an article."""
    hours = [story.born + chance.uniform(0.1, 3)]
    while len(hours) < 4:
        hours.append(hours[-1] + chance.uniform(2, 20))
    short = chance.random() < 0.05
    url = story.other_url if short else story.url
    key, first = urls.article_key(url), at(hours[0])
    stored: dict[str, tuple[int, int, str]] = {}  # text → row, number, wording
    _row(
        connection,
        "articles",
        key=key,
        url=story.url,
        reached=story.url,
        outlet=story.outlet,
        first_seen=first,
        last_seen=at(hours[-1]),
        looked=at(hours[-1]),
        outcome="unchanged",
        site=f"{story.outlet}.example",
        due=at(hours[-1] + 100),
    )
    before: str | None = None
    capture = reading = 0
    for hour in hours:
        text, now = story.says(hour), at(hour)
        if text == before and chance.random() < 0.5:  # the response was 304
            connection.execute(
                """update sightings set until = ?
                where id = (select max(id) from sightings where article = ?)""",
                [now, key],
            )
            connection.execute(
                "update versions set last_seen = ? where id = ?", [now, stored[text][0]]
            )
            continue
        body = hashlib.sha256(f"{text} {hour}".encode()).hexdigest()
        capture = _row(
            connection,
            "captures",
            outlet=story.outlet,
            kind="article",
            url=story.url,
            reached=story.url,
            at=now,
            status=200,
            type="text/html",
            sha256=body,
            bytes=len(text),
            page="article",
        )
        if text == before:
            connection.execute(
                """update sightings set until = ?
                where id = (select max(id) from sightings where article = ?)""",
                [now, key],
            )
            connection.execute(
                "update versions set last_seen = ? where id = ?", [now, stored[text][0]]
            )
            continue
        digest = hashlib.sha256(f"{story.title}\n{text}".encode()).hexdigest()
        text_digest = hashlib.sha256(text.encode()).hexdigest()
        if text not in stored:
            row = _row(
                connection,
                "versions",
                article=key,
                number=len(stored) + 1,
                sha256=digest,
                wording=digest,
                text_sha256=text_digest,
                title=story.title,
                text=text,
                words=len(text.split()),
                language="en",
                published=at(story.born),
                first_seen=now,
                last_seen=now,
                capture=capture,
            )
            stored[text] = (row, len(stored) + 1, digest)
        row = stored[text][0]
        reading = _row(
            connection,
            "readings",
            article=key,
            version=row,
            capture=capture,
            source="page",
            extractor=EXTRACTOR,
            wording=digest,
            extract="{}",
            at=now,
        )
        _row(connection, "sightings", article=key, version=row, since=now, until=now)
        if before is not None:
            change = _row(
                connection,
                "changes",
                article=key,
                at=now,
                kind="edited",
                before=stored[before][0],
                after=row,
                sentences=json.dumps({"added": [], "removed": [], "changed": []}),
            )
            _row(
                connection,
                "events",
                at=now,
                kind="edited",
                outlet=story.outlet,
                article=key,
                change=change,
            )
        before = text
    connection.execute(
        "update articles set versions = ?, version = ?, capture = ?, reading = ? where key = ?",
        [len(stored), stored[before or ""][1], capture, reading, key],
    )
    for kind, row_url, stood in (
        ("canonical", story.url, 1),
        *((("entry", story.other_url, 1),) if short or chance.random() < 0.05 else ()),
    ):
        _row(
            connection,
            "urls",
            address=urls.url_key(row_url),
            url=row_url,
            article=key,
            kind=kind,
            first_seen=first,
            last_seen=first,
            stood=stood,
            tail=url_variants.variant_key(row_url),
            story=url_variants.outlet_article_id(row_url),
        )
    feed = f"https://{story.outlet}.example/feed"
    entry_key = hashlib.sha256(f"{feed}\n{story.number}".encode()).hexdigest()[:16]
    _row(
        connection,
        "entries",
        key=entry_key,
        feed=feed,
        guid=str(story.number),
        url=url,
        address=urls.url_key(url),
        title=story.title,
        first_seen=first,
        last_seen=at(hours[1]),
        outcome="new",
        article=key,
    )


def compared(path: Path, other_path: Path) -> dict[str, int]:
    """Tables whose content differs → number of rows."""
    with (
        closing(open_reader(path)) as first,
        closing(open_reader(other_path)) as second,
    ):
        digests = (
            archive_content.get_table_digests(first),
            archive_content.get_table_digests(second),
        )
        return {
            name: len(
                set(archive_content.list_rows_as_json(first, name))
                ^ set(archive_content.list_rows_as_json(second, name))
            )
            or 1
            for name in digests[0]
            if digests[0][name] != digests[1][name]
        }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--words", type=int, default=300)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    half = options.articles // 2
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        paths: list[Path] = []
        for seed, start in ((1, 0), (2, half)):
            (folder / f"{seed}").mkdir(parents=True)
            paths.append(
                build(
                    folder / f"{seed}",
                    (
                        Story(n, options.words)
                        for n in range(start, start + options.articles)
                    ),
                    seed,
                )
            )
        results, times = [], []
        for into, other in ((0, 1), (1, 0)):
            (folder / f"merged-{into}").mkdir()
            path = folder / f"merged-{into}" / "archive.db"
            shutil.copy(paths[into], path)
            started = time.process_time(), time.monotonic()
            summary = merge_archives(
                path,
                None,
                paths[other],
                None,
                NOW,
                lambda stage: print(f"  {stage}", file=sys.stderr, flush=True),
            )
            times.append(
                (time.process_time() - started[0], time.monotonic() - started[1])
            )
            results.append(path)
            print(
                json.dumps(
                    {name: summary[name] for name in ("added", "joined", "compared")}
                ),
                file=sys.stderr,
            )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        once = folder / "once.db"
        shutil.copy(results[0], once)
        orders = compared(*results)
        started_again = time.monotonic()
        merge_archives(
            results[0], None, paths[1], None, "2026-01-02T00:00:00Z", lambda stage: None
        )
        again = time.monotonic() - started_again
        twice = compared(once, results[0])
        with closing(open_reader(results[0])) as connection:
            (article_count,) = connection.execute(
                "select count(*) from articles"
            ).fetchone()
        megabytes = paths[0].stat().st_size / 1e6
    table(
        [
            (
                "articles in each, in both, merged",
                f"{options.articles} / {half} / {article_count}",
                f"{options.articles + half}",
            ),
            ("size of each", f"{megabytes:.0f} MB", ""),
            (
                "seconds: processor, elapsed",
                f"{times[0][0]:.0f}, {times[0][1]:.0f}",
                "minutes for 100,000",
            ),
            ("in the other order", f"{times[1][0]:.0f}, {times[1][1]:.0f}", ""),
            ("peak memory, including building", f"{peak:.0f} MB", "flat"),
            ("tables that differ by the order", json.dumps(orders), "{}"),
            ("tables that differ after merging again", json.dumps(twice), "{}"),
            ("seconds of merging again", f"{again:.0f}", ""),
        ],
    )


if __name__ == "__main__":
    main()
