"""The text of real pages with known truth, as the harvest reads it, beside trafilatura's in the same run.

    python benchmarks/reading.py [--set NAME …] [--limit N] [--wrong N]

**The shipped model was trained on these very pages**: what is printed here shows that the whole program does with them what the
model can, not how well it does on sites that it never saw. Those figures are printed by ``train_blocks.py``, of sites left out; on
pages that are in no set, the figures of this command are as good. ``--wrong 20`` prints the 20 worst pages.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import table
from benchmarks.truth import SETS, Case, Tally, cases, exact, tokens
from harvester.ingest import Job, prepare
from harvester.model import Capture, Extract, Limits, Rules

HTML = (("Content-Type", "text/html"),)
AT = "2026-11-01T00:00:00Z"  # later than all pages
AIMS = {"mean": 0.58, "worst": 0.9, "exact": 0.45, "time": 0.4}


@dataclass(slots=True)
class Both:
    """Both readings of a set of pages, with what they cost."""

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
    """One page as both read it."""

    case: Case
    extract: Extract
    text: str  # trafilatura's
    score: float
    other: float


def ours(case: Case) -> tuple[Extract, float]:
    """What the harvest reads, and the seconds of processor time that it took."""
    capture = Capture(case.url or "https://a.example/a", "", AT, 200, HTML, case.body)
    made = prepare(Job("page", capture, Rules(), Limits()))
    assert made.extract is not None
    return made.extract, made.cpu_seconds


def theirs(body: bytes) -> tuple[str, float]:
    """The text that trafilatura finds without comments, and the seconds that it takes to find text and metadata."""
    import trafilatura

    started = time.process_time()
    trafilatura.bare_extraction(body, with_metadata=True, include_comments=False)
    cost = time.process_time() - started
    return trafilatura.extract(body, include_comments=False) or "", cost


def both(found: list[Case]) -> tuple[dict[str, Both], list[Reading]]:
    """Read all pages both ways, in turn, each first on every second page."""
    from harvester.ingest.prepare import warm_up

    logging.disable(logging.CRITICAL)
    warm_up()
    theirs(found[0].body)
    sets: dict[str, Both] = {}
    readings = []
    for number, case in enumerate(found):
        one = sets.setdefault(case.set, Both())
        if number % 2:
            text, other_cost = theirs(case.body)
            extract, cost = ours(case)
        else:
            extract, cost = ours(case)
            text, other_cost = theirs(case.body)
        one.seconds = [one.seconds[0] + cost, one.seconds[1] + other_cost]
        one.methods[extract.method or "nothing"] += 1
        readings.append(
            Reading(
                case,
                extract,
                text,
                one.ours.add(extract.text, case),
                one.theirs.add(text, case),
            )
        )
    return sets, readings


def report(sets: dict[str, Both]) -> None:
    """Print per set and for all."""
    rows = []
    for name, one in sets.items():
        pages = one.ours.pages
        exactly = (
            f"exact {one.ours.exact / pages:.2f} ({one.theirs.exact / pages:.2f})"
            if one.ours.scores
            else "by segments"
        )
        rows.append(
            (
                f"{name}, {pages} pages: F1",
                f"{one.ours.f1:.4f} ({one.theirs.f1:.4f})",
                f"error {one.error:.3f} of trafilatura's, {exactly}, {1000 * one.seconds[0] / pages:.1f}"
                f" ({1000 * one.seconds[1] / pages:.1f}) ms, {one.time:.2f} of its time",
            )
        )
    errors = [one.error for one in sets.values()]
    pages = sum(one.ours.pages for one in sets.values())
    seconds = [sum(one.seconds[which] for one in sets.values()) for which in (0, 1)]
    methods = sum((one.methods for one in sets.values()), Counter[str]())
    rows += [
        ("error against trafilatura's: mean; worst", f"{sum(errors) / len(errors):.3f}; {max(errors):.3f}",
         f"on sites left out, aim: at most {AIMS['mean']}; {AIMS['worst']}"),
        ("processor ms a page, with metadata", f"{1000 * seconds[0] / pages:.1f} ({1000 * seconds[1] / pages:.1f})",
         f"{seconds[0] / seconds[1]:.3f} of trafilatura's, aim: at most {AIMS['time']}"),
        ("found by", ", ".join(f"{count / pages:.3f} {name}" for name, count in methods.most_common()), ""),
    ]  # fmt: skip
    if "fundus" in sets:
        one = sets["fundus"]
        rows.append(("exact on fundus", f"{one.ours.exact / one.ours.pages:.3f}", f"on sites left out, aim: at least {AIMS['exact']}"))  # fmt: skip
    print(
        "(in brackets: trafilatura without comments; the model was trained on these pages)"
    )
    table(rows)


def worst(readings: list[Reading], count: int) -> None:
    """Print the pages that are read worst: both scores, words too much and too few, and where to look."""
    for one in sorted(
        readings, key=lambda one: (one.score, one.case.set, one.case.file)
    )[:count]:
        read = one.extract
        more, fewer = _differing(read.text, one.case) if one.case.whole else (0, 0)
        same = (
            "exact"
            if one.case.whole and exact(read.text, one.case.text)
            else f"{one.score:.3f} ({one.other:.3f})"
        )
        print(
            f"{same:<14} +{more:<5} -{fewer:<5} {read.method:<11} {read.kind:<8} doubt {read.doubt:.2f}"
            f"  {one.case.set}/{one.case.file}  {one.case.language}  {one.case.url[:90]}"
        )


def _differing(text: str, case: Case) -> tuple[int, int]:
    read, truth = Counter(tokens(text)), Counter(tokens(case.text))
    return (read - truth).total(), (truth - read).total()


def main() -> None:
    """Read, compare, print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--set", nargs="*", default=SETS, choices=SETS)
    options.add_argument("--limit", type=int, default=0, help="pages of each set")
    options.add_argument("--wrong", type=int, default=0)
    given = options.parse_args()
    found = [
        case for name in given.set for case in list(cases(name))[: given.limit or None]
    ]
    sets, readings = both(found)
    report(sets)
    worst(readings, given.wrong)


if __name__ == "__main__":
    main()
