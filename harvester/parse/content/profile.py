"""What an outlet's pages have in common, learned from its own captures.

A *signature* is the position of a block as the template of its page names it (see
``page_blocks.Node``). Each page gives it one vote: the share of what is there that is
article, according to the outlet's own full text or a person. The model's scores are no
votes: it errs the same way on every page. A *line* that several pages have at the same
position belongs to the outlet, not to the article.

The same pages give the same profile, and the same bytes read with the same profile give
the same text. Rules and limits were measured on 72 outlets of 40 pages, see
``docs/reading.md``.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from harvester.parse.content.page_blocks import (
    HEADING_BITS,
    Block,
    self_and_ancestors,
)
from harvester.parse.content.text_overlap import alphanumeric_text, shares_in_text

MIN_LABELLED_PAGES = 3  # from which on a signature's votes count
MODEL_WEIGHT_PAGES = 3.0  # the model's score weighs as much as votes of so many pages
MIN_VOTE_SHARE = 0.005  # no share of votes counts as more certain than this
MIN_REPEATED_PAGES = 3  # pages that must have a line …
MIN_REPEATED_SHARE = 0.5  # … and their share of those that have its signature
# Share of article blocks that recur now and then. Above it, repeated lines mean
# nothing: weather, markets, running stories.
MAX_RECURRING_SHARE = 0.15
# Of a page's text, what repeated lines may remove. If it is more, only long lines are
# removed, and only if many pages were learned from: of three pages all may be the same
# article, and short lines recur in reports of the weather.
MAX_DROPPED_SHARE = 0.35
MAX_DROPPED_SHARE_OF_MANY = 0.95
MANY_PAGES = 10
MIN_LONG_LINE_LENGTH = 300  # characters
# Share of the text on which signatures and lines alone must have agreed with labels,
# for the profile to select the text without the model.
MIN_AGREEMENT = 0.985
MAX_UNKNOWN_SHARE = 0.01  # of a page's text at unknown signatures, without the model
MAX_LINES = 2_000  # remembered of one outlet
MAX_SIGNATURES = 4_000
MAX_LINE_LENGTH = 2_000  # characters
MAX_PREFIX_LENGTH = 60  # characters up to the colon of "Read more: …"
MAX_PREFIX_WORDS = 5
MAX_PREFIX_POSITION = 4  # from the start or the end of the blocks of a signature
MIN_LINKED_SHARE = 0.4  # of a line's characters, for it to be a link
Vector = Any  # numpy.ndarray

REASONS = ("model", "place", "repeated line", "labelled line")
_MODEL, _SIGNATURE, _REPEATED_LINE, _LABELLED_LINE = range(len(REASONS))


@dataclass(frozen=True, slots=True)
class SignatureStats:
    """What is known of a signature."""

    pages: int
    labelled_pages: int
    selected_share: float  # of its text that was selected
    article_share: float  # of its text that is article by labels


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of an outlet's pages."""

    digest: str = ""  # of the content
    pages: int = 0
    labelled_pages: int = 0
    is_reliable: bool = False  # may select the text without the model
    signatures: Mapping[str, SignatureStats] = field(default_factory=dict)
    # Lines, and beginnings of lines, that are removed.
    repeated_line_hashes: frozenset[str] = frozenset()
    # Repeated lines that are article by labels.
    article_line_hashes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """One page to learn from."""

    blocks: Sequence[Block]
    scores: Vector  # of the model
    selected: Vector
    labels: Vector  # 1: article, 0: not, -1: unknown


@dataclass(frozen=True, slots=True)
class AdjustedScores:
    """The scores of a page's blocks, adjusted by a profile."""

    scores: Vector
    reasons: Vector  # index into REASONS for each block


# ---- signatures and lines


def short_hash(text: str) -> str:
    """A hash of 16 hexadecimal digits."""
    return hashlib.blake2b(
        text.encode("utf-8", "surrogatepass"), digest_size=8
    ).hexdigest()


