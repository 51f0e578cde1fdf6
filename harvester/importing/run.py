"""One import from its files to the archive; it continues where it was interrupted."""

from __future__ import annotations

from collections.abc import Sequence

from harvester.errors import HarvesterError
from harvester.importing.types import ImportFile, ImportOptions, ImportResult, Report
from harvester.settings import Settings


def import_files(
    settings: Settings,
    files: Sequence[ImportFile],
    options: ImportOptions,
    now: str,
    report: Report,
) -> ImportResult:
    """Import WARC files into the archive of the settings.

    ``now``: the time, of which only the import itself is dated. Raises HarvesterError.
    """
    raise HarvesterError("imports of WARC files are not there yet")
