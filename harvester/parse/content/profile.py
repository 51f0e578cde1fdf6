"""What an outlet's pages have in common, learned from its own captures: where the text stands, and what is repeated. Pure.

A *signature* is the place of a block as its page's template names it; each page gives it one vote: the share of its blocks that
are article, by the outlet's own full text or by a person. Votes of the model change nothing: it errs the same way on every page.
A *line* that stands on several pages at one place is the outlet's, not the article's. The same pages give the same profile, and
the same bytes with the same profile give the same text. Rules and limits: measured on 72 outlets of 40 pages, see ``docs/reading.md``.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from harvester.parse.content.page_blocks import TAG_BITS, Block, self_and_ancestors

MIN_LABELLED_PAGES = 3  # pages with labels, from which on a signature's votes count
MODEL_WEIGHT_PAGES = 3.0  # of the model's opinion, in pages
MIN_VOTE_SHARE = 0.005  # no share of votes is taken for more certain than this
MIN_REPEATED_PAGES = 3  # pages that must have a line …
MIN_REPEATED_SHARE = 0.5  # … of those that have its signature
MAX_RECURRING_SHARE = 0.15  # share of article blocks that repeat now and then, above which lines say nothing: weather, markets, running stories
MAX_DROPPED_SHARE = 0.35  # share of a page's words that lines may take
MIN_AGREEMENT = 0.985  # share of words on which signatures and lines alone must have agreed, for the fast path
MAX_UNKNOWN_SHARE = 0.01  # share of a page's words at unknown places, up to which the fast path is taken
MAX_LINES = 2_000  # remembered of one outlet
MAX_SIGNATURES = 4_000
MAX_LINE_LENGTH = 400  # characters
MIN_FULL_TEXT_SHARE = (
    0.7  # a label with less than this share of the model's words is an excerpt
)
_HEADING_BITS = (
    TAG_BITS["h1"]
    | TAG_BITS["h2"]
    | TAG_BITS["h3"]
    | TAG_BITS["h4"]
    | TAG_BITS["h5"]
    | TAG_BITS["h6"]
)
Vector = Any  # numpy.ndarray


@dataclass(frozen=True, slots=True)
class SignatureStats:
    """What is known of a signature. ``kept``: share of its words that the reading kept; ``wanted``: that labels say are article."""

    pages: int
    labelled_pages: int
    selected_share: float
    article_share: float


@dataclass(frozen=True, slots=True)
class Profile:
    """See the module. ``name`` is made of the content; ``sure``: the fast path may be taken."""

    digest: str = ""
    pages: int = 0
    labelled_pages: int = 0
    is_reliable: bool = False
    signatures: Mapping[str, SignatureStats] = field(default_factory=dict)
    repeated_line_hashes: frozenset[str] = (
        frozenset()
    )  # marks of lines and of beginnings of lines that go
    article_line_hashes: frozenset[str] = (
        frozenset()
    )  # marks of lines that labels say are article, though they are repeated


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """One page to learn from: its blocks, the model's opinion, what was kept, and the labels (1, 0; -1: unknown)."""

    blocks: Sequence[Block]
    scores: Vector
    selected: Vector
    labels: Vector


@dataclass(frozen=True, slots=True)
class AdjustedScores:
    """What a profile says of a page's blocks: the changed opinion, and for each block why (an index into REASONS)."""

    scores: Vector
    reasons: Vector


REASONS = ("model", "place", "repeated line", "labelled line")


def short_hash(text: str) -> str:
    """A short name of a text or signature."""
    return hashlib.blake2b(
        text.encode("utf-8", "surrogatepass"), digest_size=8
    ).hexdigest()


def _block_signatures(blocks: Sequence[Block]) -> list[str]:
    return [block.node.signature for block in blocks]


def _block_lengths(blocks: Sequence[Block]) -> Vector:
    return np.array([len(block.text) for block in blocks], dtype=np.float64)


def _context_signatures(signatures: Sequence[str]) -> list[tuple[str, str]]:
    """The place of each block more narrowly: by the place of the block behind it, and by the next other place. What follows an
    article in a paragraph's own markup differs from its paragraphs by nothing but that."""
    found: list[tuple[str, str]] = []
    behind = border = ""
    for name in reversed(signatures):
        if behind != name:
            border = behind
        found.append((f"{name}>{behind}", f"{name}>>{border}"))
        behind = name
    return found[::-1]


