"""What follows from the kind of a page: interstitials make no version. Pure.

First visit: a wall or login is ``blocked``, an error page ``failed``; an index or a
stub is stored as a version of that kind, since it was announced and may be all there is.
A few words that are not those announced are not believed at once: networks and servers
answer for an outlet with pages that nobody can know.

Check: the stored article stays, whatever is shown in its place. The first full reading
of what was stored as a stub is the article read at last, not an edit.
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
MIN_LENGTH_SHARE = 0.8  # a text that is shorter, compared with another, is less than it
MIN_WORDS_OVER_STORED = 40  # so many words are believed in place of a stored text
# The same in place of a text that was only announced: briefs are short, and feeds give
# them other headlines.
MIN_WORDS_ANNOUNCED = 12
CHARACTERS_PER_WORD = 2.5  # in scripts without spaces
MIN_RELATED_SHARE = 0.2  # of its shingles in the stored text: it is a version of it
MIN_CONTAINED_SHARE = 0.8  # of a stub's shingles in the full text: it is its beginning


@dataclass(frozen=True, slots=True)
class CheckVerdict:
    """What to do with a page.

    ``compare``: as two wordings; ``reread``: it is the stored article, now read better;
    ``ignore``: the stored text stays, and the article is online; ``other``: it is
    another page.
    """

    action: Literal["compare", "reread", "ignore", "other"] = "compare"
    reason: str = ""
    paywalled: bool = False  # stored in full, and only its beginning is shown now


def interstitial_outcome(extract: Extract | None) -> tuple[Outcome | None, str]:
    """Outcome and reason of an interstitial; (None, "") for any other page."""
    if extract is None or extract.kind not in INTERSTITIAL_OUTCOMES:
        return None, ""
    outcome = INTERSTITIAL_OUTCOMES[extract.kind]
    return outcome, extract.why or f"a page of kind {extract.kind}"


def unrelated_text_reason(title: str, text: str, extract: Extract) -> str:
    """Why a page of a few words is not the one announced or stored; "" if it may be.

    ``title`` and ``text``: of the stored version; ``text`` "": the title was announced.
    """
    word_count = (
        len(extract.text) / CHARACTERS_PER_WORD
        if wording.has_unspaced_script(extract.text)
        else len(extract.text.split())
    )
    if word_count >= (MIN_WORDS_OVER_STORED if text else MIN_WORDS_ANNOUNCED):
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
    """What a checked page is. ``kind`` and ``text``: of the stored version."""
    if extract.kind == "index":
        if kind == "index":
            return CheckVerdict("ignore", "an index page: its changes are not edits")
        if kind in FULL_TEXT_KINDS:
            return CheckVerdict("other", f"shows another page: {extract.why}")
        return CheckVerdict()
    if kind in INTERSTITIAL_OUTCOMES:  # stored before it was recognised as one
        return CheckVerdict("reread")
    if extract.kind == "stub":
        return _classify_stub(kind, text, extract)
    if kind == "index" or (kind == "stub" and _is_beginning_of(text, extract.text)):
        return CheckVerdict("reread")
    return CheckVerdict()


def _classify_stub(kind: str, text: str, extract: Extract) -> CheckVerdict:
    is_shorter = len(extract.text) < MIN_LENGTH_SHARE * len(text)
    if kind in FULL_TEXT_KINDS:
        if is_shorter:
            return CheckVerdict("ignore", extract.why, paywalled=True)
        return CheckVerdict()
    is_longer = len(text) < MIN_LENGTH_SHARE * len(extract.text)
    if (
        kind == "stub"
        and (is_shorter or is_longer)
        and (
            _is_beginning_of(text, extract.text) or _is_beginning_of(extract.text, text)
        )
    ):
        # Where each check shows more or less of it, the longest text is kept.
        return (
            CheckVerdict("reread") if is_longer else CheckVerdict("ignore", extract.why)
        )
    return CheckVerdict()


def _is_beginning_of(beginning: str, full_text: str) -> bool:
    """Whether a text begins another, but for its last line.

    That may be an invitation to subscribe, or half a sentence.
    """
    lines = beginning.split("\n")
    without_last = "\n".join(lines[:-1]) if len(lines) > 1 else beginning
    return any(
        wording.shingle_containment(text, full_text) >= MIN_CONTAINED_SHARE
        for text in (without_last, beginning)
    )
