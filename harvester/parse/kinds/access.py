"""Who may read a page: whether it is free, metered or paywalled, and whether it is cut.

Sources: schema.org ``isAccessibleForFree`` with ``hasPart.cssSelector`` (structured
data for paywalled content) and ``article:content_tier`` (free, metered, locked). A
statement alone does not make a stub, because whole articles carry the same markup; a
stub is short, and says or shows that it continues elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from harvester.parse.content import phrases
from harvester.parse.html.charset import clean_line
from harvester.parse.kinds.headline_links import (
    UNSPACED_SCRIPT,
    headline_link_texts,
    normalise_headline,
)
from harvester.parse.metadata.jsonld import get_types
from harvester.parse.metadata.statements import PageMetadata

ARTICLE_TYPES = re.compile(
    r"(?:Article|BlogPosting|LiveBlogPosting|Report|Review|NewsItem)$"
)

STUB_THRESHOLD = 1.0  # sum of evidence from which on a text is a stub
# A longer beginning counts as an article, unless the page states a length of the whole.
MAX_STUB_WORDS = 250
MAX_TEASER_WORDS = 150  # up to here, a subscription prompt after the text suffices
MIN_ARTICLE_WORDS = 15  # beside the prompts; with fewer there is nothing of the article
MIN_LENGTH_RATIO = 2.0  # of the stated word count and the text's
MIN_MISSING_WORDS = 150  # of the stated word count beyond the text's
# If this share of the stated words is in the page's sentences, nothing is missing,
# whatever was extracted.
COMPLETE_SHARE = 0.6
MIN_SENTENCE_WORDS = 12
PROMPT_WINDOW_LINES = 6  # lines after the text in which a prompt belongs to it
MAX_ELEMENTS_PER_SELECTOR = 20

_TIER_METAS = (
    "article:content_tier",
    "content_tier",
    "content-tier",
    "og:article:content_tier",
    "article:access",
    "accesslevel",
)
_FREE_TIERS = ("free", "open", "public")
_METERED_TIERS = ("metered", "meter")
_PAYWALLED_TIERS = (
    "locked",
    "paid",
    "premium",
    "subscriber",
    "subscription",
    "paywall",
    "registered",
    "restricted",
    "exclusive",
)
_BOOLEAN_WORDS = {
    "true": True,
    "yes": True,
    "1": True,
    "false": False,
    "no": False,
    "0": False,
}
_TEXT_NODES = etree.XPath(
    "//body//text()[not(parent::script or parent::style or parent::template)]",
    smart_strings=False,
)
_SENTENCE_END = re.compile(r"[.!?。！？»”\"’')\]}:;؟।]\s*$")
_ELLIPSIS = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|\(…\)|\(\.\.\.\))\W*$")
_PLAIN_SELECTOR = re.compile(r"\s*\w*([.#])([\w-]+)\s*")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read a page, and why we think so.

    ``access`` as in ``model.Extract``; ``kind`` is "stub" or "wall" if the text is cut.
    ``paywalled_selectors``: CSS selectors of what is not free.
    """

    access: str = "unknown"
    why: str = ""
    kind: str = ""
    paywalled_selectors: tuple[str, ...] = ()


@dataclass(slots=True)
class _Evidence:
    """What suggests that a text is cut: its weight in sum, and the reasons."""

    score: float = 0.0
    reasons: list[str] = field(default_factory=list)

    def add(self, weight: float, reason: str) -> None:
        self.score += weight
        self.reasons.append(reason)