def _find_stats(
    stats_by_signature: Mapping[str, SignatureStats],
    signature: str,
    contexts: tuple[str, str],
) -> SignatureStats | None:
    """What is known of a place; more narrowly, where that is clear and the whole place is now article, now not."""
    known = stats_by_signature.get(signature)
    if known is None or _is_decisive(known):
        return known
    for one in contexts:
        narrow = stats_by_signature.get(one)
        if (
            narrow is not None
            and _is_decisive(narrow)
            and narrow.labelled_pages >= min(known.labelled_pages, MIN_LABELLED_PAGES)
        ):
            return narrow
    return known


def _is_decisive(stats: SignatureStats) -> bool:
    share = (
        stats.article_share
        if stats.labelled_pages >= MIN_LABELLED_PAGES
        else stats.selected_share
    )
    return not 1 - MIN_AGREEMENT < share < MIN_AGREEMENT


def _line_hash(signature: str, text: str) -> str:
    return _cached_line_hash(signature, text) if len(text) <= MAX_LINE_LENGTH else ""


@lru_cache(maxsize=4096)  # what an outlet repeats is asked about on each of its pages
def _cached_line_hash(signature: str, text: str) -> str:
    return short_hash(_line_key(signature, text))


def _line_key(signature: str, text: str) -> str:
    """A line as it is known at a place."""
    return f"{signature}={' '.join(text.lower().split())}"


def _prefix_hash(signature: str, text: str) -> str:
    """The mark of what stands before a colon: "Read more: …"."""
    head = _prefix_key(signature, text)
    return short_hash(head) if head else ""


def _prefix_key(signature: str, text: str) -> str:
    if ":" not in text[:60]:
        return ""
    head, _, rest = text[:60].partition(":")
    return (
        f"{signature}^{head.strip().lower()}"
        if rest.strip() and len(head.split()) <= 5
        else ""
    )


# ---- to learn


def learn_profile(pages: Sequence[LabelledPage]) -> Profile:
    """The profile that these pages of one outlet give."""
    signatures = [_block_signatures(page.blocks) for page in pages]
    narrower = [_context_signatures(names) for names in signatures]
    places = _learn_signatures(pages, signatures)
    unclear = {name for name, one in places.items() if not _is_decisive(one)}
    for which in (0, 1):
        narrow = _learn_signatures(
            pages, [[one[which] for one in found] for found in narrower]
        )
        places |= {
            name: one
            for name, one in narrow.items()
            if one.pages >= MIN_REPEATED_PAGES and name.partition(">")[0] in unclear
        }
    repeated, wanted = _learn_lines(pages, signatures, places)
    labelled = sum(1 for page in pages if bool((np.asarray(page.labels) >= 0).any()))
    draft = Profile("", len(pages), labelled, False, places, repeated, wanted)
    return _with_digest(
        draft,
        is_reliable=len(pages) >= MIN_LABELLED_PAGES
        and _agreement(draft, pages) >= MIN_AGREEMENT,
    )


def _learn_signatures(
    pages: Sequence[LabelledPage], page_signatures: list[list[str]]
) -> dict[str, SignatureStats]:
    votes: dict[str, list[tuple[float, float | None]]] = {}
    for page, names in zip(pages, page_signatures, strict=True):
        numbers: dict[str, int] = {}
        which = np.array(
            [numbers.setdefault(name, len(numbers)) for name in names], dtype=np.intp
        )
        size, labels = _block_lengths(page.blocks), np.asarray(page.labels)
        sums = [
            np.bincount(which, weights=size * one).tolist()
            for one in (
                np.ones(len(size)),
                np.asarray(page.selected, dtype=bool),
                labels >= 0,
                np.maximum(labels, 0),
            )
        ]
        for name, whole, kept, known, good in zip(numbers, *sums, strict=True):
            votes.setdefault(name, []).append(
                (kept / max(whole, 1.0), good / known if known else None)
            )
    found = {}
    for name, cast in votes.items():
        stated = [one for _, one in cast if one is not None]
        kept_share = sum(one for one, _ in cast) / len(cast)
        found[name] = SignatureStats(
            len(cast),
            len(stated),
            round(kept_share, 4),
            round(sum(stated) / len(stated), 4) if stated else 0.0,
        )
    if len(found) > MAX_SIGNATURES:
        often = sorted(found, key=lambda name: (-found[name].pages, name))[
            :MAX_SIGNATURES
        ]
        found = {name: found[name] for name in often}
    return dict(sorted(found.items()))


