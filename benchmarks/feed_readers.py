"""Compare what feed readers' parsers make of our feeds with what was written.

    python benchmarks/feed_readers.py [--npm FOLDER]

Entries are of the demo's archive, with its changes, and of our own invention, with words
that break markup. From PyPI: feedparser, and where they are installed fastfeedparser and
atoma. From npm, where FOLDER has them (``npm install --prefix FOLDER rss-parser feedsmith
@rowanmanning/feed-parser``) and node is there: these three. Prints a line a parser; the
exit code is 1 if one differs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any
from xml.etree import ElementTree

from lxml.html import fromstring

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harvester.render.feeds import (
    ATOM_NAMESPACE,
    Feed,
    FeedEntry,
    render_atom,
    render_json,
)

WORDS = (
    "Ferries & trains: what changes",
    "<b>Bold</b> claims & <script>alert(1)</script>",
    "5 < 6 > 4, &amp; is written &amp;amp;",
    "]]> <![CDATA[ ends",
    "« L’église » de Trévignac \u2013 à l’été",
    "\u200fالعبارة لن تبحر هذا الأسبوع\u200f",
    "渡し船は今週欠航 🚢",
)
MARKS = ("ins", "del", "strong", "a", "p")
NPM = """
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const [folder, name] = process.argv.slice(2);
const require = createRequire(folder + "/x.js");
const text = readFileSync(0, "utf8");
const iso = (value) => (value ? new Date(value).toISOString() : "");
let rows;
if (name === "rss-parser") {
  const Parser = require(name);
  const feed = await new Parser({ customFields: { item: ["updated"] } }).parseString(text);
  rows = feed.items.map((item) => [
    item.id, item.title, item.link, iso(item.pubDate), iso(item.updated), item.content,
  ]);
} else if (name === "feedsmith") {
  const { parseFeed } = await import(require.resolve(name));
  const { format, feed } = parseFeed(text);
  rows = format === "json"
    ? feed.items.map((item) => [
        item.id, item.title, item.url, iso(item.date_published), iso(item.date_modified),
        item.content_html,
      ])
    : feed.entries.map((item) => [
        item.id, item.title?.value ?? item.title, item.links[0].href, iso(item.published),
        iso(item.updated), item.content?.value ?? item.content,
      ]);
} else {
  const { parseFeed } = require(name);
  rows = parseFeed(text).items.map((item) => [
    item.id, item.title, item.url, iso(item.published), iso(item.updated), item.content,
  ]);
}
console.log(JSON.stringify(rows));
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry as a parser, or nobody, has changed it; times are ISO 8601, UTC."""

    id: str
    title: str
    url: str
    published: str
    updated: str
    content: str

    def comparable(self) -> tuple[Any, ...]:
        """What must be equal: markup as its text and its counted elements."""
        tree = fromstring(f"<div>{self.content}</div>")
        elements = {tag: len(list(tree.iter(tag))) for tag in MARKS}
        links = [element.get("href") for element in tree.iter("a")]
        return (
            self.id,
            " ".join(self.title.split()),
            self.url,
            _to_second(self.published),
            _to_second(self.updated),
            " ".join(tree.text_content().split()),
            elements,
            links,
        )


def _to_second(time: str) -> str:
    return (
        datetime.fromisoformat(time).astimezone(UTC).isoformat(timespec="seconds")
        if time
        else ""
    )


def main() -> int:
    """Render, let each read, compare, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--npm", type=Path, help="a folder with node_modules")
    options = parser.parse_args()
    feeds = {
        "invented": render_atom(invented()),
        "invented.json": render_json(invented()),
    }
    with tempfile.TemporaryDirectory() as folder:
        feeds |= dict(demo_feeds(Path(folder) / "demo"))
    rows, failed = [], False
    for name, read in parsers(options.npm):
        for feed, text in feeds.items():
            written = read_as_written(text)
            try:
                seen = read(text)
            except NotImplementedError:
                continue  # it does not know JSON Feed
            wrong = [
                (before.comparable(), after.comparable())
                for before, after in zip(written, seen, strict=False)
                if before.comparable() != after.comparable()
            ]
            is_same = len(seen) == len(written) and not wrong
            failed |= not is_same
            rows.append((name, feed, f"{len(seen)} of {len(written)}", len(wrong)))
            for before, after in wrong[:2]:
                print(
                    *(
                        f"  {name} {feed}\n    {a!r}\n    {b!r}"
                        for a, b in zip(before, after, strict=True)
                        if a != b
                    ),
                    sep="\n",
                )
    for name, feed, entries, differing in rows:
        print(f"{name:<26} {feed:<14} {entries:>9}  {differing} differ")
    return int(failed)


