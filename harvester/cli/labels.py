"""What a person says of pages: block by block in answer to what is shown, or as records on the lines of a file.

Not for: which pages are shown, nor for what follows from the answers (``teach``).
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

from harvester.cli.context import Context, require_archived_outlet, resolve_article
from harvester.cli.explain import print_blocks
from harvester.cli.listing import read_file
from harvester.cli.output import clean, print_note, print_text, wrap_text
from harvester.errors import HarvesterError

if TYPE_CHECKING:
    from harvester.ingest.profiles.labelling import BlockLabel, PageToLabel
    from harvester.model import BlockDecision
    from harvester.workers.pool import WorkerPool

PROMPT_HELP = """\
Green lines (+) are kept, red ones (-) dropped, yellow ones (~) taken off as headline, byline or date. Blocks go by number.
  enter       all is right: next page            12 15-18    turn these round
  k 12 15-18  keep these                         d 3         drop this
  t 12        show its whole text                a           show all blocks, menus too
  s           skip this page: say nothing        q           stop; what was said so far is learned
Three pages make a difference: before, labels do not count."""


@dataclass(slots=True)
class PageLabels:
    """What was said of a page."""

    article: str
    capture: int
    labels: list[BlockLabel]


@contextmanager
def extraction_workers(context: Context) -> Iterator[WorkerPool]:
    """Processes that read pages, as many as the settings say."""
    from harvester.workers.pool import WorkerPool

    with closing(
        WorkerPool(context.settings.workers, context.settings.limits.read_time)
    ) as workers:
        yield workers


# ---- answers of a person


@dataclass(slots=True)
class PageReview:
    """A page while a person corrects it."""

    page: PageToLabel
    corrections: dict[int, bool] = field(default_factory=dict)

    def is_kept(self, position: int) -> bool:
        """Whether a block is kept as things stand."""
        return self.corrections.get(position, self._get_block(position).kept)

    def _get_block(self, position: int) -> BlockDecision:
        return next(one for one in self.page.blocks if one.index == position)

    def parse_positions(self, text: str) -> list[int]:
        """The numbers in "12 15-18". Raises ValueError with what is wrong."""
        held = {one.index for one in self.page.blocks if one.index >= 0}
        found: list[int] = []
        for part in text.replace(",", " ").split():
            match = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", part)
            if match is None:
                raise ValueError(f"{part!r} is no number of a block: ? explains")
            first, last = int(match[1]), int(match[2] or match[1])
            if first > last or first not in held or last not in held:
                raise ValueError(f"there are no blocks {part}: they go to {max(held)}")
            found += [one for one in range(first, last + 1) if one in held]
        if not found:
            raise ValueError("which blocks? ? explains")
        return found

    def apply_correction(self, text: str) -> None:
        """A correction. Raises ValueError."""
        command, _, rest = text.partition(" ")
        places = self.parse_positions(rest if command in ("k", "d") else text)
        for place in places:
            self.corrections[place] = command == "k" or (
                command != "d" and not self.is_kept(place)
            )
        print_blocks(
            [one for one in self.page.blocks if one.index in places],
            self.corrections,
            show_all=True,
        )

    def to_page_labels(self) -> PageLabels:
        """What was said."""
        from harvester.ingest.profiles.labelling import confirmed_labels

        wanted = {place for place, keep in self.corrections.items() if keep}
        unwanted = set(self.corrections) - wanted
        return PageLabels(
            self.page.article,
            self.page.capture,
            confirmed_labels(self.page, wanted, unwanted),
        )


def review_pages(pages: Sequence[PageToLabel]) -> list[PageLabels]:
    """Show page by page. Ends where the person stops, or the input does."""
    answers = []
    for number, page in enumerate(pages, 1):
        _print_page(page, f"page {number} of {len(pages)}")
        one = PageReview(page)
        done = _review_page(one)
        if done == "stop":
            break
        if done == "right":
            answers.append(one.to_page_labels())
    return answers


def _review_page(review: PageReview) -> str:
    """Take corrections of a page. Returns "right", "skip" or "stop"."""
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
                    wanted = review.parse_positions(text[2:])
                    print_text(
                        "\n".join(
                            wrap_text(block.text, "  ")
                            for block in review.page.blocks
                            if block.index in wanted
                        )
                    )
                else:
                    review.apply_correction(text)
            except ValueError as error:
                print_note(str(error))
    return "stop"


def _read_command() -> str | None:
    """What is typed, or stands on the next line of standard input; None: nothing more."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        return line.strip().lower() if line else None
    try:
        typed: str = click.prompt(
            "wrong are (enter: none, ? help)",
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

    print_text(
        f"\n{click.style(clean(page.extract.title) or '(no title)', bold=True)}  {progress}, {page.article}"
    )
    method = f"{page.extract.method}, doubt {page.doubt:.3f}"
    print_text(click.style(f"{clean(mask_secrets(page.url))}  {method}", dim=True))
    print_blocks(page.blocks)


# ---- answers of a program


def read_labels(context: Context, outlet: str, source: str) -> list[PageLabels]:
    """What the lines of a file say. Raises HarvesterError, with all lines that say nothing."""
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
    found, faults = [], []
    with (
        context.connect_read_only() as connection,
        extraction_workers(context) as workers,
    ):
        require_archived_outlet(connection, outlet)
        for number, line in lines:
            try:
                found.append(
                    _label_page(
                        context, connection, workers, outlet, _parse_label(line)
                    )
                )
            except (HarvesterError, ValueError) as error:
                faults.append(f"line {number}: {error}")
    if faults:
        raise HarvesterError("\n".join(faults[:20]), "nothing was learned")
    return found


def _parse_label(line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("no JSON") from error
    if not isinstance(said, dict) or not isinstance(said.get("article"), str):
        raise ValueError('no object with "article"')
    unknown = set(said) - {"article", "wanted", "unwanted", "text"}
    if unknown:
        raise ValueError(
            f'{min(unknown)!r} is not known: "article", "wanted", "unwanted", "text" are'
        )
    places = {"wanted", "unwanted"} & set(said)
    if "text" in said:
        if places or not isinstance(said["text"], str) or not said["text"].strip():
            raise ValueError('"text" is a text, and stands alone')
    elif not places:
        raise ValueError(
            'it says nothing: neither a "text", nor "wanted" or "unwanted" places'
        )
    for name in places:
        if not isinstance(said[name], list) or not all(
            type(one) is int and one >= 0 for one in said[name]
        ):
            raise ValueError('"wanted" and "unwanted" are lists of places')
    return said


def _label_page(
    context: Context,
    connection: sqlite3.Connection,
    workers: WorkerPool,
    outlet: str,
    record: dict[str, Any],
) -> PageLabels:
    from harvester.archive.records import profiles
    from harvester.ingest.profiles import labelling, training_set

    settings = context.settings
    article = resolve_article(connection, record["article"])
    if article["outlet"] != outlet:
        raise ValueError(f"{record['article']} is an article of {article['outlet']}")
    page = profiles.get_training_page(connection, article["key"])
    if page is None:
        raise ValueError(f"no page of {record['article']} is kept")
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
    found = labelling.read_page_to_label(page, workers.submit(job))
    if found is None:
        raise ValueError(f"the page of {record['article']} has no text to speak of")
    if "text" in record:
        labels = labelling.labels_from_text(found)
        if not labels:
            raise ValueError(
                f"the text given is not that of {record['article']}: too little of it stands on its page"
            )
        return PageLabels(page.article, page.capture, labels)
    wanted, unwanted = set(record.get("wanted", [])), set(record.get("unwanted", []))
    strange = (wanted | unwanted) - {one.index for one in found.blocks}
    if strange or wanted & unwanted:
        raise ValueError(
            f"place {min(strange or wanted & unwanted)} {'is none' if strange else 'is wanted and unwanted'}"
        )
    return PageLabels(
        page.article, page.capture, labelling.confirmed_labels(found, wanted, unwanted)
    )
