"""Why a page reads as it does, for people and as records: used by ``harvest check --explain`` and ``harvest teach``.

Not for: what was decided of a block (``parse.explain``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.output import clean, print_text, terminal_width

if TYPE_CHECKING:
    from harvester.model import BlockDecision, Extract

MAX_FOLDED_PROBABILITY = (
    0.2  # dropped blocks that are as improbable as this are menus and the like …
)
MIN_FOLDED_BLOCKS = 3  # … and shown as one line where so many stand in a row
NAME_COLUMNS, REASON_COLUMNS = 28, 28  # columns of the terminal
MIN_TEXT_COLUMNS = 24
_ROUTINE_REASONS = (
    "model",
    "place",
    "profile",
    "rule",
    "trafilatura",
)  # reasons that need not be seen one by one
_METHOD_LABELS = {
    "model": "the model over the blocks of the page",
    "profile": "the outlet's profile alone: each block stands at a place that it knows, so the model was not asked",
    "trafilatura": "trafilatura, which finds quite another length of text where the model doubts, or is what the settings ask for",
    "rule": "the outlet's rules in settings.toml",
    "baseline": "the last resort: nothing on the page looks like text",
    "": "nothing was found",
}


def block_records(blocks: Sequence[BlockDecision]) -> list[dict[str, Any]]:
    """The blocks as records. ``place`` is null for what a rule took out before the page was cut."""
    return [
        {
            "place": one.index if one.index >= 0 else None,
            "mark": one.text_hash,
            "kept": one.kept,
            "opinion": one.probability,
            "model": one.model_probability,
            "reason": one.reason,
            "because": describe_reason(one),
            "tag": one.element,
            "text": one.text,
            "pages": one.position_pages,
            "share": one.position_share,
            "rule": one.selector,
            "weighed": [
                {"what": what, "weight": weight} for what, weight in one.top_features
            ],
        }
        for one in blocks
    ]


def describe_reason(block: BlockDecision) -> str:
    """The reason in a few words."""
    if block.reason == "place":
        return (
            f"place: {block.position_share:.0%} article, {block.position_pages} pages"
        )
    if block.reason == "profile":
        return (
            f"place: {block.position_share:.0%} read, {block.position_pages} pages"
            if block.position_pages
            else "place not known"
        )
    if block.reason == "rule":
        return f"rule: remove {block.selector}" if block.selector else "rule: text"
    said = {
        "standfirst": "model: a standfirst",
        "repeated line": "the outlet repeats this line",
        "labelled line": "repeated, labelled as article",
        "frame": "frame: headline or byline",
        "trafilatura": "trafilatura instead",
        "baseline": "last resort",
    }
    return said.get(block.reason, block.reason)


# ---- for people


def print_summary(
    extract: Extract,
    blocks: Sequence[BlockDecision],
    profile: Mapping[str, Any] | None,
    outlet: str,
) -> None:
    """What was found, how, how sure that is, and what the page states otherwise."""
    from harvester.identity.urls import mask_secrets

    print_text(click.style(clean(extract.title) or "(no title)", bold=True))
    _print_field(
        "text by",
        f"{extract.method or 'nothing'}: {_METHOD_LABELS.get(extract.method, '')}",
    )
    if extract.method in ("model", "trafilatura"):
        _print_field(
            "doubt",
            f"{extract.doubt:.3f} (the share of words that the model expects to be wrong)",
        )
    if extract.method == "model":
        least = min((one.probability for one in blocks if one.kept), default=1.0)
        _print_field(
            "kept",
            f"the likeliest blocks, down to {least:.2f}: together they are expected to come nearest to the text",
        )
    _print_field("profile", _describe_profile(profile, outlet))
    _print_field(
        "kind",
        f"{extract.kind}, access {extract.access}{f': {extract.why}' if extract.why else ''}",
    )
    if "cut" in extract.sources:
        _print_field("cut", extract.sources["cut"])
    for name, where in extract.sources.items():
        value = getattr(extract, name, None)
        if name != "text" and value:
            _print_field(
                name,
                f"{mask_secrets('; '.join(value) if isinstance(value, tuple) else str(value))}  ({where})",
            )
    for one in extract.statements:
        why = f": not believed, {one.refused}" if one.refused else ""
        _print_field(
            f"  not {one.field}",
            f"{mask_secrets(one.value)}  ({one.source}{why})",
            dim=True,
        )


def _describe_profile(profile: Mapping[str, Any] | None, outlet: str) -> str:
    if profile:
        labelled = (
            f", {profile['labelled']} of them with the true text"
            if profile["labelled"]
            else ""
        )
        sure = "; may decide alone" if profile["sure"] else ""
        return f"{profile['name']} of {outlet}, learned from {profile['pages']} pages{labelled}{sure}"
    return (
        f"none of {outlet}"
        if outlet
        else "none: the address belongs to no outlet of the settings (--outlet)"
    )


def _print_field(name: str, value: str, dim: bool = False) -> None:
    text = clean(value)
    room = max(MIN_TEXT_COLUMNS, terminal_width() - 18)
    text = text if len(text) <= room else f"{text[: room - 1]}…"
    print_text(
        f"{click.style(f'{name:<16}', dim=True)}  {click.style(text, dim=True) if dim else text}"
    )


def print_blocks(
    blocks: Sequence[BlockDecision],
    corrections: Mapping[int, bool] | None = None,
    show_all: bool = False,
    show_weights: bool = False,
) -> None:
    """A line a block. ``said``: what a person said of places; ``whole``: fold nothing; ``why``: what weighed most."""
    for run in _group_blocks(blocks, corrections or {}, show_all):
        if len(run) == 1:
            _print_block(run[0], corrections or {}, show_weights)
        else:
            _print_folded_run(run)


def _group_blocks(
    blocks: Sequence[BlockDecision], corrections: Mapping[int, bool], show_all: bool
) -> Iterator[list[BlockDecision]]:
    """Blocks one by one, and those that need not be seen together."""
    run: list[BlockDecision] = []
    for one in blocks:
        dull = not show_all and _is_foldable(one) and one.index not in corrections
        if dull:
            run.append(one)
            continue
        yield from _fold_run(run)
        run = []
        yield [one]
    yield from _fold_run(run)


def _fold_run(run: list[BlockDecision]) -> Iterator[list[BlockDecision]]:
    if len(run) >= MIN_FOLDED_BLOCKS:
        yield run
    else:
        yield from ([one] for one in run)


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
        "said by you"
        if block.index in corrections and corrections[block.index] != block.kept
        else describe_reason(block)
    )
    chance = (
        f"{block.probability:4.2f}"
        if block.index >= 0 and block.reason != "trafilatura"
        else "    "
    )
    head = f"{sign} {number:>4} {chance}  {_fit_column(clean(reason), REASON_COLUMNS)}  {_fit_column(clean(block.element), NAME_COLUMNS)}  "
    room = max(MIN_TEXT_COLUMNS, terminal_width() - len(head) - 1)
    text = clean(block.text[: 4 * room])
    text = text if len(text) <= room else f"{text[: room - 1]}…"
    print_text(
        f"{click.style(head[:12], fg=colour)}{click.style(head[12:], dim=True)}{click.style(text, fg=colour)}"
    )
    if show_weights and block.top_features:
        parts = "; ".join(
            f"{what} {weight:+.1f}" for what, weight in block.top_features
        )
        print_text(click.style(f"{'':>14}{clean(parts)}", dim=True))


def _print_folded_run(run: list[BlockDecision]) -> None:
    numbered = [one.index for one in run if one.index >= 0]
    number = f"{numbered[0]}-{numbered[-1]}" if numbered else ""
    words = sum(len(one.text.split()) for one in run)
    head = f"- {number:>9}  {len(run)} blocks of {words} words: "
    room = max(MIN_TEXT_COLUMNS, terminal_width() - len(head) - 1)
    text = " · ".join(clean(one.text[:40]) for one in run[:12])
    text = text if len(text) <= room else f"{text[: room - 1]}…"
    print_text(click.style(f"{head}{text}", dim=True))


def _fit_column(text: str, columns: int) -> str:
    return f"{text[: columns - 1]}…" if len(text) > columns else f"{text:<{columns}}"
