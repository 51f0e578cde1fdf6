"""Make ``archive.sql`` and ``settings.toml``: an archive with many situations, as text.

    python tests/golden/make.py            write both beside this file
    python tests/golden/make.py --check    make them, and compare with what is there,
                                           table by table, but for free text for people

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
import html
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from dump import digests, dumped, load
from program import COMMAND

from harvester.newsroom import PAGE_BREAK, Newsroom, Outlet, storyline

HERE = Path(__file__).resolve().parent
FIRST_PORT = 18_431
CLOCK = """
import os
import time_machine
if os.environ.get("GOLDEN_AT"):
    import datetime
    at = datetime.datetime.fromisoformat(os.environ["GOLDEN_AT"])
    time_machine.travel(at, tick=False).start()
"""
HTML = "text/html; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
COUNCIL = (
    "The council of Marlow has voted the budget of the town after a long debate.",
    "It gives 4.2 million to the schools and 310,000 to the library in the lower town.",
    "The opposition left the hall before the vote, and spoke of a night without dignity.",
    "The mayor said that she had waited eleven years, and that work begins in September.",
)
FERRY = (
    "The ferry to the islands will not sail before Monday, because the ramp is damaged.",
    "Some 140 people wait in the school hall, where the fire brigade has put up beds.",
    "A spare part is being brought by lorry from a yard 600 kilometres away, they say.",
    "Until then the mail is flown in, and the shops have been asked to ration bread.",
)
REGATTA = (
    "Forty boats crossed the start line at noon in a stiff breeze, watched by thousands.",
    "The first of them was back 3 hours 12 minutes later, with a torn sail and tired crew.",
    "Two boats had to be towed in, and one sailor was taken to hospital with a cut hand.",
    "The club will decide whether the race is held in June again, as it was until 2011.",
)
ORCHARD = (
    "The orchard behind the station is to be felled for a car park of ninety places.",
    "Its 64 trees were planted by railwaymen in 1921, and eleven kinds grow nowhere else.",
    "Neighbours have chained themselves to the gate and sing there in the evenings.",
    "The railway answers that the trees are ill and that younger ones will be planted.",
)
BRIDGE = (
    "The iron bridge over the Lugg stays closed for lorries until the spring of next year.",
    "Divers found a hole two metres deep under the middle pier, said the county engineer.",
    "The detour is eleven kilometres long and leads past the reservoir and the quarry.",
    "School buses, which weigh less than that, may go on using the bridge in daylight.",
)
OFFER = "Subscribe to continue reading this article. Already a subscriber? Log in."


class Room(Newsroom):
    """A newsroom whose ports are always the same."""

    def outlet(self, key: str, kind: Any = "wordpress", **options: Any) -> Outlet:
        options.setdefault("port", FIRST_PORT + len(self.outlets))
        return super().outlet(key, kind, **options)


class Golden:
    """An archive under construction."""

    def __init__(self, folder: Path, room: Room) -> None:
        self.folder, self.room = folder, room
        self.settings = folder / "settings.toml"
        self.clock = folder / "clock"
        folder.mkdir(exist_ok=True)
        self.clock.mkdir()
        (self.clock / "sitecustomize.py").write_text(CLOCK)

    def write(self, *without: str) -> None:
        """The settings, of all outlets but some."""
        kept = dict(self.room.outlets)
        for key in without:
            self.room.outlets.pop(key)
        crawl = "concurrency = 1\nworkers = 1"
        text = self.room.settings(".", captures="", crawl=crawl)
        self.room.outlets.clear()
        self.room.outlets.update(kept)
        self.settings.write_text(text, "utf-8")

    def run(self, *arguments: str, typed: str = "", code: int = 0) -> str:
        """A command at the newsroom's time; its output."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("HARVEST")
        }
        environment |= {
            "PYTHONPATH": str(self.clock),
            "PYTHONHASHSEED": "0",
            "GOLDEN_AT": self.room.clock.isoformat(),
        }
        command = [*COMMAND, "--settings", str(self.settings), *arguments]
        done = subprocess.run(
            command,
            input=typed,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=environment,
        )
        if done.returncode != code:
            raise SystemExit(f"{arguments}: {done.returncode}\n{done.stderr}")
        return done.stdout

    def harvest(self, *outlets: str, **later: float) -> None:
        """Time passes; then a pass over each outlet."""
        self.room.advance(**(later or {"hours": 1}))
        for key in outlets or tuple(self.room.outlets):
            counts = json.loads(self.run("once", "--json", key).splitlines()[-1])
            told = {name: count for name, count in counts.items() if count}
            print(self.room.clock.isoformat(), key, told, flush=True)

    def key(self, url: str) -> str:
        """The article at an address."""
        return str(json.loads(self.run("show", url, "--json"))["article"])


