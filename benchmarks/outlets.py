"""Measure extraction with learned outlet profiles, through the whole program.

    python benchmarks/outlets.py [--full | --taught 3] [--outlets N] [--pages 40]
                                 [--direct] [--wrong N]

A newspaper on loopback publishes three quarters of the pages of 35 outlets; the crawl
harvests them and learns profiles. Then it publishes the last quarter. What the archive
holds of that quarter is compared with the truth, beside trafilatura and beside the same
program without profiles. With ``--full`` the feed carries the full text; with
``--taught 3`` a person has corrected the three pages of which the model was least
certain. The templates come from public pages that the shipped model was trained on, so
the figures without profile are flattering.
"""

from __future__ import annotations

import argparse
import html
import json
import logging
import lzma
import multiprocessing
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import ROOT, corpora, crawl, table
from benchmarks.reading import read_with_trafilatura
from benchmarks.truth import exact, score, tokens
from harvester.ingest.profiles import training_set
from harvester.ingest.profiles.learn import learn_profile
from harvester.model import Extract, Rules, TrainingPage
from harvester.newsroom import Newsroom
from harvester.parse.article import extract_article, read_article
from harvester.parse.content import profile
from harvester.parse.content.profile import Profile

HTML = (("Content-Type", "text/html; charset=utf-8"),)
AT = "2026-11-01T00:00:00Z"
KINDS = ("news", "templated", "series")
# Words of a block that is searched anywhere in the true text; shorter blocks must equal
# one of its lines.
MIN_BLOCK_WORDS = 5
MAX_DECLINE = 0.002  # of the mean F1 of an outlet's pages
AIMS = {
    "full": 0.08,
    "plain": 0.65,
    "taught": 0.3,
    "fast full": 0.85,
    "fast plain": 0.5,
    "time": 0.25,
}
MAX_LOST = {"news": 0.001, "templated": 0.005, "series": 0.001}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an outlet; ``truth`` has the article's paragraphs as lines."""

    number: int
    title: str
    truth: str
    body: bytes

    @property
    def content(self) -> str:
        """The true text as a feed carries it."""
        return "".join(f"<p>{html.escape(line)}</p>" for line in self.truth.split("\n"))


@dataclass(frozen=True, slots=True)
class Paper:
    """An outlet of the corpora."""

    name: str
    kind: str
    language: str
    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class ArchivedText:
    """The archived text of a page, the extraction method, and the source (page or feed)."""

    text: str
    method: str
    source: str


@dataclass(slots=True)
class Total:
    """Results for pages of one kind, added up."""

    pages: int = 0
    errors: list[float] = field(
        default_factory=lambda: [0.0, 0.0, 0.0]
    )  # archived, trafilatura's, without profile
    exact: list[int] = field(default_factory=lambda: [0, 0, 0])
    words: int = 0
    lost: int = 0
    methods: Counter[str] = field(default_factory=Counter)
    fast: list[float] = field(
        default_factory=lambda: [0.0, 0.0]
    )  # seconds on pages of the fast path: ours, trafilatura's
    all: list[float] = field(default_factory=lambda: [0.0, 0.0])
    differing: list[str] = field(
        default_factory=list
    )  # pages that read differently here than in the archive


def papers(count: int, limit: int, kinds: Sequence[str] = KINDS) -> Iterator[Paper]:
    """The outlets of the corpora, news first."""
    folder = corpora()
    if folder is None:
        raise SystemExit("no corpora: set CORPORA to their folder")
    paths = sorted(
        path
        for kind in kinds
        for path in (folder / "outlets").glob(f"*-{kind}.jsonl.xz")
    )
    for path in paths[: count or None]:
        name = path.name.partition(".")[0]
        rows = [
            json.loads(row)
            for row in lzma.decompress(path.read_bytes())
            .decode()
            .strip("\n")
            .split("\n")
        ][:limit]
        pages = tuple(
            Page(row["n"], row["title"], row["text"], row["html"].encode())
            for row in rows
        )
        yield Paper(name, name.partition("-")[2], rows[0]["language"] or "", pages)


# ---- the newspaper and the harvest


