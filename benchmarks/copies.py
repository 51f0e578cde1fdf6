"""Measure near-duplicate detection: its index, its decisions, and the whole archive.

    python benchmarks/copies.py                       # index and decision on the texts
    python benchmarks/copies.py --archive [--part 8]  # every text as a page, archived
    python benchmarks/copies.py --million [1000000]   # the index alone, generated shingles

With ``--archive`` the result is what ``harvest similar --all`` prints. The texts are
``wire`` (copies made from real articles: shortened, extended, rewritten; against
templates, shared quotations and shared boilerplate) and ``reuters`` (dispatches of 1987
with labelled repeats and look-alikes). The rule was fitted on these very pairs, in two
halves by article: each half scores 0.983 and 0.955 with the weights of the other.
``rewrite_heavy`` (half of all words replaced) is excluded from F1, as from the aims.
"""

from __future__ import annotations

import argparse
import gzip
import html
import json
import os
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import corpora, table
from harvester.archive.connection import Archive, open_reader
from harvester.archive.records import copies, shingle_index
from harvester.identity import near_duplicates, shingles
from harvester.ingest.keeper import Keeper
from harvester.ingest.prepare import prepare
from harvester.model import Capture
from harvester.settings import load_settings

# Required F1, aim of F1, aim of precision.
AIMS = {
    "wire": (0.955, 0.97, 0.95),
    "reuters": (0.945, 0.96, 0.93),
}
LEFT_OUT = "rewrite_heavy"
NOW = "2026-01-01T00:00:00Z"
RSS = (("Content-Type", "application/rss+xml; charset=utf-8"),)
HTML = (("Content-Type", "text/html; charset=utf-8"),)
ROWS = 33  # shingles in the sample of an article of 400 words
A_FEED = 500  # entries


@dataclass(frozen=True, slots=True)
class Text:
    """One text, its paragraphs as lines; ``at`` is its publication time, "" if unknown."""

    number: int
    title: str
    text: str
    at: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, and whether they are the same report."""

    numbers: frozenset[int]
    same: bool
    kind: str


def texts(folder: Path, name: str) -> tuple[dict[int, Text], list[Pair]]:
    """The texts of a set, by number, and its labelled pairs."""
    texts_by_number = {}
    for line in _lines(folder / f"{name}.jsonl.gz"):
        row = json.loads(line)
        text = row["text"]
        if name == "reuters":
            text = "\n".join(
                " ".join(part.split()) for part in re.split(r"\n(?=    )", text)
            )
        texts_by_number[row["id"]] = Text(
            row["id"], row["title"], text, f"{row['at']}Z" if "at" in row else ""
        )
    path = folder / f"{name}-pairs.jsonl"
    pairs = [
        json.loads(line)
        for line in _lines(path if path.exists() else Path(f"{path}.gz"))
    ]
    return texts_by_number, [
        Pair(frozenset((row["a"], row["b"])), bool(row["same"]), row.get("kind", name))
        for row in pairs
    ]


def _lines(path: Path) -> list[str]:
    body = path.read_bytes()
    return (
        (gzip.decompress(body) if path.suffix == ".gz" else body).decode().splitlines()
    )


def index_recall(
    all_texts: dict[int, Text], pairs: list[Pair]
) -> tuple[float, float, float]:
    """Recall of the index, mean over kinds; candidates and shingles an article."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(
            "create table shingles (id integer primary key, postings blob not null)"
        )
        samples = {
            number: shingles.sample_hashes(shingles.split_into_words(text.text))
            for number, text in all_texts.items()
        }
        hits: set[frozenset[int]] = set()
        for number, names in samples.items():
            counted: Counter[int] = Counter()
            for versions in shingle_index.find_versions(
                connection, names, copies.MAX_VERSIONS_PER_SHINGLE + 1
            ):
                counted.update(
                    versions if len(versions) <= copies.MAX_VERSIONS_PER_SHINGLE else []
                )
            for other, common in counted.items():
                overlap = common / max(min(len(names), len(samples[other])), 1)
                if (
                    common >= copies.MIN_COMMON_SHINGLES
                    and overlap >= copies.MIN_OVERLAP
                ):
                    hits.add(frozenset((number, other)))
            shingle_index.add_version(connection, number, names)
    kinds: dict[str, list[bool]] = defaultdict(list)
    for pair in pairs:
        if pair.same:
            kinds[pair.kind].append(pair.numbers in hits)
    mean = sum(sum(results) / len(results) for results in kinds.values()) / len(kinds)
    return (
        mean,
        len(hits) / len(samples),
        sum(map(len, samples.values())) / len(samples),
    )


def decide(
    all_texts: dict[int, Text], pairs: list[Pair]
) -> tuple[set[frozenset[int]], float]:
    """The pairs that the rule decides are duplicates, on the texts alone; ms a pair."""
    duplicates, started = set(), time.process_time()
    for pair in pairs:
        text, other = (all_texts[number] for number in sorted(pair.numbers))
        days = 0.0
        if text.at:
            days = (
                abs(
                    (
                        datetime.fromisoformat(text.at)
                        - datetime.fromisoformat(other.at)
                    ).total_seconds()
                )
                / 86_400
            )
        if near_duplicates.compare(
            near_duplicates.tokenise(text.title, text.text),
            near_duplicates.tokenise(other.title, other.text),
            days,
        ).is_near_duplicate:
            duplicates.add(pair.numbers)
    return duplicates, (time.process_time() - started) / len(pairs) * 1000


