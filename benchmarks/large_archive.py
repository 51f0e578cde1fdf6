"""Make an archive of hundreds of thousands of articles, to measure what grows with it.

    python benchmarks/large_archive.py FOLDER [--articles 600000] [--until DAY]

The archive's own schema, with rows in bulk: paragraphs of real texts (of the corpora,
where they are there) in which every seventh word is drawn from 400,000 invented ones by
Zipf's law; 40 outlets of unequal sizes over two years, with feeds, entries, captures,
checks, edits, removals, problems, and copies of other outlets' texts. WARC files are
there with the right sizes and hold nothing, so ``verify`` finds every record damaged.
Prints progress, and says how large the archive is.
"""

from __future__ import annotations

import argparse
import hashlib
import heapq
import json
import random
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import corpora
from benchmarks.large_texts import Words, paragraphs, segments
from harvester.archive.connection import Archive
from harvester.archive.integrity import proof
from harvester.archive.records import shingle_index
from harvester.archive.upkeep.optimise import optimise
from harvester.identity.shingles import SAMPLING_METHOD
from harvester.schedule import edit_rates

PERIOD = timedelta(days=730)
END = datetime(2025, 12, 31, tzinfo=UTC)
OUTLETS, FEEDS_PER_OUTLET = 40, 3
BATCH_ARTICLES = 2_000
SEAL_ARTICLES = 20_000
POSTINGS_PER_VERSION = 26
WARC_BYTES = 1_000_000_000
RECORD_BYTES = 26_000  # of a compressed page
CHECK_HOURS = (1, 3, 8, 24, 72, 168)
EDITED, REMOVED, COPIED, PROBLEM = 0.25, 0.01, 0.06, 0.05  # shares of articles
PROBLEMS = (
    ("failed", "404 Not Found"),
    ("failed", "the response broke off after {} bytes"),
    ("blocked", "a consent wall stands before the article: 'Before you continue'"),
    ("empty", "no text found"),
    ("refused", "robots.txt disallows it"),
    ("waiting", "503 Service Unavailable"),
)
TABLES = {
    "outlets": "key name home language first_seen",
    "feeds": "url outlet section site first_seen since kind outcome reason polled due",
    "hosts": "origin site robots robots_status robots_at not_before reason",
    "articles": (
        "id key url reached outlet state first_seen last_seen looked due looks misses "
        "outcome reason version versions sha256 capture reading copy_of site born"
    ),
    "entries": (
        "key feed guid url address title summary published first_seen last_seen outcome "
        "reason article due site place"
    ),
    "urls": "address url article kind first_seen last_seen stood tail story",
    "captures": (
        "id crawl outlet kind url reached at status type sha256 bytes file offset length "
        "record page"
    ),
    "versions": (
        "id article number sha256 wording text_sha256 title authors text words published "
        "language sections tags sources first_seen last_seen capture kind access"
    ),
    "readings": (
        "id article version capture source extractor rules profile wording extract at"
    ),
    "sightings": "article version since until",
    "changes": (
        "id article at kind before after fields sentences class size admitted silent"
    ),
    "events": "at kind outlet article change feed note",
    "looks": "article at outcome status saw missed prompt capture note",
    "crawls": "id started ended program visits captures counts",
    "copies": "article original share shared version original_version",
    "samples": "version size name",
    "rhythms": "outlet part tried found",
}


@dataclass(slots=True)
class Version:
    """A version as it was added."""

    id: int
    sha256: str
    title: str
    lines: list[str]
    at: str


@dataclass(slots=True)
class Article:
    """An article until its last check, when its row is written."""

    id: int
    key: str
    url: str
    outlet: int
    born: datetime
    versions: list[Version] = field(default_factory=list)
    capture: int = 0
    reading: int = 0
    checks: int = 0
    state: str = "live"
    outcome: str = "new"
    seen: str = ""
    copy_of: str | None = None


