"""The archive for Python programs; ``import harvester`` gives these names.

What is public, and stays, is ``harvester.__all__``: docs/guides/python.md. The archive is
only read, and opened as if somebody else had made it. Like the commands, this is a
boundary: it reads the clock, which decides what "yesterday" in a query means.
"""

from __future__ import annotations

import sqlite3
import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from harvester import install_hint
from harvester.archive.connection import open_reader
from harvester.archive.queries import article_export, article_names, changes, search
from harvester.archive.queries.article_columns import list_columns, make_converter
from harvester.archive.queries.article_export import Article, Change, Copy, Texts
from harvester.archive.queries.article_pages import begin_snapshot
from harvester.archive.queries.search import Hit
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.errors import (
    ArchiveError,
    HarvesterError,
    NotInArchive,
    QueryError,
)
from harvester.export import articles as exports
from harvester.export.articles import ExportSummary
from harvester.export.formats import choose_format
from harvester.query import parse_query
from harvester.query.time_ranges import parse_period
from harvester.query.tree import Node, make_filter, narrow
from harvester.schedule.times import format_time

if TYPE_CHECKING:
    import pandas

__all__ = [
    "Archive",
    "ArchiveError",
    "Article",
    "Change",
    "Copy",
    "ExportSummary",
    "HarvesterError",
    "Hit",
    "NotInArchive",
    "QueryError",
    "open",
]

_DEFAULT_CAPTURES = "captures"
STEPS_BETWEEN_CLOCK_READINGS = 10_000  # of SQLite


def open(
    path: str | PathLike[str],
    captures: str | PathLike[str] | None = None,
    *,
    timeout: float | None = None,
) -> Archive:
    """Open an archive for reading.

    ``captures``: its folder of WARC files, by default ``captures`` beside it.
    ``timeout``: seconds that a call may take; then it raises ArchiveError. Raises
    ArchiveError.
    """
    return Archive(path, captures, timeout=timeout)


