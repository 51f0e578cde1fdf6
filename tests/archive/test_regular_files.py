"""Devices, FIFOs and sockets are neither read nor replaced, and not waited for."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from harvester.archive import regular_files
from harvester.errors import ArchiveError


def make_special(folder: Path, kind: str) -> Path:
    """A file that is none."""
    path = folder / kind
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        try:
            os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # like /dev/zero
        except PermissionError:
            pytest.skip("making a device needs root")
    elif kind == "folder":
        path.mkdir()
    else:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
    return path


@pytest.mark.parametrize("kind", ["fifo", "device", "folder", "socket"])
@pytest.mark.parametrize("is_link", [False, True])
def test_what_is_no_file(tmp_path: Path, kind: str, is_link: bool) -> None:
    path = make_special(tmp_path, kind)
    if is_link:
        (tmp_path / "link").symlink_to(path)
        path = tmp_path / "link"
    assert kind.replace("fifo", "FIFO") in regular_files.describe_special_file(path)
    with pytest.raises(OSError, match="not a file"):
        regular_files.open_regular(path)
    for refuse in (regular_files.check_target, regular_files.create_draft):
        with pytest.raises(ArchiveError, match="not a file"):
            refuse(path)
    assert regular_files.describe_special_file(path)  # it is still there


def test_a_draft_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"kept")
    draft = tmp_path / "draft"
    draft.symlink_to(tmp_path / "other")
    with regular_files.create_draft(draft) as file:
        file.write(b"new")
    assert (tmp_path / "other").read_bytes() == b"kept"
    assert draft.read_bytes() == b"new" and not draft.is_symlink()
    assert draft.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "name", ["", ".", "..", "/x", "../x", "a/b", "a\\b", "a\0b", ".x", b"x", 7, None]
)
def test_names_that_lead_elsewhere(tmp_path: Path, name: object) -> None:
    with pytest.raises(ArchiveError, match="as a file of captures"):
        regular_files.capture_path(tmp_path, name)


@pytest.mark.parametrize(
    ("offset", "length"),
    [
        (-1, 1),
        (0, 0),
        (0, -1),
        (0, 1 << 40),
        (1 << 70, 1),
        ("0", 1),
        (0, None),
        (0.5, 1),
    ],
)
def test_records_that_cannot_be(tmp_path: Path, offset: object, length: object) -> None:
    (tmp_path / "x.warc.gz").write_bytes(b"0123456789")
    assert regular_files.read_record(tmp_path, "x.warc.gz", 2, 3) == b"234"
    with pytest.raises(ArchiveError, match="no possible record"):
        regular_files.read_record(tmp_path, "x.warc.gz", offset, length)
