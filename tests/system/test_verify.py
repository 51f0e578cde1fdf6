"""``harvest verify`` and ``evidence`` on a real crawl, after edits and rereading."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from harvester.cli import cli
from harvester.newsroom import Newsroom
from tests.support.many_outlets import churn, create_outlets

if TYPE_CHECKING:
    from tests.support.crawled_archive import Harvest

RULES = 'remove = [".soutien-don"'


def said(harvest: Harvest, *arguments: str) -> Any:
    """Run a command with --json, in this process because that is faster."""
    done = CliRunner().invoke(
        cli,
        ["--settings", str(harvest.settings), *arguments, "--json"],
        catch_exceptions=False,
    )
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_an_archive_verifies_after_crawls_edits_and_rereading(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    create_outlets(newsroom, outlet_count=2, article_count=6, seed=11)
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    harvest.once()
    churn(newsroom, 0, edit=0.5, retitle=0.2, move=0.2, withdraw=0.1)
    harvest.once()
    found = said(harvest, "verify")
    assert found["ok"], found["broken"]
    assert found["checked"]["open"] == len(
        harvest.rows("select 1 from captures union all select 1 from versions")
    )
    assert found["checked"]["records"] == len(
        harvest.rows("select 1 from captures where file is not null")
    )
    assert (
        len(
            harvest.rows(
                "select 1 from captures where file is not null and length(record) = 64"
            )
        )
        == found["checked"]["records"]
    )

    text = newsroom.settings_toml(harvest.folder)
    assert RULES in text
    harvest.settings.write_text(text.replace(RULES, f'{RULES}, "p:last-of-type"'))
    assert harvest.json("reread")["changed"] > 0
    found = said(harvest, "verify")
    assert found["ok"], found["broken"]

    (edited, *_) = harvest.rows(
        "select article, count(*) as n from versions group by article order by n desc limit 1"
    )
    out = harvest.folder / "bundle.zip"
    packed = said(harvest, "evidence", edited["article"], "-o", str(out))
    assert packed["versions"] == edited["n"] > 1
    assert packed["missing"] == []
    with zipfile.ZipFile(out) as bundle:
        bundle.extractall(harvest.folder / "bundle")
    done = subprocess.run(
        [sys.executable, "-I", "check.py"],
        cwd=harvest.folder / "bundle",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout

    (row, *_) = harvest.rows(
        "select file, offset, length from captures where kind = 'article' order by id desc limit 1"
    )
    path = harvest.folder / "captures" / row["file"]
    raw = bytearray(path.read_bytes())
    raw[row["offset"] + row["length"] // 2] ^= 4
    path.write_bytes(raw)
    (first, *_) = harvest.run("verify", code=1).stdout.splitlines()
    assert f"{row['file']} at {row['offset']}" in first


def test_proof_and_purge_do_not_import_what_crawling_needs() -> None:
    code = (
        "import sys, harvester.cli.proof, harvester.cli.purge, "
        "harvester.archive.takedown.execute, harvester.archive.integrity.verify,"
        " harvester.export.bundle, harvester.parse.content.extractor, harvester.identity.wording\n"
        "print([name for name in ('scrapy', 'trafilatura', 'sqlite_utils', "
        "'apscheduler', 'lxml', 'warcio') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
