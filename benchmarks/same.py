"""The same bytes, rules and profile read the same: in other processes, in other orders, with other hash seeds.

    python benchmarks/same.py [--times 5] [--pages N] [--outlets 4]

Each time a new process with a hash seed of its own reads all public pages in an order of its own, learns the profiles of some outlets
from their first pages, and reads their last with them. All fields of all extracts are compared, and the profiles.
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
from harvester.model import Extract, Rules
from harvester.parse.article import read_article

HTML = (("Content-Type", "text/html"),)
AT = "2026-11-01T00:00:00Z"
LEARNED = 10  # pages that a profile is learned from, as many are read with it
Marks = dict[str, str]  # field → a short name of its value


def folder() -> Path:
    """The corpora. Raises SystemExit where there are none."""
    found = corpora()
    if found is None:
        raise SystemExit("no corpora: set CORPORA to their folder")
    return found


def public(most: int) -> list[tuple[str, str, Path]]:
    """(name, address, file) of public pages, of all sets in turn."""
    found = []
    for place in sorted((folder() / "pages").iterdir()):
        for row in (place / "truth.jsonl").read_text("utf-8").strip("\n").split("\n"):
            one = json.loads(row)
            found.append(
                (
                    f"{place.name}/{one['file']}",
                    one["url"] or "https://a.example/a",
                    place / one["file"],
                )
            )
    return found[:: max(1, len(found) // most)][:most] if most else found


def marks(extract: Extract) -> Marks:
    """Short names of all its fields. A mapping counts in its order: it is kept so."""
    return {
        one.name: hashlib.sha256(
            repr(getattr(extract, one.name)).encode("utf-8", "surrogatepass")
        ).hexdigest()[:16]
        for one in fields(extract)
    }


def once(seed: int, most: int, outlets: int) -> dict[str, Marks]:
    """Read everything in an order of its own: name → marks."""
    chance = random.Random(seed)
    found: dict[str, Marks] = {}
    listed = public(most)
    chance.shuffle(listed)
    for name, url, path in listed:
        found[name] = marks(
            read_article(gzip.decompress(path.read_bytes()), url, HTML, Rules(), AT)
        )
    if outlets:
        _with_profiles(chance, outlets, found)
    return found


def _with_profiles(
    chance: random.Random, outlets: int, found: dict[str, Marks]
) -> None:
    from benchmarks.outlets import papers
    from harvester.ingest.profiles.learn import TrainingPage, learn_profile

    listed = list(papers(0, 2 * LEARNED))
    listed = listed[:: max(1, len(listed) // outlets)][:outlets]
    chance.shuffle(listed)
    for paper in listed:
        addresses = [
            f"https://{paper.name}.example/{page.number}" for page in paper.pages
        ]
        both = list(zip(paper.pages, addresses, strict=True))
        for full in (False, True):
            lessons = [
                TrainingPage(
                    page.body, url, HTML, AT, page.title, page.content if full else ""
                )
                for page, url in both
            ]
            known = learn_profile(lessons[:LEARNED], Rules()).profile
            name = f"{paper.name}, {'with' if full else 'without'} labels"
            found[name] = {"profile": known.digest}
            last = both[LEARNED:]
            chance.shuffle(last)
            for page, url in last:
                found[f"{name}, {page.number}"] = marks(
                    read_article(page.body, url, HTML, Rules(), AT, profile=known)
                )


def another(seed: int, most: int, outlets: int) -> dict[str, Marks]:
    """The same in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "--once",
        str(seed),
        "--pages",
        str(most),
        "--outlets",
        str(outlets),
    ]
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment)
    read: dict[str, Marks] = json.loads(done.stdout)
    return read


def differing(times: list[dict[str, Marks]]) -> dict[str, list[str]]:
    """Names that were not read the same each time, with the fields that differ."""
    first, *rest = times
    found = {}
    for name, one in first.items():
        others = [other.get(name, {}) for other in rest]
        if fields_of := [
            part
            for part in one
            if any(other.get(part) != one[part] for other in others)
        ]:
            found[name] = fields_of
    return found


def main() -> None:
    """Read, compare, print; ends with 1 where anything differs."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--times", type=int, default=5)
    options.add_argument(
        "--pages", type=int, default=0, help="spread over all sets; 0: all"
    )
    options.add_argument(
        "--outlets", type=int, default=4, help="of which profiles are learned"
    )
    options.add_argument("--once", type=int, default=None, help=argparse.SUPPRESS)
    given = options.parse_args()
    logging.disable(logging.CRITICAL)
    if given.once is not None:
        json.dump(once(given.once, given.pages, given.outlets), sys.stdout)
        return
    times = [
        another(seed, given.pages, given.outlets) for seed in range(1, given.times + 1)
    ]
    wrong = differing(times)
    count = Counter(part for parts in wrong.values() for part in parts)
    profiles = sum("profile" in one and len(one) == 1 for one in times[0].values())
    table(
        [
            ("pages, profiles; times", f"{len(times[0]) - profiles}, {profiles}; {len(times)}", "each time a process, an order and a hash seed of its own"),
            ("text read otherwise", f"{count['text']}", "aim: none"),
            ("anything read otherwise", f"{len(wrong)}", "aim: none"),
            ("fields", ", ".join(f"{number} {name}" for name, number in count.most_common()) or "–", ""),
        ]
    )  # fmt: skip
    for name, parts in sorted(wrong.items())[:40]:
        print(f"{name}: {', '.join(parts)}")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
