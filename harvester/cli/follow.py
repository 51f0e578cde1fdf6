"""``harvest search --follow``: hits as they are archived, until Ctrl-C."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

from harvester.cli.context import Context, utc_timestamp
from harvester.cli.output import print_csv_rows, print_json_lines, print_note

if TYPE_CHECKING:
    from harvester.archive.queries.search import Hit
    from harvester.query.tree import Node

POLL_SECONDS = 0.5
FOLLOWING_NOTE = "following what is archived from now on; Ctrl-C ends"


def follow(
    context: Context,
    tree: Node,
    exact: bool,
    show: Callable[[list[Hit]], None],
) -> int:
    """Show hits as they come, until Ctrl-C; returns how many there were.

    Raises ArchiveError, and QueryError for an unknown outlet.
    """
    from harvester.archive.connection import open_reader
    from harvester.archive.disk_sync import file_identity
    from harvester.archive.queries.follow import Follower
    from harvester.archive.sqlite_errors import translate_sqlite_errors

    path, is_foreign = context.archive_path, context.archive_file is not None
    count = 0
    try:
        with (
            translate_sqlite_errors(path),
            closing(open_reader(path, is_foreign=is_foreign)) as connection,
        ):
            connection.isolation_level = None
            identity = file_identity(path)
            follower = Follower(connection, tree, exact)
            print_note(FOLLOWING_NOTE)
            while file_identity(path) == identity:
                if follower.has_news():
                    hits = follower.list_new_hits(utc_timestamp())
                    show(hits)
                    sys.stdout.flush()
                    count += len(hits)
                time.sleep(POLL_SECONDS)
        print_note(f"ended: {path} was removed or replaced")
    except KeyboardInterrupt:
        pass
    return count


def make_printer(
    form: str | None,
    columns: tuple[str, ...],
    print_hits: Callable[[list[Hit]], None],
    to_record: Callable[[Hit], dict[str, Any]],
) -> Callable[[list[Hit]], None]:
    """Prints hits in a form; JSON as one object a line, as the list has no end."""
    if form in ("csv", "tsv"):
        print_rows = print_csv_rows(columns, "\t" if form == "tsv" else ",")
        return lambda hits: print_rows(map(to_record, hits))
    if form in ("json", "nl"):
        return lambda hits: print_json_lines(map(to_record, hits))
    return print_hits
