"""Pack one article as a zip that can be read, and verified, without this program.

The same archive gives the same bytes. ``integrity.article_evidence`` decides what is in
it, ``bundle_pages`` what its pages look like.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
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
from harvester.archive.integrity.proof import canonical_day
from harvester.archive.regular_files import check_target, create_draft
from harvester.export import bundle_pages
from harvester.export.timestamps import Timestamp

# The earliest time of a zip; the time of packing must not change the bytes.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)

README_TEMPLATE = """\
Evidence of one article
=======================

{title}
{url}
first seen {first_seen}, last seen {last_seen}
versions: {versions}, captures: {captures}

index.html            everything, to read in any browser (no network, no scripts)
article.json          everything, for programs
versions/N.txt        each version: its title, a line break, its text
versions/N.json       the same with all its metadata
differences/A-B.*     what changed between two consecutive versions
captures/N.warc.gz    each response of the outlet as a WARC 1.1 record, byte for byte as
                      it was written when it was received; where the outlet sent the
                      same body as before, a revisit record, which names the URL and the
                      time of the record that holds it: that one is here as well, and
                      its number is "body_of" in article.json
captures/N.headers.txt, captures/N.body.*   the same, unpacked
captures/N.request.warc.gz   the request, if the archive keeps requests: without what
                      may be a secret
ledger.txt            every check of the article, and its result
proof/                the part of the archive's chain of days that proves it
check.py              verifies all of this: python3 check.py
SHA256SUMS            sha256sum -c SHA256SUMS
{stamp}
Among the captures are robots.txt and tdmrep.json of the hosts (kind robots, tdmrep) as
they were when the article was received. What the outlet reserves ("noarchive", text and
data mining) is recorded, not obeyed: whoever uses this has to know it.

How to replay it
----------------

    cat captures/*.warc.gz > article.warc.gz

makes one WARC file of the records. Open it with https://replayweb.page (it stays on
your machine), or with pywb (pip install pywb):

    wb-manager init evidence
    wb-manager add evidence article.warc.gz
    wayback                        http://localhost:8080/evidence/*/{url}

Bodies are stored decompressed; the headers that were about their compression are kept
as X-Archive-Orig-… Images, styles and scripts of the pages are not archived.

How the proof works
-------------------

Every row of the archive has a canonical form; proof/chain.json ("rows") has those of
this article. The SHA-256 of a form is in the list of its day (proof/rows/), the SHA-256
of that list is in the text of the day (proof/days/), and each day contains the SHA-256
of the day before. So the head of the chain,

    {head}

