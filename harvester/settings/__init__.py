"""settings.toml: read, validated, all faults reported at once.

Each fault comes with its line, or environment variable, and the nearest known name.
Precedence: command line, then ``HARVESTER_SECTION_KEY`` in the environment, then the
file.

``load`` finds and reads the file; ``tables`` declares its tables and keys, ``values``
the values; ``environment`` applies variables; ``build`` makes the records of ``types``,
which the rest of the program sees. ``validation_errors`` and ``line_numbers`` say what
is wrong and where.
"""

from harvester.settings.load import find_settings_file, load_settings, parse_settings
from harvester.settings.types import (
    FeedSettings,
    Outlet,
    RemovedAfter,
    Settings,
    Upkeep,
)
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
