"""What a list is filtered by: an address says it, and is read as the same again."""

from __future__ import annotations

import shlex
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.browse import list_filter
from harvester.browse.list_filter import ListFilter, build_bar, read_filter
from harvester.cli.alerts import add
from harvester.errors import QueryError
from harvester.query import parse_query
from harvester.query.text import to_text
from harvester.query.tree import Times, Value, Words
from harvester.schedule.times import parse_time

NOW = "2026-03-04T12:30:00Z"  # a Wednesday
KINDS, SORTS = ("edited", "removed"), ("best", "newest")
NAMES = (
    "q",
    "from",
    "to",
    "outlet",
    "class",
    "state",
    "kind",
    "silent",
    "every",
    "sort",
    "after",
)

# Words as people type them, operators and fields, and anything else.
TYPED = (
    'flood -storm NOT OR ( ) "the_old_bridge" elect* outlet:mpi removed:x is:silent '
    "published:yesterday class:typo https://courier.example/a title:(a_b) 洪水"
).split()
queries = st.lists(st.sampled_from(TYPED) | st.text(max_size=8), max_size=6).map(
    " ".join
)
times = st.sampled_from(
    [
        "",
        "today",
        "yesterday",
        "2026-02",
        "2026-02-30",
        "7 days ago",
        "last week",
        "0001",
    ]
) | st.text(max_size=12)
values = (
    queries
    | times
    | st.sampled_from(["mpi", "1", "removed", "typo", "post", "best", "online"])
)
addresses = st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=12)


def read(address: str) -> ListFilter:
    query = urlsplit(address).query
    return read_filter(parse_qsl(query, keep_blank_values=True), KINDS, SORTS)


@given(addresses)
def test_an_address_is_read_as_what_it_was_made_of(
    arguments: list[tuple[str, str]],
) -> None:
    chosen = read_filter(arguments, KINDS, SORTS)
    again = read(chosen.address("/-/search", after=chosen.after))
    assert again == chosen
    assert read(chosen.address("/-/search")).after == ""


@given(addresses)
def test_any_address_makes_a_bar_and_a_query_or_a_message(
    arguments: list[tuple[str, str]],
) -> None:
    chosen = read_filter(arguments, KINDS, SORTS)
    try:
        chosen.make_tree(NOW)
        since, until = chosen.read_times(NOW)
    except QueryError as error:
        assert "\n" not in str(error)
    else:
        assert not (since and until) or since < until
    bar = build_bar(
        "/-/search", chosen, [("mpi", "MPI")], alert_kinds=("new",), now=NOW
    )
    for chip in bar.chips:  # without one condition, nothing else comes or stays
        rest = read(chip.href)
        assert rest != chosen
        assert len(rest.list_parameters()) <= len(chosen.list_parameters())


@given(addresses)
def test_the_command_makes_an_alert_of_the_same_query(
    arguments: list[tuple[str, str]],
) -> None:
    chosen = read_filter(arguments, KINDS, SORTS)
    line = chosen.make_alert_command(NOW, ("new", "edit"))
    if not line:
        return
    words = shlex.split(line)
    assert words[:3] == ["harvest", "alerts", "add"]
    given_options = add.make_context("add", words[3:], resilient_parsing=False).params
    assert given_options["kinds"] == ("new,edit",)
    untimed = ListFilter(
        q=chosen.q,
        outlets=chosen.outlets,
        classes=chosen.classes,
        states=chosen.states,
        silent=chosen.silent,
    )
    tree = untimed.make_tree(NOW)
    text = given_options["query"]
    assert bool(tree) == bool(text)
    if tree is not None:
        assert to_text(parse_query(text, parse_time(NOW))) == to_text(tree)


