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

from harvester.archive.integrity.verify import Verifier
from harvester.archive.upkeep.backups import create_scheduled_backup, verify_backup
from harvester.cli import cli
from harvester.newsroom import Newsroom
from harvester.newsroom.wordpress_rest import POSTS_PATH
from harvester.settings import load_settings
from tests.support import small_archive

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


def test_backups_are_named_and_purged_on_request(
    newsroom: Newsroom, harvest: Harvest, tmp_path: Path
) -> None:
    """Scheduled ones that share their WARC files, and those made by hand."""
    outlet = newsroom.add_outlet("paper", "wordpress", full_text=True)
    article = outlet.publish(TITLE, WORDS, author="Anne Le Goff")
    bridge = "Le pont de la vallée rouvre demain matin à la circulation des voitures."
    outlet.publish("Le pont rouvre", [bridge])
    harvest.settings.write_text(
        newsroom.settings_toml(harvest.folder)
        + '[upkeep]\nbackup = "1 day"\nbackup_captures = true\n'
    )
    harvest.once()
    settings = load_settings(harvest.settings)
    by_hand = tmp_path / "elsewhere" / "copy.db"
    harvest.run("backup", str(by_hand), "--captures")
    bare = tmp_path / "elsewhere" / "bare.db"
    harvest.run("backup", str(bare))
    for day in (1, 2):
        if day == 2:
            outlet.publish(
                "La fanfare répète", ["La fanfare répète jeudi soir au bourg."]
            )
            newsroom.advance(hours=1)
            harvest.once("--force")
        created = create_scheduled_backup(
            settings.archive,
            settings.captures,
            settings.upkeep,
            f"2030-01-0{day}T00:00:00Z",
        )
        assert created is not None and created.files
    scheduled = sorted((harvest.folder / "backups").glob("archive-*.db"))
    assert len(scheduled) == 2
    (hit,) = run_json(harvest, "search", UNIQUE)
    backups = sorted(map(str, (*scheduled, by_hand, bare)))
    plan = run_json(harvest, "purge", hit["article"], "--dry-run")
    assert plan["backups"] == backups

    # Named, and left as they are, where nobody wants them changed.
    summary = run_json(harvest, "purge", hit["article"], "--why", "a ruling", "--yes")
    assert summary["backups"] == backups
    assert find_traces(harvest.folder / "backups", article.path)

    summary = run_json(harvest, "purge", "--backups")
    assert (summary["to_do"], summary["backups"]) == ([], [])
    assert summary["purged_backups"] == backups
    for folder in (harvest.folder, tmp_path / "elsewhere"):
        assert find_traces(folder, article.path) == []
    for path in map(Path, backups):
        assert verify_backup(path).articles >= 1
        with closing(sqlite3.connect(path)) as connection:
            folder = (
                harvest.folder / "backups/captures"
                if path in scheduled
                else harvest.folder / "captures"
                if path == bare
                else by_hand.with_name("copy.db.captures")
            )
            connection.row_factory = sqlite3.Row
            verifier = Verifier(connection, folder, lambda title, text: "", "none")
            assert list(verifier.run()) == []
            assert connection.execute(
                "select count(*) from versions where text like '%pont de la%'"
            ).fetchone()[0]
    assert run_json(harvest, "verify")["ok"]
    harvest.run("restore", str(scheduled[0]))
    assert run_json(harvest, "search", "pont") and not run_json(
        harvest, "search", UNIQUE
    )


def test_a_backup_that_is_elsewhere_is_named(harvest: Harvest, tmp_path: Path) -> None:
    small_archive.copy_village(harvest.folder)
    key = small_archive.key_of(small_archive.CHURCH)
    disk = tmp_path / "disk"
    harvest.run("backup", str(disk / "copy.db"))
    disk.rename(tmp_path / "unplugged")
    summary = run_json(harvest, "purge", key, "--dry-run")
    assert summary["unreachable"] == [str(disk / "copy.db")]
    # What was deleted is forgotten by the next backup.
    (tmp_path / "unplugged").rename(disk)
    (disk / "copy.db").unlink()
    harvest.run("backup", str(disk / "other.db"))
    summary = run_json(harvest, "purge", key, "--dry-run")
    assert summary["unreachable"] == []
    assert summary["backups"] == [str(disk / "other.db")]


def test_nothing_is_left_in_what_the_rest_interface_of_wordpress_listed(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    outlet = newsroom.add_outlet("paper", "wordpress")
    outlet.feed_paths = [POSTS_PATH]
    article = outlet.publish(TITLE, WORDS, author="Anne Le Goff")
    outlet.publish("Le pont rouvre demain", ["Le pont de la vallée rouvre demain."])
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    harvest.once()
    newsroom.advance(hours=1)
    outlet.edit(article, [*WORDS, LATER])
    harvest.once()
    assert find_traces(harvest.folder, article.path)
    harvest.run("purge", article.url, "--why", "a request", "--yes")
    assert find_traces(harvest.folder, article.path) == []
    newsroom.advance(hours=1)
    outlet.edit(article, [*WORDS, f"{LATER} Fin."])
    harvest.once()
    assert find_traces(harvest.folder, article.path) == []
    assert harvest.run("verify").stdout


def test_nothing_is_left_in_a_section_page(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    outlet = newsroom.add_outlet("paper", "wordpress")
    article = outlet.publish(TITLE, WORDS, author="Anne Le Goff")
    outlet.publish("Le pont de pierre rouvre demain", ["Le pont rouvre demain."])
    settings = newsroom.settings_toml(harvest.folder)
    feeds = next(line for line in settings.splitlines() if line.startswith("feeds"))
    pages = f'pages = ["{outlet.url}"]'
    harvest.settings.write_text(settings.replace(feeds, pages))
    assert harvest.once()["new"] == 2
    harvest.run("purge", article.url, "--why", "a request", "--yes")
    assert find_traces(harvest.folder, article.path) == []
    newsroom.advance(hours=1)
    outlet.publish("La foire aux vins ouvre samedi", ["La foire ouvre samedi matin."])
    assert harvest.once()["new"] == 1
    assert find_traces(harvest.folder, article.path) == []
    assert "foire-aux-vins" in read_everything(harvest.folder)
