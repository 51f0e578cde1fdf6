"""The folder of an edition: files of others stay, links lead nowhere, a kill costs nothing."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from harvester.errors import HarvesterError
from harvester.publish.folder import EditionFolder
from tests.archive.test_regular_files import make_special
from tests.publish.conftest import publish_archive, read_tree
from tests.support import small_archive


def write(site: Path, files: dict[str, str], section: str = "a") -> EditionFolder:
    """Bring one section up to date: name → content, which is its signature as well."""
    with EditionFolder(site) as folder:
        if folder.former is None:
            folder.describe({})
        with folder.open_section(section, files) as opened:
            for file in opened.todo:
                opened.write(file, files[file])
        folder.delete_other_sections()
    return folder


def list_files(site: Path) -> list[str]:
    return [name for name in read_tree(site) if not name.startswith(".edition")]


def test_files_are_written_once_and_go_when_they_are_not_wanted(tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert write(site, {"a/1.html": "one", "b.html": "two"}).counts.written == 2
    again = write(site, {"a/1.html": "one", "b.html": "changed"}).counts
    assert (again.written, again.unchanged, again.deleted) == (1, 1, 0)
    assert write(site, {"b.html": "changed"}).counts.deleted == 1
    assert list_files(site) == ["b.html"]
    assert not (site / "a").exists()
    # A section that is no longer there, as when its last article was purged.
    assert write(site, {"c.html": "three"}, "c").counts.deleted == 1
    assert list_files(site) == ["c.html"]
    assert not (site / ".edition" / "section-a.json").exists()


def test_a_file_that_somebody_changed_or_removed_is_written_again(
    tmp_path: Path,
) -> None:
    site, files = (
        tmp_path / "site",
        {"1.html": "one", "2.html": "two", "3.html": "three"},
    )
    write(site, files)
    (site / "1.html").unlink()
    (site / "2.html").write_text("")  # as after a power cut
    assert write(site, files).counts.written == 2
    assert [(site / name).read_text() for name in files] == list(files.values())


def test_files_of_others_are_neither_overwritten_nor_deleted(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write(site, {"a/1.html": "one"})
    (site / "CNAME").write_text("example.org")
    (site / "robots.txt").write_text("theirs")
    (site / "a" / "notes.txt").write_text("theirs")
    folder = write(site, {"robots.txt": "ours"})
    assert folder.kept == ["robots.txt"]
    assert list_files(site) == ["CNAME", "a/notes.txt", "robots.txt"]
    assert (site / "robots.txt").read_text() == "theirs"
    write(site, {})
    assert list_files(site) == ["CNAME", "a/notes.txt", "robots.txt"]


def test_a_folder_of_others_is_refused(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "thesis.tex").write_text("years of work")
    with pytest.raises(
        HarvesterError, match=r"of no edition, such as thesis\.tex"
    ) as error:
        EditionFolder(site)
    assert error.value.hint == "name an empty or a new folder"
    assert list_files(site) == ["thesis.tex"]


@pytest.mark.parametrize("kind", ["file", "fifo", "socket", "device"])
def test_what_is_no_folder_is_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "site"
    if kind == "device":
        path = Path("/dev/null")
    elif kind == "file":
        path.write_text("")
    else:
        path = make_special(tmp_path, kind)
    with pytest.raises(HarvesterError, match="is not a folder"):
        EditionFolder(path)


@pytest.mark.parametrize("where", ["a", ".edition"])
def test_no_link_is_followed_out_of_the_folder(where: str, tmp_path: Path) -> None:
    site, outside = tmp_path / "site", tmp_path / "outside"
    outside.mkdir()
    (outside / "2.html").write_text("theirs")
    site.mkdir()
    if where == "a":
        write(site, {"b.html": "two"})
    (site / where).symlink_to(outside)
    with pytest.raises(HarvesterError):
        write(site, {"a/1.html": "ours"})
    assert read_tree(outside).keys() == {"2.html"}


def test_nothing_is_deleted_through_a_link(tmp_path: Path) -> None:
    site, outside = tmp_path / "site", tmp_path / "outside"
    write(site, {"a/1.html": "one"})
    (site / "a").rename(outside)
    (site / "a").symlink_to(outside)
    write(site, {})
    assert (outside / "1.html").read_text() == "one"


def test_a_link_in_a_files_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    site, outside = tmp_path / "site", tmp_path / "theirs.html"
    write(site, {"1.html": "one"})
    outside.write_text("theirs")
    (site / "1.html").unlink()
    (site / "1.html").symlink_to(outside)
    with pytest.raises(HarvesterError, match="is not a file"):
        write(site, {"1.html": "changed"})
    assert outside.read_text() == "theirs"


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"format": 1, "files": {"../../theirs": ["", "", 1]}}',
     '{"format": 1, "files": {"/etc/passwd": ["", "", 1]}}', '{"format": 2}',
     '{"format": 1, "files": {"1.html": "x"}}', '{"format": 1, "files": {"1.html": [1]}}'],
)  # fmt: skip
def test_a_damaged_manifest_is_told_and_deletes_nothing(
    content: str, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    (tmp_path / "theirs").write_text("theirs")
    write(site, {"1.html": "one"})
    (site / ".edition" / "section-a.json").write_text(content)
    with pytest.raises(HarvesterError, match=r"section-a\.json is") as error:
        write(site, {})
    assert str(site) in error.value.hint
    assert (site / "1.html").read_text() == "one"
    assert (tmp_path / "theirs").exists()


def test_only_one_program_at_a_time_writes_an_edition(tmp_path: Path) -> None:
    site = tmp_path / "site"
    with EditionFolder(site) as first:
        first.describe({})
        with pytest.raises(HarvesterError, match="another program is publishing"):
            EditionFolder(site).__enter__()
        with EditionFolder(site, dry_run=True) as planned:
            assert planned.former == {"format": 1}


def fork(run: Callable[[], object]) -> int:
    """Do something in a process of its own, which may be killed; its id."""
    process = os.fork()
    if not process:
        try:
            run()
        finally:
            os._exit(0)
    return process


def test_a_killed_run_is_completed_by_the_next(
    hostile: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    archive, _ = hostile
    site, wanted = tmp_path / "site", {}
    manifest = site / ".edition" / "manifest.json"
    for has_texts in (False, True):
        publish_archive(archive, tmp_path / str(has_texts), has_texts=has_texts)
        wanted[has_texts] = {*list_files(tmp_path / str(has_texts))}
    chance, killed = random.Random(19), 0
    for number in range(10):
        texts = bool(number % 2)
        process = fork(
            lambda texts=texts: publish_archive(archive, site, has_texts=texts)
        )  # type: ignore[misc]
        begun, until = manifest.exists(), time.monotonic() + chance.uniform(0.0, 0.2)
        while time.monotonic() < until or not (begun or manifest.exists()):
            pass
        os.kill(process, signal.SIGKILL)
        killed += os.waitpid(process, 0)[1] == signal.SIGKILL
    (site / "theirs.txt").write_text("theirs")
    assert killed
    for texts in (True, False):
        publish_archive(archive, site, has_texts=texts)
        assert {*list_files(site)} - {"theirs.txt"} == wanted[texts]
    assert (site / "theirs.txt").read_text() == "theirs"


def _die_after(steps: int, site: Path, run: Callable[[], object]) -> None:
    """Run until so many files were created, renamed or deleted; then end as by a kill."""
    left = steps

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        changes = event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir")
        creates = event == "open" and arguments[2] & os.O_CREAT
        if (changes or creates) and str(arguments[0]).startswith(str(site)):
            left -= 1
            if left < 0:
                os._exit(9)

    sys.addaudithook(audit)
    run()


def test_a_kill_between_any_two_writes_is_completed(tmp_path: Path) -> None:
    """At every few points at which a file is created, renamed or deleted."""
    small_archive.copy_village(tmp_path)
    archive, short, long = (tmp_path / name for name in ("archive.db", "short", "long"))
    publish_archive(archive, short)
    publish_archive(archive, long, has_texts=True)
    steps, code = 0, 9
    while code:
        site = tmp_path / f"site-{steps}"
        if steps % 2:  # else it is the first run that is killed
            shutil.copytree(short, site)
        run = partial(publish_archive, archive, site, has_texts=True)
        process = fork(partial(_die_after, steps, site, run))
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        assert run().kept == [], steps
        assert list_files(site) == list_files(long), steps
        publish_archive(archive, site)
        assert list_files(site) == list_files(short), steps
        steps += 9
    assert steps > 50


def test_manifest_says_what_each_file_is(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write(site, {"1.html": "one"})
    record = json.loads((site / ".edition" / "section-a.json").read_text())
    digest = hashlib.sha256(b"one").hexdigest()
    assert record == {"format": 1, "files": {"1.html": ["one", digest, 3]}}
