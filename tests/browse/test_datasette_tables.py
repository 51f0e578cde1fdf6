"""Datasette's own pages: what is described, hidden, labelled, sorted, and where rows lead to."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import Counter
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from datasette.app import Datasette

from harvester.browse import archive_queries, catalogue
from harvester.browse.table_descriptions import TABLES
from tests.support import small_archive
from tests.support.datasette_server import Served

MADE_BY_SQLITE = re.compile(r"_fts(_|$)|^sqlite_")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return small_archive.copy_village(tmp_path)


def get_pages(*addresses: str, files: list[Path]) -> list[httpx.Response]:
    """The pages of a Datasette in this process."""
    datasette = Datasette([str(path) for path in files])

    async def get() -> list[httpx.Response]:
        await datasette.invoke_startup()
        return [await datasette.client.get(address) for address in addresses]

    return asyncio.run(get())


class Controls(HTMLParser):
    """Controls of forms without a label, and what a strict policy would refuse."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.labelled: set[str] = set()
        self.controls: list[dict[str, str | None]] = []
        self.inline: list[str] = []
        self.headings: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.headers: list[dict[str, str | None]] = []
        self._in_label = 0
        self.feed(text)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attributes = dict(pairs)
        self.headings[tag] += 1
        if "id" in attributes:
            self.ids[attributes["id"] or ""] += 1
        if tag in ("script", "style") or "style" in attributes:
            self.inline.append(self.get_starttag_text() or tag)
        if tag == "label":
            self._in_label += 1
            self.labelled.add(attributes.get("for") or "")
        if tag == "th":
            self.headers.append(attributes)
        if tag in ("input", "select", "textarea"):
            kind = attributes.get("type")
            if kind != "hidden":
                attributes["inside"] = "label" if self._in_label else None
                self.controls.append(attributes)

    def handle_endtag(self, tag: str) -> None:
        self._in_label -= tag == "label"

    @property
    def unlabelled(self) -> list[dict[str, str | None]]:
        """Controls that neither stand in a label nor are named by one."""
        return [
            control
            for control in self.controls
            if not control["inside"]
            and (not control.get("id") or control["id"] not in self.labelled)
        ]


