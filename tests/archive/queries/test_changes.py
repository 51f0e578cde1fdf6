"""Changes by filter and query, against a reference that reads all of them one by one."""

from __future__ import annotations

import json
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from harvester.archive.connection import open_reader
from harvester.archive.queries import change_sums, changes
from harvester.archive.queries.changes import ChangeCursor, ChangeFilter
from harvester.archive.records import event_ids
from harvester.archive.records.word_forms import WordIndex
from harvester.errors import QueryError
from harvester.schedule.times import format_time
from tests.support import small_archive
from tests.support.queries import NOW, parse

WORDS = ("bridge", "ferry", "mayor", "flood", "école", "market")
CLASSES = ("correction", "substantive", "headline", "typo", "post")


@dataclass(frozen=True)
class Event:
    """What the reference knows of an event."""

    id: int
    at: str
    kind: str
    outlet: str
    before: frozenset[str]  # words
    after: frozenset[str]
    change_class: str = ""
    silent: bool | None = None

    @property
    def words(self) -> frozenset[str]:
        return self.before | self.after


Test = Callable[[Event], bool]
QUERIES: dict[str, Test] = {
    "bridge": lambda e: "bridge" in e.words,
    "ecole": lambda e: "école" in e.words,
    "brid*": lambda e: "bridge" in e.words,
    "bridge ferry": lambda e: {"bridge", "ferry"} <= e.words,
    "bridge -ferry": lambda e: "bridge" in e.words and "ferry" not in e.words,
    "bridge OR class:typo": lambda e: "bridge" in e.words or e.change_class == "typo",
    "added:mayor": lambda e: "mayor" in e.after - e.before and e.kind in EDITED,
    "removed:mayor": lambda e: "mayor" in e.before - e.after and e.kind in EDITED,
    "added:(mayor OR flood)": lambda e: (
        bool({"mayor", "flood"} & (e.after - e.before)) and e.kind in EDITED
    ),
    "flood is:silent": lambda e: "flood" in e.words and e.silent is True,
    "class:correction,typo": lambda e: e.change_class in ("correction", "typo"),
    "outlet:courier market": lambda e: e.outlet == "courier" and "market" in e.words,
    "(bridge OR ferry) -is:silent": lambda e: (
        bool({"bridge", "ferry"} & e.words) and e.silent is not True
    ),
    "edited:2026-01-02": lambda e: (
        e.kind in event_ids.EDIT_KINDS and e.at.startswith("2026-01-02")
    ),
}  # fmt: skip
EDITED = (*event_ids.EDIT_KINDS, "announced")
FILTERS: dict[str, tuple[ChangeFilter, Test]] = {
    "all": (ChangeFilter(), lambda e: True),
    "kinds": (
        ChangeFilter(kinds=("removed", "suspect", "announced")),
        lambda e: e.kind in ("removed", "suspect", "announced"),
    ),
    "outlets": (ChangeFilter(outlets=("gone", "mpi")), lambda e: e.outlet != "courier"),
    "a class": (
        ChangeFilter(classes=("correction", "post")),
        lambda e: e.change_class in ("correction", "post"),
    ),
    "silent": (ChangeFilter(silent=True), lambda e: e.silent is True),
    "admitted": (ChangeFilter(silent=False), lambda e: e.silent is False),
    "silent of an outlet": (
        ChangeFilter(
            silent=True, outlets=("mpi",), classes=("typo", "correction", "substantive")
        ),
        lambda e: (
            e.silent is True
            and e.outlet == "mpi"
            and e.change_class in ("typo", "correction", "substantive")
        ),
    ),
    "times": (
        ChangeFilter(since="2026-01-02T00:00:00Z", until="2026-01-03T00:00:00Z"),
        lambda e: e.at.startswith("2026-01-02"),
    ),
}


