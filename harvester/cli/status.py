"""``harvest status`` and ``harvest stats``: how the harvest stands, in words and in numbers."""

from __future__ import annotations

from typing import Any

import click

from harvester.cli.context import Context, pass_context, utc_now
from harvester.cli.output import (
    clean,
    display_time,
    format_table,
    print_json,
    print_note,
    print_text,
    wrap_text,
)

NOT_IN_SETTINGS = "no longer in the settings; kept and searchable, not visited"


@click.command()
@click.argument("outlets", nargs=-1, metavar="[OUTLET]…")
@click.option("--json", "as_json", is_flag=True, help="One object.")
@pass_context
def status(context: Context, outlets: tuple[str, ...], as_json: bool) -> None:
    """Say of every feed what happened last, since when, and what to do."""
    from harvester.archive.lock import get_lock_holder
    from harvester.archive.queries import report
    from harvester.cli.context import require_archived_outlet
    from harvester.identity.urls import mask_secrets

    settings = context.settings
    holder = get_lock_holder(settings.archive)
    with context.connect_read_only() as connection:
        for key in outlets:
            if key not in settings.outlets:
                require_archived_outlet(connection, key)
        found = report.list_outlets(connection, outlets)
        crawl = report.get_last_crawl(connection)
        events = report.list_feed_events(connection)
    records = [_outlet_record(context, one) for one in found]
    held = {one["outlet"] for one in found}
    for key, outlet in settings.outlets.items():
        if (
            key not in held
            and (not outlets or key in outlets)
            and outlet.was not in held
        ):
            records.append(_unvisited_outlet_record(key, outlet.name))
    whole = {
        "archive": str(settings.archive.resolve()),
        "holder": {"pid": holder.pid, "command": holder.command, "since": holder.since, "problem": holder.problem,
                   "problem_since": holder.problem_since} if holder else None,
        "crawl": crawl,
        "warnings": list(settings.warnings),
        "outlets": records,
        "events": [{**one, "feed": mask_secrets(one["feed"] or "")} for one in events],
    }  # fmt: skip
    if as_json:
        print_json(whole)
    else:
        _print_status(whole)


def _outlet_record(context: Context, outlet_row: dict[str, Any]) -> dict[str, Any]:
    """An outlet as the archive has it, in words."""
    from harvester.archive.queries.report import describe_feed
    from harvester.identity.urls import mask_secrets
    from harvester.schedule.times import format_time

    settings, moment = context.settings, format_time(utc_now())
    renamed = next(
        (
            key
            for key, outlet in settings.outlets.items()
            if outlet.was == outlet_row["outlet"]
        ),
        "",
    )
    said = ""
    if renamed:
        said = f"now called {renamed}; known by that name from the next crawl on"
    elif outlet_row["outlet"] not in settings.outlets or not outlet_row["active"]:
        said = (
            NOT_IN_SETTINGS
            if outlet_row["outlet"] not in settings.outlets
            else "in the settings again; visited from the next crawl on"
        )
    feeds = []
    for feed in outlet_row["feeds"]:
        happened, advice = describe_feed(feed, moment, display_time)
        feeds.append({**feed, "feed": mask_secrets(feed["feed"]), "reason": mask_secrets(feed["reason"]), "words": mask_secrets(happened),
                      "advice": mask_secrets(advice)})  # fmt: skip
    troubles = [
        {**trouble, "reason": mask_secrets(trouble["reason"])}
        for trouble in outlet_row["troubles"]
    ]
    insecure = (
        outlet_row["outlet"] in settings.outlets
        and settings.outlets[outlet_row["outlet"]].insecure
    )
    return {
        **outlet_row,
        "words": said,
        "insecure": insecure,
        "feeds": feeds,
        "troubles": troubles,
    }


def _unvisited_outlet_record(key: str, name: str) -> dict[str, Any]:
    return {
        "outlet": key, "name": name, "active": True, "articles": 0, "versions": 0, "newest": None, "removed": 0, "waiting": 0,
        "words": "not visited yet: `harvest once`, or leave `harvest run` running", "insecure": False, "feeds": [],
        "troubles": [],
    }  # fmt: skip


