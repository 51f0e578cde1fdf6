"""A description of a file of articles, as a Frictionless Data Package.

Says what the columns mean, and has the file's size and digest; see
https://specs.frictionlessdata.io (Data Package 1, Tabular Data Resource, Table Schema).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harvester.archive.queries.article_columns import Column
from harvester.archive.regular_files import create_draft

NAME = "datapackage.json"
_MEDIA_TYPES = {
    "jsonl": "application/jsonl",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "parquet": "application/vnd.apache.parquet",
}
# CSV and TSV have no lists: names are joined by "; ", changes and copies are JSON.
_JOINED_NOTE = " (joined by '; ')"
_JSON_NOTE = " (JSON)"


def describe_table(
    file: Path,
    path: str,
    format_name: str,
    columns: Sequence[Column],
    more: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The package of one file, which is called ``path`` relative to the description.

    Reads the file for its digest.
    """
    digest, size = digest_file(file)
    resource: dict[str, Any] = {
        "name": "articles",
        "path": path,
        "profile": "tabular-data-resource",
        "format": format_name,
        "mediatype": _MEDIA_TYPES[format_name],
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        "schema": {
            "fields": [_describe_column(column, format_name) for column in columns],
            "primaryKey": ["key", "version"],
            "missingValues": [""],
        },
    }
    if format_name in ("csv", "tsv"):
        delimiter = "\t" if format_name == "tsv" else ","
        resource["dialect"] = {"delimiter": delimiter, "lineTerminator": "\n"}
    name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "articles"
    return {
        "profile": "tabular-data-package",
        "name": name,
        "title": "Articles of news outlets, as they were published",
        "resources": [resource],
        **(more or {}),
    }


def _describe_column(column: Column, format_name: str) -> dict[str, str]:
    kind, meaning = str(column.type), column.meaning
    if kind == "array" and format_name in ("csv", "tsv"):
        is_nested = column.name in ("changes", "copies")
        kind, meaning = "string", meaning + (_JSON_NOTE if is_nested else _JOINED_NOTE)
    return {"name": column.name, "type": kind, "description": meaning}


def digest_file(path: Path) -> tuple[str, int]:
    """The SHA-256 of a file, in hexadecimal, and its size in bytes."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return digest.hexdigest(), file.tell()


def write_json(path: Path, value: object) -> None:
    """Write a JSON file that appears at once."""
    draft = path.with_name(f"{path.name}.new")
    text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    with create_draft(draft, 0o666) as file:
        file.write(text.encode("utf-8", "backslashreplace"))
    draft.replace(path)
