"""What a page states of a field, by whom, and what was chosen of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from harvester.model import Statement
from harvester.parse.dates import date_text

MAX_STATEMENTS = 60  # statements kept
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


@dataclass(frozen=True, slots=True)
class StatedTime:
    """A time as stated: ``utc`` is the day alone where no zone is stated; ``local`` is as stated."""

    field: str
    utc: str
    local: str
    source: str
    ambiguous: bool = False  # day and month may be the other way round


@dataclass(slots=True)
class PageMetadata:
    """What was found, first statement first; ``sources`` says where from.

    ``objects``: all objects of the page's JSON-LD. ``metas``: name in lower case → contents, in order. Parsed once, for all.
    """

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    objects: list[dict[str, Any]] = field(default_factory=list)
    metas: dict[str, list[str]] = field(default_factory=dict)
    candidates: list[tuple[str, Any, str, str]] = field(
        default_factory=list
    )  # field, value, source, why refused
    stated_times: list[StatedTime] = field(default_factory=list)  # all times

    def add(self, name: str, value: Any, source: str) -> None:
        """Take a value for a field that has none yet; keep it as a statement in any case."""
        if not value:
            return
        self.candidates.append((name, value, source, ""))
        if name not in self.values:
            self.values[name] = value
            self.sources[name] = source

    def override(self, name: str, value: Any, source: str) -> None:
        """Take a value in place of the one that the field has."""
        self.values.pop(name, None)
        self.add(name, value, source)

    def reject(self, name: str, value: Any, source: str, why: str) -> None:
        """Keep what is stated and not believed."""
        if value:
            self.candidates.append((name, value, source, why))

    def add_time(self, name: str, text: str, source: str, captured_at: str) -> bool:
        """Take a time; one that says more of the same day replaces one that says less. Whether it was one."""
        stated = date_text.normalise_date(text, captured_at) if text else None
        if stated is None:
            if text and date_text.parse_date(text) is not None:
                self.reject(
                    name, text[:100], source, "more than a day after it was captured"
                )
            return False
        utc, local = stated
        held = self.values.get(name)
        self.candidates.append((name, local, source, ""))
        self.stated_times.append(
            StatedTime(
                name, utc, local, source, _AMBIGUOUS_DATE.search(text) is not None
            )
        )
        if held is None or (
            len(held) == 10
            and len(utc) > 10
            and local[:10] == self.values[f"{name}_local"][:10]
        ):
            self.values[name], self.values[f"{name}_local"] = utc, local
            self.sources[name] = source
        return True

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All that differ from what was chosen, or were refused; each once."""
        return tuple(dict.fromkeys(self._iter_differing()))[:MAX_STATEMENTS]

    def _iter_differing(self) -> Iterator[Statement]:
        for name, value, source, why in self.candidates:
            if name not in STATEMENT_FIELDS:
                continue
            text = _as_text(value)
            chosen = self.values.get(
                f"{name}_local" if name in ("published", "modified") else name
            )
            if why or text != _as_text(chosen or ""):
                yield Statement(name, text, source, why)


_AMBIGUOUS_DATE = re.compile(
    r"(?<!\d)(?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|1[0-2])[-/.]\d{4}"
)


def _as_text(value: Any) -> str:
    text = "; ".join(value) if isinstance(value, tuple) else str(value)
    return text if len(text) <= MAX_VALUE_LENGTH else f"{text[: MAX_VALUE_LENGTH - 1]}…"
