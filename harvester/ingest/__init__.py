"""From a response to the archive: ``prepare`` reads it (pure, in a worker), ``Keeper`` keeps it (where the archive is written).

Not for: fetching (``spiders``), nor for the rules of what is an edit (``identity.version``) and when to look again (``schedule``).
"""

from harvester.ingest.prepare import Job, prepare

__all__ = ["Job", "prepare"]
