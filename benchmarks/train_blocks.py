"""Train the block model on real pages with known text, and measure it on other sites.

    pip install -e '.[train]'
    python benchmarks/train_blocks.py [--write] [--folds 8] [--limit N] [--cache FILE]

Figures are for sites left out of the training: a site is in one fold, whichever sets
have pages of it. With ``--write`` the trees, trained on all pages, become
``harvester/parse/content/blocks.json``; the same pages and the same LightGBM always
give the same bytes. ``--cache`` keeps what trafilatura extracts, two thirds of the time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import trafilatura
from rapidfuzz.distance import LCSseq

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import ROOT, table
from benchmarks.truth import (
    NEWS,
    SETS,
    TRAINING_SETS,
    Case,
    Tally,
    cases,
    fold,
    tokens,
)
from harvester.parse.content import body, decoding, features
from harvester.parse.content.lines import strip_frame
from harvester.parse.content.page_blocks import Page, split_into_blocks
from harvester.parse.content.trafilatura_text import trafilatura_lines
from harvester.parse.html.charset import decode
from harvester.parse.html.dom import parse_html
from harvester.parse.kinds.other_articles import remove_other_articles
from harvester.parse.metadata import page_metadata
from harvester.parse.script_text import json_ld_text

MODEL_FILE = ROOT / "harvester" / "parse" / "content" / "blocks.json"
ROUNDS = 300
SEED = 7
LEAF_VALUE_SCALE = 1_000_000
SETTINGS = {
    "objective": "binary",
    "num_leaves": 16,
    "learning_rate": 0.08,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.2,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "max_bin": 63,
    "verbose": -1,
    "num_threads": 1,
    "seed": SEED,
    "deterministic": True,
    "force_col_wise": True,
}
CAPTURED_AT = "2026-01-01T00:00:00Z"
MIN_ARTICLE_SHARE = 0.5  # of a block's words in the true text, for it to be article
MIN_RUN_WORDS = 3  # fewer words in a row agree by chance
MIN_LANGUAGE_PAGES = 5  # for a language to be reported
LOST_SCORE, READ_SCORE = (
    0.5,
    0.7,
)  # a page is lost below the first, read from the second
AIMS = {"mean": 0.6, "worst": 0.9}
SEGMENT_WEIGHT = 0.3  # of a block of which only segments are known
# Long pages weigh more, but not as much as they are long.
PAGE_WEIGHT = 30.0
PAGE_WEIGHT_EXPONENT = 0.7


@dataclass(slots=True)
class Sample:
    """One page as feature rows with labels."""

    case: Case
    rows: Any
    word_counts: Any
    labels: Any  # share of words in the true text; NaN where nothing is known
    page: Page
    title: str
    author_names: tuple[str, ...]
    trafilatura_text: str  # the second extraction, as we run it
    baseline_text: str  # what trafilatura's own command prints, to compare with


def read_sample(case: Case, known: Sequence[str] = ()) -> Sample | None:
    """Read a page up to its features; None if it is not HTML.

    ``known``: what trafilatura extracts (the last two fields), from an earlier run.
    """
    tree = parse_html(decode(case.body, ""))
    if tree is None:
        return None
    remove_other_articles(tree, case.url)
    metadata = page_metadata.extract_metadata(tree, case.url, CAPTURED_AT)
    title = metadata.values.get("title", "")
    remove_other_articles(tree, case.url, (title,), metadata.objects)
    description = metadata.values.get("description", "")
    page = split_into_blocks(tree)
    rows = np.zeros((0, len(features.FEATURE_NAMES)), dtype=np.float32)
    if page.blocks:  # a page without blocks stays: its text is missed
        rows = features.feature_matrix(
            page, title, description, json_ld_text(metadata), case.url
        )
    if case.whole:
        labels = _labels_by_text(page.blocks, case.text)
    else:
        labels = _labels_by_segments(page.blocks, case)
    texts = known or (
        "\n".join(trafilatura_lines(tree, fast=True)),
        trafilatura.extract(case.body, include_comments=False) or "",
    )
    # Elements cannot be pickled.
    page.images = [(index, None, node) for index, _, node in page.images]
    for node in page.nodes:
        node.element = None
    return Sample(
        case,
        rows,
        decoding.word_counts(page.blocks),
        labels,
        page,
        title,
        tuple(metadata.values.get("authors", ())),
        *texts,
    )


def _labels_by_text(blocks: list[Any], true_text: str) -> Any:
    """The share of each block's words in the longest common subsequence."""
    numbers: dict[str, int] = {}
    words, owners = [], []
    for index, block in enumerate(blocks):
        for word in tokens(block.text):
            words.append(numbers.setdefault(word, len(numbers)))
            owners.append(index)
    true_words = [numbers.setdefault(word, len(numbers)) for word in tokens(true_text)]
    counts = np.bincount(np.array(owners, dtype=int), minlength=len(blocks)).astype(
        float
    )
    matched = np.zeros(len(blocks))
    for step in LCSseq.opcodes(words, true_words):
        if step.tag != "equal":
            continue
        run = np.bincount(owners[step.src_start : step.src_end], minlength=len(blocks))
        matched += np.where((run >= MIN_RUN_WORDS) | (run == counts), run, 0)
    return matched / np.maximum(counts, 1)


