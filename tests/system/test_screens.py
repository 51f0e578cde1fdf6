"""Every page in Chromium, from a simulated week: at a desk and on a telephone, by day and night.

With ``SCREENS=folder`` a picture of each is written there, to be looked at.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.utils import tilde_encode

from harvester.cli.browse import DATASETTE_SETTINGS
from tests.support import axe
from tests.support.chromium import open_browser
from tests.support.datasette_server import start
from tests.support.simulated_week import LOGIN, TOKEN, Week

WIDTHS = {1280: 900, 390: 844}  # and heights
SCHEMES = ("light", "dark")
MAX_BYTES = 80_000  # HTML and styles, as sent
MAX_PLOT_BYTES = 30_000
MAX_REQUESTS = 3
MAX_PICTURE_HEIGHT = 4_000
SECRET = "a-secret-of-thirty-two-characters-"


@dataclass(frozen=True)
class Screens:
    """What serves the week: to all, and to those who know the secret."""

    week: Week
    address: str
    gated: str

    @property
    def database(self) -> str:
        """The name of the database in URLs."""
        return f"/{tilde_encode(self.week.path.stem)}"

    def article(self, name: str) -> str:
        """The page of an article of the stories."""
        return f"/-/article/{self.week.keys[name]}"

    def value(self, sql: str, *values: object) -> Any:
        """One value of the archive."""
        uri = f"{self.week.path.as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            return connection.execute(sql, values).fetchone()[0]

    def cluster(self) -> str:
        """The page of the cluster of the ferry's despatch."""
        sql = "select cluster from clusters where article = ?"
        return f"/-/copies/{self.value(sql, self.week.keys['wire'])}"

    def capture(self) -> int:
        """A capture of the article with the most versions."""
        sql = "select capture from articles where key = ?"
        return int(self.value(sql, self.week.keys["flood"]))


@dataclass(frozen=True)
class Page:
    """How a page is reached, and what is different about it."""

    path: Callable[[Screens], str]
    status: int = 200
    is_ours: bool = True  # else Datasette's, with its scripts
    is_gated: bool = False


def _fixed(path: str, **more: Any) -> Page:
    return Page(lambda _: path, **more)


def _table(path: str) -> Page:
    return Page(lambda screens: screens.database + path, is_ours=False)


def _article(name: str, query: str = "") -> Page:
    return Page(lambda screens: screens.article(name) + query)


def _day(screens: Screens) -> str:
    return f"/?day={screens.week.day_before:%Y-%m-%d}"


PAGES = {
    "today": _fixed("/"),
    "day": Page(_day),
    "articles": _fixed("/-/articles"),
    "articles-filtered": _fixed("/-/articles?outlet=courier&state=edited&from=7+days"),
    "search": _fixed("/-/search?q=ferry"),
    "search-every": _fixed("/-/search?q=bridge&every=1"),
    "search-arabic": _fixed("/-/search?q=النهر"),
    "search-none": _fixed("/-/search?q=zeppelinfahrer"),
    "search-fault": _fixed('/-/search?q="unclosed', status=400),
    "changes": _fixed("/-/changes"),
    "changes-silent": _fixed("/-/changes?outlet=courier&silent=1&from=yesterday"),
    "changes-none": _fixed("/-/changes?q=zeppelinfahrer"),
    "removals": _fixed("/-/removals"),
    "copies": _fixed("/-/copies"),
    "cluster": Page(Screens.cluster),
    "cluster-compared": Page(
        lambda screens: f"{screens.cluster()}?with={screens.week.keys['wire 2']}"
    ),
    "article": _article("flood"),
    "article-version": _article("flood", "?version=3"),
    "article-inline": _article("flood", "?from=1&to=12"),
    "article-side": _article("flood", "?from=1&to=12&view=side"),
    "article-moved": _article("moved", "?from=1&to=2"),
    "article-removed": _article("removed"),
    "article-suspect": _article("suspect"),
    "article-returned": _article("returned"),
    "article-copied": _article("wire"),
    "article-arabic": _article("arabic", "?from=1&to=2"),
    "article-chinese": _article("chinese", "?from=1&to=2"),
    "article-long-title": _article("long title"),
    "article-markup": _article("markup"),
    "article-live": _article("live"),
    "article-paywalled": _article("paywalled"),
    "outlet": _fixed("/-/outlet/courier"),
    "outlet-arabic": _fixed("/-/outlet/nahr"),
    "outlet-failing": _fixed("/-/outlet/mill"),
    "outlet-silent": _fixed("/-/outlet/echo"),
    "health": _fixed("/-/health"),
    "health-outlet": _fixed("/-/health?outlet=gazette&days=7"),
    "trend": _fixed("/-/trend?q=ferry&q=bridge"),
    "trend-outlets": _fixed("/-/trend?q=council&by=outlet"),
    "login": _fixed("/", status=403, is_gated=True),
    "not-found": _fixed("/-/no-such-page", status=404),
    "not-found-article": _fixed("/-/article/ffffffffffffffff", status=404),
    "not-found-outlet": _fixed("/-/outlet/nobody", status=404),
    "database": _table(""),
    "table-articles": _table("/articles"),
    "table-versions": _table("/versions"),
    "table-changes": _table("/changes"),
    "view-edits": _table("/edits"),
    "view-outlet-stats": _table("/outlet_stats"),
    "view-feed-health": _table("/feed_health"),
    "row-article": _table("/articles/1"),
    "row-version": _table("/versions/1"),
    "query": _table("?sql=select+title,+first_seen+from+versions+limit+20"),
    "query-fault": Page(
        lambda screens: f"{screens.database}?sql=select+bad", 400, is_ours=False
    ),
    "capture-text": Page(lambda screens: f"/-/capture/{screens.capture()}?as=text"),
}
# Not pages of ours: what an outlet sent, as it was received.
AS_RECEIVED = ("capture-text",)


