"""Lists as files: the same rows as the command line prints, and spreadsheets obey nothing."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.app import Datasette

from harvester.archive.connection import Archive
from harvester.browse import downloads, list_pages
from harvester.schedule.times import add_seconds
from tests.support import hostile_archive
from tests.support.datasette_server import Served
from tests.support.harvest_command import Harvest

MANY = 450  # articles, more than are read at once


def read_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("search.csv?q=bridge", ["search", "bridge"]),
        ("search.csv?q=hacked&every=1", ["search", "hacked", "--all-versions"]),
        (
            "search.csv?q=the&outlet=gazette&from=2026-11",
            ["search", "the", "--outlet", "gazette", "--since", "2026-11"],
        ),
        ("search.csv?q=the&sort=best&state=removed", ["search", "the", "is:removed"]),
        ("articles.csv?q=versions:%3E0", ["search", "versions:>0"]),
        ("changes.csv", ["changes"]),
        ("changes.csv?outlet=courier&kind=edited", ["changes", "--outlet", "courier", "--kind", "edited"]),
        ("changes.csv?q=bridge&to=2026-11-20", ["changes", "bridge", "--until", "2026-11-20"]),
    ],
)  # fmt: skip
def test_a_file_has_what_the_command_line_prints(
    served: Served, tmp_path: Path, path: str, command: list[str]
) -> None:
    response = httpx.get(f"{served.address}/-/{path}")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert ".csv" in response.headers["content-disposition"]
    assert response.headers["x-content-type-options"] == "nosniff"
    harvest = Harvest(tmp_path)
    options = ["--archive", str(served.path)]
    printed = harvest(*options, *command, "--limit", "500", "--csv").stdout
    assert response.text == printed
    assert len(read_rows(printed)) >= 1
    records = json.loads(harvest(*options, *command, "--limit", "500", "--json").stdout)
    assert httpx.get(f"{served.address}/-/{path}".replace(".csv", ".json")).json() == (
        records
    )


def test_no_cell_is_a_formula_and_no_secret_leaves(served: Served) -> None:
    for name in ("articles.csv", "search.csv?q=hacked&every=1", "changes.csv"):
        text = httpx.get(f"{served.address}/-/{name}").text
        assert hostile_archive.SECRET not in text
        for row in csv.reader(io.StringIO(text)):
            assert not [cell for cell in row if cell.startswith(("=", "+", "@"))]


def test_what_cannot_be_read_is_refused_in_one_line(served: Served) -> None:
    for path in ("search.csv?q=%28", "articles.json?from=never", "changes.csv?q=outlet:x", "search.csv?q=x&outlet=%ff"):  # fmt: skip
        response = httpx.get(f"{served.address}/-/{path}")
        assert response.status_code == 400, path
        assert response.headers["content-type"].startswith("text/plain")
        assert response.text.count("\n") == 1
    response = httpx.head(f"{served.address}/-/articles.csv")
    assert response.status_code == 200 and not response.content


@pytest.fixture(scope="module")
def long_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of ``MANY`` articles, published a minute apart."""
    path = tmp_path_factory.mktemp("long") / "archive.db"
    archive = Archive.open(path)
    archive.begin()
    make = hostile_archive.Builder(archive)
    make.outlet("courier", "The Arle Courier", "en")
    for number in range(MANY):
        at = add_seconds(hostile_archive.START, 60 * number)
        page = hostile_archive.extract(f"Notice {number}", f"Text {number}.", at=at)
        make.article("courier", f"notice-{number}", at, page)
    archive.commit()
    archive.close()
    return path


def fetch(path: Path, address: str) -> httpx.Response:
    async def get() -> Any:
        return await Datasette([str(path)]).client.get(address)

    return asyncio.run(get())


def test_a_long_list_is_complete_and_in_order(long_archive: Path) -> None:
    expected = [f"Notice {number}" for number in reversed(range(MANY))]
    for address in ("/-/articles.csv", "/-/search.csv?q=notice"):
        rows = read_rows(fetch(long_archive, address).text)
        assert [row["title"] for row in rows] == expected
    records = fetch(long_archive, "/-/articles.json").json()
    assert [record["title"] for record in records] == expected


def test_a_list_ends_at_its_limit(
    long_archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_pages, "MAX_DOWNLOADED", downloads.ROWS_PER_READ)
    rows = read_rows(fetch(long_archive, "/-/articles.csv").text)
    assert len(rows) == downloads.ROWS_PER_READ
    assert rows[0]["title"] == f"Notice {MANY - 1}"
    page = fetch(long_archive, "/-/articles").text
    assert f"the newest {downloads.ROWS_PER_READ} as" in page


def test_a_list_that_cannot_be_read_to_its_end_does_not_look_complete(
    long_archive: Path, tmp_path: Path
) -> None:
    """The server closes the connection when an application speaks out of turn."""
    path = Path(shutil.copy(long_archive, tmp_path / "archive.db"))
    messages: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)
        if b"Notice" in message.get("body", b""):
            with closing(sqlite3.connect(path)) as archive, archive:
                archive.execute("drop table versions_fts")

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def fetch_all() -> None:
        address = "/-/search.csv"
        scope = {
            "type": "http",
            "method": "GET",
            "path": address,
            "raw_path": address.encode(),
            "query_string": b"q=notice",
            "headers": [(b"host", b"127.0.0.1")],
            "scheme": "http",
            "http_version": "1.1",
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        served = Datasette([str(path)])
        await served.invoke_startup()
        with suppress(RuntimeError, sqlite3.Error):
            await served.app()(scope, receive, send)

    asyncio.run(fetch_all())
    starts = [
        place
        for place, message in enumerate(messages)
        if message["type"] == "http.response.start"
    ]
    assert messages[0]["status"] == 200
    complete = messages[: starts[1] if len(starts) > 1 else None]
    assert all(message.get("more_body", True) for message in complete)
    assert (
        b"".join(message.get("body", b"") for message in complete).count(b"Notice")
        >= downloads.ROWS_PER_READ
    )
