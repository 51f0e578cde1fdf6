"""Imports: what others, or we elsewhere, received becomes captures at their time.

An import is a replay in a staging archive of its own, then a merge: ``foreign_records``
reads WARC files, ``index`` lists what they hold and whose it is, ``replay`` gives it to
the keeper in order of time, ``run`` does one after the other. Does not fetch, nor merge
(``ingest.merge_archives``).
"""
