"""``harvest publish`` as it is typed: what it says, what it refuses, what it leaves out."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support import small_archive
from tests.support.harvest_command import Harvest

CHURCH = small_archive.key_of(small_archive.CHURCH)
ALL = ("--since", "2025")


def test_an_edition_is_published_and_brought_up_to_date(harvest: Harvest) -> None:
    done = harvest("publish", "site", *ALL)
    assert done.stdout.startswith("site: 3 articles, ")
    assert (
        harvest.folder / "site" / "articles" / CHURCH[:2] / f"{CHURCH}.html"
    ).is_file()
    again = harvest.json("publish", "site", *ALL)
    assert again["written"] == again["deleted"] == 0
    assert again["unchanged"] == again["files"]
    planned = harvest.json(
        "publish", "site", *ALL, "--query", "outlet:mpi", "--dry-run"
    )
    assert planned["articles"] == 1
    assert planned["deleted"] > 0
    assert harvest.json("publish", "site", *ALL) == again


def test_options_choose_articles_as_everywhere(harvest: Harvest) -> None:
    for options, count in (
        (["--query", "bradée"], 1),
        (["--outlet", "courier"], 2),
        (["--query", "is:removed", "--outlet", "courier"], 1),
        (["--until", "2025-09-06"], 2),
    ):
        assert harvest.json("publish", "site", *options)["articles"] == count, options


def test_without_options_it_is_the_last_thirty_days(tmp_path: Path) -> None:
    builder = small_archive.village(tmp_path)
    at = (datetime.now(UTC) - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    key = builder.article("https://mpi.example/new", at=at)
    builder.version(key, "Neuf", "Un texte.", at)
    builder.done()
    done = Harvest(tmp_path)("publish", "site")
    assert done.stdout.startswith("site: 1 article, ")
    assert "the last 30 days; --since and --query say otherwise" in done.stderr


def test_what_cannot_be_done_is_said(harvest: Harvest) -> None:
    done = harvest("publish", "site", code=1)
    assert "no articles match; nothing was written" in done.stderr
    assert not (harvest.folder / "site").exists()
    assert "Missing argument" in harvest("publish", code=2).stderr
    assert (
        "unknown outlet" in harvest("publish", "site", "--outlet", "mpj", code=2).stderr
    )
    for url in ("example.org", "https://user:word@example.org/", "javascript:alert(1)"):
        assert (
            "invalid URL"
            in harvest("publish", "site", *ALL, "--url", url, code=2).stderr
        )
    done = harvest("publish", ".", *ALL, code=1)
    assert "has files that are of no edition" in done.stderr
    assert "name an empty or a new folder" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only_is_named(harvest: Harvest) -> None:
    (harvest.folder / "site").mkdir(mode=0o500)
    assert "site/.edition" in harvest("publish", "site", *ALL, code=1).stderr


def test_outlets_with_logins_are_left_out(harvest: Harvest) -> None:
    settings = harvest.folder / "settings.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace('language = "fr"', 'language = "fr"\nlogin = { env = "LOGIN" }'),
        encoding="utf-8",
    )
    settings.chmod(0o600)
    done = harvest("publish", "site", *ALL, LOGIN="me:word")
    assert done.stdout.startswith("site: 2 articles, ")
    assert "left out: 1 article of mpi, whose settings have a login" in done.stderr
    pages = [path.read_bytes() for path in (harvest.folder / "site").rglob("*.*ml")]
    assert pages
    assert not [page for page in pages if b"mpi.example" in page]


def test_without_settings_whole_texts_are_refused(harvest: Harvest) -> None:
    archive = ("--archive", "archive.db")
    done = harvest(*archive, "publish", "site", *ALL)
    assert "not known which outlets have logins" in done.stderr
    done = harvest(*archive, "publish", "other", *ALL, "--text", "all", code=1)
    assert "use --settings instead of --archive" in done.stderr
    assert not (harvest.folder / "other").exists()


def test_the_manifest_says_what_it_was_made_of(harvest: Harvest) -> None:
    harvest(
        "publish",
        "site",
        *ALL,
        "--title",
        "Our  archive",
        "--url",
        "https://a.example/b",
    )
    manifest = json.loads(
        (harvest.folder / "site" / ".edition" / "manifest.json").read_text()
    )
    assert manifest["title"] == "Our archive"
    assert manifest["url"] == "https://a.example/b/"
    assert manifest["articles"] == 3
    page = (harvest.folder / "site" / "index.html").read_text(encoding="utf-8")
    assert "<title>Today · Our archive</title>" in page


def test_an_index_without_an_address_has_no_sitemap(harvest: Harvest) -> None:
    done = harvest("publish", "site", *ALL, "--index")
    assert "no sitemap: its links need --url" in done.stderr
