"""What an archive says, without row numbers: equal content gives equal lines.

For comparing archives after a merge, whatever the order in which their rows arrived.
Left out are tables derived from versions, the chain of days (it records when a row was
added), and where a WARC record lies.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator

from harvester.archive.merging.merge import EXCLUDED_TABLES
from harvester.archive.merging.rows import list_columns

_CAPTURE_KEY_SQL = "json_array(c.kind, c.url, c.reached, c.at, c.status, c.sha256)"
_VERSION_KEY_SQL = "json_array(v.article, v.sha256)"
# Table → subquery for the content key of the row that a column references.
_REFERENCE_KEYS_SQL = {
    "captures": f"(select {_CAPTURE_KEY_SQL} from captures c where c.id = t.{{}})",
    "versions": f"(select {_VERSION_KEY_SQL} from versions v where v.id = t.{{}})",
    "crawls": """(
        select json_array(c.started, c.program) from crawls c where c.id = t.{}
    )""",
    "readings": f"""(
        select json_array({_VERSION_KEY_SQL}, r.at, r.source, r.extractor, r.wording)
        from readings r join versions v on v.id = r.version
        where r.id = t.{{}}
    )""",
    "changes": """(
        select json_array(c.article, c.at, c.kind, c.fields)
        from changes c where c.id = t.{}
    )""",
    "announcements": """(
        select json_array(a.entry, a.wording) from announcements a where a.id = t.{}
    )""",
    "tombstones": """(
        select json_array(b.article, b.kind, b.at) from tombstones b where b.id = t.{}
    )""",
}
_EXCLUDED_COLUMNS = {"id", "file", "offset", "length", "body"}
_CONTENT_COLUMNS = {
    "joins": ("article", "joined"),
    "aliases": ("key", "article"),
    "apart": ("one", "other"),
}


def list_tables(connection: sqlite3.Connection) -> list[str]:
    """List the tables that have content of their own."""
    rows = connection.execute(
        """
        select name from sqlite_master
        where type = 'table' and sql not like 'create virtual%'
            and name not like 'sqlite_%' and name not glob '*_fts*'
            and name not like '_sqlite%'
        order by name
        """
    )
    return [
        row[0]
        for row in rows
        if row[0] not in EXCLUDED_TABLES or row[0] in _CONTENT_COLUMNS
    ]


def list_rows_as_json(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    """Yield every row as a JSON array, in no particular order."""
    references = {
        row["from"]: row["table"]
        for row in connection.execute(f'pragma foreign_key_list("{table}")')
    }
    columns = _CONTENT_COLUMNS.get(table) or [
        column
        for column in list_columns(connection, table)
        if column not in _EXCLUDED_COLUMNS
    ]
    expressions = [
        _REFERENCE_KEYS_SQL[references[column]].format(column)
        if references.get(column) in _REFERENCE_KEYS_SQL
        else f"t.{column}"
        for column in columns
    ]
    values = ", ".join(
        f"iif(typeof({expression}) = 'blob', hex({expression}), {expression})"
        for expression in expressions
    )
    # The other tombstones belong to the chain.
    where = "where t.kind = 'purge'" if table == "tombstones" else ""
    rows = connection.execute(f"select json_array({values}) from {table} t {where}")
    for row in rows:
        yield row[0]


def get_table_digests(connection: sqlite3.Connection) -> dict[str, str]:
    """Map each table to its row count and an order-independent digest of its rows."""
    digests = {}
    for table in list_tables(connection):
        total, count = 0, 0
        for line in list_rows_as_json(connection, table):
            line_digest = hashlib.sha256(line.encode()).digest()
            total = (total + int.from_bytes(line_digest)) % (1 << 256)
            count += 1
        digests[table] = f"{count} {total:064x}"
    return digests
