"""Bound what one SQL query may take, and mask secrets in its result.

Bounds hold for the size of a value, a result and SQLite's heap, for time, and for what
a statement may cost to prepare. Datasette's own time limit is checked every thousand
steps, and one step may take a minute: a watcher interrupts sooner, and functions that
are slow within one step refuse long texts.
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

from harvester.browse import served_archive
from harvester.browse.hooks import hookimpl
from harvester.browse.masking import SecretMasker
from harvester.parse.html.charset import CONTROL_CHARS

MAX_RESULT_BYTES = 48_000_000  # Datasette's own limit counts rows only
MAX_VALUE_BYTES = 16_000_000
CELL_OVERHEAD_BYTES = 200  # of a value beside its length
MAX_HEAP_BYTES = 128_000_000  # of SQLite in this process
SQLITE_LIMITS = (
    (sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES),
    (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 100_000),
    (sqlite3.SQLITE_LIMIT_COLUMN, 250),
    (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 50),
    (sqlite3.SQLITE_LIMIT_VDBE_OP, 250_000),
    (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200),
)
TIME_LIMIT_FACTOR = 1.5  # of Datasette's limit, in processor time
WATCH_INTERVAL_SECONDS = 0.25

# These take time proportional to the product of their arguments' lengths, in one step.
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

# What Datasette's own pages raise for invalid parameters: not a number, not JSON, too
# large for SQLite, an unknown column or row.
BAD_REQUEST_ERRORS = (
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    sqlite3.OperationalError,
    sqlite3.ProgrammingError,
)
MAX_ERROR_CHARS = 300


def explain_refusal(request: Any, exception: BaseException) -> str:
    """Why a query is too much, or a URL invalid; "" for any other exception.

    Datasette's own pages would answer 500 and print a traceback.
    """
    # Late: it loads the plugins, of which this is one.
    from datasette.database import QueryInterrupted
    from datasette.views.base import DatasetteError

    if isinstance(exception, MemoryError):
        return (
            f"the query needs more than {MAX_HEAP_BYTES // 1_000_000} MB of memory: "
            "narrow it"
        )
    if isinstance(exception, sqlite3.DataError):
        return (
            f"{exception}: a value may have at most {MAX_VALUE_BYTES // 1_000_000} MB"
        )
    if isinstance(exception, QueryInterrupted):
        return "the query took too long: narrow it"
    is_ours = request.path == "/" or request.path.startswith("/-/")
    if not is_ours and (
        isinstance(exception, BAD_REQUEST_ERRORS)
        or (isinstance(exception, DatasetteError) and exception.status == 500)
    ):
        details = CONTROL_CHARS.sub("", str(exception))[:MAX_ERROR_CHARS]
        return f"invalid URL: {details}"
    return ""


@hookimpl
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Any) -> None:
    """Bound every query of a new connection to an archive."""
    opened = datasette.databases.get(database)
    if opened is None or not served_archive.is_archive(opened):
        return
    for category, limit in SQLITE_LIMITS:
        conn.setlimit(category, limit)
    conn.execute(f"pragma hard_heap_limit = {MAX_HEAP_BYTES}")
    _replace_slow_functions(conn)
    watch_statements(
        conn, datasette.setting("sql_time_limit_ms") / 1_000 * TIME_LIMIT_FACTOR
    )
    conn.row_factory = bounded_row_factory(SecretMasker(conn))


def bounded_row_factory(
    masker: SecretMasker,
) -> Callable[[sqlite3.Cursor, tuple[Any, ...]], sqlite3.Row]:
    """A row factory that bounds the result of one statement and masks secrets."""
    counted: weakref.ref[sqlite3.Cursor] | None = None
    total = 0

    def row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        nonlocal counted, total
        if counted is None or counted() is not cursor:
            counted, total = weakref.ref(cursor), 0
            masker.refresh()
        total += CELL_OVERHEAD_BYTES * len(values) + sum(
            len(value) for value in values if isinstance(value, str | bytes)
        )
        if total > MAX_RESULT_BYTES:
            counted, total = None, 0
            # Left open, it would have each later statement interrupted with it.
            with contextlib.suppress(sqlite3.Error):
                cursor.close()
            raise sqlite3.OperationalError(
                f"the result is larger than {MAX_RESULT_BYTES // 1_000_000} MB: narrow it"
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
    """Replace functions that are slow on long texts; SQLite's own do the work."""
    sqlite3.enable_callback_tracebacks(False)  # Datasette prints them
    native = sqlite3.connect(":memory:", check_same_thread=False)
    native.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)

    def bounded(name: str, is_within_limit: Callable[..., bool]) -> Callable[..., Any]:
        def function(*arguments: Any) -> Any:
            if not is_within_limit(*arguments):
                raise OverflowError(name)  # SQLite says: string or blob too big
            marks = ",".join("?" * len(arguments))
            return native.execute(f"select {name}({marks})", arguments).fetchone()[0]

        return function

    for name, argument_count in QUADRATIC_FUNCTIONS:
        connection.create_function(
            name,
            argument_count,
            bounded(name, _is_product_within_limit),
            deterministic=True,
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
    """The clock of this thread's processor time, and its current value.

    Another thread can read that clock. Falls back to the monotonic clock.
    """
    try:
        clock = time.pthread_getcpuclockid(threading.get_ident())
    except (AttributeError, OSError):
        clock = time.CLOCK_MONOTONIC
    return clock, time.clock_gettime(clock)


class _WatchedConnection:
    """A connection, and since when its statement has been running."""

    def __init__(self, connection: sqlite3.Connection, limit_seconds: float) -> None:
        self.connection, self.limit_seconds = connection, limit_seconds
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
    """Interrupt statements of a connection that take longer than ``limit_seconds``."""
    global _watcher_thread
    watched = _WatchedConnection(connection, limit_seconds)
    connection.set_trace_callback(watched.statement_started)
    with _watcher_lock:
        _watched_connections.add(watched)
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
        for watched in running:
            watched.interrupt_if_late()
        del running
