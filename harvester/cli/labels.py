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

from harvester.cli.context import Context, known_outlet, resolve
from harvester.cli.explain import print_blocks
from harvester.cli.listing import read_file
from harvester.cli.output import clean, note, say, wrapped
from harvester.errors import HarvesterError

if TYPE_CHECKING:
    from harvester.ingest.profiles.labelling import Asked, Label
    from harvester.model import Judged
    from harvester.workers.pool import Workers

HELP = """\
Green lines (+) are kept, red ones (-) dropped, yellow ones (~) taken off as headline, byline or date. Blocks go by number.
  enter       all is right: next page            12 15-18    turn these round
  k 12 15-18  keep these                         d 3         drop this
  t 12        show its whole text                a           show all blocks, menus too
  s           skip this page: say nothing        q           stop; what was said so far is learned
Three pages make a difference: before, labels do not count."""


@dataclass(slots=True)
class Answer:
    """What was said of a page."""

    article: str
    capture: int
    labels: list[Label]


@contextmanager
def reading_workers(context: Context) -> Iterator[Workers]:
    """Processes that read pages, as many as the settings say."""
    from harvester.workers.pool import Workers

    with closing(
        Workers(context.settings.workers, context.settings.limits.read_time)
    ) as workers:
        yield workers


# ---- answers of a person


@dataclass(slots=True)
class Said:
    """A page while a person corrects it."""

    page: Asked
    said: dict[int, bool] = field(default_factory=dict)

    def now(self, place: int) -> bool:
        """Whether a block is kept as things stand."""
        return self.said.get(place, self._block(place).kept)

    def _block(self, place: int) -> Judged:
        return next(one for one in self.page.blocks if one.place == place)

    def places(self, text: str) -> list[int]:
        """The numbers in "12 15-18". Raises ValueError with what is wrong."""
        held = {one.place for one in self.page.blocks if one.place >= 0}
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

    def obey(self, text: str) -> None:
        """A correction. Raises ValueError."""
        command, _, rest = text.partition(" ")
        places = self.places(rest if command in ("k", "d") else text)
        for place in places:
            self.said[place] = command == "k" or (
                command != "d" and not self.now(place)
            )
        print_blocks(
            [one for one in self.page.blocks if one.place in places],
            self.said,
            whole=True,
        )

    def answer(self) -> Answer:
        """What was said."""
        from harvester.ingest.profiles.labelling import confirmed

        wanted = {place for place, keep in self.said.items() if keep}
        unwanted = set(self.said) - wanted
        return Answer(
            self.page.article, self.page.capture, confirmed(self.page, wanted, unwanted)
        )


def ask(pages: Sequence[Asked]) -> list[Answer]:
    """Show page by page. Ends where the person stops, or the input does."""
    answers = []
    for number, page in enumerate(pages, 1):
        _print_page(page, f"page {number} of {len(pages)}")
        one = Said(page)
        done = _corrected(one)
        if done == "stop":
            break
        if done == "right":
            answers.append(one.answer())
    return answers


def _corrected(one: Said) -> str:
    """Take corrections of a page. Returns "right", "skip" or "stop"."""
    while (text := _line()) is not None:
        if text in ("", "s", "q"):
            return {"": "right", "s": "skip", "q": "stop"}[text]
        if text == "?":
            say(HELP)
        elif text == "a":
            print_blocks(one.page.blocks, one.said, whole=True)
        else:
            try:
                if text.startswith("t "):
                    wanted = one.places(text[2:])
                    say(
                        "\n".join(
                            wrapped(block.text, "  ")
                            for block in one.page.blocks
                            if block.place in wanted
                        )
                    )
                else:
                    one.obey(text)
            except ValueError as error:
                note(str(error))
    return "stop"


def _line() -> str | None:
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
        say()
        return None
    return typed.strip().lower()


def _print_page(page: Asked, where: str) -> None:
    from harvester.identity.urls import mask

    say(
        f"\n{click.style(clean(page.extract.title) or '(no title)', bold=True)}  {where}, {page.article}"
    )
    method = f"{page.extract.method}, doubt {page.doubt:.3f}"
    say(click.style(f"{clean(mask(page.url))}  {method}", dim=True))
    print_blocks(page.blocks)


# ---- answers of a program


def labelled(context: Context, outlet: str, name: str) -> list[Answer]:
    """What the lines of a file say. Raises HarvesterError, with all lines that say nothing."""
    body = (
        read_file(Path("standard input"), sys.stdin.buffer)
        if name == "-"
        else read_file(Path(name))
    )
    lines = [
        (number, line)
        for number, line in enumerate(body.splitlines(), 1)
        if line.strip()
    ]
    found, faults = [], []
    with context.reading() as connection, reading_workers(context) as workers:
        known_outlet(connection, outlet)
        for number, line in lines:
            try:
                found.append(
                    _answer(context, connection, workers, outlet, _understood(line))
                )
            except (HarvesterError, ValueError) as error:
                faults.append(f"line {number}: {error}")
    if faults:
        raise HarvesterError("\n".join(faults[:20]), "nothing was learned")
    return found


def _understood(line: bytes) -> dict[str, Any]:
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


def _answer(
    context: Context,
    connection: sqlite3.Connection,
    workers: Workers,
    outlet: str,
    said: dict[str, Any],
) -> Answer:
    from harvester.archive.records import profiles
    from harvester.ingest.profiles import labelling, training_set

    settings = context.settings
    article = resolve(connection, said["article"])
    if article["outlet"] != outlet:
        raise ValueError(f"{said['article']} is an article of {article['outlet']}")
    page = profiles.page(connection, article["key"])
    if page is None:
        raise ValueError(f"no page of {said['article']} is kept")
    rules = settings.outlets[outlet].rules
    _, profile = training_set.in_force(connection, outlet, rules)
    job = labelling.job(
        connection,
        settings.captures,
        page,
        rules,
        settings.limits,
        profile,
        said.get("text", ""),
    )
    found = labelling.asked(page, workers.submit(job))
    if found is None:
        raise ValueError(f"the page of {said['article']} has no text to speak of")
    if "text" in said:
        labels = labelling.by_text(found)
        if not labels:
            raise ValueError(
                f"the text given is not that of {said['article']}: too little of it stands on its page"
            )
        return Answer(page.article, page.capture, labels)
    wanted, unwanted = set(said.get("wanted", [])), set(said.get("unwanted", []))
    strange = (wanted | unwanted) - {one.place for one in found.blocks}
    if strange or wanted & unwanted:
        raise ValueError(
            f"place {min(strange or wanted & unwanted)} {'is none' if strange else 'is wanted and unwanted'}"
        )
    return Answer(
        page.article, page.capture, labelling.confirmed(found, wanted, unwanted)
    )
