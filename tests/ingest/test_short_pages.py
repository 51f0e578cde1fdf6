"""A page of a few unrelated words makes no article and no edit, unless it stays."""

from __future__ import annotations

from pathlib import Path

from harvester.schedule.times import add_seconds
from tests.support.observer import BUDGET, FERRY, Observer, page

NOON = "2025-09-06T12:00:00Z"
HOUR = 3_600.0
PORTAL = b"<!DOCTYPE html><html><head><title>Welcome to the guest network</title></head><body><p>Please log in.</p></body></html>"
TITLE = "The council of Marlow has voted the budget of the town"
BRIEF = page("Ferry to the islands is cancelled", FERRY[:1])


def versions(paper: Observer) -> list[str]:
    return [
        row["title"] for row in paper.rows("select title from versions order by id")
    ]


def test_an_article_is_not_edited_by_the_network_in_between(tmp_path: Path) -> None:
    paper = Observer(tmp_path)
    paper.put("/budget/", page(TITLE, BUDGET), TITLE)
    paper.crawl(NOON)
    paper.put("/budget/", PORTAL)
    paper.crawl(add_seconds(NOON, HOUR))
    (article,) = paper.rows("select outcome, reason, state from articles")
    assert (article["outcome"], article["state"]) == ("failed", "live")
    assert "Welcome to the guest network" in article["reason"]
    paper.put("/budget/", page(TITLE, BUDGET))
    paper.crawl(add_seconds(NOON, 2 * HOUR))
    assert versions(paper) == [TITLE]
    assert not paper.rows("select 1 from changes")


def test_a_short_page_that_stays_is_believed(tmp_path: Path) -> None:
    paper = Observer(tmp_path)
    paper.put("/budget/", page(TITLE, BUDGET), TITLE)
    paper.crawl(NOON)
    paper.put(
        "/budget/",
        page(
            "Retraction of a report",
            ["We regret our mistakes, and shall not repeat them."],
        ),
    )
    for number in range(1, 8):
        paper.crawl(add_seconds(NOON, number * HOUR))
    assert len(versions(paper)) == 2


def test_an_unrelated_short_page_makes_no_article(tmp_path: Path) -> None:
    paper = Observer(tmp_path)
    paper.put("/budget/", PORTAL, TITLE)
    paper.crawl(NOON)
    assert versions(paper) == []
    (entry,) = paper.rows("select outcome, reason, due, attempts from entries")
    assert (entry["outcome"], entry["attempts"]) == ("failed", 1)
    assert entry["due"] > NOON
    paper.put("/budget/", page(TITLE, BUDGET))
    paper.crawl(add_seconds(NOON, HOUR))
    assert versions(paper) == [TITLE]


def test_a_brief_is_an_article_whatever_its_headline_in_the_feed(
    tmp_path: Path,
) -> None:
    paper = Observer(tmp_path)
    paper.put("/ferry/", BRIEF, "Ferry to the islands is cancelled until Monday")
    paper.put(
        "/other/",
        page(
            "Late news",
            ["Nothing that its feed had said stands on this page, and yet it is one."],
        ),
        TITLE,
    )
    paper.put(
        "/least/", page("Quiz", ["The answers are on Friday's last page."]), TITLE
    )
    paper.crawl(NOON)
    assert sorted(versions(paper)) == ["Ferry to the islands is cancelled", "Late news"]
    for number in range(1, 10):
        paper.crawl(add_seconds(NOON, number * HOUR))
    assert sorted(versions(paper)) == [
        "Ferry to the islands is cancelled",
        "Late news",
        "Quiz",
    ]


def test_a_page_announced_before_an_outage_is_fetched_after_it(
    tmp_path: Path,
) -> None:
    paper = Observer(tmp_path)
    paper.put("/budget/", 500, TITLE)
    paper.crawl(NOON)
    paper.listed.clear()  # its feed announces other things when it is back
    for minutes in range(10, 1_600, 10):
        paper.crawl(add_seconds(NOON, minutes * 60.0), force=False)
    paper.put("/budget/", page(TITLE, BUDGET))
    for hours in range(27, 60):
        paper.crawl(add_seconds(NOON, hours * HOUR), force=False)
    assert versions(paper) == [TITLE]
    assert paper.rows("select attempts from entries")[0]["attempts"] <= 12


def test_the_same_text_at_a_new_address_makes_the_old_one_due(
    tmp_path: Path,
) -> None:
    paper = Observer(tmp_path)
    former = paper.put("/budget/", page(TITLE, BUDGET), TITLE)
    paper.crawl(NOON)
    paper.listed.clear()
    new = paper.put("/politics/the-budget/", page(TITLE, BUDGET), TITLE)
    paper.pages[former] = paper.pages[former.rstrip("/")] = new
    paper.crawl(add_seconds(NOON, 0.2 * HOUR), force=False)
    paper.crawl(add_seconds(NOON, 0.3 * HOUR), force=False)
    assert len(paper.rows("select 1 from articles")) == 1
    assert len(paper.rows("select 1 from entries where article is not null")) == 2


def test_a_long_text_without_spaces_is_not_a_few_words(tmp_path: Path) -> None:
    paper = Observer(tmp_path)
    words = [
        "市议会昨晚经过长时间的辩论之后通过了新的预算案，其中包括学校图书馆和游泳池的经费。反对派在表决之前离开了会场，市长则表示她为此等了十一年。"
    ] * 3
    paper.put(
        "/a/",
        page("市议会通过预算案", words),
        "Marlow council votes the budget of the town tonight",
    )
    paper.crawl(NOON)
    assert len(versions(paper)) == 1
