"""Change the text of a settings file, and nothing of it beside what is to change. Pure.

Comments, order, blank lines and line ends stay. What comes out is read again and compared
with what was meant, so that a text that cannot be edited gives an error and no damage.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from harvester.errors import SettingsError

Table = Mapping[str, Any]
FeedValue = str | dict[str, str]  # a URL, or { url = "…", section = "…" }
MAX_FEEDS_ON_ONE_LINE = 1


def render_outlet(key: str, table: Table) -> str:
    """The lines of an outlet's table, as people write it."""
    import tomlkit  # expensive

    table = dict(table)
    for name in ("feeds", "pages"):
        feeds = table.get(name)
        if isinstance(feeds, list) and len(feeds) > MAX_FEEDS_ON_ONE_LINE:
            array = tomlkit.array()
            for feed in feeds:
                array.append(_toml_feed(feed))
            table[name] = array.multiline(True)
    document = tomlkit.document()
    document["outlets"] = {key: table}
    return str(tomlkit.dumps(document)).rstrip("\n") + "\n"


def add_outlets(text: str, outlets: Mapping[str, Table]) -> str:
    """The text with more outlets, at its end.

    Raises SettingsError if an outlet has that key already, or the text is not editable.
    """
    present = _parse(text).get("outlets", {})
    for key in outlets:
        if key in present:
            raise SettingsError(f"there is an outlet {key!r} already")

    def append_lines(text: str) -> str:
        gap = "" if not text or text.endswith("\n") else "\n"
        blank = "\n" if text.strip() and not text.endswith("\n\n") else ""
        tables = "\n".join(render_outlet(key, table) for key, table in outlets.items())
        return f"{text}{gap}{blank}{tables}"

    def add_values(document: Any) -> None:
        document.setdefault("outlets", {}).update(outlets)

    return _edit(text, add_values, append_lines)


def add_alert(text: str, name: str, table: Table) -> str:
    """The text with another alert, at its end. Raises SettingsError."""
    if name in _parse(text).get("alerts", {}):
        raise SettingsError(f"there is an alert {name!r} already")

    def append_lines(text: str) -> str:
        import tomlkit

        gap = "" if not text or text.endswith("\n") else "\n"
        blank = "\n" if text.strip() and not text.endswith("\n\n") else ""
        document = tomlkit.document()
        document["alerts"] = {name: dict(table)}
        return f"{text}{gap}{blank}{tomlkit.dumps(document)}"

    def add_values(document: Any) -> None:
        document.setdefault("alerts", {})[name] = dict(table)

    return _edit(text, add_values, append_lines)


def set_alert_key(text: str, name: str, key: str, value: Any) -> str:
    """The text with a key of an alert set. Raises SettingsError."""

    def set_value(document: Any) -> None:
        _alert_table(document, name)[key] = value

    return _edit(text, set_value)


def remove_alert_key(text: str, name: str, key: str) -> str:
    """The text without a key of an alert. Raises SettingsError."""

    def remove(document: Any) -> None:
        _alert_table(document, name).pop(key, None)

    return _edit(text, remove)


def remove_alert(text: str, name: str) -> str:
    """The text without an alert. Raises SettingsError."""

    def remove(document: Any) -> None:
        _alert_table(document, name)
        del document["alerts"][name]
        if not document["alerts"]:
            del document["alerts"]

    return _edit(text, remove)


def set_outlet_key(text: str, outlet: str, key: str, value: Any) -> str:
    """The text with a key of an outlet set. Raises SettingsError."""
    header = re.compile(
        rf"^[ \t]*\[[ \t]*outlets[ \t]*\.[ \t]*([\"']?){re.escape(outlet)}\1[ \t]*\]"
        r"[^\n]*\n?",
        re.MULTILINE,
    )

    def insert_line(text: str) -> str:
        match = header.search(text)
        if match is None or key in _parse(text)["outlets"][outlet]:
            return text
        line = f"{_render_key(key, value)}\n"
        start = "" if match[0].endswith("\n") else "\n"
        return f"{text[: match.end()]}{start}{line}{text[match.end() :]}"

    def set_value(document: Any) -> None:
        _outlet_table(document, outlet)[key] = value

    return _edit(text, set_value, insert_line)


