"""The page of changes, as the real Datasette serves it from an archive of known edits."""

from __future__ import annotations

import html
import re

from harvester.browse import changes_page, list_filter
from tests.support.datasette_server import Served
from tests.support.news_pages import get, list_links


def test_days_and_hours_head_changes_with_their_difference(changing: Served) -> None:
    page = get(changing, "/-/changes?from=yesterday&to=yesterday")
    assert page.count('<section class="of-day"') == 1
    assert re.findall(r'<p class="of">([^<]*)', page) == ["15:00", "03:00"]
    assert "<del>pharmacy</del><ins>post</ins>" in page
    assert "Substantive, unacknowledged." in page
    assert "A correction, acknowledged by a correction note." in page
    assert re.search(r"moved</span> L(?:&#39;|\')autre", page)
    assert "3 changes" in page
    key = changing.keys["pharmacy"]
    assert list_links(page)["Full difference"].startswith("/-/article/")
    assert f"/-/article/{key}?from=1&amp;to=2" in page


def test_silent_edits_of_an_outlet_yesterday_are_two_clicks_away(
    changing: Served,
) -> None:
    path = list_links(get(changing, "/"))["Changes"]
    shortcuts = get(changing, path).split('class="shortcuts"')[1].split("</p>")[0]
    path = list_links(shortcuts)["COURIER"]
    page = get(changing, path)
    assert "The <del>pharmacy</del>" in page and "Le maire" not in page
    title = re.findall("<title>(.*)</title>", page)[0]
    assert title.startswith("Unacknowledged edits of COURIER, yesterday · Changes · ")


def test_every_filter_of_the_bar_is_kept_by_the_next_page(changing: Served) -> None:
    path = "/-/changes?kind=removed&kind=returned&outlet=courier&from=2020"
    page = get(changing, path)
    assert page.count('<article class="event') == 3
    newest = re.findall(r'datetime="([^"]*)"', page)[0]
    older = get(changing, f"{path}&after={newest}_999999")
    assert list_links(older)["Newest"] == path.replace("?kind=removed&kind=returned&outlet=courier&from=2020", "?from=2020&outlet=courier&kind=removed&kind=returned")  # fmt: skip
    assert older.count('<article class="event') == 3
    assert "is not one of" not in older


def test_what_cannot_be_read_is_a_message(changing: Served) -> None:
    for query in ("q=%28a", "from=nonsense", "from=2026-02&to=2026-01", "q=outlet:x"):
        page = get(changing, f"/-/changes?{query}", 400)
        assert 'role="alert"' in page and "<h1" in page
    assert "No matching changes" in get(changing, "/-/changes?outlet=nobody")
    get(changing, "/-/changes?after=2026_1%00&kind=%3Cb%3E&silent=2&class=%ff")


def test_the_feed_of_a_list_has_its_conditions(changing: Served) -> None:
    page = get(changing, "/-/changes?silent=1&outlet=courier")
    feed = list_links(page)["Feed"]
    assert feed == "/-/changes.atom?kind=&outlet=courier&silent=1"
    entries = get(changing, feed)
    assert entries.count("<entry") == 1 and "pharmacy" in entries


def test_an_alert_rings_on_the_kinds_of_the_list() -> None:
    assert changes_page.list_alert_kinds(()) == ("edit", "removed", "returned")
    assert changes_page.list_alert_kinds(("headline", "edited")) == ("edit",)
    assert changes_page.list_alert_kinds(("announced", "paywalled")) is None


def test_a_cursor_of_another_list_is_the_first_page() -> None:
    chosen = list_filter.ListFilter(after="12", kinds=("edited",))
    asked = changes_page.make_change_filter(chosen, "2026-11-30T00:00:00Z")
    assert asked.after is None and asked.kinds == ("edited",)


def test_the_largest_edits_come_first_if_that_is_asked_for(changing: Served) -> None:
    page = get(changing, "/-/changes?sort=largest&kind=edited&kind=headline")
    titles = re.findall(r"<h3[^>]*><a [^>]*>([^<]*)", page)
    assert titles == ["Shops", "Le maire", "Deux choses"]
    assert "1 word. Substantive" in page and '<section class="of-day"' not in page
    assert "Largest" in get(changing, "/-/changes?sort=largest&after=2")
    assert "Nothing older" in get(changing, "/-/changes?sort=largest&after=99")
    get(changing, "/-/changes?sort=largest&after=-1_x")


def test_bars_lead_to_the_list_of_their_day(changing: Served) -> None:
    page = get(changing, "/-/changes?outlet=courier")
    bars = re.findall(r"<svg class=\"plot bars.*?</svg>", page, re.DOTALL)[0]
    links = re.findall(r'href="([^"]*)"', bars)
    assert len(links) == 1 and "1 edit in 30 days, 1 of them" in page
    days = get(changing, html.unescape(links[0]))
    assert days.count('<article class="event') == 1 and "COURIER" in days
    for query in ("q=bridge", "class=typo", "kind=removed", "state=removed"):
        assert "Edits by day" not in get(changing, f"/-/changes?{query}")
    old = get(changing, "/-/changes?from=2020-01&to=2020-02")
    assert "Edits by day" not in old
