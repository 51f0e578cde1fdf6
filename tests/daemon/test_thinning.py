"""The daemon thins out captures as the settings ask for it, one file at a time."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from harvester.cli import cli
from harvester.daemon.thinning import MAX_FILES, Thinner
from harvester.settings import load_settings
from tests.archive.takedown.test_thinning import NOW, Story, thinned_days
from tests.support.observer import BUDGET, Observer, page
from tests.support.warc_archive import day


def build(folder: Path, thin_after: str, rotate: int = 1) -> None:
    """An article that is checked five days long; by default with a file a record."""
    story = Story(folder, rotate)
    for number in range(2, 6):
        story.check(number)
    story.close()
    file = folder / "settings.toml"
    upkeep = f'[upkeep]\nthin_after = "{thin_after}"\n' if thin_after else ""
    file.write_text(upkeep + file.read_text())


def test_never_by_default(tmp_path: Path) -> None:
    build(tmp_path, "")
    assert Thinner().run(load_settings(tmp_path / "settings.toml"), NOW) == (0, 0)
    assert thinned_days(tmp_path) == []


def test_one_file_at_a_time_until_all_were_looked_at(tmp_path: Path) -> None:
    build(tmp_path, "22 days")  # those before the third
    settings, thinner = load_settings(tmp_path / "settings.toml"), Thinner()
    captures, freed = thinner.run(settings, NOW)
    assert captures == 1
    assert freed > 0
    assert thinned_days(tmp_path) == [2]
    assert thinner.run(settings, NOW) == (0, 0)
    later = "2025-09-28T10:00:00Z"
    for _ in range(2 + 5 // MAX_FILES):
        thinner.run(settings, later)
    assert thinned_days(tmp_path) == [2, 3, 4]
    done = CliRunner().invoke(
        cli, ["--settings", str(tmp_path / "settings.toml"), "status"]
    )
    assert "thinned out: 3 captures" in done.output
    assert "2025-09-28" in done.output


def test_without_captures_there_is_nothing_to_do(tmp_path: Path) -> None:
    build(tmp_path, "1 day")
    for path in (tmp_path / "captures").iterdir():
        path.unlink()
    settings = load_settings(tmp_path / "settings.toml")
    assert Thinner().run(settings, NOW) == (0, 0)
    (tmp_path / "captures").rmdir()
    assert Thinner().run(settings, NOW) == (0, 0)


def test_a_restored_backup_finds_its_records(tmp_path: Path) -> None:
    """It was made before, and its rows name a file that was written again since."""
    build(tmp_path, "1 day", rotate=1_000_000)
    settings = tmp_path / "settings.toml"

    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, ["--settings", str(settings), *arguments])
        assert getattr(done.exception, "code", 0) == code, done.output
        return done.output

    run("backup", str(tmp_path / "copy.db"))
    assert Thinner().run(load_settings(settings), NOW)[0] == 3
    assert thinned_days(tmp_path) == [2, 3, 4]
    run("restore", str(tmp_path / "copy.db"))
    run("doctor", "--fix", "--forget-captures")
    report = json.loads(run("verify", "--json"))
    assert report["ok"]
    assert report["checked"]["records"] == 2


def test_of_what_a_crawl_stores(tmp_path: Path) -> None:
    """By the program's own crawls; a page is read again from what is left."""
    observer = Observer(tmp_path)
    for number in range(1, 12):
        text = list(BUDGET)
        if number >= 7:
            text[1] = "After a recount the mayor spoke of a mistake by her own office."
        aside = f"<aside>{'Buy now! ' * 30}{number}</aside>"
        observer.put("/budget", page("The budget", text, extra=aside), "The budget")
        observer.crawl(day(number))
    file = observer.settings
    file.write_text(f'{file.read_text()}[upkeep]\nthin_after = "1 day"\n')
    captures, _ = Thinner().run(load_settings(file), NOW)
    assert captures == 7
    assert thinned_days(tmp_path) == [2, 3, 4, 5, 8, 9, 10]
    observer.check()
    file.write_text(f'{file.read_text()}[outlets.paper.rules]\nremove = ["h1"]\n')
    observer.run("reread")
    observer.check()
    observer.crawl(day(26))
    assert [
        version["n"] for version in observer.rows("select count(*) as n from versions")
    ] == [2]
