"""``harvest import`` and ``harvest export opml``, typed right and wrong."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from typing import Any

import pytest

from harvester.newsroom import Newsroom
from harvester.settings import load_settings
from tests.support import ROOT
from tests.support.harvest_command import Harvest
from tests.support.opml_files import FEEDS, READERS


@pytest.fixture
def opml(bare: Harvest) -> Harvest:
    """A folder with a reader's list, and no settings yet."""
    (bare.folder / "feeds.opml").write_text(READERS["Miniflux"], encoding="utf-8")
    return bare


def outlets(harvest: Harvest) -> dict[str, Any]:
    document = tomllib.loads((harvest.folder / "settings.toml").read_text("utf-8"))
    tables: dict[str, Any] = document["outlets"]
    return tables


def test_a_readers_list_becomes_settings(opml: Harvest) -> None:
    done = opml("import", "feeds.opml", "--dry-run")
    assert "3 outlets and 4 feeds would be added to settings.toml" in done.stdout
    assert not (opml.folder / "settings.toml").exists()

    done = opml("import", "feeds.opml")
    assert "3 outlets and 4 feeds added to settings.toml" in done.stdout
    assert (
        "`harvest once` checks them" in done.stderr and "say in it who" in done.stderr
    )
    assert outlets(opml)["courier"] == {
        "name": "The Courier",
        "home": "https://www.courier.example/",
        "feeds": list(FEEDS[:2]),
    }
    before = (opml.folder / "settings.toml").read_bytes()
    again = opml("import", "feeds.opml")
    assert "4 feeds are in the settings already" in again.stderr
    assert (opml.folder / "settings.toml").read_bytes() == before
    assert not (opml.folder / "archive.db").exists()


def test_export_and_import_give_the_same_settings(opml: Harvest) -> None:
    opml("import", "feeds.opml", "--folders", "sections")
    opml("remove", "lantern")
    first = opml("export", "opml").stdout
    (opml.folder / "mine.opml").write_text(first, encoding="utf-8")
    opml("--settings", "other.toml", "import", "mine.opml")
    one, two = (
        load_settings(opml.folder / name).outlets
        for name in ("settings.toml", "other.toml")
    )
    assert one == two and one["lantern"].disabled
    assert {feed.section for feed in one["courier"].feeds} == {"News"}
    assert opml("--settings", "other.toml", "export", "opml").stdout == first


def test_logins_are_not_given_away(bare: Harvest) -> None:
    (bare.folder / "settings.toml").write_text(
        '[outlets.a]\nlogin = "me:secret"\nfeeds = ["https://you:hidden@a.example/f"]\n'
        '[outlets.b]\nlogin = { env = "B" }\nfeeds = ["https://b.example/f"]\n'
        '[outlets.c]\nfeeds = ["https://c.example/f"]\n'
        'headers = { Accept-Language = "fr", X-Key = "k3y", X-Other = { env = "B" } }\n'
        'cookies = { session = "c00kie" }\n'
    )
    done = bare("export", "opml", B="me:other")
    assert "k3y" not in done.stdout and "c00kie" not in done.stdout
    assert "Accept-Language" in done.stdout and "X-Other" in done.stdout
    assert "headers of c, cookies of c" in done.stderr
    assert not {"secret", "hidden", "other"} & set(
        done.stdout.replace('"', ":").split(":")
    )
    assert "the login of a" in done.stderr and "--secrets" in done.stderr
    assert "me:secret" in bare("export", "opml", "--secrets", B="x:y").stdout
    (bare.folder / "their.opml").write_text(done.stdout)
    imported = bare("--settings", "new.toml", "import", "their.opml")
    assert "somebody else's: b: login, c: headers; --trust" in imported.stderr


def test_a_list_of_urls_on_standard_input(bare: Harvest, newsroom: Newsroom) -> None:
    papers = [newsroom.add_outlet(key) for key in ("gazette", "lantern")]
    for paper in papers:
        paper.publish("Le pont ferme", ["Le pont sera fermé dès lundi."] * 5)
    text = (
        "# mine\n" + "".join(f"{paper.feed_url}\n" for paper in papers) + "nonsense\n"
    )
    (bare.folder / "settings.toml").write_text(
        '[crawl]\ndelay = "0 seconds"\nallow_networks = ["127.0.0.0/8"]\n'
    )
    done = subprocess.run(
        [sys.executable, "-P", "-m", "harvester.cli", "import", "-", "--json"],
        cwd=bare.folder,
        input=text,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["written"] and len(record["new_outlets"]) == 2
    assert record["left_out"] == ["line 4: 'nonsense' is not an http or https URL"]
    assert not newsroom.requests  # nothing is fetched
    counts = json.loads(bare("once", "--json").stdout)
    assert (counts["feeds"], counts["new"] + counts["duplicate"]) == (2, 2)


@pytest.mark.parametrize(
    ("content", "words", "code"),
    [
        ("<rss/>", "feeds.opml: it is XML, but not OPML", 1),
        ("", "feeds.opml: the list is empty", 1),
        ("hello", "neither OPML nor a list of URLs", 1),
        ("<opml><body/></opml>", "has no feed that can be added", 1),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><opml/>", "XML entities", 1),
    ],
)
def test_files_that_are_no_list(
    bare: Harvest, content: str, words: str, code: int
) -> None:
    (bare.folder / "feeds.opml").write_text(content)
    assert words in bare("import", "feeds.opml", code=code).stderr
    assert not (bare.folder / "settings.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("import",), "Missing argument"),
        (("import", "feeds.opml", "--folders", "x"), "'none', 'sections', 'outlets'"),
        (("export", "xml"), "Name a file or folder with -o"),
        (("check", "feeds.opml"), "`harvest import FILE` adds it"),
        (("list",), "`harvest outlets` lists outlets"),
        (("feeds",), "it is `harvest outlets`"),
        (("subscribe", "https://a.example"), "it is `harvest add URL`"),
        (("unsubscribe", "a"), "it is `harvest remove OUTLET`"),
        (("fetch",), "it is `harvest once`"),
        (("opml",), "`harvest import FILE.opml` and `harvest export opml`"),
        (("https://a.example/",), "`harvest add URL` adds a site"),
        (("improt", "x"), "did you mean 'import'"),
    ],
)
def test_what_is_typed_wrong(
    opml: Harvest, arguments: tuple[str, ...], words: str
) -> None:
    assert words in opml(*arguments, code=2).stderr


def test_a_file_that_is_not_there(bare: Harvest) -> None:
    assert "No such file" in bare("import", "nothing.opml", code=1).stderr


def test_an_address_is_no_key(opml: Harvest) -> None:
    opml("import", "feeds.opml")
    error = opml("remove", "https://a.example/?token=secret", code=2).stderr
    assert "`harvest add URL`" in error and "secret" not in error


def test_a_secret_in_an_address_is_not_repeated(opml: Harvest) -> None:
    opml("import", "feeds.opml")
    for command in ("once", "add"):  # where there is no such host
        error = opml(command, "https://a.invalid/?token=secret", code=1).stderr
        assert "a.invalid" in error and "secret" not in error
