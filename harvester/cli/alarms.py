"""What ``harvest status`` says of alarms: unusual volume, downtime; and events as Atom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, utc_timestamp
from harvester.cli.output import display_time, print_text, wrap_text

if TYPE_CHECKING:
    from harvester.archive.queries.health_events import HealthEvent

DOWNTIME_SHOWN_SECONDS = 7 * 86_400.0  # after its end
VOLUME_ADVICE = {
    "few": "see whether its feeds list everything that its front page shows",
    "many": "see whether a feed lists what is not news, and `deny` it in the settings",
}


def volume_record(stored: str) -> dict[str, Any] | None:
    """How many articles an outlet brings, if that is unusual."""
    from harvester.schedule import volume
    from harvester.schedule.times import format_seconds

    known = volume.from_json(stored)
    if not known.alarm:
        return None
    evidence = volume.alarm_evidence(known)
    return {
        "alarm": known.alarm,
        "since": format_seconds(evidence.since),
        "articles": round(evidence.count),
        "usual": round(evidence.usual),
        "words": volume.describe_counts(known.alarm, evidence.count, evidence.usual),
    }


def print_volume(volume: dict[str, Any] | None) -> None:
    """Print that an outlet brings unusually few or many articles."""
    if volume is None:
        return
    since = display_time(volume["since"])
    message = wrap_text(f"{volume['words']}, since {since} UTC", "  ")
    print_text(click.style(message, fg="yellow"))
    print_text(wrap_text(f"→ {VOLUME_ADVICE[volume['alarm']]}", "  "))


def print_downtime(downtime: dict[str, Any] | None) -> None:
    """Print when the harvester itself was silent, for a week after it."""
    from harvester.schedule.times import add_seconds

    if downtime is None or downtime["until"] < add_seconds(
        utc_timestamp(), -DOWNTIME_SHOWN_SECONDS
    ):
        return
    message = (
        f"from {display_time(downtime['from'])} to {display_time(downtime['until'])} "
        f"UTC {downtime['words']}"
    )
    print_text(click.style(wrap_text(message), fg="yellow"))


def print_atom(
    context: Context, events: Sequence[HealthEvent], outlets: Sequence[str]
) -> None:
    """Print events as an Atom feed; its id is the archive's path and the outlets."""
    from harvester.identity.urls import mask_secrets
    from harvester.render import feeds
    from harvester.render.feed_entries import make_health_entry

    title = " ".join(("Health of", *(outlets or ["the harvest"])))
    key = " ".join(("health", str(context.archive_path.resolve()), *sorted(outlets)))
    entries = [make_health_entry(event, mask_secrets) for event in events]
    feed = feeds.Feed(key, title, utc_timestamp(), entries)
    click.echo(feeds.render_atom(feed), nl=False, color=True)
