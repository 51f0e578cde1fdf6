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

from harvester.parse.content.page_blocks import TAGS, Block, lineage

LABELLED_LEAST = 3  # pages with labels, from which on a signature's votes count
MODEL_WEIGHT = 3.0  # of the model's opinion, in pages
CERTAIN = 0.005  # no share of votes is taken for more certain than this
REPEATED_LEAST = 3  # pages that must have a line …
REPEATED_SHARE = 0.5  # … of those that have its signature
REPEATS_MOST = 0.15  # share of article blocks that repeat now and then, above which lines say nothing: weather, markets, running stories
TAKEN_MOST = 0.35  # share of a page's words that lines may take
AGREED_LEAST = 0.985  # share of words on which signatures and lines alone must have agreed, for the fast path
UNKNOWN_MOST = 0.01  # share of a page's words at unknown places, up to which the fast path is taken
LINES_MOST = 2_000  # remembered of one outlet
SIGNATURES_MOST = 4_000
LINE_LONGEST = 400  # characters
EXCERPT = 0.7  # a label with less than this share of the model's words is an excerpt
_HEADING = TAGS["h1"] | TAGS["h2"] | TAGS["h3"] | TAGS["h4"] | TAGS["h5"] | TAGS["h6"]
Vector = Any  # numpy.ndarray


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a signature. ``kept``: share of its words that the reading kept; ``wanted``: that labels say are article."""

    pages: int
    labelled: int
    kept: float
    wanted: float


@dataclass(frozen=True, slots=True)
class Profile:
    """See the module. ``name`` is made of the content; ``sure``: the fast path may be taken."""

    name: str = ""
    pages: int = 0
    labelled: int = 0
    sure: bool = False
    places: Mapping[str, Place] = field(default_factory=dict)
    repeated: frozenset[str] = (
        frozenset()
    )  # marks of lines and of beginnings of lines that go
    wanted: frozenset[str] = (
        frozenset()
    )  # marks of lines that labels say are article, though they are repeated


@dataclass(frozen=True, slots=True)
class Seen:
    """One page to learn from: its blocks, the model's opinion, what was kept, and the labels (1, 0; -1: unknown)."""

    blocks: Sequence[Block]
    opinion: Vector
    kept: Vector
    labels: Vector


@dataclass(frozen=True, slots=True)
class Advice:
    """What a profile says of a page's blocks: the changed opinion, and for each block why (an index into REASONS)."""

    opinion: Vector
    reasons: Vector


REASONS = ("model", "place", "repeated line", "labelled line")


def mark(text: str) -> str:
    """A short name of a text or signature."""
    return hashlib.blake2b(
        text.encode("utf-8", "surrogatepass"), digest_size=8
    ).hexdigest()


def _signatures(blocks: Sequence[Block]) -> list[str]:
    return [block.node.signature for block in blocks]


def _sizes(blocks: Sequence[Block]) -> Vector:
    return np.array([len(block.text) for block in blocks], dtype=np.float64)


def _narrower(names: Sequence[str]) -> list[tuple[str, str]]:
    """The place of each block more narrowly: by the place of the block behind it, and by the next other place. What follows an
    article in a paragraph's own markup differs from its paragraphs by nothing but that."""
    found: list[tuple[str, str]] = []
    behind = border = ""
    for name in reversed(names):
        if behind != name:
            border = behind
        found.append((f"{name}>{behind}", f"{name}>>{border}"))
        behind = name
    return found[::-1]


def _place(
    places: Mapping[str, Place], name: str, narrower: tuple[str, str]
) -> Place | None:
    """What is known of a place; more narrowly, where that is clear and the whole place is now article, now not."""
    known = places.get(name)
    if known is None or _clear(known):
        return known
    for one in narrower:
        narrow = places.get(one)
        if (
            narrow is not None
            and _clear(narrow)
            and narrow.labelled >= min(known.labelled, LABELLED_LEAST)
        ):
            return narrow
    return known


def _clear(place: Place) -> bool:
    share = place.wanted if place.labelled >= LABELLED_LEAST else place.kept
    return not 1 - AGREED_LEAST < share < AGREED_LEAST


def _line(place: str, text: str) -> str:
    return _mark_of_line(place, text) if len(text) <= LINE_LONGEST else ""


@lru_cache(maxsize=4096)  # what an outlet repeats is asked about on each of its pages
def _mark_of_line(place: str, text: str) -> str:
    return mark(_whole(place, text))


