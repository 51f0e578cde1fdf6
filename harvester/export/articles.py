"""Export articles: which format is written by what, from the first to the final name.

The same archive and query give the same bytes: there is no clock in them. A target
appears only once it is complete.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from harvester import __version__
from harvester.archive.queries import article_export, export_captures
from harvester.archive.queries.article_columns import list_columns
from harvester.archive.queries.article_export import Article, Texts
from harvester.archive.regular_files import check_target
from harvester.errors import HarvesterError
from harvester.export import archive_copy, datapackage, tables, warc
from harvester.export.folder import FolderWriter
from harvester.export.formats import FOLDER_FORMATS, Format
from harvester.export.part_file import PartFile

COMMIT_GROUPS = 10  # of ``article_export.GROUP_ARTICLES``
STREAMED_FORMATS = ("jsonl", "csv", "tsv")

Progress = Callable[[int, int], None]  # done, total


@dataclass(frozen=True, slots=True)
class Source:
    """The archive's file, and its folder of WARC files."""

    archive: Path
    captures: Path | None


@dataclass(frozen=True, slots=True)
class Export:
    """What is exported, and where to."""

    target: Path
    format: Format
    texts: Texts = "latest"
    changes: bool = False
    copies: bool = False
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What an export wrote."""

    file: str
    format: str
    articles: int
    records: int = 0  # of WARC
    missing: int = 0  # captures without a record
    continued: int = 0  # articles or records that an interrupted export had written
    described_by: str = ""  # the file that says what the columns mean


def check_export(export: Export) -> None:
    """Raise HarvesterError where the target must not be written."""
    if export.format.name in FOLDER_FORMATS:
        return
    check_target(export.target)
    if export.target.exists() and not export.overwrite:
        raise HarvesterError(f"{export.target} exists", "--overwrite replaces it")
    if export.format.name == "sqlite":
        archive_copy.check_place(export.target)


def make_signature(
    connection: sqlite3.Connection, export: Export, article_ids: array[int]
) -> str:
    """What an interrupted export must have in common with one that goes on."""
    return json.dumps(
        {
            "program": __version__,
            "format": export.format.name,
            "texts": export.texts,
            "changes": export.changes,
            "copies": export.copies,
            "articles": hashlib.sha256(article_ids.tobytes()).hexdigest(),
            "archive": article_export.get_fingerprint(connection),
        }
    )


def write_articles(
    connection: sqlite3.Connection,
    source: Source,
    export: Export,
    article_ids: array[int],
    report_progress: Progress,
) -> ExportSummary:
    """Write articles to the target. Raises HarvesterError and OSError."""
    check_export(export)
    export.target.absolute().parent.mkdir(parents=True, exist_ok=True)
    if export.format.name in FOLDER_FORMATS:
        return _write_folder(connection, export, article_ids, report_progress)
    if export.format.name == "parquet":
        return _write_parquet(connection, export, article_ids, report_progress)
    if export.format.name in ("warc", "wacz"):
        return _write_captures(
            connection, source.captures, export, article_ids, report_progress
        )
    if export.format.name == "sqlite":
        return _write_archive(connection, source, export, article_ids, report_progress)
    return _write_lines(connection, export, article_ids, report_progress)


def stream_articles(
    connection: sqlite3.Connection,
    export: Export,
    article_ids: array[int],
    file: BinaryIO,
) -> ExportSummary:
    """Write articles as lines to an open file, such as standard output."""
    columns = list_columns(export.texts, export.changes, export.copies)
    encode = tables.make_encoder(export.format.name, columns)
    file.write(tables.encode_header(export.format.name, columns))
    for _, articles in _list_groups(connection, export, article_ids):
        file.write(encode(articles))
    return ExportSummary("-", export.format.name, len(article_ids))


def _list_groups(
    connection: sqlite3.Connection,
    export: Export,
    article_ids: array[int],
    after_id: int = 0,
) -> Iterator[tuple[int, list[Article]]]:
    return article_export.list_articles(
        connection,
        article_ids,
        export.texts,
        changes=export.changes,
        copies=export.copies,
        after_id=after_id,
    )


def _count_until(article_ids: array[int], cursor: int) -> int:
    return bisect_right(article_ids, cursor)


def _write_lines(
    connection: sqlite3.Connection,
    export: Export,
    article_ids: array[int],
    report_progress: Progress,
) -> ExportSummary:
    name = export.format.name
    columns = list_columns(export.texts, export.changes, export.copies)
    encode = tables.make_encoder(name, columns)
    signature = make_signature(connection, export, article_ids)
    with PartFile(export.target, signature) as part:
        continued = done = _count_until(article_ids, part.cursor)
        if part.is_new:
            part.file.write(tables.encode_header(name, columns))
        groups = _list_groups(connection, export, article_ids, part.cursor)
        for index, (last_id, articles) in enumerate(groups, 1):
            part.file.write(encode(articles))
            done = _count_until(article_ids, last_id)
            if not index % COMMIT_GROUPS:
                part.commit(last_id)
            report_progress(done, len(article_ids))
        return _finish_table(export, part, len(article_ids), continued)


def _finish_table(
    export: Export, part: PartFile, count: int, continued: int
) -> ExportSummary:
    """Describe a table, then give it its name."""
    columns = list_columns(export.texts, export.changes, export.copies)
    part.flush()
    name = export.target.name
    package = datapackage.describe_table(part.path, name, export.format.name, columns)
    described_by = export.target.with_name(f"{name}.{datapackage.NAME}")
    datapackage.write_json(described_by, package)
    part.finish()
    return ExportSummary(
        str(export.target),
        export.format.name,
        count,
        continued=continued,
        described_by=str(described_by),
    )


def _write_parquet(
    connection: sqlite3.Connection,
    export: Export,
    article_ids: array[int],
    report_progress: Progress,
) -> ExportSummary:
    """A file of Parquet ends with its index, so it is begun anew each time."""
    from harvester.export.parquet import ParquetWriter, import_pyarrow

    import_pyarrow()  # is it there? Before a file is created

    columns = list_columns(export.texts, export.changes, export.copies)
    with PartFile(export.target, "") as part:
        writer = ParquetWriter(part.file, columns)
        try:
            for last_id, articles in _list_groups(connection, export, article_ids):
                writer.write(articles)
                report_progress(_count_until(article_ids, last_id), len(article_ids))
            writer.close()
        except BaseException:
            writer.abandon()
            part.discard()
            raise
        return _finish_table(export, part, len(article_ids), 0)


def _write_folder(
    connection: sqlite3.Connection,
    export: Export,
    article_ids: array[int],
    report_progress: Progress,
) -> ExportSummary:
    columns = list_columns(export.texts, export.changes, export.copies)
    signature = make_signature(connection, export, article_ids)
    writer = FolderWriter(
        export.target, export.format.name, columns, signature, export.overwrite
    )
    with writer.index as part:
        continued = _count_until(article_ids, part.cursor)
        groups = _list_groups(connection, export, article_ids, part.cursor)
        for index, (last_id, articles) in enumerate(groups, 1):
            writer.write(articles)
            if not index % COMMIT_GROUPS:
                part.commit(last_id)
            report_progress(_count_until(article_ids, last_id), len(article_ids))
        writer.finish()
    return ExportSummary(
        str(export.target),
        export.format.name,
        len(article_ids),
        continued=continued,
        described_by=str(export.target / datapackage.NAME),
    )


def _write_captures(
    connection: sqlite3.Connection,
    captures_folder: Path | None,
    export: Export,
    article_ids: array[int],
    report_progress: Progress,
) -> ExportSummary:
    """A WARC file, or a WACZ with one in it, which is written first."""
    target, is_packed = export.target, export.format.name == "wacz"
    if is_packed:
        warc.import_indexer()  # is it there? It is needed at the end
    capture_ids = export_captures.list_capture_ids(connection, article_ids)
    signature = make_signature(connection, export, article_ids)
    file = target.with_name(f"{target.name}.warc.gz") if is_packed else target
    with PartFile(file, signature) as part:
        continued = part.written
        written = warc.write_records(
            connection, captures_folder, capture_ids, part, report_progress
        )
        part.flush()
        if is_packed:
            with PartFile(target, "") as package:
                warc.pack_wacz(connection, capture_ids, part.path, package.file)
                package.finish()
            part.discard()
        else:
            part.finish()
    return ExportSummary(
        str(target),
        export.format.name,
        len(article_ids),
        written,
        len(capture_ids) - written,
        continued,
    )


def _write_archive(
    connection: sqlite3.Connection,
    source: Source,
    export: Export,
    article_ids: array[int],
    report_progress: Progress,
) -> ExportSummary:
    """An archive of its own is made anew each time."""
    capture_ids = export_captures.list_capture_ids(
        connection, article_ids, with_feeds=True
    )
    result = archive_copy.write_archive(
        source.archive,
        source.captures,
        article_ids,
        capture_ids,
        export.target,
        report_progress,
    )
    return ExportSummary(
        str(export.target),
        export.format.name,
        len(article_ids),
        result.records,
        result.missing,
    )
