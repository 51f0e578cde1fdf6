"""Let one outlet attack in every way at once, and measure the effect on the others.

    python benchmarks/hostile.py [--outlets 20] [--articles 10] [--delay "1 second"]
                                 [--read-time "10 seconds"]

Aims: the delays of the others grow by at most a fifth, the process tree stays below
800 MB, and every attack has an outcome with a reason. The delay of an article is the
time from the start of the crawl until its page was requested; the attack lasts from the
start.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import Cost, crawl, table
from harvester.newsroom import Newsroom

SENTENCE = (
    "The council of the town voted last night on the bridge, after a debate that went on "
    "until one in the morning. "
)
PARAGRAPH = f"<p>{SENTENCE}</p>"
HOSTS = 12  # of the attacker
HANGING = 24  # links to pages that never respond
MANY = 200_000


def page(inside: str, title: str) -> bytes:
    """A page with this content in its article."""
    return (
        f"<html lang='en'><head><title>{title}</title></head>"
        f"<body><article><h1>{title}</h1>{inside}</article></body></html>"
    ).encode()


def pages() -> dict[str, bytes]:
    """Pages that are expensive to read."""
    inside = {
        "links": "".join(
            f"<a href='/{n}'>{SENTENCE[:20]}{n}</a> " for n in range(MANY)
        ),
        "cells": f"<table><tr>{'<td>x</td>' * MANY}</table>",
        "spans": "<span>a</span>" * 3 * MANY,
        "nested": "<div>" * MANY,
        "open": "".join(f"<div><a href='/{n}'>{n}</a>" for n in range(MANY)),
        "breaks": "<p>" + "a<br>" * 500_000,
        "digits": f"<p>{'1234567890' * 900_000}",
        "paragraphs": "<p>a" * 2_000_000,
        "text": PARAGRAPH * 80_000,
        "entities": "&amp;" * 1_900_000,
        "attributes": f"<p {' '.join(f'a{n}=1' for n in range(800_000))}>x</p>",
        "json": (
            f'<script type="application/ld+json">{"[" * 4_000_000}</script>'
            f"{PARAGRAPH * 5}"
        ),
    }
    return {name: page(PARAGRAPH + content, name) for name, content in inside.items()}


def feeds() -> dict[str, bytes]:
    """Feeds that are expensive to read."""

    def rss(inside: str) -> bytes:
        return (
            "<?xml version='1.0'?><rss version='2.0'><channel><title>x</title>"
            f"{inside}</channel></rss>"
        ).encode()

    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    return {
        "quadratic": rss(
            f"<item><title>t</title><description>{'a@a.' * 50_000}</description></item>"
        ),
        "items": rss(
            "".join(
                f"<item><title>{n}</title><guid>{n}</guid></item>"
                for n in range(100_000)
            )
        ),
        "nested": rss("<item><a>" + "<b>" * 100_000),
        "ampersands": rss(f"<item><title>{'&amp;' * 1_000_000}</title></item>"),
        "laughs": (
            f"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY l0 'ha'>{laughs}]>"
            "<rss><channel><title>&l9;</title></channel></rss>"
        ).encode(),
        "large": rss(
            f"<item><title>t</title><description>{'x' * 18_000_000}</description></item>"
        ),
    }


def serve(
    outlets: int,
    articles: int,
    attack: bool,
    timing: dict[str, str],
    folder: str,
    pipe: Any,
) -> None:
    """Serve the newspapers and the attacker, in a separate process."""
    with Newsroom() as room:
        good = [room.add_outlet(f"good{number}", "files") for number in range(outlets)]
        for outlet in good:
            outlet.serve_pages(
                [
                    (f"/{n}.html", _good_page(outlet.key, n), "text/html")
                    for n in range(articles)
                ]
            )
        limits = (
            '[limits]\nanswer_time = "5 seconds"\n'
            f'read_time = "{timing["read_time"]}"\n'
        )
        settings = room.settings_toml(folder, delay=timing["delay"], extra=limits)
        if attack:
            settings += _attacker(room)
        pipe.send(settings)
        pipe.recv()
        pipe.send(
            [
                request.received_at
                for outlet in good
                for request in outlet.requests
                if request.path.endswith(".html")
            ]
        )


def _good_page(key: str, number: int) -> bytes:
    paragraphs = [f"<p>{key} {number} {n}: {SENTENCE}</p>" for n in range(9)]
    return page("".join(paragraphs), f"{key} {number}")


def _attacker(room: Newsroom) -> str:
    """Add one outlet with many hosts, and return its settings.

    Each host has a feed; the feed of the first also lists the pages that hang.
    """
    hosts = [room.add_outlet(f"bad{number}", "files") for number in range(HOSTS)]
    bodies = list(pages().items())
    for number, host in enumerate(hosts):
        host.add_fault("/hang*", "hang")
        for n in range(HANGING // HOSTS):
            host.serve(f"/hang{n}.html", b"")
        host.serve_pages(
            [
                (f"/{name}.html", body, "text/html")
                for name, body in bodies[number::HOSTS]
            ]
        )
    links = [
        host.absolute_url(f"/hang{n}.html")
        for host in hosts
        for n in range(HANGING // HOSTS)
    ]
    entries = "".join(
        f"<item><title>{n}</title><link>{link}</link></item>"
        for n, link in enumerate(links)
    )
    first = hosts[0].serve(
        "/links.xml",
        f"<rss version='2.0'><channel><title>x</title>{entries}</channel></rss>".encode(),
        "application/rss+xml",
    )
    addresses = [first, *(url for host in hosts for url in host.feed_urls)]
    for number, (name, body) in enumerate(feeds().items()):
        addresses.append(
            hosts[number].serve(f"/feed-{name}.xml", body, "application/rss+xml")
        )
    for number, (kind, size) in enumerate(
        {
            "bomb": 900_000_000,
            "endless": 0,
            "hang": 0,
            "slow": 0,
            "headers": 300_000,
        }.items()
    ):
        addresses.append(
            hosts[6 + number].serve(
                f"/fault-{kind}.xml", b"<rss/>" * 100, "application/rss+xml"
            )
        )
        hosts[6 + number].add_fault(
            f"/fault-{kind}.xml", kind, **({"size": size} if size else {})
        )
    return f"\n[outlets.bad]\nfeeds = {addresses!r}\n".replace("'", '"')


def run(
    options: argparse.Namespace, attack: bool
) -> tuple[Cost, list[float], list[tuple[Any, ...]]]:
    """Harvest once: the cost, the sorted delays of the others, outcomes of the attacks."""
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = spawn.Pipe()
        timing = {"delay": options.delay, "read_time": options.read_time}
        paper = spawn.Process(
            target=serve,
            args=(options.outlets, options.articles, attack, timing, folder, theirs),
        )
        paper.start()
        settings = Path(folder) / "settings.toml"
        settings.write_text(ours.recv())
        begun = time.monotonic()
        cost = crawl(settings)
        ours.send("close")
        delays = sorted(at - begun for at in ours.recv())
        paper.join()
        with sqlite3.connect(Path(folder) / "archive.db") as archive:
            outcomes = archive.execute(
                """select substr(f.url, instr(substr(f.url, 9), '/') + 9) as what,
                    f.outcome, f.reason
                from feeds f where outlet like 'bad%'
                union all
                select substr(e.url, instr(substr(e.url, 9), '/') + 9),
                    e.outcome, e.reason
                from entries e join feeds f on f.url = e.feed
                where f.outlet like 'bad%'"""
            ).fetchall()
    return cost, delays, outcomes


def _quantile(delays: list[float], share: float) -> float:
    return delays[int(len(delays) * share)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--outlets", type=int, default=20)
    parser.add_argument("--articles", type=int, default=10)
    parser.add_argument("--delay", default="1 second")
    parser.add_argument("--read-time", default="10 seconds")
    options = parser.parse_args()
    calm, before, _ = run(options, attack=False)
    stormy, after, outcomes = run(options, attack=True)
    for what, outcome, reason in sorted(
        {
            (what, outcome, reason)
            for what, outcome, reason in outcomes
            if "hang" not in what
        }
    ):
        print(f"{what:<24} {outcome:<10} {reason}")
    hung = [reason for what, _, reason in outcomes if "/hang" in f"/{what}"]
    wanted = options.outlets * options.articles
    table(
        [
            (
                "articles of the others",
                f"{len(before)}, {len(after)}",
                f"of {wanted}: without and with the attack",
            ),
            *(
                (
                    f"delay p{share * 100:.0f}, s",
                    f"{_quantile(before, share):.1f}, {_quantile(after, share):.1f}",
                    f"{_quantile(after, share) / _quantile(before, share):.2f} times;"
                    " aim: at most 1.2",
                )
                for share in (0.5, 0.95)
            ),
            (
                "peak memory of the tree",
                f"{calm.memory / 1e6:.0f}, {stormy.memory / 1e6:.0f} MB",
                "aim: at most 800",
            ),
            (
                "resident, summed",
                f"{calm.resident / 1e6:.0f}, {stormy.resident / 1e6:.0f} MB",
                "",
            ),
            ("processor time, s", f"{calm.cpu:.0f}, {stormy.cpu:.0f}", ""),
            (
                "reactor lag p99, ms",
                f"{calm.lag.get('p99', 0) * 1000:.0f},"
                f" {stormy.lag.get('p99', 0) * 1000:.0f}",
                "",
            ),
            (
                "pages that hang",
                f"{len(hung)}",
                f"{len(set(hung))} reasons: {'; '.join(sorted(set(hung)))[:100]}",
            ),
            (
                "outcomes",
                " ".join(
                    f"{name}={value}" for name, value in stormy.counts.items() if value
                ),
                "",
            ),
        ]
    )


if __name__ == "__main__":
    main()
