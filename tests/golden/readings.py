"""Digests of what is read of all pages and feeds of the corpora; no content of theirs.

    python tests/golden/readings.py                 read everything, compare set by set
    python tests/golden/readings.py --write DIR     also a digest for each page, into
                                                    DIR, to find which page differs
    python tests/golden/readings.py --against DIR   compare page by page with such a DIR
    python tests/golden/readings.py --update        write readings.json anew

Corpora: the folder in $CORPORA, or ``shared/corpora`` beside the repository. Pages are
read by ``harvest check - --nl``, in two processes. A digest covers the whole record but
for times taken, paths, and reasons in words (of those only whether there is one).
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import lzma
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.golden.program import COMMAND

HERE = Path(__file__).resolve().parent
READINGS = HERE / "readings.json"
AT = "2026-11-01T00:00:00Z"  # when pages without a time of their own were received
PROCESSES = 2
SAMPLE = 300  # pages, about, spread evenly over all sets
WHOLE = ("feeds", "mpi")  # sets whose sample is everything
DROPPED = ("cpu_ms", "file")
WORDS = ("error", "why", "missing", "refused", "cut")  # free text for people


@dataclass(frozen=True)
class Page:
    """One file of a set: its name there, and its line of the list."""

    name: str
    line: dict[str, str]
    body: bytes | None = field(default=None, repr=False)  # None: the file as it lies


def corpora_folder() -> Path:
    """Where the corpora are, if anywhere."""
    beside = HERE.parents[2] / "shared" / "corpora"
    return Path(os.environ.get("CORPORA") or beside)


def sets(corpora: Path) -> Iterator[tuple[str, list[Page]]]:
    """All sets by name, in a fixed order."""
    for folder in sorted((corpora / "pages").iterdir()):
        yield f"pages/{folder.name}", list(_pages(folder))
    for file in sorted((corpora / "outlets").glob("*.jsonl.xz")):
        yield f"outlets/{file.name.partition('.')[0]}", list(_outlet(file))
    mpi = corpora / "mpi"
    home = "https://www.medias-presse.info/"
    yield (
        "mpi",
        [
            _page("article.html", mpi / "article.html", f"{home}article/1/"),
            _page("feed.xml", mpi / "feed.xml", f"{home}feed/"),
        ],
    )
    yield "cases/reading", list(_cases(corpora / "cases" / "reading.jsonl"))
    feeds = corpora / "feeds"
    cases = json.loads((feeds / "cases.json").read_text("utf-8"))["cases"]
    yield "feeds", list(_feeds(feeds, cases))
    announcing = json.loads((feeds / "autodiscovery.json").read_text("utf-8"))
    yield "feeds/autodiscovery", list(_feeds(feeds, announcing))


def _page(name: str, file: Path, url: str, content_type: str = "") -> Page:
    line = {"file": str(file), "url": url, "at": AT}
    if content_type:
        line["content_type"] = content_type
    return Page(name, line)


def _pages(folder: Path) -> Iterator[Page]:
    with (folder / "truth.jsonl").open(encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            url = row["url"] or "https://page.example/a"
            yield _page(row["file"], folder / row["file"], url)


def _outlet(file: Path) -> Iterator[Page]:
    key = file.name.partition(".")[0]
    with lzma.open(file, "rt", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            line = {"url": f"https://{key}.example/{row['n']}", "at": AT}
            yield Page(f"{row['n']}", line, row["html"].encode())


def _cases(file: Path) -> Iterator[Page]:
    with file.open(encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            line = {k: row[k] for k in ("url", "at", "content_type") if row.get(k)}
            packed = row.get("base64")
            body = base64.b64decode(packed) if packed else row["body"].encode()
            yield Page(row["name"], {"at": AT, **line}, body)


def _feeds(folder: Path, cases: Iterable[dict[str, Any]]) -> Iterator[Page]:
    for case in cases:
        file = folder / case["file"]
        yield _page(case["file"], file, case["url"], case.get("content_type") or "")


def sampled(name: str, pages: list[Page], total: int) -> list[Page]:
    """The fixed sample of a set."""
    if name in WHOLE:
        return pages
    return pages[:: max(1, total // SAMPLE)]


def stable(value: Any) -> Any:
    """A record without what may change: of free text remains whether there is any."""
    if isinstance(value, dict):
        return {
            key: bool(one) if key in WORDS else stable(one)
            for key, one in value.items()
            if key not in DROPPED
        }
    return [stable(one) for one in value] if isinstance(value, list) else value


def digest(text: str) -> str:
    """16 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read(pages: list[Page]) -> list[str]:
    """A digest for each page."""
    with tempfile.TemporaryDirectory(prefix="readings-") as temporary:
        folder = Path(temporary)
        lines = []
        for number, page in enumerate(pages):
            line = dict(page.line)
            if page.body is not None:
                line["file"] = str(folder / f"{number:05}")
                Path(line["file"]).write_bytes(page.body)
            lines.append(json.dumps(line))
        settings = folder / "settings.toml"
        settings.write_text('[outlets.none]\nfeeds = ["https://none.example/feed"]\n')
        # Every second page: long and short ones are shared fairly.
        with ThreadPoolExecutor(PROCESSES) as threads:
            shares = [lines[place::PROCESSES] for place in range(PROCESSES)]
            done = list(threads.map(lambda share: _run(settings, share), shares))
    found = [""] * len(pages)
    for place, records in enumerate(done):
        found[place::PROCESSES] = [_digest_of(one) for one in records]
    return found


