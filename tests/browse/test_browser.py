"""The pages in a real browser: they are read and used as people do, and what outlets wrote does not run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import axe
from tests.support.datasette_server import Served

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1200, "height": 900}


class Visit:
    """A browser's page that remembers what it asked for and what it complained of."""

    def __init__(self, context: Any, served: Served) -> None:
        self.page = context.new_page()
        self.served = served
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on(
            "console",
            lambda said: (
                self.complaints.append(said.text) if said.type == "error" else None
            ),
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def to(self, path: str) -> Any:
        """Go there."""
        self.page.goto(self.served.address + path)
        return self.page


@pytest.fixture
def visit(browser: Any, served: Served) -> Iterator[Visit]:
    """At a desk."""
    context = browser.new_context(viewport=DESK)
    yield Visit(context, served)
    context.close()


def paths(served: Served) -> list[str]:
    """Our pages, and Datasette's where outlets' words stand."""
    hostile, home = f"/-/article/{served.keys['hostile']}", f"/{served.database}"
    return [
        "/", "/-/search?q=hacked&every=1", "/-/search?q=%3Cscript%3Ewindow.hacked=1%3C/script%3E", "/-/changes", "/-/outlet/courier", "/-/health?days=365",
        "/-/removals", "/-/copies", f"/-/copies/{served.keys['wire']}?with={served.keys['hostile']}", hostile, f"{hostile}?version=1", f"{hostile}?from=1&to=2", f"/-/article/{served.keys['bridge']}", "/-/article/ffffffffffff",
        home, f"{home}/articles", f"{home}/versions", f"{home}/latest", f"{home}/edits", f"{home}/removals", f"{home}/entries",
        f"{home}/urls", f"{home}/feeds", f"{home}/changes", f"{home}/events", f"{home}/feed_health", f"{home}/headlines",
        f"{home}?sql=select+title,+authors,+url+from+latest", f"{home}?sql=select+bad",
    ]  # fmt: skip


def test_nothing_runs_and_nothing_is_loaded_from_elsewhere(
    visit: Visit, served: Served
) -> None:
    for path in paths(served):
        page = visit.to(path)
        page.wait_for_load_state("load")
        for element in page.query_selector_all("main a, td, h3, .line")[:40]:
            element.dispatch_event("mouseover")
        assert page.evaluate("window.hacked") is None, path
    assert all(url.startswith(served.address + "/") for url in visit.asked)
    assert not [
        said for said in visit.complaints if "status of 40" not in said
    ]  # no policy broken, no script failed


def test_an_inline_script_does_not_run_even_where_escaping_fails(
    visit: Visit, served: Served
) -> None:
    put = """() => { const hole = document.createElement("div"); document.body.append(hole);
        hole.innerHTML = '<img src="/nothing" onerror="window.hacked = 1"><a id="bad" href="javascript:window.hacked=2">x</a>';
        const script = document.createElement("script"); script.text = "window.hacked = 3"; document.body.append(script);
        document.getElementById("bad").click(); return new Promise(done => setTimeout(() => done(window.hacked), 200)); }"""
    for path in (
        "/",
        f"/-/article/{served.keys['bridge']}",
        f"/{served.database}/versions",
        f"/{served.database}/articles/1",
    ):
        assert visit.to(path).evaluate(put) is None, path


def test_from_the_news_to_what_was_changed(visit: Visit) -> None:
    page = visit.to("/")
    page.click("text=Old bridge closes for the winter >> nth=0")
    assert page.inner_text("h1").startswith("Old bridge")
    page.goto(visit.served.address + f"/-/article/{visit.served.keys['bridge']}")
    assert page.is_visible("#v3 .difference ins")
    assert not page.is_visible("#v2 .difference")
    page.click("#v2 summary")
    assert page.inner_text("#v2 .difference del >> nth=0") == "2.4"
    page.select_option("select[name=from]", "1")
    page.click("text=Compare >> nth=-1")
    page.wait_for_url("**from=1&to=3*")
    assert "Version 1 against version 3" in page.inner_text("nav.versions")


def test_the_first_form_searches_every_version(visit: Visit) -> None:
    page = visit.to("/")
    page.fill("form >> nth=0 >> input", "fire brigade")
    page.keyboard.press("Enter")
    page.wait_for_url("**/-/search?q=*")
    assert [mark.inner_text() for mark in page.query_selector_all("mark")] == [
        "fire",
        "brigade",
    ]
    assert "online until" in page.inner_text(".hits")
    page.click(".hits h2 a")
    assert "an earlier one" in page.inner_text(".banner")


def test_without_script_on_a_phone_in_the_dark(browser: Any, served: Served) -> None:
    light = browser.new_context(viewport=PHONE, color_scheme="light")
    paper = light.new_page()
    paper.goto(served.address)
    colour = "getComputedStyle(document.documentElement).backgroundColor"
    bright = paper.evaluate(colour)
    for path in paths(served)[:10]:
        paper.goto(served.address + path)
        assert (
            paper.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        ), path
    light.close()
    dark = browser.new_context(viewport=PHONE, color_scheme="dark")
    page = dark.new_page()
    page.goto(served.address)
    assert page.evaluate(colour) != bright
    dark.close()
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(served.address)
    page.fill("#q", "eglise")
    page.keyboard.press("Enter")
    page.wait_for_selector("mark")
    plain.close()


def test_tables_are_asked_filtered_and_counted_without_script(
    browser: Any, served: Served
) -> None:
    context = browser.new_context(viewport=DESK, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.address}/{served.database}?sql=select+1+as+one")
    page.fill("label:has-text('SQL') >> xpath=.. >> textarea", "select 2 as two")
    page.click("text=Run SQL")
    assert page.inner_text("td.col-two") == "2"
    page.goto(f"{served.address}/{served.database}/articles")
    page.click(".facets a:text-is('outlet')")
    page.wait_for_url("**_facet=outlet*")
    assert "The Arle Courier" in page.inner_text(".facet-results")
    page.select_option("select[name=_filter_column]", "state")
    page.fill("input[name=_filter_value]", "removed")
    page.click(".filters button")
    page.wait_for_url("**state__exact=removed*")
    assert page.inner_text("td.col-state >> nth=0") == "removed"
    assert page.input_value("input[name=_filter_value_1]") == "removed"
    page.click("nav >> text=Today")
    assert "The Arle Courier" in page.content()
    context.close()


def test_axe_finds_nothing_serious_on_any_page_of_tables(
    browser: Any, served: Served
) -> None:
    source = axe.load_source()
    home = f"{served.address}/{served.database}"
    for scheme, viewport in (("light", DESK), ("dark", PHONE)):
        context = browser.new_context(viewport=viewport, color_scheme=scheme)
        page = context.new_page()
        for path in (
            "", "?_show_hidden=1", "/articles?outlet__exact=courier&_facet=outlet", "/versions?_search=bridge", "/edits",
            "/versions/1", "/headlines", "?sql=select+:a+as+one&a=2", "?sql=select+bad",
        ):  # fmt: skip
            page.goto(home + path)
            found = axe.find_violations(page, source)
            assert not found, (path, scheme, [str(one) for one in found])
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= viewport["width"], (path, wide)
        context.close()