def _learn_lines(
    pages: Sequence[LabelledPage],
    page_signatures: list[list[str]],
    stats_by_signature: Mapping[str, SignatureStats],
) -> tuple[frozenset[str], frozenset[str]]:
    count: Counter[str] = Counter()
    said: dict[str, list[float]] = {}
    wholes: list[list[str]] = []
    for page, names in zip(pages, page_signatures, strict=True):
        own = [
            _line_key(name, block.text) if len(block.text) <= MAX_LINE_LENGTH else ""
            for block, name in zip(page.blocks, names, strict=True)
        ]
        heads = [
            _prefix_key(name, block.text)
            for block, name in zip(page.blocks, names, strict=True)
        ]
        count.update({one for one in (*own, *heads) if one})
        wholes.append(own)
        for one, share in _article_shares(
            (*zip(own, page.labels, strict=True), *zip(heads, page.labels, strict=True))
        ):
            said.setdefault(one, []).append(share)
    repeated, wanted = [], []
    lively = _recurring_share(pages, wholes, count) > MAX_RECURRING_SHARE
    for one, times in count.items():
        if times < MIN_REPEATED_PAGES:
            continue
        if one in said:  # labelled lines follow their labels
            share = sum(said[one]) / len(said[one])
            if share >= 0.5:
                wanted.append((-times, short_hash(one)))
            elif share < 0.1:
                repeated.append((-times, short_hash(one)))
            continue
        place = stats_by_signature.get(re.split("[=^]", one, maxsplit=1)[0])
        if (
            not lively
            and place is not None
            and times >= MIN_REPEATED_SHARE * place.pages
        ):
            repeated.append((-times, short_hash(one)))
    return frozenset(one for _, one in sorted(repeated)[:MAX_LINES]), frozenset(
        one for _, one in sorted(wanted)[:MAX_LINES]
    )


def _article_shares(
    line_labels: Iterable[tuple[str, Any]],
) -> Iterator[tuple[str, float]]:
    """Of each line of a page that labels say something of, the share of times that it is article."""
    known: dict[str, list[float]] = {}
    for one, label in line_labels:
        if one and label >= 0:
            known.setdefault(one, []).append(float(label))
    return ((one, sum(labels) / len(labels)) for one, labels in known.items())


def _recurring_share(
    pages: Sequence[LabelledPage],
    page_line_keys: list[list[str]],
    page_counts: Mapping[str, int],
) -> float:
    """The share of the article's blocks that stand on several pages, but not on most: what is lively, not the template's."""
    blocks = again = 0
    often = max(3, MIN_REPEATED_SHARE * len(pages))
    for page, own in zip(pages, page_line_keys, strict=True):
        told: Vector = np.where(page.labels >= 0, page.labels, page.selected)
        for place in np.flatnonzero(told >= 0.5).tolist():
            blocks += 1
            again += 1 < page_counts.get(own[place], 0) < often
    return again / max(blocks, 1)


def _agreement(draft: Profile, pages: Sequence[LabelledPage]) -> float:
    """The share of words on which signatures and lines alone say what the labels, or the whole reading, said."""
    same = total = 0.0
    for page in pages:
        ours, _ = _select_by_signatures(draft, page.blocks)
        gone = _find_repeated(
            draft,
            page.blocks,
            _block_signatures(page.blocks),
            np.asarray(page.selected).tolist(),
        )
        told = np.where(page.labels >= 0, page.labels > 0, page.selected & ~gone)
        size = _block_lengths(page.blocks)
        total += float(size[ours | told].sum())
        same += float(size[ours & told].sum())
    return same / total if total else 0.0


# ---- to read with


