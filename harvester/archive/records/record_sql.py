"""Inserts, updates and column lists made from records whose fields are columns."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache
from typing import Any, Final, Self


class Unset(Enum):
    """The type of ``UNSET``, for annotations."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET  # a column that an update leaves as it is


@dataclass(frozen=True, slots=True)
class RowUpdate:
    """New values of some columns of a row; the fields of subclasses are columns."""

    def __or__(self, other: Self) -> Self:
        """Both updates in one; where both set a column, ``other`` wins."""
        # Not dataclasses.replace, which takes three times as long.
        kind: type = self.__class__
        merged: Self = object.__new__(kind)
        for name in _field_names(kind):
            value = getattr(other, name)
            if value is UNSET:
                value = getattr(self, name)
            object.__setattr__(merged, name, value)
        return merged

    def __bool__(self) -> bool:
        """Whether any column is set."""
        return bool(column_values(self))


def column_values(record: Any) -> dict[str, Any]:
    """The fields of a dataclass by name, without those that are ``UNSET``."""
    return {
        name: value
        for name in _field_names(record.__class__)
        if (value := getattr(record, name)) is not UNSET
    }


@cache  # asked for some twenty times a page
def _field_names(record_type: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record_type))


@cache  # asked for once a visit
def column_list(record_type: type, table: str = "") -> str:
    """The columns that a record type has, to select them in the order of its fields."""
    prefix = f"{table}." if table else ""
    return ", ".join(f"{prefix}{name}" for name in _field_names(record_type))


def insert_row(
    connection: sqlite3.Connection, table: str, values: Mapping[str, Any]
) -> int:
    """Insert one row; returns its id."""
    marks = ", ".join("?" * len(values))
    cursor = connection.execute(
        f"insert into {table} ({', '.join(values)}) values ({marks})",
        list(values.values()),
    )
    return int(cursor.lastrowid or 0)


def update_row(
    connection: sqlite3.Connection,
    table: str,
    values: Mapping[str, Any],
    key_column: str,
    key: str | int,
) -> None:
    """Set columns of one row; without values nothing is written."""
    if values:
        columns = ", ".join(f"{name} = ?" for name in values)
        connection.execute(
            f"update {table} set {columns} where {key_column} = ?",
            [*values.values(), key],
        )
