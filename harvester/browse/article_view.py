"""What an article's page shows: a version or a comparison, history, fields. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harvester.archive.queries.full_article import FullArticle
from harvester.render import side_by_side
from harvester.render.side_by_side import Line, Run

MAX_COMPARED_VERSIONS = 6  # compared on the page; the others behind a link


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions of one article."""

    before: int
    after: int
    title: list[Run]  # empty if the title is the same
    lines: list[Line]
    removed_words: int
    added_words: int


@dataclass(frozen=True, slots=True)
class ArticleView:
    """What the template of an article shows."""

    article: FullArticle
    comparison: Comparison | None  # as requested; None: one version is shown
    # newest first, each version with its difference from the one before
    history: list[tuple[dict[str, Any], Comparison | None]]
    field_changes: list[tuple[str, str, str, str]]  # time, field, before, after
    removal: dict[str, Any] | None  # the event, if the article is removed or suspect
    sources: list[tuple[str, str]]


def build_article_view(
    article: FullArticle,
    number: int | None,
    from_number: int | None,
    to_number: int | None,
) -> ArticleView:
    """The view of one version, or of two compared if ``from_number`` or ``to_number``."""
    by_number = {row["version"]: row for row in article.history}
    comparison = None
    if from_number is not None or to_number is not None:
        before = from_number if from_number is not None else (to_number or 2) - 1
        after = to_number if to_number is not None else article.row["version"]
        comparison = compare_versions(by_number.get(before), by_number.get(after))
    history = []
    for row in reversed(article.history):
        history.append(
            (row, compare_versions(by_number.get(row["version"] - 1), row, fold=True))
        )
    removals = [
        state for state in article.states if state["kind"] in ("removed", "suspect")
    ]
    return ArticleView(
        article,
        comparison,
        history,
        [
            (change.at, *field)
            for change in article.field_changes
            for field in _format_field_changes(change.fields)
        ],
        removals[-1]
        if removals and article.row["state"] in ("removed", "suspect")
        else None,
        sorted(article.shown["sources"].items()),
    )


def compare_versions(
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    fold: bool = False,
) -> Comparison | None:
    """Compare two versions (title and text); None if the text of one was not loaded."""
    if (
        before is None
        or after is None
        or before["text"] is None
        or after["text"] is None
    ):
        return None
    title = (
        side_by_side.compare_words(before["title"], after["title"])
        if before["title"] != after["title"]
        else []
    )
    lines = side_by_side.compare_texts(before["text"], after["text"])
    removed, added = side_by_side.count_changed_words([*lines, Line("~", tuple(title))])
    return Comparison(
        before["version"],
        after["version"],
        title,
        side_by_side.fold_unchanged(lines) if fold else lines,
        removed,
        added,
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