def edit_counts() -> dict[str, float]:
    """Edits that are usual at each age, after many articles, as they are learned."""
    shares = edit_rates.CUMULATIVE_EDIT_SHARES
    return {
        edit_rates.band_name(band): 300.0 * (shares[band + 1] - shares[band])
        for band in range(edit_rates.BAND_COUNT)
    } | {edit_rates.ARTICLES_PART: 500.0}


def stamp(time: datetime) -> str:
    """A time as the archive writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def sha256(text: str) -> str:
    """The digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


class Maker:
    """Makes rows, and writes them in batches."""

    def __init__(self, archive: Archive, count: int, start: datetime) -> None:
        self.connection, self.count, self.start = archive.connection, count, start
        self.chance = random.Random(7)
        self.words = Words(self.chance)
        self.paragraphs = {
            language: [segments(line) for line in lines]
            for language, lines in paragraphs(corpora()).items()
        }
        self.languages = sorted(self.paragraphs)
        self.rows: dict[str, list[Sequence[Any]]] = {table: [] for table in TABLES}
        self.ids = dict.fromkeys(("captures", "versions", "readings", "changes"), 0)
        self.waiting: list[tuple[datetime, int, Article]] = []
        self.recent: list[Article] = []
        self.files: dict[str, int] = {}
        self.crawl = 0

    def run(self) -> Iterator[int]:
        """Make all rows; yields the number of articles so far."""
        self._add_outlets()
        step = PERIOD / self.count
        for number in range(1, self.count + 1):
            now = self.start + number * step
            while self.waiting and self.waiting[0][0] <= now:
                self._check(*heapq.heappop(self.waiting))
            self._add_crawl(now)
            self._add_article(number, now)
            if number % BATCH_ARTICLES == 0 or number == self.count:
                self.flush()
                if number % SEAL_ARTICLES == 0:
                    proof.seal_all(self.connection, stamp(now))
                yield number
        while self.waiting:
            self._check(*heapq.heappop(self.waiting))
        self.flush()

    def flush(self) -> None:
        """Write what was made."""
        self.connection.execute("begin")
        for table, rows in self.rows.items():
            columns = TABLES[table].split()
            self.connection.executemany(
                f"insert into {table} ({', '.join(columns)}) "
                f"values ({', '.join('?' * len(columns))})",
                rows,
            )
            rows.clear()
        self.connection.execute("delete from unsampled")
        self.connection.execute("commit")

    def _id(self, table: str) -> int:
        self.ids[table] += 1
        return self.ids[table]

    def _add_outlets(self) -> None:
        at = stamp(self.start)
        for number in range(OUTLETS):
            key, site = f"paper{number:02}", f"paper{number:02}.example"
            language = self.languages[number % len(self.languages)]
            self.rows["outlets"].append(
                (key, key.title(), f"https://{site}/", language, at)
            )
            self.rows["hosts"].append((
                f"https://{site}:443", site, "User-agent: *\nDisallow: /x\n" * 40, 200,
                at, at if number % 9 == 0 else None, "429 Too Many Requests",
            ))  # fmt: skip
            for part, usual in edit_counts().items():
                found = usual * (0.5 + number / OUTLETS)
                self.rows["rhythms"].append((key, part, usual, found))
            for feed in range(FEEDS_PER_OUTLET):
                url = f"https://{site}/feed{feed}.xml"
                end = stamp(self.start + PERIOD)
                self.rows["feeds"].append(
                    (url, key, "", site, at, at, "rss", "unchanged", "", end, end)
                )

    def _add_crawl(self, now: datetime) -> None:
        hour = int((now - self.start) / timedelta(hours=1)) + 1
        while self.crawl < hour:
            self.crawl += 1
            at = stamp(self.start + timedelta(hours=self.crawl - 1))
            counts = json.dumps({"new": 30, "unchanged": 200})
            self.rows["crawls"].append(
                (self.crawl, at, at, "harvester 1.0", 230, 60, counts)
            )

    def _add_article(self, number: int, now: datetime) -> None:
        outlet = min(int(self.chance.paretovariate(0.9)) - 1, OUTLETS - 1)
        name, at = f"paper{outlet:02}", stamp(now)
        address = (
            f"{name}.example/news/{number}/{self.words.draw()}-{self.words.draw()}"
        )
        key = sha256(address)[:16]
        if self.chance.random() < PROBLEM:
            self._add_entry(key, address, outlet, at, None)
            return
        article = Article(number, key, f"https://{address}", outlet, now, seen=at)
        original = None
        if self.recent and self.chance.random() < COPIED:
            original = self.chance.choice(self.recent)
        if original is not None and original.outlet != outlet:
            title, lines = original.versions[0].title, original.versions[0].lines
            article.copy_of = original.copy_of or original.key
        else:
            original = None
            title, lines = self._compose(outlet)
        self._add_version(article, title, lines, at)
        if original is not None:
            version, first = article.versions[0].id, original.versions[0].id
            self.rows["copies"].append((key, original.key, 1.0, 1.0, version, first))
        self._add_entry(key, address, outlet, at, article)
        self.rows["urls"].append(
            (address, article.url, key, "canonical", at, at, 1, f"/news/{number}", "")
        )
        self.recent = [*self.recent[-40:], article]
        self._plan(article)

    def _compose(self, outlet: int) -> tuple[str, list[str]]:
        paragraphs = self.paragraphs[self.languages[outlet % len(self.languages)]]
        lines = []
        for _ in range(self.chance.randrange(3, 8)):
            pieces = self.chance.choice(paragraphs)
            lines.append(" ".join(f"{one} {self.words.draw()}" for one in pieces))
        title = " ".join(lines[0].split()[:9])
        return title[:1].upper() + title[1:], lines

    def _add_entry(
        self, key: str, address: str, outlet: int, at: str, article: Article | None
    ) -> None:
        outcome, reason = "new", ""
        if article is None:
            outcome, reason = self.chance.choice(PROBLEMS)
            reason = reason.format(self.chance.randrange(200))
        elif article.copy_of:
            outcome = "duplicate"
        site = f"paper{outlet:02}.example"
        feed = f"https://{site}/feed{self.chance.randrange(FEEDS_PER_OUTLET)}.xml"
        title = article.versions[0].title if article else address
        summary = article.versions[0].lines[0][:300] if article else ""
        url = f"https://{address}"
        self.rows["entries"].append((
            key, feed, url, url, address, title, summary, at, at, at, outcome, reason,
            key if article else None, at if outcome == "waiting" else None, site,
            self.chance.randrange(20),
        ))  # fmt: skip

    def _add_capture(self, article: Article, at: str, status: int) -> int:
        number = self._id("captures")
        name = f"harvester-{number * RECORD_BYTES // WARC_BYTES:05d}.warc.gz"
        offset = self.files.get(name, 500)
        self.files[name] = offset + RECORD_BYTES
        digest = f"{number:064x}"
        self.rows["captures"].append((
            number, self.crawl, f"paper{article.outlet:02}", "article", article.url,
            article.url, at, status, "text/html; charset=utf-8", digest, 120_000,
            name, offset, RECORD_BYTES, digest, "article" if status == 200 else "",
        ))  # fmt: skip
        return number

    def _add_version(
        self, article: Article, title: str, lines: list[str], at: str
    ) -> Version:
        text = "\n".join(lines)
        digest, number = sha256(f"{title}\n{text}"), self._id("versions")
        capture, reading = self._add_capture(article, at, 200), self._id("readings")
        kind = "article" if number % 50 else self.chance.choice(("live", "stub"))
        access = "unknown" if number % 20 else "paywalled"
        language = self.languages[article.outlet % len(self.languages)]
        author = json.dumps(
            [f"{self.words.draw().title()} {self.words.draw().title()}"]
        )
        sources = json.dumps({"title": "h1", "published": "meta", "authors": "byline"})
        version = Version(number, digest, title, lines, at)
        article.versions.append(version)
        self.rows["versions"].append((
            number, article.key, len(article.versions), digest, digest, sha256(text),
            title, author, text, text.count(" ") + len(lines), at, language,
            '["News"]', '["one", "two"]', sources, at, at, capture, kind, access,
        ))  # fmt: skip
        links = [{"url": f"{article.url}/{link}", "text": title} for link in range(4)]
        extract = json.dumps({"authors": [author], "links": links, "method": "model"})
        self.rows["readings"].append((
            reading, article.key, number, capture, "page", "blocks 9", "", "",
            digest, extract, at,
        ))  # fmt: skip
        self.rows["sightings"].append((article.key, number, at, at))
        self.rows["samples"].append((number, POSTINGS_PER_VERSION, SAMPLING_METHOD))
        article.capture, article.reading = capture, reading
        return version

    def _plan(self, article: Article) -> None:
        """Plan the next check, or write the article's row after the last."""
        if article.checks == len(CHECK_HOURS) or article.state == "removed":
            self._finish(article)
            return
        at = article.born + timedelta(hours=CHECK_HOURS[article.checks])
        if at > self.start + PERIOD:
            self._finish(article)
            return
        heapq.heappush(self.waiting, (at, article.id, article))

    def _check(self, time: datetime, _: int, article: Article) -> None:
        article.checks += 1
        at, capture, outcome, status = stamp(time), None, "unchanged", 304
        if self.chance.random() < EDITED / len(CHECK_HOURS) * 1.5:
            outcome, status = "changed", 200
            self._edit(article, at)
            capture = article.capture
        elif self.chance.random() < REMOVED / len(CHECK_HOURS):
            outcome, status = "gone", 404
            article.state = "removed"
            for kind in ("suspect", "removed"):
                self._add_event(article, at, kind, None, "answered 404")
        else:
            article.seen = at
        article.outcome = outcome
        missed = int(outcome == "gone")
        self.rows["looks"].append(
            (article.key, at, outcome, status, "404" * missed, missed, "", capture, "")
        )
        self._plan(article)

    def _edit(self, article: Article, at: str) -> None:
        before = article.versions[-1]
        lines, title = list(before.lines), before.title
        line = self.chance.randrange(len(lines))
        old = lines[line]
        lines[line] = f"{old} {self.words.draw()} {self.words.draw()}"
        kind, sort = "edited", self.chance.choice(("substantive", "typo", "correction"))
        fields: dict[str, list[str]] = {}
        if self.chance.random() < 0.2:
            title, kind, sort = f"{title} {self.words.draw()}", "headline", "headline"
            fields = {"title": [before.title, title]}
        after = self._add_version(article, title, lines, at)
        number, silent = self._id("changes"), int(self.chance.random() < 0.8)
        sentences = {"added": [], "removed": [], "changed": [[old, lines[line]]]}
        self.rows["changes"].append((
            number, article.key, at, kind, before.id, after.id, json.dumps(fields),
            json.dumps(sentences), sort, 2, "" if silent else "modified", silent,
        ))  # fmt: skip
        self._add_event(article, at, kind, number, "")
        article.seen = at

    def _add_event(
        self, article: Article, at: str, kind: str, change: int | None, note: str
    ) -> None:
        outlet = f"paper{article.outlet:02}"
        self.rows["events"].append((at, kind, outlet, article.key, change, None, note))

    def _finish(self, article: Article) -> None:
        outlet, born = f"paper{article.outlet:02}", stamp(article.born)
        self.rows["articles"].append((
            article.id, article.key, article.url, article.url, outlet, article.state,
            born, article.seen, article.seen, None, article.checks, 0,
            article.outcome, "", len(article.versions), len(article.versions),
            f"{article.capture:064x}", article.capture, article.reading,
            article.copy_of, f"{outlet}.example", born,
        ))  # fmt: skip


