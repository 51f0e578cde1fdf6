"""An archive for the browser tests, with invented and with hostile articles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harvester.archive.connection import Archive
from harvester.archive.integrity import proof
from harvester.archive.records import (
    addresses,
    announcements,
    articles,
    copies,
    gaps,
    looks,
)
from harvester.archive.records.addresses import PageAddress
from harvester.identity import diff, wording
from harvester.identity.urls import article_key, url_key
from harvester.model import Extract
from harvester.schedule.times import add_seconds

START = "2026-11-20T06:00:00Z"
SCRIPT = "<script>window.hacked = 1</script>"
BREAKOUT = '"\'><img src=x onerror="window.hacked=2"><svg onload=window.hacked=3>'
HOSTILE_URL = 'https://courier.example/news/x?a=1"onmouseover="window.hacked=4'
SECRET = "Zm9vYmFyc2VjcmV0"

BRIDGE = """The old bridge over the Arle will close on Monday for repairs that the \
town council expects to last until spring.
Traffic will be led over the northern crossing, which adds some six kilometres to the \
way between the station and the harbour.
"We know what this asks of the shops on the quay," said the mayor, Ines Halloran. \
"There is no other way to keep the bridge standing."
The repairs will cost 2.4 million, of which the region pays half.
A survey last winter found cracks in two of the five piers. The fire \
brigade may still cross until the first of the month."""
BRIDGE_2 = BRIDGE.replace("2.4 million", "3.1 million").replace(
    "The fire brigade may still cross until the first of the month.",
    "An earlier version of this article misstated the cost.",
)
BRIDGE_3 = (
    BRIDGE_2.replace(
        'said the mayor, Ines Halloran. "There is no other way',
        'said the mayor. "There is no way',
    ).replace(
        "Traffic will be led over the northern crossing, which adds some six kilometres "
        "to the way between the station and the harbour.\n",
        "",
    )
    + "\nThe council meets again on Thursday evening."
)
FLOOD = """L'église Saint-Éloi a rouvert dimanche après trois ans de travaux.
La nef, inondée lors de la crue de 2023, a été asséchée puis entièrement restaurée par \
des artisans de la vallée.
« Nous n'attendions plus ce jour », a confié le curé devant quelque trois cents fidèles.
Le coût des travaux, 1,8 million d'euros, a été couvert par une souscription."""
WIRE = """Negotiators for the two coastal towns said on Wednesday that they had agreed \
on how to share the ferry line.
The agreement, which still needs the consent of both councils, keeps the early boat \
and drops the one at noon.
Fishing crews had asked for a later departure in winter."""


