"""Metadata of real pages with known truth: a sample of each set must reach a level."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harvester.model import Rules
from harvester.parse.html.charset import decode
from harvester.parse.html.dom import parse_html
from harvester.parse.metadata import page_metadata

AT = "2026-11-01T00:00:00Z"  # later than all pages
EVERY = 4


def plain(text: str) -> str:
    text = re.sub(
        r"[“”„«»\"]", '"', re.sub(r"[‘’`´]", "'", re.sub(r"[–—‑]", "-", text))
    )
    return " ".join(text.split()).casefold()


def read(folder: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """(truth, values read) of every fourth page of a set."""
    with (folder / "truth.jsonl").open(encoding="utf-8") as lines:
        for number, text in enumerate(lines):
            if number % EVERY:
                continue
            row = json.loads(text)
            tree = parse_html(
                decode(gzip.decompress((folder / row["file"]).read_bytes()), "")
            )
            assert tree is not None
            metadata = page_metadata.extract_metadata(tree, row["url"] or "", AT)
            page_metadata.fill_missing(
                tree, metadata, "", Rules(), row["url"] or "", AT, ()
            )
            yield row["truth"], metadata.values


@pytest.mark.parametrize(
    ("name", "title", "people", "day"),
    [
        ("fundus", 0.75, 0.78, 0.95),
        ("postlight", 0.82, 0.65, 0.8),
        ("wcxb", 0.8, 0.76, 0.83),
        ("trafilatura", 0.82, 0.68, 0.8),
    ],
)
def test_level(
    corpora: Path, name: str, title: float, people: float, day: float
) -> None:
    right: dict[str, list[bool]] = {"title": [], "people": [], "day": []}
    for truth, values in read(corpora / "pages" / name):
        if truth.get("title"):
            right["title"].append(
                plain(values.get("title", "")) == plain(truth["title"])
            )
        if truth.get("authors"):
            names = {
                plain(name)
                for text in truth["authors"]
                for name in re.split(r",| and | und |;", text)
            }
            right["people"].append(
                {plain(name) for name in values.get("authors", ())} == names
            )
        if isinstance(truth.get("date"), str):
            days = {
                (values.get(key) or "")[:10] for key in ("published", "published_local")
            }
            right["day"].append(truth["date"] in days)
    for field, minimum in (("title", title), ("people", people), ("day", day)):
        share = sum(right[field]) / len(right[field])
        assert share >= minimum, (field, round(share, 3))


def test_no_day_after_the_capture(corpora: Path) -> None:
    early = "2019-06-01T00:00:00Z"
    for folder in ("wcxb", "postlight"):
        for path in sorted((corpora / "pages" / folder).glob("*.html.gz"))[::25]:
            tree = parse_html(decode(gzip.decompress(path.read_bytes()), ""))
            assert tree is not None
            metadata = page_metadata.extract_metadata(tree, "", early)
            page_metadata.fill_missing(tree, metadata, "text", Rules(), "", early, ())
            for name in ("published", "modified"):
                assert (metadata.values.get(name) or "") <= "2019-06-02", path.name
