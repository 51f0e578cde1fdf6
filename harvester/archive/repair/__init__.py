"""Mending an archive: what can still be read of a damaged file (``salvage``, ``pages``, ``log``), rows that do not fit together
(``rows``, ``orphans``), indexes (``indexes``), WARC files and what lies about (``files``).

Looking changes nothing; mending is done by ``harvest doctor --fix`` alone, under the lock and after a copy. Nothing readable is thrown
away, and what is lost is named.
"""