def _run(settings: Path, lines: list[str]) -> list[dict[str, Any]]:
    if not lines:
        return []
    command = [*COMMAND, "--settings", str(settings), "check", "-", "--nl"]
    text = "\n".join(lines) + "\n"
    ran = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        timeout=60 + len(lines),  # many times what it takes
    )
    assert ran.returncode == 0, ran.stderr
    records = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(records) == len(lines), (len(records), len(lines), ran.stderr)
    return records


def _digest_of(record: dict[str, Any]) -> str:
    return digest(json.dumps(stable(record), sort_keys=True))


def together(pages: list[Page], digests: list[str]) -> dict[str, Any]:
    """The digest of a set."""
    lines = "".join(f"{one.name} {d}\n" for one, d in zip(pages, digests, strict=True))
    return {"pages": len(pages), "digest": digest(lines)}


def sample(corpora: Path) -> dict[str, dict[str, Any]]:
    """Read the sample: set → its digest."""
    every = list(sets(corpora))
    total = sum(len(pages) for name, pages in every if name not in WHOLE)
    chosen = [(name, sampled(name, pages, total)) for name, pages in every]
    digests = iter(read([page for _, pages in chosen for page in pages]))
    return {
        name: together(pages, [next(digests) for _ in pages]) for name, pages in chosen
    }


def main() -> int:
    """Read everything; 1 where something differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", type=Path, metavar="DIR")
    parser.add_argument("--against", type=Path, metavar="DIR")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--all", action="store_true", help="everything (the default)")
    given = parser.parse_args()
    every = list(sets(corpora_folder()))
    total = sum(len(pages) for name, pages in every if name not in WHOLE)
    found: dict[str, Any] = {}
    differing = 0
    known = {} if given.update else json.loads(READINGS.read_text("utf-8"))
    for name, pages in every:
        digests = read(pages)
        chosen = {id(page) for page in sampled(name, pages, total)}
        some = [place for place, page in enumerate(pages) if id(page) in chosen]
        found[name] = {
            "all": together(pages, digests),
            "sample": together([pages[n] for n in some], [digests[n] for n in some]),
        }
        lines = [f"{p.name} {d}\n" for p, d in zip(pages, digests, strict=True)]
        if given.write:
            given.write.mkdir(parents=True, exist_ok=True)
            file = given.write / f"{name.replace('/', '-')}.txt"
            file.write_text("".join(lines), "utf-8")
        if given.against:
            file = given.against / f"{name.replace('/', '-')}.txt"
            before = set(file.read_text("utf-8").splitlines(keepends=True))
            for line in lines:
                if line not in before:
                    print(f"{name} {line}", end="")
        same = given.update or known.get(name) == found[name]
        differing += not same
        print(name, len(pages), "written" if given.update else "same" if same else "DIFFERS", flush=True)  # fmt: skip
    if given.update:
        READINGS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main())
