"""What stands in an article beside its words: links and images, as records. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from lxml.html import HtmlElement

from harvester.model import Link, Picture
from harvester.parse.content.body import Body
from harvester.parse.content.families import NAMES
from harvester.parse.content.page_blocks import TAGS, Node
from harvester.parse.html.absolute import absolute
from harvester.parse.html.charset import line

MOST = 300  # of each kind
SMALL = 60  # pixels: icons, and what only counts readers
_APART = TAGS["nav"] | TAGS["footer"] | TAGS["aside"]
_CAPTION = 1 << NAMES.index("caption")


def links(body: Body, url: str) -> tuple[Link, ...]:
    """The links in the text, in order: absolute http(s) addresses, each with its words."""
    kept = set(np.flatnonzero(body.kept).tolist())
    found: list[Link] = []
    for place, href, words in body.page.links:
        if place in kept and len(found) < MOST and (address := absolute(href, url)):
            found.append(Link(address, line(words, 300)))
    return tuple(found)


def images(body: Body, url: str) -> tuple[Picture, ...]:
    """The images from a little before the first block of the text to its last, in order, with captions."""
    found: dict[str, Picture] = {}
    for place, element, node in _shown(body):
        address = absolute(_source(element), url)
        if address and address not in found and len(found) < MOST:
            caption = _caption(body, place, node)
            words = (
                line(body.page.blocks[caption].text, 1_000)
                if caption is not None
                else ""
            )
            found[address] = Picture(address, words, line(element.get("alt"), 500))
    return tuple(found.values())


def captions(body: Body) -> frozenset[int]:
    """The places of the blocks that are captions of the images of the text."""
    found = (_caption(body, place, node) for place, _, node in _shown(body))
    return frozenset(place for place in found if place is not None)


def _shown(body: Body) -> Iterator[tuple[int, HtmlElement, Node]]:
    """The images of the text: (block before which it stands, element, node)."""
    kept = np.flatnonzero(body.kept).tolist()
    for place, element, node in body.page.images if kept else ():
        if (
            kept[0] - 5 <= place <= kept[-1] + 1
            and not node.tags & _APART
            and not _small(element)
        ):
            yield place, element, node


def _source(element: HtmlElement) -> str:
    for name in ("src", "data-src", "data-original", "data-lazy-src"):
        value = element.get(name)
        if value and not value.startswith("data:"):
            return str(value)
    many = element.get("srcset") or element.get("data-srcset") or ""
    return str(many).strip().split(" ")[0].split(",")[0]


def _small(element: HtmlElement) -> bool:
    sizes = (str(element.get(name) or "") for name in ("width", "height"))
    return any(one.isdecimal() and len(one) < 10 and int(one) < SMALL for one in sizes)


def _caption(body: Body, place: int, node: Node) -> int | None:
    """The place of the nearest block after the image that stands in the same figure, or is named a caption."""
    figure: Node | None = node
    while figure is not None and figure.tag != "figure":
        figure = figure.parent
    for near, block in enumerate(body.page.blocks[place : place + 3], place):
        above: Node | None = block.node
        while above is not None:
            if (figure is not None and above is figure) or (
                above is node.parent and block.node.families & _CAPTION
            ):
                return near
            above = above.parent
    return None
