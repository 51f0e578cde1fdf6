"""Print a page's text beside trafilatura's: for ``harvest check --compare``.

What both have is not shown: whoever compares wants to see which of the two misses a
paragraph, or takes a teaser for one.
"""

from __future__ import annotations

from typing import Any

import click

from harvester.cli.output import clean, pluralize, print_text


def comparison_record(text: str, other: str) -> dict[str, Any]:
    """Trafilatura's text, and the sentences that only one of the two has."""
    from harvester.identity.diff import diff_sentences

    sentences = diff_sentences(text, other)
    return {
        "text": other,
        "only_here": [*sentences.removed, *(pair[0] for pair in sentences.changed)],
        "only_there": [*sentences.added, *(pair[1] for pair in sentences.changed)],
        "moved": list(sentences.moved),
    }


def print_comparison(text: str, method: str, comparison: dict[str, Any]) -> None:
    """Print how long both texts are, and what only one of them has."""
    lengths = [
        pluralize(len(one.split()), "word") for one in (text, str(comparison["text"]))
    ]
    print_text(
        f"harvester ({method or 'nothing'}): {lengths[0]}; trafilatura: {lengths[1]}"
    )
    for key, mark, colour, whose in (
        ("only_here", "-", "red", "harvester"),
        ("only_there", "+", "green", "trafilatura"),
    ):
        if comparison[key]:
            print_text(f"\nonly in the text of {whose}")
            for sentence in comparison[key]:
                print_text(click.style(f"{mark} {clean(sentence)}", fg=colour))
    if not comparison["only_here"] and not comparison["only_there"]:
        print_text("no significant differences")
