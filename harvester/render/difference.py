"""What differs between two versions, as blocks of words in the order to be shown. Pure.

Forms (``page``, ``markdown``, ``feeds``, and the command line) only decide how a block
looks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harvester.render import side_by_side
from harvester.render.side_by_side import Run

Sign = Literal["~", "-", "+", ">", "="]

TIME_FIELDS = frozenset({"published", "modified", "published_local", "modified_local"})
FIELD_NAMES = {"published_local": "published there", "modified_local": "modified there"}
# Of the words of two texts, the share that both have; below it one is a new text.
MIN_SHARED_WORDS = 0.4
ACKNOWLEDGEMENTS = {
    "modified": "acknowledged by a new modification date",
    "note": "acknowledged by a correction note",
    "line": "acknowledged by a line that says when it was updated",
    "post": "new posts of a live blog",
}
_WORD_PATTERN = re.compile(r"\w+")
_TIME_PATTERN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class VersionHead:
    """A version, and from when to when it was seen (UTC)."""

    number: int
    first_seen: str
    last_seen: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Two versions of an article, and what differs."""

    title: str  # after
    title_before: str
    outlet: str  # its name
    url: str  # as people may see it
    article: str  # its key
    language: str
    before: VersionHead
    after: VersionHead
    change_class: str
    size: int
    acknowledgement: str | None  # "": unacknowledged; None: the same version
    back: bool
    fields: Mapping[str, Sequence[Any]]  # name → before, after
    added: Sequence[str] = ()
    removed: Sequence[str] = ()
    changed: Sequence[Sequence[str]] = ()  # before, after
    moved: Sequence[str] = ()
    text_before: str = ""
    text: str = ""

    def describe(self) -> str:
        """The class, the size, and whether the outlet acknowledged the change."""
        if self.before.number == self.after.number:
            return "one version, compared with itself"
        return describe_change(
            self.change_class, self.size, self.acknowledgement, self.back
        )


@dataclass(frozen=True, slots=True)
class Block:
    """A field or a sentence that changed: runs of words.

    ``sign``: changed within, removed, added, moved, or "=" where the runs say it all.
    """

    sign: Sign
    runs: tuple[Run, ...]
    label: str = ""  # of a field


def describe_change(
    change_class: str, size: int | None, acknowledgement: str | None, back: bool
) -> str:
    """A change in a line: "substantive, 5 words; unacknowledged"."""
    came_back = ", an earlier version came back" if back else ""
    words = "" if size is None else f", {size} {'word' if size == 1 else 'words'}"
    admitted = ACKNOWLEDGEMENTS.get(acknowledgement or "", "unacknowledged")
    return f"{change_class or 'not classified yet'}{came_back}{words}; {admitted}"


def list_field_blocks(fields: Mapping[str, Sequence[Any]]) -> list[Block]:
    """The fields that changed; the title first."""
    names = sorted(fields, key=lambda name: name != "title")
    return [
        block
        for name in names
        if len(fields[name]) == 2
        for block in _compare_field(name, *fields[name])
    ]


def list_sentence_blocks(
    changed: Sequence[Sequence[str]],
    removed: Sequence[str],
    added: Sequence[str],
    moved: Sequence[str],
) -> list[Block]:
    """The sentences that changed: rewritten ones, removed, added, moved ones."""
    blocks = [
        Block("~", tuple(compare_words(before, after))) for before, after in changed
    ]
    blocks += [Block("-", (("-", sentence),)) for sentence in removed]
    blocks += [Block("+", (("+", sentence),)) for sentence in added]
    return blocks + [Block(">", (("=", sentence),)) for sentence in moved]


def compare_words(before: str, after: str) -> list[Run]:
    """Two sentences word by word, on one line each."""
    return side_by_side.compare_words(" ".join(before.split()), " ".join(after.split()))


def compare_paragraphs(difference: Difference, fold: bool) -> list[side_by_side.Line]:
    """The paragraphs of both texts in order; ``fold``: without those far from changes."""
    lines = side_by_side.compare_texts(difference.text_before, difference.text)
    return side_by_side.fold_unchanged(lines) if fold else lines


def _compare_field(name: str, before: Any, after: Any) -> list[Block]:
    label = FIELD_NAMES.get(name, name)
    if name in TIME_FIELDS or (_is_time(before) and _is_time(after)):
        times = f"{_format_time(before)} → {_format_time(after)}"
        return [Block("=", (("=", times),), label)]
    if isinstance(before, list | tuple) or isinstance(after, list | tuple):
        return [_compare_lists(label, before or (), after or ())]
    old, new = format_value(before), format_value(after)
    if old and new and is_rewritten(old, new):
        return [
            Block("-", (("-", old),), f"{label} before"),
            Block("+", (("+", new),), f"{label} now"),
        ]
    return [Block("~", tuple(compare_words(old, new)), label)]


def is_rewritten(before: str, after: str) -> bool:
    """Whether two texts share so few words that marks between them would confuse."""
    old, new = (set(_WORD_PATTERN.findall(text.casefold())) for text in (before, after))
    if not old or not new:
        return True
    return 2 * len(old & new) / (len(old) + len(new)) < MIN_SHARED_WORDS


def _compare_lists(label: str, before: Any, after: Any) -> Block:
    """Members of a list that went and came; one that changed stands for itself."""
    old, new = _members(before), _members(after)
    parts: list[Run] = [("-", member) for member in old if member not in new]
    parts += [("+", member) for member in new if member not in old]
    if not parts:
        parts = [("=", f"in another order: {', '.join(new)}")]
    runs: list[Run] = []
    for part in parts:
        runs += [("=", ", "), part] if runs else [part]
    return Block("~", tuple(runs), label)


def _members(value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else [value]
    return [format_value(member) for member in values]


def format_value(value: object) -> str:
    """The value of a field in a line."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(map(format_value, value))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join(text.split())


def _is_time(value: object) -> bool:
    return isinstance(value, str) and _TIME_PATTERN.match(value) is not None


def _format_time(value: object) -> str:
    """A time to the minute: "2025-09-06 07:00 UTC"; "(none)" where there is none."""
    text = format_value(value)
    if not text:
        return "(none)"
    if not _is_time(text):
        return text
    zone = " UTC" if text.endswith("Z") else text[19:] if len(text) > 19 else ""
    return f"{text[:16].replace('T', ' ')}{zone}"
