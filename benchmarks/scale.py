"""Measure every command on an archive of tens of thousands of real articles.

    python benchmarks/scale.py FOLDER [--part 10]  # builds the archive if missing

``scale_archive.py`` builds it; ``--part 10`` is a tenth of it. Prints a line for each
command: rows printed, processor time, elapsed time, peak memory. A command that only
reads should end within a second. Commands that write come last, on a copy of the
archive, so that the folder can be used again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import ROOT, corpora, table
from benchmarks.copies import judged, sets
from benchmarks.scale_archive import build, groups
from benchmarks.shares import EVERY
from harvester.archive.connection import open_reader
from harvester.archive.records import copies

MAX_READ_SECONDS = 1.0  # of processor time, for a command that only reads


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command cost and said."""

    name: str
    code: int
    rows: int
    cpu: float
    wall: float
    memory: float
    said: str  # on stdout


def run(folder: Path, *arguments: str) -> Ran:
    """Run ``harvest`` in a folder."""
    said, problems = folder / "stdout.txt", folder / "stderr.txt"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with said.open("w") as out, problems.open("w") as err:
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "harvester.cli", *arguments],
            cwd=folder,
            stdout=out,
            stderr=err,
            env=environment,
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    text = said.read_text()
    name = " ".join(one if len(one) <= 40 else f"{one[:37]}…" for one in arguments)
    cpu = used.ru_utime + used.ru_stime
    ran = Ran(
        name,
        process.returncode,
        text.count("\n"),
        cpu,
        wall,
        used.ru_maxrss / 1024,
        text,
    )
    show(ran)
    if ran.code:
        print("    " + problems.read_text().strip().replace("\n", "\n    "), flush=True)
    return ran


