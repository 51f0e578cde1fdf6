"""The calls whose answers are frozen: one table of what reads, one of what writes.

All are made at ``NOW``, in a folder with the golden archive. ``{folder}`` is that folder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

NOW = "2025-09-10T12:00:00+00:00"


@dataclass(frozen=True)
class Call:
    """``arguments`` of ``harvest``. ``form``: json, nl, csv, atom, or text for people."""

    arguments: tuple[str, ...]
    form: str = "text"
    typed: str = ""
    own_process: bool = False  # for standard input as it is, or to be sure
    empty: bool = False  # on an empty archive, with the golden one beside as other.db

    @property
    def name(self) -> str:
        """Its line, as typed."""
        return " ".join((*self.arguments, *(("< typed",) if self.typed else ())))


def at(port: int, path: str) -> str:
    """An address of the newspaper."""
    return f"http://127.0.0.1:{port}{path}"


PONANT, POST, ECHO, LANTERN, GAZETTE, ALMANAC = range(18_431, 18_437)
EDITED = at(PONANT, "/eglise-trevignac-fleche/1001/")
REMOVED = at(PONANT, "/station-epuration-mise-en-demeure/1006/")
REPRINTED = at(PONANT, "/orgue-oublie-kerlaouen/1005/")
WIRE = at(PONANT, "/train-littoral-coupe/1007/")
WIRE_COPY = at(ECHO, "/articles/ligne-littoral-coupee.htm")
SUSPECT = at(POST, "/sport/2025/09/05/rovers-first-woman-manager")
REGATTA = at(GAZETTE, "/la-regate/1002/")
RETURNED = at(GAZETTE, "/le-bac/1004/")
TYPO = at(GAZETTE, "/le-verger/1003/")
LONG = at(LANTERN, "/long/")
LIVE = at(LANTERN, "/live/the-flood")
STUB = at(LANTERN, "/stub")
JOINED, PARTED = at(LANTERN, "/old/regatta"), at(LANTERN, "/old/orchard")
WATCHED = at(LANTERN, "/news/budget-77.html")
PURGED = at(LANTERN, "/news/bridge")
ARTICLES = (
    EDITED, REMOVED, REPRINTED, WIRE, SUSPECT, REGATTA, RETURNED, TYPO, LONG, LIVE, STUB,
    JOINED, PARTED, WATCHED,
)  # fmt: skip
SINCE = ("--since", "2025-09-06T10:00:00Z")
MANY = ("--limit", "1000")
SENTENCE = "The mayor said that she had waited eleven years"
GONE = "Les dix clochetons de plomb seront déposés avant l’hiver et mis à l’abri"
KINDS = ("edited", "headline", "back", "suspect", "removed", "returned", "paywalled")
CLASSES = ("correction", "substantive", "headline", "typo", "date line", "cosmetic")
BRIDGE = "The iron bridge over the Lugg stays closed for lorries"
WELL = ("check", "-", "--url", "https://a.example/well")
PAGE = (
    "<html lang='en'><head><title>The well</title><meta name='author' content='Ann Roe'>"
    "<meta property='article:published_time' content='2025-09-05T10:00:00+02:00'></head>"
    "<body><article><h1>The well</h1><p>The well in the market square gives water again, "
    "after eleven dry years, said the mayor.</p><p>It was dug in 1604 and is 32 metres "
    "deep; two masons worked in it all summer long.</p></article></body></html>"
)
FEED = (
    "<rss version='2.0'><channel><title>T</title><link>https://a.example/</link><item>"
    "<title>The well</title><link>https://a.example/well</link><guid>7</guid>"
    "<pubDate>Fri, 05 Sep 2025 10:00:00 +0200</pubDate></item></channel></rss>"
)


def forms(*arguments: str, also: tuple[str, ...] = ("nl",)) -> list[Call]:
    """A call as JSON, in its other forms, and for people."""
    return [
        Call(arguments),
        Call((*arguments, "--json"), "json"),
        *(Call((*arguments, f"--{form}"), form) for form in also),
    ]


def bad(*arguments: str) -> Call:
    """A call that ends with a message, for its exit code."""
    return Call(arguments)


ALL = ("nl", "csv")
OUTPUT: list[Call] = [
    # search
    *forms("search", "église", *MANY, also=ALL),
    *forms("search", "bridge", "--rank", *MANY),
    *forms("search", "clochetons", "--all-versions", also=ALL),
    *forms("search", "clochetons", "--current"),
    *forms("search", "ferry OR regatta", "--unique", *MANY),
    *forms("search", "bridge", "--outlet", "lantern", "--limit", "2"),
    *forms("search", "régat*", *SINCE),
    *forms("search", "nosuchword", also=ALL),
    *forms("search", '"two metres deep" NOT reservoir', *MANY),
    # one article
    *(one for url in ARTICLES for one in forms("show", url, also=())),
    *(one for url in ARTICLES for one in forms("history", url)),
    *(
        one
        for url in (EDITED, REGATTA, RETURNED, TYPO)
        for one in forms("diff", url, also=())
    ),
    *forms("show", EDITED, "--version", "1", also=()),
    *forms("show", f"{WIRE_COPY}?utm_source=x", also=()),
    *forms("diff", REGATTA, "1", "3", also=()),
    *forms("diff", REGATTA, "3", "1", also=()),
    # changes
    *forms("changes", *MANY, also=(*ALL, "atom")),
    *forms("changes", *MANY, *SINCE, also=ALL),
    *(
        one
        for kind in KINDS
        for one in forms("changes", "--kind", kind, also=(*ALL, "atom"))
    ),
    *(one for name in CLASSES for one in forms("changes", "--class", name, also=ALL)),
    *forms("changes", "--silent", *MANY),
    *forms("changes", "--admitted", *MANY),
    *forms("changes", "--outlet", "gazette", "--limit", "3"),
    *forms("changes", "--by", "outlet", also=ALL),
    # copies
    *(
        one
        for url in (WIRE, REPRINTED, JOINED, WATCHED, REGATTA)
        for one in forms("similar", url)
    ),
    *forms("similar", "--all"),
    *forms("similar", WIRE, WIRE_COPY, also=()),
    *forms("quote", SENTENCE),
    *forms("quote", GONE),
    *forms("quote", BRIDGE, "--limit", "2"),
    # how it stands
    *forms("status", also=()),
    *forms("status", "gazette", "lantern", also=()),
    *forms("stats", also=()),
    *forms("looks"),
    *forms("looks", "ponant"),
    *forms("watch", "--list"),
    *forms("health", also=()),
    *forms("health", "lantern", "--weeks", "2", also=()),
    *forms("profiles", also=()),
    *forms("profiles", "lantern", also=()),
    *forms("rules", "test", "ponant", also=()),
    *forms("rules", "test", "lantern", "--limit", "5", also=()),
    *forms("teach", "ponant", "--pages", "2", also=())[1:],
    *forms("verify", also=()),
    *forms("verify", "--quick", also=()),
    *forms("verify", "--known", "0" * 64, also=()),
    *forms("doctor", also=()),
    *forms("purge", "--list", also=()),
    *forms("purge", EDITED, "--dry-run", also=()),
    *forms("split", JOINED, "--dry-run", also=()),
    *forms("reread", "--dry-run", also=()),
    # one page
    Call((*WELL, "--json"), "json", PAGE),
    Call(("check", "-", "--url", "https://a.example/feed", "--json"), "json", FEED),
    Call((*WELL, "--explain", "--json"), "json", PAGE),
    Call(("check", "-", "--url", at(PONANT, "/a/"), "--json"), "json", PAGE),
    Call(("check", "-", "--nl"), "nl", '{"file": "none"}\nno JSON\n[]\n', True),
    # what ends with a message
    bad("show", "nosuchkey"),
    bad("show", "ab"),
    bad("show", PURGED),
    bad("show", EDITED, "--version", "9"),
    bad("diff", EDITED, "1", "7"),
    bad("diff", WIRE),
    bad("search", '"open'),
    bad("search"),
    bad("search", "a", "--outlet", "nosuch"),
    bad("search", "a", "--since", "someday"),
    bad("changes", "--kind", "nosuch"),
    bad("nosuch"),
    bad("stats", "--nosuch"),
    bad("verify", "--known", "xyz"),
    bad("purge", EDITED),
    bad("purge", EDITED, "--why", "x"),
    bad("split", WIRE),
    bad("restore", "nosuch.db"),
    bad("merge", "nosuch.db"),
    bad("merge", "settings.toml"),
    bad("check", "nosuch.html"),
    bad("teach", "nosuch"),
    bad("--settings", "nosuch.toml", "stats"),
    bad("--settings", "archive.db", "stats"),
    bad("--version"),
    bad("--help"),
    bad(),
    # in processes of their own
    Call(("stats", "--json"), "json", own_process=True),
    Call(("show", EDITED, "--json"), "json", own_process=True),
    Call(("show", "nosuchkey"), own_process=True),
    Call(("stats", "--nosuch"), own_process=True),
]


def labels(*lines: object) -> str:
    """What a person says, a line each."""
    return "".join(f"{json.dumps(one)}\n" for one in lines)


EFFECTS: list[Call] = [
    Call(("watch", EDITED, "--for", "3 days", "--json"), "json"),
    Call(("watch", WATCHED, "--stop", "--json"), "json"),
    Call(("split", JOINED, "--json"), "json"),
    Call(("split", REGATTA, "2", "--json"), "json"),
    Call(("purge", REGATTA, "--why", "a test", "--yes", "--json"), "json"),
    Call(("purge", WIRE_COPY, "--why", "a test", "--yes", "--json"), "json"),
    Call(("reread", "--json"), "json"),
    Call(("reread", "lantern", "--json"), "json"),
    Call(("merge", "other.db", "--json"), "json", empty=True),
    Call(("merge", "other.db", "--dry-run", "--json"), "json", empty=True),
    Call(
        ("teach", "echo", "--labels", "-", "--json"),
        "json",
        labels(
            {"article": WIRE_COPY, "wanted": [], "unwanted": []},
            {"article": at(ECHO, "/articles/crypte-fromages.htm"), "unwanted": []},
            {"article": at(ECHO, "/articles/pont-tanneurs-ferme.htm"), "wanted": []},
        ),
    ),
    Call(("backup", "copy.db", "--json"), "json"),
    Call(("evidence", REGATTA, "-o", "one.zip", "--json"), "json"),
    Call(("doctor", "--fix", "--json"), "json"),
    Call(("doctor", "--upgrade", "--json"), "json"),
]