def add_shingles(connection: sqlite3.Connection, versions: int) -> None:
    """Fill the index of shingles, as after that many versions, with random hashes."""
    generator = np.random.default_rng(3)
    numbers = np.repeat(np.arange(1, versions + 1, dtype="<u8"), POSTINGS_PER_VERSION)
    hashes = generator.integers(0, 1 << shingle_index.HASH_BITS, len(numbers), "<u8")
    postings = np.sort((hashes << np.uint64(shingle_index.VERSION_BITS)) | numbers)
    level = len(shingle_index.BUCKET_BITS) - 1
    buckets = (postings >> np.uint64(64 - shingle_index.BUCKET_BITS[level])).astype(int)
    present, starts = np.unique(buckets, return_index=True)
    rows = zip(present.tolist(), np.split(postings, starts[1:]), strict=True)
    turn = max(300, len(postings) // shingle_index.BATCH_POSTINGS)
    connection.execute("begin")
    connection.executemany(
        "insert into shingles (id, postings) values (?, ?)",
        (
            (level * shingle_index.LEVEL_STRIDE + bucket, part.tobytes())
            for bucket, part in rows
        ),
    )
    connection.execute(
        "insert into shingles (id, postings) values (0, ?)",
        [turn.to_bytes(8, "little")],
    )
    connection.execute("commit")


def add_clusters(connection: sqlite3.Connection) -> None:
    """Put articles with the same text into clusters, as the crawl does."""
    connection.execute("begin")
    connection.execute(
        """
        insert or ignore into clusters (article, cluster)
        select key, copy_of from articles where copy_of is not null
        union all select copy_of, copy_of from articles where copy_of is not null"""
    )
    connection.execute("commit")


def make(folder: Path, count: int, end: datetime = END) -> Path:
    """Make the archive and its settings; returns the archive's path."""
    folder.mkdir(parents=True, exist_ok=True)
    path, captures = folder / "archive.db", folder / "captures"
    began = time.process_time()
    with closing(Archive.open(path, captures)) as archive:
        for pragma in ("journal_mode = off", "synchronous = off", "foreign_keys = off"):
            archive.connection.execute(f"pragma {pragma}")
        archive.connection.execute("pragma cache_size = -600000")
        maker = Maker(archive, count, end - PERIOD)
        for done in maker.run():
            if done % 10_000 == 0 or done == count:
                spent = time.process_time() - began
                print(
                    f"{done:>9} of {count} articles, {path.stat().st_size / 1e6:,.0f} MB,"
                    f" {spent:.0f} s of processor time,"
                    f" {spent / done * count:.0f} s expected",
                    flush=True,
                )
        add_shingles(archive.connection, maker.ids["versions"])
        add_clusters(archive.connection)
        proof.seal_all(archive.connection, stamp(end))
        archive.connection.execute("pragma journal_mode = wal")
    optimise(path)
    captures.mkdir(exist_ok=True, mode=0o700)
    for name, size in maker.files.items():
        with (captures / name).open("wb") as file:
            file.truncate(size)
        (captures / name).chmod(0o600)
    _write_settings(folder)
    print(
        f"{path}: {path.stat().st_size / 1e9:.2f} GB, "
        f"{path.stat().st_size / count / 1000:.1f} kB an article, "
        f"{time.process_time() - began:.0f} s of processor time"
    )
    return path


def _write_settings(folder: Path) -> None:
    outlets = [
        f'[outlets.paper{number:02}]\nfeeds = ["'
        + '", "'.join(
            f"https://paper{number:02}.example/feed{feed}.xml"
            for feed in range(FEEDS_PER_OUTLET)
        )
        + '"]\n'
        for number in range(OUTLETS)
    ]
    text = '[archive]\ncaptures = "captures"\n' + "".join(outlets)
    (folder / "settings.toml").write_text(text, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=600_000)
    parser.add_argument(
        "--until",
        type=lambda day: datetime.fromisoformat(day).replace(tzinfo=UTC),
        default=END,
        help="the last day, as 2026-11-30; pages show what is recent",
    )
    options = parser.parse_args()
    if (options.folder / "archive.db").exists():
        raise SystemExit(
            f"{options.folder} has an archive already: name another folder"
        )
    make(options.folder.resolve(), options.articles, options.until)


if __name__ == "__main__":
    main()