def _block_signatures(blocks: Sequence[Block]) -> list[str]:
    return [block.node.signature for block in blocks]


def _block_lengths(blocks: Sequence[Block]) -> Vector:
    return np.array([len(block.text) for block in blocks], dtype=np.float64)


CONTEXTS = 3  # of a block


def context_signatures(blocks: Sequence[Block]) -> list[tuple[str, ...]]:
    """For each block three narrower signatures, the better one first.

    They add the signature of the next block; the next one that is different; the next
    and the one before. What follows an article in the same markup as its paragraphs, or
    a box between them, differs from them only in that.
    """
    return _context_signatures(_block_signatures(blocks))


def _context_signatures(signatures: Sequence[str]) -> list[tuple[str, ...]]:
    contexts: list[tuple[str, ...]] = []
    following = different = ""
    before = ("", *signatures)[: len(signatures)]
    for signature, previous in zip(reversed(signatures), reversed(before), strict=True):
        if following != signature:
            different = following
        contexts.append(
            (
                f"{signature}>{following}",
                f"{signature}>>{different}",
                f"{signature}>{following}<{previous}",
            )
        )
        following = signature
    return contexts[::-1]


def _find_stats(
    stats_by_signature: Mapping[str, SignatureStats],
    signature: str,
    contexts: tuple[str, ...],
) -> SignatureStats | None:
    """What is known of a signature, or of a narrower one that is decisive instead."""
    stats = stats_by_signature.get(signature)
    if stats is None or _is_decisive(stats):
        return stats
    min_labelled = min(stats.labelled_pages, MIN_LABELLED_PAGES)
    for context in contexts:
        narrower = stats_by_signature.get(context)
        if (
            narrower is not None
            and _is_decisive(narrower)
            and narrower.labelled_pages >= min_labelled
        ):
            return narrower
    return stats


def _has_votes(stats: SignatureStats) -> bool:
    return stats.labelled_pages >= MIN_LABELLED_PAGES


def _best_share(stats: SignatureStats) -> float:
    """The share that is article, by labels if there are enough, else as selected."""
    return stats.article_share if _has_votes(stats) else stats.selected_share


def _is_decisive(stats: SignatureStats) -> bool:
    """Whether nearly all of a signature is article, or nearly nothing."""
    return not 1 - MIN_AGREEMENT < _best_share(stats) < MIN_AGREEMENT


def _line_hash(signature: str, text: str) -> str:
    return _cached_line_hash(signature, text) if len(text) <= MAX_LINE_LENGTH else ""


@lru_cache(maxsize=4096)  # an outlet repeats the same lines on each of its pages
def _cached_line_hash(signature: str, text: str) -> str:
    return short_hash(_line_key(signature, text))


def _line_key(signature: str, text: str) -> str:
    """A line at a signature."""
    return f"{signature}={' '.join(text.lower().split())}"


def _prefix_of(text: str) -> str:
    """A beginning like "read more" of "Read more: …"; "" if the line has none."""
    start = text[:MAX_PREFIX_LENGTH]
    if ":" not in start:
        return ""
    prefix, _, rest = start.partition(":")
    if not rest.strip() or len(prefix.split()) > MAX_PREFIX_WORDS:
        return ""
    return prefix.strip().lower()


def _prefix_keys(
    blocks: Sequence[Block], signatures: Sequence[str]
) -> list[tuple[str, ...]]:
    """For each block, the keys of its beginning; none if the article may begin so.

    Articles have recurring beginnings too: datelines, and the names of who speaks. So a
    beginning counts only where the line is a link, or where the beginning occurs once
    and at a certain place: the first, second … from the start or the end of all blocks
    of its signature, but not the very first of them.
    """
    keys: list[tuple[str, ...]] = [()] * len(blocks)
    prefixes = [_prefix_of(block.text) for block in blocks]
    if not any(prefixes):
        return keys
    occurrences = Counter(zip(signatures, prefixes, strict=True))
    positions: dict[str, list[int]] = {}
    for index, signature in enumerate(signatures):
        positions.setdefault(signature, []).append(index)
    for signature, indices in positions.items():
        count = len(indices)
        for position, index in enumerate(indices):
            prefix = prefixes[index]
            if not prefix:
                continue
            places: list[str] = []
            block = blocks[index]
            if block.linked_chars >= MIN_LINKED_SHARE * len(block.text):
                places.append("link")
            if occurrences[signature, prefix] == 1 and (position or count == 1):
                if position < MAX_PREFIX_POSITION:
                    places.append(f"{position}")
                if count - position <= MAX_PREFIX_POSITION:
                    places.append(f"-{count - position}")
            keys[index] = tuple(f"{signature}^{place}^{prefix}" for place in places)
    return keys


