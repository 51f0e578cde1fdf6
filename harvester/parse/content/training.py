"""A page that a profile is learned from: its blocks and the model's scores of them.

A worker that read a page hands it over packed, without its tree, so that the page need
not be read again to learn a profile; the profile is the same. The packed form is for
the running program, not for storing. What is learned is in ``profile``.
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
from harvester.parse.content.lines import strip_frame, strip_offer
from harvester.parse.content.page_blocks import NO_ELEMENT, Block, Node, Page
from harvester.parse.content.profile import Profile
from harvester.parse.html.element_text import MAX_TEXT_LENGTH

ZLIB_LEVEL = 1
MAX_PACKED_BYTES = 200_000  # a page with more is read again


@dataclass(slots=True)
class AnalysedPage:
    """A page, and all that is needed to select its text with any profile."""

    page: Page
    content: MainContent  # without a profile
    title: str
    author_names: tuple[str, ...]
    trafilatura_lines: list[str] | None  # None if trafilatura was not run
    includes_captions: bool = (
        False  # in the text; they need the images, which are dropped
    )

    def text_with_profile(self, profile: Profile | None) -> str | None:
        """The text that ``read_article`` gives with this profile.

        None if that needs an extractor that was not run.
        """
        if self.content.method == "baseline" or self.includes_captions:
            return None
        extractors = Extractors(
            lambda: self.content.scores, self._require_trafilatura_lines, _unavailable
        )
        try:
            content = select_content(self.page, profile, extractors)
        except LookupError:
            return None
        lines = strip_frame(content.text_lines(), self.title, self.author_names)
        return "\n".join(strip_offer(lines))[:MAX_TEXT_LENGTH]

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
    """Analyse a page whose content was found with ``profile``.

    None if the model was not run.
    """
    without_profile: MainContent | None = content
    if profile is not None or content.model_scores is None:
        without_profile = reselect_without_profile(content)
    if without_profile is None:
        return None
    return AnalysedPage(
        content.page,
        without_profile,
        title,
        tuple(author_names),
        content.trafilatura_lines,
        includes_captions,
    )


def pack(page: AnalysedPage) -> bytes:
    """A page as bytes; b"" if they are too many."""
    blocks, content = page.page.blocks, page.content
    numbers, parents = _number_nodes(blocks)
    nodes = {block.node.index: block.node for block in blocks}
    fields = (
        parents,
        {numbers[index]: (node.signature, node.tags) for index, node in nodes.items()},
        [numbers[block.node.index] for block in blocks],
        [block.text for block in blocks],
        [block.linked_chars for block in blocks],
        [block.table_row for block in blocks],
        np.array([block.word_count for block in blocks], dtype=np.float64).tobytes(),
        np.asarray(content.scores, dtype=np.float64).tobytes(),
        np.asarray(content.selected, dtype=bool).tobytes(),
        (
            content.method,
            page.title,
            page.author_names,
            page.trafilatura_lines,
            page.includes_captions,
        ),
    )
    blob = zlib.compress(marshal.dumps(fields), ZLIB_LEVEL)
    return blob if len(blob) <= MAX_PACKED_BYTES else b""


def _number_nodes(blocks: list[Block]) -> tuple[dict[int, int], list[int]]:
    """Number the nodes that hold blocks and their ancestors, ancestors first.

    Returns node index → number, and for each number that of the parent (-1: none).
    """
    numbers: dict[int, int] = {}
    parents: list[int] = []
    for block in blocks:
        unnumbered: list[Node] = []
        node: Node | None = block.node
        while node is not None and node.index not in numbers:
            unnumbered.append(node)
            node = node.parent
        for new in reversed(unnumbered):
            numbers[new.index] = len(parents)
            parents.append(numbers[new.parent.index] if new.parent is not None else -1)
    return numbers, parents


def unpack(blob: bytes) -> AnalysedPage:
    """A page as this program packed it."""
    fields = marshal.loads(zlib.decompress(blob))  # noqa: S302
    (
        parents,
        node_facts,
        block_nodes,
        texts,
        linked_chars,
        rows,
        word_counts,
        scores,
        selected,
        rest,
    ) = fields
    nodes: list[Node] = []
    for number, parent_number in enumerate(parents):
        signature, tags = node_facts.get(number, ("", 0))
        parent = nodes[parent_number] if parent_number >= 0 else None
        node = Node(number, parent, "", "", 0, tags, 0, NO_ELEMENT)
        node.cached_signature = signature
        nodes.append(node)
    blocks = [
        Block(nodes[number], text, linked, 0, 0, 0, 0, False, row, _word_count=count)
        for number, text, linked, row, count in zip(
            block_nodes,
            texts,
            linked_chars,
            rows,
            _floats(word_counts).tolist(),
            strict=True,
        )
    ]
    method, title, author_names, trafilatura_lines, includes_captions = rest
    page, model_scores = Page(blocks, nodes), _floats(scores)
    content = MainContent(
        page,
        np.frombuffer(selected, dtype=bool),
        model_scores,
        np.zeros(len(blocks), dtype=np.int8),
        method,
        model_scores=model_scores,
        trafilatura_lines=trafilatura_lines,
    )
    return AnalysedPage(
        page, content, title, author_names, trafilatura_lines, includes_captions
    )


def _floats(data: bytes) -> Any:
    return np.frombuffer(data, dtype=np.float64)
