"""Compare the archive of ``benchmarks/month.py`` with what really happened."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from benchmarks.month_costs import flat, whole
from benchmarks.month_truth import HOUR, SETTLING, Truth, Verdict, harvest, some
from harvester.newsroom.article import ONLINE_STATUS, Article

if TYPE_CHECKING:
    from benchmarks.month import Run

PROMISED = 0.10  # share of edits that may be seen less than promised


def judge(run: Run) -> Iterator[Verdict]:
    """Yield all verdicts."""
    truth = Truth(run)
    yield from accounted(truth)
    yield from held(truth)
    yield from wordings(truth)
    yield from removals(truth)
    yield from whole(run)
    yield from flat(run)


def accounted(truth: Truth) -> Iterator[Verdict]:
    """Every entry listed when its feed was read is stored once; others are reported missed."""
    run = truth.run
    rows: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in run.rows("select id, feed, guid, url from entries"):
        for name in {row["guid"], row["url"]} - {""}:
            rows[truth.feeds[row["feed"]], name].add(row["id"])
    missed = [
        (truth.feeds[row["feed"]], run.true(row["at"]))
        for row in run.rows("select feed, at from events where kind = 'items missed'")
    ]
    lost, twice, stated, unstated, gone = [], [], 0, [], 0
    for (feed, name), one in truth.chronicle.listings.items():
        count = len(rows.get((feed, name), ()))
        if count > 1:
            twice.append(f"{feed} {name}")
        if count:
            continue
        reads = run.reads.get(feed, [])
        if any(one.is_listed_at(at) for at in reads):
            lost.append(f"{feed} {name}")
            continue
        following = next((at for at in reads if at > one.visible_spans[-1][1]), None)
        left = [
            state
            for state in truth.chronicle.states[one.article]
            if state.status != ONLINE_STATUS
        ]
        if following is None or left or one.article.former_paths:
            gone += 1  # withdrawn, renamed, or not read since: not detectable
        elif any(
            known == feed and one.visible_spans[0][0] < at <= following
            for known, at in missed
        ):
            stated += 1
        else:
            unstated.append(f"{feed} {name}")
    whole = len(truth.chronicle.listings)
    yield Verdict(
        "entries announced while their feed was read are kept",
        not lost,
        f"{whole - len(lost)} of {whole}",
        some(lost),
    )
    yield Verdict("no entry is kept twice", not twice, str(len(twice)), some(twice))
    note = (
        f"{stated} left their feed between two reads and were reported; "
        f"{gone} were withdrawn, or published, after the last read. {some(unstated)}"
    )
    yield Verdict(
        "what was missed is stated", not unstated, f"{len(unstated)} unsaid", note
    )
    unclear = run.rows(
        """select feed, url, outcome, reason from entries where (outcome in ('new', \
'changed', 'duplicate', 'unchanged') and article is null)
        or (outcome = 'waiting' and due is null) or (article is null and reason = '')"""
    )
    yield Verdict(
        "every entry has an outcome with its reason",
        not unclear,
        f"{len(unclear)} without",
        some([f"{row['url']} {row['outcome']}" for row in unclear]),
    )
    outcomes = Counter(
        row["outcome"] for row in run.rows("select outcome from entries")
    )
    yield Verdict(
        "entries by outcome",
        True,
        str(sum(outcomes.values())),
        ", ".join(f"{count} {name}" for name, count in outcomes.most_common()),
    )


def held(truth: Truth) -> Iterator[Verdict]:
    """Every announced article is archived once, and under its own key."""
    run = truth.run
    entries: dict[Article, list[sqlite3.Row]] = defaultdict(list)
    for row in run.rows(
        "select url, outcome, reason, due, first_seen, attempts, article from entries"
    ):
        article = truth.at(row["url"])
        if article is not None:
            entries[article].append(row)
    lost, waiting, short = [], 0, 0
    for article, rows in entries.items():
        if article in truth.keys:
            continue
        if article.status != ONLINE_STATUS or (
            len(truth.chronicle.states[article]) > 1
            and any(
                one.status != ONLINE_STATUS for one in truth.chronicle.states[article]
            )
        ):
            short += 1
        elif any(row["due"] is not None for row in rows) and any(
            run.true(row["first_seen"]) > run.end - SETTLING
            or truth.troubled(article.outlet.key, run.end - SETTLING, run.end)
            for row in rows
        ):
            waiting += 1
        else:
            row = rows[0]
            lost.append(
                f"{truth.name(article)} {row['outcome']}: {row['reason']} "
                f"({row['attempts']} tries, due {row['due']})"
            )
    count = len(entries)
    note = f"{waiting} are due later, {short} were withdrawn early. {some(lost)}"
    yield Verdict(
        "every announced article is archived",
        not lost,
        f"{count - len(lost)} of {count}",
        note,
    )
    double = [
        f"{truth.name(article)} {' '.join(keys)}"
        for article, keys in truth.keys.items()
        if len(keys) > 1
    ]
    yield Verdict(
        "no article is archived twice", not double, str(len(double)), some(double)
    )
    joined = []
    of_key: dict[str, set[Article]] = defaultdict(set)
    for row in run.rows("select article, url from urls"):
        article = truth.at(row["url"])
        if article is not None:
            of_key[row["article"]].add(article)
    joined = [
        " = ".join(truth.name(one) for one in found)
        for found in of_key.values()
        if len(found) > 1
    ]
    yield Verdict(
        "no two articles became one", not joined, str(len(joined)), some(joined)
    )
    strange = [
        row["key"]
        for row in run.rows("select key from articles")
        if row["key"] not in truth.by_key
    ]
    yield Verdict(
        "nothing is archived that was never published",
        not strange,
        str(len(strange)),
        some(strange),
    )


def wordings(truth: Truth) -> Iterator[Verdict]:
    """Versions are wordings that were online, and checks find edits as promised.

    A check after an edit finds it, and as many edits are found as the program promises.
    """
    run = truth.run
    versions: dict[int, sqlite3.Row] = {
        row["id"]: row
        for row in run.rows(
            "select id, article, number, title, text, first_seen from versions"
        )
    }
    exact, phantom, overlooked = 0, [], []
    for row in versions.values():
        article = truth.by_key.get(row["article"])
        said = (
            {_plain(*one.wording) for one in truth.chronicle.states[article]}
            if article is not None
            else set()
        )
        exact += _plain(row["title"], row["text"]) in said
    sightings: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in run.rows(
        "select article, version, since, until from sightings order by id"
    ):
        sightings[row["article"]].append(row)
    seen, edits = Counter[str](), Counter[str]()
    for key, rows in sightings.items():
        article = truth.by_key.get(key)
        if article is None:
            continue
        for row in rows:
            if _differs(truth, article, run.true(row["since"]), run.true(row["until"])):
                overlooked.append(
                    f"{truth.name(article)} {row['since']}..{row['until']}"
                )
        for one, other in pairwise(rows):
            if not _differs(
                truth, article, run.true(one["until"]), run.true(other["since"])
            ):
                phantom.append(f"{truth.name(article)} {other['since']}")
        _count(truth, article, rows, seen, edits)
    yield Verdict(
        "versions are word for word what was online",
        exact >= 0.98 * len(versions),
        f"{exact} of {len(versions)}",
    )
    yield Verdict(
        "no edit is reported that was none",
        not phantom,
        str(len(phantom)),
        some(phantom),
    )
    yield Verdict(
        "an edit before a check is reported",
        not overlooked,
        str(len(overlooked)),
        some(overlooked),
    )
    yield _promised(run, seen, edits)


def _count(
    truth: Truth,
    article: Article,
    rows: list[sqlite3.Row],
    seen: Counter[str],
    edits: Counter[str],
) -> None:
    """Count the edits after the first sighting, and those whose wording was seen."""
    run, outlet = truth.run, article.outlet.key
    first = run.true(rows[0]["since"])
    spans = [(run.true(row["since"]), run.true(row["until"])) for row in rows]
    states = truth.chronicle.states[article]
    for place, one in enumerate(states):
        if place and one.at > first and one.wording != states[place - 1].wording:
            until = next(
                (
                    other.at
                    for other in states[place + 1 :]
                    if other.wording != one.wording
                ),
                run.end + STEP,
            )
            edits[outlet] += 1
            seen[outlet] += any(
                one.at <= since < until or one.at <= last < until
                for since, last in spans
            )


STEP = timedelta(minutes=15)


def _promised(run: Run, seen: Counter[str], edits: Counter[str]) -> Verdict:
    found = json.loads(harvest(run, "looks", "--json").stdout or "[]")
    whole = sum(edits.values())
    promised = sum(
        one["promise"]["edits"] * edits[one["outlet"]] for one in found
    ) / max(whole, 1)
    share = sum(seen.values()) / max(whole, 1)
    checks = sum((one["looks"] or 0) * one["articles"] for one in found) / max(
        sum(one["articles"] for one in found), 1
    )
    note = f"promised {promised:.2f}; {checks:.1f} checks an article"
    return Verdict(
        "edits are seen as promised",
        share >= promised - PROMISED or whole < 30,
        f"{share:.2f} of {whole}",
        note,
    )


def _plain(title: str, text: str) -> str:
    return " ".join(f"{title}\n{text}".split())


def _differs(truth: Truth, article: Article, one: datetime, other: datetime) -> bool:
    """Return whether the wording differs between two times."""
    before, after = (
        truth.chronicle.state_at(article, one),
        truth.chronicle.state_at(article, other),
    )
    return before is not None and after is not None and before.wording != after.wording


def removals(truth: Truth) -> Iterator[Verdict]:
    """Removals and returns in the archive agree with what really happened.

    An article shown as removed was withdrawn; one that was withdrawn and checked often
    enough is shown as removed; the same for articles that returned.
    """
    run = truth.run
    false, count, back, wrong = [], 0, 0, []
    for row in run.rows(
        "select article, kind, at from events where kind in ('removed', 'returned')"
    ):
        article, at = truth.by_key.get(row["article"]), run.true(row["at"])
        if article is None:
            continue
        state = truth.chronicle.state_at(article, at)
        online = state is not None and state.status == ONLINE_STATUS
        count, back = (
            count + (row["kind"] == "removed"),
            back + (row["kind"] == "returned"),
        )
        if (
            row["kind"] == "removed"
            and online
            and not truth.troubled(article.outlet.key, at, at)
        ):
            false.append(f"{truth.name(article)} {row['at']}")
        elif row["kind"] == "returned" and not online:
            wrong.append(f"{truth.name(article)} {row['at']}")
    yield Verdict(
        "an article shown as removed was withdrawn",
        not false,
        f"{count} removed",
        some(false),
    )
    yield Verdict(
        "an article shown as returned is back",
        not wrong,
        f"{back} returned",
        some(wrong),
    )
    missed, still, withdrawn, known = [], [], 0, 0
    states = {
        row["key"]: row["state"] for row in run.rows("select key, state from articles")
    }
    checks: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for row in run.rows("select article, at, outcome from looks order by id"):
        checks[row["article"]].append((run.true(row["at"]), row["outcome"]))
    for key, article in truth.by_key.items():
        last = truth.chronicle.states[article][-1]
        since = [(at, outcome) for at, outcome in checks[key] if at > last.at]
        if last.status != ONLINE_STATUS:
            withdrawn += 1
            known += states[key] == "removed"
            gone = [at for at, outcome in since if outcome == "gone"]
            if gone and gone[-1] - gone[0] >= 6 * HOUR and states[key] != "removed":
                missed.append(f"{truth.name(article)} {states[key]}")
        elif (
            since
            and since[-1][1] in ("changed", "unchanged")
            and states[key] in ("removed", "suspect")
        ):
            still.append(f"{truth.name(article)} {states[key]}")
    yield Verdict(
        "an article found gone twice is removed",
        not missed,
        f"{known} of {withdrawn} withdrawn",
        some(missed),
    )
    yield Verdict(
        "an article found again is online", not still, str(len(still)), some(still)
    )
