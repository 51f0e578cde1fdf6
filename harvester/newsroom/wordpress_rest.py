"""The REST interface of a site on WordPress: `/wp-json/wp/v2/posts`, as of 6.8.

Source: the reference of `wp/v2/posts` (developer.wordpress.org/rest-api). Each save of a
post changes `modified`, also one that the page does not date. How a server departs from
it is named in ``OutletState.rest_quirks``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from harvester.newsroom.article import ONLINE_STATUS, Article
from harvester.newsroom.html_pieces import escape, excerpt, render_blocks
from harvester.newsroom.outlet_state import OutletState
from harvester.newsroom.response_body import BodyPart, Response

POSTS_PATH = "/wp-json/wp/v2/posts"
POSTS_ROUTE = "/wp/v2/posts"
MAX_PER_PAGE = 100
MAX_CAPPED = 10
RestQuirk = Literal[
    "closed",  # 401, as a security plugin answers
    "html",  # a page with status 200
    "old",  # before 5.7: no modified_after
    "unordered",
    "no include",
    "no zone",  # a time's zone is ignored: it is taken for the site's own
    "no gmt",  # dates in UTC were never set
    "protected",  # posts have passwords
    "capped",  # at most 10 posts a page, whatever is asked for
    "no bounds",  # after and before are ignored
    "noisy",  # a plugin's warning precedes the JSON
]


def find_posts(outlet: OutletState, path: str, query: str) -> Response | None:
    """The response to a request for posts; None where it is for something else."""
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    if path != POSTS_PATH and parameters.get("rest_route") != POSTS_ROUTE:
        return None
    quirks = outlet.rest_quirks
    if "closed" in quirks:
        return _error(401, "rest_not_logged_in", "You are not currently logged in.")
    if "html" in quirks:
        page = outlet.template.render_listing(outlet, outlet.name, outlet.latest(30))
        return Response(200, outlet.page_type, (BodyPart(page.encode()),))
    try:
        per_page, page_number = (
            int(parameters.get("per_page", "10")),
            int(parameters.get("page", "1")),
        )
        posts = _select(outlet, parameters)
    except ValueError:
        return _error(400, "rest_invalid_param", "Invalid parameter(s).")
    if "capped" in quirks:
        per_page = min(per_page, MAX_CAPPED)
    if not 1 <= per_page <= MAX_PER_PAGE or page_number < 1:
        return _error(400, "rest_invalid_param", "Invalid parameter(s): per_page")
    page_count = -(-len(posts) // per_page)
    if page_number > max(page_count, 1):
        return _error(
            400,
            "rest_post_invalid_page_number",
            "The page number requested is larger than the number of pages available.",
        )
    shown = posts[(page_number - 1) * per_page : page_number * per_page]
    parameters["per_page"] = str(per_page)
    return _list_response(outlet, parameters, shown, len(posts), page_number)


def _list_response(
    outlet: OutletState,
    parameters: Mapping[str, str],
    shown: list[Article],
    total: int,
    page_number: int,
) -> Response:
    fields = frozenset(filter(None, parameters.get("_fields", "").split(",")))
    records = [
        {
            name: value
            for name, value in _record(outlet, article).items()
            if not fields or name in {field.partition(".")[0] for field in fields}
        }
        for article in shown
    ]
    if "_embed" not in parameters:
        for record in records:
            record.pop("_embedded", None)
    page_count = -(-total // int(parameters.get("per_page", "10")))
    headers = [("X-WP-Total", str(total)), ("X-WP-TotalPages", str(page_count))]
    if page_number < page_count:
        query = urlencode({**parameters, "page": page_number + 1})
        url = outlet.absolute_url(f"{POSTS_PATH}?{query}")
        headers.append(("Link", f'<{url}>; rel="next"'))
    # As PHP writes it: letters beyond ASCII and slashes are escaped.
    text = json.dumps(records).replace("/", "\\/")
    if "noisy" in outlet.rest_quirks:
        text = f"<br />\n<b>Deprecated</b>: Function x() in /wp/y.php<br />\n{text}"
    return Response(200, "application/json; charset=UTF-8", _body(text), tuple(headers))


def _select(outlet: OutletState, parameters: Mapping[str, str]) -> list[Article]:
    """The posts that a query asks for, in its order. Raises ValueError."""
    quirks = outlet.rest_quirks
    posts = [
        article
        for article in outlet.articles
        if article.status == ONLINE_STATUS and article.published <= outlet.now()
    ]
    if "include" in parameters and "no include" not in quirks:
        wanted = {int(number) for number in parameters["include"].split(",")}
        posts = [post for post in posts if post.number in wanted]
    bounds: dict[str, Callable[[Article], datetime]] = {}
    if "no bounds" not in quirks:
        bounds["after"] = _published
    if "old" not in quirks:
        bounds["modified_after"] = _modified
    for name, time_of in bounds.items():
        if name in parameters:
            bound = _parse_bound(outlet, parameters[name])
            posts = [post for post in posts if time_of(post) > bound]
    if "before" in parameters and "no bounds" not in quirks:
        bound = _parse_bound(outlet, parameters["before"])
        posts = [post for post in posts if post.published < bound]
    time_of = _modified if parameters.get("orderby") == "modified" else _published
    if "unordered" in quirks:
        return sorted(posts, key=lambda post: post.number * 7_919 % 101)
    newest_first = parameters.get("order", "desc") == "desc"
    return sorted(
        posts, key=lambda post: (time_of(post), post.number), reverse=newest_first
    )


def _parse_bound(outlet: OutletState, stated: str) -> datetime:
    bound = datetime.fromisoformat(stated)
    if bound.tzinfo is None or "no zone" in outlet.rest_quirks:
        bound = bound.replace(tzinfo=outlet.time_zone)
    return bound.astimezone(UTC)


def _published(article: Article) -> datetime:
    return article.published


def _modified(article: Article) -> datetime:
    return article.changed_at


def _record(outlet: OutletState, article: Article) -> dict[str, Any]:
    """A post, with the fields of the context `view` that matter."""
    is_protected = "protected" in outlet.rest_quirks
    content = render_blocks(article)
    author = {
        "id": 7,
        "name": article.author,
        "link": outlet.absolute_url("/author/7/"),
    }
    return {
        "id": article.number,
        **_times("date", outlet, article.published),
        "guid": {"rendered": outlet.absolute_url(f"/?p={article.number}")},
        **_times("modified", outlet, article.changed_at),
        "slug": article.slug,
        "status": "publish",
        "type": "post",
        "link": article.url,
        "title": {"rendered": escape(article.title).replace("’", "&#8217;")},
        "content": {
            "rendered": "" if is_protected else content,
            "protected": is_protected,
        },
        "excerpt": {
            "rendered": "" if is_protected else f"<p>{escape(excerpt(article))}</p>\n",
            "protected": is_protected,
        },
        "author": 7,
        "_links": {"author": [{"embeddable": True, "href": "/wp/v2/users/7"}]},
        "_embedded": {"author": [author] if article.author else []},
    }


def _times(name: str, outlet: OutletState, when: datetime) -> dict[str, str]:
    """A time as the site shows it, and in UTC; both without a zone."""
    local = outlet.to_local_time(when).replace(tzinfo=None, microsecond=0)
    utc = when.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    is_unset = "no gmt" in outlet.rest_quirks
    return {
        name: local.isoformat(),
        f"{name}_gmt": "-001-11-30T00:00:00" if is_unset else utc.isoformat(),
    }


def _error(status: int, code: str, message: str) -> Response:
    record = {"code": code, "message": message, "data": {"status": status}}
    text = json.dumps(record)
    return Response(status, "application/json; charset=UTF-8", _body(text))


def _body(text: str) -> tuple[BodyPart, ...]:
    return (BodyPart(text.encode()),)