def repeated_line_flags(
    profile: Profile, blocks: Sequence[Block], signatures: Sequence[str] = ()
) -> list[bool]:
    """For each block, whether the outlet repeats it, or a line that begins like it."""
    signatures = signatures or _block_signatures(blocks)
    hashes = profile.repeated_line_hashes
    if not hashes:
        return [False] * len(blocks)
    return [
        _line_hash(signature, block.text) in hashes
        or any(short_hash(key) in hashes for key in keys)
        for block, signature, keys in zip(
            blocks, signatures, _prefix_keys(blocks, signatures), strict=True
        )
    ]


def _is_article_line(profile: Profile, signature: str, text: str) -> bool:
    return (
        bool(profile.article_line_hashes)
        and _line_hash(signature, text) in profile.article_line_hashes
    )


# ---- learning a profile


def learn_profile(pages: Sequence[LabelledPage]) -> Profile:
    """The profile of an outlet, learned from these pages."""
    page_signatures = [_block_signatures(page.blocks) for page in pages]
    stats = _learn_signatures(pages, page_signatures)
    stats |= _learn_contexts(pages, page_signatures, stats)
    repeated, article = _learn_lines(pages, page_signatures, stats)
    labelled = sum(1 for page in pages if bool((np.asarray(page.labels) >= 0).any()))
    draft = Profile("", len(pages), labelled, False, stats, repeated, article)
    is_reliable = (
        len(pages) >= MIN_LABELLED_PAGES and _agreement(draft, pages) >= MIN_AGREEMENT
    )
    return from_json(to_json(replace(draft, is_reliable=is_reliable)))


def _learn_signatures(
    pages: Sequence[LabelledPage],
    page_signatures: list[list[str]],
    min_pages: int = 1,
) -> dict[str, SignatureStats]:
    """Count the votes of the pages for each signature that so many of them have."""
    votes: dict[str, list[tuple[float, float | None]]] = {}
    for page, signatures in zip(pages, page_signatures, strict=True):
        for signature, selected_share, article_share in _page_votes(page, signatures):
            votes.setdefault(signature, []).append((selected_share, article_share))
    stats = {}
    for signature, cast in votes.items():
        if len(cast) < min_pages:
            continue
        labelled = [share for _, share in cast if share is not None]
        selected_share = sum(share for share, _ in cast) / len(cast)
        stats[signature] = SignatureStats(
            len(cast),
            len(labelled),
            round(selected_share, 4),
            round(sum(labelled) / len(labelled), 4) if labelled else 0.0,
        )
    if len(stats) > MAX_SIGNATURES:
        by_pages = sorted(
            stats, key=lambda signature: (-stats[signature].pages, signature)
        )
        stats = {signature: stats[signature] for signature in by_pages[:MAX_SIGNATURES]}
    return dict(sorted(stats.items()))


