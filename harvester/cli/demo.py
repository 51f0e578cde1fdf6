"""``harvest demo``: an invented newspaper on loopback, crawled while it changes.

The commands are called as a user would call them. Everything is in a temporary folder,
which at the end becomes the archive that is kept, if one is to be kept.
The storyline is in ``newsroom.storyline``.
"""

from __future__ import annotations

import shlex
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harvester.cli.context import Context, pass_context
from harvester.cli.output import clean, print_text
from harvester.errors import HarvesterError

if TYPE_CHECKING:
    from harvester.newsroom.storyline import DemoState

NEXT_STEPS = """What to do next:

  harvest add https://www.medias-presse.info
                            find the feeds of a site, and check it once
  harvest import FILE.opml  the same for what a feed reader exported
  harvest once              check everything that is due, once
  harvest run               crawl continuously
  harvest search WORDS      search every version of every article
  harvest browse            show the archive in a web browser
  harvest demo --browse     show these newspapers in a web browser
  harvest demo --keep DIR   keep this archive, to ask it questions of your own
"""
NEXT_STEPS_KEPT = """The archive is kept in {folder}. Ask it what you like:

  cd {quoted}
  harvest search {word}            text, also what was removed since
  harvest changes --silent             edits that were not acknowledged
  harvest browse --open                the same in a web browser
  harvest COMMAND --help               explains a command

The three newspapers have closed: a crawl would reach nobody. For outlets of your own
write a settings.toml in another folder.
"""
KEPT_SETTINGS_HEADER = """\
# The archive of `harvest demo`. Its three newspapers are invented, and closed when the
# demonstration ended: a crawl reaches nobody. For outlets of your own write a
# settings.toml in another folder.

"""


@click.command()
@click.option(
    "--browse",
    "browsing",
    is_flag=True,
    help="Then show the archive in a web browser, until Ctrl-C.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    show_default="any free one",
    help="With --browse, the port to listen on.",
)
@click.option(
    "--keep",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Keep the archive in a folder, which must be new or empty.",
)
@pass_context
def demo(_: Context, browsing: bool, port: int, target: Path | None) -> None:
    """Crawl invented newspapers, and ask the archive.

    Everything runs on this machine. It takes less than a minute, needs no network and
    leaves nothing behind. --browse keeps the archive until Ctrl-C, --keep for good:
    with its captures and a settings.toml, so that every command works in FOLDER.

    Examples: `harvest demo --keep demo`, `harvest demo --browse`
    """
    if target is not None:
        _prepare_folder(target)
    # Inside the target, so that nothing is left in it if the demo is interrupted.
    with tempfile.TemporaryDirectory(prefix="harvest-demo-", dir=target) as temporary:
        folder = Path(temporary).resolve()
        state = _run_scenario(folder / "settings.toml")
        _show_results(folder / "settings.toml", state)
        if target is not None:
            for path in list(folder.iterdir()):
                path.rename(target / path.name)
            folder = target
        if target is not None or not browsing:
            print_text()
            _print_next_steps(target, state)
        if browsing:
            from harvester.cli.browse import serve

            _print_heading("The same in a web browser")
            serve(folder / "archive.db", "127.0.0.1", port)


def _prepare_folder(folder: Path) -> None:
    """Create a folder. Raises HarvesterError if something is in it."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise HarvesterError(
            f"{folder} is not empty", "name a folder that is new or empty"
        )


def _print_next_steps(target: Path | None, state: DemoState) -> None:
    text = NEXT_STEPS
    if target is not None:
        text = NEXT_STEPS_KEPT.format(
            folder=target, quoted=shlex.quote(str(target)), word=state.removed_word
        )
    print_text(clean(text.rstrip(), multiline=True))


def _run_scenario(settings: Path) -> DemoState:
    """Let the newspapers publish and change, with a crawl after each of three acts.

    Leaves the settings of a usual crawl, as whoever keeps the archive will read them.
    """
    from harvester.newsroom import Newsroom, storyline

    with Newsroom() as newsroom:
        _print_heading("Three invented newspapers on this machine publish")
        storyline.publish_initial_articles(newsroom, storyline.PORTS)
        settings.write_text(newsroom.settings_toml("."), encoding="utf-8")
        _run_crawl(settings)
        _print_heading(
            "A day later: a silent edit, a new headline, a removal and a reprint"
        )
        state = storyline.make_changes(newsroom)
        _run_crawl(settings)
        _print_heading("Some hours later, a second check of the removed article")
        storyline.pass_quiet_hours(newsroom)
        _run_crawl(settings)
        usual = newsroom.settings_toml(
            ".", delay="2 seconds", every="15 minutes", revisit="auto", apart="6 hours"
        )
        settings.write_text(KEPT_SETTINGS_HEADER + usual, encoding="utf-8")
        return state


def _run_crawl(settings: Path) -> None:
    from harvester.cli.crawling import format_crawl_summary
    from harvester.daemon import crawl
    from harvester.settings import parse_settings

    _print_command("once")
    # The user's own environment must not change the settings.
    parsed = parse_settings(settings.read_text(encoding="utf-8"), settings, {})
    counts = crawl(parsed, command="harvest demo")
    print_text(format_crawl_summary(counts))


def _show_results(settings: Path, state: DemoState) -> None:
    from harvester.archive.connection import open_reader
    from harvester.cli.context import resolve_article

    with closing(open_reader(settings.parent / "archive.db")) as connection:
        edited, wire, removed = (
            resolve_article(connection, url)["key"]
            for url in (state.edited_url, state.wire_urls[0], state.withdrawn_url)
        )
    _print_heading("Search: accents do not matter")
    _run_command(settings, "search", "eglise", "--limit", "3")
    _print_heading(f"Text that was removed is found too: {state.removed_word}")
    _run_command(settings, "search", state.removed_word)
    _print_heading("The history of that article, and what was edited")
    _run_command(settings, "history", edited[:8])
    _run_command(settings, "diff", edited[:8])
    _print_heading("The same wire copy in two newspapers")
    _run_command(settings, "similar", wire[:8])
    _print_heading("Who published this sentence first?")
    _run_command(settings, "quote", _first_sentence(settings, wire))
    _print_heading("Edits, headline changes and removals")
    _run_command(settings, "changes")
    _print_heading("A removed article is still in the archive")
    _run_command(settings, "history", removed[:8])
    _print_heading("And all of it can be verified")
    _run_command(settings, "verify")


def _first_sentence(settings: Path, key: str) -> str:
    """The first sentence of an article."""
    from harvester.archive.connection import open_reader
    from harvester.archive.queries import article_pages
    from harvester.identity.diff import split_sentences

    with closing(open_reader(settings.parent / "archive.db")) as connection:
        article = article_pages.get_article_by_key(connection, key)
        details = article_pages.get_article_details(connection, article)
    return split_sentences(details["text"])[0]


def _print_heading(text: str) -> None:
    print_text()
    print_text(click.style(f"── {text}", fg="cyan", bold=True))


def _print_command(*arguments: str) -> None:
    print_text(click.style(f"$ harvest {shlex.join(arguments)}", dim=True))


def _run_command(settings: Path, *arguments: str) -> None:
    """Run a command as a user would type it."""
    from harvester.cli import cli
    from harvester.settings import parse_settings

    _print_command(*arguments)
    context = Context(settings)
    context.settings = parse_settings(
        settings.read_text(encoding="utf-8"), settings, {}
    )
    command = cli.get_command(click.Context(cli), arguments[0])
    assert command is not None, arguments[0]
    with command.make_context(arguments[0], list(arguments[1:]), obj=context) as ctx:
        command.invoke(ctx)
