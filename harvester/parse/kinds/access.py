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
from harvester.parse.html.charset import line
from harvester.parse.metadata.jsonld import types
from harvester.parse.metadata.statements import Stated

ARTICLE = re.compile(r"(?:Article|BlogPosting|LiveBlogPosting|Report|Review|NewsItem)$")
STUB_MOST = 250  # words: a longer beginning counts as an article, unless the page states how long the whole is
ENOUGH = 1.0  # of evidence
WHOLE_TWICE = 2.0  # the whole is stated to be so many times as long
NOTE_MOST = 150  # words: so short a text with an invitation behind it is a beginning
NEAR = 6  # lines behind the text in which an invitation belongs to it
HELD = 0.6  # of the stated words in the page's sentences: it is all there, whatever was read of it
NAMED_MOST = 20  # elements of one class that are looked into
WALL_LEAST = 15  # words beside the prompts: with less, nothing of the article is there


@dataclass(frozen=True, slots=True)
class Access:
    """``access`` as in ``model.Extract``; ``kind`` "stub" or "wall" where the text is cut."""

    access: str = "unknown"
    why: str = ""
    kind: str = ""
    parts: tuple[str, ...] = field(default=())  # CSS selectors of what is not free


def measure(text: str) -> int:
    """Words of a text; where words are not set apart, two characters count as one."""
    found = text.count(" ") + text.count("\n") + 1 if text else 0
    return max(found, len(text) // 2 - found) if _UNSPACED.search(text[:400]) else found


_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]{8}")


def stated(page: Stated) -> Access:
    """What the page says of access."""
    free, parts = None, []
    for node in page.objects[:200]:
        given = _truth(
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
            ARTICLE.search(one) or one in ("WebPage", "CreativeWork")
            for one in types(node)
        ):
            free = given if free is None else free and given
    tier = next(
        (page.metas[name][0].lower() for name in _TIERS if name in page.metas), ""
    )
    selectors = tuple(parts[:5])
    if tier in ("metered", "meter"):
        return Access("metered", "states that it is metered", parts=selectors)
    if free is False or tier in _LOCKED or (free is None and selectors):
        return Access("paywalled", "states that it is not free", parts=selectors)
    if free is True or tier in ("free", "open", "public"):
        return Access("free", "states that it is free")
    return Access()


_TIERS = (
    "article:content_tier",
    "content_tier",
    "content-tier",
    "og:article:content_tier",
    "article:access",
    "accesslevel",
)
_LOCKED = (
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


def _truth(value: Any) -> bool | None:
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


def cut(
    tree: HtmlElement,
    page: Stated,
    text: str,
    words: int,
    shown: list[str],
    free: Access,
) -> Access:
    """Whether the text is only the beginning. ``shown``: the lines that a visitor reads, where it is short."""
    whole = _whole(page)
    longer = (
        whole >= words * WHOLE_TWICE
        and whole >= words + 150
        and _prose(tree) < whole * HELD
    )
    if words >= STUB_MOST and not (longer and free.access in ("paywalled", "metered")):
        return Access()
    lines = text.split("\n")
    ending = [one for one in lines[-3:] if phrases.invites(one)]
    score, why = 0.0, []
    if longer:
        score, why = score + 1.0, [f"{words} of {whole} words"]
    if ending:
        plain = words < NOTE_MOST or any(
            phrases.PAYWALL_TEXT.search(one) for one in ending
        )
        score, why = (
            score + (1.0 if plain else 0.6),
            [*why, f"it ends with {line(ending[0], 60)!r}"],
        )
    elif words < STUB_MOST and (invitation := _invitation(shown, lines)):
        near, said = invitation
        score, why = (
            score + (1.0 if near and words < NOTE_MOST else 0.6),
            [*why, f"the page says {line(said, 60)!r}"],
        )
    if free.access == "paywalled":
        score, why = score + 0.5, [*why, free.why]
        if words < STUB_MOST and free.parts and _empty(tree, free.parts):
            score, why = score + 0.4, [*why, "what is not free is not there"]
    elsewhere = (
        bool(phrases.ELSEWHERE_LINE.fullmatch(lines[-1].strip()))
        and words < STUB_MOST // 2
    )
    if elsewhere:
        score, why = score + 0.7, [*why, f"it ends with {line(lines[-1], 60)!r}"]
    if score and _broken_off(lines, ending, elsewhere):
        score, why = score + 0.4, [*why, "it breaks off"]
    if score < ENOUGH or (words >= STUB_MOST and not longer):
        return Access()
    rest = measure("\n".join(one for one in lines if one not in ending))
    paid = (
        "paywalled"
        if free.access != "metered" and not (elsewhere and score < 1.5)
        else free.access
    )
    if rest < WALL_LEAST and (words < WALL_LEAST or ending):
        return Access(
            paid,
            "a subscription wall stands before the article: " + "; ".join(why),
            "wall",
        )
    return Access(paid, "only the beginning of the article: " + "; ".join(why), "stub")


def _invitation(shown: list[str], lines: list[str]) -> tuple[bool, str] | None:
    """The line of the page that invites to subscribe, and whether it stands right behind the text."""
    ends = [_start(one) for one in lines[-3:] if len(one) >= 20]
    last = max(
        (place for place, one in enumerate(shown) if _start(one) in ends), default=-1
    )
    first = max(0, last - len(lines) - NEAR) if last >= 0 else 0
    order = [*range(first, len(shown)), *range(first)]
    place = next(phrases.inviting([shown[one] for one in order]), None)
    if place is None:
        return None
    return last >= 0 and order[place] >= first and order[place] <= last + NEAR, shown[
        order[place]
    ]


def _start(text: str) -> str:
    return "".join(text.split())[:40]


def _whole(page: Stated) -> int:
    """Words that the article has, as the page states it."""
    for node in page.objects[:60]:
        if any(ARTICLE.search(one) for one in types(node)):
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


def _prose(tree: HtmlElement) -> int:
    """Words of the page that stand in sentences, wherever they stand."""
    return sum(words for one in _TEXTS(tree) if (words := len(one.split())) >= SENTENCE)


_TEXTS = etree.XPath(
    "//body//text()[not(parent::script or parent::style or parent::template)]",
    smart_strings=False,
)
SENTENCE = 12


_ENDS = re.compile(r"[.!?。！？»”\"’')\]}:;؟।]\s*$")
_ELLIPSIS = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|\(…\)|\(\.\.\.\))\W*$")


def _broken_off(lines: list[str], ending: list[str], elsewhere: bool) -> bool:
    """Whether the last line that is no prompt stops in the middle of a sentence."""
    kept = [
        one
        for one in (lines[:-1] if elsewhere else lines)
        if one not in ending and one.strip()
    ]
    if not kept:
        return False
    return bool(_ELLIPSIS.search(kept[-1])) or (
        len(kept[-1].split()) > 8 and not _ENDS.search(kept[-1])
    )


def _empty(tree: HtmlElement, selectors: tuple[str, ...]) -> bool:
    """Whether what the page says is not free is missing or bare. Only plain classes and ids are looked for."""
    for selector in selectors:
        match = re.fullmatch(r"\s*\w*([.#])([\w-]+)\s*", selector[:100])
        if match is None:
            return False
        name, wanted = ("class", match[2]) if match[1] == "." else ("id", match[2])
        named = (one for one in tree.iter() if wanted in (one.get(name) or "").split())
        if any(
            len(one.text_content().split()) > 60 for one in islice(named, NAMED_MOST)
        ):
            return False
    return True
