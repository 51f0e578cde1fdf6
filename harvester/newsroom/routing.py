"""Which response a path of an outlet gets, before faults and HTTP."""

from __future__ import annotations

import re

from harvester.newsroom import page_chrome
from harvester.newsroom.article import ONLINE_STATUS, Article
from harvester.newsroom.html_pieces import (
    BOTTOM_MARK,
    DYNAMIC_MARK,
    MARKS,
    SIDEBAR_MARK,
    TOP_MARK,
)
from harvester.newsroom.outlet_state import OutletState
from harvester.newsroom.response_body import BodyPart, Response
from harvester.newsroom.site_feeds import EXTRA_FORMATS
from harvester.newsroom.wordpress_lists import find_list
from harvester.newsroom.wordpress_rest import find_posts

UNPADDED_PAGE_BYTES = 12_000  # about
_MARK_PATTERN = re.compile(f"([{MARKS}])")


def find_response(outlet: OutletState, target: str) -> Response:
    """The honest response to a path and query."""
    path, _, query = target.partition("?")
    if path == "/robots.txt":
        status, text = outlet.robots_response
        body = BodyPart(text.encode("utf-8", "surrogateescape"))
        return Response(status, "text/plain; charset=utf-8", (body,))
    if outlet.responder is not None and (response := outlet.responder(target)):
        return response
    if (file := outlet.files.get(target) or outlet.files.get(path)) is not None:
        return Response(200, file[1], (file[0],), last_modified=outlet.opened_at)
    if outlet.template.name == "wordpress" and (
        posts := find_posts(outlet, path, query)
    ):
        return posts
    if outlet.lists and (listed := find_list(outlet, path, query)):
        return listed
    if (section := outlet.all_feeds().get(path)) is not None:
        return _feed_response(outlet, path, section)
    if short_link := re.fullmatch(r"p=(\d+)", query):
        article = outlet.find_by_number(int(short_link[1]))
        return _article_response(outlet, article, moved=True)
    if path == outlet.home_path:
        return _listing_response(outlet, outlet.name, outlet.latest(30))
    for section in outlet.menu_sections:
        if outlet.template.section_path(section) == path:
            return _listing_response(outlet, section, outlet.latest(30, section))
    return _article_response_at(outlet, path)


def _feed_response(outlet: OutletState, path: str, section: str) -> Response:
    template = outlet.template
    articles = outlet.latest(outlet.feed_size, section)
    if outlet.feed_format in EXTRA_FORMATS:
        render, content_type = EXTRA_FORMATS[outlet.feed_format]
        body = BodyPart(render(outlet, path, articles).encode())
    else:
        content_type = template.feed_type
        body = _make_part(outlet, template.render_feed(outlet, path, articles))
    return Response(200, content_type, (body,), last_modified=outlet.changed_at)


def _article_response_at(outlet: OutletState, path: str) -> Response:
    """An article's page, its AMP page, or a further page; the last slash may lack."""
    bare_path = path.removesuffix("/amp")
    article = outlet.find_by_path(path) or outlet.find_by_path(f"{path}/")
    if article is None and outlet.template.name == "atom":
        article = outlet.find_by_path(bare_path)
    if article is None and outlet.template.name == "wordpress":
        match = re.fullmatch(r"(.*/)([2-9])/", path)
        paged = outlet.find_by_path(match[1]) if match else None
        if match and paged is not None and int(match[2]) <= paged.page_count:
            moved = match[1] != paged.path
            return _article_response(outlet, paged, moved, page=int(match[2]))
    moved = article is not None and bare_path != article.path
    return _article_response(outlet, article, moved)


def _article_response(
    outlet: OutletState, article: Article | None, moved: bool, page: int = 1
) -> Response:
    if article is None or article.status not in (ONLINE_STATUS, 301, 302):
        status = article.status if article else 404
        body = _make_part(outlet, outlet.template.render_not_found(outlet))
        return Response(status, outlet.page_type, (body,))
    if article.status != ONLINE_STATUS:
        front_page = outlet.absolute_url(outlet.home_path)
        return _redirect(outlet, article.status, front_page)
    if moved:
        return _redirect(outlet, 301, article.url)
    article.view_count += 1
    return Response(
        200,
        outlet.page_type,
        _assemble_page(outlet, article, page),
        last_modified=article.changed_at,
    )


def _redirect(outlet: OutletState, status: int, url: str) -> Response:
    headers = (("Location", url),)
    return Response(status, outlet.page_type, (BodyPart(b""),), headers)


def _listing_response(
    outlet: OutletState, heading: str, articles: list[Article]
) -> Response:
    text = outlet.template.render_listing(outlet, heading, articles)
    parts = tuple(
        part if isinstance(part, BodyPart) else shared_part(outlet, part)
        for part in _split_at_marks(outlet, text)
    )
    return Response(200, outlet.page_type, parts, last_modified=outlet.changed_at)


def _assemble_page(
    outlet: OutletState, article: Article, page: int
) -> tuple[BodyPart, ...]:
    """The parts of an article's page; unchanged ones are cached, and so compressed."""
    revision, parts = outlet.page_cache.get((article.number, page), (None, ()))
    if revision != article.revision:
        text = outlet.template.render_article(article, page)
        parts = _split_at_marks(outlet, text)
        outlet.page_cache[article.number, page] = article.revision, parts
    return tuple(
        part if isinstance(part, BodyPart) else _part_at_mark(outlet, article, part)
        for part in parts
    )


def _part_at_mark(outlet: OutletState, article: Article, mark: str) -> BodyPart:
    if mark != DYNAMIC_MARK:
        return shared_part(outlet, mark)
    text = outlet.template.render_dynamic(article)
    return BodyPart(_encode(outlet, text), dynamic=True)


def _split_at_marks(outlet: OutletState, text: str) -> tuple[BodyPart | str, ...]:
    return tuple(
        piece if piece in MARKS else _make_part(outlet, piece)
        for piece in _MARK_PATTERN.split(text)
        if piece
    )


def shared_part(outlet: OutletState, mark: str) -> BodyPart:
    """A part that all pages of the outlet share, cached."""
    revision = outlet.revision if mark == SIDEBAR_MARK and outlet.has_sidebar else 0
    cached = outlet.shared_parts.get(mark)
    if cached is None or cached[0] != revision:
        cached = (revision, _make_part(outlet, _shared_text(outlet, mark)))
        outlet.shared_parts[mark] = cached
    return cached[1]


def _shared_text(outlet: OutletState, mark: str) -> str:
    if mark == SIDEBAR_MARK:
        if not outlet.has_sidebar:
            return ""
        return outlet.template.render_sidebar(outlet, outlet.latest(5))
    padding = outlet.page_bytes - UNPADDED_PAGE_BYTES
    if mark == TOP_MARK:
        return page_chrome.page_top(
            padding * 6 // 10, outlet.language, f"{outlet.key} top"
        )
    assert mark == BOTTOM_MARK, mark
    return page_chrome.page_bottom(
        padding * 4 // 10, outlet.language, f"{outlet.key} bottom"
    )


def _make_part(outlet: OutletState, text: str) -> BodyPart:
    return BodyPart(_encode(outlet, text))


def _encode(outlet: OutletState, text: str) -> bytes:
    return text.encode(outlet.charset, "xmlcharrefreplace")
