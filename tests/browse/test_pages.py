"""Every page, ours and Datasette's, as the real Datasette serves it: what it shows, its headers, and that nothing runs."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import httpx
import pytest
from datasette.app import Datasette
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.archive.connection import Archive
from harvester.browse import archive_queries, table_descriptions
from tests.support import hostile_archive
from tests.support.datasette_server import Served

FOLLOWED = 250  # pages of one walk


class Page(HTMLParser):
    """A page as a browser reads it: links, forms, and everything that could run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[dict[str, str | None]] = []
        self.inputs: list[str | None] = []
        self.scripts: list[str] = []
        self.loaded: list[str] = []
        self.handlers: list[str] = []
        self.targets: list[tuple[str, dict[str, str | None]]] = []
        self._script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.handlers += [name for name in given if name.startswith("on")]
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        if tag in ("a", "area", "form", "base", "meta", "button"):
            self.targets.append((tag, given))
        if tag == "form":
            self.forms.append(given)
        if tag in ("input", "select"):
            self.inputs.append(given.get("name"))
        if given.get("src"):
            self.loaded.append(given["src"] or "")
        if tag == "link" and given.get("rel") in ("stylesheet", "icon"):
            self.loaded.append(given["href"] or "")
        if tag in ("iframe", "object", "embed", "img", "video", "audio"):
            self.handlers.append(tag)
        self._script = tag == "script"
        if tag == "script" and not given.get("src"):
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._script = False

    def handle_data(self, data: str) -> None:
        if self._script and self.scripts:
            self.scripts[-1] += data


