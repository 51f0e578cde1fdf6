"""Take the pictures of the documents: ``python docs/make_pictures.py [--guide]``.

Runs ``harvest demo --browse`` and photographs two of its pages in headless Chromium for
the README, and pages of the simulated week of the tests for the guide (``--guide``: these
alone), so that the pictures show what the program shows today. A week that exists already
is that in the folder of the variable ``SIMULATED_WEEK``. Needs the test extra and Chromium.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support import simulated_week  # noqa: E402 (they are beside us)
from tests.support.datasette_server import start  # noqa: E402

FOLDER = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
SIZE = {"width": 1100, "height": 760}
GUIDE_SIZE = {"width": 900, "height": 600}
DEMO_SECONDS = 180
MAX_BYTES = 120_000  # of a picture of the guide


@contextmanager
def demo() -> Iterator[str]:
    """The address of the demonstration archive in the browser."""
    command = [sys.executable, "-P", "-m", "harvester.cli", "demo", "--browse"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    watchdog = threading.Timer(DEMO_SECONDS, process.kill)
    watchdog.start()
    try:
        for line in process.stdout:
            if match := re.search(r"(http://127\.0\.0\.1:\d+)/?\s", line):
                threading.Thread(target=process.stdout.read, daemon=True).start()
                yield match[1]
                return
        raise SystemExit("the demonstration ended without serving its archive")
    finally:
        watchdog.cancel()
        process.terminate()
        process.wait(20)


def edited_article(address: str) -> str:
    """The path of the page that compares the versions of the largest silent edit."""
    query = (
        "select article, (select number from versions where id = before) as a,"
        " (select number from versions where id = after) as b"
        " from changes where kind = 'edited' and not back"
        " order by silent desc, size desc limit 1"
    )
    url = f"{address}/archive.json?_shape=array&sql={urllib.request.quote(query)}"
    with urllib.request.urlopen(url) as response:
        row = json.load(response)[0]
    return f"/-/article/{row['article']}?from={row['a']}&to={row['b']}"


@contextmanager
def served_week(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of the simulated week in the browser, and the keys of its articles."""
    week = simulated_week.build_once(folder, datetime.now(UTC))
    process, address, _ = start(week.path, folder)
    try:
        yield address, week.keys
    finally:
        process.terminate()
        process.wait(20)


def take_readme_pictures(page: Any) -> None:
    """Two pages of the demonstration."""
    with demo() as address:
        for name, path in (
            ("difference", edited_article(address)),
            ("removals", "/-/removals"),
        ):
            page.goto(address + path)
            take(page, name)


def take_guide_pictures(page: Any, folder: Path) -> None:
    """Pages of the week, each cut to what the guide tells."""
    page.set_viewport_size(GUIDE_SIZE)
    with served_week(folder) as (address, keys):
        for name, path, top in (
            ("today", "/", ""),
            ("versions", f"/-/article/{keys['flood']}", ""),
            (
                "side-by-side",
                f"/-/article/{keys['flood']}?from=1&to=12&view=side",
                "h1",
            ),
            ("health", "/-/health", "By day"),
        ):
            page.goto(address + path)
            if top:  # the heading to which the reader has scrolled
                heading = (
                    page.locator("h1")
                    if top == "h1"
                    else page.get_by_role("heading", name=top)
                )
                heading.first.evaluate("each => each.scrollIntoView()")
            take(page, name)
            size = (FOLDER / f"{name}.png").stat().st_size
            if size > MAX_BYTES:
                raise SystemExit(f"{name}.png has {size} bytes: at most {MAX_BYTES}")


def take(page: Any, name: str) -> None:
    """Write a picture of what a browser shows."""
    page.screenshot(path=str(FOLDER / f"{name}.png"))
    print(f"wrote docs/images/{name}.png")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport=SIZE)
        if "--guide" not in sys.argv[1:]:
            take_readme_pictures(page)
        take_guide_pictures(page, Path(os.environ.get("SIMULATED_WEEK") or folder))
        browser.close()


if __name__ == "__main__":
    main()
