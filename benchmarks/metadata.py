"""Compare title, authors, day and time of publication with the truth and trafilatura's.

    python benchmarks/metadata.py [--set NAME …] [--half 0|1]
                                  [--wrong FIELD [--number 20]] [--no-peer]

Prints for each set the share right, ours and trafilatura's, and the share for which we
read nothing, as a wrong fact is worse than none; for each field the ratio of the error
rates, mean over the sets that state it; and the processor time of a page without
parsing. ``--half`` takes the sites of one half: tune on one, measure on the other.
``--wrong title`` prints pages where ours differs from the truth.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from trafilatura import extract_metadata, load_html

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import corpora, table
from harvester.model import Rules
from harvester.parse.html.charset import decode
from harvester.parse.html.dom import parse_html
from harvester.parse.metadata import page_metadata

# Without readability: its truth is the output of another program.
SETS = ("fundus", "postlight", "trafilatura", "wcxb", "htmldate", "newspaper4k")
FIELDS = ("title", "authors", "day", "instant")
AIMS = {"title": 0.42, "authors": 0.6, "day": 0.75}
MIN_STATEMENTS = 20  # statements of a set, for its ratio to count
AT = "2026-11-01T00:00:00Z"  # later than all pages


@dataclass(slots=True)
class Page:
    """A page and what its set states about it; a field that is not stated is missing."""

    set: str
    file: str
    url: str
    body: bytes
    at: str
    truth: dict[str, Any] = field(default_factory=dict)


def pages(
    folder: Path, sets: Iterable[str], half: int | None = None, every: int = 1
) -> Iterator[Page]:
    """Pages whose truth states one of the fields; of one half of the sites if given."""
    for name in sets:
        for number, row in enumerate(
            map(json.loads, (folder / name / "truth.jsonl").open(encoding="utf-8"))
        ):
            if number % every or (
                half is not None and half_of_site(row["url"] or row["file"]) != half
            ):
                continue
            stated = truth(row["truth"])
            if stated:
                body = gzip.decompress((folder / name / row["file"]).read_bytes())
                at = (
                    f"{row['truth']['crawl'][:19].replace(' ', 'T')}Z"
                    if row["truth"].get("crawl")
                    else AT
                )
                yield Page(name, row["file"], row["url"] or "", body, at, stated)


def half_of_site(url: str) -> int:
    """The half that a site belongs to: 0 or 1."""
    host = urlsplit(url).hostname or url
    return zlib.crc32(".".join(host.split(".")[-2:]).encode()) & 1


def truth(stated: dict[str, Any]) -> dict[str, Any]:
    """The stated fields, normalised for comparison."""
    values = {
        "title": title(stated.get("title")),
        "authors": names(stated.get("authors") or ()),
        "day": stated["date"][:10] if isinstance(stated.get("date"), str) else "",
        "instant": instant(stated.get("datetime")),
    }
    return {name: value for name, value in values.items() if value}


def title(text: str | None) -> str:
    """A title for comparison: white space, quotation marks, dashes and case normalised."""
    text = re.sub(
        r"[“”„«»″\"]",
        '"',
        re.sub(r"[‘’‚′`´]", "'", re.sub(r"[–—−‐‑]", "-", text or "")),
    )
    return " ".join(text.split()).casefold()


def names(stated: Iterable[str]) -> frozenset[str]:
    """Names for comparison: separated, case folded, in any order."""
    parts = [
        part
        for statement in stated
        for part in re.split(
            r"\s*(?:[;,|]|\s(?:and|und|et|y|&)\s)\s*", statement, flags=re.IGNORECASE
        )
    ]
    return frozenset(
        name
        for part in parts
        if (
            name := " ".join(
                re.sub(r"^by:?\s", "", part, flags=re.I).casefold().split()
            )
        )
    )


def instant(text: str | None) -> str:
    """The second in UTC; "" if no time or no zone is stated."""
    try:
        moment = datetime.fromisoformat((text or "").strip().replace("Z", "+00:00"))
    except ValueError:
        return ""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment.tzinfo else ""
    )


def read_with_harvester(page: Page) -> tuple[dict[str, Any], dict[str, str], float]:
    """What harvester reads, the sources, and the seconds without parsing."""
    tree = parse_html(decode(page.body, ""))
    if tree is None:
        return {}, {}, 0.0
    # fill_missing is given the text where it is known.
    text = "\n".join(paragraph.text or "" for paragraph in tree.iter("p"))[:20_000]
    before = time.process_time()
    stated = page_metadata.extract_metadata(tree, page.url, page.at)
    page_metadata.fill_missing(tree, stated, text, Rules(), page.url, page.at, ())
    cost = time.process_time() - before
    values = stated.values
    published = values.get("published") or ""
    read = {
        "title": values.get("title", ""),
        "authors": values.get("authors", ()),
        "day": (values.get("published_local") or "")[:10],
        "instant": published if len(published) > 10 else "",
        "published": published,
    }
    return read, stated.sources, cost


def read_with_trafilatura(page: Page) -> tuple[dict[str, Any], float]:
    """What trafilatura reads, and the seconds without parsing."""
    tree = load_html(page.body)
    if tree is None:
        return {}, 0.0
    before = time.process_time()
    metadata = extract_metadata(tree, default_url=page.url or None)
    cost = time.process_time() - before
    if metadata is None:
        return {}, cost
    return {
        "title": metadata.title or "",
        "authors": (metadata.author or "").split("; "),
        "day": metadata.date or "",
    }, cost


def right(name: str, read: dict[str, Any], stated: dict[str, Any]) -> bool:
    """Whether a field was read as stated.

    A day is right in the zone of the page or in UTC: the sets do not say which.
    """
    if name == "day":
        return stated["day"] in (read.get("day"), (read.get("published") or "")[:10])
    if name == "title":
        return title(read.get("title")) == stated["title"]
    if name == "authors":
        return names(read.get("authors", ())) == stated["authors"]
    # To the minute if the truth has no seconds: some sets were typed from the page.
    length = 16 if stated[name].endswith(":00Z") else 19
    return bool((read.get(name) or "")[:length] == stated[name][:length])


def measure(chosen: Iterable[Page], wrong: str, number: int, peer: bool) -> None:
    """Read the pages, count, print."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    costs: dict[str, list[float]] = defaultdict(list)
    other_costs: dict[str, list[float]] = defaultdict(list)
    warm = Page("", "", "", b"<html><p>" + b"Ein Satz von vorgestern. " * 20, AT)
    read_with_harvester(warm)  # one-time costs belong to no page
    read_with_trafilatura(warm)
    for page in chosen:
        read, sources, cost = read_with_harvester(page)
        other, other_cost = read_with_trafilatura(page) if peer else ({}, 0.0)
        costs[page.set].append(cost * 1000)
        other_costs[page.set].append(other_cost * 1000)
        for name in FIELDS:
            if name in page.truth:
                count = counts[page.set, name]
                fine = right(name, read, page.truth)
                count[0] += 1
                count[1] += fine
                count[2] += right(name, other, page.truth)
                count[3] += not read.get(name)
                if name == wrong and not fine and number:
                    number -= 1
                    source = sources.get(
                        {"day": "published", "instant": "published"}.get(name, name), ""
                    )
                    print(
                        f"{page.set}/{page.file[:4]} {page.url[:110]}\n"
                        f"    truth {page.truth[name]!r}"
                    )
                    print(
                        f"    ours  {read.get(name)!r} ({source})\n    other {other.get(name)!r}"
                    )
    report(counts, costs, other_costs)


