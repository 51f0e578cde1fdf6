"""Read and validate settings.toml."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from harvester.settings import tables, validation_errors
from harvester.settings.build import build_settings
from harvester.settings.environment import apply_environment
from harvester.settings.file import find_settings_file, parse_toml, read_text
from harvester.settings.line_numbers import KeyLines
from harvester.settings.types import Settings
from harvester.settings.validation_errors import Sources


def load_settings(
    explicit: Path | None = None, *, require_outlets: bool = True
) -> Settings:
    """Find, read and validate the settings.

    ``require_outlets``: that they name none is a fault. Raises SettingsError that
    locates every fault.
    """
    path = find_settings_file(explicit)
    text = read_text(path)
    settings = parse_settings(text, path, os.environ, require_outlets=require_outlets)
    sources, is_public = Sources(path, KeyLines(text), {}), _is_public(path)
    exposed = (
        *validation_errors.exposed_secret_warnings(
            settings.outlets, sources, is_public
        ),
        *validation_errors.exposed_alert_warnings(settings.alerts, sources, is_public),
    )
    ignored = validation_errors.ignored_proxy_warnings(settings, os.environ)
    return replace(settings, warnings=(*settings.warnings, *exposed, *ignored))


def _is_public(path: Path) -> bool:
    """Whether every user of this machine may read a file."""
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


def parse_settings(
    text: str,
    path: Path,
    environment: Mapping[str, str] | None = None,
    *,
    require_outlets: bool = True,
) -> Settings:
    """Validate the text of a settings file.

    ``path`` is not read: messages name it, and relative paths are relative to it.
    """
    document = parse_toml(text, path)
    warnings, variables = apply_environment(document, environment or {})
    sources = Sources(path, KeyLines(text), variables)
    try:
        form = tables.SettingsFile if require_outlets else tables.StarterFile
        file = form.model_validate(document)
    except ValidationError as error:
        raise validation_errors.invalid_file(error, sources) from error
    return build_settings(file, sources, warnings)
