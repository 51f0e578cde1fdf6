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
    CaptureEvidence,
    Evidence,
    get_capture_evidence,
    get_evidence,
)
from harvester.export import bundle_pages
from harvester.export.timestamps import Timestamp

ZIP_EPOCH = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # the earliest that a zip can say; the time of packing is no part of it

README_TEMPLATE = """Evidence of one article
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
        self._zip = target
        self._checksums: list[str] = []

    def add(self, name: str, content: bytes | str) -> None:
        """A file of it."""
        body = (
            content.encode("utf-8", "surrogatepass")
            if isinstance(content, str)
            else content
        )
        self._checksums.append(f"{hashlib.sha256(body).hexdigest()}  {name}\n")
        self._write(name, body)

    def _write(self, name: str, body: bytes) -> None:
        entry = zipfile.ZipInfo(name, ZIP_EPOCH)
        entry.compress_type = (
            zipfile.ZIP_STORED if name.endswith(".gz") else zipfile.ZIP_DEFLATED
        )
        entry.create_system, entry.external_attr = 3, 0o644 << 16
        self._zip.writestr(entry, body, compresslevel=6)

    def close(
        self, request_timestamp: Callable[[bytes], Timestamp] | None
    ) -> Timestamp | None:
        """Write the sums of all, and have them stamped."""
        sums = "".join(sorted(self._checksums, key=lambda line: line[66:])).encode()
        self._write("SHA256SUMS", sums)
        if request_timestamp is None:
            return None
        found = request_timestamp(sums)
        self._write("SHA256SUMS.tsr", found.response)
        return found


def write_bundle(
    connection: sqlite3.Connection,
    captures_folder: Path | None,
    key: str,
    output: Path,
    request_timestamp: Callable[[bytes], Timestamp] | None = None,
) -> dict[str, Any]:
    """Write the bundle of an article. Returns what is in it. The file is there only once it is whole."""
    found = get_evidence(connection, key)
    draft = output.with_name(f"{output.name}.new")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as target:
            bundle = Bundle(target)
            answers = _add_captures(bundle, connection, captures_folder, found)
            _add_article(bundle, found, answers)
            _add_proof(bundle, found)
            bundle.add(
                "check.py", files("harvester.export").joinpath("check.py").read_bytes()
            )
            bundle.add(
                "README.txt", _render_readme(found, request_timestamp is not None)
            )
            bundle.add("index.html", _render_index(found, answers))
            stamped = bundle.close(request_timestamp)
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)
    head = found.days[-1] if found.days else None
    return {
        "article": key,
        "file": str(output),
        "versions": len(found.versions),
        "captures": sum(1 for one in answers if not one.missing_reason),
        "missing": [
            {"capture": one.capture_id, "why": one.missing_reason}
            for one in answers
            if one.missing_reason
        ],
        "open": sum(1 for one in found.sealed_rows if not one.day_number),
        "head": {name: head[name] for name in ("number", "day", "digest")}
        if head
        else None,
        "stamped": stamped.stamped_at if stamped else None,
    }


def _add_captures(
    bundle: Bundle,
    connection: sqlite3.Connection,
    captures_folder: Path | None,
    evidence: Evidence,
) -> list[CaptureEvidence]:
    """Each capture as a record, its headers and its body. Returned without bytes."""
    kept = []
    for number in evidence.capture_ids:
        one = get_capture_evidence(connection, captures_folder, number)
        if one.warc_record:
            bundle.add(f"captures/{number}.warc.gz", one.warc_record)
        if not one.missing_reason:
            lines = [
                f"{one.row['at']}  {one.row['url']}",
                f"answered {one.row['status']} at {one.row['reached']}",
                "",
            ]
            lines += [f"{name}: {value}" for name, value in one.headers]
            bundle.add(f"captures/{number}.headers.txt", "\n".join(lines) + "\n")
            bundle.add(f"captures/{number}.body{_body_suffix(one)}", one.body)
        kept.append(
            CaptureEvidence(
                number,
                one.row,
                b"kept" if one.warc_record else b"",
                b"",
                one.headers,
                one.missing_reason,
            )
        )
    return kept


def _body_suffix(capture: CaptureEvidence) -> str:
    """So that a browser shows a page's source, and runs nothing of it."""
    return (
        ".html.txt"
        if "html" in capture.row["type"]
        else ".txt"
        if capture.row["type"].startswith("text/")
        else ""
    )


