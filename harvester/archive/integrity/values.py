"""Check each value of each table: its type, JSON, times, names of files.

SQLite stores any value in any column, and so does whoever writes to the file. Works in
the database alone, table by table. Knows the columns by the schema and by their names:
one that is added needs a line here only if it holds JSON, or a time of another name.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from harvester.archive.connection import open_reader
from harvester.archive.schema import FTS_TABLES
from harvester.errors import ArchiveError

# Tables of SQLite and sqlite-utils, and what is derived from others.
_EXCLUDED_PREFIXES = ("sqlite_", "_sqlite_", *FTS_TABLES)
# (table, column) → what its JSON is: an array of strings, an object, an object of
# pairs, or an object of arrays.
JSON_COLUMNS = {
    ("versions", "authors"): "strings",
    ("versions", "sections"): "strings",
    ("versions", "tags"): "strings",
    ("versions", "sources"): "object",
    ("entries", "extra"): "object",
    ("readings", "extract"): "object",
    ("changes", "fields"): "pairs",
    ("changes", "sentences"): "arrays",
    ("crawls", "counts"): "object",
    ("profiles", "body"): "object",
    ("tombstones", "removed"): "object",
    ("joins", "before"): "object",
    ("feeds", "rhythm"): "object",
    ("gaps", "progress"): "object",
    ("backfill_requests", "progress"): "object",
    ("feeds", "proposal"): "object",
    ("outlets", "volume"): "object",
}
_TIME_COLUMNS = frozenset(
    "first_seen last_seen at since until looked due missed polled read_at new_at listed"
    " started ended closed not_before robots_at robots_read_at born undone full_at"
    " moved_since thinned tdmrep_at found back_to watched_since searched".split()
)
# As outlets state them: maybe a day alone; and with their own offset.
_STATED_TIME_COLUMNS = frozenset(
    "published updated modified published_local modified_local day".split()
)
# A seal of an archive that was sealed late has the day.
_DAY_OR_TIME = {("seals", "at")}

_JSON_CONDITIONS = {  # that a JSON value is of another shape
    "strings": """json_type({value}) <> 'array'
        or exists (select 1 from json_each({value}) where type <> 'text')""",
    "object": "json_type({value}) <> 'object'",
    "pairs": """json_type({value}) <> 'object'
        or exists (select 1 from json_each({value}) j where j.type <> 'array')
        or exists (
            select 1 from json_each({value}) j where json_array_length(j.value) <> 2
        )""",
    "arrays": """json_type({value}) <> 'object'
        or exists (select 1 from json_each({value}) where type <> 'array')""",
}
# A modifier makes SQLite compute the day: without one it repeats 30 February.
_TIME_CONDITION = """
    strftime('%Y-%m-%dT%H:%M:%SZ', {value}, '+0 days') is not {value}"""
_STATED_TIME_CONDITION = """length({value}) not in ({lengths})
    or julianday({value}) is null
    or strftime('%Y-%m-%d', substr({value}, 1, 10), '+0 days')
        is not substr({value}, 1, 10)"""
_FILE_NAME_CONDITION = """{value} = '' or {value} glob '.*'
    or instr({value}, '/') or instr({value}, char(0)) or instr({value}, '\\')"""


@dataclass(frozen=True, slots=True)
class DamagedValue:
    """A value that no program of ours has written."""

    table: str
    row: object  # its id, or its key
    fault: str  # "authors is not JSON"


def find_damaged_values(
    connection: sqlite3.Connection, limit: int, max_bytes: int | None = None
) -> Iterator[DamagedValue]:
    """Damaged values, at most ``limit`` of each table, one of a row.

    ``max_bytes``: longer texts count too, for an archive of somebody else's. Reads all
    rows.
    """
    for table in _list_tables(connection):
        key, cases = _build_cases(connection, table, max_bytes)
        if not cases:
            continue
        rows = connection.execute(
            f"""
            select row_key, fault from (
                select {key} as row_key, case {" ".join(cases)} end as fault
                from "{table}"
            )
            where fault is not null
            limit ?""",
            [limit],
        )
        for row in rows:
            yield DamagedValue(table, row[0], row[1])


def replace_damaged_json(connection: sqlite3.Connection) -> dict[str, list[int]]:
    """Replace JSON that is none, or of another shape, by an empty value.

    In the caller's transaction. Returns the rowids of changed rows, by table.
    """
    changed: dict[str, list[int]] = {}
    for (table, column), shape in JSON_COLUMNS.items():
        value = f'"{column}"'
        rows = connection.execute(
            f"""
            select rowid from "{table}"
            where case
                when typeof({value}) <> 'text' then 1
                when {value} = '' then 0
                when not json_valid({value}) then 1
                else {_JSON_CONDITIONS[shape].format(value=value)}
            end"""
        ).fetchall()
        if rows:
            rowids = [row[0] for row in rows]
            changed.setdefault(table, []).extend(rowids)
            empty = "[]" if shape == "strings" else "{}"
            connection.executemany(
                f'update "{table}" set {value} = ? where rowid = ?',
                [(empty, rowid) for rowid in rowids],
            )
    return changed


def explain_error(archive: Path, error: BaseException) -> ArchiveError | None:
    """What a damaged value of the archive explains about an unexpected error.

    None where there is none, and so the program is at fault. For the boundary of a
    process: it looks at all rows.
    """
    # What a value of another type or shape leads to.
    if not isinstance(
        error,
        TypeError
        | ValueError
        | LookupError
        | AttributeError
        | ArithmeticError
        | sqlite3.Error,
    ):
        return None
    try:
        with closing(open_reader(archive, allow_older=True)) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            damage = describe_damage(connection)
    except (ArchiveError, sqlite3.Error):
        return None
    if not damage:
        return None
    return ArchiveError(
        f"{archive} has a damaged value: {damage}",
        "`harvest verify` lists all of them; restore a backup, or correct the row",
    )


def describe_damage(connection: sqlite3.Connection) -> str:
    """The first damaged value, with its table and row; "" if none is. Reads all rows."""
    damaged = next(find_damaged_values(connection, 1), None)
    damaged = damaged or _find_dangling_reference(connection)
    if damaged is None:
        return ""
    return f"{damaged.table}, row {damaged.row}: {damaged.fault}"


def _find_dangling_reference(connection: sqlite3.Connection) -> DamagedValue | None:
    row = connection.execute("pragma foreign_key_check").fetchone()
    if row is None:
        return None
    return DamagedValue(row[0], row[1], f"refers to a row of {row[2]} that is missing")


def _list_tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        """
        select name from sqlite_master
        where type = 'table' and sql not like 'create virtual%'
        order by name"""
    )
    return [name for (name,) in rows if not name.startswith(_EXCLUDED_PREFIXES)]


def _build_cases(
    connection: sqlite3.Connection, table: str, max_bytes: int | None
) -> tuple[str, list[str]]:
    """The key column of a table, and a branch of a ``case`` for each possible fault."""
    key, cases = "null", []
    for _, column, declared, _, _, primary in connection.execute(
        f'pragma table_info("{table}")'
    ):
        if primary == 1:
            key = f'"{column}"'
        value = f'"{column}"'
        for condition, fault in _conditions(table, column, declared.lower(), max_bytes):
            cases.append(
                f"when {value} is not null and ({condition.format(value=value)})"
                f" then '{column} {fault}'"
            )
    return key, cases


def _conditions(
    table: str, column: str, declared: str, max_bytes: int | None
) -> Iterator[tuple[str, str]]:
    """SQL conditions of faults, and what is wrong then; the first that is met counts."""
    kinds = {
        "text": "'text'",
        "integer": "'integer'",
        "real": "'real', 'integer'",
        "blob": "'blob'",
    }
    if declared in kinds:
        yield (
            f"typeof({{value}}) not in ({kinds[declared]})",
            f"is not {'an' if declared == 'integer' else 'a'} {declared}",
        )
    if max_bytes is not None and declared in ("text", "blob"):
        yield (
            f"length(cast({{value}} as blob)) > {max_bytes}",
            f"is longer than {max_bytes / 1e6:.0f} MB",
        )
    shape = JSON_COLUMNS.get((table, column))
    if shape is not None:
        # An empty text stands for nothing in archives of the first programs.
        yield "{value} <> '' and not json_valid({value})", "is not JSON"
        yield f"{{value}} <> '' and ({_JSON_CONDITIONS[shape]})", "is not what it says"
    elif declared != "text":
        return
    elif column in _STATED_TIME_COLUMNS or (table, column) in _DAY_OR_TIME:
        # A page that states no zone states a local time without an offset.
        lengths = "10, 19, 20, 25" if column.endswith("_local") else "10, 20, 25"
        yield _STATED_TIME_CONDITION.replace("{lengths}", lengths), "is not a time"
    elif column in _TIME_COLUMNS:
        yield _TIME_CONDITION, "is not a time"
    elif (table, column) == ("captures", "file"):
        yield _FILE_NAME_CONDITION, "is not the name of a file"
