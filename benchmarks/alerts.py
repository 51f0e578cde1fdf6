"""Alerts: what a thousand cost, whether kills lose or double any, and how soon they come.

    python benchmarks/alerts.py [--articles 10000] [--kills 100] [--stories 10]

*Cost*: articles and edits of random words are stored in transactions of fifty, as a
crawl does; the processor time of matching 1,000 alerts is set against that of reading
and storing an article (real pages where `CORPORA` has them). *Kills*: a program that stores
articles and delivers what rings is killed (SIGKILL) at random moments; what a webhook
and a file got is compared with the archive. *Soon*: `harvest run` and a newspaper.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.common import real_pages  # noqa: E402
from harvester.archive.queries import happenings  # noqa: E402
from harvester.daemon.crawl_process import utc_now_iso  # noqa: E402
from harvester.daemon.deliveries import DeliveryThread  # noqa: E402
from harvester.ingest.alert_rings import AlertMonitor  # noqa: E402
from harvester.newsroom import Newsroom  # noqa: E402
from harvester.settings import parse_settings  # noqa: E402
from tests.support.in_process_harvest import World  # noqa: E402
from tests.support.small_archive import Building  # noqa: E402
from tests.support.webhook_receiver import Receiver, receive  # noqa: E402

ALERTS = 1_000
WORDS_PER_ARTICLE = 500
RAREST = 5_000  # words that are more frequent than a name
BATCH = 50  # articles in a transaction of a busy crawl
MAX_SHARE = 0.05  # of an article's time
MAX_SECONDS = 5.0  # from publication to the webhook
SAMPLE_ARTICLES = 120  # read and stored in full
LIVE_SECONDS = (0.2, 1.6)  # of a program, from its first transaction to its death
OUTLET = "[outlets.mpi]\nfeeds = ['https://mpi.example/feed/']\n"
AT = "2025-09-06T08:00:00Z"


def main() -> int:
    """Print the figures; the exit code says whether all aims are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--stories", type=int, default=10)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return run_child(options.child)
    passed = True
    if options.articles:
        passed &= measure_cost(options.articles)
    if options.kills:
        passed &= measure_kills(options.kills)
    if options.stories:
        passed &= measure_delay(options.stories)
    return 0 if passed else 1


def say(text: str) -> None:
    print(text, flush=True)


# ---- cost


def make_vocabulary(chance: random.Random) -> list[str]:
    """Words as rare as a language's: the n-th is used as often as 1/n."""
    syllables = [f"{a}{b}" for a in "bcdfglmnprst" for b in ("a", "e", "i", "ou", "é")]
    words = {
        "".join(chance.choices(syllables, k=chance.randint(2, 4)))
        for _ in range(60_000)
    }
    return sorted(words)[:30_000]


def make_query(words: list[str], chance: random.Random) -> str:
    """A query of a kind that people save; its words are of any frequency."""

    def any_word() -> str:
        return words[int(len(words) ** chance.random()) - 1]

    def rare_word() -> str:
        """As names of people and places are: in one article of some hundred."""
        return words[chance.randrange(RAREST, len(words))]

    match chance.randrange(8):
        case 0:
            return rare_word()
        case 1:
            return f'"{any_word()} {any_word()}"'
        case 2:
            return f"{rare_word()} ({any_word()} OR {any_word()}) -{any_word()}"
        case 3:
            return f"{any_word()[:5]}* {rare_word()}"
        case 4:
            return f"NEAR({any_word()} {rare_word()}, 5) lang:fr"
        case 5:
            return f"added:{rare_word()} OR removed:{rare_word()}"
        case 6:
            return f"title:{rare_word()} outlet:mpi"
        case _:
            return f"{rare_word()} OR {rare_word()} OR {rare_word()}"


