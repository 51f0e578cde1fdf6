"""Find settings.toml and read it as TOML; what it says is validated in ``load``.

Cheap to import, unlike ``load``: a command that only reads the archive needs its path,
and nothing else of the settings.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from harvester.errors import SettingsError

SECTIONS = ("archive", "crawl", "limits", "upkeep", "alerts", "outlets")
ARCHIVE_KEYS = ("path", "captures", "requests")
DEFAULT_ARCHIVE, DEFAULT_CAPTURES = "archive.db", "captures"
ARCHIVE_VARIABLE = "HARVESTER_ARCHIVE_PATH"
CAPTURES_VARIABLE = "HARVESTER_ARCHIVE_CAPTURES"
MINIMAL_EXAMPLE = (
    "write at least\n"
    "    [outlets.mpi]\n"
    '    feeds = ["https://www.medias-presse.info/feed/"]'
)
# tomllib takes quadratic time for keys of very many parts.
_OVERLONG_KEY = re.compile(rb"(?<![\w-])(?:[\w-]++\s*+\.\s*+){50}")


def find_settings_file(explicit: Path | None = None) -> Path:
    """The path of the settings file.

    The first of: the given path, ``HARVESTER_SETTINGS``, ``./settings.toml``, the XDG
    folder. Raises SettingsError if there is none.
    """
    if named := explicit or os.environ.get("HARVESTER_SETTINGS"):
        return Path(named)
    paths = _usual_paths()
    for path in paths:
        if path.exists():
            return path
    raise SettingsError(
        f"no settings: found neither {' nor '.join(map(str, paths))}",
        f"`harvest add URL` makes one with the outlet at that address; or {MINIMAL_EXAMPLE}"
        "\nor name a file with --settings",
    )


def has_settings_file(explicit: Path | None = None) -> bool:
    """Whether ``find_settings_file`` finds one, or is told which."""
    named = explicit or os.environ.get("HARVESTER_SETTINGS")
    return bool(named) or any(path.exists() for path in _usual_paths())


def settings_file_to_write(explicit: Path | None = None) -> Path:
    """The path of the settings file, or where one is made if there is none."""
    if named := explicit or os.environ.get("HARVESTER_SETTINGS"):
        return Path(named)
    paths = _usual_paths()
    return next((path for path in paths if path.exists()), paths[0])


def _usual_paths() -> list[Path]:
    config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return [Path("settings.toml"), Path(config) / "harvester" / "settings.toml"]


def read_text(path: Path) -> str:
    """The text of the file. Raises SettingsError."""
    try:
        body = path.read_bytes()
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read: {os.strerror(error.errno or 0)}"
        ) from error
    except ValueError as error:  # a NUL in the path
        raise SettingsError(f"{str(path)!r}: cannot be read: {error}") from error
    if _OVERLONG_KEY.search(body):
        raise SettingsError(f"{path}: a key has more than 50 parts")
    return text


def parse_toml(text: str, path: Path) -> dict[str, Any]:
    """The tables of the file. Raises SettingsError that names the line."""
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"\(at line (\d+)", str(error))
        line = match[1] if match else str(text.count("\n") + 1)
        raise SettingsError(
            f"{path}:{line}: {str(error).partition(' (at ')[0]}"
        ) from error
    except (RecursionError, ValueError) as error:
        raise SettingsError(
            f"{path}:1: not readable as TOML: {type(error).__name__}"
        ) from error


def peek_archive(file: Path) -> Path | None:
    """The path of the archive that a settings file names, if that is beyond doubt.

    None: the whole settings are to be loaded, which says what is wrong with them.
    Faults of outlets keep nobody from reading.
    """
    document = parse_toml(read_text(file), file)
    table = document.get("archive", {})
    if not set(document) <= {*SECTIONS} or not isinstance(table, dict):
        return None
    name = os.environ.get(ARCHIVE_VARIABLE, table.get("path", DEFAULT_ARCHIVE))
    if not set(table) <= {*ARCHIVE_KEYS} or not isinstance(name, str):
        return None
    try:
        path = file.parent / Path(name).expanduser()
        return path if name.strip() and path.is_file() else None
    except (RuntimeError, ValueError):  # no such user; a null character
        return None


def peek_captures(file: Path) -> Path | None:
    """The folder of WARC files that a settings file names, None if it names none."""
    table = parse_toml(read_text(file), file).get("archive", {})
    default = table.get("captures") if isinstance(table, dict) else None
    name = os.environ.get(
        CAPTURES_VARIABLE, DEFAULT_CAPTURES if default is None else default
    )
    if not isinstance(name, str) or not name.strip():
        return None
    try:
        return (file.parent / Path(name).expanduser()).resolve()
    except (RuntimeError, ValueError):  # no such user; a null character
        return None
