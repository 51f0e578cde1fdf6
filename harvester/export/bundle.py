"""One article packed as a zip that can be read, and checked, without this program. The same archive gives the same bytes.

Not for: what is in it (``archive.evidence``), nor how its pages look (``pages``).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Callable
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from harvester.archive.integrity.article_evidence import (
    Answer,
    Evidence,
    answer,
    gather,
)
from harvester.export import bundle_pages
from harvester.export.timestamps import Stamp

LONG_AGO = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # the earliest that a zip can say; the time of packing is no part of it

README = """Evidence of one article
=======================

{title}
{url}
first seen {first_seen}, last seen {last_seen}; {versions} version(s), {captures} answer(s) kept

index.html            all of it to look at (any browser; no network, no scripts)
article.json          all of it for programs
versions/N.txt        each version: its title, a line break, its text
versions/N.json       the same with everything that was read beside
differences/A-B.*     what changed between two versions that followed each other
captures/N.warc.gz    each answer of the outlet as a WARC 1.1 record, byte for byte as it was written then
captures/N.headers.txt, captures/N.body.*   the same unpacked
ledger.txt            every look at the article, and what was found
proof/                what of the archive's chain of days proves it
check.py              checks all of this: python3 check.py
SHA256SUMS            sha256sum -c SHA256SUMS
{stamp}
How the proof works
-------------------

Every row of the archive has a canonical form; proof/chain.json ("rows") holds those of this article. The SHA-256 of a form stands in the
list of its day (proof/rows/), the SHA-256 of that list in the day's own text (proof/days/), and each day names the SHA-256 of the day
before. So the head of the chain,

    {head}

