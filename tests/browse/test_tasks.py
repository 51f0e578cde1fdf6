"""What people come for, by the links and forms that they would use: two clicks at most."""

from __future__ import annotations

import csv
import html
import io
import re
from urllib.parse import urlencode

from tests.support.datasette_server import Served
from tests.support.news_pages import get, list_links


def submit_first_form(page: str, typed: str) -> str:
    """The address at which a browser arrives that submits the first form of a page."""
    form = re.findall(r"<form ([^>]*)>(.*?)</form>", page, re.DOTALL)[0]
    action = html.unescape(re.findall(r'action="([^"]*)"', form[0])[0])
    assert 'method="get"' in form[0]
    name = re.findall(r'<input[^>]* type="search"[^>]* name="([^"]*)"', form[1])[0]
    return f"{action}?{urlencode({name: typed})}"


def test_articles_of_an_outlet_and_a_month_as_csv(served: Served) -> None:
    typed = "repairs outlet:courier published:2026-11"
    found = get(served, submit_first_form(get(served, "/"), typed))
    rows = list(csv.DictReader(io.StringIO(get(served, list_links(found)["CSV"]))))
    assert [(row["outlet"], row["title"]) for row in rows] == [
        ("courier", "Old bridge closes for the winter")
    ]
    elsewhere = typed.replace("2026-11", "2026-09")
    page = get(served, submit_first_form(get(served, "/"), elsewhere))
    assert "No matches." in page


def test_subscribe_to_a_search(served: Served) -> None:
    found = get(served, submit_first_form(get(served, "/"), "brigade"))
    feed = get(served, list_links(found)["Feed"])
    assert feed.count("<entry") == 1 and "brigade" in feed
    announced = re.findall(r'<link rel="alternate" type="application/atom\+xml"[^>]*href="([^"]*)"', found)  # fmt: skip
    assert html.unescape(announced[0]).partition("?")[2] == "q=brigade"
