"""Find settings.toml, read and validate it."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harvester.errors import SettingsError
from harvester.settings import tables, validation_errors
from harvester.settings.build import build_settings
from harvester.settings.environment import apply_environment
from harvester.settings.line_numbers import KeyLines
from harvester.settings.types import Settings
from harvester.settings.validation_errors import MINIMAL_EXAMPLE, Sources

# tomllib takes quadratic time for keys of very many parts.
_OVERLONG_KEY = re.compile(rb"(?<![\w-])(?:[\w-]++\s*+\.\s*+){50}")


def find_settings_file(explicit: Path | None = None) -> Path:
    """The path of the settings file.

    The first of: the given path, ``HARVESTER_SETTINGS``, ``./settings.toml``, the XDG
    folder. Raises SettingsError if there is none.
    """
    if explicit:
        return explicit
    if variable := os.environ.get("HARVESTER_SETTINGS"):
        return Path(variable)
    config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    paths = [Path("settings.toml"), Path(config) / "harvester" / "settings.toml"]
    for path in paths:
        if path.exists():
            return path
    raise SettingsError(
        f"no settings: found neither {' nor '.join(map(str, paths))}",
        f"{MINIMAL_EXAMPLE}\nor name a file with --settings",
    )


def load_settings(explicit: Path | None = None) -> Settings:
    """Find, read and validate the settings.

    Raises SettingsError that locates every fault.
    """
    path = find_settings_file(explicit)
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
    return parse_settings(text, path, os.environ)


def parse_settings(
    text: str, path: Path, environment: Mapping[str, str] | None = None
) -> Settings:
    """Validate the text of a settings file.

    ``path`` is not read: messages name it, and relative paths are relative to it.
    """
    document = _parse_toml(text, path)
    warnings, variables = apply_environment(document, environment or {})
    sources = Sources(path, KeyLines(text), variables)
    try:
        file = tables.SettingsFile.model_validate(document)
    except ValidationError as error:
        raise validation_errors.invalid_file(error, sources) from error
    return build_settings(file, sources, warnings)


def _parse_toml(text: str, path: Path) -> dict[str, Any]:
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
