"""What a page says, without reading one."""

from __future__ import annotations

from dataclasses import replace

from harvester.model import Extract

_NOTHING = Extract(
    url="",
    title="",
    authors=(),
    published=None,
    published_local=None,
    modified=None,
    modified_local=None,
    language="en",
    sections=(),
    tags=(),
    image="",
    description="",
    text="",
    sources={},
    extractor="",
)


def make_extract(**fields: object) -> Extract:
    """An extract of these fields; the page says nothing else."""
    return replace(_NOTHING, **fields)  # type: ignore[arg-type]