def _whole(place: str, text: str) -> str:
    """A line as it is known at a place."""
    return f"{place}={' '.join(text.lower().split())}"


def _beginning(place: str, text: str) -> str:
    """The mark of what stands before a colon: "Read more: …"."""
    head = _head(place, text)
    return mark(head) if head else ""


def _head(place: str, text: str) -> str:
    if ":" not in text[:60]:
        return ""
    head, _, rest = text[:60].partition(":")
    return (
        f"{place}^{head.strip().lower()}"
        if rest.strip() and len(head.split()) <= 5
        else ""
    )


# ---- to learn


def learn(pages: Sequence[Seen]) -> Profile:
    """The profile that these pages of one outlet give."""
    signatures = [_signatures(page.blocks) for page in pages]
    narrower = [_narrower(names) for names in signatures]
    places = _places(pages, signatures)
    unclear = {name for name, one in places.items() if not _clear(one)}
    for which in (0, 1):
        narrow = _places(pages, [[one[which] for one in found] for found in narrower])
        places |= {
            name: one
            for name, one in narrow.items()
            if one.pages >= REPEATED_LEAST and name.partition(">")[0] in unclear
        }
    repeated, wanted = _lines(pages, signatures, places)
    labelled = sum(1 for page in pages if bool((np.asarray(page.labels) >= 0).any()))
    draft = Profile("", len(pages), labelled, False, places, repeated, wanted)
    return _named(
        draft,
        sure=len(pages) >= LABELLED_LEAST and _agreed(draft, pages) >= AGREED_LEAST,
    )


