"""Where the WARC files of the archive are that Datasette serves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from harvester import DISTRIBUTION

CAPTURES_VARIABLE = "HARVESTER_BROWSE_CAPTURES"
DEFAULT_FOLDER = "captures"  # beside the archive


def find_captures_folder(datasette: Any, database: Any) -> Path | None:
    """The folder of WARC files; None if there is none.

    As the plugin is configured (``captures``), as ``harvest browse`` says by the
    environment, else beside the archive.
    """
    configured = (datasette.plugin_config(DISTRIBUTION) or {}).get("captures")
    named = configured or os.environ.get(CAPTURES_VARIABLE)
    folder = (
        Path(str(named)) if named else Path(database.path).with_name(DEFAULT_FOLDER)
    )
    return folder if folder.is_dir() else None