def _labels_by_segments(blocks: list[Any], case: Case) -> Any:
    """1 for blocks with a wanted segment, 0 with an unwanted one, else NaN."""
    labels = np.full(len(blocks), np.nan)
    for segments, label in ((case.unwanted, 0.0), (case.wanted, 1.0)):
        lines = [" ".join(segment.split()) for segment in segments if len(segment) > 2]
        for index, block in enumerate(blocks):
            if any(line in block.text for line in lines):
                labels[index] = label
    return labels


def training_data(samples: list[Sample]) -> tuple[Any, Any, Any]:
    """Rows, labels and weights of all blocks of which something is known."""
    rows, labels, weights = [], [], []
    for sample in samples:
        known = ~np.isnan(sample.labels)
        if not known.any():
            continue
        weight = np.sqrt(np.maximum(sample.word_counts[known], 1))
        if sample.case.whole:
            page_weight = PAGE_WEIGHT / max(weight.sum(), PAGE_WEIGHT)
            weight *= page_weight**PAGE_WEIGHT_EXPONENT
        else:
            weight *= SEGMENT_WEIGHT
        rows.append(sample.rows[known])
        labels.append((sample.labels[known] >= MIN_ARTICLE_SHARE).astype(int))
        weights.append(weight)
    return np.concatenate(rows), np.concatenate(labels), np.concatenate(weights)


def train(samples: list[Sample]) -> lightgbm.Booster:
    """Train the trees on these pages."""
    rows, labels, weights = training_data(samples)
    dataset = lightgbm.Dataset(rows, labels, weight=weights)
    return lightgbm.train(SETTINGS, dataset, ROUNDS)


def out_of_fold_scores(samples: list[Sample], folds: int) -> list[Any]:
    """For each page the scores by trees that were trained on no page of its site."""
    fold_of = [fold(sample.case, folds) for sample in samples]
    scores: list[Any] = [None] * len(samples)
    for held_out in range(folds):
        pairs = list(zip(samples, fold_of, strict=True))
        booster = train([sample for sample, number in pairs if number != held_out])
        for index, (sample, number) in enumerate(pairs):
            if number == held_out:
                scores[index] = (
                    booster.predict(sample.rows) if len(sample.rows) else np.zeros(0)
                )
    return scores


def extract_text(sample: Sample, probabilities: Any) -> tuple[str, bool]:
    """The text with these probabilities, and whether trafilatura was run for it."""
    content = body.select_content(
        sample.page,
        None,
        body.Extractors(
            lambda: body.final_scores(sample.page, sample.rows, probabilities),
            lambda: sample.trafilatura_text.split("\n"),
            list,
        ),
    )
    lines = strip_frame(content.text_lines(), sample.title, sample.author_names)
    return "\n".join(lines), content.trafilatura_lines is not None


@dataclass(slots=True)
class Pair:
    """Our scores and trafilatura's on the same pages."""

    ours: Tally = field(default_factory=Tally)
    theirs: Tally = field(default_factory=Tally)

    def add(self, text: str, sample: Sample) -> None:
        """Count a page."""
        self.ours.add(text, sample.case)
        self.theirs.add(sample.baseline_text, sample.case)

    @property
    def error(self) -> float:
        """Our word error relative to trafilatura's."""
        return (1 - self.ours.f1) / max(1 - self.theirs.f1, 1e-9)

    @property
    def lost(self) -> tuple[int, int]:
        """Pages that only we lose whole, and pages that only trafilatura loses."""
        pairs = list(zip(self.ours.scores, self.theirs.scores, strict=True))
        return (
            sum(our < LOST_SCORE and their >= READ_SCORE for our, their in pairs),
            sum(their < LOST_SCORE and our >= READ_SCORE for our, their in pairs),
        )