def adjust_scores(
    profile: Profile, blocks: Sequence[Block], scores: Vector
) -> AdjustedScores:
    """The model's opinion of a page's blocks, changed by what is known of the outlet."""
    names = _block_signatures(blocks)
    changed = np.array(scores, dtype=np.float64)
    reasons = np.zeros(len(blocks), dtype=np.int8)
    for place, (name, narrower) in enumerate(
        zip(names, _context_signatures(names), strict=True)
    ):
        known = _find_stats(profile.signatures, name, narrower)
        if known is not None and known.labelled_pages >= MIN_LABELLED_PAGES:
            mixed = MODEL_WEIGHT_PAGES * _logit(
                float(scores[place])
            ) + known.labelled_pages * _logit(known.article_share)
            changed[place] = 1 / (
                1 + math.exp(-mixed / (MODEL_WEIGHT_PAGES + known.labelled_pages))
            )
            reasons[place] = 1
    dropped = _find_repeated(profile, blocks, names, (changed >= 0.5).tolist())
    for place, (block, name) in enumerate(zip(blocks, names, strict=True)):
        if (
            profile.article_line_hashes
            and _line_hash(name, block.text) in profile.article_line_hashes
        ):
            changed[place], reasons[place] = 1 - MIN_VOTE_SHARE, 3
        elif dropped[place]:
            changed[place], reasons[place] = 0.0, 2
    return AdjustedScores(changed, reasons)


def select_by_profile(profile: Profile, blocks: Sequence[Block]) -> Vector | None:
    """Which blocks are the text by the profile alone; None where it is not sure of this page."""
    if not profile.is_reliable:
        return None
    kept, unknown = _select_by_signatures(profile, blocks)
    words = sum(len(block.text) for block in blocks)
    strange = sum(
        len(block.text) for block, one in zip(blocks, unknown, strict=True) if one
    )
    if not kept.any() or strange > MAX_UNKNOWN_SHARE * words:
        return None
    return kept


def _select_by_signatures(
    profile: Profile, blocks: Sequence[Block]
) -> tuple[Vector, list[bool]]:
    names = _block_signatures(blocks)
    kept, unknown = [], []
    for name, narrower in zip(names, _context_signatures(names), strict=True):
        known = _find_stats(profile.signatures, name, narrower)
        unknown.append(known is None)
        kept.append(
            known is not None
            and (
                known.article_share
                if known.labelled_pages >= MIN_LABELLED_PAGES
                else known.selected_share
            )
            >= 0.5
        )
    dropped = _find_repeated(profile, blocks, names, kept)
    if profile.article_line_hashes:
        kept = [
            one or _line_hash(name, block.text) in profile.article_line_hashes
            for one, block, name in zip(kept, blocks, names, strict=True)
        ]
    return np.array(kept, dtype=bool) & ~dropped, unknown


def context_signatures(blocks: Sequence[Block]) -> list[tuple[str, str]]:
    """For each block the narrower names of its place, best first."""
    return _context_signatures(_block_signatures(blocks))


def explain_block(
    profile: Profile, block: Block, contexts: tuple[str, str]
) -> tuple[str, int, float]:
    """What a profile alone says of a block: why ("profile": by its place, without labels), from how many pages its place is known,
    and the share of what stood there that is article."""
    name = block.node.signature
    known = _find_stats(profile.signatures, name, contexts)
    labelled = known is not None and known.labelled_pages >= MIN_LABELLED_PAGES
    pages = 0 if known is None else known.labelled_pages if labelled else known.pages
    share = (
        0.0
        if known is None
        else known.article_share
        if labelled
        else known.selected_share
    )
    if _line_hash(name, block.text) in profile.article_line_hashes:
        return REASONS[3], pages, share
    if (
        _line_hash(name, block.text) in profile.repeated_line_hashes
        or _prefix_hash(name, block.text) in profile.repeated_line_hashes
    ):
        return REASONS[2], pages, share
    return (REASONS[1] if labelled else "profile"), pages, share


def _find_repeated(
    profile: Profile,
    blocks: Sequence[Block],
    signatures: Sequence[str],
    selected: Sequence[bool],
) -> Vector:
    """The blocks that repeated lines take out, where that is not too much of the page."""
    found = np.zeros(len(blocks), dtype=bool)
    if not profile.repeated_line_hashes:
        return found
    taken = total = 0
    for place, (block, name) in enumerate(zip(blocks, signatures, strict=True)):
        size = len(block.text)
        total += size if selected[place] else 0
        known = profile.signatures.get(name)
        heading = (
            block.node.tags & _HEADING_BITS
            and known is not None
            and known.labelled_pages >= MIN_LABELLED_PAGES
            and known.article_share > 0.5
        )
        if heading:
            continue
        if (
            _line_hash(name, block.text) in profile.repeated_line_hashes
            or _prefix_hash(name, block.text) in profile.repeated_line_hashes
        ):
            found[place] = True
            taken += size if selected[place] else 0
    return (
        found
        if taken <= MAX_DROPPED_SHARE * total
        else np.zeros(len(blocks), dtype=bool)
    )


