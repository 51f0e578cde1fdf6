"""The archive: the only room with SQL.

Does not decide what is an edit (``identity``), or when something is due (``schedule``).
"""