def report(samples: list[Sample], scores: list[Any]) -> None:
    """Print the word error relative to trafilatura's: of each set, and by language.

    The mean and the worst are of ``SETS``; languages only of whole texts.
    """
    sets: dict[str, Pair] = {}
    languages: dict[tuple[bool, str], Pair] = {}
    uncertain = 0
    for sample, sample_scores in zip(samples, scores, strict=True):
        case = sample.case
        text, is_uncertain = extract_text(sample, sample_scores)
        uncertain += is_uncertain
        sets.setdefault(case.set, Pair()).add(text, sample)
        if case.whole:
            language = (case.set == NEWS, case.language or "not stated")
            languages.setdefault(language, Pair()).add(text, sample)
    errors = [sets[name].error for name in SETS if name in sets]
    lost = [pair.lost for pair in sets.values()]
    table(
        [
            *(_row(name, sets[name]) for name in TRAINING_SETS if name in sets),
            (
                f"mean of the errors of {len(errors)} sets; worst",
                f"{np.mean(errors):.3f}; {max(errors):.3f}",
                f"aim: at most {AIMS['mean']}; {AIMS['worst']}",
            ),
            (
                "pages lost by us alone; by trafilatura alone",
                "; ".join(str(sum(counts)) for counts in zip(*lost, strict=True)),
                f"trafilatura was run on {uncertain / len(samples):.3f} of the pages",
            ),
        ]
    )
    by_pages = sorted(
        languages.items(), key=lambda item: (-item[1].ours.pages, item[0])
    )
    for is_news in (True, False):
        rows = [
            _row(language, pair)
            for (of_news, language), pair in by_pages
            if of_news is is_news and pair.ours.pages >= MIN_LANGUAGE_PAGES
        ]
        if rows:
            print(f"\n{NEWS if is_news else 'the other sets'} by language")
            table(rows)


def _row(name: str, pair: Pair) -> tuple[str, str, str]:
    pages = pair.ours.pages
    exact = (
        f"exact {pair.ours.exact / pages:.2f} ({pair.theirs.exact / pages:.2f})"
        if pair.ours.scores
        else "by segments"
    )
    return (
        f"{name}, {pages} pages",
        f"{pair.ours.f1:.4f} ({pair.theirs.f1:.4f})",
        f"error {pair.error:.3f} of trafilatura's, {exact}",
    )


def dump_trees(booster: lightgbm.Booster) -> list[Any]:
    """The trees as nested lists [column, threshold, left, right]; integers as leaves."""
    return [
        _dump_node(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]
    ]


def _dump_node(node: dict[str, Any]) -> Any:
    if "left_child" not in node:
        return round(node["leaf_value"] * LEAF_VALUE_SCALE)
    threshold = np.format_float_positional(np.float32(node["threshold"]), unique=True)
    return [
        node["split_feature"],
        float(threshold),
        _dump_node(node["left_child"]),
        _dump_node(node["right_child"]),
    ]


def write_model(booster: lightgbm.Booster, page_count: int) -> None:
    """Write the model's file, which begins with its version, a hash of the trees."""
    trees = dump_trees(booster)
    version = hashlib.sha256(json.dumps(trees).encode()).hexdigest()[:8]
    model = {
        "version": version,
        "pages": page_count,
        "sets": TRAINING_SETS,
        "columns": features.FEATURE_NAMES,
        "trees": trees,
    }
    MODEL_FILE.write_text(json.dumps(model, separators=(",", ":")) + "\n", "ascii")
    print(
        f"{MODEL_FILE.relative_to(ROOT)}: {MODEL_FILE.stat().st_size} bytes,"
        f" version {version}, from {page_count} pages",
        file=sys.stderr,
    )


def main() -> None:
    """Train, report, and write on request."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write the model's file")
    parser.add_argument(
        "--folds", type=int, default=8, help="of the validation; 0: none"
    )
    parser.add_argument("--limit", type=int, default=0, help="read only so many pages")
    parser.add_argument(
        "--cache",
        type=Path,
        help="file that keeps trafilatura's texts for the next run",
    )
    options = parser.parse_args()
    samples = read_samples(options.limit, options.cache)
    if options.folds:
        report(samples, out_of_fold_scores(samples, options.folds))
    if options.write:
        write_model(train(samples), len(samples))


def read_samples(limit: int, cache: Path | None) -> list[Sample]:
    """The pages of all sets; trafilatura's texts from and to the file ``cache``."""
    known: dict[str, list[str]] = {}
    if cache is not None and cache.exists():
        known = json.loads(cache.read_text("utf-8"))
    known_cases = list(cases(*TRAINING_SETS))[: limit or None]
    texts = [known.get(_page_name(case), []) for case in known_cases]
    with ProcessPoolExecutor(2) as pool:
        read = pool.map(read_sample, known_cases, texts, chunksize=16)
        samples = [sample for sample in read if sample is not None]
    if cache is not None:
        for sample in samples:
            known[_page_name(sample.case)] = [
                sample.trafilatura_text,
                sample.baseline_text,
            ]
        cache.write_text(json.dumps(known), "utf-8")
    return samples


def _page_name(case: Case) -> str:
    return f"{case.set}/{case.file}"


if __name__ == "__main__":
    main()
