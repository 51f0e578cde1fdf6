"""Options and types of arguments that several commands share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from harvester.cli.context import utc_now

# SQLite has no integers beyond 64 bits.
POSITIVE_INT = click.IntRange(1, 1_000_000_000)
ARTICLE_HELP = (
    "ARTICLE: a key, a unique prefix of one with at least 6 characters, or any of the "
    "article's addresses."
)

json_object_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object."
)
json_list_option = click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON list."
)
json_form_option = click.option(
    "--json", "form", flag_value="json", help="Print a JSON list."
)
nl_form_option = click.option(
    "--nl", "form", flag_value="nl", help="Print one JSON object a line."
)
csv_form_option = click.option("--csv", "form", flag_value="csv", help="Print CSV.")
wait_option = click.option(
    "--wait", is_flag=True, help="Wait while another program has the archive locked."
)


class DurationParamType(click.ParamType[float]):
    """A duration in words, as in settings.toml; becomes seconds."""

    name = "duration"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """ "90 seconds", "1 hour"."""
        from harvester.settings import parse_duration

        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class TimeParamType(click.ParamType[str]):
    """A day, a time, or how long ago; becomes a time as the archive writes it."""

    name = "time"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """ "2025-09-06", "2025-09-06T08:00:00+02:00", or "2 days"."""
        from harvester.schedule.times import format_time
        from harvester.settings import parse_duration

        text = value.strip().lower().removesuffix(" ago")
        try:
            at = datetime.fromisoformat(text.upper())
        except ValueError:
            try:
                return format_time(utc_now() - timedelta(seconds=parse_duration(text)))
            except ValueError:
                self.fail(
                    f"invalid time {value!r}: write a day (2025-09-06), a time "
                    "(2025-09-06T08:00Z) or how long ago (2 days)"
                )
        try:
            return format_time(at if at.tzinfo else at.replace(tzinfo=UTC))
        except OverflowError:
            self.fail(f"invalid time {value!r}: out of range in UTC")