def _page_votes(
    page: LabelledPage, signatures: list[str]
) -> Iterator[tuple[str, float, float | None]]:
    """For each signature of a page: (signature, share selected, share article).

    The share that is article is None where no label says anything.
    """
    numbers: dict[str, int] = {}
    groups = np.array(
        [numbers.setdefault(signature, len(numbers)) for signature in signatures],
        dtype=np.intp,
    )
    lengths, labels = _block_lengths(page.blocks), np.asarray(page.labels)
    sums = [
        np.bincount(groups, weights=lengths * weights).tolist()
        for weights in (
            np.ones(len(lengths)),
            np.asarray(page.selected, dtype=bool),
            labels >= 0,
            np.maximum(labels, 0),
        )
    ]
    for signature, total, selected, known, article in zip(numbers, *sums, strict=True):
        yield (
            signature,
            selected / max(total, 1.0),
            article / known if known else None,
        )


def _learn_contexts(
    pages: Sequence[LabelledPage],
    page_signatures: list[list[str]],
    stats: Mapping[str, SignatureStats],
) -> dict[str, SignatureStats]:
    """What is known of narrower signatures, where the whole one is not decisive."""
    unclear = {signature for signature, one in stats.items() if not _is_decisive(one)}
    page_contexts = [_context_signatures(signatures) for signatures in page_signatures]
    contexts: dict[str, SignatureStats] = {}
    for which in range(CONTEXTS):
        narrower = _learn_signatures(
            pages,
            [[pair[which] for pair in pairs] for pairs in page_contexts],
            MIN_REPEATED_PAGES,
        )
        contexts |= {
            context: one
            for context, one in narrower.items()
            if context.partition(">")[0] in unclear
        }
    return contexts


def _learn_lines(
    pages: Sequence[LabelledPage],
    page_signatures: list[list[str]],
    stats_by_signature: Mapping[str, SignatureStats],
) -> tuple[frozenset[str], frozenset[str]]:
    """The hashes of repeated lines to remove, and of those that are article."""
    page_counts: Counter[str] = Counter()
    article_shares: dict[str, list[float]] = {}
    page_lines: list[list[str]] = []
    for page, signatures in zip(pages, page_signatures, strict=True):
        lines = _page_line_keys(page.blocks, signatures)
        prefixes = _prefix_keys(page.blocks, signatures)
        labelled = [
            (key, label)
            for line, keys, label in zip(lines, prefixes, page.labels, strict=True)
            for key in (line, *keys)
            if key
        ]
        page_counts.update({key for key, _ in labelled})
        page_lines.append(lines)
        for key, share in _article_shares(labelled):
            article_shares.setdefault(key, []).append(share)
    removed, article = [], []
    recurring = _recurring_share(pages, page_lines, page_counts) > MAX_RECURRING_SHARE
    for key, count in page_counts.items():
        if count < MIN_REPEATED_PAGES:
            continue
        if key in article_shares:  # labels decide
            share = sum(article_shares[key]) / len(article_shares[key])
            if share >= 0.5:
                article.append((-count, short_hash(key)))
            elif share < 0.1:
                removed.append((-count, short_hash(key)))
            continue
        stats = stats_by_signature.get(re.split("[=^]", key, maxsplit=1)[0])
        if (
            not recurring
            and stats is not None
            and count >= MIN_REPEATED_SHARE * stats.pages
        ):
            removed.append((-count, short_hash(key)))
    return _most_frequent(removed), _most_frequent(article)


def _most_frequent(counted_hashes: list[tuple[int, str]]) -> frozenset[str]:
    return frozenset(hashed for _, hashed in sorted(counted_hashes)[:MAX_LINES])


def _page_line_keys(blocks: Sequence[Block], signatures: list[str]) -> list[str]:
    """For each block its line key; "" where the line is too long."""
    return [
        _line_key(signature, block.text) if len(block.text) <= MAX_LINE_LENGTH else ""
        for block, signature in zip(blocks, signatures, strict=True)
    ]


def _article_shares(
    line_labels: Iterable[tuple[str, Any]],
) -> Iterator[tuple[str, float]]:
    """For each labelled line of a page, the share of times that it is article."""
    labels_by_line: dict[str, list[float]] = {}
    for line, label in line_labels:
        if label >= 0:
            labels_by_line.setdefault(line, []).append(float(label))
    return (
        (line, sum(labels) / len(labels)) for line, labels in labels_by_line.items()
    )


