"""The links and images of an article."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from lxml.html import HtmlElement

from harvester.model import Image, Link
from harvester.parse.content.body import MainContent
from harvester.parse.content.families import CSS_FAMILIES
from harvester.parse.content.page_blocks import TAG_BITS, Node, self_and_ancestors
from harvester.parse.html.absolute import absolute_url
from harvester.parse.html.charset import clean_line

MAX_RECORDS = 300  # of each kind
MIN_IMAGE_PIXELS = 60  # smaller ones are icons and tracking pixels
MAX_BLOCKS_BEFORE_TEXT = 5  # between an image and the text that it belongs to
MAX_CAPTION_DISTANCE = 3  # blocks after the image that are searched for its caption
_NON_CONTENT_BITS = TAG_BITS["nav"] | TAG_BITS["footer"] | TAG_BITS["aside"]
_CAPTION_BIT = 1 << CSS_FAMILIES.index("caption")


def extract_links(content: MainContent, base_url: str) -> tuple[Link, ...]:
    """The links in the text, in order, with absolute http(s) URLs."""
    selected = set(np.flatnonzero(content.selected).tolist())
    links: list[Link] = []
    for index, href, text in content.page.links:
        if (
            index in selected
            and len(links) < MAX_RECORDS
            and (url := absolute_url(href, base_url))
        ):
            links.append(Link(url, clean_line(text, 300)))
    return tuple(links)


def extract_images(content: MainContent, base_url: str) -> tuple[Image, ...]:
    """The images from shortly before the text to its end, in order, with captions."""
    images: dict[str, Image] = {}
    for index, element, node in _content_images(content):
        url = absolute_url(_image_source(element), base_url)
        if url and url not in images and len(images) < MAX_RECORDS:
            caption = _find_caption(content, index, node)
            caption_text = (
                clean_line(content.page.blocks[caption].text, 1_000)
                if caption is not None
                else ""
            )
            images[url] = Image(url, caption_text, clean_line(element.get("alt"), 500))
    return tuple(images.values())


def find_caption_blocks(content: MainContent) -> frozenset[int]:
    """The indices of the blocks that are captions of the text's images."""
    captions = (
        _find_caption(content, index, node)
        for index, _, node in _content_images(content)
    )
    return frozenset(index for index in captions if index is not None)


def _content_images(content: MainContent) -> Iterator[tuple[int, HtmlElement, Node]]:
    """The images of the text: (index of the block after it, element, node)."""
    selected = np.flatnonzero(content.selected).tolist()
    for index, element, node in content.page.images if selected else ():
        if (
            selected[0] - MAX_BLOCKS_BEFORE_TEXT <= index <= selected[-1] + 1
            and not node.tags & _NON_CONTENT_BITS
            and not _is_small(element)
        ):
            yield index, element, node


def _image_source(element: HtmlElement) -> str:
    for attribute in ("src", "data-src", "data-original", "data-lazy-src"):
        source = element.get(attribute)
        if source and not source.startswith("data:"):
            return str(source)
    source_set = element.get("srcset") or element.get("data-srcset") or ""
    return str(source_set).strip().split(" ")[0].split(",")[0]


def _is_small(element: HtmlElement) -> bool:
    sizes = (str(element.get(name) or "") for name in ("width", "height"))
    return any(
        size.isdecimal() and len(size) < 10 and int(size) < MIN_IMAGE_PIXELS
        for size in sizes
    )


def _find_caption(content: MainContent, index: int, node: Node) -> int | None:
    """The first block after an image in the same figure, or named a caption.

    A block named a caption must be in the element around the image's own.
    """
    figure = next(
        (outer for outer in self_and_ancestors(node) if outer.tag == "figure"), None
    )
    nearby = content.page.blocks[index : index + MAX_CAPTION_DISTANCE]
    for caption_index, block in enumerate(nearby, index):
        containers = list(self_and_ancestors(block.node))
        in_figure = figure is not None and any(outer is figure for outer in containers)
        is_named_caption = bool(block.node.families & _CAPTION_BIT) and any(
            outer is node.parent for outer in containers
        )
        if in_figure or is_named_caption:
            return caption_index
    return None
