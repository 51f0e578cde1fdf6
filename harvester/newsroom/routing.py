"""Which answer an address of an outlet gets. Not for: HTTP on the wire, or misbehaviour."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from harvester.newsroom import page_chrome
from harvester.newsroom.article import HERE, Article
from harvester.newsroom.html_pieces import BOTTOM, MARKS, MOVING, SIDE, TOP
from harvester.newsroom.response_body import Part
from harvester.newsroom.site_feeds import OTHERS
from harvester.newsroom.wordpress import WordPress

if TYPE_CHECKING:
    from harvester.newsroom.outlet import Outlet

ARTICLE_BYTES = 12_000  # of a page without padding, about
_MARK = re.compile(f"([{MARKS}])")


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body in parts, and what the header must say of them."""

    status: int
    content_type: str
    parts: tuple[Part, ...]
    headers: tuple[tuple[str, str], ...] = ()
    modified: datetime | None = None  # with it: ETag and Last-Modified


def answer(outlet: Outlet, target: str) -> Answer:
    """The honest answer. Called with the newsroom's lock held."""
    path, _, query = target.partition("?")
    kind = outlet.kind
    if path == "/robots.txt":
        status, text = outlet.robots
        return Answer(
            status,
            "text/plain; charset=utf-8",
            (Part(text.encode("utf-8", "surrogateescape")),),
        )
    if (file := outlet.files.get(target) or outlet.files.get(path)) is not None:
        return Answer(200, file[1], (file[0],), modified=outlet.opened)
    if (section := outlet.feed_sections().get(path)) is not None:
        listed = outlet.latest(outlet.feed_size, section)
        write, feed_type = OTHERS.get(outlet.feed_form, (kind.feed, kind.feed_type))
        text = write(outlet, path, listed)
        body = (
            _part(outlet, text)
            if outlet.feed_form not in OTHERS
            else Part(text.encode())
        )
        return Answer(200, feed_type, (body,), modified=outlet.changed)
    if short := re.fullmatch(r"p=(\d+)", query):
        return _article(outlet, outlet.numbered(int(short[1])), path, moved=True)
    if path == outlet.home_path:
        return _listing(outlet, outlet.name, outlet.latest(30))
    named = [one for one in outlet.menu if kind.section_path(one) == path]
    if named:
        return _listing(outlet, named[0], outlet.latest(30, named[0]))
    found = (
        outlet.at(path)
        or outlet.at(f"{path}/")
        or (outlet.at(path.removesuffix("/amp")) if kind.name == "atom" else None)
    )
    further = (
        re.fullmatch(r"(.*/)([2-9])/", path)
        if found is None and kind.name == "wordpress"
        else None
    )
    if (
        further
        and (several := outlet.at(further[1])) is not None
        and int(further[2]) <= several.pages
    ):
        return _article(
            outlet,
            several,
            path,
            moved=further[1] != several.path,
            page=int(further[2]),
        )
    return _article(
        outlet,
        found,
        path,
        moved=found is not None and path.removesuffix("/amp") != found.path,
    )


def _article(
    outlet: Outlet, article: Article | None, path: str, moved: bool, page: int = 1
) -> Answer:
    if article is None or article.status not in (HERE, 301, 302):
        status = article.status if article else 404
        return Answer(
            status, outlet.page_type, (_part(outlet, outlet.kind.missing(outlet)),)
        )
    if article.status != HERE:
        return Answer(
            article.status,
            outlet.page_type,
            (Part(b""),),
            (("Location", outlet.absolute(outlet.home_path)),),
        )
    if moved:
        return Answer(301, outlet.page_type, (Part(b""),), (("Location", article.url),))
    article.views += 1
    return Answer(
        200,
        outlet.page_type,
        _assembled(outlet, article, page),
        modified=article.touched,
    )


def _listing(outlet: Outlet, heading: str, articles: list[Article]) -> Answer:
    text = outlet.kind.listing(outlet, heading, articles)
    return Answer(200, outlet.page_type, _cut(outlet, text), modified=outlet.changed)


def _assembled(outlet: Outlet, article: Article, page: int) -> tuple[Part, ...]:
    """The parts of an article's page: what has not changed since is the same object, already compressed."""
    held = outlet.pages.get((article.number, page))
    if held is None or held[0] != article.revision:
        kind = outlet.kind
        text = (
            kind.article(article, page)
            if isinstance(kind, WordPress)
            else kind.article(article)
        )
        held = (article.revision, _pieces(outlet, text))
        outlet.pages[article.number, page] = held
    return tuple(
        piece
        if isinstance(piece, Part)
        else Part(_encoded(outlet, outlet.kind.moving(article)), moving=True)
        if piece == MOVING
        else shared(outlet, piece)
        for piece in held[1]
    )


def _cut(outlet: Outlet, text: str) -> tuple[Part, ...]:
    return tuple(
        one if isinstance(one, Part) else shared(outlet, one)
        for one in _pieces(outlet, text)
    )


def _pieces(outlet: Outlet, text: str) -> tuple[Part | str, ...]:
    return tuple(
        one if one in MARKS else _part(outlet, one) for one in _MARK.split(text) if one
    )


def shared(outlet: Outlet, mark: str) -> Part:
    """A part that all pages of the outlet have in common."""
    revision = outlet.revision if mark == SIDE and outlet.sidebar else 0
    held = outlet.common.get(mark)
    if held is None or held[0] != revision:
        held = (revision, _part(outlet, _shared_text(outlet, mark)))
        outlet.common[mark] = held
    return held[1]


def _shared_text(outlet: Outlet, mark: str) -> str:
    if mark == SIDE:
        return outlet.kind.side(outlet, outlet.latest(5)) if outlet.sidebar else ""
    room = outlet.page_bytes - ARTICLE_BYTES
    if mark == TOP:
        return page_chrome.top(room * 6 // 10, outlet.language, f"{outlet.key} top")
    assert mark == BOTTOM, mark
    return page_chrome.bottom(room * 4 // 10, outlet.language, f"{outlet.key} bottom")


def _part(outlet: Outlet, text: str) -> Part:
    return Part(_encoded(outlet, text))


def _encoded(outlet: Outlet, text: str) -> bytes:
    return text.encode(outlet.charset, "xmlcharrefreplace")