def serve(papers: list[Paper], first: int, full: bool, folder: str, pipe: Any) -> None:
    """Serve the newspaper, in a separate process.

    Publishes one part of each outlet's pages, and the rest on request.
    """
    with Newsroom() as room:
        for part in (slice(0, first), slice(first, None)):
            for paper in papers:
                outlet = room.outlets.get(paper.name) or room.add_outlet(
                    paper.name, "files", language=paper.language
                )
                pages = paper.pages[part]
                outlet.serve_pages(
                    [(_path(page), page.body, HTML[0][1]) for page in pages],
                    titles={_path(page): page.title for page in pages},
                    contents={_path(page): page.content for page in pages}
                    if full
                    else None,
                )
            pipe.send(
                room.settings_toml(
                    folder, revisit=("30 days",), crawl="concurrency = 8"
                )
            )
            pipe.recv()


def _address(paper: Paper, page: Page) -> str:
    return f"https://{paper.name}.example{_path(page)}"


def _path(page: Page) -> str:
    return f"/articles/{page.number:02}.html"


def harvest(
    papers: list[Paper], first: int, full: bool, taught: int, folder: str
) -> None:
    """Harvest twice, with corrections by a person in between if asked for."""
    pipe, child_pipe = multiprocessing.get_context("spawn").Pipe()
    newspaper = multiprocessing.get_context("spawn").Process(
        target=serve, args=(papers, first, full, folder, child_pipe)
    )
    newspaper.start()
    settings = Path(folder) / "settings.toml"
    for turn in range(2):
        settings.write_text(pipe.recv())
        started = time.monotonic()
        cost = crawl(settings)
        print(
            f"harvest {turn + 1}: {time.monotonic() - started:.0f} s, {_shown(cost.counts)}",
            file=sys.stderr,
        )
        if taught and not turn:
            for paper in papers:
                teach(settings, paper, taught)
        pipe.send("go on")
    newspaper.join()


def _shown(counts: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in counts.items() if value)


def label_blocks(texts: list[str], truth: str) -> list[bool]:
    """For each block of a page, whether it belongs to the article according to the truth."""
    lines = {tuple(tokens(line)) for line in truth.split("\n")}
    whole = " ".join(tokens(truth))
    labels = []
    for text in texts:
        words = tokens(text)
        inside = (
            len(words) >= MIN_BLOCK_WORDS and f" {' '.join(words)} " in f" {whole} "
        )
        labels.append(
            inside
            or tuple(words) in lines
            or (len(words) >= MIN_BLOCK_WORDS and _mostly(text, truth))
        )
    return labels


def _mostly(text: str, truth: str) -> bool:
    """Whether most of a block's sentences are in the truth: a block can span lines."""
    parts = [part for part in re.split(r"(?<=[.!?…。！？])\s*", text) if tokens(part)]
    whole = "".join(tokens(truth))
    return sum(
        len(part) for part in parts if "".join(tokens(part)) in whole
    ) > 0.5 * sum(map(len, parts))


def corrected(paper: Paper, page: Page) -> tuple[tuple[int, str, bool], ...]:
    """Labels of all blocks: (index, hash of the words, whether it is article)."""
    extracted = extract_article(
        page.body, _address(paper, page), HTML, Rules(language=paper.language), AT
    )
    if extracted.content is None:
        return ()
    texts = [block.text for block in extracted.content.page.blocks]
    return tuple(
        (index, profile.short_hash(text), is_article)
        for index, (text, is_article) in enumerate(
            zip(texts, label_blocks(texts, page.truth), strict=True)
        )
    )


