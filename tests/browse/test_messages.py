"""What is said instead of a page: where an address leads nowhere, or is refused, or something broke."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import lxml.html
import pytest
from datasette.app import Datasette
from hypothesis import given
from hypothesis import strategies as st

from harvester.browse import datasette_compat, safe_html, suggestions
from tests.support import hostile_archive
from tests.support.datasette_server import Served

PEOPLE = {"accept": "text/html,*/*;q=0.8"}


def get(served: Served, path: str, status: int = 404) -> lxml.html.HtmlElement:
    response = httpx.get(served.address + path, headers=PEOPLE)
    assert response.status_code == status, response.text
    page = lxml.html.fromstring(response.text)
    assert len(page.cssselect("h1")) == 1 and page.cssselect("form.find input[name=q]")
    return page


def meant(page: lxml.html.HtmlElement) -> list[str]:
    return [link.get("href") for link in page.cssselect(".meant a")]


def test_names_that_are_almost_right(served: Served) -> None:
    key = served.keys["bridge"]
    wrong = f"{key[:9]}{'0' if key[9] != '0' else '1'}{key[10:]}"
    assert f"/-/article/{key}" in meant(get(served, f"/-/article/{wrong}"))
    assert meant(get(served, "/-/outlet/courir")) == ["/-/outlet/courier"]
    table = get(served, f"/{served.database}/artikles")
    assert meant(table)[0] == f"/{served.database}/articles"
    assert meant(get(served, "/-/chnges")) == ["/-/changes"]
    assert meant(get(served, "/serch")) == ["/-/search"]
    assert meant(get(served, "/health")) == ["/-/health"]
    for path in {link for page in (table,) for link in meant(page)}:
        assert httpx.get(served.address + path).status_code == 200


def test_an_address_of_an_article_is_looked_up(served: Served) -> None:
    page = get(served, "/courier.example/news/bridge")
    [link] = page.cssselect(".message a[href^='/-/article?url=']")
    found = httpx.get(served.address + link.get("href"))
    assert found.headers["location"] == f"/-/article/{served.keys['bridge']}"


def test_words_of_an_address_are_searched_for(served: Served) -> None:
    missing = "https://courier.example/2026/old-bridge-closes.html"
    page = get(served, f"/-/article?url={missing}")
    assert page.cssselect("input[name=q]")[0].get("value") == "old bridge closes"
    form = page.forms[0]
    hits = httpx.get(served.address + form.action, params=dict(form.fields))
    assert hits.status_code == 200 and served.keys["bridge"] in hits.text


def test_what_is_wrong_is_escaped(served: Served) -> None:
    for path in ("/-/outlet/%3Cimg%20src=x%3E", "/%3Cscript%3Ehacked()%3C/script%3E",
                 "/-/article?url=%3Cscript%3E", "/<svg onload=hacked()>.example/x"):  # fmt: skip
        response = httpx.get(served.address + path, headers=PEOPLE)
        assert response.status_code in (302, 404)
        assert "<script" not in response.text and "<img" not in response.text
        assert "<svg on" not in response.text


def test_programs_get_no_page(served: Served) -> None:
    database = served.database
    answer = httpx.get(f"{served.address}/{database}/nothing.json", headers=PEOPLE)
    assert answer.status_code == 404 and answer.json()["ok"] is False
    line = httpx.get(f"{served.address}/{database}/articles?_sort=nothing")
    assert line.status_code == 400
    # 1.0 answers this one itself, with a page of our type.
    assert "\n" not in line.text.strip() or datasette_compat.is_new()
    page = get(served, f"/{database}/articles?_sort=nothing", 400)
    assert "Invalid URL" in page.text_content() or "sort" in page.text_content()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_pages_are_only_read(served: Served, method: str) -> None:
    for path in ("/", "/-/search", f"/-/article/{served.keys['bridge']}", "/-/health"):
        response = httpx.request(method, served.address + path)
        assert response.status_code == 405 and response.headers["allow"] == "GET, HEAD"
    assert httpx.head(f"{served.address}/-/health").status_code == 200


def ask(path: Path, address: str, metadata: dict[str, Any]) -> httpx.Response:
    async def look() -> httpx.Response:
        client = Datasette([str(path)], metadata=metadata).client
        response: httpx.Response = await client.get(address, headers=PEOPLE)
        return response

    return asyncio.run(look())


def test_who_may_not_see_the_archive_learns_nothing_of_it(tmp_path: Path) -> None:
    keys = hostile_archive.build(tmp_path / "press.db")
    closed = {"allow": {"id": "editor"}}
    refused = ask(tmp_path / "press.db", "/", closed)
    assert refused.status_code == 403 and "Not allowed" in refused.text
    wrong = ask(tmp_path / "press.db", f"/-/articel/{keys['bridge'][:-1]}", closed)
    assert wrong.status_code == 404 and "Was one of these" not in wrong.text
    outlet = ask(tmp_path / "press.db", "/-/outlet/couriers", closed)
    assert outlet.status_code == 403
    for response in (refused, wrong, outlet):
        assert "Courier" not in response.text and "bridge" not in response.text


def test_what_broke_is_said_and_logged(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "press.db"
    hostile_archive.build(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("drop table crawls")
        connection.commit()
    response = ask(path, "/-/health", {})
    assert response.status_code == 500
    assert "Something broke" in response.text and "harvest doctor" in response.text
    assert "no such table" not in response.text
    assert "no such table" in capfd.readouterr().err


@given(st.text(max_size=200))
def test_any_address_has_suggestions_of_ours_alone(path: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("create table outlets (key, name, home, active)")
        connection.execute("create table articles (key, outlet, version)")
        connection.execute("create table versions (article, number, title, language)")
        found = suggestions.suggest(connection, f"/{path}", "press")
    assert all(link.path.startswith(("/-/", "/press/", "/")) for link in found.links)
    assert len(found.links) <= suggestions.MAX_LINKS
    assert not found.address or found.address.startswith("https://")


@given(st.text("a`<&>", max_size=30))
def test_code_in_our_words_is_escaped(words: str) -> None:
    shown = safe_html.render_code(words)
    element = lxml.html.fragment_fromstring(shown, create_parent="p")
    assert element.text_content() in (words, words.replace("`", ""))
    assert {child.tag for child in element.iterdescendants()} <= {"code"}
