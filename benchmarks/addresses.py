"""Check which URLs are merged into one article, and sites that serve one page everywhere.

    python benchmarks/addresses.py [--each 20]

A newspaper on loopback serves every article at several URLs of each kind (or serves
similar, distinct articles); ``KINDS`` says which URLs are one article. Then four outlets
break: every URL redirects to one article, all have one canonical URL and title, all serve
one page, or all serve the front page. Printed are the URLs that were wrongly merged into
another article, and the articles archived after the outlets are repaired.
"""

from __future__ import annotations

import argparse
import hashlib
import sqlite3
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import crawl, table
from harvester.identity.urls import url_key
from harvester.newsroom import Newsroom
from harvester.newsroom.outlet import Outlet
from tests.support.prose import ProseGenerator


def token(*parts: object) -> str:
    """Letters and digits of a session, the same in every run."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


# kind → the URL paths of article number n with slug s. Marks before a path: "*": the page
# is a different article and must stay separate; "!": it has its own title and text; "%": the
# text differs in numbers only; "#": another page of the same article.
KINDS: dict[str, Callable[[int, str], list[str]]] = {
    "free slugs with a number": lambda n, s: [
        f"/news/{s}-{1000 + n}.html",
        f"/news/x-{1000 + n}.html",
        f"/news/{s[::-1]}-{1000 + n}.html",
    ],
    "number before a free slug": lambda n, s: [
        f"/story/{5000 + n}/{s}",
        f"/story/{5000 + n}/another-slug",
    ],
    "an identifier, a free slug": lambda n, s: [
        f"/noticia/z{n:08x}-ebc4-9aec-ea75dcf1aeb7{n:04x}/201911/{s}",
        f"/noticia/z{n:08x}-ebc4-9aec-ea75dcf1aeb7{n:04x}/201911/a/b",
    ],
    "print": lambda n, s: [
        f"/{n}/{s}",
        f"/print/{n}/{s}",
        f"/{n}/{s}?print=1",
        f"/{n}/{s}/imprimer",
    ],
    "AMP, mobile": lambda n, s: [
        f"/a{n}/{s}",
        f"/amp/a{n}/{s}",
        f"/a{n}/{s}/amp",
        f"/m/a{n}/{s}",
        f"/a{n}/{s}?outputType=amp",
    ],
    "tracking, sessions": lambda n, s: [
        f"/t{n}/{s}",
        f"/t{n}/{s}?utm_source=x",
        f"/t{n}/{s}?fbclid=1",
        f"/t{n}/{s};jsessionid=A{n}",
        f"/t{n}/{s}?PHPSESSID={n}",
        f"/t{n}/{s}?sess=Ab{n}xYz9Q",
    ],
    "sessions in the path": lambda n, s: [
        f"/s/{token(n, 1)}/v{n}/{s}",
        f"/s/{token(n, 2)}/v{n}/{s}",
        f"/v{n}/(S({token(n, 3)}))/{s}",
        f"/v{n}/{s}",
    ],
    "a session and a token": lambda n, s: [
        f"/story.php?article=u{n}&sid={token(n, 1)}&token={token(n, 2)[:8]}",
        f"/story.php?article=u{n}&sid={token(n, 3)}&token={token(n, 4)[:8]}",
        f"/story.php?article=u{n}&sid=4358{n:04d}&token=5892{n:05d}",
        f"/story.php?article=u{n}",
    ],
    "ids that look like sessions": lambda n, s: [
        f"/item/{token(n, 1)}/{s}",
        f"*!/item/{token(n, 2)}/{s}",
    ],
    "a template at such ids": lambda n, s: [
        f"/draw/{token(n, 1)}/result",
        f"*%/draw/{token(n, 2)}/result",
    ],
    "a gallery's pages": lambda n, s: [
        f"/g{n}/{s}",
        f"#/g{n}/{s}?page=2",
        f"#/g{n}/{s}/3",
    ],
    "equal words, two numbers": lambda n, s: [
        f"/c/{s}-{7000 + 2 * n}.html",
        f"*/c/{s}-{7001 + 2 * n}.html",
    ],
    "one number, other words": lambda n, s: [
        f"/video/{9000 + n}/{s}",
        f"*!/news/{9000 + n}/{s}",
    ],
    "one path in two sections": lambda n, s: [f"/print/w{n}/{s}", f"*!/w{n}/{s}"],
    "a template, other numbers": lambda n, s: [
        f"/lotto/{n}1/draw",
        f"*%/lotto/{n}2/draw",
    ],
}


def page(
    title: str, words: Sequence[str], canonical: str = "", more: str = ""
) -> bytes:
    """An article's page."""
    link = f"<link rel='canonical' href='{escape(canonical)}'>" if canonical else ""
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in words)
    return (
        f"<html lang='en'><head><title>{escape(title)}</title>{link}</head><body>"
        f"<article><h1>{escape(title)}</h1>{text}</article>{more}</body></html>"
    ).encode()


