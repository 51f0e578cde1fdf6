"""Environment variables that override the settings file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harvester.settings import tables
from harvester.settings.values import did_you_mean

_SECTIONS: dict[str, type[tables.SettingsTable]] = {
    "archive": tables.ArchiveTable,
    "crawl": tables.CrawlTable,
    "limits": tables.LimitsTable,
    "upkeep": tables.UpkeepTable,
}
_VARIABLES = {
    f"HARVESTER_{section}_{key}".upper(): (section, key)
    for section, table in _SECTIONS.items()
    for key in table.model_fields
    if key != "removed_after"
}
_INTEGER_KEYS = frozenset(
    "concurrency workers entries redirects url_length page_size feed_size pages looks"
    " header_size read_memory".split()
)
_LIST_KEYS = frozenset(("revisit", "allow_networks"))


def apply_environment(
    document: dict[str, Any], environment: Mapping[str, str]
) -> tuple[list[str], dict[tuple[str, ...], str]]:
    """Set in the document what ``HARVESTER_SECTION_KEY`` variables say.

    Returns warnings of unknown variables, and the variable of each key that was set.
    """
    warnings: list[str] = []
    variables: dict[tuple[str, ...], str] = {}
    for name, value in sorted(environment.items()):
        if not name.startswith("HARVESTER_") or name == "HARVESTER_SETTINGS":
            continue
        if name not in _VARIABLES:
            warnings.append(
                f"unknown environment variable {name}{did_you_mean(name, _VARIABLES)}"
            )
            continue
        section, key = _VARIABLES[name]
        table = document.setdefault(section, {})
        if isinstance(table, dict):
            table[key] = _parse_variable(key, value)
            variables[section, key] = name
    return warnings, variables


def _parse_variable(key: str, value: str) -> str | int | list[str]:
    """The value of a variable as TOML would give it, where it is not a string."""
    if key in _INTEGER_KEYS and re.fullmatch(r"[0-9]{1,18}", value):
        return int(value)
    if key in _LIST_KEYS and value != "auto":
        return [part.strip() for part in value.split(",") if part.strip()]
    return value
