"""Rules of the code's structure that import-linter cannot express.

Which package may import which is declared in ``pyproject.toml``.
"""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("harvester", "spiders")
EXECUTE_METHODS = {"execute", "executemany", "executescript"}
# Module → why it runs SQL outside ``harvester/archive``.
SQL_EXCEPTIONS = {
    "harvester/browse/archive_database.py": (
        "passes on what Datasette runs, with a limit of time for counts"
    ),
    "harvester/browse/query_limits.py": (
        "limits what SQLite does in a connection that Datasette opened, and calls the "
        "built-in functions that it replaces; asks the archive nothing"
    ),
}


def list_modules() -> dict[str, ast.Module]:
    """Path relative to the root → syntax tree, for every shipped module."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def find_sql_lines(module: ast.Module) -> list[int]:
    """Lines that call, or pass on, a method of sqlite3 that runs SQL."""
    return [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in EXECUTE_METHODS
    ]


def test_only_the_archive_runs_sql() -> None:
    outside = {
        path: lines
        for path, module in list_modules().items()
        if not path.startswith("harvester/archive/")
        and (lines := find_sql_lines(module))
    }
    unexpected = [
        f"{path}:{line}"
        for path, lines in outside.items()
        if path not in SQL_EXCEPTIONS
        for line in lines
    ]
    assert unexpected == []
    assert set(SQL_EXCEPTIONS) <= set(outside), "an exception is no longer needed"


def test_no_parameter_of_a_query_is_numbered() -> None:
    """``?1`` beside a sequence is deprecated since Python 3.12, an error in 3.14."""
    numbered = [
        f"{path}:{node.lineno}"
        for path, module in list_modules().items()
        if path.startswith("harvester/archive/")
        for node in ast.walk(module)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"\?\d", node.value)
    ]
    assert numbered == []


def test_every_pure_module_of_ingest_has_a_floor_of_coverage() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    floors = config["tool"]["coverage-floor"]["of"]
    pure = [
        path
        for path, module in list_modules().items()
        if path.startswith("harvester/ingest/")
        and re.search(r"\bPure\b", ast.get_docstring(module) or "")
    ]
    assert pure == sorted(floors["ingest: what decides"])
