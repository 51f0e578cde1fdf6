"""The TimeMap of an article (RFC 7089): where its earlier states are, and since when.

Programs for web archives read it: the address of the article as its original resource,
each capture that is stored as a memento, and each version whose capture is not; of those
that were imported, who received them, as a title.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from datasette import Response

from harvester.archive.queries import article_pages, mementos
from harvester.archive.queries.mementos import Memento
from harvester.browse import captures_folder, rendering, safe_html
from harvester.errors import NotInArchive
from harvester.identity.urls import mask_secrets
from harvester.schedule.times import parse_time

LINK_FORMAT = "application/link-format"
# What a URI may have between < and >; anything else is percent-encoded.
_URI_CHARACTERS = "%/:=&?~#+!$,;'@()*[]"


async def timemap_page(datasette: Any, request: Any) -> Response:
    """The TimeMap of an article, as links."""
    database = await rendering.require_archive(datasette, request)
    key = request.url_vars["key"].lower()
    with_files = captures_folder.find_captures_folder(datasette, database) is not None

    def query(connection: sqlite3.Connection) -> tuple[str, str, list[Memento]]:
        article = article_pages.get_article_by_key(connection, key)
        if not safe_html.safe_href(article["url"]):
            raise NotInArchive("This article has no address of its own.")
        listed = mementos.list_mementos(connection, article["key"], with_files)
        return article["key"], article["url"], listed

    result = await rendering.run_query_or_respond(datasette, request, database, query)
    if isinstance(result, Response):
        return result
    full_key, original, listed = result
    base = datasette.absolute_url(request, datasette.urls.instance()).rstrip("/")
    return Response(
        render_timemap(base, full_key, original, listed),
        content_type=LINK_FORMAT,
        headers={"Cache-Control": "no-cache"},
    )


def render_timemap(
    base: str, key: str, original: str, listed: Sequence[Memento]
) -> str:
    """The TimeMap: original, itself, and mementos, oldest first."""
    listed = [one for one in listed if format_time(one.at)]
    times = [format_time(one.at) for one in listed]
    period = f'; from="{times[0]}"; until="{times[-1]}"' if times else ""
    links = [
        f'<{encode_uri(mask_secrets(original))}>; rel="original"',
        f'<{base}{timemap_path(key)}>; rel="self"; type="{LINK_FORMAT}"{period}',
    ]
    for index, (one, at) in enumerate(zip(listed, times, strict=True)):
        relations = ["first"] if index == 0 else []
        relations += ["last"] if index == len(listed) - 1 else []
        path = (
            f"/-/capture/{one.capture}"
            if one.capture is not None
            else f"/-/article/{key}?version={one.version}"
        )
        relation = " ".join([*relations, "memento"])
        links.append(
            f'<{base}{path}>; rel="{relation}"; datetime="{at}"'
            + (f'; title="{to_ascii(one.received_by)}"' if one.received_by else "")
        )
    return ",\n".join(links) + "\n"


def make_link_headers(
    datasette: Any, request: Any, key: str, original: str, at: str = ""
) -> dict[str, str]:
    """Headers that lead to the TimeMap; ``at``: those of a memento of that time."""
    links = []
    if safe_html.safe_href(original):
        links.append(f'<{encode_uri(original)}>; rel="original"')
        if key:
            base = datasette.absolute_url(request, datasette.urls.instance())
            url = f"{base.rstrip('/')}{timemap_path(key)}"
            links.append(f'<{url}>; rel="timemap"; type="{LINK_FORMAT}"')
    headers = {"Link": ", ".join(links)} if links else {}
    time = format_time(at) if links else ""
    return {**headers, "Memento-Datetime": time} if time else headers


def to_ascii(text: str) -> str:
    """A text as it may stand in a header, between quotes."""
    printable = re.sub(r"[^ -~]", "?", text)
    return re.sub(r'["\\]', "'", printable)


def timemap_path(key: str) -> str:
    """The path of the TimeMap of an article."""
    return f"/-/article/{key}.timemap"


def format_time(at: str) -> str:
    """A time of the archive as HTTP has it: "Tue, 20 Jun 2000 18:02:59 GMT".

    "" for what is no time, in an archive that another program wrote.
    """
    try:
        return format_datetime(parse_time(at), usegmt=True)
    except (ValueError, TypeError):
        return ""


def encode_uri(url: str) -> str:
    """A URL as it may stand between angle brackets."""
    return quote(url, safe=_URI_CHARACTERS)
