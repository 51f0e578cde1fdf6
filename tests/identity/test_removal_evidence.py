"""What a look saw, and whether it is evidence that an article is gone."""

from __future__ import annotations

import pytest

from harvester.identity.removal_evidence import Observation, observe
from harvester.model import Capture, Extract, Outcome, Redirect

URL = "https://a.example/story"


def page(kind: str, why: str, access: str = "unknown") -> Extract:
    return Extract(
        "",
        "",
        (),
        None,
        None,
        None,
        None,
        "",
        (),
        (),
        "",
        "",
        "",
        {},
        "x",
        kind=kind,
        why=why,
        access=access,
    )


def answer(status: int = 200, redirected: bool = False, **more: object) -> Capture:
    hops = (Redirect(URL, 302, "https://a.example/other"),) if redirected else ()
    return Capture(URL, URL, "2025-09-06T00:00:00Z", status, redirects=hops, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("Page not found", True), ("404", True), ("Error 404", True), ("410 Gone", True), ("Seite nicht gefunden", True),
        ("La page demandée n'existe plus", True), ("This article is no longer available", True), ("Oops! Page not found", True),
        ("The requested URL was not found on this server", True), ("Página no encontrada", True), ("ページが見つかりません", True),
        ("500", False), ("503 Service Unavailable", False), ("Internal Server Error", False), ("Erreur interne du serveur", False),
        ("Bad Gateway", False), ("Site under maintenance", False), ("Wartungsarbeiten", False), ("Something went wrong", False),
        ("Une erreur est survenue", False), ("Error", False), ("Oops", False), ("Error establishing a database connection", False),
        ("Site temporairement indisponible", False), ("We'll be back soon", False), ("403 Forbidden", False), ("please try again later", False),
    ],
)  # fmt: skip
def test_error_pages(said: str, gone: bool) -> None:
    why = f"an error page: its heading says {said!r}"
    assert observe(answer(), page("error", why), Outcome.FAILED, why) == (
        Observation("soft 404", True) if gone else Observation("error page")
    )


def test_an_article_is_no_evidence() -> None:
    for outcome in (Outcome.CHANGED, Outcome.UNCHANGED):
        assert observe(answer(), page("article", ""), outcome, "") == Observation()


@pytest.mark.parametrize(
    ("capture", "extract", "outcome", "reason", "what", "gone"),
    [
        (answer(404), None, Outcome.GONE, "answered 404", "404", True),
        (
            answer(redirected=True),
            None,
            Outcome.GONE,
            "redirects to the front page",
            "front page",
            True,
        ),
        (
            answer(redirected=True),
            None,
            Outcome.GONE,
            "redirects to another article, x",
            "another article",
            True,
        ),
        (
            answer(redirected=True),
            page("index", "a list"),
            Outcome.FAILED,
            "another page",
            "list of articles",
            True,
        ),
        (
            answer(),
            page("index", "a list"),
            Outcome.FAILED,
            "another page",
            "list of articles",
            False,
        ),
        (
            answer(redirected=True),
            page("login", "asks"),
            Outcome.BLOCKED,
            "a login page",
            "login",
            True,
        ),
        (
            answer(),
            page("login", "asks"),
            Outcome.BLOCKED,
            "a login page",
            "login",
            False,
        ),
        (
            answer(),
            page("wall", "a subscription wall", "paywalled"),
            Outcome.BLOCKED,
            "",
            "paywall",
            False,
        ),
        (
            answer(redirected=True),
            page("wall", "a consent wall"),
            Outcome.BLOCKED,
            "",
            "consent",
            False,
        ),
        (
            answer(),
            page("wall", "a check for robots"),
            Outcome.BLOCKED,
            "",
            "robots check",
            False,
        ),
        (answer(451), None, Outcome.BLOCKED, "", "451", False),
        (answer(502), None, Outcome.FAILED, "", "502", False),
        (answer(0), None, Outcome.FAILED, "", "no answer", False),
        (
            answer(0, outcome=Outcome.REFUSED),
            None,
            Outcome.REFUSED,
            "robots.txt",
            "not asked",
            False,
        ),
        (answer(truncated=True), None, Outcome.FAILED, "", "broken answer", False),
        (answer(), None, Outcome.FAILED, "too slow", "nothing readable", False),
    ],
)
def test_what_stands_in_its_place(
    capture: Capture,
    extract: Extract | None,
    outcome: Outcome,
    reason: str,
    what: str,
    gone: bool,
) -> None:
    assert observe(capture, extract, outcome, reason) == Observation(what, gone)
