"""What a list on a page is filtered by, as its address says it. Pure.

One set of parameters for all lists, so that a reader learns them once: ``q`` (the query
language of the command line), ``from`` and ``to`` (times as people type them), ``outlet``,
``class`` and ``state`` (several of each), ``kind``, ``silent=1``, ``sort``, ``after`` (a
cursor). What a list does not know is left out of its addresses.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from harvester.archive.records import event_ids
from harvester.errors import QueryError
from harvester.query import parse_query
from harvester.query.text import to_text
from harvester.query.time_ranges import EXAMPLES, parse_period
from harvester.query.tree import And, Node, Or, Times, Value, ValueField
from harvester.schedule.times import format_time, parse_time

MAX_QUERY_CHARS = 2_000
MAX_VALUES = 100  # of one parameter
# Times that the bar offers by name: from, to.
PRESETS = {
    "today": ("today", "today"),
    "yesterday": ("yesterday", "yesterday"),
    "this week": ("this week", "this week"),
    "last 7 days": ("7 days", ""),
    "this month": ("this month", "this month"),
}
STATES = ("online", "removed", "returned", "suspect", "edited", "unique")
CLASSES = (*event_ids.CHANGE_CLASSES, "post")


@dataclass(frozen=True, slots=True)
class ListFilter:
    """The parameters of a list; all conditions hold, several values of one mean any.

    ``since`` and ``until`` are as typed; ``kinds`` and ``sort`` are those that the list
    knows.
    """

    q: str = ""
    since: str = ""
    until: str = ""
    outlets: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    silent: bool = False
    sort: str = ""
    after: str = ""

    def list_parameters(self) -> list[tuple[str, str]]:
        """Names and values of the address, without the cursor; nothing that is empty."""
        single = (("q", self.q), ("from", self.since), ("to", self.until))
        several = (
            ("outlet", self.outlets),
            ("class", self.classes),
            ("state", self.states),
            ("kind", self.kinds),
        )
        last = (("silent", "1" if self.silent else ""), ("sort", self.sort))
        return [
            *((name, value) for name, value in single if value),
            *((name, value) for name, values in several for value in values),
            *((name, value) for name, value in last if value),
        ]

    def address(self, path: str, **changes: object) -> str:
        """The address of the list with some parameters changed.

        The cursor is that of ``changes``, if any: another filter begins at the top.
        """
        chosen = replace(self, **changes)  # type: ignore[arg-type]
        parameters = chosen.list_parameters()
        if "after" in changes and chosen.after:
            parameters.append(("after", chosen.after))
        return f"{path}?{urlencode(parameters)}" if parameters else path

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left out."""
        return replace(self, sort="", after="") == ListFilter()

    def read_times(self, now: str) -> tuple[str, str]:
        """From when on, and before when: UTC text, "" where open. Raises QueryError.

        A day that ``until`` names is included.
        """
        since = _read_time("from", self.since, now)[0]
        start, end = _read_time("to", self.until, now)
        until = end or start
        if since and until and since >= until:
            raise QueryError("from: it is not before to:")
        return since, until

    def make_tree(self, now: str, is_timed: bool = True) -> Node | None:
        """The query with all conditions; None if there are none. Raises QueryError.

        ``is_timed``: times are those of publication; lists of changes read them with
        ``read_times`` as those of the change.
        """
        parts: list[Node] = []
        if self.q:
            parts.append(parse_query(self.q, parse_time(now)))
        parts += _any_of("outlet", self.outlets)
        parts += _any_of("is", self.states)
        if is_timed:
            parts += _any_of("class", self.classes)
            if self.silent:
                parts.append(Value("is", "silent", 1))
            since, until = self.read_times(now)
            if since or until:
                parts.append(Times("published", since, until, 1))
        if len(parts) > 1:
            return And(tuple(parts), (), 1)
        return parts[0] if parts else None

    def make_alert_command(self, now: str, kinds: Sequence[str] = ()) -> str:
        """The command that makes an alert of it; "" if the query cannot be read.

        Times are left out: an alert rings from now on.
        """
        chosen = replace(self, since="", until="")
        try:
            tree = chosen.make_tree(now)
        except QueryError:
            return ""
        words = ["harvest", "alerts", "add"]
        if tree is not None:
            words.append(to_text(tree))
        if kinds:
            words += ["--on", ",".join(kinds)]
        return shlex.join([*words, "--to", "file:alerts.jsonl"])


def read_filter(
    arguments: Iterable[tuple[str, str]],
    kinds: Sequence[str] = (),
    sorts: Sequence[str] = (),
) -> ListFilter:
    """The filter that an address asks for: its parameters, decoded, in their order.

    ``kinds`` and ``sorts``: what the list knows. Values that no list knows are left out;
    outlets are checked by whoever knows them.
    """
    values: dict[str, list[str]] = {}
    for name, value in arguments:
        text = " ".join(value.split())[:MAX_QUERY_CHARS]
        known = values.setdefault(name, [])
        if text and text not in known and len(known) < MAX_VALUES:
            known.append(text)

    def first(name: str) -> str:
        return values.get(name, [""])[0] if values.get(name) else ""

    def choose(name: str, choices: Sequence[str]) -> tuple[str, ...]:
        return tuple(value for value in values.get(name, ()) if value in choices)

    return ListFilter(
        q=first("q"),
        since=first("from"),
        until=first("to"),
        outlets=tuple(values.get("outlet", ())),
        classes=choose("class", CLASSES),
        states=choose("state", STATES),
        kinds=choose("kind", kinds),
        silent=first("silent") == "1",
        sort=first("sort") if first("sort") in sorts else "",
        after=first("after"),
    )


