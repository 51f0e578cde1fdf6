"""What an article's page shows: a version or a comparison, history, fields. Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harvester.archive.queries.full_article import FullArticle, NearDuplicate
from harvester.browse import article_timeline
from harvester.render import comparison, side_by_side
from harvester.render.comparison import Row
from harvester.render.plots.svg import Plot
from harvester.render.side_by_side import Run

MAX_COMPARED_VERSIONS = 6  # compared on the page; the others behind a link
MAX_HISTORY_CHARS = 3_000  # of one difference in the history; the rest behind a link


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """Two versions of one article, with what was moved; rows of ``history``."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    title: list[Run]  # empty if the title is the same
    rows: list[Row]
    removed_words: int
    added_words: int
    moved: int  # sentences
    description: str  # what the outlet did, "" for versions that are not neighbours
    clipped: bool = False  # there is more than the rows


@dataclass(frozen=True, slots=True)
class ArticleView:
    """What the template of an article shows."""

    article: FullArticle
    comparison: VersionComparison | None  # as requested; None: one version is shown
    side: bool  # side by side
    # newest first, each version with its difference from the one before
    history: list[tuple[dict[str, Any], VersionComparison | None]]
    field_changes: list[tuple[str, str, str, str]]  # time, field, before, after
    removal: dict[str, Any] | None  # the event, if the article is removed or suspect
    sources: list[tuple[str, str]]
    # Neighbours of what is shown: a version, or the two that are compared.
    previous: tuple[int, ...]
    following: tuple[int, ...]
    timeline: Plot | None
    copies: list[tuple[NearDuplicate, str, str]]  # lag, path of what it changed


def build_article_view(
    article: FullArticle,
    number: int | None,
    from_number: int | None,
    to_number: int | None,
    base: str = "",
    side: bool = False,
) -> ArticleView:
    """The view of one version, or of two compared if ``from_number`` or ``to_number``.

    ``base``: the path of our pages, before "/-/".
    """
    by_number = {row["version"]: row for row in article.history}
    compared = None
    if from_number is not None or to_number is not None:
        before = from_number if from_number is not None else (to_number or 2) - 1
        after = to_number if to_number is not None else article.row["version"]
        compared = compare_history(by_number.get(before), by_number.get(after))
    shown = article.shown["version"]
    previous, following = find_neighbours(compared, shown, by_number)
    return ArticleView(
        article,
        compared,
        side,
        [
            (
                {**row, "said": article_timeline.describe_version(row)},
                compare_history(by_number.get(row["version"] - 1), row, clip=True),
            )
            for row in reversed(article.history)
        ],
        [
            (change.at, *field)
            for change in article.field_changes
            for field in _format_field_changes(change.fields)
        ],
        _find_removal(article),
        sorted(article.shown["sources"].items()),
        previous,
        following,
        article_timeline.draw_timeline(article, base, shown),
        [
            (
                other,
                article_timeline.describe_lag(article, other),
                article_timeline.compare_path(article, other.key),
            )
            for other in article.duplicates
        ],
    )


def _find_removal(article: FullArticle) -> dict[str, Any] | None:
    if article.row["state"] not in ("removed", "suspect"):
        return None
    removals = [
        state for state in article.states if state["kind"] in ("removed", "suspect")
    ]
    return removals[-1] if removals else None


def find_neighbours(
    compared: VersionComparison | None, shown: int, numbers: Container[int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What is before and after a version, or after a comparison of two neighbours."""
    if compared is None:
        before: tuple[int, ...] = (shown - 1,)
        after: tuple[int, ...] = (shown + 1,)
    else:
        first, last = compared.before["version"], compared.after["version"]
        if last != first + 1:
            return (), ()
        before, after = (first - 1, first), (last, last + 1)
    return (
        before if all(number in numbers for number in before) else (),
        after if all(number in numbers for number in after) else (),
    )


def compare_history(
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    clip: bool = False,
) -> VersionComparison | None:
    """Two rows of a history compared; None if the text of one was not loaded.

    ``clip``: the changes alone, and only so much of them.
    """
    if before is None or after is None:
        return None
    if before["text"] is None or after["text"] is None:
        return None
    title = (
        side_by_side.compare_words(before["title"], after["title"])
        if before["title"] != after["title"]
        else []
    )
    rows = comparison.compare(before["text"], after["text"])
    removed, added = comparison.count_words([*rows, Row("~", runs=tuple(title))])
    description = ""
    if after["version"] == before["version"] + 1:
        description = article_timeline.describe_version(after)
    moved = comparison.count_moved(rows)
    shown = rows
    if clip:
        folded = comparison.fold(rows)
        shown = comparison.clip(folded, MAX_HISTORY_CHARS)
    is_clipped = clip and len(shown) < len(folded)
    return VersionComparison(
        before, after, title, shown, removed, added, moved, description, is_clipped
    )


def _format_field_changes(
    fields: Mapping[str, Sequence[Any]],
) -> list[tuple[str, str, str]]:
    """Changed fields: name, before, after."""
    return [
        (name, format_value(pair[0]), format_value(pair[1]))
        for name, pair in fields.items()
        if len(pair) == 2
    ]


def format_value(value: Any) -> str:
    """The value of a field, for people."""
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)
