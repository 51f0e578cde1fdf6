"""The page of search, as the real Datasette serves it from an archive of known articles."""

from __future__ import annotations

import html
import re
import shlex
from urllib.parse import urlencode

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.browse.test_pages import Page, check
from tests.support.datasette_server import Served
from tests.support.news_pages import get, list_links


def list_titles(page: str) -> list[str]:
    """The headlines of the hits."""
    hits = re.findall(r"<h2 lang[^>]*>(?:<a [^>]*>)?([^<]*)", page)
    return [html.unescape(title) for title in hits]


def list_facets(page: str) -> dict[str, int]:
    """The values that narrow the list down, and the articles of each."""
    found = re.findall(r"<bdi>([^<]*)</bdi></a> <span[^>]*>([\d,]+)</span>", page)
    return {html.unescape(label): int(count.replace(",", "")) for label, count in found}


def test_hits_have_a_count_facets_and_other_forms(served: Served) -> None:
    page = get(served, "/-/search?q=ferry&sort=newest")
    assert sorted(list_titles(page)) == [
        "Ferry line is saved",
        "Towns agree on the ferry",
    ]
    assert "<b>2 articles</b>" in page
    assert list_facets(page) == {"The Arle Courier": 1, "La Gazette de la Vallée": 1}
    links = list_links(page)
    assert links["CSV"] == "/-/search.csv?q=ferry&sort=newest"
    assert links["JSON"] == "/-/search.json?q=ferry&sort=newest"
    assert links["Feed"] == "/-/search.atom?q=ferry&sort=newest"
    assert '<link rel="alternate" type="application/atom+xml"' in page
    assert re.findall("<title>(.*)</title>", page) == [
        "Articles: ferry · Search · The archive"
    ]


def test_a_facet_leads_to_as_many_articles_as_it_says(served: Served) -> None:
    for path, least in (("/-/search?q=the", 2), ("/-/articles", 6)):
        page = get(served, path)
        facets = list_facets(page)
        links = re.findall(r'<li><a href="([^"]*)"><bdi>([^<]*)</bdi>', page)
        assert len(links) >= least
        for href, label in links:
            narrowed = get(served, html.unescape(href))
            count = re.findall(r"<b>(\d+) articles?</b>", narrowed)
            assert count == [str(facets[html.unescape(label)])], href


def test_each_condition_can_be_taken_away(served: Served) -> None:
    page = get(served, "/-/search?q=bridge&outlet=courier&state=edited&from=2026-11")
    chips = re.findall(
        r'<a class="chip" href="([^"]*)">.*?<span dir="auto">([^<]*)', page
    )
    assert [label for _, label in chips] == [
        "bridge",
        "from 2026-11",
        "The Arle Courier",
        "edited",
    ]
    for href, _ in chips:
        assert 'class="snippet"' in get(served, html.unescape(href))


def test_the_alert_to_copy_is_of_the_same_query(served: Served) -> None:
    page = get(served, "/-/search?q=bridge+council&outlet=courier&from=2026-11")
    command = html.unescape(re.findall(r"<code>(harvest [^<]*)</code>", page)[0])
    assert shlex.split(command) == [
        "harvest",
        "alerts",
        "add",
        "bridge council outlet:courier",
        "--to",
        "file:alerts.jsonl",
    ]


def test_an_alert_of_removed_articles_rings_when_one_is_removed(served: Served) -> None:
    for path, command in (
        ("/-/articles?state=removed&outlet=gazette", "outlet:gazette --on removed"),
        ("/-/search?q=bridge&state=edited&state=returned", "bridge --on edit,returned"),
        ("/-/articles?state=online&q=bridge", "'bridge is:online' --on new"),
    ):
        page = html.unescape(get(served, path))
        assert f"<code>harvest alerts add {command} --to file:" in page, path


