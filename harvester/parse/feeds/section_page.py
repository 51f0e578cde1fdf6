"""The links of an HTML page, with what tells links to articles from others.

Does not decide which are articles (``ingest.section_links``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from harvester.errors import InvalidResponse
from harvester.parse.html.absolute import absolute_url
from harvester.parse.html.charset import clean_line, decode
from harvester.parse.html.dom import parse_page
from harvester.parse.html.media_type import sniff_binary

MAX_LINKS = 5_000
MAX_TEXT_LENGTH = 300  # characters of a headline
MAX_ANCESTORS = 60  # that are searched for a menu
GROUP_ANCESTORS = 5  # that say in which list a link is
# An element with so large a share of a page's links is the page, whatever its name.
MAX_FRAME_SHARE = 0.5
_BASE_HREF = etree.XPath("string(/html/head/descendant::base[@href][1]/@href)")
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_FRAME_TAGS = frozenset(("nav", "footer", "form", "address"))
_FRAME_ROLES = frozenset(("navigation", "contentinfo", "menu", "menubar", "search"))
_FRAME_NAME = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|submenu|megamenu|footer|breadcrumbs?"
    r"|social|share|sharing|cookies?|consent|login|signin|subscribe|newsletter"
    r"|pagination|pager|paging|tags|taglist|byline|languages?|legal|skip|toolbar)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link of a page, in page order; several to one URL are one."""

    url: str  # absolute
    text: str  # its headline: that of a heading, else the longest
    is_heading: bool  # it is in a heading, or has one
    is_frame: bool  # only in menus, footers and the like
    group: str  # of elements around it: equal for the links of one list


@dataclass(frozen=True, slots=True)
class LinkedPage:
    """A page as a list of links."""

    title: str
    links: tuple[PageLink, ...]


def read_page_links(body: bytes, content_type: str, url: str) -> LinkedPage:
    """The links of a page. Raises InvalidResponse if it is no page."""
    kind = sniff_binary(body)
    if kind:
        raise InvalidResponse(f"{kind} instead of a page")
    tree, _ = parse_page(decode(body, content_type))
    if tree is None:
        raise InvalidResponse("not a page: nothing in it reads as HTML")
    base_url = absolute_url(_BASE_HREF(tree), url) or url
    anchors = list(islice(tree.iter("a"), MAX_LINKS))
    frames = _Frames(len(anchors))
    links: dict[str, PageLink] = {}
    for anchor in anchors:
        target = absolute_url((anchor.get("href") or "").strip(), base_url)
        target = target.partition("#")[0]
        if target:
            link = _build_link(anchor, target, frames)
            known = links.get(target)
            links[target] = link if known is None else _merge(known, link)
    title = tree.find(".//title")
    text = title.text_content() if title is not None else ""
    return LinkedPage(clean_line(text, MAX_TEXT_LENGTH), tuple(links.values()))


def _build_link(anchor: HtmlElement, url: str, frames: _Frames) -> PageLink:
    inner = next((element for element in anchor.iter(*_HEADINGS)), None)
    outer = next(islice(anchor.iterancestors(*_HEADINGS), 1), None)
    source = anchor if inner is None else inner
    text = clean_line(source.text_content(), MAX_TEXT_LENGTH)
    return PageLink(
        url=url,
        text=text or _other_text(anchor),
        is_heading=inner is not None or outer is not None,
        is_frame=frames.contains(anchor),
        group=_group(anchor),
    )


def _other_text(anchor: HtmlElement) -> str:
    """What a link without text says: its title, its label, its picture's text."""
    image = next(anchor.iter("img"), None)
    stated = (
        anchor.get("title")
        or anchor.get("aria-label")
        or (image.get("alt") if image is not None else "")
    )
    return clean_line(stated, MAX_TEXT_LENGTH)


def _merge(first: PageLink, second: PageLink) -> PageLink:
    """One link of two to one URL: the better text, at the first place."""
    ranks = [
        (link.is_heading, not link.is_frame, len(link.text)) for link in (first, second)
    ]
    better = second if ranks[1] > ranks[0] else first
    return replace(
        better,
        is_heading=first.is_heading or second.is_heading,
        is_frame=first.is_frame and second.is_frame,
    )


def _group(anchor: HtmlElement) -> str:
    """Tag and first class of the elements around a link."""
    names = []
    for element in islice(anchor.iterancestors(), GROUP_ANCESTORS):
        first_class = (element.get("class") or "").split(maxsplit=1)[:1]
        names.append(".".join((str(element.tag), *first_class)))
    return "<".join(names)


class _Frames:
    """Which elements are menus, footers and the like."""

    def __init__(self, link_count: int) -> None:
        self._max_links = max(link_count * MAX_FRAME_SHARE, 3.0)
        self._verdicts: dict[HtmlElement, bool] = {}

    def contains(self, anchor: HtmlElement) -> bool:
        """Whether a link is in such an element."""
        return any(
            self._is_frame(element)
            for element in islice(anchor.iterancestors(), MAX_ANCESTORS)
        )

    def _is_frame(self, element: HtmlElement) -> bool:
        verdict = self._verdicts.get(element)
        if verdict is None:
            verdict = self._decide(element)
            self._verdicts[element] = verdict
        return verdict

    def _decide(self, element: HtmlElement) -> bool:
        tag = element.tag
        if tag in ("html", "body", "main", "article"):
            return False
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        role = (element.get("role") or "").lower()
        is_named = tag in _FRAME_TAGS or role in _FRAME_ROLES
        if not is_named and not _FRAME_NAME.search(names[:2_000]):
            return False
        link_count = sum(1 for _ in islice(element.iter("a"), int(self._max_links) + 1))
        return link_count <= self._max_links or tag in ("nav", "footer")
