"""What a page's own style sheets hide, as far as simple rules say it.

Rules for all screens count, with selectors of tags, classes and ids, and of what they
are in. A class that another rule shows again, in any state that scripts or wide screens
bring about, is not hidden. Style sheets in other files are not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from lxml.html import HtmlElement

MAX_SHEET_LENGTH = 1_000_000  # characters of all style sheets of a page
MAX_DECLARATIONS = 2_000  # of a kind, of which the selectors are read
MAX_SELECTOR_LENGTH = 2_000  # characters of the selectors of one rule
MAX_RULES_OF_CLASS = 50  # that are searched for one that shows it

HIDES = re.compile(
    r"(?<![\w-])(?:display\s*+:\s*+none\b|visibility\s*+:\s*+(?:hidden|collapse))",
    re.IGNORECASE,
)
KEEPS_LINES = re.compile(
    r"(?<![\w-])white-space\s*+:\s*+(?:pre(?:-wrap|-line)?|break-spaces)\b",
    re.IGNORECASE,
)
JOINS_LINES = re.compile(
    r"(?<![\w-])white-space\s*+:\s*+(?:normal|nowrap|initial)\b", re.IGNORECASE
)
# In style sheets, where each begins with a literal and is therefore found fast.
_HIDING_DECLARATIONS = (
    re.compile(r"display\s*+:\s*+none\b"),
    re.compile(r"visibility\s*+:\s*+(?:hidden|collapse)"),
)
_LINE_DECLARATIONS = (
    re.compile(r"white-space\s*+:\s*+(?:pre(?:-wrap|-line)?|break-spaces)\b"),
)
_COMMENT = re.compile(r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/")
_SHOWS = re.compile(
    r"(?<![\w-])(?:display\s*+:\s*+(?!none)[\w-]|visibility\s*+:\s*+visible)",
    re.IGNORECASE,
)
_COMPOUND = re.compile(r"([a-zA-Z][\w-]*+)?((?:[.#](?:[\w-]|\\.)++)*+)")
_NAME = re.compile(r"[.#](?:[\w-]|\\.)++")
MAX_MATCHES = 4_000  # of elements with selectors, which may look at all ancestors
MAX_COMPOUNDS = 5  # of a selector
_CLASS_IN_SELECTOR = re.compile(r"\.((?:[\w-]|\\.)+)")
_COMBINATOR = re.compile(r"[\s>+~]+")
# A state that a reader has to bring about.
_STATE = re.compile(r":(?:hover|focus|target|checked|active|not)", re.IGNORECASE)
_NARROW_OR_PRINTED = re.compile(r"max-width|\bprint\b", re.IGNORECASE)
# At-rules that hold on the screens of most readers.
_ON_ALL_SCREENS = re.compile(
    r"@(?:media\s+(?:only\s+)?(?:screen|all)\s*|layer\b[^{]*|supports\b[^{]*)\{",
    re.IGNORECASE,
)
_AT_RULE = re.compile(r"@[\w-]+[^{};]*+\{")


# A tag ("" for any) and names, ``.class`` or ``#id``.
Compound = tuple[str, frozenset[str]]
# What an element is, after what it is in.
Selector = tuple[Compound, ...]


MAX_KNOWN_CLASSES = 4_000  # of style sheets; no page has so many


@dataclass(slots=True)
class _ParsedSheets:
    """What style sheets say, and what was found out of it.

    An outlet's pages have theirs in common.
    """

    # Selectors by the last class (".name") or id ("#name") of what they are for, or by
    # its tag if it has neither.
    hidden: dict[str, list[str]]
    keeping_lines: dict[str, list[str]]
    text: str  # without comments
    shown_classes: dict[str, bool] = field(default_factory=dict)
    # Where a class is named, as far as was searched: -1 after the last place.
    positions: dict[str, list[int]] = field(default_factory=dict)


class StyleSheets:
    """What the style sheets of a page say of how elements are displayed."""

    def __init__(self, parsed: _ParsedSheets) -> None:
        self.hidden = parsed.hidden
        self.keeping_lines = parsed.keeping_lines
        self._parsed = parsed
        self._text = parsed.text
        # Names of elements, as in selectors, by their class and id.
        self._names: dict[tuple[str | None, str | None], frozenset[str]] = {}
        self._matches_left = MAX_MATCHES

    def hides(self, element: HtmlElement) -> bool:
        """Whether an element is hidden, and never shown."""
        if not self._has_match(self.hidden, element):
            return False
        css_class = element.get("class") or ""
        known = self._parsed.shown_classes
        is_shown = known.get(css_class)
        if is_shown is None:
            classes = frozenset(css_class.split())
            is_shown = any(self._shows_class(name, classes) for name in classes)
            if len(known) < MAX_KNOWN_CLASSES:
                known[css_class] = is_shown
        return not is_shown

    def keeps_lines(self, element: HtmlElement) -> bool:
        """Whether an element keeps its line breaks."""
        return self._has_match(self.keeping_lines, element)

    def _has_match(self, index: dict[str, list[str]], element: HtmlElement) -> bool:
        if not index:
            return False
        names = [f".{name}" for name in (element.get("class") or "").split()]
        for name in (*names, f"#{element.get('id')}", str(element.tag)):
            for selector in index.get(name, ()):
                self._matches_left -= 1
                if self._matches_left < 0:
                    return False
                parsed = _parse_selector(selector)
                if parsed and self._matches(parsed, element):
                    return True
        return False

    def _matches(self, selector: Selector, element: HtmlElement) -> bool:
        *outer, subject = selector
        if not self._is(element, subject):
            return False
        ancestors = element.iterancestors()
        return all(
            any(self._is(ancestor, compound) for ancestor in ancestors)
            for compound in reversed(outer)
        )

    def _is(self, element: HtmlElement, compound: Compound) -> bool:
        tag, names = compound
        if tag and element.tag != tag:
            return False
        if not names:
            return True
        key = element.get("class"), element.get("id")
        own = self._names.get(key)
        if own is None:
            own = frozenset((*(f".{n}" for n in (key[0] or "").split()), f"#{key[1]}"))
            self._names[key] = own
        return names <= own

    def _shows_class(self, name: str, classes: frozenset[str]) -> bool:
        """Whether a rule for one of its classes displays an element."""
        known = self._parsed.positions
        positions = known.get(name, [])
        if len(known) < MAX_KNOWN_CLASSES:
            known[name] = positions
        for count in range(MAX_RULES_OF_CLASS):
            if count == len(positions):
                start = positions[-1] + 1 if positions else 0
                positions.append(self._text.find(f".{name}", start))
            if positions[count] < 0:
                return False
            if self._shows(positions[count], classes):
                return True
        return True

    def _shows(self, position: int, classes: frozenset[str]) -> bool:
        """Whether the rule around a class in its selector displays such an element."""
        text = self._text
        opening = text.find("{", position, position + MAX_SELECTOR_LENGTH)
        closing = text.find("}", opening, opening + MAX_SELECTOR_LENGTH)
        if min(opening, closing) < 0 or not _SHOWS.search(text, opening, closing):
            return False
        earliest = max(0, position - MAX_SELECTOR_LENGTH)
        start = max(text.rfind(mark, earliest, position) for mark in "{};,")
        selector = text[start + 1 : opening].partition(",")[0]
        subject = _COMBINATOR.split(selector.strip())[-1]
        names = {_unescape(one) for one in _CLASS_IN_SELECTOR.findall(subject)}
        if not names or not names <= classes or _STATE.search(selector):
            return False
        at_rule = text.rfind("@", 0, position)
        header = _AT_RULE.match(text, at_rule) if at_rule >= 0 else None
        return header is None or not (
            _NARROW_OR_PRINTED.search(header[0]) and _depth(text, at_rule, position) > 0
        )


def _depth(text: str, start: int, end: int) -> int:
    return text.count("{", start, end) - text.count("}", start, end)


def _unescape(name: str) -> str:
    r"""A name in a selector as it is in the class attribute: ``md\:block``."""
    return name.replace("\\", "")


def read_style_sheets(sheets: Iterable[str]) -> StyleSheets:
    """Read the texts of a page's ``style`` elements."""
    texts, length = [], 0
    for sheet in sheets:
        length += len(sheet)
        if length > MAX_SHEET_LENGTH:
            break
        texts.append(sheet)
    return StyleSheets(_parse_sheets("\n".join(texts)))


