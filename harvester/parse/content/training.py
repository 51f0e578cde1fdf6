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
    Extractors,
    MainContent,
    reselect_without_profile,
    select_content,
)
from harvester.parse.content.lines import strip_frame
from harvester.parse.content.page_blocks import NO_ELEMENT, Block, Node, Page
from harvester.parse.content.profile import Profile
from harvester.parse.html.element_text import MAX_TEXT_LENGTH

ZLIB_LEVEL = 1  # of zlib
MAX_PACKED_BYTES = 200_000  # bytes; a page with more is read again


@dataclass(slots=True)
class AnalysedPage:
    """See the module. ``text`` reads the page with any profile."""

    page: Page
    content: MainContent  # without a profile
    title: str
    author_names: tuple[str, ...]
    trafilatura_lines: list[str] | None  # trafilatura's opinion, where it was asked for
    includes_captions: bool = (
        False  # whether they belong to the text; its images are let go
    )

    def text_with_profile(self, profile: Profile | None) -> str | None:
        """What ``read_article`` gives with this profile; None where that needs what is not at hand."""
        if self.content.method == "baseline" or self.includes_captions:
            return None
        try:
            found = select_content(
                self.page,
                profile,
                Extractors(
                    lambda: self.content.scores,
                    self._require_trafilatura_lines,
                    _unavailable,
                ),
            )
        except LookupError:
            return None
        return "\n".join(
            strip_frame(found.text_lines(), self.title, self.author_names)
        )[:MAX_TEXT_LENGTH]

    def _require_trafilatura_lines(self) -> list[str]:
        if self.trafilatura_lines is None:
            raise LookupError
        return self.trafilatura_lines


def _unavailable() -> list[str]:
    raise LookupError


def make_analysed_page(
    content: MainContent,
    profile: Profile | None,
    title: str,
    author_names: list[str],
    includes_captions: bool,
) -> AnalysedPage | None:
    """What was found of a page, with what frames its text; None where the model was not asked."""
    plain = (
        reselect_without_profile(content)
        if profile is not None or content.model_scores is None
        else content
    )
    return (
        None
        if plain is None
        else AnalysedPage(
            content.page,
            plain,
            title,
            tuple(author_names),
            content.trafilatura_lines,
            includes_captions,
        )
    )


def pack(page: AnalysedPage) -> bytes:
    """A study as bytes; none where they are too many."""
    blocks, plain = page.page.blocks, page.content
    numbers: dict[
        int, int
    ] = {}  # place of an element that holds blocks → its number, what is around it first
    above: list[int] = []
    for block in blocks:
        _number_lineage(block.node, numbers, above)
    nodes = {block.node.index: block.node for block in blocks}
    made = (
        above,
        {numbers[place]: (node.signature, node.tags) for place, node in nodes.items()},
        [numbers[block.node.index] for block in blocks],
        [block.text for block in blocks],
        [block.table_row for block in blocks],
        np.array([block.word_count for block in blocks], dtype=np.float64).tobytes(),
        np.asarray(plain.scores, dtype=np.float64).tobytes(),
        np.asarray(plain.selected, dtype=bool).tobytes(),
        (
            plain.method,
            page.title,
            page.author_names,
            page.trafilatura_lines,
            page.includes_captions,
        ),
    )
    blob = zlib.compress(marshal.dumps(made), ZLIB_LEVEL)
    return blob if len(blob) <= MAX_PACKED_BYTES else b""


def _number_lineage(node: Node, numbers: dict[int, int], parents: list[int]) -> None:
    """Give an element and all around it numbers, the outermost first, with the number of what each stands in."""
    new: list[Node] = []
    one: Node | None = node
    while one is not None and one.index not in numbers:
        new.append(one)
        one = one.parent
    for each in reversed(new):
        numbers[each.index] = len(parents)
        parents.append(numbers[each.parent.index] if each.parent is not None else -1)


def unpack(blob: bytes) -> AnalysedPage:
    """A study as it was packed by this very program."""
    above, named, of_blocks, texts, rows, sizes, opinion, kept, rest = marshal.loads(
        zlib.decompress(blob)
    )  # noqa: S302
    nodes: list[Node] = []
    for place, parent in enumerate(above):
        signature, tags = named.get(place, ("", 0))
        outer = nodes[parent] if parent >= 0 else None
        nodes.append(
            Node(
                place, outer, "", "", 0, tags, 0, NO_ELEMENT, cached_signature=signature
            )
        )
    blocks = [
        Block(nodes[which], text, 0, 0, 0, 0, 0, False, row, _word_count=size)
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
    plain = MainContent(
        page,
        np.frombuffer(kept, dtype=bool),
        own,
        reasons,
        method,
        model_scores=own,
        trafilatura_lines=second,
    )
    return AnalysedPage(page, plain, title, names, second, captions)


def _floats(data: bytes) -> Any:
    return np.frombuffer(data, dtype=np.float64)
