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

INTERSTITIAL_OUTCOMES = {
    "wall": Outcome.BLOCKED,
    "login": Outcome.BLOCKED,
    "error": Outcome.FAILED,
}
FULL_TEXT_KINDS = ("article", "live", "gallery")
MIN_LENGTH_SHARE = (
    0.8  # a beginning with that share of the words held is no less than what is held
)
MIN_WORDS_OVER_STORED = 40  # words in place of a text that is held
MIN_WORDS_ANNOUNCED = 12  # words in place of one that was announced only: briefs are short, and feeds give them other headlines
CHARACTERS_PER_WORD = 2.5  # characters a word, where words are not spaced
MIN_RELATED_SHARE = (
    0.2  # share of its words in what is held, from which on a text is a wording of it
)
MIN_CONTAINED_SHARE = (
    0.8  # a stub of whose words that share stands in the whole is its beginning
)


@dataclass(frozen=True, slots=True)
class CheckVerdict:
    """``compare``: as two wordings; ``reread``: the same article, now read better; ``ignore``: what is held stays, the page
    still stands there; ``other``: something else stands there."""

    action: Literal["compare", "reread", "ignore", "other"] = "compare"
    reason: str = ""
    paywalled: bool = (
        False  # the whole article is held, and only its beginning is shown now
    )


def interstitial_outcome(extract: Extract | None) -> tuple[Outcome | None, str]:
    """Outcome and reason of a page that stands in an article's place; (None, "") where it is one."""
    if extract is None or extract.kind not in INTERSTITIAL_OUTCOMES:
        return None, ""
    return INTERSTITIAL_OUTCOMES[
        extract.kind
    ], extract.why or f"a page of kind {extract.kind}"


def unrelated_text_reason(title: str, text: str, extract: Extract) -> str:
    """Why a page that says a few words is not what was announced under that title, or held with that text; "" where it may be."""
    words = (
        len(extract.text) / CHARACTERS_PER_WORD
        if wording.has_unspaced_script(extract.text)
        else len(extract.text.split())
    )
    if words >= (MIN_WORDS_OVER_STORED if text else MIN_WORDS_ANNOUNCED):
        return ""
    if same_article.is_same_headline(title, extract.title) or (
        text and wording.shingle_containment(extract.text, text) >= MIN_RELATED_SHARE
    ):
        return ""
    agrees = same_article.matches_announcement(title, extract.title, extract.text)
    if agrees or (agrees is None and not text):
        return ""
    return f"shows a few other words in its place: {extract.title[:100]!r}"


def classify_check(kind: str, text: str, extract: Extract) -> CheckVerdict:
    """What a further look means. ``kind`` and ``text``: of the version held."""
    if extract.kind == "index":
        if kind == "index":
            return CheckVerdict(
                "ignore", "a list of articles: what changes on it is no edit"
            )
        return (
            CheckVerdict("other", f"another page stands there: {extract.why}")
            if kind in FULL_TEXT_KINDS
            else CheckVerdict()
        )
    if kind in INTERSTITIAL_OUTCOMES:  # held before it was seen to be none
        return CheckVerdict("reread")
    if extract.kind == "stub":
        return _classify_stub(kind, text, extract)
    if kind == "stub" and _is_beginning_of(text, extract.text):
        return CheckVerdict("reread")
    return CheckVerdict("reread") if kind == "index" else CheckVerdict()


def _classify_stub(kind: str, text: str, extract: Extract) -> CheckVerdict:
    shorter = len(extract.text) < MIN_LENGTH_SHARE * len(text)
    if kind in FULL_TEXT_KINDS:
        return (
            CheckVerdict("ignore", extract.why, paywalled=True)
            if shorter
            else CheckVerdict()
        )
    longer = len(text) < MIN_LENGTH_SHARE * len(extract.text)
    if (
        kind == "stub"
        and (shorter or longer)
        and (
            _is_beginning_of(text, extract.text) or _is_beginning_of(extract.text, text)
        )
    ):
        # Where more or less of it is shown from look to look, the most is kept.
        return CheckVerdict("reread") if longer else CheckVerdict("ignore", extract.why)
    return CheckVerdict()


def _is_beginning_of(beginning: str, full_text: str) -> bool:
    """Whether a beginning stands in the whole, but for its last line: an invitation to subscribe, or half a sentence."""
    lines = beginning.split("\n")
    kept = "\n".join(lines[:-1]) if len(lines) > 1 else beginning
    return (
        wording.shingle_containment(kept, full_text) >= MIN_CONTAINED_SHARE
        or wording.shingle_containment(beginning, full_text) >= MIN_CONTAINED_SHARE
    )
