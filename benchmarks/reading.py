"""Compare the extracted text of real pages with the truth, and with trafilatura's.

    python benchmarks/reading.py [--set NAME …] [--limit N] [--wrong N] [--parts]

**The shipped model was trained on these very pages.** The figures show that the whole
program performs on them as the model can, not how well it does on unknown sites:
``train_blocks.py`` prints figures for sites left out of the training. For pages that are
in no training set, the figures of this command are valid. ``--wrong 20`` prints the 20
worst pages, ``--parts`` only where the processor time goes.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import trafilatura

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import table
from benchmarks.truth import SETS, Case, Tally, cases, exact, tokens
from harvester.ingest.prepare import Job, prepare, warm_up
from harvester.model import Capture, Extract, Limits, Rules

HTML = (("Content-Type", "text/html"),)
AT = "2026-11-01T00:00:00Z"  # later than all pages
AIMS = {"mean": 0.58, "worst": 0.9, "exact": 0.45, "time": 0.4}


@dataclass(slots=True)
class Comparison:
    """Our scores and trafilatura's on a set of pages, with their costs."""

    ours: Tally = field(default_factory=Tally)
    theirs: Tally = field(default_factory=Tally)
    seconds: list[float] = field(default_factory=lambda: [0.0, 0.0])
    methods: Counter[str] = field(default_factory=Counter)

    @property
    def error(self) -> float:
        """Our error as a share of trafilatura's."""
        return (1 - self.ours.f1) / max(1 - self.theirs.f1, 1e-9)

    @property
    def time(self) -> float:
        """Our processor time as a share of trafilatura's with metadata."""
        return self.seconds[0] / max(self.seconds[1], 1e-9)


@dataclass(frozen=True, slots=True)
class Reading:
    """One page as both extracted it."""

    case: Case
    extract: Extract
    text: str  # trafilatura's
    score: float
    trafilatura_score: float


def read_with_harvester(case: Case) -> tuple[Extract, float]:
    """What the harvest extracts, and the processor seconds that it took."""
    capture = Capture(case.url or "https://a.example/a", "", AT, 200, HTML, case.body)
    prepared = prepare(Job("page", capture, Rules(), Limits()))
    assert prepared.extract is not None
    return prepared.extract, prepared.cpu_seconds


def read_with_trafilatura(body: bytes) -> tuple[str, float]:
    """The text that trafilatura extracts without comments, and its processor seconds.

    The seconds are those of text and metadata together.
    """
    started = time.process_time()
    trafilatura.bare_extraction(body, with_metadata=True, include_comments=False)
    cost = time.process_time() - started
    return trafilatura.extract(body, include_comments=False) or "", cost


def compare(pages: list[Case]) -> tuple[dict[str, Comparison], list[Reading]]:
    """Read all pages both ways; each goes first on every second page."""
    logging.disable(logging.CRITICAL)
    warm_up()
    read_with_trafilatura(pages[0].body)
    sets: dict[str, Comparison] = {}
    readings = []
    for number, case in enumerate(pages):
        comparison = sets.setdefault(case.set, Comparison())
        if number % 2:
            text, other_cost = read_with_trafilatura(case.body)
            extract, cost = read_with_harvester(case)
        else:
            extract, cost = read_with_harvester(case)
            text, other_cost = read_with_trafilatura(case.body)
        comparison.seconds = [
            comparison.seconds[0] + cost,
            comparison.seconds[1] + other_cost,
        ]
        comparison.methods[extract.method or "nothing"] += 1
        readings.append(
            Reading(
                case,
                extract,
                text,
                comparison.ours.add(extract.text, case),
                comparison.theirs.add(text, case),
            )
        )
    return sets, readings


def report(sets: dict[str, Comparison]) -> None:
    """Print figures for each set and for all pages."""
    rows = []
    for name, comparison in sets.items():
        pages = comparison.ours.pages
        exactly = (
            f"exact {comparison.ours.exact / pages:.2f} ({comparison.theirs.exact / pages:.2f})"
            if comparison.ours.scores
            else "by segments"
        )
        rows.append(
            (
                f"{name}, {pages} pages: F1",
                f"{comparison.ours.f1:.4f} ({comparison.theirs.f1:.4f})",
                f"error {comparison.error:.3f} of trafilatura's, {exactly},"
                f" {1000 * comparison.seconds[0] / pages:.1f}"
                f" ({1000 * comparison.seconds[1] / pages:.1f}) ms,"
                f" {comparison.time:.2f} of its time",
            )
        )
    errors = [comparison.error for comparison in sets.values()]
    pages = sum(comparison.ours.pages for comparison in sets.values())
    seconds = [
        sum(comparison.seconds[which] for comparison in sets.values())
        for which in (0, 1)
    ]
    methods = sum((comparison.methods for comparison in sets.values()), Counter[str]())
    rows += [
        (
            "error against trafilatura's: mean; worst",
            f"{sum(errors) / len(errors):.3f}; {max(errors):.3f}",
            f"on sites left out, aim: at most {AIMS['mean']}; {AIMS['worst']}",
        ),
        (
            "processor ms a page, with metadata",
            f"{1000 * seconds[0] / pages:.1f} ({1000 * seconds[1] / pages:.1f})",
            f"{seconds[0] / seconds[1]:.3f} of trafilatura's,"
            f" aim: at most {AIMS['time']}",
        ),
        (
            "extracted by",
            ", ".join(
                f"{count / pages:.3f} {name}" for name, count in methods.most_common()
            ),
            "",
        ),
    ]
    if "fundus" in sets:
        comparison = sets["fundus"]
        rows.append(
            (
                "exact on fundus",
                f"{comparison.ours.exact / comparison.ours.pages:.3f}",
                f"on sites left out, aim: at least {AIMS['exact']}",
            )
        )
    print(
        "(in brackets: trafilatura without comments; the model was trained on these pages)"
    )
    table(rows)


