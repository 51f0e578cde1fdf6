"""Cut the power at many instants of a harvest, and check that no committed data is lost.

    python benchmarks/power.py [--cuts 300] [--articles 12] [--seed 1]

A harvest without a network runs under a shim that records each write and fsync. Then the
disk is rebuilt as it may be after a power cut at each of many instants: what was not
synced is lost, kept in part, torn, or kept. Each archive is opened and checked, and
every tenth is harvested again. Needs a C compiler.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import ROOT, table
from benchmarks.machine.cuts import LOSSES, Disk, Loss, Op, recorded
from benchmarks.machine.shim import compiled, environment
from harvester.archive.connection import Archive
from harvester.errors import HarvesterError
from harvester.ingest.keeper import Keeper
from harvester.ingest.prepare import prepare
from harvester.settings import load_settings
from tests.support.observer import BUDGET, FERRY, REGATTA, Observer, page

FIRST, SECOND = "2025-09-06T08:00:00Z", "2025-09-07T08:00:00Z"
ACKNOWLEDGED = "acknowledged"  # file to which the harvest writes what it has committed
COMMIT_VISITS = 3  # visits between two commits
REHARVEST_CUTS = 10  # every tenth archive is harvested again


def paper(folder: Path, articles: int, edited: bool) -> Observer:
    """The paper, before or after its edits."""
    observer = Observer(folder)
    for number in range(articles):
        words = [
            f"Sentence {number} of the day: {line}"
            for line in (BUDGET, REGATTA, FERRY)[number % 3]
        ]
        if edited and number % 3 == 0:
            words[1] = (
                f"In the end nothing of this came to pass in week {number},"
                " as the council wrote on its door."
            )
        observer.put(
            f"/story-{number}/", page(f"Story {number}", words), f"Story {number}"
        )
    return observer


def drive(folder: Path, articles: int) -> None:
    """Harvest twice, and acknowledge after each commit. Runs under the shim."""
    for now in (FIRST, SECOND):
        observer = paper(folder, articles, now == SECOND)
        settings = load_settings(observer.settings)
        archive = Archive.open(settings.archive, settings.captures)
        # So that the WAL restarts several times.
        archive.connection.execute("pragma wal_autocheckpoint = 300")
        keeper = Keeper(archive, settings)
        keeper.sync_settings(now)
        keeper.begin_crawl(now)
        done = 0
        while visits := keeper.take_due_visits(now, force=True):
            for visit in visits:
                capture = observer._fetch(visit.url, now)
                job = keeper.receive(visit, capture, now)
                keeper.keep(
                    visit, capture, prepare(job) if job is not None else None, now
                )
                done += 1
                if done % COMMIT_VISITS == 0:
                    keeper.flush()
                    acknowledge(folder, archive.connection)
        keeper.end_crawl(now)
        acknowledge(folder, archive.connection)
        keeper.close()


def acknowledge(folder: Path, connection: sqlite3.Connection) -> None:
    """Write which versions are committed."""
    rows = connection.execute(
        "select article || ' ' || sha256 from versions"
    ).fetchall()
    with (folder / ACKNOWLEDGED).open("a") as file:
        file.write(json.dumps([row[0] for row in rows]) + "\n")


def record(folder: Path, articles: int) -> list[Op] | None:
    """The file changes that a harvest makes, in order; None without a compiler."""
    library = compiled(folder)
    if library is None:
        return None
    (folder / "paper").mkdir()
    under = environment(library, record=folder / "record", below=folder / "paper")
    command = [
        sys.executable,
        __file__,
        "--drive",
        str(folder / "paper"),
        "--articles",
        str(articles),
    ]
    subprocess.run(command, check=True, env=under, cwd=ROOT)
    return [
        op
        for op in recorded(folder / "record")
        if not op.path.endswith(("-shm", ".toml"))
    ]


@dataclass(slots=True)
class Result:
    """The results of the cuts."""

    cuts: Counter[str] = field(default_factory=Counter)  # loss → count
    faults: list[str] = field(default_factory=list)
    completed: int = 0
    acknowledged: int = 0  # versions acknowledged, over all cuts
    tails: int = 0  # WARC files with bytes after the last record of a row


def cut(
    ops: Sequence[Op],
    instants: Sequence[int],
    articles: int,
    seed: int,
    losses: Sequence[Loss] = LOSSES,
) -> Result:
    """Cut the power after each of these changes, with each kind of loss."""
    result, chance, disk, acknowledged = (
        Result(),
        random.Random(seed),
        Disk(),
        set[str](),
    )
    wanted = set(instants)
    for number, op in enumerate(ops):
        if op.path.endswith(f"/{ACKNOWLEDGED}"):
            if op.letter == "w":
                acknowledged = set(json.loads(op.data))
        else:
            disk.do(op)
        if number in wanted:
            for loss in losses:
                reharvest = sum(result.cuts.values()) % REHARVEST_CUTS == 0
                result.cuts[loss] += 1
                result.acknowledged += len(acknowledged)
                with tempfile.TemporaryDirectory() as folder:
                    fault = check_archive(
                        Path(folder),
                        ops[0].path,
                        disk.left(loss, chance),
                        acknowledged,
                        articles,
                        reharvest,
                        result,
                    )
                if fault:
                    result.faults.append(
                        f"after change {number} ({op.letter} {Path(op.path).name}),"
                        f" {loss}: {fault}"
                    )
    return result


def check_archive(
    folder: Path,
    example: str,
    left: dict[str, bytes],
    acknowledged: set[str],
    articles: int,
    reharvest: bool,
    result: Result,
) -> str:
    """What is wrong with the disk that is left; "" if nothing."""
    root = Path(example)
    while root.name != "paper":
        root = root.parent
    for path, body in left.items():
        to = folder / "paper" / Path(path).relative_to(root)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(body)
    observer = paper(folder / "paper", articles, True)
    settings = load_settings(observer.settings)
    if acknowledged and not settings.archive.exists():
        return f"{len(acknowledged)} versions are lost: the archive is missing"
    try:
        archive = Archive.open(settings.archive, settings.captures)
        fault = check_content(archive.connection, settings.captures, acknowledged)
        ends = archive.connection.execute(
            """select file, max(offset + length) from captures
            where file is not null group by file"""
        ).fetchall()
        result.tails += (
            sum(
                (folder / "paper" / "captures" / file).stat().st_size > end
                for file, end in ends
            )
            if not fault
            else 0
        )
        archive.close()
        if not fault and reharvest:
            observer.crawl(SECOND)
            result.completed += 1
            with closing(sqlite3.connect(settings.archive)) as connection:
                fault = check_content(connection, settings.captures, acknowledged)
                article_count = connection.execute(
                    "select count(*) from articles"
                ).fetchone()[0]
            fault = fault or (
                ""
                if article_count == articles
                else f"{article_count} articles after another harvest, not {articles}"
            )
    except (HarvesterError, sqlite3.Error) as error:
        fault = f"{type(error).__name__}: {error}"
    return fault


def check_content(
    connection: sqlite3.Connection, captures: Path | None, acknowledged: set[str]
) -> str:
    """Check database, indexes, foreign keys, WARC records and acknowledged versions."""
    assert captures is not None
    integrity = connection.execute("pragma integrity_check").fetchone()[0]
    if integrity != "ok":
        return str(integrity)
    if connection.execute("pragma foreign_key_check").fetchone():
        return "a foreign key refers to a missing row"
    connection.execute(
        "insert into versions_fts (versions_fts, rank) values ('integrity-check', 1)"
    )
    if connection.in_transaction:
        connection.rollback()
    stored = {
        row[0]
        for row in connection.execute("select article || ' ' || sha256 from versions")
    }
    if not acknowledged <= stored:
        return f"{len(acknowledged - stored)} of {len(acknowledged)} acknowledged versions lost"
    if connection.execute(
        "select 1 from articles group by url having count(*) > 1"
    ).fetchone():
        return "an article is stored twice"
    # Of a revisit record, the record that it refers to.
    for file, offset, length, digest in connection.execute(
        """
        select o.file, o.offset, o.length, c.sha256
        from captures c join captures o on o.id = coalesce(c.body_of, c.id)
        where c.file is not null
        """
    ):
        try:
            with (captures / file).open("rb") as opened:
                opened.seek(offset)
                bodies = [
                    response.content_stream().read()
                    for response in ArchiveIterator(io.BytesIO(opened.read(length)))
                ]
        except OSError as error:
            return f"{file}: {error}"
        if [hashlib.sha256(body).hexdigest() for body in bodies] != [digest]:
            return f"the record at {offset} of {file} does not match its row"
    return ""


def main() -> int:
    """Record, cut, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--cuts", type=int, default=300, help="instants; each with four kinds of loss"
    )
    parser.add_argument("--articles", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drive", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.drive:
        drive(options.drive, options.articles)
        return 0
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        ops = record(Path(folder), options.articles)
        if ops is None:
            print(
                "cannot record the writes: no C compiler found; install cc or gcc",
                file=sys.stderr,
            )
            return 1
        instants = sorted(
            random.Random(options.seed).sample(
                range(len(ops)), min(options.cuts, len(ops))
            )
        )
        result = cut(ops, instants, options.articles, options.seed)
    letters = Counter(op.letter for op in ops)
    for fault in result.faults[:20]:
        print(fault)
    total = sum(result.cuts.values())
    table(
        [
            (
                "changes recorded",
                str(len(ops)),
                f"{letters['w']} writes, {letters['s']} syncs",
            ),
            (
                "cuts",
                str(total),
                ", ".join(f"{count} {loss}" for loss, count in result.cuts.items()),
            ),
            ("versions acknowledged", str(result.acknowledged), "over all cuts"),
            ("cuts with a fault", str(len(result.faults)), "aim: 0"),
            ("harvested again to the end", str(result.completed), ""),
            (
                "WARC files with a tail that no row refers to",
                str(result.tails),
                "truncated or skipped",
            ),
            ("processor time", f"{time.process_time() - started:.0f} s", ""),
        ]
    )
    return 1 if result.faults else 0


if __name__ == "__main__":
    sys.exit(main())
