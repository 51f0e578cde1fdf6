"""A difference as Markdown (CommonMark), whose markup is ours alone. Pure.

Every character of the outlet's words that could be markup is escaped, at the beginning
of a line also what makes headings, lists and rules. Removed words are in ``<del>``,
added ones in ``<ins>``: marks of Markdown's own would depend on the characters beside
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from harvester.render.difference import (
    Block,
    Difference,
    list_field_blocks,
    list_sentence_blocks,
)
from harvester.render.page import clean, describe_times, safe_url
from harvester.render.side_by_side import Run

_SPECIAL_CHARACTERS = re.compile(r"[\\`*_\[\]<>&#|~!{}()$^=+@-]")
_AUTOLINK = re.compile(r"(?<=\w)(:(?=//)|\.(?=\S))", re.IGNORECASE)
_LIST_NUMBER = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
_TAGS = {"-": "del", "+": "ins"}


def escape_text(text: str) -> str:
    """Words on one line as Markdown that shows exactly them."""
    text = " ".join(clean(text).split())
    escaped = _SPECIAL_CHARACTERS.sub(lambda match: f"\\{match[0]}", text)
    escaped = _AUTOLINK.sub(lambda match: f"\\{match[0]}", escaped)
    return _LIST_NUMBER.sub(r"\1\\\2", escaped)


def render_url(url: str) -> str:
    """A URL as a link to itself, or only as words where it is not one to link to."""
    return f"<{url}>" if safe_url(url) else escape_text(url)


def render(difference: Difference, notice: str) -> str:
    """The head, and below it what changed."""
    title = escape_text(difference.title or difference.title_before) or "(no title)"
    head = [
        f"outlet: {escape_text(difference.outlet)}",
        f"address: {render_url(difference.url)}",
        f"article: {difference.article}",
        *(
            f"version {head.number}: {describe_times(head)}"
            for head in (difference.before, difference.after)
        ),
        f"change: {difference.describe()}",
    ]
    blocks = [
        *list_field_blocks(difference.fields),
        *list_sentence_blocks(
            difference.changed, difference.removed, difference.added, difference.moved
        ),
    ]
    lines = [f"# {title}", "\n".join(f"- {line}" for line in head)]
    lines += list(map(_render_block, blocks)) or ["no significant differences"]
    return "\n\n".join([*lines, f"*{escape_text(notice)}*"]) + "\n"


def _render_block(block: Block) -> str:
    label = f"**{escape_text(block.label)}:** " if block.label else ""
    note = "*moved:* " if block.sign == ">" else ""
    return f"{label}{note}{_render_runs(block.runs)}"


def _render_runs(runs: Iterable[Run]) -> str:
    parts = []
    for sign, words in runs:
        text = _escape_run(words)
        parts.append(
            f"<{_TAGS[sign]}>{text}</{_TAGS[sign]}>" if sign in _TAGS else text
        )
    return _LIST_NUMBER.sub(r"\1\\\2", "".join(parts).strip())


def _escape_run(words: str) -> str:
    """As ``escape_text``, with a space kept at either end."""
    before = " " if words[:1].isspace() else ""
    after = " " if words.strip() and words[-1:].isspace() else ""
    return f"{before}{escape_text(words)}{after}"