def count_words(text: str) -> int:
    """Words of a text; without spaces between words, two characters are a word."""
    count = text.count(" ") + text.count("\n") + 1 if text else 0
    if UNSPACED_SCRIPT.search(text[:400]):
        return max(count, len(text) // 2 - count)
    return count


# ---- what the page states


def declared_access(metadata: PageMetadata) -> Access:
    """What the page states about access."""
    is_free, selectors = _declared_in_json_ld(metadata)
    tiers = (metadata.metas[name][0] for name in _TIER_METAS if name in metadata.metas)
    tier = next(tiers, "").lower()
    if tier in _METERED_TIERS:
        return Access(
            "metered", "states that it is metered", paywalled_selectors=selectors
        )
    if (
        is_free is False
        or tier in _PAYWALLED_TIERS
        or (is_free is None and bool(selectors))
    ):
        return Access(
            "paywalled", "states that it is not free", paywalled_selectors=selectors
        )
    if is_free is True or tier in _FREE_TIERS:
        return Access("free", "states that it is free")
    return Access()


def _declared_in_json_ld(metadata: PageMetadata) -> tuple[bool | None, tuple[str, ...]]:
    """Whether the article is free, None if not stated; selectors of what is not."""
    is_free, selectors = None, []
    for node in metadata.objects[:200]:
        value = _parse_bool(
            node.get("isAccessibleForFree", node.get("isaccessibleforfree"))
        )
        if value is None:
            continue
        selector = node.get("cssSelector")
        if selector and value is False:
            several = selector if isinstance(selector, list) else [selector]
            selectors += [text for text in several if isinstance(text, str)]
        elif any(
            ARTICLE_TYPES.search(name) or name in ("WebPage", "CreativeWork")
            for name in get_types(node)
        ):
            is_free = value if is_free is None else is_free and value
    return is_free, tuple(selectors[:5])


def _parse_bool(value: Any) -> bool | None:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _BOOLEAN_WORDS.get(value.strip().lower().rpartition("/")[2])
    return None


# ---- whether the text is cut


def detect_stub(
    tree: HtmlElement,
    metadata: PageMetadata,
    text: str,
    word_count: int,
    visible_lines: list[str],
    declared: Access,
) -> Access:
    """Whether the text is only the beginning; ``Access.kind`` is "" if it is not.

    ``visible_lines``: the lines that a visitor reads, if the text is short.
    """
    stated_count = _stated_word_count(metadata)
    is_longer = (
        stated_count >= word_count * MIN_LENGTH_RATIO
        and stated_count >= word_count + MIN_MISSING_WORDS
        and _count_prose_words(tree) < stated_count * COMPLETE_SHARE
    )
    is_short = word_count < MAX_STUB_WORDS
    if not is_short and not (is_longer and declared.access in ("paywalled", "metered")):
        return Access()
    lines = text.split("\n")
    prompts = [line for line in lines[-3:] if phrases.is_subscription_prompt(line)]
    ends_elsewhere = (
        bool(phrases.READ_ELSEWHERE_LINE.fullmatch(lines[-1].strip()))
        and word_count < MAX_STUB_WORDS // 2
    )
    evidence = _Evidence()
    if is_longer:
        evidence.add(1.0, f"{word_count} of {stated_count} words")
    _weigh_prompts(evidence, prompts, lines, word_count, visible_lines, tree)
    if declared.access == "paywalled":
        evidence.add(0.5, declared.why)
        if is_short and _is_paid_content_missing(tree, declared.paywalled_selectors):
            evidence.add(0.4, "what is not free is not there")
    if ends_elsewhere:
        evidence.add(0.7, f"it ends with {clean_line(lines[-1], 60)!r}")
    if evidence.score and _ends_mid_sentence(lines, prompts, ends_elsewhere):
        evidence.add(0.4, "it breaks off")
    if evidence.score < STUB_THRESHOLD or (not is_short and not is_longer):
        return Access()
    access = declared.access
    if access != "metered" and not (ends_elsewhere and evidence.score < 1.5):
        access = "paywalled"
    why = "; ".join(evidence.reasons)
    rest = count_words("\n".join(line for line in lines if line not in prompts))
    if rest < MIN_ARTICLE_WORDS and (word_count < MIN_ARTICLE_WORDS or prompts):
        why = f"a subscription wall in place of the article: {why}"
        return Access(access, why, "wall")
    return Access(access, f"only the beginning of the article: {why}", "stub")


def _weigh_prompts(
    evidence: _Evidence,
    prompts: list[str],
    lines: list[str],
    word_count: int,
    visible_lines: list[str],
    tree: HtmlElement,
) -> None:
    """Weigh the prompts to subscribe: those that end the text, else one of the page."""
    if prompts:
        is_plain = word_count < MAX_TEASER_WORDS or any(
            phrases.PAYWALL_TEXT.search(line) for line in prompts
        )
        reason = f"it ends with {clean_line(prompts[0], 60)!r}"
        evidence.add(1.0 if is_plain else 0.6, reason)
    elif word_count < MAX_STUB_WORDS:
        prompt = _find_subscribe_prompt(visible_lines, lines, tree)
        if prompt is not None:
            is_near, line = prompt
            is_plain = is_near and word_count < MAX_TEASER_WORDS
            reason = f"the page says {clean_line(line, 60)!r}"
            evidence.add(1.0 if is_plain else 0.6, reason)


def _find_subscribe_prompt(
    visible_lines: list[str], lines: list[str], tree: HtmlElement
) -> tuple[bool, str] | None:
    """A line of the page that prompts to subscribe, and whether it follows the text.

    Lines from the text on are searched first, then those before it. A line beside the
    headline of another article speaks of that one.
    """
    endings = [_line_key(line) for line in lines[-3:] if len(line) >= 20]
    last = max(
        (n for n, line in enumerate(visible_lines) if _line_key(line) in endings),
        default=-1,
    )
    first = max(0, last - len(lines) - PROMPT_WINDOW_LINES) if last >= 0 else 0
    order = [*range(first, len(visible_lines)), *range(first)]
    ordered = [visible_lines[n] for n in order]
    positions = list(phrases.find_subscription_prompts(ordered))
    headlines = headline_link_texts(tree) if positions else set()
    number = next(
        (
            order[position]
            for position in positions
            if not _is_beside_headline(visible_lines, order[position], headlines)
        ),
        None,
    )
    if number is None:
        return None
    is_near = last >= 0 and first <= number <= last + PROMPT_WINDOW_LINES
    return is_near, visible_lines[number]


def _is_beside_headline(lines: list[str], number: int, headlines: set[str]) -> bool:
    """Whether a line is the headline of another article, or just before or after one.

    ``headlines``: the texts of the page's links.
    """
    return (
        normalise_headline(lines[number]) in headlines
        and not (phrases.PAYWALL_TEXT.search(lines[number]))
    ) or any(
        normalise_headline(line) in headlines
        and not phrases.is_subscription_prompt(line)
        for line in (
            *lines[max(0, number - 1) : number],
            *lines[number + 1 : number + 2],
        )
    )


def _line_key(text: str) -> str:
    return "".join(text.split())[:40]


def _stated_word_count(metadata: PageMetadata) -> int:
    """The article's word count as the page states it; 0 if it does not."""
    for node in metadata.objects[:60]:
        if not any(ARTICLE_TYPES.search(name) for name in get_types(node)):
            continue
        value = node.get("wordCount")
        if isinstance(value, str):
            digits = value.strip()
            value = int(digits) if digits.isdecimal() and len(digits) < 7 else 0
        if isinstance(value, bool) or not isinstance(value, int):
            continue
        if 0 < value < 100_000:
            return value
    return 0


def _count_prose_words(tree: HtmlElement) -> int:
    """Words of the page in sentences, wherever they stand."""
    counts = (len(text.split()) for text in _TEXT_NODES(tree))
    return sum(count for count in counts if count >= MIN_SENTENCE_WORDS)


def _ends_mid_sentence(
    lines: list[str], prompts: list[str], ends_elsewhere: bool
) -> bool:
    """Whether the last line that is not a prompt stops in the middle of a sentence."""
    last = ""
    for line in lines[:-1] if ends_elsewhere else lines:
        if line not in prompts and line.strip():
            last = line
    if _ELLIPSIS.search(last):
        return True
    return len(last.split()) > 8 and not _SENTENCE_END.search(last)


def _is_paid_content_missing(tree: HtmlElement, selectors: tuple[str, ...]) -> bool:
    """Whether what the page declares as not free is missing or nearly empty.

    Only plain classes and ids are looked up; False if a selector is anything else.
    """
    for selector in selectors:
        match = _PLAIN_SELECTOR.fullmatch(selector[:100])
        if match is None:
            return False
        attribute, name = ("class", match[2]) if match[1] == "." else ("id", match[2])
        elements = (
            element
            for element in tree.iter()
            if name in (element.get(attribute) or "").split()
        )
        if any(
            len(element.text_content().split()) > 60
            for element in islice(elements, MAX_ELEMENTS_PER_SELECTOR)
        ):
            return False
    return bool(selectors)