def _build(folder: Path, seed: int) -> tuple[Path, list[Event]]:
    """Events at few times, not in the order of their ids."""
    draw = random.Random(seed)
    made = small_archive.Building(folder)
    events: list[Event] = []

    def wording() -> frozenset[str]:
        return frozenset(draw.sample(WORDS, draw.randint(0, 4)))

    def add(kind: str, at: str, outlet: str, *rest: object) -> None:
        number = made.connection.execute("select max(id) from events").fetchone()[0]
        events.append(Event(number, at, kind, outlet, *rest))  # type: ignore[arg-type]

    for number in range(120):
        outlet = draw.choice(("mpi", "courier", "gone"))
        at = f"2026-01-0{draw.randint(1, 3)}T0{draw.randint(7, 8)}:00:00Z"
        key = made.article(f"https://{outlet}.example/{number}", outlet, at)
        before, after = wording(), wording()
        first = made.version(
            key, f"Title {number}", f"x {' '.join(sorted(before))}", at
        )
        second = made.version(
            key, f"Title {number}", f"y {' '.join(sorted(after))}", at
        )
        if number % 3:
            chosen = draw.choice(CLASSES)
            silent = draw.choice((True, False, None)) if chosen != "post" else False
            kind = "headline" if chosen == "headline" else "edited"
            sentences = json.dumps(
                {"added": sorted(after - before), "removed": sorted(before - after)}
            )
            columns = {"class": chosen, "silent": silent, "sentences": sentences}
            made.edit(key, first, second, at, kind, **columns)
            add(kind, at, outlet, before, after, chosen, silent)
        elif number % 2:
            kind = draw.choice(("removed", "returned", "suspect", "paywalled"))
            made.event(kind, key, at)
            add(kind, at, outlet, after, after)
        else:
            feed = {
                "mpi": "https://mpi.example/feed/",
                "courier": "https://courier.example/rss?token=hush",
                "gone": "https://gone.example/feed",
            }[outlet]
            made.entry(feed, "new", article=key)
            made.announced(
                f"A {' '.join(sorted(before))}", f"B {' '.join(sorted(after))}", at
            )
            add("announced", at, outlet, before, after)
    return made.done(), events


@pytest.fixture(scope="module", params=(1, 2, 3))
def archive(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[sqlite3.Connection, list[Event]]]:
    path, events = _build(tmp_path_factory.mktemp("changes"), request.param)
    with closing(open_reader(path)) as connection:
        yield connection, events


def _expect(events: list[Event], chosen: ChangeFilter, *tests: Test) -> list[int]:
    kinds = chosen.kinds or event_ids.LISTED_KINDS
    hits = [e for e in events if e.kind in kinds and all(test(e) for test in tests)]
    return [e.id for e in sorted(hits, key=lambda e: (e.at, e.id), reverse=True)]


def _list(
    connection: sqlite3.Connection, chosen: ChangeFilter, limit: int = 999
) -> list[int]:
    rows = changes.list_changes(connection, chosen, format_time(NOW), limit)
    return [row.id for row in rows]


@pytest.mark.parametrize("max_rare", (0, 5_000))
@pytest.mark.parametrize("query", QUERIES)
def test_queries_choose_what_reading_everything_chooses(
    archive: tuple[sqlite3.Connection, list[Event]],
    monkeypatch: pytest.MonkeyPatch,
    query: str,
    max_rare: int,
) -> None:
    monkeypatch.setattr(changes, "MAX_RARE_VERSIONS", max_rare)
    connection, events = archive
    for name, (chosen, test) in FILTERS.items():
        asked = ChangeFilter(
            parse(query), chosen.kinds, chosen.outlets, chosen.classes, chosen.silent,
            chosen.since, chosen.until,
        )  # fmt: skip
        expected = _expect(events, chosen, test, QUERIES[query])
        assert _list(connection, asked) == expected, name
        assert changes.count_changes(connection, asked, format_time(NOW)) == len(
            expected
        )


@pytest.mark.parametrize("name", FILTERS)
def test_filters_choose_what_reading_everything_chooses(
    archive: tuple[sqlite3.Connection, list[Event]], name: str
) -> None:
    connection, events = archive
    chosen, test = FILTERS[name]
    expected = _expect(events, chosen, test)
    assert expected
    assert _list(connection, chosen) == expected


@pytest.mark.parametrize("query", ("", "bridge OR ferry", "is:silent"))
def test_pages_leave_nothing_out_and_repeat_nothing(
    archive: tuple[sqlite3.Connection, list[Event]], query: str
) -> None:
    connection, _ = archive
    tree = parse(query) if query else None
    everything = _list(connection, ChangeFilter(tree))
    paged: list[int] = []
    cursor = None
    while page := changes.list_changes(
        connection, ChangeFilter(tree, after=cursor), format_time(NOW), 4
    ):
        paged += [row.id for row in page]
        cursor = ChangeCursor.parse(str(page[-1].cursor))
    assert paged == everything and len(everything) > 8


