"""Build an archive of tens of thousands of real articles, through the keeper.

For ``scale.py`` and ``reread.py``.

Outlets: ``reuters`` and ``wire`` (texts as bare pages, which are not parsed but given to
the keeper as extracts), ``courier`` (reprints every second dispatch with another headline
and without its last paragraph), ``web`` (real pages of all sets) and 35 papers of 40 real
pages each. A fifth is checked again a day later: every second of those was edited, in one
of seven ways, and one in twenty is gone. It is still gone two days later, and a day after
that some of it is back.
"""

from __future__ import annotations

import gzip
import html
import json
import lzma
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.copies import A_FEED, HTML, RSS, Text, texts
from benchmarks.shares import EVERY, Samples
from harvester.archive.connection import Archive
from harvester.identity.urls import normalise_url
from harvester.ingest.keeper import Keeper
from harvester.ingest.prepare import Job, prepare
from harvester.model import Capture, Extract, Prepared, Visit
from harvester.parse.content.extractor import EXTRACTOR
from harvester.settings import load_settings

DAYS = tuple(f"2026-01-0{day}T06:00:00Z" for day in range(1, 5))
PAPERS = 35
TEXTS = ("reuters", "courier", "wire")
AGAIN, GONE, BACK = 5, 20, 3  # every fifth is checked again, …


@dataclass(frozen=True, slots=True)
class Piece:
    """One page of an outlet: its URL, headline and bytes.

    ``line``: one of its paragraphs, as in the bytes; ``text``: the article's text, if
    known.
    """

    outlet: str
    url: str
    title: str
    body: bytes
    line: str
    text: str
    at: str = ""


