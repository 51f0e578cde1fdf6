"""Fuzz every parser with generated and mutated inputs, bounded in time and memory.

    python benchmarks/fuzz.py [--cases 2000] [--seed 1] [--kinds page,feed]
                              [--minutes 10] [--save FOLDER]
    python benchmarks/fuzz.py --attacks [--size 10000000]  # inputs of the maximum size
    python benchmarks/fuzz.py --again FOLDER               # try saved cases again
    python benchmarks/fuzz.py --http [--cases 200]         # raw responses, real downloader
    python benchmarks/fuzz.py --corpora                    # real pages and feeds as seeds

Failing cases are saved and shrunk. A failure is an exception that is not one of ours,
more than 2 seconds of processor time, more than 700 MB of memory, a hang, or a result
of the wrong type, with control characters, longer than its bounds, or not the same
twice. The exit code is 1 if anything failed.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.common import corpora, end_in_order, real_pages, table
from benchmarks.fuzzing import sockets
from benchmarks.fuzzing.attacks import SETS, attacks
from benchmarks.fuzzing.child import Child, Tried
from benchmarks.fuzzing.kinds import KINDS, made, read_seeds
from benchmarks.fuzzing.shrinking import shrunk

SECOND_PROCESS_EVERY = 10  # every tenth case is also read by a second process
MAX_SAVED_PER_SIGNATURE = 3
MAX_SLOW_SHRUNK_BYTES = 200_000  # larger slow cases take too long to shrink


class Tally:
    """Counts, failures and costs by kind."""

    def __init__(self, save: Path | None) -> None:
        self.cases: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.slowest: dict[str, float] = {}
        self.peak: dict[str, int] = {}
        self.signatures: Counter[str] = Counter()
        self._save = save

    def add(self, kind: str, tried: Tried) -> bool:
        """Count a case; whether it failed."""
        self.cases[kind] += 1
        self.slowest[kind] = max(self.slowest.get(kind, 0.0), tried.cpu)
        self.peak[kind] = max(self.peak.get(kind, 0), tried.peak)
        if tried.fault:
            self.failures[kind] += 1
            self.signatures[tried.signature] += 1
        return bool(tried.fault)

    def report(
        self, child: Child, kind: str, name: str, body: bytes, tried: Tried
    ) -> None:
        """Print a failure and save its case, shrunk."""
        if self.signatures[tried.signature] > MAX_SAVED_PER_SIGNATURE:
            return
        print(
            f"\n{kind}: {name}: {tried.signature}\n  {tried.fault.strip()[-1500:]}",
            flush=True,
        )
        if self._save is None:
            return
        if "slow" not in tried.signature or len(body) < MAX_SLOW_SHRUNK_BYTES:
            body = shrunk(
                body, lambda less: child.try_(kind, less).signature == tried.signature
            )
        self._save.mkdir(parents=True, exist_ok=True)
        path = (
            self._save
            / f"{kind.replace(' ', '_')}-{hashlib.sha256(body).hexdigest()[:10]}"
        )
        path.write_bytes(body)
        path.with_suffix(".txt").write_text(
            f"{name}\n{tried.signature}\n{tried.fault}\n", "utf-8", "replace"
        )
        print(f"  {path} ({len(body)} bytes)", flush=True)

    def print(self) -> int:
        """The table; 1 where anything failed."""
        rows = [("kind", "cases  failures  slowest ms  peak MB", "")]
        for kind in self.cases:
            figures = (
                f"{self.cases[kind]:>6} {self.failures[kind]:>9} "
                f"{self.slowest.get(kind, 0) * 1e3:>11.0f} {self.peak.get(kind, 0) / 1e6:>8.0f}"
            )
            rows.append((kind, figures, ""))
        total = sum(self.failures.values())
        rows.append(("all", f"{sum(self.cases.values()):>6} {total:>9}", "0 failures"))
        table(rows)
        for signature, count in self.signatures.most_common():
            print(f"  {count:>6}  {signature}")
        return 1 if total else 0


def cases(seed: int, count: int, kinds: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield cases of the kinds, by their shares.

    A case depends on the seed and its number only, not on the cases before it.
    """
    weights = [KINDS[kind].share for kind in kinds]
    for number in range(count):
        rng = Random(f"{seed} {number}")
        kind = rng.choices(kinds, weights)[0]
        yield kind, made(rng, kind)


