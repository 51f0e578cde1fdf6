"""Kill processes at random instants of a harvest, and check the archive after each.

The instant is a number of requests that the newspaper has served (or, early in a run, a
time), so that a busy machine tries the same instants.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from harvester.identity.urls import parameter_names, url_key
from harvester.newsroom import Newsroom
from tests.support.many_outlets import churn, create_outlets

ROOT = Path(__file__).resolve().parents[2]
TARGETS = (
    "crawl",
    "worker",
    "fork server",
    "daemon",
    "crawl of the daemon",
    "tree",
    "tree of the daemon",
)
CHECKS = (
    "file",
    "index",
    "keys",
    "records",
    "nothing lost",
    "nothing double",
    "no traceback",
    "no process left",
    "went on",
)
PATIENCE = 60.0  # seconds on a busy machine
END = 10.0  # seconds in which a process must end
CHURN = 5  # kills between two hours of the newspaper


def below(root: int) -> list[int]:
    """Return all descendants of a process."""
    found = []
    for entry in os.listdir("/proc"):  # noqa: PTH208 - a hot loop of names
        if entry.isdigit():
            with contextlib.suppress(OSError):
                parent = int(
                    Path(f"/proc/{entry}/stat")
                    .read_text()
                    .rpartition(")")[2]
                    .split()[1]
                )
                if parent == root:
                    found += [int(entry), *below(int(entry))]
    return found


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        )
    except OSError:
        return True


def _kill_all(processes: list[int]) -> None:
    for pid in processes:
        if not gone(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition; return whether it came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@dataclass(slots=True)
class Kills:
    """An archive, a newspaper, and a run of kills. ``faults``: failed checks, with the case."""

    folder: Path
    newsroom: Newsroom
    seed: int
    killed: Counter[str] = field(
        default_factory=Counter
    )  # target → kills that met it alive
    early: Counter[str] = field(
        default_factory=Counter
    )  # target → runs that had ended before
    held: Counter[str] = field(default_factory=Counter)  # check → how often it held
    faults: list[str] = field(default_factory=list)
    versions: set[tuple[str, str]] = field(default_factory=set)
    _records: set[tuple[str, int]] = field(default_factory=set)
    _cases: int = 0

    def __post_init__(self) -> None:
        create_outlets(self.newsroom, outlet_count=3, article_count=10, seed=self.seed)
        text = self.newsroom.settings_toml(
            self.folder,
            every="1 second",
            revisit=("1 second",) * 40,
            crawl="concurrency = 4\nworkers = 1",
        )
        self.settings.write_text(text)

    @property
    def settings(self) -> Path:
        return self.folder / "settings.toml"

    @property
    def archive(self) -> Path:
        return self.folder / "archive.db"

    def case(self, target: str) -> None:
        """Kill once, and check everything after it."""
        self._cases += 1
        chance = random.Random(f"{self.seed} {self._cases}")
        with tempfile.TemporaryFile("w+") as errors:
            process = self._start(target, chance, errors)
            tree: list[int] = []
            left = True
            try:
                self._instant(process, chance)
                tree += [process.pid, *below(process.pid)]
                if process.poll() is not None:
                    self.early[target] += 1
                else:
                    self.killed[target] += 1
                    self._kill(target, process, chance)
                went_on = self._ended(target, process)
                tree += below(process.pid)
                left = not until(lambda: all(map(gone, tree)), END)
            finally:
                if left:  # also where this run is told to end
                    _kill_all([*tree, process.pid, *below(process.pid)])
                    process.wait()
            errors.seek(0)
            said = errors.read()
        self._check(
            target,
            "no process left",
            "" if not left else "a process outlived the kill by 10 s",
        )
        self._check(target, "no traceback", said if "Traceback" in said else "")
        self._check(target, "went on", went_on and f"{went_on}: {said.strip()}")
        for name, fault in self.find_faults():
            self._check(target, name, fault)
        if self._cases % CHURN == 0:
            churn(self.newsroom, seed=self._cases)

    def _start(
        self, target: str, chance: random.Random, errors: object
    ) -> subprocess.Popen[bytes]:
        force = ["--force"] if chance.random() < 0.7 else []
        module = [
            "-P",
            "-m",
            "spiders",
            "--settings",
            str(self.settings),
            "--once",
            *force,
        ]
        if "daemon" in target:
            module = ["-m", "harvester.cli", "--settings", str(self.settings), "run"]
        return subprocess.Popen(
            [sys.executable, *module],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=ROOT,
            start_new_session=True,
        )  # type: ignore[call-overload, no-any-return]

    def _instant(self, process: subprocess.Popen[bytes], chance: random.Random) -> None:
        if chance.random() < 0.2:  # while it starts
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(chance.random() * 2.0)
            return
        wanted = self._request_count() + chance.choice((1, 2, 3, 5, 8, 13, 20, 30))
        patience = time.monotonic() + 6.0  # nothing more may be due
        until(
            lambda: (
                self._request_count() >= wanted
                or process.poll() is not None
                or time.monotonic() > patience
            ),
            PATIENCE,
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.random() * 0.4)  # a commit comes within a second

    def _request_count(self) -> int:
        return sum(len(outlet.requests) for outlet in self.newsroom.outlets.values())

    def _kill(
        self, target: str, process: subprocess.Popen[bytes], chance: random.Random
    ) -> None:
        children = below(process.pid)
        forked = [
            one for one in children if _runs(one, "harvester.workers.fork_server")
        ]
        victims = {
            "crawl": [process.pid], "daemon": [process.pid],
            "crawl of the daemon": [one for one in children if _runs(one, "spiders")],
            "worker": [one for one in forked if _parent(one) in forked][:1],
            "fork server": [one for one in forked if _parent(one) not in forked],
        }.get(target, [process.pid, *children])  # fmt: skip
        chance.shuffle(victims)
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _ended(self, target: str, process: subprocess.Popen[bytes]) -> str:
        """Wait for the survivors: they go on, or end when told."""
        assert process.stdin is not None
        try:
            if target in ("worker", "fork server"):  # its page is tried again
                code = process.wait(PATIENCE)
                return "" if code == 0 else f"the crawl ended with {code}"
            if target == "crawl of the daemon" and process.poll() is None:
                process.terminate()
                code = process.wait(END + 5)
                early = code == -signal.SIGTERM  # it had not begun yet
                return "" if code == 0 or early else f"the daemon ended with {code}"
            process.wait(END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return "it did not end"
        finally:
            process.stdin.close()
        return ""

    def _check(self, target: str, name: str, fault: str) -> None:
        if fault:
            self.faults.append(
                f"seed {self.seed}, case {self._cases}, {target}: {name}: {fault}"
            )
        else:
            self.held[name] += 1

    # ---- what must hold

    def find_faults(self, all_records: bool = False) -> Iterator[tuple[str, str]]:
        """Yield (check, what is wrong or "")."""
        if not self.archive.exists():
            return
        with closing(sqlite3.connect(self.archive)) as connection:
            if not connection.execute(
                "select 1 from sqlite_master where name = 'rhythms'"
            ).fetchone():
                return  # killed before it had its tables
            said = connection.execute("pragma integrity_check").fetchone()[0]
            yield "file", "" if said == "ok" else said
            yield (
                "keys",
                ""
                if not connection.execute("pragma foreign_key_check").fetchone()
                else "rows point nowhere",
            )
            try:
                connection.execute(
                    "insert into versions_fts (versions_fts, rank) values ('integrity-check', 1)"
                )
                yield "index", ""
            except sqlite3.DatabaseError as error:
                yield "index", str(error)
            connection.rollback()
            now = set(
                connection.execute("select article, sha256 from versions").fetchall()
            )
            yield (
                "nothing lost",
                "" if self.versions <= now else f"{len(self.versions - now)} versions",
            )
            self.versions = now
            yield "nothing double", self._double(connection)
            yield "records", self._broken_record(connection, all_records)

    def _double(self, connection: sqlite3.Connection) -> str:
        queries = {
            "versions": "select 1 from versions group by article, wording having count(*) > 1",
            "articles": "select 1 from articles group by url having count(*) > 1",
            "entries": "select 1 from entries group by feed, guid having count(*) > 1",
            "counts": (
                "select 1 from articles where versions <> (select "
                "count(*) from versions v where v.article = key)"
            ),
        }
        return ", ".join(
            name for name, sql in queries.items() if connection.execute(sql).fetchone()
        )

    def _broken_record(self, connection: sqlite3.Connection, all_records: bool) -> str:
        rows = connection.execute(
            """
            select c.file, c.offset, c.length, c.sha256, o.file, o.offset, o.length
            from captures c left join captures o on o.id = c.body_of
            where c.file is not null
            """
        ).fetchall()
        for *place, digest, file, offset, length in rows:
            if tuple(place[:2]) in self._records and not all_records:
                continue
            kinds, bodies = self._read_record(*place)
            if file is not None and kinds == ["revisit"]:
                _, bodies = self._read_record(file, offset, length)
            if [hashlib.sha256(body).hexdigest() for body in bodies] != [digest]:
                return f"{place[0]} at {place[1]}"
            self._records.add((place[0], place[1]))
        return ""

    def _read_record(
        self, file: str, offset: int, length: int
    ) -> tuple[list[str], list[bytes]]:
        with (self.folder / "captures" / file).open("rb") as opened:
            opened.seek(offset)
            block = io.BytesIO(opened.read(length))
        records = [
            (record.rec_type, record.content_stream().read())
            for record in ArchiveIterator(block)
        ]
        return [kind for kind, _ in records], [body for _, body in records]

    def complete(self) -> list[str]:
        """Harvest the rest; every article of the newspaper must be archived once."""
        for further in ([], [], ["--force"]):
            command = [
                sys.executable,
                "-m",
                "harvester.cli",
                "--settings",
                str(self.settings),
                "once",
                *further,
            ]
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=4 * PATIENCE, cwd=ROOT
            )
            if done.returncode:
                return [
                    f"seed {self.seed}: a harvest ended with {done.returncode}: {done.stderr}"
                ]
        found = [
            f"seed {self.seed}, at the end: {name}: {fault}"
            for name, fault in self.find_faults(True)
            if fault
        ]
        articles = [
            one for outlet in self.newsroom.outlets.values() for one in outlet.articles
        ]
        with closing(sqlite3.connect(self.archive)) as connection:
            known = {row[0] for row in connection.execute("select address from urls")}
            count = connection.execute("select count(*) from articles").fetchone()[0]
            waiting = connection.execute(
                "select count(*) from entries where outcome = 'waiting'"
            ).fetchone()[0]
        missing = [
            one.url
            for one in articles
            if one.status == 200
            and not {url_key(one.url), url_key(one.url, parameter_names(one.url))}
            & known
        ]
        if missing:
            found.append(
                f"seed {self.seed}: {len(missing)} articles are missing, such as {missing[0]}"
            )
        if count > len(articles):
            found.append(
                f"seed {self.seed}: {count} articles are archived of {len(articles)}"
            )
        if waiting:
            found.append(f"seed {self.seed}: {waiting} entries still wait")
        return found


def _parent(pid: int) -> int:
    """The parent of a process; 0 if it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[1])


def _runs(pid: int, module: str) -> bool:
    try:
        return module in Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except OSError:
        return False
