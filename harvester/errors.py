"""What can go wrong in words a user can act on, each with its exit code.

    HarvesterError                 1  the program could not do its work
    ├── ArchiveError               1  the archive cannot be used
    │   ├── ArchiveMissing         1  there is none yet
    │   ├── NotAnArchive           1  the file is something else
    │   ├── NewerArchive           1  written by a newer program
    │   ├── OlderArchive           1  written by an older program, and not brought up to date yet
    │   └── ArchiveBusy            4  another program holds it
    ├── NotHeld                    1  nothing in the archive by that name
    ├── NoRoom                     1  the disk is full
    ├── SettingsError              2  settings.toml says something that is not understood
    ├── QueryError                 2  the search query cannot be read
    └── BadAnswer                  1  what came over the network cannot be read (a recorded outcome, never shown as a crash)

Outcomes of outlets (a page gone, a feed broken) are no errors: they are recorded, see ``model.Outcome``.
"""


class HarvesterError(Exception):
    """Base of all. ``str(error)`` is one or more lines for a person; ``hint`` says what to do next."""

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
    """The archive was written by an older program; the first that writes to it brings it up to date."""


class ArchiveLocked(ArchiveError):
    """Another program holds the archive."""

    exit_code = 4


class NotInArchive(HarvesterError):
    """Nothing in the archive goes by that name."""


class DiskFull(HarvesterError):
    """The disk has no room left, or refuses to be written."""


class SettingsError(HarvesterError):
    """The settings cannot be understood; the message names file and line of every fault."""

    exit_code = 2


class QueryError(HarvesterError):
    """A search query cannot be read; the message is one line and points at the place."""

    exit_code = 2


class InvalidResponse(HarvesterError):
    """A body that is not what it should be (HTML where a feed was); ``str`` is the recorded reason."""
