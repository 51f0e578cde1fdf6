"""Train the model over blocks from real pages with known text, and say how well it does on sites left out.

    pip install -e '.[train]'
    python benchmarks/train_blocks.py [--write] [--folds 3] [--limit N]

With ``--write`` the trees, trained on all pages, become ``harvester/parse/content/blocks.json``: the same bytes each time, from the same pages
and the same LightGBM. What is printed is of sites left out, never of pages trained on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import trafilatura
from rapidfuzz.distance import LCSseq

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import ROOT, table
from benchmarks.truth import MORE, SETS, Case, Tally, cases, fold, tokens
from harvester.parse.article import json_ld_text
from harvester.parse.content import body, decoding, features
from harvester.parse.content.lines import strip_frame
from harvester.parse.content.page_blocks import block_lines, split_into_blocks
from harvester.parse.html.charset import decode
from harvester.parse.html.dom import parse_html
from harvester.parse.metadata import page_metadata

FILE = ROOT / "harvester" / "parse" / "content" / "blocks.json"
ROUNDS = 200
SEED = 7
SETTINGS = {
    "objective": "binary", "num_leaves": 16, "learning_rate": 0.08, "min_data_in_leaf": 40, "feature_fraction": 0.3,
    "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5.0, "max_bin": 127, "verbose": -1, "num_threads": 1, "seed": SEED,
    "deterministic": True, "force_row_wise": True,
}  # fmt: skip
COVERED = 0.5  # share of a block's words in the truth, from which on it is article
RUN_LEAST = 3  # words in a row: single words agree by chance
AT = "2026-01-01T00:00:00Z"
LANGUAGE_LEAST = 5  # pages, for a language to be reported
SEGMENT_WEIGHT = 0.3  # of a block of which only a segment is known
PAGE_WORDS, PAGE_POWER = (
    30.0,
    0.7,
)  # long pages count more, but not as much as they are long


@dataclass(slots=True)
class Sample:
    """One page as rows of numbers, with labels: share of words in the truth, NaN where nothing is known."""

    case: Case
    rows: Any
    size: Any
    labels: Any
    blocks: list[Any]
    title: str
    names: tuple[str, ...]
    other: str  # the text that trafilatura finds, as a second opinion
    peer: str  # the text that it prints, as its own program does


def sample(case: Case) -> Sample | None:
    """Read a page up to the model."""
    tree = parse_html(decode(case.body, ""))
    if tree is None:
        return None
    stated = page_metadata.extract_metadata(tree, case.url, AT)
    title, description = (
        stated.values.get("title", ""),
        stated.values.get("description", ""),
    )
    page = split_into_blocks(tree)
    rows = np.zeros((0, len(features.FEATURE_NAMES)), dtype=np.float32)
    if page.blocks:  # else nothing is read of it, which counts
        rows = features.feature_matrix(page, title, description, json_ld_text(stated))
    labels = (
        _by_text(page.blocks, case.text)
        if case.whole
        else _by_segments(page.blocks, case)
    )
    other = "\n".join(body.trafilatura_lines(tree, fast=True))
    for node in page.nodes:
        node.element = None  # type: ignore[assignment] # elements cannot leave the process
    names = tuple(stated.values.get("authors", ()))
    peer = trafilatura.extract(case.body, include_comments=False) or ""
    return Sample(
        case,
        rows,
        decoding.word_counts(page.blocks),
        labels,
        page.blocks,
        title,
        names,
        other,
        peer,
    )


def _by_text(blocks: list[Any], truth: str) -> Any:
    """The share of each block's words on the longest common subsequence of page and truth."""
    numbers: dict[str, int] = {}
    words, owners = [], []
    for place, block in enumerate(blocks):
        for word in tokens(block.text):
            words.append(numbers.setdefault(word, len(numbers)))
            owners.append(place)
    wanted = [numbers.setdefault(word, len(numbers)) for word in tokens(truth)]
    count = np.bincount(np.array(owners, dtype=int), minlength=len(blocks)).astype(
        float
    )
    found = np.zeros(len(blocks))
    for step in LCSseq.opcodes(words, wanted):
        if step.tag != "equal":
            continue
        here = np.bincount(owners[step.src_start : step.src_end], minlength=len(blocks))
        found += np.where((here >= RUN_LEAST) | (here == count), here, 0)
    return found / np.maximum(count, 1)


def _by_segments(blocks: list[Any], case: Case) -> Any:
    found = np.full(len(blocks), np.nan)
    for segments, label in ((case.unwanted, 0.0), (case.wanted, 1.0)):
        folded = [" ".join(one.split()) for one in segments if len(one) > 2]
        for place, block in enumerate(blocks):
            if any(one in block.text for one in folded):
                found[place] = label
    return found


def matrix(samples: list[Sample], rows: list[Any]) -> tuple[Any, Any, Any]:
    """Rows, labels and weights of all blocks of which something is known."""
    x, y, w = [], [], []
    for one, numbers in zip(samples, rows, strict=True):
        known = ~np.isnan(one.labels)
        if not known.any():
            continue
        weight = np.sqrt(np.maximum(one.size[known], 1))
        weight *= (
            (PAGE_WORDS / max(weight.sum(), PAGE_WORDS)) ** PAGE_POWER
            if one.case.whole
            else SEGMENT_WEIGHT
        )
        x.append(numbers[known])
        y.append((one.labels[known] >= COVERED).astype(int))
        w.append(weight)
    return np.concatenate(x), np.concatenate(y), np.concatenate(w)


def train(samples: list[Sample], rows: list[Any]) -> lightgbm.Booster:
    """Trees for these pages."""
    x, y, w = matrix(samples, rows)
    return lightgbm.train(SETTINGS, lightgbm.Dataset(x, y, weight=w), ROUNDS)