def remove_outlet_key(text: str, outlet: str, key: str) -> str:
    """The text without a key of an outlet. Raises SettingsError."""

    def remove(document: Any) -> None:
        _outlet_table(document, outlet).pop(key, None)

    return _edit(text, remove)


def add_feeds(
    text: str, outlet: str, feeds: Sequence[FeedValue], key: str = "feeds"
) -> str:
    """The text with more feeds of an outlet, at the end of its list.

    ``key``: "feeds", or "pages".
    """
    if key not in _outlet_table(_parse(text), outlet):
        return set_outlet_key(text, outlet, key, list(feeds))

    def append(document: Any) -> None:
        values = _outlet_table(document, outlet)[key]
        is_toml = type(values) is not list
        for feed in feeds:
            values.append(_toml_feed(feed) if is_toml else feed)

    return _edit(text, append)


def remove_feeds(text: str, outlet: str, urls: Collection[str]) -> str:
    """The text without some feeds of an outlet. Raises SettingsError."""

    def remove(document: Any) -> None:
        values = _outlet_table(document, outlet)["feeds"]
        for index in reversed(range(len(values))):
            feed = values[index]
            if (feed if isinstance(feed, str) else feed["url"]) in urls:
                del values[index]

    return _edit(text, remove)


def _edit(
    text: str,
    change: Callable[[Any], None],
    change_lines: Callable[[str], str] | None = None,
) -> str:
    """The text in which the change was made, by its lines if that is possible."""
    lines = text.replace("\r\n", "\n")
    expected = _parse(lines)
    change(expected)
    if change_lines is not None:
        edited = change_lines(lines)
        if _is(edited, expected):
            return _keep_line_ends(text, edited)
    import tomlkit

    try:
        document = tomlkit.parse(lines)
        change(document)
        edited = str(tomlkit.dumps(document))
    except Exception as error:
        raise SettingsError("this file cannot be edited by the program") from error
    if not _is(edited, expected):
        raise SettingsError("this file cannot be edited by the program")
    return _keep_line_ends(text, edited)


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"not readable as TOML: {error}") from error


def _is(text: str, expected: dict[str, Any]) -> bool:
    """Whether a text says what is expected. Tables of tomlkit compare as dictionaries."""
    try:
        return tomllib.loads(text) == expected
    except (ValueError, RecursionError):
        return False


def _outlet_table(document: Any, outlet: str) -> Any:
    try:
        return document["outlets"][outlet]
    except KeyError:
        raise SettingsError(f"no outlet {outlet!r} in the settings") from None


def _alert_table(document: Any, name: str) -> Any:
    try:
        return document["alerts"][name]
    except KeyError:
        raise SettingsError(f"no alert {name!r} in the settings") from None


def _toml_feed(feed: FeedValue) -> Any:
    """A feed as an item of a list: a table of it stands on the same line."""
    if isinstance(feed, str):
        return feed
    import tomlkit

    table = tomlkit.inline_table()
    table.update(feed)
    return table


def _render_key(key: str, value: Any) -> str:
    import tomlkit

    if isinstance(value, list):
        array = tomlkit.array()
        for part in value:
            array.append(_toml_feed(part) if isinstance(part, dict) else part)
        value = array
    return str(tomlkit.dumps({key: value})).strip()


def _keep_line_ends(text: str, edited: str) -> str:
    """The edited text with the line ends of the original; new lines get the usual one.

    Lines before and after what was changed are the original's, byte for byte.
    """
    old, new = text.split("\n"), edited.split("\n")
    plain = [line.removesuffix("\r") for line in old]
    new = [line.removesuffix("\r") for line in new]
    before = 0  # behind the last line end is no line: another may be added there
    while before < min(len(old), len(new)) - 1 and plain[before] == new[before]:
        before += 1
    after = 0
    while (
        after < min(len(old), len(new)) - before
        and plain[-1 - after] == new[-1 - after]
    ):
        after += 1
    usual = "\r" if old[0].endswith("\r") else ""
    changed = [f"{line}{usual}" for line in new[before : len(new) - after]]
    lines = [*old[:before], *changed, *old[len(old) - after :]]
    if usual and not after:
        lines[-1] = lines[-1].removesuffix("\r")
    return "\n".join(lines)
