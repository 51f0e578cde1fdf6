"""The pages of copies, as the real Datasette serves them."""

from __future__ import annotations

import html
import re

import pytest

from harvester.archive.queries.clusters import ComparedVersion
from harvester.browse import copy_view
from harvester.identity import near_duplicates
from tests.support import changing_outlets
from tests.support.datasette_server import Served
from tests.support.news_pages import get, list_links


def strip(markup: str) -> str:
    """The words of markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def test_who_copied_is_listed_with_lag_share_and_agency(changing: Served) -> None:
    page = get(changing, "/-/copies")
    ferry, bac = changing.keys["ferry"], changing.keys["bac"]
    assert f'href="/-/copies/{ferry}?with={bac}#changed"' in page
    listed = strip(page.split('<article class="event"')[1])
    assert "COURIER" in listed and "in 2 outlets" in listed and "AFP" in listed
    assert re.search(r"Then MPI 2 h 15 min later \(\d+ % of it\)\.", listed)
    assert "Who follows whom" in page and '<svg class="plot flow"' in page
    assert len(page.encode()) < 80_000


def test_who_copied_this_is_two_clicks_away(changing: Served) -> None:
    path = list_links(get(changing, "/"))["Copies"]
    path = list_links(get(changing, path))["Ferry line to close for good"]
    page = strip(get(changing, path))
    assert "First seen in COURIER" in page and "what it changed" in page


def test_shares_agree_with_what_is_compared(changing: Served) -> None:
    ferry, bac = changing.keys["ferry"], changing.keys["bac"]
    page = get(changing, f"/-/copies/{ferry}?with={bac}")
    compared = near_duplicates.compare(
        near_duplicates.tokenise("Ferry line closes for good", changing_outlets.COPY),
        near_duplicates.tokenise(
            "Ferry line to close for good", changing_outlets.REPORT
        ),
    )
    own, taken = 1 - compared.share_of_first, compared.share_of_second
    row = strip(page.split("<tr")[3])
    assert f"{taken * 100:.0f} % {own * 100:.0f} % what it changed" in row
    told = strip(page.split('id="changed"')[1])
    assert f"its own words, 13 of 45 ({own * 100:.0f} %)" in told
    assert f"it has {taken * 100:.0f} % of them" in told
    marked = re.findall(r"<ins>(.*?)</ins>", page.split('class="pair"')[1])
    assert sum(len(words.split()) for words in marked) == 13
    left_out = re.findall(r"<del>(.*?)</del>", page.split('class="pair"')[1])
    words = sum(len(re.findall(r"\w+", text)) for text in left_out)
    assert f"left out, {words} of the first's" in told


def test_copies_by_agency_outlet_time_and_word(changing: Served) -> None:
    def titles(query: str) -> list[str]:
        page = get(changing, f"/-/copies?{query}")
        return re.findall(r"<h3[^>]*><a [^>]*>([^<]*)", page)

    new, old = "Ferry line to close for good", "A storm of old"
    assert titles("") == [new, old]
    assert titles("q=agency:afp") == [new] and titles("from=7+days") == [new]
    assert titles("outlet=gone") == [old] and titles("outlet=mpi") == [new, old]
    assert titles("q=expected") == [new] and titles("q=tram") == [old]
    assert titles("within=1") == titles("kind=within") == [new, old]
    assert titles("outlet=nobody") == titles("q=zeppelin") == []
    assert 'role="alert"' in get(changing, "/-/copies?from=nonsense", 400)
    assert "No matching copies" in get(changing, "/-/copies?outlet=nobody")
    get(changing, "/-/copies?before=1&after=%00_1&kind=x")


def test_a_cluster_is_drawn_on_a_time_axis(changing: Served) -> None:
    page = get(changing, f"/-/copies/{changing.keys['bac']}")
    drawing = re.findall(r"<svg class=\"plot arrivals.*?</svg>", page, re.DOTALL)[0]
    assert drawing.count("<circle") == 2 and "COURIER, first" in drawing
    assert re.search(r"MPI, 2 h 15 min later, \d+ %", drawing)
    for path in (f"/-/copies/{changing.keys['mayor']}", "/-/copies/ffffffffffff"):
        get(changing, path, 404)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "at once"), (29, "at once"), (2_100, "35 min"), (7_800, "2 h 10 min"),
     (7_200, "2 h"), (273_600, "3 days 4 h"), (86_400, "1 day"), (-5, "at once")],
)  # fmt: skip
def test_lags_in_words(seconds: float, words: str) -> None:
    assert copy_view.describe_lag(seconds) == words


def test_paragraphs_that_are_the_same_are_folded_away_from_others() -> None:
    paragraphs = [
        f"Sentence number {n} of this text is here to stay." for n in range(9)
    ]
    first, copy = (
        ComparedVersion("ab", 1, True, "title", "\n".join(lines), "en")
        for lines in (paragraphs, [*paragraphs[:4], "It says so.", *paragraphs[4:]])
    )
    compared = copy_view.compare_copy(copy, first)
    assert [(row.folded, row.is_same) for row in compared.rows] == [
        (3, True), (0, True), (0, False), (0, True), (4, True)
    ]  # fmt: skip
    assert compared.rows[2].copy == [("+", "It says so"), ("=", ".")]
    assert (compared.own_words, compared.own) == (3, "3 %")
    assert copy_view.compare_copy(first, first).rows == [copy_view.Row([], [], True, 9)]


def test_both_shares_make_a_hundred() -> None:
    for thousandths in range(1_001):
        share = thousandths / 1_000
        both = copy_view.format_share(share), copy_view.format_own_share(share)
        assert sum(int(one.removesuffix(" %")) for one in both) == 100
    assert copy_view.format_share(None) == copy_view.format_own_share(None) == ""
