"""Take the pictures of the README: ``python docs/make_pictures.py``.

Runs ``harvest demo --browse`` and photographs two of its pages in headless Chromium, so
that the pictures show what the program shows today. Needs the test extra and Chromium.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
SIZE = {"width": 1100, "height": 760}
DEMO_SECONDS = 180


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


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport=SIZE)
        for name, path in (
            ("difference", edited_article(address)),
            ("removals", "/-/removals"),
        ):
            page.goto(address + path)
            page.screenshot(path=str(FOLDER / f"{name}.png"))
            print(f"wrote docs/images/{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
