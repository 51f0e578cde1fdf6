"""What one query may take of this machine, and what it may not tell: arbitrary SQL is two lines that can ask for gigabytes.

Bounds on size (of a value, a row, a result, SQLite's heap), on time (Datasette's own limit is looked at every thousand steps, and
one step may take a minute: a watcher interrupts sooner, and functions that are slow within one step are refused long texts), and on
what preparing may cost. Secrets of feeds' addresses leave no query. Not for: what goes over the wire (``guard``).
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

from datasette import Response

from harvester.browse import served_archive
from harvester.browse.hooks import hookimpl
from harvester.browse.masking import SecretMasker
from harvester.parse.html.charset import CONTROL_CHARS

MAX_RESULT_BYTES = 48_000_000  # of one query, as it arrives here; Datasette's own limit counts rows only
MAX_VALUE_BYTES = 16_000_000  # of one value
CELL_OVERHEAD_BYTES = 200  # what a value costs beside its length
MAX_HEAP_BYTES = 128_000_000  # of SQLite, for this process
SQLITE_LIMITS = (
    (sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES),
    (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 100_000),
    (sqlite3.SQLITE_LIMIT_COLUMN, 250),
    (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 50),
    (sqlite3.SQLITE_LIMIT_VDBE_OP, 250_000),
    (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200),
)
TIME_LIMIT_FACTOR = (
    1.5  # how many times Datasette's limit a statement may take, of processor time
)
WATCH_INTERVAL_SECONDS = 0.25  # seconds between two looks of the watcher

# Functions that take as long as the product of their arguments' lengths, all in one step.
QUADRATIC_FUNCTIONS = (
    ("instr", 2),
    ("replace", 3),
    ("trim", 2),
    ("ltrim", 2),
    ("rtrim", 2),
    ("json_patch", 2),
)
FORMAT_FUNCTIONS = ("printf", "format")
MAX_LENGTH_PRODUCT = 100_000_000
MAX_FORMAT_WIDTH = 100_000  # of a field that printf fills

# What Datasette's own pages raise for parameters that are no numbers, no JSON, too large for SQLite, or name no column and no row.
BAD_REQUEST_ERRORS = (
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    sqlite3.OperationalError,
    sqlite3.ProgrammingError,
)
MAX_ERROR_CHARS = 300  # characters of what was wrong


@hookimpl
def handle_exception(request: Any, exception: BaseException) -> Response | None:
    """A query that asks for too much, or an address that makes no sense to Datasette's own pages, is no fault of the program's: 400 in
    one line, where Datasette says 500 and prints a traceback."""
    from datasette.database import (
        QueryInterrupted,
    )  # late: it loads the plugins, of which this is one
    from datasette.views.base import DatasetteError

    if isinstance(exception, MemoryError):
        said = f"the query needs more than the {MAX_HEAP_BYTES // 1_000_000} MB of memory that are given to it: ask for less"
    elif isinstance(exception, sqlite3.DataError):
        said = f"{exception}: a value may have {MAX_VALUE_BYTES // 1_000_000} MB"
    elif isinstance(exception, QueryInterrupted):
        said = "the query took too long: ask for less"
    elif not request.path.startswith("/-/") and (
        isinstance(exception, BAD_REQUEST_ERRORS)
        or (isinstance(exception, DatasetteError) and exception.status == 500)
    ):
        said = f"this address makes no sense here: {CONTROL_CHARS.sub('', str(exception))[:MAX_ERROR_CHARS]}"
    else:
        return None
    exception.with_traceback(None)  # which Datasette would print
    if request.path.endswith(".json"):
        return Response.json(
            {"ok": False, "error": said, "status": 400, "title": "SQL error"},
            status=400,
        )
    return Response.text(said, status=400)


@hookimpl
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Any) -> None:
    """Bound what one query to an archive may bring and take, before anybody asks anything; other databases are as they were."""
    found = datasette.databases.get(database)
    if found is None or not served_archive.is_archive(found):
        return
    for limit, most in SQLITE_LIMITS:
        conn.setlimit(limit, most)
    conn.execute(f"pragma hard_heap_limit = {MAX_HEAP_BYTES}")
    _replace_slow_functions(conn)
    watch_statements(
        conn, datasette.setting("sql_time_limit_ms") / 1_000 * TIME_LIMIT_FACTOR
    )
    conn.row_factory = bounded_row_factory(SecretMasker(conn))


def bounded_row_factory(
    masker: SecretMasker,
) -> Callable[[sqlite3.Cursor, tuple[Any, ...]], sqlite3.Row]:
    """A maker of rows that counts what one statement brings, stops it, and hides secrets."""
    counting: weakref.ref[sqlite3.Cursor] | None = None
    total = 0

    def row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        nonlocal counting, total
        if counting is None or counting() is not cursor:
            counting, total = weakref.ref(cursor), 0
            masker.refresh()
        total += CELL_OVERHEAD_BYTES * len(values) + sum(
            len(value) for value in values if isinstance(value, str | bytes)
        )
        if total > MAX_RESULT_BYTES:
            counting, total = None, 0
            with contextlib.suppress(sqlite3.Error):
                cursor.close()  # a statement left open would have every later one of this connection interrupted with it
            raise sqlite3.OperationalError(
                f"the result is larger than {MAX_RESULT_BYTES // 1_000_000} MB: ask for less"
            )
        return sqlite3.Row(
            cursor,
            tuple(
                masker.mask_value(value) if isinstance(value, str) else value
                for value in values
            ),
        )

    return row


def _replace_slow_functions(connection: sqlite3.Connection) -> None:
    """Put ours in the place of SQLite's where those are slow; what is short enough SQLite itself answers."""
    sqlite3.enable_callback_tracebacks(False)  # Datasette has them printed
    native = sqlite3.connect(":memory:", check_same_thread=False)
    native.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)

    def bounded(name: str, most: Callable[..., bool]) -> Callable[..., Any]:
        def function(*given: Any) -> Any:
            if not most(*given):
                raise OverflowError(
                    name
                )  # which SQLite words as "string or blob too big"
            return native.execute(
                f"select {name}({','.join('?' * len(given))})", given
            ).fetchone()[0]

        return function

    for name, arguments in QUADRATIC_FUNCTIONS:
        connection.create_function(
            name, arguments, bounded(name, _is_product_within_limit), deterministic=True
        )
    for name in FORMAT_FUNCTIONS:
        connection.create_function(
            name, -1, bounded(name, _is_width_within_limit), deterministic=True
        )