def worst(readings: list[Reading], count: int) -> None:
    """Print the pages with the lowest scores: both scores, surplus and missing words."""
    for reading in sorted(
        readings,
        key=lambda reading: (reading.score, reading.case.set, reading.case.file),
    )[:count]:
        read = reading.extract
        more, fewer = (
            _differing(read.text, reading.case) if reading.case.whole else (0, 0)
        )
        same = (
            "exact"
            if reading.case.whole and exact(read.text, reading.case.text)
            else f"{reading.score:.3f} ({reading.trafilatura_score:.3f})"
        )
        print(
            f"{same:<14} +{more:<5} -{fewer:<5} {read.method:<11} {read.kind:<8}"
            f" uncertainty {read.doubt:.2f}  {reading.case.set}/{reading.case.file}"
            f"  {reading.case.language}  {reading.case.url[:90]}"
        )


def _differing(text: str, case: Case) -> tuple[int, int]:
    read, truth = Counter(tokens(text)), Counter(tokens(case.text))
    return (read - truth).total(), (truth - read).total()


# What the processor time is spent on, by the function (module, name) in which it is;
# of several, the innermost one counts.
PARTS = {
    ("article", "_parse_body"): "bytes to a tree",
    ("article", "_read_metadata"): "metadata",
    ("page_metadata", "fill_missing"): "metadata",
    ("page_blocks", "split_into_blocks"): "blocks, and what is displayed of them",
    ("features", "feature_matrix"): "features",
    ("boosted_trees", "probabilities"): "trees",
    ("body", "find_content"): "captions, decoding",
    ("trafilatura_text", "trafilatura_lines"): "trafilatura",
    ("trafilatura_text", "baseline_lines"): "trafilatura",
    ("lines", "strip_frame"): "lines",
    ("lines", "strip_offer"): "lines",
    ("other_articles", "remove_other_articles"): "other articles",
    ("script_text", "lines_in_scripts"): "text in scripts",
    ("article", "_content_fields"): "links, images, boilerplate",
    ("kind", "classify_page"): "kind",
    ("paging", "find_next_page_url"): "next page, feeds",
    ("discovery", "find_feed_urls"): "next page, feeds",
    ("prepare", "_precompute"): "wording and shingles, to compare with other texts",
    ("prepare", "prepare"): "all else; memory given back",
}
SAMPLING_SECONDS = 0.001  # of processor time


def print_parts(pages: list[Case]) -> None:
    """Read all pages, and print which share of the processor time each part takes."""
    logging.disable(logging.CRITICAL)
    warm_up()
    counts: Counter[str] = Counter()

    def sample(_signal: int, frame: FrameType | None) -> None:
        while frame is not None:
            code = frame.f_code
            part = PARTS.get((Path(code.co_filename).stem, code.co_name))
            if part:
                counts[part] += 1
                return
            frame = frame.f_back

    signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, SAMPLING_SECONDS, SAMPLING_SECONDS)
    seconds = sum(read_with_harvester(case)[1] for case in pages)
    signal.setitimer(signal.ITIMER_PROF, 0)
    rows = [
        (part, f"{count / counts.total():.3f}", "")
        for part, count in counts.most_common()
    ]
    total = f"{1000 * seconds / len(pages):.1f}"
    table([("processor ms a page", total, f"{len(pages)} pages"), *rows])


def main() -> None:
    """Read, compare, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--set", nargs="*", default=SETS, choices=SETS)
    parser.add_argument("--limit", type=int, default=0, help="pages of each set")
    parser.add_argument("--wrong", type=int, default=0, help="print the worst pages")
    parser.add_argument(
        "--parts", action="store_true", help="print where the processor time goes"
    )
    options = parser.parse_args()
    pages = [
        case
        for name in options.set
        for case in list(cases(name))[: options.limit or None]
    ]
    if options.parts:
        print_parts(pages)
        return
    sets, readings = compare(pages)
    report(sets)
    worst(readings, options.wrong)


if __name__ == "__main__":
    main()
