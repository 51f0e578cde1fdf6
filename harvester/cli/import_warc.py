"""``harvest import warc``: responses of WARC files, as captures at their time."""

from __future__ import annotations

from pathlib import Path

import click

from harvester.cli.context import Context, pass_context, utc_timestamp
from harvester.cli.options import json_object_option


@click.command("warc")
@click.argument(
    "sources",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE|FOLDER…",
)
@json_object_option
@pass_context
def warc(context: Context, sources: tuple[Path, ...], as_json: bool) -> None:
    """Import the responses of WARC files.

    Example: `harvest import warc CC-NEWS-20260901*.warc.gz`
    """
    from harvester.importing.run import import_files
    from harvester.importing.types import ImportFile, ImportOptions

    import_files(
        context.settings,
        [ImportFile(path) for path in sources],
        ImportOptions(),
        utc_timestamp(),
        lambda stage, done, total: None,
    )
