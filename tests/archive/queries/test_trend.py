"""Words over time: articles as ``stats`` counts them, versions by ranges, samples."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from harvester.archive.queries import statistics, trend, version_ranges
from harvester.archive.queries.periods import Periods, make_periods
from harvester.errors import QueryError
from harvester.query import parse_query
from tests.support.small_archive import Building

NOW = "2026-03-02T12:00:00Z"
START = datetime(2025, 11, 3, 9, tzinfo=UTC)  # a Monday
WORDS = ("bridge", "flood", "council")


@dataclass
class Kept:
    """An archive, and its versions as they were written."""

    connection: sqlite3.Connection
    # article, outlet, words, published, first seen
    versions: list[tuple[str, str, frozenset[str], str, str]] = field(
        default_factory=list
    )


def write_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """Three articles a day for 17 weeks, some edited later."""
    built = Building(tmp_path)
    kept, chance = Kept(built.connection), random.Random(5)
    writes: list[tuple[datetime, str, str, datetime]] = []
    for number in range(357):
        at = START + timedelta(hours=8 * number)
        outlet = chance.choice(("mpi", "mpi", "courier"))
        url = f"https://{outlet}.example/{number}"
        writes.append((at, url, outlet, at - timedelta(hours=chance.choice((1, 30)))))
        if chance.random() < 0.4:
            writes.append((at + timedelta(days=chance.random() * 12), url, outlet, at))
    keys: dict[str, str] = {}
    for at, url, outlet, published in sorted(writes):
        if url not in keys:
            keys[url] = built.article(url, outlet, at=write_time(at))
        words = frozenset(word for word in WORDS if chance.random() < 0.4)
        text = f"{' '.join(sorted(words))} {chance.random()}"
        built.version(
            keys[url], "Title", text, at=write_time(at), published=write_time(published)
        )
        kept.versions.append(
            (keys[url], outlet, words, write_time(published), write_time(at))
        )
    yield kept
    built.archive.close()


def monday(time: str) -> str:
    day = date.fromisoformat(time[:10])
    return str(day - timedelta(days=day.weekday()))


def get_periods(unit: str = "week") -> Periods:
    since = {"day": "2026-02-01", "week": "2025-11-03", "month": "2024-11-01"}[unit]
    return make_periods(since, "2026-03-03", "2026-03-02")


def count(kept: Kept, *queries: str, by_outlet: bool = False) -> trend.Trend:
    nodes = [parse_query(query, START) for query in queries]
    return trend.count_trend(kept.connection, nodes, NOW, get_periods(), by_outlet)


def test_articles_are_those_that_stats_counts(kept: Kept) -> None:
    counted = count(kept, "bridge", "flood AND council", "zeppelin")
    assert (counted.counted, counted.steps) == ("articles", (1, 1, 1))
    for query, series in zip(
        ("bridge", "flood AND council"), counted.series, strict=False
    ):
        groups = statistics.list_groups(
            kept.connection, ["week"], parse_query(query, START), NOW
        )
        expected = {group.names["week"]: group.articles for group in groups}
        by_week = dict(zip(get_periods().starts, series.values, strict=True))
        assert {week: n for week, n in by_week.items() if n} == {
            week: n for week, n in expected.items() if week in by_week
        }
    assert not any(counted.series[2].values)


def test_all_articles_of_a_week_are_what_a_rate_is_of(kept: Kept) -> None:
    (series,) = count(kept, "bridge").series
    first_seen: dict[str, str] = {}
    for article, _, _, _, at in kept.versions:
        first_seen.setdefault(article, at)
    expected = Counter(map(monday, first_seen.values()))
    assert series.totals == tuple(expected[week] for week in get_periods().starts)
    (of_one,) = count(kept, "bridge outlet:courier").series
    assert sum(of_one.totals) < sum(series.totals)


def test_an_article_counts_once_in_its_outlet(kept: Kept) -> None:
    counted = count(kept, "bridge", by_outlet=True)
    articles = {
        (key, outlet) for key, outlet, words, *_ in kept.versions if "bridge" in words
    }
    expected = Counter(outlet for _, outlet in articles)
    assert [series.name for series in counted.series] == ["mpi", "courier"]
    for series in counted.series:
        assert 0 < sum(series.values) <= expected[series.name]
        # Those published before the first week are not in it.
        assert sum(series.values) >= expected[series.name] - 2


def test_versions_with_frequent_words_are_counted_by_ranges(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trend, "MAX_LOOKED_UP", 20)
    counted = count(kept, "bridge", "flood AND council")
    assert counted.counted == "versions"
    for series, wanted in zip(
        counted.series, ({"bridge"}, {"flood", "council"}), strict=True
    ):
        expected = Counter(
            monday(at)
            for _, _, words, _, at in kept.versions
            if wanted <= words and at < get_periods().end
        )
        assert series.values == tuple(expected[week] for week in get_periods().starts)
    expected = Counter(monday(at) for *_, at in kept.versions if at < get_periods().end)
    assert counted.series[0].totals == tuple(
        expected[week] for week in get_periods().starts
    )


def test_a_few_versions_in_another_order_are_looked_up(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trend, "MAX_LOOKED_UP", 20)
    # The second version of a week was seen in the week before, as around midnight.
    kept.connection.execute(
        """
        update versions set first_seen = '2025-12-07T23:59:59Z'
        where id = (
            select 1 + min(id) from versions where first_seen >= '2025-12-08')"""
    )
    counted = count(kept, "bridge")
    assert counted.counted == "versions"
    rows = kept.connection.execute(
        "select first_seen from versions where text like '%bridge%' and first_seen < ?",
        [get_periods().end],
    )
    expected = Counter(monday(row[0]) for row in rows)
    assert counted.series[0].values == tuple(
        expected[week] for week in get_periods().starts
    )


def test_where_archives_were_merged_ranges_are_not_trusted(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trend, "MAX_LOOKED_UP", 20)
    monkeypatch.setattr(version_ranges, "MAX_MIXED_IDS", 100)
    kept.connection.execute(
        "update versions set first_seen = '2025-11-04T00:00:00Z' where id = 300"
    )
    counted = count(kept, "bridge")
    assert counted.counted == "articles"
    assert counted.steps[0] > 1


def test_a_sample_comes_near(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = count(kept, "bridge is:online", by_outlet=True)
    monkeypatch.setattr(trend, "MAX_LOOKED_UP", 100)
    sampled = count(kept, "bridge is:online", by_outlet=True)
    (step,) = sampled.steps
    assert step > 1
    total, estimate = (
        sum(sum(series.values) for series in one.series) for one in (exact, sampled)
    )
    assert estimate == pytest.approx(total, rel=0.35)
    assert all(
        value % step == 0 for series in sampled.series for value in series.values
    )


def test_words_of_edits_are_counted_too(kept: Kept) -> None:
    counted = count(kept, 'added:"bridge"')  # there are no changes
    assert sum(counted.series[0].values) == 0


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("outlet:mpi", "a trend counts words"),
        ("bridge outlet:mpj", "did you mean mpi"),
    ],
)
def test_what_cannot_be_counted_is_refused(
    kept: Kept, query: str, message: str
) -> None:
    with pytest.raises(QueryError, match=message):
        count(kept, query)


def test_an_archive_without_versions_has_no_trend(tmp_path: Path) -> None:
    built = Building(tmp_path)
    counted = trend.count_trend(
        built.connection, [parse_query("bridge", START)], NOW, get_periods()
    )
    assert not any(counted.series[0].values)
    built.done()
