"""Walls, logins, error pages, stubs and index pages in an article's place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from harvester.ingest.interstitials import (
    classify_check,
    interstitial_outcome,
    unrelated_text_reason,
)
from harvester.model import Extract, Outcome
from harvester.newsroom import Newsroom
from tests.support.extracts import make_extract

if TYPE_CHECKING:
    from harvester.newsroom.outlet import Outlet
    from tests.support.crawled_archive import Harvest

PATH = "/2025/09/the-bridge/"
LINES = [
    f"The council of the town voted last night on measure {n} for the old bridge over the river, which was closed after the flood. "
    f"The mayor said that {n} thousand was set aside for it, and that work could begin in spring if the weather allows."
    for n in range(2, 14)
]
OTHER = [
    f"The sailing club looks for {n} helpers for the autumn regatta, which brings two hundred boats to the harbour every year. "
    f"A dinner for {n} hundred guests ends the feast in the market hall, with an orchestra from the next valley."
    for n in range(2, 14)
]
HTML = "text/html; charset=utf-8"


def article(lines: list[str], title: str = "The bridge", more: str = "") -> bytes:
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    return f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1>{paragraphs}{more}</article></body></html>".encode()


CONSENT = (
    b"<html lang='en'><head><title>Before you continue</title></head><body><h1>Before you continue</h1><p>We and our 812 partners use cookies"
    b" and similar technologies to show personalised ads. Some rely on their legitimate interest. Accept all, reject all or manage options."
    b"</p></body></html>"
)
LOGIN = (
    b"<html lang='en'><head><title>Log in</title></head><body><h1>Log in</h1><form><input name=u><input type=password name=p>"
    b"<p>Forgot your password? Do you not have an account yet? Ask for one at our desk in the market hall.</p></form></body></html>"
)
ERROR = (
    b"<html lang='en'><head><title>Page not found</title></head><body><h1>Page not found</h1><p>Sorry, the page you are looking for does not"
    b" exist. It may have been moved, or it was never there. Try the search.</p></body></html>"
)
STUB = article(
    LINES[:2],
    more="<p>Subscribe to continue reading this article. Already a subscriber? Log in.</p>",
)
LIST = (
    "<html lang='en'><head><title>News</title></head><body><main>"
    + "".join(
        f"<article><h2><a href='/a{n}'>Bridge number {n} is mended at last</a></h2><p>{n}: the council voted last night…</p></article>"
        for n in range(14)
    )
    + "</main></body></html>"
).encode()


def begin(newsroom: Newsroom, harvest: Harvest, *bodies: bytes) -> Outlet:
    paper = newsroom.add_outlet("paper", "files")
    paper.serve_pages(
        [
            (PATH if not n else f"/2025/09/other-{n}/", body, HTML)
            for n, body in enumerate(bodies)
        ]
    )
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    return paper


def check(
    newsroom: Newsroom, harvest: Harvest, paper: Outlet, body: bytes
) -> dict[str, Any]:
    """Serve something else at the article's URL, and check it; returns the article's row."""
    newsroom.advance(hours=2)
    paper.serve(PATH, body)
    harvest.once("--force")
    return harvest.rows("select * from articles where url like ?", f"%{PATH}")[0]


def test_interstitials_at_the_first_visit(newsroom: Newsroom, harvest: Harvest) -> None:
    begin(
        newsroom,
        harvest,
        CONSENT,
        LOGIN,
        ERROR,
        STUB,
        LIST,
        article(OTHER, "The regatta"),
    )
    counts = harvest.once()
    assert (counts["blocked"], counts["failed"], counts["new"]) == (2, 1, 3)
    entries = harvest.rows("select outcome, reason from entries order by id")
    assert {
        "a consent wall",
        "a login page",
        "an error page",
        "only the beginning",
        "a list of articles",
    } <= {
        " ".join(row["reason"].split()[:n]).rstrip(":")
        for row in entries
        for n in (3, 4)
    }
    kinds = {
        row["page"]: row["text"]
        for row in harvest.rows(
            "select page, text from captures where kind = 'article'"
        )
    }
    assert set(kinds) == {"wall", "login", "error", "stub", "index", "article"}
    assert (
        "812 partners" in kinds["wall"]
        and kinds["article"] == ""
        and kinds["stub"] == ""
    )
    versions = {
        row["kind"]: row
        for row in harvest.rows("select kind, access, text from versions")
    }
    assert set(versions) == {"stub", "index", "article"}
    assert (
        versions["stub"]["access"] == "paywalled"
        and LINES[0] in versions["stub"]["text"]
    )
    assert harvest.json("stats")["kinds"] == {"article": 1, "index": 1, "stub": 1}
    harvest.check()


def test_interstitials_at_a_check_are_no_edit(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = begin(newsroom, harvest, article(LINES), article(OTHER, "The regatta"))
    assert harvest.once()["new"] == 2
    for body, outcome, reason in (
        (CONSENT, "blocked", "a consent wall"),
        (LOGIN, "blocked", "a login page"),
        (ERROR, "gone", "soft 404: an error page"),
        (LIST, "failed", "shows another page"),
        (STUB, "unchanged", "only the beginning"),
        (article(OTHER, "The regatta"), "failed", "shows the text of another article"),
        (STUB, "unchanged", "only the beginning"),
        (article(LINES), "unchanged", ""),
    ):
        row = check(newsroom, harvest, paper, body)
        assert (
            row["outcome"],
            row["reason"][: len(reason)],
            row["versions"],
            row["state"],
        ) == (
            outcome,
            reason,
            1,
            "suspect" if body in (ERROR, LIST) else "live",
        ), body
    assert {"text": "\n".join(LINES)} in harvest.rows("select text from versions")
    assert not harvest.rows("select * from changes")
    events = harvest.rows("select kind, note from events where article is not null")
    assert [event["kind"] for event in events] == [
        "suspect",
        "paywalled",
    ] and "Subscribe to continue" in events[1]["note"]
    assert [event["kind"] for event in harvest.json("changes")] == ["paywalled"]
    stubs = harvest.rows("select text from captures where page = 'stub'")
    assert all(LINES[0] in stub["text"] for stub in stubs)
    assert (
        check(newsroom, harvest, paper, article([*LINES[:-1], "The vote was close."]))[
            "versions"
        ]
        == 2
    )
    harvest.check()


def test_a_stub_that_becomes_a_full_article_is_no_edit(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = begin(newsroom, harvest, STUB)
    harvest.once()
    assert check(newsroom, harvest, paper, STUB + b"<!-- -->")["versions"] == 1
    assert check(newsroom, harvest, paper, article(LINES))["versions"] == 1
    assert harvest.rows("select kind, text from versions") == [
        {"kind": "article", "text": "\n".join(LINES)}
    ]
    assert not harvest.rows("select * from changes") and not harvest.rows(
        "select * from events where article is not null"
    )
    assert (
        check(
            newsroom,
            harvest,
            paper,
            article([*LINES, "The vote was close, and will be repeated."]),
        )["versions"]
        == 2
    )
    harvest.check()


def test_an_edit_of_a_stub_is_an_edit(newsroom: Newsroom, harvest: Harvest) -> None:
    paper = begin(newsroom, harvest, STUB)
    harvest.once()
    assert (
        check(newsroom, harvest, paper, STUB.replace(b"last night", b"this morning"))[
            "versions"
        ]
        == 2
    )


def test_another_text_in_place_of_a_stub_is_an_edit(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = begin(newsroom, harvest, STUB)
    harvest.once()
    assert check(newsroom, harvest, paper, article(OTHER))["versions"] == 2


FULL = "\n".join(LINES)
BEGINNING = "\n".join([*LINES[:3], "Subscribe to read on."])
LONGER_BEGINNING = "\n".join([*LINES[:8], "Subscribe to read on."])


def read(kind: str, text: str, why: str = "", title: str = "The bridge") -> Extract:
    return make_extract(title=title, text=text, kind=kind, why=why)


@pytest.mark.parametrize(
    ("stored", "checked", "action"),
    [
        # A list of articles in an article's place is another page; a list stays a list.
        (("article", FULL), ("index", "\n".join(OTHER)), "other"),
        (("index", "\n".join(OTHER)), ("index", FULL), "ignore"),
        (("stub", BEGINNING), ("index", "\n".join(OTHER)), "compare"),
        # What was stored before it was recognised is read better now.
        (("wall", "Accept all."), ("article", FULL), "reread"),
        (("index", "\n".join(OTHER)), ("article", FULL), "reread"),
        # A paywall takes nothing away from a text that is stored in full …
        (("article", FULL), ("stub", BEGINNING), "ignore"),
        # … and opens without an edit; the longest beginning is kept.
        (("stub", BEGINNING), ("article", FULL), "reread"),
        (("stub", BEGINNING), ("stub", LONGER_BEGINNING), "reread"),
        (("stub", LONGER_BEGINNING), ("stub", BEGINNING), "ignore"),
        # Other words are an edit, wherever they are.
        (("stub", BEGINNING), ("article", "\n".join(OTHER)), "compare"),
        (("stub", BEGINNING), ("stub", "\n".join(OTHER[:9])), "compare"),
        (("article", FULL), ("stub", FULL), "compare"),
        (("article", FULL), ("article", FULL), "compare"),
    ],
)
def test_what_a_check_means(
    stored: tuple[str, str], checked: tuple[str, str], action: str
) -> None:
    verdict = classify_check(*stored, read(*checked, why="a reason"))
    assert verdict.action == action
    assert verdict.paywalled == (stored[0] == "article" and action == "ignore")


def test_only_an_interstitial_has_an_outcome_of_its_own() -> None:
    assert interstitial_outcome(None) == (None, "")
    assert interstitial_outcome(read("article", FULL)) == (None, "")
    assert interstitial_outcome(read("stub", BEGINNING)) == (None, "")
    blocked = interstitial_outcome(read("login", "", "a form with a password"))
    assert blocked == (Outcome.BLOCKED, "a form with a password")
    outcome, reason = interstitial_outcome(read("error", ""))
    assert outcome is Outcome.FAILED and reason


def test_a_few_other_words_are_not_the_article() -> None:
    few = read("article", "Our site is being rebuilt. Back soon.", title="Patience")
    reason = unrelated_text_reason("The bridge", FULL, few)
    assert "'Patience'" in reason
    # As many words as an article has are believed, and so are its own, and its headline.
    many = read("article", "\n".join(OTHER), title="Patience")
    assert not unrelated_text_reason("The bridge", FULL, many)
    own = read("article", LINES[0], title="Patience")
    assert not unrelated_text_reason("The bridge", FULL, own)
    short = read("article", "It is closed.", title="The Bridge")
    assert not unrelated_text_reason("The bridge", FULL, short)


def test_words_of_a_script_without_spaces_are_counted_by_characters() -> None:
    text = "町議会は昨夜、古い橋の修理と新しい図書館の建設を賛成多数で決めた。" * 5
    other = read("article", text, title="議会")
    assert not unrelated_text_reason(
        "港の祭り", "港の祭りには多くの船が集まった。", other
    )
