"""The harvest of real pages, end to end, against what it is made of. Prints figures and aims; ratios are of this run.

    python benchmarks/harvest.py [--pages 600] [--outlets 12]

Without the corpora, pages are invented. The processor time of the newspaper is not counted; its share of the cores is.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import Cost, crawl, processor_time, real_pages, table
from harvester.ingest import Job
from harvester.model import Capture, Limits, Rules
from harvester.workers.pool import WorkerPool

HTML = (("Content-Type", "text/html"),)


def invented(count: int) -> list[tuple[str, bytes]]:
    """Pages of our own newspapers, of the size of real ones."""
    import urllib.request

    from harvester.newsroom import Newsroom
    from tests.support.prose import ProseGenerator

    with Newsroom() as room:
        paper = room.add_outlet("paper", "wordpress", page_bytes=100_000)
        made = [
            paper.publish(f"Page {n}", ProseGenerator(n, "fr").article_paragraphs(10))
            for n in range(count)
        ]
        return [
            (f"invented-{n}", urllib.request.urlopen(one.url).read())
            for n, one in enumerate(made)
        ]


def serve(pages: list[tuple[str, bytes]], outlets: int, folder: str, pipe: Any) -> None:
    """The newspaper, in a process of its own."""
    from harvester.newsroom import Newsroom

    with Newsroom() as room:
        for number in range(outlets):
            outlet = room.add_outlet(f"paper{number}", "files")
            outlet.serve_pages(
                [
                    (f"/{name}.html", body, "text/html")
                    for name, body in pages[number::outlets]
                ]
            )
        pipe.send(room.settings_toml(folder, crawl="concurrency = 8"))
        pipe.recv()


def reference(pages: list[tuple[str, bytes]]) -> float:
    """Seconds of processor time of trafilatura alone over the same pages, after its one-time costs."""
    import trafilatura

    logging.disable(logging.CRITICAL)
    trafilatura.bare_extraction(pages[0][1], with_metadata=True, include_comments=False)
    started = time.process_time()
    for _, body in pages:
        trafilatura.bare_extraction(body, with_metadata=True, include_comments=False)
    return time.process_time() - started


def limit(pages: list[tuple[str, bytes]], count: int) -> tuple[float, float]:
    """Pages a second that the same workers read when they do nothing else, their start included; and their processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    workers = WorkerPool(count)
    started = time.monotonic()
    futures = [
        workers.submit(Job("page", Capture(f"http://x.example/{name}", "", "2026-01-01T00:00:00Z", 200, HTML, body), Rules(language="en"), Limits(), known_fields=("published",)))
        for name, body in pages
    ]  # fmt: skip
    for future in futures:
        future.result()
    speed = len(pages) / (time.monotonic() - started)
    workers.close()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return speed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pages", type=int, default=600)
    options.add_argument("--outlets", type=int, default=12)
    given = options.parse_args()
    pages = real_pages(given.pages) or invented(given.pages)
    count = len(pages)
    cores = multiprocessing.cpu_count()
    print(
        f"{count} pages, {sum(len(body) for _, body in pages) / count / 1000:.0f} kB in the mean, {cores} cores",
        file=sys.stderr,
    )
    base = reference(pages)
    speed, reading = limit(pages, cores)
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        paper = multiprocessing.get_context("spawn").Process(
            target=serve, args=(pages, given.outlets, folder, theirs)
        )
        paper.start()
        settings = Path(folder) / "settings.toml"
        settings.write_text(ours.recv())
        ready = processor_time(paper.pid or 0)
        first: Cost = crawl(settings)
        serving = processor_time(paper.pid or 0) - ready
        second: Cost = crawl(settings)
        ours.send("close")
        paper.join()
    kept = first.counts["new"] + first.counts["duplicate"] + first.counts["unchanged"]
    table(
        [
            ("articles a second", f"{count / first.wall:.1f}", ""),
            (
                "extraction limit, pages a second",
                f"{speed:.1f}",
                "the same workers reading the same pages, nothing else",
            ),
            (
                "share of that limit",
                f"{count / first.wall / speed:.2f}",
                "aim: at least 0.85 on 600 pages",
            ),
            (
                "the same by processor time",
                f"{reading / (first.cpu + serving):.2f}",
                "of the limit's and all that the harvest took, newspaper included: what full cores give, whatever else runs",
            ),
            ("processor ms an article", f"{first.cpu / count * 1000:.1f}", ""),
            (
                "crawl process / workers / newspaper",
                " / ".join(
                    f"{one / count * 1000:.1f}"
                    for one in (first.own, first.cpu - first.own, serving)
                ),
                f"ms an article; the limit: {reading / count * 1000:.1f}",
            ),
            (
                "trafilatura alone, ms a page",
                f"{base / count * 1000:.1f}",
                "bare_extraction with metadata, one process",
            ),
            ("whole job against it", f"{first.cpu / base:.2f}", "aim: at most 1.5"),
            (
                "second pass, unchanged: processor time",
                f"{second.cpu / first.cpu:.2f}",
                "of the first; aim: at most 0.35",
            ),
            ("real pages kept", f"{kept / count:.3f}", "aim: at least 0.97"),
            (
                "reactor lag p99 / max",
                f"{first.lag.get('p99', 0) * 1000:.0f} / {first.lag.get('max', 0) * 1000:.0f} ms",
                "",
            ),
            (
                "peak memory of the tree",
                f"{first.memory / 1e6:.0f} MB",
                f"aim: at most 350; {first.resident / 1e6:.0f} where each process counts what they share",
            ),
            (
                "outcomes",
                " ".join(
                    f"{name}={value}" for name, value in first.counts.items() if value
                ),
                "",
            ),
        ]
    )


if __name__ == "__main__":
    main()