def page(title: str, words: Sequence[str], head: str = "", more: str = "") -> bytes:
    """A page of the outlet whose pages are written by hand."""
    lines = "".join(f"<p>{html.escape(one)}</p>" for one in words)
    return (
        f"<html lang='en'><head><title>{html.escape(title)}</title>{head}</head><body>"
        f"<nav><a href='/'>Front page</a> <a href='/town'>Town</a></nav><article>"
        f"<h1>{html.escape(title)}</h1>{lines}{more}</article></body></html>"
    ).encode()


def ld(**stated: Any) -> str:
    """JSON-LD for a page's head."""
    text = json.dumps({"@context": "https://schema.org", **stated})
    return f"<script type='application/ld+json'>{text}</script>"


def modified(time: str) -> str:
    """Times stated in a page's head."""
    day = "2025-09-06T"
    return "".join(
        f"<meta property='article:{name}_time' content='{day}{at}:00Z'>"
        for name, at in (("published", "07:00"), ("modified", time))
    )


class Lantern:
    """The outlet whose pages and feed are written by hand."""

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = outlet
        self.listed: dict[str, tuple[str, str]] = {}  # path → title, guid
        self.feed = outlet.serve_pages([])[0].removeprefix(outlet.url)

    def put(self, path: str, title: str, body: bytes, guid: str = "") -> str:
        """A page that its feed announces."""
        self.listed[path] = title, guid or path
        return self.change(path, body)

    def change(self, path: str, body: bytes) -> str:
        """Another body at a path."""
        url = self.outlet.serve(path, body, HTML)
        items = "".join(
            f"<item><title>{html.escape(title)}</title><link>"
            f"{html.escape(self.outlet.absolute(at))}</link>"
            f"<guid isPermaLink='false'>{html.escape(guid)}</guid></item>"
            for at, (title, guid) in self.listed.items()
        )
        text = (
            "<?xml version='1.0'?><rss version='2.0'><channel><title>The Lantern</title>"
            f"<link>{self.outlet.url}</link><description>d</description>"
            f"{items}</channel></rss>"
        )
        self.outlet.serve(f"/{self.feed}", text.encode(), RSS)
        return url