def _places(pages: Sequence[Seen], signatures: list[list[str]]) -> dict[str, Place]:
    votes: dict[str, list[tuple[float, float | None]]] = {}
    for page, names in zip(pages, signatures, strict=True):
        numbers: dict[str, int] = {}
        which = np.array(
            [numbers.setdefault(name, len(numbers)) for name in names], dtype=np.intp
        )
        size, labels = _sizes(page.blocks), np.asarray(page.labels)
        sums = [
            np.bincount(which, weights=size * one).tolist()
            for one in (
                np.ones(len(size)),
                np.asarray(page.kept, dtype=bool),
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
        found[name] = Place(
            len(cast),
            len(stated),
            round(kept_share, 4),
            round(sum(stated) / len(stated), 4) if stated else 0.0,
        )
    if len(found) > SIGNATURES_MOST:
        often = sorted(found, key=lambda name: (-found[name].pages, name))[
            :SIGNATURES_MOST
        ]
        found = {name: found[name] for name in often}
    return dict(sorted(found.items()))


def _lines(
    pages: Sequence[Seen], signatures: list[list[str]], places: Mapping[str, Place]
) -> tuple[frozenset[str], frozenset[str]]:
    count: Counter[str] = Counter()
    said: dict[str, list[float]] = {}
    wholes: list[list[str]] = []
    for page, names in zip(pages, signatures, strict=True):
        own = [
            _whole(name, block.text) if len(block.text) <= LINE_LONGEST else ""
            for block, name in zip(page.blocks, names, strict=True)
        ]
        heads = [
            _head(name, block.text)
            for block, name in zip(page.blocks, names, strict=True)
        ]
        count.update({one for one in (*own, *heads) if one})
        wholes.append(own)
        for one, share in _shares(
            (*zip(own, page.labels, strict=True), *zip(heads, page.labels, strict=True))
        ):
            said.setdefault(one, []).append(share)
    repeated, wanted = [], []
    lively = _repeating(pages, wholes, count) > REPEATS_MOST
    for one, times in count.items():
        if times < REPEATED_LEAST:
            continue
        if one in said:  # labelled lines follow their labels
            share = sum(said[one]) / len(said[one])
            if share >= 0.5:
                wanted.append((-times, mark(one)))
            elif share < 0.1:
                repeated.append((-times, mark(one)))
            continue
        place = places.get(re.split("[=^]", one, maxsplit=1)[0])
        if not lively and place is not None and times >= REPEATED_SHARE * place.pages:
            repeated.append((-times, mark(one)))
    return frozenset(one for _, one in sorted(repeated)[:LINES_MOST]), frozenset(
        one for _, one in sorted(wanted)[:LINES_MOST]
    )


def _shares(said: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, float]]:
    """Of each line of a page that labels say something of, the share of times that it is article."""
    known: dict[str, list[float]] = {}
    for one, label in said:
        if one and label >= 0:
            known.setdefault(one, []).append(float(label))
    return ((one, sum(labels) / len(labels)) for one, labels in known.items())


def _repeating(
    pages: Sequence[Seen], wholes: list[list[str]], count: Mapping[str, int]
) -> float:
    """The share of the article's blocks that stand on several pages, but not on most: what is lively, not the template's."""
    blocks = again = 0
    often = max(3, REPEATED_SHARE * len(pages))
    for page, own in zip(pages, wholes, strict=True):
        told: Vector = np.where(page.labels >= 0, page.labels, page.kept)
        for place in np.flatnonzero(told >= 0.5).tolist():
            blocks += 1
            again += 1 < count.get(own[place], 0) < often
    return again / max(blocks, 1)


def _agreed(draft: Profile, pages: Sequence[Seen]) -> float:
    """The share of words on which signatures and lines alone say what the labels, or the whole reading, said."""
    same = total = 0.0
    for page in pages:
        ours, _ = _alone(draft, page.blocks)
        gone = _dropped(
            draft, page.blocks, _signatures(page.blocks), np.asarray(page.kept).tolist()
        )
        told = np.where(page.labels >= 0, page.labels > 0, page.kept & ~gone)
        size = _sizes(page.blocks)
        total += float(size[ours | told].sum())
        same += float(size[ours & told].sum())
    return same / total if total else 0.0


# ---- to read with


def advise(profile: Profile, blocks: Sequence[Block], opinion: Vector) -> Advice:
    """The model's opinion of a page's blocks, changed by what is known of the outlet."""
    names = _signatures(blocks)
    changed = np.array(opinion, dtype=np.float64)
    reasons = np.zeros(len(blocks), dtype=np.int8)
    for place, (name, narrower) in enumerate(zip(names, _narrower(names), strict=True)):
        known = _place(profile.places, name, narrower)
        if known is not None and known.labelled >= LABELLED_LEAST:
            mixed = MODEL_WEIGHT * _logit(
                float(opinion[place])
            ) + known.labelled * _logit(known.wanted)
            changed[place] = 1 / (
                1 + math.exp(-mixed / (MODEL_WEIGHT + known.labelled))
            )
            reasons[place] = 1
    dropped = _dropped(profile, blocks, names, (changed >= 0.5).tolist())
    for place, (block, name) in enumerate(zip(blocks, names, strict=True)):
        if profile.wanted and _line(name, block.text) in profile.wanted:
            changed[place], reasons[place] = 1 - CERTAIN, 3
        elif dropped[place]:
            changed[place], reasons[place] = 0.0, 2
    return Advice(changed, reasons)


def alone(profile: Profile, blocks: Sequence[Block]) -> Vector | None:
    """Which blocks are the text by the profile alone; None where it is not sure of this page."""
    if not profile.sure:
        return None
    kept, unknown = _alone(profile, blocks)
    words = sum(len(block.text) for block in blocks)
    strange = sum(
        len(block.text) for block, one in zip(blocks, unknown, strict=True) if one
    )
    if not kept.any() or strange > UNKNOWN_MOST * words:
        return None
    return kept


def _alone(profile: Profile, blocks: Sequence[Block]) -> tuple[Vector, list[bool]]:
    names = _signatures(blocks)
    kept, unknown = [], []
    for name, narrower in zip(names, _narrower(names), strict=True):
        known = _place(profile.places, name, narrower)
        unknown.append(known is None)
        kept.append(
            known is not None
            and (known.wanted if known.labelled >= LABELLED_LEAST else known.kept)
            >= 0.5
        )
    dropped = _dropped(profile, blocks, names, kept)
    if profile.wanted:
        kept = [
            one or _line(name, block.text) in profile.wanted
            for one, block, name in zip(kept, blocks, names, strict=True)
        ]
    return np.array(kept, dtype=bool) & ~dropped, unknown


def narrower(blocks: Sequence[Block]) -> list[tuple[str, str]]:
    """For each block the narrower names of its place, best first."""
    return _narrower(_signatures(blocks))


def told(
    profile: Profile, block: Block, narrower: tuple[str, str]
) -> tuple[str, int, float]:
    """What a profile alone says of a block: why ("profile": by its place, without labels), from how many pages its place is known,
    and the share of what stood there that is article."""
    name = block.node.signature
    known = _place(profile.places, name, narrower)
    labelled = known is not None and known.labelled >= LABELLED_LEAST
    pages = 0 if known is None else known.labelled if labelled else known.pages
    share = 0.0 if known is None else known.wanted if labelled else known.kept
    if _line(name, block.text) in profile.wanted:
        return REASONS[3], pages, share
    if (
        _line(name, block.text) in profile.repeated
        or _beginning(name, block.text) in profile.repeated
    ):
        return REASONS[2], pages, share
    return (REASONS[1] if labelled else "profile"), pages, share


def _dropped(
    profile: Profile,
    blocks: Sequence[Block],
    names: Sequence[str],
    kept: Sequence[bool],
) -> Vector:
    """The blocks that repeated lines take out, where that is not too much of the page."""
    found = np.zeros(len(blocks), dtype=bool)
    if not profile.repeated:
        return found
    taken = total = 0
    for place, (block, name) in enumerate(zip(blocks, names, strict=True)):
        size = len(block.text)
        total += size if kept[place] else 0
        known = profile.places.get(name)
        heading = (
            block.node.tags & _HEADING
            and known is not None
            and known.labelled >= LABELLED_LEAST
            and known.wanted > 0.5
        )
        if heading:
            continue
        if (
            _line(name, block.text) in profile.repeated
            or _beginning(name, block.text) in profile.repeated
        ):
            found[place] = True
            taken += size if kept[place] else 0
    return found if taken <= TAKEN_MOST * total else np.zeros(len(blocks), dtype=bool)


def _logit(share: float) -> float:
    share = min(max(share, CERTAIN), 1 - CERTAIN)
    return math.log(share / (1 - share))


# ---- as it is kept


def written(profile: Profile) -> str:
    """The profile as text: JSON, the same for the same profile."""
    body = {
        "pages": profile.pages,
        "labelled": profile.labelled,
        "sure": profile.sure,
        "places": {
            name: [one.pages, one.labelled, one.kept, one.wanted]
            for name, one in sorted(profile.places.items())
        },
        "repeated": sorted(profile.repeated),
        "wanted": sorted(profile.wanted),
    }
    return json.dumps(body, separators=(",", ":"))


@lru_cache(maxsize=64)
def read(text: str) -> Profile:
    """A profile from its text. Raises ValueError, KeyError or TypeError where it is none."""
    body = json.loads(text)
    return Profile(
        hashlib.sha256(text.encode()).hexdigest()[:12],
        body["pages"],
        body["labelled"],
        body["sure"],
        {name: Place(*one) for name, one in body["places"].items()},
        frozenset(body["repeated"]),
        frozenset(body["wanted"]),
    )


def _named(draft: Profile, sure: bool) -> Profile:
    return read(
        written(
            Profile(
                "",
                draft.pages,
                draft.labelled,
                sure,
                draft.places,
                draft.repeated,
                draft.wanted,
            )
        )
    )


# ---- labels


SHORT = 25  # characters: a block so short says something only as a whole line, or between two that are article
OTHER_TEXT = 0.3  # a truth of which less than this stands on the page is another's


def labels_of(blocks: Sequence[Block], truth: str, kept: Vector) -> Vector:
    """What the outlet's own full text says of each block: 1 article, 0 not, -1 nothing.

    A truth with much less than the model found may be an excerpt: it says nothing of what follows it in the same container.
    """
    from harvester.parse.content.features import in_text, letters

    # Lines that are blocks are those blocks and no others: a headline may be the beginning of the first sentence.
    lines = {letters(one): one for one in truth.split("\n") if letters(one)}
    own = [letters(block.text) for block in blocks]
    whole = lines.keys() & set(own)
    share = in_text(
        blocks, "\n".join(one for name, one in lines.items() if name not in whole)
    )
    long = np.array([len(block.text) >= SHORT for block in blocks], dtype=bool)
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
    if said < OTHER_TEXT * max(len(truth), 1):
        return no_labels(len(blocks))
    if said < EXCERPT * int(length[np.asarray(kept, dtype=bool)].sum()):
        last = int(np.flatnonzero(found == 1)[-1])
        inside = {
            block.node.parent.place
            for block, one in zip(blocks, found, strict=True)
            if one == 1 and block.node.parent
        }
        for place in range(last + 1, len(blocks)):
            if any(above.place in inside for above in lineage(blocks[place].node)):
                found[place] = -1
    return found


def no_labels(count: int) -> Vector:
    """Nothing said of any block."""
    return np.full(count, -1, dtype=np.int8)


def persons_labels(kept: Vector, said: Iterable[tuple[int, bool]]) -> Vector:
    """What was kept, as a person corrected it block by block."""
    found = np.array(kept, dtype=np.int8)
    for place, wanted in said:
        if 0 <= place < len(found):
            found[place] = int(wanted)
    return found