def _print_status(record: dict[str, Any]) -> None:
    print_text(f"archive {clean(record['archive'])}")
    holder = record["holder"]
    if holder:
        print_text(
            f"in use by `{clean(holder['command'])}` (process {holder['pid']}) since {display_time(holder['since'])} UTC"
        )
        if holder["problem"]:
            print_text(
                click.style(
                    wrap_text(
                        f"trouble since {display_time(holder['problem_since'])}: {holder['problem']}",
                        "  ",
                    ),
                    fg="red",
                )
            )
    crawl = record["crawl"]
    if crawl:
        ended = (
            f"ended {display_time(crawl['ended'])}" if crawl["ended"] else "not ended"
        )
        print_text(
            f"last crawl {display_time(crawl['started'])} UTC, {ended}: {crawl['visits']} visits, {crawl['captures']} captures"
        )
    for one in record["outlets"]:
        print_text()
        more = f", {one['removed']} removed" if one["removed"] else ""
        more += f", {one['waiting']} waiting" if one["waiting"] else ""
        head = click.style(clean(one["outlet"]), bold=True)
        print_text(
            f"{head}  {clean(one['name'])}: {one['articles']} articles, {one['versions']} versions{more}"
        )
        if one["words"]:
            print_text(wrap_text(one["words"], "  "))
            if one["words"] == NOT_IN_SETTINGS:
                continue
        if one["insecure"]:
            print_text(
                click.style("  insecure: its certificates are not verified", fg="red")
            )
        for feed in one["feeds"]:
            _print_feed(feed)
        for trouble in one["troubles"]:
            pages = "page" if trouble["count"] == 1 else "pages"
            print_text(
                wrap_text(
                    f"{trouble['count']} {pages} {trouble['outcome']}: {trouble['reason']}",
                    "  ",
                )
            )
    if record["events"]:
        print_text("\nlast told of feeds and outlets")
    for one in record["events"]:
        where = f" ({one['feed']})" if one["feed"] else ""
        print_text(
            wrap_text(
                f"{display_time(one['at'])} {one['outlet'] or 'this machine'}: {one['kind']}: {one['note']}{where}",
                "  ",
            )
        )
    for warning in record["warnings"]:
        print_note(f"warning: {warning}")


def _print_feed(feed: dict[str, Any]) -> None:
    section = f" ({clean(feed['section'])})" if feed["section"] else ""
    print_text(f"  {clean(feed['feed'])}{section}, {feed['entries']} entries")
    due = (
        f"; next visit {display_time(feed['due'])}"
        if feed["active"] and feed["due"]
        else ""
    )
    bad = bool(feed["advice"]) and feed["polled"] is not None
    print_text(
        click.style(
            wrap_text(f"{feed['words']}{due}", "    "), fg="red" if bad else None
        )
    )
    if feed["advice"]:
        print_text(wrap_text(f"→ {feed['advice']}", "    "))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One object.")
@pass_context
def stats(context: Context, as_json: bool) -> None:
    """Count what is held; every total is the sum of its parts."""
    from harvester.archive.queries import report

    with context.connect_read_only() as connection:
        counts = report.get_stats(connection)
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
        print_text(f"{name:<10}{total:>9}{'   ' + parts if parts else ''}")
    for name, plain in (("kinds", "article"), ("access", "unknown")):
        if set(record[name]) - {plain}:
            parts = ", ".join(f"{count} {part}" for part, count in record[name].items())
            print_text(f"{name:<10}{sum(record[name].values()):>9}   {parts}")
    print_text(f"{'versions':<10}{record['versions']:>9}")
    print_text(
        f"{'duplicates':<10}{record['duplicates']:>9}   articles with exactly the text of another"
    )
    print_text(
        f"{'captures':<10}{record['captures']['count']:>9}   {_format_size(record['captures']['bytes'])}"
    )
    print_text(
        f"{'crawls':<10}{record['crawls']['count']:>9}   {record['crawls']['visits']} visits"
    )
    print_text(f"{'archive':<10}{_format_size(record['archive']['bytes']):>9}")
    rows = [
        [key, one["feeds"], one["entries"]["total"], one["articles"]["total"], one["versions"], one["edits"]["total"],
         one["articles"]["removed"]]
        for key, one in record["outlets"].items()
    ]  # fmt: skip
    if rows:
        print_text()
        print_text(
            format_table(
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


def _format_size(byte_count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if byte_count < 1000:
            return (
                f"{byte_count:.0f} {unit}"
                if unit == "B"
                else f"{byte_count:.1f} {unit}"
            )
        byte_count /= 1000
    return f"{byte_count:.1f} TB"
