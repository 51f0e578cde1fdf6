"""``harvest status`` and ``harvest stats``: how the harvest stands, in words and in numbers."""

from __future__ import annotations

from typing import Any

import click

from harvester.cli.context import Context, now, pass_context
from harvester.cli.output import at, clean, note, print_json, say, table, wrapped

GONE = "no longer in the settings; kept and searchable, not visited"


@click.command()
@click.argument("outlets", nargs=-1, metavar="[OUTLET]…")
@click.option("--json", "as_json", is_flag=True, help="One object.")
@pass_context
def status(context: Context, outlets: tuple[str, ...], as_json: bool) -> None:
    """Say of every feed what happened last, since when, and what to do."""
    from harvester.archive.lock import held_by
    from harvester.archive.queries import report
    from harvester.cli.context import known_outlet
    from harvester.identity.urls import mask

    settings = context.settings
    holder = held_by(settings.archive)
    with context.reading() as connection:
        for key in outlets:
            if key not in settings.outlets:
                known_outlet(connection, key)
        found = report.outlets(connection, outlets)
        crawl = report.last_crawl(connection)
        events = report.events(connection)
    records = [_outlet(context, one) for one in found]
    held = {one["outlet"] for one in found}
    for key, outlet in settings.outlets.items():
        if (
            key not in held
            and (not outlets or key in outlets)
            and outlet.was not in held
        ):
            records.append(_unknown(key, outlet.name))
    whole = {
        "archive": str(settings.archive.resolve()),
        "holder": {"pid": holder.pid, "command": holder.command, "since": holder.since, "problem": holder.problem,
                   "problem_since": holder.problem_since} if holder else None,
        "crawl": crawl,
        "warnings": list(settings.warnings),
        "outlets": records,
        "events": [{**one, "feed": mask(one["feed"] or "")} for one in events],
    }  # fmt: skip
    if as_json:
        print_json(whole)
    else:
        _print(whole)


def _outlet(context: Context, one: dict[str, Any]) -> dict[str, Any]:
    """An outlet as the archive has it, in words."""
    from harvester.archive.queries.report import words
    from harvester.identity.urls import mask
    from harvester.schedule.times import written

    settings, moment = context.settings, written(now())
    renamed = next(
        (
            key
            for key, outlet in settings.outlets.items()
            if outlet.was == one["outlet"]
        ),
        "",
    )
    said = ""
    if renamed:
        said = f"now called {renamed}; known by that name from the next crawl on"
    elif one["outlet"] not in settings.outlets or not one["active"]:
        said = (
            GONE
            if one["outlet"] not in settings.outlets
            else "in the settings again; visited from the next crawl on"
        )
    feeds = []
    for feed in one["feeds"]:
        happened, advice = words(feed, moment, at)
        feeds.append({**feed, "feed": mask(feed["feed"]), "reason": mask(feed["reason"]), "words": mask(happened),
                      "advice": mask(advice)})  # fmt: skip
    troubles = [
        {**trouble, "reason": mask(trouble["reason"])} for trouble in one["troubles"]
    ]
    insecure = (
        one["outlet"] in settings.outlets and settings.outlets[one["outlet"]].insecure
    )
    return {
        **one,
        "words": said,
        "insecure": insecure,
        "feeds": feeds,
        "troubles": troubles,
    }


def _unknown(key: str, name: str) -> dict[str, Any]:
    return {
        "outlet": key, "name": name, "active": True, "articles": 0, "versions": 0, "newest": None, "removed": 0, "waiting": 0,
        "words": "not visited yet: `harvest once`, or leave `harvest run` running", "insecure": False, "feeds": [],
        "troubles": [],
    }  # fmt: skip


