"""What people type into a search box, as a tree. Pure.

``parse_query`` gives the tree (``tree``), or a QueryError of one line that points at the
position. Words are joined by AND; punctuation inside a word makes a phrase
(``l'église``, ``10:30``); ``"…"`` is a phrase, ``*`` a prefix, ``NEAR(a b, 5)`` words
close to each other; then OR, NOT (or ``-``), AND and parentheses. ``field:value`` asks
for a value (``fields`` lists them): ``title:oil``, ``outlet:(mpi OR courier)``,
``published:2025-09..2025-10``, ``is:edited``, ``removed:"a phrase"``. The URL of an
article finds it.

The tree knows nothing of SQL or FTS5: ``archive.queries.compiled`` turns it into both.
"""

from harvester.query.parser import parse_query as parse_query
