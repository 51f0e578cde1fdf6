"""What a check found in an article's place, and whether it proves a removal. Pure.

Evidence are responses that say that the article does not exist: 404, 410, an error page
saying so with any status (a soft 404), a redirect to the front page, to an index page,
to another article, or to a login. No evidence are 5xx, missing responses, refusals
(401, 403, 429, 451), bot checks, consent pages, what robots.txt disallows, and error
pages about trouble at the outlet. A paywall is reported as such: subscribers can still
read the article.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from harvester.model import CHALLENGE_PAGE, Capture, Extract, Outcome

GONE_STATUSES = (404, 410)
# Trouble at the outlet, in the words of error pages (``parse.content.phrases``).
_OUTAGE_WORDS = re.compile(
    r"\b(?:40[01358]|429|451|50[0-4])\b|server[ -]?(?:error|fehler|fout)|(?:erreur"
    r"|error|errore)\b.{0,15}\bserv|gateway"
    r"|service .{0,25}(?:unavailable|indisponible)|temporar|temporair|temporal|momentan"
    r"|vorübergehend|tijdelijk|nicht erreichbar"
    r"|maintenance|wartung|mantenimiento|manutenzione|manutenção|onderhoud|メンテナンス"
    r"|went wrong|schief|salió mal|deu errado"
    r"|s['’]est produite|survenue|occurred|ha ocurrido|aufgetreten|is broken|database"
    r"|critical error|suspended"
    r"|(?:site|website) (?:is )?(?:offline|down)|nginx|index of|be (?:right )?back"
    r"|revenons|de retour|gleich (?:wieder|zurück)|bald (?:wieder|zurück)"
    r"|volvemos|torniamo|(?:is|est|en cours) .{0,20}(?:overload|down for)"
    r"|unable to service|overloaded|guru meditation|cache server"
    r"|origin web server|try again|forbidden|unauthor|bad request",
    re.IGNORECASE,
)
_BARE_ERROR = re.compile(
    r"'(?:error|fehler|erreur|fout|errore|błąd|ошибка|エラー|oops)[!. ]*'",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Observation:
    """What was found in the article's place.

    ``label`` names it, "" for the article itself; ``gone``: it is evidence of removal.
    """

    label: str = ""
    gone: bool = False


def observe(
    capture: Capture, extract: Extract | None, outcome: Outcome, reason: str
) -> Observation:
    """What was found, judged by the response, its extract, and their outcome."""
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
    if reason.startswith(CHALLENGE_PAGE):
        return Observation(CHALLENGE_PAGE)
    if not capture.is_whole_success:
        return Observation(str(capture.status))
    if capture.truncated or extract is None or outcome is Outcome.WAITING:
        return Observation("broken answer" if capture.truncated else "nothing readable")
    return _observe_page(extract, bool(capture.redirects), reason)


def _observe_page(extract: Extract, redirected: bool, reason: str) -> Observation:
    """What a page is that is not the article."""
    if extract.kind == "error":
        is_outage = (
            "its address says so" in extract.why
            or _OUTAGE_WORDS.search(extract.why)
            or _BARE_ERROR.search(extract.why)
        )
        return Observation("error page") if is_outage else Observation("soft 404", True)
    if extract.kind == "login":
        return Observation("login", redirected)
    if extract.kind == "wall":
        if extract.access == "paywalled" and "subscription" in extract.why:
            return Observation("paywall")
        if "robots" in extract.why:
            return Observation("robots check")
        return Observation("consent" if "consent" in extract.why else "wall")
    if extract.kind == "index":
        return Observation("list of articles", redirected)
    return Observation(
        "another article" if "another article" in reason else "nothing readable", False
    )
