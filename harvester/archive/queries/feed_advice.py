"""What a person can do about a feed that cannot be read, by its outcome and reason.

``{url}`` and ``{user_agent}`` stand for the feed's URL and the crawler's name.
"""

from __future__ import annotations

import re

from harvester.model import CHALLENGE_PAGE, Outcome

# A feed is not asked for while its robots.txt cannot be fetched; why is the same.
_ROBOTS_FAILURE = re.compile(r"robots\.txt cannot be fetched \((?P<reason>.*)\); ")
_SEARCH = "`harvest add --replace` with the site's address"
_REFUSED = (
    (
        re.compile(r"robots"),
        "robots.txt disallows it: ask the outlet for permission, or remove the feed from "
        "the settings",
    ),
    (
        re.compile(r"private|network"),
        "if the host is yours, add its network to [crawl] allow_networks",
    ),
    (re.compile(r""), "check the URL in the settings"),
)
_CHALLENGE = (
    "challenges are never solved: ask the site to let the archive through, for example: "
    "“Please exempt our archive's crawler, User-Agent “{user_agent}”, from the challenge "
    "page at {url}. It reads robots.txt, sends one request at a time and keeps to "
    "Retry-After.”"
)
_DOWN = "it is retried automatically; if it stays down, check the address in a browser"
# The first that matches counts.
_FAILED = (
    (re.compile(re.escape(CHALLENGE_PAGE)), _CHALLENGE),
    (
        re.compile(r"answered 40[17]\b"),
        "it needs a login: set login in the outlet's table of the settings",
    ),
    (
        re.compile(r"answered (?:402|403|451)\b"),
        "the outlet refuses the request: check whether the feed needs a login, and the "
        "contact in [crawl] user_agent",
    ),
    (
        re.compile(r"TLS: .*expired"),
        "its certificate has expired: tell the outlet, which must renew it; `insecure = "
        "true` in its table fetches without verification meanwhile",
    ),
    (
        re.compile(r"TLS: "),
        "tell the outlet that its certificate is not valid; `insecure = true` in its "
        "table fetches without verification",
    ),
    (
        re.compile(r"redirects to the front page"),
        f"the feed was taken away: {_SEARCH} looks for its new URL",
    ),
    (
        re.compile(r"HTML instead"),
        f"the URL shows a page now: {_SEARCH} finds its feeds; if it has none and "
        "articles are linked on that page, list the page under `pages` (`harvest check "
        "--links` with it shows them)",
    ),
    (
        re.compile(r"the host name does not resolve"),
        "check the address; if the outlet moved, change it in the settings: "
        f"{_SEARCH} looks for its new URL",
    ),
    (
        re.compile(r"redirect"),
        "open the URL in a browser: where it ends nowhere either, tell the outlet, or "
        f"{_SEARCH} looks for its new URL",
    ),
    (
        re.compile(r"larger than"),
        "raise `feed_size` under [limits] of the settings if it is to be that large",
    ),
    (
        re.compile(r"no complete response within"),
        "the server is slow or down: it is retried automatically; `timeout` in the "
        "outlet's table waits longer",
    ),
    (
        re.compile(r"the response is not HTTP"),
        "check scheme and port of the address: something else than a web server answers",
    ),
    (
        re.compile(
            r"connection refused|no connection|the connection was lost|broke off"
        ),
        _DOWN,
    ),
    (
        re.compile(r"answered 5\d\d\b"),
        "the server has a fault: it is retried automatically; if it lasts, tell the outlet",
    ),
)
_GONE = f"{_SEARCH} looks for its new URL"
_UNKNOWN = "open the URL in a browser; `harvest check` with it shows what can be read"


def get_advice(outcome: str, reason: str) -> str:
    """What a person can do about a feed with an outcome and reason."""
    if outcome == Outcome.WAITING:
        return "nothing: it is retried automatically"
    robots_failure = _ROBOTS_FAILURE.match(reason)
    if robots_failure is not None:
        reason = robots_failure["reason"]
    rules = _REFUSED if outcome == Outcome.REFUSED else _FAILED
    for pattern, advice in rules:
        if pattern.search(reason):
            return advice
    if outcome == Outcome.BLOCKED:
        return (
            "the outlet refuses the request: check the contact in [crawl] user_agent, or "
            "ask the outlet"
        )
    return _GONE if outcome == Outcome.GONE else _UNKNOWN