def _read_time(name: str, typed: str, now: str) -> tuple[str, str]:
    """The beginning and the end of a time as typed; "" for both if there is none."""
    if not typed:
        return "", ""
    text = typed.lower().removesuffix(" ago")
    try:
        start, end = parse_period(text, parse_time(now))
        return _in_full(start), _in_full(end)
    except (ValueError, OverflowError) as error:
        raise QueryError(
            f"{name}: {typed[:40]!r} is no time; write {EXAMPLES}"
        ) from error


def _in_full(time: str) -> str:
    if not time:
        return ""
    moment = datetime.fromisoformat(time)
    return format_time(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _any_of(name: ValueField, values: Sequence[str]) -> list[Node]:
    nodes = tuple(Value(name, value, 1) for value in values)
    if len(nodes) > 1:
        return [Or(nodes, 1)]
    return list(nodes)


# ---- the bar


@dataclass(frozen=True, slots=True)
class Option:
    """A choice that the bar offers."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition that holds, and the address of the list without it."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class FilterBar:
    """What the template of the bar shows. Paths begin behind Datasette's base URL."""

    path: str
    chosen: ListFilter
    placeholder: str
    outlets: tuple[Option, ...]
    presets: tuple[Chip, ...]
    chips: tuple[Chip, ...]
    kinds: tuple[Option, ...] = ()
    classes: tuple[Option, ...] = ()
    states: tuple[Option, ...] = ()
    sorts: tuple[Option, ...] = ()
    has_silent: bool = False
    total: str = ""  # in words: "1,284 articles", "more than 10,000 changes"
    downloads: tuple[Chip, ...] = field(default=())  # CSV, JSON, Feed
    alert_command: str = ""


def build_bar(
    path: str,
    chosen: ListFilter,
    outlet_names: Sequence[tuple[str, str]],
    *,
    placeholder: str = "",
    kinds: Sequence[tuple[str, str]] = (),
    classes: Sequence[tuple[str, str]] = (),
    states: Sequence[tuple[str, str]] = (),
    sorts: Sequence[tuple[str, str]] = (),
    has_silent: bool = False,
    total: str = "",
    downloads: Sequence[tuple[str, str]] = (),
    alert_kinds: Sequence[str] | None = None,
    now: str = "",
) -> FilterBar:
    """The bar of a list at ``path``; choices are pairs of a value and its label.

    ``downloads``: labels and paths of the same list in other forms; the filter is added.
    ``alert_kinds``: what an alert of this list rings on; None: there is no such alert.
    """

    def options(
        choices: Sequence[tuple[str, str]], values: Sequence[str]
    ) -> tuple[Option, ...]:
        return tuple(Option(value, label, value in values) for value, label in choices)

    return FilterBar(
        path,
        chosen,
        placeholder,
        options(outlet_names, chosen.outlets),
        tuple(_list_presets(path, chosen)),
        tuple(_list_chips(path, chosen, dict(outlet_names))),
        options(kinds, chosen.kinds),
        options(classes, chosen.classes),
        options(states, chosen.states),
        options(sorts, (chosen.sort or (sorts[0][0] if sorts else ""),)),
        has_silent,
        total,
        tuple(Chip(label, chosen.address(target)) for label, target in downloads),
        "" if alert_kinds is None else chosen.make_alert_command(now, alert_kinds),
    )


def _list_presets(path: str, chosen: ListFilter) -> Iterable[Chip]:
    """Names of times; the one that is chosen without an address."""
    for name, (since, until) in PRESETS.items():
        is_chosen = (chosen.since, chosen.until) == (since, until)
        href = chosen.address(path, since=since, until=until)
        yield Chip(name, "" if is_chosen else href)


def _list_chips(
    path: str, chosen: ListFilter, outlet_names: dict[str, str]
) -> Iterable[Chip]:
    """Each condition that holds."""
    if chosen.q:
        yield Chip(chosen.q, chosen.address(path, q=""))
    if chosen.since and chosen.since == chosen.until:
        yield Chip(chosen.since, chosen.address(path, since="", until=""))
    else:
        if chosen.since:
            yield Chip(f"from {chosen.since}", chosen.address(path, since=""))
        if chosen.until:
            yield Chip(f"to {chosen.until}", chosen.address(path, until=""))
    for name in ("outlets", "kinds", "classes", "states"):
        values: tuple[str, ...] = getattr(chosen, name)
        for value in values:
            label = outlet_names.get(value, value) if name == "outlets" else value
            rest = tuple(one for one in values if one != value)
            yield Chip(label, chosen.address(path, **{name: rest}))
    if chosen.silent:
        yield Chip("unacknowledged", chosen.address(path, silent=False))