@pytest.mark.parametrize(
    "text", ("", "x", "2026-01-01T00:00:00Z", "a_b", "_1", "a_1" + "0" * 30)
)
def test_what_is_no_cursor(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        ChangeCursor.parse(text)


def test_a_row_says_what_changed(reading: sqlite3.Connection) -> None:
    headline, removed, edit = changes.list_changes(
        reading, ChangeFilter(), format_time(NOW)
    )
    assert (headline.kind, headline.before, headline.after) == ("headline", 2, 3)
    assert headline.fields == {"title": ["L’église vendue", "L’église bradée"]}
    assert (headline.before_title, headline.title) == (
        "L’église vendue",
        "L’église bradée",
    )
    assert edit.sentences is not None
    assert edit.sentences["added"] == ["Une enquête est ouverte."]
    assert "10 000 euros" in str(edit.before_text) and "12 000" in str(edit.after_text)
    assert (removed.kind, removed.fields, removed.before_text) == (
        "removed",
        None,
        None,
    )
    assert removed.note == "answered 404 Not Found"


def test_an_unknown_outlet_is_told(reading: sqlite3.Connection) -> None:
    with pytest.raises(QueryError, match="did you mean courier"):
        changes.list_changes(
            reading, ChangeFilter(parse("outlet:curier")), format_time(NOW)
        )


def test_what_no_article_has_to_do_with(built: small_archive.Building) -> None:
    """A feed changed the headline of an entry whose page never became an article."""
    built.announced("The old harbour", "The new harbour", "2025-09-09T07:00:00Z")
    connection = built.connection
    connection.execute("update entries set url = 'https://courier.example/never'")
    now = format_time(NOW)
    for query, count in {
        "harbour": 1, "added:new": 1, "added:old": 0, "removed:old": 1, "title:harbour": 1,
        "text:harbour": 0, "author:harbour": 0, "harbour -lang:fr": 1, "harbour lang:fr": 0,
        "harbour is:silent": 0, "url:courier": 1,
    }.items():  # fmt: skip
        chosen = ChangeFilter(parse(query))
        found = changes.list_changes(connection, chosen, now)
        assert sum(row.kind == "announced" for row in found) == count, query


def test_words_are_found_in_all_their_forms(built: small_archive.Building) -> None:
    key = built.article("https://courier.example/flood", "courier")
    first = built.version(key, "The valley", "It rained.", language="en")
    second = built.version(key, "The valley", "It rained. Three floods.", language="en")
    added = json.dumps({"added": ["Three floods."]})
    built.edit(key, first, second, "2025-09-09T07:00:00Z", sentences=added)
    built.archive.commit()
    WordIndex(built.connection).index_pending(1_000)
    now = format_time(NOW)
    for query, exact, count in (
        ("flood", False, 1), ("flood", True, 0), ("floods", True, 1), ('"flood"', False, 0),
        ("added:flood", False, 1), ("added:flood", True, 0),
    ):  # fmt: skip
        chosen = ChangeFilter(parse(query), exact=exact)
        assert len(changes.list_changes(built.connection, chosen, now)) == count, query


def test_the_largest_of_the_newest_come_first(
    archive: tuple[sqlite3.Connection, list[Event]], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, now = archive[0], format_time(NOW)
    sizes = dict(
        connection.execute(
            "select e.id, coalesce(c.size, 0) from events e left join changes c on c.id = e.change"
        ).fetchall()
    )
    events = changes.list_changes(connection, ChangeFilter(), now, 10_000)
    for most in (7, 10_000):
        monkeypatch.setattr(change_sums, "MAX_SORTED", most)
        ids, is_cut = change_sums.list_largest(connection, ChangeFilter(), now)
        newest = [event.id for event in events[:most]]
        assert ids == sorted(newest, key=lambda number: -sizes[number])
        assert is_cut == (len(events) > most)


def test_changes_are_counted_by_outlet(
    archive: tuple[sqlite3.Connection, list[Event]],
) -> None:
    connection, events = archive
    silent = Counter(event.outlet for event in events if event.silent)
    chosen = ChangeFilter(silent=True)
    counted = change_sums.count_by_outlet(connection, chosen, format_time(NOW))
    assert counted == sorted(silent.items(), key=lambda pair: (-pair[1], pair[0]))
