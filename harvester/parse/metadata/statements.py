"""What a page states of a field, by whom, and what was chosen of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from harvester.model import Statement
from harvester.parse.dates import date_text

MOST = 60  # statements kept
VALUE_MOST = 500  # characters
# The fields whose differing statements are kept.
FIELDS = (
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
class Told:
    """A time as stated: ``utc`` is the day alone where no zone is stated; ``local`` is as stated."""

    field: str
    utc: str
    local: str
    source: str
    ambiguous: bool = False  # day and month may be the other way round


@dataclass(slots=True)
class Stated:
    """What was found, first statement first; ``sources`` says where from.

    ``objects``: all objects of the page's JSON-LD. ``metas``: name in lower case → contents, in order. Parsed once, for all.
    """

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    objects: list[dict[str, Any]] = field(default_factory=list)
    metas: dict[str, list[str]] = field(default_factory=dict)
    offers: list[tuple[str, Any, str, str]] = field(
        default_factory=list
    )  # field, value, source, why refused
    told: list[Told] = field(default_factory=list)  # all times

    def offer(self, name: str, value: Any, source: str) -> None:
        """Take a value for a field that has none yet; keep it as a statement in any case."""
        if not value:
            return
        self.offers.append((name, value, source, ""))
        if name not in self.values:
            self.values[name] = value
            self.sources[name] = source

    def choose(self, name: str, value: Any, source: str) -> None:
        """Take a value in place of the one that the field has."""
        self.values.pop(name, None)
        self.offer(name, value, source)

    def refuse(self, name: str, value: Any, source: str, why: str) -> None:
        """Keep what is stated and not believed."""
        if value:
            self.offers.append((name, value, source, why))

    def offer_time(self, name: str, text: str, source: str, at: str) -> bool:
        """Take a time; one that says more of the same day replaces one that says less. Whether it was one."""
        stated = date_text.read(text, at) if text else None
        if stated is None:
            if text and date_text.parse(text) is not None:
                self.refuse(
                    name, text[:100], source, "more than a day after it was captured"
                )
            return False
        utc, local = stated
        held = self.values.get(name)
        self.offers.append((name, local, source, ""))
        self.told.append(
            Told(name, utc, local, source, _AMBIGUOUS.search(text) is not None)
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
        return tuple(dict.fromkeys(self._differing()))[:MOST]

    def _differing(self) -> Iterator[Statement]:
        for name, value, source, why in self.offers:
            if name not in FIELDS:
                continue
            text = _as_text(value)
            chosen = self.values.get(
                f"{name}_local" if name in ("published", "modified") else name
            )
            if why or text != _as_text(chosen or ""):
                yield Statement(name, text, source, why)


_AMBIGUOUS = re.compile(r"(?<!\d)(?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|1[0-2])[-/.]\d{4}")


def _as_text(value: Any) -> str:
    text = "; ".join(value) if isinstance(value, tuple) else str(value)
    return text if len(text) <= VALUE_MOST else f"{text[: VALUE_MOST - 1]}…"