def teach(settings: Path, paper: Paper, count: int) -> None:
    """Correct the pages that ``harvest teach`` shows, as a person would."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "harvester.cli",
        "--settings",
        str(settings),
        "teach",
        paper.name,
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = partial(
        subprocess.run,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
    )
    shown = json.loads(run([*command, "--pages", str(count), "--json"]).stdout)
    truths = {_path(page): page.truth for page in paper.pages}
    corrections = []
    for shown_page in shown:
        labels = label_blocks(
            [block["text"] for block in shown_page["blocks"]],
            truths[urlsplit(shown_page["url"]).path],
        )
        corrections.append(
            {
                "article": shown_page["article"],
                "wanted": [
                    block["place"]
                    for block, wanted in zip(shown_page["blocks"], labels, strict=True)
                    if wanted and not block["kept"]
                ],
                "unwanted": [
                    block["place"]
                    for block, wanted in zip(shown_page["blocks"], labels, strict=True)
                    if block["kept"] and not wanted
                ],
            }
        )
    run(
        [*command, "--labels", "-", "--json"],
        input="".join(f"{json.dumps(correction)}\n" for correction in corrections),
    )


def directly(
    paper: Paper, first: int, full: bool, taught: int
) -> tuple[dict[int, ArchivedText], Profile]:
    """Learn and read in this process, without a harvest."""
    before = paper.pages[:first]
    uncertain = (
        sorted(before, key=lambda page: -read(paper, page, None)[0].doubt)[:taught]
        if taught
        else []
    )
    training_pages = [
        TrainingPage(
            page.body,
            _address(paper, page),
            HTML,
            AT,
            page.title,
            page.content if full else "",
            corrected(paper, page) if page in uncertain else (),
        )
        for page in before
    ]
    learned = learn_profile(training_pages, Rules(language=paper.language)).profile
    texts = {}
    for page in paper.pages[first:]:
        extract, _ = read(paper, page, learned)
        texts[page.number] = ArchivedText(extract.text, extract.method, "page")
    return texts, learned


# ---- what is archived


def archived_texts(
    folder: str, paper: Paper
) -> tuple[dict[int, ArchivedText], Profile | None]:
    """Number of the page → what the archive holds of it; and the outlet's profile."""
    texts = {}
    with closing(
        sqlite3.connect(f"file:{folder}/archive.db?mode=ro", uri=True)
    ) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute(
            """select a.reached, v.text, r.source, r.extract ->> '$.method' as method
            from articles a
            join versions v on v.article = a.key and v.number = a.version
            join readings r on r.id = a.reading
            where a.outlet = ?""",
            [paper.name],
        )
        for row in rows:
            number = int(row["reached"].rpartition("/")[2].partition(".")[0])
            texts[number] = ArchivedText(
                row["text"], row["method"] or "", row["source"]
            )
        _, body = training_set.current_profile(
            connection, paper.name, Rules(language=paper.language)
        )
        return texts, profile.from_json(body) if body else None


def read(paper: Paper, page: Page, learned: Profile | None) -> tuple[Extract, float]:
    """The page as read in this process, and the processor seconds."""
    started = time.process_time()
    extract = read_article(
        page.body,
        _address(paper, page),
        HTML,
        Rules(language=paper.language),
        AT,
        profile=learned,
    )
    return extract, time.process_time() - started


def compare(
    paper: Paper,
    first: int,
    archived: dict[int, ArchivedText],
    learned: Profile | None,
    total: Total,
    wrong: list[tuple[float, str]],
) -> float:
    """Add the last pages of an outlet to ``total``.

    Returns the gain in mean F1 by the profile.
    """
    gain = 0.0
    for page in paper.pages[first:]:
        mine = archived.get(page.number, ArchivedText("", "not archived", ""))
        baseline, baseline_cost = read_with_trafilatura(page.body)
        alone, _ = read(paper, page, None)
        again, cost = read(paper, page, learned)
        if again.text != mine.text and mine.source == "page":
            total.differing.append(f"{paper.name}/{page.number}")
        scores = [score(text, page.truth) for text in (mine.text, baseline, alone.text)]
        gain += scores[0] - scores[2]
        total.pages += 1
        for index, text in enumerate((mine.text, baseline, alone.text)):
            total.errors[index] += 1 - scores[index]
            total.exact[index] += exact(text, page.truth)
        truth = Counter(tokens(page.truth))
        total.words += truth.total()
        total.lost += (
            (truth & Counter(tokens(alone.text))) - Counter(tokens(mine.text))
        ).total()
        method = "feed" if mine.source == "feed" else mine.method
        total.methods[method] += 1
        for seconds in (
            total.all,
            *((total.fast,) if again.method == "profile" else ()),
        ):
            seconds[0] += cost
            seconds[1] += baseline_cost
        wrong.append(
            (
                scores[0],
                f"{scores[0]:.3f} ({scores[2]:.3f} without, {scores[1]:.3f} trafilatura)"
                f"  {method:<11} {paper.name}/{page.number}",
            )
        )
    return gain / max(len(paper.pages[first:]), 1)


# ---- what is printed