def test_every_table_and_view_is_described_and_has_its_place(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        names = {
            name: kind
            for name, kind in connection.execute(
                "select name, type from sqlite_master where type in ('table', 'view')"
            )
            if not MADE_BY_SQLITE.search(name)
        }
    assert set(TABLES) == set(names)
    places = Counter(
        [*catalogue.VIEWS, *(name for _, group in catalogue.GROUPS for name in group)]
    )
    visible = {name for name in names if not TABLES[name].get("hidden")}
    assert set(places) == visible and set(places.values()) == {1}
    assert {name for name in names if names[name] == "view"} == set(catalogue.VIEWS)
    for name, metadata in TABLES.items():
        assert re.fullmatch(r"\S.{15,90}\.", metadata["description"]), name
    for query in archive_queries.CANNED_QUERIES.values():
        assert query["title"] and query["description"].endswith(".")
        assert re.search(r"\blimit iif\(.*:rows.*, 50\)$", query["sql"])


def test_columns_that_links_show_sort_and_count_by_are_there(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        for named in (catalogue.SHOWN, catalogue.FACETS, catalogue.SORTED_VIEWS):
            for table, columns in named.items():
                known = {
                    name
                    for (name,) in connection.execute(
                        "select name from pragma_table_info(?)", [table]
                    )
                }
                assert set(columns) <= known, table


def test_internals_are_hidden_until_they_are_asked_for(served: Served) -> None:
    page = httpx.get(f"{served.address}/{served.database}").text
    every = httpx.get(f"{served.address}/{served.database}?_show_hidden=1").text
    for name in ("_sqlite_migrations", "samples", "shingles", "versions_fts_data"):
        link = re.compile(rf'href="/{re.escape(served.database)}/{name}["?]')
        assert not link.search(page), name
        if name != "versions_fts_data":  # Datasette 1.0 never lists it
            assert link.search(every), name
    order = [page.index(f">{name}</a>") for name in ("edits", "articles", "changes")]
    assert order == sorted(order)
    assert page.index("Changed headlines") < page.index(">edits</a>")
    assert "Articles not found, removed or returned, with the evidence." in page


def test_pages_are_labelled_and_bring_nothing_inline(served: Served) -> None:
    home = f"/{served.database}"
    for path in (
        home, f"{home}/articles", f"{home}/articles?outlet__exact=courier&_facet=outlet", f"{home}/versions?_search=bridge",
        f"{home}/edits", f"{home}/versions/1", f"{home}/headlines", f"{home}?sql=select+:name+as+one&name=2", f"{home}?sql=select+bad",
    ):  # fmt: skip
        answer = httpx.get(served.address + path, follow_redirects=True)
        page = Controls(answer.text)
        assert not page.unlabelled, (path, page.unlabelled)
        assert not page.inline, (path, page.inline)
        assert page.headings["h1"] == 1 and '<html lang="en">' in answer.text, path
        assert max(page.ids.values()) == 1, (path, page.ids)
        assert all(th.get("scope") == "col" for th in page.headers), path
        assert "unsafe" not in answer.headers["content-security-policy"], path
        assert len(answer.content) < 80_000, path
        title = re.search(r"<title>(.*?)</title>", answer.text)
        assert (title and title[1].endswith("Tables · The archive")) or path == home, (
            path
        )


def test_the_newest_stands_first_and_rows_lead_on(served: Served) -> None:
    home = f"{served.address}/{served.database}"
    for table in ("articles", "versions", "changes", "events", "entries", "edits"):
        rows = httpx.get(f"{home}/{table}.json?_shape=array").json()
        ids = [row["id"] for row in rows]
        assert ids == sorted(ids, reverse=True), table
    key = served.keys["bridge"]
    (row,) = httpx.get(f"{home}/articles.json?_shape=array&key={key}").json()
    page = httpx.get(f"{home}/articles/{row['id']}").text
    versions = f"/{served.database}/versions?article={key}"
    assert f'href="/-/article/{key}"' in page and f'href="{versions}"' in page
    listed = httpx.get(f"{home}/articles").text
    assert f'href="{versions}">3</a>' in listed
    assert ">The Arle Courier</a>" in listed
    cells = httpx.get(f"{home}/versions?article={key}").text
    assert f'href="/-/article/{key}"' in cells
    (version,) = httpx.get(
        f"{home}/versions.json?_shape=array&article={key}&number=1"
    ).json()
    assert (
        f'href="/-/article/{key}?version=1"'
        in httpx.get(f"{home}/versions/{version['id']}").text
    )


def test_rows_that_name_a_row_are_counted_by_indexes_only(served: Served) -> None:
    home = f"{served.address}/{served.database}"
    page = httpx.get(f"{home}/captures/1").text
    named = re.search(r"Rows that name this one</h2>(.*?)</ul>", page, re.DOTALL)
    assert named and "of versions, by capture" in named[1]
    assert "of articles" not in named[1] and "of readings" not in named[1]


def test_questions_have_fifty_rows_or_as_many_as_asked_for(served: Served) -> None:
    home = f"{served.address}/{served.database}/headlines"
    few = httpx.get(f"{home}.json?_shape=array").json()
    assert few
    for rows, expected in (("1", 1), ("0", 50), ("x", 50), ("-1", 50), ("1001", 50)):
        found = httpx.get(f"{home}.json?_shape=array&rows={rows}").json()
        assert found == few[:expected], rows
    assert '<label for="qp1">rows</label>' in httpx.get(home).text


def test_long_cells_are_boxes_that_keys_can_scroll(served: Served) -> None:
    page = httpx.get(f"{served.address}/{served.database}/versions").text
    box = '<div class="box" tabindex="0" role="group" aria-label="text">'
    assert box in page
    assert box not in httpx.get(f"{served.address}/{served.database}/hosts").text


def test_a_large_table_is_sorted_by_its_indexes_only(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (small,) = get_pages("/archive/articles", files=[archive])
    assert "_sort_desc=words" not in small.text and "_sort_desc=state" in small.text
    monkeypatch.setattr(catalogue, "MAX_SORTED_ROWS", 1)
    large, home = get_pages("/archive/articles", "/archive", files=[archive])
    assert "_sort_desc=outlet" in large.text and "_sort=id" in large.text
    assert "_sort_desc=state" not in large.text and ">state</th>" in large.text
    assert "/archive/edit_stats" not in home.text and "edit_stats" in home.text
    assert "Too slow in so large an archive" in home.text


def test_without_an_archive_datasette_looks_like_datasette(
    archive: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("create table t (id integer primary key, x)")
        connection.execute("insert into t (x) values ('one')")
        connection.commit()
    pages = ("/other", "/other/t", "/other/t/1", "/other?sql=select+1", "/")
    for page in get_pages(*pages, files=[other]):
        assert page.status_code in (200, 302)
        assert "tables.css" not in page.text
    for page in get_pages("/other", "/other/t", "/other/t/1", files=[archive, other]):
        assert page.status_code == 200 and "tables.css" in page.text
        assert not Controls(page.text).unlabelled


def test_addresses_that_datasette_refuses_are_told_in_our_type(served: Served) -> None:
    home = f"{served.address}/{served.database}"
    for path in ("/articles?_col=nothing", "/versions?_sort=nothing"):
        page = httpx.get(home + path, headers={"accept": "text/html"})
        assert page.status_code == 400 and "news.css" in page.text, path
        assert "app.css" not in page.text and "nothing" in page.text, path
        plain = httpx.get(home + path.replace("?", ".json?"))
        assert plain.status_code == 400 and plain.json()["ok"] is False, path
