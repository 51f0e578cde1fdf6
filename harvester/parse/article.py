"""Reads an article page: its text, and what it states of itself.

Pure: the same bytes, rules and profile always give the same extract. The text is
paragraphs, headings, list items and quotations, as lines joined by ``\\n``; without the
title, byline, dateline, captions and sign-off. It is found by ``content``. Does not
decide which texts are equal; see ``identity``.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from harvester.model import Extract, LivePost, Rules
from harvester.parse import links_images, outlet_rules
from harvester.parse.content.body import MainContent, find_content
from harvester.parse.content.boilerplate_lines import (
    boilerplate_lines,
    omitted_line_hashes,
)
from harvester.parse.content.extractor import EMPTY_EXTRACT
from harvester.parse.content.lines import strip_frame, strip_offer
from harvester.parse.content.page_blocks import release_tree, split_into_blocks
from harvester.parse.content.profile import Profile
from harvester.parse.content.trafilatura_text import trafilatura_lines
from harvester.parse.content.training import AnalysedPage, make_analysed_page, pack
from harvester.parse.feeds import discovery
from harvester.parse.html.charset import (
    clean_line,
    decode_to_utf_8,
    without_gzip,
)
from harvester.parse.html.dom import parse_html, parse_page
from harvester.parse.html.element_text import MAX_TEXT_LENGTH, element_lines
from harvester.parse.html.media_type import sniff_binary
from harvester.parse.kinds import kind, live
from harvester.parse.kinds.other_articles import Article, remove_other_articles
from harvester.parse.kinds.paging import find_next_page_url
from harvester.parse.metadata import page_metadata
from harvester.parse.metadata.reservations import header_directives, join_directives
from harvester.parse.metadata.statements import PageMetadata
from harvester.parse.names.people import parse_author_names
from harvester.parse.plain_page import is_plain_text, read_plain_page
from harvester.parse.script_text import (
    find_script_redirect,
    json_ld_text,
    lines_in_scripts,
)

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

# Pages that cannot be read are outcomes, which we report ourselves.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


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
    """Read a page. Never raises for bad input.

    ``url``: where it was found, after redirects. ``feed_fields``: fields that the feed
    states; if the page does not, they are not guessed from its text. ``first_url``: the
    article's first page, if this is another one. ``profile``: of the outlet.
    """
    return extract_article(
        body, url, headers, rules, captured_at, feed_fields, first_url, profile
    ).extract


@dataclass(frozen=True, slots=True)
class ExtractionResult:
    """An extract, and what it was made of."""

    extract: Extract
    content: MainContent | None = None  # None if the text was not found by blocks
    packed_page: bytes = b""  # to learn from; empty if not asked for or not available


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
    """``read_article``, with the blocks to explain it by or to learn from."""
    robots = header_directives(headers)
    plain = _read_plain_text(body, headers, rules)
    if plain is not None:
        digest = profile.digest if profile else ""
        return ExtractionResult(replace(plain, robots=robots, profile=digest))
    tree, error, unread = _parse_body(body, headers)
    if tree is None:
        return ExtractionResult(replace(EMPTY_EXTRACT, robots=robots, error=error))
    next_page = find_next_page_url(tree, url, first_url)
    rules = outlet_rules.effective_rules(rules, captured_at)
    page = _read_metadata(tree, url, rules, captured_at)
    metadata = page.metadata
    _remove_other_articles(tree, url, page)
    lines, content = _extract_lines(tree, page, rules, profile)
    frame = page.title_and_names()
    is_live = bool(live.live_blog_reason(tree, metadata, url))
    if is_live and content is not None:
        content, further_posts = live.select_posts(tree, content, metadata.objects)
        lines = [*content.text_lines(), *further_posts]
    lines = strip_frame(lines, *frame)
    source = "rule" if page.text_elements else "page"
    if content is not None and content.method != "profile" and not is_live:
        script_source, script_lines = lines_in_scripts(tree, metadata, url, lines)
        if script_source:
            source, content = script_source, None
            lines = strip_frame(script_lines, *frame)
    text = "\n".join(lines)
    analysed = None
    if for_training and content is not None and not is_live:
        analysed = make_analysed_page(content, profile, *frame, rules.captions)
    if "authors" not in metadata.values and page.byline_names:
        metadata.add("authors", parse_author_names(page.byline_names), "text")
    page_metadata.fill_missing(
        tree, metadata, text, rules, url, captured_at, feed_fields
    )
    classification = kind.classify_page(tree, metadata, url, text)
    text = "\n".join(strip_offer(lines, classification.kind == "stub"))
    posts: tuple[LivePost, ...] = ()
    if classification.kind == "live":
        posts = live.extract_posts(
            tree, metadata.objects, text.split("\n"), captured_at
        )
    text_source = {"text": source} if text else {}
    extract = replace(
        EMPTY_EXTRACT,
        **_stated_fields(metadata),
        **_content_fields(content, source, url, text),
        text=text[:MAX_TEXT_LENGTH],
        sources=_field_sources(metadata) | text_source | _cut_source(unread, text),
        robots=join_directives(metadata.values.get("robots", ()), robots),
        error="" if text else _no_text_reason(tree, url),
        next_page=next_page,
        kind=classification.kind,
        access=classification.access,
        why=classification.why,
        parts=posts,
        feeds=discovery.find_feed_urls(tree, url),
        profile=profile.digest if profile else "",
    )
    return ExtractionResult(extract, content, pack(analysed) if analysed else b"")


def analyse_page(
    body: bytes,
    url: str,
    headers: tuple[tuple[str, str], ...],
    rules: Rules,
    captured_at: str,
) -> AnalysedPage | None:
    """A page to learn from; None if its text is not found by blocks, or empty."""
    if _read_plain_text(body, headers, rules) is not None:
        return None
    tree, *_ = _parse_body(body, headers)
    rules = outlet_rules.effective_rules(rules, captured_at)
    if tree is None or rules.extractor != "auto":
        return None
    page = _read_metadata(tree, url, rules, captured_at)
    if page.text_elements:
        return None
    _remove_other_articles(tree, url, page)
    _, content = _extract_lines(tree, page, rules, None)
    if content is None:
        return None
    frame = page.title_and_names()
    analysed = make_analysed_page(content, None, *frame, rules.captions)
    if analysed is not None:
        release_tree(analysed.page)
    return analysed


_CAPTION_ELEMENTS = etree.XPath(
    "//figcaption | //*[contains(@class, 'wp-caption-text')]"
)
_FEED_FOOTER = re.compile(
    r"^(?:The post .* (?:appeared first|first appeared) on "
    r"|L[’']article .* est apparu en premier sur "
    r"|Cet article .* est apparu en premier sur )",
    re.IGNORECASE,
)


def read_entry_content(
    html: str, url: str, title: str, rules: Rules, captured_at: str
) -> Extract:
    """The full text of a feed's entry: an article's body and nothing else."""
    tree = parse_html(f"<html><body>{html}</body></html>")
    text = ""
    if tree is not None:
        outlet_rules.remove_elements(tree, rules)
        for element in () if rules.captions else _CAPTION_ELEMENTS(tree):
            if element.getparent() is not None:
                element.drop_tree()
        lines = [line for line in element_lines(tree) if not _FEED_FOOTER.search(line)]
        text = "\n".join(strip_frame(lines, title, ()))
    return replace(
        EMPTY_EXTRACT,
        title=clean_line(title),
        text=text[:MAX_TEXT_LENGTH],
        sources={"text": "feed"},
    )


# ---- the page


NO_PAGE = "no page: "  # begins the error; what it is instead
NOT_HTML = "nothing that reads as HTML"
_OTHER_MEDIA_TYPES = re.compile(
    r"\s*(?:image|audio|video|font)/"
    r"|\s*application/(?:pdf|zip|octet-stream|gzip|json)\b"
)


def is_other_media(error: str) -> bool:
    """Whether this error of an extract says that the body is no text: a PDF, a picture."""
    return error.startswith(NO_PAGE) and not error.endswith(NOT_HTML)


def _read_plain_text(
    body: bytes, headers: tuple[tuple[str, str], ...], rules: Rules
) -> Extract | None:
    """The extract of a page that is plain text; None if it is not."""
    content_type = _content_type(headers)
    if not content_type.lstrip().lower().startswith("text/"):
        return None
    body = without_gzip(body)
    if sniff_binary(body) or not is_plain_text(body, content_type):
        return None
    return read_plain_page(body, content_type, rules)


def _content_type(headers: tuple[tuple[str, str], ...]) -> str:
    return next(
        (value for name, value in headers if name.lower() == "content-type"), ""
    )


def _parse_body(
    body: bytes, headers: tuple[tuple[str, str], ...]
) -> tuple[HtmlElement | None, str, str]:
    """The tree of a page, else the error; and what the tree leaves out, in words."""
    content_type = _content_type(headers)
    body = without_gzip(body)
    if _OTHER_MEDIA_TYPES.match(content_type) and body.lstrip()[:1] != b"<":
        media_type = content_type.partition(";")[0].strip()
    else:
        media_type = sniff_binary(body)
    if media_type:
        return None, f"{NO_PAGE}{media_type}", ""
    tree, unread = parse_page(*decode_to_utf_8(body, content_type))
    error = "" if tree is not None else f"{NO_PAGE}{NOT_HTML}"
    return tree, error, unread


@dataclass(frozen=True, slots=True)
class _PageFacts:
    """What a page states, before its text is found."""

    url: str
    metadata: PageMetadata
    text_elements: list[HtmlElement]  # that hold the text by the outlet's rules
    byline_names: list[str]  # texts of links to authors
    articles: list[Article] | None  # as ``remove_other_articles`` returns them

    def title_and_names(self) -> tuple[str, list[str]]:
        """The title and the names that may frame the text."""
        values = self.metadata.values
        return values.get("title", ""), [*values.get("authors", ()), *self.byline_names]


def _read_metadata(
    tree: HtmlElement, url: str, rules: Rules, captured_at: str
) -> _PageFacts:
    """Read what a page states; removes from the tree what the rules remove."""
    rule_fields = outlet_rules.read_fields(tree, rules)
    outlet_rules.remove_elements(tree, rules)
    articles = remove_other_articles(tree, url)
    metadata = page_metadata.extract_metadata(tree, url, captured_at)
    outlet_rules.apply_fields(rule_fields, metadata, captured_at)
    author_links = (link for link in tree.iter("a") if link.get("rel") == "author")
    names = (clean_line(link.text_content(), 100) for link in islice(author_links, 5))
    return _PageFacts(
        url,
        metadata,
        outlet_rules.find_text_elements(tree, rules),
        [name for name in names if name],
        articles,
    )


def _remove_other_articles(tree: HtmlElement, url: str, page: _PageFacts) -> None:
    """Remove the articles that only the page's title and JSON-LD tell from its own."""
    metadata = page.metadata
    titles = (metadata.values.get("title", ""),)
    remove_other_articles(tree, url, titles, metadata.objects, page.articles)