class Archive:
    """An archive, open for reading; a context manager.

    Belongs to the thread that opened it: open one in each thread. A crawl may write
    meanwhile, and what it writes is seen by the next call.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        captures: str | PathLike[str] | None = None,
        *,
        timeout: float | None = None,
    ) -> None:
        self.path = Path(path)
        if captures is None:
            captures = self.path.resolve().with_name(_DEFAULT_CAPTURES)
        self.captures = Path(captures)
        self._timeout = timeout
        self._connection = open_reader(self.path, is_foreign=True)
        self._connection.isolation_level = None  # transactions are ours

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. It is no error to do so twice."""
        self._connection.close()

    def search(
        self,
        query: str,
        *,
        limit: int = 20,
        ranked: bool = False,
        outlets: Sequence[str] = (),
        since: str = "",
        until: str = "",
        exact: bool = False,
    ) -> list[Hit]:
        """Articles that match, as ``harvest search`` finds them: the newest first.

        ``ranked``: the best first. ``since``, ``until``: when they were published, as
        the options of that name. ``exact``: words as typed, not in their other forms.
        Raises QueryError.
        """
        tree = self._parse(query, outlets, since, until)
        if tree is None:
            raise QueryError("the query has no word to search for")
        with self._snapshot() as connection:
            return search.search(
                connection, tree, self._now(), limit=limit, rank=ranked, exact=exact
            )

    def count(self, query: str = "", **options: Any) -> int:
        """How many articles match; ``options`` are those of ``search``.

        That is ``outlets``, ``since``, ``until`` and ``exact``.
        """
        with self._snapshot() as connection:
            return len(self._list_ids(connection, query, **options))

    def article(self, name: str, version: int | None = None) -> Article:
        """An article with its changes and copies, in its current version or another.

        ``name``: its key, a unique beginning of it, or an address. Raises NotInArchive.
        """
        found = self._get(name, "latest" if version is None else "all")
        for article in found:
            if version is None or article.version == version:
                return article
        raise NotInArchive(f"{name} has no version {version}: there are {len(found)}")

    def versions(self, name: str) -> list[Article]:
        """All versions of an article, oldest first; each with what led to it."""
        return self._get(name, "all")

    def articles(
        self,
        query: str = "",
        *,
        outlets: Sequence[str] = (),
        since: str = "",
        until: str = "",
        texts: Texts = "latest",
        changes: bool = False,
        copies: bool = False,
        exact: bool = False,
    ) -> Iterator[Article]:
        """All articles that match, in the order in which they were first archived.

        Reads a few at a time, so that millions take little memory. ``texts``: "all" for
        a row a version, "none" without texts. Raises QueryError.
        """
        with self._snapshot() as connection:
            ids = self._list_ids(connection, query, outlets, since, until, exact)
        groups = article_export.list_articles(
            self._connection, ids, texts, changes=changes, copies=copies
        )
        for _, group in groups:
            yield from group

    def changes(
        self,
        query: str = "",
        *,
        limit: int = 20,
        kinds: Sequence[str] = (),
        outlets: Sequence[str] = (),
        classes: Sequence[str] = (),
        silent: bool | None = None,
        since: str = "",
        until: str = "",
    ) -> list[Change]:
        """Edits, removals and returns, newest first, as ``harvest changes`` lists them.

        ``since``, ``until``: when they were seen. Raises QueryError.
        """
        chosen = changes.ChangeFilter(
            query=parse_query(query, _utc_now()) if query.strip() else None,
            kinds=tuple(kinds),
            outlets=tuple(outlets),
            classes=tuple(classes),
            silent=silent,
            since=_parse_time(since),
            until=_parse_time(until, is_end=True),
        )
        with self._snapshot() as connection:
            rows = changes.list_changes(connection, chosen, self._now(), limit)
        return [_to_change(row) for row in rows]

    def copies(self, name: str) -> list[Copy]:
        """Articles that share the text of an article, first seen first."""
        return list(self.article(name).copies)

    def export(
        self,
        query: str,
        target: str | PathLike[str],
        *,
        format: str = "",
        texts: Texts = "latest",
        changes: bool = False,
        copies: bool = False,
        outlets: Sequence[str] = (),
        since: str = "",
        until: str = "",
        exact: bool = False,
        overwrite: bool = False,
    ) -> ExportSummary:
        """Write articles to a file or folder, as ``harvest export`` does.

        Raises QueryError, NotInArchive if nothing matches, HarvesterError and OSError.
        """
        path = Path(target)
        plan = exports.Export(
            path, choose_format(path, format), texts, changes, copies, overwrite
        )
        with self._snapshot() as connection:
            ids = self._list_ids(connection, query, outlets, since, until, exact)
            if not ids:
                raise NotInArchive("no articles match; nothing was written")
            captures = self.captures if self.captures.is_dir() else None
            source = exports.Source(self.path, captures)
            return exports.write_articles(
                connection, source, plan, ids, lambda done, total: None
            )

    def to_pandas(
        self,
        query: str = "",
        *,
        outlets: Sequence[str] = (),
        since: str = "",
        until: str = "",
        texts: Texts = "latest",
        changes: bool = False,
        copies: bool = False,
        exact: bool = False,
    ) -> pandas.DataFrame:
        """Articles that match as a data frame, a row an article or version.

        Its columns are those of an export; times are of pandas' own type. Needs the
        extra ``pandas``. Raises QueryError.
        """
        frames = _import_pandas()
        columns = list_columns(texts, changes, copies)
        convert = make_converter(columns)
        rows = self.articles(
            query,
            outlets=outlets,
            since=since,
            until=until,
            texts=texts,
            changes=changes,
            copies=copies,
            exact=exact,
        )
        frame = frames.DataFrame(
            [convert(article) for article in rows],
            columns=[column.name for column in columns],
        )
        for column in columns:
            if column.type == "datetime":
                frame[column.name] = frames.to_datetime(
                    frame[column.name], utc=True, errors="coerce", format="ISO8601"
                )
        return frame

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """One state of the archive, whatever is written meanwhile."""
        connection = self._connection
        if self._timeout is not None:
            end = time.monotonic() + self._timeout
            connection.set_progress_handler(
                lambda: int(time.monotonic() > end), STEPS_BETWEEN_CLOCK_READINGS
            )
        try:
            with translate_sqlite_errors(self.path):
                begin_snapshot(connection)
                yield connection
        except sqlite3.OperationalError as error:
            if "interrupted" not in str(error):
                raise
            raise ArchiveError(
                f"it took longer than {self._timeout} seconds", "narrow the query"
            ) from error
        finally:
            connection.set_progress_handler(None, 0)
            connection.rollback()

    def _get(self, name: str, texts: Texts) -> list[Article]:
        with self._snapshot() as connection:
            key = article_names.resolve_article(connection, name)["key"]
            return article_export.get_article(
                connection, key, texts, changes=True, copies=True
            )

    def _list_ids(
        self,
        connection: sqlite3.Connection,
        query: str,
        outlets: Sequence[str] = (),
        since: str = "",
        until: str = "",
        exact: bool = False,
    ) -> array[int]:
        tree = self._parse(query, outlets, since, until)
        return article_export.list_article_ids(connection, tree, self._now(), exact)

    def _parse(
        self, query: str, outlets: Sequence[str], since: str, until: str
    ) -> Node | None:
        options = (outlets, _parse_time(since), _parse_time(until, is_end=True))
        if query.strip():
            return narrow(parse_query(query, _utc_now()), *options)
        return make_filter(*options)

    def _now(self) -> str:
        return format_time(_utc_now())


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _parse_time(text: str, is_end: bool = False) -> str:
    """A day, a month, a time or how long ago, as the archive writes it; "" stays so.

    Raises QueryError.
    """
    if not text:
        return ""
    try:
        start, end = parse_period(
            " ".join(text.lower().split()).removesuffix(" ago"), _utc_now()
        )
        moment = datetime.fromisoformat((end or start) if is_end else start)
    except (ValueError, OverflowError) as error:
        raise QueryError(f"invalid time {text!r}") from error
    return format_time(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _to_change(row: changes.Change) -> Change:
    return Change(
        at=row.at,
        kind=row.kind,
        key=row.article,
        outlet=row.outlet,
        url=row.url,
        title=row.title,
        class_=row.change_class or "",
        size=row.size or 0,
        silent=row.silent,
        acknowledged_by=row.acknowledgement or "",
        back=row.back,
        from_version=row.before,
        to_version=row.after,
        fields=row.fields or {},
        added=tuple(row.list_sentences("added")),
        removed=tuple(row.list_sentences("removed")),
        rewritten=tuple(
            (before, after) for before, after in row.list_sentences("changed")
        ),
        note=row.note,
    )


def _import_pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise HarvesterError(
            "pandas is not installed", install_hint("pandas")
        ) from error
    return pandas
