"""``-o FILE``: what a command prints goes into a file, which appears when it is complete."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

from harvester.archive.regular_files import check_target, create_draft
from harvester.errors import HarvesterError

# Ends of file names → the form in which a list is written there, if no option says.
FORMS_BY_SUFFIX = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".jsonl": "nl",
    ".ndjson": "nl",
    ".nl": "nl",
}


def form_of_file(path: Path | None) -> str | None:
    """The form in which a list is written to a file, by the end of its name."""
    return FORMS_BY_SUFFIX.get(path.suffix.lower()) if path else None


@contextlib.contextmanager
def redirect_output(path: Path | None, overwrite: bool = False) -> Iterator[None]:
    """Standard output goes into a file; None or "-": it stays what it is.

    The file appears under its name once all is written, or not at all. Raises
    HarvesterError for a file that exists, unless ``overwrite``; ArchiveError for a device
    and the like; OSError.
    """
    if path is None or str(path) == "-":
        yield
        return
    _check_free(path, overwrite)
    draft = path.with_name(f".{path.name}.part")
    try:
        file = io.TextIOWrapper(
            create_draft(draft, 0o666), "utf-8", "backslashreplace", newline="\n"
        )
        with file, contextlib.redirect_stdout(file):
            yield
            file.flush()
            os.fsync(file.fileno())
        _check_free(path, overwrite)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _check_free(path: Path, overwrite: bool) -> None:
    check_target(path)
    if path.exists() and not overwrite:
        raise HarvesterError(f"{path} exists already", "--overwrite replaces it")
