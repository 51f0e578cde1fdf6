"""Write settings.toml: whole or not at all, by one program at a time.

``toml_edit`` changes its text. What comes out is validated before it takes the file's
place, and the file keeps its mode, owner, byte order mark and, if it is a symbolic link,
its place. A daemon that runs finds a complete file at any time.
"""

from __future__ import annotations

import codecs
import errno
import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from harvester.errors import SettingsError
from harvester.settings.file import read_text
from harvester.settings.load import parse_settings
from harvester.settings.starter import starter_settings
from harvester.settings.types import Settings

LOCK_TIMEOUT_SECONDS = 10.0
LOCK_POLL_SECONDS = 0.05
NEW_FILE_MODE = 0o666  # without what the user's umask takes from it
NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)


def edit_settings(
    file: Path,
    change: Callable[[str], str],
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Change the text of a settings file; returns the new settings.

    Nothing is written if they are not valid. Raises SettingsError.
    """
    with _lock(file) as target:
        before = _read_bytes(target)
        text = read_text(file)
        edited = change(text)
        settings = parse_settings(edited, file, environment)
        bom = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
        after = bom + edited.encode("utf-8")
        if after != before:
            _replace(target, before, after)
    return settings


def load_or_begin(file: Path, environment: Mapping[str, str]) -> Settings:
    """The settings of a file, or those that ``edit_or_create`` would begin with.

    They may name no outlet. Raises SettingsError.
    """
    text = read_text(file) if file.exists() else starter_settings()
    return parse_settings(text, file, environment, require_outlets=False)


def edit_or_create(
    file: Path, change: Callable[[str], str], environment: Mapping[str, str]
) -> tuple[Settings, bool]:
    """``edit_settings``; where there is no file, one is written. True: it is new."""
    if file.exists():
        return edit_settings(file, change, environment), False
    text = change(starter_settings())
    settings = parse_settings(text, file, environment)
    create_settings(file, text)
    return settings, True


def create_settings(file: Path, text: str) -> None:
    """Write a new settings file. Raises SettingsError if there is one already."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = _write_temporary(file.parent, text.encode(), NEW_FILE_MODE)
        try:
            _link_new(temporary, file)
            _sync_folder(file.parent)
        finally:
            temporary.unlink(missing_ok=True)
    except FileExistsError as error:
        raise SettingsError(f"{file} exists already; it is not overwritten") from error
    except OSError as error:
        raise _cannot_write(file, error) from error


@contextmanager
def _lock(file: Path) -> Iterator[Path]:
    """Lock the file itself, against others who edit it; yields its real path.

    The one who waited may hold the lock of a file that has been replaced since.
    """
    deadline = time.monotonic() + LOCK_TIMEOUT_SECONDS
    while True:
        target = Path(os.path.realpath(file))
        try:
            descriptor = os.open(target, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise SettingsError(f"{file}: cannot be read: {reason}") from error
        try:
            if _try_lock(descriptor) and _is_same_file(descriptor, target):
                yield target
                return
        finally:
            os.close(descriptor)
        if time.monotonic() > deadline:
            raise SettingsError(f"{file} is being written by another program")
        time.sleep(LOCK_POLL_SECONDS)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def _read_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise SettingsError(f"{file}: cannot be read: {reason}") from error


def _replace(file: Path, before: bytes, after: bytes) -> None:
    """Put a new content in the place of the old one, if nobody else did meanwhile."""
    try:
        status = file.stat()
        temporary = _write_temporary(file.parent, after, 0o600)
        try:
            with suppress(PermissionError):
                os.chown(temporary, status.st_uid, status.st_gid)
            temporary.chmod(status.st_mode & 0o7777)
            if file.read_bytes() != before:
                raise SettingsError(
                    f"{file} was changed meanwhile; nothing was written, try again"
                )
            temporary.replace(file)
            _sync_folder(file.parent)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(file, error) from error


def _link_new(temporary: Path, file: Path) -> None:
    """Give a written file its name; unlike a rename, never over another file."""
    try:
        os.link(temporary, file)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        with file.open("xb") as stream:
            stream.write(temporary.read_bytes())


def _write_temporary(folder: Path, content: bytes, mode: int) -> Path:
    """A file with that content, on the disk."""
    path = folder / f".settings-{os.getpid()}-{secrets.token_hex(4)}.toml"
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
    descriptor = os.open(path, flags, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some file systems cannot
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _cannot_write(file: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"{file} cannot be written: {os.strerror(error.errno or 0)}",
        "its folder must be writable too: the file is replaced as a whole",
    )