def by_hand(lantern: Lantern) -> dict[str, str]:
    """Pages of all kinds and accesses; name → address of those used later."""
    put = lantern.put
    news = {"@type": "NewsArticle", "headline": "The orchard"}
    sold = f"<div class='offer'><p>{OFFER}</p></div>"
    put(
        "/stub",
        "The orchard is sold",
        page(
            "The orchard is sold",
            ORCHARD[:2],
            ld(**news, isAccessibleForFree="False"),
            sold,
        ),
    )
    put(
        "/free",
        "The orchard sings",
        page("The orchard sings", ORCHARD[2:], ld(**news, isAccessibleForFree=True)),
    )
    posts = [
        (f"2025-09-06T0{n}:00:00Z", f"Hour {n} of the flood", REGATTA[n % 4])
        for n in range(1, 7)
    ]
    live = "".join(
        f"<article class='live-post'><time datetime='{at}'>{at[11:16]}</time>"
        f"<h3>{title}</h3><p>{n}. {words}</p></article>"
        for n, (at, title, words) in enumerate(posts)
    )
    put("/live/the-flood", "The flood", page("The flood", (), "", live))
    pictures = "".join(
        f"<figure><img src='/i/{n}.jpg'><figcaption>{words}</figcaption></figure>"
        for n, words in enumerate((*REGATTA, *FERRY, *COUNCIL))
    )
    put(
        "/photos/regatta",
        "The regatta in pictures",
        page("The regatta in pictures", (), ld(**{"@type": "ImageGallery"}), pictures),
    )
    teasers = "".join(
        f"<div><h3><a href='/b{n}'>Bridge number {n} is repaired at last</a></h3><p>{BRIDGE[n % 4]}</p></div>"
        for n in range(12)
    )
    put("/section/world", "World", page("World", (), ld(**{"@type": "CollectionPage"}), teasers))  # fmt: skip
    wall = "<p>We and our 812 partners use cookies. Accept all, or manage your choices "
    wall += "before you continue to this website.</p><button>Accept all</button>"
    put("/wall", "A wall", page("Before you continue", (), "", wall))
    form = "<form><input type='email'><input type='password'><button>OK</button>"
    form += "<p>Forgot your password? Don't have an account? Create one.</p></form>"
    put("/login", "A login", page("Log in", (), "", form))
    put("/soft", "Soft", page("Page not found", ("This page does not exist.",)))
    put("/empty", "Empty", b"<html><head><title></title></head><body></body></html>")
    put("/never", "Never", page("Never", FERRY))
    put("/broken", "Broken", page("Broken", FERRY))
    put("/reset", "Reset", page("Reset", FERRY))
    put("/busy", "Busy", page("Busy", FERRY))
    put("/private/one", "Private", page("Private", FERRY))
    put("/denied/one", "Denied", page("Denied", FERRY))
    lantern.outlet.robots = (200, "User-agent: *\nDisallow: /private/\n")
    lantern.outlet.table = 'rules = { deny = ["/denied/"] }'
    lantern.outlet.fault("/never", "status", status=404)
    lantern.outlet.fault("/broken", "status", status=500)
    lantern.outlet.fault("/reset", "reset")
    lantern.outlet.fault("/busy", "status", status=503, retry_after=7_200, times=1)
    budget = page("The budget is voted", COUNCIL)
    found = {
        "budget": put("/news/budget-77.html", "The budget is voted", budget),
        "regatta": put("/old/regatta", "The regatta", page("The regatta", REGATTA)),
        "orchard": put("/old/orchard", "The orchard", page("The orchard", ORCHARD)),
        "ferry": put(
            "/news/ferry",
            "The ferry stays",
            page("The ferry stays", FERRY, modified("07:30")),
        ),
        "bridge": put("/news/bridge", "The bridge", page("The bridge", BRIDGE)),
    }
    pages = [(f"/long/{n}/" if n > 1 else "/long/") for n in (1, 2, 3)]
    for number, words in enumerate((COUNCIL, BRIDGE, ORCHARD)):
        links = " ".join(
            f"<a class='post-page-numbers' href='{one}'>{n}</a>"
            for n, one in enumerate(pages, 1)
            if n != number + 1
        )
        said = [f"Part {number + 1} of the long read: {one}" for one in words]
        pager = f"<div class='page-links'>Pages: {links}</div>"
        body = page("A long read", said, "", pager)
        if number:
            lantern.change(pages[number], body)
        else:
            found["long"] = put(pages[0], "A long read", body)
    return found


