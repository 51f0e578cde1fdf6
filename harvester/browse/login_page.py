"""A form that asks for the secret, where a page is refused without it.

Programs go on getting one line of text. The form needs no script and tells nothing of
the archive; its stylesheet is the only file that is served without the secret.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from harvester import DISTRIBUTION, __version__
from harvester.browse import datasette_compat
from harvester.browse.access_policy import (
    AccessPolicy,
    TextResponse,
    address_without_token,
)

LOGIN_PATH = "/-/login"
OPEN_FILES = ("news.css", "favicon.svg")  # of the form
MAX_BODY_BYTES = 8_192
MAX_TARGET_CHARS = 2_000
WRONG = "That is not the secret."
ELSEWHERE = "Another site sent this form; type the secret here instead."

Receive = Callable[[], Awaitable[dict[str, Any]]]

# What programs ask for, by the end of the path; they are told in plain text.
_FOR_PROGRAMS = re.compile(r"\.(?:json|csv|atom|db|blob|timemap)$|/-/api/")
_OWN_ADDRESS = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")


async def answer(
    datasette: Any,
    policy: AccessPolicy,
    refusal: TextResponse | None,
    scope: dict[str, Any],
    receive: Receive,
) -> TextResponse | None:
    """What is answered instead of a page; None: the request is let through.

    ``refusal``: by the policy; stays as it is for programs.
    """
    if not policy.secret or (refusal is not None and not refusal.needs_secret):
        return refusal
    headers = {
        name.lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    path, method = scope["path"], scope["method"]
    if path == datasette.urls.path(LOGIN_PATH):
        if method == "POST":
            return await _read_form(datasette, policy, scope, headers, receive)
        if refusal is None:
            return policy.let_in(scope, str(datasette.urls.instance()).encode())
    if refusal is None:
        return None
    files = [datasette.urls.static_plugins(DISTRIBUTION, name) for name in OPEN_FILES]
    if path in files and method in ("GET", "HEAD"):
        return None
    wants_page = "text/html" in headers.get(b"accept", "")
    if method != "GET" or not wants_page or _FOR_PROGRAMS.search(path):
        return refusal
    target = address_without_token(scope).decode("latin-1")
    return await _make_form(datasette, target, "")


async def _read_form(
    datasette: Any,
    policy: AccessPolicy,
    scope: dict[str, Any],
    headers: dict[bytes, str],
    receive: Receive,
) -> TextResponse:
    """Let in who sent the secret; else the form again, with what is wrong."""
    body = await _read_body(receive)
    fields = (
        parse_qs(body.decode("utf-8", "replace"), max_num_fields=10) if body else {}
    )
    target = clean_target(fields.get("next", [""])[0], str(datasette.urls.instance()))
    if not _is_own_form(headers):
        return await _make_form(datasette, target, ELSEWHERE)
    if not policy.is_secret(fields.get("secret", [""])[0].strip()):
        return await _make_form(datasette, target, WRONG)
    return policy.let_in(scope, target.encode("latin-1"))


async def _read_body(receive: Receive) -> bytes:
    """The body; b"" where it is larger than a form can be, or does not come whole."""
    body, is_whole = b"", False
    while not is_whole:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        body += message.get("body", b"")
        is_whole = not message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            return b""
    return body


def clean_target(asked: str, start: str) -> str:
    """Where to go on to: a path of this host, or the start page."""
    is_own = _OWN_ADDRESS.fullmatch(asked) and asked.isascii()
    if not is_own or len(asked) > MAX_TARGET_CHARS:
        return start
    return start if urlsplit(asked).path.endswith(LOGIN_PATH) else asked


def _is_own_form(headers: dict[bytes, str]) -> bool:
    """Whether the form was on a page of ours, as far as browsers tell.

    Our pages send no referrer, so that their forms' origin is "null".
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get(b"origin", "null")
    return origin == "null" or urlsplit(origin).netloc == headers.get(b"host", "")


async def _make_form(datasette: Any, target: str, fault: str) -> TextResponse:
    """The form. Rendered by itself: other plugins' variables are not for strangers."""
    template = datasette_compat.jinja_environment(datasette).get_template(
        "news_login.html"
    )
    html = await template.render_async(
        urls=datasette.urls,
        plugin=DISTRIBUTION,
        version=__version__,
        action=datasette.urls.path(LOGIN_PATH),
        target=target,
        fault=fault,
    )
    return TextResponse(
        403,
        html,
        (
            (b"content-type", b"text/html; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"vary", b"accept, cookie"),
        ),
    )
