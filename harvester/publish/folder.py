"""The folder of an edition: which files are ours, and of what each was made.

``.edition/`` has a manifest of each section of files: name → signature of what the file
was made from, SHA-256 and size. It names files before they are written and until they
are deleted, so that after a crash at any point the next run knows which are ours. Files
of others are never touched, and no symbolic link is followed out of the folder.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from harvester.archive.disk_sync import fsync_descriptor, fsync_path
from harvester.archive.regular_files import create_draft, open_regular
from harvester.errors import HarvesterError

CONTROL = ".edition"
MANIFEST = "manifest.json"
_LOCK = "lock"
_DRAFT = ".part"
FORMAT = 1
_MAX_MANIFEST_BYTES = 1 << 28
# Names of ours: keys, days and words of our own, nothing that an outlet wrote.
_PATH_PATTERN = re.compile(r"(?:[a-z0-9][a-z0-9_-]*/){0,3}\.?[a-z0-9][a-z0-9_.-]*")
_SECTION_PATTERN = re.compile(r"section-[a-z0-9]+\.json")


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file of ours. ``signature``: "" while it is being written."""

    signature: str
    sha256: str
    size: int


@dataclass(slots=True)
class Counts:
    """What became of files."""

    written: int = 0
    unchanged: int = 0
    deleted: int = 0


