"""Which URLs are lists of posts of WordPress's REST interface."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

# Any type of post: outlets have types of their own ("article", "news").
_COLLECTION = re.compile(r"/wp/v2/(?P<type>[a-z0-9_-]{1,40})/?", re.IGNORECASE)
# Collections that are not posts: the reference's list of routes.
_NOT_POSTS = frozenset(
    "blocks block-types categories comments media menus menu-items navigation plugins "
    "search settings sidebars statuses tags taxonomies templates template-parts themes "
    "types users widgets widget-types".split()
)


def is_posts_url(url: str) -> bool:
    """Whether a URL is that of a list of posts, as `/wp-json/wp/v2/posts`.

    Or as `/?rest_route=/wp/v2/posts`, where a site has no rewritten URLs.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    _, prefix, route = parts.path.rpartition("/wp-json/")
    if prefix:
        route = f"/{route}"
    else:
        query = dict(parse_qsl(parts.query))
        route = query.get("rest_route", "")
    match = _COLLECTION.fullmatch(route)
    return match is not None and match["type"].lower() not in _NOT_POSTS
