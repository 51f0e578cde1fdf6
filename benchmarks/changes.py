"""Measure whether edits of known class are classified correctly, in real articles.

    python benchmarks/changes.py [--cases 400] [--half seen|other] [--seed 1]
                                 [--wrong 20] [--read]

Each case is a real French or English article (its true text) and one edit as newsrooms
make it, by an operator whose class is known beforehand. The half "seen" was used while
the rules were written; the other has different sites, seeds and operators, and was first
used when they were finished. ``--read`` puts both versions into a page and extracts them
first.
"""

from __future__ import annotations

import argparse
import gzip
import html
import json
import logging
import random
import re
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import corpora, table
from benchmarks.edits import SEEN, Article, Operator
from benchmarks.edits_other import OTHER
from harvester.identity.change import CHANGE_CLASSES, VersionText, classify_change
from harvester.identity.diff import diff_sentences
from harvester.identity.wording import comparison_key
from harvester.model import Rules
from harvester.parse.article import read_article

TEXTS = ("fundus", "fundus-evaluation", "scrapinghub", "wcxb", "trafilatura")
AIM = 0.9
# How often an edit is reversed: newsrooms remove typos.
BACKWARD = {
    "typo": 0.8,
    "substantive": 0.3,
    "headline": 0.5,
    "date line": 0.3,
    "cosmetic": 0.5,
}


@dataclass(frozen=True, slots=True)
class Case:
    """An article before and after an edit, and the known class of the edit."""

    operator: str
    wanted: str
    language: str
    before: Article
    after: Article


def articles(language: str, half: int) -> list[Article]:
    """Real articles of one half of the sites."""
    folder = corpora()
    if folder is None:
        raise SystemExit("no corpora: set CORPORA to their folder")
    selected = []
    for name in TEXTS:
        for row in (
            (folder / "pages" / name / "truth.jsonl")
            .read_text("utf-8")
            .strip("\n")
            .split("\n")
        ):
            record = json.loads(row)
            host = urlsplit(record["url"] or "").hostname or ""
            text = record["truth"].get("text") or ""
            lines = [
                re.sub(r"^\[(.*)\]$", r"\1", line.strip())
                for line in text.split("\n")
                if line.strip()
            ]
            long = [line for line in lines if len(line.split()) >= 20]
            if (
                record["language"] == language
                and len(long) >= 4
                and zlib.crc32(host.encode()) % 2 == half
            ):
                title = record["truth"].get("title") or " ".join(
                    long[0].split()[:9]
                ).rstrip(",;:.")
                selected.append(Article(title, tuple(lines[:40])))
    return selected


def french(half: int) -> list[Article]:
    """French articles.

    Few pages with a known text are French; the text of pages of the other sets is
    extracted by the program.
    """
    logging.disable(logging.CRITICAL)
    selected = articles("fr", half)
    folder = corpora()
    assert folder is not None
    for name in ("htmldate", "trafilatura", "postlight", "readability"):
        for row in (
            (folder / "pages" / name / "truth.jsonl")
            .read_text("utf-8")
            .strip("\n")
            .split("\n")
        ):
            record = json.loads(row)
            host = urlsplit(record["url"] or "").hostname or ""
            if record["language"] != "fr" or zlib.crc32(host.encode()) % 2 != half:
                continue
            body = gzip.decompress(
                (folder / "pages" / name / record["file"]).read_bytes()
            )
            extract = read_article(
                body,
                record["url"] or "https://a.example/a",
                (),
                Rules(),
                "2026-11-01T00:00:00Z",
            )
            lines = extract.text.split("\n")
            if (
                extract.language == "fr"
                and sum(len(line.split()) >= 20 for line in lines) >= 4
                and extract.title
            ):
                selected.append(Article(extract.title, tuple(lines[:40])))
    return selected


def cases(half: str, limit: int, seed: int) -> list[Case]:
    """The same number of cases for each operator and language."""
    operators: dict[str, Operator] = SEEN if half == "seen" else OTHER
    number = 0 if half == "seen" else 1
    sources = {"en": articles("en", number), "fr": french(number)}
    each = max(1, round(limit / (2 * len(operators))))
    collected = []
    for language, source in sources.items():
        for name, (wanted, make) in operators.items():
            chance = random.Random(f"{half} {seed} {name} {language}")
            count = tries = 0
            while count < each and tries < 60:
                tries += 1
                before = chance.choice(source)
                after = make(before, language, chance)
                if isinstance(after, tuple):
                    before, after = after
                if after is None or after == before:
                    continue
                if wanted != "correction" and chance.random() < BACKWARD[wanted]:
                    before, after = after, before
                count += 1
                collected.append(Case(name, wanted, language, before, after))
    return collected


