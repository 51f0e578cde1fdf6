"""Access policy: loopback names only, or holders of the secret only.

``harvest browse`` sets it by environment variables. On loopback, requests for another
host name are refused, as a web page can point its own name at 127.0.0.1 and read the
responses (DNS rebinding). Elsewhere a link carries the secret, or a form asks for it
(``login_page``); it is then kept as a cookie. Plain ``datasette archive.db`` is as open
as Datasette itself.
"""

from __future__ import annotations

import hmac
import os
import re
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

SECRET_VARIABLE = "HARVESTER_BROWSE_SECRET"
LOOPBACK_VARIABLE = "HARVESTER_BROWSE_LOOPBACK"
TOKEN_PARAMETER = "token"
COOKIE_NAME = "harvester"
COOKIE_MAX_AGE_SECONDS = 31_536_000
# Columns of URLs that may contain a secret: filtering or sorting by them could reveal it
# letter by letter. Whoever may run SQL can read the file anyway.
_SECRET_COLUMNS = {
    "feeds": {"url"},
    "feed_health": {"feed"},
    "captures": {"url", "reached"},
    "entries": {"feed"},
    "entries_without_article": {"feed"},
    "entry_counts": {"feed"},
    "events": {"feed"},
}


@dataclass(frozen=True, slots=True)
class TextResponse:
    """A response instead of the page."""

    status: int
    text: str
    headers: tuple[tuple[bytes, bytes], ...] = ()
    needs_secret: bool = False


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Access policy; open if neither is set."""

    secret: str = ""
    loopback_only: bool = False

    @classmethod
    def from_environment(cls) -> AccessPolicy:
        """The policy that the environment sets."""
        return cls(
            os.environ.get(SECRET_VARIABLE, ""),
            os.environ.get(LOOPBACK_VARIABLE) == "1",
        )

    def check_request(self, scope: dict[str, Any]) -> TextResponse | None:
        """The response that refuses or redirects a request; None lets it pass."""
        headers = {
            name.lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        if self.loopback_only and not is_loopback_host(headers.get(b"host", "")):
            return TextResponse(
                403,
                "This archive is served under the names of this machine only: "
                "127.0.0.1, localhost, [::1].",
            )
        if (self.loopback_only or self.secret) and _is_cross_site_load(headers):
            return TextResponse(
                403,
                "Another site requested this page; open it yourself instead.",
            )
        if self.secret:
            return self._check_secret(scope, headers)
        return None

    def _check_secret(
        self, scope: dict[str, Any], headers: dict[bytes, str]
    ) -> TextResponse | None:
        query = parse_qsl(
            scope["query_string"].decode("latin-1"), keep_blank_values=True
        )
        tokens = [value for name, value in query if name == TOKEN_PARAMETER]
        if tokens and self.is_secret(tokens[0]):
            return self.let_in(scope, address_without_token(scope))
        if tokens or not self.has_secret(headers):
            return TextResponse(
                403,
                "This archive requires a secret: open the link that `harvest browse` "
                "printed.",
                needs_secret=True,
            )
        if _is_secret_probe(scope["path"], [name for name, _ in query], dict(query)):
            return TextResponse(
                403,
                "URLs of feeds may contain secrets: they cannot be filtered or sorted "
                "here.",
            )
        return None

    def let_in(self, scope: dict[str, Any], target: bytes) -> TextResponse:
        """Keep the secret as a cookie, and go on to an address of ours."""
        secure = "; Secure" if scope.get("scheme") == "https" else ""
        cookie = (
            f"{COOKIE_NAME}={self.secret}; Path=/; HttpOnly; SameSite=Lax; "
            f"Max-Age={COOKIE_MAX_AGE_SECONDS}{secure}"
        )
        return TextResponse(
            303,
            "",
            (
                (b"location", target),
                (b"set-cookie", cookie.encode()),
                (b"cache-control", b"no-store"),
            ),
        )

    def has_secret(self, headers: dict[bytes, str]) -> bool:
        """Whether a request carries it, as a cookie or bearer token."""
        bearer = headers.get(b"authorization", "")
        candidates = [
            _read_cookie(headers.get(b"cookie", "")),
            bearer[7:].strip() if bearer[:7].lower() == "bearer " else "",
        ]
        return any(self.is_secret(text) for text in candidates)

    def is_secret(self, candidate: str) -> bool:
        """Whether it is the secret; takes as long for any candidate of its length."""
        return bool(candidate) and hmac.compare_digest(
            candidate.encode(), self.secret.encode()
        )


def address_without_token(scope: dict[str, Any]) -> bytes:
    """The address that is asked for, on this host, without the secret."""
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    rest = urlencode([pair for pair in query if pair[0] != TOKEN_PARAMETER])
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    path = raw_path.partition(b"?")[0]
    return b"/" + path.lstrip(b"/\\") + (f"?{rest}".encode() if rest else b"")


def _read_cookie(header: str) -> str:
    try:
        cookie = SimpleCookie(header).get(COOKIE_NAME)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


def _is_cross_site_load(headers: dict[bytes, str]) -> bool:
    """Whether another site loads it as an image, script or frame.

    A link that a person follows is a navigation of the whole window.
    """
    if headers.get(b"sec-fetch-site") not in ("cross-site", "same-site"):
        return False
    return (
        headers.get(b"sec-fetch-mode") != "navigate"
        or headers.get(b"sec-fetch-dest", "document") != "document"
    )


def is_loopback_host(host: str) -> bool:
    """Whether a Host header is a loopback name."""
    name = re.sub(r":\d{1,5}$", "", host.strip().lower())
    if name == "localhost":
        return True
    try:
        return ip_address(
            name[1:-1] if name[:1] + name[-1:] == "[]" else name
        ).is_loopback
    except ValueError:
        return False


def _is_secret_probe(path: str, names: list[str], query: dict[str, str]) -> bool:
    parts = unquote(re.sub(r"~([0-9A-Fa-f]{2})", r"%\1", path)).strip("/").split("/")
    columns = (
        _SECRET_COLUMNS.get(
            re.sub(r"\.(?:json|csv|blob)$", "", parts[1]).lower(), set()
        )
        if len(parts) > 1
        else set()
    )
    compared = {
        name.partition("__")[0].lower()
        for name in names
        if "__" in name and not name.endswith("__exact")
    }
    ordered = {query.get(name, "").lower() for name in ("_sort", "_sort_desc")}
    return bool(columns & (compared | ordered))