def _recurring_share(
    pages: Sequence[LabelledPage],
    page_lines: list[list[str]],
    page_counts: Mapping[str, int],
) -> float:
    """The share of article blocks that several pages have, but not most of them.

    Such blocks are part of running content, not of the template.
    """
    total = recurring = 0
    most = max(3, MIN_REPEATED_SHARE * len(pages))
    for page, lines in zip(pages, page_lines, strict=True):
        article: Vector = np.where(page.labels >= 0, page.labels, page.selected)
        for index in np.flatnonzero(article >= 0.5).tolist():
            total += 1
            recurring += 1 < page_counts.get(lines[index], 0) < most
    return recurring / max(total, 1)


def _agreement(draft: Profile, pages: Sequence[LabelledPage]) -> float:
    """The share of text on which the draft alone agrees with the labels.

    Where nothing is labelled, with what was selected less the repeated lines.
    """
    agreed = total = 0.0
    for page in pages:
        signatures = _block_signatures(page.blocks)
        flags = repeated_line_flags(draft, page.blocks, signatures)
        by_profile, _ = _select_by_signatures(draft, page.blocks, flags)
        repeated = _find_repeated(
            draft, page.blocks, signatures, np.asarray(page.selected).tolist(), flags
        )
        expected = np.where(
            page.labels >= 0, page.labels > 0, page.selected & ~repeated
        )
        lengths = _block_lengths(page.blocks)
        total += float(lengths[by_profile | expected].sum())
        agreed += float(lengths[by_profile & expected].sum())
    return agreed / total if total else 0.0


# ---- reading with a profile


def adjust_scores(
    profile: Profile, blocks: Sequence[Block], scores: Vector
) -> AdjustedScores:
    """The model's scores of a page's blocks, adjusted by the outlet's profile."""
    signatures = _block_signatures(blocks)
    contexts = _context_signatures(signatures)
    adjusted = np.array(scores, dtype=np.float64)
    reasons = np.full(len(blocks), _MODEL, dtype=np.int8)
    for index, signature in enumerate(signatures):
        stats = _find_stats(profile.signatures, signature, contexts[index])
        if stats is not None and _has_votes(stats):
            adjusted[index] = _mix(float(scores[index]), stats)
            reasons[index] = _SIGNATURE
    repeated = _find_repeated(profile, blocks, signatures, (adjusted >= 0.5).tolist())
    for index, (block, signature) in enumerate(zip(blocks, signatures, strict=True)):
        if _is_article_line(profile, signature, block.text):
            adjusted[index], reasons[index] = 1 - MIN_VOTE_SHARE, _LABELLED_LINE
        elif repeated[index]:
            adjusted[index], reasons[index] = 0.0, _REPEATED_LINE
    return AdjustedScores(adjusted, reasons)


def _mix(score: float, stats: SignatureStats) -> float:
    """The weighted mean of a score and the votes of a signature, in log odds."""
    mixed = MODEL_WEIGHT_PAGES * _logit(score) + stats.labelled_pages * _logit(
        stats.article_share
    )
    return 1 / (1 + math.exp(-mixed / (MODEL_WEIGHT_PAGES + stats.labelled_pages)))


def _logit(share: float) -> float:
    share = min(max(share, MIN_VOTE_SHARE), 1 - MIN_VOTE_SHARE)
    return math.log(share / (1 - share))


def select_by_profile(profile: Profile, blocks: Sequence[Block]) -> Vector | None:
    """Which blocks are the text, by the profile alone; None if it is not reliable."""
    if not profile.is_reliable:
        return None
    selected, unknown = _select_by_signatures(profile, blocks)
    lengths = _block_lengths(blocks)
    if not selected.any() or lengths[unknown].sum() > MAX_UNKNOWN_SHARE * lengths.sum():
        return None
    return selected