def out_of_fold(samples: list[Sample], rows: list[Any], folds: int) -> list[Any]:
    """For each page the opinion of trees that saw no page of its site."""
    of = [fold(one.case, folds) for one in samples]
    found: list[Any] = [None] * len(samples)
    for part in range(folds):
        rest = [place for place, one in enumerate(of) if one != part]
        trees = train(
            [samples[place] for place in rest], [rows[place] for place in rest]
        )
        for place, one in enumerate(of):
            if one == part:
                found[place] = (
                    trees.predict(rows[place]) if len(rows[place]) else np.zeros(0)
                )
    return found


def text(one: Sample, opinion: Any) -> tuple[str, bool]:
    """What would be read with this opinion, and whether the second one was heard."""
    opinion = decoding.boost_standfirsts(one.rows, opinion)
    kept, expected = decoding.select_blocks(opinion, one.size)
    kept = decoding.add_table_cells(one.blocks, kept, opinion)
    kept = decoding.remove_pull_quotes(one.blocks, kept, np.ones(len(kept), dtype=bool))
    found = block_lines(
        [block for block, keep in zip(one.blocks, kept, strict=True) if keep]
    )
    doubt = 1 - expected > body.MAX_MODEL_UNCERTAINTY
    ours, theirs = sum(map(len, found)), len(one.other)
    if (
        doubt
        and theirs >= body.MIN_TRAFILATURA_LENGTH
        and (
            ours > body.MAX_LENGTH_RATIO * theirs
            or theirs > body.MAX_LENGTH_RATIO * ours
        )
    ):
        found = one.other.split("\n")
    return "\n".join(strip_frame(found, one.title, one.names)), doubt


def report(samples: list[Sample], opinions: list[Any]) -> None:
    """Print the word error against trafilatura's, per set and, where the whole text is known, per language."""
    sets = {name: (Tally(), Tally()) for name in SETS}
    languages: dict[str, tuple[Tally, Tally]] = {}
    asked = 0
    for one, opinion in zip(samples, opinions, strict=True):
        if one.case.set not in sets:
            continue
        read, doubt = text(one, opinion)
        asked += doubt
        tallies = [sets[one.case.set]]
        if one.case.whole:
            tallies.append(
                languages.setdefault(
                    one.case.language or "not stated", (Tally(), Tally())
                )
            )
        for other, ours in tallies:
            other.add(one.peer, one.case)
            ours.add(read, one.case)
    ratios = [_ratio(*both) for both in sets.values() if both[0].pages]
    share = f"a second opinion heard on {asked / sum(both[0].pages for both in sets.values()):.3f} of the pages"
    often = sorted(languages.items(), key=lambda one: (-one[1][0].pages, one[0]))
    rows = [_row(name, *both) for name, both in sets.items() if both[0].pages]
    table(
        [
            *rows,
            (
                "mean of errors; worst",
                f"{np.mean(ratios):.3f}; {max(ratios):.3f}",
                share,
            ),
        ]
    )
    print()
    table(
        [
            _row(f"language {name}", *both)
            for name, both in often
            if both[0].pages >= LANGUAGE_LEAST
        ]
    )


def _ratio(other: Tally, ours: Tally) -> float:
    return (1 - ours.f1) / max(1 - other.f1, 1e-9)


def _row(name: str, other: Tally, ours: Tally) -> tuple[str, str, str]:
    exact = (
        f"exact {ours.exact / ours.pages:.2f} ({other.exact / other.pages:.2f})"
        if ours.scores
        else "by segments"
    )
    error = _ratio(other, ours)
    return (
        f"{name}, {ours.pages} pages",
        f"{ours.f1:.4f} ({other.f1:.4f})",
        f"error {error:.3f} of trafilatura's, {exact}",
    )


def dumped(booster: lightgbm.Booster) -> list[Any]:
    """Trees as nested lists [column, threshold, left, right], leaves in millionths."""

    def node(one: dict[str, Any]) -> Any:
        if "left_child" not in one:
            return round(one["leaf_value"] * 1_000_000)
        threshold = float(
            np.format_float_positional(np.float32(one["threshold"]), unique=True)
        )
        return [
            one["split_feature"],
            threshold,
            node(one["left_child"]),
            node(one["right_child"]),
        ]

    return [node(one["tree_structure"]) for one in booster.dump_model()["tree_info"]]


def write(booster: lightgbm.Booster, count: int) -> None:
    """The model's file; its version, made of the trees, stands first."""
    grown = dumped(booster)
    version = hashlib.sha256(json.dumps(grown).encode()).hexdigest()[:8]
    model = {
        "version": version,
        "pages": count,
        "sets": [*SETS, *MORE],
        "columns": features.FEATURE_NAMES,
        "trees": grown,
    }
    FILE.write_text(json.dumps(model, separators=(",", ":")) + "\n", "ascii")
    print(
        f"{FILE.relative_to(ROOT)}: {FILE.stat().st_size} bytes, version {version}, from {count} pages",
        file=sys.stderr,
    )


def main() -> None:
    """Train, report, write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true")
    options.add_argument("--folds", type=int, default=3)
    options.add_argument("--limit", type=int, default=0)
    given = options.parse_args()
    found = list(cases(*SETS, *MORE))[: given.limit or None]
    with ProcessPoolExecutor(2) as pool:
        samples = [
            one for one in pool.map(sample, found, chunksize=16) if one is not None
        ]
    rows = [one.rows for one in samples]
    report(samples, out_of_fold(samples, rows, given.folds))
    if given.write:
        write(train(samples, rows), len(samples))


if __name__ == "__main__":
    main()