def judged(
    name: str, what: str, pairs: list[Pair], duplicates: Collection[frozenset[int]]
) -> list[tuple[str, str, str]]:
    """Rows of F1, precision and recall beside the aims."""
    counted = [pair for pair in pairs if pair.kind != LEFT_OUT]
    right = sum(pair.same and pair.numbers in duplicates for pair in counted)
    wrong = sum(not pair.same and pair.numbers in duplicates for pair in counted)
    precision, recall = (
        right / max(right + wrong, 1),
        right / max(sum(pair.same for pair in counted), 1),
    )
    required, aim, precision_aim = AIMS[name]
    score = 2 * precision * recall / max(precision + recall, 1e-9)
    return [
        (f"{name}, {what}: F1", f"{score:.4f}", f"required {required}, aim {aim}"),
        (f"{name}, {what}: precision", f"{precision:.4f}", f"aim {precision_aim}"),
        (f"{name}, {what}: recall", f"{recall:.4f}", ""),
    ]


def by_kind(pairs: list[Pair], duplicates: Collection[frozenset[int]]) -> None:
    """Print the share of each kind that was decided to be duplicates."""
    kinds: dict[tuple[bool, str], list[bool]] = defaultdict(list)
    for pair in pairs:
        kinds[pair.same, pair.kind].append(pair.numbers in duplicates)
    for (same, kind), hits in sorted(kinds.items(), reverse=True):
        print(
            f"    {'same' if same else 'other':<6}{kind:<20}"
            f"{sum(hits) / len(hits):.3f} of {len(hits)}"
        )


def page(text: Text) -> bytes:
    """A text as a page."""
    published = (
        f"<meta property='article:published_time' content='{text.at}'>"
        if text.at
        else ""
    )
    lines = "".join(
        f"<p>{html.escape(line)}</p>" for line in text.text.split("\n") if line.strip()
    )
    title = html.escape(text.title) or "Untitled"
    return (
        f"<html><head><title>{title}</title>{published}</head>"
        f"<body><article><h1>{title}</h1>{lines}</article></body></html>"
    ).encode()


def feed(url: str, announced: Iterable[Text]) -> bytes:
    """A feed that announces these texts."""
    entries = "".join(
        f"<item><title>{html.escape(text.title or 'Untitled')}</title>"
        f"<link>{address(text.number)}</link></item>"
        for text in announced
    )
    return f"<rss version='2.0'><channel><title>{url}</title>{entries}</channel></rss>".encode()


def address(number: int) -> str:
    """The URL of a text."""
    return f"https://paper.example/news/{number}/report.html"


def build_archive(folder: Path, chosen: list[Text]) -> tuple[Path, float, float]:
    """Archive these texts as pages, as the crawl does.

    Returns the archive, processor seconds in all, and those of the comparison.
    """
    pages = {address(text.number): text for text in chosen}
    feeds = {
        f"https://paper.example/feed{at}.xml": chosen[at : at + A_FEED]
        for at in range(0, len(chosen), A_FEED)
    }
    settings_file = folder / "settings.toml"
    settings_file.write_text(f"[outlets.paper]\nfeeds = {json.dumps(list(feeds))}\n")
    settings = load_settings(settings_file)
    keeper = Keeper(Archive.open(settings.archive, settings.captures), settings)
    keeper.sync_settings(NOW)
    keeper.begin_crawl(NOW)
    started, comparing, visit_count = time.process_time(), 0.0, 0
    while visits := keeper.take_due_visits(NOW, force=True):
        for visit in visits:
            body, headers = (
                (feed(visit.url, feeds[visit.url]), RSS)
                if visit.kind == "feed"
                else (page(pages[visit.url]), HTML)
            )
            capture = Capture(visit.url, visit.url, NOW, 200, headers, body)
            job = keeper.receive(visit, capture, NOW)
            keeper.keep(visit, capture, prepare(job) if job else None, NOW)
            visit_count += 1
            if visit_count % 75 == 0:
                began = time.process_time()
                keeper.flush()
                comparing += time.process_time() - began
    began = time.process_time()
    keeper.end_crawl(NOW)
    ended = time.process_time()
    keeper.close()
    return settings.archive, ended - started, comparing + ended - began