@dataclass
class Load:
    """A page as it was loaded: what it asked for, how much came, what went wrong."""

    requests: list[Any] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def urls(self) -> list[str]:
        """What was asked for."""
        return [request.url for request in self.requests]

    def count_bytes(self) -> int:
        """Bytes of all bodies, as sent."""
        return sum(request.sizes()["responseBodySize"] for request in self.requests)


@pytest.fixture(scope="module")
def screens(
    simulated_week: Week, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Screens]:
    """Two servers of the week, with the settings of ``harvest browse``."""
    folder = tmp_path_factory.mktemp("screens")
    settings = [
        part
        for name, value in DATASETTE_SETTINGS.items()
        for part in ("--setting", name, value)
    ]
    gate = {"HARVESTER_BROWSE_SECRET": SECRET, "HARVESTER_BROWSE_LOOPBACK": "0"}
    (folder / "gated").mkdir()
    public, address, _ = start(simulated_week.path, folder, *settings)
    private, gated, _ = start(
        simulated_week.path, folder / "gated", *settings, environment=gate
    )
    yield Screens(simulated_week, address, gated)
    for process in (public, private):
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium."""
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def axe_source() -> str:
    """The source of axe-core, where it is there."""
    return axe.load_source()


@pytest.fixture(scope="module")
def pictures() -> Path | None:
    """Where pictures are written; None: nowhere."""
    if folder := os.environ.get("SCREENS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        return Path(folder)
    return None


def open_page(
    browser: Any, screens: Screens, page: Page, width: int
) -> tuple[Any, Load]:
    """Open a page in a browser that has seen none."""
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]}, color_scheme="light"
    )
    tab, load = context.new_page(), Load()
    tab.on("request", lambda request: load.requests.append(request))
    tab.on(
        "console",
        lambda said: (
            load.complaints.append(said.text) if said.type == "error" else None
        ),
    )
    tab.on("pageerror", lambda error: load.complaints.append(str(error)))
    base = screens.gated if page.is_gated else screens.address
    response = tab.goto(base + page.path(screens), wait_until="load")
    assert response.status == page.status, page.path(screens)
    if page.status >= 400:
        load.complaints = [
            each for each in load.complaints if "status of 4" not in each
        ]
    return tab, load


def take_pictures(tab: Any, width: int, start_of_path: str) -> None:
    """Write what is seen by day and by night, down to some height."""
    for scheme in SCHEMES:
        tab.emulate_media(color_scheme=scheme)
        height = tab.evaluate("document.documentElement.scrollHeight")
        size = {"width": width, "height": min(height, MAX_PICTURE_HEIGHT)}
        tab.screenshot(
            path=f"{start_of_path}-{width}-{scheme}.png",
            full_page=True,
            clip={"x": 0, "y": 0, **size},
        )
    tab.emulate_media(color_scheme=SCHEMES[0])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_light_whole_within_the_screen_and_for_everybody(
    name: str,
    browser: Any,
    screens: Screens,
    pictures: Path | None,
    axe_source: str,
) -> None:
    page = PAGES[name]
    base = screens.gated if page.is_gated else screens.address
    for width, scheme in zip(WIDTHS, SCHEMES, strict=True):
        tab, load = open_page(browser, screens, page, width)
        if pictures:
            take_pictures(tab, width, str(pictures / name))
        assert not load.complaints
        assert all(url.startswith(f"{base}/") for url in load.urls), load.urls
        if page.is_ours:
            assert len(load.urls) <= MAX_REQUESTS, load.urls
            assert load.count_bytes() <= MAX_BYTES
            plots = tab.eval_on_selector_all(
                "main svg", "all => all.map(each => each.outerHTML).join('')"
            )
            assert len(plots.encode()) <= MAX_PLOT_BYTES
        if name not in AS_RECEIVED:
            assert tab.title().strip()
            assert tab.locator("h1").count() == 1
            assert tab.locator("html[lang]").count() == 1
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        for secret in (LOGIN.partition(":")[2], TOKEN, SECRET):
            assert secret not in tab.content()
        if name not in AS_RECEIVED:
            assert_usable(tab, scheme, axe_source)
        tab.context.close()


def assert_usable(tab: Any, scheme: str, axe_source: str) -> None:
    """By everybody, by day or by night."""
    tab.emulate_media(color_scheme=scheme)
    found = axe.find_violations(tab, axe_source)
    assert not found, "\n".join(map(str, found))


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in PAGES if name not in AS_RECEIVED])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_a_page_can_be_used_by_everybody(
    name: str,
    width: int,
    scheme: str,
    browser: Any,
    screens: Screens,
    axe_source: str,
) -> None:
    tab, _ = open_page(browser, screens, PAGES[name], width)
    assert_usable(tab, scheme, axe_source)
    tab.context.close()


def test_each_page_has_a_title_of_its_own(screens: Screens) -> None:
    titles: dict[str, str] = {}
    with httpx.Client(timeout=60, headers={"Accept": "text/html"}) as client:
        for name, page in PAGES.items():
            if name in AS_RECEIVED or name == "query-fault":  # that of any query
                continue
            base = screens.gated if page.is_gated else screens.address
            text = client.get(base + page.path(screens)).text
            match = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
            assert match, name
            title = " ".join(match[1].split())
            assert title not in titles, (title, name, titles[title])
            titles[title] = name
