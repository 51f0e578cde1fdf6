"""What follows from the kind of a page: what stands in an article's place makes no version and no edit. Pure.

First visit: a wall or login is ``blocked``, an error page ``failed``; a list of articles or a stub is kept as a version of
that kind, since it was announced and there may never be more. A few words that are none of those announced are not believed at
once: networks and servers answer for an outlet with pages that nobody can know. A later look: the article as held stays, whatever stands there
instead; the first whole reading of what was held as a stub is the article read at last, no edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harvester.identity import same_article, wording
from harvester.model import Extract, Outcome

OUTCOMES = {"wall": Outcome.BLOCKED, "login": Outcome.BLOCKED, "error": Outcome.FAILED}
WHOLE = ("article", "live", "gallery")
AS_LONG = (
    0.8  # a beginning with that share of the words held is no less than what is held
)
FEW = 40  # words in place of a text that is held
FEWEST = 12  # words in place of one that was announced only: briefs are short, and feeds give them other headlines
LETTERS = 2.5  # characters a word, where words are not spaced
KIN = 0.2  # share of its words in what is held, from which on a text is a wording of it
INSIDE = 0.8  # a stub of whose words that share stands in the whole is its beginning


@dataclass(frozen=True, slots=True)
class Found:
    """``compare``: as two wordings; ``reread``: the same article, now read better; ``ignore``: what is held stays, the page
    still stands there; ``other``: something else stands there."""

    what: Literal["compare", "reread", "ignore", "other"] = "compare"
    reason: str = ""
    paywalled: bool = (
        False  # the whole article is held, and only its beginning is shown now
    )


def in_place(extract: Extract | None) -> tuple[Outcome | None, str]:
    """Outcome and reason of a page that stands in an article's place; (None, "") where it is one."""
    if extract is None or extract.kind not in OUTCOMES:
        return None, ""
    return OUTCOMES[extract.kind], extract.why or f"a page of kind {extract.kind}"


def few_others(title: str, text: str, extract: Extract) -> str:
    """Why a page that says a few words is not what was announced under that title, or held with that text; "" where it may be."""
    words = (
        len(extract.text) / LETTERS
        if wording.unspaced(extract.text)
        else len(extract.text.split())
    )
    if words >= (FEW if text else FEWEST):
        return ""
    if same_article.one_headline(title, extract.title) or (
        text and wording.alike(extract.text, text) >= KIN
    ):
        return ""
    agrees = same_article.announced(title, extract.title, extract.text)
    if agrees or (agrees is None and not text):
        return ""
    return f"shows a few other words in its place: {extract.title[:100]!r}"


def look(kind: str, text: str, extract: Extract) -> Found:
    """What a further look means. ``kind`` and ``text``: of the version held."""
    if extract.kind == "index":
        if kind == "index":
            return Found("ignore", "a list of articles: what changes on it is no edit")
        return (
            Found("other", f"another page stands there: {extract.why}")
            if kind in WHOLE
            else Found()
        )
    if kind in OUTCOMES:  # held before it was seen to be none
        return Found("reread")
    if extract.kind == "stub":
        return _stub(kind, text, extract)
    if kind == "stub" and _inside(text, extract.text):
        return Found("reread")
    return Found("reread") if kind == "index" else Found()


def _stub(kind: str, text: str, extract: Extract) -> Found:
    shorter = len(extract.text) < AS_LONG * len(text)
    if kind in WHOLE:
        return Found("ignore", extract.why, paywalled=True) if shorter else Found()
    longer = len(text) < AS_LONG * len(extract.text)
    if (
        kind == "stub"
        and (shorter or longer)
        and (_inside(text, extract.text) or _inside(extract.text, text))
    ):
        # Where more or less of it is shown from look to look, the most is kept.
        return Found("reread") if longer else Found("ignore", extract.why)
    return Found()


def _inside(beginning: str, whole: str) -> bool:
    """Whether a beginning stands in the whole, but for its last line: an invitation to subscribe, or half a sentence."""
    lines = beginning.split("\n")
    kept = "\n".join(lines[:-1]) if len(lines) > 1 else beginning
    return (
        wording.alike(kept, whole) >= INSIDE
        or wording.alike(beginning, whole) >= INSIDE
    )
