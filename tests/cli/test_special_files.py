"""A device or FIFO where a file is named: refused at once, and left as it is."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.archive.test_regular_files import make_special
from tests.support import small_archive
from tests.support.harvest_command import Harvest

KEY = small_archive.key_of(small_archive.CHURCH)


@pytest.mark.parametrize("kind", ["fifo", "device"])
@pytest.mark.parametrize(
    "command",
    [
        ("evidence", KEY, "-o"),
        ("backup",),
        ("restore",),
        ("merge",),
    ],
    ids=lambda command: command[0],
)
def test_a_special_file_is_refused(
    harvest: Harvest, tmp_path: Path, command: tuple[str, ...], kind: str
) -> None:
    path = make_special(tmp_path, kind)
    mode = path.stat().st_mode
    archive = (tmp_path / "archive.db").read_bytes()
    done = harvest(*command, str(path), code=1)
    assert f"is a {kind}".lower() in done.stderr.lower()
    assert path.stat().st_mode == mode and not stat.S_ISREG(mode)
    assert (tmp_path / "archive.db").read_bytes() == archive


@pytest.mark.parametrize("kind", ["fifo", "device"])
@pytest.mark.parametrize(
    "command",
    [("search", "x"), ("once",), ("verify",), ("doctor", "--fix"), ("browse",)],
)
def test_the_archive_is_a_special_file(
    harvest: Harvest, tmp_path: Path, command: tuple[str, ...], kind: str
) -> None:
    path = make_special(tmp_path, kind)
    settings = tmp_path / "settings.toml"
    settings.write_text(settings.read_text().replace("archive.db", kind))
    done = harvest(*command, code=1)
    assert "not an archive" in done.stderr + done.stdout
    assert path.is_fifo() or path.is_char_device()
