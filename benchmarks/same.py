"""Check that extraction is deterministic: equal input gives equal extracts and profiles.

    python benchmarks/same.py [--times 5] [--pages N] [--outlets 4]

Each run is a new process with its own hash seed. It reads all public pages in its own
order, learns the profiles of some outlets from their first pages, and reads their last
pages with them. All fields of all extracts are compared, and the profiles.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import logging
import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import fields
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import ROOT, corpora, table
from benchmarks.outlets import papers
from harvester.ingest.profiles.learn import learn_profile
from harvester.model import Extract, Rules, TrainingPage
from harvester.parse.article import read_article

HTML = (("Content-Type", "text/html"),)
AT = "2026-11-01T00:00:00Z"
TRAINING_PAGES = 10  # of a profile; as many pages are read with it
Marks = dict[str, str]  # field → hash of its value


def folder() -> Path:
    """The folder of the corpora. Raises SystemExit if it does not exist."""
    path = corpora()
    if path is None:
        raise SystemExit("no corpora: set CORPORA to their folder")
    return path


def public(limit: int) -> list[tuple[str, str, Path]]:
    """(name, URL, file) of public pages of all sets."""
    pages = []
    for corpus in sorted((folder() / "pages").iterdir()):
        for row in (corpus / "truth.jsonl").read_text("utf-8").strip("\n").split("\n"):
            record = json.loads(row)
            pages.append(
                (
                    f"{corpus.name}/{record['file']}",
                    record["url"] or "https://a.example/a",
                    corpus / record["file"],
                )
            )
    return pages[:: max(1, len(pages) // limit)][:limit] if limit else pages


def marks(extract: Extract) -> Marks:
    """Hashes of all fields of an extract. The order of a mapping counts: it is stored."""
    return {
        field.name: hashlib.sha256(
            repr(getattr(extract, field.name)).encode("utf-8", "surrogatepass")
        ).hexdigest()[:16]
        for field in fields(extract)
    }


def once(seed: int, limit: int, outlets: int) -> dict[str, Marks]:
    """Read everything in the order that the seed gives: name → marks."""
    chance = random.Random(seed)
    read_marks: dict[str, Marks] = {}
    listed = public(limit)
    chance.shuffle(listed)
    for name, url, path in listed:
        read_marks[name] = marks(
            read_article(gzip.decompress(path.read_bytes()), url, HTML, Rules(), AT)
        )
    if outlets:
        _with_profiles(chance, outlets, read_marks)
    return read_marks


def _with_profiles(
    chance: random.Random, outlets: int, read_marks: dict[str, Marks]
) -> None:
    listed = list(papers(0, 2 * TRAINING_PAGES))
    listed = listed[:: max(1, len(listed) // outlets)][:outlets]
    chance.shuffle(listed)
    for paper in listed:
        addresses = [
            f"https://{paper.name}.example/{page.number}" for page in paper.pages
        ]
        both = list(zip(paper.pages, addresses, strict=True))
        for full in (False, True):
            training_pages = [
                TrainingPage(
                    page.body, url, HTML, AT, page.title, page.content if full else ""
                )
                for page, url in both
            ]
            profile = learn_profile(training_pages[:TRAINING_PAGES], Rules()).profile
            name = f"{paper.name}, {'with' if full else 'without'} labels"
            read_marks[name] = {"profile": profile.digest}
            last = both[TRAINING_PAGES:]
            chance.shuffle(last)
            for page, url in last:
                read_marks[f"{name}, {page.number}"] = marks(
                    read_article(page.body, url, HTML, Rules(), AT, profile=profile)
                )


def once_in_subprocess(seed: int, limit: int, outlets: int) -> dict[str, Marks]:
    """The same in a separate process, with its own hash seed."""
    command = [
        sys.executable,
        __file__,
        "--once",
        str(seed),
        "--pages",
        str(limit),
        "--outlets",
        str(outlets),
    ]
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment)
    read: dict[str, Marks] = json.loads(done.stdout)
    return read


def differing(times: list[dict[str, Marks]]) -> dict[str, list[str]]:
    """Names of pages that differ between runs, with the fields that differ."""
    first, *rest = times
    fields_by_name = {}
    for name, expected in first.items():
        others = [other.get(name, {}) for other in rest]
        if fields_of := [
            part
            for part in expected
            if any(other.get(part) != expected[part] for other in others)
        ]:
            fields_by_name[name] = fields_of
    return fields_by_name


def main() -> None:
    """Read, compare, print; exits with 1 if anything differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument(
        "--pages",
        type=int,
        default=0,
        help="number of pages, spread over all sets; 0: all",
    )
    parser.add_argument(
        "--outlets", type=int, default=4, help="outlets whose profiles are learned"
    )
    parser.add_argument("--once", type=int, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if options.once is not None:
        json.dump(once(options.once, options.pages, options.outlets), sys.stdout)
        return
    times = [
        once_in_subprocess(seed, options.pages, options.outlets)
        for seed in range(1, options.times + 1)
    ]
    differences = differing(times)
    count = Counter(part for parts in differences.values() for part in parts)
    profiles = sum(
        "profile" in page_marks and len(page_marks) == 1
        for page_marks in times[0].values()
    )
    table(
        [
            (
                "pages, profiles; runs",
                f"{len(times[0]) - profiles}, {profiles}; {len(times)}",
                "each run a new process, order and hash seed",
            ),
            ("pages whose text differs", f"{count['text']}", "aim: none"),
            ("pages with any difference", f"{len(differences)}", "aim: none"),
            (
                "fields that differ",
                ", ".join(f"{number} {name}" for name, number in count.most_common())
                or "–",
                "",
            ),
        ]
    )
    for name, parts in sorted(differences.items())[:40]:
        print(f"{name}: {', '.join(parts)}")
    raise SystemExit(1 if differences else 0)


if __name__ == "__main__":
    main()
