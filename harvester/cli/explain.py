"""Why a page reads as it does, for people and as records: used by ``harvest check --explain`` and ``harvest teach``.

Not for: what was decided of a block (``parse.explain``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.output import clean, say, width

if TYPE_CHECKING:
    from harvester.model import Extract, Judged

FOLDED = 0.2  # dropped blocks that are as improbable as this are menus and the like …
FOLDED_LEAST = 3  # … and shown as one line where so many stand in a row
NAME, REASON = 28, 28  # columns of the terminal
TEXT_LEAST = 24
_PLAIN = (
    "model",
    "place",
    "profile",
    "rule",
    "trafilatura",
)  # reasons that need not be seen one by one
_METHODS = {
    "model": "the model over the blocks of the page",
    "profile": "the outlet's profile alone: each block stands at a place that it knows, so the model was not asked",
    "trafilatura": "trafilatura, which finds quite another length of text where the model doubts, or is what the settings ask for",
    "rule": "the outlet's rules in settings.toml",
    "baseline": "the last resort: nothing on the page looks like text",
    "": "nothing was found",
}


def block_records(blocks: Sequence[Judged]) -> list[dict[str, Any]]:
    """The blocks as records. ``place`` is null for what a rule took out before the page was cut."""
    return [
        {
            "place": one.place if one.place >= 0 else None,
            "mark": one.mark,
            "kept": one.kept,
            "opinion": one.opinion,
            "model": one.model,
            "reason": one.reason,
            "because": because(one),
            "tag": one.name,
            "text": one.text,
            "pages": one.pages,
            "share": one.share,
            "rule": one.rule,
            "weighed": [
                {"what": what, "weight": weight} for what, weight in one.weighed
            ],
        }
        for one in blocks
    ]


def because(one: Judged) -> str:
    """The reason in a few words."""
    if one.reason == "place":
        return f"place: {one.share:.0%} article, {one.pages} pages"
    if one.reason == "profile":
        return (
            f"place: {one.share:.0%} read, {one.pages} pages"
            if one.pages
            else "place not known"
        )
    if one.reason == "rule":
        return f"rule: remove {one.rule}" if one.rule else "rule: text"
    said = {
        "standfirst": "model: a standfirst",
        "repeated line": "the outlet repeats this line",
        "labelled line": "repeated, labelled as article",
        "frame": "frame: headline or byline",
        "trafilatura": "trafilatura instead",
        "baseline": "last resort",
    }
    return said.get(one.reason, one.reason)


# ---- for people


def print_head(
    extract: Extract,
    blocks: Sequence[Judged],
    profile: Mapping[str, Any] | None,
    outlet: str,
) -> None:
    """What was found, how, how sure that is, and what the page states otherwise."""
    from harvester.identity.urls import mask

    say(click.style(clean(extract.title) or "(no title)", bold=True))
    _line(
        "text by", f"{extract.method or 'nothing'}: {_METHODS.get(extract.method, '')}"
    )
    if extract.method in ("model", "trafilatura"):
        _line(
            "doubt",
            f"{extract.doubt:.3f} (the share of words that the model expects to be wrong)",
        )
    if extract.method == "model":
        least = min((one.opinion for one in blocks if one.kept), default=1.0)
        _line(
            "kept",
            f"the likeliest blocks, down to {least:.2f}: together they are expected to come nearest to the text",
        )
    _line("profile", _profile(profile, outlet))
    _line(
        "kind",
        f"{extract.kind}, access {extract.access}{f': {extract.why}' if extract.why else ''}",
    )
    if "cut" in extract.sources:
        _line("cut", extract.sources["cut"])
    for name, where in extract.sources.items():
        value = getattr(extract, name, None)
        if name != "text" and value:
            _line(
                name,
                f"{mask('; '.join(value) if isinstance(value, tuple) else str(value))}  ({where})",
            )
    for one in extract.statements:
        why = f": not believed, {one.refused}" if one.refused else ""
        _line(f"  not {one.field}", f"{mask(one.value)}  ({one.source}{why})", dim=True)


def _profile(profile: Mapping[str, Any] | None, outlet: str) -> str:
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


def _line(name: str, value: str, dim: bool = False) -> None:
    text = clean(value)
    room = max(TEXT_LEAST, width() - 18)
    text = text if len(text) <= room else f"{text[: room - 1]}…"
    say(
        f"{click.style(f'{name:<16}', dim=True)}  {click.style(text, dim=True) if dim else text}"
    )


def print_blocks(
    blocks: Sequence[Judged],
    said: Mapping[int, bool] | None = None,
    whole: bool = False,
    why: bool = False,
) -> None:
    """A line a block. ``said``: what a person said of places; ``whole``: fold nothing; ``why``: what weighed most."""
    for run in _runs(blocks, said or {}, whole):
        if len(run) == 1:
            _print_block(run[0], said or {}, why)
        else:
            _print_run(run)


def _runs(
    blocks: Sequence[Judged], said: Mapping[int, bool], whole: bool
) -> Iterator[list[Judged]]:
    """Blocks one by one, and those that need not be seen together."""
    run: list[Judged] = []
    for one in blocks:
        dull = not whole and _dull(one) and one.place not in said
        if dull:
            run.append(one)
            continue
        yield from _cut(run)
        run = []
        yield [one]
    yield from _cut(run)


def _cut(run: list[Judged]) -> Iterator[list[Judged]]:
    if len(run) >= FOLDED_LEAST:
        yield run
    else:
        yield from ([one] for one in run)


def _dull(one: Judged) -> bool:
    return (
        not one.kept and one.reason in _PLAIN and max(one.opinion, one.model) < FOLDED
    )


def _print_block(one: Judged, said: Mapping[int, bool], why: bool) -> None:
    kept = said.get(one.place, one.kept)
    sign, colour = (
        ("+", "green")
        if kept
        else ("~", "yellow")
        if one.reason == "frame"
        else ("-", "red")
    )
    number = str(one.place) if one.place >= 0 else ""
    reason = (
        "said by you"
        if one.place in said and said[one.place] != one.kept
        else because(one)
    )
    chance = (
        f"{one.opinion:4.2f}"
        if one.place >= 0 and one.reason != "trafilatura"
        else "    "
    )
    head = f"{sign} {number:>4} {chance}  {_fit(clean(reason), REASON)}  {_fit(clean(one.name), NAME)}  "
    room = max(TEXT_LEAST, width() - len(head) - 1)
    text = clean(one.text[: 4 * room])
    text = text if len(text) <= room else f"{text[: room - 1]}…"
    say(
        f"{click.style(head[:12], fg=colour)}{click.style(head[12:], dim=True)}{click.style(text, fg=colour)}"
    )
    if why and one.weighed:
        parts = "; ".join(f"{what} {weight:+.1f}" for what, weight in one.weighed)
        say(click.style(f"{'':>14}{clean(parts)}", dim=True))


def _print_run(run: list[Judged]) -> None:
    numbered = [one.place for one in run if one.place >= 0]
    number = f"{numbered[0]}-{numbered[-1]}" if numbered else ""
    words = sum(len(one.text.split()) for one in run)
    head = f"- {number:>9}  {len(run)} blocks of {words} words: "
    room = max(TEXT_LEAST, width() - len(head) - 1)
    text = " · ".join(clean(one.text[:40]) for one in run[:12])
    text = text if len(text) <= room else f"{text[: room - 1]}…"
    say(click.style(f"{head}{text}", dim=True))


def _fit(text: str, columns: int) -> str:
    return f"{text[: columns - 1]}…" if len(text) > columns else f"{text:<{columns}}"