def play(golden: Golden, other: Golden) -> None:
    """What happens, and the passes between."""
    room = golden.room
    handles = storyline.first(room)
    ponant, post, echo = (room.outlets[k] for k in ("ponant", "harrowdale", "echo"))
    lantern = Lantern(
        room.outlet("lantern", "files", name="The Lantern", language="en")
    )
    # One feed an outlet: with several, the order of requests is a matter of chance.
    gazette = room.outlet("gazette", "wordpress", language="fr", feed_size=4)
    almanac = room.outlet("almanac", "plain", full_text=True)
    almanac.feed_form = "json"
    for outlet in room.outlets.values():
        outlet.sidebar = False  # of the latest articles, on each page
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
    gazette.edit(second, REGATTA, note="La régate a duré trois heures, et non deux.")
    gazette.edit(third, [ORCHARD[0].replace("station", "staton"), *ORCHARD[1:]], silent=True)  # fmt: skip
    gazette.retitle(fourth, "Le bac ne part pas avant lundi")
    almanac.edit(quiet, [*BRIDGE, "The detour is signposted in two languages."])
    lantern.change("/news/budget-77.html", page("The budget is voted", (*COUNCIL[:1], "It gives 5.1 million to the schools and nothing to the library.", *COUNCIL[2:])))  # fmt: skip
    lantern.change("/free", page("The orchard sings", ORCHARD[2:3], ld(**{"@type": "NewsArticle", "isAccessibleForFree": "False"}), f"<div class='offer'><p>{OFFER}</p></div>"))  # fmt: skip
    golden.harvest()
    gazette.edit(third, ORCHARD, silent=True)  # an earlier wording comes back
    gazette.edit(second, [one.replace("noon", "noon,") for one in REGATTA], note="")
    gazette.edit(fourth, [*FERRY[2:], *FERRY[:2]], silent=True)  # the same words, moved
    lantern.change("/news/ferry", page("The ferry stays", FERRY, modified("12:30")))
    for name, words in (("regatta", REGATTA), ("orchard", ORCHARD)):
        more = f"A correction: the {name} was named wrongly in the morning, we regret."
        body = page(f"The {name}", (*words, more))
        lantern.put(f"/new/{name}", f"The {name}", body)
    feed_down = almanac.fault("/" + almanac.feed_url.removeprefix(almanac.url), "status", status=500)  # fmt: skip
    golden.harvest()
    # The demo's second act: a headline, a silent edit, a removal, a reprint.
    handles = storyline.second(room)
    gazette.withdraw(fourth, 404)
    post.syndicate(second, title="The regatta", slug="the-regatta")
    lantern.put("/wire/ferry", "Wire: the ferry", page("Wire: the ferry", (*FERRY, "Reuters")))  # fmt: skip
    for number in range(5):  # more than the feed lists: some are missed
        gazette.publish(f"Brève {number}", [f"{number}. {one}" for one in BRIDGE[:2]])
    golden.harvest(minutes=1)
    other.harvest("gazette", minutes=10)
    storyline.third(room)
    golden.harvest(minutes=1)
    almanac.heal(feed_down)
    gazette.restore(fourth)
    # Two addresses turn out to be one article, twice.
    for name in ("regatta", "orchard"):
        new = lantern.outlet.absolute(f"/new/{name}")
        lantern.outlet.fault(f"/old/{name}", "redirect", status=301, to=new)
    moved = ponant.article(storyline.SYNDICATED)
    ponant.move(moved, "un-orgue-retrouve")
    golden.harvest(hours=6)
    # What people do.
    golden.run("watch", named["budget"], "--for", "90 days", "--json")
    golden.run("merge", str(other.folder / "archive.db"), "--json")
    golden.run("purge", named["bridge"], "--why", "a court said so", "--yes", "--json")
    golden.run("split", named["orchard"], "--json")
    taught = [
        {"article": handles.edited, "wanted": [], "unwanted": []},
        {"article": moved.url, "wanted": [], "unwanted": []},
        {"article": handles.wire[0], "wanted": [], "unwanted": []},
    ]
    lines = "".join(f"{json.dumps(one)}\n" for one in taught)
    print(golden.run("teach", "ponant", "--labels", "-", "--json", typed=lines))
    golden.harvest()
    # The last day: one more is suspect, one outlet is no longer in the settings.
    post.withdraw(post.article(storyline.RETITLED), 404)
    echo.edit(echo.articles[0], note="Il s’agit de la crypte, et non de la nef.")
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
                old, new = digests(before), digests(connection)
    if not given.check:
        (HERE / "archive.sql").write_text(dumped(connection), "utf-8")
        (HERE / "settings.toml").write_text(settings, "utf-8")
        return 0
    differing = [one for one in {**old, **new} if old.get(one) != new.get(one)]
    print("the same to the byte" if same else "not the same to the byte")
    print("differs but for words:", *(differing or ["nothing"]))
    return int(bool(differing))


if __name__ == "__main__":
    sys.exit(main())
