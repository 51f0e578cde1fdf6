"""One outlet attacks with everything at once: what it costs the others, and the machine. Aims: delays of the others at most a fifth
longer, the whole tree below 800 MB, every attack an outcome with its reason.

python benchmarks/hostile.py [--outlets 20] [--articles 10] [--delay "1 second"] [--read-time "10 seconds"]

The delay of an article is the time from the start of the crawl until its page was asked for; the attack goes on from the start.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import Cost, crawl, table

SENTENCE = "The council of the town voted last night on the bridge, after a debate that went on until one in the morning. "
PARAGRAPH = f"<p>{SENTENCE}</p>"
HOSTS = 12  # of the attacker
HANGING = 24  # links to pages that never answer
MANY = 200_000


def page(inside: str, title: str) -> bytes:
    """A page with that inside of its article."""
    return f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1>{inside}</article></body></html>".encode()


def pages() -> dict[str, bytes]:
    """Pages that are dear to read."""
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
        "json": f'<script type="application/ld+json">{"[" * 4_000_000}</script>{PARAGRAPH * 5}',
    }
    return {name: page(PARAGRAPH + one, name) for name, one in inside.items()}


def feeds() -> dict[str, bytes]:
    """Feeds that are dear to read."""

    def rss(inside: str) -> bytes:
        return f"<?xml version='1.0'?><rss version='2.0'><channel><title>x</title>{inside}</channel></rss>".encode()

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
        "laughs": f"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY l0 'ha'>{laughs}]><rss><channel><title>&l9;</title></channel></rss>".encode(),
        "large": rss(
            f"<item><title>t</title><description>{'x' * 18_000_000}</description></item>"
        ),
    }


def serve(
    outlets: int,
    articles: int,
    attack: bool,
    options: dict[str, str],
    folder: str,
    pipe: Any,
) -> None:
    """The newspapers, and the attacker, in a process of their own."""
    from harvester.newsroom import Newsroom

    with Newsroom() as room:
        good = [room.add_outlet(f"good{number}", "files") for number in range(outlets)]
        for outlet in good:
            outlet.serve_pages(
                [(f"/{n}.html", page("".join(f"<p>{outlet.key} {n} {m}: {SENTENCE}</p>" for m in range(9)), f"{outlet.key} {n}"), "text/html")
                 for n in range(articles)]
            )  # fmt: skip
        limits = f'[limits]\nanswer_time = "5 seconds"\nread_time = "{options["read_time"]}"\n'
        settings = room.settings_toml(folder, delay=options["delay"], extra=limits)
        if attack:
            settings += _attacker(room)
        pipe.send(settings)
        pipe.recv()
        pipe.send(
            [
                one.received_at
                for outlet in good
                for one in outlet.requests
                if one.path.endswith(".html")
            ]
        )


def _attacker(room: Any) -> str:
    """One outlet with many hosts, each with a feed; the first lists all the pages, and pages of the others that hang."""
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
    given: argparse.Namespace, attack: bool
) -> tuple[Cost, list[float], list[tuple[Any, ...]]]:
    """Harvest once: the cost, the delays of the others in order, and what became of the attacks."""
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = spawn.Pipe()
        options = {"delay": given.delay, "read_time": given.read_time}
        paper = spawn.Process(
            target=serve,
            args=(given.outlets, given.articles, attack, options, folder, theirs),
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
            found = archive.execute(
                """select substr(f.url, instr(substr(f.url, 9), '/') + 9) as what, f.outcome, f.reason from feeds f where outlet like 'bad%'
                union all select substr(e.url, instr(substr(e.url, 9), '/') + 9), e.outcome, e.reason from entries e
                join feeds f on f.url = e.feed where f.outlet like 'bad%'"""
            ).fetchall()
    return cost, delays, found


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--outlets", type=int, default=20)
    options.add_argument("--articles", type=int, default=10)
    options.add_argument("--delay", default="1 second")
    options.add_argument("--read-time", default="10 seconds")
    given = options.parse_args()
    calm, before, _ = run(given, attack=False)
    stormy, after, found = run(given, attack=True)
    for what, outcome, reason in sorted(
        {
            (what, outcome, reason)
            for what, outcome, reason in found
            if "hang" not in what
        }
    ):
        print(f"{what:<24} {outcome:<10} {reason}")
    hung = [reason for what, _, reason in found if "/hang" in f"/{what}"]
    of: Callable[[list[float], float], float] = lambda delays, share: delays[
        int(len(delays) * share)
    ]  # noqa: E731
    wanted = given.outlets * given.articles
    table(
        [
            ("articles of the others", f"{len(before)}, {len(after)}", f"of {wanted}: without and with the attack"),
            *(
                (
                    f"delay p{share * 100:.0f}, s",
                    f"{of(before, share):.1f}, {of(after, share):.1f}",
                    f"{of(after, share) / of(before, share):.2f} times; aim: at most 1.2",
                )
                for share in (0.5, 0.95)
            ),
            ("peak memory of the tree", f"{calm.memory / 1e6:.0f}, {stormy.memory / 1e6:.0f} MB", "aim: at most 800"),
            ("resident, summed", f"{calm.resident / 1e6:.0f}, {stormy.resident / 1e6:.0f} MB", ""),
            ("processor time, s", f"{calm.cpu:.0f}, {stormy.cpu:.0f}", ""),
            ("reactor lag p99, ms", f"{calm.lag.get('p99', 0) * 1000:.0f}, {stormy.lag.get('p99', 0) * 1000:.0f}", ""),
            ("pages that hang", f"{len(hung)}", f"{len(set(hung))} reasons: {'; '.join(sorted(set(hung)))[:100]}"),
            ("outcomes", " ".join(f"{name}={value}" for name, value in stormy.counts.items() if value), ""),
        ]
    )  # fmt: skip


if __name__ == "__main__":
    main()
