"""What a look at an article saw in its place, and whether that is evidence that the article is gone. Pure.

Evidence are answers by which an outlet says that there is no such article: 404, 410, an error page of that kind whatever its status (a
soft 404), a redirect to the front page, to a list of articles, to another article, or to a login. No evidence are 5xx, answers that
did not come, refusals (401, 403, 429, 451), checks for robots, consent, what robots.txt forbids, and error pages that speak of
trouble at the outlet. A subscription wall in its place is told by itself: the article stands there for those who pay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from harvester.model import Capture, Extract, Outcome

GONE_STATUSES = (404, 410)
_OUTAGE_WORDS = re.compile(  # trouble at the outlet, in the words by which error pages are recognised (parse/phrases.py)
    r"\b(?:40[01358]|429|451|50[0-4])\b|server[ -]?(?:error|fehler|fout)|(?:erreur|error|errore)\b.{0,15}\bserv|gateway"
    r"|service .{0,25}(?:unavailable|indisponible)|temporar|temporair|temporal|momentan|vorübergehend|tijdelijk|nicht erreichbar"
    r"|maintenance|wartung|mantenimiento|manutenzione|manutenção|onderhoud|メンテナンス|went wrong|schief|salió mal|deu errado"
    r"|s['’]est produite|survenue|occurred|ha ocurrido|aufgetreten|is broken|database|critical error|suspended"
    r"|(?:site|website) (?:is )?(?:offline|down)|nginx|index of|be (?:right )?back|revenons|de retour|gleich (?:wieder|zurück)|bald (?:wieder|zurück)"
    r"|volvemos|torniamo|(?:is|est|en cours) .{0,20}(?:overload|down for)|unable to service|overloaded|guru meditation|cache server"
    r"|origin web server|try again|forbidden|unauthor|bad request",
    re.IGNORECASE,
)
_BARE_ERROR = re.compile(
    r"'(?:error|fehler|erreur|fout|errore|błąd|ошибка|エラー|oops)[!. ]*'",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Observation:
    """``what``: in a word or two, "" where it is the article; ``gone``: whether that is evidence of a removal."""

    label: str = ""
    gone: bool = False


def observe(
    capture: Capture, extract: Extract | None, outcome: Outcome, reason: str
) -> Observation:
    """What stood there, by the answer, by what was read of it, and by what was made of that."""
    if outcome in (Outcome.CHANGED, Outcome.UNCHANGED, Outcome.NEW, Outcome.DUPLICATE):
        return Observation()
    if capture.outcome is not None or capture.status == 0:
        return Observation(
            "not asked"
            if capture.outcome in (Outcome.REFUSED, Outcome.WAITING)
            else "no answer"
        )
    if outcome is Outcome.GONE:
        if capture.status in GONE_STATUSES:
            return Observation(str(capture.status), True)
        return Observation(
            "front page" if "front page" in reason else "another article", True
        )
    if capture.status != 200:
        return Observation(str(capture.status))
    if capture.truncated or extract is None or outcome is Outcome.WAITING:
        return Observation("broken answer" if capture.truncated else "nothing readable")
    return _observe_page(extract, bool(capture.redirects), reason)


def _observe_page(extract: Extract, redirected: bool, reason: str) -> Observation:
    """What a page that was read is, where it is not the article."""
    if extract.kind == "error":
        by_address = "its address says so" in extract.why
        trouble = (
            by_address
            or _OUTAGE_WORDS.search(extract.why)
            or _BARE_ERROR.search(extract.why)
        )
        return Observation("error page") if trouble else Observation("soft 404", True)
    if extract.kind == "login":
        return Observation("login", redirected)
    if extract.kind == "wall":
        if extract.access == "paywalled" and "subscription" in extract.why:
            return Observation("paywall")
        return Observation(
            "robots check"
            if "robots" in extract.why
            else "consent"
            if "consent" in extract.why
            else "wall"
        )
    if extract.kind == "index":
        return Observation("list of articles", redirected)
    return Observation(
        "another article" if "another article" in reason else "nothing readable", False
    )
