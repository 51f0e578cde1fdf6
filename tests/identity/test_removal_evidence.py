"""What a check found, and whether it is evidence of removal."""

from __future__ import annotations

import pytest

from harvester.identity.removal_evidence import Observation, observe
from harvester.model import Capture, Extract, Outcome, Redirect
from tests.support.extracts import make_extract

URL = "https://a.example/story"


def page(kind: str, why: str, access: str = "unknown") -> Extract:
    return make_extract(kind=kind, why=why, access=access)


def response(status: int = 200, redirected: bool = False, **more: object) -> Capture:
    redirects = (Redirect(URL, 302, "https://a.example/other"),) if redirected else ()
    return Capture(
        URL, URL, "2025-09-06T00:00:00Z", status, redirects=redirects, **more
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("heading", "gone"),
    [
        ("Page not found", True),
        ("404", True),
        ("Error 404", True),
        ("410 Gone", True),
        ("Seite nicht gefunden", True),
        ("La page demandée n'existe plus", True),
        ("This article is no longer available", True),
        ("Oops! Page not found", True),
        ("The requested URL was not found on this server", True),
        ("Página no encontrada", True),
        ("ページが見つかりません", True),
        ("500", False),
        ("503 Service Unavailable", False),
        ("Internal Server Error", False),
        ("Erreur interne du serveur", False),
        ("Bad Gateway", False),
        ("Site under maintenance", False),
        ("Wartungsarbeiten", False),
        ("Something went wrong", False),
        ("Une erreur est survenue", False),
        ("Error", False),
        ("Oops", False),
        ("Error establishing a database connection", False),
        ("Site temporairement indisponible", False),
        ("We'll be back soon", False),
        ("403 Forbidden", False),
        ("please try again later", False),
    ],
)
def test_error_pages(heading: str, gone: bool) -> None:
    why = f"an error page: its heading says {heading!r}"
    assert observe(response(), page("error", why), Outcome.FAILED, why) == (
        Observation("soft 404", True) if gone else Observation("error page")
    )


def test_an_article_is_not_evidence() -> None:
    for outcome in (Outcome.CHANGED, Outcome.UNCHANGED):
        assert observe(response(), page("article", ""), outcome, "") == Observation()


@pytest.mark.parametrize(
    ("capture", "extract", "outcome", "reason", "label", "gone"),
    [
        (response(404), None, Outcome.GONE, "answered 404", "404", True),
        (
            response(redirected=True),
            None,
            Outcome.GONE,
            "redirects to the front page",
            "front page",
            True,
        ),
        (
            response(redirected=True),
            None,
            Outcome.GONE,
            "redirects to another article, x",
            "another article",
            True,
        ),
        (
            response(redirected=True),
            page("index", "a list"),
            Outcome.FAILED,
            "another page",
            "list of articles",
            True,
        ),
        (
            response(),
            page("index", "a list"),
            Outcome.FAILED,
            "another page",
            "list of articles",
            False,
        ),
        (
            response(redirected=True),
            page("login", "asks"),
            Outcome.BLOCKED,
            "a login page",
            "login",
            True,
        ),
        (
            response(),
            page("login", "asks"),
            Outcome.BLOCKED,
            "a login page",
            "login",
            False,
        ),
        (
            response(),
            page("wall", "a subscription wall", "paywalled"),
            Outcome.BLOCKED,
            "",
            "paywall",
            False,
        ),
        (
            response(redirected=True),
            page("wall", "a consent wall"),
            Outcome.BLOCKED,
            "",
            "consent",
            False,
        ),
        (
            response(),
            page("wall", "a check for robots"),
            Outcome.BLOCKED,
            "",
            "robots check",
            False,
        ),
        (response(451), None, Outcome.BLOCKED, "", "451", False),
        (response(502), None, Outcome.FAILED, "", "502", False),
        (response(0), None, Outcome.FAILED, "", "no answer", False),
        (
            response(0, outcome=Outcome.REFUSED),
            None,
            Outcome.REFUSED,
            "robots.txt",
            "not asked",
            False,
        ),
        (response(truncated=True), None, Outcome.FAILED, "", "broken answer", False),
        (response(), None, Outcome.FAILED, "too slow", "nothing readable", False),
    ],
)
def test_what_is_in_the_articles_place(
    capture: Capture,
    extract: Extract | None,
    outcome: Outcome,
    reason: str,
    label: str,
    gone: bool,
) -> None:
    assert observe(capture, extract, outcome, reason) == Observation(label, gone)
