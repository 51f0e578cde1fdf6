"""Labels for pages: corrections that a person types, or the lines of a file.

Does not choose the pages, nor learn from the labels; see ``teach``.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, require_archived_outlets, resolve_article
from harvester.cli.explain import print_blocks
from harvester.cli.listing import read_file
from harvester.cli.output import clean, print_note, print_text, wrap_text
from harvester.errors import HarvesterError

if TYPE_CHECKING:
    from harvester.ingest.labelling import BlockLabel, PageToLabel
    from harvester.model import BlockDecision
    from harvester.workers.pool import WorkerPool

PROMPT_HELP = """\
Green lines (+) are kept, red ones (-) dropped, yellow ones (~) removed as headline,
byline or date. Type the numbers of blocks:
  enter       the page is right; next page       12 15-18    switch these
  k 12 15-18  keep these                         d 3         drop this
  t 12        show its whole text                a           show all blocks
  s           skip this page                     q           stop, and learn
Labels count from three pages on."""


@dataclass(slots=True)
class PageLabels:
    """The labels of a page."""

    article: str
    capture: int
    labels: list[BlockLabel]


@contextmanager
def extraction_workers(context: Context) -> Iterator[WorkerPool]:
    """A pool of as many worker processes as the settings say."""
    from harvester.workers.pool import WorkerPool

    with closing(
        WorkerPool(context.settings.workers, context.settings.limits.read_time)
    ) as workers:
        yield workers


# ---- from a person


@dataclass(slots=True)
class PageReview:
    """A page while a person corrects it."""

    page: PageToLabel
    corrections: dict[int, bool] = field(default_factory=dict)

    def is_kept(self, position: int) -> bool:
        """Whether a block is kept, after the corrections so far."""
        return self.corrections.get(position, self._get_block(position).kept)

    def _get_block(self, position: int) -> BlockDecision:
        return next(block for block in self.page.blocks if block.index == position)

    def parse_positions(self, text: str) -> list[int]:
        """The numbers in "12 15-18". Raises ValueError with a message."""
        known = {block.index for block in self.page.blocks if block.index >= 0}
        positions: list[int] = []
        for part in text.replace(",", " ").split():
            match = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", part)
            if match is None:
                raise ValueError(f"{part!r} is not the number of a block; ? for help")
            first, last = int(match[1]), int(match[2] or match[1])
            if first > last or first not in known or last not in known:
                raise ValueError(f"no such block {part}: the last is {max(known)}")
            positions += [
                number for number in range(first, last + 1) if number in known
            ]
        if not positions:
            raise ValueError("type the number of a block; ? for help")
        return positions

    def apply_correction(self, text: str) -> None:
        """Apply what was typed, and show the blocks. Raises ValueError."""
        command, _, rest = text.partition(" ")
        positions = self.parse_positions(rest if command in ("k", "d") else text)
        for position in positions:
            self.corrections[position] = command == "k" or (
                command != "d" and not self.is_kept(position)
            )
        print_blocks(
            [block for block in self.page.blocks if block.index in positions],
            self.corrections,
            show_all=True,
        )

    def to_page_labels(self) -> PageLabels:
        """The labels that the corrections give."""
        from harvester.ingest.labelling import confirmed_labels

        wanted = {position for position, keep in self.corrections.items() if keep}
        unwanted = set(self.corrections) - wanted
        return PageLabels(
            self.page.article,
            self.page.capture,
            confirmed_labels(self.page, wanted, unwanted),
        )


def review_pages(pages: Sequence[PageToLabel]) -> list[PageLabels]:
    """Show page by page, until the person stops or the input ends."""
    page_labels = []
    for number, page in enumerate(pages, 1):
        _print_page(page, f"page {number} of {len(pages)}")
        review = PageReview(page)
        result = _review_page(review)
        if result == "stop":
            break
        if result == "right":
            page_labels.append(review.to_page_labels())
    return page_labels


def _review_page(review: PageReview) -> str:
    """Take corrections of a page; returns "right", "skip" or "stop"."""
    while (text := _read_command()) is not None:
        if text in ("", "s", "q"):
            return {"": "right", "s": "skip", "q": "stop"}[text]
        if text == "?":
            print_text(PROMPT_HELP)
        elif text == "a":
            print_blocks(review.page.blocks, review.corrections, show_all=True)
        else:
            try:
                if text.startswith("t "):
                    positions = review.parse_positions(text[2:])
                    texts = [
                        wrap_text(block.text, "  ")
                        for block in review.page.blocks
                        if block.index in positions
                    ]
                    print_text("\n".join(texts))
                else:
                    review.apply_correction(text)
            except ValueError as error:
                print_note(str(error))
    return "stop"


def _read_command() -> str | None:
    """The next line that is typed, or of standard input; None at its end."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        return line.strip().lower() if line else None
    try:
        typed: str = click.prompt(
            "wrong blocks (enter: none, ?: help)",
            default="",
            show_default=False,
            prompt_suffix=": ",
        )
    except click.Abort:
        print_text()
        return None
    return typed.strip().lower()