def _is_product_within_limit(*arguments: Any) -> bool:
    product = 1
    for value in arguments:
        product *= max(1, len(value) if isinstance(value, str | bytes) else 20)
    return product <= MAX_LENGTH_PRODUCT


def _is_width_within_limit(*arguments: Any) -> bool:
    form = str(arguments[0]) if arguments else ""
    widths = [int(number[-9:]) for number in re.findall(r"\d+", form)]
    if "*" in form:  # a width may be any of the arguments
        numbers = (
            re.match(r"\s*[-+]?(\d+)", str(value)[:60]) for value in arguments[1:]
        )
        widths += [int(number[1]) for number in numbers if number]
    return sum(widths) <= MAX_FORMAT_WIDTH


def _thread_clock() -> tuple[int, float]:
    """The clock of this thread's processor time, where there is one, and what it shows: another thread may read it."""
    try:
        clock = time.pthread_getcpuclockid(threading.get_ident())
    except (AttributeError, OSError):
        clock = time.CLOCK_MONOTONIC
    return clock, time.clock_gettime(clock)


class _WatchedConnection:
    """A connection, and since when its statement runs."""

    def __init__(self, connection: sqlite3.Connection, most: float) -> None:
        self.connection, self.limit_seconds = connection, most
        self.started_at: tuple[int, float] | None = None

    def statement_started(self, _statement: str) -> None:
        self.started_at = _thread_clock()

    def interrupt_if_late(self) -> None:
        if self.started_at is None:
            return
        clock, since = self.started_at
        try:
            if time.clock_gettime(clock) - since > self.limit_seconds:
                self.started_at = None
                self.connection.interrupt()
        except (OSError, sqlite3.ProgrammingError):
            self.started_at = None  # the thread has ended, or the connection was closed


_watched_connections: weakref.WeakSet[_WatchedConnection] = weakref.WeakSet()
_watcher_lock = threading.Lock()
_watcher_thread: threading.Thread | None = None


def watch_statements(connection: sqlite3.Connection, limit_seconds: float) -> None:
    """Interrupt any statement of that connection that takes longer than so many seconds."""
    global _watcher_thread
    one = _WatchedConnection(connection, limit_seconds)
    connection.set_trace_callback(one.statement_started)
    with _watcher_lock:
        _watched_connections.add(one)
        if _watcher_thread is None or not _watcher_thread.is_alive():
            _watcher_thread = threading.Thread(
                target=_watch_loop, name="slow statements", daemon=True
            )
            _watcher_thread.start()


def _watch_loop() -> None:
    while True:
        time.sleep(WATCH_INTERVAL_SECONDS)
        with _watcher_lock:
            running = list(_watched_connections)
        for one in running:
            one.interrupt_if_late()
        del running
