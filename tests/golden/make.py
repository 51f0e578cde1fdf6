"""Make ``archive.sql`` and ``settings.toml``: an archive with many situations, as text.

    python tests/golden/make.py            write both beside this file
    python tests/golden/make.py --check    make them, and compare with what is there,
                                           table by table, but for free text for people
                                           and the order in which rows were kept

Run by hand (about two minutes) when the golden archive is to hold more; never to let a
failing test pass: the tests ask whether the program of today does with *this* archive
what the program that made it did.

The newspaper of ``harvester.newsroom`` plays on loopback, at ports that are always the
same, so that keys and addresses are. It is harvested by the real program, one outlet at
a time, in processes whose clock stands still at the newspaper's time (time-machine, put
in by a ``sitecustomize``). No WARC files are kept (``captures = ""``): the archive holds
the newest body of each article. Of this program only the newspaper is imported.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from harvester.newsroom import PAGE_BREAK, Newsroom, Outlet, storyline
from tests.golden.crawl import CHANCE, COLUMNS
from tests.golden.dump import digests, dumped, load
from tests.golden.pages import (
    BRIDGE,
    COUNCIL,
    FERRY,
    OFFER,
    ORCHARD,
    REGATTA,
    Lantern,
    by_hand,
    ld,
    modified,
    page,
)
from tests.golden.program import at_time

HERE = Path(__file__).resolve().parent
FIRST_PORT = 18_431


class Room(Newsroom):
    """A newsroom whose ports are always the same."""

    def add_outlet(self, key: str, kind: Any = "wordpress", **options: Any) -> Outlet:
        options.setdefault("port", FIRST_PORT + len(self.outlets))
        return super().add_outlet(key, kind, **options)


class Golden:
    """An archive under construction."""

    def __init__(self, folder: Path, room: Room) -> None:
        self.folder, self.room = folder, room
        self.settings = folder / "settings.toml"
        folder.mkdir(exist_ok=True)

    def write(self, *without: str) -> None:
        """The settings, of all outlets but some."""
        kept = dict(self.room.outlets)
        for key in without:
            self.room.outlets.pop(key)
        crawl = "concurrency = 1\nworkers = 1"
        text = self.room.settings_toml(".", captures="", crawl=crawl)
        self.room.outlets.clear()
        self.room.outlets.update(kept)
        self.settings.write_text(text, "utf-8")

    def run(self, *arguments: str, typed: str = "", code: int = 0) -> str:
        """A command at the newsroom's time; its output."""
        at = self.room.now.isoformat()
        done = at_time(self.folder, at, *arguments, typed=typed)
        if done.code != code:
            raise SystemExit(f"{arguments}: {done.code}\n{done.err}")
        return done.out

    def harvest(self, *outlets: str, **later: float) -> None:
        """Time passes; then a pass over each outlet."""
        self.room.advance(**(later or {"hours": 1}))
        for key in outlets or tuple(self.room.outlets):
            counts = json.loads(self.run("once", "--json", key).splitlines()[-1])
            told = {name: count for name, count in counts.items() if count}
            print(self.room.now.isoformat(), key, told, flush=True)

    def key(self, url: str) -> str:
        """The article at an address."""
        return str(json.loads(self.run("show", url, "--json"))["article"])


