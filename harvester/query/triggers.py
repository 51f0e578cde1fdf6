"""What a text must have so that a query can match it at all. Pure.

Of a thousand queries few can match a new text: those of which it has the least common
word. ``find_trigger`` names that word; only then is the query asked in full.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harvester.query.tree import And, Edited, Near, Node, Or, Value, Words

# Gives the texts of which one must be there, each as words of the full-text index;
# (): the index cannot tell.
Tokenizer = Callable[[Words], Sequence[Sequence[str]]]

_OUTLET_WEIGHT = 1  # of an outlet: any word is rarer
_PREFIX_WEIGHT = 0.5  # of a character of a prefix


@dataclass(frozen=True, slots=True)
class Trigger:
    """One of these is in every text that a query matches."""

    words: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    outlets: frozenset[str] = frozenset()
    weight: float = 0.0  # the greater, the rarer

    def __or__(self, other: Trigger) -> Trigger:
        return Trigger(
            self.words | other.words,
            self.prefixes | other.prefixes,
            self.outlets | other.outlets,
            min(self.weight, other.weight),
        )


def find_trigger(node: Node, tokenize: Tokenizer) -> Trigger | None:
    """The rarest trigger of a query, by its length; None: any text may match."""
    match node:
        case Words():
            return _trigger_of_words(node, tokenize)
        case Near(words=parts) | And(wanted=parts):
            found = [find_trigger(part, tokenize) for part in parts]
            return max(
                (each for each in found if each is not None),
                key=lambda trigger: trigger.weight,
                default=None,
            )
        case Or(parts=parts):
            trigger: Trigger | None = None
            for part in parts:
                other = find_trigger(part, tokenize)
                if other is None:
                    return None
                trigger = other if trigger is None else trigger | other
            return trigger
        case Edited(words=words):
            return find_trigger(words, tokenize)
        case Value(field="outlet", value=key):
            return Trigger(outlets=frozenset({key}), weight=_OUTLET_WEIGHT)
    return None


def _trigger_of_words(words: Words, tokenize: Tokenizer) -> Trigger | None:
    trigger: Trigger | None = None
    for tokens in tokenize(words):
        if not tokens:
            return None
        other = _trigger_of_tokens(list(tokens), words.prefix)
        trigger = other if trigger is None else trigger | other
    return trigger


def _trigger_of_tokens(tokens: list[str], is_prefix: bool) -> Trigger:
    last = tokens.pop() if is_prefix else ""
    longest = max(tokens, key=len, default="")
    if longest:
        return Trigger(frozenset({longest}), weight=len(longest))
    return Trigger(prefixes=frozenset({last}), weight=len(last) * _PREFIX_WEIGHT)


def may_concern_outlet(node: Node, outlet: str) -> bool:
    """Whether what happened to an outlet as a whole may be meant by a query.

    Only ``outlet:`` can tell; whatever else the query asks for is left open.
    """
    return _concerns(node, outlet) is not False


def _concerns(node: Node, outlet: str) -> bool | None:
    """True, False, or None: it is open."""
    match node:
        case Value(field="outlet", value=key):
            return key == outlet
        case Or(parts=parts):
            answers = {_concerns(part, outlet) for part in parts}
            return True if True in answers else None if None in answers else False
        case And(wanted=wanted, unwanted=unwanted):
            answers = {_concerns(part, outlet) for part in wanted}
            excluded = {_concerns(part, outlet) for part in unwanted}
            if False in answers or True in excluded:
                return False
            return None if None in answers | excluded else True
    return None
