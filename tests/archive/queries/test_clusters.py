"""Clusters by filter, in pages, and who follows whom."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from harvester.archive.connection import open_reader
from harvester.archive.queries import clusters
from harvester.archive.queries.clusters import ClusterFilter
from harvester.archive.records import copies
from harvester.errors import QueryError
from harvester.schedule.times import format_time
from tests.support.queries import NOW, parse
from tests.support.small_archive import Building

OUTLETS = ("mpi", "courier", "gone")
AGENCIES = ("", "AFP", "Reuters")
WORDS = ("bridge", "ferry", "mayor")


@dataclass(frozen=True)
class Report:
    """What the reference knows of a cluster: outlets and times in order, words, agencies."""

    first: str
    members: tuple[tuple[str, str, str, str], ...]  # time, outlet, word, agency

    @property
    def outlets(self) -> set[str]:
        return {outlet for _, outlet, _, _ in self.members}


@pytest.fixture(scope="module", params=range(4))
def known(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[sqlite3.Connection, list[Report]]]:
    """Sixty articles in random clusters; the last stored need not be the last seen."""
    randomness = random.Random(request.param)
    make = Building(tmp_path_factory.mktemp("clusters"))
    reports, number = [], 0
    for _ in range(25):
        members, keys = [], {}
        for _ in range(randomness.choice((1, 2, 2, 3, 5))):
            number += 1
            outlet, word = randomness.choice(OUTLETS), randomness.choice(WORDS)
            day, hour = randomness.randint(1, 28), randomness.randint(0, 23)
            at = f"2025-09-{day:02}T{hour:02}:{number % 60:02}:{number // 60:02}Z"
            key = make.article(f"https://{outlet}.example/{number}", outlet, at)
            make.version(key, f"title {number}", f"text of a {word}", at, language="en")
            keys[key] = randomness.choice(AGENCIES)
            members.append((at, outlet, word, keys[key], key))
        if len(keys) == 1:
            continue
        copies.merge_clusters(make.connection, keys)
        members.sort()
        reports.append(Report(members[0][4], tuple(member[:4] for member in members)))
    with closing(open_reader(make.done())) as connection:
        yield connection, sorted(reports, key=lambda one: one.members[0], reverse=True)


def list_all(
    connection: sqlite3.Connection, chosen: ClusterFilter, limit: int
) -> list[str]:
    """The keys of first articles, page by page."""
    keys: list[str] = []
    while True:
        found, after = clusters.list_first_keys(
            connection, chosen, format_time(NOW), limit
        )
        keys += [key for _, key in found]
        if after is None:
            return keys
        chosen = replace(chosen, after=after)


@pytest.mark.parametrize("limit", [2, 100])
def test_every_filter_finds_what_reading_all_finds(
    known: tuple[sqlite3.Connection, list[Report]], limit: int
) -> None:
    connection, reports = known
    across = [one for one in reports if len(one.outlets) > 1]

    def check(chosen: ClusterFilter, expected: list[Report]) -> None:
        assert list_all(connection, chosen, limit) == [one.first for one in expected]

    check(ClusterFilter(), across)
    check(ClusterFilter(includes_single_outlet=True), reports)
    for outlets in (("mpi",), ("courier", "gone"), ("nobody",)):
        wanted = [one for one in across if one.outlets & set(outlets)]
        check(ClusterFilter(outlets=outlets), wanted)
    since, until = "2025-09-05T00:00:00Z", "2025-09-15T00:00:00Z"
    in_time = [one for one in across if since <= one.members[0][0] < until]
    check(ClusterFilter(since=since, until=until), in_time)
    ferry = [one for one in across if "ferry" in {m[2] for m in one.members}]
    check(ClusterFilter(parse("ferry")), ferry)
    afp = [one for one in across if "AFP" in {m[3] for m in one.members}]
    check(ClusterFilter(parse("agency:AFP")), afp)
    both = [one for one in ferry if one in in_time and "mpi" in one.outlets]
    check(ClusterFilter(parse("ferry"), ("mpi",), since, until), both)


def test_rare_words_and_walks_find_the_same(
    known: tuple[sqlite3.Connection, list[Report]], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, _ = known
    chosen = ClusterFilter(parse("ferry"))
    rare = list_all(connection, chosen, 3)
    monkeypatch.setattr(clusters, "MAX_RARE_VERSIONS", 0)
    monkeypatch.setattr(clusters, "MAX_WALKED_VERSIONS", 7)
    assert list_all(connection, chosen, 3) == rare


def test_followers_are_counted_by_report_and_outlet(
    known: tuple[sqlite3.Connection, list[Report]],
) -> None:
    connection, reports = known
    expected: Counter[tuple[str, str]] = Counter()
    for one in reports:
        first = one.members[0][1]
        for outlet in one.outlets - {first}:
            expected[(first.upper(), outlet.upper())] += 1
    found = clusters.count_followers(connection, [one.first for one in reports])
    assert {(one.first, one.later): one.count for one in found} == expected
    assert [one.count for one in found] == sorted(expected.values(), reverse=True)
    assert all(one.lag_seconds >= 0 for one in found)


def test_a_cluster_names_its_first_followers(
    known: tuple[sqlite3.Connection, list[Report]],
) -> None:
    connection, reports = known
    for one, report in zip(
        clusters.load_clusters(connection, [one.first for one in reports]),
        reports,
        strict=True,
    ):
        assert (one.articles, one.outlets) == (len(report.members), len(report.outlets))
        assert [(f.first_seen, f.outlet) for f in one.followers] == [
            member[:2] for member in report.members[1:]
        ]


def test_unknown_outlets_in_queries_are_told(
    known: tuple[sqlite3.Connection, list[Report]],
) -> None:
    with pytest.raises(QueryError):
        list_all(known[0], ClusterFilter(parse("outlet:nobody")), 3)


def test_compared_versions_are_those_of_the_shares(tmp_path: Path) -> None:
    make = Building(tmp_path)
    first, copy = (
        make.article(f"https://{outlet}.example/1", outlet) for outlet in OUTLETS[:2]
    )
    original = make.version(first, "title", "one")
    make.version(first, "title", "two")
    taken = make.version(copy, "title", "three")
    make.version(copy, "title", "four")
    row = {"share": 1, "shared": 1, "version": taken, "original_version": original}
    make.row("copies", article=copy, original=first, **row)
    with closing(open_reader(make.done())) as connection:
        found = clusters.get_compared_versions(connection, copy, first)
        assert [(one.text, one.is_current) for one in found] == [
            ("three", 0), ("one", 0)
        ]  # fmt: skip
        current = clusters.get_compared_versions(connection, first, copy)
        assert [one.text for one in current] == ["two", "four"]