def play(golden: Golden, other: Golden) -> None:
    """What happens, and the passes between."""
    room = golden.room
    handles = storyline.publish_initial_articles(room)
    ponant, post, echo = (room.outlets[k] for k in ("ponant", "harrowdale", "echo"))
    lantern = Lantern(
        room.add_outlet("lantern", "files", name="The Lantern", language="en")
    )
    # One feed an outlet: with several, the order of requests is a matter of chance.
    gazette = room.add_outlet("gazette", "wordpress", language="fr", feed_size=4)
    almanac = room.add_outlet("almanac", "plain", full_text=True)
    almanac.feed_format = "json"
    for outlet in room.outlets.values():
        outlet.has_sidebar = False  # of the latest articles, on each page
    named = by_hand(lantern)
    council = [*COUNCIL, "## What comes next", "> We shall see, she said.", "- A vote"]
    first = gazette.publish("Le budget", [*council, PAGE_BREAK, *BRIDGE], author="A. Roux")  # fmt: skip
    second = gazette.publish("La régate", REGATTA, section="Sport", tags=["Voile"])
    third = gazette.publish("Le verger", ORCHARD, author="Jeanne Dupré")
    fourth = gazette.publish("Le bac", FERRY, slug="le-bac")
    quiet = almanac.publish("Un vieux pont", BRIDGE, author="Anne Onyme")
    golden.write()
    other.write("ponant", "harrowdale", "echo", "lantern", "almanac")
    golden.harvest(minutes=0)
    other.harvest("gazette", minutes=20)
    # Edits of every class, silent and acknowledged.
    gazette.edit(first, [*council, PAGE_BREAK, *BRIDGE[:3]], silent=True)
    gazette.edit(
        second, REGATTA, correction="La régate a duré trois heures, et non deux."
    )
    gazette.edit(third, [ORCHARD[0].replace("station", "staton"), *ORCHARD[1:]], silent=True)  # fmt: skip
    gazette.retitle(fourth, "Le bac ne part pas avant lundi")
    almanac.edit(quiet, [*BRIDGE, "The detour is signposted in two languages."])
    lantern.change("/news/budget-77.html", page("The budget is voted", (*COUNCIL[:1], "It gives 5.1 million to the schools and nothing to the library.", *COUNCIL[2:])))  # fmt: skip
    lantern.change("/free", page("The orchard sings", ORCHARD[2:3], ld(**{"@type": "NewsArticle", "isAccessibleForFree": "False"}), f"<div class='offer'><p>{OFFER}</p></div>"))  # fmt: skip
    golden.harvest()
    gazette.edit(third, ORCHARD, silent=True)  # an earlier wording comes back
    gazette.edit(
        second, [one.replace("noon", "noon,") for one in REGATTA], correction=""
    )
    gazette.edit(fourth, [*FERRY[2:], *FERRY[:2]], silent=True)  # the same words, moved
    lantern.change("/news/ferry", page("The ferry stays", FERRY, modified("12:30")))
    for name, words in (("regatta", REGATTA), ("orchard", ORCHARD)):
        more = f"A correction: the {name} was named wrongly in the morning, we regret."
        body = page(f"The {name}", (*words, more))
        lantern.put(f"/new/{name}", f"The {name}", body)
    feed_down = almanac.add_fault("/" + almanac.feed_url.removeprefix(almanac.url), "status", status=500)  # fmt: skip
    golden.harvest()
    # The demo's second act: a headline, a silent edit, a removal, a reprint.
    handles = storyline.make_changes(room)
    gazette.withdraw(fourth, 404)
    post.syndicate(second, title="The regatta", slug="the-regatta")
    lantern.put("/wire/ferry", "Wire: the ferry", page("Wire: the ferry", (*FERRY, "Reuters")))  # fmt: skip
    for number in range(5):  # more than the feed lists: some are missed
        gazette.publish(f"Brève {number}", [f"{number}. {one}" for one in BRIDGE[:2]])
    golden.harvest(minutes=1)
    other.harvest("gazette", minutes=10)
    storyline.pass_quiet_hours(room)
    golden.harvest(minutes=1)
    almanac.remove_fault(feed_down)
    gazette.restore(fourth)
    # Two addresses turn out to be one article, twice.
    for name in ("regatta", "orchard"):
        new = lantern.outlet.absolute_url(f"/new/{name}")
        lantern.outlet.add_fault(f"/old/{name}", "redirect", status=301, location=new)
    moved = ponant.find_article(storyline.SYNDICATED_SLUG)
    ponant.move(moved, "un-orgue-retrouve")
    golden.harvest(hours=6)
    # What people do.
    golden.run("watch", named["budget"], "--for", "90 days", "--json")
    golden.run("merge", str(other.folder / "archive.db"), "--json")
    golden.run("purge", named["bridge"], "--why", "a court said so", "--yes", "--json")
    golden.run("split", named["orchard"], "--json")
    taught = [
        {"article": handles.edited_url, "wanted": [], "unwanted": []},
        {"article": moved.url, "wanted": [], "unwanted": []},
        {"article": handles.wire_urls[0], "wanted": [], "unwanted": []},
    ]
    lines = "".join(f"{json.dumps(one)}\n" for one in taught)
    print(golden.run("teach", "ponant", "--labels", "-", "--json", typed=lines))
    golden.harvest()
    # The last day: one more is suspect, one outlet is no longer in the settings.
    post.withdraw(post.find_article(storyline.RETITLED_SLUG), 404)
    echo.edit(echo.articles[0], correction="Il s’agit de la crypte, et non de la nef.")
    golden.write("almanac")
    golden.harvest("ponant", "harrowdale", "echo", "lantern", "gazette", days=1)


def made(folder: Path) -> tuple[sqlite3.Connection, str]:
    """The archive, in memory, and the settings that it was made with."""
    with Room() as room:
        golden = Golden(folder / "golden", room)
        play(golden, Golden(folder / "other", room))
        with closing(sqlite3.connect(golden.folder / "archive.db")) as connection:
            copy = sqlite3.connect(":memory:")
            connection.backup(copy)
        return copy, golden.settings.read_text("utf-8")


def main() -> int:
    """1 where ``--check`` finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="golden-") as name:
        folder = Path(name)
        connection, settings = made(folder)
        if given.check:
            load(HERE / "archive.sql", folder / "before.db")
            with closing(sqlite3.connect(folder / "before.db")) as before:
                same = dumped(before) == dumped(connection)
                old, new = digests(before, COLUMNS), digests(connection, COLUMNS)
    if not given.check:
        (HERE / "archive.sql").write_text(dumped(connection), "utf-8")
        (HERE / "settings.toml").write_text(settings, "utf-8")
        return 0
    differing = [
        one
        for one in {**old, **new}
        if one not in CHANCE and old.get(one) != new.get(one)
    ]
    print("the same to the byte" if same else "not the same to the byte")
    print("differs but for words:", *(differing or ["nothing"]))
    return int(bool(differing))


if __name__ == "__main__":
    sys.exit(main())
