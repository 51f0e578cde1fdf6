"""A capture as it was received, or as text: it runs nothing and loads nothing.

What an outlet sent is hostile. The policy of the response puts it into a sandbox without
scripts, forms and an origin: it can neither read our pages nor learn who looks at it.
Frames get another name, since browsers connect to where a frame leads before the policy
refuses it. Known secrets of feeds are masked. What is no text is a download.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from typing import Any

from datasette import Response

from harvester.archive.queries import capture_view
from harvester.archive.queries.capture_view import (
    CaptureGone,
    CaptureRow,
    CaptureTooLarge,
)
from harvester.browse import captures_folder, rendering, served_archive, timemap
from harvester.browse.masking import SecretMasker
from harvester.errors import ArchiveError, NotInArchive
from harvester.parse.html import charset

MAX_BYTES = 10_000_000  # of a body that is shown
RECEIVED_BY_HEADER = "X-Archive-Received-By"  # of a capture that was imported

# No script, no form, no origin; only what stands in the page itself.
CAPTURE_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FRAME_TAG = re.compile(r"<(/?)(i?frame|frameset|fencedframe)\b", re.IGNORECASE)
HTML_TYPES = frozenset(("text/html", "application/xhtml+xml"))
_TEXT_TYPES = frozenset(
    ("", "application/json", "application/xml", "application/javascript")
)
_TEXT_SUFFIXES = ("+xml", "+json")
_FILE_SUFFIXES = {
    "application/pdf": "pdf",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
}


@dataclass(frozen=True, slots=True)
class ShownCapture:
    """How a capture is sent: its bytes, their type, and whether they are a download."""

    body: bytes
    type: str
    file_name: str = ""  # "": shown


async def capture_page(datasette: Any, request: Any) -> Response:
    """A capture as received; with ``?as=text``, its source."""
    database = await rendering.require_archive(datasette, request)
    capture_id = int(request.url_vars["id"])
    folder = captures_folder.find_captures_folder(datasette, database)
    as_text = request.args.get("as") == "text"

    def query(connection: sqlite3.Connection) -> tuple[CaptureRow, ShownCapture]:
        capture, body = capture_view.get_capture(
            connection, folder, capture_id, MAX_BYTES
        )
        return capture, show_capture(capture, body, as_text, SecretMasker(connection))

    try:
        capture, shown = await served_archive.run_query(datasette, database, query)
    except (NotInArchive, ArchiveError, served_archive.QueryTimeoutError) as error:
        title, text, status = describe_error(capture_id, error)
        return await rendering.render_message(
            datasette, request, database, title, text, status
        )
    if not shown.body:
        text = (
            f"The outlet answered {capture.status} without a body. "
            f"Requested at {capture.at}."
        )
        return await rendering.render_message(
            datasette, request, database, "Nothing to show", text, 200
        )
    return Response(
        shown.body,
        content_type=shown.type,
        headers={
            **make_headers(shown.file_name),
            **(
                {RECEIVED_BY_HEADER: timemap.to_ascii(capture.received_by)}
                if capture.received_by
                else {}
            ),
            **timemap.make_link_headers(
                datasette, request, capture.article, capture.reached, capture.at
            ),
        },
    )


def show_capture(
    capture: CaptureRow, body: bytes, as_text: bool, masker: SecretMasker
) -> ShownCapture:
    """HTML as HTML, other text as text, anything else as a download.

    Text is sent as UTF-8, decoded as the article was read.
    """
    essence = capture.type.partition(";")[0].strip().lower()
    is_text = (
        essence.startswith("text/")
        or essence in HTML_TYPES | _TEXT_TYPES
        or essence.endswith(_TEXT_SUFFIXES)
    )
    if not is_text or body.startswith(charset.GZIP_MAGIC):
        suffix = _FILE_SUFFIXES.get(essence, "bin")
        masked = masker.mask_value(body.decode("latin-1")).encode("latin-1")
        return ShownCapture(
            masked, "application/octet-stream", f"capture-{capture.id}.{suffix}"
        )
    text = masker.mask_value(charset.decode(body, capture.type))
    type_ = "text/plain"
    if essence in HTML_TYPES and not as_text:
        type_, text = "text/html", _FRAME_TAG.sub(r"<\1x-\2", text)
    return ShownCapture(text.encode("utf-8", "replace"), f"{type_}; charset=utf-8")


def make_headers(file_name: str) -> dict[str, str]:
    """The headers that keep what an outlet sent where it is."""
    headers = {
        "Content-Security-Policy": CAPTURE_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-DNS-Prefetch-Control": "off",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
        "Cache-Control": "no-store",
    }
    if file_name:
        headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return headers


def describe_error(capture_id: int, error: Exception) -> tuple[str, str, int]:
    """Title, text and status of the page that says why a capture is not shown."""
    if isinstance(error, CaptureGone):
        return "Taken out", str(error), 410
    if isinstance(error, NotInArchive):
        return "Not in the archive", str(error), 404
    if isinstance(error, CaptureTooLarge):
        text = (
            f"{error} At most {MAX_BYTES:,} are shown here: `harvest evidence` packs "
            "the captures of an article, `harvest export` those of many."
        )
        return "Too large to show", text, 413
    if isinstance(error, served_archive.QueryTimeoutError):
        return "Too slow", f"{error} {error.hint}", 503
    text = (  # its own message names files of this machine
        f"The record of capture {capture_id} is missing, damaged or too large. "
        "`harvest verify` says more."
    )
    return "Cannot be read", text, 404
