"""The page behind a link that news services and networks wrap in an address of theirs.

Only what stands openly in a parameter of a known wrapper is unwrapped. A wrapper of
anybody else may lead anywhere, and its target is what somebody else wrote into it.
Google News' own and t.co's addresses do not contain their targets, and stay.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

MAX_NESTED_WRAPPERS = 3
# Google's own registrations, by country: google.com, google.de, google.co.uk.
_GOOGLE = r"(?:www\.|news\.)?google\.(?:com|[a-z]{2}|com?\.[a-z]{2})"
# Host and path of a wrapper → its parameters for the target, the likelier first.
_WRAPPERS = (
    (re.compile(_GOOGLE + r"/(?:news/)?url"), ("url", "q")),
    (re.compile(r"(?:www\.|cn\.)?bing\.com/(?:news/)?apiclick\.aspx"), ("url",)),
    (re.compile(r"(?:l|lm|www|m)\.facebook\.com/(?:l|flx/warn)(?:\.php|/)"), ("u",)),
    (re.compile(r"l\.(?:instagram|threads)\.(?:com|net)/"), ("u",)),
    (re.compile(r"(?:www\.|m\.)?youtube\.com/redirect"), ("q",)),
    (re.compile(r"(?:www\.|m\.)?linkedin\.com/(?:redir/redirect|safety/go)"), ("url",)),
    (re.compile(r"(?:www\.|m\.)?vk\.com/away\.php|away\.vk\.com/away\.php"), ("to",)),
    (re.compile(r"out\.reddit\.com/\w*"), ("url",)),
    (re.compile(r"(?:www\.)?duckduckgo\.com/l/?"), ("uddg",)),
    (re.compile(r"t\.umblr\.com/redirect"), ("z",)),
    (re.compile(r"getpocket\.com/redirect"), ("url",)),
    (re.compile(r"\w+\.safelinks\.protection\.outlook\.com/"), ("url",)),
)


def unwrap_link(url: str) -> str:
    """The http(s) URL that a known wrapper contains; else the URL itself."""
    for _ in range(MAX_NESTED_WRAPPERS):
        target = _wrapped_url(url) if "?" in url else ""
        if not target:
            break
        url = target
    return url


def _wrapped_url(url: str) -> str:
    """The target of one wrapper; "" if the URL is not one, or has no valid target."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "") if not parts.port else ""
    except ValueError:
        return ""
    page = f"{host}{parts.path}".lower()
    names = next((names for rule, names in _WRAPPERS if rule.fullmatch(page)), ())
    # Not parse_qsl: a plus sign in a URL is no space.
    values = dict(
        reversed(
            [
                (name.lower(), value)
                for name, _, value in (
                    part.partition("=") for part in parts.query.split("&")
                )
            ]
        )
    )
    targets = (unquote(values.get(name, "")).strip() for name in names)
    return next(filter(_is_page_url, targets), "")


def _is_page_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