# ---- the text


def _extract_lines(
    tree: HtmlElement, page: _PageFacts, rules: Rules, profile: Profile | None
) -> tuple[list[str], MainContent | None]:
    """The lines of the text, with what frames it, and the content that they are from.

    The content is None if the text was found by the outlet's rules, or by trafilatura
    alone.
    """
    if page.text_elements:
        split_into_blocks(tree)  # which removes what no reader sees
        return [
            line for element in page.text_elements for line in element_lines(element)
        ], None
    if rules.extractor == "trafilatura":
        split_into_blocks(tree)
        return trafilatura_lines(tree), None
    content = find_content(
        tree,
        page.metadata.values.get("title", ""),
        page.metadata.values.get("description", ""),
        json_ld_text(page.metadata),
        profile,
        page.url,
    )
    captions = links_images.find_caption_blocks(content) if rules.captions else ()
    return content.text_lines(captions), content


# ---- the extract


def _no_text_reason(tree: HtmlElement, url: str) -> str:
    """Why a page has no text, as far as can be told."""
    target = find_script_redirect(tree, url)
    if not target:
        return "no text found"
    return f"no text found: a script sends readers to {target}, which is not followed"


def _stated_fields(metadata: PageMetadata) -> dict[str, Any]:
    values = metadata.values
    return {
        "url": values.get("url", ""),
        "title": clean_line(values.get("title", "")),
        "authors": values.get("authors", ()),
        "published": values.get("published"),
        "published_local": values.get("published_local"),
        "modified": values.get("modified"),
        "modified_local": values.get("modified_local"),
        "language": values.get("language", ""),
        "sections": values.get("sections", ()),
        "tags": values.get("tags", ()),
        "image": values.get("image", ""),
        "description": values.get("description", ""),
        "aliases": values.get("aliases", ()),
        "caption": values.get("caption", ""),
        "statements": metadata.statements,
    }


def _content_fields(
    content: MainContent | None, source: str, url: str, text: str
) -> dict[str, Any]:
    if content is None:
        return {"method": "trafilatura" if source == "page" else source}
    return {
        "method": content.method,
        "doubt": content.uncertainty,
        "links": links_images.extract_links(content, url),
        "images": links_images.extract_images(content, url),
        "inserts": boilerplate_lines(content.page.blocks, text),
        "left_out": omitted_line_hashes(content, text),
    }


def _field_sources(metadata: PageMetadata) -> dict[str, str]:
    return {
        name: metadata.sources[name]
        for name in SOURCED_FIELDS
        if metadata.sources.get(name)
    }


def _cut_source(unread: str, text: str) -> dict[str, str]:
    """What limits left out of a page or its text, as the source "cut"."""
    reasons = [unread] if unread else []
    if len(text) > MAX_TEXT_LENGTH:
        reasons.append(
            f"of {len(text):,} characters of text {MAX_TEXT_LENGTH:,} are kept"
        )
    return {"cut": "; ".join(reasons)} if reasons else {}
