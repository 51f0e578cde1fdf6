"""An edition in Chromium, opened as files: styled, without a script, for everybody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harvester.publish import layout
from tests.publish.conftest import publish_archive

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium by Playwright."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api", reason="pip install -e '.[test]'")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=["--headless", "--no-sandbox", "--disable-gpu"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(
    hostile: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("edition") / "site"
    publish_archive(hostile[0], folder, has_texts=True)
    return folder


def list_kinds(keys: dict[str, str]) -> list[str]:
    """A page of each kind."""
    return [
        *(file for file, _ in layout.NAVIGATION),
        layout.NOT_FOUND,
        layout.article_page(keys["bridge"]),
        layout.article_page(keys["hostile"]),
        layout.version_page(keys["bridge"], 1),
        "outlets/courier.html",
        "days/2026-11-20.html",
        "changes/2026-11-20.html",
        "removals/2026-11.html",
    ]


def test_pages_work_as_files(
    browser: Any, site: Path, hostile: tuple[Path, dict[str, str]]
) -> None:
    page = browser.new_context(viewport=PHONE).new_page()
    faults: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("requestfailed", lambda request: faults.append(request.url))
    page.on("request", lambda request: requests.append(request.url))
    for file in list_kinds(hostile[1]):
        requests.clear()
        page.goto((site / file).as_uri())
        assert page.evaluate("document.styleSheets.length") == 1
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], file
        assert page.evaluate("window.hacked") is None
        assert len([url for url in requests if not url.startswith("data:")]) <= 2
        assert all(url.startswith(("file://", "data:")) for url in requests)
    assert faults == []
    page.goto((site / layout.INDEX).as_uri())
    page.click("text=Old bridge closes for the winter")
    assert page.inner_text("h1") == "Old bridge closes for the winter"
    page.click("nav >> text=Today")
    assert page.url == (site / layout.INDEX).as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    browser: Any, site: Path, hostile: tuple[Path, dict[str, str]], scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    size = PHONE if scheme == "dark" else DESK
    # Its own injection is a script, which the policy of our pages refuses.
    context = browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    for file in list_kinds(hostile[1]):
        page.goto((site / file).as_uri())
        page.evaluate(
            "document.querySelectorAll('details').forEach(one => one.open = true)"
        )
        found = [
            (one["id"], [node["html"][:200] for node in one["nodes"]][:3])
            for one in axe.run(page).response["violations"]
            if one["impact"] in ("critical", "serious", "moderate")
        ]
        assert not found, (file, found)
