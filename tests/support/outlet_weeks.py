"""An archive of three weeks of three outlets, whose numbers are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.small_archive import Building

FIRST_DAY = datetime(2026, 8, 3, tzinfo=UTC)  # a Monday
DAYS = 20  # the last week is not over
HOSTILE_NAME = "<script>window.hacked=1</script>"


def write_time(at: datetime) -> str:
    """A time as the archive has it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def build(folder: Path) -> Path:
    """Write it; returns the archive's path.

    mpi has six articles a day, at 6, 7 … 11; the first of each day is edited without a
    word after ten minutes, the second after five hours with a note, one of a week is
    removed. The courier has two a day, gone has one. Each first article names a bridge,
    and on Mondays all of mpi name a flood.
    """
    built = Building(folder)
    for outlet, articles in (("mpi", 6), ("courier", 2), ("gone", 1)):
        for day in range(DAYS):
            for number in range(articles):
                _add(built, outlet, FIRST_DAY + timedelta(days=day, hours=6 + number))
    built.connection.execute(
        "update outlets set name = ? where key = 'gone'", [HOSTILE_NAME]
    )
    return built.done()


def _add(built: Building, outlet: str, at: datetime) -> None:
    written, is_first = write_time(at), at.hour == 6
    key = built.article(f"https://{outlet}.example/{at:%m%d%H}", outlet, written)
    words = ["bridge"] if is_first else []
    words += ["flood"] if outlet == "mpi" and at.weekday() == 0 else []
    text = f"The {' '.join(words)} of {at:%d %B}, {at.hour}."
    times = {"published": written, "language": "en"}
    first = built.version(key, f"News of {at:%d %B}", text, written, **times)
    if outlet == "mpi" and at.hour in (6, 7):
        later = at + (timedelta(minutes=10) if is_first else timedelta(hours=5))
        second = built.version(
            key, f"News of {at:%d %B}", f"{text} More.", write_time(later), **times
        )
        built.edit(
            key,
            first,
            second,
            write_time(later),
            silent=int(is_first),
            **{"class": "substantive" if is_first else "correction"},
        )
    if outlet == "mpi" and at.hour == 8 and at.weekday() == 2:
        built.event("removed", key, write_time(at + timedelta(days=1)))