def report(sums: dict[str, Total], gains: dict[str, float], kind: str) -> None:
    """Print figures for each kind and for all outlets."""
    rows = []
    for name, total in sums.items():
        ours, baseline, alone = (error / total.pages for error in total.errors)
        rows.append(
            (
                f"{name}, {total.pages} pages: error",
                f"{ours:.4f} ({baseline:.4f})",
                f"{ours / max(baseline, 1e-9):.3f} of trafilatura's;"
                f" without profile {alone:.4f};"
                f" exact {total.exact[0] / total.pages:.2f}"
                f" ({total.exact[1] / total.pages:.2f},"
                f" without profile {total.exact[2] / total.pages:.2f})",
            )
        )
    everything = list(sums.values())
    pages = sum(total.pages for total in everything)
    errors = [sum(total.errors[column] for total in everything) for column in range(3)]
    methods = sum((total.methods for total in everything), Counter[str]())
    fast = [sum(total.fast[which] for total in everything) for which in (0, 1)]
    whole = [sum(total.all[which] for total in everything) for which in (0, 1)]
    aim = "full" if kind == "full" else kind
    rows.append(
        (
            "all: error against trafilatura's",
            f"{errors[0] / errors[1]:.3f}",
            f"aim: at most {AIMS[aim]}; without profile {errors[2] / errors[1]:.3f}",
        )
    )
    for name, total in sums.items():
        rows.append(
            (
                f"true words lost by profiles, {name}",
                f"{total.lost / total.words:.3%}",
                f"aim: at most {MAX_LOST[name]:.1%}",
            )
        )
    share = methods["profile"] / pages
    rows.append(
        (
            "read with the profile alone",
            f"{share:.3f}",
            f"aim: at least {AIMS['fast plain' if kind == 'plain' else 'fast full']}",
        )
    )
    rows.append(
        (
            "its processor time against trafilatura's",
            f"{fast[0] / max(fast[1], 1e-9):.3f}",
            f"both with metadata, aim: at most {AIMS['time']};"
            f" of all pages {whole[0] / max(whole[1], 1e-9):.3f}",
        )
    )
    rows.append(
        (
            "read by",
            ", ".join(f"{count} {name}" for name, count in methods.most_common()),
            "",
        )
    )
    worse = {name: gain for name, gain in gains.items() if gain < -MAX_DECLINE}
    listed = ", ".join(f"{name} {gain:+.4f}" for name, gain in worse.items())
    rows.append(
        (
            "outlets worse with their profile",
            f"{len(worse)} of {len(gains)}",
            f"aim: none by more than {MAX_DECLINE}; {listed}",
        )
    )
    differing = [name for total in everything for name in total.differing]
    rows.append(
        (
            "pages that differ in another process",
            f"{len(differing)}",
            f"aim: none; {', '.join(differing[:9])}",
        )
    )
    print("(in brackets: trafilatura without comments)")
    table(rows)


def main() -> None:
    """Publish, harvest, compare, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument(
        "--full", action="store_true", help="the feed carries the full text"
    )
    kinds.add_argument(
        "--taught", type=int, default=0, help="number of pages that a person corrected"
    )
    parser.add_argument("--outlets", type=int, default=0)
    parser.add_argument("--kind", nargs="*", default=KINDS, choices=KINDS)
    parser.add_argument(
        "--pages",
        type=int,
        default=40,
        help="of each outlet; the last quarter is measured",
    )
    parser.add_argument(
        "--direct",
        action="store_true",
        help="learn and read in this process, without a harvest",
    )
    parser.add_argument("--wrong", type=int, default=0, help="print the worst pages")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    selected = list(papers(options.outlets, options.pages, options.kind))
    first = options.pages * 3 // 4
    sums = {
        kind: Total() for kind in KINDS if any(paper.kind == kind for paper in selected)
    }
    gains: dict[str, float] = {}
    wrong: list[tuple[float, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        if not options.direct:
            harvest(selected, first, options.full, options.taught, folder)
        for paper in selected:
            archived, learned = (
                directly(paper, first, options.full, options.taught)
                if options.direct
                else archived_texts(folder, paper)
            )
            gains[paper.name] = compare(
                paper, first, archived, learned, sums[paper.kind], wrong
            )
    report(
        sums, gains, "full" if options.full else "taught" if options.taught else "plain"
    )
    for _, shown in sorted(wrong)[: options.wrong]:
        print(shown)


if __name__ == "__main__":
    main()
