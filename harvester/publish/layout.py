"""The names of an edition's files, and links between them. Pure.

A name is made of keys, days and words of our own: nothing that an outlet wrote is in a
path. Links are relative, so that the folder works under any address, and as files.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

INDEX = "index.html"
DAYS = "days.html"
CHANGES = "changes.html"
REMOVALS = "removals.html"
OUTLETS = "outlets.html"
NOT_FOUND = "404.html"
# The pages that each page leads to.
NAVIGATION = (
    (INDEX, "Today"),
    (DAYS, "Days"),
    (CHANGES, "Changes"),
    (REMOVALS, "Removals"),
    (OUTLETS, "Outlets"),
)
_OUTLET_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


def article_page(key: str) -> str:
    """The page of an article."""
    return f"articles/{key[:2]}/{key}.html"


def version_page(key: str, number: int) -> str:
    """The page with the text of an earlier version."""
    return f"articles/{key[:2]}/{key}-v{number}.html"


def outlet_base(key: str) -> str:
    """The name of an outlet's files, without their endings."""
    if _OUTLET_PATTERN.fullmatch(key):
        return f"outlets/{key}"
    digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    return f"outlets/outlet-{digest[:16]}"


def paged(
    base: str, items: Sequence[T], size: int
) -> Iterator[tuple[str, Sequence[T]]]:
    """Pages of a list: base.html, base-2.html …"""
    for number, start in enumerate(range(0, len(items), size), 1):
        suffix = "" if number == 1 else f"-{number}"
        yield f"{base}{suffix}.html", items[start : start + size]


def neighbours(names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Each name with the one before and the one after it; "" where there is none."""
    for index, name in enumerate(names):
        before = names[index - 1] if index else ""
        yield before, name, names[index + 1] if index + 1 < len(names) else ""


@dataclass(frozen=True, slots=True)
class Links:
    """Links from one file to others."""

    here: str

    def to(self, file: str) -> str:
        """A relative link to a file."""
        return "../" * self.here.count("/") + file

    def article(self, key: str, version: int | None = None) -> str:
        """To an article, or to a version in its history."""
        anchor = f"#v{version}" if version else ""
        return f"{self.to(article_page(key))}{anchor}"

    def text(self, key: str, version: int) -> str:
        """To the text of an earlier version."""
        return self.to(version_page(key, version))

    def outlet(self, key: str) -> str:
        """To an outlet."""
        return f"{self.to(outlet_base(key))}.html"


class Signer:
    """Signs what a file is made of: its name, its parts, and what all files share."""

    def __init__(self, *shared: object) -> None:
        self._shared = hashlib.blake2b(repr(shared).encode("utf-8", "replace"))

    def sign(self, file: str, *parts: object) -> str:
        """16 digits that differ where any part does."""
        hashed = self._shared.copy()
        hashed.update(repr((file, parts)).encode("utf-8", "replace"))
        return hashed.hexdigest()[:16]