@dataclass
class Builder:
    """Writes an archive the way the harvest does, without fetching anything."""

    archive: Archive

    def outlet(self, key: str, name: str, language: str, active: int = 1) -> None:
        """Add an outlet with a working feed."""
        self.archive.connection.execute(
            """
            insert into outlets (key, name, home, language, active, first_seen)
            values (?, ?, ?, ?, ?, ?)
            """,
            [key, name, f"https://{key}.example/", language, active, START],
        )
        self.feed(
            key,
            f"https://{key}.example/feed/",
            f"{name}: latest",
            "unchanged",
            "",
            active=active,
        )

    def feed(
        self,
        outlet: str,
        url: str,
        title: str,
        outcome: str,
        reason: str,
        failures: int = 0,
        active: int = 1,
    ) -> None:
        """Add a feed and its state."""
        self.archive.connection.execute(
            """
            insert into feeds (
                url, outlet, title, kind, active, first_seen, polled, read_at, new_at,
                failures, outcome, reason, since, watched_since
            )
            values (:url, :outlet, :title, 'rss', :active, :now, :now, :now, :now, :failures, :outcome, :reason, :now, :now)
            """,
            {
                "url": url,
                "outlet": outlet,
                "title": title,
                "now": START,
                "failures": failures,
                "outcome": outcome,
                "active": active,
                "reason": reason,
            },
        )

    def article(
        self,
        outlet: str,
        slug: str,
        at: str,
        extract: Extract,
        copy_of: str | None = None,
        url: str = "",
    ) -> str:
        """Add an article with its first version; returns its key."""
        connection = self.archive.connection
        url = url or f"https://{outlet}.example/news/{slug}"
        key = article_key(url)
        capture = self.capture(outlet, url, at)
        articles.add_article(
            connection,
            articles.NewArticle(
                key=key,
                url=url,
                reached=url,
                outlet=outlet,
                first_seen=at,
                last_seen=at,
                looked=at,
                outcome="duplicate" if copy_of else "new",
                copy_of=copy_of,
                capture=capture,
                due=add_seconds(at, 3600),
            ),
        )
        self._version(key, 1, extract, capture, at)
        for suffix, kind in (("", "canonical"), ("/amp-page", "alias")):
            address = PageAddress(
                f"{url_key(url)}{suffix}", f"{url}{suffix}", kind, False, "", ""
            )
            addresses.add_address(connection, address, key, at)
        return key

    def capture(self, outlet: str, url: str, at: str) -> int:
        """Add a capture; returns its id."""
        cursor = self.archive.connection.execute(
            """
            insert into captures (
                outlet, kind, url, reached, at, status, type, sha256, bytes, file,
                offset, length, body
            )
            values (
                :outlet, 'article', :url, :url, :at, 200, 'text/html', 'aa', 48123,
                'harvester-20261120-00000.warc.gz', 7041, 9000, x'789c030000000001'
            )
            """,
            {"outlet": outlet, "url": url, "at": at},
        )
        return int(cursor.lastrowid or 0)

    def _version(
        self, key: str, number: int, extract: Extract, capture: int, at: str
    ) -> int:
        connection = self.archive.connection
        name = wording.wording_digest(extract.title, extract.text)
        text = wording.text_digest(extract.text, extract.title, extract.authors)
        reading = articles.Reading(extract, name, text, "page", "", capture, at)
        row = articles.add_version(connection, key, number, reading)
        articles.add_reading(connection, key, row, reading)
        articles.add_sighting(connection, key, row, at)
        return row

    def edit(self, key: str, at: str, extract: Extract) -> None:
        """Add a version to an article, with its change and its event."""
        connection = self.archive.connection
        row = articles.get_article(connection, key)
        assert row is not None
        current = articles.list_versions(connection, key)[-1]
        number = current.number + 1
        after = self._version(
            key, number, extract, self.capture(row.outlet, row.url, at), at
        )
        difference = diff.diff_sentences(current.text, extract.text)
        sentences = {
            "added": difference.added,
            "removed": difference.removed,
            "changed": [list(pair) for pair in difference.changed],
        }
        fields = (
            {"title": [current.title, extract.title]}
            if current.title != extract.title
            else {}
        )
        kind = "headline" if current.text == extract.text else "edited"
        change = articles.add_change(
            connection,
            articles.NewChange(key, at, kind, current.id, after, fields, sentences),
        )
        articles.update_article(
            connection,
            key,
            articles.ArticleUpdate(
                version=number, versions=number, last_seen=at, looked=at
            ),
        )
        articles.add_event(
            connection,
            articles.NewEvent(kind, row.outlet, at, article=key, change=change),
        )

    def state(self, key: str, at: str, state: str, note: str = "") -> None:
        """Set an article's state, with its event."""
        row = articles.get_article(self.archive.connection, key)
        assert row is not None
        articles.update_article(
            self.archive.connection,
            key,
            articles.ArticleUpdate(state=state, looked=at),
        )
        articles.add_event(
            self.archive.connection,
            articles.NewEvent(state, row.outlet, at, note, article=key),
        )

    def announced(self, key: str, article: str | None, before: tuple[str, str]) -> None:
        """Have the feed change the words of an entry, which may have an article."""
        connection, at = self.archive.connection, add_seconds(START, 97_000)
        connection.execute(
            "update entries set article = coalesce(?, article) where key = ?",
            [article, key],
        )
        first = announcements.add_announcement(
            connection, announcements.NewAnnouncement(key, "one", *before, START, START)
        )
        second = announcements.add_announcement(
            connection,
            announcements.NewAnnouncement(
                key, "two", SCRIPT, "No sale.", at, at, first, "title summary"
            ),
        )
        note = "the headline and teaser in the feed changed"
        articles.add_event(
            connection,
            articles.NewEvent("announced", "courier", at, note, announcement=second),
        )

    def entry(
        self, outlet: str, number: int, outcome: str, reason: str = "", title: str = ""
    ) -> None:
        """Add an entry of an outlet's feed, with its outcome."""
        self.archive.connection.execute(
            """
            insert into entries (
                key, feed, guid, url, title, first_seen, last_seen, outcome, reason
            )
            values (:key, :feed, :link, :link, :title, :now, :now, :outcome, :reason)
            """,
            {
                "key": f"{outlet}{number:08d}",
                "feed": f"https://{outlet}.example/feed/",
                "link": f"https://{outlet}.example/?p={number}",
                "title": title,
                "now": START,
                "outcome": outcome,
                "reason": reason,
            },
        )


