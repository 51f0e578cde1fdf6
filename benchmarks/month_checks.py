"""What must hold after ``benchmarks/month.py``: the archive against the chronicle of what really happened."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from common import ROOT

from harvester.newsroom.article import HERE, Article

if TYPE_CHECKING:
    from month import Day, Run

HOUR = timedelta(hours=1)
SETTLING = timedelta(hours=30)  # what was announced so lately, or is in trouble, may still wait for its turn
PROMISED = 0.10  # share of edits that may be seen less than promised
NAMED = 4  # cases that a note names


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that is promised, and whether it held."""

    name: str
    holds: bool
    value: str = ""
    note: str = ""


def judge(run: Run) -> Iterator[Verdict]:
    """Everything."""
    truth = Truth(run)
    yield from accounted(truth)
    yield from held(truth)
    yield from wordings(truth)
    yield from removals(truth)
    yield from whole(run)
    yield from flat(run)


def some(found: list[str]) -> str:
    """A few cases by name."""
    return "; ".join(found[:NAMED]) + (f" and {len(found) - NAMED} more" if len(found) > NAMED else "")


class Truth:
    """The archive's articles and those of the newspaper, side by side."""

    def __init__(self, run: Run) -> None:
        self.run, self.chronicle = run, run.life.chronicle
        self._ports = {port: outlet for outlet in run.life.habits for port in (outlet.port, *outlet.former_ports)}

    def at(self, url: str) -> Article | None:
        """The article that has, or had, that address."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        outlet = self._ports.get(parts.port or 0)
        if outlet is None:
            return None
        if number := re.fullmatch(r"p=(\d+)", parts.query):
            return outlet.numbered(int(number[1]))
        path = parts.path
        return outlet.at(path) or outlet.at(f"{path}/") or outlet.at(path.removesuffix("/amp"))

    @cached_property
    def by_key(self) -> dict[str, Article]:
        """Key of an article in the archive → what it is, by the address of its first capture."""
        rows = self.run.rows("select key, url, reached from articles")
        found = {row["key"]: self.at(row["url"]) or self.at(row["reached"]) for row in rows}
        return {key: article for key, article in found.items() if article is not None}

    @cached_property
    def keys(self) -> dict[Article, list[str]]:
        """The other way round."""
        found: dict[Article, list[str]] = defaultdict(list)
        for key, article in self.by_key.items():
            found[article].append(key)
        return found

    @cached_property
    def feeds(self) -> dict[str, str]:
        """Address of a feed in the archive → its name in the chronicle."""
        found = {}
        for row in self.run.rows("select url from feeds"):
            parts = urlsplit(row["url"])
            found[row["url"]] = f"{self._ports[parts.port or 0].key}{parts.path}"
        return found

    def troubled(self, outlet: str, begin: datetime, end: datetime) -> bool:
        """Whether the outlet was in trouble at some time between."""
        return any(
            one == outlet and since <= end and until >= begin for one, _, since, until in self.run.weather.spells
        )

    def name(self, article: Article) -> str:
        """For people."""
        return f"{article.outlet.key}{article.path}"


def accounted(truth: Truth) -> Iterator[Verdict]:
    """Every entry that a feed announced while it was read is in the archive exactly once; what is not was stated as missed."""
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
    for (feed, name), one in truth.chronicle.listed.items():
        count = len(rows.get((feed, name), ()))
        if count > 1:
            twice.append(f"{feed} {name}")
        if count:
            continue
        reads = run.reads.get(feed, [])
        if any(one.stood(at) for at in reads):
            lost.append(f"{feed} {name}")
            continue
        following = next((at for at in reads if at > one.spans[-1][1]), None)
        left = [stood for stood in truth.chronicle.stood[one.article] if stood.status != HERE]
        if following is None or left or one.article.former:
            gone += 1  # withdrawn, renamed, or not read since: nobody could know
        elif any(known == feed and one.spans[0][0] < at <= following for known, at in missed):
            stated += 1
        else:
            unstated.append(f"{feed} {name}")
    whole = len(truth.chronicle.listed)
    yield Verdict(
        "entries announced while their feed was read are kept", not lost, f"{whole - len(lost)} of {whole}", some(lost)
    )
    yield Verdict("no entry is kept twice", not twice, str(len(twice)), some(twice))
    note = (
        f"{stated} left their feed between two reads, and it was said; {gone} were taken back before. {some(unstated)}"
    )
    yield Verdict("what was missed is stated", not unstated, f"{len(unstated)} unsaid", note)
    unclear = run.rows(
        """select feed, url, outcome, reason from entries where (outcome in ('new', 'changed', 'duplicate', 'unchanged') and article is null)
        or (outcome = 'waiting' and due is null) or (article is null and reason = '')"""
    )
    yield Verdict(
        "every entry has an outcome with its reason",
        not unclear,
        f"{len(unclear)} without",
        some([f"{row['url']} {row['outcome']}" for row in unclear]),
    )
    outcomes = Counter(row["outcome"] for row in run.rows("select outcome from entries"))
    yield Verdict(
        "entries by outcome",
        True,
        str(sum(outcomes.values())),
        ", ".join(f"{count} {name}" for name, count in outcomes.most_common()),
    )


def held(truth: Truth) -> Iterator[Verdict]:
    """Every article that was announced to us is held, once, and is no other."""
    run = truth.run
    entries: dict[Article, list[sqlite3.Row]] = defaultdict(list)
    for row in run.rows("select url, outcome, reason, due, first_seen, attempts, article from entries"):
        article = truth.at(row["url"])
        if article is not None:
            entries[article].append(row)
    lost, waiting, short = [], 0, 0
    for article, rows in entries.items():
        if article in truth.keys:
            continue
        if article.status != HERE or (
            len(truth.chronicle.stood[article]) > 1
            and any(one.status != HERE for one in truth.chronicle.stood[article])
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
                f"{truth.name(article)} {row['outcome']}: {row['reason']} ({row['attempts']} tries, due {row['due']})"
            )
    count = len(entries)
    note = f"{waiting} wait for their turn, {short} were withdrawn early. {some(lost)}"
    yield Verdict("every article announced is held", not lost, f"{count - len(lost)} of {count}", note)
    double = [f"{truth.name(article)} {' '.join(keys)}" for article, keys in truth.keys.items() if len(keys) > 1]
    yield Verdict("no article is held twice", not double, str(len(double)), some(double))
    joined = []
    of_key: dict[str, set[Article]] = defaultdict(set)
    for row in run.rows("select article, url from urls"):
        article = truth.at(row["url"])
        if article is not None:
            of_key[row["article"]].add(article)
    joined = [" = ".join(truth.name(one) for one in found) for found in of_key.values() if len(found) > 1]
    yield Verdict("no two articles became one", not joined, str(len(joined)), some(joined))
    strange = [row["key"] for row in run.rows("select key from articles") if row["key"] not in truth.by_key]
    yield Verdict("nothing is held that was never published", not strange, str(len(strange)), some(strange))


def wordings(truth: Truth) -> Iterator[Verdict]:
    """Versions are wordings that stood there; a look that comes after an edit sees it; as many edits are seen as is promised."""
    run = truth.run
    versions: dict[int, sqlite3.Row] = {
        row["id"]: row for row in run.rows("select id, article, number, title, text, first_seen from versions")
    }
    exact, phantom, overlooked = 0, [], []
    for row in versions.values():
        article = truth.by_key.get(row["article"])
        said = {_plain(*one.words) for one in truth.chronicle.stood[article]} if article is not None else set()
        exact += _plain(row["title"], row["text"]) in said
    sightings: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in run.rows("select article, version, since, until from sightings order by id"):
        sightings[row["article"]].append(row)
    seen, edits = Counter[str](), Counter[str]()
    for key, rows in sightings.items():
        article = truth.by_key.get(key)
        if article is None:
            continue
        for row in rows:
            if _differs(truth, article, run.true(row["since"]), run.true(row["until"])):
                overlooked.append(f"{truth.name(article)} {row['since']}..{row['until']}")
        for one, other in pairwise(rows):
            if not _differs(truth, article, run.true(one["until"]), run.true(other["since"])):
                phantom.append(f"{truth.name(article)} {other['since']}")
        _count(truth, article, rows, seen, edits)
    yield Verdict(
        "versions are word for word what stood there", exact >= 0.98 * len(versions), f"{exact} of {len(versions)}"
    )
    yield Verdict("no edit is told that was none", not phantom, str(len(phantom)), some(phantom))
    yield Verdict("an edit that was looked at is told", not overlooked, str(len(overlooked)), some(overlooked))
    yield _promised(run, seen, edits)


def _count(truth: Truth, article: Article, rows: list[sqlite3.Row], seen: Counter[str], edits: Counter[str]) -> None:
    """Edits after the first sighting, and those of them whose wording was seen."""
    run, outlet = truth.run, article.outlet.key
    first = run.true(rows[0]["since"])
    spans = [(run.true(row["since"]), run.true(row["until"])) for row in rows]
    stood = truth.chronicle.stood[article]
    for place, one in enumerate(stood):
        if place and one.at > first and one.words != stood[place - 1].words:
            until = next((other.at for other in stood[place + 1 :] if other.words != one.words), run.end + STEP)
            edits[outlet] += 1
            seen[outlet] += any(one.at <= since < until or one.at <= last < until for since, last in spans)


STEP = timedelta(minutes=15)


def _promised(run: Run, seen: Counter[str], edits: Counter[str]) -> Verdict:
    found = json.loads(harvest(run, "looks", "--json").stdout or "[]")
    whole = sum(edits.values())
    promised = sum(one["promise"]["edits"] * edits[one["outlet"]] for one in found) / max(whole, 1)
    share = sum(seen.values()) / max(whole, 1)
    looks = sum((one["looks"] or 0) * one["articles"] for one in found) / max(sum(one["articles"] for one in found), 1)
    note = f"promised {promised:.2f}; {looks:.1f} looks an article"
    return Verdict(
        "edits are seen as promised", share >= promised - PROMISED or whole < 30, f"{share:.2f} of {whole}", note
    )


def _plain(title: str, text: str) -> str:
    return " ".join(f"{title}\n{text}".split())


def _differs(truth: Truth, article: Article, one: datetime, other: datetime) -> bool:
    """Whether other words stood there."""
    before, after = truth.chronicle.then(article, one), truth.chronicle.then(article, other)
    return before is not None and after is not None and before.words != after.words


def removals(truth: Truth) -> Iterator[Verdict]:
    """Who is removed in the ledger was withdrawn; who was withdrawn, and looked at often enough, is in it; who came back, too."""
    run = truth.run
    false, count, back, wrong = [], 0, 0, []
    for row in run.rows("select article, kind, at from events where kind in ('removed', 'returned')"):
        article, at = truth.by_key.get(row["article"]), run.true(row["at"])
        if article is None:
            continue
        stood = truth.chronicle.then(article, at)
        here = stood is not None and stood.status == HERE
        count, back = count + (row["kind"] == "removed"), back + (row["kind"] == "returned")
        if row["kind"] == "removed" and here and not truth.troubled(article.outlet.key, at, at):
            false.append(f"{truth.name(article)} {row['at']}")
        elif row["kind"] == "returned" and not here:
            wrong.append(f"{truth.name(article)} {row['at']}")
    yield Verdict("who is said to be removed was withdrawn", not false, f"{count} removed", some(false))
    yield Verdict("who is said to be back is back", not wrong, f"{back} returned", some(wrong))
    missed, still, withdrawn, known = [], [], 0, 0
    states = {row["key"]: row["state"] for row in run.rows("select key, state from articles")}
    looks: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for row in run.rows("select article, at, outcome from looks order by id"):
        looks[row["article"]].append((run.true(row["at"]), row["outcome"]))
    for key, article in truth.by_key.items():
        last = truth.chronicle.stood[article][-1]
        since = [(at, outcome) for at, outcome in looks[key] if at > last.at]
        if last.status != HERE:
            withdrawn += 1
            known += states[key] == "removed"
            gone = [at for at, outcome in since if outcome == "gone"]
            if gone and gone[-1] - gone[0] >= 6 * HOUR and states[key] != "removed":
                missed.append(f"{truth.name(article)} {states[key]}")
        elif since and since[-1][1] in ("changed", "unchanged") and states[key] in ("removed", "suspect"):
            still.append(f"{truth.name(article)} {states[key]}")
    yield Verdict("who was found gone twice is removed", not missed, f"{known} of {withdrawn} withdrawn", some(missed))
    yield Verdict("who was found again stands", not still, str(len(still)), some(still))


def whole(run: Run) -> Iterator[Verdict]:
    """The archive as a file."""
    with closing(sqlite3.connect(run.folder / "archive.db")) as connection:
        sound = connection.execute("pragma integrity_check").fetchone()[0]
        keys = connection.execute("pragma foreign_key_check").fetchall()
        try:
            connection.execute("insert into versions_fts (versions_fts) values ('integrity-check')")
            index = "sound"
        except sqlite3.Error as error:
            index = str(error)
    yield Verdict(
        "the archive's file is sound",
        sound == "ok" and not keys and index == "sound",
        sound,
        f"{len(keys)} keys that point nowhere, full-text index {index}",
    )
    done = harvest(run, "verify", "--json")
    said: dict[str, Any] = json.loads(done.stdout or "{}")
    yield Verdict(
        "harvest verify: every record and every seal",
        bool(said.get("ok")),
        str(said.get("captures", said.get("checked", ""))),
        str(said.get("broken", done.stderr))[:200],
    )
    done = harvest(run, "doctor")
    wrong = [line for line in done.stdout.splitlines() if "WRONG" in line]
    yield Verdict("harvest doctor finds all well", done.returncode == 0, "", some(wrong))
    log = (run.folder / "crawl.log").read_text()
    yield Verdict("the crawl had nothing to complain of", not log, f"{len(log.splitlines())} lines", log[:300])


def harvest(run: Run, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command."""
    command = [sys.executable, "-m", "harvester.cli", "--settings", str(run.folder / "settings.toml"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=600)


def flat(run: Run) -> Iterator[Verdict]:
    """Nothing grows but what must."""
    from month import CALM, periods

    days = run.days
    faults = [f"day {one.day}: {one.fault}" for one in days if one.fault]
    yield Verdict("every day the accounts were right", not faults, f"{len(days)} days", some(faults))
    yield Verdict(
        "nothing is due for ever", run.crawl.rounds <= 10, f"{run.crawl.rounds} rounds", "at one instant, most"
    )
    parts = periods(days)
    calm = days[round(len(days) * (CALM + 0.05)) :] or days[-1:]
    half = -(-len(calm) // 2)

    def most(part: list[Day], name: str) -> float:
        return max(float(getattr(one, name)) for one in part)

    for name, words, unit, more in (
        ("rss", "memory of the crawl", 1e6, 12e6),
        ("workers", "memory of a worker", 1e6, 12e6),
        ("handles", "open files", 1.0, len(run.life.habits)),  # a connection more or less to each
    ):
        before, after = most(calm[:half], name), most(calm[half:] or calm, name)
        value = f"{before / unit:.0f} → {after / unit:.0f}{' MB' if unit > 1 else ''}"
        yield Verdict(f"{words}: flat", after <= before * 1.1 + more, value, f"one process, {len(calm)} days")
    log = most(days, "log")
    yield Verdict("the write-ahead log is bounded", log <= 64e6, f"{log / 1e6:.1f} MB", "most")
    yield from _costs(run, parts)
    late_most = most(days, "late")
    yield Verdict(
        "nothing waits that is due", late_most <= 1.0, f"{late_most:.2f} h", "most, at outlets without trouble"
    )
    yield _polled(run)


def _costs(run: Run, parts: list[list[Day]]) -> Iterator[Verdict]:
    costs, before = [], None
    for part in parts:
        visits = part[-1].visits - (before.visits if before else 0)
        costs.append((part[-1].cpu - (before.cpu if before else 0.0)) * 1_000 / max(visits, 1))
        before = part[-1]
    steady = len(costs) < 3 or costs[-1] <= 1.5 * max(costs[1], 1.0)
    yield Verdict(
        "a visit costs what it did",
        steady,
        f"{costs[min(1, len(costs) - 1)]:.1f} → {costs[-1]:.1f} ms",
        "of processor time, with its share of reading",
    )
    last = run.days[-1]
    (row,) = run.rows("select count(*) as captures, coalesce(sum(bytes), 0) as bytes from captures")
    a_version, a_capture = last.archive / max(last.versions, 1), last.captures / max(row["captures"], 1)
    share = last.captures / max(row["bytes"], 1)
    held = run.rows("select coalesce(sum(length(cast(text as blob))), 0) as bytes from versions")[0]["bytes"] / max(
        last.versions, 1
    )
    small = a_version <= 20_000 + 6 * held and share <= 0.7
    yield Verdict(
        "the archive is as large as expected",
        small,
        f"{a_version / 1e3:.1f} kB a version",
        f"of {held / 1e3:.1f} kB of text; WARC {a_capture / 1e3:.1f} kB a capture, {share:.2f} of the bodies, {row['captures']} captures",
    )


def _polled(run: Run) -> Verdict:
    """The longest time between two reads of a feed, outlets in trouble and sleep aside."""
    longest, which = timedelta(), ""
    truth = Truth(run)
    for feed, reads in run.reads.items():
        outlet = feed.partition("/")[0]
        for one, other in pairwise(sorted(set(reads))):
            calm = not truth.troubled(outlet, one - SETTLING, other)
            awake = not any(begin <= other and end >= one for begin, end in run.asleep)
            if calm and awake and other - one > longest:
                longest, which = other - one, f"{feed}, {one:%d %H:%M}"
    return Verdict(
        "no feed is forgotten, whatever the clock says",
        longest <= 4 * HOUR,
        f"{longest / HOUR:.1f} h",
        f"between two reads, most: {which}",
    )
