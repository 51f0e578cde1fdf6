"""Posts of WordPress's REST interface: what is stated, what lies, what is hostile."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harvester.errors import InvalidResponse
from harvester.model import Feed
from harvester.parse.feeds.feed import read_feed
from harvester.parse.feeds.wordpress_urls import is_posts_url

URL = "https://lantern.example/wp-json/wp/v2/posts"
TEXT = (
    "The council voted on Monday to rebuild the old stone bridge over the river. " * 5
)


def post(**stated: Any) -> dict[str, Any]:
    """A post as WordPress 6.8 lists it."""
    return {
        "id": 4711,
        "date": "2025-09-06T10:00:00",
        "date_gmt": "2025-09-06T08:00:00",
        "modified": "2025-09-06T11:30:00",
        "modified_gmt": "2025-09-06T09:30:00",
        "status": "publish",
        "link": "https://lantern.example/bridge/",
        "title": {"rendered": "The council&#8217;s <em>bridge</em>"},
        "excerpt": {"rendered": "<p>It is old.</p>\n", "protected": False},
        "content": {"rendered": f"<p>{TEXT}</p>", "protected": False},
        **stated,
    }


def read(*posts: Any, url: str = URL, limit: int = 2000) -> Feed:
    """Read a list of posts."""
    body = json.dumps(posts).encode()
    return read_feed(body, "application/json", url, limit=limit)


def test_a_post_is_read() -> None:
    feed = read(post(_embedded={"author": [{"id": 7, "name": "Ada Moss"}]}))
    assert (feed.kind, feed.url) == ("wordpress", "https://lantern.example/")
    [entry] = feed.entries
    assert entry.id == "4711"
    assert entry.title == "The council’s bridge"
    assert entry.published == "2025-09-06T08:00:00Z"
    assert entry.published_local == "2025-09-06T10:00:00+02:00"
    assert entry.updated == "2025-09-06T09:30:00Z"
    assert entry.authors == ("Ada Moss",)
    assert entry.summary == "It is old."
    assert entry.content == f"<p>{TEXT}</p>"


@pytest.mark.parametrize(
    ("stated", "field", "value"),
    [
        ({"date_gmt": "-0001-11-30T00:00:00"}, "published", "2025-09-06T10:00:00Z"),
        ({"date_gmt": None, "date": None}, "published", None),
        ({"modified_gmt": "0000-00-00T00:00:00", "modified": 5}, "updated", None),
        (
            {"date": "2025-09-06T04:30:00"},
            "published_local",
            "2025-09-06T04:30:00-03:30",
        ),
        ({"date": "2025-09-09T04:30:00"}, "published_local", "2025-09-06T08:00:00Z"),
        ({"content": {"rendered": TEXT, "protected": True}}, "content", ""),
        ({"content": "x"}, "content", ""),
        ({"link": "javascript:alert(1)"}, "url", ""),
        ({"title": "Plain"}, "title", "Plain"),
        ({"_embedded": {"author": [{"code": "rest_user_invalid_id"}]}}, "authors", ()),
        ({"_embedded": [1]}, "authors", ()),
    ],
)
def test_what_is_stated_otherwise(
    stated: dict[str, Any], field: str, value: object
) -> None:
    [entry] = read(post(**stated)).entries
    assert getattr(entry, field) == value


def test_what_is_no_published_post_is_left_out() -> None:
    others = [
        *(5, None, [], {}, {"id": True}, {"id": -1}, {"id": 2**70}, {"id": "9"}),
        post(id=5, status="draft"),
    ]
    assert [entry.id for entry in read(*others, post()).entries] == ["4711"]


def test_at_most_so_many_posts_are_read() -> None:
    feed = read(*(post(id=number) for number in range(1, 31)), limit=10)
    assert [entry.id for entry in feed.entries] == [str(n) for n in range(1, 11)]
    assert feed.cut == 20


def test_an_empty_list_is_a_list() -> None:
    assert read().entries == ()


def test_a_warning_before_the_list_is_skipped() -> None:
    body = b"<br />\n<b>Deprecated</b>: foo() in /x.php on line 3<br />\n"
    body += json.dumps([post()]).encode()
    assert len(read_feed(body, "text/html", URL).entries) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"code": "rest_no_route", "message": "No"}', "refuses.*: rest_no_route"),
        (b"[[[[", "broken JSON"),
        (b"[" * 200_000, "broken JSON"),
        (b'[{"a": 1}]', "not a feed"),
        (b"[1, 2, 3]", "not a feed"),
        (b"{}", "not a feed"),
        (b'{"items": 5}', "not a feed"),
        (b'<!doctype html><script>x = [{"id": 5}]</script>', "HTML instead"),
        (b'[{"id": 1' + b"0" * 5_000 + b"}]", "broken JSON|not a feed"),
    ],
)
def test_anything_else_is_refused_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(InvalidResponse, match=reason):
        read_feed(body, "application/json", URL)


@pytest.mark.parametrize(
    ("url", "is_list"),
    [
        (URL, True),
        (URL + "/?per_page=5", True),
        ("https://x.example/blog/wp-json/wp/v2/news", True),
        ("https://x.example/?rest_route=/wp/v2/posts", True),
        ("https://x.example/?rest_route=%2Fwp%2Fv2%2Fposts&lang=fr", True),
        ("https://x.example/wp-json/wp/v2/comments", False),
        ("https://x.example/wp-json/wp/v2/posts/5", False),
        ("https://x.example/wp-json/", False),
        ("https://x.example/feed/", False),
        ("https://[bad/wp-json/wp/v2/posts", False),
    ],
)
def test_which_urls_are_lists_of_posts(url: str, is_list: bool) -> None:
    assert is_posts_url(url) is is_list
