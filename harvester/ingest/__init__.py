"""From a response to the archive: read a page, then store it and what it changes.

``prepare`` reads a response in a worker process and writes nothing. ``keeper`` runs in
the one thread that writes the archive: it stores a response and dispatches it to the
handler of a poll, a first visit or a check. Does not fetch (``spiders``); what an edit
is (``identity``) and when to check again (``schedule``) are decided by pure rules.
"""
