"""What was purged does not come back by an import: neither its page nor in feeds."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner

from harvester.cli import cli
from tests.importing.test_run import import_all, rows
from tests.support.in_process_harvest import HOME, World
from tests.support.papers import Story


def files_with(folder: Path, marks: tuple[bytes, ...]) -> set[str]:
    """The files that have any of these bytes, unpacked."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if path.name.endswith(".gz"):
                data = gzip.decompress(data)
            found |= {path.name for mark in marks if mark in data}
    return found


def test_what_was_purged_does_not_come_back(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    world = World(tmp_path / "live", keeps_records=True)
    for number in range(4):
        path = world.publish(number)
        world.content[path] = f"<p>{' '.join(Story(number).paragraphs)}</p>"
    world.run(2)
    world.keeper.end_crawl(world.now)
    world.keeper.close()
    ours = Path(shutil.copytree(tmp_path / "live", tmp_path / "ours"))
    options = ["--settings", str(ours / "settings.toml"), "purge", HOME + Story(0).path]
    done = CliRunner().invoke(cli, [*options, "--why", "a promise", "--yes"])
    assert done.exit_code == 0, done.output
    marks = (Story(0).title.encode(), Story(0).paragraphs[0].encode())
    assert files_with(tmp_path / "live", marks)
    assert files_with(ours, marks) == set()
    settings = replace(
        world.settings, archive=ours / "a.db", captures=ours / "captures"
    )
    assert world.settings.captures is not None
    result = import_all(settings, world.settings.captures, again=True)
    assert "was purged from the archive" in result.skipped
    assert files_with(ours, marks) == set()
    assert len(rows(ours / "a.db", "select key from articles")) == 3
    verified = CliRunner().invoke(cli, [*options[:2], "verify"])
    assert verified.exit_code == 0, verified.output
