"""What an outlet reserves for a page, as headers, page, robots.txt and tdmrep.json say.

Recorded and shown, never obeyed: harvester keeps an archive, and what may be done with
it is decided by whoever uses it, who can do so only if he is told. Read are

- ``noarchive`` and the like, of X-Robots-Tag and the meta element ``robots``;
- the TDM Reservation Protocol (W3C community group report of 10 May 2024):
  ``tdm-reservation`` and ``tdm-policy``, of the page's meta elements, else of the
  response's headers, else of ``/.well-known/tdmrep.json``;
- ``Content-Signal`` and ``Content-Usage`` (drafts) of robots.txt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from harvester.parse.html.charset import clean_line

TDMREP_PATH = "/.well-known/tdmrep.json"
# Directives by which a page is not to be kept, quoted, indexed or learned from.
RESERVING_DIRECTIVES = frozenset(
    "noai noarchive nocache noimageai noindex noml none nosnippet".split()
)
# Of one tdmrep.json: each response of its host is compared with its rules, in the one
# thread that writes.
MAX_TDM_RULES = 300
MAX_LOCATION_LENGTH = 500  # characters
MAX_POLICY_LENGTH = 300  # characters of a URL
MAX_WORDS_LENGTH = 1_000  # characters of all that is reserved, in words
MAX_SIGNALS = 20
_RESERVATION, _POLICY = "tdm-reservation: ", "tdm-policy: "
_TDM_NAMES = ("tdm-reservation", "tdm-policy")
_MAX_DIRECTIVE_LENGTH = 60
_SIGNAL_LINE = re.compile(
    r"\s*(?P<name>content-signal|content-usage|user-?agent)\s*:(?P<value>[^#]*)",
    re.IGNORECASE,
)
_OTHER_RULE = re.compile(r"\s*[a-z-]+\s*:", re.IGNORECASE)
_SIGNAL = re.compile(r"\s*([a-z][a-z0-9-]{0,30})\s*=\s*(no|n)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TdmRule:
    """One rule of tdmrep.json: what holds for the paths that its location matches."""

    location: str
    reserved: bool
    policy: str = ""  # absolute URL

    def matches(self, target: str) -> bool:
        """Whether it is about a path with its query; ``*`` and ``$`` as in robots.txt."""
        pattern = self.location.removesuffix("$")
        is_whole = pattern != self.location
        # Greedily from the left; no backtracking: the pattern is somebody else's.
        first, *parts = pattern.split("*")
        if not target.startswith(first):
            return False
        position = len(first)
        for number, part in enumerate(parts, 1):
            if is_whole and number == len(parts):
                return len(target) - len(part) >= position and target.endswith(part)
            found = target.find(part, position)
            if found < 0:
                return False
            position = found + len(part)
        return not is_whole or position == len(target)


# ---- what is stated


def header_directives(headers: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Directives of X-Robots-Tag, and the fields of the TDM Reservation Protocol."""
    headers = tuple(headers)
    robots = [value for name, value in headers if name.lower() == "x-robots-tag"]
    fields: dict[str, str] = {}
    for name, value in headers:
        if name.lower() in _TDM_NAMES:
            fields.setdefault(name.lower(), value)
    return (*_split_directives(robots), *_tdm_directives(fields, ""))


def meta_directives(metas: Mapping[str, Sequence[str]], url: str) -> tuple[str, ...]:
    """The same of a page's meta elements: lower-case name → contents."""
    robots = [c for name in ("robots", "googlebot") for c in metas.get(name, ())]
    fields = {name: metas[name][0] for name in _TDM_NAMES if metas.get(name)}
    return (*_split_directives(robots), *_tdm_directives(fields, url))


def join_directives(page: Iterable[str], header: Iterable[str]) -> tuple[str, ...]:
    """What page and header state together; of the protocol's fields the page's count."""
    page, header = tuple(page), tuple(header)
    if any(directive.startswith(_RESERVATION) for directive in page):
        header = tuple(d for d in header if not d.startswith((_RESERVATION, _POLICY)))
    return tuple(sorted({*page, *header}))


def _split_directives(values: Iterable[str]) -> tuple[str, ...]:
    directives = {
        clean_line(directive, _MAX_DIRECTIVE_LENGTH).lower()
        for value in values
        for directive in value.split(",")
    }
    return tuple(sorted(directives - {""}))[:MAX_SIGNALS]


def _tdm_directives(fields: Mapping[str, str], base_url: str) -> tuple[str, ...]:
    """The protocol's fields as directives; none where the reservation is not 0 or 1."""
    reservation = fields.get("tdm-reservation", "").strip()
    if reservation not in ("0", "1"):
        return ()
    policy = _policy_url(fields.get("tdm-policy", ""), base_url)
    stated = (f"{_RESERVATION}{reservation}",)
    return (*stated, f"{_POLICY}{policy}") if policy and reservation == "1" else stated


