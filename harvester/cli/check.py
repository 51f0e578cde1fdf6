"""``harvest check``: what is understood of one page or feed.

An address is fetched by the crawl program, into an archive of its own that is thrown away: so robots.txt, the limits and the
refusal of private addresses hold here as they do in the harvest, and what is shown is what the harvest would see.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, now, pass_context
from harvester.cli.output import at, clean, note, print_json, say, table, wrapped
from harvester.errors import HarvesterError, SettingsError

if TYPE_CHECKING:
    from harvester.settings import Outlet, Settings

MOST = 20_000_000  # bytes of a file
_NO_FILE = "no settings: found neither"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be understood: the bytes, where they are from, and with which headers."""

    body: bytes
    url: str
    headers: tuple[tuple[str, str], ...] = ()


@click.command()
@click.argument("what", metavar="URL|FILE")
@click.option("--url", default="", help="The address that FILE was saved from.")
@click.option("--json", "as_json", is_flag=True, help="One object.")
@pass_context
def check(context: Context, what: str, url: str, as_json: bool) -> None:
    """Fetch or read one page or feed, and show what is understood of it. Nothing is kept."""
    settings = _settings(context)
    if what.lower().startswith(("http://", "https://")):
        answer = _fetch(what, settings)
    else:
        answer = _file(Path(what), url)
    record = _feed(answer, settings) if _feedlike(answer.body) else _page(answer, settings)
    if as_json:
        print_json(record)
    elif record["kind"] == "article":
        _print_page(record)
    else:
        _print_feed(record)


def _settings(context: Context) -> Settings | None:
    """The settings, if there are any: a page can be looked at without."""
    try:
        return context.settings
    except SettingsError as error:
        if not str(error).startswith(_NO_FILE):
            raise
        return None


def _file(path: Path, url: str) -> Answer:
    try:
        with path.open("rb") as file:
            return Answer(file.read(MOST), url)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise HarvesterError(f"{path} cannot be read: {reason}", "write a file, or an http(s) address") from error


def _feedlike(body: bytes) -> bool:
    """Whether it begins as a feed does, rather than as a page."""
    start = body[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    named = any(mark in start for mark in (b"<rss", b"<feed", b"<rdf:rdf"))
    return named and not start.startswith((b"<!doctype html", b"<html"))


def _outlet(url: str, settings: Settings | None) -> Outlet | None:
    """The outlet of the settings that an address belongs to."""
    from harvester.identity.url import site

    if settings is None or not url:
        return None
    here = site(url)
    for outlet in settings.outlets.values():
        if here in (site(outlet.home), *(site(feed.url) for feed in outlet.feeds)):
            return outlet
    return None


def _page(answer: Answer, settings: Settings | None) -> dict[str, Any]:
    from harvester.model import Rules
    from harvester.parse.article import read_article
    from harvester.schedule import written

    outlet = _outlet(answer.url, settings)
    rules = outlet.rules if outlet else Rules()
    extract = read_article(answer.body, answer.url, answer.headers, rules, written(now()))
    record = {"kind": "article", **asdict(extract), "outlet": outlet.key if outlet else ""}
    record["url"] = extract.url or answer.url
    record["sources"] = dict(extract.sources)
    return record


def _feed(answer: Answer, settings: Settings | None) -> dict[str, Any]:
    from harvester.identity.url import mask
    from harvester.model import Limits
    from harvester.parse.feed import read_feed

    limits = settings.limits if settings else Limits()
    kind = next((value for name, value in answer.headers if name.lower() == "content-type"), "")
    feed = read_feed(answer.body, kind, answer.url, limit=limits.entries)
    outlet = _outlet(answer.url, settings)
    entries = [{**asdict(entry), "url": mask(entry.url)} for entry in feed.entries]
    return {**asdict(feed), "kind": feed.kind, "outlet": outlet.key if outlet else "", "entries": entries}


# ---- fetching


def _fetch(url: str, settings: Settings | None) -> Answer:
    from harvester.daemon import crawl
    from harvester.settings import read

    with tempfile.TemporaryDirectory(prefix="harvester-check-") as folder:
        file = Path(folder) / "settings.toml"
        text = _lines(url, settings)
        file.write_text(text, encoding="utf-8")
        ours = read(text, file, {})
        paths = {"HARVESTER_ARCHIVE_PATH": str(ours.archive), "HARVESTER_ARCHIVE_CAPTURES": str(ours.captures)}
        crawl(ours, environment=paths, command="harvest check")
        return _answer(ours, url)


def _lines(url: str, settings: Settings | None) -> str:
    """Settings with that one address, none of whose links is followed; the rest as in the user's own."""
    lines = ["[crawl]", 'delay = "0 seconds"', "workers = 1"]
    if settings is not None:
        limits = settings.limits
        lines += [
            f"user_agent = {json.dumps(settings.user_agent)}",
            f"allow_networks = {json.dumps(list(settings.allow_networks))}",
            "[limits]",
            f"page_size = {limits.page_bytes}",
            f"feed_size = {limits.feed_bytes}",
            f"redirects = {limits.redirects}",
            f'answer_time = "{limits.answer_time:f} seconds"',
            f'read_time = "{limits.read_time:f} seconds"',
        ]
    lines += [
        "[outlets.check]",
        f"feeds = [{json.dumps(url, ensure_ascii=False)}]",
        "[outlets.check.rules]",
        'deny = ["."]',
    ]
    return "\n".join(lines) + "\n"


def _answer(ours: Settings, url: str) -> Answer:
    from contextlib import closing

    from harvester.archive import captures, reader, report
    from harvester.identity.url import mask

    with closing(reader(ours.archive)) as connection:
        number, said = report.only_answer(connection)
        if number is None:
            raise HarvesterError(f"{mask(url)}: {mask(said)}")
        body, headers, reached = captures.response(connection, ours.captures, number)
        return Answer(body, reached, headers)


# ---- printing


def _print_page(record: dict[str, Any]) -> None:
    from harvester.identity.url import mask

    say(click.style(clean(record["title"]) or "(no title)", bold=True))
    for name in ("url", "authors", "published", "published_local", "modified", "modified_local", "language", "sections",
                 "tags", "image", "description", "robots", "aliases", "outlet", "extractor"):  # fmt: skip
        value = record[name]
        shown = ", ".join(value) if isinstance(value, list | tuple) else value
        if shown:
            where = record["sources"].get(name)
            from_ = click.style(f"  ({clean(where)})", dim=True) if where else ""
            say(f"{click.style(f'{name:<16}', dim=True)}{clean(mask(shown))}{from_}")
    say()
    say(wrapped(record["text"]) if record["text"] else "")
    if record["error"]:
        note(f"no text: {record['error']}")


def _print_feed(record: dict[str, Any]) -> None:
    say(click.style(clean(record["title"]) or "(no title)", bold=True))
    say(
        f"{record['kind']}, {len(record['entries'])} entries{', language ' + clean(record['language']) if record['language'] else ''}"
    )
    rows = [
        [at(one["published"]), "yes" if one["content"] else "", one["title"], one["url"]] for one in record["entries"]
    ]
    say(table(rows, ["published", "text", "title", "url"]))
