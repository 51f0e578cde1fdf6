"""How ``harvest diff`` prints a difference on a terminal: marks, colours, line breaks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import click

from harvester.cli.output import (
    clean,
    format_table,
    print_note,
    print_text,
    table_width,
)
from harvester.cli.table_layout import display_width
from harvester.render.difference import (
    Block,
    Difference,
    compare_paragraphs,
    list_field_blocks,
    list_sentence_blocks,
)
from harvester.render.page import describe_times
from harvester.render.side_by_side import Run

MAX_COLUMNS = 100  # of a line of text, however wide the terminal is
_STYLES = {"-": ("[-", "-]", "red"), "+": ("{+", "+}", "green")}
_PIECE_PATTERN = re.compile(r"\s+|\S+")


def print_head(difference: Difference) -> None:
    """Print which article and versions are compared, and what kind of change it is."""
    title = clean(difference.title or difference.title_before) or "(no title)"
    print_lines([("bold", title)])
    print_text(f"{clean(difference.outlet)}  {clean(difference.url)}")
    for head, colour in ((difference.before, "red"), (difference.after, "green")):
        name = click.style(f"version {head.number}", fg=colour)
        print_text(f"{name}  {describe_times(head)}")
    print_text(clean(difference.describe()))


def print_difference(difference: Difference, form: str | None) -> None:
    """Print the head and what changed; ``form``: word, full, or None for sentences."""
    print_head(difference)
    blocks = list_field_blocks(difference.fields)
    if form in ("word", "full"):
        for block in blocks:
            _print_block(block)
        _print_paragraphs(difference, fold=form == "word")
        return
    blocks += list_sentence_blocks(
        difference.changed, difference.removed, difference.added, difference.moved
    )
    for block in blocks:
        _print_block(block)
    if not blocks:
        print_note("no significant differences")


def _print_block(block: Block) -> None:
    print_text()
    if block.label:
        whole = block.sign in ("-", "+")  # marked by its label
        runs: list[Run] = list(block.runs)
        if whole:
            runs = [("=", text) for _, text in runs]
        colour = _STYLES[block.sign][2] if whole else ""
        print_lines([("", f"{block.label}: "), *_mark(runs, colour)])
        return
    if block.sign in ("-", "+"):
        colour = _STYLES[block.sign][2]
        text = "".join(words for _, words in block.runs)
        print_lines([(colour, f"{block.sign} {clean(text)}")], indent="  ")
    elif block.sign == ">":
        text = "".join(words for _, words in block.runs)
        print_lines([("dim", f"> {clean(text)}  (moved)")], indent="  ")
    else:
        print_lines([("", f"{block.sign} "), *_mark(block.runs)], indent="  ")


def _print_paragraphs(difference: Difference, fold: bool) -> None:
    for line in compare_paragraphs(difference, fold):
        if line.kind == "…":
            print_text()
            print_lines([("dim", f"… {line.unchanged_count} unchanged")])
            continue
        if not any(text.strip() for _, text in line.runs):
            continue
        print_text()
        if line.moved:
            way = "from here" if line.kind == "-" else "to here"
            text = "".join(words for _, words in line.runs)
            print_lines([("dim", f"> {clean(text)}  (moved {way})")], indent="  ")
        else:
            print_lines(_mark(line.runs))


def _mark(runs: Iterable[Run], colour: str = "") -> list[tuple[str, str]]:
    """Runs with marks around removed and added words, also without colours."""
    marked = []
    for sign, words in runs:
        text = _clean_run(words)
        if sign == "=":
            marked.append((colour, text))
        else:
            begin, end, own = _STYLES[sign]
            marked.append((own, f"{begin}{text}{end}"))
    return marked


def _clean_run(words: str) -> str:
    """Cleaned, with one space kept at either end."""
    before = " " if words[:1].isspace() else ""
    after = " " if words.strip() and words[-1:].isspace() else ""
    return f"{before}{clean(words)}{after}"


def print_lines(parts: Sequence[tuple[str, str]], indent: str = "") -> None:
    """Print styled text, broken between words where a terminal's line ends."""
    columns = table_width()
    width = None if columns is None else min(columns, MAX_COLUMNS) - 1
    for line in wrap_styled(parts, width, indent):
        print_text("".join(_style(name, text) for name, text in line).rstrip())


def _style(name: str, text: str) -> str:
    if name == "bold":
        return click.style(text, bold=True)
    if name == "dim":
        return click.style(text, dim=True)
    return click.style(text, fg=name) if name else text


def wrap_styled(
    parts: Sequence[tuple[str, str]], width: int | None, indent: str = ""
) -> list[list[tuple[str, str]]]:
    """Lines of (style, text) of at most ``width`` columns; longer words stand alone.

    ``indent``: before every line but the first.
    """
    if width is None:
        return [list(parts)]
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0
    for word in _split_words(parts):
        size = sum(display_width(text) for _, text in word)
        is_space = all(text.isspace() for _, text in word)
        if used + size > width and used > len(indent) * (len(lines) > 1):
            while lines[-1] and lines[-1][-1][1].isspace():
                lines[-1].pop()
            lines.append([("", indent)] if indent else [])
            used = len(indent)
            if is_space:
                continue
        lines[-1] += word
        used += size
    return lines


def _split_words(
    parts: Sequence[tuple[str, str]],
) -> Iterable[list[tuple[str, str]]]:
    """Words and the spaces between them; a word may have parts of several styles."""
    word: list[tuple[str, str]] = []
    for style, text in parts:
        for piece in _PIECE_PATTERN.findall(text):
            if piece.isspace():
                if word:
                    yield word
                yield [(style, piece)]
                word = []
            else:
                word.append((style, piece))
    if word:
        yield word


def print_numbers(steps: Sequence[dict[str, Any]]) -> None:
    """Print a line of numbers for each step from one version to the next."""
    headers = [
        "versions",
        "at",
        "class",
        "acknowledged",
        "words",
        "changed",
        "removed",
        "added",
        "moved",
        "fields",
    ]
    rows = []
    for step in steps:
        sentences = step["sentences"]
        rows.append(
            [
                f"{step['before']}..{step['after']}",
                (step.get("at") or "")[:16].replace("T", " "),
                step["class"],
                "yes" if step["admitted"] else "no",
                step["size"],
                *(len(sentences[name]) for name in ("changed", "removed", "added")),
                len(step["moved"]),
                ", ".join(step["fields"]),
            ]
        )
    print_text()
    print_text(format_table(rows, headers))
