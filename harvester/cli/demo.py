"""``harvest demo``: a small newspaper on loopback, harvested while it changes its mind; then what a user will have.

What is shown is what the commands print: they are called as a user would call them. Not for: the play itself
(``newsroom.demo``), nor for anything that outlasts it: all is in a temporary folder.
"""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harvester.cli.context import Context, pass_context
from harvester.cli.output import note, say

if TYPE_CHECKING:
    from harvester.newsroom.storyline import Handles

NEXT = """What to do next:

  write a settings.toml with an outlet of your own (three lines are enough):

    [outlets.mpi]
    name = "Médias-Presse-Info"
    feeds = ["https://www.medias-presse.info/feed/"]

  harvest once              visits what is due, and ends
  harvest run               does so for as long as it is left running
  harvest search WORDS      searches every wording of every article
  harvest browse            shows it all in a web browser
  harvest demo --browse     this newspaper, in a web browser
"""


@click.command()
@click.option(
    "--browse",
    "browsing",
    is_flag=True,
    help="Leave the archive open in a web browser, until Ctrl-C.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    help="With --browse: the port; default: any that is free.",
)
@pass_context
def demo(_: Context, browsing: bool, port: int) -> None:
    """Harvest a small newspaper on this machine, and show what one gets. Under a minute; no network, nothing is left."""
    with tempfile.TemporaryDirectory(prefix="harvest-demo-") as folder:
        settings = Path(folder) / "settings.toml"
        handles = _play(settings)
        _show(settings, handles)
        if browsing:
            from harvester.cli.browse import serve

            _title("The same in a web browser")
            serve(Path(folder) / "archive.db", "127.0.0.1", port)
        else:
            say()
            say(NEXT.rstrip())


def _play(settings: Path) -> Handles:
    """Three acts, a harvest after each."""
    from harvester.newsroom import Newsroom, storyline

    with Newsroom() as newsroom:
        _title("Three invented newspapers open on this machine, and publish")
        storyline.first(newsroom)
        settings.write_text(newsroom.settings(settings.parent), encoding="utf-8")
        _harvest(settings)
        _title(
            "A day later: one edits in silence, one finds a new headline, one withdraws, one reprints"
        )
        handles = storyline.second(newsroom)
        _harvest(settings)
        _title("Some hours later, a second look at what had gone")
        storyline.third(newsroom)
        _harvest(settings)
        return handles


def _harvest(settings: Path) -> None:
    from harvester.cli.crawl import summary
    from harvester.daemon import crawl
    from harvester.settings import read

    _typed("once")
    # Nothing of the user's own surroundings: the settings as written, and the archive in this folder.
    ours = read(settings.read_text(encoding="utf-8"), settings, {})
    paths = {
        "HARVESTER_ARCHIVE_PATH": str(ours.archive),
        "HARVESTER_ARCHIVE_CAPTURES": str(ours.captures),
    }
    counts: dict[str, Any] = crawl(ours, command="harvest demo", environment=paths)
    say(summary(counts))


def _show(settings: Path, handles: Handles) -> None:
    from harvester.archive.connection import reader
    from harvester.cli.context import resolve

    with closing(reader(settings.parent / "archive.db")) as connection:
        edited, wire, removed = (
            resolve(connection, url)["key"]
            for url in (handles.edited, handles.wire[0], handles.withdrawn)
        )
    _title("Search: accents do not matter")
    _run(settings, "search", "eglise", "--limit", "3")
    _title(f"A word that stands nowhere any more, but stood there once: {handles.gone}")
    _run(settings, "search", handles.gone)
    _title("The history of that article, and what was edited")
    _run(settings, "history", edited[:8])
    _run(settings, "diff", edited[:8])
    _title("The same wire copy in two newspapers")
    _run(settings, "similar", wire[:8])
    _title("Who published this sentence, and who first?")
    _run(settings, "quote", _quoted(settings, wire))
    _title("What was edited, retitled and removed")
    _run(settings, "changes")
    _title("A removal: the words are still there")
    _run(settings, "history", removed[:8])
    _title("And all of it can be proved")
    _run(settings, "verify")


def _quoted(settings: Path, key: str) -> str:
    """The first sentence of an article."""
    from harvester.archive.connection import reader
    from harvester.archive.queries import article_pages
    from harvester.identity.diff import sentences

    with closing(reader(settings.parent / "archive.db")) as connection:
        text = str(
            article_pages.shown(connection, article_pages.by_key(connection, key))[
                "text"
            ]
        )
    return sentences(text)[0]


def _title(text: str) -> None:
    say()
    say(click.style(f"── {text}", fg="cyan", bold=True))


def _typed(*arguments: str) -> None:
    shown = " ".join(f"'{one}'" if " " in one else one for one in arguments)
    say(click.style(f"$ harvest {shown}", dim=True))


def _run(settings: Path, *arguments: str) -> None:
    """A command, as a user would type it."""
    from harvester.cli import cli
    from harvester.settings import read

    _typed(*arguments)
    context = Context(settings)
    context.settings = read(settings.read_text(encoding="utf-8"), settings, {})
    command = cli.get_command(click.Context(cli), arguments[0])
    if command is None:
        note(f"there is no command {arguments[0]}")
        return
    with command.make_context(arguments[0], list(arguments[1:]), obj=context) as ctx:
        command.invoke(ctx)
