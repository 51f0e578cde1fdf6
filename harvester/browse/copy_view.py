"""What the pages of copies show: lags, shares, and a copy beside the first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.archive.queries.clusters import ComparedVersion, FollowCount
from harvester.browse import phrasing
from harvester.identity import near_duplicates
from harvester.identity.copied_words import MarkedText, Piece, mark_copied
from harvester.render import side_by_side
from harvester.render.plots.flow import Flow
from harvester.render.side_by_side import Run
from harvester.schedule.times import parse_time

CONTEXT_ROWS = 1  # alike, around one that is not


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph of the first article beside one of the copy; [] where there is none.

    ``is_same``: both say the same. ``folded``: so many rows that do, in place of them.
    """

    first: list[Run]
    copy: list[Run]
    is_same: bool = False
    folded: int = 0


@dataclass(frozen=True, slots=True)
class CopyComparison:
    """A copy beside the first article, paragraph by paragraph."""

    first: ComparedVersion
    copy: ComparedVersion
    title: list[Run]  # empty if they are the same
    rows: list[Row]
    words: int  # of the copy
    own_words: int
    first_words: int
    left_out_words: int
    share: str  # of the copy's words, in per cent, as in the table
    own: str
    taken: str


def compare_copy(copy: ComparedVersion, first: ComparedVersion) -> CopyComparison:
    """What a copy took, left out and added: words counted as for its share."""
    marked, marked_first = mark_copied(
        near_duplicates.tokenise(copy.title, copy.text),
        near_duplicates.tokenise(first.title, first.text),
    )
    title = []
    if copy.title != first.title:
        title = side_by_side.compare_words(first.title, copy.title)
    return CopyComparison(
        first,
        copy,
        title,
        _align(marked_first, marked),
        marked.words,
        marked.own_words,
        marked_first.words,
        marked_first.own_words,
        format_share(marked.share),
        format_own_share(marked.share),
        format_share(marked_first.share),
    )


def _align(first: MarkedText, copy: MarkedText) -> list[Row]:
    """Paragraphs of both in order, those beside each other that are alike."""
    texts = ["\n".join(_join(line) for line in one.lines) for one in (first, copy)]
    old = [_mark(line, "-") for line in first.lines]
    new = [_mark(line, "+") for line in copy.lines]
    if len(old) + len(new) > side_by_side.MAX_LINES:
        return [*(Row(line, []) for line in old), *(Row([], line) for line in new)]
    rows: list[Row] = []
    old_place = new_place = 0
    for line in side_by_side.compare_texts(*texts):
        has_old, has_new = line.kind != "+", line.kind != "-"
        left = old[old_place] if has_old and old_place < len(old) else []
        right = new[new_place] if has_new and new_place < len(new) else []
        rows.append(Row(left, right, _are_same(left, right)))
        old_place += has_old
        new_place += has_new
    return _fold(rows)


def _are_same(first: Sequence[Run], copy: Sequence[Run]) -> bool:
    """Whether nothing is marked, and the words are the same."""
    return (
        bool(first)
        and first == copy
        and all(sign == "=" for sign, _ in (*first, *copy))
    )


def _fold(rows: Sequence[Row]) -> list[Row]:
    """The rows that differ with those around them; one stands for all others between."""
    near = {
        index + step
        for index, row in enumerate(rows)
        if not row.is_same
        for step in range(-CONTEXT_ROWS, CONTEXT_ROWS + 1)
    }
    folded: list[Row] = []
    for index, row in enumerate(rows):
        if index in near:
            folded.append(row)
        elif folded and folded[-1].folded:
            folded[-1] = Row([], [], True, folded[-1].folded + 1)
        else:
            folded.append(Row([], [], True, 1))
    return folded


def _join(line: Sequence[Piece]) -> str:
    return "".join(text for _, text in line)


def _mark(line: Sequence[Piece], sign: side_by_side.Sign) -> list[Run]:
    return [(sign if is_own else "=", text) for is_own, text in line]


def format_share(share: float | None) -> str:
    """A share in per cent; "" where it is not known."""
    return "" if share is None else f"{share * 100:.0f} %"


def format_own_share(share: float | None) -> str:
    """The rest of a share, so that both are a hundred."""
    return "" if share is None else f"{100 - int(f'{share * 100:.0f}')} %"


def format_lag(first_seen: str, seen: str) -> str:
    """How much later, as in 35 min, 2 h 10 min, 3 days 4 h."""
    seconds = (parse_time(seen) - parse_time(first_seen)).total_seconds()
    return describe_lag(seconds)


def describe_lag(seconds: float) -> str:
    """A time span as in 35 min, 2 h 10 min, 3 days 4 h."""
    minutes = round(max(seconds, 0) / 60)
    days, hours, minutes = minutes // 1_440, minutes % 1_440 // 60, minutes % 60
    if days:
        parts = [phrasing.pluralize(days, "day"), f"{hours} h" if hours else ""]
    elif hours:
        parts = [f"{hours} h", f"{minutes} min" if minutes else ""]
    else:
        return f"{minutes} min" if minutes else "at once"
    return " ".join(filter(None, parts))


def make_flows(followers: Sequence[FollowCount]) -> list[Flow]:
    """Who follows whom, as it is drawn."""
    return [
        Flow(one.first, one.later, one.count, describe_lag(one.lag_seconds))
        for one in followers
    ]