def _select_by_signatures(
    profile: Profile, blocks: Sequence[Block], flags: Sequence[bool] = ()
) -> tuple[Vector, Vector]:
    """Which blocks are the text by signatures and lines, and which are unknown.

    ``flags``: of ``repeated_line_flags``, if known.
    """
    signatures = _block_signatures(blocks)
    selected, unknown = [], []
    for signature, contexts in zip(
        signatures, _context_signatures(signatures), strict=True
    ):
        stats = _find_stats(profile.signatures, signature, contexts)
        unknown.append(stats is None)
        selected.append(stats is not None and _best_share(stats) >= 0.5)
    repeated = _find_repeated(profile, blocks, signatures, selected, flags)
    selected = [
        is_selected or _is_article_line(profile, signature, block.text)
        for is_selected, block, signature in zip(
            selected, blocks, signatures, strict=True
        )
    ]
    return np.array(selected, dtype=bool) & ~repeated, np.array(unknown, dtype=bool)


def _find_repeated(
    profile: Profile,
    blocks: Sequence[Block],
    signatures: Sequence[str],
    selected: Sequence[bool],
    flags: Sequence[bool] = (),
) -> Vector:
    """The blocks that are repeated lines; none if that is too much of the page.

    ``flags``: of ``repeated_line_flags``, if known.
    """
    repeated = np.zeros(len(blocks), dtype=bool)
    if not profile.repeated_line_hashes:
        return repeated
    flags = flags or repeated_line_flags(profile, blocks, signatures)
    for index, (block, signature) in enumerate(zip(blocks, signatures, strict=True)):
        repeated[index] = flags[index] and not _is_article_heading(
            profile, block, signature
        )
    lengths = np.where(selected, _block_lengths(blocks), 0.0)
    total = float(lengths.sum())
    if float(lengths[repeated].sum()) <= MAX_DROPPED_SHARE * total:
        return repeated
    is_long = np.array([len(block.text) >= MIN_LONG_LINE_LENGTH for block in blocks])
    repeated &= is_long & (profile.pages >= MANY_PAGES)
    if float(lengths[repeated].sum()) > MAX_DROPPED_SHARE_OF_MANY * total:
        return np.zeros(len(blocks), dtype=bool)
    return repeated


def _is_article_heading(profile: Profile, block: Block, signature: str) -> bool:
    """Whether a block is a heading where labels say that headings are article."""
    if not block.node.tags & HEADING_BITS:
        return False
    stats = profile.signatures.get(signature)
    return stats is not None and _has_votes(stats) and stats.article_share > 0.5


def explain_block(
    profile: Profile, block: Block, contexts: tuple[str, ...], is_repeated: bool
) -> tuple[str, int, float]:
    """What a profile alone says of a block: (reason, pages, share).

    The reason is one of REASONS, or "profile": its signature, without labels. From so
    many pages the signature is known, and such a share of it is article.
    ``is_repeated``: see ``repeated_line_flags``.
    """
    signature = block.node.signature
    stats = _find_stats(profile.signatures, signature, contexts)
    reason, pages, share = "profile", 0, 0.0
    if stats is not None:
        pages, share = stats.pages, _best_share(stats)
        if _has_votes(stats):
            reason, pages = REASONS[_SIGNATURE], stats.labelled_pages
    if _is_article_line(profile, signature, block.text):
        reason = REASONS[_LABELLED_LINE]
    elif is_repeated:
        reason = REASONS[_REPEATED_LINE]
    return reason, pages, share


# ---- as stored


def to_json(profile: Profile) -> str:
    """The profile as JSON, the same for the same profile."""
    body = {
        "pages": profile.pages,
        "labelled": profile.labelled_pages,
        "sure": profile.is_reliable,
        "places": {
            signature: [
                stats.pages,
                stats.labelled_pages,
                stats.selected_share,
                stats.article_share,
            ]
            for signature, stats in sorted(profile.signatures.items())
        },
        "repeated": sorted(profile.repeated_line_hashes),
        "wanted": sorted(profile.article_line_hashes),
    }
    return json.dumps(body, separators=(",", ":"))


