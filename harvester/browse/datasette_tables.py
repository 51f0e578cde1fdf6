"""Cells of Datasette's own pages, made readable.

What a cell shows is escaped here or by Datasette.
"""

from __future__ import annotations

import json
import re
from typing import Any

from markupsafe import Markup, escape

from harvester.browse import article_view, safe_html, served_archive
from harvester.browse.hooks import hookimpl
from harvester.render import side_by_side

ARTICLE_COLUMNS = {"article", "copy_of", "copy", "original", "cluster"}
LIST_COLUMNS = {"authors", "sections", "tags"}
VERSIONS_OF = {"articles": "key", "latest": "article"}  # the column of the key
OBJECT_COLUMNS = {"fields", "sources", "counts", "extract", "extra"}
MAX_SENTENCES = 10  # in one cell
MAX_CELL_CHARS = 600  # of one value in a cell


@hookimpl
def render_cell(
    row: Any,
    value: Any,
    column: str,
    table: str | None,
    database: str,
    datasette: Any,
) -> Markup | None:
    """A readable cell of the archive; None leaves it to Datasette."""
    archive = served_archive.find_archive(datasette)
    if archive is None or archive.name != database:
        return None
    if isinstance(value, dict):  # a foreign key with the label of its row
        key = str(value.get("value"))
        if not _is_article_key(key, column, table):
            return _render_foreign_key(value)
        value = key
    if isinstance(value, bytes):
        return Markup("{:,} bytes, compressed").format(len(value))
    if column == "versions" and table in VERSIONS_OF:
        return _link_versions(datasette, database, value, row, VERSIONS_OF[table])
    if not isinstance(value, str) or not value:
        return None
    if _is_article_key(value, column, table):
        return Markup('<a href="{}">{}</a>').format(
            datasette.urls.path(f"/-/article/{value}"), value
        )
    if (
        table in ("outlets", "outlet_stats")
        and column in ("key", "outlet")
        and re.fullmatch(r"[a-z0-9_-]+", value)
    ):
        return Markup('<a href="{}">{}</a>').format(
            datasette.urls.path(f"/-/outlet/{value}"), value
        )
    if re.fullmatch(r"[a-z]+://\S+", value, re.IGNORECASE):
        return safe_html.render_link(value)
    if column == "sentences":
        return _render_sentences(value)
    if column in LIST_COLUMNS or column in OBJECT_COLUMNS:
        return _render_json(value)
    return None


def _link_versions(
    datasette: Any, database: str, count: int, row: Any, key_column: str
) -> Markup | None:
    """The number of an article's versions, with a link to these."""
    if key_column not in row.keys():  # noqa: SIM118 (of a row, not a dictionary)
        return None
    return Markup('<a href="{}?article={}">{}</a>').format(
        datasette.urls.table(database, "versions"), row[key_column], count
    )


def _is_article_key(value: str, column: str, table: str | None) -> bool:
    return (
        column in ARTICLE_COLUMNS or (column, table) == ("key", "articles")
    ) and bool(re.fullmatch(r"[0-9a-f]{16}", value))


def _render_foreign_key(value: dict[str, Any]) -> Markup | None:
    """Feeds are named by their URL; if that may contain a secret, it is not linked."""
    name = str(value.get("value"))
    if "://" not in name or safe_html.safe_href(name) == name:
        return None
    return Markup("{} ({})").format(
        value.get("label") or "", safe_html.display_address(name)
    )


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _truncate(text: str) -> str:
    return text if len(text) <= MAX_CELL_CHARS else f"{text[:MAX_CELL_CHARS]}…"


def _render_json(text: str) -> Markup | None:
    """A list as names, an object as lines of name and value."""
    parsed = _parse_json(text)
    if isinstance(parsed, list):
        return Markup(" · ").join(_truncate(str(item)) for item in parsed) or Markup(
            "&nbsp;"
        )
    if not isinstance(parsed, dict):
        return None
    lines = []
    for name, value in parsed.items():
        if isinstance(value, list) and len(value) == 2 and name not in LIST_COLUMNS:
            shown = Markup("{} → {}").format(
                *(_truncate(article_view.format_value(item)) for item in value)
            )
        else:
            shown = escape(_truncate(article_view.format_value(value)))
        lines.append(Markup("<strong>{}</strong>: {}").format(name, shown))
    return Markup("<br>").join(lines) or Markup("&nbsp;")


def _render_sentences(text: str) -> Markup | None:
    """Removed sentences struck out, added ones underlined."""
    parsed = _parse_json(text)
    if not isinstance(parsed, dict):
        return None
    lines: list[list[side_by_side.Run]] = [
        [("-", _truncate(str(item)))]
        for item in parsed.get("removed", [])[:MAX_SENTENCES]
    ]
    lines += [
        [("+", _truncate(str(item)))]
        for item in parsed.get("added", [])[:MAX_SENTENCES]
    ]
    lines += [
        side_by_side.clip_runs(
            side_by_side.compare_words(str(pair[0])[:2_000], str(pair[1])[:2_000]),
            max_chars=MAX_CELL_CHARS,
        )
        for pair in parsed.get("changed", [])[:MAX_SENTENCES]
    ]
    lines += [
        [("=", f"moved: {_truncate(str(item))}")]
        for item in parsed.get("moved", [])[:MAX_SENTENCES]
    ]
    return Markup("<br>").join(safe_html.render_runs(line) for line in lines) or Markup(
        "&nbsp;"
    )