def extract(
    title: str, text: str, language: str = "en", at: str = START, **more: object
) -> Extract:
    """What is read of a page."""
    fields: dict[str, object] = {
        "url": "",
        "title": title,
        "authors": ("R. Ashdown",),
        "published": at,
        "published_local": at,
        "modified": None,
        "modified_local": None,
        "language": language,
        "sections": ("Town",),
        "tags": ("bridge", "council"),
        "image": "https://img.example/lead.jpg",
        "description": "",
        "text": text,
        "sources": {"title": "json-ld", "text": "text", "published": "meta"},
        "extractor": "test 1",
    }
    return Extract(**{**fields, **more})  # type: ignore[arg-type]


TITLES = (
    (
        "The harbour market moves indoors for the winter",
        "Stallholders voted on Tuesday to move under the roof of the old rope works "
        "until March.",
    ),
    (
        "A night train, twice a week, to the capital",
        "The regional railway will run the train on Fridays and Sundays, at first "
        "without a sleeping car.",
    ),
    (
        "Schools to open at nine from January",
        "Teachers asked for the change; parents on early shifts are to be offered "
        "supervised breakfast.",
    ),
    (
        "Lighthouse keeper retires after forty years",
        "The light itself has been automatic since 1998. She stayed for the weather "
        "station and the view.",
    ),
    (
        "Council publishes its accounts, late and in full",
        "The accounts for last year run to three hundred pages and show a small "
        "surplus.",
    ),
    (
        "What the dry summer did to the orchards",
        "Growers along the Arle picked a third less than in an ordinary year, and "
        "most of it small.",
    ),
)


def build(path: Path, start: str = START) -> dict[str, str]:
    """Fill an archive; returns the keys of its articles by name."""
    archive = Archive.open(path)
    archive.begin()
    make = Builder(archive)
    make.outlet("courier", "The Arle Courier", "en")
    make.outlet("gazette", "La Gazette de la Vallée", "fr")
    make.outlet("closed", "A closed paper", "en", active=0)
    make.feed(
        "courier",
        f"https://courier.example/members/feed?token={SECRET}",
        "Members",
        "blocked",
        "the outlet refused: 403",
        3,
    )
    keys: dict[str, str] = {}
    at = start
    for number, (title, text) in enumerate(TITLES):
        at = add_seconds(at, 1800)
        longer = f"{text}\n{' '.join(text.split()[::-1])}." * 2
        keys[f"plain{number}"] = make.article(
            ("courier", "gazette")[number % 2],
            f"plain-{number}",
            at,
            extract(title, longer, at=at),
        )
    keys["bridge"] = make.article(
        "courier", "bridge", start, extract("Old bridge to close on Monday", BRIDGE)
    )
    make.edit(
        keys["bridge"],
        add_seconds(start, 7_200),
        extract("Old bridge to close on Monday", BRIDGE_2),
    )
    make.edit(
        keys["bridge"],
        add_seconds(start, 90_000),
        extract("Old bridge closes for the winter", BRIDGE_3),
    )
    keys["church"] = make.article(
        "gazette", "eglise", start, extract("L'église Saint-Éloi rouvre", FLOOD, "fr")
    )
    make.edit(
        keys["church"],
        add_seconds(start, 9_000),
        extract("Trois ans après la crue, l'église Saint-Éloi rouvre", FLOOD, "fr"),
    )
    keys["wire"] = make.article(
        "courier", "ferry", start, extract("Towns agree on the ferry", WIRE)
    )
    keys["copy"] = make.article(
        "gazette",
        "ferry",
        add_seconds(start, 600),
        extract("Ferry line is saved", WIRE),
        keys["wire"],
    )
    keys["removed"] = make.article(
        "gazette",
        "gone",
        start,
        extract(
            "A statement of the prefect",
            "The prefect stated something.\nIt was withdrawn.",
        ),
    )
    make.state(keys["removed"], add_seconds(start, 40_000), "removed", "404")
    keys["suspect"] = make.article(
        "courier",
        "suspect",
        start,
        extract("Where is it", "This one could not be found."),
    )
    make.state(keys["suspect"], add_seconds(start, 50_000), "suspect", "404")
    keys["returned"] = make.article(
        "courier", "back", start, extract("Away and back", "It was away for a day.")
    )
    make.state(keys["returned"], add_seconds(start, 50_000), "removed", "410")
    make.state(keys["returned"], add_seconds(start, 60_000), "returned")
    keys["hostile"] = _hostile(make, start)
    _add_history(make, keys, start)
    for number, outcome in enumerate(
        ("new", "new", "unchanged", "failed", "refused", "waiting", "blocked")
    ):
        make.entry(
            "courier",
            number,
            outcome,
            "" if number < 3 else f"{outcome} because {SCRIPT}",
            SCRIPT,
        )
    bad = f"{SCRIPT}{BREAKOUT}"
    make.announced(
        "courier00000000", keys["bridge"], ("Crossing to be sold", "The mayor fibbed.")
    )
    make.announced("courier00000003", None, (f"zebra {bad}", bad))
    archive.commit()
    archive.close()
    return keys


