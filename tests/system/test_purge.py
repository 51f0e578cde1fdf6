"""``harvest purge`` through the whole program: no byte of the article's words is left in the archive's folder, and none comes back."""

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
    "Après onze années passées à tenir les comptes du petit aéroclub, Madame Quimperlot rend son tablier cette semaine.",
    "Elle laisse derrière elle des classeurs impeccables, une caisse pleine et quelques souvenirs de vols mémorables.",
    "« Je n'ai jamais aimé les chiffres », a-t-elle confié en riant devant les adhérents réunis samedi dernier au hangar.",
]
LATER = "Un repas d'adieu sera servi vendredi sous le grand chapiteau, annonce le nouveau président du conseil."
UNIQUE = "Quimperlot"


def said(harvest: Harvest, *arguments: str) -> Any:
    """What a command prints with --json; in this process, which is quicker than starting one."""
    done = CliRunner().invoke(
        cli,
        ["--settings", str(harvest.settings), *arguments, "--json"],
        catch_exceptions=False,
    )
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def members(raw: bytes) -> bytes:
    """All that is in a WARC file, also behind a damaged record."""
    found, place = b"", 0
    while (place := raw.find(b"\x1f\x8b\x08", place)) >= 0:
        unfold = zlib.decompressobj(zlib.MAX_WBITS + 16)
        with suppress(zlib.error):
            found += unfold.decompress(raw[place:])
        place += 3
    return found


def everything(folder: Path) -> str:
    """All bytes of all files, what is packed unpacked, with the escapes of HTML and JSON undone, without tags, in small letters."""
    text = ""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "settings" not in path.name:
            raw = path.read_bytes()
            text += raw.decode("utf-8", "replace")
            if path.name.endswith(".gz"):
                text += members(raw).decode("utf-8", "replace")
    text = re.sub(
        r"\\u([0-9a-fA-F]{4})",
        lambda match: chr(int(match[1], 16)),
        text.replace("\\/", "/"),
    )
    text = html.unescape(html.unescape(text))
    return re.sub(r"\s+", " ", re.sub(r"<[^<>]*>", " ", text)).casefold()


def traces(folder: Path, path: str) -> list[str]:
    text = everything(folder)
    wanted = [
        TITLE,
        *WORDS,
        LATER,
        UNIQUE,
        path,
        *(" ".join(one.split()[3:9]) for one in WORDS),
    ]
    return [
        one
        for one in wanted
        if re.sub(r"\s+", " ", one).casefold() in text
        or one.replace("'", "’").casefold() in text
    ]


def test_nothing_is_left_and_nothing_comes_back(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    outlet = newsroom.add_outlet("paper", "wordpress", full_text=True)
    other = newsroom.add_outlet("plain", "plain", sections=("Région",))
    one = outlet.publish(TITLE, WORDS, author="Anne Le Goff")
    kept = [
        outlet.publish(f"Le pont numéro {n} rouvre", [f"Le pont numéro {n} de la vallée rouvre demain matin à la circulation des voitures."])
        for n in range(3)
    ]  # fmt: skip
    other.publish(
        "Le marché reprend",
        [
            "Le marché du samedi reprend sur la place avec trente étals et un manège pour les enfants."
        ],
    )
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    harvest.once()
    newsroom.advance(hours=1)
    outlet.edit(one, [*WORDS, LATER])
    harvest.once()
    path = one.path
    found = said(harvest, "search", UNIQUE)
    assert len(found) == 1
    assert len(traces(harvest.folder, path)) >= 6
    before = {
        row["key"]: row
        for row in harvest.rows("select article as key, url, title, text from latest")
    }
    assert len(before) == 5
    key = found[0]["article"]

    planned = said(harvest, "purge", key, "--dry-run")
    assert planned["removed"]["versions"] == 2
    assert len(traces(harvest.folder, path)) >= 6
    harvest.run(
        "purge", key, "--why", "a ruling of the court", code=2
    )  # nobody is there to be asked
    (harvest.folder / "archive.db.version-1.backup").write_bytes(b"")
    summary = said(harvest, "purge", key, "--why", "a ruling of the court", "--yes")
    assert summary["removed"]["versions"] == 2
    assert summary["removed"]["captures blanked"] >= 2
    assert summary["left"] == []
    assert summary["to_do"] == []
    assert summary["backups"] == [str(harvest.folder / "archive.db.version-1.backup")]
    assert traces(harvest.folder, path) == []
    assert said(harvest, "search", UNIQUE) == []
    harvest.run("show", key, code=1)
    _whole(harvest)
    assert [row["article"] for row in said(harvest, "purge", "--list")] == [key]

    # The paper still lists it, and says more.
    outlet.publish(
        "La fanfare répète",
        [
            "La fanfare répète tous les jeudis soir dans la salle des fêtes, fenêtres ouvertes."
        ],
    )
    outlet.edit(one, [*WORDS, LATER, "Rien d'autre."])
    # And once more at another address, with words that were purged, under a name of its own in the feed.
    again = outlet.publish(TITLE, [*WORDS, LATER], slug="un-depart-remarque")
    newsroom.advance(hours=1)
    counts = harvest.once("--force")
    assert (counts["new"], counts["refused"]) == (1, 1)
    assert traces(harvest.folder, path) == []
    assert traces(harvest.folder, again.path) == []
    assert said(harvest, "search", UNIQUE) == []
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
    for (
        name,
        row,
    ) in (
        before.items()
    ):  # nothing of others went, but the headline that was read with their words
        row["text"] = "\n".join(
            line for line in row["text"].split("\n") if line != TITLE
        )
        assert after[name] == row
    assert not harvest.rows("select 1 from leftovers")
    _whole(harvest)
    assert len(kept) == 3


def _whole(harvest: Harvest) -> None:
    """All that is left is sound: harvest's own check, and one that reads the records by itself."""
    found = said(harvest, "verify")
    assert found["ok"], found
    with closing(sqlite3.connect(harvest.folder / "archive.db")) as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        assert connection.execute("pragma foreign_key_check").fetchall() == []
        connection.execute(
            "insert into versions_fts (versions_fts, rank) values ('integrity-check', 1)"
        )
        assert connection.execute("pragma freelist_count").fetchone()[0] <= 2
    for row in harvest.rows(
        "select file, offset, length from captures where file is not null"
    ):
        raw = (harvest.folder / "captures" / row["file"]).read_bytes()[
            row["offset"] : row["offset"] + row["length"]
        ]
        assert gzip.GzipFile(fileobj=io.BytesIO(raw)).read().startswith(b"WARC/1.1\r\n")
