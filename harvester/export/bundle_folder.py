"""The bundles of several articles in one folder, with their checksums."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from harvester.archive.queries import article_export
from harvester.archive.regular_files import create_draft
from harvester.errors import HarvesterError
from harvester.export.datapackage import digest_file
from harvester.export.folder import make_file_name


def list_targets(
    connection: sqlite3.Connection, keys: Iterable[str], output: Path, is_folder: bool
) -> Iterator[tuple[str, Path]]:
    """Each article with the file of its bundle: ``output``, or one in that folder.

    Raises HarvesterError where ``output`` is to be a folder and is something else.
    """
    if not is_folder:
        yield from ((key, output) for key in keys)
        return
    if output.exists() and not output.is_dir():
        raise HarvesterError(
            f"{output} is a file; several articles need a folder", "name a folder"
        )
    output.mkdir(parents=True, exist_ok=True)
    for key in keys:
        for article in article_export.get_article(connection, key, "none"):
            yield key, output / make_file_name(article, ".zip").replace("/", "-")


def write_checksums(folder: Path, files: Iterable[Path]) -> None:
    """Write SHA256SUMS of the bundles in a folder: ``sha256sum -c SHA256SUMS``."""
    lines = [f"{digest_file(path)[0]}  {path.name}\n" for path in sorted(files)]
    draft = folder / "SHA256SUMS.new"
    with create_draft(draft, 0o666) as file:
        file.write("".join(lines).encode())
    draft.replace(folder / "SHA256SUMS")
