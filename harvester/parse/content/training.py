"""A page as it is learned from: its blocks and the model's opinion of them, without its tree. Pure.

A worker that read a page hands it over packed, so that whoever learns need not read the page again: what is learned is the same.
Packed is for this program while it runs, not for keeping. Not for: what is learned (``profile``).
"""

from __future__ import annotations

import marshal
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from harvester.parse.content.body import (
    TEXT_MOST,
    Body,
    Opinions,
    judge,
    without_profile,
)
from harvester.parse.content.lines import without_frame
from harvester.parse.content.page_blocks import NO_ELEMENT, Block, Node, Page
from harvester.parse.content.profile import Profile

LEVEL = 1  # of zlib
PACKED_MOST = 200_000  # bytes; a page with more is read again


@dataclass(slots=True)
class Study:
    """See the module. ``text`` reads the page with any profile."""

    page: Page
    plain: Body  # without a profile
    title: str
    names: tuple[str, ...]
    second: list[str] | None  # trafilatura's opinion, where it was asked for
    captions: bool = False  # whether they belong to the text; its images are let go

    def text(self, profile: Profile | None) -> str | None:
        """What ``read_article`` gives with this profile; None where that needs what is not at hand."""
        if self.plain.method == "baseline" or self.captions:
            return None
        try:
            found = judge(
                self.page,
                profile,
                Opinions(lambda: self.plain.opinion, self._second, _nobody),
            )
        except LookupError:
            return None
        return "\n".join(without_frame(found.text(), self.title, self.names))[
            :TEXT_MOST
        ]

    def _second(self) -> list[str]:
        if self.second is None:
            raise LookupError
        return self.second


def _nobody() -> list[str]:
    raise LookupError


def study_of(
    found: Body, known: Profile | None, title: str, names: list[str], captions: bool
) -> Study | None:
    """What was found of a page, with what frames its text; None where the model was not asked."""
    plain = without_profile(found) if known is not None or found.own is None else found
    return (
        None
        if plain is None
        else Study(found.page, plain, title, tuple(names), found.second, captions)
    )


def packed(study: Study) -> bytes:
    """A study as bytes; none where they are too many."""
    blocks, plain = study.page.blocks, study.plain
    numbers: dict[
        int, int
    ] = {}  # place of an element that holds blocks → its number, what is around it first
    above: list[int] = []
    for block in blocks:
        _number(block.node, numbers, above)
    nodes = {block.node.place: block.node for block in blocks}
    made = (
        above,
        {numbers[place]: (node.signature, node.tags) for place, node in nodes.items()},
        [numbers[block.node.place] for block in blocks],
        [block.text for block in blocks],
        [block.row for block in blocks],
        np.array([block.size for block in blocks], dtype=np.float64).tobytes(),
        np.asarray(plain.opinion, dtype=np.float64).tobytes(),
        np.asarray(plain.kept, dtype=bool).tobytes(),
        (plain.method, study.title, study.names, study.second, study.captions),
    )
    blob = zlib.compress(marshal.dumps(made), LEVEL)
    return blob if len(blob) <= PACKED_MOST else b""


def _number(node: Node, numbers: dict[int, int], above: list[int]) -> None:
    """Give an element and all around it numbers, the outermost first, with the number of what each stands in."""
    new: list[Node] = []
    one: Node | None = node
    while one is not None and one.place not in numbers:
        new.append(one)
        one = one.parent
    for each in reversed(new):
        numbers[each.place] = len(above)
        above.append(numbers[each.parent.place] if each.parent is not None else -1)


def unpacked(blob: bytes) -> Study:
    """A study as it was packed by this very program."""
    above, named, of_blocks, texts, rows, sizes, opinion, kept, rest = marshal.loads(
        zlib.decompress(blob)
    )  # noqa: S302
    nodes: list[Node] = []
    for place, parent in enumerate(above):
        signature, tags = named.get(place, ("", 0))
        outer = nodes[parent] if parent >= 0 else None
        nodes.append(Node(place, outer, "", "", 0, tags, 0, NO_ELEMENT, path=signature))
    blocks = [
        Block(nodes[which], text, 0, 0, 0, 0, 0, False, row, _size=size)
        for which, text, row, size in zip(
            of_blocks, texts, rows, _floats(sizes).tolist(), strict=True
        )
    ]
    method, title, names, second, captions = rest
    page, own, reasons = (
        Page(blocks, nodes),
        _floats(opinion),
        np.zeros(len(blocks), dtype=np.int8),
    )
    plain = Body(
        page,
        np.frombuffer(kept, dtype=bool),
        own,
        reasons,
        method,
        own=own,
        second=second,
    )
    return Study(page, plain, title, names, second, captions)


def _floats(numbers: bytes) -> Any:
    return np.frombuffer(numbers, dtype=np.float64)