def test_what_is_chosen_is_one_query() -> None:
    chosen = ListFilter(
        q="flood -storm",
        since="yesterday",
        until="today",
        outlets=("mpi", "courier"),
        states=("removed",),
        silent=True,
    )
    tree = chosen.make_tree(NOW)
    assert tree is not None
    assert to_text(tree) == (
        "flood (outlet:mpi OR outlet:courier) is:removed is:silent "
        'published:"2026-03-03..2026-03-04" -storm'
    )
    of_changes = chosen.make_tree(NOW, is_timed=False)
    assert of_changes is not None
    assert to_text(of_changes) == (
        "flood (outlet:mpi OR outlet:courier) is:removed -storm"
    )
    assert chosen.read_times(NOW) == ("2026-03-03T00:00:00Z", "2026-03-05T00:00:00Z")
    assert ListFilter().make_tree(NOW) is None
    assert ListFilter(outlets=("mpi",)).make_tree(NOW) == Value("outlet", "mpi", 1)
    assert ListFilter(q="flood").make_tree(NOW) == Words("flood", 1)


def test_days_are_compared_with_days() -> None:
    """Of many articles only the day of publication is known, without a clock time."""
    chosen = ListFilter(since="2026-02", until="2026-02")
    assert chosen.make_tree(NOW) == Times("published", "2026-02-01", "2026-03-01", 1)


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (ListFilter(since="whenever"), "from: 'whenever' is no time"),
        (ListFilter(until="2026-13"), "to: '2026-13' is no time"),
        (ListFilter(since="today", until="yesterday"), "from: it is not before to:"),
        (ListFilter(q="(flood"), "a bracket is never closed"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(
    chosen: ListFilter, message: str
) -> None:
    with pytest.raises(QueryError, match=message.replace("(", r"\(")):
        chosen.make_tree(NOW)


def test_the_bar_takes_away_one_condition_at_a_time() -> None:
    chosen = ListFilter(
        q="flood section:politics -storm",
        since="7 days",
        outlets=("mpi", "courier"),
        kinds=("removed",),
    )
    bar = build_bar(
        "/-/changes",
        chosen,
        [("mpi", "Médias-Presse-Info"), ("courier", "The Arle Courier")],
        kinds=[("removed", "removed by the outlet")],
        now=NOW,
    )
    rest = {chip.label: read(chip.href) for chip in bar.chips}
    assert list(rest) == [
        "flood",
        "section:politics",
        "not storm",
        "last 7 days",
        "Médias-Presse-Info",
        "The Arle Courier",
        "removed by the outlet",
    ]
    assert rest["flood"].q == "section:politics -storm"
    assert rest["not storm"].q == "flood section:politics"
    assert rest["last 7 days"].since == ""
    assert rest["Médias-Presse-Info"].outlets == ("courier",)
    assert rest["removed by the outlet"].kinds == ()
    chosen_preset = [one.label for one in bar.presets if not one.href]
    assert chosen_preset == ["last 7 days"]


def test_a_query_with_names_of_days_stays_as_it_was_typed() -> None:
    bar = build_bar("/", ListFilter(q="flood published:yesterday"), [], now=NOW)
    assert [chip.label for chip in bar.chips] == ["flood published:yesterday"]


def test_a_bar_does_not_grow_with_the_outlets() -> None:
    names = [(f"outlet{number}", f"Outlet {number}") for number in range(5_000)]
    keys = tuple(key for key, _ in names[: list_filter.MAX_VALUES])
    bar = build_bar("/-/search", ListFilter(outlets=keys), names, now=NOW)
    assert bar.has_outlet_field
    assert len(bar.outlets) == list_filter.MAX_VALUES
    assert [chip.label for chip in bar.chips] == ["100 outlets"]
    bar = build_bar("/-/search", ListFilter(), names[:60], now=NOW)
    assert not bar.has_outlet_field and len(bar.outlets) == 60


def test_commands_are_typed_as_they_are_shown() -> None:
    chosen = ListFilter(q='"it\'s $HOME" `x`', outlets=("mpi",))
    line = chosen.make_alert_command(NOW)
    text = shlex.split(line)[3]
    assert parse_query(text, parse_time(NOW)) is not None
    assert text.endswith("outlet:mpi") and "$HOME" in text
    assert ListFilter(outlets=('no"key',)).make_alert_command(NOW) == ""
    assert ListFilter(q="(").make_alert_command(NOW) == ""
    assert ListFilter(since="2026-02").make_alert_command(NOW, ("removed",)) == (
        "harvest alerts add --on removed --to file:alerts.jsonl"
    )
