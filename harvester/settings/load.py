"""Read and validate settings.toml."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from harvester.settings import tables, validation_errors
from harvester.settings.build import build_settings
from harvester.settings.environment import apply_environment
from harvester.settings.file import find_settings_file, parse_toml, read_text
from harvester.settings.line_numbers import KeyLines
from harvester.settings.types import Settings
from harvester.settings.validation_errors import Sources


def load_settings(explicit: Path | None = None) -> Settings:
    """Find, read and validate the settings.

    Raises SettingsError that locates every fault.
    """
    path = find_settings_file(explicit)
    return parse_settings(read_text(path), path, os.environ)


def parse_settings(
    text: str, path: Path, environment: Mapping[str, str] | None = None
) -> Settings:
    """Validate the text of a settings file.

    ``path`` is not read: messages name it, and relative paths are relative to it.
    """
    document = parse_toml(text, path)
    warnings, variables = apply_environment(document, environment or {})
    sources = Sources(path, KeyLines(text), variables)
    try:
        file = tables.SettingsFile.model_validate(document)
    except ValidationError as error:
        raise validation_errors.invalid_file(error, sources) from error
    return build_settings(file, sources, warnings)
