"""JSON from the archive, read as what anybody may have written.

The archive is a file that other programs write to, and that people merge: a value that
is no JSON, or of another shape, reads as an empty one, so that it hides nothing else.
`harvest verify` reports it (``integrity.values``).
"""

from __future__ import annotations

import json
from typing import Any


def parse_json(stored: object) -> Any:
    """What JSON text holds; None if it is none."""
    if not isinstance(stored, str | bytes):
        return None
    try:
        return json.loads(stored)
    except (ValueError, RecursionError):  # ValueError: a number of too many digits, too
        return None


def parse_list(stored: object) -> list[Any]:
    """The elements of a JSON array; none for anything else."""
    value = parse_json(stored)
    return value if isinstance(value, list) else []


def parse_texts(stored: object) -> list[str]:
    """The strings of a JSON array; none for anything else."""
    return list(texts_of(parse_json(stored)))


def texts_of(value: object) -> tuple[str, ...]:
    """The strings of a list that JSON held; none for anything else."""
    if not isinstance(value, list):
        return ()
    return tuple(element for element in value if isinstance(element, str))


def parse_object(stored: object) -> dict[str, Any]:
    """A JSON object; an empty one for anything else."""
    value = parse_json(stored)
    return value if isinstance(value, dict) else {}


def parse_pairs(stored: object) -> dict[str, list[Any]]:
    """A JSON object of [before, after], as of changed fields; without other members."""
    return {
        name: value
        for name, value in parse_object(stored).items()
        if isinstance(value, list) and len(value) == 2
    }


def parse_sentences(stored: object) -> dict[str, list[Any]]:
    """The sentences of a change: added and removed, and pairs of changed ones."""
    return {
        name: [
            element
            for element in value
            if (
                isinstance(element, list)
                and len(element) == 2
                and all(isinstance(part, str) for part in element)
                if name == "changed"
                else isinstance(element, str)
            )
        ]
        for name, value in parse_object(stored).items()
        if isinstance(value, list)
    }
