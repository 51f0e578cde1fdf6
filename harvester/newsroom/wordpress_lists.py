"""Lists of all that a site on WordPress published: `?paged=2` of its feed, sitemaps.

As WordPress 6.8 has them: a page of a feed has as many entries as the feed, and there is
none behind the last; `/wp-sitemap.xml` names sitemaps of at most 2,000 posts, and others
of pages, categories and authors. A site has those that ``OutletState.lists`` names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal
from urllib.parse import parse_qsl

from harvester.newsroom.article import Article
from harvester.newsroom.html_pieces import escape
from harvester.newsroom.outlet_state import OutletState
from harvester.newsroom.response_body import BodyPart, Response

SITEMAP_POSTS = 2_000
ListName = Literal["paged", "sitemaps", "undated sitemaps"]
_POSTS_SITEMAP = re.compile(r"/wp-sitemap-posts-post-(\d{1,4})\.xml")
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def find_list(outlet: OutletState, path: str, query: str) -> Response | None:
    """The response to a request for a page of a feed or a sitemap; None for others."""
    parameters = dict(parse_qsl(query))
    feeds = outlet.all_feeds()
    if "paged" in outlet.lists and path in feeds and "paged" in parameters:
        return _feed_page(outlet, path, feeds[path], parameters["paged"])
    if not outlet.lists & {"sitemaps", "undated sitemaps"}:
        return None
    if path == "/wp-sitemap.xml":
        return _index(outlet)
    if match := _POSTS_SITEMAP.fullmatch(path):
        return _posts_sitemap(outlet, int(match[1]))
    return None


def _feed_page(
    outlet: OutletState, path: str, section: str, stated: str
) -> Response | None:
    number = int(stated) if stated.isdigit() else 1
    start = (max(number, 1) - 1) * outlet.feed_size
    articles = outlet.latest(start + outlet.feed_size, section)[start:]
    if not articles:
        body = outlet.template.render_not_found(outlet)
        return Response(404, outlet.page_type, (BodyPart(body.encode()),))
    feed = outlet.template.render_feed(outlet, path, articles)
    return Response(200, outlet.template.feed_type, (BodyPart(feed.encode()),))


def _index(outlet: OutletState) -> Response:
    count = max(1, -(-len(_posts(outlet)) // SITEMAP_POSTS))
    names = [
        *(f"/wp-sitemap-posts-post-{number + 1}.xml" for number in range(count)),
        "/wp-sitemap-posts-page-1.xml",
        "/wp-sitemap-taxonomies-category-1.xml",
        "/wp-sitemap-users-1.xml",
    ]
    entries = "".join(
        f"<sitemap><loc>{escape(outlet.absolute_url(name))}</loc></sitemap>"
        for name in names
    )
    return _xml(f"<sitemapindex {_NAMESPACE}>{entries}</sitemapindex>")


def _posts_sitemap(outlet: OutletState, number: int) -> Response | None:
    posts = _posts(outlet)[(number - 1) * SITEMAP_POSTS : number * SITEMAP_POSTS]
    if not posts:
        return None
    is_dated = "sitemaps" in outlet.lists
    entries = "".join(_sitemap_entry(post, is_dated) for post in posts)
    return _xml(f"<urlset {_NAMESPACE}>{entries}</urlset>")


def _sitemap_entry(post: Article, is_dated: bool) -> str:
    changed = f"<lastmod>{post.modified.isoformat()}</lastmod>" if is_dated else ""
    return f"<url><loc>{escape(post.url)}</loc>{changed}</url>"


def _posts(outlet: OutletState) -> Sequence[Article]:
    """All posts that are online, the oldest first, as WordPress lists them."""
    return outlet.latest(len(outlet.articles))[::-1]


def _xml(text: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'
    return Response(200, "application/xml; charset=UTF-8", (BodyPart(body.encode()),))
