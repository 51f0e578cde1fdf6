"""When a crawl takes in the words of versions, by which words are found in all forms.

In small batches. Pending are new versions, and all those of an archive that an older
program made: each crawl takes in some of these. Does not know what a form of a word is
(``archive.records.stemming``).
"""

from __future__ import annotations

from harvester.archive.connection import Archive
from harvester.archive.records import word_forms
from harvester.archive.records.word_forms import WordIndex

MAX_VERSIONS = 100  # at a time: some fifty milliseconds
MAX_VERSIONS_AT_END = 5_000  # when a crawl ends: a few seconds
WORTHWHILE_VERSIONS = 20  # pending, that share words which are looked up once


def index_pending_batch(
    open_archive: Archive, index: WordIndex, even_few: bool
) -> None:
    """Take in some versions, in the transaction that is open or begins now.

    Few of them wait for others, unless ``even_few``.
    """
    count = 1 if even_few else WORTHWHILE_VERSIONS
    if word_forms.has_pending(open_archive.connection, count):
        open_archive.begin()
        index.index_pending(MAX_VERSIONS)


def index_all_pending(open_archive: Archive, index: WordIndex) -> None:
    """Take in what is pending at the end of a crawl, in transactions of its own."""
    done = 0
    while done < MAX_VERSIONS_AT_END and word_forms.has_pending(
        open_archive.connection
    ):
        open_archive.begin()
        done += index.index_pending(MAX_VERSIONS)
        open_archive.commit()
