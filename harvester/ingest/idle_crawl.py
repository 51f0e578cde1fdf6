"""A crawl that finds nothing due: recorded without starting a crawl process.

Cheap to import. Whatever else a crawl has to do (what an older program or a killed
crawl left behind) is left to the crawl process: then the crawl is not idle. Does not
compute what is due (``schedule``).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from harvester.archive.connection import Archive, open_reader
from harvester.archive.integrity import proof
from harvester.archive.records import copies, crawls, word_forms
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.archive.upkeep import optimise
from harvester.errors import HarvesterError
from harvester.ingest.counts import PROGRAM, CrawlCounts
from harvester.ingest.settings_sync import sync_settings
from harvester.settings import Settings


def try_idle_crawl(settings: Settings, now: str) -> bool:
    """Record a crawl that had nothing to do; false if there is anything to do.

    Also false on any error: the crawl process meets it again, and reports it.
    """
    try:
        with translate_sqlite_errors(settings.archive):
            with closing(open_reader(settings.archive)) as connection:
                if not _is_idle(connection, now):
                    return False
            with closing(Archive.open(settings.archive, settings.captures)) as archive:
                archive.begin()
                sync_settings(archive.connection, settings, now)
                archive.commit()
                if optimise.is_anything_due(archive.connection, now):  # a new feed
                    return False
                archive.begin()
                _record_crawl(archive.connection, now)
                archive.commit()
    except (HarvesterError, OSError):
        return False
    return True


def _is_idle(connection: sqlite3.Connection, now: str) -> bool:
    last_crawl = crawls.get_last_crawl(connection)
    return (
        last_crawl is not None
        and last_crawl.ended
        and last_crawl.program == PROGRAM
        and not copies.has_unindexed_versions(connection)
        and not word_forms.has_pending(connection)
        and not any(optimise.check_unfinished_purge(connection))
        and not optimise.is_anything_due(connection, now)
    )


def _record_crawl(connection: sqlite3.Connection, now: str) -> None:
    proof.seal_rows(connection, now)
    crawl_id = crawls.add_crawl(connection, now, PROGRAM)
    crawls.update_crawl(connection, crawl_id, 0, 0, CrawlCounts().as_dict(), now)