def show(ran: Ran, limit: float = 0.0) -> None:
    """A line of the table."""
    over = "  over" if limit and ran.cpu > limit else ""
    code = f" → {ran.code}" if ran.code else ""
    print(
        (
            f"{ran.name + code:<88} {ran.rows:>7} {ran.cpu:>8.2f} s "
            f"{ran.wall:>8.2f} s {ran.memory:>6.0f} MB{over}"
        ),
        flush=True,
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """Keys of articles with edits, copies or a removal, and sentences."""

    copied: str
    copier: str
    edited: str
    removed: str
    plain: str
    sentence: str
    altered: str
    chinese: str
    french: str


def choose(archive: Path) -> Chosen:
    """Choose such articles from the archive."""
    with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:

        def one(sql: str, *values: object) -> tuple[str, ...]:
            return connection.execute(sql, values).fetchone() or ("", "")

        copied = one(
            "select original, min(article) from copies group by 1 order by count(*) desc, 1 limit 1"
        )
        text = one(
            "select text from versions where article = ? order by number limit 1",
            copied[0],
        )[0]
        sentence = max(text.split(". "), key=len)
        words = sentence.split()
        foreign = [
            max(
                one(
                    "select text from versions where language = ? order by words desc limit 1",
                    name,
                )[0].split("\n"),
                key=len,
            )
            for name in ("zh", "fr")
        ]
        return Chosen(
            copied[0],
            copied[1],
            one("select key from articles order by versions desc, key limit 1")[0],
            one(
                "select key from articles where state = 'removed' order by key limit 1"
            )[0],
            one(
                "select key from articles where outlet = 'paper03' order by key limit 1"
            )[0],
            sentence[:300],
            " ".join(
                [*words[: len(words) // 2], "indeed", *words[len(words) // 2 + 1 :]]
            )[:300],
            foreign[0][:60],
            foreign[1][:300],
        )


def reads(folder: Path, chosen: Chosen) -> list[Ran]:
    """Run the commands that only read."""
    one, other = chosen.copied, chosen.copier
    commands: list[tuple[str, ...]] = [
        ("search", "bank"),
        ("search", "--rank", "oil prices"),
        ("search", "--unique", "oil prices"),
        ("search", "--unique", "--limit", "500", "--nl", "said"),
        ("search", "--all-versions", "--nl", "--limit", "100000", "said"),
        ("search", "Regierung"),
        ("search", "政府"),
        ("similar", one),
        ("similar", one, "--json"),
        ("similar", other, one),
        ("similar", "--all", "--nl"),
        ("similar", "--all"),
        ("quote", chosen.sentence),
        ("quote", chosen.altered),
        ("quote", chosen.french),
        ("quote", chosen.chinese),
        ("quote", "Nobody has ever written that sentence in a newspaper."),
        ("quote", "the company said it expects to report"),
        ("show", chosen.edited),
        ("history", chosen.edited),
        ("diff", chosen.edited),
        ("diff", chosen.edited, "--json"),
        ("changes",),
        ("changes", "--by", "outlet"),
        ("changes", "--silent", "--class", "substantive"),
        ("changes", "--admitted"),
        ("changes", "--kind", "removed"),
        ("changes", "--kind", "removed", "--atom"),
        ("changes", "--since", "2026-01-02", "--nl", "--limit", "100000"),
        ("changes", "--outlet", "reuters", "--csv"),
        ("looks",),
        ("looks", "--json"),
        ("watch", "--list"),
        ("health",),
        ("profiles",),
        ("status",),
        ("status", "--json"),
        ("stats",),
        ("stats", "--json"),
        ("doctor",),
        ("verify", "--quick"),
        ("reread", "--dry-run"),
        ("purge", one, "--why", "tried", "--dry-run"),
    ]
    return [run(folder, *arguments) for arguments in commands]


def writes(folder: Path, other: Path, chosen: Chosen) -> list[Ran]:
    """Run the commands that write, on a copy, and slow ones."""
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    shutil.copy(folder / "settings.toml", copy)
    shutil.copytree(folder / "captures", copy / "captures")
    ran = [run(folder, "backup", str(copy / "archive.db"))]
    with closing(sqlite3.connect(copy / "archive.db")) as connection:
        moved = connection.execute(
            "select article, url from urls where kind <> 'shared' group by "
            "article having count(*) > 1 limit 1"
        ).fetchone()
    for arguments in (
        ("verify",),
        ("watch", chosen.plain),
        ("watch", chosen.plain, "--stop"),
        *([("split", moved[0], moved[1], "--dry-run")] if moved else []),
        *([("split", moved[0], moved[1])] if moved else []),
        ("evidence", chosen.edited, "-o", str(copy / "one.zip")),
        ("evidence", chosen.removed, "-o", str(copy / "removed.zip")),
        ("reread",),
        ("merge", str(other), "--dry-run"),
        ("merge", str(other)),
        ("merge", str(other)),
        ("purge", chosen.copied, "--why", "requested by its author", "--yes"),
        ("purge", "--list"),
        ("backup", str(copy / "second.db")),
        ("restore", str(copy / "second.db")),
        ("verify",),
        ("doctor",),
    ):
        ran.append(run(copy, *arguments))
    shutil.rmtree(copy)
    return ran


def pages(folder: Path, chosen: Chosen) -> list[Ran]:
    """Measure the pages of ``harvest browse``: the server's time at the second request."""
    command = [sys.executable, "-m", "harvester.cli", "browse", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment
    )
    ran = []
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[0].rstrip("/")
        server = int(
            Path(f"/proc/{process.pid}/task/{process.pid}/children")
            .read_text()
            .split()[0]
        )
        key = chosen.edited
        for path in (
            "/", "/-/search?q=bank", "/-/search?q=" + quote("oil "
"prices"), "/-/search?q=said&every=1", "/-/changes", "/-/removals", "/-/changes.atom",
            f"/-/article/{key}", (f"/-/article/{key}?from=1&to="
f"2"), f"/-/article/{chosen.copied}", (f"/-/article/"
f"{chosen.removed}"), "/-/outlet/reuters", "/-/outlet/web",
            "/archive", "/archive/articles", ("/archive/"
"versions"), "/archive/reprints", "/archive/copies", ("/archive/"
"edits"), "/archive/removals", "/archive/days",
            "/archive/tombstones", "/archive/latest",
        ):  # fmt: skip
            for again in (False, True):
                before, began = _cpu(server), time.monotonic()
                try:
                    with urllib.request.urlopen(address + path, timeout=60) as response:
                        body, code = response.read(), 0
                except urllib.error.HTTPError as error:
                    body, code = error.read(), error.code
                one = Ran(
                    f"browse {path}",
                    code,
                    len(body),
                    _cpu(server) - before,
                    time.monotonic() - began,
                    0.0,
                    "",
                )
                if again:
                    ran.append(one)
                    show(one)
    finally:
        process.terminate()
        process.wait()
    return ran


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pairs(archive: Path) -> None:
    """Print how well copies are found: F1 over the labelled pairs, and other pairs."""
    found = corpora()
    if found is None:
        return
    rows: list[tuple[str, str, str]] = []
    with closing(open_reader(archive)) as connection:
        said = [
            (urlsplit(one["url"]), urlsplit(one["other_url"]))
            for one in copies.list_pairs(connection)
        ]
        left = copies.count_unindexed_versions(connection)
        held = {
            urlsplit(row[0]) for row in connection.execute("select url from articles")
        }
    for name, (_, labelled) in sets(found):
        host = f"{name}.example"
        known = {
            frozenset(int(one.path.split("/")[2]) for one in both)
            for both in said
            if {one.hostname for one in both} == {host}
        }
        there = {int(one.path.split("/")[2]) for one in held if one.hostname == host}
        rows += judged(
            name,
            f"{len(there)} in this archive",
            [one for one in labelled if one.numbers <= there],
            known,
        )
    reprints = {
        (one.path, other.path)
        for one, other in said
        if {one.hostname, other.hostname} == {"reuters.example", "courier.example"}
    }
    both = [
        {one.path for one in held if one.hostname == f"{name}.example"}
        for name in ("reuters", "courier")
    ]
    count = sum(one == other for one, other in reprints)
    rows.append(
        (
            "reprints found of the dispatches that courier took",
            f"{count} of {len(both[0] & both[1])}",
            "",
        )
    )
    rows += [
        ("pairs in all, versions left for the next crawl", f"{len(said)}, {left}", "")
    ]
    table(rows)


def made(folder: Path, part: int, less: int) -> None:
    """Build the archive, and another with a part of it, if missing."""
    found = corpora()
    if found is None:
        raise SystemExit("no corpora: set CORPORA to their folder")
    for place, share in ((folder, part), (folder / "other", part * 20)):
        if (place / "settings.toml").exists():
            continue
        began = time.process_time(), time.monotonic()
        _, samples = build(
            place,
            found,
            share,
            less,
            lambda text: print(f"  {text}", file=sys.stderr, flush=True),
        )
        print(
            f"made {place.name}: {time.process_time() - began[0]:.0f} s of "
            f"processor time, {time.monotonic() - began[1]:.0f} s"
        )
        for name, labels in groups(samples).items():
            spent = sum(samples.all[one] for one in labels) * EVERY
            print(
                f"  identity's share of processor time, {name}: "
                f"{samples.share(labels):.3f} of {spent:.0f} s"
            )


def main() -> None:
    """Build the archive, run the commands, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", type=int, default=1)
    parser.add_argument(
        "--less",
        type=int,
        default=1,
        help="of real pages, which take longest, only one in LESS of that part",
    )
    parser.add_argument("--make", action="store_true", help="only make the archive")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if options.make:
        made(folder, options.part, options.less)
        return
    # In its own process: its memory would be counted as that of the commands.
    subprocess.run([sys.executable, __file__, *sys.argv[1:], "--make"], check=True)
    chosen = choose(folder / "archive.db")
    pairs(folder / "archive.db")
    print(f"{'':<88} {'rows':>7} {'processor':>10} {'clock':>10} {'memory':>9}")
    ran = reads(folder, chosen) + pages(folder, chosen)
    writes(folder, folder / "other" / "archive.db", chosen)
    slow = [one.name for one in ran if one.cpu > MAX_READ_SECONDS]
    print(json.dumps({"over a second": slow}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
