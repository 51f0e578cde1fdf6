"""Articles as Parquet, by pyarrow: the extra ``parquet``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from harvester import install_hint
from harvester.archive.queries.article_columns import Column, make_converter
from harvester.archive.queries.article_export import Article
from harvester.errors import HarvesterError

if TYPE_CHECKING:
    import pyarrow

ROW_GROUP_ROWS = 1_000  # held in memory
ROW_GROUP_CHARACTERS = 4_000_000  # of texts
# Columns of few values; a dictionary of any other would be held in memory for nothing.
_REPEATED_COLUMNS = ("outlet", "language", "state", "kind", "access")
_LONG_COLUMNS = ("text", "description", "changes", "copies")


class ParquetWriter:
    """Writes articles in row groups; a context manager.

    Raises HarvesterError where pyarrow is not installed.
    """

    def __init__(self, file: BinaryIO, columns: tuple[Column, ...]) -> None:
        self._pyarrow = import_pyarrow()
        import pyarrow.parquet

        self._columns = columns
        self._convert = make_converter(columns)
        self._schema = self._make_schema()
        self._writer = pyarrow.parquet.ParquetWriter(
            file,
            self._schema,
            compression="zstd",
            use_dictionary=list(_REPEATED_COLUMNS),
            write_statistics=[
                column.name for column in columns if column.name not in _LONG_COLUMNS
            ],
            store_schema=True,
        )
        self._rows: list[dict[str, Any]] = []
        self._characters = 0

    def write(self, articles: Iterable[Article]) -> None:
        """Add articles."""
        for article in articles:
            values = self._convert(article)
            self._characters += len(article.text or "")
            for column in self._columns:
                if column.type == "datetime":
                    values[column.name] = _parse_time(values[column.name])
            for change in values.get("changes", ()):
                change["at"] = _parse_time(change["at"])
                change["fields"] = json.dumps(change["fields"], ensure_ascii=False)
            for copy in values.get("copies", ()):
                copy["first_seen"] = _parse_time(copy["first_seen"])
            self._rows.append(values)
        if (
            len(self._rows) >= ROW_GROUP_ROWS
            or self._characters >= ROW_GROUP_CHARACTERS
        ):
            self._write_group()

    def close(self) -> None:
        """Write what is left, and the end of the file."""
        if self._rows:
            self._write_group()
        self._writer.close()

    def abandon(self) -> None:
        """Let go of the file, which is not complete."""
        with suppress(Exception):  # it may have been an error of writing
            self._writer.close()

    def _write_group(self) -> None:
        # The system's pool: the default one keeps what it has freed.
        pool = self._pyarrow.system_memory_pool()
        arrays = [
            self._pyarrow.array(
                [_clean(row[field.name]) for row in self._rows],
                field.type,
                memory_pool=pool,
            )
            for field in self._schema
        ]
        table = self._pyarrow.Table.from_arrays(arrays, schema=self._schema)
        self._writer.write_table(table, row_group_size=len(self._rows))
        self._rows, self._characters = [], 0

    def _make_schema(self) -> Any:
        pa = self._pyarrow
        texts = pa.list_(pa.string())
        time = pa.timestamp("ms", tz="UTC")
        change = [
            ("at", time),
            *((name, pa.string()) for name in ("kind", "class")),
            ("size", pa.int64()),
            ("silent", pa.bool_()),
            ("acknowledged_by", pa.string()),
            ("back", pa.bool_()),
            *((name, pa.int64()) for name in ("from_version", "to_version")),
            ("fields", pa.string()),
            *((name, texts) for name in ("added", "removed")),
            ("rewritten", pa.list_(texts)),
        ]
        copy = [
            *((name, pa.string()) for name in ("key", "outlet", "url")),
            ("first_seen", time),
            ("earlier", pa.bool_()),
            ("share", pa.float64()),
        ]
        nested = {"changes": pa.list_(pa.struct(change))}
        nested["copies"] = pa.list_(pa.struct(copy))
        types = {
            "string": pa.string(),
            "datetime": time,
            "integer": pa.int64(),
            "boolean": pa.bool_(),
            "array": texts,
        }
        return pa.schema(
            [
                pa.field(
                    column.name,
                    nested.get(column.name, types[column.type]),
                    metadata={"description": column.meaning},
                )
                for column in self._columns
            ]
        )


def import_pyarrow() -> pyarrow:
    """The library. Raises HarvesterError if it is not installed."""
    try:
        import pyarrow
    except ImportError as error:
        raise HarvesterError(
            "Parquet needs pyarrow, which is not installed", install_hint("parquet")
        ) from error
    return pyarrow


def _parse_time(text: object) -> datetime | None:
    """A time of the archive; None for what is none."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _clean(value: Any) -> Any:
    """A value whose texts are UTF-8: half a surrogate pair becomes a question mark."""
    if isinstance(value, str):
        return value if value.isascii() else _to_utf8(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_clean(element) for element in value]
    if isinstance(value, dict):
        return {name: _clean(element) for name, element in value.items()}
    return value


def _to_utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
