"""``harvest rules test``: what the rules of an outlet would change."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.completion import complete_outlets
from harvester.cli.context import (
    Context,
    pass_context,
    require_archived_outlets,
    require_configured_outlets,
)
from harvester.cli.options import POSITIVE_INT, json_object_option
from harvester.cli.output import (
    Progress,
    clean,
    format_table,
    pluralize,
    print_json,
    print_note,
    print_text,
    truncate,
)

if TYPE_CHECKING:
    from harvester.ingest.rules_trial import RulesTrial
    from harvester.settings import Settings

MAX_EXAMPLES = 5  # articles
MAX_LINES_SHOWN = 4  # of those removed, and of those added
MAX_LINE_CHARS = 100


@click.group()
def rules() -> None:
    """Try the rules of settings.toml on stored pages.

    Examples: `harvest rules test courier`, `harvest rules test courier --json`
    """


@rules.command("test")
@click.argument("outlet", shell_complete=complete_outlets)
@click.option(
    "--limit",
    type=POSITIVE_INT,
    default=100,
    show_default=True,
    help="Number of articles, newest first.",
)
@click.option(
    "--settings",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take the rules from another settings file.",
)
@json_object_option
@pass_context
def test(
    context: Context, outlet: str, limit: int, file: Path | None, as_json: bool
) -> None:
    """Show what the rules in the settings would change.

    Stored pages are read with them. Nothing is changed; `harvest reread OUTLET` applies
    the rules.

    Examples: `harvest rules test courier --limit 20`,
    `harvest rules test courier --settings new.toml`
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
    from harvester.ingest import rules_trial
    from harvester.workers.pool import WorkerPool

    progress = Progress("articles read")
    trials: list[RulesTrial] = []
    with context.connect_read_only() as connection:
        require_archived_outlets(connection, [outlet])
        total = len(list_current_versions(connection, outlet, limit))
        with closing(
            WorkerPool(settings.workers, settings.limits.read_time)
        ) as workers:
            for trial in rules_trial.try_rules(
                connection,
                context.settings.captures,
                outlet,
                settings.outlets[outlet].rules,
                settings.limits,
                workers.submit,
                limit,
            ):
                trials.append(trial)
                progress.update(len(trials), total)
    progress.clear()
    return trials


def _build_summary(
    settings: Settings, outlet: str, trials: list[RulesTrial]
) -> dict[str, Any]:
    fields: Counter[str] = Counter(name for trial in trials for name in trial.fields)
    fields["text"] = sum(bool(trial.removed or trial.added) for trial in trials)
    return {
        "outlet": outlet,
        "rules": settings.outlets[outlet].rules.fingerprint,
        "articles": len(trials),
        "differ": sum(trial.differs for trial in trials),
        "unread": sum(bool(trial.problem) for trial in trials),
        "other_extractor": sum(trial.other_extractor for trial in trials),
        "fields": {name: count for name, count in sorted(fields.items()) if count},
        "lines": {
            "removed": sum(len(trial.removed) for trial in trials),
            "added": sum(len(trial.added) for trial in trials),
        },
        "trials": [asdict(trial) for trial in trials if trial.differs or trial.problem],
    }


def _print_summary(record: dict[str, Any], trials: list[RulesTrial]) -> None:
    if not trials:
        print_note(f"no stored pages of {clean(record['outlet'])} can be read again")
        return
    articles = pluralize(record["articles"], "article")
    print_text(f"{record['differ']} of {articles} would read differently")
    if record["fields"]:
        removed = pluralize(record["lines"]["removed"], "line")
        lines = f"{removed} removed, {record['lines']['added']} added"
        rows = [
            [name, count, lines if name == "text" else ""]
            for name, count in record["fields"].items()
        ]
        print_text(format_table(rows, ["field", "articles", ""]))
    for trial in [trial for trial in trials if trial.differs][:MAX_EXAMPLES]:
        _print_trial(trial)
    if record["differ"] > MAX_EXAMPLES:
        print_text(f"\n… and {record['differ'] - MAX_EXAMPLES} more; --json shows all")
    if record["differ"] and record["other_extractor"]:
        articles = pluralize(record["other_extractor"], "article")
        print_note(
            f"{articles} last read by another extractor: "
            "not every difference is due to the rules"
        )
    if record["unread"]:
        first = next(trial for trial in trials if trial.problem)
        print_note(
            f"{pluralize(record['unread'], 'article')} could not be read again, "
            f"such as {first.article}: {first.problem}"
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
            line = truncate(clean(text), MAX_LINE_CHARS)
            print_text(click.style(f"  {sign} {line}", fg=colour))
        if len(lines) > MAX_LINES_SHOWN:
            more = pluralize(len(lines) - MAX_LINES_SHOWN, "more line")
            print_text(click.style(f"  {sign} … {more}", fg=colour))


def _format_value(value: Any) -> str:
    text = "; ".join(value) if isinstance(value, tuple) else str(value or "")
    return truncate(clean(text), MAX_LINE_CHARS) or "nothing"