def measure_cost(articles: int) -> bool:
    chance = random.Random(18)
    words = make_vocabulary(chance)
    weights = [1.0 / rank for rank in range(1, len(words) + 1)]
    tables = "".join(
        f"[alerts.a{number}]\nquery = '''{make_query(words, chance)}'''\n"
        "on = ['new', 'edit', 'headline']\nto = 'file:rang.jsonl'\n"
        for number in range(ALERTS)
    )
    with tempfile.TemporaryDirectory() as folder:
        settings = parse_settings(OUTLET + tables, Path(folder) / "settings.toml")
        made = Building(Path(folder))
        monitor = AlertMonitor(made.connection, settings.alerts)
        begun = time.process_time()
        monitor.record(AT)
        monitor._get_matcher(AT)
        compiled = time.process_time() - begun
        seconds, rings, done = 0.0, 0, 0
        while done < articles:
            made.connection.execute("begin")
            for number in range(done, min(done + BATCH, articles)):
                text = chance.choices(words, weights, k=WORDS_PER_ARTICLE)
                key = made.article(f"https://mpi.example/{number}", at=AT)
                title = " ".join(text[:8])
                first = made.version(key, title, " ".join(text), at=AT)
                text[100:110] = chance.choices(words, weights, k=10)
                second = made.version(key, title, " ".join(text), at=AT)
                made.edit(key, first, second, AT, **{"class": "substantive"})
            done += BATCH
            begun = time.process_time()
            rings += monitor.record(AT)
            seconds += time.process_time() - begun
            made.connection.execute("commit")
        made.archive.close()
    whole = measure_article()
    each = seconds / (2 * articles)
    share = each / whole
    say(f"{ALERTS} alerts, compiled in {compiled:.2f} s")
    say(
        f"{articles} articles and {articles} edits in transactions of {BATCH}: "
        f"{rings} rings, {1000 * each:.2f} ms each to match and record"
    )
    say(
        f"an article read and stored: {1000 * whole:.1f} ms; alerts cost "
        f"{100 * share:.1f} % of it (at most {100 * MAX_SHARE:.0f} %)"
    )
    return share <= MAX_SHARE


def measure_article() -> float:
    """Seconds of processor time to read and store an article: of real pages, if there."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        pages = real_pages(SAMPLE_ARTICLES)
        say(f"{'real' if pages else 'generated'} pages are read for comparison")
        for number in range(SAMPLE_ARTICLES):
            path = world.publish(number)
            if number < len(pages):
                world.pages[path].body = pages[number][1]
        begun = time.process_time()
        world.run(1)
        seconds = time.process_time() - begun
        count = world.archive.connection.execute(
            "select count(*) from articles"
        ).fetchone()[0]
    return seconds / max(1, int(count))


# ---- kills


def run_child(folder: Path) -> int:
    """Store articles and deliver what rings, until killed; or, told so, only deliver."""
    settings = parse_settings(
        (folder / "settings.toml").read_text(), folder / "settings.toml"
    )
    only_deliver = (folder / "finish").exists()
    deliveries = DeliveryThread(lambda: settings, utc_now_iso)
    deliveries.start()
    if only_deliver:
        deliveries.finish()
        return 0
    from harvester.archive.connection import Archive

    made = Building.__new__(Building)
    made.folder = folder
    made.archive = Archive.open(folder / "archive.db", None)
    monitor = AlertMonitor(made.connection, settings.alerts)
    made.archive.before_commit = lambda: monitor.record(utc_now_iso())
    chance = random.Random()
    print("begun", flush=True)
    while True:
        made.archive.begin()
        number = happenings.get_position(made.connection).article_id
        for each in range(number, number + chance.randint(1, 5)):
            now = utc_now_iso()
            key = made.article(f"https://mpi.example/{each}", at=now)
            made.version(key, f"Flood {each}", f"the valley {each}", at=now)
        made.archive.commit()
        time.sleep(chance.random() * 0.05)


def measure_kills(kills: int) -> bool:
    chance = random.Random(19)
    with tempfile.TemporaryDirectory() as name, receive() as receiver:
        folder = Path(name)
        made = Building(folder)
        text = (
            f"{OUTLET}[alerts.floods]\nquery = 'flood*'\n"
            f"to = ['{receiver.url}/', 'file:rang.jsonl']\n"
            "[alerts.valley]\nquery = 'valley'\n"
            f"to = '{receiver.url}/'\n"
        )
        (folder / "settings.toml").write_text(text)
        made.archive.close()
        begun = time.monotonic()
        for _ in range(kills):
            receiver.statuses[:] = chance.choices((200, 200, 200, 500), k=3)
            run_and_kill(folder, chance)
        receiver.statuses.clear()
        (folder / "finish").touch()
        drain(folder)
        return report_kills(folder, receiver, kills, time.monotonic() - begun)


def start_child(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve()), "--child", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def run_and_kill(folder: Path, chance: random.Random) -> None:
    process = start_child(folder)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(*LIVE_SECONDS))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def drain(folder: Path) -> None:
    """Deliver what is left, also what waits for its next attempt."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(folder / "archive.db")) as archive:
        archive.execute("update deliveries set due = '2000' where due is not null")
        archive.commit()
    for _ in range(3):
        start_child(folder).wait()


