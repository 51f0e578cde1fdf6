"""The archive: a SQLite database and its WARC files. The only room with SQL.

Does not decide what is an edit (see ``identity``) or when something is due
(see ``schedule``).
"""