@lru_cache(maxsize=64)
def from_json(json_text: str) -> Profile:
    """A profile from its JSON, whose digest it gets.

    Raises ValueError, KeyError or TypeError if it is not a profile.
    """
    body = json.loads(json_text)
    return Profile(
        hashlib.sha256(json_text.encode()).hexdigest()[:12],
        body["pages"],
        body["labelled"],
        body["sure"],
        {
            signature: SignatureStats(*fields)
            for signature, fields in body["places"].items()
        },
        frozenset(body["repeated"]),
        frozenset(body["wanted"]),
    )


# ---- labels

# A shorter block is labelled only if it is a whole line of the text, or between two
# blocks that are article.
MIN_LABELLED_BLOCK_LENGTH = 25  # characters
MIN_MATCHED_SHARE = 0.3  # with less of it on the page, the text is another page's
MIN_FULL_TEXT_SHARE = 0.7  # of the selected text; a shorter full text is an excerpt


def labels_from_text(
    blocks: Sequence[Block], true_text: str, selected: Vector
) -> Vector:
    """Labels of the blocks by the article's true text: 1 article, 0 not, -1 unknown.

    A text much shorter than what was selected may be an excerpt: it says nothing of
    what follows it in the same container.
    """
    labels = _match_blocks(blocks, true_text)
    lengths = np.array([len(block.text) for block in blocks])
    matched = int(lengths[labels == 1].sum())
    if matched < MIN_MATCHED_SHARE * max(len(true_text), 1):
        return no_labels(len(blocks))
    selected_length = int(lengths[np.asarray(selected, dtype=bool)].sum())
    if matched < MIN_FULL_TEXT_SHARE * selected_length:
        _unlabel_rest(blocks, labels)
    return labels


def _match_blocks(blocks: Sequence[Block], true_text: str) -> Vector:
    """For each block, 1 if it is in the text, else 0."""
    # A block that is a whole line is that line and no other: a headline may also be the
    # beginning of the first sentence.
    lines = {
        letters: line
        for line in true_text.split("\n")
        if (letters := alphanumeric_text(line))
    }
    block_letters = [alphanumeric_text(block.text) for block in blocks]
    whole_lines = lines.keys() & set(block_letters)
    rest = "\n".join(
        line for letters, line in lines.items() if letters not in whole_lines
    )
    shares = shares_in_text(blocks, rest)
    is_long = np.array(
        [len(block.text) >= MIN_LABELLED_BLOCK_LENGTH for block in blocks], dtype=bool
    )
    is_whole_line = [letters in whole_lines for letters in block_letters]
    labels = np.where(
        is_whole_line, 1, np.where(is_long & (shares >= 0.5), 1, 0)
    ).astype(np.int8)
    for index in range(1, len(blocks) - 1):
        if (
            not labels[index]
            and not is_long[index]
            and shares[index] >= 1
            and labels[index - 1] == labels[index + 1] == 1
        ):
            labels[index] = 1
    return labels


def _unlabel_rest(blocks: Sequence[Block], labels: Vector) -> None:
    """Set the labels after the last article block in its containers to unknown."""
    last = int(np.flatnonzero(labels == 1)[-1])
    containers = {
        block.node.parent.index
        for block, label in zip(blocks, labels, strict=True)
        if label == 1 and block.node.parent
    }
    for index in range(last + 1, len(blocks)):
        ancestors = self_and_ancestors(blocks[index].node)
        if any(ancestor.index in containers for ancestor in ancestors):
            labels[index] = -1


def no_labels(count: int) -> Vector:
    """Labels that say nothing of any block."""
    return np.full(count, -1, dtype=np.int8)


def labels_from_corrections(
    selected: Vector, corrections: Iterable[tuple[int, bool]]
) -> Vector:
    """What was selected as labels, corrected block by block by a person."""
    labels = np.array(selected, dtype=np.int8)
    for index, is_article in corrections:
        if 0 <= index < len(labels):
            labels[index] = int(is_article)
    return labels
