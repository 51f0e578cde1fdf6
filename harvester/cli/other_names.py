"""What people type who know other programs, and what they want. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

_TABLES = "`harvest browse` and `sqlite3 archive.db .tables` list them"
_CAPTURES = (
    "`harvest evidence ARTICLE -o FILE.zip` packs them, `harvest browse` lists them"
)
# Name → what it is here.
EXPLANATIONS = {
    "list": "`harvest outlets` lists outlets, `harvest search published:today` articles",
    "opml": "it is `harvest import FILE.opml` and `harvest export opml`",
    **dict.fromkeys(
        ("sql", "select"),
        "`harvest browse` takes SQL, and so does `sqlite3 archive.db`",
    ),
    **dict.fromkeys(("tables", "schema"), _TABLES),
    **dict.fromkeys(("captures", "warc"), _CAPTURES),
}
# Name → what to type behind ``harvest``.
COMMANDS = {
    **dict.fromkeys(("ls", "feeds", "sources", "subscriptions"), "outlets"),
    **dict.fromkeys(("subscribe", "follow", "new", "discover"), "add URL"),
    **dict.fromkeys(
        ("alert", "notify", "notifications", "webhook"), "alerts add QUERY"
    ),
    **dict.fromkeys(("unsubscribe", "rm", "delete", "disable"), "remove OUTLET"),
    **dict.fromkeys(("crawl", "fetch", "update", "refresh", "poll", "sync"), "once"),
    **dict.fromkeys(("start", "daemon", "serve-forever"), "run"),
    **dict.fromkeys(("web", "serve", "ui", "open"), "browse"),
    **dict.fromkeys(("find", "grep", "query"), "search WORDS"),
    **dict.fromkeys(("setup", "config", "configure"), "init"),
    **dict.fromkeys(("log", "versions", "revisions"), "history ARTICLE"),
    **dict.fromkeys(("edits", "events", "recent"), "changes"),
    **dict.fromkeys(("cat", "get", "view", "article", "read"), "show ARTICLE"),
    **dict.fromkeys(("articles", "entries"), "search published:today"),
    **dict.fromkeys(("compare", "blame"), "diff ARTICLE"),
    **dict.fromkeys(("copies", "duplicates", "dups"), "similar --all"),
    **dict.fromkeys(("removals", "removed"), "changes --kind removed"),
    **dict.fromkeys(("count", "counts", "info"), "stats"),
    **dict.fromkeys(("dump", "save"), "export"),
    **dict.fromkeys(("check-archive", "fsck", "validate"), "verify"),
    "version": "--version",
}
# What a list is of → what lists it.
LISTS = {
    **dict.fromkeys(("outlets", "feeds", "sources", "subscriptions"), "outlets"),
    **dict.fromkeys(("articles", "entries"), "search published:today"),
    **dict.fromkeys(("versions", "revisions"), "history ARTICLE"),
    **dict.fromkeys(("changes", "edits", "events"), "changes"),
    **dict.fromkeys(("copies", "duplicates"), "similar --all"),
    "removals": "changes --kind removed",
    "profiles": "profiles",
    "watches": "watch --list",
}
_TEXTS = "`harvest show ARTICLE` prints a text, `harvest export QUERY -o FILE.csv` writes all"
# Command ("": any) and option → what to do instead.
OPTIONS = {
    **{
        ("search", name): _TEXTS for name in ("--text", "--full", "--body", "--content")
    },
    **{
        ("show", name): "the whole text is shown without it"
        for name in ("--text", "--full", "--all")
    },
    ("", "--from"): "it is --since",
    ("", "--to"): "it is --until",
    ("", "--before"): "it is --until",
    ("", "--format"): "it is --json, --nl, --csv or --tsv",
    ("", "--source"): "it is --outlet",
    ("", "--count"): "the number of results is printed below them; --limit bounds it",
    ("", "--max"): "it is --limit",
    ("", "--sort"): "lists are sorted by time; `search --rank` sorts by relevance",
    ("", "--config"): "it is `harvest --settings FILE COMMAND`",
    ("", "--settings"): "it stands before the command: `harvest --settings FILE …`",
    ("", "--archive"): "it stands before the command: `harvest --archive FILE …`",
    ("", "--db"): "it stands before the command: `harvest --archive FILE …`",
}


def explain_command(name: str, following: str, known: Collection[str]) -> str:
    """What to type for an unknown command; begins with its punctuation.

    ``following``: the next word, or "".
    """
    if name == "list" and following in ("tables", "views", "captures"):
        name = "captures" if following == "captures" else "tables"
    typed = LISTS.get(following) if name == "list" else COMMANDS.get(name)
    if typed:
        return f": it is `harvest {typed}`"
    if name in EXPLANATIONS:
        return f": {EXPLANATIONS[name]}"
    if name.lower().startswith(("http://", "https://")):
        return (
            ": `harvest show URL` shows an article of the archive, `harvest add URL` "
            "adds a site, `harvest check URL` reads a page"
        )
    if re.fullmatch(r"[0-9a-f]{6,16}", name):
        return f": `harvest show {name}` shows the article with that key"
    nearest = difflib.get_close_matches(name, known, 1)
    if nearest:
        return f": did you mean {nearest[0]!r}?"
    return "; `harvest search WORDS` searches, `harvest help` lists all commands"


def explain_option(command: str, option: str) -> str:
    """What to type for an unknown option of a command; "" if nothing is known."""
    return OPTIONS.get((command, option)) or OPTIONS.get(("", option), "")
