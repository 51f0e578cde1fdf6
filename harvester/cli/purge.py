"""``harvest purge``: removes an article for good, and keeps it from coming back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.commands import EXIT_INTERRUPTED
from harvester.cli.context import (
    Context,
    pass_context,
    resolve_article,
    utc_timestamp,
)
from harvester.cli.options import ARTICLE_HELP, list_options, wait_option
from harvester.cli.output import (
    Progress,
    clean,
    display_time,
    format_table,
    pluralize,
    print_json,
    print_note,
    print_records,
    print_text,
)

if TYPE_CHECKING:
    import sqlite3

    from harvester.archive.connection import Archive
    from harvester.archive.takedown.purge import PurgePlan
    from harvester.archive.upkeep.known_backups import KnownBackup

TOMBSTONE_COLUMNS = ("at", "outlet", "article", "why")


@click.command(
    help=f"""Remove an article for good, with all its text.

It is removed from tables, the full-text index, WARC files and free pages. Feeds and
pages that contain its text are kept with this text blanked out. A tombstone without
content remains, which keeps the article from coming back. This cannot be undone.

{ARTICLE_HELP}

Examples: `harvest purge 3f2a91 --why 'court order 12/2025' --dry-run`,
`harvest purge --list`"""
)
@click.argument("article", required=False, default="")
@click.option(
    "--why",
    default="",
    metavar="TEXT",
    help="The reason, which the tombstone keeps for ever.",
)
@click.option(
    "--dry-run", is_flag=True, help="Show what would be removed; change nothing."
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option(
    "--backups",
    "purges_backups",
    is_flag=True,
    help="Purge the backups that are known too, also of what was purged before.",
)
@click.option("--finish", is_flag=True, help="Finish an interrupted purge.")
@click.option("--list", "listed", is_flag=True, help="List what was purged, and why.")
@wait_option
@list_options
@pass_context
def purge(
    context: Context,
    article: str,
    why: str,
    dry_run: bool,
    yes: bool,
    purges_backups: bool,
    finish: bool,
    listed: bool,
    wait: bool,
    form: str | None,
) -> int:
    """Remove an article for good."""
    if listed:
        return _print_tombstones(context, form)
    if not article and not finish and not purges_backups:
        raise click.UsageError("give an article, or --finish, --backups or --list")
    if dry_run and not article:
        raise click.UsageError("--dry-run needs an article")
    if article and not dry_run and not why.strip():
        raise click.UsageError("give the reason: --why TEXT")
    if dry_run:
        summary = _dry_run_summary(context, article)
    else:
        if article and not yes:
            purges_backups = _confirm(context, article, purges_backups)
        summary = _purge_article(context, article, why.strip(), wait, purges_backups)
    if form == "json":
        print_json(summary)
    elif not print_records([summary], form):
        _print_summary(summary)
    if summary.get("to_do"):
        raise SystemExit(1)
    return 1


def _print_tombstones(context: Context, form: str | None) -> int:
    from harvester.archive.takedown import blocklist

    with context.connect_read_only() as connection:
        tombstones = blocklist.list_tombstones(connection)
    if print_records(tombstones, form, TOMBSTONE_COLUMNS):
        return len(tombstones)
    if not tombstones:
        print_note("nothing was purged")
    else:
        rows = [
            [display_time(row["at"]), row["outlet"], row["article"], row["why"]]
            for row in tombstones
        ]
        print_text(format_table(rows, ["at", "outlet", "article", "why"]))
    return len(tombstones)


def _confirm(context: Context, article: str, purges_backups: bool) -> bool:
    """Ask whether to purge; returns whether to purge backups too."""
    if not sys.stdin.isatty():
        raise click.UsageError("not interactive; pass --yes")
    summary = _dry_run_summary(context, article)
    _print_summary(summary)
    try:
        confirmed = click.confirm("Remove all of it? This cannot be undone", err=True)
        if confirmed and summary["backups"] and not purges_backups:
            count = pluralize(len(summary["backups"]), "backup")
            purges_backups = click.confirm(f"From {count} too?", err=True)
    except click.Abort:  # Ctrl-C, or the end of the input
        print_note("")
        confirmed = False
    if not confirmed:
        print_note("nothing was removed")
        raise click.exceptions.Exit(EXIT_INTERRUPTED)
    return purges_backups


def _dry_run_summary(context: Context, article: str) -> dict[str, Any]:
    from harvester.archive.records import alert_deliveries
    from harvester.archive.takedown import backup_copies

    with context.connect_read_only() as connection:
        plan = _plan_purge(connection, context.settings.captures, article)
        told = alert_deliveries.list_of_article(connection, plan.article["key"])
        addresses = backup_copies.list_addresses(connection, plan.article["key"])
    counts = {
        "versions": len(plan.version_ids),
        "captures": len(plan.own_captures),
        "captures blanked": len(plan.other_captures),
        "entries": len(plan.entry_keys),
        "loose records": len(plan.unreferenced_records),
    }
    return {
        "article": plan.article["key"],
        "dry_run": True,
        "removed": {name: count for name, count in counts.items() if count},
        "delivered": told,
        **_other_copies(context, plan, {plan.article["key"]: addresses}),
    }


def _plan_purge(
    connection: sqlite3.Connection, captures_folder: Path | None, article: str
) -> PurgePlan:
    from harvester.archive.takedown import purge

    key = resolve_article(connection, article)["key"]
    progress = Progress("captures searched")
    try:
        return purge.plan_purge(connection, captures_folder, key, progress.update)
    finally:
        progress.clear()


def _known_backups(context: Context) -> list[KnownBackup]:
    from harvester.archive.upkeep import known_backups

    settings = context.settings
    return known_backups.list_known_backups(settings.archive, settings.upkeep.backups)


def _other_copies(
    context: Context, plan: PurgePlan, addresses: dict[str, list[str]]
) -> dict[str, Any]:
    """What has the article besides: backups, and other articles with the same text."""
    from harvester.archive.takedown import backup_copies
    from harvester.archive.upkeep import known_backups

    holders = backup_copies.select_backups(_known_backups(context), addresses)
    unreachable = known_backups.list_unreachable_backups(context.settings.archive)
    return {
        "copies": plan.copy_keys,
        "backups": [str(backup.path) for backup in holders],
        "unreachable": [str(path) for path in unreachable],
    }


def _purge_backups(
    context: Context, archive: Archive, addresses: dict[str, list[str]], at: str
) -> dict[str, Any]:
    """Purge from backups all that was ever purged from the archive.

    ``addresses``: of the articles that were purged just now.
    """
    from harvester.archive.takedown import backup_copies, blocklist
    from harvester.identity.wording import wording_and_text_digests

    reasons = {
        row["article"]: row["why"]
        for row in blocklist.list_tombstones(archive.connection)
    }
    articles = {key: addresses.get(key, []) for key in reasons}
    known = _known_backups(context)
    purged, to_do = backup_copies.purge_backups(
        archive,
        known,
        backup_copies.select_backups(known, articles),
        reasons,
        addresses,
        at,
        wording_and_text_digests,
        _print_backup,
    )
    left = backup_copies.select_backups(known, articles)
    return {
        "purged_backups": [str(path) for path in purged],
        "backups": [str(backup.path) for backup in left],
        "to_do": to_do,
    }


def _print_backup(path: Path) -> None:
    if sys.stderr.isatty():
        print_note(f"{clean(str(path))} …")


def _purge_article(
    context: Context, article: str, reason: str, wait: bool, purges_backups: bool
) -> dict[str, Any]:
    from harvester.archive.connection import open_reader
    from harvester.archive.records import alert_deliveries
    from harvester.archive.takedown import article_rows, backup_copies, execute
    from harvester.identity.wording import wording_and_text_digests

    at = utc_timestamp()
    open_reader(context.settings.archive).close()  # raises if there is no archive
    with context.open_for_writing("harvest purge", at, wait) as archive:
        execute.finish_purge(archive, at)
        summary: dict[str, Any] = {"dry_run": False}
        addresses: dict[str, list[str]] = {}
        if article:
            connection = archive.connection
            plan = _plan_purge(connection, archive.captures_folder, article)
            summary["article"] = plan.article["key"]
            key = plan.article["key"]
            addresses[key] = backup_copies.list_addresses(connection, key)
            summary["delivered"] = alert_deliveries.list_of_article(connection, key)
            summary["removed"] = execute.execute_purge(
                archive, plan, reason, at, wording_and_text_digests
            )
            summary["left"] = article_rows.find_remaining_text(
                connection, plan.sentences
            )
            summary |= _other_copies(context, plan, addresses)
        summary["to_do"] = execute.finish_purge(archive, at)
        if purges_backups and not summary["to_do"]:
            summary |= _purge_backups(context, archive, addresses, at)
    return summary


def _print_summary(summary: dict[str, Any]) -> None:
    if "removed" in summary:
        _print_removed(summary)
    for delivery in summary.get("delivered", []):
        print_note(
            f"alert {delivery['alert']} told {clean(delivery['target'])} of it "
            f"{display_time(delivery['at'])} UTC: what is there stays"
        )
    for backup in summary.get("backups", []):
        print_note(f"{clean(backup)} still has the article: `harvest purge --backups`")
    for path in summary.get("unreachable", []):
        print_note(
            f"{clean(path)} is a backup that is not there now; it may have the article"
        )
    for path in summary.get("purged_backups", []):
        print_text(f"purged: {clean(path)}")
    for message in summary.get("to_do", []):
        print_note(message)
    if not summary["dry_run"] and not summary.get("to_do"):
        print_text(
            "nothing of it is left in the archive's files"
            if "removed" in summary
            else "no purge is unfinished"
        )


def _print_removed(summary: dict[str, Any]) -> None:
    verb = "would be removed" if summary["dry_run"] else "removed"
    counts = [
        _describe_count(name.replace("_", " "), count)
        for name, count in summary["removed"].items()
    ]
    print_text(f"{summary['article']} {verb}: {', '.join(counts)}")
    for column in summary.get("left", []):
        rows = pluralize(column["rows"], "row")
        print_text(
            "some of its sentences remain, in other articles: "
            f"{column['table']}.{column['column']} ({rows})"
        )
    if summary.get("copies"):
        keys = ", ".join(summary["copies"])
        print_note(f"other articles have the same text, and keep it: {keys}")


def _describe_count(name: str, count: int) -> str:
    if name in ("alert events", "deliveries"):
        return pluralize(count, name.removesuffix("s").replace("ie", "y"), name)
    noun, _, rest = name.partition(" ")
    if rest == "records":
        return pluralize(count, f"{noun} record")
    singular = {"entries": "entry"}.get(noun, noun.removesuffix("s"))
    suffix = f" {rest}" if rest else ""
    return pluralize(count, singular, noun) + suffix