depends on every row of every day up to {day}. Who noted that value, or had it stamped, at that time knows that nothing was put in,
taken out or changed since. All digests can be made with sha256sum alone:

    sha256sum proof/days/*.txt     each is named by the next as "before"
    sha256sum proof/rows/*.txt     each is named by its day as "rows"
    sha256sum captures/*.warc.gz   each stands in the canonical form of its capture
    sha256sum versions/*.txt       each stands in the canonical form of its version, unless it was read again since

Canonical forms are JSON arrays in ASCII, without spaces:

    ["capture", kind, address asked, address reached, time, status, type, SHA-256 of the body, bytes, truncated, SHA-256 of the record]
    ["version", article, name, first seen, SHA-256 of title, line break and text]

Rows with "day": 0 were added on a day that was not over when this was packed: they are not yet in the chain.
"""


class Bundle:
    """A zip under way; the same entries in the same order give the same bytes."""

    def __init__(self, target: zipfile.ZipFile) -> None:
        self._target = target
        self._sums: list[str] = []

    def add(self, name: str, content: bytes | str) -> None:
        """A file of it."""
        body = (
            content.encode("utf-8", "surrogatepass")
            if isinstance(content, str)
            else content
        )
        self._sums.append(f"{hashlib.sha256(body).hexdigest()}  {name}\n")
        self._write(name, body)

    def _write(self, name: str, body: bytes) -> None:
        entry = zipfile.ZipInfo(name, LONG_AGO)
        entry.compress_type = (
            zipfile.ZIP_STORED if name.endswith(".gz") else zipfile.ZIP_DEFLATED
        )
        entry.create_system, entry.external_attr = 3, 0o644 << 16
        self._target.writestr(entry, body, compresslevel=6)

    def close(self, stamp: Callable[[bytes], Stamp] | None) -> Stamp | None:
        """Write the sums of all, and have them stamped."""
        sums = "".join(sorted(self._sums, key=lambda line: line[66:])).encode()
        self._write("SHA256SUMS", sums)
        if stamp is None:
            return None
        found = stamp(sums)
        self._write("SHA256SUMS.tsr", found.answer)
        return found


def pack(
    connection: sqlite3.Connection,
    folder: Path | None,
    key: str,
    to: Path,
    stamp: Callable[[bytes], Stamp] | None = None,
) -> dict[str, Any]:
    """Write the bundle of an article. Returns what is in it. The file is there only once it is whole."""
    found = gather(connection, key)
    draft = to.with_name(f"{to.name}.new")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as target:
            bundle = Bundle(target)
            answers = _captures(bundle, connection, folder, found)
            _article(bundle, found, answers)
            _proof(bundle, found)
            bundle.add(
                "check.py", files("harvester.export").joinpath("check.py").read_bytes()
            )
            bundle.add("README.txt", _readme(found, stamp is not None))
            bundle.add("index.html", _index(found, answers))
            stamped = bundle.close(stamp)
        draft.replace(to)
    finally:
        draft.unlink(missing_ok=True)
    head = found.days[-1] if found.days else None
    return {
        "article": key,
        "file": str(to),
        "versions": len(found.versions),
        "captures": sum(1 for one in answers if not one.missing),
        "missing": [
            {"capture": one.number, "why": one.missing}
            for one in answers
            if one.missing
        ],
        "open": sum(1 for one in found.sealed if not one.day),
        "head": {name: head[name] for name in ("number", "day", "digest")}
        if head
        else None,
        "stamped": stamped.at if stamped else None,
    }


def _captures(
    bundle: Bundle, connection: sqlite3.Connection, folder: Path | None, found: Evidence
) -> list[Answer]:
    """Each capture as a record, its headers and its body. Returned without bytes."""
    kept = []
    for number in found.captures:
        one = answer(connection, folder, number)
        if one.block:
            bundle.add(f"captures/{number}.warc.gz", one.block)
        if not one.missing:
            lines = [
                f"{one.row['at']}  {one.row['url']}",
                f"answered {one.row['status']} at {one.row['reached']}",
                "",
            ]
            lines += [f"{name}: {value}" for name, value in one.headers]
            bundle.add(f"captures/{number}.headers.txt", "\n".join(lines) + "\n")
            bundle.add(f"captures/{number}.body{_suffix(one)}", one.body)
        kept.append(
            Answer(
                number,
                one.row,
                b"kept" if one.block else b"",
                b"",
                one.headers,
                one.missing,
            )
        )
    return kept


def _suffix(one: Answer) -> str:
    """So that a browser shows a page's source, and runs nothing of it."""
    return (
        ".html.txt"
        if "html" in one.row["type"]
        else ".txt"
        if one.row["type"].startswith("text/")
        else ""
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _article(bundle: Bundle, found: Evidence, answers: list[Answer]) -> None:
    for one in found.versions:
        bundle.add(f"versions/{one['number']}.txt", f"{one['title']}\n{one['text']}")
        bundle.add(f"versions/{one['number']}.json", _json(one))
    for before, after in _neighbours(found):
        html, text = bundle_pages.difference(before, after)
        name = f"{before['number']}-{after['number']}"
        title = f"Version {before['number']} and version {after['number']}"
        bundle.add(f"differences/{name}.html", bundle_pages.page(title, html))
        bundle.add(f"differences/{name}.txt", text)
    whole = {
        "article": found.article, "urls": found.urls, "versions": found.versions, "changes": found.changes,
        "ledger": found.ledger, "captures": [{"number": one.number, **one.row, "missing": one.missing} for one in answers],
    }  # fmt: skip
    bundle.add("article.json", _json(whole))
    bundle.add(
        "ledger.txt",
        "".join(f"{_ledger_line(one)}\n" for one in found.ledger)
        or "It was not looked at again.\n",
    )


def _neighbours(found: Evidence) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Versions by number, and whatever else followed each other: an earlier wording that came back."""
    by_number = {one["number"]: one for one in found.versions}
    pairs = {(number, number + 1) for number in by_number if number + 1 in by_number}
    pairs |= {
        (one["from_version"], one["to_version"])
        for one in found.changes
        if one["from_version"] != one["to_version"]
    }
    return [
        (by_number[a], by_number[b])
        for a, b in sorted(pairs)
        if a in by_number and b in by_number
    ]


def _ledger_line(one: dict[str, Any]) -> str:
    said = [one.get("outcome") or one.get("kind"), one.get("saw"), one.get("note")]
    status = f"status {one['status']}" if one.get("status") else ""
    capture = f"capture {one['capture_number']}" if one.get("capture_number") else ""
    return "  ".join(
        [
            one["at"],
            one["what"],
            *(str(part) for part in (*said, status, capture) if part),
        ]
    )


def _proof(bundle: Bundle, found: Evidence) -> None:
    from harvester.archive.integrity.proof import of_day

    for day in found.days:
        bundle.add(f"proof/days/{day['number']:06}.txt", of_day(day))
    for day_number, text in found.rows.items():
        bundle.add(f"proof/rows/{day_number:06}.txt", text)
    names = {"version": "versions/{}.txt", "capture": "captures/{}.warc.gz"}
    rows = []
    for one in found.sealed:
        kind, _, number = one.what.partition(" ")
        recorded = kind == "version" or bool(json.loads(one.form)[10])
        rows.append(
            {"what": one.what, "kind": one.kind, "day": one.day, "digest": one.digest, "form": one.form,
             "file": names[kind].format(number) if recorded else None}
        )  # fmt: skip
    chain = {
        "head": found.days[-1]["digest"] if found.days else None,
        "days": [day["number"] for day in found.days],
        "lists": sorted(found.rows),
        "rows": rows,
    }
    bundle.add("proof/chain.json", _json(chain))


def _readme(found: Evidence, stamped: bool) -> str:
    head = (
        found.days[-1]
        if found.days
        else {"digest": "(no day is closed yet)", "day": "then"}
    )
    stamp = (
        "SHA256SUMS.tsr        an authority's time stamp of it (RFC 3161):\n"
        "                      openssl ts -verify -data SHA256SUMS -in SHA256SUMS.tsr -CAfile root.pem -untrusted authority.pem\n"
    )
    return README.format(
        title=found.versions[-1]["title"] if found.versions else "",
        url=found.article["url"],
        first_seen=found.article["first_seen"],
        last_seen=found.article["last_seen"],
        versions=len(found.versions),
        captures=len(found.captures),
        stamp=stamp if stamped else "",
        head=head["digest"],
        day=head["day"],
    )


def _index(found: Evidence, answers: list[Answer]) -> str:
    title = found.versions[-1]["title"] if found.versions else found.article["url"]
    url, head = escape(found.article["url"]), found.days[-1] if found.days else None
    parts = [
        f"<p><code>{url}</code><br>{escape(found.article['outlet'])}, {escape(found.article['state'])}</p>"
    ]
    rows = [
        [bundle_pages.link(f"versions/{one['number']}.txt", str(one["number"])), escape(one["first_seen"]), escape(one["last_seen"]),
         escape(one["title"]), f"<code>{one['sha256']}</code>"]
        for one in found.versions
    ]  # fmt: skip
    parts += [
        "<h2>Versions</h2>",
        bundle_pages.table(["", "first seen", "last seen", "title", "name"], rows),
    ]
    links = [
        bundle_pages.link(
            f"differences/{a['number']}-{b['number']}.html",
            f"version {a['number']} and {b['number']}",
        )
        for a, b in _neighbours(found)
    ]
    if links:
        parts += ["<h2>Differences</h2>", f"<p>{'<br>'.join(links)}</p>"]
    parts += [
        "<h2>Answers of the outlet</h2>",
        bundle_pages.table(
            ["", "received", "status", "address", "SHA-256 of the body"],
            map(_shown, answers),
        ),
    ]
    ledger = [[escape(_ledger_line(one))] for one in found.ledger]
    parts += [
        "<h2>Ledger</h2>",
        bundle_pages.table(["every look, and what was found"], ledger),
    ]
    said = (
        f"Head of the chain: day {head['number']}, {head['day']}, <code>{head['digest']}</code>"
        if head
        else "No day is closed yet."
    )
    parts += [
        "<h2>Proof</h2>",
        f"<p>{said} How to check it: {bundle_pages.link('README.txt', 'README.txt')}</p>",
    ]
    if found.versions:
        text = "".join(
            f"<p>{escape(line)}</p>" for line in found.versions[-1]["text"].split("\n")
        )
        parts += [f"<h2>Version {found.versions[-1]['number']}</h2>", text]
    return bundle_pages.page(title, "\n".join(parts))


def _shown(one: Answer) -> list[str]:
    named = escape(one.row["url"])
    if not one.missing:
        named += (
            f" {bundle_pages.link(f'captures/{one.number}.headers.txt', 'headers')}"
        )
        named += (
            f" {bundle_pages.link(f'captures/{one.number}.body{_suffix(one)}', 'body')}"
        )
    return [
        str(one.number),
        escape(one.row["at"]),
        str(one.row["status"]),
        named,
        f"<code>{one.row['sha256']}</code>",
    ]
