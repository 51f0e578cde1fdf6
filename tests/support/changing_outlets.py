"""An archive of two outlets that edit, remove and copy, on the days before a given one.

Built row by row: what each page must show is known from here, not from our queries.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harvester.archive.records import copies
from harvester.identity import near_duplicates
from tests.support.small_archive import Building

REPORT = """The harbour board said on Tuesday that the ferry line would close for good.
Fishing crews had asked for a later boat in winter, and were told there is no money.
The mayor called the decision a disgrace and promised to take the board to court.
About four thousand people live on the island, most of them older than fifty years."""
COPY = """The harbour board said on Tuesday that the ferry line would close for good.
The mayor called the decision a disgrace and promised to take the board to court.
Our readers on the island wrote to us that they had expected nothing else from it."""
PHARMACY = "The pharmacy closes. The school stays open. The baker thinks about it."


class Days:
    """Times on the days before now, as the archive writes them."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)

    def at(self, days_ago: int, clock: str) -> str:
        """A time of day, so many days before today."""
        day = (self.now - timedelta(days=days_ago)).date()
        return f"{day}T{clock}:00Z"


def build(folder: Path, now: datetime) -> dict[str, str]:
    """Fill ``archive.db`` in a folder; returns the keys of the articles by name."""
    make, days = Building(folder), Days(now)
    keys = {
        name: make.article(
            f"https://{outlet}.example/{name}", outlet, days.at(ago, clock)
        )
        for name, outlet, ago, clock in (
            ("pharmacy", "courier", 3, "06:00"),
            ("mayor", "mpi", 3, "07:00"),
            ("order", "mpi", 3, "07:30"),
            ("withdrawn", "courier", 9, "08:00"),
            ("away", "courier", 9, "09:00"),
            ("doubted", "mpi", 9, "10:00"),
            ("ferry", "courier", 2, "06:10"),
            ("bac", "mpi", 2, "08:25"),
            ("old", "gone", 40, "08:00"),
            ("older", "mpi", 40, "12:00"),
        )
    }
    _edit(make, days, keys)
    for name in ("withdrawn", "away", "doubted"):
        make.version(keys[name], f"{name} headline", f"{name} text", language="en")
    _remove(make, days, keys)
    ids = {}
    for name, title, text in (
        ("ferry", "Ferry line to close for good", REPORT),
        ("bac", "Ferry line closes for good", COPY),
        ("old", "A storm of old", REPORT.replace("ferry", "tram")),
        ("older", "The storm of old", REPORT.replace("ferry", "tram")),
    ):
        at = make.connection.execute(
            "select first_seen from articles where key = ?", [keys[name]]
        ).fetchone()[0]
        ids[name] = make.version(keys[name], title, text, at, language="en")
    _copy(make, keys, ids, "bac", "ferry", "AFP")
    _copy(make, keys, ids, "older", "old", "")
    make.done()
    return keys


def _copy(
    make: Building,
    keys: dict[str, str],
    ids: dict[str, int],
    copier: str,
    first: str,
    agency: str,
) -> None:
    """A pair with the shares that comparing the two texts gives."""
    texts = [
        near_duplicates.tokenise(
            *make.connection.execute(
                "select title, text from versions where id = ?", [ids[name]]
            ).fetchone()
        )
        for name in (copier, first)
    ]
    compared = near_duplicates.compare(*texts)
    assert compared.is_near_duplicate
    make.row(
        "copies",
        article=keys[copier],
        original=keys[first],
        share=compared.share_of_first,
        shared=compared.share_of_second,
        version=ids[copier],
        original_version=ids[first],
    )
    copies.merge_clusters(make.connection, {keys[first]: agency, keys[copier]: ""})


def _edit(make: Building, days: Days, keys: dict[str, str]) -> None:
    """Yesterday: one edit without a word, one acknowledged, one that only moved."""
    changed = ["The pharmacy closes.", "The post closes."]
    for name, title, texts, clock, sentences, values in (
        (
            "pharmacy",
            "Shops",
            (PHARMACY, PHARMACY.replace("pharmacy", "post")),
            "15:57",
            {"changed": [changed], "added": [], "removed": []},
            {"class": "substantive", "silent": 1, "size": 1},
        ),
        (
            "mayor",
            "Le maire",
            ("Le maire se tait.", "Le maire se tait. Rectificatif."),
            "15:20",
            {"added": ["Rectificatif."]},
            {"class": "correction", "silent": 0, "size": 1, "admitted": "note"},
        ),
        (
            "order",
            "Deux choses",
            ("L'une. L'autre.", "L'autre. L'une."),
            "03:00",
            {"moved": ["L'autre."]},
            {"class": "cosmetic", "silent": 0, "size": 0, "admitted": "modified"},
        ),
    ):
        at, language = days.at(1, clock), "en" if name == "pharmacy" else "fr"
        before = make.version(
            keys[name], title, texts[0], days.at(3, "07:30"), language=language
        )
        after = make.version(keys[name], title, texts[1], at, language=language)
        make.edit(
            keys[name],
            before,
            after,
            at,
            sentences=json.dumps(sentences),
            **values,  # type: ignore[arg-type]
        )


def _remove(make: Building, days: Days, keys: dict[str, str]) -> None:
    """One stays removed, one has returned and is suspect again, one was only suspect."""
    for name, ago, clock, kind in (
        ("withdrawn", 5, "10:00", "suspect"),
        ("withdrawn", 5, "18:00", "removed"),
        ("away", 8, "10:00", "suspect"),
        ("away", 8, "18:00", "removed"),
        ("away", 4, "12:00", "returned"),
        ("away", 2, "12:00", "suspect"),
        ("doubted", 6, "09:00", "suspect"),
    ):
        note = "" if kind == "returned" else "answered 404 Not Found"
        at = days.at(ago, clock)
        make.event(kind, keys[name], at, note=note)
        is_online = kind == "returned"
        make.row(
            "looks",
            article=keys[name],
            at=at,
            outcome="unchanged" if is_online else "gone",
            status=200 if is_online else 404,
            saw="" if is_online else "404",
            missed=0 if is_online else 1,
        )
    for name, state in (("withdrawn", "removed"), ("away", "suspect")):
        make.connection.execute(
            "update articles set state = ? where key = ?", [state, keys[name]]
        )
    make.row(
        "looks",
        article=keys["doubted"],
        at=days.at(6, "15:00"),
        outcome="unchanged",
        status=200,
    )
