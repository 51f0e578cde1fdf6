"""What a page states of each field, where, and which statement was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from harvester.model import Statement
from harvester.parse.dates import date_text

MAX_STATEMENTS = 60
MAX_VALUE_LENGTH = 500  # characters
# The fields whose differing statements are kept.
STATEMENT_FIELDS = (
    "url",
    "title",
    "authors",
    "published",
    "modified",
    "language",
    "sections",
    "tags",
    "image",
    "description",
)
_TIME_FIELDS = ("published", "modified")


@dataclass(frozen=True, slots=True)
class StatedTime:
    """A time as stated; ``utc`` is the day alone if no zone is stated."""

    field: str
    utc: str
    local: str  # as stated
    source: str
    ambiguous: bool = False  # day and month may be swapped


@dataclass(slots=True)
class PageMetadata:
    """The value chosen for each field, and everything that was stated.

    ``values`` and ``sources``: by field. ``objects``: all objects of the page's
    JSON-LD. ``metas``: lower-case name → contents, in page order. Both are parsed once,
    for all.
    """

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    objects: list[dict[str, Any]] = field(default_factory=list)
    metas: dict[str, list[str]] = field(default_factory=dict)
    # (field, value, source, why rejected)
    candidates: list[tuple[str, Any, str, str]] = field(default_factory=list)
    stated_times: list[StatedTime] = field(default_factory=list)

    def add(self, name: str, value: Any, source: str) -> None:
        """Record a statement; it sets a field that has no value yet."""
        if not value:
            return
        self.candidates.append((name, value, source, ""))
        if name not in self.values:
            self.values[name] = value
            self.sources[name] = source

    def override(self, name: str, value: Any, source: str) -> None:
        """Record a statement that replaces the field's value."""
        self.values.pop(name, None)
        self.add(name, value, source)

    def reject(self, name: str, value: Any, source: str, why: str) -> None:
        """Record a statement that is not believed."""
        if value:
            self.candidates.append((name, value, source, why))

    def add_time(self, name: str, text: str, source: str, captured_at: str) -> bool:
        """Record a time; a time of day replaces the same day alone.

        Returns whether the text is a valid time.
        """
        stated = date_text.normalise_date(text, captured_at) if text else None
        is_ambiguous = stated is None
        if is_ambiguous:  # day and month may be swapped: ``stated_times`` decides
            stated = date_text.normalise_date(text, captured_at, "day")
        if stated is None:
            if text and date_text.parse_date(text) is not None:
                why = "more than a day after it was captured"
                self.reject(name, text[:100], source, why)
            return False
        utc, local = stated
        self.candidates.append((name, local, source, ""))
        self.stated_times.append(StatedTime(name, utc, local, source, is_ambiguous))
        current = self.values.get(name)
        if current is None or (
            len(current) == 10
            and len(utc) > 10
            and local[:10] == self.values[f"{name}_local"][:10]
        ):
            self.values[name], self.values[f"{name}_local"] = utc, local
            self.sources[name] = source
        return True

    def replace_time(self, name: str, text: str, source: str, captured_at: str) -> None:
        """Record a valid time that replaces the field's value."""
        for key in (name, f"{name}_local"):
            self.values.pop(key, None)
        self.add_time(name, text, source, captured_at)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All that differ from the chosen value or were rejected, each once."""
        return tuple(dict.fromkeys(self._iter_differing()))[:MAX_STATEMENTS]

    def _iter_differing(self) -> Iterator[Statement]:
        for name, value, source, why in self.candidates:
            if name not in STATEMENT_FIELDS:
                continue
            text = _as_text(value)
            key = f"{name}_local" if name in _TIME_FIELDS else name
            if why or text != _as_text(self.values.get(key) or ""):
                yield Statement(name, text, source, why)


def _as_text(value: Any) -> str:
    text = "; ".join(value) if isinstance(value, tuple) else str(value)
    return text if len(text) <= MAX_VALUE_LENGTH else f"{text[: MAX_VALUE_LENGTH - 1]}…"
