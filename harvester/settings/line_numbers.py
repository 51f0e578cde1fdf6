"""On which line of a TOML file a key stands. tomllib does not say; a message that names the line saves a search.

A scanner, not a parser: it runs over text that tomllib has accepted (or close to it) and remembers where each key begins.
"""

from __future__ import annotations

import re

_KEY = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*""")
_TOKEN = re.compile(
    r'"""|\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}=,\n]|[^\[\]{}=,\n"\'#]+|.'
)


def _split_key(text: str) -> tuple[str, ...]:
    keys, at = [], 0
    while match := _KEY.match(text, at):
        key = match[1]
        keys.append(key[1:-1] if key[0] in "\"'" else key)
        at = match.end()
        if text[at : at + 1] != ".":
            break
        at += 1
    return tuple(keys)


class KeyLines:
    """Lines of all keys of a text."""

    def __init__(self, text: str) -> None:
        self._line_of_key: dict[tuple[str, ...], int] = {}
        self._scan(text)

    def line_of(self, key_path: tuple[str, ...]) -> int:
        """The line of a key, or of the nearest table around it."""
        while key_path and key_path not in self._line_of_key:
            key_path = key_path[:-1]
        return self._line_of_key.get(key_path, 1)

    def _record(self, key_path: tuple[str, ...], line: int) -> None:
        for end in range(1, len(key_path) + 1):
            self._line_of_key.setdefault(key_path[:end], line)

    def _scan(self, text: str) -> None:
        """Token by token: table headers and keys count only outside of strings and lists."""
        line, table, held, depth, inline = 1, (), "", 0, []  # type: int, tuple[str, ...], str, int, list[tuple[str, ...]]
        tokens = _TOKEN.finditer(text)
        expecting = True
        counts: dict[tuple[str, ...], int] = {}
        for match in tokens:
            token = match[0]
            if token in ('"""', "'''"):
                end = text.find(token, match.end())
                end = len(text) if end < 0 else end + 3
                line += text.count("\n", match.start(), end)
                for later in tokens:
                    if later.end() >= end:
                        break
                continue
            if token == "\n":
                line += 1
                if not depth and not inline:
                    held, expecting = "", True
            elif (
                token == "["
                and expecting
                and not held.strip()
                and not inline
                and not depth
            ):
                end = text.find("]", match.end())
                newline = text.find("\n", match.end())
                stop = (
                    end if end >= 0 and (newline < 0 or end < newline) else match.end()
                )
                table = _split_key(text[match.end() : stop].lstrip("["))
                self._record(table, line)
                if text.startswith("[", match.end()):  # one of a list of tables
                    table = (*table, str(counts.setdefault(table, 0)))
                    counts[table[:-1]] += 1
                    self._record(table, line)
                for later in tokens:
                    if later[0] == "\n":
                        line += 1
                        break
            elif token == "[":
                depth += 1
            elif token == "]":
                depth = max(0, depth - 1)
            elif token == "=" and expecting:
                place = (*(inline[-1] if inline else table), *_split_key(held))
                self._record(place, line)
                self._last_key = place
                held, expecting = "", False
            elif token == "{":
                inline.append(getattr(self, "_last_key", table))
                held, expecting = "", True
            elif token == "}":
                if inline:
                    inline.pop()
                held, expecting = "", False
            elif token == "," and inline:
                held, expecting = "", True
            elif not token.startswith("#"):
                held += token if expecting else ""