def check(address: str, response: httpx.Response) -> Page | None:
    """Headers on every answer; on a page, nothing that an outlet wrote may run or be loaded."""
    headers = response.headers
    assert headers["x-content-type-options"] == "nosniff", address
    assert headers["referrer-policy"] == "no-referrer", address
    assert headers["x-frame-options"] == "DENY", address
    assert headers["cross-origin-resource-policy"] == "same-origin", address
    policy = headers["content-security-policy"]
    for wanted in (
        "default-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ):
        assert wanted in policy, (address, policy)
    scripts = re.search(r"script-src ([^;]*)", policy)
    assert scripts is None or "unsafe" not in scripts[1], policy
    assert response.status_code < 500, (address, response.text)
    if not headers.get("content-type", "").startswith("text/html"):
        return None
    page = Page(response.text)
    assert not page.handlers, (address, page.handlers)
    for script in page.scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy, (address, script)
    for source in page.loaded:
        assert urlsplit(source).netloc == "" and source.startswith("/"), (
            address,
            source,
        )
    for tag, attributes in page.targets:
        for name in ("href", "action", "formaction", "content"):
            value = attributes.get(name) or ""
            scheme = (
                re.sub(r"[\x00-\x20]", "", value).partition(":")[0].lower()
                if ":" in value
                else ""
            )
            assert scheme not in ("javascript", "data", "vbscript"), (
                address,
                tag,
                value,
            )
            if tag == "a" and ".example" in urlsplit(value).netloc:
                assert set((attributes.get("rel") or "").split()) == {
                    "noreferrer",
                    "nofollow",
                    "noopener",
                }, (
                    address,
                    value,
                )
    return page


def get(served: Served, path: str) -> httpx.Response:
    """One page, checked."""
    response = httpx.get(served.address + path)
    check(path, response)
    return response


def get_sql(served: Served, path: str) -> httpx.Response:
    """The answer to SQL, which Datasette 1.0 gives at another address; checked."""
    address = f"{served.address}/{served.database}{path}"
    response = httpx.get(address, follow_redirects=True)
    check(path, response)
    return response


def test_nothing_runs_on_any_page_that_a_link_leads_to(served: Served) -> None:
    tables_and_views = [
        *table_descriptions.TABLES,
        *archive_queries.CANNED_QUERIES,
    ]
    waiting = ["/", "/-/search?q=hacked&every=1", "/-/search?q=%3Cscript%3E", "/-/changes?kind=removed", "/no-such-page", "/-/removals", "/-/coverage?days=365", "/-/copies", "/-/changes.atom", "/-/health.atom",
               f"/-/copies/{served.keys['wire']}?with={served.keys['hostile']}",
               f"/-/article/{served.keys['hostile']}?version=1", f"/-/article/{served.keys['hostile']}?from=1&to=2",
               *(f"/{served.database}/{name}" for name in tables_and_views),
               *(f"/{served.database}/versions/{number}" for number in range(1, 20)),
               f"/{served.database}?sql=select+*+from+versions"]  # fmt: skip
    ours, seen = re.compile(r"^/(-/(search|changes|article|outlet).*)?$"), set()
    with httpx.Client(base_url=served.address) as client:
        while waiting and len(seen) < FOLLOWED:
            path = waiting.pop(0)
            if path in seen:
                continue
            seen.add(path)
            response = client.get(path)
            page = check(path, response)
            if page is not None and response.status_code == 200:
                assert "script-src" not in response.headers[
                    "content-security-policy"
                ] or not ours.match(path)
                found = [
                    urlsplit(urljoin(served.address + path, link))
                    for link in page.links
                ]
                waiting += [
                    f"{link.path}{'?' + link.query if link.query else ''}"
                    for link in found
                    if link.netloc == urlsplit(served.address).netloc
                    and not re.search(r"_(?:facet|sort|nocol)", link.query)
                ]
    assert len(seen) > 100


def test_the_start_page_is_the_news(served: Served) -> None:
    page = get(served, "/")
    parsed = Page(page.text)
    assert (
        parsed.forms[0]["action"] == "/-/search"
        and parsed.forms[0]["method"] == "get"
        and parsed.inputs[0] == "q"
    )
    for words in ("The Arle Courier", "Old bridge closes for the winter", "Edited"):
        assert words in page.text
    assert "blocked, the outlet refused: 403" in page.text  # a feed's health, in words
    assert (
        "<del>to close on Monday</del>" in page.text
        and "<ins>closes for the winter</ins>" in page.text
    )
    assert f'href="/-/article/{served.keys["bridge"]}' in page.text
    assert "no longer in the settings" in page.text
    assert not parsed.scripts


def test_an_article_page_shows_text_versions_and_words(served: Served) -> None:
    page = get(served, f"/-/article/{served.keys['bridge']}").text
    assert "<p>The council meets again on Thursday evening.</p>" in page
    assert "<del>2.4</del><ins>3.1</ins>" in page
    assert page.count('id="v') == 3
    assert "20 Nov 2026, 06:00" in page
    assert "harvester-20261120-00000.warc.gz" in page and "7,041" in page
    assert "https://img.example/lead.jpg" in page and "<img" not in page
    old = get(served, f"/-/article/{served.keys['bridge']}?version=1").text
    assert "version 1 of 3, an earlier one, online until" in old
    assert "The fire brigade may still cross" in old
    compared = get(served, f"/-/article/{served.keys['bridge']}?from=1&to=3").text
    assert (
        "Version 1 against version 3" in compared
        and "<del>, Ines Halloran</del>" in compared
    )


def test_states_and_copies_are_described(served: Served) -> None:
    removed = get(served, f"/-/article/{served.keys['removed']}").text
    assert (
        "Removed by the outlet: gone since 20 Nov 2026, 17:06" in removed
        and "It was withdrawn." in removed
    )
    assert (
        "Not found at the last check"
        in get(served, f"/-/article/{served.keys['suspect']}").text
    )
    assert "online again" in get(served, f"/-/article/{served.keys['returned']}").text
    for one, other in (("wire", "copy"), ("copy", "wire")):
        page = get(served, f"/-/article/{served.keys[one]}").text
        assert "<h2>Copies</h2>" in page and f"/-/article/{served.keys[other]}" in page


def test_an_article_page_shows_checks_joins_copies_and_proof(served: Served) -> None:
    key = served.keys["removed"]
    page = get(served, f"/-/article/{key}").text
    assert (
        "Checks with another result" in page
        and page.count("<td>of removal</td>") == 2
        and "<td>none</td>" in page
    )
    assert "0123456789abcdef" in page and f"harvest split {key}" in page
    assert (
        f"harvest evidence {key} -o evidence.zip" in page
        and "in the chain since" in page
    )
    assert (
        "because it is watched until"
        in get(served, f"/-/article/{served.keys['bridge']}").text
    )
    with closing(sqlite3.connect(served.path)) as connection:
        digest = connection.execute("select s.digest from seals s join versions v on s.row = v.id where s.kind = 'version' and v.article = ?",
                                    [key]).fetchone()[0].hex()  # fmt: skip
    assert digest in page
    assert (
        f"/-/copies/{served.keys['wire']}"
        in get(served, f"/-/article/{served.keys['wire']}").text
    )


def test_copies_across_outlets_and_what_the_copiers_changed(served: Served) -> None:
    wire, copy = served.keys["wire"], served.keys["copy"]
    page = get(served, "/-/copies").text
    assert (
        f"/-/copies/{wire}" in page
        and "in 2 outlets" in page
        and "La Gazette de la Vallée" in page
    )
    assert f"/-/copies/{wire}" in get(served, "/-/copies?outlet=gazette&within=1").text
    assert (
        "No matching copies" in get(served, "/-/copies?outlet=closed").text
        and "Nothing older" in get(served, "/-/copies?after=2020_1").text
    )
    one = get(served, f"/-/copies/{copy}").text
    assert f"?with={copy}" in one and "100 %" in one
    changed = get(served, f"/-/copies/{wire}?with={copy}").text
    assert "What La Gazette de la Vallée changed" in changed and "<ins>" in changed
    for path in (
        f"/-/copies/{served.keys['church']}",
        "/-/copies/ffffffffffffffff",
        f"/-/copies/{wire}?with=ffffffffffffffff",
    ):
        assert get(served, path).status_code == 404


def test_articles_are_found_by_beginning_of_key_and_by_address(served: Served) -> None:
    key = served.keys["bridge"]
    assert (
        httpx.get(f"{served.address}/-/article/{key[:8]}?version=2").headers["location"]
        == f"/-/article/{key}?version=2"
    )
    found = httpx.get(
        served.address + "/-/search",
        params={"q": "https://courier.example/news/bridge?utm_source=x"},
    )
    assert (
        httpx.get(served.address + found.headers["location"]).headers["location"]
        == f"/-/article/{key}"
    )
    for path in ("/-/article/ffffffffffffffff", "/-/article/ab", f"/-/article/{key}?version=9", "/-/outlet/nobody",
                 "/-/article?url=https://nowhere.example/", f"/-/article/{key}?from=1&to=99"):  # fmt: skip
        response = get(served, path)
        assert response.status_code == 404 and "Not in the archive" in response.text, (
            path
        )


def test_search_covers_every_version_and_says_which(served: Served) -> None:
    page = get(served, "/-/search?q=brigade").text
    assert "version 1 of 3: online until 20 Nov 2026" in page
    assert (
        "<mark>brigade</mark>" in page
        and f"/-/article/{served.keys['bridge']}?version=1" in page
    )
    assert "version 3 of 3, the current one" in get(served, "/-/search?q=thursday").text
    assert get(served, "/-/search?q=bridge&every=1").text.count('class="snippet"') == 3
    assert "<mark>Éloi</mark>" in get(served, "/-/search?q=eloi").text
    assert ", then removed" in get(served, "/-/search?q=withdrawn").text
    assert "No matches." in get(served, "/-/search?q=zeppelin").text
    assert (
        'class="snippet"' not in get(served, "/-/search?q=bridge&outlet=gazette").text
    )


def test_an_invalid_query_is_explained(served: Served) -> None:
    for query in ("(a", '"a', "a OR", "NOT b", "*"):
        response = httpx.get(served.address + "/-/search", params={"q": query})
        check(query, response)
        assert response.status_code == 400 and "Invalid query" in response.text


def test_changes_page_by_page(served: Served) -> None:
    page = get(served, "/-/changes").text
    assert page.index("A statement of the prefect") and "headline changed" in page
    assert "Old bridge" not in get(served, "/-/changes?kind=removed").text
    with closing(sqlite3.connect(served.path)) as connection:
        at, number = connection.execute(
            "select at, id from events where kind = 'headline'"
        ).fetchone()
    older = get(served, f"/-/changes?after={at}_{number}").text
    assert "headline changed</span> <time" not in older
    assert '<article class="event' in older or "Nothing older" in older
    assert "Newest" in older


def test_what_feeds_changed(served: Served) -> None:
    page = get(served, "/-/changes?kind=announced").text
    assert page.count("The headline and teaser in the feed changed") == 2
    assert page.count("its page never became an article") == 1
    assert f"/-/article/{served.keys['bridge']}#announced" in page
    assert "changed in its feed" in get(served, "/-/changes").text
    article = get(served, f"/-/article/{served.keys['bridge']}").text
    assert 'id="announced"' in article and "The mayor fibbed." in article
    found = get(served, "/-/search?q=fibbed").text
    assert "announced in the feed until" in found and "<mark>fibbed</mark>" in found
    found = get(served, "/-/search?q=zebra").text
    assert "no article: failed" in found and "/-/article/#" not in found
    assert get(served, "/-/changes.atom?kind=announced").status_code == 200


def test_health_as_atom(served: Served) -> None:
    with closing(sqlite3.connect(served.path)) as connection:
        count = connection.execute(
            "select count(*) from events where kind in ('feed failing', 'items missed')"
        ).fetchone()[0]
    page = get(served, "/").text
    assert '<link rel="alternate" type="application/atom+xml"' in page
    assert 'href="/-/health.atom"' in page
    response = get(served, "/-/health.atom")
    assert response.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(response.content)
    assert not feed.bozo and feed.feed.title.startswith("Health")
    assert len(feed.entries) >= count
    again = feedparser.parse(get(served, "/-/health.atom").content)
    assert [one.id for one in again.entries] == [one.id for one in feed.entries]
    one = feedparser.parse(get(served, "/-/health.atom?outlet=courier").content)
    assert one.feed.id != feed.feed.id and len(one.entries) <= len(feed.entries)


def test_an_outlet_page_counts_outcomes(served: Served) -> None:
    page = get(served, "/-/outlet/courier").text
    for words in (
        "refused because",
        "Outcomes of announced entries",
        "Members",
        "Old bridge closes for the winter",
    ):
        assert words in page
    assert "Trois ans" not in page
    assert "No longer in the settings" in get(served, "/-/outlet/closed").text


def test_secrets_of_feeds_are_not_shown(served: Served) -> None:
    for path in (
        "/",
        "/-/outlet/courier",
        f"/-/article/{served.keys['hostile']}",
        f"/{served.database}/feed_health",
    ):
        page = get(served, path)
        assert page.status_code == 200 and hostile_archive.SECRET not in page.text, path


def test_datasettes_own_pages_work_and_lead_to_ours(served: Served) -> None:
    home = f"/{served.database}"
    page = get(served, f"{home}/edits").text
    assert f'href="/-/article/{served.keys["bridge"]}"' in page and "<del>" in page
    assert "Every edit: removed and added words" in page
    assert (
        "R. Ashdown" in get(served, f"{home}/versions/1").text
        and '["R. Ashdown"]' not in get(served, f"{home}/versions/1").text
    )
    assert "bytes, compressed" in get(served, f"{home}/captures").text
    assert ">Changes</a>" in page
    for name in archive_queries.CANNED_QUERIES:
        response = get(served, f"{home}/{name}.json?_shape=array")
        assert response.status_code == 200, response.text
        if name not in ("silent_edits",):
            assert response.json(), name
    rows = get(served, f"{home}/wire_copies.json?_shape=array").json()
    assert [(row["original"], row["copy"]) for row in rows] == [
        (served.keys["wire"], served.keys["copy"])
    ]


def test_csv_has_no_formula(served: Served) -> None:
    sql = "select+'=1%2B1'+as+a,+'x'+as+b,+-5+as+c"
    assert get_sql(served, f".csv?sql={sql}").text == "a,b,c\r\n'=1+1,x,-5\r\n"


def test_the_archive_cannot_be_written(served: Served) -> None:
    for sql in (
        "delete from articles",
        "with x as (select 1) delete from articles",
        "pragma user_version = 9",
        "vacuum",
    ):
        assert get_sql(served, f".json?sql={sql}").status_code == 400
    for method in ("POST", "PUT", "DELETE"):
        assert httpx.request(method, f"{served.address}/").status_code in (
            403,
            405,
            500,
            200,
        )
    with closing(sqlite3.connect(served.path)) as connection:
        assert connection.execute("select count(*) from articles").fetchone()[0] == len(
            served.keys
        )


def test_what_another_writes_appears(tmp_path: Path) -> None:
    path = tmp_path / "growing.db"
    hostile_archive.build(path)
    archive = Archive.open(path)

    async def look() -> None:
        client = Datasette([str(path)]).client
        day = f"/?day={hostile_archive.START[:10]}"
        assert "Written meanwhile" not in (await client.get(day)).text
        archive.begin()
        make = hostile_archive.Builder(archive)
        make.article(
            "courier",
            "meanwhile",
            hostile_archive.START,
            hostile_archive.extract("Written meanwhile", "A word: xylophone."),
        )
        assert "Written meanwhile" not in (await client.get(day)).text
        archive.commit()
        assert "Written meanwhile" in (await client.get(day)).text
        assert (
            "<mark>xylophone</mark>" in (await client.get("/-/search?q=xylophone")).text
        )

    asyncio.run(look())
    archive.close()


def test_an_empty_archive_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    Archive.open(path).close()

    async def look() -> None:
        client = Datasette([str(path)]).client
        page = (await client.get("/")).text
        assert "The archive is empty" in page and "harvest once" in page
        for place in ("/-/changes", "/-/search", "/-/search?q=x"):
            assert (await client.get(place)).status_code == 200

    asyncio.run(look())


def test_without_an_archive_datasette_is_as_it_was(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("create table plants (name text)")
        connection.commit()

    async def look() -> None:
        client = Datasette([str(other)]).client
        page = await client.get("/")
        assert (
            page.status_code == 200
            and "plants" in page.text
            and "The archive" not in page.text
        )
        assert (await client.get("/-/changes")).status_code == 404
        assert "content-security-policy" in page.headers
        hostile_archive.build(tmp_path / "a press.db")
        both = Datasette([str(other), str(tmp_path / "a press.db")]).client
        assert "What came" in (await both.get("/")).text

    asyncio.run(look())


def test_who_may_not_see_the_archive_does_not(tmp_path: Path) -> None:
    hostile_archive.build(tmp_path / "press.db")

    async def look(metadata: dict[str, Any]) -> None:
        client = Datasette([str(tmp_path / "press.db")], metadata=metadata).client
        for path in ("/", "/-/search?q=bridge", "/-/changes", "/-/outlet/courier"):
            assert (await client.get(path)).status_code == 403

    asyncio.run(look({"allow": {"id": "root"}}))
    asyncio.run(look({"databases": {"press": {"allow": {"id": "root"}}}}))


@given(
    query=st.one_of(
        st.text(max_size=60), st.text(st.sampled_from('()"*- ORANDT\x00é'), max_size=40)
    )
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_query_is_answered(served: Served, query: str) -> None:
    response = httpx.get(served.address + "/-/search", params={"q": query})
    assert response.status_code in (200, 302, 400)
    check(query, response)


@pytest.mark.parametrize(
    "path",
    [
        "/-/search?q=%ff%fe", "/-/search?q=%00", "/-/search?q=%ed%a0%80", f"/-/search?q={'(' * 3_000}", f"/-/search?q=%22{'a' * 30_000}",
        "/-/search?q=%1b%5d0;x%07", "/-/search?q=x&outlet=%ff%00", "/-/search?q=http://[::1", "/-/article?url=%ff%ed%a0%80",
        "/-/outlet/%00", "/-/article/%ff", "/-/copies?outlet=%ff%00&before=x", "/-/changes.atom?kind=removed&outlet=%ed%a0%80%0b", "/-/health.atom?outlet=%ed%a0%80%0b%ff",
        "/-/removals?before=99999999999", "/my~20press/versions?_search=%22(*", "/my~20press/versions?_search=%00", "/%ff%fe",
    ],
)  # fmt: skip
def test_any_bytes_get_an_answer(served: Served, path: str) -> None:
    assert get(served, path).status_code in (200, 302, 400, 404)


@pytest.mark.parametrize(
    "path",
    [
        "versions?_sort=nothing", "versions?_timelimit=soon", "versions?_facet_size=%C2%B2", "versions?id__gt=99999999999999999999",
        "versions?_through=x", "versions?_where=%00", "articles?_facet=%00", "versions?_ttl=%C2%B2", "headlines/1", "versions/99999999999999999999",
        "apart/1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["", ".json"])
def test_senseless_addresses_of_tables_are_told_in_a_line(
    served: Served, path: str, form: str
) -> None:
    table, mark, query = path.partition("?")
    before = served.log.read_text().count("Traceback")
    response = get(served, f"/{served.database}/{table}{form}{mark}{query}")
    assert response.status_code in (200, 400, 404)
    assert served.log.read_text().count("Traceback") == before


@pytest.mark.parametrize(
    "query",
    [
        "version=x",
        "version=-1",
        "version=99999999999999999999",
        "from=a&to=b",
        "version=0",
    ],
)
def test_odd_numbers_are_no_error_of_ours(served: Served, query: str) -> None:
    assert get(served, f"/-/article/{served.keys['bridge']}?{query}").status_code in (
        200,
        404,
    )
