"""Who may read a page: what it states (free, metered, paywalled), and what the cut itself tells. Pure.

Sources: schema.org ``isAccessibleForFree`` with ``hasPart.cssSelector`` (structured data for paywalled content),
``article:content_tier`` (free, metered, locked). A statement alone makes no stub: paying readers' markup stands on whole
articles too; a stub is short, and says or shows that it goes on elsewhere.
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
from harvester.parse.metadata.jsonld import get_types
from harvester.parse.metadata.statements import PageMetadata

ARTICLE_TYPES = re.compile(
    r"(?:Article|BlogPosting|LiveBlogPosting|Report|Review|NewsItem)$"
)
MAX_STUB_WORDS = 250  # words: a longer beginning counts as an article, unless the page states how long the whole is
STUB_THRESHOLD = 1.0  # of evidence
MIN_LENGTH_RATIO = 2.0  # the whole is stated to be so many times as long
MAX_TEASER_WORDS = (
    150  # words: so short a text with an invitation behind it is a beginning
)
PROMPT_WINDOW_LINES = 6  # lines behind the text in which an invitation belongs to it
COMPLETE_SHARE = 0.6  # of the stated words in the page's sentences: it is all there, whatever was read of it
MAX_ELEMENTS_PER_SELECTOR = 20  # elements of one class that are looked into
MIN_ARTICLE_WORDS = (
    15  # words beside the prompts: with less, nothing of the article is there
)


@dataclass(frozen=True, slots=True)
class Access:
    """``access`` as in ``model.Extract``; ``kind`` "stub" or "wall" where the text is cut."""

    access: str = "unknown"
    why: str = ""
    kind: str = ""
    paywalled_selectors: tuple[str, ...] = field(
        default=()
    )  # CSS selectors of what is not free


def count_words(text: str) -> int:
    """Words of a text; where words are not set apart, two characters count as one."""
    found = text.count(" ") + text.count("\n") + 1 if text else 0
    return (
        max(found, len(text) // 2 - found)
        if _UNSPACED_SCRIPT.search(text[:400])
        else found
    )


_UNSPACED_SCRIPT = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]{8}")


def declared_access(metadata: PageMetadata) -> Access:
    """What the page says of access."""
    free, parts = None, []
    for node in metadata.objects[:200]:
        given = _parse_bool(
            node.get("isAccessibleForFree", node.get("isAccessibleForFree".lower()))
        )
        if given is None:
            continue
        selector = node.get("cssSelector")
        if selector and given is False:
            parts += [
                one
                for one in (selector if isinstance(selector, list) else [selector])
                if isinstance(one, str)
            ]
        elif any(
            ARTICLE_TYPES.search(one) or one in ("WebPage", "CreativeWork")
            for one in get_types(node)
        ):
            free = given if free is None else free and given
    tier = next(
        (
            metadata.metas[name][0].lower()
            for name in _TIER_METAS
            if name in metadata.metas
        ),
        "",
    )
    selectors = tuple(parts[:5])
    if tier in ("metered", "meter"):
        return Access(
            "metered", "states that it is metered", paywalled_selectors=selectors
        )
    if free is False or tier in _PAYWALLED_TIERS or (free is None and selectors):
        return Access(
            "paywalled", "states that it is not free", paywalled_selectors=selectors
        )
    if free is True or tier in ("free", "open", "public"):
        return Access("free", "states that it is free")
    return Access()


_TIER_METAS = (
    "article:content_tier",
    "content_tier",
    "content-tier",
    "og:article:content_tier",
    "article:access",
    "accesslevel",
)
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


def _parse_bool(value: Any) -> bool | None:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {
            "true": True,
            "yes": True,
            "1": True,
            "false": False,
            "no": False,
            "0": False,
        }.get(value.strip().lower().rpartition("/")[2])
    return None


def detect_stub(
    tree: HtmlElement,
    metadata: PageMetadata,
    text: str,
    word_count: int,
    visible_lines: list[str],
    declared: Access,
) -> Access:
    """Whether the text is only the beginning. ``shown``: the lines that a visitor reads, where it is short."""
    whole = _stated_word_count(metadata)
    longer = (
        whole >= word_count * MIN_LENGTH_RATIO
        and whole >= word_count + 150
        and _count_prose_words(tree) < whole * COMPLETE_SHARE
    )
    if word_count >= MAX_STUB_WORDS and not (
        longer and declared.access in ("paywalled", "metered")
    ):
        return Access()
    lines = text.split("\n")
    ending = [one for one in lines[-3:] if phrases.is_subscription_prompt(one)]
    score, why = 0.0, []
    if longer:
        score, why = score + 1.0, [f"{word_count} of {whole} words"]
    if ending:
        plain = word_count < MAX_TEASER_WORDS or any(
            phrases.PAYWALL_TEXT.search(one) for one in ending
        )
        score, why = (
            score + (1.0 if plain else 0.6),
            [*why, f"it ends with {clean_line(ending[0], 60)!r}"],
        )
    elif word_count < MAX_STUB_WORDS and (
        invitation := _find_subscribe_prompt(visible_lines, lines)
    ):
        near, said = invitation
        score, why = (
            score + (1.0 if near and word_count < MAX_TEASER_WORDS else 0.6),
            [*why, f"the page says {clean_line(said, 60)!r}"],
        )
    if declared.access == "paywalled":
        score, why = score + 0.5, [*why, declared.why]
        if (
            word_count < MAX_STUB_WORDS
            and declared.paywalled_selectors
            and _is_paid_content_missing(tree, declared.paywalled_selectors)
        ):
            score, why = score + 0.4, [*why, "what is not free is not there"]
    elsewhere = (
        bool(phrases.READ_ELSEWHERE_LINE.fullmatch(lines[-1].strip()))
        and word_count < MAX_STUB_WORDS // 2
    )
    if elsewhere:
        score, why = score + 0.7, [*why, f"it ends with {clean_line(lines[-1], 60)!r}"]
    if score and _ends_mid_sentence(lines, ending, elsewhere):
        score, why = score + 0.4, [*why, "it breaks off"]
    if score < STUB_THRESHOLD or (word_count >= MAX_STUB_WORDS and not longer):
        return Access()
    rest = count_words("\n".join(one for one in lines if one not in ending))
    paid = (
        "paywalled"
        if declared.access != "metered" and not (elsewhere and score < 1.5)
        else declared.access
    )
    if rest < MIN_ARTICLE_WORDS and (word_count < MIN_ARTICLE_WORDS or ending):
        return Access(
            paid,
            "a subscription wall stands before the article: " + "; ".join(why),
            "wall",
        )
    return Access(paid, "only the beginning of the article: " + "; ".join(why), "stub")


def _find_subscribe_prompt(
    visible_lines: list[str], lines: list[str]
) -> tuple[bool, str] | None:
    """The line of the page that invites to subscribe, and whether it stands right behind the text."""
    ends = [_line_key(one) for one in lines[-3:] if len(one) >= 20]
    last = max(
        (place for place, one in enumerate(visible_lines) if _line_key(one) in ends),
        default=-1,
    )
    first = max(0, last - len(lines) - PROMPT_WINDOW_LINES) if last >= 0 else 0
    order = [*range(first, len(visible_lines)), *range(first)]
    place = next(
        phrases.find_subscription_prompts([visible_lines[one] for one in order]), None
    )
    if place is None:
        return None
    return last >= 0 and order[place] >= first and order[
        place
    ] <= last + PROMPT_WINDOW_LINES, visible_lines[order[place]]


def _line_key(text: str) -> str:
    return "".join(text.split())[:40]


def _stated_word_count(metadata: PageMetadata) -> int:
    """Words that the article has, as the page states it."""
    for node in metadata.objects[:60]:
        if any(ARTICLE_TYPES.search(one) for one in get_types(node)):
            value = node.get("wordCount")
            if (
                isinstance(value, str)
                and value.strip().isdecimal()
                and len(value.strip()) < 7
            ):
                value = int(value)
            if (
                isinstance(value, int)
                and not isinstance(value, bool)
                and 0 < value < 100_000
            ):
                return value
    return 0


def _count_prose_words(tree: HtmlElement) -> int:
    """Words of the page that stand in sentences, wherever they stand."""
    return sum(
        words
        for one in _TEXT_NODES(tree)
        if (words := len(one.split())) >= MIN_SENTENCE_WORDS
    )


_TEXT_NODES = etree.XPath(
    "//body//text()[not(parent::script or parent::style or parent::template)]",
    smart_strings=False,
)
MIN_SENTENCE_WORDS = 12


_SENTENCE_END = re.compile(r"[.!?。！？»”\"’')\]}:;؟।]\s*$")
_ELLIPSIS = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|\(…\)|\(\.\.\.\))\W*$")


def _ends_mid_sentence(
    lines: list[str], prompts: list[str], continued_elsewhere: bool
) -> bool:
    """Whether the last line that is no prompt stops in the middle of a sentence."""
    kept = [
        one
        for one in (lines[:-1] if continued_elsewhere else lines)
        if one not in prompts and one.strip()
    ]
    if not kept:
        return False
    return bool(_ELLIPSIS.search(kept[-1])) or (
        len(kept[-1].split()) > 8 and not _SENTENCE_END.search(kept[-1])
    )


def _is_paid_content_missing(tree: HtmlElement, selectors: tuple[str, ...]) -> bool:
    """Whether what the page says is not free is missing or bare. Only plain classes and ids are looked for."""
    for selector in selectors:
        match = re.fullmatch(r"\s*\w*([.#])([\w-]+)\s*", selector[:100])
        if match is None:
            return False
        name, wanted = ("class", match[2]) if match[1] == "." else ("id", match[2])
        named = (one for one in tree.iter() if wanted in (one.get(name) or "").split())
        if any(
            len(one.text_content().split()) > 60
            for one in islice(named, MAX_ELEMENTS_PER_SELECTOR)
        ):
            return False
    return True
