"""The WARC records of articles, copied byte for byte into one file, and as WACZ."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
import zipfile
from array import array
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from harvester import __version__, install_hint
from harvester.archive.queries import export_captures
from harvester.archive.records import warc_records
from harvester.errors import HarvesterError
from harvester.export.bundle import ZIP_EPOCH
from harvester.export.part_file import PartFile
from harvester.identity.urls import mask_secrets

COMMIT_RECORDS = 500
COPIED_BYTES = 1_000_000  # at a time
WACZ_VERSION = "1.1.1"
_PROGRAM = f"harvester/{__version__}"
_RECORDS_PATH = "archive/data.warc.gz"

Progress = Callable[[int, int], None]


def write_records(
    connection: sqlite3.Connection,
    captures_folder: Path | None,
    capture_ids: array[int],
    part: PartFile,
    report_progress: Progress,
) -> int:
    """Write the records of captures behind what a part has; returns how many there are.

    ``part.written`` counts them. Raises HarvesterError if there are none.
    """
    done = bisect_right(capture_ids, part.cursor)
    if part.is_new:
        part.file.write(_build_warcinfo(connection, capture_ids))
    records = export_captures.list_records(
        connection, captures_folder, capture_ids[done:]
    )
    for capture in records:
        part.file.write(capture.record)
        part.file.write(capture.request)
        part.written += bool(capture.record)
        done += 1
        if not done % COMMIT_RECORDS:
            part.commit(capture.id)
        report_progress(done, len(capture_ids))
    if not part.written:
        part.discard()
        raise HarvesterError(
            "the archive has no WARC records of these articles",
            "it keeps them where [archive] captures names a folder",
        )
    return part.written


def _build_warcinfo(connection: sqlite3.Connection, capture_ids: array[int]) -> bytes:
    """The first record: of the time of the last capture, with a name made of all."""
    at = export_captures.get_last_time(connection, capture_ids)
    name = Path(_RECORDS_PATH).name
    digest = hashlib.sha256(capture_ids.tobytes()).hexdigest()
    record_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{name} {digest}").urn
    return warc_records.build_warcinfo(name, at, _PROGRAM, record_id)


# ---- WACZ 1.1.1: https://specs.webrecorder.net/wacz/1.1.1/


def pack_wacz(
    connection: sqlite3.Connection,
    capture_ids: array[int],
    records: Path,
    file: BinaryIO,
) -> None:
    """Write a WACZ of a WARC file. Raises HarvesterError without cdxj-indexer."""
    with zipfile.ZipFile(file, "w") as target:
        _copy(target, _RECORDS_PATH, records)
        index = records.with_name(f"{records.name}.cdx")
        summary = records.with_name(f"{records.name}.idx")
        try:
            _write_index(records, index, summary)
            _copy(target, "indexes/index.cdx.gz", index)
            _copy(target, "indexes/index.idx", summary)
        finally:
            index.unlink(missing_ok=True)
            summary.unlink(missing_ok=True)
        with target.open(_entry("pages/pages.jsonl"), "w", force_zip64=True) as pages:
            header = {"format": "json-pages-1.0", "id": "pages", "title": "Articles"}
            pages.write(_to_line(header))
            for page in export_captures.list_page_captures(connection, capture_ids):
                pages.write(
                    _to_line(
                        {
                            "id": str(page.id),
                            "url": mask_secrets(page.url),
                            "ts": page.at,
                            "title": page.title,
                        }
                    )
                )
        package = {
            "profile": "data-package",
            "wacz_version": WACZ_VERSION,
            "software": _PROGRAM,
            "created": export_captures.get_last_time(connection, capture_ids),
            "title": "Articles of news outlets",
            "resources": [_describe(target, entry) for entry in target.infolist()],
        }
        text = json.dumps(package, ensure_ascii=False, indent=2).encode()
        target.writestr(_entry("datapackage.json"), text)
        digest = f"sha256:{hashlib.sha256(text).hexdigest()}"
        signed = {"path": "datapackage.json", "hash": digest}
        target.writestr(_entry("datapackage-digest.json"), json.dumps(signed, indent=2))


def import_indexer() -> Any:
    """The class that indexes WARC files. Raises HarvesterError if it is not installed."""
    try:
        from cdxj_indexer.main import CDXJIndexer
    except ImportError as error:
        raise HarvesterError(
            "WACZ needs cdxj-indexer, which is not installed", install_hint("wacz")
        ) from error
    return CDXJIndexer


def _write_index(records: Path, index: Path, summary: Path) -> None:
    """Write the index as compressed blocks, and the summary of these."""
    indexer = import_indexer()
    with index.open("wb") as blocks:
        indexer(
            str(summary),
            [str(records)],
            sort=True,
            compress=blocks,
            data_out_name="index.cdx.gz",
            filename=Path(_RECORDS_PATH).name,
        ).process_all()


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry that is stored as it is: readers jump to records in it."""
    entry = zipfile.ZipInfo(name, ZIP_EPOCH)
    entry.create_system, entry.external_attr = 3, 0o644 << 16  # Unix, rw-r--r--
    return entry


def _copy(target: zipfile.ZipFile, name: str, path: Path) -> None:
    with (
        path.open("rb") as source,
        target.open(_entry(name), "w", force_zip64=True) as copy,
    ):
        while block := source.read(COPIED_BYTES):
            copy.write(block)


def _describe(target: zipfile.ZipFile, entry: zipfile.ZipInfo) -> dict[str, Any]:
    digest = hashlib.sha256()
    with target.open(entry) as file:
        while block := file.read(COPIED_BYTES):
            digest.update(block)
    return {
        "name": Path(entry.filename).name,
        "path": entry.filename,
        "hash": f"sha256:{digest.hexdigest()}",
        "bytes": entry.file_size,
    }


def _to_line(value: dict[str, str]) -> bytes:
    text = json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"