def test_pages_follow_each_other_without_a_gap(served: Served) -> None:
    for sort in ("best", "newest"):
        whole = list_titles(get(served, f"/-/search?q=the&sort={sort}"))
        assert len(whole) >= 9
        seen, path = [], f"/-/search?q=the&sort={sort}&limit=4"
        for _ in range(len(whole)):
            page = get(served, path)
            seen += list_titles(page)
            if "Next page" not in list_links(page):
                break
            path = list_links(page)["Next page"]
            assert list_links(get(served, path))["First page"].startswith("/-/search?")
        assert seen == whole
    assert "<b>" in get(served, path)


def test_what_finds_nothing_says_what_to_try(served: Served) -> None:
    page = get(served, "/-/search?q=brigde&outlet=courier")
    assert "No matches." in page
    assert "Old bridge closes for the winter" in list_titles(
        get(served, list_links(page)["bridge"])
    )
    page = get(served, "/-/search?q=bridge+section:nowhere&outlet=courier&state=online")
    assert "There are matches without" in page
    assert list_titles(get(served, list_links(page)["section:nowhere"]))
    page = get(served, "/-/search?q=eglise&outlet=courier")
    assert list_titles(get(served, list_links(page)["outlet:courier"]))
    assert "CSV" not in list_links(page)


def test_older_addresses_go_on_working(served: Served) -> None:
    best = list_titles(get(served, "/-/search?q=bridge+OR+ferry&order=best"))
    newest = get(served, "/-/search?q=bridge+OR+ferry&order=newest&every=&limit=320")
    assert sorted(list_titles(newest)) == sorted(best)
    assert '<option value="newest" selected>' in newest
    every = get(served, "/-/search?q=bridge&every=1&outlet=courier")
    assert len(list_titles(every)) == 3 and "<b>3 versions</b>" in every


def test_what_only_feeds_had_is_counted_apart(served: Served) -> None:
    page = get(served, "/-/search?q=zebra")
    assert "<b>0 articles, 1 in feeds alone</b>" in page
    assert "announced in the feed" in page and "no article:" in page


def test_what_cannot_be_read_is_a_message(served: Served) -> None:
    for query in ("q=%28a", "q=x&from=nonsense", "q=x&outlet=nobody", "q=NOT+x"):
        page = get(served, f"/-/search?{query}", 400)
        assert 'role="alert"' in page and "<h1" in page
        assert "CSV" not in list_links(page)
    get(served, "/-/search?q=x&after=best_1_%00&sort=worst&state=%3Cb%3E&every=2")
    get(served, "/-/search?q=x&after=2026-11-20T06:00:00Z_3&sort=best", 400)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    path=st.sampled_from(["search", "articles", "changes", "removals"]),
    form=st.sampled_from(["", "", ".csv", ".json", ".atom"]),
    arguments=st.lists(
        st.tuples(
            st.sampled_from(["q", "from", "to", "outlet", "state", "kind", "class", "silent", "every", "sort", "after", "limit"]),
            st.text(max_size=12) | st.sampled_from(["the", "courier", "removed", "yesterday", "2026-11", "1", "newest", "best_9_1", "2026-11-20_5", "typo"]),
        ),
        max_size=6,
    ),
)  # fmt: skip
def test_any_address_is_a_list_or_a_message(
    served: Served, path: str, form: str, arguments: list[tuple[str, str]]
) -> None:
    if path == "removals":
        form = ""
    query = urlencode(arguments, errors="replace")
    response = httpx.get(f"{served.address}/-/{path}{form}?{query}")
    assert response.status_code in (200, 400, 404, 302), (query, response.text[:500])
    if response.status_code == 200 and not form:
        assert re.search("<h1", response.text) and len(response.content) < 80_000
    if response.status_code == 400 and form in (".csv", ".json"):
        assert response.text.count("\n") == 1


def test_nothing_that_an_outlet_wrote_runs(served: Served) -> None:
    for path in ("/-/search?q=hacked&every=1", "/-/articles?q=hacked", "/-/articles"):
        response = httpx.get(served.address + path)
        page = check(path, response)
        assert page is not None and not page.scripts
        assert len(response.content) < 80_000
    hostile = '"><script>x</script>'
    response = httpx.get(
        served.address + "/-/search",
        params={"q": "the", "from": hostile, "outlet": hostile},
    )
    assert not Page(response.text).scripts
