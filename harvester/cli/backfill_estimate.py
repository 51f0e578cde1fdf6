"""``harvest backfill --dry-run``: what there is to be had, by year."""

from __future__ import annotations

from typing import Any

from harvester.cli.backfill_progress import format_seconds
from harvester.cli.context import Context, mask_url, utc_timestamp
from harvester.cli.output import (
    format_table,
    pluralize,
    print_json,
    print_note,
    print_records,
    print_text,
)
from harvester.errors import ArchiveNotFound, HarvesterError

CSV_COLUMNS = ("outlet", "year", "entries", "known")


def print_estimate(context: Context, outlet: str, since: str, form: str | None) -> int:
    """Ask, and print a table of years; returns their number."""
    record = _estimate(context, outlet, since)
    years = record["years"]
    if form == "json":
        print_json(record)
        return len(years)
    if print_records(years, form, CSV_COLUMNS):
        return len(years)
    for note in record["notes"]:
        print_note(note)
    if not record["source"]:
        print_note("`harvest backfill` without --dry-run reads the pages of its feeds")
        raise HarvesterError(
            f"nothing tells how much {outlet} published since {since[:10]}",
            f"asked with {pluralize(record['sent'], 'request')}",
        )
    rows = [[row["year"] or "no date", row["entries"], row["known"]] for row in years]
    print_text(format_table(rows, ["year", "entries", "in the archive"]))
    least = "at least " if record["partial"] else ""
    print_text(
        f"{least}{pluralize(record['entries'], 'entry', 'entries')} since {since[:10]}, "
        f"as {record['source']} states; {record['known']} probably known"
    )
    print_text(
        f"{least}{pluralize(record['requests'], 'request')}: "
        f"{format_seconds(record['seconds'])} at a delay of {record['delay']:g} seconds"
    )
    return len(years)


def _estimate(context: Context, outlet: str, since: str) -> dict[str, Any]:
    from harvester.archive.records.backfills import count_by_year
    from harvester.daemon.backfill_estimate import MAX_REQUESTS, Estimator, known_of
    from harvester.daemon.fetch_process import FetchProcess

    settings, known = context.settings, {}
    chosen = settings.outlets[outlet]
    try:
        with context.connect_read_only() as connection:
            known = count_by_year(connection, outlet, since)
    except ArchiveNotFound:
        pass  # nothing is known
    with FetchProcess(settings, MAX_REQUESTS) as process:
        estimator = Estimator(
            chosen,
            lambda url: process.fetch(url, "feed", outlet),
            since,
            utc_timestamp(),
        )
        estimate = estimator.run()
    known = known_of(estimate, known)
    known_count = sum(known.values())
    requests = estimate.list_requests + estimate.total - known_count
    return {
        "outlet": outlet,
        "since": since,
        "source": estimate.source,
        "entries": estimate.total,
        "known": known_count,
        "partial": estimate.is_partial,
        "requests": requests,
        "seconds": round(requests * max(chosen.delay, 0.1), 1),
        "delay": chosen.delay,
        "sent": estimate.sent,
        "notes": [mask_url(note) for note in estimate.notes],
        "years": [
            {
                "outlet": outlet,
                "year": year,
                "entries": estimate.by_year[year],
                "known": known.get(year, 0),
            }
            for year in sorted(estimate.by_year, reverse=True)
        ],
    }