def _format_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _add_article(
    bundle: Bundle, evidence: Evidence, captures: list[CaptureEvidence]
) -> None:
    for one in evidence.versions:
        bundle.add(f"versions/{one['number']}.txt", f"{one['title']}\n{one['text']}")
        bundle.add(f"versions/{one['number']}.json", _format_json(one))
    for before, after in _consecutive_versions(evidence):
        html, text = bundle_pages.render_difference(before, after)
        name = f"{before['number']}-{after['number']}"
        title = f"Version {before['number']} and version {after['number']}"
        bundle.add(f"differences/{name}.html", bundle_pages.render_page(title, html))
        bundle.add(f"differences/{name}.txt", text)
    whole = {
        "article": evidence.article, "urls": evidence.urls, "versions": evidence.versions, "changes": evidence.changes,
        "ledger": evidence.history, "captures": [{"number": one.capture_id, **one.row, "missing": one.missing_reason} for one in captures],
    }  # fmt: skip
    bundle.add("article.json", _format_json(whole))
    bundle.add(
        "ledger.txt",
        "".join(f"{_format_ledger_line(one)}\n" for one in evidence.history)
        or "It was not looked at again.\n",
    )


def _consecutive_versions(
    evidence: Evidence,
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Versions by number, and whatever else followed each other: an earlier wording that came back."""
    by_number = {one["number"]: one for one in evidence.versions}
    pairs = {(number, number + 1) for number in by_number if number + 1 in by_number}
    pairs |= {
        (one["from_version"], one["to_version"])
        for one in evidence.changes
        if one["from_version"] != one["to_version"]
    }
    return [
        (by_number[a], by_number[b])
        for a, b in sorted(pairs)
        if a in by_number and b in by_number
    ]


def _format_ledger_line(entry: dict[str, Any]) -> str:
    said = [
        entry.get("outcome") or entry.get("kind"),
        entry.get("saw"),
        entry.get("note"),
    ]
    status = f"status {entry['status']}" if entry.get("status") else ""
    capture = (
        f"capture {entry['capture_number']}" if entry.get("capture_number") else ""
    )
    return "  ".join(
        [
            entry["at"],
            entry["what"],
            *(str(part) for part in (*said, status, capture) if part),
        ]
    )


def _add_proof(bundle: Bundle, evidence: Evidence) -> None:
    from harvester.archive.integrity.proof import canonical_day

    for day in evidence.days:
        bundle.add(f"proof/days/{day['number']:06}.txt", canonical_day(day))
    for day_number, text in evidence.day_digest_lists.items():
        bundle.add(f"proof/rows/{day_number:06}.txt", text)
    names = {"version": "versions/{}.txt", "capture": "captures/{}.warc.gz"}
    rows = []
    for one in evidence.sealed_rows:
        kind, _, number = one.label.partition(" ")
        recorded = kind == "version" or bool(json.loads(one.canonical_form)[10])
        rows.append(
            {"what": one.label, "kind": one.kind, "day": one.day_number, "digest": one.digest, "form": one.canonical_form,
             "file": names[kind].format(number) if recorded else None}
        )  # fmt: skip
    chain = {
        "head": evidence.days[-1]["digest"] if evidence.days else None,
        "days": [day["number"] for day in evidence.days],
        "lists": sorted(evidence.day_digest_lists),
        "rows": rows,
    }
    bundle.add("proof/chain.json", _format_json(chain))


def _render_readme(evidence: Evidence, stamped: bool) -> str:
    head = (
        evidence.days[-1]
        if evidence.days
        else {"digest": "(no day is closed yet)", "day": "then"}
    )
    stamp = (
        "SHA256SUMS.tsr        an authority's time stamp of it (RFC 3161):\n"
        "                      openssl ts -verify -data SHA256SUMS -in SHA256SUMS.tsr -CAfile root.pem -untrusted authority.pem\n"
    )
    return README_TEMPLATE.format(
        title=evidence.versions[-1]["title"] if evidence.versions else "",
        url=evidence.article["url"],
        first_seen=evidence.article["first_seen"],
        last_seen=evidence.article["last_seen"],
        versions=len(evidence.versions),
        captures=len(evidence.capture_ids),
        stamp=stamp if stamped else "",
        head=head["digest"],
        day=head["day"],
    )


def _render_index(evidence: Evidence, captures: list[CaptureEvidence]) -> str:
    title = (
        evidence.versions[-1]["title"] if evidence.versions else evidence.article["url"]
    )
    url, head = (
        escape(evidence.article["url"]),
        evidence.days[-1] if evidence.days else None,
    )
    parts = [
        f"<p><code>{url}</code><br>{escape(evidence.article['outlet'])}, {escape(evidence.article['state'])}</p>"
    ]
    rows = [
        [bundle_pages.render_link(f"versions/{one['number']}.txt", str(one["number"])), escape(one["first_seen"]), escape(one["last_seen"]),
         escape(one["title"]), f"<code>{one['sha256']}</code>"]
        for one in evidence.versions
    ]  # fmt: skip
    parts += [
        "<h2>Versions</h2>",
        bundle_pages.render_table(
            ["", "first seen", "last seen", "title", "name"], rows
        ),
    ]
    links = [
        bundle_pages.render_link(
            f"differences/{a['number']}-{b['number']}.html",
            f"version {a['number']} and {b['number']}",
        )
        for a, b in _consecutive_versions(evidence)
    ]
    if links:
        parts += ["<h2>Differences</h2>", f"<p>{'<br>'.join(links)}</p>"]
    parts += [
        "<h2>Answers of the outlet</h2>",
        bundle_pages.render_table(
            ["", "received", "status", "address", "SHA-256 of the body"],
            map(_capture_row, captures),
        ),
    ]
    ledger = [[escape(_format_ledger_line(one))] for one in evidence.history]
    parts += [
        "<h2>Ledger</h2>",
        bundle_pages.render_table(["every look, and what was found"], ledger),
    ]
    said = (
        f"Head of the chain: day {head['number']}, {head['day']}, <code>{head['digest']}</code>"
        if head
        else "No day is closed yet."
    )
    parts += [
        "<h2>Proof</h2>",
        f"<p>{said} How to check it: {bundle_pages.render_link('README.txt', 'README.txt')}</p>",
    ]
    if evidence.versions:
        text = "".join(
            f"<p>{escape(line)}</p>"
            for line in evidence.versions[-1]["text"].split("\n")
        )
        parts += [f"<h2>Version {evidence.versions[-1]['number']}</h2>", text]
    return bundle_pages.render_page(title, "\n".join(parts))


def _capture_row(capture: CaptureEvidence) -> list[str]:
    named = escape(capture.row["url"])
    if not capture.missing_reason:
        named += f" {bundle_pages.render_link(f'captures/{capture.capture_id}.headers.txt', 'headers')}"
        named += f" {bundle_pages.render_link(f'captures/{capture.capture_id}.body{_body_suffix(capture)}', 'body')}"
    return [
        str(capture.capture_id),
        escape(capture.row["at"]),
        str(capture.row["status"]),
        named,
        f"<code>{capture.row['sha256']}</code>",
    ]