@lru_cache(maxsize=8)
def _parse_sheets(text: str) -> _ParsedSheets:
    if "/*" in text:
        text = _COMMENT.sub(" ", text)
    return _ParsedSheets(
        _index(
            one for kind in _HIDING_DECLARATIONS for one in _selectors_of(text, kind)
        ),
        _index(one for kind in _LINE_DECLARATIONS for one in _selectors_of(text, kind)),
        text,
    )


def _index(selectors: Iterable[str]) -> dict[str, list[str]]:
    """Selectors by the last class or id of what they are for, or its tag."""
    index: dict[str, list[str]] = {}
    for selector in selectors:
        subject = selector[max(selector.rfind(" "), selector.rfind(">")) + 1 :]
        start = max(subject.rfind("."), subject.rfind("#"))
        name = subject[max(start, 0) :]
        if start < 0 and subject != selector:
            continue  # a tag in something: all elements of a tag would be looked at
        known = index.setdefault(_unescape(name), [])
        if len(known) < MAX_RULES_OF_CLASS:
            known.append(selector)
    return index


def _selectors_of(text: str, declaration: re.Pattern[str]) -> Iterator[str]:
    """The selectors of rules for all screens with a declaration."""
    depth = position = 0
    for count, match in enumerate(declaration.finditer(text)):
        if count >= MAX_DECLARATIONS:
            return
        depth += _depth(text, position, match.start())
        position = match.start()
        if text[position - 1] in "-_" or text[position - 1].isalnum():
            continue
        if depth != 1 and not (depth == 2 and _is_on_all_screens(text, position)):
            continue
        earliest = max(0, position - MAX_SELECTOR_LENGTH)
        opening = text.rfind("{", earliest, position)
        start = max(text.rfind(mark, earliest, opening) for mark in "{};")
        if opening < 0 or (start < 0 and earliest):
            continue
        for selector in text[start + 1 : opening].split(","):
            if ":" not in selector or "\\:" in selector:  # no state or part
                yield selector.strip()


def _is_on_all_screens(text: str, position: int) -> bool:
    """Whether a rule inside an at-rule holds on the screens of most readers."""
    at_rule = text.rfind("@", 0, position)
    return (
        at_rule >= 0
        and _ON_ALL_SCREENS.match(text, at_rule) is not None
        and _depth(text, at_rule, position) == 2
    )


@lru_cache(maxsize=4096)
def _parse_selector(selector: str) -> Selector:
    """A selector of tags, classes and ids; empty if it is of anything else.

    That an element is directly in another counts as that it is somewhere in it.
    """
    if "+" in selector or "~" in selector:
        return ()
    parts = [part for part in re.split(r"[\s>]+", selector) if part]
    compounds = []
    for part in parts[: MAX_COMPOUNDS + 1]:
        match = _COMPOUND.fullmatch(part)
        if match is None:
            return ()
        names = frozenset(map(_unescape, _NAME.findall(match[2])))
        compounds.append(((match[1] or "").lower(), names))
    if not compounds or len(compounds) > MAX_COMPOUNDS:
        return ()
    return tuple(compounds)
