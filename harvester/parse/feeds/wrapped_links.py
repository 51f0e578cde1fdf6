"""The page behind a link that news services and networks wrap in an address of theirs.

Only what stands openly in a parameter of a known wrapper is unwrapped. A wrapper of
anybody else may lead anywhere, and its target is what somebody else wrote into it.
Google News' own and t.co's addresses do not contain their targets, and stay.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

MAX_NESTED_WRAPPERS = 3
# Host and path of a wrapper → its parameters for the target, the likelier first. Of
# Google, its own registrations: google.com, google.de, google.co.uk.
_PARAMETERS_BY_WRAPPER = {
    r"(?:www\.|news\.)?google\.(?:com|[a-z]{2}|com?\.[a-z]{2})/(?:news/)?url": (
        "url",
        "q",
    ),
    r"(?:www\.|cn\.)?bing\.com/(?:news/)?apiclick\.aspx": ("url",),
    r"r\.search\.yahoo\.com/.+": ("ru",),
    r"(?:www\.)?duckduckgo\.com/l/?": ("uddg",),
    r"(?:l|lm|www|m)\.facebook\.com/(?:l|flx/warn)(?:\.php|/)": ("u",),
    r"l\.(?:instagram|threads)\.(?:com|net)/": ("u",),
    r"(?:www\.|m\.)?youtube\.com/redirect": ("q",),
    r"(?:www\.|m\.)?linkedin\.com/(?:redir/redirect|safety/go)": ("url",),
    r"(?:www\.|m\.|away\.)?vk\.com/away\.php": ("to",),
    r"out\.reddit\.com/\w*": ("url",),
    r"t\.umblr\.com/redirect": ("z",),
    r"getpocket\.com/redirect": ("url",),
    r"\w+\.safelinks\.protection\.outlook\.com/": ("url",),
}
_WRAPPER = re.compile("|".join(f"({rule})" for rule in _PARAMETERS_BY_WRAPPER))
_PARAMETERS = tuple(_PARAMETERS_BY_WRAPPER.values())


def unwrap_link(url: str) -> str:
    """The http(s) URL that a known wrapper contains; else the URL itself."""
    for _ in range(MAX_NESTED_WRAPPERS):
        target = _wrapped_url(url) if "=" in url else ""
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
    wrapper = _WRAPPER.fullmatch(f"{host}{parts.path}".lower())
    if wrapper is None or wrapper.lastindex is None:
        return ""
    values: dict[str, str] = {}
    for part in (*parts.query.split("&"), *parts.path.split("/")):
        name, _, value = part.partition("=")
        # Not parse_qsl: a plus sign in a URL is no space.
        values.setdefault(name.lower(), unquote(value).strip())
    stated = (values.get(name, "") for name in _PARAMETERS[wrapper.lastindex - 1])
    return next(filter(_is_page_url, stated), "")


def _is_page_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
