"""What stands in an article beside its words: links and images, as records. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from lxml.html import HtmlElement

from harvester.model import Image, Link
from harvester.parse.content.body import MainContent
from harvester.parse.content.families import CSS_FAMILIES
from harvester.parse.content.page_blocks import TAG_BITS, Node
from harvester.parse.html.absolute import absolute_url
from harvester.parse.html.charset import clean_line

MAX_RECORDS = 300  # of each kind
MIN_IMAGE_PIXELS = 60  # pixels: icons, and what only counts readers
_NON_CONTENT_BITS = TAG_BITS["nav"] | TAG_BITS["footer"] | TAG_BITS["aside"]
_CAPTION_BIT = 1 << CSS_FAMILIES.index("caption")


def extract_links(content: MainContent, base_url: str) -> tuple[Link, ...]:
    """The links in the text, in order: absolute http(s) addresses, each with its words."""
    kept = set(np.flatnonzero(content.selected).tolist())
    found: list[Link] = []
    for place, href, words in content.page.links:
        if (
            place in kept
            and len(found) < MAX_RECORDS
            and (address := absolute_url(href, base_url))
        ):
            found.append(Link(address, clean_line(words, 300)))
    return tuple(found)


def extract_images(content: MainContent, base_url: str) -> tuple[Image, ...]:
    """The images from a little before the first block of the text to its last, in order, with captions."""
    found: dict[str, Image] = {}
    for place, element, node in _content_images(content):
        address = absolute_url(_image_source(element), base_url)
        if address and address not in found and len(found) < MAX_RECORDS:
            caption = _find_caption(content, place, node)
            words = (
                clean_line(content.page.blocks[caption].text, 1_000)
                if caption is not None
                else ""
            )
            found[address] = Image(address, words, clean_line(element.get("alt"), 500))
    return tuple(found.values())


def find_caption_blocks(content: MainContent) -> frozenset[int]:
    """The places of the blocks that are captions of the images of the text."""
    found = (
        _find_caption(content, place, node)
        for place, _, node in _content_images(content)
    )
    return frozenset(place for place in found if place is not None)


def _content_images(content: MainContent) -> Iterator[tuple[int, HtmlElement, Node]]:
    """The images of the text: (block before which it stands, element, node)."""
    kept = np.flatnonzero(content.selected).tolist()
    for place, element, node in content.page.images if kept else ():
        if (
            kept[0] - 5 <= place <= kept[-1] + 1
            and not node.tags & _NON_CONTENT_BITS
            and not _is_small(element)
        ):
            yield place, element, node


def _image_source(element: HtmlElement) -> str:
    for name in ("src", "data-src", "data-original", "data-lazy-src"):
        value = element.get(name)
        if value and not value.startswith("data:"):
            return str(value)
    many = element.get("srcset") or element.get("data-srcset") or ""
    return str(many).strip().split(" ")[0].split(",")[0]


def _is_small(element: HtmlElement) -> bool:
    sizes = (str(element.get(name) or "") for name in ("width", "height"))
    return any(
        one.isdecimal() and len(one) < 10 and int(one) < MIN_IMAGE_PIXELS
        for one in sizes
    )


def _find_caption(content: MainContent, position: int, node: Node) -> int | None:
    """The place of the nearest block after the image that stands in the same figure, or is named a caption."""
    figure: Node | None = node
    while figure is not None and figure.tag != "figure":
        figure = figure.parent
    for near, block in enumerate(
        content.page.blocks[position : position + 3], position
    ):
        above: Node | None = block.node
        while above is not None:
            if (figure is not None and above is figure) or (
                above is node.parent and block.node.families & _CAPTION_BIT
            ):
                return near
            above = above.parent
    return None