def report_kills(folder: Path, receiver: Receiver, kills: int, seconds: float) -> bool:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(folder / "archive.db")) as archive:
        keys = {row[0] for row in archive.execute("select key from articles")}
        events = archive.execute("select alert, article from alert_events").fetchall()
        states = dict(
            archive.execute("select state, count(*) from deliveries group by 1")
        )
        sent = dict(
            archive.execute("select target, count(*) from deliveries group by 1")
        )
    lines = [
        json.loads(line) for line in (folder / "rang.jsonl").read_text().splitlines()
    ]
    told = [request.record for request in receiver.requests]
    expected = {(alert, key) for alert in ("floods", "valley") for key in keys}
    ids: dict[tuple[str, str], set[str]] = {}
    for record in told:
        ids.setdefault((record["alert"], record["article"]["key"]), set()).add(
            record["id"]
        )
    in_file = [record["article"]["key"] for record in lines]
    lost = (
        len(expected - set(events))
        + len(expected - set(ids))
        + len(keys - set(in_file))
    )
    doubled = (
        len(events)
        - len(set(events))
        + sum(len(each) - 1 for each in ids.values())
        + len(in_file)
        - len(set(in_file))
    )
    unknown = len(set(ids) - expected) + len(set(in_file) - keys)
    repeats = len(told) - sum(map(len, ids.values()))
    say(
        f"killed {kills} times in {seconds:.0f} s: {len(keys)} articles, {len(events)} rings, "
        f"deliveries {sum(sent.values())} ({states})"
    )
    say(f"lost {lost}, doubled by id {doubled}, of nothing in the archive {unknown}")
    say(f"sent again with the same id: {repeats}, all to the webhook; to the file none")
    return not lost and not doubled and not unknown


# ---- how soon


def measure_delay(stories: int) -> bool:
    every = 1.0
    with (
        tempfile.TemporaryDirectory() as name,
        receive() as receiver,
        Newsroom() as newsroom,
    ):
        folder = Path(name)
        outlet = newsroom.add_outlet("gazette", "plain")
        text = newsroom.settings_toml(folder, every=f"{every:.0f} second")
        (folder / "settings.toml").write_text(
            f"{text}\n[alerts.all]\non = 'new'\nto = '{receiver.url}/'\n"
        )
        outlet.publish("Before", [f"Paragraph {n} of the story." for n in range(20)])
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "harvester.cli", "run"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        delays = []
        try:
            receiver.wait_for(1, 60)
            for number in range(stories):
                threading.Event().wait(random.Random(number).uniform(0.5, 2.5))
                begun = time.monotonic()
                outlet.publish(
                    f"Story {number}",
                    [f"Paragraph {n} of {number}." for n in range(20)],
                )
                if not receiver.wait_for(number + 2, 60):
                    break
                delays.append(time.monotonic() - begun)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
    delays.sort()
    if len(delays) < stories:
        say(f"only {len(delays)} of {stories} stories were told")
        return False
    middle, last = delays[len(delays) // 2], delays[-1]
    say(
        f"from publication to the webhook, {stories} stories, polled each {every:.0f} s: "
        f"median {middle:.1f} s, at most {last:.1f} s "
        f"(less the interval: {last - every:.1f} s; at most {MAX_SECONDS:.0f} s)"
    )
    return last - every <= MAX_SECONDS


if __name__ == "__main__":
    sys.exit(main())
