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
from harvester.parse.content.body import Body, find, lines_of, trafilatura_lines
from harvester.parse.content.boilerplate_lines import inserted, left_out
from harvester.parse.content.extractor import EXTRACTOR
from harvester.parse.content.lines import without_frame
from harvester.parse.content.page_blocks import let_go
from harvester.parse.content.profile import Profile
from harvester.parse.content.training import Study, packed, study_of
from harvester.parse.feeds import discovery
from harvester.parse.html.charset import decode, line, plain
from harvester.parse.html.dom import page_of, tree_of
from harvester.parse.kinds import kind, live
from harvester.parse.kinds.paging import next_page
from harvester.parse.metadata import page_metadata
from harvester.parse.metadata.people import authors
from harvester.parse.metadata.statements import Stated

TEXT_MOST = 2_000_000  # characters
FIELDS = (
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
    at: str,
    known: tuple[str, ...] = (),
    first: str = "",
    profile: Profile | None = None,
) -> Extract:
    """Read a page. ``url`` is where it was reached, ``at`` when it was received. Never raises for bad input.

    ``known``: fields that the feed states; what the page does not state of them is not guessed from its text.
    ``first``: where the article begins, where this is another of its pages. ``profile``: what is known of the outlet.
    """
    return look(body, url, headers, rules, at, known, first, profile).extract


@dataclass(frozen=True, slots=True)
class Look:
    """A reading with what it was made of: the blocks and the opinions of them; None where the text was found by other means.
    ``study``: the page as it is learned from, packed; "" where it was not asked for, or the model was not asked."""

    extract: Extract
    body: Body | None = None
    study: bytes = b""


def look(
    body: bytes,
    url: str,
    headers: tuple[tuple[str, str], ...],
    rules: Rules,
    at: str,
    known: tuple[str, ...] = (),
    first: str = "",
    profile: Profile | None = None,
    studied: bool = False,
) -> Look:
    """``read_article`` for those who want to see why, ``check --explain`` and ``teach``, or to learn from it (``studied``)."""
    robots = _robots_header(headers)
    tree, problem, beyond = _tree(body, headers)
    if tree is None:
        return Look(_nothing(problem, robots))
    following = next_page(tree, url, first)
    rules = outlet_rules.in_force(rules, at)
    stated, holding, byline = _stated(tree, url, rules, at)
    found = stated.values
    lines, body_of_page = _text(tree, stated, rules, holding, profile)
    frame = _frame(stated, byline)
    text = "\n".join(without_frame(lines, *frame))
    made = (
        study_of(body_of_page, profile, *frame, rules.captions)
        if studied and body_of_page
        else None
    )
    if "authors" not in found and byline:
        stated.offer("authors", authors(byline), "text")
    page_metadata.complete(tree, stated, text, rules, url, at, known)
    judged = kind.judge(tree, stated, url, text)
    dated = (
        live.parts(tree, stated.objects, text.split("\n"), at)
        if judged.kind == "live"
        else ()
    )
    extract = Extract(
        url=found.get("url", ""),
        title=line(found.get("title", "")),
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
        text=text[:TEXT_MOST],
        sources={
            name: stated.sources[name] for name in FIELDS if stated.sources.get(name)
        }
        | ({"text": "rule" if holding else "page"} if text else {})
        | _cut(beyond, text),
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
        feeds=discovery.feeds(tree, url),
        links=links_images.links(body_of_page, url) if body_of_page else (),
        images=links_images.images(body_of_page, url) if body_of_page else (),
        profile=profile.name if profile else "",
        method="rule"
        if holding
        else body_of_page.method
        if body_of_page
        else "trafilatura",
        doubt=body_of_page.doubt if body_of_page else 0.0,
        inserts=inserted(body_of_page.page.blocks, text) if body_of_page else (),
        left_out=left_out(body_of_page, text) if body_of_page else (),
    )
    return Look(extract, body_of_page, packed(made) if made else b"")


def study(
    body: bytes, url: str, headers: tuple[tuple[str, str], ...], rules: Rules, at: str
) -> Study | None:
    """A page to learn from; None where it is not read by blocks, or has no text by them."""
    tree, *_ = _tree(body, headers)
    rules = outlet_rules.in_force(rules, at)
    if tree is None or rules.extractor != "auto":
        return None
    stated, holding, byline = _stated(tree, url, rules, at)
    if holding:
        return None
    _, found = _text(tree, stated, rules, holding, None)
    made = (
        study_of(found, None, *_frame(stated, byline), rules.captions)
        if found is not None
        else None
    )
    if made is not None:
        let_go(made.page)
    return made


