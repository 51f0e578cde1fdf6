"""What a shell completes where an outlet is named: the outlets of the settings.

Quick, and silent: a shell asks at each press of Tab, whatever state the settings are in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:  # each command would import it
    from click.shell_completion import CompletionItem

MAX_COMPLETIONS = 1_000
_TABLE = re.compile(r"^\s*\[\s*outlets\s*\.\s*[\"']?([a-z0-9_-]+)", re.MULTILINE)


def complete_outlets(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The keys of outlets that begin so, with their names; once each."""
    from click.shell_completion import CompletionItem

    try:
        outlets = _outlets(context.find_root().params)
    except Exception:  # noqa: BLE001 (a traceback in a prompt helps nobody)
        return []
    typed = context.params.get(parameter.name or "") or ()
    taken = {typed} if isinstance(typed, str) else set(typed)
    return [
        CompletionItem(key, help=name if name != key else None)
        for key, name in outlets.items()
        if key.startswith(incomplete) and key not in taken
    ][:MAX_COMPLETIONS]


def _outlets(options: Mapping[str, Any]) -> dict[str, str]:
    """The outlets of the settings, or of the archive where there are none: key → name."""
    from harvester.settings.file import DEFAULT_ARCHIVE, has_settings_file

    settings, archive = options.get("settings"), options.get("archive")
    if archive is None and has_settings_file(settings):
        return _outlets_of_settings(settings)
    path = Path(archive or DEFAULT_ARCHIVE)
    return _outlets_of_archive(path) if path.is_file() else {}


def _outlets_of_settings(explicit: Path | None) -> dict[str, str]:
    from harvester.errors import SettingsError
    from harvester.settings.file import find_settings_file, parse_toml, read_text

    file = find_settings_file(explicit)
    text = read_text(file)
    try:
        tables = parse_toml(text, file).get("outlets", {})
    except SettingsError:  # it is being edited: its headers will do
        return dict.fromkeys(_TABLE.findall(text), "")
    return {
        key: str(table.get("name", "")) if isinstance(table, dict) else ""
        for key, table in tables.items()
    }


def _outlets_of_archive(path: Path) -> dict[str, str]:
    from contextlib import closing

    from harvester.archive.connection import open_reader
    from harvester.archive.queries.article_pages import list_outlet_keys

    with closing(open_reader(path, is_foreign=True)) as connection:
        return dict.fromkeys(list_outlet_keys(connection), "")
