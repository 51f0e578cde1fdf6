"""The page of removals, as the real Datasette serves it."""

from __future__ import annotations

import html
import re

from tests.support.datasette_server import Served
from tests.support.news_pages import get, list_links


def list_cases(page: str) -> list[str]:
    """What each case is called, and its steps."""
    return [
        re.findall(r'<span class="kind">([^<]*)', case)[0]
        + ": "
        + ", ".join(re.findall(r"<li[^>]*>\s*([a-z ]+?) *<time", case))
        for case in page.split('<article class="event case')[1:]
    ]


def test_a_case_is_one_row_with_its_steps_and_evidence(changing: Served) -> None:
    page = get(changing, "/-/removals")
    assert list_cases(page) == [
        "not found: online until, not found",
        "returned: online until, not found, removed, returned",
        "removed: online until, not found, removed",
        "not found once, then online: online until, not found, online",
    ]
    assert "Evidence: answered 404 Not Found; 2 checks missed it: 404 at" in page
    assert "4 cases" in page and "withdrawn text" in page


def test_gone_this_week_is_two_clicks_away(changing: Served) -> None:
    path = list_links(get(changing, "/"))["Removals"]
    path = list_links(get(changing, path))["last 7 days"]
    cases = list_cases(get(changing, path))
    assert len(cases) == 4 and cases[2].startswith("removed")
    assert len(list_cases(get(changing, "/-/removals?from=3 days"))) == 1


def test_states_outlets_and_words_narrow_it(changing: Served) -> None:
    assert len(list_cases(get(changing, "/-/removals?kind=removed"))) == 1
    assert list_cases(get(changing, "/-/removals?kind=suspect")) == [
        "not found: online until, not found"
    ]
    several = get(changing, "/-/removals?kind=removed&kind=returned&outlet=courier")
    assert len(list_cases(several)) == 2
    assert "No matching removals" in get(changing, "/-/removals?outlet=gone")
    assert len(list_cases(get(changing, "/-/removals?q=withdrawn"))) == 1
    assert 'role="alert"' in get(changing, "/-/removals?q=%28a", 400)
    get(changing, "/-/removals?before=3&after=%ff&kind=<b>")


def test_the_feed_of_the_list_has_its_conditions(changing: Served) -> None:
    page = get(changing, "/-/removals?kind=returned&outlet=courier")
    feed = list_links(page)["Feed"]
    assert get(changing, feed).count("<entry") == 1
    unasked = list_links(get(changing, "/-/removals"))["Feed"]
    assert unasked == "/-/changes.atom?kind=removed"


def test_bars_lead_to_the_removals_of_their_day(changing: Served) -> None:
    page = get(changing, "/-/removals")
    bars = re.findall(r"<svg class=\"plot bars.*?</svg>", page, re.DOTALL)[0]
    links = re.findall(r'href="([^"]*)"', bars)
    assert len(links) == 2 and "2 articles removed in 30 days" in page
    last = list_cases(get(changing, html.unescape(links[-1])))
    assert last == ["removed: online until, not found, removed"]
