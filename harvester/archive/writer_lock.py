"""The lock beside the archive: one program writes, the others can tell which.

The lock belongs to an open file, not to a process. A crawl process that inherits the
file descriptor keeps the lock until both processes have closed it. A second file names
the holder; it counts only while the lock is held, so a stale one does no harm.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from harvester.errors import ArchiveError, ArchiveLocked

GRACE_SECONDS = 1.0  # ``get_lock_holder`` takes the lock too, for an instant
RETRY_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Which program holds the archive, since when, and what currently goes wrong."""

    pid: int
    command: str
    since: str
    problem: str = ""
    problem_since: str = ""

    def __str__(self) -> str:
        since = self.since[:16].replace("T", " ")
        return f"`{self.command}` (process {self.pid}) since {since} UTC"


class Lock:
    """A lock, held from ``acquire`` to ``release``.

    A child process may inherit ``descriptor``, and then holds the lock too.
    """

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        self.descriptor = -1
        self.holder: LockHolder | None = None

    def acquire(
        self,
        holder: LockHolder,
        wait: bool = False,
        on_wait: Callable[[str], None] | None = None,
    ) -> None:
        """Take the lock. Raises ArchiveLocked naming the holder, unless ``wait``.

        ``on_wait`` is called once, with the holder, if waiting takes long.
        """
        from filelock import lock_descriptor

        descriptor = _open_lock_file(self.archive)
        started, reported = time.monotonic(), False
        try:
            while not lock_descriptor(descriptor, blocking=False):
                late = time.monotonic() - started > GRACE_SECONDS
                if late and not wait:
                    raise ArchiveLocked(
                        f"{self.archive} is in use by {describe_holder(self.archive)}",
                        "pass --wait, or stop that program; "
                        "searching and browsing work meanwhile",
                    )
                if late and not reported and on_wait is not None:
                    on_wait(describe_holder(self.archive))
                    reported = True
                time.sleep(RETRY_SECONDS)
        except BaseException:
            os.close(descriptor)
            raise
        self.descriptor = descriptor
        self._write_holder(holder)

    def report_problem(self, problem: str, since: str = "") -> None:
        """Set the problem that ``harvest status`` shows; "" when it is over."""
        if self.holder is None or self.holder.problem == problem:
            return
        self._write_holder(
            replace(
                self.holder, problem=problem, problem_since=since if problem else ""
            )
        )

    def release(self) -> None:
        """Close the lock file, without unlocking: a child that inherited it keeps it."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
            self.holder = None

    def _write_holder(self, holder: LockHolder) -> None:
        self.holder = holder
        path = _holder_path(self.archive)
        with suppress(OSError):  # the disk may be full; the log has the problem too
            draft = path.with_name(f"{path.name}.new")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(asdict(holder), file)
            draft.replace(path)


def _holder_path(archive: Path) -> Path:
    return archive.with_name(f"{archive.name}.holder.json")


def _open_lock_file(archive: Path) -> int:
    path = archive.with_name(f"{archive.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ArchiveError(
            f"{path} cannot be opened: {os.strerror(error.errno or 0)}"
        ) from error


def get_lock_holder(archive: Path) -> LockHolder | None:
    """The holder of the archive's lock; None if it is free.

    The check takes the lock for an instant.
    """
    from filelock import lock_descriptor

    path = archive.with_name(f"{archive.name}.lock")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if lock_descriptor(descriptor, blocking=False):
            return None
    finally:
        os.close(descriptor)
    try:
        return LockHolder(
            **json.loads(_holder_path(archive).read_text(encoding="utf-8"))
        )
    except (OSError, ValueError, TypeError):
        return LockHolder(0, "another program", "")


def describe_holder(archive: Path) -> str:
    """The holder of the archive's lock, for a message."""
    holder = get_lock_holder(archive)
    if holder is None or not holder.pid:
        return "another program"
    if _is_process_alive(holder.pid):
        return str(holder)
    return f"a crawl process left behind by {holder}"


def _is_process_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