def read_content(html: str, url: str, title: str, rules: Rules, at: str) -> Extract:
    """The full text of a feed's entry, which is an article's body and nothing else."""
    tree = tree_of(f"<html><body>{html}</body></html>")
    text = ""
    if tree is not None:
        outlet_rules.prune(tree, rules)
        for element in () if rules.captions else _CAPTIONS(tree):
            if element.getparent() is not None:
                element.drop_tree()
        lines = [one for one in lines_of(tree) if not _APPEARED_FIRST.search(one)]
        text = "\n".join(without_frame(lines, title, ()))
    return Extract(
        url="", title=line(title), authors=(), published=None, published_local=None, modified=None, modified_local=None,
        language="", sections=(), tags=(), image="", description="", text=text[:TEXT_MOST], sources={"text": "feed"},
        extractor=EXTRACTOR,
    )  # fmt: skip


_CAPTIONS = etree.XPath("//figcaption | //*[contains(@class, 'wp-caption-text')]")
_APPEARED_FIRST = re.compile(
    r"^(?:The post .* (?:appeared first|first appeared) on |L[’']article .* est apparu en premier sur |Cet article .* est apparu en premier sur )",
    re.IGNORECASE,
)


def _nothing(error: str, robots: tuple[str, ...]) -> Extract:
    return Extract(
        url="", title="", authors=(), published=None, published_local=None, modified=None, modified_local=None,
        language="", sections=(), tags=(), image="", description="", text="", sources={}, extractor=EXTRACTOR,
        robots=robots, error=error,
    )  # fmt: skip


def _robots_header(headers: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    words = [
        line(word, 60).lower()
        for name, value in headers
        if name.lower() == "x-robots-tag"
        for word in value.split(",")
    ]
    return tuple(sorted({word for word in words if word}))[:20]


def _cut(beyond: str, text: str) -> dict[str, str]:
    """What was not looked at, or left out, of a page beyond the bounds."""
    said = [
        beyond,
        f"of {len(text):,} characters of text {TEXT_MOST:,} are kept"
        if len(text) > TEXT_MOST
        else "",
    ]
    return {"cut": "; ".join(filter(None, said))} if any(said) else {}


def _tree(
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
    tree, beyond = page_of(decode(body, content_type))
    return (
        tree,
        "" if tree is not None else "no page: nothing that reads as HTML",
        beyond,
    )


def _stated(
    tree: HtmlElement, url: str, rules: Rules, at: str
) -> tuple[Stated, list[HtmlElement], list[str]]:
    """What the page states of itself, what holds its text by the outlet's rules, and its links to authors; the tree is pruned."""
    given = outlet_rules.fields(tree, rules)
    outlet_rules.prune(tree, rules)
    stated = page_metadata.read(tree, url, at)
    outlet_rules.choose(given, stated, at)
    authored = islice((one for one in tree.iter("a") if one.get("rel") == "author"), 5)
    byline = [name for one in authored if (name := line(one.text_content(), 100))]
    return stated, outlet_rules.text_of(tree, rules), byline


def _frame(stated: Stated, byline: list[str]) -> tuple[str, list[str]]:
    """The title and the names that frame a text."""
    return stated.values.get("title", ""), [*stated.values.get("authors", ()), *byline]


# ---- the text


def _text(
    tree: HtmlElement,
    stated: Stated,
    rules: Rules,
    holding: list[HtmlElement],
    profile: Profile | None,
) -> tuple[list[str], Body | None]:
    """The lines of the text, with what frames it, and how they were found; None: by the outlet's rules, or by trafilatura alone."""
    if holding:
        return [one for part in holding for one in lines_of(part)], None
    if rules.extractor == "trafilatura":
        return trafilatura_lines(tree), None
    found = find(
        tree,
        stated.values.get("title", ""),
        stated.values.get("description", ""),
        stated_text(stated),
        profile,
    )
    return found.text(links_images.captions(found) if rules.captions else ()), found


def stated_text(stated: Stated) -> str:
    """The longest text that the page's JSON-LD states of it, plain; "" where there is none."""
    bodies = [one.get("articleBody") for one in stated.objects[:60]]
    longest = max((one for one in bodies if isinstance(one, str)), key=len, default="")[
        :TEXT_MOST
    ]
    return plain(longest, TEXT_MOST) if "<" in longest or "&" in longest else longest
