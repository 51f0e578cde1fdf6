"""JSON as pages carry it, mistakes and all: read as far as it makes sense.

Several values in a row, quotation marks that are not escaped, commas too many or
missing, comments, single quotes, names without quotes, values that are cut off.

Measured on 44 kinds of mistakes: json5 reads 17, demjson3 15, dirtyjson 18, chompjs 25;
json_repair reads 43, but takes a minute for 30 KB of ``{[}``. This takes linear time.
"""

from __future__ import annotations

import re
from typing import Any

from harvester.entities import unescape

MAX_DEPTH = 60  # levels of nested values; reading ends where there are more
MAX_NAME_LENGTH = 100  # characters

_SKIPPED = re.compile(
    r"(?:[\s\ufeff,;]+|//(?:(?=\s*(?:<!|\]\]>|-->))|[^\n]*)|/\*.*?(?:\*/|\Z)"
    r"|#(?![0-9A-Za-z])[^\n]*|<!--|-->|<!\[CDATA\[|\]\]>)+",
    re.DOTALL,
)
_ESCAPED_MARKUP = re.compile(
    r"\{\s*&(?:quot|#34|#39|apos|#x22|#x27|#822[01]|[lr]dquo);", re.IGNORECASE
)
# Beside a sign that separates values.
_INVISIBLE = re.compile(
    "(?<=[,:{}\\[\\]])[\u200b-\u200f\u2060\ufeff]+|[\u200b-\u200f\u2060\ufeff]+(?=[,:{}\\[\\]])"
)
_TYPOGRAPHIC_QUOTES = re.compile(r"\{\s*[“”„″]\s*@?\w")
_STRAIGHT_QUOTES = str.maketrans("“”„″", '""""')
_WORD = re.compile(r"[\w$@.+-]{1,400}")
_COLON = re.compile(r"[”“]?\s*[:=]")
_NUMBER = re.compile(r"-?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?")
_LITERALS = {"true": True, "false": False}

# What may follow the end of a text; else its quotation mark belongs to the text.
_NAME = (
    rf"(?:(?:\"[^\"\n]{{1,{MAX_NAME_LENGTH}}}\"|'[^'\n]{{1,{MAX_NAME_LENGTH}}}'"
    rf"|[“”][^“”\n]{{1,{MAX_NAME_LENGTH}}}[“”])\s*[:=]"
    r"|[\w$@]{1,60}\s*:\s*[\"'{\[\d])"
)
_CLOSED = r"[}\]]\s*(?:[,;}\]\[{<\"'/-]|\Z)"
_AFTER_NAME = re.compile(r"\s*[:=]")
_AFTER_VALUE = re.compile(
    rf"\s*(?:\Z|{_CLOSED}|//|/\*|#\s|,\s*(?:{_NAME}|[}}\],]|//|/\*|#\s|\Z)|{_NAME})"
)
_AFTER_ITEM = re.compile(
    rf"\s*(?:\Z|{_CLOSED}|//|/\*|,\s*(?:[\"'{{\[}}\],\d-]|//|/\*|true|false|null|\Z))"
)
# "C:\", "name": …
_AFTER_LOST_BACKSLASH = re.compile(
    rf",\s*\"[^\"\\\n]{{1,{MAX_NAME_LENGTH}}}\"\s*:", re.DOTALL
)
_QUOTES = {'"': re.compile(r'\\.|"', re.DOTALL), "'": re.compile(r"\\.|'", re.DOTALL)}

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_SURROGATE = re.compile("[\ud800-\udfff]")


def load_lenient(text: str) -> list[Any]:
    """The values in a text, outermost first; [] if there are none. Never raises.

    Values beyond ``MAX_DEPTH`` and what follows them are not read.
    """
    if _ESCAPED_MARKUP.search(text[:500]):
        text = unescape(text)
    text = _INVISIBLE.sub("", text)
    if _TYPOGRAPHIC_QUOTES.search(text[:500]):  # by a program that sets texts
        text = text.translate(_STRAIGHT_QUOTES)
    return _Reader(text).read()


class _Reader:
    """Reads one text from left to right, without recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.values: list[Any] = []
        self.open: list[dict[str, Any] | list[Any]] = []
        self.name: str | None = None  # of the value that comes next in an object

    def read(self) -> list[Any]:
        text, length = self.text, len(self.text)
        while self.position < length and len(self.open) <= MAX_DEPTH:
            skipped = _SKIPPED.match(text, self.position)
            if skipped:
                self.position = skipped.end()
                if skipped[0].lstrip().startswith(","):
                    self.name = None  # its value is missing
                continue
            character = text[self.position]
            if character in "{[":
                self._open({} if character == "{" else [])
            elif character in "}]":
                self._close(dict if character == "}" else list)
            elif not self.open:
                self.position += 1  # what stands around the values
            elif character in _QUOTES:
                self._add(self._read_text(character))
            elif word := _WORD.match(text, self.position):
                self.position = word.end()
                self._add(self._word_value(word[0]))
            else:
                self.position += 1
        return self.values

    def _open(self, value: dict[str, Any] | list[Any]) -> None:
        self.position += 1
        if self.open and not self._awaits_name():
            self._put(value)
        else:  # outermost, or without a name: it stands for itself
            self.values.append(value)
        self.open.append(value)
        self.name = None

    def _close(self, kind: type) -> None:
        """Close the innermost value of this kind, and those in it left open."""
        self.position += 1
        self.name = None
        if any(isinstance(value, kind) for value in self.open):
            while not isinstance(self.open.pop(), kind):
                pass

    def _awaits_name(self) -> bool:
        return isinstance(self.open[-1], dict) and self.name is None

    def _add(self, value: Any) -> None:
        """Take a text or another simple value as a name or as a value."""
        if not self._awaits_name():
            self._put(value)
        elif colon := _COLON.match(self.text, self.position):
            self.position = colon.end()
            self.name = str(value)

    def _put(self, value: Any) -> None:
        container = self.open[-1]
        if isinstance(container, list):
            container.append(value)
        elif self.name is not None:
            container[self.name] = value
            self.name = None

    def _word_value(self, word: str) -> Any:
        """The value of a text without quotes; a name stays as it is."""
        if self._awaits_name():
            return word
        if _NUMBER.fullmatch(word):
            return float(word) if re.search(r"[.eE]", word) else int(word)
        return _LITERALS.get(word)

    def _read_text(self, quote: str) -> str:
        """The text that begins here, up to the quotation mark that ends it."""
        awaits_name = self._awaits_name()
        if awaits_name:
            after = _AFTER_NAME
        else:
            after = _AFTER_VALUE if isinstance(self.open[-1], dict) else _AFTER_ITEM
        start = self.position + 1
        end = len(self.text)
        for mark in _QUOTES[quote].finditer(self.text, start):
            is_escape = len(mark[0]) == 2
            if is_escape and mark[0][1] != quote:
                continue
            follows = _AFTER_LOST_BACKSLASH if is_escape else after
            is_long_name = awaits_name and mark.start() - start > MAX_NAME_LENGTH
            if is_long_name or follows.match(self.text, mark.end()):
                end = mark.end() - 1
                break
        self.position = end + 1
        return _unescape_text(self.text[start:end])


def _unescape_text(text: str) -> str:
    if "\\" not in text:
        return text
    text = _ESCAPE.sub(
        lambda escape: (
            chr(int(escape[1][1:], 16))
            if len(escape[1]) == 5
            else _ESCAPED.get(escape[1], escape[1])
        ),
        text,
    )
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
