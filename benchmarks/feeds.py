"""Compare feeds, dates and feed discovery with known truth, and time feed parsing.

    python benchmarks/feeds.py [--wrong] [--pages 260] [--rounds 3]

The truth and the rules of comparison are those of the corpora's own checkers. Parsing is
timed beside plain feedparser, on feeds made of real articles as WordPress writes them:
their HTML in ``content:encoded``. ``--wrong`` prints what differs from the truth.
"""

from __future__ import annotations

import argparse
import html
import importlib.util
import io
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import corpora, real_pages, table
from harvester.parse.dates import date_text
from harvester.parse.feeds.discovery import find_feed_urls
from harvester.parse.feeds.feed import read_feed
from harvester.parse.html.charset import decode, html_to_text
from harvester.parse.html.dom import parse_html

SIZES = (20, 50, 100)  # entries of a feed
MIN_TEXT_LENGTH = 1_000  # characters
MAX_HTML_LENGTH = 60_000
URL = "https://paper.example/feed/"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:slash="http://purl.org/rss/1.0/modules/slash/">'
    "<channel><title>Paper</title><link>https://paper.example/</link>"
    "<language>en</language>"
)
NOT_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))


def checker(folder: Path) -> ModuleType:
    """The corpus's own checker of feeds."""
    spec = importlib.util.spec_from_file_location("feed_checker", folder / "checker.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def entries(
    body: bytes, content_type: str | None, url: str | None
) -> list[dict[str, Any]]:
    """A feed in the form that the checker expects."""
    read = read_feed(body, content_type or "", url or "")
    return [
        {
            "id": entry.id or None,
            "url": entry.url or None,
            "title": entry.title,
            "published": entry.published,
        }
        for entry in read.entries
    ]


def feeds_right(folder: Path, wrong: list[str]) -> str:
    """Number of feeds that meet all expectations."""
    module = checker(folder)
    results = module.run(entries, module.load(str(folder / "cases.json")), str(folder))
    for case, checks, error, _ in results:
        missed = [
            f"{name}: {want!r} but {have!r}"
            for name, right, want, have in checks
            if not right
        ]
        wrong += (
            [f"feed {case['id']} {error or ''} {'; '.join(missed)}"] if missed else []
        )
    right = sum(all(check[1] for check in checks) for _, checks, _, _ in results)
    return f"{right} of {len(results)}"


def dates_right(folder: Path, wrong: list[str]) -> tuple[str, str, str]:
    """Share right, wrong instants (also invented ones), µs each; as datecheck.py counts."""
    cases = [
        case
        for case in json.loads((folder / "dates.json").read_text())
        if "ambiguous-order" not in case["tags"]
    ]
    right = mistaken = 0
    for case in cases:
        read = date_text.parse_date(case["s"], allow_partial=True)
        result = None if read is None else instant(*read)
        right += result == case["expect"]
        mistaken += result is not None and result != case["expect"]
        wrong += (
            [f"date {case['s']!r}: {case['expect']} but {result}"]
            if result != case["expect"]
            else []
        )
    spent = best(
        lambda: [date_text.parse_date(case["s"], allow_partial=True) for case in cases],
        20,
    )
    return (
        f"{right / len(cases):.3f} of {len(cases)}",
        str(mistaken),
        f"{spent / len(cases) * 1e6:.0f} µs",
    )