def _add_history(make: Builder, keys: dict[str, str], start: str) -> None:
    """Add checks, joins, watches, copies, and the chain of days."""
    connection = make.archive.connection
    for name, note in (
        ("removed", "answered 404"),
        ("hostile", f"404 {SCRIPT}{BREAKOUT}"),
    ):
        for hours, missed in ((8, 0), (10, 1), (12, 1)):
            saw = "404" if missed else "503"
            looks.add_check(
                connection,
                looks.NewCheck(
                    keys[name],
                    add_seconds(start, hours * 3_600),
                    "gone" if missed else "failed",
                    int(saw),
                    saw if name == "removed" else note,
                    missed,
                    note=note,
                ),
            )
        connection.execute(
            "insert into joins (article, joined, at, why) values (?, ?, ?, ?)",
            [
                keys[name],
                "0123456789abcdef",
                add_seconds(start, 7_200),
                f"both say the same at one address: {note}",
            ],
        )
    articles.update_article(
        connection,
        keys["bridge"],
        articles.ArticleUpdate(due=add_seconds(start, 3_000_000_000)),
    )
    connection.execute(
        "insert into watches values (?, ?, ?)",
        [keys["bridge"], start, add_seconds(start, 3_000_000_000)],
    )
    ids = {
        row["article"]: row["id"]
        for row in connection.execute(
            "select article, id from versions where number = 1"
        )
    }
    for copier, original, share, shared in (
        ("copy", "wire", 1.0, 1.0),
        ("hostile", "wire", 0.5, 0.25),
    ):
        connection.execute(
            "insert into copies values (?, ?, ?, ?, ?, ?)",
            [
                keys[copier],
                keys[original],
                share,
                shared,
                ids[keys[copier]],
                ids[keys[original]],
            ],
        )
    copies.merge_clusters(
        connection, {keys["wire"]: "AFP", keys["copy"]: "", keys["hostile"]: SCRIPT}
    )
    proof.seal_all(connection, add_seconds(start, 60_000))


def _hostile(make: Builder, start: str) -> str:
    """Add an article of a malicious outlet, which attacks with every field."""
    bad = f"{SCRIPT}{BREAKOUT}"
    text = (
        f"{bad}\njavascript:alert(1)\n<a href='javascript:window.hacked=5'>read</a>\n"
        "</p></div><iframe src=//evil.example></iframe>"
    )
    hostile_extract = extract(
        f"{bad} hostile headline \u202e",
        text,
        language='en" onload="window.hacked=6',
        authors=(bad, "javascript:window.hacked=7"),
        sections=(bad,),
        tags=(bad, "data:text/html,x"),
        image="javascript:window.hacked=8",
        description=bad,
        published=bad,
        published_local=bad,
        modified=bad,
        sources={"title": bad, bad: "meta"},
    )
    key = make.article("courier", "hostile", start, hostile_extract, url=HOSTILE_URL)
    for address, kind, url in (
        ("evil/1", "alias", "javascript:window.hacked=9"),
        ("evil/2", "alias", "data:text/html,<script>window.hacked=10</script>"),
        ("evil/3", bad, f"https://user:{SECRET}@courier.example/x"),
    ):
        addresses.add_address(
            make.archive.connection,
            PageAddress(address, url, kind, False, "", ""),
            key,
            start,
        )
    make.edit(
        key,
        add_seconds(start, 95_000),
        extract(
            f"{bad} hostile title two",
            f"{text}\nmore {bad} </ins></del> {SCRIPT}\nlast",
        ),
    )
    connection = make.archive.connection
    version = articles.list_versions(connection, key)[-1].id
    fields = {"authors": [[bad], [SCRIPT]], bad: ["a", "b"]}
    articles.add_change(
        connection,
        articles.NewChange(key, start, "fields", version, version, fields, {}),
    )
    make.state(key, add_seconds(start, 96_000), "removed", f"redirects to {bad}")
    make.feed(
        "courier",
        f"https://courier.example/feed?{BREAKOUT.replace(' ', '+')}",
        bad,
        "failed",
        f"HTML where a feed was: {bad}",
        2,
    )
    feed, until = "https://courier.example/feed/", add_seconds(START, 9_000)
    connection.execute("update feeds set read_at = ? where url = ?", [until, feed])
    gap = gaps.NewGap(feed, START, until, until, "unfilled", f"sitemap: {bad}")
    gaps.add_gap(connection, gap)
    return key


if __name__ == "__main__":
    import sys

    print(build(Path(sys.argv[1])))
