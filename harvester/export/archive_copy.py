"""Some articles as an archive of their own: an SQLite file, and its folder of captures.

Made in ``NAME.part`` beside it, and moved to its place once it is complete.
"""

from __future__ import annotations

import shutil
from array import array
from collections.abc import Callable
from pathlib import Path

from harvester.archive.disk_sync import fsync_path
from harvester.archive.merging import subset
from harvester.archive.merging.warc_copies import MERGED_PREFIX
from harvester.archive.regular_files import describe_special_file
from harvester.errors import HarvesterError

CAPTURES = "captures"  # beside an archive, unless its settings say otherwise
_SIDE_FILES = ("-wal", "-shm")


def check_place(target: Path) -> None:
    """Raise HarvesterError where the captures of another archive are."""
    captures = target.with_name(CAPTURES)
    if captures.is_symlink() or describe_special_file(captures) not in ("", "a folder"):
        raise HarvesterError(f"{captures} is not a folder", "choose another folder")
    if captures.is_dir() and not all(
        path.name.startswith(MERGED_PREFIX) for path in captures.iterdir()
    ):
        raise HarvesterError(
            f"{captures} has the captures of another archive",
            "write it to a folder of its own",
        )
    for suffix in _SIDE_FILES:
        if target.with_name(f"{target.name}{suffix}").exists():
            raise HarvesterError(
                f"{target} is in use: {target.name}{suffix} lies beside it",
                "choose another name",
            )


def write_archive(
    source: Path,
    source_captures: Path | None,
    article_ids: array[int],
    capture_ids: array[int],
    target: Path,
    report_progress: Callable[[int, int], None],
) -> subset.SubsetResult:
    """Write the archive; replaces a former one. Raises HarvesterError and OSError."""
    check_place(target)
    part = target.with_name(f"{target.name}.part")
    _remove_part(part)
    part.mkdir(mode=0o700)
    try:
        result = subset.write_subset(
            source,
            source_captures,
            article_ids,
            capture_ids,
            part / "archive.db",
            part / CAPTURES,
            report_progress,
        )
        _move_captures(part / CAPTURES, target.with_name(CAPTURES))
        (part / "archive.db").replace(target)
        fsync_path(target.absolute().parent)
    finally:
        _remove_part(part)
    return result


def _move_captures(source: Path, target: Path) -> None:
    """Move WARC files; they are named by content, so a file of that name is the same."""
    if not source.is_dir():
        return
    target.mkdir(exist_ok=True, mode=0o700)
    for path in sorted(source.iterdir()):
        path.replace(target / path.name)
    fsync_path(target)


def _remove_part(part: Path) -> None:
    """Remove what an interrupted export left."""
    if not part.exists() and not part.is_symlink():
        return
    if part.is_symlink() or not part.is_dir():
        raise HarvesterError(f"{part} is in the way", "rename it")
    known = (CAPTURES, "archive.db", "archive.db.draft")
    if not all(path.name.startswith(known) for path in part.iterdir()):
        raise HarvesterError(f"{part} is in the way", "rename it")
    shutil.rmtree(part)
