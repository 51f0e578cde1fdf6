"""settings.toml: read, validated, all faults reported at once.

Each fault comes with its line, or environment variable, and the nearest known name.
Precedence: command line, then ``HARVESTER_SECTION_KEY`` in the environment, then the
file.

``file`` finds and reads the file, ``load`` validates it; ``tables`` declares its tables
and keys, ``values`` the values; ``environment`` applies variables; ``build`` makes the
records of ``types``, which the rest of the program sees. ``validation_errors`` and
``line_numbers`` say what is wrong and where. ``edit`` writes the file, whose text
``toml_edit`` changes.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from harvester.settings.file import find_settings_file
from harvester.settings.types import (
    FeedSettings,
    Outlet,
    RemovedAfter,
    Settings,
    Upkeep,
)

if TYPE_CHECKING:
    from harvester.settings.load import load_settings, parse_settings
    from harvester.settings.values import nearest_name, parse_duration

__all__ = [
    "FeedSettings",
    "Outlet",
    "RemovedAfter",
    "Settings",
    "Upkeep",
    "find_settings_file",
    "load_settings",
    "nearest_name",
    "parse_duration",
    "parse_settings",
]

# Imported when they are first used: they import Pydantic, which most commands that only
# read the archive do without.
_MODULES = {
    "load_settings": "load",
    "parse_settings": "load",
    "nearest_name": "values",
    "parse_duration": "values",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
