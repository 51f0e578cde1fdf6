"""Measure the bytes of WARC that responses take whose body was stored before.

    python benchmarks/revisit_records.py [--pages 40] [--polls 6] [--checks 8]

A feed of 110 kB that is polled, and articles that are checked, without any change: the
whole program over HTTP on loopback, from a server that sends the headers of a usual
outlet and knows no validators. Each is stated as a multiple of what the first response
took. The aim is at most 1.1.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import crawl, real_pages, table
from benchmarks.harvest import invented_pages
from harvester.archive.connection import Archive

FEED_BYTES = 110_000
# As an outlet's WordPress behind a proxy sends them, beside Date and Server.
HEADERS = (
    ("Connection", "close"),
    ("Vary", "Accept-Encoding"),
    ("Cache-Control", "max-age=300, public"),
    ("Link", '<https://outlet.example/wp-json/>; rel="https://api.w.org/"'),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
)


def serve(pages: list[bytes], pipe: Any) -> None:
    """Serve a feed and pages that never change, in a separate process."""
    files: dict[str, tuple[bytes, str]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body, content_type = files.get(self.path, (b"", ""))
            self.send_response(200 if body else 404)
            for name, value in HEADERS:
                self.send_header(name, value)
            self.send_header("Content-Type", content_type or "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    base = f"http://127.0.0.1:{server.server_port}"
    for number, page in enumerate(pages):
        files[f"/news/{number}-article"] = page, "text/html; charset=utf-8"
    files["/feed"] = _build_feed(base, pages), "application/rss+xml; charset=utf-8"
    pipe.send(base)
    server.serve_forever()


def _build_feed(base: str, pages: list[bytes]) -> bytes:
    """A feed of 110 kB that announces the pages, each with a part of its text."""
    share = FEED_BYTES // len(pages) - 200
    items = "".join(
        f"<item><title>Article {number}</title><link>{base}/news/{number}-article</link>"
        f"<guid>{number}</guid><category>"
        f"{escape(page.decode('utf-8', 'replace')[-share:])[:share]}</category></item>"
        for number, page in enumerate(pages)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>Feed</title><link>{base}</link>{items}</channel></rss>"
    ).encode()


def _measure(folder: Path, base: str, rounds: int, denied: str) -> dict[str, list[int]]:
    """Crawl some times; returns kind → bytes of WARC of the first response, of all."""
    folder.mkdir()
    settings = folder / "settings.toml"
    settings.write_text(
        f"""
[crawl]
delay = "0 seconds"
concurrency = 8
allow_networks = ["127.0.0.0/8"]
[outlets.paper]
feeds = ["{base}/feed"]
[outlets.paper.rules]
deny = [{denied}]
"""
    )
    for _ in range(rounds):
        crawl(settings, "--force", "--fresh")
    with closing(Archive.open(folder / "archive.db")) as archive:
        rows = archive.connection.execute(
            """
            select kind, sum(iif(place = 1, length, 0)), sum(length), count(*),
                sum(place = 1)
            from (
                select kind, length, row_number() over (
                    partition by url order by id) as place
                from captures where kind in ('feed', 'article') and status = 200
            )
            group by kind
            """
        ).fetchall()
    return {row[0]: list(row)[1:] for row in rows}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--polls", type=int, default=6)
    parser.add_argument("--checks", type=int, default=8)
    options = parser.parse_args()
    pages = [body for _, body in real_pages(options.pages)]
    source = "real pages" if pages else "invented pages"
    pages = pages or [body for _, body in invented_pages(options.pages)]
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    outlet = multiprocessing.get_context("spawn").Process(
        target=serve, args=(pages, theirs), daemon=True
    )
    outlet.start()
    base = ours.recv()
    try:
        with tempfile.TemporaryDirectory() as name:
            polled = _measure(Path(name) / "feed", base, options.polls, '"/news/"')
            checked = _measure(Path(name) / "pages", base, options.checks, "")
    finally:
        outlet.terminate()
        outlet.join()
    rows = []
    for kind, figures, what in (
        ("feed", polled, f"a feed of {FEED_BYTES // 1000} kB"),
        ("article", checked, f"{len(pages)} {source}"),
    ):
        first, everything, captures, urls = figures[kind]
        times = captures / urls
        rows.append(
            (
                f"{times:.1f} responses of {what}",
                f"{everything / first:.2f} ×",
                f"the first of each, {first / urls / 1000:.1f} kB; aim: at most 1.1",
            )
        )
        revisit = (everything - first) / max(captures - urls, 1)
        rows.append(("  bytes of a revisit record", f"{revisit:.0f}", ""))
    table(rows)


if __name__ == "__main__":
    main()
