"""Security headers on every response, Datasette's included; spreadsheet-safe CSV.

The second line of defence: templates and ``safe_html`` escape.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any

from harvester.browse import datasette_compat, login_page, parent_process
from harvester.browse.access_policy import AccessPolicy, TextResponse
from harvester.browse.hooks import hookimpl

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

_COMMON_POLICY = "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
# Our own pages have no scripts, and no style but our stylesheet.
PAGE_POLICY = f"default-src 'none'; style-src 'self'; img-src 'self'; {_COMMON_POLICY}"
# Tables, rows and queries, of our templates: scripts only in files of other plugins.
TABLES_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    f"connect-src 'self'; {_COMMON_POLICY}"
)
POLICY_KEY = "harvester.policy"  # of the scope: what a page made of itself asks for
# Datasette's others have both: scripts from its files, and its inline ones by digest. 'self' is
# safe: outlets' words are served as JSON or text with nosniff, never as a script.
DATASETTE_POLICY = (
    "default-src 'none'; script-src 'self' {scripts}; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    f"connect-src 'self'; {_COMMON_POLICY}"
)
SECURITY_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    # No other site may embed a response, or keep a handle on our window.
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
}

_INLINE_SCRIPT = re.compile(r"<script(?:\s+type=\"module\")?>(.*?)</script>", re.DOTALL)
_FACET_SCRIPTS = ("DATASETTE_ALLOW_FACET = true;", "DATASETTE_ALLOW_FACET = false;")


def script_digests(datasette: Any) -> str:
    """The digests of the templates' inline scripts, except those with variables."""
    scripts = {*_FACET_SCRIPTS, *datasette_compat.inline_scripts()}
    environment = datasette_compat.jinja_environment(datasette)
    for name in environment.list_templates():
        source = environment.loader.get_source(environment, name)[0]
        scripts |= {
            script
            for script in _INLINE_SCRIPT.findall(source)
            if "{{" not in script and "{%" not in script
        }
    return " ".join(
        sorted(
            f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
            for script in scripts
        )
    )


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[App], App]:
    """Add the headers to every response."""

    def wrap(app: App) -> App:
        # Late: it loads the plugins, of which this is one.
        from datasette import handle_exception

        policy = DATASETTE_POLICY.format(scripts=script_digests(datasette)).encode()
        access = AccessPolicy.from_environment()
        parent_process.exit_with_parent()
        # It prints every local variable, cookies among them, and takes a second.
        handle_exception.rich = None

        async def guarded(scope: dict[str, Any], receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            refusal = access.check_request(scope)
            refusal = await login_page.answer(
                datasette, access, refusal, scope, receive
            )
            if refusal is not None:
                await _send_response(refusal, send)
                return
            is_csv = scope["path"].endswith(".csv")
            chosen: dict[str, bytes] = {}
            scope = {**scope, POLICY_KEY: chosen}

            async def guarded_send(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message = {
                        **message,
                        "headers": _with_security_headers(
                            message.get("headers", []),
                            chosen.get("policy", policy),
                        ),
                    }
                elif is_csv and message["type"] == "http.response.body":
                    message = {
                        **message,
                        "body": spreadsheet_safe(message.get("body", b"")),
                    }
                await send(message)

            await app(scope, receive, guarded_send)

        return guarded

    return wrap


async def _send_response(response: TextResponse, send: Send) -> None:
    headers = list(response.headers)
    if b"content-type" not in dict(headers):
        headers.append((b"content-type", b"text/plain; charset=utf-8"))
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": _with_security_headers(headers, PAGE_POLICY.encode()),
        }
    )
    await send(
        {
            "type": "http.response.body",
            "body": f"{response.text}\n".encode() if response.text else b"",
        }
    )


def _with_security_headers(
    headers: list[tuple[bytes, bytes]], policy: bytes
) -> list[tuple[bytes, bytes]]:
    kept = [
        (name, value) for name, value in headers if name.lower() not in SECURITY_HEADERS
    ]
    names = {name.lower(): value for name, value in kept}
    if b"content-security-policy" not in names:
        page = names.get(b"content-type", b"").startswith(b"text/html")
        kept.append(
            (b"content-security-policy", policy if page else PAGE_POLICY.encode())
        )
    return [*kept, *SECURITY_HEADERS.items()]


_CSV_TOKENS = re.compile(r'"(?:[^"]|"")*"|[^",\r\n]+|[,\r\n]+')
# Spreadsheets read the full-width signs like the ASCII ones.
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def spreadsheet_safe(chunk: bytes) -> bytes:
    """A row of CSV with an apostrophe before fields that begin like a formula.

    Numbers stay. Datasette sends each row as one message.
    """
    text = chunk.decode("utf-8", "replace")
    if not re.search(r'(?:^|[,"\r\n])[=+\-@\t\r\n＝＋－＠]', text):
        return chunk
    return _CSV_TOKENS.sub(_escape_formula, text).encode()


def _escape_formula(match: re.Match[str]) -> str:
    field = match[0]
    quote = '"' if field.startswith('"') else ""
    inside = field[len(quote) :]
    if (
        not inside.startswith(FORMULA_PREFIXES)
        or not inside.strip()
        or _NUMBER.fullmatch(field)
    ):
        return field
    return f"{quote}'{inside}"
