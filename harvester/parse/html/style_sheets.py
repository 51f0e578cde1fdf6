"""What a page's own style sheets hide, as far as simple rules say it.

Only rules outside of ``@media`` and the like count, and only selectors of one tag,
class or id, or a tag with one of these. A class that another rule shows again, in any
state that scripts or wide screens bring about, is not hidden. Style sheets in other
files are not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

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
_SIMPLE_SELECTOR = re.compile(r"([a-zA-Z][\w-]*)?(?:([.#])((?:[\w-]|\\.)+))?")
_CLASS_IN_SELECTOR = re.compile(r"\.((?:[\w-]|\\.)+)")
_COMBINATOR = re.compile(r"[\s>+~]+")
# A state that a reader has to bring about.
_STATE = re.compile(r":(?:hover|focus|target|checked|active|not)", re.IGNORECASE)
_NARROW_OR_PRINTED = re.compile(r"max-width|\bprint\b", re.IGNORECASE)
_AT_RULE = re.compile(r"@[\w-]+[^{};]*+\{")


@dataclass(slots=True)
class StyleSheets:
    """What the style sheets of a page say of how elements are displayed.

    Selectors as (tag, name): "" for any tag; a name is ``.class``, ``#id`` or "".
    """

    hidden: set[tuple[str, str]] = field(default_factory=set)
    keeping_lines: set[tuple[str, str]] = field(default_factory=set)
    text: str = ""  # without comments
    _known: dict[tuple[str, str, frozenset[str]], bool] = field(default_factory=dict)

    def hides(self, tag: str, element_id: str, classes: frozenset[str]) -> bool:
        """Whether an element with a tag, id and classes is hidden, and never shown."""
        key = tag, element_id, classes
        is_hidden = self._known.get(key)
        if is_hidden is None:
            is_hidden = self._known[key] = (
                bool(self.hidden)
                and _matches(self.hidden, tag, element_id, classes)
                and not any(self._shows_class(name, classes) for name in classes)
            )
        return is_hidden

    def keeps_lines(self, tag: str, classes: Iterable[str]) -> bool:
        """Whether an element with a tag and classes keeps its line breaks."""
        return bool(self.keeping_lines) and _matches(
            self.keeping_lines, tag, "", classes
        )

    def _shows_class(self, name: str, classes: frozenset[str]) -> bool:
        """Whether a rule for one of its classes displays an element."""
        position = -1
        for _ in range(MAX_RULES_OF_CLASS):
            position = self.text.find(f".{name}", position + 1)
            if position < 0:
                return False
            if self._shows(position, classes):
                return True
        return True

    def _shows(self, position: int, classes: frozenset[str]) -> bool:
        """Whether the rule around a class in its selector displays such an element."""
        opening = self.text.find("{", position, position + MAX_SELECTOR_LENGTH)
        closing = self.text.find("}", opening, opening + MAX_SELECTOR_LENGTH)
        if min(opening, closing) < 0 or not _SHOWS.search(self.text, opening, closing):
            return False
        earliest = max(0, position - MAX_SELECTOR_LENGTH)
        start = max(self.text.rfind(mark, earliest, position) for mark in "{};,")
        selector = self.text[start + 1 : opening].partition(",")[0]
        subject = _COMBINATOR.split(selector.strip())[-1]
        names = {_unescape(one) for one in _CLASS_IN_SELECTOR.findall(subject)}
        if not names or not names <= classes or _STATE.search(selector):
            return False
        at_rule = self.text.rfind("@", 0, position)
        header = _AT_RULE.match(self.text, at_rule) if at_rule >= 0 else None
        return header is None or not (
            _NARROW_OR_PRINTED.search(header[0])
            and _depth(self.text, at_rule, position) > 0
        )


def _matches(
    selectors: set[tuple[str, str]], tag: str, element_id: str, classes: Iterable[str]
) -> bool:
    names = ("", f"#{element_id}", *(f".{name}" for name in classes))
    return any((one, name) in selectors for name in names for one in ("", tag))


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
    text = _COMMENT.sub(" ", "\n".join(texts))
    return StyleSheets(
        {
            selector
            for declaration in _HIDING_DECLARATIONS
            for selector in _selectors_of(text, declaration)
        },
        {
            selector
            for declaration in _LINE_DECLARATIONS
            for selector in _selectors_of(text, declaration)
        },
        text,
    )


def _selectors_of(text: str, declaration: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """The simple selectors of rules, outside of at-rules, with a declaration."""
    depth = position = 0
    for count, match in enumerate(declaration.finditer(text)):
        if count >= MAX_DECLARATIONS:
            return
        depth += _depth(text, position, match.start())
        position = match.start()
        if depth != 1 or text[position - 1] in "-_" or text[position - 1].isalnum():
            continue
        earliest = max(0, position - MAX_SELECTOR_LENGTH)
        opening = text.rfind("{", earliest, position)
        start = max(text.rfind(mark, earliest, opening) for mark in "{};")
        if opening < 0 or (start < 0 and earliest):
            continue
        for selector in text[start + 1 : opening].split(","):
            simple = _SIMPLE_SELECTOR.fullmatch(selector.strip())
            if simple and (simple[1] or simple[3]):
                name = f"{simple[2]}{_unescape(simple[3])}" if simple[3] else ""
                yield (simple[1] or "").lower(), name
