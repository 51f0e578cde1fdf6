"""``harvest purge`` end to end: no word of the article is left, none comes back."""

from __future__ import annotations

import gzip
import html
import io
import json
import re
import sqlite3
import zlib
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from harvester.cli import cli
from harvester.newsroom import Newsroom

if TYPE_CHECKING:
    from tests.support.crawled_archive import Harvest

TITLE = "La trésorière de l'aéroclub quitte ses fonctions"
WORDS = [
    "Après onze années passées à tenir les comptes du petit aéroclub, Madame Quimperlot "
    "rend son tablier cette semaine.",
    "Elle laisse derrière elle des classeurs impeccables, une caisse pleine et quelques "
    "souvenirs de vols mémorables.",
    "« Je n'ai jamais aimé les chiffres », a-t-elle confié en riant devant les adhérents "
    "réunis samedi dernier au hangar.",
]
LATER = (
    "Un repas d'adieu sera servi vendredi sous le grand chapiteau, annonce le nouveau "
    "président du conseil."
)
UNIQUE = "Quimperlot"


def run_json(harvest: Harvest, *arguments: str) -> Any:
    """Run a command with --json, in this process because that is faster."""
    result = CliRunner().invoke(
        cli,
        ["--settings", str(harvest.settings), *arguments, "--json"],
        catch_exceptions=False,
    )
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def decompress_members(raw: bytes) -> bytes:
    """Decompress all of a WARC file, also behind a damaged record."""
    content, position = b"", 0
    while (position := raw.find(b"\x1f\x8b\x08", position)) >= 0:
        decompressor = zlib.decompressobj(zlib.MAX_WBITS + 16)
        with suppress(zlib.error):
            content += decompressor.decompress(raw[position:])
        position += 3
    return content


def read_everything(folder: Path) -> str:
    """Return the text of all files, decompressed, unescaped and casefolded."""
    text = ""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "settings" not in path.name:
            raw = path.read_bytes()
            text += raw.decode("utf-8", "replace")
            if path.name.endswith(".gz"):
                text += decompress_members(raw).decode("utf-8", "replace")
    text = re.sub(
        r"\\u([0-9a-fA-F]{4})",
        lambda match: chr(int(match[1], 16)),
        text.replace("\\/", "/"),
    )
    text = html.unescape(html.unescape(text))
    return re.sub(r"\s+", " ", re.sub(r"<[^<>]*>", " ", text)).casefold()


def find_traces(folder: Path, path: str) -> list[str]:
    """Return which words of the article are anywhere in the folder."""
    text = read_everything(folder)
    excerpts = [" ".join(paragraph.split()[3:9]) for paragraph in WORDS]
    return [
        phrase
        for phrase in (TITLE, *WORDS, LATER, UNIQUE, path, *excerpts)
        if re.sub(r"\s+", " ", phrase).casefold() in text
        or phrase.replace("'", "’").casefold() in text
    ]


def test_a_purged_article_leaves_no_trace_and_does_not_return(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    outlet = newsroom.add_outlet("paper", "wordpress", full_text=True)
    other = newsroom.add_outlet("plain", "plain", sections=("Région",))
    article = outlet.publish(TITLE, WORDS, author="Anne Le Goff")
    for number in range(3):
        outlet.publish(
            f"Le pont numéro {number} rouvre",
            [
                f"Le pont numéro {number} de la vallée rouvre demain matin à la "
                "circulation des voitures."
            ],
        )
    other.publish(
        "Le marché reprend",
        [
            "Le marché du samedi reprend sur la place avec trente étals et un manège "
            "pour les enfants."
        ],
    )
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    harvest.once()
    newsroom.advance(hours=1)
    outlet.edit(article, [*WORDS, LATER])
    harvest.once()
    path = article.path
    (hit,) = run_json(harvest, "search", UNIQUE)
    assert len(find_traces(harvest.folder, path)) >= 6
    before = {
        row["key"]: row
        for row in harvest.rows("select article as key, url, title, text from latest")
    }
    assert len(before) == 5
    key = hit["article"]

    plan = run_json(harvest, "purge", key, "--dry-run")
    assert plan["removed"]["versions"] == 2
    assert len(find_traces(harvest.folder, path)) >= 6
    # Not interactive, and without --yes.
    harvest.run("purge", key, "--why", "a ruling of the court", code=2)
    (harvest.folder / "archive.db.version-1.backup").write_bytes(b"")
    summary = run_json(harvest, "purge", key, "--why", "a ruling of the court", "--yes")
    assert summary["removed"]["versions"] == 2
    assert summary["removed"]["captures blanked"] >= 2
    assert summary["left"] == []
    assert summary["to_do"] == []
    assert summary["backups"] == [str(harvest.folder / "archive.db.version-1.backup")]
    assert find_traces(harvest.folder, path) == []
    assert run_json(harvest, "search", UNIQUE) == []
    harvest.run("show", key, code=1)
    _assert_sound(harvest)
    assert [row["article"] for row in run_json(harvest, "purge", "--list")] == [key]

    # The outlet still lists it, and edits it.
    outlet.publish(
        "La fanfare répète",
        [
            "La fanfare répète tous les jeudis soir dans la salle des fêtes, fenêtres "
            "ouvertes."
        ],
    )
    outlet.edit(article, [*WORDS, LATER, "Rien d'autre."])
    # The purged text reappears at another URL, with another guid in the feed.
    again = outlet.publish(TITLE, [*WORDS, LATER], slug="un-depart-remarque")
    newsroom.advance(hours=1)
    counts = harvest.once("--force")
    assert (counts["new"], counts["refused"]) == (1, 1)
    assert find_traces(harvest.folder, path) == []
    assert find_traces(harvest.folder, again.path) == []
    assert run_json(harvest, "search", UNIQUE) == []
    rows = harvest.rows(
        "select outcome, reason, title, url from entries where outcome = 'refused'"
    )
    assert rows
    assert all(
        re.fullmatch(r"was purged on \d{4}-\d\d-\d\d", row["reason"]) for row in rows
    )
    assert {(row["title"], row["url"]) for row in rows} == {("", "")}
    after = {
        row["key"]: row
        for row in harvest.rows("select article as key, url, title, text from latest")
    }
    del before[key]
    # Others lost nothing but the headline, which was read with their text.
    for other_key, row in before.items():
        lines = [line for line in row["text"].split("\n") if line != TITLE]
        assert after[other_key] == {**row, "text": "\n".join(lines)}
    assert not harvest.rows("select 1 from leftovers")
    _assert_sound(harvest)


def _assert_sound(harvest: Harvest) -> None:
    """Check what is left with `harvest verify`, and independently of it."""
    report = run_json(harvest, "verify")
    assert report["ok"], report
    with closing(sqlite3.connect(harvest.folder / "archive.db")) as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        assert connection.execute("pragma foreign_key_check").fetchall() == []
        connection.execute(
            """
            insert into versions_fts (versions_fts, rank)
            values ('integrity-check', 1)
            """
        )
        assert connection.execute("pragma freelist_count").fetchone()[0] <= 2
    for row in harvest.rows(
        "select file, offset, length from captures where file is not null"
    ):
        content = (harvest.folder / "captures" / row["file"]).read_bytes()
        record = content[row["offset"] : row["offset"] + row["length"]]
        assert (
            gzip.GzipFile(fileobj=io.BytesIO(record)).read().startswith(b"WARC/1.1\r\n")
        )