def run(
    seed: int, count: int, kinds: tuple[str, ...], seconds: float, tally: Tally
) -> None:
    """Try the cases, some in a second process too."""
    child, other = Child(), Child()
    ends = time.monotonic() + seconds
    try:
        for number, (kind, body) in enumerate(cases(seed, count, kinds)):
            if time.monotonic() > ends:
                break
            tried = child.try_(kind, body)
            if "slow" in tried.signature:
                tried = child.try_(kind, body)  # the machine may have been busy
            if not tried.fault and number % SECOND_PROCESS_EVERY == 0:
                second = other.try_(kind, body)
                if not second.fault and second.digest != tried.digest:
                    tried = Tried(
                        "another process gave another result",
                        f"{kind}: another process",
                        tried.cpu,
                        tried.peak,
                    )
            if tally.add(kind, tried):
                tally.report(child, kind, f"case {number} of seed {seed}", body, tried)
            if number % 5_000 == 4_999:
                print(
                    f"… {number + 1} cases, {sum(tally.failures.values())} failures",
                    file=sys.stderr,
                    flush=True,
                )
    finally:
        child.close()
        other.close()


def attack(kinds: tuple[str, ...], size: int, only: str, tally: Tally) -> None:
    """Try the attacks and print the slowest."""
    child = Child()
    slow: list[tuple[float, int, str]] = []
    try:
        for kind, name, body in attacks(kinds, size):
            if only and only not in name:
                continue
            tried = child.try_(kind, body)
            slow.append((tried.cpu, tried.peak, f"{kind}: {name}"))
            if tally.add(kind, tried):
                print(
                    (
                        f"{tried.cpu:6.1f} s {tried.peak / 1e6:5.0f} MB  {kind}: "
                        f"{name}: {tried.fault.strip()[-300:]}"
                    ),
                    flush=True,
                )
    finally:
        child.close()
    for cpu, peak, name in sorted(slow, reverse=True)[:12]:
        print(f"{cpu:6.2f} s {peak / 1e6:5.0f} MB  {name}")


def again(folder: Path, tally: Tally) -> None:
    """Try saved cases again."""
    child = Child()
    names = {kind.replace(" ", "_"): kind for kind in KINDS}
    try:
        for path in sorted(one for one in folder.iterdir() if not one.suffix):
            kind = names[path.name.rpartition("-")[0]]
            tried = child.try_(kind, path.read_bytes())
            if tally.add(kind, tried):
                tally.report(child, kind, path.name, path.read_bytes(), tried)
    finally:
        child.close()


def more_seeds() -> None:
    """Add real pages and feeds to the seeds."""
    folder = corpora()
    if folder is None:
        return
    KINDS["page"] = replace(
        KINDS["page"],
        seeds=(*KINDS["page"].seeds, *(body[:150_000] for _, body in real_pages(200))),
    )
    feeds = [one.read_bytes() for one in sorted(folder.glob("feeds/**/*.xml"))[:200]]
    KINDS["feed"] = replace(
        KINDS["feed"],
        seeds=(*KINDS["feed"].seeds, *(body for body in feeds if len(body) < 150_000)),
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default="", help=", ".join([*KINDS, "http"]))
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--save", type=Path)
    parser.add_argument("--attacks", action="store_true")
    parser.add_argument("--size", type=int, default=10_000_000)
    parser.add_argument(
        "--only", default="", help="only attacks whose name contains this"
    )
    parser.add_argument("--again", type=Path)
    parser.add_argument("--http", action="store_true")
    parser.add_argument("--corpora", action="store_true")
    options = parser.parse_args()
    tally = Tally(options.save)
    end_in_order()
    try:
        _try(options, tally)
    except KeyboardInterrupt:
        tally.print()
        return 130
    return tally.print()


def _try(options: argparse.Namespace, tally: Tally) -> None:
    if options.http:
        sockets.run(options.seed, options.cases, tally)
        return
    read_seeds()
    if options.corpora:
        more_seeds()
    kinds = tuple(one.strip() for one in options.kinds.split(",") if one) or tuple(
        KINDS
    )
    if options.again:
        again(options.again, tally)
    elif options.attacks:
        attack(
            tuple(one for one in SETS if one in kinds),
            options.size,
            options.only,
            tally,
        )
    else:
        run(options.seed, options.cases, kinds, options.minutes * 60, tally)


if __name__ == "__main__":
    raise SystemExit(main())
