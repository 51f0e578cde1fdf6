"""What an archive says, without the numbers of its rows: two archives with equal content have equal lines, in whatever order they
came to be. For comparing, after a merge or a restored backup. Left out: what is made anew from the versions, the chain of
days (it says when a row came), where a WARC record lies.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator

from harvester.archive.merging.merge import EXCLUDED_TABLES
from harvester.archive.merging.rows import list_columns

_CAPTURE_KEY_SQL = "json_array(c.kind, c.url, c.reached, c.at, c.status, c.sha256)"
_VERSION_KEY_SQL = "json_array(v.article, v.sha256)"
# Table → column → the name by content of the row that it points at.
_REFERENCE_KEYS_SQL = {
    "captures": f"(select {_CAPTURE_KEY_SQL} from captures c where c.id = t.{{}})",
    "versions": f"(select {_VERSION_KEY_SQL} from versions v where v.id = t.{{}})",
    "crawls": "(select json_array(c.started, c.program) from crawls c where c.id = t.{})",
    "readings": f"""(select json_array({_VERSION_KEY_SQL}, r.at, r.source, r.extractor, r.wording) from readings r
        join versions v on v.id = r.version where r.id = t.{{}})""",
    "changes": """(select json_array(c.article, c.at, c.kind, c.fields) from changes c where c.id = t.{})""",
    "tombstones": "(select json_array(b.article, b.kind, b.at) from tombstones b where b.id = t.{})",
}
_EXCLUDED_COLUMNS = {"id", "file", "offset", "length", "body"}
_CONTENT_COLUMNS = {
    "joins": ("article", "joined"),
    "aliases": ("key", "article"),
    "apart": ("one", "other"),
}


def list_tables(connection: sqlite3.Connection) -> list[str]:
    """The tables that have content of their own."""
    rows = connection.execute(
        "select name from sqlite_master where type = 'table' and sql not like 'create virtual%' and name not like 'sqlite_%'"
        " and name not like 'versions_fts%' and name not like '_sqlite%' order by name"
    )
    return [
        row[0]
        for row in rows
        if row[0] not in EXCLUDED_TABLES or row[0] in _CONTENT_COLUMNS
    ]


def list_rows_as_json(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    """Every row as a JSON array, in no order."""
    points = {
        row["from"]: row["table"]
        for row in connection.execute(f'pragma foreign_key_list("{table}")')
    }
    said = []
    for name in _CONTENT_COLUMNS.get(table) or [
        one for one in list_columns(connection, table) if one not in _EXCLUDED_COLUMNS
    ]:
        said.append(
            _REFERENCE_KEYS_SQL[points[name]].format(name)
            if points.get(name) in _REFERENCE_KEYS_SQL
            else f"t.{name}"
        )
    values = ", ".join(
        f"iif(typeof({one}) = 'blob', hex({one}), {one})" for one in said
    )
    which = (
        "where t.kind = 'purge'" if table == "tombstones" else ""
    )  # the others belong to the chain
    for row in connection.execute(
        f"select json_array({values}) from {table} t {which}"
    ):
        yield row[0]


def get_table_digests(connection: sqlite3.Connection) -> dict[str, str]:
    """Table → how many rows it has, and a digest of them that does not depend on their order."""
    found = {}
    for table in list_tables(connection):
        total, count = 0, 0
        for line in list_rows_as_json(connection, table):
            total = (total + int.from_bytes(hashlib.sha256(line.encode()).digest())) % (
                1 << 256
            )
            count += 1
        found[table] = f"{count} {total:064x}"
    return found