def classify(case: Case, read: Callable[[Article], Article]) -> str:
    """The class that the program gives; "cosmetic" if it sees no change."""
    before, after = read(case.before), read(case.after)
    old = VersionText(before.title, "\n".join(before.lines), None, before.modified)
    new = VersionText(after.title, "\n".join(after.lines), None, after.modified)
    fields = {"modified": 1} if before.modified != after.modified else {}
    return classify_change(old, new, fields).change_class


def through_a_page(article: Article) -> Article:
    """An article as the program reads it from a page."""
    body = "".join(f"<p>{html.escape(line)}</p>" for line in article.lines)
    title = html.escape(article.title)
    page = (
        f"<html><head><title>{title}</title><meta charset='utf-8'></head><body>"
        f"<nav><a href='/'>Home</a></nav><article><h1>{title}</h1>{body}</article>"
        "<footer>© The paper</footer></body></html>"
    )
    extract = read_article(
        page.encode(),
        "https://paper.example/a",
        (("Content-Type", "text/html; charset=utf-8"),),
        Rules(),
        "2026-11-01T00:00:00Z",
    )
    return Article(
        extract.title,
        tuple(extract.text.split("\n")),
        extract.modified or extract.published or article.modified,
    )


def report(half: str, limit: int, seed: int, wrong: int, read: bool) -> None:
    """Classify the cases of one half, and print."""
    selected = cases(half, limit, seed)
    confusion: dict[str, Counter[str]] = defaultdict(Counter)
    operators: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    mistakes = []
    for case in selected:
        classified = classify(case, through_a_page if read else lambda article: article)
        confusion[case.wanted][classified] += 1
        operators[f"{case.wanted}: {case.operator}"][0] += classified == case.wanted
        operators[f"{case.wanted}: {case.operator}"][1] += 1
        if classified != case.wanted:
            mistakes.append((case, classified))
    right = sum(row[name] for name, row in confusion.items())
    rows = [
        (
            f"half “{half}”: agreement",
            f"{right / len(selected):.3f} ({right} of {len(selected)})",
            f"aim: at least {AIM}",
        )
    ]
    for name in CHANGE_CLASSES:
        total = sum(confusion[name].values())
        if total:
            confused_with = ", ".join(
                f"{count} {other}"
                for other, count in confusion[name].most_common()
                if other != name
            )
            rows.append(
                (
                    f"  {name}",
                    f"{confusion[name][name] / total:.3f} ({confusion[name][name]} of {total})",
                    f"classified as: {confused_with}" if confused_with else "",
                )
            )
    table(rows)
    if wrong:
        for name, (good, total) in sorted(operators.items()):
            if good < total:
                print(f"    {name}: {good} of {total}")
        for case, classified in mistakes[:wrong]:
            print(
                f"{case.operator} ({case.language}): {case.wanted}, classified as {classified}"
            )
            _show(case)


def _show(case: Case) -> None:
    if comparison_key(case.before.title) != comparison_key(case.after.title):
        print(f"    title {case.before.title[:120]!r} → {case.after.title[:120]!r}")
    difference = diff_sentences(
        "\n".join(case.before.lines), "\n".join(case.after.lines)
    )
    for sign, lines in (
        ("-", difference.removed),
        ("+", difference.added),
        (">", difference.moved),
    ):
        for sentence in lines[:2]:
            print(f"    {sign} {sentence[:200]}")
    for old, new in difference.changed[:2]:
        print(f"    ~ {old[:200]}\n      {new[:200]}")


def main() -> None:
    """Make cases, classify, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=400, help="of each half")
    parser.add_argument("--half", choices=("seen", "other", "both"), default="both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--wrong", type=int, default=0, help="number of mistakes to print"
    )
    parser.add_argument(
        "--read", action="store_true", help="extract both versions from a page first"
    )
    options = parser.parse_args()
    for half in ("seen", "other") if options.half == "both" else (options.half,):
        report(half, options.cases, options.seed, options.wrong, options.read)


if __name__ == "__main__":
    main()
