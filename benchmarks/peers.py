"""Measure the whole job against news-please's: the same pages, network and run.

    python benchmarks/peers.py [--pages 120] [--outlets 4] [--news-please PROGRAM]

A newspaper on loopback serves real pages: a front page, a feed, and the articles of it.
Each program fetches, reads and stores all of them, start-ups included: news-please by
its RSS crawler into its files, as it is configured after installation except that it
takes every page for an article; this program into its archive. Processor time is that
of all processes of a program; ratios are within this run.

news-please is no dependency. Install it in a virtual environment of its own, and name
its program by the option or by the environment variable ``NEWS_PLEASE``.
"""

from __future__ import annotations

import argparse
import configparser
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import crawl, real_pages, table, tree_memory
from benchmarks.harvest import invented_pages
from harvester.newsroom import Newsroom

PEER_TIMEOUT_SECONDS = 1_800
AIM = 17  # times less processor time an article


@dataclass(frozen=True, slots=True)
class PeerCost:
    """What news-please used, and how many articles it stored, how many with text."""

    cpu: float
    memory: int
    articles: int
    with_text: int


def serve(pages: list[tuple[str, bytes]], outlets: int, folder: str, pipe: Any) -> None:
    """Serve the newspaper, in a separate process: outlets with a front page each."""
    with Newsroom() as room:
        homes = []
        for number in range(outlets):
            outlet = room.add_outlet(f"paper{number}", "files")
            [feed] = outlet.serve_pages(
                [
                    (f"/{name}.html", body, "text/html")
                    for name, body in pages[number::outlets]
                ]
            )
            front = (
                "<html lang='en'><head><title>Front page</title>"
                f'<link rel="alternate" type="application/rss+xml" href="{feed}">'
                "</head><body></body></html>"
            )
            homes.append(outlet.serve("/", front.encode()))
        pipe.send((homes, room.settings_toml(folder, crawl="concurrency = 8")))
        pipe.recv()


def find_program(option: str) -> str | None:
    """The path of news-please; None if it is not installed."""
    return shutil.which(option or os.environ.get("NEWS_PLEASE") or "news-please")


def configure(program: str, folder: Path, homes: list[str]) -> Path:
    """Write news-please's configuration: its own default one, for these outlets."""
    python = Path(program).with_name("python")
    found = subprocess.run(
        [
            python,
            "-c",
            "import newsplease, os; print(os.path.dirname(newsplease.__file__))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    defaults = Path(found.stdout.split()[-1]) / "config" / "config.cfg"
    config = configparser.RawConfigParser()
    config.optionxform = str  # type: ignore[assignment,method-assign]
    config.read_string(defaults.read_text())
    config["Crawler"]["default"] = "RssCrawler"
    config["Crawler"]["number_of_parallel_crawlers"] = str(multiprocessing.cpu_count())
    config["Crawler"]["rss_parent_pages"] = '[""]'
    config["Heuristics"]["enabled_heuristics"] = (
        '{"crawler_contains_only_article_alikes": True}'
    )
    config["Heuristics"]["pass_heuristics_condition"] = (
        '"crawler_contains_only_article_alikes"'
    )
    config["Files"]["working_path"] = str(folder / "repository")
    config["Scrapy"]["LOG_LEVEL"] = "ERROR"
    place = folder / "config"
    place.mkdir()
    with (place / "config.cfg").open("w") as file:
        config.write(file)
    sites = {"base_urls": [{"url": home} for home in homes]}
    (place / "sitelist.hjson").write_text(json.dumps(sites))
    return place


def run_news_please(program: str, folder: Path, homes: list[str]) -> PeerCost:
    """Run news-please once over the outlets."""
    place = configure(program, folder, homes)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with (folder / "news-please.log").open("wb") as log:
        process = subprocess.Popen(
            [program, "-c", f"{place}/"], stdout=log, stderr=log, cwd=folder
        )
        peak, done = [0], threading.Event()

        def watch() -> None:
            while not done.wait(0.2):
                peak[0] = max(peak[0], tree_memory(process.pid)[0])

        watcher = threading.Thread(target=watch)
        watcher.start()
        code = process.wait(PEER_TIMEOUT_SECONDS)
        done.set()
        watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    files = (folder / "repository").rglob("*.json")
    stored = [
        article
        for article in (json.loads(path.read_text()) for path in files)
        if isinstance(article, dict) and "url" in article  # Scrapy's state has none
    ]
    if code or not stored:
        print((folder / "news-please.log").read_text()[-3_000:], file=sys.stderr)
        raise SystemExit(f"news-please stored nothing (exit code {code})")
    return PeerCost(
        after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        peak[0],
        len(stored),
        sum(bool(article.get("maintext")) for article in stored),
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--outlets", type=int, default=4)
    parser.add_argument("--news-please", default="", help="path of its program")
    options = parser.parse_args()
    program = find_program(options.news_please)
    if program is None:
        print(
            "skipped: news-please is not installed: install it in a virtual environment "
            "of its own and set NEWS_PLEASE to its program"
        )
        return
    pages = real_pages(options.pages) or invented_pages(options.pages)
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, theirs = context.Pipe()
        paper = context.Process(
            target=serve, args=(pages, options.outlets, name, theirs)
        )
        paper.start()
        homes, settings_toml = ours.recv()
        settings = folder / "settings.toml"
        settings.write_text(settings_toml)
        started = time.monotonic()
        harvest = crawl(settings)
        print(f"harvest: {time.monotonic() - started:.0f} s", file=sys.stderr)
        peer = run_news_please(program, folder, homes)
        print(f"both: {time.monotonic() - started:.0f} s", file=sys.stderr)
        ours.send("close")
        paper.join()
    stored = harvest.counts["new"] + harvest.counts["duplicate"]
    our_cost, peer_cost = harvest.cpu / stored, peer.cpu / peer.articles
    count = len(pages)
    table(
        [
            (
                "pages stored: harvest / news-please",
                f"{stored} / {peer.articles}",
                f"of {count}; news-please found text on {peer.with_text}",
            ),
            (
                "processor ms an article",
                f"{our_cost * 1000:.1f} / {peer_cost * 1000:.1f}",
                "start-ups included",
            ),
            (
                "whole job against news-please",
                f"1/{peer_cost / our_cost:.1f}",
                f"aim: at most 1/{AIM}",
            ),
            (
                "peak memory of the tree",
                f"{harvest.memory / 1e6:.0f} / {peer.memory / 1e6:.0f} MB",
                "pages shared by processes counted once",
            ),
        ]
    )


if __name__ == "__main__":
    main()
