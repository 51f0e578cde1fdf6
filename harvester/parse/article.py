"""An article page: its text and what it says of itself. Pure: the same bytes and rules give the same extract, always.

*Text* is paragraphs, headings, list items and quotations as lines joined by ``\\n``; without the title, byline, date line,
captions, sign-off, or a closing line that is only the author's name. ``body`` finds where it stands. Not for: what is equal
(``identity``).
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from harvester.model import Extract, Rules
from harvester.parse import links_images, outlet_rules
from harvester.parse.content.body import MainContent, find_content
from harvester.parse.content.boilerplate_lines import (
    boilerplate_lines,
    omitted_line_hashes,
)
from harvester.parse.content.extractor import EXTRACTOR
from harvester.parse.content.lines import strip_frame
from harvester.parse.content.page_blocks import release_tree
from harvester.parse.content.profile import Profile
from harvester.parse.content.trafilatura_text import trafilatura_lines
from harvester.parse.content.training import AnalysedPage, make_analysed_page, pack
from harvester.parse.feeds import discovery
from harvester.parse.html.charset import clean_line, decode, html_to_text
from harvester.parse.html.dom import parse_html, parse_page
from harvester.parse.html.element_text import MAX_TEXT_LENGTH, element_lines
from harvester.parse.kinds import kind, live
from harvester.parse.kinds.paging import find_next_page_url
from harvester.parse.metadata import page_metadata
from harvester.parse.metadata.people import parse_author_names
from harvester.parse.metadata.statements import PageMetadata

SOURCED_FIELDS = (
    "url",
    "title",
    "authors",
    "published",
    "modified",
    "language",
    "sections",
    "tags",
    "image",
    "description",
)

logging.getLogger("trafilatura").setLevel(
    logging.CRITICAL
)  # what cannot be read is an outcome, told by us
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def read_article(
    body: bytes,
    url: str,
    headers: tuple[tuple[str, str], ...],
    rules: Rules,
    captured_at: str,
    feed_fields: tuple[str, ...] = (),
    first_url: str = "",
    profile: Profile | None = None,
) -> Extract:
    """Read a page. ``url`` is where it was reached, ``at`` when it was received. Never raises for bad input.

    ``known``: fields that the feed states; what the page does not state of them is not guessed from its text.
    ``first``: where the article begins, where this is another of its pages. ``profile``: what is known of the outlet.
    """
    return extract_article(
        body, url, headers, rules, captured_at, feed_fields, first_url, profile
    ).extract


@dataclass(frozen=True, slots=True)
class ExtractionResult:
    """A reading with what it was made of: the blocks and the opinions of them; None where the text was found by other means.
    ``study``: the page as it is learned from, packed; "" where it was not asked for, or the model was not asked."""

    extract: Extract
    content: MainContent | None = None
    packed_page: bytes = b""


def extract_article(
    body: bytes,
    url: str,
    headers: tuple[tuple[str, str], ...],
    rules: Rules,
    captured_at: str,
    feed_fields: tuple[str, ...] = (),
    first_url: str = "",
    profile: Profile | None = None,
    for_training: bool = False,
) -> ExtractionResult:
    """``read_article`` for those who want to see why, ``check --explain`` and ``teach``, or to learn from it (``studied``)."""
    robots = _robots_directives(headers)
    tree, problem, beyond = _parse_body(body, headers)
    if tree is None:
        return ExtractionResult(_empty_extract(problem, robots))
    following = find_next_page_url(tree, url, first_url)
    rules = outlet_rules.effective_rules(rules, captured_at)
    stated, holding, byline = _read_page_metadata(tree, url, rules, captured_at)
    found = stated.values
    lines, body_of_page = _extract_lines(tree, stated, rules, holding, profile)
    frame = _title_and_names(stated, byline)
    text = "\n".join(strip_frame(lines, *frame))
    made = (
        make_analysed_page(body_of_page, profile, *frame, rules.captions)
        if for_training and body_of_page
        else None
    )
    if "authors" not in found and byline:
        stated.add("authors", parse_author_names(byline), "text")
    page_metadata.fill_missing(tree, stated, text, rules, url, captured_at, feed_fields)
    judged = kind.classify_page(tree, stated, url, text)
    dated = (
        live.extract_posts(tree, stated.objects, text.split("\n"), captured_at)
        if judged.kind == "live"
        else ()
    )
    extract = Extract(
        url=found.get("url", ""),
        title=clean_line(found.get("title", "")),
        authors=found.get("authors", ()),
        published=found.get("published"),
        published_local=found.get("published_local"),
        modified=found.get("modified"),
        modified_local=found.get("modified_local"),
        language=found.get("language", ""),
        sections=found.get("sections", ()),
        tags=found.get("tags", ()),
        image=found.get("image", ""),
        description=found.get("description", ""),
        text=text[:MAX_TEXT_LENGTH],
        sources={
            name: stated.sources[name]
            for name in SOURCED_FIELDS
            if stated.sources.get(name)
        }
        | ({"text": "rule" if holding else "page"} if text else {})
        | _truncation_source(beyond, text),
        extractor=EXTRACTOR,
        aliases=found.get("aliases", ()),
        robots=tuple(sorted({*robots, *found.get("robots", ())})),
        error="" if text else "no text found",
        caption=found.get("caption", ""),
        statements=stated.statements,
        next_page=following,
        kind=judged.kind,
        access=judged.access,
        why=judged.why,
        parts=dated,
        feeds=discovery.find_feed_urls(tree, url),
        links=links_images.extract_links(body_of_page, url) if body_of_page else (),
        images=links_images.extract_images(body_of_page, url) if body_of_page else (),
        profile=profile.digest if profile else "",
        method="rule"
        if holding
        else body_of_page.method
        if body_of_page
        else "trafilatura",
        doubt=body_of_page.uncertainty if body_of_page else 0.0,
        inserts=boilerplate_lines(body_of_page.page.blocks, text)
        if body_of_page
        else (),
        left_out=omitted_line_hashes(body_of_page, text) if body_of_page else (),
    )
    return ExtractionResult(extract, body_of_page, pack(made) if made else b"")


def analyse_page(
    body: bytes,
    url: str,
    headers: tuple[tuple[str, str], ...],
    rules: Rules,
    captured_at: str,
) -> AnalysedPage | None:
    """A page to learn from; None where it is not read by blocks, or has no text by them."""
    tree, *_ = _parse_body(body, headers)
    rules = outlet_rules.effective_rules(rules, captured_at)
    if tree is None or rules.extractor != "auto":
        return None
    stated, holding, byline = _read_page_metadata(tree, url, rules, captured_at)
    if holding:
        return None
    _, found = _extract_lines(tree, stated, rules, holding, None)
    made = (
        make_analysed_page(
            found, None, *_title_and_names(stated, byline), rules.captions
        )
        if found is not None
        else None
    )
    if made is not None:
        release_tree(made.page)
    return made


def read_entry_content(
    html: str, url: str, title: str, rules: Rules, captured_at: str
) -> Extract:
    """The full text of a feed's entry, which is an article's body and nothing else."""
    tree = parse_html(f"<html><body>{html}</body></html>")
    text = ""
    if tree is not None:
        outlet_rules.remove_elements(tree, rules)
        for element in () if rules.captions else _CAPTION_ELEMENTS(tree):
            if element.getparent() is not None:
                element.drop_tree()
        lines = [one for one in element_lines(tree) if not _FEED_FOOTER.search(one)]
        text = "\n".join(strip_frame(lines, title, ()))
    return Extract(
        url="", title=clean_line(title), authors=(), published=None, published_local=None, modified=None, modified_local=None,
        language="", sections=(), tags=(), image="", description="", text=text[:MAX_TEXT_LENGTH], sources={"text": "feed"},
        extractor=EXTRACTOR,
    )  # fmt: skip


_CAPTION_ELEMENTS = etree.XPath(
    "//figcaption | //*[contains(@class, 'wp-caption-text')]"
)
_FEED_FOOTER = re.compile(
    r"^(?:The post .* (?:appeared first|first appeared) on |L[’']article .* est apparu en premier sur |Cet article .* est apparu en premier sur )",
    re.IGNORECASE,
)


def _empty_extract(error: str, robots: tuple[str, ...]) -> Extract:
    return Extract(
        url="", title="", authors=(), published=None, published_local=None, modified=None, modified_local=None,
        language="", sections=(), tags=(), image="", description="", text="", sources={}, extractor=EXTRACTOR,
        robots=robots, error=error,
    )  # fmt: skip


def _robots_directives(headers: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    words = [
        clean_line(word, 60).lower()
        for name, value in headers
        if name.lower() == "x-robots-tag"
        for word in value.split(",")
    ]
    return tuple(sorted({word for word in words if word}))[:20]


def _truncation_source(unread: str, text: str) -> dict[str, str]:
    """What was not looked at, or left out, of a page beyond the bounds."""
    said = [
        unread,
        f"of {len(text):,} characters of text {MAX_TEXT_LENGTH:,} are kept"
        if len(text) > MAX_TEXT_LENGTH
        else "",
    ]
    return {"cut": "; ".join(filter(None, said))} if any(said) else {}


def _parse_body(
    body: bytes, headers: tuple[tuple[str, str], ...]
) -> tuple[HtmlElement | None, str, str]:
    """The page's tree, or why there is none; and what of the page it does not hold."""
    content_type = next(
        (value for name, value in headers if name.lower() == "content-type"), ""
    )
    if re.match(
        r"\s*(?:image|audio|video|font)/|\s*application/(?:pdf|zip|octet-stream|gzip|json)\b",
        content_type,
    ):
        if body.lstrip()[:1] != b"<":
            return None, f"no page: {content_type.partition(';')[0].strip()}", ""
    tree, beyond = parse_page(decode(body, content_type))
    return (
        tree,
        "" if tree is not None else "no page: nothing that reads as HTML",
        beyond,
    )


