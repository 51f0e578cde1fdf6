"""Words of a query as an expression of FTS5. Pure.

FTS5 gets every word in quotes, so nothing that is typed is syntax to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from math import prod

from harvester.archive.queries import unspaced
from harvester.query.tree import And, Edited, Near, Node, Or, Words, list_children

_LIGATURES = (("œ", "oe"), ("æ", "ae"), ("ß", "ss"))
MAX_NEAR_SPELLINGS = 16  # of all words in a NEAR together
_SPACES_PATTERN = re.compile(r"(\s+)")
MAX_SPELLINGS = 32  # of one phrase
OR, AND, NOT, TERM = range(4)  # precedence: the greater binds tighter


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of the expression, and its precedence."""

    text: str
    precedence: int

    def nested_in(self, precedence: int) -> str:
        """This clause as an operand of an operator, in parentheses where needed."""
        return self.text if self.precedence >= precedence else f"({self.text})"


def is_indexed(node: Node) -> bool:
    """Whether the index alone answers a part of a query."""
    if isinstance(node, Words):
        return not unspaced.has_letters(node.text)
    return isinstance(node, Near | Or | And) and all(
        map(is_indexed, list_children(node))
    )


def to_expression(node: Node) -> str:
    """The expression of a part of a query that ``is_indexed``."""
    return _render(node).text


def to_edit_expression(node: Edited) -> str:
    """The expression for edits with words on one side alone, in ``edit_words_fts``."""
    words = _quote(replace(node.words, column=""))
    other = "removed" if node.direction == "added" else "added"
    return f"({node.direction} : {words}) NOT ({other} : {words})"


def join_all(wanted: Sequence[Node], unwanted: Sequence[Node]) -> str:
    """The expression for all of these, and none of those; "" without any wanted."""
    if not wanted:
        return ""
    if len(wanted) == 1 and not unwanted:
        return to_expression(wanted[0])
    return to_expression(And(tuple(wanted), tuple(unwanted), 1))


def join_any(nodes: Sequence[Node]) -> str:
    """The expression for any of these; "" without any."""
    return _join([_render(node) for node in nodes], " OR ", OR).text if nodes else ""


def _render(node: Node) -> Clause:
    match node:
        case Words():
            return Clause(_quote(node), TERM)
        case Near(words=words, distance=distance):
            return _render_near(words, distance)
        case Or(parts=parts):
            return _join([_render(part) for part in parts], " OR ", OR)
        case And(wanted=wanted, unwanted=unwanted):
            included = _join([_render(part) for part in wanted], " AND ", AND)
            if not unwanted:
                return included
            excluded = _join([_render(part) for part in unwanted], " OR ", OR)
            left, right = included.nested_in(NOT), excluded.nested_in(TERM)
            return Clause(f"{left} NOT {right}", NOT)
    raise TypeError(f"not in the index: {node!r}")


def _render_near(words: Sequence[Words], distance: int) -> Clause:
    """Words near each other; FTS5 takes no alternatives there, so each is one clause."""
    spellings = [list_texts(one) for one in words]
    clauses = []
    for texts in islice(product(*spellings), MAX_NEAR_SPELLINGS):
        phrases = " ".join(f'"{text}"' for text in texts)
        clauses.append(Clause(f"NEAR({phrases}, {distance})", TERM))
    return _join(clauses, " OR ", OR)


def _quote(words: Words) -> str:
    """The words in all their forms and spellings."""
    column = f"{words.column} : " if words.column else ""
    texts = list_texts(words)
    star = " *" if words.prefix else ""
    quoted = [f'"{text}"{star}' for text in texts]
    if len(quoted) == 1:
        return column + quoted[0]
    return f"{column}({' OR '.join(quoted)})"


def list_texts(words: Words) -> list[str]:
    """The texts of which one must be there: all forms in all spellings."""
    return list(
        dict.fromkeys(
            spelling
            for text in (words.text, *words.forms)
            for spelling in list_spellings(text)
        )
    )


def list_spellings(text: str) -> list[str]:
    """A text with and without ligatures: the tokenizer keeps them, people do not."""
    choices = [_list_word_spellings(part) for part in _SPACES_PATTERN.split(text)]
    if prod(map(len, choices)) > MAX_SPELLINGS:
        choices = [[text]]
    return ["".join(parts) for parts in product(*choices)]


def _list_word_spellings(word: str) -> list[str]:
    lowered = word.lower()
    spellings = [word]
    for ligature, letters in _LIGATURES:
        if ligature in lowered or letters in lowered:
            spellings.append(lowered.replace(ligature, letters))
            spellings.append(lowered.replace(letters, ligature))
    others = [spelling for spelling in spellings[1:] if spelling != lowered]
    return list(dict.fromkeys([word, *others]))


def _join(clauses: Sequence[Clause], operator: str, precedence: int) -> Clause:
    if len(clauses) == 1:
        return clauses[0]
    return Clause(
        operator.join(clause.nested_in(precedence) for clause in clauses), precedence
    )