depends on every row of every day up to {day}. Whoever noted that value at the time, or
had it timestamped, knows that nothing was added, removed or changed since. All digests
can be computed with sha256sum alone:

    sha256sum proof/days/*.txt     each is in the next day, as "before"
    sha256sum proof/rows/*.txt     each is in its day, as "rows"
    sha256sum captures/*.warc.gz   each is in the canonical form of its capture, but
                                   for those of requests
    sha256sum versions/*.txt       each is in the canonical form of its version, unless
                                   it was read again since

Canonical forms are JSON arrays in ASCII, without spaces:

    ["capture", kind, URL requested, URL reached, time, status, type,
     SHA-256 of the body, bytes, truncated, SHA-256 of the record]
    the same, and the SHA-256 of the form of its origin
    ["origin", kind, SHA-256 of its name, receiver, SHA-256 of the file, bytes, time]
    ["version", article, name, first seen, SHA-256 of title, line break and text]

A capture with an origin was not received by the archive, but imported: from the file of
that name, which who is named there ("origins" in article.json) has received. The chain
proves when it was imported; that it was received as it is said, its receiver vouches for.

Rows with "day": 0 were added on a day that was not over when this was packed: they are
not in the chain yet.
"""
TIMESTAMP_README = """\
SHA256SUMS.tsr        an authority's timestamp of SHA256SUMS (RFC 3161):
                      openssl ts -verify -data SHA256SUMS -in SHA256SUMS.tsr \\
                          -CAfile root.pem -untrusted authority.pem
"""


class Bundle:
    """A zip being written; the same files in the same order give the same bytes."""

    def __init__(self, target: zipfile.ZipFile) -> None:
        self._zip = target
        self._digests: dict[str, str] = {}  # file name → SHA-256

    def add(self, name: str, content: bytes | str) -> None:
        """Add a file."""
        if isinstance(content, str):
            content = content.encode("utf-8", "surrogatepass")
        self._digests[name] = hashlib.sha256(content).hexdigest()
        self._write(name, content)

    def _write(self, name: str, content: bytes) -> None:
        entry = zipfile.ZipInfo(name, ZIP_EPOCH)
        entry.compress_type = (
            zipfile.ZIP_STORED if name.endswith(".gz") else zipfile.ZIP_DEFLATED
        )
        entry.create_system, entry.external_attr = 3, 0o644 << 16  # Unix, rw-r--r--
        self._zip.writestr(entry, content, compresslevel=6)

    def close(
        self, request_timestamp: Callable[[bytes], Timestamp] | None
    ) -> Timestamp | None:
        """Write the checksums of all files, and have them timestamped if wanted."""
        lines = [
            f"{digest}  {name}\n" for name, digest in sorted(self._digests.items())
        ]
        checksums = "".join(lines).encode()
        self._write("SHA256SUMS", checksums)
        if request_timestamp is None:
            return None
        timestamp = request_timestamp(checksums)
        self._write("SHA256SUMS.tsr", timestamp.response)
        return timestamp


def write_bundle(
    connection: sqlite3.Connection,
    captures_folder: Path | None,
    key: str,
    output: Path,
    request_timestamp: Callable[[bytes], Timestamp] | None = None,
) -> dict[str, Any]:
    """Write the bundle of an article; return a summary of it.

    The file appears only once it is complete. Raises ArchiveError where something else
    than a file is in its place.
    """
    check_target(output)
    evidence = get_evidence(connection, key)
    draft = output.with_name(f"{output.name}.new")
    file = create_draft(draft, 0o666)  # to be handed on: the umask decides
    try:
        with file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
            bundle = Bundle(target)
            captures = _add_captures(bundle, connection, captures_folder, evidence)
            _add_article(bundle, evidence, captures)
            _add_proof(bundle, evidence, captures)
            check_script = files("harvester.export").joinpath("check.py")
            bundle.add("check.py", check_script.read_bytes())
            readme = _render_readme(evidence, request_timestamp is not None)
            bundle.add("README.txt", readme)
            bundle.add("index.html", _render_index(evidence, captures))
            timestamp = bundle.close(request_timestamp)
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)
    head = evidence.days[-1] if evidence.days else None
    missing = [capture for capture in captures if capture.missing_reason]
    return {
        "article": key,
        "file": str(output),
        "versions": len(evidence.versions),
        "captures": len(captures) - len(missing),
        "missing": [
            {"capture": capture.capture_id, "why": capture.missing_reason}
            for capture in missing
        ],
        "open": sum(1 for row in evidence.sealed_rows if not row.day_number),
        "head": {name: head[name] for name in ("number", "day", "digest")}
        if head
        else None,
        "stamped": timestamp.stamped_at if timestamp else None,
    }


def _add_captures(
    bundle: Bundle,
    connection: sqlite3.Connection,
    captures_folder: Path | None,
    evidence: Evidence,
) -> list[CaptureEvidence]:
    """Add each capture as record, headers and body; return them without their bytes."""
    captures = []
    for capture_id in evidence.capture_ids:
        capture = get_capture_evidence(connection, captures_folder, capture_id)
        if capture.warc_record and not capture.missing_reason:
            bundle.add(f"captures/{capture_id}.warc.gz", capture.warc_record)
        if capture.request_record:
            name = f"captures/{capture_id}.request.warc.gz"
            bundle.add(name, capture.request_record)
        if not capture.missing_reason:
            bundle.add(_headers_name(capture), _format_headers(capture))
            bundle.add(_body_name(capture), capture.body)
        captures.append(replace(capture, warc_record=b"", body=b"", request_record=b""))
    return captures


def _headers_name(capture: CaptureEvidence) -> str:
    return f"captures/{capture.capture_id}.headers.txt"


def _body_name(capture: CaptureEvidence) -> str:
    """Return the name under which a browser shows a page's source, unrendered."""
    content_type = capture.row["type"]
    suffix = ".txt" if content_type.startswith("text/") else ""
    if "html" in content_type:
        suffix = ".html.txt"
    return f"captures/{capture.capture_id}.body{suffix}"


def _format_headers(capture: CaptureEvidence) -> str:
    row = capture.row
    lines = [
        f"{row['at']}  {row['url']}",
        f"status {row['status']} at {row['reached']}",
        *([f"sent by {row['ip']}"] if row["ip"] else []),
        *([row["received_by"]] if row["received_by"] else []),
        *([f"reserved by the outlet: {row['reserved']}"] if row["reserved"] else []),
        "",
        *(f"{name}: {value}" for name, value in capture.headers),
    ]
    return "\n".join(lines) + "\n"


def _format_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _add_article(
    bundle: Bundle, evidence: Evidence, captures: Sequence[CaptureEvidence]
) -> None:
    for version in evidence.versions:
        number = version["number"]
        bundle.add(f"versions/{number}.txt", f"{version['title']}\n{version['text']}")
        bundle.add(f"versions/{number}.json", _format_json(version))
    for before, after in _consecutive_versions(evidence):
        html, text = bundle_pages.render_difference(before, after)
        name = f"{before['number']}-{after['number']}"
        title = f"Version {before['number']} and version {after['number']}"
        bundle.add(f"differences/{name}.html", bundle_pages.render_page(title, html))
        bundle.add(f"differences/{name}.txt", text)
    article = {
        "article": evidence.article,
        "urls": evidence.urls,
        "versions": evidence.versions,
        "changes": evidence.changes,
        "ledger": evidence.history,
        "origins": evidence.origins,
        "captures": [
            {
                "number": capture.capture_id,
                **capture.row,
                "missing": capture.missing_reason,
            }
            for capture in captures
        ],
    }
    bundle.add("article.json", _format_json(article))
    ledger = "".join(f"{_format_ledger_line(event)}\n" for event in evidence.history)
    bundle.add("ledger.txt", ledger or "It was not checked again.\n")


def _consecutive_versions(
    evidence: Evidence,
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Pair versions by number, and whatever else followed each other (reverts)."""
    versions = {version["number"]: version for version in evidence.versions}
    pairs = {(number, number + 1) for number in versions}
    pairs |= {
        (change["from_version"], change["to_version"])
        for change in evidence.changes
        if change["from_version"] != change["to_version"]
    }
    return [
        (versions[before], versions[after])
        for before, after in sorted(pairs)
        if before in versions and after in versions
    ]


def _format_ledger_line(event: dict[str, Any]) -> str:
    status, capture = event.get("status"), event.get("capture_number")
    details = [
        event.get("outcome") or event.get("kind"),
        event.get("saw"),
        event.get("note"),
        f"status {status}" if status else "",
        f"capture {capture}" if capture else "",
    ]
    return "  ".join(
        [event["at"], event["what"], *(str(detail) for detail in details if detail)]
    )


def _add_proof(
    bundle: Bundle, evidence: Evidence, captures: Sequence[CaptureEvidence]
) -> None:
    missing = {
        f"capture {capture.capture_id}"
        for capture in captures
        if capture.missing_reason
    }
    for day in evidence.days:
        bundle.add(f"proof/days/{day['number']:06}.txt", canonical_day(day))
    for day_number, text in evidence.day_digest_lists.items():
        bundle.add(f"proof/rows/{day_number:06}.txt", text)
    file_names = {"version": "versions/{}.txt", "capture": "captures/{}.warc.gz"}
    rows = []
    for row in evidence.sealed_rows:
        kind, _, number = row.label.partition(" ")
        # Field 10 of a capture's form is the digest of its record, if it has one.
        has_file = kind == "version" or (
            kind == "capture"
            and row.label not in missing
            and bool(json.loads(row.canonical_form)[10])
        )
        rows.append(
            {
                "what": row.label,
                "kind": row.kind,
                "day": row.day_number,
                "digest": row.digest,
                "form": row.canonical_form,
                "file": file_names[kind].format(number) if has_file else None,
            }
        )
    chain = {
        "head": evidence.days[-1]["digest"] if evidence.days else None,
        "days": [day["number"] for day in evidence.days],
        "lists": sorted(evidence.day_digest_lists),
        "rows": rows,
    }
    bundle.add("proof/chain.json", _format_json(chain))


def _render_readme(evidence: Evidence, has_timestamp: bool) -> str:
    head = {"digest": "(no day is closed yet)", "day": "then"}
    if evidence.days:
        head = evidence.days[-1]
    return README_TEMPLATE.format(
        title=evidence.versions[-1]["title"] if evidence.versions else "",
        url=evidence.article["url"],
        first_seen=evidence.article["first_seen"],
        last_seen=evidence.article["last_seen"],
        versions=len(evidence.versions),
        captures=len(evidence.capture_ids),
        stamp=TIMESTAMP_README if has_timestamp else "",
        head=head["digest"],
        day=head["day"],
    )


def _render_index(evidence: Evidence, captures: Sequence[CaptureEvidence]) -> str:
    article, versions = evidence.article, evidence.versions
    outlet, state = escape(article["outlet"]), escape(article["state"])
    parts = [
        f"<p><code>{escape(article['url'])}</code><br>{outlet}, {state}</p>",
        "<h2>Versions</h2>",
        bundle_pages.render_table(
            ["", "first seen", "last seen", "title", "name"],
            map(_version_cells, versions),
        ),
    ]
    links = [
        bundle_pages.render_link(
            f"differences/{before['number']}-{after['number']}.html",
            f"versions {before['number']} and {after['number']}",
        )
        for before, after in _consecutive_versions(evidence)
    ]
    if links:
        parts += ["<h2>Differences</h2>", f"<p>{'<br>'.join(links)}</p>"]
    ledger = [[escape(_format_ledger_line(event))] for event in evidence.history]
    readme_link = bundle_pages.render_link("README.txt", "README.txt")
    parts += [
        "<h2>Captures</h2>",
        bundle_pages.render_table(
            [
                "",
                "received",
                "status",
                "URL",
                "sent by",
                "reserved by the outlet",
                "SHA-256 of the body",
            ],
            map(_capture_cells, captures),
        ),
        "<h2>Ledger</h2>",
        bundle_pages.render_table(["checks and their results"], ledger),
        "<h2>Proof</h2>",
        f"<p>{_describe_head(evidence)} How to verify it: {readme_link}</p>",
    ]
    if versions:
        lines = [f"<p>{escape(line)}</p>" for line in versions[-1]["text"].split("\n")]
        parts += [f"<h2>Version {versions[-1]['number']}</h2>", "".join(lines)]
    title = versions[-1]["title"] if versions else article["url"]
    return bundle_pages.render_page(title, "\n".join(parts))


def _version_cells(version: dict[str, Any]) -> list[str]:
    number = str(version["number"])
    return [
        bundle_pages.render_link(f"versions/{number}.txt", number),
        escape(version["first_seen"]),
        escape(version["last_seen"]),
        escape(version["title"]),
        f"<code>{version['sha256']}</code>",
    ]


def _capture_cells(capture: CaptureEvidence) -> list[str]:
    url = escape(capture.row["url"])
    if capture.missing_reason:
        url += f"<br>{escape(capture.missing_reason)}"
    else:
        url += f" {bundle_pages.render_link(_headers_name(capture), 'headers')}"
        url += f" {bundle_pages.render_link(_body_name(capture), 'body')}"
    if capture.row["body_of"] is not None:
        url += f"<br>the same body as capture {capture.row['body_of']}, stored once"
    return [
        str(capture.capture_id),
        escape(capture.row["at"]),
        str(capture.row["status"]),
        url,
        escape(capture.row["ip"]),
        escape(capture.row["reserved"]),
        f"<code>{capture.row['sha256']}</code>",
    ]


def _describe_head(evidence: Evidence) -> str:
    if not evidence.days:
        return "No day is closed yet."
    head = evidence.days[-1]
    return (
        f"Head of the chain: day {head['number']}, {head['day']}, "
        f"<code>{head['digest']}</code>"
    )
