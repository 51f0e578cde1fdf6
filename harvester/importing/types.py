"""What is imported, how, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

# Called with what is done now, how much of it is done, and of how much.
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class ImportFile:
    """One WARC file to be imported."""

    path: Path
    kind: Literal["warc", "wayback"] = "warc"
    receiver: str = ""  # who received it; "": as its warcinfo record states
    name: str = ""  # that the archive remembers; "": the file's, without its folder


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Whose pages are imported, and of which time."""

    outlet: str = ""  # key of the outlet that everything is of; "": by domain
    all_outlets: bool = False  # each domain that is no outlet's becomes one
    since: str = ""  # the first time, or day, that is imported
    until: str = ""  # the first that is not any more
    workers: int = 0  # processes that read pages; 0: as in the settings
    again: bool = False  # files too that were imported before, for other outlets
    wait: bool = False  # for the archive, while another program writes to it
    dry_run: bool = False  # only say what is in the files


@dataclass(frozen=True, slots=True)
class FileResult:
    """What was found in one file."""

    path: str
    name: str
    receiver: str
    bytes: int
    sha256: str
    # imported; known: it was before; same: as another one that is named
    status: str
    problem: str = ""  # what else is to be told of it


@dataclass(slots=True)
class ImportResult:
    """What became of everything in the files: each response is counted exactly once.

    ``responses`` is the sum of ``skipped``, ``joined`` and ``outcomes``.
    """

    files: list[FileResult] = field(default_factory=list)
    responses: int = 0
    # responses that were replayed: outcome → count
    outcomes: Counter[str] = field(default_factory=Counter)
    # redirects and further pages that belong to another response: what → count
    reasons: Counter[str] = field(default_factory=Counter)  # of outcomes that gave none
    joined: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)  # reason → count
    # records that are no responses: kind → count
    other_records: Counter[str] = field(default_factory=Counter)
    domains: Counter[str] = field(default_factory=Counter)  # no outlet's → responses
    days: dict[tuple[str, str], int] = field(default_factory=dict)  # (outlet, day) →
    merged: dict[str, Any] = field(default_factory=dict)  # what the merge did
    dry_run: bool = False
