"""The first publication date seen stays; dates in the future are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from harvester.ingest import publication_date
from harvester.model import Entry, Extract
from harvester.newsroom import Newsroom

if TYPE_CHECKING:
    from harvester.newsroom.outlet import Outlet
    from tests.support.crawled_archive import Harvest

WORDS = [
    f"Le conseil municipal a voté hier soir la mesure {n} du budget, après quatre heures de débat dans une salle comble."
    for n in range(2, 8)
]
NOON, NIGHT, LATER = (
    "2025-09-06T12:00:00Z",
    "2025-09-06T22:30:00Z",
    "2025-10-01T07:00:00Z",
)


def extract(
    published: str | None, local: str | None = None, source: str = "meta"
) -> Extract:
    blank: dict[str, Any] = dict.fromkeys(
        ("url", "title", "language", "image", "description"), ""
    )
    blank |= dict.fromkeys(("modified", "modified_local"))
    blank |= dict.fromkeys(("authors", "sections", "tags"), ())
    sources = {"published": source} if published else {}
    return Extract(
        **blank,
        published=published,
        published_local=local or published,
        text="x",
        sources=sources,
        extractor="x",
    )


@pytest.mark.parametrize(
    ("first", "source", "stated", "said_by", "kept"),
    [
        (NOON, "json-ld", LATER, "json-ld", NOON),  # rewritten
        (NOON, "json-ld", "2025-09-05T12:00:00Z", "json-ld", NOON),  # moved back
        (NOON, "json-ld", "2025-09-06", "meta", NOON),  # less precise
        (NOON, "json-ld", None, "", NOON),  # silence is no statement
        ("2025-09-06", "meta", NOON, "json-ld", NOON),  # more precise
        ("2025-09-06", "meta", LATER, "json-ld", "2025-09-06"),
        (None, "", LATER, "json-ld", LATER),  # none was known
        ("2025-09-03", "text", LATER, "json-ld", LATER),  # it had been guessed
        ("2025-09-03", "text", "2025-09-04", "text", "2025-09-03"),
    ],
)
def test_the_first_date_stays(
    first: str | None, source: str, stated: str | None, said_by: str, kept: str
) -> None:
    made = publication_date.keep_first_date(
        extract(stated, source=said_by), first, first, source
    )
    assert made.published == kept
    refused = [(one.value, one.source) for one in made.statements if one.refused]
    assert refused == ([(stated, said_by)] if stated and kept != stated else [])


def test_a_day_is_a_day_in_the_outlets_time_zone() -> None:
    local = "2025-09-07T00:30:00+02:00"
    assert (
        publication_date.keep_first_date(
            extract(NIGHT, local), "2025-09-07", "2025-09-07", "meta"
        ).published
        == NIGHT
    )
    assert (
        publication_date.keep_first_date(
            extract(NIGHT, local), "2025-09-06", "2025-09-06", "meta"
        ).published
        == NIGHT
    )
    assert (
        publication_date.keep_first_date(
            extract(NIGHT, local), "2025-09-05", "2025-09-05", "meta"
        ).published
        == "2025-09-05"
    )


def test_dates_up_to_a_day_ahead_are_accepted() -> None:
    assert not publication_date.is_too_late(
        "2025-09-07T11:59:00Z", NOON
    ) and not publication_date.is_too_late("2025-09-07", NOON)
    assert publication_date.is_too_late(
        "2025-09-07T12:01:00Z", NOON
    ) and publication_date.is_too_late("2025-09-08", NOON)


# ---- through the whole program


def page(stated: str, words: list[str]) -> bytes:
    meta = (
        f"<meta property='article:published_time' content='{stated}'>" if stated else ""
    )
    text = "".join(f"<p>{one}</p>" for one in words)
    return (
        f"<html lang='fr'><head><title>Le budget est voté</title>{meta}</head>"
        f"<body><article><h1>Le budget est voté</h1>{text}</article></body></html>"
    ).encode()


def put(paper: Outlet, stated: str, words: list[str] = WORDS) -> None:
    paper.serve("/le-budget", page(stated, words))


def test_an_outlet_that_rewrites_its_dates(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = newsroom.add_outlet("paper", "files")
    html = "text/html; charset=utf-8"
    paper.serve_pages([("/le-budget", page("2025-09-06T14:00:00+02:00", WORDS), html)])
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    harvest.once()

    put(paper, "2025-10-01T09:00:00+02:00")
    harvest.once("--force")
    harvest.once("--force")  # it states that still: no further change
    put(
        paper,
        "2025-10-02T09:00:00+02:00",
        [*WORDS[:5], "La maire a depuis demandé un second vote, prévu lundi prochain."],
    )
    assert harvest.once("--force")["changed"] == 1
    rows = harvest.rows(
        "select published, published_local from versions order by number"
    )
    assert [one["published"] for one in rows] == [NOON, NOON]
    assert rows[1]["published_local"] == "2025-09-06T14:00:00+02:00"
    changes = harvest.rows(
        "select kind, json_extract(fields, '$.published') as published from changes order by id"
    )
    assert [one["kind"] for one in changes] == ["fields", "edited"]
    assert changes[0]["published"] == '["2025-09-06T12:00:00Z","2025-10-01T07:00:00Z"]'
    assert changes[1]["published"] == '["2025-10-01T07:00:00Z","2025-10-02T07:00:00Z"]'
    (kept,) = harvest.rows(
        "select s.value ->> '$.value' as value, s.value ->> '$.refused' as refused from readings r,"
        " json_each(r.extract, '$.statements') s where s.value ->> '$.refused' like 'first seen%'"
    )
    assert kept == {
        "value": "2025-10-02T07:00:00Z",
        "refused": f"first seen with {NOON}",
    }
    harvest.check()


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ("2999-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("2025-09-07T13:00:00Z", None),
        ("2025-09-07T11:00:00Z", "2025-09-07T11:00:00Z"),  # zones differ
        (NOON, NOON),
        (None, None),
    ],
)
def test_dates_of_entries_that_are_too_late(
    stated: str | None, kept: str | None
) -> None:
    entry = Entry("1", "https://a.example/", published=stated, updated=stated)
    checked = publication_date.without_late_dates(entry, NOON)
    assert (checked.published, checked.updated) == (kept, kept)
    if stated and not kept:
        assert checked.published_local == stated


def test_a_feed_that_states_future_dates(newsroom: Newsroom, harvest: Harvest) -> None:
    paper = newsroom.add_outlet("paper", "wordpress")
    tomorrow = datetime.now(UTC) + timedelta(days=3)
    article = paper.publish(
        "Le budget est voté", WORDS, author="Anne Roux", at=tomorrow
    )
    paper.add_fault(article, "body", body=page("", WORDS), content_type="text/html")
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    assert harvest.once()["new"] == 1
    (entry,) = harvest.rows(
        "select published, extra ->> '$.published_local' as stated from entries"
    )
    assert entry["published"] is None
    assert entry["stated"][:19] == f"{tomorrow:%Y-%m-%dT%H:%M:%S}"
    (version,) = harvest.rows("select published from versions")
    assert version["published"] is None
    (kept,) = harvest.rows(
        "select s.value ->> '$.value' as value, s.value ->> '$.source' as source, s.value ->> '$.refused' as refused"
        " from readings r, json_each(r.extract, '$.statements') s where s.value ->> '$.field' = 'published'"
    )
    assert kept == {
        "value": entry["stated"],
        "source": "feed",
        "refused": publication_date.TOO_LATE_REASON,
    }