def invented() -> Feed:
    """A feed of entries whose words look like markup."""
    entries = [
        FeedEntry(
            key=f"entry {number}",
            title=words,
            updated=f"2026-11-{number + 2:02d}T08:00:00Z",
            published=f"2026-11-{number + 1:02d}T07:30:00Z",
            outlet="The Marlow Courier",
            url=f"https://marlow.example/a/{number}?b=1&c=2",
            archive_url=f"http://127.0.0.1:8001/-/article/{number:016x}",
            summary=words,
            content=f"<p>It was <del>10</del> <ins>12</ins>: {_escape(words)}</p>",
            language="en",
        )
        for number, words in enumerate(WORDS)
    ]
    return Feed("invented", "Edits & more", "2026-11-01T00:00:00Z", entries)


def _escape(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def demo_feeds(folder: Path) -> Iterator[tuple[str, str]]:
    """Feeds of the demo's archive, as the commands print them."""
    harvest = [sys.executable, "-m", "harvester.cli"]
    subprocess.run(
        [*harvest, "demo", "--keep", folder], check=True, capture_output=True
    )
    for name, command in (
        ("changes", ["changes", "--atom"]),
        ("changes.json", ["changes", "--json-feed"]),
        ("search", ["search", "Trévignac", "--atom"]),
        ("feed", ["feed", "published:2025"]),
    ):
        made = subprocess.run(
            [*harvest, *command], cwd=folder, check=True, capture_output=True
        )
        yield name, made.stdout.decode()


def read_as_written(text: str) -> list[Seen]:
    """The entries of our feed, by the standard library alone."""
    if text.startswith("{"):
        return [
            Seen(
                item["id"], item["title"], item["url"], item["date_published"],
                item["date_modified"], item["content_html"],
            )
            for item in json.loads(text)["items"]
        ]  # fmt: skip
    names = {"": ATOM_NAMESPACE}
    return [
        Seen(
            *(entry.findtext(tag, "", names) for tag in ("id", "title")),
            next(
                link.get("href", "")
                for link in entry.iterfind("link", names)
                if link.get("rel") == "alternate"
            ),
            *(
                entry.findtext(tag, "", names)
                for tag in ("published", "updated", "content")
            ),
        )
        for entry in ElementTree.fromstring(text.encode()).iterfind("entry", names)
    ]


def parsers(npm: Path | None) -> Iterator[tuple[str, Callable[[str], list[Seen]]]]:
    """The parsers that are here; what is not is said."""
    for name, read in (
        ("feedparser", by_feedparser),
        ("fastfeedparser", by_fastfeedparser),
        ("atoma", by_atoma),
    ):
        if find_spec(name):
            yield name, read
        else:
            print(f"{name}: not installed")
    for name in ("rss-parser", "feedsmith", "@rowanmanning/feed-parser"):
        if npm is not None and which("node") and (npm / "node_modules" / name).is_dir():
            yield name, lambda text, name=name: by_npm(text, name, npm)
        else:
            print(f"{name}: not installed")


def by_feedparser(text: str) -> list[Seen]:
    """With its sanitiser, as it comes."""
    if text.startswith("{"):
        raise NotImplementedError
    return [
        Seen(
            entry.id, fromstring(f"<p>{_escape(entry.title)}</p>").text_content(), entry.link,
            entry.published, entry.updated, entry.content[0].value,
        )
        for entry in import_module("feedparser").parse(text.encode()).entries
    ]  # fmt: skip


def by_fastfeedparser(text: str) -> list[Seen]:
    """Knows JSON Feed too."""
    return [
        Seen(
            entry["id"], entry["title"], entry["link"], entry["published"],
            entry.get("updated", ""), entry["content"][0]["value"],
        )
        for entry in import_module("fastfeedparser").parse(text).entries
    ]  # fmt: skip


def by_atoma(text: str) -> list[Seen]:
    """Knows Atom as RFC 4287 has it."""
    if text.startswith("{"):
        raise NotImplementedError
    return [
        Seen(
            entry.id_, entry.title.value, entry.links[0].href, entry.published.isoformat(),
            entry.updated.isoformat(), entry.content.value,
        )
        for entry in import_module("atoma").parse_atom_bytes(text.encode()).entries
    ]  # fmt: skip


def by_npm(text: str, name: str, folder: Path) -> list[Seen]:
    """By a parser of Node's."""
    if text.startswith("{") and name != "feedsmith":
        raise NotImplementedError
    with tempfile.NamedTemporaryFile("w", suffix=".mjs") as script:
        script.write(NPM)
        script.flush()
        made = subprocess.run(
            ["node", script.name, str(folder.resolve()), name],
            input=text.encode(),
            capture_output=True,
            check=True,
        )
    return [Seen(*(value or "" for value in row)) for row in json.loads(made.stdout)]


if __name__ == "__main__":
    sys.exit(main())
