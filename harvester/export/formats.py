"""The formats of an export, and which one a file's name asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harvester.errors import HarvesterError


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name, what it is for people, and the endings that ask for it."""

    name: str
    meaning: str
    endings: tuple[str, ...]
    is_tabular: bool = False  # has columns, a row an article or version


FORMATS = {
    one.name: one
    for one in (
        Format("jsonl", "JSON Lines", (".jsonl", ".ndjson", ".nl"), True),
        Format("csv", "CSV", (".csv",), True),
        Format("tsv", "TSV", (".tsv",), True),
        Format("parquet", "Parquet", (".parquet",), True),
        Format("markdown", "a folder of Markdown files", ()),
        Format("text", "a folder of text files", ()),
        Format("warc", "WARC", (".warc.gz",)),
        Format("wacz", "WACZ", (".wacz",)),
        Format("sqlite", "an archive", (".db", ".sqlite", ".sqlite3")),
    )
}
FOLDER_FORMATS = ("markdown", "text")


def choose_format(target: Path, name: str = "") -> Format:
    """The format named, or the one that the ending asks for. Raises HarvesterError."""
    if name:
        return FORMATS[name]
    lower_name = target.name.lower()
    for one in FORMATS.values():
        if any(lower_name.endswith(ending) for ending in one.endings):
            return one
    if target.is_dir():
        return FORMATS["markdown"]
    endings = ", ".join(one.endings[0] for one in FORMATS.values() if one.endings)
    raise HarvesterError(
        f"unknown format of {target}",
        f"use an ending ({endings}), or --format: {', '.join(FORMATS)}",
    )
