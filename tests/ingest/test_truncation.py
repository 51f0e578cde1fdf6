"""A wrong Content-Length is believed after three tries; half a page is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.model import Capture
from harvester.schedule.times import add_seconds
from tests.support.observer import BUDGET, FEED, FERRY, HTML, RSS, Observer, page

START = "2025-09-06T06:00:00Z"
WHOLE = page("The budget", BUDGET)
HALF = WHOLE[: WHOLE.index(b"The opposition")]


class Miscounting(Observer):
    """A paper that states more bytes than it sends, of its feed or of its page."""

    body = WHOLE
    in_feed = False
    lies = True

    def _fetch(self, url: str, now: str) -> Capture:
        if url == FEED:
            truncated = self.in_feed and self.lies
            headers = (*RSS, ("Content-Length", "99999"))
            return Capture(
                url, url, now, 200, headers, self._feed_body(), truncated=truncated
            )
        truncated = self.lies and not self.in_feed
        headers = (*HTML, ("Content-Length", "99999"))
        return Capture(url, url, now, 200, headers, self.body, truncated=truncated)

    def try_at(self, hour: int) -> str:
        """Fetch everything; returns the outcome and reason of the entry."""
        self.crawl(add_seconds(START, hour * 3_600))
        self.check()
        (entry,) = self.rows("select outcome, reason from entries")
        return f"{entry['outcome']}: {entry['reason']}"

    def texts(self) -> list[str]:
        return [row["text"] for row in self.rows("select text from versions")]


@pytest.fixture
def paper(tmp_path: Path) -> Miscounting:
    paper = Miscounting(tmp_path)
    paper.put("/budget", WHOLE, "The budget")
    return paper


@pytest.mark.parametrize("body", [WHOLE, HALF])
def test_the_third_equal_try_is_believed(paper: Miscounting, body: bytes) -> None:
    paper.body = body
    for hour in (0, 1):
        assert paper.try_at(hour).startswith("failed: the response broke off after")
    outcome = paper.try_at(2)
    assert outcome.startswith("new: ends early, by its Content-Length of 99999 bytes")
    assert paper.texts()[0].startswith(BUDGET[0])
    # From now on it is known.
    paper.try_at(3)
    (article,) = paper.rows("select * from articles")
    assert (article["outcome"], article["state"]) == ("unchanged", "live")
    assert len(paper.texts()) == 1


def test_tries_that_differ_are_not_believed_unless_the_page_ends(
    paper: Miscounting,
) -> None:
    for hour in range(5):
        paper.body = HALF + b" " * hour
        assert paper.try_at(hour).startswith("failed")
    paper.body = WHOLE + b"<!-- made in 12 ms -->\n"
    assert paper.try_at(5).startswith("new")


def test_half_a_page_shortens_no_article(paper: Miscounting) -> None:
    paper.lies = False
    assert paper.try_at(0) == "new: "
    paper.lies, paper.body = True, HALF
    for hour in range(1, 6):
        paper.try_at(hour)
    assert paper.texts() == ["\n".join(BUDGET)]
    paper.body = page("The budget", (*BUDGET, FERRY[0]))
    for hour in range(6, 9):
        paper.try_at(hour)
    assert paper.texts()[-1] == "\n".join((*BUDGET, FERRY[0]))


def test_a_feed(paper: Miscounting) -> None:
    paper.in_feed = True
    for hour in range(2):
        paper.crawl(add_seconds(START, hour * 3_600))
        assert paper.rows("select * from entries") == []
    assert paper.try_at(2) == "new: "
    (feed,) = paper.rows("select outcome, reason from feeds")
    assert feed["outcome"] == "changed"
    assert "1 entries, 1 new; ends early" in feed["reason"]
    # What is announced next is seen at the next poll.
    paper.put("/ferry", page("Ferry", FERRY), "Ferry")
    paper.crawl(add_seconds(START, 3 * 3_600))
    assert len(paper.rows("select * from entries")) == 2


def test_a_single_broken_response_is_tried_again(paper: Miscounting) -> None:
    paper.body = HALF
    paper.try_at(0)
    paper.lies, paper.body = False, WHOLE
    assert paper.try_at(1) == "new: "
    assert paper.texts() == ["\n".join(BUDGET)]