def report(
    counts: dict[tuple[str, str], list[int]],
    costs: dict[str, list[float]],
    other_costs: dict[str, list[float]],
) -> None:
    """Print the tables."""
    for name in FIELDS:
        rows, ratios = [], []
        for set_name in costs:
            stated, fine, other, none = counts.get((set_name, name), (0, 0, 0, 0))
            if stated:
                ratio = (stated - fine) / max(stated - other, 1)
                if stated >= MIN_STATEMENTS:
                    ratios.append(ratio)
                rows.append(
                    (
                        f"  {set_name} ({stated})",
                        f"{fine / stated:.3f} / {other / stated:.3f} ({none / stated:.3f})",
                        f"{ratio:.2f}",
                    )
                )
        print(
            f"{name}: share right, ours / trafilatura's (nothing read); ratio of errors"
        )
        if rows:
            table(rows)
        if ratios and name in AIMS:
            table(
                [
                    (
                        "  mean of the ratios",
                        f"{sum(ratios) / len(ratios):.3f}",
                        f"aim: at most {AIMS[name]}",
                    )
                ]
            )
    everything = [
        (set_name, costs[set_name], other_costs[set_name]) for set_name in costs
    ]
    everything.append(
        (
            "all",
            [cost for milliseconds in costs.values() for cost in milliseconds],
            [cost for milliseconds in other_costs.values() for cost in milliseconds],
        )
    )
    print("processor time of a page, ms, ours / trafilatura's")
    table(
        [
            (
                f"  {set_name}",
                f"{sum(a) / len(a):.2f} / {sum(b) / len(b):.2f}",
                "aim: at most 3",
            )
            for set_name, a, b in everything
            if a
        ]
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--set", nargs="*", default=SETS)
    parser.add_argument("--half", type=int)
    parser.add_argument("--every", type=int, default=1, help="read only every nth page")
    parser.add_argument("--wrong", choices=FIELDS, default="")
    parser.add_argument("--number", type=int, default=20)
    parser.add_argument("--no-peer", action="store_true", help="without trafilatura")
    options = parser.parse_args()
    folder = corpora()
    if folder is None:
        sys.exit("no corpora: set CORPORA to their folder")
    measure(
        pages(folder / "pages", options.set, options.half, options.every),
        options.wrong,
        options.number,
        not options.no_peer,
    )


if __name__ == "__main__":
    main()
