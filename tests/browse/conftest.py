"""An archive of hostile and of normal articles, and the real Datasette that serves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support import changing_outlets, hostile_archive
from tests.support.chromium import open_browser
from tests.support.datasette_server import Served, start


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """``datasette serve`` on an archive whose file is not called archive.db."""
    folder = tmp_path_factory.mktemp("browse")
    path = folder / "my press.db"
    keys = hostile_archive.build(path)
    process, address, log = start(path, folder)
    yield Served(address, path, keys, log)
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="session")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Datasette on an archive whose days are those before the machine's clock."""
    folder = tmp_path_factory.mktemp("changing")
    keys = changing_outlets.build(folder, datetime.now(UTC))
    process, address, log = start(folder / "archive.db", folder)
    yield Served(address, folder / "archive.db", keys, log)
    process.terminate()
    process.wait(10)


@pytest.fixture(
    scope="module"
)  # not longer: Playwright keeps an event loop running in this thread
def browser() -> Iterator[Any]:
    """Debian's Chromium by Playwright."""
    with open_browser() as browser:
        yield browser
