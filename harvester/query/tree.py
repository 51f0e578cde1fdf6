"""The tree of a query: frozen nodes, each with its position as typed (from 1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

WordsColumn = Literal["", "title", "authors", "text"]
TimeField = Literal["published", "seen", "edited"]
NumberField = Literal["words", "versions"]
# Fields whose value is compared as a whole; see ``fields``.
ValueField = Literal[
    "outlet",
    "section",
    "tag",
    "lang",
    "site",
    "url",
    "key",
    "agency",
    "kind",
    "access",
    "class",
    "is",
    "similar",
]


@dataclass(frozen=True, slots=True)
class Words:
    """A word or a phrase, in one column or in any ("").

    ``exact``: as typed, in quotes. ``forms``: other words that match as well, which
    whoever knows the words of the archive adds.
    """

    text: str
    position: int
    prefix: bool = False
    column: WordsColumn = ""
    exact: bool = False
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """Words and phrases with at most ``distance`` words between them."""

    words: tuple[Words, ...]
    distance: int
    position: int


@dataclass(frozen=True, slots=True)
class Value:
    """A field has a value."""

    field: ValueField
    value: str
    position: int


@dataclass(frozen=True, slots=True)
class Times:
    """A time from ``start`` on and before ``end``: UTC text, "" where it is open."""

    field: TimeField
    start: str
    end: str
    position: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number from ``least`` to ``most``, both included; None where it is open."""

    field: NumberField
    least: int | None
    most: int | None
    position: int


@dataclass(frozen=True, slots=True)
class Edited:
    """Words that an edit added, or removed."""

    direction: Literal["added", "removed"]
    words: Words
    position: int


@dataclass(frozen=True, slots=True)
class Address:
    """The article at a URL, in any form that readers paste.

    ``keys``: of the URL, the best first (see ``identity.urls.url_key``); ``tail`` and
    ``site``: what its other forms have in common.
    """

    url: str
    keys: tuple[str, ...]
    tail: str
    site: str
    position: int


@dataclass(frozen=True, slots=True)
class Or:
    """Any of several."""

    parts: tuple[Node, ...]
    position: int


@dataclass(frozen=True, slots=True)
class And:
    """All of ``wanted`` (at least one), and none of ``unwanted``."""

    wanted: tuple[Node, ...]
    unwanted: tuple[Node, ...]
    position: int


Node = Words | Near | Value | Times | Numbers | Edited | Address | Or | And


def list_children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Or(parts=parts):
            return parts
        case And(wanted=wanted, unwanted=unwanted):
            return wanted + unwanted
        case Near(words=words):
            return words
        case Edited(words=words):
            return (words,)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, as they were typed."""
    yield node
    for child in list_children(node):
        yield from walk(child)


def map_words(node: Node, change: Callable[[Words], Words]) -> Node:
    """A query with its words changed, but those of NEAR."""
    match node:
        case Words():
            return change(node)
        case Edited(words=words):
            return replace(node, words=change(words))
        case Or(parts=parts):
            return replace(node, parts=tuple(map_words(one, change) for one in parts))
        case And(wanted=wanted, unwanted=unwanted):
            return replace(
                node,
                wanted=tuple(map_words(one, change) for one in wanted),
                unwanted=tuple(map_words(one, change) for one in unwanted),
            )
    return node


def list_conjuncts(node: Node) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """What a hit must satisfy, and what it must not: the parts of an AND."""
    if isinstance(node, And):
        return node.wanted, node.unwanted
    return (node,), ()


def without(node: Node, part: Node) -> Node | None:
    """The query without one of its conjuncts; None if nothing would be left."""
    wanted, unwanted = list_conjuncts(node)
    wanted = tuple(one for one in wanted if one is not part)
    unwanted = tuple(one for one in unwanted if one is not part)
    if not wanted:
        return None
    if len(wanted) == 1 and not unwanted:
        return wanted[0]
    return And(wanted, unwanted, node.position)


def narrow(
    node: Node, outlets: Sequence[str] = (), since: str = "", until: str = ""
) -> Node:
    """A query narrowed down by what options say beside it.

    ``since``, ``until``: when it was published; see ``Times``.
    """
    parts = _list_filters(outlets, since, until)
    if not parts:
        return node
    if isinstance(node, And):
        return And((*node.wanted, *parts), node.unwanted, node.position)
    return And((node, *parts), (), node.position)


def make_filter(
    outlets: Sequence[str] = (), since: str = "", until: str = ""
) -> Node | None:
    """What options say without a query; None if they say nothing. See ``narrow``."""
    parts = _list_filters(outlets, since, until)
    if len(parts) > 1:
        return And(tuple(parts), (), 1)
    return parts[0] if parts else None


def _list_filters(outlets: Sequence[str], since: str, until: str) -> list[Node]:
    parts: list[Node] = []
    if outlets:
        values = tuple(Value("outlet", outlet, 1) for outlet in outlets)
        parts.append(Or(values, 1) if len(values) > 1 else values[0])
    if since or until:
        parts.append(Times("published", since, until, 1))
    return parts
