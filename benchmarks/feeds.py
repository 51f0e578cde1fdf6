"""Feeds, dates and pages that announce feeds against known truth; and what reading a feed costs, beside feedparser as it comes.

    python benchmarks/feeds.py [--wrong] [--pages 260] [--rounds 3]

The truth and the rules of comparison are those of the corpora's own checkers. The feeds whose reading is timed are made of
real pages' articles, as WordPress writes feeds: their HTML in ``content:encoded``. ``--wrong`` names what differs.
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
ARTICLE = (1_000, 60_000)  # least characters of text, most of HTML
URL = "https://paper.example/feed/"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/">'
    "<channel><title>Paper</title><link>https://paper.example/</link><language>en</language>"
)
NO_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))


def checker(folder: Path) -> ModuleType:
    """The corpus' own checker of feeds."""
    spec = importlib.util.spec_from_file_location("feed_checker", folder / "checker.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def entries(
    body: bytes, content_type: str | None, url: str | None
) -> list[dict[str, Any]]:
    """A feed as the checker wants it."""
    read = read_feed(body, content_type or "", url or "")
    return [
        {
            "id": one.id or None,
            "url": one.url or None,
            "title": one.title,
            "published": one.published,
        }
        for one in read.entries
    ]


def feeds_right(folder: Path, wrong: list[str]) -> str:
    """How many feeds meet all that is expected of them."""
    module = checker(folder)
    results = module.run(entries, module.load(str(folder / "cases.json")), str(folder))
    for case, found, error, _ in results:
        missed = [
            f"{name}: {want!r} but {have!r}"
            for name, right, want, have in found
            if not right
        ]
        wrong += (
            [f"feed {case['id']} {error or ''} {'; '.join(missed)}"] if missed else []
        )
    return f"{sum(all(one[1] for one in found) for _, found, _, _ in results)} of {len(results)}"


def dates_right(folder: Path, wrong: list[str]) -> tuple[str, str, str]:
    """Share right, wrong instants (invented ones too), microseconds each; as datecheck.py counts them."""
    cases = [
        one
        for one in json.loads((folder / "dates.json").read_text())
        if "ambiguous-order" not in one["tags"]
    ]
    right = mistaken = 0
    for case in cases:
        read = date_text.parse_date(case["s"], allow_partial=True)
        found = None if read is None else instant(*read)
        right += found == case["expect"]
        mistaken += found is not None and found != case["expect"]
        wrong += (
            [f"date {case['s']!r}: {case['expect']} but {found}"]
            if found != case["expect"]
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
    from datetime import UTC

    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return str(aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def announced(folder: Path, wrong: list[str]) -> tuple[str, str]:
    """Pages whose announced feeds are exactly those expected; milliseconds a page, the tree given."""
    cases = json.loads((folder / "autodiscovery.json").read_text())
    right = 0
    for case in cases:
        found = find_feed_urls(
            parse_html(
                decode((folder / case["file"]).read_bytes(), case["content_type"])
            ),
            case["url"],
        )
        exact = set(found) == set(case["expect"]["feeds"])
        right += exact
        wrong += (
            []
            if exact
            else [f"page {case['id']}: {case['expect']['feeds']} but {list(found)}"]
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
    """Least processor time of some rounds: what the work itself costs."""
    spent = []
    for _ in range(rounds):
        started = time.process_time()
        run()
        spent.append(time.process_time() - started)
    return min(spent)


# ---- feeds of real articles


def article(tree: HtmlElement) -> str:
    """The HTML of the element with most of the page's paragraphs; "" where they are few or it is the whole page."""
    words: dict[HtmlElement, int] = {}
    for paragraph in tree.iter("p"):
        parent = paragraph.getparent()
        if parent is not None:
            words[parent] = words.get(parent, 0) + len(paragraph.text_content())
    found = max(words, key=lambda one: words[one], default=None)
    if found is None or words[found] < ARTICLE[0]:
        return ""
    text = etree.tostring(
        found, encoding="unicode", method="html", with_tail=False
    ).translate(NO_XML)
    return text if len(text) < ARTICLE[1] else ""


def made(articles: list[str]) -> bytes:
    """A feed as WordPress writes it."""
    items = "".join(
        f"<item><title>{html.escape(html_to_text(text, 60))}</title><link>https://paper.example/{n}/</link><dc:creator><![CDATA[Ann Writer]]></dc:creator>"
        f"<pubDate>Sat, 06 Sep 2025 08:{n % 60:02}:00 +0200</pubDate><category><![CDATA[News]]></category>"
        f'<guid isPermaLink="false">https://paper.example/?p={n}</guid><description><![CDATA[<p>{html.escape(html_to_text(text, 400))}</p>]]></description>'
        f"<content:encoded><![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]></content:encoded><slash:comments>0</slash:comments></item>\n"
        for n, text in enumerate(articles)
    )
    return f"{HEAD}{items}</channel></rss>".encode()


def cost(pages: int, rounds: int) -> list[tuple[str, str, str]]:
    """Processor time of reading feeds of some sizes, ours and feedparser's."""
    import feedparser

    articles = [
        text
        for _, body in real_pages(pages)
        if (tree := parse_html(decode(body, ""))) is not None
        and (text := article(tree))
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
        body = made(chosen)
        its = best(
            lambda body=body: feedparser.parse(
                io.BytesIO(body), response_headers=headers
            ),
            rounds,
        )  # type: ignore[misc]
        own = best(
            lambda body=body: read_feed(body, headers["content-type"], URL), rounds + 2
        )  # type: ignore[misc]
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
        ("processor time against feedparser.parse", f"{ours / theirs:.3f}", "≤ 0.2"),
        *rows,
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--wrong", action="store_true", help="name what differs from the truth"
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
    rows = cost(
        options.pages, options.rounds
    )  # first: what it measures must not have been loaded for other ends
    right, mistaken, each = dates_right(folder / "feeds", wrong)
    exact, page = announced(folder / "feeds", wrong)
    table(
        [
            ("feeds as expected", feeds_right(folder / "feeds", wrong), "all"),
            ("dates right", right, "≥ 0.98"),
            ("dates: wrong instants", mistaken, "0"),
            ("dates: time each", each, "≤ 50 µs"),
            ("pages announcing feeds, exactly", exact, "all"),
            ("pages announcing feeds: time each", page, "≤ 0.3 ms"),
            *rows,
        ]
    )
    if options.wrong:
        print("\n".join(wrong))


if __name__ == "__main__":
    main()