def instant(moment: Any, has_time: bool) -> str:
    """A date as the checker writes it, in UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return str(aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def discovery_right(folder: Path, wrong: list[str]) -> tuple[str, str]:
    """Pages whose announced feeds are exactly as expected; ms a page without parsing."""
    cases = json.loads((folder / "autodiscovery.json").read_text())
    right = 0
    for case in cases:
        feed_urls = find_feed_urls(
            parse_html(
                decode((folder / case["file"]).read_bytes(), case["content_type"])
            ),
            case["url"],
        )
        exact = set(feed_urls) == set(case["expect"]["feeds"])
        right += exact
        wrong += (
            []
            if exact
            else [f"page {case['id']}: {case['expect']['feeds']} but {list(feed_urls)}"]
        )
    trees = [
        tree
        for _, body in real_pages(100)
        if (tree := parse_html(decode(body, ""))) is not None
    ]
    spent = best(
        lambda: [find_feed_urls(tree, "https://paper.example/a") for tree in trees], 3
    )
    return f"{right} of {len(cases)}", f"{spent / max(1, len(trees)) * 1e3:.2f} ms"


def best(run: Callable[[], Any], rounds: int) -> float:
    """Minimum processor time over some rounds."""
    spent = []
    for _ in range(rounds):
        started = time.process_time()
        run()
        spent.append(time.process_time() - started)
    return min(spent)


# ---- feeds of real articles


def article_html(tree: HtmlElement) -> str:
    """The HTML of the element with most of the page's text in paragraphs.

    "" if there is too little text, or too much HTML.
    """
    words: dict[HtmlElement, int] = {}
    for paragraph in tree.iter("p"):
        parent = paragraph.getparent()
        if parent is not None:
            words[parent] = words.get(parent, 0) + len(paragraph.text_content())
    densest = max(words, key=lambda element: words[element], default=None)
    if densest is None or words[densest] < MIN_TEXT_LENGTH:
        return ""
    text = etree.tostring(
        densest, encoding="unicode", method="html", with_tail=False
    ).translate(NOT_XML)
    return text if len(text) < MAX_HTML_LENGTH else ""


def feed_of(articles: list[str]) -> bytes:
    """A feed as WordPress writes it."""
    items = "".join(
        f"<item><title>{html.escape(html_to_text(text, 60))}</title>"
        f"<link>https://paper.example/{n}/</link>"
        "<dc:creator><![CDATA[Ann Writer]]></dc:creator>"
        f"<pubDate>Sat, 06 Sep 2025 08:{n % 60:02}:00 +0200</pubDate>"
        "<category><![CDATA[News]]></category>"
        f'<guid isPermaLink="false">https://paper.example/?p={n}</guid>'
        "<description><![CDATA["
        f"<p>{html.escape(html_to_text(text, 400))}</p>]]></description>"
        f"<content:encoded><![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
        "</content:encoded><slash:comments>0</slash:comments></item>\n"
        for n, text in enumerate(articles)
    )
    return f"{HEAD}{items}</channel></rss>".encode()


def cost(pages: int, rounds: int) -> list[tuple[str, str, str]]:
    """Processor time of parsing feeds of several sizes, ours and feedparser's."""
    import feedparser  # here: harvester loads it with the first feed that needs it

    articles = [
        text
        for _, body in real_pages(pages)
        if (tree := parse_html(decode(body, ""))) is not None
        and (text := article_html(tree))
    ]
    rows, ours, theirs = [], 0.0, 0.0
    headers = {
        "content-type": "application/rss+xml; charset=UTF-8",
        "content-location": URL,
    }
    at = 0
    for size in SIZES:
        chosen = [articles[(at + n) % len(articles)] for n in range(size)]
        at += size
        body = feed_of(chosen)
        parse = partial(feedparser.parse, response_headers=headers)
        its = best(lambda body=body, parse=parse: parse(io.BytesIO(body)), rounds)
        own = best(partial(read_feed, body, headers["content-type"], URL), rounds + 2)
        assert len(read_feed(body, "", URL).entries) == size
        rows.append(
            (
                f"  {size} entries, {len(body) // 1000} KB",
                f"{own * 1e3:.0f} / {its * 1e3:.0f} ms",
                f"{own / its:.3f}",
            )
        )
        ours, theirs = ours + own, theirs + its
    return [
        (
            "processor time against feedparser.parse",
            f"{ours / theirs:.3f}",
            "aim: at most 0.2",
        ),
        *rows,
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--wrong", action="store_true", help="print what differs from the truth"
    )
    parser.add_argument(
        "--pages", type=int, default=260, help="real pages of which feeds are made"
    )
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    folder = corpora()
    if folder is None:
        print("no corpora: set CORPORA to their folder")
        return
    wrong: list[str] = []
    # First: what it measures must not have been loaded before.
    rows = cost(options.pages, options.rounds)
    right, mistaken, each = dates_right(folder / "feeds", wrong)
    exact, page = discovery_right(folder / "feeds", wrong)
    table(
        [
            ("feeds as expected", feeds_right(folder / "feeds", wrong), "all"),
            ("dates right", right, "aim: at least 0.98"),
            ("dates: wrong instants", mistaken, "0"),
            ("dates: time each", each, "aim: at most 50 µs"),
            ("pages announcing feeds, exactly", exact, "all"),
            ("pages announcing feeds: time each", page, "aim: at most 0.3 ms"),
            *rows,
        ]
    )
    if options.wrong:
        print("\n".join(wrong))


if __name__ == "__main__":
    main()
