"""What a page says, without reading one."""

from __future__ import annotations

from dataclasses import replace

from harvester.model import Extract
from harvester.parse.content.extractor import EMPTY_EXTRACT

_NOTHING = replace(EMPTY_EXTRACT, language="en", extractor="")


def make_extract(**fields: object) -> Extract:
    """An extract of these fields; the page says nothing else."""
    return replace(_NOTHING, **fields)  # type: ignore[arg-type]
