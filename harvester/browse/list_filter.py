"""What a list on a page is filtered by, as its address says it. Pure.

One set of parameters for all lists, so that a reader learns them once: ``q`` (the query
language of the command line), ``from`` and ``to`` (times as people type them), ``outlet``,
``class``, ``state`` and ``kind`` (several of each), ``silent=1``, ``every=1`` (every version
of an article), ``sort``, ``after`` (a cursor). What a list does not know is left out of its
addresses.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from harvester.archive.records import event_ids
from harvester.browse.query_parts import list_parts
from harvester.errors import QueryError
from harvester.query import parse_query
from harvester.query.text import to_text
from harvester.query.time_ranges import EXAMPLES, parse_period
from harvester.query.tree import (
    And,
    Node,
    Or,
    Times,
    Value,
    ValueField,
    list_conjuncts,
)
from harvester.schedule.times import format_time, parse_time

MAX_QUERY_CHARS = 2_000
MAX_VALUES = 100  # of one parameter
# More outlets than that are not listed in the bar: it has a field for the key of one.
MAX_LISTED_OUTLETS = 60
MAX_CHIPS = 8  # of one parameter: each has the whole address without it
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
    every: bool = False

    def list_parameters(self) -> list[tuple[str, str]]:
        """Names and values of the address, without the cursor; nothing that is empty."""
        single = (("q", self.q), ("from", self.since), ("to", self.until))
        several = (
            ("outlet", self.outlets),
            ("class", self.classes),
            ("state", self.states),
            ("kind", self.kinds),
        )
        last = (
            ("silent", "1" if self.silent else ""),
            ("every", "1" if self.every else ""),
            ("sort", self.sort),
        )
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
        return replace(self, sort="", after="", every=False) == ListFilter()

    def read_times(self, now: str) -> tuple[str, str]:
        """From when on, and before when: UTC text, "" where open. Raises QueryError.

        A day that ``until`` names is included.
        """
        since, until = self._read_range(now)
        return _in_full(since), _in_full(until)

    def _read_range(self, now: str) -> tuple[str, str]:
        """As ``read_times``, with days where it begins or ends at midnight."""
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
        query = parse_query(self.q, parse_time(now)) if self.q else None
        wanted, unwanted = list_conjuncts(query) if query else ((), ())
        parts: list[Node] = list(wanted)
        parts += _any_of("outlet", self.outlets)
        parts += _any_of("is", self.states)
        if is_timed:
            parts += _any_of("class", self.classes)
            if self.silent:
                parts.append(Value("is", "silent", 1))
            since, until = self._read_range(now)
            if since or until:
                parts.append(Times("published", since, until, 1))
        if len(parts) > 1 or unwanted:
            return And(tuple(parts), unwanted, 1)
        return parts[0] if parts else None

    def make_alert_command(self, now: str, kinds: Sequence[str] = ()) -> str:
        """The command that makes an alert of it; "" if there is none.

        Times are left out: an alert rings from now on.
        """
        chosen = replace(self, since="", until="")
        words = ["harvest", "alerts", "add"]
        try:
            tree = chosen.make_tree(now)
            if tree is not None:
                text = to_text(tree)
                if to_text(parse_query(text, parse_time(now))) != text:
                    return ""  # an outlet that cannot be one
                words.append(text)
        except QueryError:
            return ""
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
        text = " ".join(value.split())[:MAX_QUERY_CHARS].rstrip()
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
        every=first("every") == "1",
    )


def _read_time(name: str, typed: str, now: str) -> tuple[str, str]:
    """The beginning and the end of a time as typed; "" for both if there is none."""
    if not typed:
        return "", ""
    text = typed.lower().removesuffix(" ago")
    try:
        return parse_period(text, parse_time(now))
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
    """What the template of the bar shows. Paths begin behind Datasette's base URL.

    ``has_outlet_field``: there are too many outlets to list; ``outlets`` are those chosen.
    """

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
    has_every: bool = False
    total: str = ""  # in words: "1,284 articles", "more than 10,000 changes"
    downloads: tuple[Chip, ...] = field(default=())  # CSV, JSON, Feed
    alert_command: str = ""
    has_outlet_field: bool = False
    download_note: str = ""


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
    has_every: bool = False,
    total: str = "",
    downloads: Sequence[tuple[str, str]] = (),
    download_note: str = "",
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

    has_outlet_field = len(outlet_names) > MAX_LISTED_OUTLETS
    listed = [one for one in outlet_names if one[0] in chosen.outlets]
    labels = {
        "outlets": dict(outlet_names),
        "kinds": dict(kinds),
        "classes": dict(classes),
        "states": dict(states),
    }
    return FilterBar(
        path,
        chosen,
        placeholder,
        options(listed if has_outlet_field else outlet_names, chosen.outlets),
        tuple(_list_presets(path, chosen)),
        tuple(_list_chips(path, chosen, labels, now)),
        options(kinds, chosen.kinds),
        options(classes, chosen.classes),
        options(states, chosen.states),
        options(sorts, (chosen.sort or (sorts[0][0] if sorts else ""),)),
        has_silent,
        has_every,
        total,
        tuple(Chip(label, chosen.address(target)) for label, target in downloads),
        "" if alert_kinds is None else chosen.make_alert_command(now, alert_kinds),
        has_outlet_field,
        download_note,
    )


def _list_presets(path: str, chosen: ListFilter) -> Iterable[Chip]:
    """Names of times; the one that is chosen without an address."""
    for name, (since, until) in PRESETS.items():
        is_chosen = (chosen.since, chosen.until) == (since, until)
        href = chosen.address(path, since=since, until=until)
        yield Chip(name, "" if is_chosen else href)


def _list_chips(
    path: str, chosen: ListFilter, labels: dict[str, dict[str, str]], now: str
) -> Iterable[Chip]:
    """Each condition that holds. ``labels``: of the values of each parameter."""
    parts = list_parts(chosen.q, now) if chosen.q and now else [(chosen.q, "")]
    for label, rest in parts if chosen.q else ():
        yield Chip(label, chosen.address(path, q=rest))
    yield from _list_time_chips(path, chosen)
    for name, label_by_value in labels.items():
        values: tuple[str, ...] = getattr(chosen, name)
        if len(values) > MAX_CHIPS:
            yield Chip(f"{len(values)} {name}", chosen.address(path, **{name: ()}))
            continue
        for value in values:
            others = tuple(one for one in values if one != value)
            label = label_by_value.get(value, value)
            yield Chip(label, chosen.address(path, **{name: others}))
    if chosen.silent:
        yield Chip("unacknowledged", chosen.address(path, silent=False))
    if chosen.every:
        yield Chip("every version", chosen.address(path, every=False))


def _list_time_chips(path: str, chosen: ListFilter) -> Iterable[Chip]:
    period = (chosen.since, chosen.until)
    presets = {times: name for name, times in PRESETS.items()}
    if period in presets or (chosen.since and chosen.since == chosen.until):
        label = presets.get(period, chosen.since)
        yield Chip(label, chosen.address(path, since="", until=""))
        return
    if chosen.since:
        yield Chip(f"from {chosen.since}", chosen.address(path, since=""))
    if chosen.until:
        yield Chip(f"to {chosen.until}", chosen.address(path, until=""))
