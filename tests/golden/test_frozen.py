"""Schema, options, output, stored values and effects are what they were.

``python tests/golden/frozen.py`` says which file differs; here each line that does.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.golden import frozen


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Callable[[], str]]:
    """File → its content as the program of today makes it."""
    return frozen.made(tmp_path_factory.mktemp("frozen"))


@pytest.mark.parametrize(
    "name", ["options.json", "output.json", "values.json", "effects.json"]
)
def test_it_is_as_it_was(today: dict[str, Callable[[], str]], name: str) -> None:
    before = json.loads((frozen.HERE / name).read_text("utf-8"))
    assert differences(before, json.loads(today[name]())) == []


def test_a_new_archive_has_the_same_schema(today: dict[str, Callable[[], str]]) -> None:
    before = (frozen.HERE / "schema.sql").read_text("utf-8")
    assert today["schema.sql"]() == before


def differences(before: Any, now: Any, path: str = "") -> list[str]:
    """A line for each value that differs."""
    if isinstance(before, dict) and isinstance(now, dict):
        found = []
        for key in [*before, *(one for one in now if one not in before)]:
            here = f"{path} → {key}"
            if key not in now:
                found.append(f"{here}: gone")
            elif key not in before:
                found.append(f"{here}: new")
            else:
                found += differences(before[key], now[key], here)
        return found
    return [] if before == now else [f"{path}: was {before!r}, is {now!r}"]