def _logit(share: float) -> float:
    share = min(max(share, MIN_VOTE_SHARE), 1 - MIN_VOTE_SHARE)
    return math.log(share / (1 - share))


# ---- as it is kept


def to_json(profile: Profile) -> str:
    """The profile as text: JSON, the same for the same profile."""
    body = {
        "pages": profile.pages,
        "labelled": profile.labelled_pages,
        "sure": profile.is_reliable,
        "places": {
            name: [one.pages, one.labelled_pages, one.selected_share, one.article_share]
            for name, one in sorted(profile.signatures.items())
        },
        "repeated": sorted(profile.repeated_line_hashes),
        "wanted": sorted(profile.article_line_hashes),
    }
    return json.dumps(body, separators=(",", ":"))


@lru_cache(maxsize=64)
def from_json(json_text: str) -> Profile:
    """A profile from its text. Raises ValueError, KeyError or TypeError where it is none."""
    body = json.loads(json_text)
    return Profile(
        hashlib.sha256(json_text.encode()).hexdigest()[:12],
        body["pages"],
        body["labelled"],
        body["sure"],
        {name: SignatureStats(*one) for name, one in body["places"].items()},
        frozenset(body["repeated"]),
        frozenset(body["wanted"]),
    )


def _with_digest(draft: Profile, is_reliable: bool) -> Profile:
    return from_json(
        to_json(
            Profile(
                "",
                draft.pages,
                draft.labelled_pages,
                is_reliable,
                draft.signatures,
                draft.repeated_line_hashes,
                draft.article_line_hashes,
            )
        )
    )


# ---- labels


MIN_LABELLED_BLOCK_LENGTH = 25  # characters: a block so short says something only as a whole line, or between two that are article
MIN_MATCHED_SHARE = (
    0.3  # a truth of which less than this stands on the page is another's
)


def labels_from_text(
    blocks: Sequence[Block], true_text: str, selected: Vector
) -> Vector:
    """What the outlet's own full text says of each block: 1 article, 0 not, -1 nothing.

    A truth with much less than the model found may be an excerpt: it says nothing of what follows it in the same container.
    """
    from harvester.parse.content.text_overlap import alphanumeric_text, shares_in_text

    # Lines that are blocks are those blocks and no others: a headline may be the beginning of the first sentence.
    lines = {
        alphanumeric_text(one): one
        for one in true_text.split("\n")
        if alphanumeric_text(one)
    }
    own = [alphanumeric_text(block.text) for block in blocks]
    whole = lines.keys() & set(own)
    share = shares_in_text(
        blocks, "\n".join(one for name, one in lines.items() if name not in whole)
    )
    long = np.array(
        [len(block.text) >= MIN_LABELLED_BLOCK_LENGTH for block in blocks], dtype=bool
    )
    found = np.where(
        [name in whole for name in own], 1, np.where(long & (share >= 0.5), 1, 0)
    ).astype(np.int8)
    for place in range(1, len(blocks) - 1):
        if (
            not found[place]
            and not long[place]
            and share[place] >= 1
            and found[place - 1] == found[place + 1] == 1
        ):
            found[place] = 1
    length = np.array([len(block.text) for block in blocks])
    said = int(length[found == 1].sum())
    if said < MIN_MATCHED_SHARE * max(len(true_text), 1):
        return no_labels(len(blocks))
    if said < MIN_FULL_TEXT_SHARE * int(length[np.asarray(selected, dtype=bool)].sum()):
        last = int(np.flatnonzero(found == 1)[-1])
        inside = {
            block.node.parent.index
            for block, one in zip(blocks, found, strict=True)
            if one == 1 and block.node.parent
        }
        for place in range(last + 1, len(blocks)):
            if any(
                above.index in inside
                for above in self_and_ancestors(blocks[place].node)
            ):
                found[place] = -1
    return found


def no_labels(count: int) -> Vector:
    """Nothing said of any block."""
    return np.full(count, -1, dtype=np.int8)


def labels_from_corrections(
    selected: Vector, corrections: Iterable[tuple[int, bool]]
) -> Vector:
    """What was kept, as a person corrected it block by block."""
    found = np.array(selected, dtype=np.int8)
    for place, wanted in corrections:
        if 0 <= place < len(found):
            found[place] = int(wanted)
    return found