def _print(whole: dict[str, Any]) -> None:
    say(f"archive {clean(whole['archive'])}")
    holder = whole["holder"]
    if holder:
        say(
            f"in use by `{clean(holder['command'])}` (process {holder['pid']}) since {at(holder['since'])} UTC"
        )
        if holder["problem"]:
            say(
                click.style(
                    wrapped(
                        f"trouble since {at(holder['problem_since'])}: {holder['problem']}",
                        "  ",
                    ),
                    fg="red",
                )
            )
    crawl = whole["crawl"]
    if crawl:
        ended = f"ended {at(crawl['ended'])}" if crawl["ended"] else "not ended"
        say(
            f"last crawl {at(crawl['started'])} UTC, {ended}: {crawl['visits']} visits, {crawl['captures']} captures"
        )
    for one in whole["outlets"]:
        say()
        more = f", {one['removed']} removed" if one["removed"] else ""
        more += f", {one['waiting']} waiting" if one["waiting"] else ""
        head = click.style(clean(one["outlet"]), bold=True)
        say(
            f"{head}  {clean(one['name'])}: {one['articles']} articles, {one['versions']} versions{more}"
        )
        if one["words"]:
            say(wrapped(one["words"], "  "))
            if one["words"] == GONE:
                continue
        if one["insecure"]:
            say(click.style("  insecure: its certificates are not verified", fg="red"))
        for feed in one["feeds"]:
            _print_feed(feed)
        for trouble in one["troubles"]:
            pages = "page" if trouble["count"] == 1 else "pages"
            say(
                wrapped(
                    f"{trouble['count']} {pages} {trouble['outcome']}: {trouble['reason']}",
                    "  ",
                )
            )
    if whole["events"]:
        say("\nlast told of feeds and outlets")
    for one in whole["events"]:
        where = f" ({one['feed']})" if one["feed"] else ""
        say(
            wrapped(
                f"{at(one['at'])} {one['outlet'] or 'this machine'}: {one['kind']}: {one['note']}{where}",
                "  ",
            )
        )
    for warning in whole["warnings"]:
        note(f"warning: {warning}")


def _print_feed(feed: dict[str, Any]) -> None:
    section = f" ({clean(feed['section'])})" if feed["section"] else ""
    say(f"  {clean(feed['feed'])}{section}, {feed['entries']} entries")
    due = f"; next visit {at(feed['due'])}" if feed["active"] and feed["due"] else ""
    bad = bool(feed["advice"]) and feed["polled"] is not None
    say(
        click.style(wrapped(f"{feed['words']}{due}", "    "), fg="red" if bad else None)
    )
    if feed["advice"]:
        say(wrapped(f"→ {feed['advice']}", "    "))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One object.")
@pass_context
def stats(context: Context, as_json: bool) -> None:
    """Count what is held; every total is the sum of its parts."""
    from harvester.archive.queries import report

    with context.reading() as connection:
        counts = report.stats(connection)
    files = [
        context.settings.archive.with_name(context.settings.archive.name + end)
        for end in ("", "-wal")
    ]
    record = {"archive": {"path": str(files[0]), "bytes": sum(file.stat().st_size for file in files if file.exists())},
              **counts}  # fmt: skip
    if as_json:
        print_json(record)
        return
    for name in ("entries", "articles", "edits"):
        total = record[name]["total"]
        parts = ", ".join(
            f"{count} {part}"
            for part, count in record[name].items()
            if part != "total" and count
        )
        say(f"{name:<10}{total:>9}{'   ' + parts if parts else ''}")
    for name, plain in (("kinds", "article"), ("access", "unknown")):
        if set(record[name]) - {plain}:
            parts = ", ".join(f"{count} {part}" for part, count in record[name].items())
            say(f"{name:<10}{sum(record[name].values()):>9}   {parts}")
    say(f"{'versions':<10}{record['versions']:>9}")
    say(
        f"{'duplicates':<10}{record['duplicates']:>9}   articles with exactly the text of another"
    )
    say(
        f"{'captures':<10}{record['captures']['count']:>9}   {_size(record['captures']['bytes'])}"
    )
    say(
        f"{'crawls':<10}{record['crawls']['count']:>9}   {record['crawls']['visits']} visits"
    )
    say(f"{'archive':<10}{_size(record['archive']['bytes']):>9}")
    rows = [
        [key, one["feeds"], one["entries"]["total"], one["articles"]["total"], one["versions"], one["edits"]["total"],
         one["articles"]["removed"]]
        for key, one in record["outlets"].items()
    ]  # fmt: skip
    if rows:
        say()
        say(
            table(
                rows,
                [
                    "outlet",
                    "feeds",
                    "entries",
                    "articles",
                    "versions",
                    "edits",
                    "removed",
                ],
                0,
            )
        )


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