def through_archive(
    name: str, all_texts: dict[int, Text], pairs: list[Pair], part: int
) -> list[tuple[str, str, str]]:
    """What ``harvest similar --all`` prints when every text was read from a page.

    With ``part`` n, only an nth of the pairs.
    """
    groups: dict[int, list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[min(pair.numbers) // 50].append(pair)
    keys = sorted(groups)
    random.Random(1).shuffle(keys)
    pairs = [pair for key in keys[: max(len(keys) // part, 1)] for pair in groups[key]]
    wanted = (
        sorted({number for pair in pairs for number in pair.numbers})
        if part > 1
        else sorted(all_texts)
    )
    with tempfile.TemporaryDirectory() as scratch:
        path, whole, comparing = build_archive(
            Path(scratch), [all_texts[number] for number in wanted]
        )
        with closing(open_reader(path)) as connection:
            duplicates = {
                frozenset(
                    int(url.split("/")[4]) for url in (pair["url"], pair["other_url"])
                )
                for pair in copies.list_pairs(connection)
            }
            left = copies.count_unindexed_versions(connection)
    rows = judged(name, f"through the archive, {len(wanted)} texts", pairs, duplicates)
    rows.append(
        (f"{name}: comparison, a text", f"{comparing / len(wanted) * 1000:.2f} ms", "")
    )
    rows.append(
        (
            f"{name}: comparison, share of processor time",
            f"{comparing / whole:.3f}",
            "aim 0.05, in an archive with few duplicates",
        )
    )
    rows.append((f"{name}: left for the next crawl", str(left), ""))
    by_kind(pairs, duplicates)
    return rows


def made_up_sample(chance: random.Random) -> list[int]:
    """The shingle sample of a generated article."""
    return sorted(chance.getrandbits(64) for _ in range(ROWS))


def index_costs(count: int) -> list[tuple[str, str, str]]:
    """The index alone: size, write time, WAL, lookup time."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "index.db"
        log = path.with_name("index.db-wal")
        chance, written, spent = random.Random(1), 0, 0.0
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for setting in (
                "journal_mode = wal",
                "synchronous = full",
                "wal_autocheckpoint = 0",
                "cache_size = -16000",
            ):
                connection.execute(f"pragma {setting}")
            connection.execute(
                "create table shingles (id integer primary key, postings blob not null)"
            )
            for first in range(1, count + 1, 75):
                samples = [
                    made_up_sample(chance) for _ in range(min(75, count + 1 - first))
                ]
                began = time.perf_counter()
                connection.execute("begin immediate")
                for offset, sample in enumerate(samples):
                    shingle_index.add_version(connection, first + offset, sample)
                connection.execute("commit")
                spent += time.perf_counter() - began
                written += log.stat().st_size
                connection.execute("pragma wal_checkpoint(truncate)")
            queries = [made_up_sample(chance) for _ in range(4000)]
            times = sorted(_timed(connection, sample) for sample in queries + queries)[
                : 2 * len(queries)
            ]
            size = path.stat().st_size
    return [
        ("articles, shingles of each", f"{count}, {ROWS}", ""),
        ("bytes an article", f"{size / count:.0f}", "aim 450"),
        ("write", f"{spent / count * 1000:.3f} ms", "aim 0.4 ms"),
        ("WAL a write", f"{written / count / 1024:.1f} KiB", "aim 20 KiB"),
        ("lookup, median", f"{times[len(times) // 2] * 1000:.3f} ms", ""),
        (
            "lookup, p95",
            f"{times[int(len(times) * 0.95)] * 1000:.3f} ms",
            "aim 0.5 ms",
        ),
        (
            "load average",
            f"{os.getloadavg()[1]:.1f}, {os.cpu_count()} cores",
            "",
        ),
    ]


def _timed(connection: sqlite3.Connection, sample: list[int]) -> float:
    began = time.perf_counter()
    shingle_index.find_versions(connection, sample, copies.MAX_VERSIONS_PER_SHINGLE + 1)
    return time.perf_counter() - began


def sets(folder: Path) -> Iterator[tuple[str, Any]]:
    """Both sets of texts."""
    for name in AIMS:
        yield name, texts(folder / "duplicates", name)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--archive", action="store_true", help="through the whole archive"
    )
    parser.add_argument(
        "--part",
        type=int,
        default=1,
        help="with --archive: 8 takes an eighth of the pairs",
    )
    parser.add_argument("--million", type=int, nargs="?", const=1_000_000)
    options = parser.parse_args()
    if options.million:
        table(index_costs(options.million))
        return
    folder = corpora()
    if folder is None:
        raise SystemExit("no corpora: set CORPORA to their folder")
    rows: list[tuple[str, str, str]] = []
    for name, (all_texts, pairs) in sets(folder):
        if options.archive:
            rows += through_archive(name, all_texts, pairs, options.part)
            continue
        mean, candidates, size = index_recall(all_texts, pairs)
        rows.append(
            (
                f"{name}: pairs found by the index, mean over kinds",
                f"{mean:.4f}",
                "aim 0.995",
            )
        )
        rows.append(
            (
                f"{name}: candidates an article, shingles of each",
                f"{candidates:.2f}, {size:.1f}",
                "aim 3 (wire: all texts have duplicates)",
            )
        )
        duplicates, each = decide(all_texts, pairs)
        rows += judged(name, "the texts alone", pairs, duplicates)
        rows.append((f"{name}: a decision", f"{each:.2f} ms", ""))
        by_kind(pairs, duplicates)
    table(rows)


if __name__ == "__main__":
    main()
