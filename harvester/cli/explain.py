"""Print how a page was extracted: for ``harvest check --explain`` and ``teach``.

Does not decide about blocks; see ``parse.explain``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.output import clean, pluralize, print_text, terminal_width, truncate

if TYPE_CHECKING:
    from harvester.model import BlockDecision, Extract

# Dropped blocks that are as improbable as this, such as menus, are folded into one line
# if so many follow each other.
MAX_FOLDED_PROBABILITY = 0.2
MIN_FOLDED_BLOCKS = 3
NAME_COLUMNS, REASON_COLUMNS = 28, 28
MIN_TEXT_COLUMNS = 24
# Reasons that need not be shown for each block.
_ROUTINE_REASONS = ("model", "place", "profile", "rule", "trafilatura")
_METHOD_LABELS = {
    "model": "the model scored the blocks of the page",
    "profile": "the outlet's profile knows the position of every block; the model is "
    "skipped",
    "trafilatura": "the model is very uncertain, or the settings choose trafilatura",
    "rule": "the outlet's rules in settings.toml",
    "baseline": "the last resort: nothing on the page looks like text",
    "json-ld": "JSON-LD, as the page itself has no text",
    "state": "the data of the page's scripts, as the page itself has no text",
    "plain": "the page is plain text",
    "": "no text found",
}
_REASON_LABELS = {
    "standfirst": "model: a standfirst",
    "repeated line": "the outlet repeats this line",
    "labelled line": "repeated, labelled as article",
    "frame": "frame: headline or byline",
    "trafilatura": "trafilatura instead",
    "baseline": "last resort",
}


def block_records(blocks: Sequence[BlockDecision]) -> list[dict[str, Any]]:
    """The blocks as records. ``place`` is null if a rule removed it from the page."""
    return [
        {
            "place": block.index if block.index >= 0 else None,
            "mark": block.text_hash,
            "kept": block.kept,
            "opinion": block.probability,
            "model": block.model_probability,
            "reason": block.reason,
            "because": describe_reason(block),
            "tag": block.element,
            "text": block.text,
            "pages": block.position_pages,
            "share": block.position_share,
            "rule": block.selector,
            "weighed": [
                {"what": feature, "weight": weight}
                for feature, weight in block.top_features
            ],
        }
        for block in blocks
    ]


def describe_reason(block: BlockDecision) -> str:
    """The reason in a few words."""
    pages = pluralize(block.position_pages, "page")
    if block.reason == "place":
        return f"position: {block.position_share:.0%} article, {pages}"
    if block.reason == "profile":
        return (
            f"position: {block.position_share:.0%} read, {pages}"
            if block.position_pages
            else "unknown position"
        )
    if block.reason == "rule":
        return f"rule: remove {block.selector}" if block.selector else "rule: text"
    return _REASON_LABELS.get(block.reason, block.reason)


# ---- for people


def print_summary(
    extract: Extract,
    blocks: Sequence[BlockDecision],
    profile: Mapping[str, Any] | None,
    outlet: str,
) -> None:
    """Print what was extracted, how, with what certainty, and what was not used."""
    from harvester.identity.urls import mask_secrets

    print_text(click.style(clean(extract.title) or "(no title)", bold=True))
    method = f"{extract.method or 'nothing'}: {_METHOD_LABELS.get(extract.method, '')}"
    _print_field("text by", method)
    if extract.method in ("model", "trafilatura"):
        _print_field(
            "uncertainty",
            f"{extract.doubt:.3f} (share of words that the model expects to be wrong)",
        )
    if extract.method == "model":
        lowest = min((block.probability for block in blocks if block.kept), default=1.0)
        _print_field(
            "kept",
            f"the most probable blocks, down to {lowest:.2f}: "
            "together they are expected to be closest to the text",
        )
    _print_field("profile", _describe_profile(profile, outlet))
    why = f": {extract.why}" if extract.why else ""
    _print_field("kind", f"{extract.kind}, access {extract.access}{why}")
    if "cut" in extract.sources:
        _print_field("cut", extract.sources["cut"])
    for name, source in extract.sources.items():
        value = getattr(extract, name, None)
        if name != "text" and value:
            text = "; ".join(value) if isinstance(value, tuple) else str(value)
            _print_field(name, f"{mask_secrets(text)}  ({source})")
    for statement in extract.statements:
        why = f": rejected, {statement.refused}" if statement.refused else ""
        _print_field(
            f"  not {statement.field}",
            f"{mask_secrets(statement.value)}  ({statement.source}{why})",
            dim=True,
        )


def _describe_profile(profile: Mapping[str, Any] | None, outlet: str) -> str:
    if profile:
        labelled = (
            f", {profile['labelled']} of them with the true text"
            if profile["labelled"]
            else ""
        )
        alone = "; may decide alone" if profile["sure"] else ""
        pages = pluralize(profile["pages"], "page")
        return f"{profile['name']} of {outlet}, learned from {pages}{labelled}{alone}"
    return (
        f"none of {outlet}"
        if outlet
        else "none: the URL belongs to no outlet of the settings (see --outlet)"
    )


def _print_field(name: str, value: str, dim: bool = False) -> None:
    text = _fit_line(clean(value), 18)
    label = click.style(f"{name:<16}", dim=True)
    print_text(f"{label}  {click.style(text, dim=True) if dim else text}")


def print_blocks(
    blocks: Sequence[BlockDecision],
    corrections: Mapping[int, bool] | None = None,
    show_all: bool = False,
    show_weights: bool = False,
) -> None:
    """Print one line a block.

    ``corrections``: whether a person keeps the block at an index. ``show_all``: fold
    nothing. ``show_weights``: with the most important features.
    """
    for run in _group_blocks(blocks, corrections or {}, show_all):
        if len(run) == 1:
            _print_block(run[0], corrections or {}, show_weights)
        else:
            _print_folded_run(run)


def _group_blocks(
    blocks: Sequence[BlockDecision], corrections: Mapping[int, bool], show_all: bool
) -> Iterator[list[BlockDecision]]:
    """Blocks one by one; runs of foldable blocks as one group."""
    run: list[BlockDecision] = []
    for block in blocks:
        if not show_all and _is_foldable(block) and block.index not in corrections:
            run.append(block)
            continue
        yield from _fold_run(run)
        run = []
        yield [block]
    yield from _fold_run(run)


def _fold_run(run: list[BlockDecision]) -> Iterator[list[BlockDecision]]:
    if len(run) >= MIN_FOLDED_BLOCKS:
        yield run
    else:
        yield from ([block] for block in run)


def _is_foldable(block: BlockDecision) -> bool:
    return (
        not block.kept
        and block.reason in _ROUTINE_REASONS
        and max(block.probability, block.model_probability) < MAX_FOLDED_PROBABILITY
    )


def _print_block(
    block: BlockDecision, corrections: Mapping[int, bool], show_weights: bool
) -> None:
    kept = corrections.get(block.index, block.kept)
    sign, colour = (
        ("+", "green")
        if kept
        else ("~", "yellow")
        if block.reason == "frame"
        else ("-", "red")
    )
    number = str(block.index) if block.index >= 0 else ""
    reason = (
        "your correction"
        if block.index in corrections and corrections[block.index] != block.kept
        else describe_reason(block)
    )
    probability = (
        f"{block.probability:4.2f}"
        if block.index >= 0 and block.reason != "trafilatura"
        else "    "
    )
    head = (
        f"{sign} {number:>4} {probability}"
        f"  {_fit_column(clean(reason), REASON_COLUMNS)}"
        f"  {_fit_column(clean(block.element), NAME_COLUMNS)}  "
    )
    text = _fit_line(clean(block.text[: 4 * terminal_width()]), len(head) + 1)
    print_text(
        click.style(head[:12], fg=colour)
        + click.style(head[12:], dim=True)
        + click.style(text, fg=colour)
    )
    if show_weights and block.top_features:
        parts = "; ".join(
            f"{feature} {weight:+.1f}" for feature, weight in block.top_features
        )
        print_text(click.style(f"{'':>14}{clean(parts)}", dim=True))


def _print_folded_run(run: list[BlockDecision]) -> None:
    indexes = [block.index for block in run if block.index >= 0]
    numbers = f"{indexes[0]}-{indexes[-1]}" if indexes else ""
    words = pluralize(sum(len(block.text.split()) for block in run), "word")
    head = f"- {numbers:>9}  {len(run)} blocks of {words}: "
    text = " · ".join(clean(block.text[:40]) for block in run[:12])
    print_text(click.style(f"{head}{_fit_line(text, len(head) + 1)}", dim=True))


def _fit_line(text: str, used_columns: int) -> str:
    """The text, cut to what is left of the terminal's width."""
    return truncate(text, max(MIN_TEXT_COLUMNS, terminal_width() - used_columns))


def _fit_column(text: str, columns: int) -> str:
    return f"{truncate(text, columns):<{columns}}"
