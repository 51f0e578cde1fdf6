"""Headers and cookies of an outlet's settings: names, values, where they are secrets.

All parsers raise ValueError with a message for people, which never shows a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from harvester.settings.values import SecretReference, parse_secret

MAX_VALUE_LENGTH = 8_000  # characters: servers accept headers of 8 KiB
# What this program sets itself, by what is fetched and how.
_OWN_HEADERS = {
    "user-agent": "write user_agent",
    "host": "it is that of the URL",
    **dict.fromkeys(
        ("content-length", "transfer-encoding", "expect", "content-type"),
        "no request has a body",
    ),
    **dict.fromkeys(
        ("connection", "keep-alive", "upgrade", "te", "trailer", "accept-encoding"),
        "connections are managed by this program",
    ),
    **dict.fromkeys(
        ("proxy-authorization", "proxy-connection"), "write it into the URL of proxy"
    ),
    **dict.fromkeys(
        ("if-none-match", "if-modified-since", "if-match", "if-range", "range"),
        "what is asked for is decided by this program",
    ),
}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?")
# RFC 6265, 4.1.1, and what servers set besides: blanks, quotes, commas.
_COOKIE_VALUE = re.compile(
    r"[\x21-\x3a\x3c-\x7e](?:[\x20-\x3a\x3c-\x7e]*[\x21-\x3a\x3c-\x7e])?"
)


def parse_header_name(name: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise ValueError(
            "is not the name of a header: these are made of letters, digits and hyphens"
        )
    if reason := _OWN_HEADERS.get(name.lower()):
        raise ValueError(f"this header cannot be set: {reason}")
    return name


def parse_cookie_name(name: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise ValueError("is not the name of a cookie")
    return name


def parse_header_value(value: object) -> str | SecretReference:
    """A header's value: text, or where it is."""
    secret = parse_secret(value)
    if isinstance(secret, str) and (problem := header_problem(secret)):
        raise ValueError(problem)
    return secret


def parse_cookie_value(value: object) -> str | SecretReference:
    """A cookie's value: text, or where it is."""
    secret = parse_secret(value)
    if isinstance(secret, str) and (problem := cookie_problem(secret)):
        raise ValueError(problem)
    return secret


def header_problem(value: str) -> str:
    """Why a text is not the value of a header; "" if it is."""
    return _length_problem(value) or (
        ""
        if _VALUE.fullmatch(value)
        else "is not one line of ASCII, without blanks around it"
    )


def cookie_problem(value: str) -> str:
    """Why a text is not the value of a cookie; "" if it is."""
    return _length_problem(value) or (
        ""
        if _COOKIE_VALUE.fullmatch(value)
        else "is not the value of one cookie: one line of ASCII, without semicolon"
    )


def _length_problem(value: str) -> str:
    if not value:
        return "is empty"
    if len(value) > MAX_VALUE_LENGTH:
        return f"is longer than {MAX_VALUE_LENGTH} characters"
    return ""


def misplaced_reference(table: Mapping[str, object]) -> bool:
    """Whether a table says where the whole of it is, in place of each value."""
    return len(table) == 1 and all(
        name in ("env", "file") and isinstance(value, str)
        for name, value in table.items()
    )


def repeated_name(names: Iterable[str]) -> str:
    """A name that is there twice, in whatever case; "" if none is."""
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            return name
        seen.add(name.lower())
    return ""