def pieces(folder: Path, part: int = 1, less: int = 1) -> Iterator[Piece]:
    """Yield all pages.

    ``part``: only one in ``part`` of each set; of real pages, one in ``less`` of those.
    """
    for name in ("reuters", "wire"):
        chosen = list(texts(folder / "duplicates", name)[0].values())
        for one in chosen[: len(chosen) // part]:
            yield _piece(name, one)
            lines = one.text.split("\n")
            if name == "reuters" and one.number % 2 == 0 and len(lines) > 2:
                yield _piece(
                    "courier",
                    Text(
                        one.number,
                        f"{one.title.capitalize()}, agency says",
                        "\n".join(lines[:-1]),
                        one.at,
                    ),
                )
    yield from web(folder / "pages", part * less)
    yield from papers(folder / "outlets", part * less)


def papers(folder: Path, part: int = 1) -> Iterator[Piece]:
    """The pages of the papers."""
    for number in range(PAPERS):
        path = next(folder.glob(f"{number:02}-*.jsonl.xz"))
        for text in (
            lzma.decompress(path.read_bytes())
            .decode()
            .strip("\n")
            .split("\n")[: 40 // part]
        ):
            page = json.loads(text)
            url = f"https://paper{number:02}.example/news/{page['n']}/report.html"
            yield Piece(
                f"paper{number:02}",
                url,
                page["title"],
                page["html"].encode(),
                _line(page["text"]),
                page["text"],
            )


def _piece(outlet: str, one: Text) -> Piece:
    said = (
        f"<meta property='article:published_time' content='{one.at}'>" if one.at else ""
    )
    lines = "".join(
        f"<p>{html.escape(line)}</p>" for line in one.text.split("\n") if line.strip()
    )
    title = html.escape(one.title) or "Untitled"
    body = (
        f"<html><head><title>{title}</title>{said}</head><body><article><h1>"
        f"{title}</h1>{lines}</article></body></html>"
    )
    url = f"https://{outlet}.example/news/{one.number}/report.html"
    return Piece(
        outlet,
        url,
        one.title,
        body.encode(),
        html.escape(_line(one.text)),
        one.text,
        one.at,
    )


def web(folder: Path, part: int = 1) -> Iterator[Piece]:
    """Real pages of all sets."""
    seen: set[str] = set()
    for path in sorted(folder.glob("*/*.html.gz"))[::part]:
        truth = _truths(path.parent).get(path.name, {})
        url = str(truth.get("url") or "")
        if not urlsplit(url).hostname or url in seen:
            url = f"https://web.example/{path.parent.name}/{path.name[:4]}"
        seen.add(url)
        stated = truth.get("truth", {})
        title = stated.get("title")
        yield Piece(
            "web",
            url,
            title if isinstance(title, str) else "",
            gzip.decompress(path.read_bytes()),
            html.escape(_line(str(stated.get("text") or "")), quote=False),
            str(stated.get("text") or ""),
        )


_HELD: dict[Path, dict[str, dict[str, Any]]] = {}


def _truths(folder: Path) -> dict[str, dict[str, Any]]:
    if folder not in _HELD:
        lines = (folder / "truth.jsonl").read_text().strip("\n").split("\n")
        _HELD[folder] = {one["file"]: one for one in map(json.loads, lines)}
    return _HELD[folder]


def _line(text: str) -> str:
    """Return the longest paragraph except the first and last."""
    lines = text.split("\n")
    return max(lines[1:-1] or lines, key=len)


def edited(piece: Piece, chance: random.Random) -> bytes | None:
    """Return the page with one edit, or None if it cannot be made."""
    line, words = piece.line, piece.line.split(" ")
    if len(words) < 8 or piece.line.encode() not in piece.body:
        return None
    numbers = re.findall(r"\b\d{2,}\b", line)
    place = chance.randrange(2, len(words) - 2)
    changed = {
        0: " ".join([*words[:place], *words[place + 2 :]]),  # two words gone
        1: f"{line} The figures were confirmed by a second source late on Thursday.",
        2: line.replace(chance.choice(numbers), str(chance.randrange(100, 999)), 1)
        if numbers
        else " ".join(words[:-3]),
        3: f"{line}</p><p>Correction: an earlier version of this article misstated a figure.",
        4: " ".join([*words[:place], words[place] + "s", *words[place + 1 :]]),
        5: "",
        6: f"{line.rstrip('.')}, people with knowledge of the matter said.",
    }[chance.randrange(7)]
    return piece.body.replace(line.encode(), changed.encode(), 1)


def build(
    folder: Path,
    corpora: Path,
    part: int = 1,
    less: int = 1,
    say: Callable[[str], None] = lambda text: None,
) -> tuple[Path, Samples]:
    """Build the archive; return the path of its settings, and samples of the time.

    The samples are labelled by outlet, and ``again`` for checks of the days after.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "settings.toml"
    world = {normalise_url(piece.url): piece for piece in pieces(corpora, part, less)}
    outlets: dict[str, list[Piece]] = {}
    for piece in world.values():
        outlets.setdefault(piece.outlet, []).append(piece)
    feeds: dict[str, list[Piece]] = {}
    lines = []
    for outlet, some in outlets.items():
        urls = {
            f"https://{outlet}.example/feed{at}.xml": some[at : at + A_FEED]
            for at in range(0, len(some), A_FEED)
        }
        feeds |= urls
        lines.append(f"[outlets.{outlet}]\nfeeds = {json.dumps(list(urls))}\n")
    settings.write_text("[archive]\ncaptures = 'captures'\n" + "".join(lines))
    read = load_settings(settings)
    keeper = Keeper(Archive.open(read.archive, read.captures), read)
    with Samples() as samples:
        _first(keeper, feeds, world, samples, say)
        samples.label = "again"
        _again(keeper, world, say)
    keeper.close()
    return settings, samples


def _feed(url: str, some: list[Piece]) -> bytes:
    entries = "".join(
        (
            f"<item><title>{html.escape(one.title or 'Untitled')}</title><link>"
            f"{html.escape(one.url)}</link></item>"
        )
        for one in some
    )
    return f"<rss version='2.0'><channel><title>{url}</title>{entries}</channel></rss>".encode()


def _first(
    keeper: Keeper,
    feeds: dict[str, list[Piece]],
    world: dict[str, Piece],
    samples: Samples,
    say: Callable[[str], None],
) -> None:
    now = DAYS[0]
    keeper.sync_settings(now)
    keeper.begin_crawl(now)
    kept = 0
    while visits := keeper.take_due_visits(now):
        for visit in sorted(
            visits, key=lambda one: (one.kind, one.outlet)
        ):  # what is compared at a flush is of one outlet
            feed = visit.kind == "feed"
            if samples.label not in ("feed" if feed else visit.outlet, ""):
                keeper.flush()
            piece = None if feed else world.get(visit.url)
            samples.label = "feed" if feed else visit.outlet
            body = (
                _feed(visit.url, feeds[visit.url])
                if feed
                else piece.body
                if piece
                else b""
            )
            _visited(
                keeper,
                visit,
                Capture(
                    visit.url,
                    visit.url,
                    now,
                    200 if body else 404,
                    RSS if feed else HTML,
                    body,
                ),
                now,
                piece,
            )
            kept += 1
            if kept % 75 == 0:
                keeper.flush()
            if kept % 1000 == 0:
                say(f"{kept} of {len(world)} pages kept")
    keeper.end_crawl(now)


def _visited(
    keeper: Keeper, visit: Visit, capture: Capture, now: str, piece: Piece | None = None
) -> None:
    job = keeper.receive(visit, capture, now)
    bare = piece is not None and piece.outlet in TEXTS
    prepared = (
        given(piece, keeper.profile_learner.current_profile(visit.outlet)[0])
        if piece and bare
        else prepare(job)
        if job
        else None
    )
    kept = keeper.keep(visit, capture, prepared, now)
    if kept.learn_outlet and not bare:
        again = keeper.profile_learner.store_profile(
            kept.learn_outlet,
            prepare(keeper.profile_learner.training_job(kept.learn_outlet)),
            now,
        )
        for _ in again.run(at_once) if again else ():
            pass


def given(piece: Piece, profile: str) -> Prepared:
    """Return what reading a bare page would give."""
    text = "\n".join(
        line for one in piece.text.split("\n") if (line := " ".join(one.split()))
    )
    at = piece.at or None
    extract = Extract(
        "",
        " ".join(piece.title.split()) or "Untitled",
        (),
        at,
        at,
        None,
        None,
        "",
        (),
        (),
        "",
        "",
        text,
        {"published": "meta"} if at else {},
        EXTRACTOR,
        profile=profile,
    )
    return Prepared(extract=extract)


def groups(samples: Samples) -> dict[str, list[str]]:
    """Group the labels of the samples."""
    return {
        "real pages": [
            one for one in samples.all if one == "web" or one.startswith("paper")
        ],
        "checks": ["again"],
    }


def at_once(job: Job) -> Future[Prepared]:
    """Run a job in this process."""
    future: Future[Prepared] = Future()
    future.set_result(prepare(job))
    return future


def _again(keeper: Keeper, world: dict[str, Piece], say: Callable[[str], None]) -> None:
    """Check articles again on the days after."""
    chance = random.Random(1)
    rows = keeper.connection.execute(
        "select key, url, reached, outlet, site from articles order by id"
    ).fetchall()
    chosen = [row for row in rows if row["reached"] in world][::AGAIN]
    gone = chosen[1::GONE]
    back = gone[::BACK]
    for now, some, missing in (
        (DAYS[1], chosen, gone),
        (DAYS[2], gone, gone),
        (DAYS[3], back, []),
    ):
        keeper.begin_crawl(now)
        absent = {row["key"] for row in missing}
        for place, row in enumerate(some):
            piece = world[row["reached"]]
            body: bytes | None = None if row["key"] in absent else piece.body
            if body is not None and place % 2 == 0 and now == DAYS[1]:
                body = edited(piece, chance) or body
            visit = Visit(
                "article", row["key"], row["reached"], row["outlet"], row["site"]
            )
            status, page = (404, b"<h1>Not here</h1>") if body is None else (200, body)
            _visited(
                keeper,
                visit,
                Capture(visit.url, visit.url, now, status, HTML, page),
                now,
            )
            if place % 75 == 74:
                keeper.flush()
        keeper.end_crawl(now)
        say(f"{len(some)} checked again on {now[:10]}")


if __name__ == "__main__":
    from benchmarks.common import corpora

    found = corpora()
    assert found is not None
    began = time.process_time(), time.monotonic()
    shares = [int(one) for one in sys.argv[2:4]] + [1, 1]
    made, spent = build(
        Path(sys.argv[1]),
        found,
        shares[0],
        shares[1],
        lambda text: print(text, flush=True),
    )
    print(
        f"{made}: {time.process_time() - began[0]:.0f} s of processor time, "
        f"{time.monotonic() - began[1]:.0f} s"
    )
    for name, labels in groups(spent).items():
        print(
            f"identity's share, {name}: {spent.share(labels):.4f} of "
            f"{sum(spent.all[one] for one in labels) * EVERY:.0f} s"
        )
    for name, count in spent.functions.most_common(60):
        print(f"  {count * EVERY:7.2f} s  {name}")
