"""A web archive on loopback: a CDX server, and replays of what was captured.

    archive = newsroom.add_web_archive()
    archive.capture(gazette.absolute_url(article.path))  # as it is now
    harvest import wayback gazette --archive ARCHIVE.address

It responds as the Wayback Machine does: a capture nearest to the time that is asked for by
a redirect, the headers that were received as ``X-Archive-Orig-…``, ``Memento-Datetime``,
and without ``id_`` a page with its toolbar. Misbehaviour: ``archive.outlet.add_fault``.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

from harvester.newsroom.outlet import Outlet
from harvester.newsroom.response_body import BodyPart, Response, join_parts
from harvester.newsroom.routing import find_response

REPLAYS, LIST = "/web/", "/cdx/search/cdx"
COLUMNS = (
    "urlkey",
    "timestamp",
    "original",
    "mimetype",
    "statuscode",
    "digest",
    "length",
)
TOOLBAR = b"<!-- BEGIN WAYBACK TOOLBAR INSERT --><div>Captures</div>"
NOT_ARCHIVED = b"<html><body><h1>This URL has not been archived.</h1></body></html>"


@dataclass(frozen=True, slots=True)
class ArchivedCapture:
    """One capture of a web archive."""

    url: str
    timestamp: str  # 14 digits
    response: Response

    @property
    def digest(self) -> str:
        """As CDX lists have it: base32 of SHA-1 of the body."""
        digest = hashlib.sha1(join_parts(self.response.parts), usedforsecurity=False)
        return base64.b32encode(digest.digest()).decode("ascii")

    @property
    def row(self) -> tuple[str, ...]:
        """Its row in a list, in the order of ``COLUMNS``."""
        return (
            surt(self.url),
            self.timestamp,
            self.url,
            self.response.content_type.partition(";")[0] or "unk",
            str(self.response.status),
            self.digest,
            str(len(join_parts(self.response.parts))),
        )


def surt(url: str) -> str:
    """The key by which lists are sorted: "com,example)/path"."""
    parts = urlsplit(url.lower())
    host = ",".join(reversed((parts.hostname or "").removeprefix("www.").split(".")))
    port = f":{parts.port}" if parts.port else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{port}){parts.path or '/'}{query}"


class WebArchive:
    """Captures of outlets, served at an address of its own."""

    def __init__(
        self,
        outlet: Outlet,
        outlets: Callable[[], list[Outlet]],
        now: Callable[[], datetime],
    ) -> None:
        self.outlet = outlet  # its server: faults, requests, robots.txt
        self.captures: list[ArchivedCapture] = []
        self.page_rows = 1_000  # of a list, at most; then a key to continue
        self._outlets, self._now = outlets, now
        outlet.responder = self._respond

    @property
    def address(self) -> str:
        """Where its replays are."""
        return self.outlet.absolute_url(REPLAYS.rstrip("/"))

    @property
    def list_address(self) -> str:
        """Where its CDX server is."""
        return self.outlet.absolute_url(LIST)

    def capture(self, url: str, at: datetime | None = None) -> ArchivedCapture:
        """Capture what an outlet serves now. Raises KeyError for a URL of none."""
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        for outlet in self._outlets():
            if url.startswith(outlet.absolute_url("/")):
                return self.add(url, find_response(outlet, target), at)
        raise KeyError(url)

    def add(
        self, url: str, response: Response, at: datetime | None = None
    ) -> ArchivedCapture:
        """Add a capture of any response."""
        capture = ArchivedCapture(url, f"{at or self._now():%Y%m%d%H%M%S}", response)
        self.captures.append(capture)
        return capture

    def _respond(self, target: str) -> Response | None:
        path, _, query = target.partition("?")
        if path == LIST:
            return self._list(parse_qs(query))
        if path.startswith(REPLAYS):
            return self._replay(target[len(REPLAYS) :])
        return None

    # ---- the list

    def _list(self, query: dict[str, list[str]]) -> Response:
        def value(name: str, default: str = "") -> str:
            return query.get(name, [default])[0]

        wanted = surt(value("url") if "://" in value("url") else f"x://{value('url')}")
        prefix = wanted.partition(")")[0] if value("matchType") != "prefix" else wanted
        first, last = value("from", "0"), value("to", "9").ljust(14, "9")
        rows = sorted(
            capture.row
            for capture in self.captures
            if surt(capture.url).startswith(prefix)
            and first <= capture.timestamp <= last
        )
        if value("collapse") == "digest":
            rows = [
                row
                for before, row in zip([None, *rows], rows, strict=False)
                if before is None or (before[0], before[5]) != (row[0], row[5])
            ]
        start = int(value("resumeKey", "0"))
        size = min(int(value("limit", "1000000")), self.page_rows)
        page, rest = rows[start : start + size], rows[start + size :]
        following = str(start + size) if rest and value("showResumeKey") else ""
        if value("output") == "json":
            table: list[list[str]] = [list(COLUMNS), *map(list, page)]
            if following:
                table += [[], [following]]
            return _text(json.dumps(table), "application/json")
        lines = [" ".join(row) for row in page]
        return _text("\n".join([*lines, *(["", following] if following else []), ""]))

    # ---- replays

    def _replay(self, rest: str) -> Response:
        stated, _, url = rest.partition("/")
        url = unquote(url) if "%3A" in url[:12] else url
        timestamp, is_raw = stated.removesuffix("id_"), stated.endswith("id_")
        captures = [capture for capture in self.captures if capture.url == url]
        if not captures or not timestamp.isdigit():
            return Response(404, "text/html", (BodyPart(NOT_ARCHIVED),))
        nearest = min(
            captures,
            key=lambda capture: abs(
                int(capture.timestamp) - int(timestamp.ljust(14, "0"))
            ),
        )
        if nearest.timestamp != timestamp:
            flag = "id_" if is_raw else ""
            location = f"{REPLAYS}{nearest.timestamp}{flag}/{url}"
            reason = (
                "X-Archive-Redirect-Reason",
                f"found capture at {nearest.timestamp}",
            )
            return Response(302, "text/html", (), (("Location", location), reason))
        return self._replay_capture(nearest, is_raw)

    def _replay_capture(self, capture: ArchivedCapture, is_raw: bool) -> Response:
        response, at = capture.response, f"{capture.timestamp}+0000"
        moment = datetime.strptime(at, "%Y%m%d%H%M%S%z")
        headers = [
            ("Memento-Datetime", format_datetime(moment).replace("+0000", "GMT")),
            ("Link", f'<{capture.url}>; rel="original"'),
            ("X-Archive-Src", "loopback.warc.gz"),
            ("X-Archive-Orig-Server", "newsroom"),
            ("X-Archive-Orig-Content-Type", response.content_type),
        ]
        for name, value in response.headers:
            headers.append((f"X-Archive-Orig-{name}", value))
            if name == "Location":
                value = f"{REPLAYS}{capture.timestamp}{'id_' if is_raw else ''}/{value}"
                headers.append((name, value))
        body = join_parts(response.parts)
        if not is_raw:
            body = body.replace(b"<body", TOOLBAR + b"<body", 1)
        return Response(
            response.status, response.content_type, (BodyPart(body),), tuple(headers)
        )


def _text(text: str, content_type: str = "text/plain") -> Response:
    return Response(HTTPStatus.OK, content_type, (BodyPart(text.encode()),))
