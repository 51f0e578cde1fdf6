"""``harvest rules test``: what the rules of an outlet would change, before they do."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import MANY, Context, known_outlet, pass_context
from harvester.cli.crawl import known_outlets
from harvester.cli.output import Progress, clean, note, print_json, say, table

if TYPE_CHECKING:
    from harvester.ingest.profiles.rules_trial import Trial
    from harvester.settings import Settings

EXAMPLES = 5  # articles shown in full
LINES = 4  # of each that go or come
CUT = 100  # characters of a line


@click.group()
def rules() -> None:
    """Try the rules of settings.toml on what is kept."""


@rules.command("test")
@click.argument("outlet")
@click.option(
    "--limit",
    type=MANY,
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
    from harvester.settings import load

    settings = load(file) if file else context.settings
    known_outlets((outlet,), list(settings.outlets))
    trials = _trials(context, settings, outlet, limit)
    record = _summary(settings, outlet, trials)
    if as_json:
        print_json(record)
    else:
        _print(record, trials)


def _trials(
    context: Context, settings: Settings, outlet: str, limit: int
) -> list[Trial]:
    from harvester.archive.queries.reading_health import shown_now
    from harvester.ingest.profiles import rules_trial
    from harvester.workers.pool import Workers

    archive = context.settings
    progress = Progress("articles read")
    found: list[Trial] = []
    with context.reading() as connection:
        known_outlet(connection, outlet)
        total = len(shown_now(connection, outlet, limit))
        with closing(Workers(settings.workers, settings.limits.read_time)) as workers:
            for one in rules_trial.run(
                connection,
                archive.captures,
                outlet,
                settings.outlets[outlet].rules,
                settings.limits,
                workers.submit,
                limit,
            ):
                found.append(one)
                progress.show(len(found), total)
    progress.clear()
    return found


def _summary(settings: Settings, outlet: str, trials: list[Trial]) -> dict[str, Any]:
    fields: Counter[str] = Counter(name for one in trials for name in one.fields)
    fields["text"] = sum(bool(one.removed or one.added) for one in trials)
    return {
        "outlet": outlet,
        "rules": settings.outlets[outlet].rules.name,
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


def _print(record: dict[str, Any], trials: list[Trial]) -> None:
    if not trials:
        note(f"no page of {clean(record['outlet'])} is held that could be read again")
        return
    say(f"{record['differ']} of {record['articles']} articles would read differently")
    if record["fields"]:
        lines = record["lines"]
        rows = [[name, count, f"{lines['removed']} lines go, {lines['added']} come" if name == "text" else ""]
                for name, count in record["fields"].items()]  # fmt: skip
        say(table(rows, ["differs", "articles", ""]))
    for one in [one for one in trials if one.differs][:EXAMPLES]:
        _print_one(one)
    if record["differ"] > EXAMPLES:
        say(f"\n… and {record['differ'] - EXAMPLES} more; --json shows all")
    if record["differ"] and record["other_extractor"]:
        note(
            f"{record['other_extractor']} are held as another extractor read them: not all of this is due to the rules"
        )
    if record["unread"]:
        first = next(one for one in trials if one.problem)
        note(
            f"{record['unread']} could not be read again, such as {first.article}: {first.problem}"
        )


def _print_one(one: Trial) -> None:
    from harvester.identity.urls import mask

    say(f"\n{click.style(clean(one.title), bold=True)}  {one.article}")
    say(f"  {click.style(clean(mask(one.url)), dim=True)}")
    for name, (before, after) in one.fields.items():
        say(f"  {name}: {_value(before)} → {_value(after)}")
    for sign, colour, lines in (("-", "red", one.removed), ("+", "green", one.added)):
        for text in lines[:LINES]:
            say(click.style(f"  {sign} {_cut(clean(text))}", fg=colour))
        if len(lines) > LINES:
            say(click.style(f"  {sign} … {len(lines) - LINES} more lines", fg=colour))


def _value(value: Any) -> str:
    return (
        _cut(clean("; ".join(value) if isinstance(value, tuple) else str(value or "")))
        or "nothing"
    )


def _cut(text: str) -> str:
    return text if len(text) <= CUT else f"{text[: CUT - 1]}…"
