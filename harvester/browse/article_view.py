"""An article's page in order: the wording shown, its history with the words that went and came, its state in words. Pure.

Not for: asking the archive (``questions``), nor for markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harvester.archive.queries.full_article import FullArticle
from harvester.archive.queries.overview import ArticleEvent
from harvester.browse import side_by_side
from harvester.browse.side_by_side import Line, Run

MAX_COMPARED_VERSIONS = 6  # neighbouring wordings of one article whose words are compared on its page; the others by a link


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two wordings of one article."""

    before: int
    after: int
    title: list[Run]  # empty where the title is the same
    lines: list[Line]
    removed_words: int  # words
    added_words: int


@dataclass(frozen=True, slots=True)
class ArticleView:
    """What the template of an article shows."""

    article: FullArticle
    comparison: (
        Comparison | None
    )  # two wordings that were asked for; else the text is shown
    history: list[
        tuple[dict[str, Any], Comparison | None]
    ]  # newest first, each against the wording before it
    field_changes: list[tuple[str, str, str, str]]  # when, which, before, after
    removal: dict[str, Any] | None  # since when it is gone
    sources: list[tuple[str, str]]


def build_article_view(
    article: FullArticle,
    number: int | None,
    from_number: int | None,
    to_number: int | None,
) -> ArticleView:
    """Everything in order. ``number``: the wording asked for; ``one`` and ``other``: two to be compared."""
    by_number = {row["version"]: row for row in article.history}
    asked = None
    if from_number is not None or to_number is not None:
        before = from_number if from_number is not None else (to_number or 2) - 1
        after = to_number if to_number is not None else article.row["version"]
        asked = compare_versions(by_number.get(before), by_number.get(after))
    history = []
    for row in reversed(article.history):
        history.append(
            (row, compare_versions(by_number.get(row["version"] - 1), row, fold=True))
        )
    gone = [
        state for state in article.states if state["kind"] in ("removed", "suspect")
    ]
    return ArticleView(
        article,
        asked,
        history,
        [
            (change.at, *one_field)
            for change in article.field_changes
            for one_field in _format_field_changes(change.fields)
        ],
        gone[-1] if gone and article.row["state"] in ("removed", "suspect") else None,
        sorted(article.shown["sources"].items()),
    )


def compare_versions(
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    fold: bool = False,
) -> Comparison | None:
    """Two wordings, rows with title and text, compared; None where the words of one are not at hand."""
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
    gone, come = side_by_side.count_changed_words([*lines, Line("~", tuple(title))])
    return Comparison(
        before["version"],
        after["version"],
        title,
        side_by_side.fold_unchanged(lines) if fold else lines,
        gone,
        come,
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
    """A field's value for people."""
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)


def preview_edit(event: ArticleEvent) -> list[Run]:
    """The first words that an edit took out and put in."""
    if event.title_before and event.title_after:
        return side_by_side.clip_runs(
            side_by_side.compare_words(event.title_before, event.title_after)
        )
    if event.changed_before is not None and event.changed_after is not None:
        return side_by_side.clip_runs(
            side_by_side.compare_words(event.changed_before, event.changed_after)
        )
    found: list[Run] = []
    if event.removed:
        found.append(("-", event.removed))
    if event.added:
        found += [("=", " "), ("+", event.added)] if found else [("+", event.added)]
    return side_by_side.clip_runs(found)