def _read_page_metadata(
    tree: HtmlElement, url: str, rules: Rules, captured_at: str
) -> tuple[PageMetadata, list[HtmlElement], list[str]]:
    """What the page states of itself, what holds its text by the outlet's rules, and its links to authors; the tree is pruned."""
    given = outlet_rules.read_fields(tree, rules)
    outlet_rules.remove_elements(tree, rules)
    stated = page_metadata.extract_metadata(tree, url, captured_at)
    outlet_rules.apply_fields(given, stated, captured_at)
    authored = islice((one for one in tree.iter("a") if one.get("rel") == "author"), 5)
    byline = [name for one in authored if (name := clean_line(one.text_content(), 100))]
    return stated, outlet_rules.find_text_elements(tree, rules), byline


def _title_and_names(
    page_metadata: PageMetadata, byline_names: list[str]
) -> tuple[str, list[str]]:
    """The title and the names that frame a text."""
    return page_metadata.values.get("title", ""), [
        *page_metadata.values.get("authors", ()),
        *byline_names,
    ]


# ---- the text


def _extract_lines(
    tree: HtmlElement,
    page_metadata: PageMetadata,
    rules: Rules,
    rule_elements: list[HtmlElement],
    profile: Profile | None,
) -> tuple[list[str], MainContent | None]:
    """The lines of the text, with what frames it, and how they were found; None: by the outlet's rules, or by trafilatura alone."""
    if rule_elements:
        return [one for part in rule_elements for one in element_lines(part)], None
    if rules.extractor == "trafilatura":
        return trafilatura_lines(tree), None
    found = find_content(
        tree,
        page_metadata.values.get("title", ""),
        page_metadata.values.get("description", ""),
        json_ld_text(page_metadata),
        profile,
    )
    return found.text_lines(
        links_images.find_caption_blocks(found) if rules.captions else ()
    ), found


def json_ld_text(page_metadata: PageMetadata) -> str:
    """The longest text that the page's JSON-LD states of it, plain; "" where there is none."""
    bodies = [one.get("articleBody") for one in page_metadata.objects[:60]]
    longest = max((one for one in bodies if isinstance(one, str)), key=len, default="")[
        :MAX_TEXT_LENGTH
    ]
    return (
        html_to_text(longest, MAX_TEXT_LENGTH)
        if "<" in longest or "&" in longest
        else longest
    )
