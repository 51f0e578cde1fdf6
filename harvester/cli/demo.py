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
from harvester.cli.output import print_note, print_text

if TYPE_CHECKING:
    from harvester.newsroom.storyline import DemoState

NEXT_STEPS = """What to do next:

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
        handles = _run_scenario(settings)
        _show_results(settings, handles)
        if browsing:
            from harvester.cli.browse import serve

            _print_heading("The same in a web browser")
            serve(Path(folder) / "archive.db", "127.0.0.1", port)
        else:
            print_text()
            print_text(NEXT_STEPS.rstrip())


def _run_scenario(settings: Path) -> DemoState:
    """Three acts, a harvest after each."""
    from harvester.newsroom import Newsroom, storyline

    with Newsroom() as newsroom:
        _print_heading("Three invented newspapers open on this machine, and publish")
        storyline.publish_initial_articles(newsroom)
        settings.write_text(newsroom.settings_toml(settings.parent), encoding="utf-8")
        _run_crawl(settings)
        _print_heading(
            "A day later: one edits in silence, one finds a new headline, one withdraws, one reprints"
        )
        handles = storyline.make_changes(newsroom)
        _run_crawl(settings)
        _print_heading("Some hours later, a second look at what had gone")
        storyline.pass_quiet_hours(newsroom)
        _run_crawl(settings)
        return handles


def _run_crawl(settings: Path) -> None:
    from harvester.cli.crawl import format_crawl_summary
    from harvester.daemon import crawl
    from harvester.settings import parse_settings

    _print_command("once")
    # Nothing of the user's own surroundings: the settings as written, and the archive in this folder.
    ours = parse_settings(settings.read_text(encoding="utf-8"), settings, {})
    paths = {
        "HARVESTER_ARCHIVE_PATH": str(ours.archive),
        "HARVESTER_ARCHIVE_CAPTURES": str(ours.captures),
    }
    counts: dict[str, Any] = crawl(ours, command="harvest demo", environment=paths)
    print_text(format_crawl_summary(counts))


def _show_results(settings: Path, handles: DemoState) -> None:
    from harvester.archive.connection import open_reader
    from harvester.cli.context import resolve_article

    with closing(open_reader(settings.parent / "archive.db")) as connection:
        edited, wire, removed = (
            resolve_article(connection, url)["key"]
            for url in (handles.edited_url, handles.wire_urls[0], handles.withdrawn_url)
        )
    _print_heading("Search: accents do not matter")
    _run_command(settings, "search", "eglise", "--limit", "3")
    _print_heading(
        f"A word that stands nowhere any more, but stood there once: {handles.removed_word}"
    )
    _run_command(settings, "search", handles.removed_word)
    _print_heading("The history of that article, and what was edited")
    _run_command(settings, "history", edited[:8])
    _run_command(settings, "diff", edited[:8])
    _print_heading("The same wire copy in two newspapers")
    _run_command(settings, "similar", wire[:8])
    _print_heading("Who published this sentence, and who first?")
    _run_command(settings, "quote", _first_sentence(settings, wire))
    _print_heading("What was edited, retitled and removed")
    _run_command(settings, "changes")
    _print_heading("A removal: the words are still there")
    _run_command(settings, "history", removed[:8])
    _print_heading("And all of it can be proved")
    _run_command(settings, "verify")


def _first_sentence(settings: Path, key: str) -> str:
    """The first sentence of an article."""
    from harvester.archive.connection import open_reader
    from harvester.archive.queries import article_pages
    from harvester.identity.diff import split_sentences

    with closing(open_reader(settings.parent / "archive.db")) as connection:
        text = str(
            article_pages.get_article_details(
                connection, article_pages.get_article_by_key(connection, key)
            )["text"]
        )
    return split_sentences(text)[0]


def _print_heading(text: str) -> None:
    print_text()
    print_text(click.style(f"── {text}", fg="cyan", bold=True))


def _print_command(*arguments: str) -> None:
    shown = " ".join(f"'{one}'" if " " in one else one for one in arguments)
    print_text(click.style(f"$ harvest {shown}", dim=True))


def _run_command(settings: Path, *arguments: str) -> None:
    """A command, as a user would type it."""
    from harvester.cli import cli
    from harvester.settings import parse_settings

    _print_command(*arguments)
    context = Context(settings)
    context.settings = parse_settings(
        settings.read_text(encoding="utf-8"), settings, {}
    )
    command = cli.get_command(click.Context(cli), arguments[0])
    if command is None:
        print_note(f"there is no command {arguments[0]}")
        return
    with command.make_context(arguments[0], list(arguments[1:]), obj=context) as ctx:
        command.invoke(ctx)
