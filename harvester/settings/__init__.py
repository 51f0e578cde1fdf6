"""settings.toml: read, validated, all faults at once, each with file, line and the nearest known name.

Precedence: command line, then ``HARVESTER_SECTION_KEY`` in the environment, then the file. Looked for in this order: the
path given, ``HARVESTER_SETTINGS``, ``./settings.toml``, the XDG folder. Relative paths are relative to the file.
Not for: doing anything with them.

``records`` is what the rest of the program sees; ``tables`` the language of the file; ``reading`` makes the one of the other;
``values`` what durations, sizes, addresses, selectors in it mean; ``faults`` and ``lines`` say what is wrong, and where.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from harvester.errors import SettingsError
from harvester.settings.load import parse_settings as parse_settings
from harvester.settings.types import FeedSettings as FeedSettings
from harvester.settings.types import Outlet as Outlet
from harvester.settings.types import RemovedAfter as RemovedAfter
from harvester.settings.types import Settings as Settings
from harvester.settings.types import Upkeep as Upkeep
from harvester.settings.validation_errors import MINIMAL_EXAMPLE
from harvester.settings.values import nearest_name as nearest_name
from harvester.settings.values import parse_duration as parse_duration


def find_settings_file(explicit: Path | None = None) -> Path:
    """The settings file. Raises SettingsError where there is none."""
    named = explicit or (
        Path(os.environ["HARVESTER_SETTINGS"])
        if os.environ.get("HARVESTER_SETTINGS")
        else None
    )
    if named is not None:
        return named
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    places = [Path("settings.toml"), Path(base) / "harvester" / "settings.toml"]
    for place in places:
        if place.exists():
            return place
    looked = " nor ".join(str(place) for place in places)
    raise SettingsError(
        f"no settings: found neither {looked}",
        f"{MINIMAL_EXAMPLE}\nor name a file with --settings",
    )


def load_settings(explicit: Path | None = None) -> Settings:
    """Find, read and validate. Raises SettingsError that names file and line of every fault."""
    path = find_settings_file(explicit)
    try:
        body = path.read_bytes()
        if re.search(
            rb"(?<![\w-])(?:[\w-]++\s*+\.\s*+){50}", body
        ):  # tomllib takes quadratic time for them
            raise SettingsError(f"{path}: a key of more than fifty parts")
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{path}: is not UTF-8 text (byte {error.start})"
        ) from error
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read: {os.strerror(error.errno or 0)}"
        ) from error
    except ValueError as error:  # a NUL in the path
        raise SettingsError(f"{str(path)!r}: cannot be read: {error}") from error
    return parse_settings(text, path, os.environ)
