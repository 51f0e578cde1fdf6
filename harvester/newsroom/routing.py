"""Which answer an address of an outlet gets. Not for: HTTP on the wire, or misbehaviour."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from harvester.newsroom import page_chrome
from harvester.newsroom.article import ONLINE_STATUS, Article
from harvester.newsroom.html_pieces import (
    BOTTOM_MARK,
    DYNAMIC_MARK,
    MARKS,
    SIDEBAR_MARK,
    TOP_MARK,
)
from harvester.newsroom.response_body import BodyPart
from harvester.newsroom.site_feeds import EXTRA_FORMATS
from harvester.newsroom.wordpress import WordPressTemplate

if TYPE_CHECKING:
    from harvester.newsroom.outlet import Outlet

UNPADDED_PAGE_BYTES = 12_000  # of a page without padding, about
_MARK_PATTERN = re.compile(f"([{MARKS}])")


@dataclass(frozen=True, slots=True)
class Response:
    """A status, a body in parts, and what the header must say of them."""

    status: int
    content_type: str
    parts: tuple[BodyPart, ...]
    headers: tuple[tuple[str, str], ...] = ()
    last_modified: datetime | None = None  # with it: ETag and Last-Modified


def find_response(outlet: Outlet, target: str) -> Response:
    """The honest answer. Called with the newsroom's lock held."""
    path, _, query = target.partition("?")
    kind = outlet.template
    if path == "/robots.txt":
        status, text = outlet.robots_response
        return Response(
            status,
            "text/plain; charset=utf-8",
            (BodyPart(text.encode("utf-8", "surrogateescape")),),
        )
    if (file := outlet.files.get(target) or outlet.files.get(path)) is not None:
        return Response(200, file[1], (file[0],), last_modified=outlet.opened_at)
    if (section := outlet.all_feeds().get(path)) is not None:
        listed = outlet.latest(outlet.feed_size, section)
        write, feed_type = EXTRA_FORMATS.get(
            outlet.feed_format, (kind.render_feed, kind.feed_type)
        )
        text = write(outlet, path, listed)
        body = (
            _make_part(outlet, text)
            if outlet.feed_format not in EXTRA_FORMATS
            else BodyPart(text.encode())
        )
        return Response(200, feed_type, (body,), last_modified=outlet.changed_at)
    if short := re.fullmatch(r"p=(\d+)", query):
        return _article_response(
            outlet, outlet.find_by_number(int(short[1])), path, moved=True
        )
    if path == outlet.home_path:
        return _listing_response(outlet, outlet.name, outlet.latest(30))
    named = [one for one in outlet.menu_sections if kind.section_path(one) == path]
    if named:
        return _listing_response(outlet, named[0], outlet.latest(30, named[0]))
    found = (
        outlet.find_by_path(path)
        or outlet.find_by_path(f"{path}/")
        or (
            outlet.find_by_path(path.removesuffix("/amp"))
            if kind.name == "atom"
            else None
        )
    )
    further = (
        re.fullmatch(r"(.*/)([2-9])/", path)
        if found is None and kind.name == "wordpress"
        else None
    )
    if (
        further
        and (several := outlet.find_by_path(further[1])) is not None
        and int(further[2]) <= several.page_count
    ):
        return _article_response(
            outlet,
            several,
            path,
            moved=further[1] != several.path,
            page=int(further[2]),
        )
    return _article_response(
        outlet,
        found,
        path,
        moved=found is not None and path.removesuffix("/amp") != found.path,
    )


def _article_response(
    outlet: Outlet, article: Article | None, path: str, moved: bool, page: int = 1
) -> Response:
    if article is None or article.status not in (ONLINE_STATUS, 301, 302):
        status = article.status if article else 404
        return Response(
            status,
            outlet.page_type,
            (_make_part(outlet, outlet.template.render_not_found(outlet)),),
        )
    if article.status != ONLINE_STATUS:
        return Response(
            article.status,
            outlet.page_type,
            (BodyPart(b""),),
            (("Location", outlet.absolute_url(outlet.home_path)),),
        )
    if moved:
        return Response(
            301, outlet.page_type, (BodyPart(b""),), (("Location", article.url),)
        )
    article.view_count += 1
    return Response(
        200,
        outlet.page_type,
        _assemble_page(outlet, article, page),
        last_modified=article.changed_at,
    )


def _listing_response(
    outlet: Outlet, heading: str, articles: list[Article]
) -> Response:
    text = outlet.template.render_listing(outlet, heading, articles)
    return Response(
        200,
        outlet.page_type,
        _listing_parts(outlet, text),
        last_modified=outlet.changed_at,
    )


def _assemble_page(outlet: Outlet, article: Article, page: int) -> tuple[BodyPart, ...]:
    """The parts of an article's page: what has not changed since is the same object, already compressed."""
    held = outlet.page_cache.get((article.number, page))
    if held is None or held[0] != article.revision:
        kind = outlet.template
        text = (
            kind.render_article(article, page)
            if isinstance(kind, WordPressTemplate)
            else kind.render_article(article)
        )
        held = (article.revision, _split_at_marks(outlet, text))
        outlet.page_cache[article.number, page] = held
    return tuple(
        piece
        if isinstance(piece, BodyPart)
        else BodyPart(
            _encode(outlet, outlet.template.render_dynamic(article)), dynamic=True
        )
        if piece == DYNAMIC_MARK
        else shared_part(outlet, piece)
        for piece in held[1]
    )


def _listing_parts(outlet: Outlet, text: str) -> tuple[BodyPart, ...]:
    return tuple(
        one if isinstance(one, BodyPart) else shared_part(outlet, one)
        for one in _split_at_marks(outlet, text)
    )


def _split_at_marks(outlet: Outlet, text: str) -> tuple[BodyPart | str, ...]:
    return tuple(
        one if one in MARKS else _make_part(outlet, one)
        for one in _MARK_PATTERN.split(text)
        if one
    )


def shared_part(outlet: Outlet, mark: str) -> BodyPart:
    """A part that all pages of the outlet have in common."""
    revision = outlet.revision if mark == SIDEBAR_MARK and outlet.has_sidebar else 0
    held = outlet.shared_parts.get(mark)
    if held is None or held[0] != revision:
        held = (revision, _make_part(outlet, _shared_text(outlet, mark)))
        outlet.shared_parts[mark] = held
    return held[1]


def _shared_text(outlet: Outlet, mark: str) -> str:
    if mark == SIDEBAR_MARK:
        return (
            outlet.template.render_sidebar(outlet, outlet.latest(5))
            if outlet.has_sidebar
            else ""
        )
    room = outlet.page_bytes - UNPADDED_PAGE_BYTES
    if mark == TOP_MARK:
        return page_chrome.page_top(
            room * 6 // 10, outlet.language, f"{outlet.key} top"
        )
    assert mark == BOTTOM_MARK, mark
    return page_chrome.page_bottom(
        room * 4 // 10, outlet.language, f"{outlet.key} bottom"
    )


def _make_part(outlet: Outlet, text: str) -> BodyPart:
    return BodyPart(_encode(outlet, text))


def _encode(outlet: Outlet, text: str) -> bytes:
    return text.encode(outlet.charset, "xmlcharrefreplace")