def _policy_url(value: object, base_url: str) -> str:
    """An absolute http(s) URL; "" for anything else."""
    if not isinstance(value, str):
        return ""
    try:
        url = urljoin(base_url, value.strip()) if base_url else value.strip()
        is_url = urlsplit(url).scheme in ("http", "https")
    except ValueError:
        return ""
    return clean_line(url, MAX_POLICY_LENGTH) if is_url else ""


def parse_tdmrep(body: str, origin: str) -> tuple[TdmRule, ...] | None:
    """The rules of a tdmrep.json, in order; None if it is none.

    What is no rule is passed over.
    """
    try:
        entries = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entries, list):
        return None
    rules = []
    for entry in entries[:MAX_TDM_RULES]:
        if not isinstance(entry, dict):
            continue
        location, reservation = entry.get("location"), entry.get("tdm-reservation")
        if not isinstance(location, str) or len(location) > MAX_LOCATION_LENGTH:
            continue
        if reservation not in (0, 1, "0", "1"):
            continue
        policy = _policy_url(entry.get("tdm-policy"), origin)
        rules.append(TdmRule(location.strip(), int(reservation) == 1, policy))
    return tuple(rules)


def find_rule(rules: Iterable[TdmRule], url: str) -> TdmRule | None:
    """The rule for a URL: the first that matches; None if none does."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return next((rule for rule in rules if rule.matches(target)), None)


def robots_signals(text: str, agent_name: str) -> tuple[str, ...]:
    """What robots.txt reserves by Content-Signal and Content-Usage: "ai-train=no".

    Of the groups that name ``agent_name``, else of those for all, and outside of
    groups; only what is denied.
    """
    signals: dict[str, dict[str, None]] = {"": {}, "*": {}, agent_name: {}}
    agents, has_rules = [""], False
    for line in text.lstrip("\ufeff").splitlines():
        match = _SIGNAL_LINE.match(line)
        if match is None:
            has_rules = has_rules or bool(_OTHER_RULE.match(line))
            continue
        value = match["value"].strip()
        if match["name"].lower().startswith("user"):
            is_new_group = has_rules or agents == [""]
            agents = [value.lower()] if is_new_group else [*agents, value.lower()]
            has_rules = False
            continue
        has_rules = True
        for statement in value.split(","):
            denied = _SIGNAL.match(statement)
            for agent in agents if denied else ():
                if denied and agent in signals:
                    signals[agent][f"{denied[1].lower()}=no"] = None
    own = signals[agent_name] or signals["*"]
    return tuple(dict.fromkeys((*signals[""], *own)))[:MAX_SIGNALS]


# ---- in words


def describe_reserved(
    directives: Iterable[str], rule: TdmRule | None = None, signals: Iterable[str] = ()
) -> str:
    """What is reserved for a page, in words; "" if nothing is.

    ``directives`` are those of page and headers, ``rule`` that of tdmrep.json, which
    counts where they do not speak of it, ``signals`` those of robots.txt.
    """
    directives = tuple(directives)
    words = [  # "googlebot: noarchive" too
        name
        for name in directives
        if name.rpartition(":")[2].strip() in RESERVING_DIRECTIVES
    ]
    stated = [d.removeprefix(_RESERVATION) for d in directives if _RESERVATION in d]
    policies = [d.removeprefix(_POLICY) for d in directives if d.startswith(_POLICY)]
    if stated:
        if "1" in stated:
            words.append(_describe_mining(policies[0] if policies else ""))
    elif rule is not None and rule.reserved:
        words.append(_describe_mining(rule.policy, "tdmrep.json"))
    words += [f"{signal} (robots.txt)" for signal in signals]
    return "; ".join(words)[:MAX_WORDS_LENGTH]


def describe_host(rules: Sequence[TdmRule], signals: Iterable[str]) -> str:
    """What the files of a host reserve, in words; "" if nothing."""
    words = [
        _describe_mining(rule.policy, f"tdmrep.json, {rule.location[:100]}")
        for rule in rules
        if rule.reserved
    ]
    more = len(words) - MAX_SIGNALS
    words = words[:MAX_SIGNALS] + ([f"and {more} more rules"] if more > 0 else [])
    words += [f"{signal} (robots.txt)" for signal in signals]
    return "; ".join(words)[:MAX_WORDS_LENGTH]


def _describe_mining(policy: str, source: str = "") -> str:
    notes = [source, f"policy {policy}" if policy else ""]
    note = ", ".join(filter(None, notes))
    return f"text and data mining ({note})" if note else "text and data mining"