def announce(paper: Outlet, listed: Sequence[tuple[str, str]]) -> None:
    """Serve a feed of (path, title) at a fixed URL."""
    entries = "".join(
        f"<item><title>{escape(title)}</title>"
        f"<link>{escape(paper.absolute_url(path))}</link></item>"
        for path, title in listed
    )
    paper.serve(
        "/feed.xml",
        f"<rss version='2.0'><channel><title>Paper</title>{entries}</channel></rss>".encode(),
        "application/rss+xml; charset=utf-8",
    )
    paper.feed_paths[:] = ["/feed.xml"]


def lotto(chance: ProseGenerator) -> list[str]:
    """One of many texts that differ only in their numbers."""
    numbers = [str(7 + (hash_of(f"{chance.title()} {n}") % 9000)) for n in range(8)]
    return [
        f"The numbers of the draw of this evening are {', '.join(numbers[:5])},"
        f" and the additional number is {numbers[5]}.",
        f"There were {numbers[6]} winners with three right ones, and each of them gets"
        f" {numbers[7]} from the lottery company.",
        "All numbers are given without warranty, and the next draw will be shown on"
        " television at the usual time of the day.",
    ]


def hash_of(text: str) -> int:
    """A hash that is the same in every process."""
    return zlib.crc32(text.encode())


def publish(
    paper: Outlet, kind: str, each: int
) -> Iterator[tuple[str, list[list[str]]]]:
    """Serve the articles of a kind.

    Yields (path, title) lines, and with the last line of each article the groups of paths
    that are one article.
    """
    for number in range(each):
        prose = ProseGenerator(f"{kind} {number}", "en")
        title, words = prose.title(), prose.article_paragraphs(6)
        if kind.startswith("a template"):
            title, words = "The lottery numbers", lotto(prose)
        groups: list[list[str]] = [[]]
        for index, marked in enumerate(
            KINDS[kind](
                number, "-".join(title.lower().split()[:5]).strip(".,") or "slug"
            )
        ):
            path, own, paragraphs = marked.lstrip("*!%#"), title, words
            if "!" in marked:
                own, paragraphs = prose.title(), prose.article_paragraphs(6)
            elif "%" in marked:
                paragraphs = lotto(prose)
            elif "#" in marked:
                paragraphs = prose.article_paragraphs(2)
            paper.serve(path, page(own, paragraphs, more=f"<!-- {index} -->"))
            if marked.startswith("*"):
                groups.append([])
            groups[-1].append(path)
            yield (
                f"{path}\t{own}",
                groups if index == len(KINDS[kind](number, "x")) - 1 else [],
            )


def owners(folder: Path) -> dict[str, str]:
    """URL key → key of its article."""
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        rows = connection.execute(
            """select address, article from entries where article is not null
            union
            select address, article from urls where kind <> 'shared'"""
        )
        return dict(rows.fetchall())


def by_kinds(each: int) -> list[tuple[str, str, str]]:
    """For each kind, how many articles have exactly the right URLs."""
    rows = []
    with Newsroom() as newsroom, tempfile.TemporaryDirectory() as scratch:
        truth: dict[str, list[list[list[str]]]] = {}
        for index, kind in enumerate(KINDS):
            paper = newsroom.add_outlet(f"kind-{index}", "files")
            lines = list(publish(paper, kind, each))
            announce(
                paper, [(line.split("\t")[0], line.split("\t")[1]) for line, _ in lines]
            )
            truth[kind] = [
                [
                    [url_key(paper.absolute_url(path)) for path in group]
                    for group in groups
                ]
                for _, groups in lines
                if groups
            ]
        settings = Path(scratch) / "settings.toml"
        settings.write_text(newsroom.settings_toml(scratch, crawl="concurrency = 8"))
        crawl(settings)
        crawl(settings)  # further pages may have waited for their first
        owner_of = owners(Path(scratch))
        for kind, articles in truth.items():
            right = 0
            for groups in articles:
                keys = [
                    {owner_of.get(address) for address in group} for group in groups
                ]
                right += (
                    all(len(keys_of_group) == 1 for keys_of_group in keys)
                    and len(set.union(*keys)) == len(groups)
                    and None not in set.union(*keys)
                )
            number = sum(len(group) for group in articles[0])
            rows.append(
                (
                    f"{kind} ({number} URLs, {len(articles[0])}"
                    f" article{'s' if len(articles[0]) > 1 else ''})",
                    f"{right} of {len(articles)}",
                    "all",
                )
            )
    return rows


