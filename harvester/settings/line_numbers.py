"""The line of each key in a TOML file, for messages; tomllib does not tell it.

A scanner, not a parser: it expects text that tomllib has accepted.
"""

from __future__ import annotations

import re

_KEY = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*""")
_TOKEN = re.compile(
    r'"""|\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*'
    r'|[\[\]{}=,\n]|[^\[\]{}=,\n"\'#]+|.'
)

KeyPath = tuple[str, ...]


class KeyLines:
    """The lines of all keys of a TOML text."""

    def __init__(self, text: str) -> None:
        self._lines = _Scanner(text).scan()

    def line_of(self, key_path: KeyPath) -> int:
        """The line of a key, or of the nearest table around it."""
        while key_path and key_path not in self._lines:
            key_path = key_path[:-1]
        return self._lines.get(key_path, 1)


class _Scanner:
    """Token by token: headers and keys only count outside of strings and lists."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _TOKEN.finditer(text)
        self._key_lines: dict[KeyPath, int] = {}
        self._line = 1
        self._table: KeyPath = ()
        self._table_counts: dict[KeyPath, int] = {}  # of [[…]]
        self._last_key: KeyPath | None = None
        self._inline_tables: list[KeyPath] = []
        self._list_depth = 0
        self._expects_key = True
        self._key_text = ""  # before "="

    def scan(self) -> dict[KeyPath, int]:
        for match in self._tokens:
            token = match[0]
            if token in ('"""', "'''"):
                self._skip_multiline_string(match)
            elif token == "\n":
                self._line += 1
                if not self._list_depth and not self._inline_tables:
                    self._expect_key(True)
            elif token == "[" and self._is_at_line_start():
                self._read_header(match)
            elif token == "[":
                self._list_depth += 1
            elif token == "]":
                self._list_depth = max(0, self._list_depth - 1)
            elif token == "=" and self._expects_key:
                self._read_key()
            elif token == "{":
                last_key = self._last_key
                self._inline_tables.append(
                    self._table if last_key is None else last_key
                )
                self._expect_key(True)
            elif token == "}":
                if self._inline_tables:
                    self._inline_tables.pop()
                self._expect_key(False)
            elif token == "," and self._inline_tables:
                self._expect_key(True)
            elif not token.startswith("#") and self._expects_key:
                self._key_text += token
        return self._key_lines

    def _expect_key(self, expects_key: bool) -> None:
        self._key_text, self._expects_key = "", expects_key

    def _is_at_line_start(self) -> bool:
        return (
            self._expects_key
            and not self._key_text.strip()
            and not self._inline_tables
            and not self._list_depth
        )

    def _skip_multiline_string(self, opening: re.Match[str]) -> None:
        end = self._text.find(opening[0], opening.end())
        end = len(self._text) if end < 0 else end + 3
        self._line += self._text.count("\n", opening.start(), end)
        for match in self._tokens:
            if match.end() >= end:
                break

    def _read_header(self, opening: re.Match[str]) -> None:
        start = opening.end()
        closing = self._text.find("]", start)
        newline = self._text.find("\n", start)
        is_closed = closing >= 0 and (newline < 0 or closing < newline)
        header = self._text[start : closing if is_closed else start]
        self._table = _split_key(header.lstrip("["))
        self._record(self._table)
        if self._text.startswith("[", start):  # one of a list of tables
            index = self._table_counts.get(self._table, 0)
            self._table_counts[self._table] = index + 1
            self._table = (*self._table, str(index))
            self._record(self._table)
        for match in self._tokens:
            if match[0] == "\n":
                self._line += 1
                break

    def _read_key(self) -> None:
        table = self._inline_tables[-1] if self._inline_tables else self._table
        self._last_key = (*table, *_split_key(self._key_text))
        self._record(self._last_key)
        self._expect_key(False)

    def _record(self, key_path: KeyPath) -> None:
        for end in range(1, len(key_path) + 1):
            self._key_lines.setdefault(key_path[:end], self._line)


def _split_key(text: str) -> KeyPath:
    keys, position = [], 0
    while match := _KEY.match(text, position):
        key = match[1]
        keys.append(key[1:-1] if key[0] in "\"'" else key)
        position = match.end()
        if text[position : position + 1] != ".":
            break
        position += 1
    return tuple(keys)
