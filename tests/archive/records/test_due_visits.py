"""When something is due, exactly then something is handed out."""

from __future__ import annotations

import pytest

from harvester.archive.records import due_visits
from harvester.schedule.intervals import whole_since
from tests.support import small_archive

NOW, DUE = "2025-09-06T08:00:00Z", "2025-09-06T07:00:00Z"


@pytest.mark.parametrize("address", ["lantern.example/ferry", ""])
def test_an_entry_without_an_address_is_never_due(
    built: small_archive.Building, address: str
) -> None:
    connection = built.connection
    for table in ("feeds", "entries", "articles"):
        connection.execute(f"update {table} set due = null")
    connection.execute(
        """
        update entries set due = ?, address = ? where key = (
            select min(e.key) from entries e join feeds f on f.url = e.feed
            where f.active)
        """,
        [DUE, address],
    )
    due_visits.create_round_table(connection)
    visits = due_visits.list_due_visits(connection, NOW, (), False, 9, {}, {})
    next_due = due_visits.get_next_due(connection)
    assert (len(visits), next_due) == ((1, DUE) if address else (0, None))


@pytest.mark.parametrize(
    ("full_at", "etag"),
    [("2025-09-06T05:00:00Z", '"one"'), ("2025-09-05T05:00:00Z", "")],
)
def test_what_was_not_received_whole_for_long_has_no_validators(
    built: small_archive.Building, full_at: str, etag: str
) -> None:
    connection = built.connection
    for table in ("feeds", "entries", "articles"):
        connection.execute(f"update {table} set due = null")
    connection.execute(
        """
        update feeds set due = ?, etag = '"one"', full_at = ?
        where url = (select min(url) from feeds where active)
        """,
        [DUE, full_at],
    )
    due_visits.create_round_table(connection)
    [visit] = due_visits.list_due_visits(
        connection, NOW, (), False, 9, {}, whole_since(NOW)
    )
    assert visit.etag == etag