def trap(count: int) -> list[tuple[str, str, str]]:
    """Outlets that serve one page at every URL, and are repaired later."""
    rows = []
    with Newsroom() as newsroom, tempfile.TemporaryDirectory() as scratch:
        papers = {}
        for index, kind in enumerate(
            (
                "redirects to one article",
                "one canonical address, one title",
                "one page at every address",
                "the front page at every address",
            )
        ):
            paper = newsroom.add_outlet(f"trap-{index}", "files")
            prose = ProseGenerator(kind, "en")
            stories = [
                (
                    f"/{number}/story",
                    f"{prose.title()} {number}",
                    prose.article_paragraphs(6),
                )
                for number in range(count)
            ]
            real = paper.serve("/real", page("The Paper", prose.article_paragraphs(6)))
            papers[kind] = paper, stories
            _break(paper, kind, stories, real)
            announce(
                paper,
                [
                    ("/real", "The Paper"),
                    *((path, title) for path, title, _ in stories),
                ],
            )
        settings = Path(scratch) / "settings.toml"
        settings.write_text(newsroom.settings_toml(scratch, crawl="concurrency = 8"))
        crawl(settings)
        wrongly_merged = {
            kind: _shared(owners(Path(scratch)), *papers[kind]) for kind in papers
        }
        for kind, (paper, stories) in papers.items():
            paper.clear_faults()
            if not kind.startswith("one canonical"):
                for path, title, words in stories:
                    paper.serve(path, page(title, words))
        crawl(settings, "--force")
        owner_of = owners(Path(scratch))
        for kind, (paper, stories) in papers.items():
            own = {
                owner_of.get(url_key(paper.absolute_url(path)))
                for path, _, _ in stories
            } - {None}
            rows.append(
                (
                    f"{kind}: URLs merged into another article",
                    f"{wrongly_merged[kind]} of {count}",
                    "0",
                )
            )
            rows.append(
                (
                    "  after repair, articles of their own",
                    f"{len(own)} of {count}",
                    f"{count}",
                )
            )
    return rows


def _break(
    paper: Outlet, kind: str, stories: Sequence[tuple[str, str, list[str]]], real: str
) -> None:
    front = "".join(
        f"<div class='teaser'><a href='{path}'><h3>{escape(title)}</h3></a>"
        f"<p>{escape(words[0][:120])}</p></div>"
        for path, title, words in stories[:30]
    )
    for path, _, words in stories:
        if kind.startswith("redirects"):
            paper.serve(path, b"")
            paper.add_fault(path, "redirect", location="/real")
        elif kind.startswith("one canonical"):
            paper.serve(path, page("The Paper", words, canonical=real))
        elif kind.startswith("one page"):
            paper.serve(
                path,
                page(
                    "Before you go on",
                    ProseGenerator("choices", "en").article_paragraphs(4),
                ),
            )
        else:
            paper.serve(
                path,
                (
                    "<html lang='en'><head><title>The Paper</title></head>"
                    f"<body><main>{front}</main></body></html>"
                ).encode(),
            )


def _shared(
    owner_of: dict[str, str],
    paper: Outlet,
    stories: Sequence[tuple[str, str, list[str]]],
) -> int:
    """Number of URLs whose article another URL has as well."""
    keys = [
        owner_of.get(url_key(paper.absolute_url(path)))
        for path in ("/real", *(path for path, _, _ in stories))
    ]
    return sum(1 for key in keys[1:] if key is not None and keys.count(key) > 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--each", type=int, default=20, help="articles of each kind")
    parser.add_argument(
        "--trap", type=int, default=200, help="URLs of each outlet that breaks"
    )
    options = parser.parse_args()
    table([*by_kinds(options.each), ("", "", ""), *trap(options.trap)])


if __name__ == "__main__":
    main()
