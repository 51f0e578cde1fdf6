"""Which article a page is: many addresses, catch-all pages, joins and splits."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.observer import BUDGET, FERRY, REGATTA, Observer, page

TITLE = "The budget is voted"
SUBJECTS = (
    "bridge",
    "library",
    "harbour",
    "theatre",
    "market",
    "hospital",
    "railway",
    "museum",
)


def day(number: int) -> str:
    return f"2025-09-{number:02d}T08:00:00Z"


@pytest.fixture
def paper(tmp_path: Path) -> Observer:
    return Observer(tmp_path)


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("/news/budget-voted-123.html", "/news/whatever-123.html"),
        ("/news/4711/budget-voted", "/news/4711/it-is-voted"),
        ("/noticia/z00e17cb0-ebc4-9aec-ea75dcf1aeb73f11/201911/budget", "/noticia/z00e17cb0-ebc4-9aec-ea75dcf1aeb73f11/201911/any"),
        ("/2025/09/budget", "/print/2025/09/budget"),
        ("/2025/09/budget", "/2025/09/budget?print=1"),
        ("/2025/09/budget", "/amp/2025/09/budget"),
        ("/2025/09/budget", "https://m.paper.example/2025/09/budget"),
        ("/2025/09/budget", "https://www.new-paper.example/2025/09/budget"),
        ("http://paper.example/2025/09/budget", "https://paper.example/2025/09/budget/"),
        ("/2025/09/budget?sess=Ab34xQ9z", "/2025/09/budget?sess=Zz81kLm2"),
        ("/2025/09/budget;jsessionid=1A2B", "/2025/09/budget?PHPSESSID=99&utm_source=x"),
    ],
)  # fmt: skip
def test_two_addresses_of_one_article(paper: Observer, first: str, other: str) -> None:
    for url in (first, other):
        paper.put(url, page(TITLE, BUDGET, extra=f"<!-- {url} -->"), TITLE)
    paper.crawl(day(1))
    assert len(paper.rows("select 1 from articles")) == 1
    assert paper.article(first) == paper.article(other)
    assert (
        len(
            paper.rows("select distinct article from entries where article is not null")
        )
        == 1
    )


@pytest.mark.parametrize(
    ("first", "other", "words", "title"),
    [
        (
            "/news/budget-123.html",
            "/news/regatta-123.html",
            REGATTA,
            "The regatta",
        ),  # one number, other words
        (
            "/news/budget-123.html",
            "/news/budget-124.html",
            BUDGET,
            TITLE,
        ),  # equal words at two addresses: a copy
        ("/2025/09/budget", "https://m.paper.example/2025/09/budget", REGATTA, TITLE),
        ("/print/budget", "/budget", FERRY, "The ferry"),
        ("/a?id=17", "/a?id=18", BUDGET, TITLE),
        (
            "/lotto/1",
            "/lotto/2",
            tuple(line.replace("4.2", "7.9") for line in FERRY),
            "The ferry",
        ),
    ],
)
def test_two_addresses_of_two_articles(
    paper: Observer, first: str, other: str, words: tuple[str, ...], title: str
) -> None:
    paper.put(first, page(TITLE, BUDGET), TITLE)
    paper.put(other, page(title, words, extra="<!-- other -->"), title)
    paper.crawl(day(1))
    paper.crawl(day(2))
    assert len(paper.rows("select 1 from articles")) == 2
    assert not paper.rows("select 1 from joins")


GALLERY = "https://paper.example/photos/the-regatta-of-marlow"


@pytest.mark.parametrize(
    ("canonical", "link", "count"),
    [
        (GALLERY, "", 1),  # the further pages name the first
        ("", f"<a href='{GALLERY}?page=2'>2</a>", 2),  # the first names the second
        ("", "", 3),  # one headline, and nothing that ties them together
    ],
)
def test_a_gallery_is_one_article_where_its_pages_say_so(
    paper: Observer, canonical: str, link: str, count: int
) -> None:
    for number, url in enumerate((GALLERY, f"{GALLERY}?page=2", f"{GALLERY}/3")):
        words = [
            REGATTA[number],
            f"Picture {number + 1} was taken by our reporter from the pier, in the light of noon.",
        ]
        content = page(
            "The regatta in pictures", words, canonical, link if number == 0 else ""
        )
        paper.put(url, content, "The regatta in pictures")
    paper.crawl(day(1))
    paper.crawl(day(2))  # further pages wait for the first
    rows = paper.rows("select versions, reached from articles order by id")
    assert rows[0] == {"versions": 1, "reached": GALLERY}
    assert len(rows) == count


@pytest.mark.parametrize(
    "paths",
    [
        ("/p/1", "/p/2", "/p/3"),
        ("/news/10", "/news/11", "/news/12"),
        ("/report-p1.html", "/report-p2.html", "/report-p3.html"),
        ("/report?page=1", "/report?page=2", "/report?page=3"),
        ("/report", "/report/2", "/report/3"),
    ],
)
@pytest.mark.parametrize("title", ["The report of day {}", "The daily report"])
def test_addresses_that_differ_in_a_number_are_articles_of_their_own(
    paper: Observer, paths: tuple[str, ...], title: str
) -> None:
    """Made from one template, so that most of their words are equal: none is lost."""
    lines = [
        f"On day {name} the ferry of Marlow stayed." for name in ("one", "two", "six")
    ]
    for number, path in enumerate(paths):
        headline = title.format(number + 1)
        paper.put(path, page(headline, (*BUDGET, lines[number])), headline)
    paper.crawl(day(1))
    paper.crawl(day(2))
    texts = [row["text"] for row in paper.rows("select text from versions order by id")]
    assert len(paper.rows("select 1 from articles")) == len(paths)
    for line in lines:
        assert sum(line in text for text in texts) == 1


def test_a_page_that_was_read_as_a_further_one_is_no_article(paper: Observer) -> None:
    """Its words are all in the article of which it is a page."""
    paper.put("/budget", page(TITLE, (*BUDGET, *FERRY)), TITLE)
    paper.put("/budget/2", page(TITLE, FERRY), f"{TITLE} (2/2)")
    paper.crawl(day(1))
    assert len(paper.rows("select 1 from articles")) == 1


def test_a_title_a_slug_and_a_domain_may_change(paper: Observer) -> None:
    old = paper.put("/2025/budget", page(TITLE, BUDGET), TITLE, "guid 1")
    paper.crawl(day(1))
    key = paper.article(old)
    new = "https://marlow-paper.example/2025/budget-adopted"
    paper.listed.clear()
    paper.pages[old] = 404
    paper.put(new, page("The budget of Marlow is adopted", (*BUDGET, "A vote on the pool follows.")), "The budget of Marlow is adopted", "guid 1")  # fmt: skip
    paper.crawl(day(2))
    paper.crawl(day(3))
    (row,) = paper.rows("select key, state, versions, reached from articles")
    assert row == {"key": key, "state": "live", "versions": 2, "reached": new}
    assert paper.article(new) == paper.article(old) == key


def test_an_article_gone_from_one_address_is_fetched_at_its_later_one(
    paper: Observer,
) -> None:
    old = paper.put("/print/budget-4711", page(TITLE, BUDGET), TITLE)
    paper.crawl(day(1))
    new = paper.put("/budget-of-marlow-4711", page(TITLE, BUDGET), TITLE)
    paper.crawl(day(2))
    paper.pages[old] = 410
    paper.crawl(day(3))
    paper.crawl(day(4))
    assert paper.rows("select state, reached from articles") == [
        {"state": "live", "reached": new}
    ]
    paper.pages[new] = 410
    paper.crawl(day(5))
    paper.crawl(day(6))
    assert paper.rows("select state from articles") == [{"state": "removed"}]


# ---- sites that serve one page everywhere


def test_redirects_to_one_article_cause_no_false_merges(paper: Observer) -> None:
    real = paper.put(
        "/real",
        page("The budget of Marlow is voted", BUDGET),
        "The budget of Marlow is voted",
    )
    paper.crawl(day(1))
    stored = paper.put("/stored", page("The ferry stays", FERRY), "The ferry stays")
    paper.crawl(day(2))
    paper.pages[stored] = real
    for subject in SUBJECTS:
        paper.put(f"/led/{subject}", real, f"Plans for the {subject} of Ashby")
    for number in range(40):  # from a sitemap: no titles
        paper.put(f"/{number}", real, " ")
    paper.crawl(day(3))
    assert len(paper.rows("select 1 from articles")) == 2
    assert (
        len(paper.rows("select 1 from urls where article = ?", paper.article(real)))
        <= 6
    )
    assert paper.rows("select versions, state from articles where url = ?", stored) == [
        {"versions": 1, "state": "suspect"}
    ]
    outcomes = paper.rows(
        "select distinct outcome, article from entries where address like '%/led/%'"
    )
    assert outcomes == [{"outcome": "gone", "article": None}]


def test_one_canonical_address_and_title_for_everything(paper: Observer) -> None:
    real = paper.put("/real", page("The Paper", BUDGET), "The budget")
    paper.crawl(day(1))
    for subject in SUBJECTS:
        words = [
            f"The {subject} is the subject of part {word} of this story about the {subject}{word}."
            for word in "abcdefgh"
        ]
        paper.put(
            f"/claims/{subject}",
            page("The Paper", words, canonical=real),
            f"The {subject}",
        )
    paper.crawl(day(2))
    paper.crawl(day(3))
    assert len(paper.rows("select 1 from articles where versions = 1")) == 1 + len(
        SUBJECTS
    )
    assert len(
        {paper.article(f"/claims/{subject}") for subject in SUBJECTS}
        | {paper.article(real)}
    ) == 1 + len(SUBJECTS)


def test_one_page_at_every_address_is_not_stored_as_every_article(
    paper: Observer,
) -> None:
    for number, subject in enumerate(SUBJECTS):
        paper.put(
            f"/read?id={number}",
            page("Your choices on this site", FERRY, extra=f"<!-- {subject} -->"),
            f"Plans for the {subject} of Ashby",
        )
    counts = paper.crawl(day(1))
    assert (counts["new"], counts["duplicate"], counts["failed"]) == (
        1,
        1,
        len(SUBJECTS) - 2,
    )
    for number, subject in enumerate(SUBJECTS):
        words = [
            f"The {subject} of Ashby gets part {word} of the new plans for the {subject}."
            for word in "abcdefgh"
        ]
        paper.put(
            f"/read?id={number}", page(f"Plans for the {subject} of Ashby", words)
        )
    paper.crawl(day(2))
    assert len(
        {paper.article(f"/read?id={number}") for number in range(len(SUBJECTS))}
    ) == len(SUBJECTS)


def test_a_claimed_address_belongs_to_the_article_received_there(
    paper: Observer,
) -> None:
    claimed = "https://paper.example/topic"
    paper.put("/claims", page(TITLE, BUDGET, canonical=claimed), TITLE)
    paper.crawl(day(1))
    assert paper.article(claimed) == paper.article("/claims")
    paper.listed.clear()
    paper.put("/elsewhere", claimed, "The regatta")
    paper.put(claimed, page("The regatta", REGATTA))
    paper.crawl(day(2))
    assert (
        paper.article(claimed)
        == paper.article("/elsewhere")
        != paper.article("/claims")
    )
    paper.crawl(day(3))
    assert paper.article("/claims") != paper.article(claimed)
    assert [row["versions"] for row in paper.rows("select versions from articles")] == [
        1,
        1,
    ]
    paper.check()


# ---- joined later, and split


@pytest.fixture
def redirected(paper: Observer) -> tuple[Observer, str, str]:
    """Two articles with nearly the same text; then the first redirects to the second."""
    old = paper.put("/old/budget", page(TITLE, BUDGET), TITLE)
    paper.crawl(day(1))
    longer = (
        *BUDGET,
        "A correction: the swimming pool gets 96,000, not 95,000, as the town said in the morning.",
    )
    new = paper.put("/new/budget-of-marlow", page(TITLE, longer), TITLE)
    paper.crawl(day(2))
    keys = paper.article(old), paper.article(new)
    assert keys[0] != keys[1]
    paper.pages[old] = new
    paper.crawl(day(3))
    return paper, *keys


def test_articles_that_turn_out_to_be_one_are_joined_and_split(
    redirected: tuple[Observer, str, str],
) -> None:
    paper, old, new = redirected
    (row,) = paper.rows(
        "select key, versions, version, reached, first_seen from articles"
    )
    assert row == {
        "key": old,
        "versions": 2,
        "version": 2,
        "reached": "https://paper.example/new/budget-of-marlow",
        "first_seen": day(1),
    }
    for name in (
        old,
        new,
        new[:8],
        "https://paper.example/old/budget",
        "https://paper.example/new/budget-of-marlow",
    ):
        assert paper.json("show", name)["article"] == old
    diff = paper.json("diff", old)
    assert diff["sentences"]["added"] and not diff["sentences"]["removed"]
    assert [
        (change["before"], change["after"]) for change in paper.json("changes")
    ] == [(1, 2)]
    (join,) = paper.rows("select article, joined, why from joins")
    assert (join["article"], join["joined"]) == (
        old,
        new,
    ) and "redirects to" in join["why"]
    paper.check()
    assert paper.crawl(day(4)).get("changed", 0) == 0  # it stays one

    assert [
        article["article"] for article in paper.json("split", old, "--dry-run")
    ] == [
        old,
        new,
    ]
    assert len(paper.rows("select 1 from articles")) == 1
    stays, own = paper.json("split", old)
    assert (stays["article"], own["article"]) == (old, new)
    assert [len(article["versions"]) for article in (stays, own)] == [1, 1]
    assert paper.article("/new/budget-of-marlow") == new
    paper.check()
    paper.crawl(day(5))
    paper.crawl(day(6))
    assert {row["key"] for row in paper.rows("select key from articles")} == {old, new}
    paper.check()


def test_a_version_that_both_had_is_one_and_goes_with_both(paper: Observer) -> None:
    old = paper.put("/old/budget", page(TITLE, BUDGET), TITLE)
    paper.crawl(day(1))
    new = paper.put(
        "/new/budget-of-marlow", page(TITLE, BUDGET, extra="<!-- new -->"), TITLE
    )
    paper.crawl(day(2))
    paper.put("/new/budget-of-marlow", page(TITLE, BUDGET, canonical=old))
    paper.crawl(day(3))
    (row,) = paper.rows("select key, versions from articles")
    assert row["versions"] == 1 and len(paper.rows("select 1 from sightings")) == 1
    assert (
        "names https://paper.example/old/budget as its canonical address"
        in paper.rows("select why from joins")[0]["why"]
    )
    stays, own = paper.json("split", row["key"], new)
    assert len(stays["versions"]) == len(own["versions"]) == 1
    assert paper.rows("select since from sightings order by since") == [
        {"since": day(1)},
        {"since": day(2)},
    ]
    paper.crawl(day(4))
    assert len(paper.rows("select 1 from articles")) == 2
    paper.check()


def test_a_version_is_split_off(paper: Observer) -> None:
    url = paper.put("/budget", page(TITLE, BUDGET), TITLE)
    paper.crawl(day(1))
    paper.put("/budget", page(TITLE, (*BUDGET[:2], *REGATTA[:3])))
    assert paper.crawl(day(2))["changed"] == 1
    key = paper.article(url)
    for wrong in (["9"], ["1", "2"], ["https://paper.example/nowhere"], []):
        paper.run("split", key, *wrong, code=1)
    stays, own = paper.json("split", key, "2")
    assert (
        stays["article"],
        len(stays["versions"]),
        len(own["versions"]),
        own["urls"],
    ) == (key, 1, 1, [])
    assert (
        paper.rows("select kind from changes") == []
        and paper.rows("select kind from events where kind = 'edited'") == []
    )
    assert paper.article(url) == key
    paper.check()
