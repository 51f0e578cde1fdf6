"""``harvest rules test``: what the rules of an outlet would change, before they do."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import (
    POSITIVE_INT,
    Context,
    pass_context,
    require_archived_outlet,
)
from harvester.cli.crawl import require_configured_outlets
from harvester.cli.output import (
    Progress,
    clean,
    format_table,
    print_json,
    print_note,
    print_text,
)

if TYPE_CHECKING:
    from harvester.ingest.profiles.rules_trial import RulesTrial
    from harvester.settings import Settings

MAX_EXAMPLES = 5  # articles shown in full
MAX_LINES_SHOWN = 4  # of each that go or come
MAX_LINE_CHARS = 100  # characters of a line


@click.group()
def rules() -> None:
    """Try the rules of settings.toml on what is kept."""


@rules.command("test")
@click.argument("outlet")
@click.option(
    "--limit",
    type=POSITIVE_INT,
    default=100,
    show_default=True,
    help="The newest so many articles.",
)
@click.option(
    "--settings",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Rules of another settings file.",
)
@click.option("--json", "as_json", is_flag=True, help="One object.")
@pass_context
def test(
    context: Context, outlet: str, limit: int, file: Path | None, as_json: bool
) -> None:
    """Read the kept pages of an outlet with the rules as they stand in the settings now, and show what would differ.

    Nothing is changed; `harvest reread OUTLET` makes it so.
    """
    from harvester.settings import load_settings

    settings = load_settings(file) if file else context.settings
    require_configured_outlets((outlet,), list(settings.outlets))
    trials = _run_trials(context, settings, outlet, limit)
    record = _build_summary(settings, outlet, trials)
    if as_json:
        print_json(record)
    else:
        _print_summary(record, trials)


def _run_trials(
    context: Context, settings: Settings, outlet: str, limit: int
) -> list[RulesTrial]:
    from harvester.archive.queries.reading_health import list_current_versions
    from harvester.ingest.profiles import rules_trial
    from harvester.workers.pool import WorkerPool

    archive = context.settings
    progress = Progress("articles read")
    found: list[RulesTrial] = []
    with context.connect_read_only() as connection:
        require_archived_outlet(connection, outlet)
        total = len(list_current_versions(connection, outlet, limit))
        with closing(
            WorkerPool(settings.workers, settings.limits.read_time)
        ) as workers:
            for one in rules_trial.try_rules(
                connection,
                archive.captures,
                outlet,
                settings.outlets[outlet].rules,
                settings.limits,
                workers.submit,
                limit,
            ):
                found.append(one)
                progress.update(len(found), total)
    progress.clear()
    return found


def _build_summary(
    settings: Settings, outlet: str, trials: list[RulesTrial]
) -> dict[str, Any]:
    fields: Counter[str] = Counter(name for one in trials for name in one.fields)
    fields["text"] = sum(bool(one.removed or one.added) for one in trials)
    return {
        "outlet": outlet,
        "rules": settings.outlets[outlet].rules.fingerprint,
        "articles": len(trials),
        "differ": sum(one.differs for one in trials),
        "unread": sum(bool(one.problem) for one in trials),
        "other_extractor": sum(one.other_extractor for one in trials),
        "fields": {name: count for name, count in sorted(fields.items()) if count},
        "lines": {
            "removed": sum(len(one.removed) for one in trials),
            "added": sum(len(one.added) for one in trials),
        },
        "trials": [asdict(one) for one in trials if one.differs or one.problem],
    }


def _print_summary(record: dict[str, Any], trials: list[RulesTrial]) -> None:
    if not trials:
        print_note(
            f"no page of {clean(record['outlet'])} is held that could be read again"
        )
        return
    print_text(
        f"{record['differ']} of {record['articles']} articles would read differently"
    )
    if record["fields"]:
        lines = record["lines"]
        rows = [[name, count, f"{lines['removed']} lines go, {lines['added']} come" if name == "text" else ""]
                for name, count in record["fields"].items()]  # fmt: skip
        print_text(format_table(rows, ["differs", "articles", ""]))
    for one in [one for one in trials if one.differs][:MAX_EXAMPLES]:
        _print_trial(one)
    if record["differ"] > MAX_EXAMPLES:
        print_text(f"\n… and {record['differ'] - MAX_EXAMPLES} more; --json shows all")
    if record["differ"] and record["other_extractor"]:
        print_note(
            f"{record['other_extractor']} are held as another extractor read them: not all of this is due to the rules"
        )
    if record["unread"]:
        first = next(one for one in trials if one.problem)
        print_note(
            f"{record['unread']} could not be read again, such as {first.article}: {first.problem}"
        )


def _print_trial(trial: RulesTrial) -> None:
    from harvester.identity.urls import mask_secrets

    print_text(f"\n{click.style(clean(trial.title), bold=True)}  {trial.article}")
    print_text(f"  {click.style(clean(mask_secrets(trial.url)), dim=True)}")
    for name, (before, after) in trial.fields.items():
        print_text(f"  {name}: {_format_value(before)} → {_format_value(after)}")
    for sign, colour, lines in (
        ("-", "red", trial.removed),
        ("+", "green", trial.added),
    ):
        for text in lines[:MAX_LINES_SHOWN]:
            print_text(click.style(f"  {sign} {_truncate(clean(text))}", fg=colour))
        if len(lines) > MAX_LINES_SHOWN:
            print_text(
                click.style(
                    f"  {sign} … {len(lines) - MAX_LINES_SHOWN} more lines", fg=colour
                )
            )


def _format_value(value: Any) -> str:
    return (
        _truncate(
            clean("; ".join(value) if isinstance(value, tuple) else str(value or ""))
        )
        or "nothing"
    )


def _truncate(text: str) -> str:
    return text if len(text) <= MAX_LINE_CHARS else f"{text[: MAX_LINE_CHARS - 1]}…"