def _print_page(page: PageToLabel, progress: str) -> None:
    from harvester.identity.urls import mask_secrets

    title = click.style(clean(page.extract.title) or "(no title)", bold=True)
    print_text(f"\n{title}  {progress}, {page.article}")
    method = f"{page.extract.method}, uncertainty {page.doubt:.3f}"
    print_text(click.style(f"{clean(mask_secrets(page.url))}  {method}", dim=True))
    print_blocks(page.blocks)


# ---- from a file


def read_labels(context: Context, outlet: str, source: str) -> list[PageLabels]:
    """The labels in a file. Raises HarvesterError that names all faulty lines."""
    body = (
        read_file(Path("standard input"), sys.stdin.buffer)
        if source == "-"
        else read_file(Path(source))
    )
    lines = [
        (number, line)
        for number, line in enumerate(body.splitlines(), 1)
        if line.strip()
    ]
    page_labels, faults = [], []
    with (
        context.connect_read_only() as connection,
        extraction_workers(context) as workers,
    ):
        require_archived_outlets(connection, [outlet])
        for number, line in lines:
            try:
                record = _parse_label(line)
                page_labels.append(
                    _label_page(context, connection, workers, outlet, record)
                )
            except (HarvesterError, ValueError) as error:
                faults.append(f"line {number}: {error}")
    if faults:
        raise HarvesterError("\n".join(faults[:20]), "nothing was learned")
    return page_labels


def _parse_label(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("not JSON") from error
    if not isinstance(record, dict) or not isinstance(record.get("article"), str):
        raise ValueError('not an object with "article"')
    unknown = set(record) - {"article", "wanted", "unwanted", "text"}
    if unknown:
        raise ValueError(
            f"unknown key {min(unknown)!r}: "
            'known are "article", "wanted", "unwanted", "text"'
        )
    lists = {"wanted", "unwanted"} & set(record)
    if "text" in record:
        text = record["text"]
        if lists or not isinstance(text, str) or not text.strip():
            raise ValueError('"text" must be a non-empty string, without "wanted"')
    elif not lists:
        raise ValueError('no labels: give "text", or "wanted" and "unwanted"')
    for name in lists:
        if not isinstance(record[name], list) or not all(
            type(position) is int and position >= 0 for position in record[name]
        ):
            raise ValueError('"wanted" and "unwanted" must be lists of block numbers')
    return record


def _label_page(
    context: Context,
    connection: sqlite3.Connection,
    workers: WorkerPool,
    outlet: str,
    record: dict[str, Any],
) -> PageLabels:
    from harvester.archive.records import profiles
    from harvester.ingest import labelling
    from harvester.ingest.profiles import training_set

    settings = context.settings
    article = resolve_article(connection, record["article"])
    if article["outlet"] != outlet:
        raise ValueError(f"{record['article']} is an article of {article['outlet']}")
    page = profiles.get_training_page(connection, article["key"])
    if page is None:
        raise ValueError(f"no page of {record['article']} is stored")
    rules = settings.outlets[outlet].rules
    _, profile = training_set.current_profile(connection, outlet, rules)
    job = labelling.explain_job(
        connection,
        settings.captures,
        page,
        rules,
        settings.limits,
        profile,
        record.get("text", ""),
    )
    page_to_label = labelling.read_page_to_label(page, workers.submit(job))
    if page_to_label is None:
        raise ValueError(f"the page of {record['article']} has no text")
    if "text" in record:
        labels = labelling.labels_from_text(page_to_label)
        if not labels:
            raise ValueError(
                f"the text is not that of {record['article']}: "
                "too little of it is on its page"
            )
        return PageLabels(page.article, page.capture, labels)
    wanted, unwanted = set(record.get("wanted", [])), set(record.get("unwanted", []))
    unknown = (wanted | unwanted) - {block.index for block in page_to_label.blocks}
    if unknown:
        raise ValueError(f"unknown block {min(unknown)}")
    if wanted & unwanted:
        raise ValueError(f"block {min(wanted & unwanted)} is both wanted and unwanted")
    labels = labelling.confirmed_labels(page_to_label, wanted, unwanted)
    return PageLabels(page.article, page.capture, labels)
