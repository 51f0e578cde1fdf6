"""Errors a user can act on, each with its exit code.

    HarvesterError                 1  the program could not do its work
    ├── ArchiveError               1  the archive cannot be used
    │   ├── ArchiveNotFound        1  there is no archive at that path
    │   ├── NotAnArchive           1  the file is something else
    │   ├── ArchiveTooNew          1  written by a newer program
    │   ├── ArchiveOutdated        1  written by an older program, not migrated yet
    │   └── ArchiveLocked          4  another program is writing to it
    ├── NotInArchive               1  the archive has nothing of that name
    ├── DiskFull                   1  the disk is full
    ├── SettingsError              2  settings.toml is invalid
    ├── QueryError                 2  the search query is invalid
    └── InvalidResponse            1  a response cannot be read; recorded, not shown

Failures at outlets (a page gone, a feed broken) are not errors: they are recorded, see
``model.Outcome``.
"""


class HarvesterError(Exception):
    """Base of all.

    ``str(error)`` is one or more lines for a person; ``hint`` says what to do next.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ArchiveError(HarvesterError):
    """The archive cannot be used."""


class ArchiveNotFound(ArchiveError):
    """There is no archive at that path."""


class NotAnArchive(ArchiveError):
    """The file is not an archive of this program."""


class ArchiveTooNew(ArchiveError):
    """The archive was written by a newer program."""


class ArchiveOutdated(ArchiveError):
    """The archive was written by an older program; the next writer migrates it."""


class ArchiveLocked(ArchiveError):
    """Another program is writing to the archive."""

    exit_code = 4


class NotInArchive(HarvesterError):
    """The archive has nothing of that name."""


class DiskFull(HarvesterError):
    """The disk is full, or cannot be written to."""


class SettingsError(HarvesterError):
    """The settings are invalid; the message locates every fault."""

    exit_code = 2


class QueryError(HarvesterError):
    """A search query is invalid; the message is one line and points at the position."""

    exit_code = 2


class InvalidResponse(HarvesterError):
    """A body is not what it should be (HTML for a feed); ``str`` is the reason."""
