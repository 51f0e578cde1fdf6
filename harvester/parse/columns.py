"""What the model is told of each block: numbers about its words, its place, its neighbours and the page. Pure.

One row a block, one column a question; the order of the columns is part of the model (``NAMES_OF_COLUMNS``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from harvester.parse.blocks import TAGS, WORD, Block, Page
from harvester.parse.families import NAMES, SAID, said

_SENTENCE = re.compile(r"[.!?…]['\"”»)]?\s|[。！？]")
_DIGIT = re.compile(r"[0-9]")
_UPPER = re.compile(r"[A-ZÀ-ÞА-Я]")
_ENDS = {".": 1, "!": 2, "?": 2, ":": 3, "…": 4, '"': 5, "”": 5, "»": 5, "“": 5, "'": 5, "’": 5, ")": 6, "。": 1, "！": 2, "？": 2, "」": 5, "』": 5, "؟": 2, "۔": 1, "।": 1, ",": 7, ";": 7, ">": 8, "›": 8, "→": 8}  # fmt: skip
_TAG_OF = {name: place for place, name in enumerate("p div li h1 h2 h3 h4 h5 h6 td th span section article ul ol blockquote figcaption dd dt tr body header footer time address aside nav main pre figure label summary form center".split(), 1)}  # fmt: skip
_HEADINGS = TAGS["h1"] | TAGS["h2"] | TAGS["h3"] | TAGS["h4"] | TAGS["h5"] | TAGS["h6"]
APART = sum(1 << NAMES.index(name) for name in ("comment", "related", "consent", "footer", "navigation", "side", "subscribe", "advert", "hidden", "share"))  # fmt: skip
WORD_LENGTH = 6.0  # characters
OWN = (
    "length", "words", "word_length", "linked", "links", "strong", "end", "sentences", "commas", "digits", "capitals", "small_start", "odd_start",
    "bars", "colon", "spoken_share", "in_title", "of_title", "is_title", "in_description", "twins_before", "twins", "run", "broken", "tag", "depth",
)  # fmt: skip
AROUND = (
    "place", "place_by_length", "blocks", "total", "alike", "alike_length", "alike_share", "alike_linked", "good_of_page", "up_to_main", "down_to_main",
    "deeper_than_main", "share_own", "share_parent", "share_grand", "share_great", "in_half", "in_most", "good_before", "good_after", "between_good", "past_good",
    "since_title", "before1", "before2", "after1", "after2", "linked_before", "linked_after", "window3", "window3_linked", "window8",
    "window8_linked", "kin_before", "kin_after", "heading_before", "heading_after", "siblings", "siblings_length", "siblings_linked", "child",
    "children", "since_heading", "below_heading", "main_share", "has_title_block", "past_title", "up_to_title", "suspect", "echo_before", "echo_after", "linked_below_parent", "linked_below_grand",
    "headings_alike", "stated",
)  # fmt: skip
NAMES_OF_COLUMNS = (
    *OWN,
    *(f"said_{name}" for name in SAID),
    *(f"heading_{name}" for name in SAID),
    *(f"in_{name}" for name in TAGS),
    *(f"self_{name}" for name in NAMES),
    *(f"parent_{name}" for name in NAMES),
    *(f"with_title_{name}" for name in NAMES),
    *(f"apart_{name}" for name in NAMES),
    *AROUND,
)
COLUMN = {name: place for place, name in enumerate(NAMES_OF_COLUMNS)}
Matrix = Any  # numpy.ndarray of float32, blocks × columns


def columns(page: Page, title: str, description: str, stated: str = "") -> Matrix:
    """The rows of all blocks of a page. ``title``, ``description``: as the page states them; ``stated``: the text that it states
    in its JSON-LD, often cut short."""
    blocks = page.blocks
    own, heard = _own(blocks, title, description)
    node_places = np.array([block.node.place for block in blocks])
    nodes = page.nodes
    title_place = _title_block(blocks, own)
    placed = _apart(page, title_place)
    apart = np.array([one for _, one in placed], dtype=np.int64)
    masks = (
        _bits(np.array(heard, dtype=np.int64), len(SAID)),
        _bits(np.array(_headings_said(blocks, heard), dtype=np.int64), len(SAID)),
        _bits(np.array([one.tags for one in nodes], dtype=np.int64), len(TAGS))[node_places],
        _bits(np.array([block.node.families | block.inner for block in blocks], dtype=np.int64), len(NAMES)),
        _bits(np.array([one.parent.families if one.parent else 0 for one in nodes], dtype=np.int64), len(NAMES))[node_places],
        _bits(np.array([shared for shared, _ in placed], dtype=np.int64), len(NAMES))[node_places],
        _bits(apart, len(NAMES))[node_places],
    )  # fmt: skip
    suspect = (apart[node_places] & APART) != 0
    around = [
        _around(page, own, node_places, suspect, title_place),
        *_echoes(blocks),
        *_linked_below(page, own, node_places),
        _stated(blocks, stated),
    ]
    return np.concatenate([own, *masks, *around], axis=1, dtype=np.float32)


_APART_SENTENCES = re.compile(r"(?<=[.!?…。！？])\s*")


def _echoes(blocks: list[Block]) -> list[Matrix]:
    """For long blocks, the share of their sentences that stand in an earlier and in a later block: doubled and hidden copies."""
    places: dict[str, list[int]] = {}
    split = []
    for place, block in enumerate(blocks):
        found = []
        if len(block.text) > 60:
            found = [one for one in _APART_SENTENCES.split(block.text[:40_000]) if len(one) > 30]
            for one in found:
                places.setdefault(one, []).append(place)
        split.append(found)
    rows = np.zeros((len(blocks), 2))
    for place, found in enumerate(split):
        if found:
            rows[place, 0] = sum(1 for one in found if places[one][0] < place) / len(found)
            rows[place, 1] = sum(1 for one in found if places[one][-1] > place) / len(found)
    return [rows]


def _linked_below(page: Page, own: Matrix, node_places: Matrix) -> list[Matrix]:
    """The share of links in all that stands below the parent and its parent, and how many headings are made like those around."""
    nodes = page.nodes
    length = np.bincount(node_places, weights=own[:, 0], minlength=len(nodes)).tolist()
    linked = np.bincount(node_places, weights=own[:, 0] * own[:, 3], minlength=len(nodes)).tolist()
    parents = [one.parent.place if one.parent is not None else 0 for one in nodes]
    headings: dict[tuple[int, str], int] = {}
    for place in range(len(nodes) - 1, 0, -1):
        length[parents[place]] += length[place]
        linked[parents[place]] += linked[place]
        if nodes[place].tag in ("h2", "h3", "h4") and nodes[place].parent is not None:
            key = (parents[parents[parents[place]]], nodes[place].names)
            headings[key] = headings.get(key, 0) + 1
    alike: dict[int, int] = {}
    for (place, _), count in headings.items():
        alike[place] = max(alike.get(place, 0), count)
    share = np.array(linked) / np.maximum(np.array(length), 1)
    up = np.array(parents)
    parent = up[node_places]
    around = np.array(
        [
            max(alike.get(place, 0), alike.get(parents[place], 0), alike.get(parents[parents[place]], 0))
            for place in range(len(nodes))
        ]
    )
    return [np.stack([share[parent], share[up[parent]], around[node_places]], axis=1)]


_NO_WORD = re.compile(r"\W+")


SEARCHED_MOST = 200_000_000  # characters in all: a page and a text of a megabyte each would else take minutes


def letters(text: str) -> str:
    """A text without all that is no letter or digit, in lower case: for comparing."""
    return _NO_WORD.sub("", text.lower())


def in_text(blocks: Sequence[Block], text: str) -> Matrix:
    """For each block, the share of it that stands in a text, sentence by sentence; 0 for blocks of hardly any letters."""
    whole = letters(text)
    found = np.zeros(len(blocks))
    left = SEARCHED_MOST // max(len(whole), 1)  # parts that are looked for
    for place, block in enumerate(blocks):
        if len(block.text) < 4 or left <= 0:
            continue
        left -= 1
        if letters(block.text) in whole:
            found[place] = 1.0
        elif len(block.text) > 60:
            parts = [
                one for one in (_NO_WORD.sub("", part.lower()) for part in _APART_SENTENCES.split(block.text)) if one
            ][: max(left, 0)]
            left -= len(parts)
            found[place] = sum(len(one) for one in parts if one in whole) / max(sum(map(len, parts)), 1)
    return found


STATED_LEAST = 200  # characters
STATED_FOUND = 0.5  # a text of which less than this stands on the page is another's


def _stated(blocks: list[Block], stated: str) -> Matrix:
    """Whether the block stands in the text that the page states of itself: 1, in part, 0; -1 where it states none of this page."""
    nothing = np.full((len(blocks), 1), -1.0)
    if len(stated) < STATED_LEAST:
        return nothing
    rows = in_text(blocks, stated)
    there = sum(
        len(block.text) for block, share in zip(blocks, rows, strict=True) if share >= 0.5 and len(block.text) > 40
    )
    return rows[:, None] if there > STATED_FOUND * len(stated) else nothing


def _title_block(blocks: list[Block], own: Matrix) -> int:
    """Where the headline stands: a first-level heading that says what the title says, else the first of either; -1: nowhere."""
    titled = own[:, OWN.index("is_title")] > 0
    first = -1
    for place, block in enumerate(blocks):
        if block.node.tags & TAGS["h1"]:
            if titled[place]:
                return place
            first = place if first < 0 else first
    return first if first >= 0 else int(np.argmax(titled)) if titled.any() else -1


def _apart(page: Page, title_place: int) -> list[tuple[int, int]]:
    """For each element the families of itself and its ancestors: of those that hold the headline as well, and of those that do not.

    ``comments-open`` on the body says nothing of the article; on an element beside the headline it does.
    """
    holding: set[int] = {0}
    one = page.blocks[title_place].node if title_place >= 0 else None
    while one is not None:
        holding.add(one.place)
        one = one.parent
    found: list[tuple[int, int]] = []
    for node in page.nodes:
        shared, apart = found[node.parent.place] if node.parent is not None else (0, 0)
        if node.place in holding:
            shared |= node.families
        else:
            apart |= node.families
        found.append((shared, apart))
    return found


def _bits(values: Matrix, count: int) -> Matrix:
    return ((values[:, None] >> np.arange(count)) & 1).astype(np.float32)


def _words(text: str) -> set[str]:
    return {word for word in WORD.findall(text.lower()) if len(word) > 2 or not word.isascii()}


def _own(blocks: list[Block], title: str, description: str) -> tuple[Matrix, list[int]]:
    """The columns of OWN, and for each block the families that its words speak of."""
    of_title, of_description = _words(title), _words(description)
    headline = " ".join(title.lower().split())
    twins: dict[str, int] = {}
    for block in blocks:
        twins[block.text] = twins.get(block.text, 0) + 1
    before: dict[str, int] = {}
    rows, heard = [], []
    for block in blocks:
        text, words = block.text, block.words
        size = len(text)
        wide = block.size - len(words)  # beyond the words: characters that stand for words
        length = size + wide * 2
        count = block.size if wide <= 0 else max(len(words), length / WORD_LENGTH)
        short = len(words) <= 60
        families, spoken = said(words) if short else (0, 0)
        heard.append(families)
        first = text[0]
        in_title = of_description_share = title_share = 0.0
        if short and (of_title or of_description):
            bare = set(words)
            if of_title:
                common = len(bare & of_title)
                in_title, title_share = common / len(bare), common / len(of_title)
            if of_description:
                of_description_share = len(bare & of_description) / len(bare)
        seen = before.get(text, 0)
        before[text] = seen + 1
        rows.append(
            (
                length, count, size / (len(words) or 1), block.linked / size, block.links, block.strong / size, _ENDS.get(text[-1], 0),
                len(_SENTENCE.findall(text)) if size > 40 else 0, text.count(",") + text.count("、"),
                len(_DIGIT.findall(text)) / size if short else 0.0,
                min(len(_UPPER.findall(text)) / (len(words) or 1), 3.0) if short else 0.0,
                first.islower(), not first.isalnum(), text.count("|") + text.count("•") + text.count("·"), ":" in text[:40],
                spoken / (len(words) or 1), in_title, title_share,
                in_title > 0.5 and _says_title(text, headline), of_description_share, seen, twins[text], block.run,
                block.broken, _TAG_OF.get(block.node.tag, 0), block.node.depth,
            )
        )  # fmt: skip
    return np.array(rows, dtype=np.float32).reshape(len(blocks), len(OWN)), heard


def _says_title(text: str, headline: str) -> bool:
    text = text.lower()
    return text == headline or (len(text) > 15 and text in headline)


def _headings_said(blocks: list[Block], heard: list[int]) -> list[int]:
    """For each block, what the nearest heading before it speaks of."""
    found, last = [], 0
    for block, families in zip(blocks, heard, strict=True):
        if block.node.tags & _HEADINGS:
            last = families
        found.append(last)
    return found


def _nearest(flags: Matrix) -> tuple[Matrix, Matrix]:
    """For each place, how far it is to the last set flag before it and to the next after it; 99 where there is none."""
    count = len(flags)
    places = np.arange(count)
    back = np.maximum.accumulate(np.where(flags, places, -1_000))
    ahead = np.minimum.accumulate(np.where(flags, places, count + 1_000)[::-1])[::-1]
    return np.minimum(places - back, 99), np.minimum(ahead - places, 99)


def _shifted(values: Matrix, by: int, blank: float) -> Matrix:
    moved = np.full_like(values, blank)
    if by > 0:
        moved[by:] = values[:-by]
    else:
        moved[:by] = values[-by:]
    return moved


def _window(values: Matrix, half: int) -> Matrix:
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    count = len(values)
    low = np.maximum(np.arange(count) - half, 0)
    high = np.minimum(np.arange(count) + half + 1, count)
    return (total[high] - total[low]) / (high - low)


def _groups(keys: list[Any], length: Matrix, linked: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """For each block: how many have its key, their mean length, and the share of links in them."""
    numbers: dict[Any, int] = {}
    which = np.array([numbers.setdefault(key, len(numbers)) for key in keys])
    count = np.bincount(which).astype(np.float64)
    total = np.bincount(which, weights=length)
    links = np.bincount(which, weights=linked * length)
    return count[which], (total / count)[which], (links / np.maximum(total, 1))[which]


def _around(page: Page, own: Matrix, node_places: Matrix, suspect: Matrix, title_place: int) -> Matrix:
    blocks, nodes = page.blocks, page.nodes
    count = len(blocks)
    length, words, linked, end = own[:, 0].astype(np.float64), own[:, 1], own[:, 3].astype(np.float64), own[:, 6]
    places = np.arange(count)
    total = max(float(length.sum()), 1.0)
    good = (words >= 12) & (linked < 0.3) & (end > 0)
    weight = np.where(good, np.where(suspect, length * 0.05, length), 0.0)
    kind = [(one.tag, one.names, one.parent.names if one.parent else "") for one in nodes]
    alike, alike_length, alike_linked = _groups([kind[block.node.place] for block in blocks], length, linked)
    main = _Main(page, weight, node_places)
    before, after = _nearest(good)
    of_main = good & (main.up[node_places] <= 1)
    if not of_main.any():
        of_main = good
    first, last = (int(np.argmax(of_main)), count - 1 - int(np.argmax(of_main[::-1]))) if of_main.any() else (0, count)
    titled = own[:, OWN.index("is_title")] > 0
    up_to_title = main.steps(page.blocks[title_place].node)[node_places] if title_place >= 0 else np.full(count, -1)
    since_title, _ = _nearest(titled)
    headings = np.array([bool(block.node.tags & _HEADINGS) for block in blocks])
    since_heading, _ = _nearest(headings)
    parents = [block.node.parent.place if block.node.parent is not None else -1 for block in blocks]
    parent_of = np.array(parents)
    siblings, siblings_length, siblings_linked = _groups(parents, length, linked)
    heading_depth = np.maximum.accumulate(np.where(headings, places, 0))
    depth = own[:, 25]
    child = np.zeros(len(nodes))
    seen: dict[int, int] = {}
    for one in nodes:
        if one.parent is not None:
            place = seen.get(one.parent.place, 0)
            child[one.place], seen[one.parent.place] = place, place + 1
    children = np.array([one.parent.children if one.parent is not None else 1 for one in nodes])
    return np.stack(
        [
            places / count, np.cumsum(length) / total, np.full(count, count), np.full(count, total), alike, alike_length, alike * alike_length / total,
            alike_linked, np.full(count, weight.sum() / total), main.up[node_places], main.down[node_places], depth - main.depth, *main.shares(node_places),
            before, after, (places >= first) & (places <= last), np.clip(places - last, -50, 50), since_title,
            _shifted(length, 1, 0), _shifted(length, 2, 0), _shifted(length, -1, 0), _shifted(length, -2, 0), _shifted(linked, 1, 0),
            _shifted(linked, -1, 0), _window(length, 3), _window(linked, 3), _window(length, 8), _window(linked, 8),
            parent_of == _shifted(parent_of, 1, -2), parent_of == _shifted(parent_of, -1, -2), _shifted(headings, 1, False),
            _shifted(headings, -1, False), siblings, siblings_length, siblings_linked, child[node_places], children[node_places], since_heading,
            depth - depth[heading_depth], np.full(count, main.share), np.full(count, titled.any()), np.clip(places - title_place, -99, 999) if title_place >= 0 else np.full(count, -100), up_to_title, suspect,
        ],
        axis=1,
    ).astype(np.float32)  # fmt: skip


class _Main:
    """Where most of the good text stands: the element that holds most of it directly, and shares of it below each element."""

    def __init__(self, page: Page, weight: Matrix, node_places: Matrix) -> None:
        nodes = page.nodes
        below = np.bincount(node_places, weights=weight, minlength=len(nodes)).tolist()
        direct = [0.0] * len(nodes)  # what its children hold themselves
        parents = [one.parent.place if one.parent is not None else -1 for one in nodes]
        for place in range(len(nodes) - 1, 0, -1):
            direct[parents[place]] += below[place]
            below[parents[place]] += below[place]
        own = np.bincount(node_places, weights=weight, minlength=len(nodes))
        self.total = max(below[0], 1.0)
        kept = _below_alone(nodes, own, parents)
        best = int(np.argmax(kept)) if len(kept) else 0
        self.share = float(kept[best]) / self.total if len(kept) else 0.0
        self.depth = nodes[best].depth
        self._nodes = nodes
        self._parents = np.array(parents)
        steps = {}
        one: Any = nodes[best]
        distance = 0
        while one is not None:
            steps[one.place] = distance
            one, distance = one.parent, distance + 1
        down = np.zeros(len(nodes))  # from the common ancestor to the main element
        up = self.steps(nodes[best])
        for place, parent in enumerate(parents):
            down[place] = steps[place] if place in steps else down[parent]
        self.up, self.down = up, down
        self._below = np.array(below) / self.total

    def steps(self, node: Any) -> Matrix:
        """For each element, how many steps it is up to an ancestor that it shares with this one."""
        line = set()
        while node is not None:
            line.add(node.place)
            node = node.parent
        found = np.zeros(len(self._nodes))
        for place, parent in enumerate(self._parents.tolist()):
            found[place] = 0 if place in line else found[parent] + 1
        return found

    def shares(self, node_places: Matrix) -> list[Matrix]:
        """Share of the good text below the block's element, its parent, two more above; whether it stands where half, most stand."""
        above = node_places
        found = []
        for _ in range(4):
            found.append(self._below[above])
            above = np.maximum(self._parents[above], 0)
        half, most = np.zeros(len(self._below)), np.zeros(len(self._below))
        # The innermost element that holds at least half (nine tenths) of the good text: what is below it is in it.
        for flags, least in ((half, 0.5), (most, 0.9)):
            inner = max((place for place in range(len(self._below)) if self._below[place] >= least), default=0)
            flags[inner] = 1
            for place in range(inner + 1, len(flags)):
                if flags[self._parents[place]]:
                    flags[place] = 1
            found.append(flags[node_places])
        return found


def _below_alone(nodes: list[Any], own: Matrix, parents: list[int]) -> Matrix:
    """For each element, the good text that it or its children hold themselves."""
    held = own.copy()
    for place in range(1, len(nodes)):
        held[parents[place]] += own[place]
    return held
