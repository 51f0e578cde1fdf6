"""``harvest import warc``: responses of WARC files, as captures at their time."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.completion import complete_outlets
from harvester.cli.context import (
    Context,
    pass_context,
    require_configured_outlets,
    utc_timestamp,
)
from harvester.cli.options import TimeParamType, json_object_option, wait_option
from harvester.cli.output import (
    Progress,
    clean,
    format_table,
    pluralize,
    print_json,
    print_note,
    print_text,
)

if TYPE_CHECKING:
    from harvester.importing.types import ImportResult

MAX_REASONS_SHOWN = 20
MAX_DOMAINS_SHOWN = 10
MAX_DAYS_SHOWN = 60
# outcome of a response → how people are told
OUTCOMES = {
    "new": "new articles",
    "changed": "changed articles: a version more",
    "unchanged": "unchanged articles",
    "duplicate": "new articles with the text of another one",
    "feed": "polls of feeds",
}


@click.command("warc")
@click.argument(
    "sources",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE|FOLDER…",
)
@click.option(
    "--outlet",
    default="",
    shell_complete=complete_outlets,
    help="Everything is of this outlet, whatever its domain.",
)
@click.option(
    "--all-outlets",
    is_flag=True,
    help="Make an outlet of each domain that is no outlet's; it is not crawled.",
)
@click.option(
    "--since",
    type=TimeParamType(),
    default=None,
    help="Only what was received since a day.",
)
@click.option(
    "--until",
    type=TimeParamType(is_end=True),
    default=None,
    help="Only what was received up to a day, that day included.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    show_default="as in the settings",
    help="Number of worker processes.",
)
@click.option(
    "--again",
    is_flag=True,
    help="Also files that were imported before: for outlets that were added since.",
)
@click.option(
    "--dry-run", is_flag=True, help="Show what is in the files; import nothing."
)
@wait_option
@json_object_option
@pass_context
def warc(
    context: Context,
    sources: tuple[Path, ...],
    outlet: str,
    all_outlets: bool,
    since: str | None,
    until: str | None,
    workers: int | None,
    again: bool,
    dry_run: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Import the responses of WARC files.

    Each becomes a capture at its time: articles, and their versions of the past. WARC 1.0
    and 1.1, compressed with gzip or zstd or not. A response belongs to the outlet of the
    settings whose domain it has. An interrupted import is continued by the same command;
    a file that was imported is skipped.

    Examples: `harvest import warc CC-NEWS-20260901*.warc.gz`, `harvest import warc
    captures/ --outlet courier --dry-run`
    """
    from harvester.importing.run import find_files, import_files
    from harvester.importing.types import ImportFile, ImportOptions

    if outlet and all_outlets:
        raise click.UsageError("--outlet and --all-outlets exclude each other")
    context.requires_outlets = not all_outlets and not dry_run
    require_configured_outlets(
        [outlet] if outlet else [], list(context.settings.outlets)
    )
    options = ImportOptions(
        outlet,
        all_outlets,
        since or "",
        until or "",
        workers or 0,
        again,
        wait,
        dry_run,
    )
    progress = StageProgress()
    try:
        result = import_files(
            context.settings,
            [
                ImportFile(path)
                for path in find_files(sources, context.settings.captures)
            ],
            options,
            utc_timestamp(),
            progress,
        )
    except KeyboardInterrupt:
        progress.clear()
        print_note("interrupted: the same command continues")
        raise
    progress.clear()
    if as_json:
        print_json(describe_result(result))
    else:
        print_result(result)
    if any(file.problem for file in result.files):
        sys.exit(1)


class StageProgress:
    """The stages of an import: each is named, and how much of it is done."""

    def __init__(self) -> None:
        self._stage = ""
        self._line = Progress("")

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Tell how far the import is."""
        if stage != self._stage:
            self._line.clear()
            self._stage, self._line = stage, Progress(stage)
        self._line.update(done, total)

    def clear(self) -> None:
        """Remove the line."""
        self._line.clear()


def describe_result(result: ImportResult) -> dict[str, Any]:
    """The result for programs."""
    return {
        "files": [
            {
                "path": file.path,
                "name": file.name,
                "receiver": file.receiver,
                "bytes": file.bytes,
                "sha256": file.sha256,
                "status": file.status,
                "problem": file.problem,
            }
            for file in result.files
        ],
        "dry_run": result.dry_run,
        "responses": result.responses,
        "outcomes": dict(result.outcomes),
        "reasons": dict(result.reasons),
        "joined": dict(result.joined),
        "left_out": dict(result.skipped),
        "other_records": dict(result.other_records),
        "domains": dict(result.domains.most_common()),
        "days": [
            {"outlet": outlet, "day": day, "responses": count}
            for (outlet, day), count in sorted(result.days.items())
        ],
        "merged": result.merged,
    }


def print_result(result: ImportResult) -> None:
    """The result for people: what became of each response."""
    for file in result.files:
        if file.problem:
            print_note(f"{clean(file.path)}: {file.problem}")
    known = sum(file.status == "known" for file in result.files)
    if known:
        verb = "was" if known == 1 else "were"
        print_note(
            f"{pluralize(known, 'file')} {verb} imported before; --again imports them once "
            "more, for outlets that were added since"
        )
    if result.dry_run:
        _print_days(result)
    print_text(pluralize(result.responses, "response"))
    if rows := _count_rows(result):
        print_text(format_table(rows, ["responses", "what became of them"]))
    if result.merged and "added" in result.merged:
        _print_added(result.merged["added"])
    _print_domains(result.domains)


def _count_rows(result: ImportResult) -> list[list[object]]:
    rows: list[list[object]] = []
    named = {OUTCOMES.get(name, name): name for name in result.outcomes}
    for words, name in sorted(named.items()):
        if name in OUTCOMES:
            rows.append([result.outcomes[name], words])
    for reasons, before in (
        (result.reasons, ""),
        (result.joined, ""),
        (result.skipped, "left out: "),
    ):
        for reason, count in reasons.most_common(MAX_REASONS_SHOWN):
            rows.append([count, f"{before}{reason}"])
    return rows


def _print_days(result: ImportResult) -> None:
    rows = [[*key, count] for key, count in sorted(result.days.items())]
    if rows:
        print_text(format_table(rows[:MAX_DAYS_SHOWN], ["outlet", "day", "responses"]))
    if len(rows) > MAX_DAYS_SHOWN:
        print_text(f"and {len(rows) - MAX_DAYS_SHOWN} more days; --json has them all")


def _print_added(added: dict[str, int]) -> None:
    nouns = {"articles": "article", "versions": "version", "captures": "capture"}
    counts = [
        pluralize(added[name], noun) for name, noun in nouns.items() if name in added
    ]
    print_text(f"added to the archive: {', '.join(counts) or 'nothing'}")


def _print_domains(domains: Counter[str]) -> None:
    if not domains:
        return
    named = ", ".join(
        f"{clean(name)} ({count})"
        for name, count in domains.most_common(MAX_DOMAINS_SHOWN)
    )
    more = len(domains) - MAX_DOMAINS_SHOWN
    print_note(f"of no outlet: {named}{f' and {more} more' if more > 0 else ''}")
    print_note(
        "`harvest add URL` adds an outlet, --outlet KEY takes everything as of one, "
        "--all-outlets makes an outlet of each domain"
    )