class EditionFolder:
    """A folder, locked while an edition is written to it; ``dry_run`` changes nothing."""

    def __init__(self, path: Path, dry_run: bool = False) -> None:
        self.path = path
        self.dry_run = dry_run
        self.counts = Counts()
        self.kept: list[str] = []  # names that we would use, and that are of others
        self._control = path / CONTROL
        self._visited: set[str] = set()
        self._checked: set[Path] = set()  # folders that are folders
        self._lock = -1
        _check_folder(path)
        self.former = self._read_manifest()

    def __enter__(self) -> Self:
        if self.dry_run:
            return self
        self._make_folders(f"{CONTROL}/{_LOCK}", self.path)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        self._lock = os.open(self._control / _LOCK, flags, 0o666)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise HarvesterError(
                f"another program is publishing to {self.path}", "wait for its end"
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._lock >= 0:
            os.close(self._lock)

    def _read_manifest(self) -> dict[str, Any] | None:
        """What the edition was made of last; None: there is none yet."""
        manifest = self._control / MANIFEST
        if not os.path.lexists(manifest):
            self._require_empty()
            return None
        return self._read_json(manifest)

    def _require_empty(self) -> None:
        """Raise HarvesterError where there are files, and none says that they are ours."""
        if not self.path.exists():
            return
        own = {CONTROL} if _is_unfinished(self._control) else set()
        strangers = sorted(path.name for path in self.path.iterdir())
        strangers = [name for name in strangers if name not in own]
        if strangers:
            raise HarvesterError(
                f"{self.path} has files that are of no edition, such as {strangers[0]}",
                "name an empty or a new folder",
            )

    def _read_json(self, path: Path) -> dict[str, Any]:
        try:
            with open_regular(path) as file:
                record = json.loads(file.read(_MAX_MANIFEST_BYTES))
            if isinstance(record, dict) and record.get("format") == FORMAT:
                return record
            if isinstance(record, dict) and isinstance(record.get("format"), int):
                raise HarvesterError(
                    f"{path} is of another version of harvester",
                    f"publish to a new folder, or remove {self.path} first",
                )
        except ValueError:
            pass
        raise self._damaged(path)

    def _damaged(self, path: Path) -> HarvesterError:
        return HarvesterError(
            f"{path} is damaged", f"remove {self.path}, then publish again"
        )

    def describe(self, record: Mapping[str, Any]) -> None:
        """Write what the edition is made of; the folder is one of ours from then on."""
        if not self.dry_run:
            text = json.dumps(
                {"format": FORMAT, **record}, ensure_ascii=False, indent=1
            )
            self._write(f"{CONTROL}/{MANIFEST}", f"{text}\n".encode(), durable=True)

    # ---- sections

    def open_section(self, name: str, wanted: Mapping[str, str]) -> Section:
        """A section that shall have these files: name → signature."""
        self._visited.add(f"section-{name}.json")
        return Section(self, f"section-{name}.json", wanted)

    def delete_other_sections(self) -> None:
        """Delete the files of sections that were not opened."""
        if not self._control.is_dir():
            return
        for path in sorted(self._control.iterdir()):
            name = path.name
            if _SECTION_PATTERN.fullmatch(name) and name not in self._visited:
                with Section(self, name, {}):
                    pass

    def read_section(self, name: str) -> dict[str, KnownFile]:
        """The files of a section, as they were written last."""
        path = self._control / name
        if not os.path.lexists(path):
            return {}
        record = self._read_json(path).get("files")
        if not isinstance(record, dict) or not all(
            _is_entry(file, values) for file, values in record.items()
        ):
            raise self._damaged(path)
        return {file: KnownFile(*values) for file, values in record.items()}

    def write_section(self, name: str, files: Mapping[str, KnownFile]) -> None:
        """Name the files of a section; a section without files is deleted."""
        if not files:
            (self._control / name).unlink(missing_ok=True)
            return
        lines = ",\n".join(
            f"{json.dumps(path)}: {json.dumps([one.signature, one.sha256, one.size])}"
            for path, one in sorted(files.items())
        )
        text = f'{{"format": {FORMAT}, "files": {{\n{lines}\n}}}}\n'
        self._write(f"{CONTROL}/{name}", text.encode(), durable=True)

    # ---- files

    def get_size(self, file: str) -> int | None:
        """The size of a file; None if nothing is there, -1 if it is no regular file."""
        try:
            status = os.lstat(self.path / file)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return status.st_size if stat.S_ISREG(status.st_mode) else -1

    def write(self, file: str, content: bytes) -> None:
        """Write a file; whoever reads it meanwhile reads the former one."""
        self._write(file, content)
        self.counts.written += 1

    def _write(self, file: str, content: bytes, durable: bool = False) -> None:
        path = self.path / file
        self._make_folders(file, self.path)
        if self.get_size(file) == -1:
            raise HarvesterError(
                f"{path} is not a file", "move it away, then publish again"
            )
        draft = path.with_name(f"{path.name}{_DRAFT}")
        with create_draft(draft, 0o666) as target:
            target.write(content)
            if durable:
                target.flush()
                fsync_descriptor(target.fileno())
        draft.replace(path)
        if durable:
            fsync_path(path.parent)

    def delete(self, file: str) -> None:
        """Delete a file of ours, its draft, and its folders if they are empty then."""
        path = self.path / file
        if not self._is_within(path.parent):
            return
        for name in (path, path.with_name(f"{path.name}{_DRAFT}")):
            try:
                if not stat.S_ISDIR(os.lstat(name).st_mode):
                    name.unlink()
            except FileNotFoundError:
                continue
        self.counts.deleted += 1
        for folder in path.relative_to(self.path).parents[:-1]:
            try:
                (self.path / folder).rmdir()
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                break
            self._checked.discard(self.path / folder)

    def _is_within(self, folder: Path) -> bool:
        """Whether a folder is there, and reached through no symbolic link."""
        parts = (folder, *folder.parents)
        inner = parts[: parts.index(self.path)]
        return all(part.is_dir() and not part.is_symlink() for part in inner)

    def _make_folders(self, file: str, root: Path) -> None:
        """Make the folders of a file. Raises HarvesterError for links and other files."""
        root.mkdir(parents=True, exist_ok=True)
        folder = root
        for name in file.split("/")[:-1]:
            folder = folder / name
            if folder in self._checked:
                continue
            if folder.is_symlink():
                raise HarvesterError(
                    f"{folder} is a symbolic link, and may lead out of {root}",
                    "remove it, then publish again",
                )
            try:
                folder.mkdir(exist_ok=True)
            except FileExistsError as error:
                raise HarvesterError(
                    f"{folder} is not a folder", "move it away, then publish again"
                ) from error
            self._checked.add(folder)


class Section:
    """Files that are written together. ``todo``: those that have to be written."""

    def __init__(
        self, folder: EditionFolder, name: str, wanted: Mapping[str, str]
    ) -> None:
        self._folder, self._name, self._wanted = folder, name, wanted
        known = folder.read_section(name)
        self._stale = {file: known[file] for file in known if file not in wanted}
        self._files: dict[str, KnownFile] = {}
        self.todo: list[str] = []
        for file, signature in wanted.items():
            self._plan(file, signature, known.get(file))

    def _plan(self, file: str, signature: str, known: KnownFile | None) -> None:
        size = self._folder.get_size(file)
        if known is None and size is not None:
            self._folder.kept.append(file)  # it is of somebody else
        elif known is not None and (known.signature, known.size) == (signature, size):
            self._files[file] = known
            self._folder.counts.unchanged += 1
        else:
            self._files[file] = KnownFile("", "", 0)
            self.todo.append(file)

    def __enter__(self) -> Self:
        if not self._folder.dry_run and (self.todo or self._stale):
            self._folder.write_section(self._name, {**self._stale, **self._files})
        return self

    def write(self, file: str, content: bytes | str) -> None:
        """Write one of ``todo``."""
        if isinstance(content, str):
            content = content.encode("utf-8", "replace")
        self._folder.write(file, content)
        digest = hashlib.sha256(content).hexdigest()
        self._files[file] = KnownFile(self._wanted[file], digest, len(content))

    def drop(self, file: str) -> None:
        """One of ``todo`` cannot be made: it is none of the edition."""
        self._stale[file] = self._files.pop(file)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            return
        if self._folder.dry_run:
            self._folder.counts.written += len(self.todo)
            self._folder.counts.deleted += len(self._stale)
            return
        for file in self._stale:
            self._folder.delete(file)
        if self.todo or self._stale:
            self._folder.write_section(self._name, self._files)


def _is_entry(file: str, values: object) -> bool:
    """Whether a manifest may have it: anybody may have written there."""
    return (
        _PATH_PATTERN.fullmatch(file) is not None
        and isinstance(values, list)
        and [type(value) for value in values] == [str, str, int]
    )


def _check_folder(path: Path) -> None:
    if os.path.lexists(path) and not path.is_dir():
        raise HarvesterError(f"{path} is not a folder", "name a new folder")


def _is_unfinished(control: Path) -> bool:
    """Whether a first run was interrupted before it could say that the folder is ours."""
    if control.is_symlink() or not control.is_dir():
        return False
    names = {_LOCK, f"{MANIFEST}{_DRAFT}"}
    return all(path.name in names for path in control.iterdir())
